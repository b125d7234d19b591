//! How the traffic is assigned: which attempts go to the candidate's pool.

use crate::{
    model::{ReleaseId, UserMatch, Weighting},
    scenario::Plan,
    strategy::Routing,
    units::round_u64,
};

/// How the traffic is assigned.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Traffic {
    routing: Routing,
    /// Users that may meet the candidate, as indices of attributes and values; empty is all users.
    cohort: Vec<Vec<(usize, usize)>>,
    /// The weight as the strategy asked for it.
    pub(super) asked: f64,
    /// The weight as the balancer has it, before and after what faults make of it.
    applied: f64,
    effective: f64,
    weighting: Weighting,
    /// Whole requests that the candidate is owed, in parts of 2^32: half of one at first, so that it gets
    /// the middle one of each stretch.
    owed: u64,
}

/// One request, in the parts in which a weight is owed.
const WHOLE: u64 = 1 << 32;

impl Traffic {
    pub(super) fn new(plan: &Plan, routing: Routing) -> Self {
        let cohort = match &routing {
            Routing::Attributes(matches) => {
                matches.iter().map(|it| compile_match(plan, it)).collect()
            }
            Routing::Instances | Routing::Requests | Routing::Users => Vec::new(),
        };
        Self {
            routing,
            cohort,
            asked: 0.0,
            applied: 0.0,
            effective: 0.0,
            weighting: plan.scenario.fleet.weighting,
            owed: WHOLE / 2,
        }
    }

    /// Whether both releases stand behind the balancer together.
    #[inline]
    pub(in crate::sim) fn shared(&self) -> bool {
        self.routing == Routing::Instances
    }

    /// Whether only users with certain attributes meet the candidate.
    pub(super) const fn by_attributes(&self) -> bool {
        matches!(self.routing, Routing::Attributes(_))
    }

    /// Which pool the endpoints of a release are in.
    #[inline]
    pub(super) fn pool_of(&self, release: ReleaseId) -> usize {
        if self.shared() { 0 } else { release.index() }
    }

    /// Whether an attempt goes to the candidate's pool, which has a weight.
    #[inline]
    pub(super) fn chooses_candidate(
        &mut self,
        request_luck: impl Fn() -> f64,
        attribute: impl Fn(usize) -> usize,
        user_luck: impl Fn() -> f64,
    ) -> bool {
        match self.routing {
            Routing::Instances => false,
            Routing::Requests => match self.weighting {
                Weighting::Random => request_luck() < self.effective,
                Weighting::SmoothRoundRobin => self.is_its_turn(),
                Weighting::UserHash => user_luck() < self.effective,
            },
            Routing::Users => user_luck() < self.effective,
            Routing::Attributes(_) => {
                matches_any(&self.cohort, attribute) && user_luck() < self.effective
            }
        }
    }

    /// The candidate is owed its weight of each request, and gets one whenever it is owed a whole one.
    fn is_its_turn(&mut self) -> bool {
        self.owed += round_u64(self.effective * WHOLE as f64);
        let turn = self.owed >= WHOLE;
        self.owed -= if turn { WHOLE } else { 0 };
        turn
    }

    #[inline]
    pub(in crate::sim) fn weight(&self) -> f64 {
        self.effective
    }

    /// Sets what the balancer has and what a fault makes of it.
    pub(super) fn apply(&mut self, applied: f64, fault_factor: f64) {
        self.applied = applied;
        self.effective = (applied * fault_factor).clamp(0.0, 1.0);
    }

    pub(super) const fn applied(&self) -> f64 {
        self.applied
    }
}

/// Attribute values by their indices.
pub(in crate::sim) fn compile_match(plan: &Plan, users: &UserMatch) -> Vec<(usize, usize)> {
    let index = |(attribute, value): (&String, &String)| {
        plan.attribute_value(attribute, value).expect("a plan knows its attributes")
    };
    users.iter().map(index).collect()
}

/// Whether a user has all values of any of these.
#[inline]
pub(in crate::sim) fn matches_any(
    cohorts: &[Vec<(usize, usize)>],
    attribute: impl Fn(usize) -> usize,
) -> bool {
    cohorts.iter().any(|it| it.iter().all(|&(index, value)| attribute(index) == value))
}
