//! Whether what a `study.json` says can be: it is an input like any other.

use std::collections::BTreeSet;

use super::{CONTESTANTS_MAX, Goal, Protocol};
use crate::model::EstimateName;

/// Most rollouts that can be asked for.
const ROLLOUTS_MAX: u64 = 1_000_000_000;
/// Most classes of releases.
const CLASSES_MAX: usize = 1_000;

impl Protocol {
    /// The first thing that no study says; none where all is sound.
    pub fn problem(&self) -> Option<String> {
        self.goal_problem()
            .or_else(|| self.classes_problem())
            .or_else(|| self.contestants_problem())
            .or_else(|| self.prices.problem())
            .or_else(|| self.expected_problem())
    }

    fn goal_problem(&self) -> Option<String> {
        let part = match self.goal {
            Goal::Trials(_) => 1.0,
            Goal::Precision { part, .. } => part,
        };
        let sound =
            (2..=ROLLOUTS_MAX).contains(&self.goal.most()) && part.is_finite() && part > 0.0;
        (!sound).then(|| "`goal` asks for what cannot be simulated".to_owned())
    }

    fn classes_problem(&self) -> Option<String> {
        if !(1..=CLASSES_MAX).contains(&self.classes.len()) {
            return Some(format!("`classes` has {} classes of releases", self.classes.len()));
        }
        let names: BTreeSet<&str> = self.classes.iter().map(|it| it.name.as_str()).collect();
        if names.len() < self.classes.len() {
            return Some("two of its `classes` have one name".to_owned());
        }
        let share = |it: f64| (0.0..=1.0).contains(&it);
        let sum: f64 = self.classes.iter().map(|it| it.chance).sum();
        let sound = self.classes.iter().all(|it| share(it.chance)) && (sum - 1.0).abs() < 1e-6;
        (!sound).then(|| format!("the chances of its `classes` sum to {sum}, not to 1"))
    }

    fn contestants_problem(&self) -> Option<String> {
        if !(1..=CONTESTANTS_MAX).contains(&self.contestants.len()) {
            return Some(format!("`contestants` has {} strategies", self.contestants.len()));
        }
        let names: BTreeSet<&str> = self.contestants.iter().map(|it| it.name.as_str()).collect();
        if names.len() < self.contestants.len() {
            return Some("two of its `contestants` have one name".to_owned());
        }
        let upkeep = |it: f64| it.is_finite() && it >= 0.0;
        let sound = self.contestants.iter().all(|it| upkeep(it.upkeep));
        (!sound)
            .then(|| "the `upkeep` of one of its `contestants` is no number of minutes".to_owned())
    }

    fn expected_problem(&self) -> Option<String> {
        let known = |name: &str| self.contestants.iter().any(|it| it.name == name);
        let unknown = self
            .expected
            .iter()
            .find(|it| !known(&it.strategy) || it.estimate.parse::<EstimateName>().is_err());
        unknown.map(|it| {
            format!("`expected` is of `{}` of `{}`, which there is not", it.estimate, it.strategy)
        })
    }
}
