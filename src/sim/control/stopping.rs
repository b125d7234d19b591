//! How an instance stops: the order, the hook, the grace period, and the end or the restart in place.

use super::prober::Probe;
use crate::{
    model::DrainSpec,
    sim::{
        Topic,
        data::State,
        ids::SlotId,
        world::{Event, World},
    },
    units::Span,
};
impl World<'_> {
    /// Ordered to stop: it leaves the endpoints while it still takes requests for a moment.
    pub(super) fn stop_instance(&mut self, slot: SlotId) {
        let state = self.data.slots()[slot].state;
        if !state.serves() {
            self.gone(slot);
            self.start_those_in_turn();
            return;
        }
        // one that is stopping for a restart goes on stopping, and does not come back
        self.set_state(slot, if state.accepts() { State::Draining } else { State::Closing });
        if self.control.platform.instances[slot].ready {
            self.mark_ready(slot, false);
        }
        self.stop_probing(slot);
        self.announce(slot, false);
        self.order_to_stop(slot);
    }

    /// A probe has failed: the process gets the order to stop and its grace period, and is then started
    /// again. Until it ends, the instance stays ready as long as its readiness probe says so.
    pub(super) fn restart_in_place(&mut self, slot: SlotId, probe: Probe) {
        let instance = &mut self.control.platform.instances[slot];
        if instance.killed {
            return;
        }
        instance.killed = true;
        self.note(Topic::Instance, |it| {
            let text = format!("{} restarting", it.instance_name(slot));
            (text, format!("its {} probe failed", probe.name()))
        });
        if self.data.slots()[slot].state == State::Up {
            self.set_state(slot, State::Stopping);
        }
        self.order_to_stop(slot);
    }

    fn order_to_stop(&mut self, slot: SlotId) {
        let epoch = self.data.slots()[slot].epoch;
        let drain = self.plan.scenario.fleet.drain;
        self.schedule(drain.pre_stop, Event::PreStopOver { slot, epoch });
        self.schedule(longest_stop(drain), Event::Kill { slot, epoch });
    }

    pub(in crate::sim) fn pre_stop_over(&mut self, slot: SlotId, epoch: u32) {
        if !self.is_current(slot, epoch) {
            return;
        }
        match self.data.slots()[slot].state {
            State::Draining => self.set_state(slot, State::Closing),
            State::Stopping => self.set_state(slot, State::Finishing),
            // it has nothing in hand yet
            State::Starting => self.exit_in_place(slot),
            State::Vacant
            | State::Pending
            | State::Waiting
            | State::Up
            | State::Finishing
            | State::Backoff
            | State::Closing
            | State::Gone => {}
        }
        if self.data.slots()[slot].state.is_closing() {
            self.end_if_done(slot);
        }
    }

    /// A closing instance with nothing left in hand ends. One that hangs does not notice.
    pub(in crate::sim) fn end_if_done(&mut self, slot: SlotId) {
        let instance = &self.data.slots()[slot];
        if !instance.hung && !self.has_work(slot) {
            self.end(slot);
        }
    }

    /// The process of an instance that was ordered to stop has ended.
    fn end(&mut self, slot: SlotId) {
        if self.control.platform.instances[slot].killed && self.data.slots()[slot].state.counts() {
            self.exit_in_place(slot);
        } else {
            self.gone(slot);
        }
    }

    pub(in crate::sim) fn grace_ends(&mut self, slot: SlotId, epoch: u32) {
        let state = self.data.slots()[slot].state;
        let stops = state.serves() && state != State::Up;
        if !self.is_current(slot, epoch) || !stops {
            return;
        }
        self.note(Topic::Instance, |it| {
            let (name, work) = (it.instance_name(slot), it.has_work(slot));
            let with = if work { " with requests in progress" } else { "" };
            (format!("{name} killed{with}"), "the grace period has expired")
        });
        self.kill(slot, !state.counts());
        self.end(slot);
    }

    /// Nothing is left of it but, perhaps, the balancer's belief.
    pub(super) fn gone(&mut self, slot: SlotId) {
        if self.control.platform.instances[slot].ready {
            self.mark_ready(slot, false);
        }
        self.faults_end_with_process(slot);
        self.reset_process(slot);
        self.stop_probing(slot);
        self.set_state(slot, State::Gone);
        self.leave_machine(slot);
        self.strike_off(slot);
        self.vacate_if_forgotten(slot);
        self.refresh_shared();
    }
}

/// Longest time from the order to stop until the process is killed: what `pre_stop` leaves of the grace
/// period in whole seconds, but at least 2 s after it (kubelet, `killContainer`).
fn longest_stop(drain: DrainSpec) -> Span {
    let second = Span::from_secs(1).nanos();
    let hook = drain.pre_stop.nanos();
    let left = drain.grace.nanos().saturating_sub(hook - hook % second);
    Span::from_nanos(hook.saturating_add(left.max(2 * second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_what_its_hook_leaves_of_the_grace_and_two_seconds_at_least() {
        let stop = |hook, grace| {
            let (pre_stop, grace) = (Span::from_millis(hook), Span::from_millis(grace));
            longest_stop(DrainSpec { pre_stop, grace }).nanos() / 1_000_000
        };
        assert_eq!(stop(5_000, 30_000), 30_000);
        // the hook counts in whole seconds
        assert_eq!(stop(5_900, 30_000), 30_900);
        assert_eq!(stop(29_500, 30_000), 31_500);
        assert_eq!(stop(30_000, 30_000), 32_000);
        assert_eq!(stop(0, 0), 2_000);
    }
}
