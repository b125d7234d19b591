//! What is kept of the trials: sums and sketches, however many there are.

use super::{Played, ReleaseClass, Rollout, end::Happening};
use crate::{
    model::Measure,
    stats::{
        Moments, Sketch,
        stratified::{self, Stratum},
    },
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

/// What is kept of one strategy and class.
#[derive(Clone, Debug)]
struct Cell {
    trials: u64,
    moments: Vec<Moments>,
    sketches: Vec<Sketch>,
    happened: [u64; Happening::ALL.len()],
    /// Sum of the units of each price.
    units: Vec<f64>,
    /// Trials of releases with a defect, and how many of them in which none took effect.
    defects: Struck,
    /// Trials with incidents, and how many of them in which one or more never took effect.
    incidents: Struck,
    /// Sums over the trials that ended before their rollouts.
    unfinished: [f64; COMPARED.len()],
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
    /// The largest seen in a trial under any strategy, by class.
    worst: Vec<[f64; COMPARED.len()]>,
    strategies: Vec<Entered>,
    /// Those that are not simulated any more.
    out: Vec<bool>,
}

/// What is to be known of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Incidents in its scenario.
    pub incidents: usize,
    /// Whether it ships anything; nothing becomes of a rollout that there is not.
    pub ships: bool,
}

/// What one trial costs: the units of each price, and all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    pub units: Vec<f64>,
    pub cost: f64,
}

impl Fold {
    pub fn new(strategies: Vec<Entered>, classes: &[ReleaseClass], prices: usize) -> Self {
        let cell = Cell {
            trials: 0,
            moments: vec![Moments::default(); Quantity::COUNT],
            sketches: vec![Sketch::default(); Quantity::COUNT],
            happened: [0; Happening::ALL.len()],
            units: vec![0.0; prices],
            defects: Struck::default(),
            incidents: Struck::default(),
            unfinished: [0.0; COMPARED.len()],
        };
        let count = strategies.len();
        let pairs = count * count.saturating_sub(1) / 2;
        Self {
            classes: classes.to_vec(),
            trials: vec![0; classes.len()],
            cells: vec![cell; count * classes.len()],
            pairs: vec![Default::default(); pairs * classes.len()],
            worst: vec![[0.0; COMPARED.len()]; classes.len()],
            strategies,
            out: vec![false; count],
        }
    }

    /// Adds a rollout with the bill of each strategy under which it was simulated.
    pub fn add(&mut self, rollout: &Rollout, bills: &[Option<Bill>]) {
        let class = rollout.class;
        let good = self.classes[class].good;
        self.trials[class] += 1;
        let results = rollout.results.iter().zip(bills).enumerate();
        let played =
            results.filter_map(|(at, (it, bill))| Some((at, it.as_ref()?, bill.as_ref()?)));
        for (strategy, played, bill) in played.clone() {
            let incidents = self.strategies[strategy].incidents as f64;
            let cell = self.cell_mut(strategy, class);
            cell.trials += 1;
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
        let values: Vec<(usize, [f64; COMPARED.len()])> =
            played.clone().map(|(at, it, bill)| (at, [bill.cost, hurt(it)])).collect();
        for ((strategy, played, _), (_, values)) in played.zip(&values) {
            self.bound(strategy, class, (played, values));
        }
        for (index, (second, theirs)) in values.iter().enumerate() {
            for (first, mine) in &values[..index] {
                self.compare((*first, *second), class, (mine, theirs));
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

    /// Keeps what is needed to say what unfinished rollouts could still add.
    fn bound(
        &mut self,
        strategy: usize,
        class: usize,
        (played, values): (&Played, &[f64; COMPARED.len()]),
    ) {
        for (worst, value) in self.worst[class].iter_mut().zip(values) {
            *worst = worst.max(*value);
        }
        let unfinished = Happening::Unfinished.happened(played, self.classes[class].good);
        if self.strategies[strategy].ships && unfinished {
            let cell = self.cell_mut(strategy, class);
            for (sum, value) in cell.unfinished.iter_mut().zip(values) {
                *sum += value;
            }
        }
    }

    /// What is added to the mean of a compared quantity where every unfinished rollout of a strategy comes to the
    /// worst that was seen of its class, under any strategy.
    pub(super) fn could_add(&self, strategy: usize, of: usize) -> f64 {
        let class = |class: usize| {
            let cell = self.cell(strategy, class);
            let unfinished = cell.happened[Happening::Unfinished as usize] as f64;
            let more = unfinished * self.worst[class][of] - cell.unfinished[of];
            self.classes[class].chance * more.max(0.0) / self.cell(strategy, class).trials as f64
        };
        let seen = (0..self.classes.len()).filter(|it| self.cell(strategy, *it).trials > 0);
        if self.strategies[strategy].ships { seen.map(class).sum() } else { 0.0 }
    }

    /// Share of the rollouts under a strategy that were cut off by the end of the trial, of the releases that a
    /// happening concerns.
    pub(super) fn cut_off(&self, strategy: usize, happening: Happening) -> f64 {
        let (mut share, mut all) = (0.0, 0.0);
        for (class, of) in self.classes.iter().enumerate() {
            let cell = self.cell(strategy, class);
            if cell.trials > 0 && happening.concerns(of.good) {
                let count = cell.happened[Happening::Unfinished as usize];
                share += of.chance * count as f64 / cell.trials as f64;
                all += of.chance;
            }
        }
        if all > 0.0 && self.strategies[strategy].ships { share / all } else { 0.0 }
    }

    pub(super) const fn strategies(&self) -> usize {
        self.strategies.len()
    }

    pub fn classes(&self) -> &[ReleaseClass] {
        &self.classes
    }

    /// Rollouts of each class.
    pub fn trials(&self) -> &[u64] {
        &self.trials
    }

    /// A strategy is not simulated any more.
    pub(super) fn leave(&mut self, strategy: usize) {
        self.out[strategy] = true;
    }

    /// Which strategies are still simulated.
    pub(super) fn playing(&self) -> Vec<bool> {
        self.out.iter().map(|it| !it).collect()
    }

    /// Share of the rollouts that may be worse than any that was simulated, at most, under any of the strategies.
    pub(super) fn unseen(&self, confidence: f64) -> f64 {
        let of = |strategy: usize| {
            let strata: Vec<_> =
                (0..self.classes.len()).map(|it| self.stratum((strategy, it), ())).collect();
            stratified::unseen(&strata, confidence)
        };
        (0..self.strategies()).map(of).fold(0.0, f64::max)
    }

    fn stratum<T>(&self, (strategy, class): (usize, usize), values: T) -> Stratum<T> {
        let trials = self.cell(strategy, class).trials;
        Stratum { weight: self.classes[class].chance, trials, values }
    }

    pub(super) fn moments(&self, strategy: usize, quantity: Quantity) -> Vec<Stratum<Moments>> {
        let of = |class| self.cell(strategy, class).moments[quantity.index()];
        (0..self.classes.len()).map(|it| self.stratum((strategy, it), of(it))).collect()
    }

    pub(super) fn sketches(&self, strategy: usize, quantity: Quantity) -> Vec<Stratum<&Sketch>> {
        let of = |class| &self.cell(strategy, class).sketches[quantity.index()];
        (0..self.classes.len()).map(|it| self.stratum((strategy, it), of(it))).collect()
    }

    /// The classes that a happening concerns, with how often it happened.
    pub(super) fn happened(&self, strategy: usize, happening: Happening) -> Vec<Stratum<u64>> {
        let classes =
            (0..self.classes.len()).filter(|it| happening.concerns(self.classes[*it].good));
        let of = |class| self.cell(strategy, class).happened[happening as usize];
        classes.map(|it| self.stratum((strategy, it), of(it))).collect()
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
        let cells = self.classes.iter().enumerate();
        let cells = cells.map(|(class, of)| (of, self.cell(strategy, class)));
        let mean =
            |(of, it): (&ReleaseClass, &Cell)| of.chance * it.units[price] / it.trials as f64;
        cells.filter(|it| it.1.trials > 0).map(mean).sum()
    }

    /// Mean cost over all releases, of the classes that were simulated.
    pub(super) fn mean_cost(&self, strategy: usize) -> f64 {
        let strata = self.moments(strategy, Quantity::Cost);
        strata.iter().map(|it| it.weight * it.values.mean()).sum()
    }

    /// The strategies, cheapest first, and those that are out after the others; among equals in their own order.
    pub(super) fn order(&self) -> Vec<usize> {
        let costs: Vec<f64> = (0..self.strategies()).map(|it| self.mean_cost(it)).collect();
        let mut order: Vec<usize> = (0..self.strategies()).collect();
        let out = |it: usize| self.out[it];
        order.sort_by(|a, b| out(*a).cmp(&out(*b)).then(costs[*a].total_cmp(&costs[*b])));
        order
    }

    /// One quantity of a pair, second minus first. `first` need not be below `second`.
    pub(super) fn versus(&self, first: usize, second: usize, of: usize) -> Vec<Stratum<Versus>> {
        let class = |class| {
            let (low, high) = (first.min(second), first.max(second));
            let versus = self.pairs[self.pair_index(low, high, class)][of];
            let values = if first < second { versus } else { versus.turned() };
            let trials = values.difference.count();
            Stratum { weight: self.classes[class].chance, trials, values }
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
