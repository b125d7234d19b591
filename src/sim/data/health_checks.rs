//! The balancer's own health checks: their ticks, how they reach the process, and what results in a row make
//! of an endpoint. The kubelet's probes are apart.

use super::{
    events::DataEvent,
    proxy_state::{Check, Server},
    slot::{Slot, State},
};
use crate::{
    model::{Begins, HealthChecksSpec},
    sim::{
        Topic,
        control::{ProbePlace, WaitingProbe},
        ids::SlotId,
        world::{Event, World},
    },
    units::Span,
};

impl World<'_> {
    fn health_checks(&self) -> Option<HealthChecksSpec> {
        self.data.proxy.rules.health_checks
    }

    /// Whether the balancer knows its servers from a list of its own.
    pub(in crate::sim) fn has_fixed_list(&self) -> bool {
        self.data.proxy.rules.health_checks.is_some_and(|it| it.only)
    }

    /// An instance of the standing fleet is an endpoint, and up.
    pub(super) fn server_stands(&mut self, slot: SlotId) {
        self.phase_checks(slot);
        self.server_moves(slot, true);
        self.data.proxy.servers[slot].check = Check::STANDING;
        self.fill_pool(slot);
    }

    /// A new instance is on the fixed list from now on: in the place of one that is gone, or in a new one, down.
    pub(in crate::sim) fn list_server(&mut self, slot: SlotId) {
        if !self.has_fixed_list() {
            return;
        }
        let check = match self.free_place(slot) {
            Some(place) => self.leave_place(place),
            None => Check::DOWN,
        };
        self.data.slots[slot].endpoint = true;
        self.phase_checks(slot);
        self.server_moves(slot, true);
        self.data.proxy.servers[slot].check = check;
        self.fill_pool(slot);
    }

    /// The oldest instance that is gone and still on the list that a new one joins.
    fn free_place(&self, slot: SlotId) -> Option<SlotId> {
        let pool = |it: &Slot| self.data.traffic.pool_of(it.group);
        let ours = pool(&self.data.slots[slot]);
        let free = |it: &Slot| it.state == State::Gone && it.endpoint && pool(it) == ours;
        let places = self.data.slots.entries().filter(|(_, it)| free(it));
        places.min_by_key(|(_, it)| it.pod).map(|it| it.0)
    }

    /// An instance that is gone leaves the list; says what its checks had come to.
    fn leave_place(&mut self, slot: SlotId) -> Check {
        let check = self.data.proxy.servers[slot].check;
        self.data.slots[slot].endpoint = false;
        self.server_moves(slot, false);
        self.vacate_if_forgotten(slot);
        check
    }

    /// The balancer hears of an endpoint that joins or leaves.
    pub(super) fn server_moves(&mut self, slot: SlotId, joins: bool) {
        let before = self.data.proxy.servers[slot];
        let begins = self.health_checks().map_or(Begins::Up, |it| it.begins);
        self.data.proxy.servers[slot] = Server {
            check: Check::new(begins),
            origin: before.origin,
            counted: before.counted,
            ..Server::default()
        };
        if joins {
            self.schedule_check(slot);
        }
        self.fill_pool(slot);
    }

    /// An instance that is gone leaves the fixed list once its checks are down.
    pub(in crate::sim) fn strike_off(&mut self, slot: SlotId) {
        if !self.has_fixed_list() || self.data.proxy.servers[slot].check.up {
            return;
        }
        let instance = &self.data.slots[slot];
        if instance.state == State::Gone && instance.endpoint {
            self.leave_place(slot);
        }
    }

    /// A process starts: chance decides when in the interval it is checked.
    pub(in crate::sim) fn phase_checks(&mut self, slot: SlotId) {
        let Some(checks) = self.health_checks() else { return };
        let process = self.process_entity(slot);
        let origin = match checks.phase {
            Some(phase) => phase.nanos(),
            None => self.now + checks.interval.scale(self.keys.check.uniform(process)).nanos(),
        };
        let server = &mut self.data.proxy.servers[slot];
        server.origin = origin;
        if server.event != 0 {
            self.schedule_check(slot);
        }
    }

    fn schedule_check(&mut self, slot: SlotId) {
        let Some(checks) = self.health_checks() else { return };
        let number = self.control.platform.instances[slot].probing.new_event();
        let server = &mut self.data.proxy.servers[slot];
        server.event = number;
        let wait = server.next_check(checks.interval.nanos(), self.now) - self.now;
        self.schedule(Span::from_nanos(wait), Event::Data(DataEvent::Check { slot, number }));
    }

    pub(super) fn check_is_due(&mut self, slot: SlotId, number: u32) {
        let Some(checks) = self.health_checks() else { return };
        if self.data.proxy.servers[slot].event != number {
            return;
        }
        if self.control.platform.instances[slot].probing.check.is_some() {
            // the last one is not over; the next is due an interval after it
            return;
        }
        let state = self.data.slots[slot].state;
        let answer = if state.accepts() {
            self.reach(slot, checks.through)
        } else if self.data.proxy.is_silent(state) {
            Err(ProbePlace::InHand)
        } else {
            Ok(false)
        };
        match answer {
            Ok(success) => self.check_answered(slot, success),
            Err(place) => {
                let probing = &mut self.control.platform.instances[slot].probing;
                let event = probing.new_event();
                probing.check = Some(WaitingProbe { place, event });
                self.data.slots[slot].in_line += u32::from(place != ProbePlace::InHand);
                self.schedule(
                    checks.timeout,
                    Event::Data(DataEvent::CheckTimesOut { slot, number: event }),
                );
            }
        }
    }

    pub(super) fn check_times_out(&mut self, slot: SlotId, number: u32) {
        if self.control.platform.instances[slot].probing.check.is_some_and(|it| it.event == number)
        {
            self.late_check(slot, false);
        }
    }

    /// A worker is free for a check that is next in the queue.
    pub(in crate::sim) fn reach_check(&mut self, slot: SlotId) {
        let instance = &mut self.data.slots[slot];
        let check = &mut self.control.platform.instances[slot].probing.check;
        match check.as_mut().filter(|it| it.place == ProbePlace::Next) {
            Some(check) if instance.hung => {
                check.place = ProbePlace::InHand;
                instance.in_line -= 1;
            }
            Some(_) => self.late_check(slot, true),
            None => {}
        }
    }

    /// The process answers a check that it had taken up while it hung.
    pub(in crate::sim) fn answer_held_check(&mut self, slot: SlotId) {
        let check = self.control.platform.instances[slot].probing.check;
        if check.is_some_and(|it| it.place == ProbePlace::InHand) {
            self.late_check(slot, true);
        }
    }

    /// A check is over that had to wait, if there is one.
    pub(in crate::sim) fn late_check(&mut self, slot: SlotId, success: bool) {
        let probing = &mut self.control.platform.instances[slot].probing;
        let Some(check) = probing.check.take() else { return };
        self.data.slots[slot].in_line -= u32::from(check.place != ProbePlace::InHand);
        self.check_answered(slot, success);
    }

    /// A check has ended; the interval until the next begins.
    fn check_answered(&mut self, slot: SlotId, success: bool) {
        let Some(checks) = self.health_checks() else { return };
        let now = self.now;
        let server = &mut self.data.proxy.servers[slot];
        if server.event == 0 {
            return;
        }
        if checks.phase.is_none() {
            server.origin = now;
        }
        let changes = server.check.answer(success, &checks);
        self.schedule_check(slot);
        if !changes {
            return;
        }
        self.note(Topic::Instance, |it| {
            let (up, why) = if success { ("up", "succeed") } else { ("down", "fail") };
            let name = it.instance_name(slot);
            (format!("{name} {up} for the balancer"), format!("its health checks {why}"))
        });
        self.fill_pool(slot);
        self.pool_changed();
        self.strike_off(slot);
    }
}
