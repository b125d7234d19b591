//! People after a failure: whatever a controller has given up on, a person can still undo.

use rollsim::{kernel::Seed, model::Measure};

use crate::trials::{figures, plan};

/// A release of which no instance ever becomes ready, an alert, and an operator whose times are fixed: 16 min from
/// the page to the order.
fn never_ready(strategy: &str, operator: &str) -> String {
    format!(
        "title: a release that does not start
length: 4h
rollout_at: 5m
traffic: {{rate: 5/s}}
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

/// Pairs of deadlines of which the longer one did less harm.
fn harm_that_falls(operator: &str, strategies: &[&str]) -> Vec<String> {
    let mut falls = Vec::new();
    for (strategy, seed) in strategies.iter().flat_map(|it| (0..4).map(move |seed| (it, seed))) {
        let mut before = [0.0; 2];
        for deadline in ["1m", "4m", "10m", "25m", "2h"] {
            let text = never_ready(&strategy.replace("DEADLINE", deadline), operator);
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
    let falls = harm_that_falls(
        "",
        &[
            "{all_at_once: {progress_deadline: DEADLINE}}",
            "{recreate: {progress_deadline: DEADLINE}}",
            "{rolling: {max_surge: 0, max_unavailable: 1, progress_deadline: DEADLINE}}",
        ],
    );
    assert!(falls.is_empty(), "{}", falls.join("\n"));
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
