//! Options that studies share.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::{output::whole, store::Begin, work::MaxWork};
use crate::{
    experiment::shell_word,
    report::harmless,
    scenario::Bound,
    stats::trials_within,
    units::{Ratio, round_u64},
};

/// How it is simulated.
#[derive(Debug, clap::Args)]
pub(super) struct Simulated {
    /// Seed to use instead of the scenario's
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0, u64::MAX))]
    pub(super) seed: Option<u64>,
    /// Change a setting of the scenario, such as `length=2h`; the value as in a file. May be given several times.
    /// Of a comparison, all but settings of strategies
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1, 1_024))]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    work: MaxWork,
}

impl Simulated {
    pub(super) const fn bound(&self) -> Bound {
        self.work.bound()
    }

    /// Settings and bound, as a plan is made with them.
    pub(super) fn how(&self) -> (&[String], Bound) {
        (&self.set, self.bound())
    }

    /// The settings as words of a command.
    pub(super) fn set_words(&self) -> Vec<String> {
        self.set.iter().map(|it| format!("--set {}", shell_word(it))).collect()
    }
}

/// Where it is kept.
#[derive(Debug, clap::Args)]
pub(super) struct Kept {
    /// Folder for the report and the data
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Continue an interrupted study in the folder
    #[arg(long, requires = "out")]
    resume: bool,
    /// Replace the study of this kind that the folder holds
    #[arg(long, requires = "out", conflicts_with = "resume")]
    replace: bool,
}

impl Kept {
    pub(super) fn folder(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    pub(super) const fn begin(&self) -> Begin {
        Begin::of(self.resume, self.replace)
    }
}

/// Rollouts for shares that are known to within this, whatever they are: half of the width of a 95 % interval.
pub(super) fn trials_for(precision: &str) -> anyhow::Result<u64> {
    const CONFIDENCE: f64 = 0.95;
    /// What a million rollouts reach.
    const LEAST: f64 = 0.001;
    let half = precision.parse::<Ratio>().ok().map(Ratio::get);
    let half = half.filter(|it| (LEAST..0.5).contains(it)).ok_or_else(|| {
        let text = harmless(precision);
        anyhow!("`--precision {text}` is no precision\nallowed: a percentage from `0.1%` to `49%`")
    })?;
    Ok(round_u64(trials_within(half, CONFIDENCE)).max(2))
}
