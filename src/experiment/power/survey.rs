//! The survey: which cells are simulated, in three stages, since where a curve is of interest and
//! which defect is worth a second look depends on what was found before.

use std::path::PathBuf;

use super::{
    PowerRow,
    budget::{Budget, Curves, EXTENTS, Extent, FULL, Load},
    cell::{Cell, FINE, GOOD, POINT, Wanted, classes, good},
    estimates::share_back,
    kinds::{Kind, kinds},
    minimum_detectable::bracket,
    setting::{Bake, base_errors},
    worlds::{Curve, World, curves, worlds},
};
use crate::{
    experiment::{Figure, shell_word},
    kernel::Seed,
    scenario::{Plan, set_text, vary},
};

/// Catches nine times in ten.
pub(super) const NINE_IN_TEN: f64 = 0.9;

/// Near enough to a half for a change to show either way.
const CLEAR: f64 = 0.3;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct PowerAsked {
    /// The command that makes it again.
    pub command: String,
    /// The command that simulates one trial of the scenario as it is, but for what is set and the
    /// seed.
    pub run: String,
    pub seed: u64,
    /// Trials of each cell, in place of what the budget allows.
    pub trials: Option<u64>,
    /// The scenario's folder.
    pub folder: PathBuf,
}

/// A trial that is to be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) cell: usize,
    pub(super) trial: u64,
}

/// Cells of the good release and of the defect in one world; none where one cannot be simulated.
pub(super) type Pair = Option<(usize, usize)>;

/// Everything about a gate that is simulated, and what came of it.
#[derive(Clone, Debug)]
pub struct Survey {
    pub(super) asked: PowerAsked,
    pub(super) base: Plan,
    pub(super) bake: Bake,
    budget: Budget,
    extent: Extent,
    stage: u32,
    pub(super) cells: Vec<Cell>,
    /// Of each cell, in the order of the trials.
    pub(super) rows: Vec<Vec<PowerRow>>,
    pub(super) good: usize,
    pub(super) classes: Vec<usize>,
    pub(super) kinds: Vec<Kind>,
    /// Of each kind: severities in rising order, with their cells.
    pub(super) points: Vec<Vec<(f64, usize)>>,
    /// Index of a kind and the severity that the curves and worlds are about.
    pub(super) defect: Option<(usize, f64)>,
    pub(super) curves: Vec<(Curve, Vec<Pair>)>,
    pub(super) worlds: Vec<(World, Pair)>,
    pub(super) notes: Vec<String>,
}

impl Survey {
    /// Lays out what is known beforehand. Says why nothing can be simulated where the good release
    /// cannot.
    pub fn new(base: Plan, asked: PowerAsked) -> Result<Self, String> {
        let wanted = good(&base);
        let good_plan = vary(&base.scenario, &base.name, &asked.folder, &wanted.values)
            .map_err(|it| it.first().map_or_else(String::new, |it| it.message.clone()))?;
        let good_cell = Cell {
            key: wanted.key,
            values: wanted.values,
            class: None,
            trials: 0,
            plan: good_plan,
        };
        let bake = Bake::of(&good_cell, Seed::new(asked.seed));
        let loads = EXTENTS.map(|it| load(&base, bake, it));
        let (budget, extent) = match asked.trials {
            Some(trials) => (Budget::Fixed(trials), FULL),
            None => Budget::shared(&good_cell.plan, bake, &loads),
        };
        let mut survey = Self {
            kinds: kinds(&base, bake, extent.coarse),
            curves: played_curves(&base, bake, extent).into_iter().map(|it| (it, vec![])).collect(),
            worlds: worlds(&base, bake).into_iter().map(|it| (it, None)).collect(),
            asked,
            base,
            bake,
            budget,
            extent,
            stage: 0,
            cells: Vec::new(),
            rows: Vec::new(),
            good: 0,
            classes: Vec::new(),
            points: Vec::new(),
            defect: None,
            notes: Vec::new(),
        };
        let trials = survey.budget.trials(GOOD, &good_cell.plan, bake);
        survey.cells.push(Cell { trials, ..good_cell });
        survey.rows.push(Vec::new());
        survey.left_out();
        Ok(survey)
    }

    fn left_out(&mut self) {
        if self.extent != FULL {
            let curves = match self.extent.curves {
                Curves::All => "",
                Curves::Ends => ", curves with their ends and middle only",
                Curves::None => ", no curves against traffic, weight, interval and hour",
            };
            self.notes.push(format!(
                "Rollouts of this scenario are long, so less is simulated to limit the run time: \
                 {} severities of each kind{curves}. `--trials N` simulates all of it, N times \
                 each.",
                self.extent.coarse
            ));
        }
    }

    /// The scenario whose variations are simulated.
    pub const fn plan(&self) -> &Plan {
        &self.base
    }

    /// Trials of a cell that is simulated by default, before anything is known: for progress.
    pub fn planned(&self) -> u64 {
        let known: u64 = self.cells.iter().map(|it| it.trials).sum();
        let each = |weight| self.budget.trials(weight, &self.cells[0].plan, self.bake);
        let kinds = self.kinds.iter().filter(|it| it.severities.len() > 1).count() as u64;
        let fine = kinds * u64::from(self.extent.fine) * each(FINE);
        let points: u64 = self.curves.iter().map(|it| it.0.points.len() as u64).sum();
        let applying = self.worlds.iter().filter(|it| it.0.why_not.is_empty()).count() as u64;
        let elsewhere = 2 * points * each(POINT) + 2 * applying * each(FINE);
        match self.stage {
            0 | 1 => known + fine + elsewhere,
            2 => known + elsewhere,
            _ => known,
        }
    }

    /// The trials of the next stage, in the order in which they are to be simulated; none when all
    /// are.
    pub(super) fn next_stage(&mut self) -> Option<Vec<Job>> {
        let first = self.cells.len();
        let first = match self.stage {
            0 => {
                self.coarse();
                0
            }
            1 => {
                self.fine();
                first
            }
            2 => {
                self.elsewhere();
                first
            }
            _ => return None,
        };
        self.stage += 1;
        Some(self.jobs(first))
    }

    /// Trial by trial through all cells, so that what is interrupted is of even quality.
    fn jobs(&self, first: usize) -> Vec<Job> {
        let most = self.cells[first..].iter().map(|it| it.trials).max().unwrap_or(0);
        let mut jobs = Vec::new();
        for trial in 0..most {
            let due = |cell: &usize| trial < self.cells[*cell].trials;
            jobs.extend((first..self.cells.len()).filter(due).map(|cell| Job { cell, trial }));
        }
        jobs
    }

    fn coarse(&mut self) {
        for wanted in classes(&self.base) {
            let cell = self.cell(wanted);
            self.classes.extend(cell);
        }
        for kind in self.kinds.clone() {
            let mut points = Vec::new();
            for (severity, wanted) in kind.severities.iter().zip(kind.coarse()) {
                points.extend(self.cell(wanted).map(|cell| (*severity, cell)));
            }
            self.points.push(points);
        }
    }

    /// More severities where each curve crosses nine in ten, or else a half.
    fn fine(&mut self) {
        for index in 0..self.kinds.len() {
            let kind = self.kinds[index].clone();
            let curve = self.curve(index);
            let Some((low, high)) = bracket(&curve, NINE_IN_TEN).or_else(|| bracket(&curve, 0.5))
            else {
                continue;
            };
            let (low, high) = (kind.unit.severity_at(low), kind.unit.severity_at(high));
            for severity in kind.between(low, high, self.extent.fine) {
                let cell = self.cell(kind.fine(severity));
                self.points[index].extend(cell.map(|it| (severity, it)));
            }
            self.points[index].sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }

    /// The defect in other worlds, beside the good release there.
    fn elsewhere(&mut self) {
        self.defect = self.choose();
        let good = good(&self.base);
        let bad = self.defect.map(|(kind, severity)| self.kinds[kind].at(severity, POINT));
        let Some(bad) = bad else { return };
        for index in 0..self.curves.len() {
            let curve = self.curves[index].0.clone();
            for place in &curve.points {
                let world = format!("{} {}", curve.name, place.x);
                let cells = self.pair((&good, &bad), &world, &place.values, POINT);
                self.curves[index].1.push(cells);
            }
        }
        for index in 0..self.worlds.len() {
            let world = self.worlds[index].0.clone();
            if world.why_not.is_empty() {
                let cells = self.pair((&good, &bad), world.name, &world.values, FINE);
                self.worlds[index].1 = cells;
            }
        }
    }

    fn pair(
        &mut self,
        (good, bad): (&Wanted, &Wanted),
        world: &str,
        values: &[(String, serde_json::Value)],
        weight: f64,
    ) -> Pair {
        if values.is_empty() {
            return Some((self.cell(good.clone())?, self.cell(bad.clone())?));
        }
        let good = self.cell(good.there(world, values, weight))?;
        Some((good, self.cell(bad.there(world, values, weight))?))
    }

    /// The severity that is caught nearest to every second time, one of errors where that is near
    /// enough; a doubling of the errors where
    /// everything is caught or nothing.
    fn choose(&self) -> Option<(usize, f64)> {
        let curves = self.points.iter().enumerate().filter(|it| it.1.len() > 1);
        let all = curves.flat_map(|(kind, points)| points.iter().map(move |it| (kind, it)));
        let away = |(kind, &(severity, cell)): (usize, &(f64, usize))| {
            let caught = share_back(&self.rows[cell])?;
            Some(((caught.value - 0.5).abs(), kind, severity))
        };
        let mut nearest: Vec<(f64, usize, f64)> = all.filter_map(away).collect();
        nearest.sort_by(|a, b| a.0.total_cmp(&b.0));
        let errors = nearest.iter().find(|it| self.kinds[it.1].is_errors() && it.0 <= CLEAR);
        let (away, index, severity) = *errors.or(nearest.first())?;
        if away < 0.45 {
            return Some((index, severity));
        }
        let errors = self.kinds.iter().position(Kind::is_errors)?;
        let base = base_errors(&self.base);
        let double = self.points[errors].iter().find(|it| (it.0 / base - 1.0).abs() < 0.01)?;
        Some((errors, double.0))
    }

    /// The curve of a kind, with its severities as logarithms are taken of them.
    pub(super) fn curve(&self, kind: usize) -> Vec<(f64, Figure)> {
        let offset = |severity| self.kinds[kind].unit.offset(severity);
        let points = self.points[kind].iter();
        points.filter_map(|&(it, cell)| Some((offset(it), share_back(&self.rows[cell])?))).collect()
    }

    /// The cell that is wanted, made if there is none like it; none where it cannot be simulated.
    fn cell(&mut self, wanted: Wanted) -> Option<usize> {
        if let Some(index) = self.cells.iter().position(|it| it.key == wanted.key) {
            return Some(index);
        }
        let Wanted { key, values, class, weight } = wanted;
        let plan = if values.is_empty() {
            self.base.clone()
        } else {
            let scenario = &self.base.scenario;
            match vary(scenario, &self.base.name, &self.asked.folder, &values) {
                Ok(plan) => plan,
                Err(problems) => {
                    let why = problems.first().map_or("", |it| it.message.as_str());
                    self.notes.push(format!("`{key}` gives no valid scenario: {why}"));
                    return None;
                }
            }
        };
        let trials = self.budget.trials(weight, &plan, self.bake);
        self.cells.push(Cell { key, values, class, trials, plan });
        self.rows.push(Vec::new());
        Some(self.cells.len() - 1)
    }

    /// Seed of a trial: the same in every cell, and that of the same trial of a comparison's first
    /// class.
    pub(super) const fn seed_of(&self, trial: u64) -> Seed {
        Seed::new(self.asked.seed).replication(trial)
    }

    /// The command that simulates one trial of a cell.
    pub(super) fn command(&self, cell: usize, trial: u64) -> String {
        let Cell { values, class, .. } = &self.cells[cell];
        let mut command = self.asked.run.clone();
        if let Some((name, _)) = class {
            command.extend([" --release ", &shell_word(name)]);
        }
        for (path, value) in values {
            command.extend([" --set ", &shell_word(&set_text(path, value))]);
        }
        format!("{command} --seed {}", self.seed_of(trial).get())
    }
}

/// The curves that are simulated at this extent.
fn played_curves(base: &Plan, bake: Bake, extent: Extent) -> Vec<Curve> {
    let mut all = curves(base, bake);
    for curve in &mut all {
        let last = curve.points.len().saturating_sub(1);
        let mut index = 0;
        match extent.curves {
            Curves::All => {}
            Curves::Ends => curve.points.retain(|it| {
                index += 1;
                it.values.is_empty() || index == 1 || index == last + 1
            }),
            Curves::None => {
                curve.points.clear();
                if curve.why_not.is_empty() {
                    "left out to limit the run time".clone_into(&mut curve.why_not);
                }
            }
        }
    }
    all
}

/// What there is to simulate at an extent.
fn load(base: &Plan, bake: Bake, extent: Extent) -> Load {
    let mut load = Load::default();
    load.add_full(GOOD, 1.0);
    for class in classes(base) {
        load.add_defect(class.weight, 1.0);
    }
    for kind in kinds(base, bake, extent.coarse) {
        for _ in &kind.severities {
            load.add_defect(POINT, 1.0);
        }
        if kind.severities.len() > 1 {
            load.add_defect(FINE * f64::from(extent.fine), 1.0);
        }
    }
    let rate = base.scenario.traffic.rate.as_per_second();
    for curve in played_curves(base, bake, extent) {
        for place in curve.points.iter().filter(|it| !it.values.is_empty()) {
            let cost = if curve.name == "traffic" { place.x / rate } else { 1.0 };
            load.add_full(POINT, cost);
            load.add_defect(POINT, cost);
        }
    }
    for _ in worlds(base, bake).iter().filter(|it| it.why_not.is_empty()) {
        load.add_full(FINE, 1.0);
        load.add_defect(FINE, 1.0);
    }
    load
}
