//! What the timeline says of faults: when each starts and ends.

use super::{Topic, world::World};

impl World<'_> {
    /// The first time that a fault shows is an entry of the timeline.
    pub(super) fn tell(&mut self, fault: u16) {
        let it = &mut self.active_faults.faults[usize::from(fault)];
        if !it.told {
            it.told = true;
            self.ledger.fault_sets_in(it.name(), it.defect, self.now);
            self.note(Topic::Fault, |world| {
                let it = world.active_faults.fault(fault);
                (format!("{} `{}` starts", it.kind(), it.name()), it.drawn_severity())
            });
        }
    }

    /// A fault whose start is an entry is over.
    pub(super) fn tell_end(&mut self, fault: u16) {
        let it = &mut self.active_faults.faults[usize::from(fault)];
        if std::mem::take(&mut it.told) && !it.full.crash {
            self.note(Topic::Fault, |world| {
                let it = world.active_faults.fault(fault);
                (format!("{} `{}` ends", it.kind(), it.name()), "")
            });
        }
    }
}
