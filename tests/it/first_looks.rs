//! Looks that come before there is anything to see, and looks while a person is asked.

use std::path::Path;

use rollsim::{
    kernel::{Sampler, Seed},
    model::{Measure, Phase},
    scenario::{Plan, Scenario, lint, load_text, plan_of},
    sim::{self, Trial},
    units::Span,
};

fn plan(text: &str) -> Plan {
    let scenario = load_text::<Scenario>("looks", text).unwrap_or_else(|it| panic!("{it}")).value;
    let (plan, problems) = plan_of("looks", scenario, Path::new("."));
    assert!(problems.is_empty(), "{problems:?}");
    plan.unwrap()
}

/// What is said of the limits of its gate.
fn of_limits(plan: &Plan) -> Vec<String> {
    let limits = lint(plan).into_iter().filter(|it| it.path.ends_with("_limit"));
    limits.map(|it| format!("{}: {}", it.path, it.message)).collect()
}

/// A good release under a monitoring that shows it so late, and a gate with these settings.
fn late(delay: &str, gate: &str) -> Plan {
    plan(&format!(
        "title: metrics that come late\nlength: 40m\nrollout_at: 5m\nfleet: {{instances: 4, workers: 8}}\n\
         traffic: {{rate: 20/s}}\ntelemetry: {{interval: 1m, delay: {delay}}}\n\
         strategy: {{canary: {{steps: [{{weight: 20%, hold: 10m}}]}}}}\nanalysis:\n  gates:\n    \
         - {{name: errors, failure_limit: 3, {gate}judge: {{threshold: {{metric: error_rate, fail_above: 5%, \
         window: 5m, min_samples: 100}}}}}}\n"
    ))
}

/// Rollouts of a hundred that are not completed.
fn ended(plan: &Plan) -> usize {
    let trial = |seed| Trial::new(plan, Seed::new(seed)).figures_only().until_settled().run().phase;
    (0..100).filter(|it| trial(*it) != Phase::Completed).count()
}

#[test]
fn looks_that_end_before_the_first_scrape_are_told() {
    let always = late("1m", "");
    assert_eq!(
        of_limits(&always),
        [
            "analysis.gates[0].consecutive_error_limit: every rollout ends without a verdict: of a candidate \
          the monitoring shows nothing before 1 min to 2 min, and the last of 5 measurements without data comes \
          after 40 s"
        ]
    );
    assert_eq!(ended(&always), 100);
    let some = late("10s", "");
    let told = of_limits(&some);
    assert!(told.len() == 1 && told[0].contains(": a rollout may end"), "{told:?}");
    assert!(ended(&some) > 0);
    // who starts 10 s before a scrape finds it in time
    let mut soon = some;
    soon.samplers.startup = Sampler::constant(Span::from_secs(45));
    assert_eq!((of_limits(&soon), ended(&soon)), (Vec::new(), 0));
    for gate in ["no_data: skip, ", "no_data: pass, ", "consecutive_error_limit: 30, "] {
        let plan = late("1m", gate);
        assert_eq!((of_limits(&plan), ended(&plan)), (Vec::new(), 0), "{gate}");
    }
}

#[test]
fn a_gate_that_looks_while_a_person_is_asked_can_fail() {
    let asked = |approve: &str| {
        plan(&format!(
            "title: a person is asked\nlength: 3h\nrollout_at: 5m\nfleet: {{instances: 4, workers: 8}}\n\
             traffic: {{rate: 30/s}}\noperator: {{approve: {{constant: 45m}}}}\n\
             release: {{defects: [{{effect: {{errors: {{rate: 20%}}}}}}]}}\nanalysis:\n  interval: 2m\n  gates: \
             [{{name: 5xx, failure_limit: 5, judge: {{threshold: {{metric: error_rate, fail_above: 1%, window: 2m}}}}}}]\n\
             strategy: {{canary: {{steps: [{{weight: 10%}}, {{weight: 20%{approve}}}]}}}}\n"
        ))
    };
    let (open, asked) = (asked(""), asked(", approve: true"));
    assert_eq!(of_limits(&asked), Vec::<String>::new());
    let outcome = sim::run(&asked, Seed::new(1));
    assert_eq!(outcome.phase, Phase::RolledBack);
    assert!(outcome.figure(Measure::rollout_time).is_some());
    let told = of_limits(&open);
    assert!(told.len() == 1 && told[0].contains("the gate cannot fail"), "{told:?}");
    assert_eq!(sim::run(&open, Seed::new(1)).phase, Phase::Completed);
}
