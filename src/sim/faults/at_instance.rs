//! The faults of one instance.

use super::load_meter::LoadMeter;

/// A fault that has been set off, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Onset {
    pub(super) fault: u16,
    pub(super) at: u64,
}

#[derive(Clone, Debug)]
pub(in crate::sim) struct AtInstance {
    pub(super) onsets: Vec<Onset>,
    /// Random defects and random incidents drawn here so far.
    pub(super) strikes: [u32; 2],
    /// How busy it has been, for each fault that waits for a load.
    pub(super) loads: Vec<(u16, LoadMeter)>,
    /// Requests served at which the next fault is set off.
    pub(super) next_requests_trigger: u64,
}

impl AtInstance {
    pub(in crate::sim) const fn new() -> Self {
        Self {
            onsets: Vec::new(),
            strikes: [0; 2],
            loads: Vec::new(),
            next_requests_trigger: u64::MAX,
        }
    }

    /// Nothing has been set off here, and nothing waits for what happens here.
    pub(in crate::sim) const fn is_quiet(&self) -> bool {
        self.onsets.is_empty() && self.loads.is_empty() && self.next_requests_trigger == u64::MAX
    }

    #[inline]
    pub(in crate::sim) const fn is_empty(&self) -> bool {
        self.onsets.is_empty()
    }

    /// A fault waits for a load.
    #[inline]
    pub(in crate::sim) const fn is_metered(&self) -> bool {
        !self.loads.is_empty()
    }

    /// The process has ended, and with it what it alone had.
    pub(in crate::sim) fn end_process(&mut self) {
        self.loads.clear();
        self.onsets.clear();
        self.next_requests_trigger = u64::MAX;
    }

    /// Another instance is in this place.
    pub(in crate::sim) const fn begin_instance(&mut self) {
        self.strikes = [0; 2];
    }

    pub(super) fn has(&self, fault: u16) -> bool {
        self.onsets.iter().any(|it| it.fault == fault)
    }
}
