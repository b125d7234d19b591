//! Tunings in folders: what is kept while they are simulated, and what is made of it.
//!
//! `study.json` says what is to be done, `trials.csv` holds what was simulated, a row for each
//! trial; until all is simulated it is `trials.csv.part`. Everything else is derived from these
//! two.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{interrupt::Interrupt, progress::Rollouts, results, studies::end_of_lines, write_json};
use crate::{
    experiment::tune::{Protocol, Study, Trial, TrialWriter, Tuning, read_trials},
    report::{self, Tone},
};

const PROTOCOL: &str = "study.json";
const TRIALS: &str = "trials.csv";
const UNFINISHED: &str = "trials.csv.part";

/// A folder for a tuning.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder and makes sure that it can be written to, before there is any work to lose.
    pub(super) fn prepare(path: &Path) -> anyhow::Result<Self> {
        results::prepare(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// What was simulated before, and how many bytes of the file are whole.
    fn before(&self, study: &Study) -> anyhow::Result<(Vec<Trial>, u64)> {
        let whole = self.path.join(TRIALS);
        let path = if whole.exists() { whole } else { self.path.join(UNFINISHED) };
        let head = self.path.join(PROTOCOL);
        if !path.exists() || !head.exists() {
            return Ok((Vec::new(), 0));
        }
        let text = fs::read_to_string(&head)
            .with_context(|| format!("cannot read `{}`", head.display()))?;
        let before = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
        results::of_this_version(&self.path, before["rollsim"].as_str())?;
        let same =
            serde_json::from_value::<Protocol>(before).is_ok_and(|it| it == *study.protocol());
        let end = end_of_lines(&path)?;
        let file =
            File::open(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let trials = if end == 0 { Some(Vec::new()) } else { read_trials(file.take(end), study) };
        match trials {
            Some(trials) if same => Ok((trials, end)),
            _ => bail!(
                "`{}` holds different results\nhint: `--resume` needs the same file, options and \
                 version of rollsim; use another folder otherwise",
                self.path.display()
            ),
        }
    }

    /// Begins the file of trials again, or continues with what is whole of it.
    fn writer(&self, study: &Study, kept: u64) -> anyhow::Result<TrialWriter<BufWriter<File>>> {
        let (path, finished) = (self.path.join(UNFINISHED), self.path.join(TRIALS));
        let refused = || format!("cannot write `{}`", path.display());
        if kept == 0 {
            let mut head = Vec::new();
            write_json(study.protocol(), &mut head)?;
            results::write(&self.path, PROTOCOL, &head)?;
            if finished.exists() {
                fs::remove_file(&finished).with_context(refused)?;
            }
            let file = File::create(&path).with_context(refused)?;
            return TrialWriter::begin(BufWriter::new(file), study).with_context(refused);
        }
        if finished.exists() {
            fs::rename(&finished, &path).with_context(refused)?;
        }
        let file = OpenOptions::new().append(true).open(&path).with_context(refused)?;
        file.set_len(kept).with_context(refused)?;
        Ok(TrialWriter::go_on(BufWriter::new(file)))
    }

    fn refuse_to_replace(&self) -> anyhow::Result<()> {
        let path = self.path.join(UNFINISHED);
        if fs::metadata(&path).is_ok_and(|it| it.len() > 0) {
            bail!(
                "`{}` holds an interrupted study\nhint: continue it with `--resume`, or remove \
                 `{UNFINISHED}` there to start again",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Writes everything that is made of the trials.
    pub(super) fn report(&self, tuning: &Tuning) -> anyhow::Result<()> {
        let mut json = Vec::new();
        write_json(tuning, &mut json)?;
        results::write(&self.path, "tune.json", &json)?;
        let texts = [
            ("report.md", report::tuning_markdown(tuning)),
            ("candidates.csv", report::tuning_candidates(tuning)),
            ("contestants.csv", report::tuning_contestants(tuning)),
        ];
        for (name, text) in texts {
            results::write(&self.path, name, text.as_bytes())?;
        }
        if !tuning.patch.is_empty() {
            results::write(&self.path, "tuned.yaml", tuning.patch.as_bytes())?;
        }
        let charts = self.path.join("charts");
        fs::create_dir_all(&charts)
            .with_context(|| format!("cannot write `{}`", charts.display()))?;
        for (tone, end) in [(Tone::Light, ""), (Tone::Dark, "-dark")] {
            for chart in report::tuning_charts(tuning, tone) {
                let name = format!("{}{end}", chart.name);
                results::write_drawing(&charts, &name, &chart.svg)?;
            }
        }
        Ok(())
    }
}

/// Keeps trials as they come, shows how far it is, and hears Ctrl-C.
pub(super) struct TuningKeeper<'f> {
    study: &'f Study,
    folder: Option<&'f Folder>,
    raw: Option<TrialWriter<BufWriter<File>>>,
    progress: Rollouts,
    interrupt: Interrupt,
    kept: u64,
}

/// What was simulated before, in its order.
type Before = Box<dyn Iterator<Item = Trial>>;

impl<'f> TuningKeeper<'f> {
    pub(super) fn new(
        study: &'f Study,
        folder: Option<&'f Folder>,
        resume: bool,
    ) -> anyhow::Result<(Self, Before)> {
        let (mut before, mut bytes) = (Vec::new(), 0);
        match folder {
            Some(folder) if resume => (before, bytes) = folder.before(study)?,
            Some(folder) => folder.refuse_to_replace()?,
            None => {}
        }
        let raw = folder.map(|it| it.writer(study, bytes)).transpose()?;
        let interrupt = Interrupt::listen();
        let kept = before.len() as u64;
        let progress = Rollouts::of(study.most(), kept, "trials");
        let keeper = Self { study, folder, raw, progress, interrupt, kept };
        Ok((keeper, Box::new(before.into_iter())))
    }

    /// Keeps a trial; returns whether to stop.
    pub(super) fn keep(&mut self, trial: &Trial) -> io::Result<bool> {
        if let Some(raw) = &mut self.raw {
            raw.add(trial, self.study)?;
            // what is done survives whatever happens to this process
            raw.flush()?;
        }
        self.kept += 1;
        self.progress.reached(self.kept);
        Ok(self.interrupt.is_heard())
    }

    /// Gives the trials their name where all were simulated.
    pub(super) fn end(self, complete: bool) -> anyhow::Result<()> {
        self.progress.end();
        // closes the file before it gets its name
        drop(self.raw);
        if let Some(folder) = self.folder.filter(|_| complete) {
            let (from, to) = (folder.path.join(UNFINISHED), folder.path.join(TRIALS));
            fs::rename(&from, &to).with_context(|| format!("cannot write `{}`", to.display()))?;
        }
        Ok(())
    }
}
