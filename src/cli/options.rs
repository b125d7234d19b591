//! Options that studies share.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use serde::Serialize;

use super::{
    Ending, Printed,
    keeper::Keeper,
    output::whole,
    store::{Begin, Folder, Split, StudyKind},
    work::MaxWork,
};
use crate::{
    experiment::{Columns, Keep, Shard, shell_word},
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

    /// Whatever a trial takes: it was bounded before.
    pub(super) fn unbounded(&mut self) {
        self.work = MaxWork::NONE;
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
    /// Simulate one of several shards, such as `1/4`; `rollsim merge` combines them. Where what is simulated next
    /// depends on what was found, it is a shard of one round
    #[arg(long, value_name = "I/N", requires = "out", value_parser = shard)]
    shard: Option<Shard>,
    /// Folder into which the rounds before were merged
    #[arg(long, value_name = "DIR", requires = "shard")]
    after: Option<PathBuf>,
    /// The shards of a round that is merged.
    #[arg(skip)]
    shards: Vec<PathBuf>,
}

/// Most parts that a study can be split into.
const SHARDS_MAX: u64 = 10_000;

fn shard(text: &str) -> Result<Shard, String> {
    let refused = || "allowed: `1/4` to `4/4`, with up to 10,000 parts".to_owned();
    let (index, of) = text.split_once('/').ok_or_else(refused)?;
    let (index, of): (u64, u64) =
        (index.parse().map_err(|_| refused())?, of.parse().map_err(|_| refused())?);
    let sound = (1..=of).contains(&index) && of <= SHARDS_MAX;
    if sound { Ok(Shard { index: index - 1, of }) } else { Err(refused()) }
}

impl Kept {
    pub(super) const fn begin(&self) -> Begin {
        Begin::of(self.resume, self.replace)
    }

    /// How many of so many rollouts are simulated here.
    pub(super) fn share(&self, rollouts: u64) -> u64 {
        self.shard.map_or(rollouts, |it| it.share(rollouts))
    }

    /// Makes the folder, where there is to be one.
    pub(super) fn prepare(
        &self,
        kind: StudyKind,
        about: &impl Serialize,
    ) -> anyhow::Result<Option<Folder>> {
        let prepare = |it: &PathBuf| Folder::prepare(it, kind, about, self.shard);
        self.out.as_ref().map(prepare).transpose()
    }

    /// What the study in the folder is split into.
    pub(super) fn split(&self, folder: Option<&Folder>) -> anyhow::Result<Split> {
        let Some(folder) = folder else { return Ok(Split::None) };
        let other = |path: &PathBuf| {
            let other = Folder::open(path, folder.kind())?;
            folder.refuse_another(&other)?;
            Ok(other)
        };
        if let Some(shard) = self.shard {
            let after = self.after.as_ref().map(other).transpose()?;
            return Ok(Split::Shard { shard, after });
        }
        if self.shards.is_empty() {
            return Ok(Split::None);
        }
        if folder.is_finished() && !self.replace {
            bail!(
                "`{}` holds a finished {}: there is no round to add\nhint: `--replace` starts another in its place",
                folder.path().display(),
                folder.kind().name()
            );
        }
        Ok(Split::Shards(self.shards.iter().map(other).collect::<anyhow::Result<_>>()?))
    }

    /// Takes what shards have simulated.
    pub(super) fn merge(&mut self, shards: &[PathBuf]) {
        self.shards = shards.to_vec();
    }

    /// Closes the file of trials, and says how it ends where there is nothing to report: of a shard, and of shards that
    /// need another round.
    pub(super) fn close<C: Columns>(
        &self,
        keeper: Keeper<'_, C>,
        complete: bool,
        out: &mut Printed,
    ) -> anyhow::Result<Option<Ending>> {
        let (has_share, stopped) = (keeper.has_share(), keeper.stopped());
        keeper.end(complete || has_share)?;
        let Some(path) = &self.out else { return Ok(None) };
        let path = path.display();
        if let Some(Shard { index, of }) = self.shard {
            let (said, ending) = match (has_share, complete) {
                (true, _) => ("all of its rollouts of this round are done", Ending::Done),
                (false, true) => ("there is nothing left to simulate", Ending::Done),
                (false, false) => ("some of its rollouts are done", Ending::Interrupted),
            };
            out.close(&format!("shard {} of {of}: {said}", index + 1));
            return Ok(Some(ending));
        }
        if self.shards.is_empty() || complete {
            return Ok(None);
        }
        if stopped {
            return Ok(Some(Ending::Interrupted));
        }
        out.close(&format!(
            "merged, and another round is needed: simulate its shards with `--after {path}`, and merge them with \
             `--resume`"
        ));
        Ok(Some(Ending::Undecided))
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
