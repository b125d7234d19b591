//! What a tuning found, plain data: it is `tune.json`, and all that its reports and charts read.
//!
//! The format is versioned: [`FORMAT`] grows when a field changes its meaning or goes away; new
//! fields may come without that.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Dropped, Reason, Releases, Standing};
use crate::experiment::{Class, Figure};

/// Version of the format of `tune.json`.
pub const FORMAT: u32 = 1;

/// What a tuning found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tuning {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario.
    pub name: String,
    pub title: String,
    /// Its file as it was named.
    pub file: String,
    pub seed: u64,
    /// The command that makes this again.
    pub command: String,
    /// Trials that were simulated: in the search, on fresh seeds, for robustness.
    pub trials: Spent,
    /// Share of the intervals that hold the truth, over all looks together.
    pub confidence: f64,
    /// Looks at the results on fresh seeds; every interval is widened for them.
    pub looks: u32,
    pub currency: String,
    /// What the figures rest on without being measured, a sentence each.
    pub assumptions: Vec<String>,
    /// What a release may carry; trials are those of the present settings on fresh seeds.
    pub classes: Vec<Class>,
    /// The estimate that is minimised, and its unit.
    pub objective: Named,
    pub constraints: Vec<Constraint>,
    pub parameters: Vec<ParameterFound>,
    /// Candidates of the search in the order in which they came, with what the search found of them: too
    /// good to be true for the best, which is why nothing is decided by it.
    pub candidates: Vec<CandidateFound>,
    pub progress: Vec<Progress>,
    /// The present settings, the finalists and common defaults on fresh seeds.
    pub contestants: Vec<ContestantFound>,
    pub verdict: Verdict,
    pub robustness: Vec<Circumstance>,
    /// What the recommendation changes; empty where the present settings are recommended.
    pub changes: Vec<Change>,
    /// A scenario file that makes the recommendation of the tuned one; empty like `changes`.
    pub patch: String,
}

/// Trials by what they were for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spent {
    pub planned: u64,
    pub search: u64,
    pub fresh: u64,
    pub robustness: u64,
}

/// An estimate by name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Named {
    pub name: String,
    /// `count`, `seconds`, `ratio`, `times` or `currency`.
    pub unit: String,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Constraint {
    pub name: String,
    pub unit: String,
    pub releases: Releases,
    /// In the words of the scenario.
    pub condition: String,
    /// Of a quantile: the share of the releases that may be beyond the limit.
    pub beyond_allowed: Option<f64>,
}

/// Something that may change, and what it does to the objective.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ParameterFound {
    pub name: String,
    pub path: String,
    /// Share of the variance of the objective's ranks, among the starting points of the search,
    /// that the mean ranks of five equal parts of its range explain, beyond what chance would
    /// (adjusted): from 0 to 1. Of two parameters that matter only together neither is seen.
    pub matters: f64,
    /// The same for false rollbacks.
    pub matters_for_false_rollbacks: f64,
    /// Spearman's rank correlation with the objective; none of choices.
    pub correlation: Option<f64>,
}

/// A setting of a candidate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setting {
    pub path: String,
    pub value: Value,
}

/// A candidate as the search saw it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CandidateFound {
    /// `present`, `start`, or `round 1` and `round 2` of the refinement.
    pub origin: String,
    /// The candidate that it is a step away from.
    pub parent: Option<usize>,
    pub settings: Vec<Setting>,
    pub trials: u64,
    pub objective: Option<f64>,
    pub false_rollback: Option<f64>,
    pub users_hurt: Option<f64>,
    pub rollout_time: Option<f64>,
    pub dropped: Option<Dropped>,
}

/// How far the search was after so many trials.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Progress {
    pub trials: u64,
    pub candidates: usize,
    pub best: Option<f64>,
}

/// Who was judged on fresh seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Present,
    Found,
    Common,
}

/// A contestant on fresh seeds.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContestantFound {
    pub name: String,
    pub part: Part,
    /// Index of the candidate that it was in the search.
    pub candidate: Option<usize>,
    /// Where common settings come from.
    pub about: Option<String>,
    pub settings: Vec<Setting>,
    pub trials: u64,
    /// It was given up before the last look: significantly worse, or violating a constraint.
    pub stopped: bool,
    pub standing: Standing,
    pub objective: Option<Figure>,
    /// What the search found of it.
    pub searched: Option<f64>,
    pub cost: Option<Figure>,
    pub users_hurt: Option<Figure>,
    pub false_rollback: Option<Figure>,
    pub escaped: Option<Figure>,
    /// Of good releases.
    pub rollout_time: Option<Figure>,
    pub constraints: Vec<Held>,
    /// Its objective and its users hurt minus those of the present settings, on the same releases.
    pub versus_present: Option<Figure>,
    pub users_hurt_versus_present: Option<Figure>,
    /// By class of releases.
    pub by_class: Vec<ByClass>,
    /// How likely it has the best objective of all, and is on the front: parts of 400 resamples of the
    /// seeds.
    pub best: f64,
    pub on_front: f64,
    /// No other contestant is better in one of objective, false rollbacks and rollout time of good
    /// releases and no worse in the others, by the estimates.
    pub front: bool,
}

/// What came of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Held {
    pub value: Option<f64>,
    /// Of a quantile: the share of the releases that is beyond the limit.
    pub beyond: Option<f64>,
    /// One-sided bounds of the value, or of that part.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub standing: Standing,
    pub n: u64,
}

/// A contestant with releases of one class.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ByClass {
    pub class: String,
    pub trials: u64,
    pub rolled_back: Figure,
    pub users_hurt: Option<Figure>,
}

/// What is recommended, and why.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verdict {
    pub reason: Reason,
    /// Indices of contestants.
    pub recommended: usize,
    pub winner: Option<usize>,
    pub tied: Vec<usize>,
    /// Share of the releases that are bad, as the scenario has it, and between which parts the
    /// recommendation stays the best of those that may be taken; none where the objective is no
    /// mean.
    pub bad: f64,
    pub bad_range: Option<(f64, f64)>,
    /// Good releases that would have to go well one after the other to show every limit on how often something may
    /// happen to them.
    pub good_needed: Option<u64>,
    /// Trials of a tuning that would give its finalist so many, and some to spare.
    #[serde(default)]
    pub trials_enough: u64,
}

/// The recommended settings under other circumstances.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Circumstance {
    pub name: String,
    /// Whether it changes anything in this scenario; it was not simulated otherwise.
    #[serde(default = "changed")]
    pub changed: bool,
    /// Recommended, then present where those are others.
    pub settings: Vec<UnderIt>,
}

/// What was written before there was a word for it had been simulated.
const fn changed() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UnderIt {
    pub contestant: usize,
    pub trials: u64,
    pub objective: Option<Figure>,
    pub false_rollback: Option<Figure>,
    pub constraints: Vec<Held>,
}

/// One line of what changes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Change {
    pub path: String,
    pub now: Value,
    pub recommended: Value,
}
