//! Comparisons in folders: what is made of what is kept, and what commands have in common.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufReader, Write},
    path::Path,
};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{
    Ending, Format,
    options::Kept,
    output::show,
    results::{self, Files},
    store::{Folder, STUDY, StudyKind},
};
use crate::{
    experiment::{
        self, ComparisonRun, FindingResult, Protocol, RowReader, Study, Summary, Unreadable,
    },
    report,
    scenario::Plan,
};

/// Version of the format of what [`about`] says.
const STUDY_FORMAT: u32 = 1;

/// What `study.json` holds.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
struct Head {
    protocol: Protocol,
}

/// A folder with a comparison.
#[derive(Debug)]
pub(super) struct Comparison {
    folder: Folder,
    head: Head,
}

impl Comparison {
    /// Makes the folder, where there is to be one, before there is any work to lose.
    pub(super) fn prepare(kept: &Kept, study: &Study) -> anyhow::Result<Option<Self>> {
        let head = Head { protocol: study.protocol.clone() };
        let folder = kept.prepare(StudyKind::Comparison, &head)?;
        Ok(folder.map(|folder| Self { folder, head }))
    }

    /// A folder that holds a comparison, finished or not.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = Folder::open(path, StudyKind::Comparison)?;
        let head: Head = folder.about()?;
        if let Some(problem) = head.protocol.problem() {
            let place = path.join(STUDY);
            bail!("`{}` is damaged: {}", place.display(), report::harmless(&problem));
        }
        Ok(Self { folder, head })
    }

    /// The same, to write into it.
    pub(super) fn open_to_write(path: &Path) -> anyhow::Result<Self> {
        let mut comparison = Self::open(path)?;
        comparison.folder.claim()?;
        Ok(comparison)
    }

    pub(super) const fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) const fn protocol(&self) -> &Protocol {
        &self.head.protocol
    }

    /// Whether it was made for advice, which lies beside it.
    pub(super) fn is_advice(&self) -> bool {
        self.protocol().command.starts_with("rollsim advise ")
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The trials that there are, all or the part that was simulated.
    pub(super) fn trials(&self) -> anyhow::Result<RowReader<'_, Protocol, BufReader<File>>> {
        self.folder.trials(&self.head.protocol)
    }

    /// The summary that was made of it before.
    pub(super) fn summary(&self) -> anyhow::Result<Summary> {
        let file = self.path().join(StudyKind::Comparison.summary());
        let text = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        // by way of a value, as everything else is read
        serde_json::from_slice(&text)
            .and_then(serde_json::from_value)
            .with_context(|| format!("`{}` is not of this version of rollsim", file.display()))
    }

    /// What its trials come to, without a simulation: the examples are those of before.
    pub(super) fn folded(&self) -> anyhow::Result<Summary> {
        let place = self.path().display();
        if self.folder.shard().is_some() {
            bail!(
                "`{place}` is a shard\nhint: `rollsim merge DIR... --out DIR` puts the shards together first"
            );
        }
        let mut run = ComparisonRun::new(self.protocol());
        let mut trials = self.trials()?;
        loop {
            let read = trials.read();
            // what was cut off when it was written is not part of it
            let read = match read {
                Err(error) if self.folder.is_finished() => bail!(damaged(self.path(), &error)),
                read => read.unwrap_or(None),
            };
            let Some((trial, rollout)) = read else { break };
            if trial != run.played() || !run.take_again(&rollout) {
                bail!("`{place}` does not hold rollout {}", run.played());
            }
        }
        let before = self.summary()?;
        let mut summary = experiment::summarise(self.protocol(), &run, before.examples);
        summary.complete &= self.folder.is_finished();
        Ok(summary)
    }

    /// Every file that is made of the trials: PNG and Parquet, which say the same, apart.
    pub(super) fn files(summary: &Summary) -> anyhow::Result<Files> {
        let document = report::comparison(summary);
        let mut files = vec![
            results::json_file(StudyKind::Comparison.summary(), summary)?,
            results::text_file("report.html", report::page(summary)),
            results::text_file("report.md", document.markdown()),
        ];
        files.extend(results::chart_files(|tone| report::charts(summary, tone)));
        Ok(files)
    }

    /// Writes everything that is made of the trials.
    pub(super) fn report(&self, summary: &Summary) -> anyhow::Result<()> {
        #[cfg(feature = "parquet")]
        self.columns()?;
        results::write_all(self.path(), &Self::files(summary)?)
    }
}

fn damaged(path: &Path, why: &Unreadable) -> String {
    format!(
        "`{}`, line {}: {}\nhint: `--resume` of the command that wrote it simulates damaged rows again",
        path.display(),
        why.line,
        why.why
    )
}

#[cfg(feature = "parquet")]
impl Comparison {
    /// Writes the trials once more, as Parquet.
    fn columns(&self) -> anyhow::Result<()> {
        let path = self.path().join("trials.parquet");
        let refused = || format!("cannot write `{}`", path.display());
        let unfinished = self.path().join(".trials.parquet.unfinished");
        let file = super::files::begun(&unfinished).with_context(refused)?;
        let protocol = self.protocol();
        let mut columns = experiment::ColumnWriter::begin(file, protocol).with_context(refused)?;
        let mut trials = self.trials()?;
        while let Ok(Some((trial, rollout))) = trials.read() {
            columns.add(trial, rollout).with_context(refused)?;
        }
        columns.end().with_context(refused)?;
        fs::rename(&unfinished, &path).with_context(refused)
    }
}

/// What is to be done, for [`STUDY`]: the command and the scenario.
pub(super) fn about(command: &str, plan: &Plan) -> Value {
    json!({
        "format": STUDY_FORMAT,
        "rollsim": env!("CARGO_PKG_VERSION"),
        "command": command,
        "scenario": plan.scenario,
    })
}

/// Threads to simulate on.
pub(super) fn pool(threads: Option<u16>) -> anyhow::Result<rayon::ThreadPool> {
    let threads = threads.map_or(0, usize::from);
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?)
}

/// Makes sure that a file can be written, before there is any work to lose.
pub(super) fn prepare_file(path: &Path) -> anyhow::Result<()> {
    let refused = || format!("cannot write `{}`", path.display());
    OpenOptions::new().create(true).append(true).open(path).with_context(refused)?;
    Ok(())
}

/// What was found, with the examples simulated again where they are `drawn`; without them where it was interrupted,
/// since these would have to be waited for.
pub(super) fn summary(study: &Study, run: &ComparisonRun<'_>, drawn: bool) -> Summary {
    let wanted = drawn && run.is_complete();
    let examples = if wanted { experiment::examples(study, run) } else { Vec::new() };
    experiment::summarise(&study.protocol, run, examples)
}

/// Writes the results of the scenario's expectations, where that is asked for.
pub(super) fn write_junit(summary: &Summary, junit: Option<&Path>) -> anyhow::Result<()> {
    let Some(file) = junit else { return Ok(()) };
    let refused = || format!("cannot write `{}`", file.display());
    fs::write(file, report::junit(summary)).with_context(refused)
}

/// Reports the result, and says how the process ends.
pub(super) fn tell(
    summary: &Summary,
    (format, junit): (Format, Option<&Path>),
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let csv = || report::comparison_csv(summary);
    show((&report::comparison(summary), summary, csv), format, out)?;
    write_junit(summary, junit)?;
    let any = |result| summary.findings.iter().any(|it| it.result == result);
    Ok(if !summary.complete {
        Ending::Interrupted
    } else if any(FindingResult::Failed) {
        Ending::Unexpected
    } else if any(FindingResult::NotEnoughTrials) {
        Ending::Undecided
    } else {
        Ending::Done
    })
}
