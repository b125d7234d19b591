//! How the traffic is assigned: which group an attempt goes to.

use crate::{
    model::{ByGroup, GroupId, GroupSpec, ReleaseId, UserMatch, WeightView, Weighting},
    scenario::Plan,
    strategy::Routing,
    units::{Ratio, round_u64},
};

/// How the traffic is assigned.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Traffic {
    routing: Routing,
    /// Users that may meet other groups than the stable one, as indices of attributes and values; empty is all users.
    cohort: Vec<Vec<(usize, usize)>>,
    /// What each group is to get. The stable one gets what the others leave.
    weights: ByGroup<Weight>,
    /// What all but the stable group get together.
    away: f64,
    asks_for_new: bool,
    weighting: Weighting,
}

/// The part of the traffic that a group is to get.
#[derive(Clone, Debug)]
struct Weight {
    /// The group is of the new release.
    new: bool,
    /// As the strategy asked for it.
    asked: f64,
    /// As the balancer has it, before and after what faults make of it.
    applied: f64,
    effective: f64,
    /// As the strategy sees it.
    reported: WeightView,
    /// Whole requests that the group is owed, in parts of 2^32: half of one at first, so that it gets
    /// the middle one of each stretch.
    owed: u64,
}

/// One request, in the parts in which a weight is owed.
const WHOLE: u64 = 1 << 32;

impl Traffic {
    pub(super) fn new(plan: &Plan, routing: Routing, groups: &[GroupSpec]) -> Self {
        let cohort = match &routing {
            Routing::Attributes(matches) => {
                matches.iter().map(|it| compile_match(plan, it)).collect()
            }
            Routing::Instances | Routing::Requests | Routing::Users => Vec::new(),
        };
        let none = |group: &GroupSpec| Weight {
            new: group.release == ReleaseId::CANDIDATE,
            asked: 0.0,
            applied: 0.0,
            effective: 0.0,
            reported: WeightView::default(),
            owed: WHOLE / 2,
        };
        let mut traffic = Self {
            routing,
            cohort,
            weights: groups.iter().map(none).collect(),
            asks_for_new: false,
            away: 0.0,
            weighting: plan.scenario.fleet.weighting,
        };
        traffic.report();
        traffic
    }

    /// Whether all groups stand behind the balancer together.
    #[inline]
    pub(in crate::sim) fn shared(&self) -> bool {
        self.routing == Routing::Instances
    }

    /// Whether only users with certain attributes meet another group than the stable one.
    pub(super) const fn by_attributes(&self) -> bool {
        matches!(self.routing, Routing::Attributes(_))
    }

    /// Which group's pool the endpoints of a group are in.
    #[inline]
    pub(super) fn pool_of(&self, group: GroupId) -> GroupId {
        if self.shared() { GroupId::STABLE } else { group }
    }

    /// The group to whose pool an attempt goes.
    #[inline]
    pub(super) fn group_for(
        &mut self,
        request_luck: impl Fn() -> f64,
        attribute: impl Fn(usize) -> usize,
        user_luck: impl Fn() -> f64,
    ) -> GroupId {
        let luck = match (&self.routing, self.weighting) {
            (Routing::Instances, _) => return GroupId::STABLE,
            (Routing::Requests, Weighting::SmoothRoundRobin) => return self.next_in_turn(),
            (Routing::Requests, Weighting::Random) => request_luck(),
            (Routing::Attributes(_), _) if !matches_any(&self.cohort, attribute) => {
                return GroupId::STABLE;
            }
            (Routing::Requests, Weighting::UserHash)
            | (Routing::Users | Routing::Attributes(_), _) => user_luck(),
        };
        match self.weights.len() {
            _ if luck >= self.away => GroupId::STABLE,
            2 => GroupId::CANDIDATE,
            _ => self.group_at(luck),
        }
    }

    /// The group at this point of the parts that do not go to the stable one, which lie side by side.
    fn group_at(&self, luck: f64) -> GroupId {
        let (mut end, mut last) = (0.0, GroupId::STABLE);
        for group in self.others().filter(|it| self.weights[*it].effective > 0.0) {
            end += self.weights[group].effective;
            last = group;
            if luck < end {
                break;
            }
        }
        last
    }

    /// The group to whose pool an attempt goes where the stable one has none to take it: by the user, as the weights of
    /// the others are to each other.
    pub(super) fn other_group_for(&self, user_luck: impl Fn() -> f64) -> GroupId {
        match self.weights.len() {
            2 => GroupId::CANDIDATE,
            _ => self.group_at(user_luck() * self.away),
        }
    }

    /// All groups but the stable one.
    fn others(&self) -> impl Iterator<Item = GroupId> + use<> {
        self.weights.ids().skip(1)
    }

    /// Each group is owed its weight of each request, and gets one whenever it is owed a whole one; the stable one gets
    /// what none is owed.
    fn next_in_turn(&mut self) -> GroupId {
        let mut next = GroupId::STABLE;
        for group in self.others() {
            let weight = &mut self.weights[group];
            weight.owed += round_u64(weight.effective * WHOLE as f64);
            if next == GroupId::STABLE && weight.owed >= WHOLE {
                weight.owed -= WHOLE;
                next = group;
            }
        }
        next
    }

    /// What all but the stable group get together.
    #[inline]
    pub(in crate::sim) fn away(&self) -> f64 {
        self.away
    }

    /// What a group gets; of the stable one, nothing is said here.
    pub(in crate::sim) fn weight_of(&self, group: GroupId) -> f64 {
        self.weights[group].effective
    }

    /// Whether the strategy has asked for a part for a group of the new release.
    #[inline]
    pub(super) const fn asks_for_new(&self) -> bool {
        self.asks_for_new
    }

    /// The strategy asks for a weight; says whether it is another one than before.
    pub(super) fn ask(&mut self, group: GroupId, weight: Ratio) -> bool {
        let asked = &mut self.weights[group].asked;
        let other = (*asked - weight.get()).abs() >= f64::EPSILON;
        if other {
            *asked = weight.get();
            self.report();
        }
        other
    }

    /// The balancer has a weight, and a fault makes something else of it.
    pub(super) fn apply(&mut self, group: GroupId, applied: Ratio, fault_factor: f64) {
        self.weights[group].applied = applied.get();
        self.skew(fault_factor);
        self.report();
    }

    /// A fault makes something else of what the balancer has.
    pub(super) fn skew(&mut self, fault_factor: f64) {
        self.away = 0.0;
        for group in self.others() {
            let weight = &mut self.weights[group];
            weight.effective = (weight.applied * fault_factor).clamp(0.0, 1.0 - self.away);
            self.away += weight.effective;
        }
    }

    /// The weight of a group as the balancer reports it.
    pub(in crate::sim) fn reported(&self, group: GroupId) -> WeightView {
        self.weights[group].reported
    }

    /// What the strategy is to see has changed.
    fn report(&mut self) {
        self.asks_for_new = self.weights.iter().skip(1).any(|it| it.new && it.asked > 0.0);
        let sum = |of: fn(&Weight) -> f64| self.weights.iter().skip(1).map(of).sum();
        let (asked, applied): (f64, f64) = (sum(|it| it.asked), sum(|it| it.applied));
        let stable = &mut self.weights[GroupId::STABLE];
        (stable.asked, stable.applied) = (1.0 - asked, 1.0 - applied);
        for weight in &mut self.weights {
            let (asked, reached) = (weight.asked, weight.applied);
            let [asked, reached] = [asked, reached].map(Ratio::clamped);
            weight.reported = WeightView { asked, reached };
        }
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
