//! Restarts by hand: instances are stopped, and others are started in their place.

use super::state::Restarts;
use crate::{
    model::{Amount, RestartInstances},
    sim::{Topic, data::Slot, ids::SlotId, world::World},
    units::{narrow, text},
};

fn is_meant(spec: RestartInstances, slot: &Slot, ready: bool) -> bool {
    slot.state.counts()
        && spec.release.is_none_or(|it| it == slot.release)
        && !(spec.unready && ready)
}

impl World<'_> {
    pub(super) fn some_to_restart(&self, spec: &RestartInstances) -> bool {
        !self.control.operator.restarts.under_way()
            && !self.pods_of(|it, ready| is_meant(*spec, it, ready)).is_empty()
    }

    /// Restarts what is meant, those that are not ready first.
    pub(super) fn begin_restart(&mut self, spec: RestartInstances, cause: String) {
        let pods = self.pods_of(|it, ready| is_meant(spec, it, ready));
        let count = pods.len() as u64;
        self.note(Topic::Operator, |_| {
            (format!("restarts {}", text::counted(count, "instance")), cause)
        });
        self.restart_in_turn(pods, spec.at_once);
    }

    /// Numbers of instances, those that are not ready first.
    pub(super) fn pods_of(&self, meant: impl Fn(&Slot, bool) -> bool) -> Vec<u32> {
        let all = self.data.slots().entries();
        let all = all.map(|(slot, it)| (it, self.control.platform.instances[slot].ready));
        let meant = all.filter(|(it, ready)| meant(it, *ready));
        let mut meant: Vec<(bool, u32)> = meant.map(|(it, ready)| (ready, it.pod)).collect();
        meant.sort_unstable();
        meant.into_iter().map(|it| it.1).collect()
    }

    /// Restarts these, so many at once.
    pub(super) fn restart_in_turn(&mut self, pods: Vec<u32>, at_once: Amount) {
        let at_once = at_once.rounded_up(narrow(pods.len())).max(1);
        let from = self.control.platform.pods;
        self.control.operator.restarts = Restarts { left: pods.into(), at_once, from };
        self.continue_restart();
    }

    /// The next are restarted once all that replace the ones before are ready.
    pub(in crate::sim) fn continue_restart(&mut self) {
        let from = self.control.operator.restarts.from;
        let awaited = |it: &Slot, ready: bool| it.pod >= from && it.state.counts() && !ready;
        if !self.control.operator.restarts.under_way() || !self.pods_of(awaited).is_empty() {
            return;
        }
        let mut replaced = 0;
        while replaced < self.control.operator.restarts.at_once {
            let Some(pod) = self.control.operator.restarts.left.pop_front() else { return };
            replaced += u32::from(self.replace(pod));
        }
    }

    /// Stops an instance and starts another, where it is still there.
    pub(super) fn replace(&mut self, pod: u32) -> bool {
        let meant = |(_, it): &(SlotId, &Slot)| it.pod == pod && it.state.counts();
        let found = self.data.slots().entries().find(meant);
        let Some((slot, group)) = found.map(|(slot, it)| (slot, it.group)) else {
            return false;
        };
        self.stop_instance(slot);
        self.create_instance(group);
        true
    }
}
