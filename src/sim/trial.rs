//! What is simulated: a plan, a seed, a release, forks, how much is kept and when it ends.

use super::Fork;
use crate::{kernel::Seed, scenario::Plan};

/// How much a trial keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything that an outcome has.
    Full,
    /// No series, timeline, lives, measurements or phases.
    Figures,
}

/// When a trial ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// After the scenario's length.
    AtLength,
    /// Once the rollout is over and no instance starts or stops, or after the length.
    Settled,
}

/// One trial of a plan, about to be simulated.
///
/// The same plan, seed and release give the same outcome, byte for byte, however it is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'p> {
    pub(super) plan: &'p Plan,
    pub(super) seed: Seed,
    pub(super) release: usize,
    pub(super) detail: Detail,
    pub(super) ends: Ends,
    pub(super) forks: &'p [Fork],
}

impl<'p> Trial<'p> {
    /// A trial of the release that the scenario names.
    pub const fn new(plan: &'p Plan, seed: Seed) -> Self {
        Self { plan, seed, release: 0, detail: Detail::Full, ends: Ends::AtLength, forks: &[] }
    }

    /// Ships another of the plan's releases: an index into `plan.releases`, below its length.
    #[must_use]
    pub const fn release(self, index: usize) -> Self {
        Self { release: index, ..self }
    }

    /// Keeps the figures, the phase and the times, which are the same as with full detail, and leaves
    /// series, timeline, lives, measurements and phases empty: for many trials.
    #[must_use]
    pub const fn figures_only(self) -> Self {
        Self { detail: Detail::Figures, ..self }
    }

    /// Forks it at these instants, each no earlier than the one before and none after its end: what has happened by
    /// then stays, and what has not is drawn again, as [`Running::forked`](super::Running::forked) does it. A trial
    /// that is over sooner, once it is settled, has no more forks.
    #[must_use]
    pub const fn forked(self, forks: &'p [Fork]) -> Self {
        Self { forks, ..self }
    }

    /// Ends as soon as the rollout is over, all traffic is on the old release after a rollback, and
    /// no instance starts or stops; at the scenario's length where that never happens. All figures
    /// count up to that moment: what a promoted release does afterwards is not simulated.
    #[must_use]
    pub const fn until_settled(self) -> Self {
        Self { ends: Ends::Settled, ..self }
    }
}
