//! A measurement of a gate in a folder: what is kept while it is simulated, and what is made of it.
//!
//! `power-study.json` says what is measured, `trials.csv` holds what was simulated, a row for each
//! rollout; until all is simulated it is `trials.csv.part`. Everything else is derived from these
//! two.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{results, studies, write_json};
use crate::{
    experiment::power::{Power, PowerAsked, PowerRow, PowerWriter, read_power_rows},
    report::{self, Tone},
    scenario::Plan,
};

const STUDY: &str = "power-study.json";
const TRIALS: &str = "trials.csv";
const UNFINISHED: &str = "trials.csv.part";

/// A folder with a measurement.
#[derive(Debug)]
pub(super) struct PowerFolder {
    path: PathBuf,
    /// What `power-study.json` says.
    study: Value,
}

impl PowerFolder {
    /// Makes the folder and makes sure that it can be written to, before there is any work to lose.
    pub(super) fn prepare(path: &Path, asked: &PowerAsked, plan: &Plan) -> anyhow::Result<Self> {
        results::prepare(path)?;
        let study = json!({
            "rollsim": env!("CARGO_PKG_VERSION"),
            "command": asked.command,
            "scenario": plan.scenario,
        });
        Ok(Self { path: path.to_owned(), study })
    }

    /// Refuses to begin again where trials of an interrupted measurement would be lost.
    pub(super) fn refuse_to_replace(&self) -> anyhow::Result<()> {
        if fs::metadata(self.path.join(UNFINISHED)).is_ok_and(|it| it.len() > 0) {
            bail!(
                "`{}` holds an interrupted measurement\nhint: continue it with `--resume`, or \
                 remove `{UNFINISHED}` there to start again",
                self.path.display()
            );
        }
        Ok(())
    }

    /// The trials that were simulated before, and the bytes that they take.
    pub(super) fn trials(&self) -> anyhow::Result<(Vec<PowerRow>, u64)> {
        let whole = self.path.join(TRIALS);
        let path = if whole.exists() { whole } else { self.path.join(UNFINISHED) };
        if !path.exists() {
            return Ok((Vec::new(), 0));
        }
        let study = self.path.join(STUDY);
        let text =
            fs::read(&study).with_context(|| format!("cannot read `{}`", study.display()))?;
        let before = serde_json::from_slice::<Value>(&text).unwrap_or_default();
        results::of_this_version(&self.path, before["rollsim"].as_str())?;
        if before != self.study {
            bail!(
                "`{}` holds another measurement\nhint: `--resume` needs the same file, options \
                 and version of rollsim; use another folder otherwise",
                self.path.display()
            );
        }
        // a row without its line's end was cut off, even where what is there of it looks whole
        let end = studies::end_of_lines(&path)?;
        let file =
            File::open(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let Some(rows) = read_power_rows(file.take(end)) else {
            bail!("`{}` is not a file of such trials", path.display());
        };
        Ok(rows)
    }

    /// Begins the file of trials again, or continues with what is whole of it.
    pub(super) fn writer(&self, kept: u64) -> anyhow::Result<PowerWriter<BufWriter<File>>> {
        let path = self.path.join(UNFINISHED);
        let refused = || format!("cannot write `{}`", path.display());
        if kept == 0 {
            let mut study = Vec::new();
            write_json(&self.study, &mut study)?;
            results::write(&self.path, STUDY, &study)?;
            // what is there belongs to another measurement from here on
            for old in [TRIALS, "power.json"] {
                results::removed(&self.path.join(old)).with_context(refused)?;
            }
            let file = File::create(&path).with_context(refused)?;
            return PowerWriter::begin(BufWriter::new(file)).with_context(refused);
        }
        let finished = self.path.join(TRIALS);
        if finished.exists() {
            fs::rename(&finished, &path).with_context(refused)?;
        }
        let file = OpenOptions::new().append(true).open(&path).with_context(refused)?;
        file.set_len(kept).with_context(refused)?;
        Ok(PowerWriter::go_on(BufWriter::new(file)))
    }

    /// Gives the file of trials its name: they are all there.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        let (from, to) = (self.path.join(UNFINISHED), self.path.join(TRIALS));
        fs::rename(&from, &to).with_context(|| format!("cannot write `{}`", to.display()))
    }

    /// Writes everything that is made of the trials.
    pub(super) fn report(&self, power: &Power) -> anyhow::Result<()> {
        let mut json = Vec::new();
        write_json(power, &mut json)?;
        results::write(&self.path, "power.json", &json)?;
        results::write(&self.path, "power.csv", report::power_csv(power).as_bytes())?;
        results::write(&self.path, "report.md", report::power_markdown(power).as_bytes())?;
        let (light, dark) =
            (report::power_charts(power, Tone::Light), report::power_charts(power, Tone::Dark));
        studies::write_charts(&self.path, light, dark)
    }
}
