//! The platform: how many instances of each release are wanted, which start and which stop.

use std::{borrow::Cow, collections::VecDeque, sync::Arc};

use super::{autoscaler::Autoscaler, instance::Instance, machines::Machines, plane::ControlPlane};
use crate::{
    kernel::math,
    model::{ByGroup, GroupId, GroupSpec, GroupView, ReleaseId, ReleaseRole},
    sim::{
        data::{Identity, Slot, State},
        faults::index_u16,
        ids::{BySlot, SlotId},
        keys::Keys,
        world::World,
    },
    units::Instant,
};
#[derive(Clone, Debug)]
pub(in crate::sim) struct Platform {
    /// The groups of instances.
    groups: ByGroup<InstanceGroup>,
    /// By their numbers.
    releases: Arc<[ReleaseRole]>,
    /// Instances that the bot is meant to have.
    fleet: u32,
    /// Instances created so far.
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

/// A group of instances as the platform has it.
#[derive(Clone, Debug)]
struct InstanceGroup {
    spec: GroupSpec,
    /// Replicas that the strategy has asked for.
    asked: u32,
    /// Replicas wanted: those asked for, unless an autoscaler of the group has changed them since.
    desired: u32,
    replicas: Replicas,
    /// Instances created so far.
    created: u64,
}

/// Instances of a group as the platform counts them; as in [`GroupView`].
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

/// What a strategy is shown of the platform is changed here alone: it is to look again.
impl ControlPlane {
    pub(super) fn set_fleet(&mut self, size: u32) {
        self.platform.fleet = size;
        self.rollout.seen.look_again();
    }

    pub(super) fn set_asked(&mut self, group: GroupId, replicas: u32) {
        self.platform.groups[group].asked = replicas;
        self.rollout.seen.look_again();
    }

    pub(super) fn set_desired(&mut self, group: GroupId, replicas: u32) {
        self.platform.groups[group].desired = replicas;
        self.rollout.seen.look_again();
    }

    /// An instance of a group moves from one state to another.
    pub(super) fn instance_moves(&mut self, group: GroupId, before: State, after: State) {
        let platform = &mut self.platform;
        let replicas = &mut platform.groups[group].replicas;
        replicas.counts(before).into_iter().flatten().for_each(|it| *it -= 1);
        replicas.counts(after).into_iter().flatten().for_each(|it| *it += 1);
        platform.starting -= u32::from(before == State::Starting);
        platform.starting += u32::from(after == State::Starting);
        self.rollout.seen.look_again();
    }

    /// An instance of a group is taken for ready, or no longer.
    fn set_ready(&mut self, (group, slot): (GroupId, SlotId), ready: bool, now: u64) {
        let instance = &mut self.platform.instances[slot];
        let since = Arc::make_mut(&mut self.platform.groups[group].replicas.ready_since);
        if instance.ready {
            let at = since.partition_point(|it| it.nanos() < instance.ready_since);
            since.remove(at);
        }
        if ready {
            since.push(Instant::from_nanos(now));
        }
        instance.ready = ready;
        instance.ready_since = now;
        self.rollout.seen.look_again();
    }

    /// Weights, endpoints or flags have changed, which are the data plane's.
    pub(super) const fn traffic_moves(&mut self) {
        self.rollout.seen.look_again();
    }
}

impl Platform {
    /// The stable group has all of the fleet.
    ///
    /// # Panics
    ///
    /// If the strategy names too many releases, or a group of one that it does not name.
    pub(in crate::sim) fn new(
        fleet: u32,
        groups: Vec<GroupSpec>,
        releases: Vec<ReleaseRole>,
    ) -> Self {
        let [ReleaseRole::STABLE, ReleaseRole::CANDIDATE, ..] = releases.as_slice() else {
            panic!("the first two releases are the stable one and the candidate: {releases:?}");
        };
        assert!(releases.len() <= ReleaseId::MOST, "a strategy has a handful of releases");
        let named = |it: &GroupSpec| it.release.index() < releases.len();
        assert!(groups.iter().all(named), "each group is of a release that the strategy names");
        let group = |(index, spec): (usize, GroupSpec)| {
            let size = if index == GroupId::STABLE.index() { fleet } else { 0 };
            InstanceGroup {
                spec,
                asked: size,
                desired: size,
                replicas: Replicas::default(),
                created: 0,
            }
        };
        let groups: ByGroup<InstanceGroup> = groups.into_iter().enumerate().map(group).collect();
        Self {
            autoscaler: Autoscaler::new(fleet, groups.len()),
            groups,
            releases: releases.into(),
            fleet,
            pods: 0,
            instances: BySlot::new(),
            starting: 0,
            answering: 0,
            waiting: VecDeque::new(),
            vacant: Vec::new(),
            machines: Machines::default(),
        }
    }

    /// Instances that the bot is meant to have.
    pub(in crate::sim) const fn fleet(&self) -> u32 {
        self.fleet
    }

    pub(in crate::sim) fn groups(
        &self,
    ) -> impl DoubleEndedIterator<Item = GroupId> + Clone + use<> {
        self.groups.ids()
    }

    /// The releases by their numbers.
    pub(in crate::sim) fn releases(&self) -> &[ReleaseRole] {
        &self.releases
    }

    /// The groups of a release.
    pub(in crate::sim) fn groups_of(&self, release: ReleaseId) -> impl Iterator<Item = GroupId> {
        self.groups.entries().filter(move |it| it.1.spec.release == release).map(|it| it.0)
    }

    pub(in crate::sim) fn release_of(&self, group: GroupId) -> ReleaseId {
        self.groups[group].spec.release
    }

    /// Replicas wanted of a group.
    pub(in crate::sim) fn desired(&self, group: GroupId) -> u32 {
        self.groups[group].desired
    }

    /// Replicas wanted of all groups.
    pub(in crate::sim) fn desired_in_all(&self) -> u32 {
        self.groups.iter().map(|it| it.desired).sum()
    }

    /// Replicas wanted of a release.
    pub(in crate::sim) fn desired_of(&self, release: ReleaseId) -> u32 {
        self.groups_of(release).map(|it| self.desired(it)).sum()
    }

    /// Instances created so far in each group.
    pub(in crate::sim) fn created(&self) -> ByGroup<u64> {
        self.groups.iter().map(|it| it.created).collect()
    }
}

impl World<'_> {
    /// Asks for this many replicas of a group.
    pub(super) fn scale(&mut self, group: GroupId, replicas: u32) {
        let of_group = &self.control.platform.groups[group];
        if of_group.asked == replicas {
            return;
        }
        let before = of_group.desired;
        self.control.set_asked(group, replicas);
        if before == 0 && self.releases_scale_apart() {
            self.control.platform.autoscaler.begins(group, replicas, self.now);
        }
        if before != replicas {
            self.note_size(group, (before, replicas));
        }
        self.hold(group, replicas);
    }

    /// Keeps this many replicas of a group.
    pub(super) fn hold(&mut self, group: GroupId, replicas: u32) {
        self.control.set_desired(group, replicas);
        self.sizes_changed();
        self.converge(group);
    }

    /// Books how many instances are wanted: those of all groups, and never fewer than the fleet.
    pub(super) fn sizes_changed(&mut self) {
        let all = self.control.platform.desired_in_all();
        self.books.fleet.wanted_changes(all.max(self.control.platform.fleet), self.now);
    }

    pub(in crate::sim) fn version(&self, release: ReleaseId) -> &str {
        match release {
            ReleaseId::STABLE => &self.release.from,
            ReleaseId::CANDIDATE => &self.release.to,
            further => {
                let role = &self.control.platform.releases[further.index()];
                role.version.as_deref().unwrap_or(role.name)
            }
        }
    }

    /// What people call the instances of a group: by their release, and a further group by its own name as well.
    pub(in crate::sim) fn name_of(&self, group: GroupId) -> Cow<'_, str> {
        let GroupSpec { name, release } = self.control.platform.groups[group].spec;
        let version = self.version(release);
        if group > GroupId::CANDIDATE {
            Cow::Owned(format!("{version} ({name})"))
        } else {
            Cow::Borrowed(version)
        }
    }

    /// Starts what is missing, stops what is too much.
    fn converge(&mut self, group: GroupId) {
        let desired = self.control.platform.desired(group);
        let mut existing = self.control.platform.groups[group].replicas.existing;
        while existing < desired {
            self.create_instance(group);
            existing += 1;
        }
        for slot in self.least_wanted(group, existing.saturating_sub(desired)) {
            self.stop_instance(slot);
        }
    }

    /// So many instances in Kubernetes' order: not running first, then not ready, then the newest.
    fn least_wanted(&self, group: GroupId, count: u32) -> Vec<SlotId> {
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
                | State::Gone => 2 + u32::from(self.control.platform.instances[slot].ready),
            };
            (class, u32::MAX - it.pod)
        };
        let ours = |(_, it): &(SlotId, &Slot)| it.group == group && it.state.counts();
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
    pub(super) fn take_slot(&mut self, group: GroupId) -> SlotId {
        let slot = self.control.platform.vacant.pop().unwrap_or_else(|| {
            self.control.platform.instances.push(Instance::default());
            self.data.add_slot(self.workers_each())
        });
        let pod = self.control.platform.pods;
        self.control.platform.pods += 1;
        let of_group = &mut self.control.platform.groups[group];
        let (nth, release) = (of_group.created, of_group.spec.release);
        of_group.created += 1;
        let zones = self.plan.scenario.fleet.zones.len() as u64;
        let entity = (u64::from(group.number()) * Keys::GROUP) | nth;
        let errors = self.errors_of(entity);
        let zone = index_u16(nth % zones);
        self.data.begin_instance(slot, Identity { group, release, zone, pod, entity, errors });
        self.control.platform.instances[slot].begin(self.now);
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

    /// A group as platform and balancer report it, in the room of an earlier view.
    pub(super) fn group_into(&self, group: GroupId, view: &mut GroupView) {
        let InstanceGroup { asked, desired, replicas, .. } = &self.control.platform.groups[group];
        (view.desired, view.held) = (*asked, *desired);
        view.weight = self.data.traffic().reported(group);
        (view.existing, view.terminating) = (replicas.existing, replicas.terminating);
        view.crashed = replicas.crashed;
        view.ready_since = Arc::clone(&replicas.ready_since);
    }

    /// Whether the platform takes an instance for ready.
    pub(in crate::sim) fn is_ready(&self, slot: SlotId) -> bool {
        self.control.platform.instances[slot].ready
    }

    /// The platform takes an instance for ready, or no longer.
    pub(super) fn mark_ready(&mut self, slot: SlotId, ready: bool) {
        let group = self.data.slots()[slot].group;
        self.control.set_ready((group, slot), ready, self.now);
    }
}
