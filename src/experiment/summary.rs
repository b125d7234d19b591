//! The summary: everything that a comparison found, plain data. It is `summary.json`, and all that
//! reports and charts read.
//!
//! The format is versioned: [`FORMAT`] grows when a field changes its meaning or goes away; new
//! fields may come without that.

use serde::{Deserialize, Serialize};

/// Version of the format of `summary.json`.
pub const FORMAT: u32 = 1;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario; of the first where several files are compared.
    pub name: String,
    pub title: String,
    pub seed: u64,
    /// The command that makes this again.
    pub command: String,
    /// Rollouts, each simulated under every strategy.
    pub trials: u64,
    /// False when it was interrupted: the figures are valid, with wider intervals than requested.
    pub complete: bool,
    /// Share of the intervals of one kind that hold the truth, such as 0.95.
    pub confidence: f64,
    /// How often the results may be looked at before the end; every interval is widened so that all
    /// looks together keep the confidence. 1 where the number of trials was fixed beforehand.
    pub looks: u32,
    /// Strategies whose costs differ by less than this share of the cost are alike.
    #[serde(default)]
    pub tolerance: f64,
    /// Share of the rollouts that may be worse than any that was simulated, at most, with this confidence.
    #[serde(default)]
    pub unseen: f64,
    /// What the figures rest on without being measured, a sentence each.
    pub assumptions: Vec<String>,
    pub currency: String,
    /// Profile that the prices come from.
    pub profile: String,
    pub prices: Vec<Price>,
    /// What a release may carry.
    pub classes: Vec<Class>,
    /// Cheapest first.
    pub strategies: Vec<StrategySummary>,
    /// Every pair of strategies, the cheaper one first; in the order of the strategies.
    pub pairs: Vec<Pair>,
    /// How the ranking by cost moves with each price.
    pub sensitivity: Vec<Sensitivity>,
    /// What the scenario expected, and what came of it.
    pub findings: Vec<Finding>,
    /// The cheapest, the median and the most expensive trial of each strategy; may be left out
    /// where the file is published, since they are most of its size.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// What one unit of something costs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Price {
    /// Name in the scenario's `cost`.
    pub name: String,
    pub price: f64,
    /// What one unit is.
    pub per: String,
}

/// A class of releases.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Class {
    pub name: String,
    /// Share of all releases.
    pub chance: f64,
    /// There is nothing wrong with them.
    pub good: bool,
    /// Trials that were simulated of it.
    pub trials: u64,
    /// What is wrong, in words.
    pub about: String,
}

/// What was found about one strategy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StrategySummary {
    /// Name in the comparison.
    pub name: String,
    /// Kind of strategy, such as `canary`.
    pub kind: String,
    /// Over all releases, each class with its chance.
    pub overall: Vec<Estimate>,
    /// Of each class in the order of the classes.
    pub by_class: Vec<Vec<Estimate>>,
    /// What the mean cost is made of, most expensive first; without what costs nothing.
    pub cost_parts: Vec<CostPart>,
    /// How quantities are distributed over all releases.
    pub distributions: Vec<Distribution>,
    /// Trials of releases with a defect.
    #[serde(default)]
    pub trials_with_defects: u64,
    /// Of these, the trials in which no defect took effect: none had anything to act on.
    #[serde(default)]
    pub trials_never_struck: u64,
    /// Trials with incidents.
    #[serde(default)]
    pub trials_with_incidents: u64,
    /// Of these, the trials in which an incident never took effect: it had nothing to act on, or never came.
    #[serde(default)]
    pub trials_incident_never_struck: u64,
}

/// An estimate with its interval.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Estimate {
    /// A measure, `cost`, or an event: `false_rollback` (of good releases), `escaped` (of bad ones),
    /// `completed`, `rolled_back`, `unfinished`, `detected` (of bad ones).
    pub quantity: String,
    pub stat: Stat,
    /// `count`, `seconds`, `ratio`, `times`, or `currency`.
    pub unit: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// Trials in which there was something to measure.
    pub n: u64,
    /// Of a mean, where fewer than 10 trials had any of it and others had none: how often there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rare: Option<Rare>,
}

/// How often there was any of a quantity of which too few trials had any for the interval of a mean.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rare {
    /// Trials that had any.
    pub events: u64,
    /// Share of the rollouts that have any, with its interval.
    pub rate: f64,
    pub low: f64,
    pub high: f64,
}

/// What of a quantity is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stat {
    Mean,
    /// Share of the trials in which an event happened.
    Rate,
    P50,
    P95,
    P99,
}

impl Stat {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Rate => "rate",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }
}

/// What one kind of harm or expense adds to the mean cost.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CostPart {
    /// Name of the price.
    pub name: String,
    /// Mean units in a rollout.
    pub units: f64,
    /// Mean cost of these.
    pub cost: f64,
}

/// How a quantity is distributed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Distribution {
    pub quantity: String,
    /// Values in rising order, each with the share of the rollouts that had it (to 0.4 %); the
    /// parts sum to 1.
    pub points: Vec<(f64, f64)>,
}

/// How two strategies differ on the same rollouts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pair {
    /// Indices into the strategies: `first` has the lower mean cost.
    pub first: usize,
    pub second: usize,
    pub differences: Vec<Difference>,
}

/// A paired difference: the second strategy's minus the first's, in the same rollout.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Difference {
    /// `cost` or `users_hurt`.
    pub quantity: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// The interval that holds for all pairs at once.
    pub low_adjusted: f64,
    pub high_adjusted: f64,
    /// Share of the rollouts in which the first had less, as much, and more.
    pub less: f64,
    pub equal: f64,
    pub more: f64,
    /// How much wider the interval would be had the trials not been paired; none where it is zero.
    pub narrowed: Option<f64>,
    /// Whether the adjusted interval leaves out zero, and the rollouts that were cut off by the end of the trial
    /// cannot turn that.
    pub decided: bool,
    /// Rollouts that were cut off by the end of the trial could turn it: they are more than 1 % of those under the
    /// strategy with less, or would be enough where each came to the worst that was seen.
    #[serde(default)]
    pub unfinished: bool,
    /// The adjusted interval lies within the tolerance of the cost on both sides of zero: the two cost the same.
    #[serde(default)]
    pub alike: bool,
    /// About so many more trials would decide it, if the difference is what it seems.
    pub more_trials: Option<u64>,
    /// The same for both ends of an interval that holds the difference in half of the cases; none where an end would
    /// take a thousand times as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_trials_range: Option<(u64, u64)>,
}

/// What the ranking would be at another price.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sensitivity {
    /// Name of the price.
    pub price: String,
    pub factor: f64,
    /// Mean cost of each strategy, in the order of the strategies.
    pub costs: Vec<f64>,
    /// Indices of the strategies, cheapest first.
    pub order: Vec<usize>,
}

/// One expectation and what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    pub strategy: String,
    /// Name of the estimate, such as `users_hurt_p95`.
    pub estimate: String,
    pub wanted: String,
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub result: FindingResult,
    /// The share of its rollouts that were cut off by the end of the trial, where nothing can be said because of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<f64>,
}

/// What came of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingResult {
    /// The whole interval is as expected.
    Passed,
    /// No part of the interval is.
    Failed,
    NotEnoughTrials,
}

/// A trial worth looking at.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Example {
    /// Index of the strategy.
    pub strategy: usize,
    pub which: Which,
    /// Number of the trial, from 0.
    pub trial: u64,
    /// Index of its class.
    pub class: usize,
    pub seed: u64,
    pub cost: f64,
    pub users_hurt: f64,
    /// The command that repeats it.
    pub command: String,
    pub timeline: Timeline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Which {
    Best,
    Median,
    Worst,
}

/// The course of one trial, thinned out for drawing. Times are seconds since the start of the trial.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timeline {
    pub length: f64,
    pub rollout_began: Option<f64>,
    pub first_symptom: Option<f64>,
    pub detected: Option<f64>,
    pub rollback_began: Option<f64>,
    pub rollback_done: Option<f64>,
    pub rested: Option<f64>,
    /// When each phase began, and its name.
    pub phases: Vec<(f64, String)>,
    pub points: Vec<TimelinePoint>,
    /// What happened, equal entries folded; of too many those that say least are left out, and an entry says so.
    pub entries: Vec<TimelineEntry>,
}

/// What happened in the stretch of time that ends at `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimelinePoint {
    pub at: f64,
    pub good: u64,
    pub failed: u64,
    pub slow: u64,
    /// Share of the traffic meant for the new release at the end of it.
    pub weight: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    pub at: f64,
    /// When the last happened of several that are one line.
    #[serde(default)]
    pub until: Option<f64>,
    pub topic: String,
    pub text: String,
    pub cause: String,
}

impl Summary {
    /// Strategies that were out before the end, with the rollouts that were simulated until then.
    pub fn left_out(&self) -> Vec<(&StrategySummary, u64)> {
        let mean = |it: &StrategySummary| it.estimate("cost", Stat::Mean).map(|it| it.n);
        let each = self.strategies.iter().filter_map(|it| Some((it, mean(it)?)));
        each.filter(|it| it.1 < self.trials).collect()
    }
}

impl StrategySummary {
    /// Share of the rollouts that were cut off by the end of the trial.
    pub fn unfinished(&self) -> f64 {
        self.estimate("unfinished", Stat::Rate).map_or(0.0, |it| it.value)
    }

    /// An estimate over all releases.
    pub fn estimate(&self, quantity: &str, stat: Stat) -> Option<&Estimate> {
        self.overall.iter().find(|it| it.quantity == quantity && it.stat == stat)
    }

    /// An estimate of one class.
    pub fn estimate_of(&self, class: usize, quantity: &str, stat: Stat) -> Option<&Estimate> {
        self.by_class.get(class)?.iter().find(|it| it.quantity == quantity && it.stat == stat)
    }

    pub fn distribution(&self, quantity: &str) -> Option<&Distribution> {
        self.distributions.iter().find(|it| it.quantity == quantity)
    }
}
