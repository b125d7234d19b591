//! The platform: how many instances of each release are wanted, which start and which stop, and
//! where the traffic is meant to go.

use std::collections::VecDeque;

use super::{
    Topic,
    active_faults::index_u16,
    autoscaler::Autoscaler,
    machines::Machines,
    slot::{Slot, State},
    world::{Event, World},
};
use crate::{
    kernel::math,
    model::{ReleaseId, ReplicaView, UserMatch},
    scenario::Plan,
    strategy::Routing,
    units::{Instant, narrow, text},
};

#[derive(Debug)]
pub(super) struct Platform {
    /// Replicas that the strategy has asked for, of each release.
    asked: [u32; 2],
    /// Replicas wanted of each release: those asked for, unless an autoscaler of its own has changed
    /// them since.
    pub(super) desired: [u32; 2],
    /// Instances that the bot is meant to have.
    pub(super) fleet: u32,
    /// Instances created so far, of each release and in all.
    created: [u64; 2],
    pub(super) pods: u32,
    /// Instances whose process is starting.
    pub(super) starting: u32,
    /// Slots that wait for their turn to start.
    pub(super) waiting: VecDeque<(u32, u32)>,
    pub(super) vacant: Vec<u32>,
    pub(super) machines: Machines,
    pub(super) autoscaler: Autoscaler,
}

impl Platform {
    pub(super) fn new(fleet: u32) -> Self {
        Self {
            asked: [fleet, 0],
            desired: [fleet, 0],
            fleet,
            created: [0, 0],
            pods: 0,
            starting: 0,
            waiting: VecDeque::new(),
            vacant: Vec::new(),
            machines: Machines::default(),
            autoscaler: Autoscaler::new(fleet),
        }
    }
}

/// How the traffic is assigned.
#[derive(Debug)]
pub(super) struct Traffic {
    routing: Routing,
    /// Users that may meet the candidate, as indices of attributes and values; empty is all users.
    cohort: Vec<Vec<(usize, usize)>>,
    /// The weight as the strategy asked for it.
    pub(super) asked: f64,
    /// The weight as the balancer has it, before and after what faults make of it.
    applied: f64,
    effective: f64,
}

impl Traffic {
    pub(super) fn new(plan: &Plan, routing: Routing) -> Self {
        let cohort = match &routing {
            Routing::Attributes(matches) => {
                matches.iter().map(|it| compile_match(plan, it)).collect()
            }
            Routing::Instances | Routing::Requests | Routing::Users => Vec::new(),
        };
        Self { routing, cohort, asked: 0.0, applied: 0.0, effective: 0.0 }
    }

    /// Whether both releases stand behind the balancer together.
    pub(super) fn shared(&self) -> bool {
        self.routing == Routing::Instances
    }

    /// Whether only users with certain attributes meet the candidate.
    pub(super) const fn by_attributes(&self) -> bool {
        matches!(self.routing, Routing::Attributes(_))
    }

    /// Which pool the endpoints of a release are in.
    pub(super) fn pool_of(&self, release: ReleaseId) -> usize {
        if self.shared() { 0 } else { release.index() }
    }

    /// Whether an attempt goes to the candidate's pool.
    pub(super) fn chooses_candidate(
        &self,
        request_luck: impl Fn() -> f64,
        attribute: impl Fn(usize) -> usize,
        user_luck: impl Fn() -> f64,
    ) -> bool {
        if self.effective <= 0.0 {
            return false;
        }
        match self.routing {
            Routing::Instances => false,
            Routing::Requests => request_luck() < self.effective,
            Routing::Users => user_luck() < self.effective,
            Routing::Attributes(_) => {
                matches_any(&self.cohort, attribute) && user_luck() < self.effective
            }
        }
    }

    pub(super) fn weight(&self) -> f64 {
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
pub(super) fn compile_match(plan: &Plan, users: &UserMatch) -> Vec<(usize, usize)> {
    let index = |(attribute, value): (&String, &String)| {
        plan.attribute_value(attribute, value).expect("a plan knows its attributes")
    };
    users.iter().map(index).collect()
}

/// Whether a user has all values of any of these.
pub(super) fn matches_any(
    cohorts: &[Vec<(usize, usize)>],
    attribute: impl Fn(usize) -> usize,
) -> bool {
    cohorts.iter().any(|it| it.iter().all(|&(index, value)| attribute(index) == value))
}

impl World<'_> {
    /// Asks for this many replicas of a release.
    pub(super) fn scale(&mut self, release: ReleaseId, replicas: u32) {
        if self.platform.asked[release.index()] == replicas {
            return;
        }
        self.platform.asked[release.index()] = replicas;
        let before = self.platform.desired[release.index()];
        if before == 0 && self.releases_scale_apart() {
            self.platform.autoscaler.begins(release, replicas, self.now);
        }
        if before != replicas {
            self.note(Topic::Rollout, |it| {
                (format!("{} scaled from {before} to {replicas}", it.version(release)), "")
            });
        }
        self.hold(release, replicas);
    }

    /// Keeps this many replicas of a release.
    pub(super) fn hold(&mut self, release: ReleaseId, replicas: u32) {
        self.platform.desired[release.index()] = replicas;
        self.sizes_changed();
        self.converge(release);
    }

    /// Books how many instances are wanted: those of both releases, and never fewer than the fleet.
    pub(super) fn sizes_changed(&mut self) {
        let both: u32 = self.platform.desired.iter().sum();
        self.ledger.wanted_changes(both.max(self.platform.fleet), self.now);
    }

    pub(super) fn version(&self, release: ReleaseId) -> &str {
        match release {
            ReleaseId::Stable => &self.release.from,
            ReleaseId::Candidate => &self.release.to,
        }
    }

    /// Starts what is missing, stops what is too much.
    fn converge(&mut self, release: ReleaseId) {
        let desired = self.platform.desired[release.index()];
        let mut existing = self.existing(release);
        while existing < desired {
            self.create_instance(release);
            existing += 1;
        }
        while existing > desired {
            let slot = self.least_wanted(release);
            self.stop_instance(slot);
            existing -= 1;
        }
        self.view_changed = true;
    }

    fn existing(&self, release: ReleaseId) -> u32 {
        let ours = |it: &&Slot| it.release == release && it.state.counts();
        narrow(self.slots.iter().filter(ours).count())
    }

    /// Kubernetes' order: not running first, then not ready, then the newest.
    fn least_wanted(&self, release: ReleaseId) -> u32 {
        let rank = |slot: &Slot| {
            let class = match slot.state {
                State::Pending | State::Waiting => 0,
                State::Starting | State::Backoff => 1,
                State::Up | State::Draining | State::Closing | State::Vacant | State::Gone => {
                    2 + u32::from(slot.ready)
                }
            };
            (class, u32::MAX - slot.pod)
        };
        let ours = |(_, it): &(usize, &Slot)| it.release == release && it.state.counts();
        let candidates = self.slots.iter().enumerate().filter(ours);
        let (slot, _) =
            candidates.min_by_key(|(_, it)| rank(it)).expect("only existing instances are stopped");
        narrow(slot)
    }

    /// Takes a slot for a new instance.
    pub(super) fn take_slot(&mut self, release: ReleaseId) -> u32 {
        let slot = self.platform.vacant.pop().unwrap_or_else(|| {
            self.slots.push(Slot::vacant());
            let each = self.workers_each() as usize;
            self.workers.resize(self.slots.len() * each, super::slot::Worker::idle());
            self.work.grow(self.workers.len());
            narrow(self.slots.len() - 1)
        });
        let pod = self.platform.pods;
        self.platform.pods += 1;
        let nth = self.platform.created[release.index()];
        self.platform.created[release.index()] += 1;
        let zones = self.plan.scenario.fleet.zones.len() as u64;
        let entity = (release.index() as u64) << 40 | nth;
        let errors = self.errors_of(entity);
        let now = self.now;
        let instance = &mut self.slots[slot as usize];
        instance.reset_process();
        instance.release = release;
        instance.pod = pod;
        instance.zone = index_u16(nth % zones);
        instance.entity = entity;
        instance.errors = errors;
        instance.ready_since = now;
        instance.placed = false;
        instance.restarts = 0;
        instance.restarts_new = 0;
        instance.strikes = [0; 2];
        instance.backoff = 0;
        slot
    }

    /// Share of the requests that an instance fails on a normal day, by what chance knows it by.
    fn errors_of(&self, entity: u64) -> f64 {
        let fleet = &self.plan.scenario.fleet;
        if fleet.errors_spread.is_zero() {
            return fleet.errors.get();
        }
        let deviation = math::normal_quantile(self.keys.instance.uniform(entity));
        (fleet.errors.get() * math::exp(fleet.errors_spread.get() * deviation)).min(1.0)
    }

    /// Replicas of a release as the platform reports them, in the room of an earlier view.
    pub(super) fn replicas_into(&self, release: ReleaseId, view: &mut ReplicaView) {
        let mut ready_since = std::mem::take(&mut view.ready_since);
        ready_since.clear();
        let desired = self.platform.asked[release.index()];
        let held = self.platform.desired[release.index()];
        *view = ReplicaView { desired, held, ready_since, ..Default::default() };
        for slot in self.slots.iter().filter(|it| it.release == release) {
            match slot.state {
                State::Vacant | State::Gone => {}
                State::Draining | State::Closing => view.terminating += 1,
                State::Pending | State::Waiting | State::Starting | State::Up => view.existing += 1,
                State::Backoff => {
                    view.existing += 1;
                    view.crashed += 1;
                }
            }
            if slot.ready && slot.state == State::Up {
                view.ready_since.push(Instant::from_nanos(slot.ready_since));
            }
        }
        view.ready_since.sort_unstable();
    }

    /// The strategy asks for a weight; it takes effect when the balancer has heard of it.
    pub(super) fn ask_weight(&mut self, weight: f64) {
        if (self.traffic.asked - weight).abs() < f64::EPSILON {
            return;
        }
        self.traffic.asked = weight;
        self.schedule(self.plan.scenario.fleet.propagation, Event::Weight(weight));
    }

    pub(super) fn apply_weight(&mut self, weight: f64) {
        self.shared_as_of_now();
        let factor = self.active_faults.weight_factor;
        self.traffic.apply(weight, factor);
        self.note(Topic::Traffic, |it| {
            let share = text::share(it.traffic.weight());
            let version = it.version(ReleaseId::Candidate);
            (format!("{share} of the traffic goes to {version}"), "")
        });
        self.weight_reached();
        self.view_changed = true;
    }
}
