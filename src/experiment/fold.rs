//! What is kept of the trials: sums and sketches, however many there are.

use super::{Played, ReleaseClass, Rollout};
use crate::{
    model::{Measure, Phase},
    stats::{Moments, Sketch, stratified::Stratum},
};

/// What is estimated with mean and quantiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Cost,
    Of(Measure),
}

impl Quantity {
    pub(super) const COUNT: usize = 1 + Measure::ALL.len();

    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Cost).chain(Measure::ALL.iter().map(|&it| Self::Of(it)))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Of(measure) => measure.name(),
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Cost => 0,
            // measures are numbered in the order of `ALL`
            Self::Of(measure) => 1 + measure as usize,
        }
    }
}

/// What happens to a rollout or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A good release was rolled back.
    FalseRollback,
    /// A bad release serves all users in the end.
    Escaped,
    /// A failed measurement or an alert noticed a bad release.
    Detected,
    Completed,
    RolledBack,
}

impl Happening {
    pub(super) const ALL: [Self; 5] =
        [Self::FalseRollback, Self::Escaped, Self::Detected, Self::Completed, Self::RolledBack];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FalseRollback => "false_rollback",
            Self::Escaped => "escaped",
            Self::Detected => "detected",
            Self::Completed => "completed",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether it can happen to releases of a class.
    pub(super) const fn concerns(self, good: bool) -> bool {
        match self {
            Self::FalseRollback => good,
            Self::Escaped | Self::Detected => !good,
            Self::Completed | Self::RolledBack => true,
        }
    }

    pub(super) fn happened(self, played: &Played, good: bool) -> bool {
        let back = matches!(played.phase, Phase::RolledBack | Phase::RollingBack);
        self.concerns(good)
            && match self {
                Self::FalseRollback | Self::RolledBack => back,
                Self::Escaped | Self::Completed => played.phase == Phase::Completed,
                Self::Detected => played.detected,
            }
    }
}

/// What is kept of one strategy and class.
#[derive(Clone, Debug)]
struct Cell {
    moments: Vec<Moments>,
    sketches: Vec<Sketch>,
    happened: [u64; Happening::ALL.len()],
    /// Sum of the units of each price.
    units: Vec<f64>,
    /// Trials of releases with a defect, and how many of them in which none took effect.
    defects: Struck,
    /// Trials with incidents, and how many of them in which one or more never took effect.
    incidents: Struck,
}

/// Trials with faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Struck {
    pub(super) trials: u64,
    /// Of these, the trials in which something never took effect.
    pub(super) never: u64,
}

impl Struck {
    fn record(&mut self, never: bool) {
        self.trials += 1;
        self.never += u64::from(never);
    }

    const fn plus(self, other: Self) -> Self {
        Self { trials: self.trials + other.trials, never: self.never + other.never }
    }
}

/// The quantities whose differences are reported.
pub(super) const COMPARED: [Quantity; 2] = [Quantity::Cost, Quantity::Of(Measure::users_hurt)];

/// What is kept of one pair of strategies, one class and one quantity.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Versus {
    /// Second minus first.
    pub(super) difference: Moments,
    pub(super) less: u64,
    pub(super) equal: u64,
}

/// The sums of a comparison.
#[derive(Clone, Debug)]
pub struct Fold {
    classes: Vec<ReleaseClass>,
    trials: Vec<u64>,
    /// By strategy and class.
    cells: Vec<Cell>,
    /// By pair (first below second), class and quantity.
    pairs: Vec<[Versus; COMPARED.len()]>,
    /// Incidents in the scenario of each strategy.
    incidents: Vec<usize>,
}

/// What one trial costs: the units of each price, and all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    pub units: Vec<f64>,
    pub cost: f64,
}

impl Fold {
    /// `incidents` says how many there are in the scenario of each strategy.
    pub fn new(incidents: Vec<usize>, classes: &[ReleaseClass], prices: usize) -> Self {
        let strategies = incidents.len();
        let cell = Cell {
            moments: vec![Moments::default(); Quantity::COUNT],
            sketches: vec![Sketch::default(); Quantity::COUNT],
            happened: [0; Happening::ALL.len()],
            units: vec![0.0; prices],
            defects: Struck::default(),
            incidents: Struck::default(),
        };
        let pairs = strategies * strategies.saturating_sub(1) / 2;
        Self {
            classes: classes.to_vec(),
            trials: vec![0; classes.len()],
            cells: vec![cell; strategies * classes.len()],
            pairs: vec![Default::default(); pairs * classes.len()],
            incidents,
        }
    }

    /// Adds a rollout with the bill of each strategy.
    pub fn add(&mut self, rollout: &Rollout, bills: &[Bill]) {
        let class = rollout.class;
        let good = self.classes[class].good;
        self.trials[class] += 1;
        let played = rollout.results.iter().zip(bills);
        for (strategy, (played, bill)) in played.clone().enumerate() {
            let incidents = self.incidents[strategy] as f64;
            let cell = self.cell_mut(strategy, class);
            cell.record(Quantity::Cost, bill.cost);
            for &(measure, value) in &played.figures {
                cell.record(Quantity::Of(measure), value);
            }
            if let Some(struck) = played.figure(Measure::defects_struck) {
                cell.defects.record(struck <= 0.0);
            }
            if let Some(struck) = played.figure(Measure::incidents_struck) {
                cell.incidents.record(struck < incidents);
            }
            for (count, happening) in cell.happened.iter_mut().zip(Happening::ALL) {
                *count += u64::from(happening.happened(played, good));
            }
            for (sum, units) in cell.units.iter_mut().zip(&bill.units) {
                *sum += units;
            }
        }
        let hurt = |it: &Played| it.figure(Measure::users_hurt).unwrap_or(0.0);
        let values: Vec<_> = played.map(|(it, bill)| [bill.cost, hurt(it)]).collect();
        for (second, theirs) in values.iter().enumerate() {
            for (first, mine) in values[..second].iter().enumerate() {
                self.compare((first, second), class, (mine, theirs));
            }
        }
    }

    fn compare(
        &mut self,
        (first, second): (usize, usize),
        class: usize,
        (mine, theirs): (&[f64; COMPARED.len()], &[f64; COMPARED.len()]),
    ) {
        let index = self.pair_index(first, second, class);
        for (versus, (mine, theirs)) in self.pairs[index].iter_mut().zip(mine.iter().zip(theirs)) {
            versus.record(*mine, *theirs);
        }
    }

    pub(super) const fn strategies(&self) -> usize {
        self.incidents.len()
    }

    pub fn classes(&self) -> &[ReleaseClass] {
        &self.classes
    }

    /// Rollouts of each class.
    pub fn trials(&self) -> &[u64] {
        &self.trials
    }

    /// Rollouts of all classes.
    pub fn all_trials(&self) -> u64 {
        self.trials.iter().sum()
    }

    fn stratum<T>(&self, class: usize, values: T) -> Stratum<T> {
        Stratum { weight: self.classes[class].chance, trials: self.trials[class], values }
    }

    pub(super) fn moments(&self, strategy: usize, quantity: Quantity) -> Vec<Stratum<Moments>> {
        let of = |class| self.cell(strategy, class).moments[quantity.index()];
        (0..self.classes.len()).map(|class| self.stratum(class, of(class))).collect()
    }

    pub(super) fn sketches(&self, strategy: usize, quantity: Quantity) -> Vec<Stratum<&Sketch>> {
        let of = |class| &self.cell(strategy, class).sketches[quantity.index()];
        (0..self.classes.len()).map(|class| self.stratum(class, of(class))).collect()
    }

    /// The classes that a happening concerns, with how often it happened.
    pub(super) fn happened(&self, strategy: usize, happening: Happening) -> Vec<Stratum<u64>> {
        let classes =
            (0..self.classes.len()).filter(|it| happening.concerns(self.classes[*it].good));
        let of = |class| self.cell(strategy, class).happened[happening as usize];
        classes.map(|class| self.stratum(class, of(class))).collect()
    }

    /// Trials of a strategy with a defect, and those with incidents, all classes together.
    pub(super) fn struck(&self, strategy: usize) -> [Struck; 2] {
        let cells = (0..self.classes.len()).map(|class| self.cell(strategy, class));
        cells.fold([Struck::default(); 2], |[defects, incidents], it| {
            [defects.plus(it.defects), incidents.plus(it.incidents)]
        })
    }

    /// Mean units of a price over all releases.
    pub(super) fn mean_units(&self, strategy: usize, price: usize) -> f64 {
        let classes = self.classes.iter().zip(&self.trials).enumerate();
        let played = classes.filter(|(_, (_, trials))| **trials > 0);
        let mean = |(class, (of, &trials)): (usize, (&ReleaseClass, &u64))| {
            of.chance * self.cell(strategy, class).units[price] / trials as f64
        };
        played.map(mean).sum()
    }

    /// Mean cost over all releases, of the classes that were simulated.
    pub(super) fn mean_cost(&self, strategy: usize) -> f64 {
        let strata = self.moments(strategy, Quantity::Cost);
        strata.iter().map(|it| it.weight * it.values.mean()).sum()
    }

    /// The strategies, cheapest first; among equals in their own order.
    pub(super) fn order(&self) -> Vec<usize> {
        let costs: Vec<f64> = (0..self.strategies()).map(|it| self.mean_cost(it)).collect();
        let mut order: Vec<usize> = (0..self.strategies()).collect();
        order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]));
        order
    }

    /// One quantity of a pair, second minus first. `first` need not be below `second`.
    pub(super) fn versus(&self, first: usize, second: usize, of: usize) -> Vec<Stratum<Versus>> {
        let class = |class| {
            let (low, high) = (first.min(second), first.max(second));
            let versus = self.pairs[self.pair_index(low, high, class)][of];
            let turned = if first < second { versus } else { versus.turned() };
            self.stratum(class, turned)
        };
        (0..self.classes.len()).map(class).collect()
    }

    fn cell(&self, strategy: usize, class: usize) -> &Cell {
        &self.cells[strategy * self.classes.len() + class]
    }

    fn cell_mut(&mut self, strategy: usize, class: usize) -> &mut Cell {
        &mut self.cells[strategy * self.classes.len() + class]
    }

    fn pair_index(&self, first: usize, second: usize, class: usize) -> usize {
        (second * (second - 1) / 2 + first) * self.classes.len() + class
    }
}

impl Cell {
    fn record(&mut self, quantity: Quantity, value: f64) {
        self.moments[quantity.index()].record(value);
        self.sketches[quantity.index()].record(value);
    }
}

impl Versus {
    fn record(&mut self, first: f64, second: f64) {
        self.difference.record(second - first);
        self.less += u64::from(first < second);
        self.equal += u64::from(first.total_cmp(&second).is_eq());
    }

    /// Seen from the other side.
    fn turned(self) -> Self {
        let less = self.difference.count() - self.less - self.equal;
        Self { difference: self.difference.negated(), less, equal: self.equal }
    }
}
