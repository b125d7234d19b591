//! Planted bugs: what the checks of every trial, the expectations and the statistics must notice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rollsim::{
    kernel::Seed,
    model::{Action, GroupId, Measure, Phase, View, Wake},
    scenario::Plan,
    sim::{self, Outcome, Trial},
    strategy::{Routing, Strategy},
};

use crate::trials::{Claim, Estimate, objections, plan, study};

/// A strategy of a single thought.
#[derive(Clone)]
struct Planted<F>(F);

impl<F> Strategy for Planted<F>
where
    F: FnMut(&View, &mut Vec<Action>) -> Wake + Clone + Send + 'static,
{
    fn routing(&self) -> Routing {
        Routing::Instances
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        (self.0)(view, actions)
    }
}

fn scene() -> Plan {
    plan("title: a bug\nlength: 20m\nfleet: {instances: 3}\nstrategy: {rolling: {}}\n")
}

/// How the trial of a planted strategy ends: with an outcome, or with the words of a failed check.
fn end_of(
    reconcile: impl FnMut(&View, &mut Vec<Action>) -> Wake + Clone + Send + 'static,
) -> Result<Outcome, String> {
    let strategy = Box::new(Planted(reconcile));
    let plan = scene();
    let trial = Trial::new(&plan, Seed::DEFAULT);
    let trial = AssertUnwindSafe(|| trial.run_with_strategy(strategy));
    catch_unwind(trial).map_err(|words| {
        let text = words.downcast_ref::<String>().cloned();
        text.or_else(|| words.downcast_ref::<&str>().map(|it| (*it).to_owned())).unwrap()
    })
}

fn scale(group: GroupId, replicas: u32) -> Action {
    Action::Scale { group, replicas }
}

fn enter(phase: Phase) -> Action {
    Action::Enter(phase, String::new())
}

#[track_caller]
fn check_objection(end: Result<Outcome, String>, words: &str) {
    let objection = end.expect_err("somebody must object");
    assert!(objection.contains(words), "{objection}");
}

#[test]
fn a_planted_strategy_without_a_bug_runs_to_its_end() {
    let end = end_of(|view, actions| {
        actions.push(enter(Phase::Progressing));
        actions.push(scale(GroupId::CANDIDATE, view.fleet));
        if view.candidate().ready() == view.fleet {
            actions.push(scale(GroupId::STABLE, 0));
            actions.push(enter(Phase::Completed));
        }
        Wake::OnChange
    });
    assert_eq!(end.unwrap().phase, Phase::Completed);
}

#[test]
fn a_strategy_that_loses_an_instance_is_objected_to() {
    let end = end_of(|view, actions| {
        actions.push(scale(GroupId::CANDIDATE, view.fleet - 1));
        actions.push(scale(GroupId::STABLE, 0));
        actions.push(enter(Phase::Completed));
        Wake::OnChange
    });
    check_objection(end, "a finished rollout leaves a whole fleet");
}

#[test]
fn a_strategy_that_asks_for_no_end_of_things_is_objected_to() {
    let end = end_of(|view, actions| {
        actions.push(scale(GroupId::CANDIDATE, 1 - view.candidate().desired.min(1)));
        Wake::OnChange
    });
    check_objection(end, "a strategy settles");
}

#[test]
fn a_strategy_that_waits_for_nothing_is_objected_to() {
    let end = end_of(|_, actions| {
        actions.push(enter(Phase::Progressing));
        Wake::OnChange
    });
    check_objection(end, "waits for something that can happen");
}

/// Whether all expectations of the plan hold.
fn expectations_hold(plan: &Plan) -> bool {
    let outcome = sim::run(plan, Seed::DEFAULT);
    let expect = &plan.scenario.expect;
    expect.phase.is_none_or(|it| it == outcome.phase)
        && expect.conditions().iter().all(|(measure, condition)| {
            outcome.figure(*measure).is_some_and(|it| condition.holds(it))
        })
}

fn judged(fail_above: &str) -> Plan {
    plan(&format!(
        "title: a judge
length: 1h
traffic: {{rate: 50/s}}
release: {{defects: [{{effect: {{errors: {{rate: 30%}}}}}}]}}
analysis:
  interval: 1m
  gates: [{{name: errors, judge: {{threshold: {{metric: error_rate, fail_above: {fail_above}}}}}}}]
strategy: {{canary: {{steps: [{{weight: 10%, hold: 30m}}]}}}}
expect: {{phase: rolled_back, detection_time: '< 10m'}}
"
    ))
}

#[test]
fn a_judge_that_never_fails_breaks_the_scenario_s_expectation() {
    assert!(expectations_hold(&judged("5%")));
    assert!(!expectations_hold(&judged("99%")));
}

/// The comparison with theory notices a queue that is not the one of the formula.
#[test]
fn a_queue_that_drops_one_request_in_a_hundred_is_not_erlang_s() {
    // M/M/1 at 80 %: a mean wait of 4 service times
    let claims = [Claim::of(Measure::wait_mean, 4.0, 0.01)];
    let queue = |places: u32| {
        plan(&format!(
            "title: a queue
length: 600s
warm_up: 60s
rollout_at: 600s
fleet:
  instances: 1
  workers: 1
  queue: {places}
  service_time: {{exponential: {{mean: 10ms}}}}
  readiness: {{through: beside}}
traffic: {{rate: 80/s}}
client: {{deadline: 1h}}
strategy: {{rolling: {{}}}}
"
        ))
    };
    let right = study(&queue(1_000_000), &claims);
    assert_eq!(objections("right", &claims, &right), [""; 0]);
    let wrong = study(&queue(13), &claims);
    assert_eq!(objections("wrong", &claims, &wrong).len(), 1);
}

#[test]
fn an_estimate_is_objected_to_when_it_is_off_or_too_wide() {
    let claim = Claim::share(Measure::waited_share, 0.5);
    let objects = |mean, error| Estimate { mean, error }.objection(&claim).is_some();
    assert!(!objects(0.5, 0.001) && !objects(0.503, 0.001));
    assert!(objects(0.505, 0.001), "five standard errors");
    assert!(objects(0.5, 0.01), "an interval that says nothing");
}
