//! What comes before a rollout is simulated once for all strategies: the rows are those of trials that were simulated whole.

use std::path::Path;

use rollsim::{
    experiment::{
        Additions, ComparisonRun, Entrant, Goal, LineUp, Request, Rollout, Study, fill_in, set_up,
    },
    kernel::Seed,
    scenario::{Plan, plan_of},
    sim::Trial,
};

/// Requests that a scenario's rollouts are simulated with at most, twice: of large ones one rollout under two strategies.
const REQUESTS: f64 = 1_000_000.0;

/// The comparison of a shipped scenario as `rollsim compare` lays it out.
fn study(plan: &Plan) -> Study {
    let mut scenario = plan.scenario.clone();
    let line_up = LineUp::WhereNone;
    let assumptions = fill_in(&mut scenario, plan, Additions { preset: None, line_up });
    let (filled, problems) = plan_of(&plan.name, scenario, Path::new("scenarios"));
    let plan = filled.unwrap_or_else(|| panic!("{problems:?}"));
    let entrant = Entrant { file: plan.name.clone(), plan, assumptions };
    let request = Request {
        seed: 5,
        goal: Goal::Trials(16),
        command: String::new(),
        preset: None,
        set: Vec::new(),
        strategies: Vec::new(),
    };
    let mut study = set_up(vec![entrant], request).unwrap();
    let strategies = affordable(&study).max(2);
    study.plans.truncate(strategies);
    study.firsts.truncate(strategies);
    study
}

/// How many trials there may be, up to a hundred.
fn affordable(study: &Study) -> usize {
    let plan = &study.plans[0];
    let requests = plan.rates.expected(plan.scenario.length);
    (1..=100).filter(|it| f64::from(*it) * requests <= REQUESTS).count()
}

fn rollouts(study: &Study) -> Vec<Rollout> {
    let most = (affordable(study) / study.plans.len()).max(1);
    let turns = ComparisonRun::new(&study.protocol).round().unwrap().turns;
    turns.into_iter().take(most).map(|turn| study.play(turn)).collect()
}

#[test]
fn every_shipped_scenario_leaves_the_same_rows_from_a_common_past_and_whole() {
    let mut shared = 0;
    for plan in crate::scenarios::plans() {
        let study = study(&plan);
        let past = Trial::new(&study.plans[0], Seed::DEFAULT).figures_only().past();
        shared += usize::from(past.is_some() && study.plans.len() > 1);
        let forked = rollouts(&study);
        let whole = rollouts(&study.whole());
        // to the last digit
        assert_eq!(format!("{forked:?}"), format!("{whole:?}"), "{}", plan.name);
    }
    assert!(shared > 12, "{shared} scenarios have strategies that share a past");
}
