//! Comparisons in folders: what is kept while they are simulated, and what is made of it.
//!
//! `study.json` says what is to be done, `trials.csv` holds what was simulated, a row for each
//! rollout and strategy; until all is simulated it is `trials.csv.part`. Everything else is derived
//! from these two.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufReader, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};

use super::{Ending, Format, results, write_json};
use crate::{
    experiment::{
        self, ComparisonRun, FindingResult, Protocol, RawReader, RawWriter, Rollout, Shard, Study,
        Summary, Unreadable,
    },
    report::{self, ChartFile, Tone},
};

const PROTOCOL: &str = "study.json";
const TRIALS: &str = "trials.csv";
const UNFINISHED: &str = "trials.csv.part";
const SUMMARY: &str = "summary.json";

/// What `study.json` holds.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
struct Head {
    protocol: Protocol,
    /// The part that is in this folder; none where it is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard: Option<(u64, u64)>,
}

/// A folder with a comparison.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    head: Head,
}

impl Folder {
    /// Makes the folder and makes sure that it can be written to, before there is any work to lose.
    pub(super) fn prepare(
        path: &Path,
        study: &Study,
        shard: Option<Shard>,
    ) -> anyhow::Result<Self> {
        results::prepare(path)?;
        let shard = shard.map(|it| (it.index, it.of));
        let head = Head { protocol: study.protocol.clone(), shard };
        Ok(Self { path: path.to_owned(), head })
    }

    /// A folder that holds a comparison, finished or not.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = path.join(PROTOCOL);
        let text = match fs::read(&file) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                bail!(
                    "`{}` holds no comparison (no `{PROTOCOL}`)\n\
                     hint: give a folder that `rollsim compare FILE --out DIR` wrote",
                    path.display()
                )
            }
            read => read.with_context(|| format!("cannot read `{}`", file.display()))?,
        };
        let damaged = || format!("`{}` is damaged, or is not of a comparison", file.display());
        let value: serde_json::Value = serde_json::from_slice(&text).with_context(damaged)?;
        results::of_this_version(path, value["protocol"]["rollsim"].as_str())?;
        let head = serde_json::from_value(value).with_context(damaged)?;
        Ok(Self { path: path.to_owned(), head })
    }

    pub(super) const fn protocol(&self) -> &Protocol {
        &self.head.protocol
    }

    pub(super) fn shard(&self) -> Option<Shard> {
        self.head.shard.map(|(index, of)| Shard { index, of })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The trials that there are, all or the part that was simulated.
    pub(super) fn trials(&self) -> anyhow::Result<RawReader<'_, BufReader<File>>> {
        let whole = self.path.join(TRIALS);
        let path = if whole.exists() { whole } else { self.path.join(UNFINISHED) };
        let file =
            File::open(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        RawReader::new(BufReader::new(file), &self.head.protocol).map_err(|it| damaged(&path, &it))
    }

    /// Whether both are the same place, however it was named.
    pub(super) fn is(&self, other: &Self) -> bool {
        let place = |it: &Self| fs::canonicalize(&it.path).ok();
        place(self).is_some_and(|it| Some(it) == place(other))
    }

    /// Refuses to begin again where rollouts of an interrupted comparison would be lost.
    pub(super) fn refuse_to_replace(&self) -> anyhow::Result<()> {
        let path = self.path.join(UNFINISHED);
        if fs::metadata(&path).is_ok_and(|it| it.len() > 0) {
            bail!(
                "`{}` holds an interrupted comparison\nhint: continue it with `--resume`, or \
                 remove `{UNFINISHED}` there to start again",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Whether all trials are there.
    pub(super) fn is_finished(&self) -> bool {
        self.path.join(TRIALS).exists()
    }

    /// The summary that was made of it before.
    pub(super) fn summary(&self) -> anyhow::Result<Summary> {
        let file = self.path.join(SUMMARY);
        let text = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        // by way of a value, as everything else is read
        serde_json::from_slice(&text)
            .and_then(serde_json::from_value)
            .with_context(|| format!("`{}` is not of this version of rollsim", file.display()))
    }

    /// Begins the file of trials again, or continues with what is whole of it.
    pub(super) fn writer(&self, kept: u64) -> anyhow::Result<RawWriter<BufWriter<File>>> {
        let path = self.path.join(UNFINISHED);
        let refused = || format!("cannot write `{}`", path.display());
        if kept == 0 {
            let mut head = Vec::new();
            write_json(&self.head, &mut head)?;
            results::write(&self.path, PROTOCOL, &head)?;
            // what is there belongs to another comparison from here on
            for old in [TRIALS, SUMMARY] {
                results::removed(&self.path.join(old)).with_context(refused)?;
            }
            let file = File::create(&path).with_context(refused)?;
            return RawWriter::begin(BufWriter::new(file)).with_context(refused);
        }
        let finished = self.path.join(TRIALS);
        if finished.exists() {
            fs::rename(&finished, &path).with_context(refused)?;
        }
        let mut file = OpenOptions::new().append(true).open(&path).with_context(refused)?;
        file.set_len(kept).with_context(refused)?;
        file.flush().with_context(refused)?;
        Ok(RawWriter::go_on(BufWriter::new(file)))
    }

    /// Reads what was simulated before into `take`; how many rollouts and bytes of the file are
    /// whole.
    pub(super) fn replay(
        &self,
        take: &mut dyn FnMut(u64, &Rollout) -> bool,
    ) -> anyhow::Result<(u64, u64)> {
        let whole = self.path.join(TRIALS);
        let path = if whole.exists() { whole } else { self.path.join(UNFINISHED) };
        if !path.exists() {
            return Ok((0, 0));
        }
        let before = Self::open(&self.path)?;
        if before.head != self.head {
            bail!(
                "`{}` holds another comparison\nhint: `--resume` needs the same files, options \
                 and version of rollsim; use another folder otherwise",
                self.path.display()
            );
        }
        // a row without its line's end was cut off, even where what is there of it looks whole
        let end = end_of_lines(&path)?;
        if end == 0 {
            return Ok((0, 0));
        }
        let file =
            File::open(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let mut reader = RawReader::new(file.take(end), &self.head.protocol)
            .map_err(|it| damaged(&path, &it))?;
        let mut kept = 0;
        while let Ok(Some((trial, rollout))) = reader.read() {
            if !take(trial, &rollout) {
                bail!("`{}` does not hold the rollouts of this study", path.display());
            }
            kept += 1;
        }
        Ok((kept, reader.whole()))
    }

    /// Gives the file of trials its name: they are all there.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        let (from, to) = (self.path.join(UNFINISHED), self.path.join(TRIALS));
        fs::rename(&from, &to).with_context(|| format!("cannot write `{}`", to.display()))
    }

    /// Writes everything that is made of the trials.
    pub(super) fn report(&self, summary: &Summary) -> anyhow::Result<()> {
        let mut json = Vec::new();
        write_json(summary, &mut json)?;
        results::write(&self.path, SUMMARY, &json)?;
        #[cfg(feature = "parquet")]
        self.columns()?;
        results::write(&self.path, "report.html", report::page(summary).as_bytes())?;
        results::write(&self.path, "report.md", report::markdown(summary).as_bytes())?;
        let (light, dark) =
            (report::charts(summary, Tone::Light), report::charts(summary, Tone::Dark));
        write_charts(&self.path, light, dark)
    }
}

/// Writes charts into `charts`: the light ones as drawings, the dark ones as SVG only.
pub(super) fn write_charts(
    folder: &Path,
    light: Vec<ChartFile>,
    dark: Vec<ChartFile>,
) -> anyhow::Result<()> {
    let charts = folder.join("charts");
    fs::create_dir_all(&charts).with_context(|| format!("cannot write `{}`", charts.display()))?;
    for chart in light {
        results::write_drawing(&charts, chart.name, &chart.svg)?;
    }
    for chart in dark {
        let svg = format!("{}-dark.svg", chart.name);
        results::write(&charts, &svg, chart.svg.as_bytes())?;
    }
    Ok(())
}

#[cfg(feature = "parquet")]
impl Folder {
    /// Writes the trials once more, as Parquet.
    fn columns(&self) -> anyhow::Result<()> {
        let path = self.path.join("trials.parquet");
        let refused = || format!("cannot write `{}`", path.display());
        let unfinished = self.path.join(".trials.parquet.unfinished");
        let file = File::create(&unfinished).with_context(refused)?;
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

fn damaged(path: &Path, why: &Unreadable) -> anyhow::Error {
    anyhow!("`{}`, line {}: {}", path.display(), why.line, why.why)
}

/// Bytes up to the end of the last whole line.
pub(super) fn end_of_lines(path: &Path) -> anyhow::Result<u64> {
    let refused = || format!("cannot read `{}`", path.display());
    let mut input = BufReader::new(File::open(path).with_context(refused)?);
    let (mut end, mut at) = (0, 0);
    let mut chunk = [0; 1 << 13];
    loop {
        let count = input.read(&mut chunk).with_context(refused)?;
        if count == 0 {
            return Ok(end);
        }
        if let Some(last) = chunk[..count].iter().rposition(|it| *it == b'\n') {
            end = at + last as u64 + 1;
        }
        at += count as u64;
    }
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

/// What was found, with the examples run again.
pub(super) fn summary(study: &Study, run: &ComparisonRun<'_>, complete: bool) -> Summary {
    let mut summary = experiment::summarise(&study.protocol, run, experiment::examples(study, run));
    summary.complete &= complete;
    summary
}

/// Reports the result, and says how the process ends.
pub(super) fn tell(
    summary: &Summary,
    (format, junit): (Format, Option<&Path>),
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    match format {
        Format::Json => write_json(summary, out)?,
        Format::Text | Format::Csv | Format::Markdown => {
            for sentence in report::comparison_words(summary) {
                writeln!(out, "{}", report::lines(&sentence))?;
            }
            write!(out, "\n{}", report::comparison_table(summary))?;
        }
    }
    if let Some(junit) = junit {
        let refused = || format!("cannot write `{}`", junit.display());
        fs::write(junit, report::junit(summary)).with_context(refused)?;
    }
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
