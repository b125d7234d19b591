//! The weights of the groups: what is asked of the balancer, when it has heard of it, and what a release gets by them.

use crate::{
    model::{GroupId, ReleaseId},
    sim::{
        Topic,
        world::{Event, World},
    },
    units::{Ratio, text},
};

impl World<'_> {
    /// What the groups of a release get of the traffic, as the balancer has it and faults leave it.
    pub(in crate::sim) fn share_of_release(&self, release: ReleaseId) -> f64 {
        let of_release = |it: &GroupId| self.control.platform.release_of(*it) == release;
        let others = self.control.platform.groups().skip(1).filter(of_release);
        let share: f64 = others.map(|it| self.data.traffic().weight_of(it)).sum();
        let stable = self.control.platform.release_of(GroupId::STABLE) == release;
        share + if stable { 1.0 - self.data.traffic().away() } else { 0.0 }
    }

    /// The strategy asks for a weight; it takes effect when the balancer has heard of it.
    pub(super) fn ask_weight(&mut self, group: GroupId, weight: Ratio) {
        if self.data.ask_weight(group, weight) {
            self.control.traffic_moves();
            let event = Event::Weight { group, weight };
            self.schedule(self.plan.scenario.fleet.propagation, event);
        }
    }

    pub(in crate::sim) fn apply_weight(&mut self, group: GroupId, weight: Ratio) {
        self.shared_as_of_now();
        let factor = self.faults.weight_factor();
        self.data.route(group, weight, factor);
        self.control.traffic_moves();
        self.note(Topic::Traffic, |it| {
            let share = text::share(it.data.traffic().weight_of(group));
            let instances = it.name_of(group);
            (format!("{share} of the traffic goes to {instances}"), "")
        });
        self.weight_reached();
    }
}
