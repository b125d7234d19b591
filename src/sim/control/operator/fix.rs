//! A fixed release: the same without its defects.

use super::state::Duty;
use crate::{
    model::{Amount, Phase, ReleaseId},
    sim::{
        Topic,
        data::Slot,
        ids::SlotId,
        waits::Law,
        world::{Event, World},
    },
    units::{Ratio, Span, text},
};

/// Share of the instances that is replaced at once, as much as a Deployment lets be unavailable.
const AT_ONCE: f64 = 0.25;

impl World<'_> {
    /// Builds it for one of the actions.
    pub(super) fn build_fix(&mut self, index: usize, time: Span, cause: String) {
        self.control.operator.building = true;
        self.note(Topic::Operator, |_| {
            (format!("builds a fixed release, which takes {}", text::span(time)), cause)
        });
        self.schedule_chance(
            time,
            Event::Operator(Duty::ShipFix),
            Law::Build(index).of(index as u64),
        );
    }

    /// The fixed release replaces the new instances, unless they are being rolled back. What is not ready serves
    /// no request, and is replaced at once.
    pub(super) fn ship_fix(&mut self) {
        self.control.operator.building = false;
        let taken_back = self.control.rollout.seen.orders().undo
            || self.control.rollout.phase == Phase::RollingBack;
        let release = ReleaseId::CANDIDATE;
        if taken_back || self.control.platform.desired_of(release) == 0 {
            self.note(Topic::Operator, |_| {
                ("does not ship the fixed release", "it is rolled back")
            });
            return;
        }
        self.control.operator.fixed_from = Some(self.control.platform.pods);
        self.note(Topic::Operator, |_| ("ships the fixed release", "its defects are gone"));
        let ours = |it: &Slot| it.release == release && it.state.counts();
        let ready = self.pods_of(|it, ready| ours(it) && ready);
        for pod in self.pods_of(|it, ready| ours(it) && !ready) {
            self.replace(pod);
        }
        self.restart_in_turn(ready, Amount::Part(Ratio::clamped(AT_ONCE)));
        if matches!(self.control.rollout.phase, Phase::Progressing | Phase::Paused | Phase::Failed)
        {
            self.order_remaining_steps("with the fixed release".to_owned());
        }
    }

    /// Whether an instance runs the fixed release.
    pub(in crate::sim) fn is_fixed(&self, slot: SlotId) -> bool {
        self.control.operator.fixed_from.is_some_and(|it| self.data.slots()[slot].pod >= it)
    }
}
