//! What is kept of a comparison while it is simulated, how far it is, and Ctrl-C.

use std::{
    fs::File,
    io::{self, BufWriter},
};

use super::{interrupt::Interrupt, progress::Rollouts, studies::Folder};
use crate::{
    experiment::{ComparisonRun, Protocol, RawWriter, Record, Rollout, Study},
    units::text,
};

/// Keeps rollouts as they come, shows how far it is, and hears Ctrl-C.
#[derive(Debug)]
pub(super) struct ComparisonKeeper<'f> {
    protocol: &'f Protocol,
    folder: Option<&'f Folder>,
    raw: Option<RawWriter<BufWriter<File>>>,
    progress: Rollouts,
    interrupt: Interrupt,
    kept: u64,
}

impl<'f> ComparisonKeeper<'f> {
    /// For all of a comparison; what was simulated before goes into the run.
    pub(super) fn new(
        study: &'f Study,
        folder: Option<&'f Folder>,
        run: &mut ComparisonRun<'_>,
        resume: bool,
    ) -> anyhow::Result<Self> {
        let (mut kept, mut bytes) = (0, 0);
        if let Some(folder) = folder.filter(|_| !resume) {
            folder.refuse_to_replace()?;
        }
        if let Some(folder) = folder.filter(|_| resume) {
            (kept, bytes) = folder
                .replay(&mut |trial, rollout| trial == run.played() && run.take_again(rollout))?;
        }
        Self::writing(study, folder, (kept, bytes), run.most())
    }

    /// For one shard; how many of its rollouts were simulated before.
    pub(super) fn of_shard(
        study: &'f Study,
        folder: &'f Folder,
        share: u64,
        resume: bool,
    ) -> anyhow::Result<(Self, u64)> {
        if !resume {
            folder.refuse_to_replace()?;
        }
        let whole = if resume { folder.replay(&mut |_, _| true)? } else { (0, 0) };
        Ok((Self::writing(study, Some(folder), whole, share)?, whole.0))
    }

    fn writing(
        study: &'f Study,
        folder: Option<&'f Folder>,
        (kept, bytes): (u64, u64),
        most: u64,
    ) -> anyhow::Result<Self> {
        let raw = folder.map(|it| it.writer(bytes)).transpose()?;
        let interrupt = Interrupt::listen();
        let progress = Rollouts::new(most, kept);
        Ok(Self { protocol: &study.protocol, folder, raw, progress, interrupt, kept })
    }

    /// Rollouts that are kept, those of before included.
    pub(super) const fn kept(&self) -> u64 {
        self.kept
    }

    /// What to say when something could not be kept.
    pub(super) fn lost(&self) -> String {
        let place = self.folder.map_or_else(String::new, |it| it.path().display().to_string());
        let kept = text::count(self.kept);
        format!("cannot write into `{place}`; {kept} rollouts are kept, continue with `--resume`")
    }

    /// Whether it is complete, which gives the trials their name.
    pub(super) fn end(self, complete: bool) -> anyhow::Result<bool> {
        self.progress.end();
        // closes the file before it gets its name
        drop(self.raw);
        if let Some(folder) = self.folder.filter(|_| complete) {
            folder.finish()?;
        }
        Ok(complete)
    }
}

impl Record for ComparisonKeeper<'_> {
    fn keep(&mut self, trial: u64, rollout: &Rollout) -> io::Result<()> {
        if let Some(raw) = &mut self.raw {
            raw.add(trial, rollout, self.protocol)?;
            // what is done survives whatever happens to this process
            raw.flush()?;
        }
        self.kept += 1;
        self.progress.reached(self.kept);
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.interrupt.is_heard()
    }
}
