//! What the control plane knows of an instance: its life, its probes, and what the balancer hears of it.

use super::probing::Probing;

/// One instance, by its slot. What serves requests is the data plane's.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(in crate::sim) struct Instance {
    /// There is room for it on a machine.
    pub(super) placed: bool,
    /// The platform takes it for ready, and since when it does or does not.
    pub(in crate::sim) ready: bool,
    pub(super) ready_since: u64,
    pub(in crate::sim) news: News,
    /// The operator keeps requests away from it.
    pub(super) drained: bool,
    pub(in crate::sim) probing: Probing,
    /// What a fault makes the readiness probe say.
    pub(in crate::sim) readiness: Option<bool>,
    /// A probe has failed: the process is to end and to be started again.
    pub(super) killed: bool,
    /// When its process was launched; the start-up follows.
    pub(super) launched_at: u64,
    /// When the first process of the instance was launched.
    pub(super) started_at: u64,
    /// Since when its process answers.
    pub(super) up_at: u64,
    pub(in crate::sim) restarts: u32,
    /// Those since the last scrape.
    pub(in crate::sim) restarts_new: u32,
    /// Position in the sequence of restart back-offs.
    pub(super) backoff: u32,
}

/// What the balancer hears of an instance, in the order in which it happened.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sim) struct News {
    pub(super) count: u32,
    /// When the last of it arrives, in nanoseconds.
    pub(in crate::sim) arrives: u64,
}

impl Instance {
    /// Another instance is in this place.
    pub(super) fn begin(&mut self, now: u64) {
        self.reset_process();
        self.probing.renew();
        self.news = News::default();
        self.ready_since = now;
        self.placed = false;
        self.restarts = 0;
        self.restarts_new = 0;
        self.drained = false;
        self.backoff = 0;
    }

    /// Forgets what was so of the process that ran here.
    pub(super) const fn reset_process(&mut self) {
        self.killed = false;
        self.readiness = None;
    }
}
