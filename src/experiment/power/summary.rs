//! What was found about a gate, plain data: `power.json`, and all that its reports and charts read.

use serde::{Deserialize, Serialize};

use crate::{experiment::Figure, fault::SeverityUnit};

/// Version of the format of `power.json`: it grows when a field changes its meaning or goes away.
pub const POWER_FORMAT: u32 = 1;

/// What the gate of a scenario can see.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Power {
    /// [`POWER_FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario.
    pub name: String,
    pub title: String,
    pub seed: u64,
    /// The command that makes this again.
    pub command: String,
    /// Rollouts that were simulated, and that were planned.
    pub trials: u64,
    pub planned: u64,
    /// False when it was interrupted: the figures are valid, with wider intervals than requested.
    pub complete: bool,
    /// Share of the intervals of one kind that hold the truth, such as 0.95.
    pub confidence: f64,
    pub setting: Setting,
    /// Releases with nothing wrong.
    pub good: Found,
    /// In the order of the scenario. Empty where nothing is judged.
    pub gates: Vec<GateFound>,
    /// What the scenario's releases carry, as it comes: severities and onsets drawn.
    pub classes: Vec<ClassFound>,
    /// What is caught as a defect grows; it shows from the start of an instance on.
    pub kinds: Vec<KindFound>,
    /// The defect that `curves` and `worlds` are about: index of its kind, and of its point.
    pub defect: Option<(usize, usize)>,
    /// How the gate would do under other traffic, weights, intervals and hours.
    pub curves: Vec<CurveFound>,
    /// What the same rollouts come to in a world without one kind of contamination.
    pub worlds: Vec<WorldFound>,
    /// What a leak must be to be seen at all, where the bot's memory is modelled.
    pub leak: Option<LeakFound>,
    /// A trial of each kind that occurred.
    pub examples: Vec<PowerExample>,
    /// What could not be simulated and why, and what was left out to stay within the budget.
    pub notes: Vec<String>,
}

/// What is judged, and how much of it there is to see.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setting {
    /// Kind of strategy, such as `canary`.
    pub strategy: String,
    /// Whether an analysis takes part in it.
    pub judged: bool,
    /// Mean requests per second while a good release is rolled out.
    pub rate: f64,
    /// Share of the traffic, or of the users, that the first step is for.
    pub first_step: Option<f64>,
    /// Seconds from one measurement to the next.
    pub interval: Option<f64>,
    /// Seconds that the rollout of a good release takes when nothing stops it.
    pub bake: f64,
    /// Share of the requests that fail on a normal day.
    pub base_errors: f64,
}

/// What was found of one kind of release in one world.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Found {
    pub trials: u64,
    pub planned: u64,
    /// Part that was rolled back before the rollout was over; none without a trial. Wilson's
    /// interval.
    pub rolled_back: Option<Figure>,
    /// Part that was neither rolled back nor promoted by the end of the scenario.
    pub unfinished: Option<Figure>,
    /// Part in which a gate failed; the others that were rolled back were so by people or by the
    /// platform.
    pub by_gates: Option<Figure>,
    /// Seconds from the start of the rollout until it was decided to roll it back, of those that
    /// were: median and 90th percentile. Woodruff's interval; none with too few trials.
    pub back_after_p50: Option<Figure>,
    pub back_after_p90: Option<Figure>,
    /// Users hurt until the rollout was over, one way or the other: mean with Student's interval, and
    /// 90th percentile. What a promoted release does afterwards is not counted.
    pub users_hurt_mean: Option<Figure>,
    pub users_hurt_p90: Option<Figure>,
    /// Seconds that the rollout takes, whichever way it ends: mean.
    pub rollout_time: Option<Figure>,
}

/// How often one gate failed. A gate is not measured after a rollback.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateFound {
    pub name: String,
    /// Kind of judge, such as `threshold`.
    pub judge: String,
    /// It is measured, but decides nothing.
    pub dry_run: bool,
    /// It failed in some rollout, whatever was shipped and wherever.
    pub ever_failed: bool,
    /// Share of the good releases at which it failed.
    pub good: Option<Figure>,
    /// Share of the bad releases, each class with its chance; without classes, of the defect that
    /// the curves are about.
    pub bad: Option<Figure>,
}

/// One class of releases, or the release as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClassFound {
    pub name: String,
    /// Share of all releases; 1 for the release as it is written.
    pub chance: f64,
    /// What is wrong, in words.
    pub about: String,
    pub found: Found,
}

/// One kind of defect as it grows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KindFound {
    pub name: String,
    pub about: String,
    pub unit: SeverityUnit,
    /// In rising order of severity.
    pub points: Vec<PointFound>,
    /// The smallest severity that is caught nine times in ten; none where no point is, or the least is.
    pub nine_in_ten: Option<Smallest>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PointFound {
    pub severity: f64,
    pub found: Found,
}

/// Where a curve crosses a level, between the points that were simulated and never beyond them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Smallest {
    /// By straight lines over the logarithm of the severity.
    pub value: f64,
    /// Where the upper and the lower ends of the intervals cross; none beyond what was simulated.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// The good release and the defect while one thing about the rollout changes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CurveFound {
    pub name: String,
    /// What changes.
    pub about: String,
    /// Why there is no such curve here; empty where there is.
    pub why_not: String,
    pub points: Vec<CurvePoint>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CurvePoint {
    /// Such as requests per second, a share of the traffic, seconds, or an hour of the day.
    pub x: f64,
    /// As the scenario has it.
    pub as_is: bool,
    pub good: Found,
    pub bad: Found,
}

/// A world without one kind of contamination.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorldFound {
    pub name: String,
    /// What is different in it.
    pub about: String,
    /// Why it does not apply; empty where it does.
    pub why_not: String,
    /// Good releases rolled back, and the defect caught: as it is, in this world, and the
    /// difference.
    pub good: Option<Paired>,
    pub bad: Option<Paired>,
}

/// Two parts of the same trials.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Paired {
    pub as_is: f64,
    pub there: f64,
    /// `there` minus `as_is`, with the interval of Bonett and Price (2012) for paired shares.
    pub difference: f64,
    pub low: f64,
    pub high: f64,
    /// Pairs of trials.
    pub n: u64,
}

/// The leak that a rollout of this length can show.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeakFound {
    /// Bytes from what an instance holds after its start to its limit.
    pub room: f64,
    /// Bytes per hour that fill the room within the rollout.
    pub fills: f64,
    /// Gates that measure memory, with the leak in bytes per hour that each needs, by its limit
    /// alone.
    pub gates: Vec<(String, f64)>,
    /// Gates that measure memory in a way that no arithmetic here says: only simulation does.
    pub others: Vec<String>,
    /// The largest leak that neither fills the room nor reaches a limit, by this arithmetic; the others
    /// may see less.
    pub never: f64,
    /// The leak nearest below that was simulated, and what came of it.
    pub played: Option<(f64, Found)>,
}

/// What became of a release, and what should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A good release that was rolled back.
    FalseRollback,
    /// A bad release that was rolled back.
    Catch,
    /// A bad release that was promoted.
    Miss,
    /// A good release that was promoted.
    Promotion,
}

/// A trial to look at.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PowerExample {
    pub fate: Fate,
    /// What was shipped, as the cells of `trials.csv` are called.
    pub cell: String,
    /// Number of the trial, from 0.
    pub trial: u64,
    pub seed: u64,
    /// The command that repeats it.
    pub command: String,
    /// The last measurement before the decision that failed or was inconclusive, with its evidence:
    /// seconds since the start of the rollout, and words.
    pub deciding: Option<(f64, String)>,
    /// What happened, from the start of the rollout: seconds, topic, words and cause.
    pub entries: Vec<(f64, String, String, String)>,
    /// Entries between these that are left out.
    pub left_out: u64,
}
