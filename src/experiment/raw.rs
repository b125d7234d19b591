//! Raw trials as CSV: a row for each trial and strategy. Everything else is derived from them.
//!
//! An empty field says that there was no data. Numbers are written so that they read back to the
//! same bits. No study forks its trials, so that release, strategy and seed say which trial a row is of.

use std::io::{self, Read, Write};

use super::{Bill, Played, Protocol, Rollout};
use crate::{kernel::Seed, model::Measure};

/// Columns before those of the measures.
const COLUMNS: [&str; 8] =
    ["trial", "release", "seed", "strategy", "phase", "detected", "pages_at_night", "cost"];

/// Writes rollouts as rows.
#[derive(Debug)]
pub struct RawWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> RawWriter<W> {
    /// Begins with the names of the columns.
    pub fn begin(out: W) -> io::Result<Self> {
        let mut writer = Self::go_on(out);
        let measures = Measure::ALL.iter().map(|it| it.name());
        writer.rows.write_record(COLUMNS.into_iter().chain(measures))?;
        Ok(writer)
    }

    /// Goes on after rows that are there already.
    pub fn go_on(out: W) -> Self {
        Self { rows: csv::WriterBuilder::new().has_headers(false).from_writer(out) }
    }

    /// Adds the rows of one rollout, a row for each contestant.
    pub fn add(&mut self, trial: u64, rollout: &Rollout, about: &Protocol) -> io::Result<()> {
        let class = &about.classes[rollout.class];
        for (played, contestant) in rollout.results.iter().zip(&about.contestants) {
            let Bill { cost, .. } = about.prices.bill(played, class.good, contestant.upkeep);
            let seed = rollout.seed.get();
            let head = (trial, &class.name, seed, &contestant.name, played.phase);
            let figures: Vec<Option<f64>> =
                Measure::ALL.iter().map(|it| played.figure(*it)).collect();
            let detected = u8::from(played.detected);
            self.rows.serialize((head, detected, played.pages_at_night, cost, figures))?;
        }
        Ok(())
    }

    /// Hands everything on to what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// Reads rollouts back.
#[derive(Debug)]
pub struct RawReader<'p, R: Read> {
    rows: csv::Reader<R>,
    about: &'p Protocol,
    /// Bytes up to the end of the last whole rollout.
    whole: u64,
}

/// Why a file of raw trials cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub line: u64,
    pub why: String,
}

impl<'p, R: Read> RawReader<'p, R> {
    /// Reads the names of the columns; the rows are read one rollout at a time.
    pub fn new(input: R, about: &'p Protocol) -> Result<Self, Unreadable> {
        let mut rows = csv::ReaderBuilder::new().from_reader(input);
        let unreadable = |it: &dyn ToString| Unreadable { line: 1, why: it.to_string() };
        let found = rows.headers().map_err(|it| unreadable(&it))?;
        let wanted = COLUMNS.into_iter().chain(Measure::ALL.iter().map(|it| it.name()));
        if !found.iter().eq(wanted) {
            return Err(unreadable(&"the columns are not those of this version of rollsim"));
        }
        let whole = rows.position().byte();
        Ok(Self { rows, about, whole })
    }

    /// Bytes up to the end of the last rollout that was read whole.
    pub const fn whole(&self) -> u64 {
        self.whole
    }

    /// The next rollout with its number; none at the end.
    pub fn read(&mut self) -> Result<Option<(u64, Rollout)>, Unreadable> {
        let mut rollout: Option<(u64, Rollout)> = None;
        for contestant in &self.about.contestants {
            let mut row = csv::StringRecord::new();
            let line = self.rows.position().line();
            let refuse = |why: String| Unreadable { line, why };
            if !self.rows.read_record(&mut row).map_err(|it| refuse(it.to_string()))? {
                return match rollout {
                    None => Ok(None),
                    Some(_) => Err(refuse("the last rollout is incomplete".to_owned())),
                };
            }
            let row = Row::of(&row, self.about).map_err(refuse)?;
            let (trial, it) = rollout.get_or_insert_with(|| {
                let results = Vec::with_capacity(self.about.contestants.len());
                (row.trial, Rollout { class: row.class, seed: row.seed, results })
            });
            let belongs = (*trial, it.class, it.seed) == (row.trial, row.class, row.seed);
            if !belongs || row.strategy != contestant.name {
                return Err(refuse("the rows are not in the order of the trials".to_owned()));
            }
            it.results.push(row.played);
        }
        self.whole = self.rows.position().byte();
        Ok(rollout)
    }
}

struct Row {
    trial: u64,
    class: usize,
    seed: Seed,
    strategy: String,
    played: Played,
}

impl Row {
    fn of(row: &csv::StringRecord, about: &Protocol) -> Result<Self, String> {
        fn parsed<T: std::str::FromStr>(text: &str, column: &str) -> Result<T, String> {
            text.parse().map_err(|_| format!("`{text}` is not a {column}"))
        }
        let [trial, release, seed, strategy, phase, detected, pages, _cost] = COLUMNS.map(|name| {
            let index = COLUMNS.iter().position(|it| *it == name);
            index.and_then(|it| row.get(it)).unwrap_or("")
        });
        let class = about.classes.iter().position(|it| it.name == release);
        let phase = serde_json::from_value(phase.into())
            .map_err(|_| format!("`{phase}` is not a phase"))?;
        let mut figures = Vec::with_capacity(Measure::ALL.len());
        for (&measure, text) in Measure::ALL.iter().zip(row.iter().skip(COLUMNS.len())) {
            if text.is_empty() {
                continue;
            }
            let value: f64 = parsed(text, measure.name())?;
            if !value.is_finite() {
                return Err(format!("`{text}` is not a {}", measure.name()));
            }
            figures.push((measure, value));
        }
        Ok(Self {
            trial: parsed(trial, "trial")?,
            class: class.ok_or_else(|| format!("`{release}` is not a class of this study"))?,
            seed: Seed::new(parsed(seed, "seed")?),
            strategy: strategy.to_owned(),
            played: Played {
                phase,
                detected: parsed::<u8>(detected, "detected")? != 0,
                pages_at_night: parsed(pages, "pages_at_night")?,
                figures,
            },
        })
    }
}
