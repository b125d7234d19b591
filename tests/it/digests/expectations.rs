//! What is said of an expectation beforehand, that it cannot fail or cannot hold, no trial refutes.

use rayon::prelude::*;
use rollsim::{
    model::{Condition, ExpectSpec, Measure},
    scenario::{Plan, lint},
    units::{Limit, LimitKind},
};
use serde_json::{Map, Value};

use super::{jobs, pinned, planned};

/// What the lints say of expectations that all are of this kind.
fn told(plan: &Plan, figures: &[(Measure, f64)], of: fn(Limit) -> Condition) -> Vec<String> {
    let mut expect = Map::new();
    for &(measure, value) in figures {
        let kind = measure.kind();
        // a condition on a count is in whole numbers
        let whole = kind == LimitKind::Count;
        let limit = Limit::new(kind, if whole { value.floor() } else { value });
        let text = of(limit).to_string();
        if text.parse::<Condition>().is_ok() {
            expect.insert(measure.name().to_owned(), text.into());
        }
    }
    let mut plan = plan.clone();
    plan.scenario.expect = serde_json::from_value::<ExpectSpec>(Value::Object(expect)).unwrap();
    let lints = lint(&plan).into_iter().filter(|it| it.path.starts_with("expect."));
    lints.map(|it| format!("{}: {}", it.path, it.message)).collect()
}

/// What is said of expectations that a trial with these figures refutes.
fn refuted(plan: &Plan, figures: &[(Measure, f64)]) -> Vec<String> {
    let is_whole = |it: &&(Measure, f64)| it.1.fract().abs() <= 0.0;
    let exact = |it: &&(Measure, f64)| is_whole(it) || it.0.kind() != LimitKind::Count;
    let exact: Vec<_> = figures.iter().filter(exact).copied().collect();
    let whole: Vec<_> = figures.iter().filter(is_whole).copied().collect();
    let mut refuted = Vec::new();
    // each of these holds in this trial
    for of in [Condition::AtLeast, Condition::AtMost] {
        refuted.extend(told(plan, &exact, of).into_iter().filter(|it| it.contains("cannot hold")));
    }
    // each of these fails in this trial
    for of in [Condition::Below, Condition::Above] {
        refuted.extend(told(plan, &whole, of).into_iter().filter(|it| !it.contains("cannot hold")));
    }
    refuted
}

#[test]
fn no_trial_refutes_what_is_said_of_an_expectation() {
    // a twelfth of them says as much and takes a twelfth of the time
    let scenarios: Vec<(usize, String)> =
        pinned::scenarios().into_iter().filter(|it| it.0 % 12 == 0).collect();
    let each = scenarios.par_iter().map(|(number, text)| {
        let plan = planned(text).unwrap();
        let each = jobs(*number, &plan).into_iter().map(|job| {
            let plan = job.plan.with_release(job.release);
            let figures = job.trial().figures_only().run().figures;
            let wrong = refuted(&plan, &figures).into_iter();
            wrong.map(|it| format!("{}, {it}", job.name)).collect::<Vec<_>>()
        });
        each.collect::<Vec<_>>()
    });
    let each: Vec<Vec<String>> = each.flatten().collect();
    let (trials, refuted) = (each.len(), each.concat());
    assert!(trials > 75, "{trials}");
    assert!(refuted.is_empty(), "{}:\n{}", refuted.len(), refuted.join("\n"));
}

/// The comparison can fail: of a count below zero it is known that it cannot be.
#[test]
fn an_impossible_figure_is_noticed() {
    let (_, text) = pinned::scenarios().remove(0);
    let plan = planned(&text).unwrap();
    let figures = [(Measure::downtime, 1e8), (Measure::pages, 3.0)];
    let told = told(&plan, &figures, Condition::AtLeast);
    assert!(told.len() == 1 && told[0].contains("cannot hold"), "{told:?}");
}

#[test]
fn every_measure_has_a_least_value_and_expecting_that_is_told() {
    let (_, text) = pinned::scenarios().remove(0);
    let plan = planned(&text).unwrap();
    let least = |it: Measure| {
        if it == Measure::attempts_mean {
            1.0
        } else if it == Measure::instances_peak {
            f64::from(plan.scenario.fleet.instances)
        } else {
            0.0
        }
    };
    let figures: Vec<(Measure, f64)> = Measure::ALL.iter().map(|it| (*it, least(*it))).collect();
    let at_least = told(&plan, &figures, Condition::AtLeast);
    assert_eq!(at_least.len(), Measure::ALL.len(), "{at_least:?}");
    let below = told(&plan, &figures, Condition::Below);
    assert!(below.iter().all(|it| it.contains("cannot hold")), "{below:?}");
    assert_eq!(below.len(), Measure::ALL.len());
}
