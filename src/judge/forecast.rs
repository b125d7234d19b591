//! What a gate will see: how many samples its measurements will have, for judges that can say
//! beforehand that they cannot work.

use crate::{
    model::ScrapeSpec,
    stats::{Share, wilson},
    units::{Span, text},
};

/// A gate and the steps that it watches, on a normal day.
#[derive(Clone, Debug, PartialEq)]
pub struct GateForecast {
    /// In their order; at least one.
    pub steps: Vec<StepForecast>,
    /// Whether each step has an analysis of its own.
    pub each_step: bool,
    /// Time between measurements.
    pub interval: Span,
    pub initial_delay: Span,
    pub scrape: ScrapeSpec,
    /// Share of the attempts that fail without a defect.
    pub errors: f64,
    pub failure_limit: u32,
    pub consecutive_error_limit: u32,
    /// What it came to in rehearsals; none where it was not rehearsed.
    pub rehearsed: Option<Rehearsed>,
}

/// Rollouts that a gate stopped, of those that were rehearsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rehearsed {
    /// Of a good release.
    pub good: Share,
    /// Of these, how many were stopped since measurements had no data.
    pub without_data: u64,
    /// Of a release with twice the errors.
    pub doubled: Share,
}

impl Rehearsed {
    /// Whether more good releases are stopped than this part, as far as is known.
    pub fn exceeds(&self, part: f64) -> bool {
        self.good.rate().is_some_and(|it| it > part)
    }

    /// Whether most of them were stopped since measurements had no data.
    pub fn lacks_data(&self) -> bool {
        2 * self.without_data > self.good.hits
    }

    /// The part of the good releases with its interval, such as `31 % (27 % to 36 %)`.
    pub fn good_words(&self) -> String {
        let range = wilson(self.good.hits, self.good.tries, 0.95);
        let [value, low, high] =
            [self.good.rate().unwrap_or(0.0), range.low, range.high].map(text::share);
        text::within(&value, &low, &high)
    }
}

/// What a gate will see of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepForecast {
    /// Share of the traffic that meets the candidate.
    pub weight: f64,
    pub hold: Span,
    /// Attempts of the candidate a second.
    pub rate: f64,
}

impl StepForecast {
    /// Attempts of the candidate that a window holds.
    pub fn samples(&self, window: Span) -> f64 {
        self.rate * window.as_secs_f64()
    }

    /// Such as `the 5 % step`.
    pub fn words(&self) -> String {
        format!("the {} step", text::share(self.weight))
    }
}

impl GateForecast {
    /// The step with the least traffic.
    pub fn thinnest(&self) -> StepForecast {
        let none = StepForecast { weight: 0.0, hold: Span::ZERO, rate: 0.0 };
        self.steps.iter().copied().min_by(|a, b| a.rate.total_cmp(&b.rate)).unwrap_or(none)
    }

    /// Time of all steps.
    pub fn bake(&self) -> Span {
        self.steps.iter().fold(Span::ZERO, |sum, it| sum.saturating_add(it.hold))
    }

    /// Measurements of a step; none where it is over before the first.
    pub fn looks(&self, step: StepForecast) -> u64 {
        step.hold.nanos() / self.interval.nanos().max(1)
    }

    /// Measurements of all steps.
    pub fn all_looks(&self) -> u64 {
        self.steps.iter().map(|it| self.looks(*it)).sum()
    }
}
