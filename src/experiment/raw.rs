//! Rollouts as rows: one for each trial and strategy, without figures where that was not simulated. No study forks its trials, so that release, strategy and
//! seed say which trial a row is of.

use csv::StringRecord;
use serde::Serialize;

use super::{
    Columns, Played, Protocol, Rollout,
    rows::{figure, parsed},
};
use crate::{kernel::Seed, model::Measure, units::text::cell};

/// Columns before those of the measures.
const COLUMNS: [&str; 8] =
    ["trial", "release", "seed", "strategy", "phase", "detected", "pages_at_night", "cost"];

/// A rollout with its number; a row for each contestant.
impl Columns for Protocol {
    type Kept = (u64, Rollout);

    fn names(&self) -> Vec<&'static str> {
        COLUMNS.into_iter().chain(Measure::ALL.iter().map(|it| it.name())).collect()
    }

    fn rows(&self) -> usize {
        self.contestants.len()
    }

    fn begins(&self, row: &StringRecord) -> bool {
        self.contestants.first().is_some_and(|it| row.get(3) == Some(&*cell(&it.name)))
    }

    fn fields(&self, (trial, rollout): &Self::Kept, row: usize) -> impl Serialize {
        let class = &self.classes[rollout.class];
        let (played, contestant) = (&rollout.results[row], &self.contestants[row]);
        let played = played.as_ref();
        let cost = played.map(|it| self.prices.bill(it, class.good, contestant.upkeep).cost);
        let (release, strategy) = (cell(&class.name), cell(&contestant.name));
        let head = (*trial, release, rollout.seed.get(), strategy, played.map(|it| it.phase));
        let detected = played.map(|it| u8::from(it.detected));
        let figure = |it: &Measure| played.and_then(|played| played.figure(*it));
        let figures: Vec<Option<f64>> = Measure::ALL.iter().map(figure).collect();
        (head, detected, played.map(|it| it.pages_at_night), cost, figures)
    }

    fn read(&self, rows: &[StringRecord]) -> Result<Self::Kept, (usize, String)> {
        let mut rollout: Option<Self::Kept> = None;
        for (index, (row, contestant)) in rows.iter().zip(&self.contestants).enumerate() {
            let row = Row::of(row, self).map_err(|why| (index, why))?;
            let (trial, it) = rollout.get_or_insert_with(|| {
                let results = Vec::with_capacity(rows.len());
                (row.trial, Rollout { class: row.class, seed: row.seed, results })
            });
            let belongs = (*trial, it.class, it.seed) == (row.trial, row.class, row.seed);
            if !belongs || row.strategy != cell(&contestant.name) {
                return Err((index, "the rows are not in the order of the trials".to_owned()));
            }
            it.results.push(row.played);
        }
        rollout.ok_or_else(|| (0, "there is no contestant".to_owned()))
    }
}

struct Row {
    trial: u64,
    class: usize,
    seed: Seed,
    strategy: String,
    /// None where it was not simulated.
    played: Option<Played>,
}

impl Row {
    fn of(row: &StringRecord, about: &Protocol) -> Result<Self, String> {
        let [trial, release, seed, strategy, phase, detected, pages, _cost] = COLUMNS.map(|name| {
            let index = COLUMNS.iter().position(|it| *it == name);
            index.and_then(|it| row.get(it)).unwrap_or("")
        });
        let class = about.classes.iter().position(|it| cell(&it.name) == release);
        let head = Self {
            trial: parsed(trial, "trial")?,
            class: class.ok_or_else(|| format!("`{release}` is not a class of this study"))?,
            seed: Seed::new(parsed(seed, "seed")?),
            strategy: strategy.to_owned(),
            played: None,
        };
        if phase.is_empty() {
            return Ok(head);
        }
        let phase = serde_json::from_value(phase.into())
            .map_err(|_| format!("`{phase}` is not a phase"))?;
        let mut figures = Vec::with_capacity(Measure::ALL.len());
        for (&measure, text) in Measure::ALL.iter().zip(row.iter().skip(COLUMNS.len())) {
            figures.extend(figure(text, measure.name())?.map(|it| (measure, it)));
        }
        let played = Played {
            phase,
            detected: parsed::<u8>(detected, "detected")? != 0,
            pages_at_night: parsed(pages, "pages_at_night")?,
            figures,
        };
        Ok(Self { played: Some(played), ..head })
    }
}
