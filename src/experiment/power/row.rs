//! One trial as a row of `trials.csv`, which is all that everything else is made of.

use std::io::{self, Read, Write};

use crate::{
    kernel::Seed,
    model::{AnalysisState, Measure, Phase},
    scenario::Plan,
    sim,
};

const COLUMNS: [&str; 9] = [
    "cell",
    "trial",
    "seed",
    "end",
    "back_after",
    "rollout_time",
    "users_hurt",
    "requests",
    "gates_failed",
];

/// How a rollout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Promoted,
    RolledBack,
    /// Neither by the end of the scenario, or stopped half-way.
    Unfinished,
}

impl End {
    const ALL: [Self; 3] = [Self::Promoted, Self::RolledBack, Self::Unfinished];

    const fn name(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::Unfinished => "unfinished",
        }
    }
}

/// What one trial leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerRow {
    pub cell: String,
    pub trial: u64,
    pub seed: Seed,
    pub end: End,
    /// Seconds from the start of the rollout until it was decided to roll it back.
    pub back_after: Option<f64>,
    pub rollout_time: Option<f64>,
    pub users_hurt: f64,
    pub requests: f64,
    /// Indices of the gates that failed.
    pub gates_failed: Vec<usize>,
}

/// Simulates one trial, until its rollout is over.
pub(super) fn play(
    plan: &Plan,
    release: usize,
    (cell, trial, seed): (&str, u64, Seed),
) -> PowerRow {
    let outcome = sim::Trial::new(plan, seed).release(release).figures_only().until_settled().run();
    let back_after = match (outcome.rollout_began, outcome.rollback_began) {
        (Some(from), Some(to)) => Some(to.since(from).as_secs_f64()),
        (None, _) | (_, None) => None,
    };
    let failed = |(index, gate): (usize, &sim::GateOutcome)| {
        gate.objection.is_some_and(|(_, state)| state == AnalysisState::Failed).then_some(index)
    };
    let figure = |it| outcome.figure(it);
    PowerRow {
        cell: cell.to_owned(),
        trial,
        seed,
        end: match outcome.phase {
            Phase::Completed => End::Promoted,
            Phase::RolledBack | Phase::RollingBack => End::RolledBack,
            Phase::Pending | Phase::Progressing | Phase::Paused | Phase::Failed => End::Unfinished,
        },
        back_after,
        rollout_time: figure(Measure::rollout_time),
        users_hurt: figure(Measure::users_hurt).unwrap_or(0.0),
        requests: figure(Measure::requests).unwrap_or(0.0),
        gates_failed: outcome.gates.iter().enumerate().filter_map(failed).collect(),
    }
}

/// Writes trials as rows of CSV.
#[derive(Debug)]
pub struct PowerWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> PowerWriter<W> {
    /// Begins with the names of the columns.
    pub fn begin(out: W) -> io::Result<Self> {
        let mut writer = Self::go_on(out);
        writer.rows.write_record(COLUMNS)?;
        Ok(writer)
    }

    /// Goes on after rows that are there already.
    pub fn go_on(out: W) -> Self {
        Self { rows: csv::WriterBuilder::new().has_headers(false).from_writer(out) }
    }

    pub fn add(&mut self, row: &PowerRow) -> io::Result<()> {
        let gates: Vec<String> = row.gates_failed.iter().map(usize::to_string).collect();
        let head = (&row.cell, row.trial, row.seed.get(), row.end.name());
        let figures = (row.back_after, row.rollout_time, row.users_hurt, row.requests);
        self.rows.serialize((head, figures, gates.join(" ")))?;
        Ok(())
    }

    /// Hands everything on to what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// The rows that can be read from the start on, up to the first that cannot, with the number of
/// bytes that they take; none when this is no file of such trials.
pub fn read_power_rows(input: impl Read) -> Option<(Vec<PowerRow>, u64)> {
    let mut rows = csv::Reader::from_reader(input);
    if !rows.headers().ok()?.iter().eq(COLUMNS) {
        return None;
    }
    let (mut read, mut whole) = (Vec::new(), rows.position().byte());
    let mut record = csv::StringRecord::new();
    while rows.read_record(&mut record).unwrap_or(false) {
        let Some(row) = parsed(&record) else { break };
        read.push(row);
        whole = rows.position().byte();
    }
    Some((read, whole))
}

fn parsed(record: &csv::StringRecord) -> Option<PowerRow> {
    let optional = |index: usize| match record.get(index)? {
        "" => Some(None),
        text => text.parse::<f64>().ok().filter(|it| it.is_finite()).map(Some),
    };
    let gates = record.get(8)?.split_whitespace().map(|it| it.parse().ok());
    Some(PowerRow {
        cell: record.get(0)?.to_owned(),
        trial: record.get(1)?.parse().ok()?,
        seed: Seed::new(record.get(2)?.parse().ok()?),
        end: End::ALL.into_iter().find(|it| Some(it.name()) == record.get(3))?,
        back_after: optional(4)?,
        rollout_time: optional(5)?,
        users_hurt: optional(6)??,
        requests: optional(7)??,
        gates_failed: gates.collect::<Option<Vec<usize>>>()?,
    })
}
