//! The control plane: instances and their size, probes, flags, the rollout and its analyses, and people.
//!
//! It acts a few times a minute of simulated time, on what the platform, the balancer's weights, monitoring and people
//! could know. Requests are the data plane's.

mod analysis;
mod autoscaler;
mod complaints;
mod flags;
mod instance;
mod lifecycle;
mod machines;
mod migration;
mod operator;
mod plane;
mod platform;
mod prober;
#[cfg(test)]
mod prober_traces;
mod probes;
mod probing;
mod rollout;
mod seen;
mod smoke_test;
mod steps;
mod stopping;
mod under_way;
mod weights;

pub(super) use operator::Duty;
pub(super) use plane::ControlPlane;
pub(super) use prober::Probe;
pub(super) use probing::{ProbePlace, WaitingProbe};
