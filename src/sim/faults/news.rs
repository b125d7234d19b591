//! What the timeline says of faults: when each starts and ends.

use crate::sim::{Topic, ids::SlotId, world::World};

impl World<'_> {
    /// A fault shows where it did not: its start is an entry of the timeline.
    pub(super) fn tell(&mut self, fault: u16) {
        let it = &mut self.faults.faults[usize::from(fault)];
        if !std::mem::replace(&mut it.told, true) {
            self.books.ledger.fault_sets_in(it.name(), it.defect, self.now);
        }
        if !std::mem::replace(&mut it.shown, true) {
            self.note(Topic::Fault, |world| {
                let it = world.faults.fault(fault);
                (format!("{} `{}` starts", it.kind(), it.name()), it.drawn_severity())
            });
        }
    }

    /// A fault that starts everywhere at once is over.
    pub(super) fn tell_end(&mut self, fault: u16) {
        self.faults.faults[usize::from(fault)].told = false;
        self.show_end(fault);
    }

    /// Shows that a fault which each instance has by itself is over, once none has it any more. What lasts until its
    /// release is gone has no end of its own.
    pub(super) fn show_end_with_last(&mut self, fault: u16) {
        let it = self.faults.fault(fault);
        let ends = it.spec.lasts.is_some() || it.spec.when.load().is_some();
        if it.shown
            && ends
            && it.since.is_none()
            && self.books.told.is_told()
            && !self.is_anywhere(fault)
        {
            self.show_end(fault);
        }
    }

    /// The process in a slot has ended, and with it the faults that only it had.
    pub(in crate::sim) fn faults_end_with_process(&mut self, slot: SlotId) {
        let had = std::mem::take(&mut self.data.faults_at(slot).onsets);
        for onset in had {
            self.show_end_with_last(onset.fault);
        }
    }

    fn show_end(&mut self, fault: u16) {
        let it = &mut self.faults.faults[usize::from(fault)];
        if std::mem::take(&mut it.shown) && !it.full.crash {
            self.note(Topic::Fault, |world| {
                let it = world.faults.fault(fault);
                (format!("{} `{}` ends", it.kind(), it.name()), "")
            });
        }
    }

    /// Whether some instance has a fault at a strength above zero.
    pub(super) fn is_anywhere(&self, fault: u16) -> bool {
        let it = self.faults.fault(fault);
        self.data
            .slots()
            .iter()
            .flat_map(|slot| &slot.faults.onsets)
            .any(|onset| onset.fault == fault && it.strength(onset.at, self.now) > 0.0)
    }
}
