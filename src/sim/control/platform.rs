//! The platform: how many instances of each release are wanted, which start and which stop.

use std::{collections::VecDeque, sync::Arc};

use super::{autoscaler::Autoscaler, instance::Instance, machines::Machines};
use crate::{
    kernel::math,
    model::{ReleaseId, ReplicaView},
    sim::{
        Topic,
        data::{Identity, Slot, State},
        faults::index_u16,
        ids::{BySlot, SlotId},
        keys::Keys,
        world::{Event, World},
    },
    units::{Instant, text},
};
#[derive(Clone, Debug)]
pub(in crate::sim) struct Platform {
    /// Replicas that the strategy has asked for, of each release.
    asked: [u32; 2],
    /// Replicas wanted of each release: those asked for, unless an autoscaler of its own has changed
    /// them since.
    pub(in crate::sim) desired: [u32; 2],
    /// Instances that the bot is meant to have.
    pub(in crate::sim) fleet: u32,
    /// What there is of each release.
    replicas: [Replicas; 2],
    /// Instances created so far, of each release and in all.
    pub(in crate::sim) created: [u64; 2],
    pub(super) pods: u32,
    pub(in crate::sim) instances: BySlot<Instance>,
    /// Instances whose process is starting.
    pub(super) starting: u32,
    /// Instances that get requests and answer.
    pub(super) answering: u32,
    /// Slots that wait for their turn to start.
    pub(super) waiting: VecDeque<(SlotId, u32)>,
    pub(super) vacant: Vec<SlotId>,
    pub(super) machines: Machines,
    pub(super) autoscaler: Autoscaler,
}

/// Instances of a release as the platform counts them; as in [`ReplicaView`].
#[derive(Clone, Debug, Default)]
struct Replicas {
    existing: u32,
    terminating: u32,
    crashed: u32,
    #[expect(clippy::rc_buffer, reason = "grows and shrinks by one while no view holds it")]
    ready_since: Arc<Vec<Instant>>,
}

impl Replicas {
    /// The counts that an instance in a state belongs to.
    fn counts(&mut self, state: State) -> [Option<&mut u32>; 2] {
        match state {
            State::Vacant | State::Gone => [None, None],
            State::Draining | State::Closing => [Some(&mut self.terminating), None],
            State::Pending
            | State::Waiting
            | State::Starting
            | State::Up
            | State::Stopping
            | State::Finishing => [Some(&mut self.existing), None],
            State::Backoff => [Some(&mut self.existing), Some(&mut self.crashed)],
        }
    }
}

impl Platform {
    /// An instance of a release moves from one state to another.
    pub(super) fn instance_moves(&mut self, release: ReleaseId, before: State, after: State) {
        let replicas = &mut self.replicas[release.index()];
        replicas.counts(before).into_iter().flatten().for_each(|it| *it -= 1);
        replicas.counts(after).into_iter().flatten().for_each(|it| *it += 1);
        self.starting -= u32::from(before == State::Starting);
        self.starting += u32::from(after == State::Starting);
    }

    pub(in crate::sim) fn new(fleet: u32) -> Self {
        Self {
            asked: [fleet, 0],
            desired: [fleet, 0],
            fleet,
            replicas: Default::default(),
            created: [0, 0],
            pods: 0,
            instances: BySlot::new(),
            starting: 0,
            answering: 0,
            waiting: VecDeque::new(),
            vacant: Vec::new(),
            machines: Machines::default(),
            autoscaler: Autoscaler::new(fleet),
        }
    }
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
            self.note_size(release, (before, replicas));
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
        self.books.fleet.wanted_changes(both.max(self.platform.fleet), self.now);
    }

    pub(in crate::sim) fn version(&self, release: ReleaseId) -> &str {
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
        for slot in self.least_wanted(release, existing.saturating_sub(desired)) {
            self.stop_instance(slot);
        }
        self.rollout.seen.look_again();
    }

    fn existing(&self, release: ReleaseId) -> u32 {
        self.platform.replicas[release.index()].existing
    }

    /// So many instances in Kubernetes' order: not running first, then not ready, then the newest.
    fn least_wanted(&self, release: ReleaseId, count: u32) -> Vec<SlotId> {
        if count == 0 {
            return Vec::new();
        }
        let rank = |slot: SlotId, it: &Slot| {
            let class = match it.state {
                State::Pending | State::Waiting => 0,
                State::Starting | State::Backoff => 1,
                State::Up
                | State::Stopping
                | State::Finishing
                | State::Draining
                | State::Closing
                | State::Vacant
                | State::Gone => 2 + u32::from(self.platform.instances[slot].ready),
            };
            (class, u32::MAX - it.pod)
        };
        let ours = |(_, it): &(SlotId, &Slot)| it.release == release && it.state.counts();
        let mut ranked: Vec<(u32, u32, SlotId)> = self
            .data
            .slots()
            .entries()
            .filter(ours)
            .map(|(slot, it)| {
                let (class, newest) = rank(slot, it);
                (class, newest, slot)
            })
            .collect();
        ranked.select_nth_unstable(count as usize - 1);
        ranked.truncate(count as usize);
        ranked.sort_unstable();
        ranked.into_iter().map(|it| it.2).collect()
    }

    /// Takes a slot for a new instance.
    pub(super) fn take_slot(&mut self, release: ReleaseId) -> SlotId {
        let slot = self.platform.vacant.pop().unwrap_or_else(|| {
            self.platform.instances.push(Instance::default());
            self.data.add_slot(self.workers_each())
        });
        let pod = self.platform.pods;
        self.platform.pods += 1;
        let nth = self.platform.created[release.index()];
        self.platform.created[release.index()] += 1;
        let zones = self.plan.scenario.fleet.zones.len() as u64;
        let entity = (release.index() as u64 * Keys::RELEASE) | nth;
        let errors = self.errors_of(entity);
        let zone = index_u16(nth % zones);
        self.data.begin_instance(slot, Identity { release, zone, pod, entity, errors });
        self.platform.instances[slot].begin(self.now);
        self.forget_server(slot);
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

    /// The chance of an instance to be drawn by the balancer, as a multiple of its like's.
    pub(in crate::sim) fn share_of(&self, slot: SlotId) -> f64 {
        let spread = self.plan.scenario.fleet.share_spread;
        if spread.is_zero() {
            return 1.0;
        }
        let entity = self.data.slots()[slot].entity;
        let luck = self.keys.of_instance(entity).instance.child(1).uniform(entity);
        math::exp(spread.get() * math::normal_quantile(luck))
    }

    /// Replicas of a release as the platform reports them, in the room of an earlier view.
    pub(super) fn replicas_into(&self, release: ReleaseId, view: &mut ReplicaView) {
        let replicas = &self.platform.replicas[release.index()];
        view.desired = self.platform.asked[release.index()];
        view.held = self.platform.desired[release.index()];
        (view.existing, view.terminating) = (replicas.existing, replicas.terminating);
        view.crashed = replicas.crashed;
        view.ready_since = Arc::clone(&replicas.ready_since);
    }

    /// Whether the platform takes an instance for ready.
    pub(in crate::sim) fn is_ready(&self, slot: SlotId) -> bool {
        self.platform.instances[slot].ready
    }

    /// The platform takes an instance for ready, or no longer.
    pub(super) fn mark_ready(&mut self, slot: SlotId, ready: bool) {
        let release = self.data.slots()[slot].release;
        let instance = &mut self.platform.instances[slot];
        let replicas = &mut self.platform.replicas[release.index()];
        let since = Arc::make_mut(&mut replicas.ready_since);
        if instance.ready {
            let at = since.partition_point(|it| it.nanos() < instance.ready_since);
            since.remove(at);
        }
        if ready {
            since.push(Instant::from_nanos(self.now));
        }
        instance.ready = ready;
        instance.ready_since = self.now;
    }

    /// The strategy asks for a weight; it takes effect when the balancer has heard of it.
    pub(super) fn ask_weight(&mut self, weight: f64) {
        if self.data.ask_weight(weight) {
            self.schedule(self.plan.scenario.fleet.propagation, Event::Weight(weight));
        }
    }

    pub(in crate::sim) fn apply_weight(&mut self, weight: f64) {
        self.shared_as_of_now();
        let factor = self.active_faults.weight_factor();
        self.data.route(weight, factor);
        self.note(Topic::Traffic, |it| {
            let share = text::share(it.data.traffic().weight());
            let version = it.version(ReleaseId::Candidate);
            (format!("{share} of the traffic goes to {version}"), "")
        });
        self.weight_reached();
        self.rollout.seen.look_again();
    }
}
