//! What may be said about samples: histograms of latency, intervals, trends.
//!
//! Estimates only; what follows from them is a judge's business. Not on the hot path, except for
//! [`Histogram::record`].

mod binomial;
mod histogram;
mod interval;
mod moments;
mod sketch;
mod special;
pub mod stratified;
mod trend;

pub use binomial::{any_above, binomial_above};
pub use histogram::Histogram;
pub use interval::{Interval, batch_means, clopper_pearson, mean_interval, wilson};
pub use moments::Moments;
pub use sketch::Sketch;
pub use trend::theil_sen;
