//! What the autoscalers of a trial know.

use super::{behavior::History, metrics::Metrics};
use crate::model::{ByGroup, GroupId};

#[derive(Clone, Debug)]
pub(in crate::sim) struct Autoscaler {
    /// Of each group; the first is also that of a fleet which is scaled as one.
    histories: ByGroup<History>,
    pub(super) metrics: Metrics,
}

/// What one autoscaler scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Fleet,
    Group(GroupId),
}

impl Part {
    pub(super) fn holds(self, group: GroupId) -> bool {
        match self {
            Self::Fleet => true,
            Self::Group(it) => it == group,
        }
    }
}

impl Autoscaler {
    /// Beside a fleet that has had its size for long.
    pub(in crate::sim) fn new(fleet: u32, groups: usize) -> Self {
        let histories = std::iter::once(History::new(0, fleet));
        let fresh = std::iter::repeat_with(History::default).take(groups - 1);
        Self { histories: histories.chain(fresh).collect(), metrics: Metrics::default() }
    }

    pub(super) fn history(&mut self, part: Part) -> &mut History {
        match part {
            Part::Fleet => &mut self.histories[GroupId::STABLE],
            Part::Group(it) => &mut self.histories[it],
        }
    }

    /// A group that had no instances has been given some: its autoscaler begins afresh.
    pub(in crate::sim) fn begins(&mut self, group: GroupId, size: u32, now: u64) {
        *self.history(Part::Group(group)) = History::new(now, size);
    }
}
