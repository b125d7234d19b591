//! Trials of a tuning as rows, in the order in which they were simulated.

use csv::StringRecord;
use serde::Serialize;

use super::{
    run::Trial,
    search::{Job, Stage},
    study::Study,
};
use crate::experiment::{
    Columns,
    rows::{figure, parsed},
};

/// Columns before those of what is kept.
const COLUMNS: [&str; 5] = ["stage", "candidate", "release", "number", "seed"];

impl Columns for Study {
    type Kept = Trial;

    fn names(&self) -> Vec<&'static str> {
        COLUMNS.into_iter().chain(self.columns()).collect()
    }

    fn fields(&self, trial: &Trial, _row: usize) -> impl Serialize {
        let stage = match trial.job.stage {
            Stage::Search => "search".to_owned(),
            Stage::Fresh => "fresh".to_owned(),
            Stage::Robust(index) => format!("robust-{index}"),
        };
        let Job { candidate, class, number, .. } = trial.job;
        let figures: Vec<Option<f64>> =
            trial.figures.iter().map(|it| it.is_finite().then_some(*it)).collect();
        (stage, candidate, self.class_name(class), number, trial.seed, figures)
    }

    fn read(&self, rows: &[StringRecord]) -> Result<Trial, (usize, String)> {
        trial(&rows[0], self).map_err(|why| (0, why))
    }
}

fn trial(row: &StringRecord, study: &Study) -> Result<Trial, String> {
    let [stage, candidate, release, number, seed] =
        [0, 1, 2, 3, 4].map(|it| row.get(it).unwrap_or(""));
    let class = study.class_named(release);
    let job = Job {
        stage: match stage {
            "search" => Stage::Search,
            "fresh" => Stage::Fresh,
            other => Stage::Robust(parsed(other.trim_start_matches("robust-"), "stage")?),
        },
        candidate: parsed(candidate, "candidate")?,
        class: class.ok_or_else(|| format!("`{release}` is not a class of this study"))?,
        number: parsed(number, "number")?,
    };
    let names = study.columns();
    let fields = row.iter().skip(COLUMNS.len()).zip(names);
    let figures = fields.map(|(text, name)| Ok(figure(text, name)?.unwrap_or(f64::NAN)));
    let figures = figures.collect::<Result<Vec<f64>, String>>()?;
    Ok(Trial { job, seed: parsed(seed, "seed")?, figures })
}
