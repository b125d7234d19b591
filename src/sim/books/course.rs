//! How a rollout goes: when it came to what.

use serde::Serialize;

use crate::{model::Phase, units::Instant};

/// When a fault showed for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultMark {
    pub at: Instant,
    pub name: String,
    /// It is part of the release.
    pub defect: bool,
}

/// When the rollout entered a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseMark {
    pub at: Instant,
    pub phase: Phase,
}

/// When a rollout came to what, in nanoseconds since the start of the trial.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Course {
    /// Phases are kept.
    whole: bool,
    pub(in crate::sim) begun: Option<u64>,
    pub(in crate::sim) detected: Option<u64>,
    /// The defect has been detected: a failed measurement, an alert, or a rollback.
    pub(super) noticed: bool,
    pub(in crate::sim) rested: Option<u64>,
    /// Since when all users are on the new release, until it was over.
    all_on_new: Option<u64>,
    /// It is over, and the new release serves all users.
    completed: bool,
    pub(in crate::sim) way_home_from: Option<u64>,
    pub(in crate::sim) home: Option<u64>,
    pub(in crate::sim) phases: Vec<PhaseMark>,
    /// Endpoints that answered at least, from its start until it was over.
    pub(super) ready_min: Option<u32>,
}

/// Changes of phase that are kept.
const PHASES_MAX: usize = 2_000;

impl Course {
    /// `whole` keeps phases.
    pub(super) const fn new(whole: bool) -> Self {
        Self {
            whole,
            begun: None,
            detected: None,
            noticed: false,
            rested: None,
            all_on_new: None,
            completed: false,
            way_home_from: None,
            home: None,
            phases: Vec::new(),
            ready_min: None,
        }
    }

    pub(super) const fn detected(&mut self, now: u64) {
        if self.detected.is_none() {
            self.detected = Some(now);
            self.noticed = true;
        }
    }

    pub(super) fn phase_changes(&mut self, phase: Phase, now: u64) {
        self.begun.get_or_insert(now);
        let last = self.phases.last().map(|it| it.phase);
        if self.whole && last != Some(phase) && self.phases.len() < PHASES_MAX {
            self.phases.push(PhaseMark { at: Instant::from_nanos(now), phase });
        }
        self.rested = phase.is_final().then_some(now);
        self.completed = matches!(phase, Phase::Completed);
        if phase == Phase::RollingBack {
            self.way_home_from.get_or_insert(now);
            self.noticed = true;
        }
    }

    /// The rollout has begun and is not over.
    pub(in crate::sim) const fn is_under_way(&self) -> bool {
        self.begun.is_some() && self.rested.is_none()
    }

    /// When all users were on the new release, of a rollout that was completed.
    pub(super) fn promoted(&self) -> Option<u64> {
        self.all_on_new.or(self.rested).filter(|_| self.completed)
    }

    pub(super) const fn all_on_new(&mut self, all: bool, now: u64) {
        if !all {
            self.all_on_new = None;
        } else if self.all_on_new.is_none() {
            self.all_on_new = Some(now);
        }
    }

    pub(super) fn answering_changes(&mut self, ready: u32) {
        if self.is_under_way() {
            self.ready_min = Some(self.ready_min.map_or(ready, |it| it.min(ready)));
        }
    }
}
