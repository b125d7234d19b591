//! People after a failure: whatever a controller has given up on, a person can still undo.

use rollsim::{
    kernel::{Purpose, Seed, Streams},
    model::Measure,
    units::round_u64,
};

use crate::trials::{figures, plan};

/// A release of which no instance ever becomes ready, an alert, and an operator whose times are fixed: 16 min from
/// the page to the order.
fn never_ready(strategy: &str, operator: &str) -> String {
    format!(
        "title: a release that does not start
length: 4h
rollout_at: 5m
traffic: {{rate: 2/s}}
fleet: {{instances: 2, errors: 0%}}
release: {{defects: [{{effect: {{startup_failure: {{rate: 100%}}}}}}]}}
alerts: [{{name: errors, metric: error_rate, above: 20%}}]
operator: {{acknowledge: {{constant: 5m}}, acknowledge_night: {{constant: 5m}}, diagnose: {{constant: 10m}}, \
         prepare: {{constant: 1m}}{operator}}}
strategy: {strategy}
"
    )
}

const HARM: [Measure; 2] = [Measure::users_hurt, Measure::downtime];

#[test]
fn a_failed_rollout_is_undone_as_soon_as_one_that_goes_on() {
    let downtime = |deadline: &str| {
        let strategy = format!("{{all_at_once: {{progress_deadline: {deadline}}}}}");
        let plan = plan(&never_ready(&strategy, ""));
        figures(&plan, Seed::DEFAULT, &[Measure::downtime])[0]
    };
    let (failed, going_on) = (downtime("10m"), downtime("1h"));
    assert_eq!(failed.to_bits(), going_on.to_bits());
    // the alert fires after 60 s of 5 min and up to two scrapes, the operator takes 16 min, a start 10 s and a probe
    assert!((1_030.0..=1_070.0).contains(&failed), "{failed}");
}

/// Strategies of every kind, each with a deadline for its instances.
const STRATEGIES: [&str; 11] = [
    "{all_at_once: {progress_deadline: DEADLINE}}",
    "{recreate: {progress_deadline: DEADLINE}}",
    "{recreate: {progress_deadline: DEADLINE, on_failure: roll_back}}",
    "{rolling: {max_surge: 0, max_unavailable: 1, progress_deadline: DEADLINE}}",
    "{rolling: {max_surge: 0, max_unavailable: '100%', progress_deadline: DEADLINE}}",
    "{rolling: {batch: 2, progress_deadline: DEADLINE}}",
    "{blue_green: {analysis: false, progress_deadline: DEADLINE}}",
    "{canary: {analysis: none, progress_deadline: DEADLINE}}",
    "{canary: {by: instances, analysis: none, progress_deadline: DEADLINE}}",
    "{feature_flag: {analysis: none, deploy: {batch: 2, progress_deadline: DEADLINE}}}",
    "{canary_flag: {canary: {analysis: none, progress_deadline: DEADLINE}, flag: {analysis: none}}}",
];

/// Deadlines between half a minute and about three hours, shortest first.
fn deadlines(seed: u64) -> Vec<u64> {
    let mut stream = Streams::new(Seed::new(seed)).key(Purpose::Cohort).stream(0);
    let mut seconds: Vec<u64> =
        (0..4).map(|_| round_u64(30.0 * libm::pow(360.0, stream.uniform()))).collect();
    seconds.sort_unstable();
    seconds
}

/// Pairs of deadlines of which the longer one did less harm.
fn harm_that_falls(operator: &str, strategies: &[&str]) -> Vec<String> {
    let mut falls = Vec::new();
    for (strategy, seed) in strategies.iter().flat_map(|it| (0..3).map(move |seed| (it, seed))) {
        let mut before = [0.0; 2];
        for deadline in deadlines(seed) {
            let strategy = strategy.replace("DEADLINE", &format!("{deadline}s"));
            let text = never_ready(&strategy, operator);
            let harm = figures(&plan(&text), Seed::new(seed), &HARM);
            if harm.iter().zip(before).any(|(now, before)| *now < before) {
                falls.push(format!("{strategy} {seed} {deadline}: {harm:?} after {before:?}"));
            }
            before = [harm[0], harm[1]];
        }
    }
    falls
}

#[test]
fn harm_does_not_fall_as_the_deadline_grows_where_no_instance_ever_becomes_ready() {
    let falls = harm_that_falls("", &STRATEGIES);
    assert!(falls.is_empty(), "{}", falls.join("\n"));
}

/// The law has something to say of most strategies, and nothing of those that keep the old release serving.
#[test]
fn most_strategies_hurt_somebody_where_no_instance_ever_becomes_ready() {
    let hurt = |strategy: &&&str| {
        let text = never_ready(&strategy.replace("DEADLINE", "10m"), "");
        figures(&plan(&text), Seed::DEFAULT, &HARM)[0] > 0.0
    };
    let hurting = STRATEGIES.iter().filter(hurt).count();
    assert_eq!(hurting, 6);
}

/// The planted bug: a rollout that its controller has given up on is nobody's to undo.
#[test]
fn the_law_finds_an_operator_who_does_not_undo_what_has_failed() {
    let blind = ", actions: [{do: undo, when: {rollout: [progressing, paused, completed]}}]";
    let falls = harm_that_falls(blind, &STRATEGIES[..2]);
    assert!(falls.len() >= 4, "{}", falls.join("\n"));
}

/// The operator of the law does something: without one, the harm goes on.
#[test]
fn a_rollout_that_nobody_undoes_is_another_matter() {
    let halted = "{all_at_once: {progress_deadline: DEADLINE}}";
    let hurt = |operator: &str| {
        let text = never_ready(&halted.replace("DEADLINE", "10m"), operator);
        figures(&plan(&text), Seed::DEFAULT, &HARM)[0]
    };
    assert!(hurt(", undoes: false") > 2.0 * hurt(""));
}
