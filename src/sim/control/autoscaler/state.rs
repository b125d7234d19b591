//! What the autoscalers of a trial know.

use super::{behavior::History, metrics::Metrics};
use crate::model::ReleaseId;

#[derive(Clone, Debug)]
pub(in crate::sim) struct Autoscaler {
    /// Of the fleet or of the stable release, and of the candidate.
    histories: [History; 2],
    pub(super) metrics: Metrics,
}

/// What one autoscaler scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Fleet,
    Release(ReleaseId),
}

impl Part {
    pub(super) fn holds(self, release: ReleaseId) -> bool {
        match self {
            Self::Fleet => true,
            Self::Release(it) => it == release,
        }
    }
}

impl Autoscaler {
    /// Beside a fleet that has had its size for long.
    pub(in crate::sim) fn new(fleet: u32) -> Self {
        Self {
            histories: [History::new(0, fleet), History::default()],
            metrics: Metrics::default(),
        }
    }

    pub(super) fn history(&mut self, part: Part) -> &mut History {
        match part {
            Part::Fleet => &mut self.histories[0],
            Part::Release(it) => &mut self.histories[it.index()],
        }
    }

    /// A release that had no instances has been given some: its autoscaler begins afresh.
    pub(in crate::sim) fn begins(&mut self, release: ReleaseId, size: u32, now: u64) {
        *self.history(Part::Release(release)) = History::new(now, size);
    }
}
