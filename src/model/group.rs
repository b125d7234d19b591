//! Groups of instances: those that are scaled, and sent their share of the traffic, together.
//!
//! Most strategies have two: the stable group has all of the fleet, and the candidate's grows. A strategy may have more, such
//! as a baseline beside both: instances of the old release that are as young as the candidate's.

use std::sync::Arc;

use super::ReleaseId;
use crate::{
    kernel::{Id, Table},
    units::{Instant, Ratio, Span, narrow},
};

/// A group of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AGroup {}

/// The number of a group, in the order in which the strategy names them.
pub type GroupId = Id<AGroup>;

/// Something of each group.
pub type ByGroup<T> = Table<AGroup, T>;

impl Id<AGroup> {
    /// The group that has all of the fleet before the rollout. What no other group gets goes there.
    pub const STABLE: Self = Self::new(0);
    /// The group in which users meet the new release.
    pub const CANDIDATE: Self = Self::new(1);
}

/// What a strategy says of a group before the rollout begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSpec {
    /// What people call it.
    pub name: &'static str,
    /// The release of its instances.
    pub release: ReleaseId,
}

impl GroupSpec {
    pub const STABLE: Self = Self { name: "stable", release: ReleaseId::STABLE };
    pub const CANDIDATE: Self = Self { name: "candidate", release: ReleaseId::CANDIDATE };
}

/// One group, as the platform and the balancer report it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupView {
    /// Replicas asked for.
    pub desired: u32,
    /// Replicas that the platform keeps: those asked for, unless an autoscaler of the group has changed
    /// them since.
    pub held: u32,
    /// Instances that exist and are not being stopped.
    pub existing: u32,
    /// Instances being stopped.
    pub terminating: u32,
    /// Instances waiting in the restart back-off.
    pub crashed: u32,
    /// Since when each ready instance has been ready, in ascending order. Shared, because a view is shown after every
    /// change of anything, and a fleet may be large.
    pub ready_since: Arc<Vec<Instant>>,
    pub weight: WeightView,
}

/// The part of the traffic, or of the users, that a group is to get. Where the balancer spreads requests over the
/// instances of all groups, no weight is ever asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WeightView {
    /// As the strategy asked for it.
    pub asked: Ratio,
    /// As the balancer has it by now.
    pub reached: Ratio,
}

impl GroupView {
    /// Instances that are ready now.
    pub fn ready(&self) -> u32 {
        narrow(self.ready_since.len())
    }

    /// Instances that have been ready for at least `min_ready`.
    pub fn available(&self, now: Instant, min_ready: Span) -> u32 {
        narrow(self.ready_since.partition_point(|&since| now.since(since) >= min_ready))
    }
}
