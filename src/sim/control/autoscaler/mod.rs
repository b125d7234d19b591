//! The autoscaler: how many instances there should be, by what the metrics pipeline shows.

mod behavior;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
mod metrics;
mod replicas;
mod state;
mod sync;

pub(super) use state::Autoscaler;
