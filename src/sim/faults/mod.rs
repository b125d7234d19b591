//! Faults: which have started, where, and what they do.
//!
//! Their state is here and nowhere else: of the whole in [`ActiveFaults`], of one instance in [`AtInstance`]. The other
//! parts of the world ask what a fault does, and tell what may set one off.

mod at_instance;
mod effects;
mod fault;
mod load_meter;
mod news;
mod triggers;

pub(super) use at_instance::AtInstance;

pub(super) use fault::index_u16;

use self::{at_instance::Onset, fault::Fault};
use crate::{
    fault::{Disruption, FaultSpec, TriggerSpec},
    kernel::Key,
    scenario::{Plan, ReleaseSpec},
};

/// Sets the draws of incidents apart from those of defects, of which there are fewer.
const INCIDENTS: u64 = 1 << 32;

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(in crate::sim) struct ActiveFaults {
    /// Defects of the release, then incidents.
    faults: Vec<Fault>,
    defects: u16,
    /// Incidents that affect what all share, once set off.
    shared: Vec<Onset>,
    any_shared: bool,
    /// One of these is on its ramp; computed last at this instant.
    shared_grows: bool,
    shared_at: u64,
    any_dependency: bool,
    /// A fault waits for a part of the traffic.
    any_weight: bool,
    weight_factor: f64,
    stale_endpoints: bool,
    scrapes_lost: bool,
}

impl ActiveFaults {
    /// `chance` decides what faults leave to it, of each by its place among the defects or among
    /// the incidents: whatever the release, the same incidents happen.
    pub(in crate::sim) fn new(plan: &Plan, release: &ReleaseSpec, chance: Key) -> Self {
        let of = |faults: &[FaultSpec], defect: bool| -> Vec<Fault> {
            let key = chance.child(u64::from(!defect));
            let draw = |(it, n): (&FaultSpec, u64)| Fault::new(plan, it, defect, key.child(n));
            faults.iter().zip(0..).map(draw).collect()
        };
        let mut faults = of(&release.defects, true);
        faults.extend(of(&plan.scenario.incidents, false));
        Self {
            any_shared: faults.iter().any(|it| it.strikes_shared),
            any_dependency: faults.iter().any(|it| !it.full.dependencies.is_empty()),
            any_weight: faults.iter().any(|it| matches!(it.spec.when, TriggerSpec::Weight(_))),
            faults,
            defects: index_u16(release.defects.len()),
            shared: Vec::new(),
            shared_grows: false,
            shared_at: 0,
            weight_factor: 1.0,
            stale_endpoints: false,
            scrapes_lost: false,
        }
    }

    /// How many of the defects, or of the incidents, have had anything to act on; none where there are none.
    pub(in crate::sim) fn struck(&self, defects: bool) -> Option<u64> {
        let mut all = self.faults.iter().filter(|it| it.defect == defects).peekable();
        all.peek()?;
        Some(all.filter(|it| it.struck.get()).count() as u64)
    }

    /// The name of each fault, whether it is a defect, and whether it has had anything to act on.
    pub(in crate::sim) fn each(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        self.faults.iter().map(|it| (it.name(), it.defect, it.struck.get()))
    }

    /// What faults are known by; a plan has fewer than 20,000.
    fn numbers(&self) -> std::ops::Range<u16> {
        0..index_u16(self.faults.len())
    }

    fn fault(&self, number: u16) -> &Fault {
        &self.faults[usize::from(number)]
    }

    /// What chance knows a fault by, within a family of streams: whatever the release carries, an
    /// incident is the same one.
    fn key(&self, family: Key, number: u16) -> Key {
        match number.checked_sub(self.defects) {
            None => family.child(u64::from(number)),
            Some(incident) => family.child(INCIDENTS).child(u64::from(incident)),
        }
    }

    /// What they make of what all share is this from now on.
    pub(in crate::sim) const fn shared_is(&mut self, total: &Disruption) {
        self.stale_endpoints = total.stale_endpoints;
        self.scrapes_lost = total.scrapes_lost;
        self.weight_factor = total.weight_factor;
    }

    /// Endpoints of what has gone are not forgotten.
    pub(in crate::sim) const fn keep_endpoints(&self) -> bool {
        self.stale_endpoints
    }

    /// Scrapes find nothing.
    pub(in crate::sim) const fn lose_scrapes(&self) -> bool {
        self.scrapes_lost
    }

    /// What the weight that is asked for is multiplied with.
    pub(in crate::sim) const fn weight_factor(&self) -> f64 {
        self.weight_factor
    }

    /// Something that all share is on a ramp, and was looked at last at another instant.
    #[inline]
    pub(in crate::sim) const fn is_behind(&self, now: u64) -> bool {
        self.shared_grows && self.shared_at != now
    }

    /// Bytes that the faults of an instance have leaked between two instants, ramps and pauses included.
    pub(in crate::sim) fn leaked(&self, at: &AtInstance, from: u64, until: u64) -> f64 {
        let mut leaked = 0.0;
        for onset in &at.onsets {
            let it = self.fault(onset.fault);
            if it.full.leak_per_second > 0.0 {
                let from = from.max(onset.at);
                let exposed = it.exposure(onset.at, until) - it.exposure(onset.at, from);
                leaked += it.full.leak_per_second * exposed;
            }
        }
        leaked
    }

    /// Bytes a second that the faults of an instance leak at most, whatever their ramps.
    pub(in crate::sim) fn leak_at_most(&self, at: &AtInstance) -> f64 {
        at.onsets.iter().map(|it| self.fault(it.fault).full.leak_per_second).sum()
    }

    /// Requests leave something at an instance.
    pub(in crate::sim) fn leak_by_requests(&self, at: &AtInstance) -> bool {
        at.onsets.iter().any(|it| self.fault(it.fault).full.leak_per_request > 0.0)
    }
}
