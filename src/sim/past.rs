//! What happens before a rollout, which is the same whatever ships the release then: simulated once, it is the beginning of a
//! trial of each strategy.

use super::{Outcome, Trial, world::World};
use crate::{model::AutoscalerScope, scenario::Plan, strategy::Strategy};

/// A trial up to the start of its rollout.
///
/// The same plan under another strategy goes on from there, to the same bytes as from the start: before the rollout a strategy is
/// not asked, nothing of the candidate runs, and no weight is asked for.
pub struct Past<'p> {
    world: World<'p>,
    /// Which release is shipped.
    release: usize,
}

impl<'p> Trial<'p> {
    /// Simulates what comes before the rollout starts. None where there is no such time, where nothing is shipped, and
    /// where the trial is forked.
    pub fn past(self) -> Option<Past<'p>> {
        let before = self.plan.scenario.rollout_at.nanos().checked_sub(1)?;
        let strategy = self.plan.scenario.strategy.build();
        if !strategy.ships() || !self.forks.is_empty() {
            return None;
        }
        let mut world = World::new(self, strategy, false);
        world.advance(before, u64::MAX);
        Some(Past { world, release: self.release })
    }
}

impl<'p> Past<'p> {
    /// The outcome where this plan ships the release: the same plan but for its strategy. None where what is simulated
    /// depends on which strategy is to come.
    pub fn shipped_by(&self, plan: &'p Plan) -> Option<Outcome> {
        let strategy = plan.scenario.strategy.build();
        if !self.is_past_of(plan, strategy.as_ref()) {
            return None;
        }
        let mut world = self.world.clone();
        world.is_shipped_by(plan, self.release, strategy);
        Some(world.run())
    }

    /// What a strategy says of itself decides how the fleet stands before it begins: its groups and releases, and whether
    /// an autoscaler has one of them or all of the fleet.
    fn is_past_of(&self, plan: &Plan, strategy: &dyn Strategy) -> bool {
        let ours = &self.world.control.rollout.strategy;
        let each_release = |it: &AutoscalerScope| *it == AutoscalerScope::Release;
        let scales = plan.scenario.fleet.autoscaler.as_ref().map(|it| it.per);
        strategy.ships()
            && strategy.groups() == ours.groups()
            && strategy.releases() == ours.releases()
            && (!scales.as_ref().is_some_and(each_release) || strategy.routing() == ours.routing())
    }
}

impl<'p> World<'p> {
    /// Before the rollout: another strategy is to ship the release.
    fn is_shipped_by(&mut self, plan: &'p Plan, release: usize, strategy: Box<dyn Strategy>) {
        self.plan = plan;
        self.release = &plan.releases[release];
        self.data.is_routed(plan, strategy.routing(), &strategy.groups());
        self.control.rollout.is_steered_by(strategy);
    }
}
