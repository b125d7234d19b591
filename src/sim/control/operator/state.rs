//! The operator's state: alerts, pages, the policy and what has become of it, what was done by hand.

use crate::{
    model::{ActionSpec, Mitigation},
    scenario::Scenario,
};
use std::collections::VecDeque;

/// What the operator is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) enum Duty {
    Acknowledge,
    /// An action, by its place in the policy, is to be carried out.
    Act(u16),
    /// A freeze, by its number, ends.
    Thaw(u32),
    /// A drain, by its number, ends.
    Undrain(u32),
    /// The fixed release has been built.
    ShipFix,
    /// The question of this number is answered.
    Answer(u32),
}

#[derive(Clone, Debug)]
pub(in crate::sim) struct Operator {
    pub(super) alerts: Vec<AlertState>,
    pub(in crate::sim) pages: u64,
    /// Pages by hour of the day.
    pub(in crate::sim) pages_by_hour: [u32; 24],
    /// When the first page was sent, and since when no alert has fired.
    pub(super) first_page: Option<u64>,
    pub(super) quiet_since: Option<u64>,
    /// A page has not been acknowledged yet.
    pub(super) paged: bool,
    /// A page has been acknowledged, and an alert has fired ever since.
    pub(super) at_work: bool,
    pub(super) draws: u64,
    /// What may be done, in the order of the scenario.
    pub(super) policy: Vec<Prepared>,
    /// Actions that have been carried out.
    pub(in crate::sim) actions: u64,
    pub(super) restarts: Restarts,
    pub(super) drains: Drains,
    /// A fixed release is being built.
    pub(super) building: bool,
    /// Instances created from this one on have the fixed release.
    pub(in crate::sim) fixed_from: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AlertState {
    /// Since when it has been above its limit.
    pub(super) since: Option<u64>,
    pub(super) firing: bool,
}

impl Operator {
    pub(in crate::sim) fn new(scenario: &Scenario) -> Self {
        Self {
            alerts: vec![AlertState::default(); scenario.alerts.len()],
            pages: 0,
            pages_by_hour: [0; 24],
            first_page: None,
            quiet_since: None,
            paged: false,
            at_work: false,
            draws: 0,
            policy: scenario.operator.policy().into_iter().map(Prepared::new).collect(),
            actions: 0,
            restarts: Restarts::default(),
            drains: Drains::new(scenario.fleet.zones.len()),
            building: false,
            fixed_from: None,
        }
    }

    /// Something is under way that ends by itself.
    pub(in crate::sim) fn busy(&self) -> bool {
        self.paged || self.prepares() || self.building || self.restarts.under_way()
    }

    pub(super) fn prepares(&self) -> bool {
        self.policy.iter().any(|it| it.under_way)
    }

    pub(super) fn any_alert(&self) -> bool {
        self.alerts.iter().any(|it| it.firing)
    }

    /// Nanoseconds from the first page until no alert fired any more; none while one still does.
    pub(in crate::sim) fn time_to_quiet(&self) -> Option<u64> {
        Some(self.quiet_since? - self.first_page?)
    }

    /// It may still do something about a rollout that has failed.
    pub(in crate::sim) fn may_resume_failed(&self) -> bool {
        let resumes = |it: &Prepared| {
            matches!(it.spec.mitigation, Mitigation::Undo | Mitigation::RollForward(_))
        };
        !self.alerts.is_empty() && self.policy.iter().any(resumes)
    }
}

/// One entry of the policy, and what has become of it.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) spec: ActionSpec,
    /// It is on the agenda.
    pub(super) under_way: bool,
    /// How often it was carried out, and when the last time.
    pub(super) done: u32,
    pub(super) done_at: Option<u64>,
    pub(super) draws: u64,
    /// What it lacked when the operator looked; of several looks, where it was closest to being done.
    pub(super) lacked: Option<Lack>,
    /// Its time came, and it was not called for any more.
    pub(super) lapsed: bool,
}

impl Prepared {
    const fn new(spec: ActionSpec) -> Self {
        Self {
            spec,
            under_way: false,
            done: 0,
            done_at: None,
            draws: 0,
            lacked: None,
            lapsed: false,
        }
    }
}

/// What an action lacked when the operator looked at it. In the order of its conditions: what is later was
/// closer to being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// The alert that it is for did not fire.
    Alert,
    /// The action before it was not done, or not long enough ago.
    StillFiring,
    /// The rollout was in another phase.
    Rollout,
    /// There was nothing that it could change.
    Change,
}

/// Restarts that are under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Restarts {
    /// Instances that are still to be restarted, by their numbers.
    pub(super) left: VecDeque<u32>,
    pub(super) at_once: u32,
    /// Instances created from this one on are those that replace others.
    pub(super) from: u32,
}

impl Restarts {
    pub(super) fn under_way(&self) -> bool {
        !self.left.is_empty()
    }
}

/// What requests are kept away from.
#[derive(Clone, Debug)]
pub(super) struct Drains {
    /// By zone.
    pub(super) zones: Vec<bool>,
    /// What was taken out for a time, by the number of the drain.
    pub(super) timed: Vec<Drained>,
}

/// What one drain took out.
#[derive(Clone, Debug)]
pub(super) enum Drained {
    Zone(usize),
    /// Instances, by their numbers.
    Pods(Vec<u32>),
}

impl Drains {
    fn new(zones: usize) -> Self {
        Self { zones: vec![false; zones], timed: Vec::new() }
    }
}
