//! What may be said about samples: histograms of latency, intervals, trends.
//!
//! Estimates only; what follows from them is a judge's business. Not on the hot path, except for
//! [`Histogram::record`].

mod betting;
mod binomial;
mod boundaries;
mod bounded_mean;
mod brent;
mod chart;
mod evidence;
mod histogram;
mod interval;
mod mann_kendall;
mod mann_whitney;
mod moments;
mod proportions;
mod quantile_sequence;
mod sketch;
mod sobol;
mod special;
pub mod stratified;
mod trend;
mod welch;

pub use betting::Wager;
pub use binomial::{any_above, binomial_above};
pub use boundaries::{Sides, Spending, boundaries, crossing_probability};
pub use bounded_mean::highest_mean;
pub use chart::{Cusum, Ewma, binomial_log_ratio, normal_increment, poisson_increment};
pub use evidence::{
    RatioEvidence, bernoulli_ratio, count_evidence, count_evidence_above, ln_mean_exp,
    normal_mixture, poisson_ratio, two_arm_ratio,
};
pub use histogram::{Histogram, Ranks};
pub use interval::{
    Interval, batch_means, clopper_pearson, mean_interval, paired_shares, trials_within, wilson,
};
pub use mann_kendall::{MannKendall, Trend};
pub use mann_whitney::{Shift, TwoSamples};
pub use moments::Moments;
pub use proportions::{Share, chance_above, fisher_upper, pooled_variance, pooled_z};
pub use quantile_sequence::{QuantileMixture, Rank, two_arm_evidence};
pub use sketch::Sketch;
pub use sobol::{SOBOL_DIMENSIONS_MAX, Sobol};
pub use special::{normal_tail, normal_upper};
pub use trend::theil_sen;
pub use welch::Welch;
