//! How long a rollout takes at most in a scenario, where nothing goes wrong.

use super::{Plan, path::below, size::most_instances};
use crate::{
    model::{FleetSpec, MachinesSpec, ProbeSpec, SmokeTest},
    strategy::{Instantly, Paces, RolloutWay, StrategySpec},
    units::Span,
};

/// A time that chance decides is taken as one that is exceeded no more often than this.
const BEYOND: f64 = 0.01;

impl Plan {
    /// The longest way of a rollout by this strategy in a fleet that is not overloaded: times that chance decides are such
    /// that each is exceeded once in a hundred rollouts at most.
    pub fn longest_way(&self, strategy: &StrategySpec) -> RolloutWay {
        strategy.kind().way(&AtMost(self))
    }

    /// The way of a rollout for which nothing but what is written takes time.
    pub fn shortest_way(&self, strategy: &StrategySpec) -> RolloutWay {
        let fleet = &self.scenario.fleet;
        let fewest = fleet.autoscaler.as_ref().map_or(u32::MAX, |it| it.min);
        strategy.kind().way(&Instantly(fleet.instances.min(fewest)))
    }

    /// Every strategy with its path, the scenario's own first.
    pub(super) fn strategies_by_path(&self) -> Vec<(String, &StrategySpec)> {
        let others = self.scenario.strategies.iter();
        let others = others.map(|(name, spec)| (below("strategies", name), spec));
        let own = ("strategy".to_owned(), &self.scenario.strategy);
        std::iter::once(own).chain(others).collect()
    }
}

/// What everything takes at most.
struct AtMost<'p>(&'p Plan);

impl AtMost<'_> {
    fn fleet(&self) -> &FleetSpec {
        &self.0.scenario.fleet
    }

    /// Until machines for the last of so many instances are there.
    fn provision(&self, spec: &MachinesSpec, instances: u32, beyond: f64) -> Span {
        let Some(law) = &self.0.samplers.provision else { return Span::ZERO };
        if self.sizes().1 <= spec.spare {
            return Span::ZERO;
        }
        let ordered_before = instances.div_ceil(spec.per_machine.max(1)).saturating_sub(1);
        law.upper(beyond).scale(1.0 + spec.slower.get() * f64::from(ordered_before))
    }
}

impl Paces for AtMost<'_> {
    fn sizes(&self) -> (u32, u32) {
        let fleet = self.fleet();
        let least = fleet.autoscaler.as_ref().map_or(fleet.instances, |it| it.min);
        (least.min(fleet.instances).max(1), most_instances(&self.0.scenario))
    }

    fn start(&self, instances: u32) -> Span {
        if instances == 0 {
            return Span::ZERO;
        }
        let fleet = self.fleet();
        // the last of them decides
        let beyond = BEYOND / f64::from(instances);
        let machines = fleet.machines.as_ref();
        let machine = machines.map_or(Span::ZERO, |it| self.provision(it, instances, beyond));
        let turns = instances.div_ceil(fleet.restart.at_once.max(1));
        let up = self.0.samplers.startup.upper(beyond).scale(f64::from(turns));
        let started = fleet.startup_probe.map_or(up, |it| probed(up, it));
        let ready = fleet.readiness.map_or(started, |it| probed(started, it));
        let all = machine.saturating_add(ready);
        // a fleet that changes its size may ask for more while these start
        let (least, most) = self.sizes();
        if least < most { all.saturating_add(all) } else { all }
    }

    fn stop(&self) -> Span {
        let drain = self.fleet().drain;
        // however short the grace, the kubelet leaves a process 2 s
        drain.pre_stop.saturating_add(drain.grace.max(Span::from_secs(2)))
    }

    fn migration(&self) -> Span {
        let each = self.0.releases.iter().filter_map(|it| it.migration);
        each.map(|it| it.duration).max().unwrap_or_default()
    }

    fn answer(&self) -> Span {
        self.0.samplers.approve.upper(BEYOND)
    }

    fn smoke(&self, test: &SmokeTest) -> Span {
        let answered = self.0.operations.iter().map(|it| it.deadline).max();
        test.over.saturating_add(answered.unwrap_or_default())
    }
}

/// When a probe has found healthy what is so after some time: the next tick comes within a period, and the last of those
/// that it takes is answered in time.
fn probed(after: Span, probe: ProbeSpec) -> Span {
    let ticks = probe.period.scale(f64::from(probe.success_threshold));
    after.max(probe.initial_delay).saturating_add(ticks).saturating_add(probe.timeout)
}
