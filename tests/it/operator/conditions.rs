//! When an action is taken: its alert, its phase, what came before, how often, and how long it takes.

use rollsim::{model::Measure, model::Phase, scenario::Scenario};

use super::{count, deeds, outcome, story};
use crate::trials::plan;

const ERRORS: &str = "fleet: {instances: 4, errors: 0%, startup: {constant: 10s}}
release: {defects: [{effect: {errors: {rate: 50%}}}]}
";
const ROLLING: &str = "{rolling: {}}";

fn undone_at(actions: &str) -> Option<f64> {
    let outcome = outcome(&story(ROLLING, actions, ERRORS));
    deeds(&outcome, "orders a rollback").first().map(|it| it.0)
}

#[test]
fn an_action_takes_its_own_time_from_the_acknowledgement() {
    let paged = undone_at("[{do: undo}]").unwrap() - 180.0;
    for (after, seconds) in [("0s", 60.0), ("10m", 660.0), ("25m", 1_560.0)] {
        let at = undone_at(&format!("[{{do: undo, after: {{constant: {after}}}}}]")).unwrap();
        assert!((at - paged - seconds).abs() < 1e-6, "{after}: {paged} {at}");
    }
    assert_eq!(undone_at("[{do: undo, after: {constant: 2h}}]"), None);
}

#[test]
fn an_action_waits_for_its_phase_and_its_alert() {
    let at = |when: &str| undone_at(&format!("[{{do: undo, when: {when}}}]"));
    assert!(at("{rollout: [completed]}").is_some());
    assert_eq!(at("{rollout: [failed, paused]}"), None);
    assert_eq!(at("{rollout: [pending]}"), None);
    assert!(at("{alert: errors}").is_some());
    let two = story(ROLLING, "[{do: undo, when: {alert: slow}}]", ERRORS)
        .replace("alerts: [", "alerts: [{name: slow, metric: {latency: 99%}, above: 1h}, ");
    assert_eq!(deeds(&outcome(&two), "orders a rollback"), []);
}

/// An action that is prepared for an alert is not taken where the alert has fallen silent meanwhile.
#[test]
fn what_is_over_needs_no_action() {
    let short = "fleet: {instances: 4, errors: 0%}
incidents: [{when: {at: 10m}, lasts: 2m, effect: {errors: {rate: 50%}}}]
";
    let of = |when: &str| {
        let actions = format!("[{{do: {{restart: {{}}}}, when: {when}, after: {{constant: 6m}}}}]");
        count(&outcome(&story("none", &actions, short)), Measure::operator_actions)
    };
    assert_eq!(of("{alert: errors}"), 0);
    assert_eq!(of("{}"), 1);
}

#[test]
fn a_later_action_waits_until_the_one_before_has_not_helped() {
    let list = |still: &str| {
        format!(
            "[{{do: {{restart: {{at_once: 4}}}}}}, \
             {{do: undo, after: {{constant: 1m}}, when: {{still_firing: {still}}}}}]"
        )
    };
    for (still, seconds) in [("3m", 180.0), ("12m", 720.0)] {
        let outcome = outcome(&story(ROLLING, &list(still), ERRORS));
        let (restart, undo) =
            (deeds(&outcome, "restarts 4")[0].0, deeds(&outcome, "orders a roll")[0].0);
        // seen at the next scrape, then prepared for a minute
        assert!((60.0..=75.0).contains(&(undo - restart - seconds)), "{restart} {undo}");
        assert_eq!(outcome.phase, Phase::RolledBack);
    }
    // an incident that is over is left alone
    let over = "fleet: {instances: 4, errors: 0%}
incidents: [{when: {at: 10m}, lasts: 5m, effect: {errors: {rate: 50%}}}]
";
    let outcome = outcome(&story(ROLLING, &list("5m"), over));
    assert_eq!(deeds(&outcome, "restarts 4").len(), 1);
    assert_eq!(outcome.phase, Phase::Completed);
}

#[test]
fn an_action_is_taken_as_often_as_it_is_allowed() {
    for times in [1, 3] {
        let actions = format!("[{{do: {{restart: {{}}}}, times: {times}}}]");
        let outcome = outcome(&story(ROLLING, &actions, ERRORS));
        assert_eq!(count(&outcome, Measure::operator_actions), times);
    }
}

#[test]
fn nobody_acts_without_a_page() {
    let text = story(ROLLING, "[{do: undo}]", ERRORS).replace("above: 5%", "above: 99%");
    assert_eq!(count(&outcome(&text), Measure::operator_actions), 0);
}

/// The first problem of a scenario, with its place.
fn refused(strategy: &str, actions: &str) -> (String, String) {
    let text = story(strategy, actions, "");
    let scenario = rollsim::scenario::load_text::<Scenario>("people.yaml", &text).unwrap().value;
    let (plan, problems) =
        rollsim::scenario::plan_of("people", scenario, std::path::Path::new("."));
    assert!(plan.is_none(), "{text}");
    (problems[0].path.clone(), problems[0].message.clone())
}

#[test]
fn what_could_have_no_effect_is_refused_at_its_line() {
    let first = "operator.actions[0]";
    for (strategy, actions, path, message) in [
        (ROLLING, "[{do: switch_off}]", ".do", "no strategy has a feature flag to switch off"),
        ("none", "[{do: undo}]", ".do", "nothing is shipped that `undo` could act on"),
        (ROLLING, "[{do: undo, when: {alert: eror}}]", ".when.alert", "there is no alert `eror`"),
        (
            ROLLING,
            "[{do: undo, when: {still_firing: 1m}}]",
            ".when.still_firing",
            "no action comes before the first",
        ),
        (ROLLING, "[{do: {drain: {zone: z}}}]", ".do.drain.zone", "there is no zone `z`"),
        (ROLLING, "[{do: {drain: {}}}]", ".do.drain", "it is not clear which instances"),
        (ROLLING, "[{do: {drain: {worst: 0}}}]", ".do.drain.worst", "`0` is no instance"),
        (ROLLING, "[{do: {scale: {by: 1x}}}]", ".do.scale.by", "`1x` changes nothing"),
        (ROLLING, "[{do: {restart: {at_once: 0}}}]", ".do.restart.at_once", "`0` is no instance"),
    ] {
        let expected = (format!("{first}{path}"), message.to_owned());
        assert_eq!(refused(strategy, actions), expected, "{actions}");
    }
    let both = refused(ROLLING, "[{do: undo}], undoes: false");
    assert_eq!(both.0, "operator.undoes");
    plan(&story("{feature_flag: {}}", "[{do: switch_off}]", ""));
}
