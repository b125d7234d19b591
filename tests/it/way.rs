//! The longest way of a rollout is no shorter than what one takes where nothing goes wrong.

use rollsim::{
    kernel::Seed,
    model::{Measure, Phase, ProbePath},
    scenario::Plan,
    sim::Trial,
    strategy::{StrategySpec, WayWait},
    units::Span,
};

use crate::{digests, scenarios};

/// Nothing is wrong, nobody objects, and nobody intervenes.
fn clean(plan: &Plan, strategy: &StrategySpec) -> Plan {
    let mut plan = plan.with_strategy(strategy);
    plan.releases[0].defects.clear();
    let scenario = &mut plan.scenario;
    scenario.release.defects.clear();
    scenario.incidents.clear();
    scenario.alerts.clear();
    scenario.analysis = None;
    scenario.operator.approves = true;
    plan
}

/// Its own strategies, and every plain one.
fn strategies(plan: &Plan) -> Vec<StrategySpec> {
    let own = plan.scenario.strategies().into_iter().map(|it| it.1.clone());
    own.chain(StrategySpec::plain_ones(Span::from_secs(30))).collect()
}

/// How long the rollouts of these seeds take; those that are not completed, or in which an instance was killed, are left out.
fn taken(plan: &Plan, seeds: u64) -> Vec<Span> {
    let trial = |seed: u64| {
        let trial = Trial::new(plan, Seed::new(seed)).figures_only().until_settled().run();
        let (began, rested) = (trial.rollout_began?, trial.rested?);
        let restarts = trial.figure(Measure::restarts).unwrap_or(0.0);
        let clean = trial.phase == Phase::Completed && restarts < 1.0;
        clean.then(|| rested.since(began))
    };
    (0..seeds).filter_map(trial).collect()
}

/// Rollouts that were completed, those that took longer than the longest way, and those that took longer than it without the
/// starts of instances.
#[derive(Default)]
struct Found {
    completed: usize,
    late: Vec<String>,
    late_without_starts: usize,
}

impl Found {
    fn add(&mut self, name: &str, plan: &Plan, seeds: u64) {
        for strategy in strategies(plan) {
            let plan = clean(plan, &strategy);
            let way = plan.longest_way(&strategy);
            let longest = way.takes();
            let starts = way.parts().iter().filter(|it| it.what == WayWait::Start);
            let starts = starts.fold(Span::ZERO, |sum, it| sum.saturating_add(it.takes));
            for took in taken(&plan, seeds) {
                self.completed += 1;
                self.late_without_starts += usize::from(took > longest.saturating_sub(starts));
                let late = format!("{name} {}: {took}, not {longest}", strategy.name());
                self.late.extend((took > longest).then_some(late));
            }
        }
    }
}

#[test]
fn no_clean_rollout_of_a_shipped_scenario_takes_longer_than_the_longest_way() {
    let mut found = Found::default();
    for it in scenarios::plans() {
        found.add(&it.name, &it, 3);
    }
    assert_eq!(found.late.join("\n"), "");
    assert!(found.completed > 200, "{} completed", found.completed);
    assert!(found.late_without_starts > 50, "{} without starts", found.late_without_starts);
}

#[test]
fn no_clean_rollout_of_a_random_scenario_takes_longer_than_the_longest_way() {
    let mut found = Found::default();
    for (number, mut plan) in digests::plans() {
        // many of these fleets are overloaded: their probes are not to wait in a full queue
        let fleet = &mut plan.scenario.fleet;
        for probe in [&mut fleet.readiness, &mut fleet.startup_probe, &mut fleet.liveness] {
            for it in probe.iter_mut() {
                it.through = ProbePath::Beside;
            }
        }
        found.add(&format!("{number:03}"), &plan, 1);
    }
    assert_eq!(found.late.join("\n"), "");
    assert!(found.completed > 1_000, "{} completed", found.completed);
    assert!(found.late_without_starts > 500, "{} without starts", found.late_without_starts);
}
