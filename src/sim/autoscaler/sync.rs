//! The autoscaler: how many instances the fleet should have by its load.

use super::{
    Topic,
    slot::State,
    world::{Event, World},
};
use crate::units::{Span, narrow, text};

/// Time between two syncs of the autoscaler (Kubernetes: 15 s).
pub(super) const AUTOSCALER_SYNC: Span = Span::from_secs(15);
/// Deviation from the target that the autoscaler tolerates (Kubernetes: 10 %).
const AUTOSCALER_TOLERANCE: f64 = 0.1;

impl World<'_> {
    /// Kubernetes' horizontal autoscaler: desired = ceil(ready x busy / target), with a tolerance
    /// and the largest recommendation of the stabilisation window when it shrinks.
    pub(super) fn autoscale(&mut self) {
        let Some(spec) = self.plan.scenario.fleet.autoscaler else { return };
        let busy = self.busy_so_far();
        let worked = busy - self.platform.busy_at_sync;
        self.platform.busy_at_sync = busy;
        let running = narrow(self.slots.iter().filter(|it| it.state == State::Up).count()).max(1);
        let capacity = f64::from(running * self.workers_each()) * AUTOSCALER_SYNC.nanos() as f64;
        let ratio = worked as f64 / capacity / spec.target.get().max(1e-6);
        let wanted = if (ratio - 1.0).abs() <= AUTOSCALER_TOLERANCE {
            self.platform.fleet
        } else {
            ceil_count(f64::from(running) * ratio)
        }
        .clamp(spec.min, spec.max.max(spec.min));
        let now = self.now;
        let horizon = now.saturating_sub(spec.shrink_after.nanos());
        let recent = &mut self.platform.recommendations;
        recent.push_back((now, wanted));
        while recent.front().is_some_and(|&(at, _)| at < horizon) {
            recent.pop_front();
        }
        let stable = recent.iter().map(|&(_, it)| it).max().unwrap_or(wanted);
        self.schedule(AUTOSCALER_SYNC, Event::Autoscale);
        if stable != self.platform.fleet {
            let before = self.platform.fleet;
            self.platform.fleet = stable;
            self.ledger.fleet_changes(stable, now);
            self.note(Topic::Instance, |_| {
                let text = format!("autoscaler scales the fleet from {before} to {stable}");
                (text, format!("{} busy", text::share(ratio * spec.target.get())))
            });
            self.fleet_resized();
        }
    }
}

fn ceil_count(value: f64) -> u32 {
    u32::try_from(crate::units::round_u64(value.ceil())).unwrap_or(u32::MAX)
}
