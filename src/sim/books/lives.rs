//! The lives of the instances, for those who look at one trial.

use serde::Serialize;

use crate::{
    model::ReleaseId,
    sim::{
        data::Slot,
        ids::{BySlot, SlotId},
    },
    units::Instant,
};

/// The life of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Life {
    /// Number of the instance, counted from the start of the trial.
    pub pod: u32,
    pub release: ReleaseId,
    /// Index of its zone.
    pub zone: u16,
    /// Each lasts until the next begins, the last until the end.
    pub stretches: Vec<Stretch>,
}

/// A stretch in the life of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    pub from: Instant,
    pub state: LifeState,
}

/// How an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LifeState {
    Starting,
    /// Runs, but gets no requests.
    Up,
    Ready,
    Crashed,
    Draining,
    Gone,
}

/// Instances that are kept at most.
const LIVES_MAX: usize = 5_000;
/// Stretches that one life keeps.
const STRETCHES_MAX: usize = 2_000;

#[derive(Clone, Debug)]
pub(super) struct Lives {
    /// Lives are kept.
    kept: bool,
    all: Vec<Life>,
    /// Index into `all` of each slot's present instance.
    of_slot: BySlot<usize>,
}

impl Lives {
    pub(super) const fn new(kept: bool) -> Self {
        Self { kept, all: Vec::new(), of_slot: BySlot::new() }
    }

    /// Books a stretch in the life of an instance.
    pub(super) fn goes_on(&mut self, slot: SlotId, instance: &Slot, state: LifeState, now: u64) {
        if !self.kept {
            return;
        }
        self.of_slot.reach(slot, usize::MAX);
        let known = self.all.get(self.of_slot[slot]).is_some_and(|it| it.pod == instance.pod);
        if !known {
            if self.all.len() == LIVES_MAX {
                return;
            }
            self.of_slot[slot] = self.all.len();
            self.all.push(Life {
                pod: instance.pod,
                release: instance.release,
                zone: instance.zone,
                stretches: Vec::new(),
            });
        }
        let life = &mut self.all[self.of_slot[slot]];
        let same = life.stretches.last().is_some_and(|it| it.state == state);
        if !same && life.stretches.len() < STRETCHES_MAX {
            life.stretches.push(Stretch { from: Instant::from_nanos(now), state });
        }
    }

    pub(super) fn into_list(self) -> Vec<Life> {
        self.all
    }
}
