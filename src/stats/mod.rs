//! What may be said about samples: histograms of latency, intervals, trends.
//!
//! Estimates only; what follows from them is a judge's business. Not on the hot path, except for
//! [`Histogram::record`].

mod binomial;
mod boundaries;
mod evidence;
mod histogram;
mod interval;
mod moments;
mod proportions;
mod sketch;
mod special;
pub mod stratified;
mod trend;

pub use binomial::{any_above, binomial_above};
pub use boundaries::{Sides, Spending, boundaries, crossing_probability};
pub use evidence::{
    RatioEvidence, bernoulli_ratio, count_evidence, count_evidence_above, ln_mean_exp,
    normal_mixture, poisson_ratio, two_arm_ratio,
};
pub use histogram::Histogram;
pub use interval::{Interval, batch_means, clopper_pearson, mean_interval, wilson};
pub use moments::Moments;
pub use proportions::{Share, chance_above, fisher_upper, pooled_variance, pooled_z};
pub use sketch::Sketch;
pub use special::{normal_tail, normal_upper};
pub use trend::theil_sen;
