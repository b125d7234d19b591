//! What a rollout waits for on its way, as far as its settings say it, and what that takes at most.

use super::{CanaryStep, ExposureStep, Sizing};
use crate::{
    model::SmokeTest,
    units::{Ratio, Span, text},
};

/// What the platform and people take, for the parts of a way that are theirs.
pub trait Paces {
    /// The sizes that the fleet may have, from the least to the most.
    fn sizes(&self) -> (u32, u32);

    /// Until so many instances that are asked for together are ready.
    fn start(&self, instances: u32) -> Span;

    /// Until an instance that has the order to stop is gone.
    fn stop(&self) -> Span;

    /// The release's migration; zero where it has none.
    fn migration(&self) -> Span;

    /// From a question to its answer.
    fn answer(&self) -> Span;

    /// A smoke test, its last answer included.
    fn smoke(&self, test: &SmokeTest) -> Span;
}

/// A part of the way of a rollout: everything of one kind that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayPart {
    pub what: WayWait,
    /// How many there are, one after the other.
    pub times: u32,
    /// All of them together.
    pub takes: Span,
}

/// What a rollout waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayWait {
    Migration,
    /// New instances become ready.
    Start,
    /// They have been ready for `min_ready`.
    MinReady,
    /// Instances that were stopped are gone.
    Stop,
    Smoke,
    /// An operator's approval.
    Approval,
    /// The command of a switch.
    Switch,
    /// Steps are held.
    Hold,
    /// Pauses after batches.
    Wait,
    /// The analysis after a switch.
    Bake,
    /// The old release is kept.
    Keep,
}

impl WayPart {
    /// Such as `3 holds of together 30 min`.
    pub fn words(&self) -> String {
        let Self { what, times, takes } = *self;
        let takes = text::span(takes);
        let many = |noun: &str| {
            let together = if times > 1 { " of together" } else { " of" };
            format!("{}{together} {takes}", text::counted(u64::from(times), noun))
        };
        match what {
            WayWait::Migration => format!("the migration of {takes}"),
            WayWait::Start => many("start"),
            WayWait::MinReady => many("`min_ready`"),
            WayWait::Stop => many("stop"),
            WayWait::Smoke => format!("the smoke test of {takes}"),
            WayWait::Approval => many("approval"),
            WayWait::Switch => format!("the switch of {takes}"),
            WayWait::Hold => many("hold"),
            WayWait::Wait => many("wait"),
            WayWait::Bake => format!("the bake time of {takes}"),
            WayWait::Keep => format!("the old release kept for {takes}"),
        }
    }
}

/// The parts of a way, those of one kind taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolloutWay(Vec<WayPart>);

impl RolloutWay {
    /// With one more wait, unless it takes no time.
    #[must_use]
    pub fn with(self, what: WayWait, takes: Span) -> Self {
        self.times(what, u32::from(!takes.is_zero()), takes)
    }

    /// With so many more of this length.
    #[must_use]
    pub fn times(mut self, what: WayWait, times: u32, each: Span) -> Self {
        let takes = Span::from_nanos(each.nanos().saturating_mul(u64::from(times)));
        if takes.is_zero() {
            return self;
        }
        match self.0.iter_mut().find(|it| it.what == what) {
            Some(part) => {
                part.times += times;
                part.takes = part.takes.saturating_add(takes);
            }
            None => self.0.push(WayPart { what, times, takes }),
        }
        self
    }

    /// With the steps of a ramp: approvals and holds.
    #[must_use]
    pub fn ramp(self, steps: &[ExposureStep], paces: &dyn Paces) -> Self {
        steps.iter().fold(self, |way, step| {
            let asked = if step.approve { paces.answer() } else { Span::ZERO };
            way.with(WayWait::Approval, asked).with(WayWait::Hold, step.hold)
        })
    }

    /// With the instances that the steps of a canary start, the promotion's included.
    #[must_use]
    pub(super) fn growing(
        self,
        steps: &[CanaryStep],
        (sizing, min_ready): (Sizing, Span),
        paces: &dyn Paces,
    ) -> Self {
        let (least, most) = paces.sizes();
        let weights = steps.iter().map(|it| it.weight).chain([Ratio::ONE]);
        let mut before = 0;
        weights.fold(self, |way, weight| {
            let wanted = sizing.replicas(weight, most).0;
            // where the fleet changes its size, any part of them may be new
            let new = if least == most { wanted.saturating_sub(before) } else { wanted };
            before = wanted;
            let ready = if new > 0 { min_ready } else { Span::ZERO };
            way.with(WayWait::Start, paces.start(new)).with(WayWait::MinReady, ready)
        })
    }

    /// In the order in which they come first.
    pub fn parts(&self) -> &[WayPart] {
        &self.0
    }

    pub fn takes(&self) -> Span {
        self.0.iter().fold(Span::ZERO, |sum, it| sum.saturating_add(it.takes))
    }

    /// Every part, in words.
    pub fn words(&self) -> String {
        self.0.iter().map(WayPart::words).collect::<Vec<_>>().join(", ")
    }
}

/// Nothing but what is written takes time, in a fleet of this size.
#[derive(Clone, Copy, Debug)]
pub struct Instantly(pub u32);

impl Paces for Instantly {
    fn sizes(&self) -> (u32, u32) {
        (self.0, self.0)
    }

    fn start(&self, _instances: u32) -> Span {
        Span::ZERO
    }

    fn stop(&self) -> Span {
        Span::ZERO
    }

    fn migration(&self) -> Span {
        Span::ZERO
    }

    fn answer(&self) -> Span {
        Span::ZERO
    }

    fn smoke(&self, _test: &SmokeTest) -> Span {
        Span::ZERO
    }
}
