//! Trials of a tuning as CSV: a row for each, in the order in which they were simulated. An empty
//! field says that there was no data; numbers read back to the same bits.

use std::io::{self, Read, Write};

use super::{
    run::Trial,
    search::{Job, Stage},
    study::Study,
};

/// Columns before those of what is kept.
const COLUMNS: [&str; 5] = ["stage", "candidate", "release", "number", "seed"];

/// Writes trials as rows.
#[derive(Debug)]
pub struct TrialWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> TrialWriter<W> {
    /// Begins with the names of the columns.
    pub fn begin(out: W, study: &Study) -> io::Result<Self> {
        let mut writer = Self::go_on(out);
        writer.rows.write_record(COLUMNS.into_iter().chain(study.columns()))?;
        Ok(writer)
    }

    /// Goes on after rows that are there already.
    pub fn go_on(out: W) -> Self {
        Self { rows: csv::WriterBuilder::new().has_headers(false).from_writer(out) }
    }

    pub fn add(&mut self, trial: &Trial, study: &Study) -> io::Result<()> {
        let stage = match trial.job.stage {
            Stage::Search => "search".to_owned(),
            Stage::Fresh => "fresh".to_owned(),
            Stage::Robust(index) => format!("robust-{index}"),
        };
        let Job { candidate, class, number, .. } = trial.job;
        let figures: Vec<Option<f64>> =
            trial.figures.iter().map(|it| it.is_finite().then_some(*it)).collect();
        self.rows.serialize((
            stage,
            candidate,
            study.class_name(class),
            number,
            trial.seed,
            figures,
        ))?;
        Ok(())
    }

    /// Hands everything on to what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// The trials of a file, as far as they are whole; none where it is of another study.
pub fn read_trials(input: impl Read, study: &Study) -> Option<Vec<Trial>> {
    let mut rows = csv::ReaderBuilder::new().from_reader(input);
    let found = rows.headers().ok()?.clone();
    if !found.iter().eq(COLUMNS.into_iter().chain(study.columns())) {
        return None;
    }
    let mut trials = Vec::new();
    for row in rows.records() {
        trials.push(trial(&row.ok()?, study)?);
    }
    Some(trials)
}

fn trial(row: &csv::StringRecord, study: &Study) -> Option<Trial> {
    let stage = match row.get(0)? {
        "search" => Stage::Search,
        "fresh" => Stage::Fresh,
        other => Stage::Robust(other.strip_prefix("robust-")?.parse().ok()?),
    };
    let class = study.class_named(row.get(2)?)?;
    let job = Job {
        stage,
        candidate: row.get(1)?.parse().ok()?,
        class,
        number: row.get(3)?.parse().ok()?,
    };
    let figure = |text: &str| if text.is_empty() { Some(f64::NAN) } else { text.parse().ok() };
    let figures: Option<Vec<f64>> = row.iter().skip(COLUMNS.len()).map(figure).collect();
    Some(Trial { job, seed: row.get(4)?.parse().ok()?, figures: figures? })
}
