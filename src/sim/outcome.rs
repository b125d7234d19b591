//! The outcome: everything that one trial leaves, plain data.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Entry, FaultMark, Fork, Life, PhaseMark, Series,
    books::{Beside, Books},
    world::World,
};
use crate::{
    judge::{Measurement, Tally},
    kernel::Seed,
    model::{AnalysisState, Measure, Phase, ReleaseId, ReleaseRole},
    units::{Instant, Ratio},
};

/// What one trial leaves.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub seed: u64,
    pub phase: Phase,
    /// Every figure that there is, in the measure's own unit.
    pub figures: Vec<(Measure, f64)>,
    /// When the rollout started, since the start of the trial.
    pub rollout_began: Option<Instant>,
    pub first_symptom: Option<Instant>,
    pub detected: Option<Instant>,
    /// When the rollback started, and when all traffic was on the old release again.
    pub rollback_began: Option<Instant>,
    pub rollback_done: Option<Instant>,
    /// When the rollout was over.
    pub rested: Option<Instant>,
    /// Pages by hour of the day.
    pub pages_by_hour: [u32; 24],
    pub timeline: Vec<Entry>,
    /// Entries that were too many to keep; the timeline says where they would be.
    pub entries_lost: u64,
    pub measurements: Vec<Measurement>,
    /// Every gate of the analysis, in the order of the scenario; empty before the first
    /// measurement.
    pub gates: Vec<GateOutcome>,
    /// What the strategy did in order, the rollback included.
    pub steps: Vec<StepOutcome>,
    pub faults: Vec<FaultMark>,
    /// Every defect of the release and every incident, in the order of the scenario: what became of it.
    pub struck: Vec<FaultOutcome>,
    /// Where the rollout stood; each lasts until the next, the last until the end.
    pub phases: Vec<PhaseMark>,
    pub lives: Vec<Life>,
    pub series: Series,
    /// Releases beside the stable one and the candidate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<FurtherRelease>,
    /// Where it was forked, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forks: Vec<Fork>,
}

impl Outcome {
    /// A figure by its measure; none where the trial has no data.
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        self.figures.iter().find(|(it, _)| *it == measure).map(|&(_, value)| value)
    }

    /// What a release is in the rollout.
    pub fn release_name(&self, release: ReleaseId) -> &'static str {
        let further = || self.further.iter().find(|it| it.release == release);
        match release {
            ReleaseId::STABLE => ReleaseRole::STABLE.name,
            ReleaseId::CANDIDATE => ReleaseRole::CANDIDATE.name,
            _ => further().expect("an outcome has every release").name,
        }
    }
}

/// A release beside the stable one and the candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FurtherRelease {
    pub release: ReleaseId,
    /// What it is in the rollout.
    pub name: &'static str,
    pub version: String,
    /// Requests that it answered well.
    pub answered: u64,
    /// Requests whose last attempt failed there.
    pub failed: u64,
}

/// The result of a gate of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateOutcome {
    pub name: String,
    /// Measurements, those with too few samples included.
    pub looks: u64,
    /// When it first stopped the rollout, and how: failed, inconclusive or without data. For a dry
    /// run, when it would have.
    pub objection: Option<(Instant, AnalysisState)>,
    /// What its measurements came to.
    pub tally: Tally,
}

impl GateOutcome {
    /// Of a gate that has not measured anything yet.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), looks: 0, objection: None, tally: Tally::default() }
    }
}

/// A step of the strategy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepOutcome {
    pub text: String,
    pub state: StepState,
    /// None where the step was never reached.
    pub began: Option<Instant>,
    /// None where it was not over at the end.
    pub ended: Option<Instant>,
    /// What each gate saw meanwhile, by its name; gates that were not measured are left out.
    pub gates: Vec<(String, Tally)>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Done,
    /// The rollout ended in it, or was turned back.
    Failed,
    /// Not over at the end of the trial.
    Running,
    /// Not reached at the end of the trial.
    Pending,
    /// Never to be reached, since the rollout ended before it.
    Skipped,
}

impl StepState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
        }
    }
}

/// What became of a defect or an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultOutcome {
    pub name: String,
    /// It is part of the release.
    pub defect: bool,
    /// It took effect: it was active while there was something in its scope to act on.
    pub struck: bool,
    /// When it showed for the first time.
    pub since: Option<Instant>,
}

impl World<'_> {
    /// The end of the trial: what lasts until then is booked, and what is left to say is said.
    pub(super) fn come_to_end(&mut self) {
        self.now = self.end;
        self.books.fleet.integrate(self.now);
        self.settle_busy_workers();
        self.tell_symptom();
        self.tell_undone();
    }

    /// The last checks, the figures, the outcome of a trial that is at its end.
    pub(super) fn close(self) -> Outcome {
        self.check_books();
        let figures = self.books.figures(&self.beside());
        let kept = self.books.told.is_kept();
        let steps = if kept { self.steps() } else { Vec::new() };
        let struck = if kept { self.fault_outcomes() } else { Vec::new() };
        let further = self.further_releases();
        let Books { ledger, monitor, told, .. } = self.books;
        let first_symptom = ledger.first_symptom();
        let (timeline, entries_lost) = told.end();
        let (course, faults, lives) = ledger.into_marks();
        let at = |it: Option<u64>| it.map(Instant::from_nanos);
        Outcome {
            seed: Seed::get(self.seed),
            phase: self.control.rollout.phase,
            figures,
            rollout_began: at(course.begun),
            first_symptom: at(first_symptom),
            detected: at(course.detected),
            rollback_began: at(course.way_home_from),
            rollback_done: at(course.home),
            rested: at(course.rested),
            pages_by_hour: self.control.operator.pages_by_hour,
            timeline,
            entries_lost,
            measurements: self.control.rollout.measurements,
            gates: self.control.rollout.gates,
            steps,
            faults,
            struck,
            phases: course.phases,
            lives,
            series: monitor.into_series(),
            further,
            forks: self.forks,
        }
    }

    fn further_releases(&self) -> Vec<FurtherRelease> {
        let roles = self.control.platform.releases().iter().enumerate().skip(2);
        let further = |(index, role): (usize, &ReleaseRole)| {
            let release = ReleaseId::at(index);
            let (answered, failed) = self.books.ledger.ended_at(release);
            let version = self.version(release).to_owned();
            FurtherRelease { release, name: role.name, version, answered, failed }
        };
        roles.map(further).collect()
    }

    fn beside(&self) -> Beside {
        Beside {
            end: self.end,
            ships: self.control.rollout.strategy.ships(),
            quantile: self.plan.scenario.client.quantile.map(Ratio::get),
            workers_each: self.workers_each(),
            pages: self.control.operator.pages,
            actions: self.control.operator.actions,
            mitigation_time: self.control.operator.time_to_quiet(),
            defects_struck: self.faults.struck(true),
            incidents_struck: self.faults.struck(false),
        }
    }

    fn fault_outcomes(&self) -> Vec<FaultOutcome> {
        let mut since: BTreeMap<(bool, &str), Instant> = BTreeMap::new();
        for it in self.books.ledger.faults() {
            since.entry((it.defect, it.name.as_str())).or_insert(it.at);
        }
        let outcome = |(name, defect, struck): (&str, bool, bool)| FaultOutcome {
            name: name.to_owned(),
            defect,
            struck,
            since: since.get(&(defect, name)).copied(),
        };
        self.faults.each().map(outcome).collect()
    }
}
