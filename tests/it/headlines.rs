//! What a run reports of incidents, of code that crashes unseen, of large fleets and of its end.

use rollsim::{
    kernel::Seed,
    model::Measure,
    report::{Trial, headline, timeline},
    scenario::Plan,
    sim::{self, Entry, Outcome, Topic, folded},
};

use crate::trials::plan;

fn run(text: &str) -> (Plan, Outcome) {
    let plan = plan(text);
    let outcome = sim::run(&plan, Seed::DEFAULT);
    (plan, outcome)
}

fn headline_of((plan, outcome): &(Plan, Outcome)) -> String {
    headline(Trial { plan, outcome, command: "" })
}

/// Two instances of a bot that never fails by itself.
fn bot(rest: &str) -> String {
    format!(
        "title: headlines\nlength: 6m\nrollout_at: 2m\n\
         fleet: {{instances: 2, startup: {{constant: 3s}}, errors: 0%}}\n\
         traffic: {{rate: 10/s}}\nusers: {{count: 100}}\n{rest}"
    )
}

#[test]
fn an_incident_that_began_before_the_rollout_is_named_where_users_were_hurt() {
    let incident = |more: &str| {
        bot(&format!("incidents: [{{name: outage, {more}}}]\nstrategy: {{rolling: {{}}}}\n"))
    };
    let errors = "effect: {errors: {rate: 50%}}";
    for (when, said) in [
        ("{at: 30s}", "; the incident `outage` began 1 min 30 s before the rollout"),
        ("{at: 2m}", "; the incident `outage` began with the rollout"),
        ("{at: 2m30s}", "; the incident `outage` began 30 s after the rollout started"),
        ("{requests: 1000000}", "; the incident `outage` never took effect"),
    ] {
        let told = headline_of(&run(&incident(&format!("when: {when}, {errors}"))));
        assert!(told.ends_with(said), "{told}");
    }
    // where it hurt no user, it is left to the timeline
    let slow = "when: {at: 30s}, effect: {latency: {factor: 1.1x}}";
    let told = headline_of(&run(&incident(slow)));
    assert!(!told.contains("incident"), "{told}");
}

#[test]
fn several_incidents_are_told_together_and_those_that_never_came_by_themselves() {
    let one = |name: &str, when: &str| {
        format!("{{name: {name}, when: {{{when}}}, effect: {{errors: {{rate: 50%}}}}}}")
    };
    let never = "requests: 1000000";
    let several = |all: &[String], strategy: &str| {
        headline_of(&run(&bot(&format!("incidents: [{}]\n{strategy}", all.join(", ")))))
    };
    let rolling = "strategy: {rolling: {}}\n";
    let told = several(&[one("a", "at: 1m"), one("b", "at: 3m"), one("c", never)], rolling);
    let said = "; the incidents `a` and `b` took effect, the first 1 min before the rollout; the \
                incident `c` never took effect";
    assert!(told.ends_with(said), "{told}");
    let told = several(&[one("a", never), one("b", never)], rolling);
    assert!(told.ends_with("; none of the incidents took effect"), "{told}");
    let five: Vec<String> = ["a", "b", "c", "d", "e"].map(|it| one(it, "at: 1m")).to_vec();
    let told = several(&five, "strategy: none\n");
    assert!(told.ends_with("; the incidents `a`, `b` and 3 more took effect"), "{told}");
}

#[test]
fn code_that_crashes_while_its_feature_is_off_is_not_met_and_is_named() {
    let flag = |defect: &str| {
        bot(&format!(
            "release: {{defects: [{defect}]}}\n\
             strategy: {{feature_flag: {{steps: [{{share: 50%}}], analysis: none}}}}\n"
        ))
    };
    // every request kills the instance that serves it, and the flag is never reached
    let told = headline_of(&run(&flag("{effect: {poison: {rate: 100%}}}")));
    let said = "; the code of the release crashed with its feature off: no user met the feature, ";
    assert!(told.contains(said) && told.contains(" were hurt"), "{told}");
    assert!(!told.contains("without having met it"), "{told}");
}

#[test]
fn where_nothing_is_rolled_back_no_user_is_hurt_in_a_rollback() {
    // in a second four users are hurt, few of them for a second time, and a person takes half a minute
    let alerted = |operator: &str| {
        let person =
            "acknowledge: {constant: 10s}, diagnose: {constant: 10s}, prepare: {constant: 10s}";
        let text = bot(&format!(
            "release: {{defects: [{{effect: {{errors: {{rate: 40%}}}}}}]}}\n\
             alerts: [{{name: errors, metric: error_rate, above: 10%, window: 30s}}]\n\
             operator: {{{person}, {operator}}}\nstrategy: {{rolling: {{}}}}\n"
        ));
        text.replace("count: 100", "count: 5000")
    };
    let figures = |operator: &str| {
        let (_, outcome) = run(&alerted(operator));
        let figure = |it| outcome.figure(it).unwrap();
        let late = [Measure::users_hurt_rolling_back, Measure::users_hurt_after_detection];
        (outcome.rollback_began.is_some(), late.map(figure))
    };
    let (rolled_back, [rolling_back, after]) = figures("undoes: false");
    assert!(!rolled_back && rolling_back <= 0.0 && after > 10.0, "{rolling_back} {after}");
    let (rolled_back, [rolling_back, after]) = figures("undoes: true");
    assert!(rolled_back && rolling_back > 10.0 && after <= 0.0, "{rolling_back} {after}");
}

#[test]
fn the_first_symptom_is_an_entry_that_says_what_it_was() {
    let symptom = |defect: &str| {
        let (_, outcome) = run(&bot(&format!(
            "release: {{to: v2, defects: [{defect}]}}\nstrategy: {{rolling: {{}}}}\n"
        )));
        let is_it = |it: &&Entry| it.text == "first symptom";
        let entries: Vec<&Entry> = outcome.timeline.iter().filter(is_it).collect();
        assert!(entries.iter().all(|it| it.topic == Topic::Users), "{entries:?}");
        assert!(outcome.timeline.is_sorted_by_key(|it| it.at));
        let at: Vec<_> = entries.iter().map(|it| it.at).collect();
        assert_eq!(at, outcome.first_symptom.into_iter().collect::<Vec<_>>());
        entries.first().map(|it| it.cause.clone())
    };
    let told = |text: &str| Some(format!("a request to v2 {text}"));
    assert_eq!(symptom("{effect: {errors: {rate: 100%}}}"), told("was answered with an error"));
    assert_eq!(symptom("{effect: {wrong_answers: {rate: 100%}}}"), told("was answered wrongly"));
    assert_eq!(symptom("{effect: {latency: {delay: 4s}}}"), told("was answered too slowly"));
    assert_eq!(symptom("{effect: {latency: {delay: 1h}}}"), told("timed out"));
    assert_eq!(symptom("{effect: {latency: {factor: 1.01x}}}"), None);
}

#[test]
fn the_rollout_of_a_large_fleet_is_a_few_lines_up_to_its_end() {
    let text = "title: large\nlength: 20m\nrollout_at: 1m\n\
                fleet: {instances: 400, startup: {exponential: {mean: 10s}}, errors: 0%, readiness: {period: 1s}}\n\
                traffic: {rate: 1/s}\nrelease: {from: v1, to: v2}\n\
                strategy: {rolling: {max_surge: 10%, max_unavailable: 10%}}\n";
    let (plan, outcome) = run(text);
    let sizes = outcome.timeline.iter().filter(|it| it.text.contains(" scaled from ")).count();
    assert!(sizes > 20, "{sizes}");
    let told = timeline(Trial { plan: &plan, outcome: &outcome, command: "" });
    let lines: Vec<&str> = told.lines().filter(|it| it.contains(" scaled from ")).collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        told.contains("v2 scaled from 0 to 400 in ")
            && told.contains("v1 scaled from 400 to 0 in ")
    );
    let last = folded(&outcome.timeline).pop().unwrap();
    assert_eq!((last.entry.text.as_str(), last.entries), ("completed", 1), "{told}");
}

#[test]
fn steps_of_one_instant_are_one_entry_however_many_instances_there_are() {
    // all are ready at the same instant, and are replaced one by one
    let text = "title: large\nlength: 10m\nrollout_at: 1m\n\
                fleet: {instances: 300, startup: {constant: 3s}, errors: 0%}\n\
                traffic: {rate: 1/s}\nrelease: {from: v1, to: v2}\n\
                strategy: {rolling: {max_surge: 25%, max_unavailable: 25%}}\n";
    let (_, outcome) = run(text);
    let mut at: Vec<_> = outcome
        .timeline
        .iter()
        .filter(|it| it.text.contains(" scaled from "))
        .map(|it| (it.at, it.text.starts_with("v1")))
        .collect();
    let all = at.len();
    at.dedup();
    assert!(all == at.len() && all < 30, "{all} entries");
}

#[test]
fn the_share_that_failed_is_of_the_requests_that_ended() {
    let text = "title: open at the end\nlength: 2m\nclient: {deadline: 1h}\n\
                fleet: {instances: 4, workers: 100, queue: 100000, errors: 20%, readiness: null}\n\
                traffic: {rate: 20/s}\nstrategy: none\n\
                incidents: [{when: {at: 1m}, effect: {hang: {}}}]\n";
    let (_, outcome) = run(text);
    let figure = |it| outcome.figure(it).unwrap();
    let good: u64 = outcome.series.points.iter().map(|it| it.good).sum();
    let ended = figure(Measure::failed) + good as f64;
    // what hangs is open at the end: half of all
    assert!(figure(Measure::requests) - ended > 1_000.0, "{ended}");
    let share = figure(Measure::failed_share);
    assert!((share - figure(Measure::failed) / ended).abs() < 1e-12, "{share}");
    assert!((share - 0.2).abs() < 0.05, "{share}");
}

/// Starts and ends of faults, in seconds.
fn faults_told(rest: &str) -> Vec<(f64, String)> {
    let (_, outcome) = run(&bot(rest));
    let of_faults = outcome.timeline.iter().filter(|it| it.topic == Topic::Fault);
    of_faults.map(|it| (it.at.as_secs_f64(), it.text.clone())).collect()
}

#[test]
fn a_fault_is_told_to_start_and_to_end_as_often_as_it_does() {
    let once = |at: f64, end: f64| {
        vec![(at, "incident `it` starts".to_owned()), (end, "incident `it` ends".to_owned())]
    };
    let errors = "effect: {errors: {rate: 50%}}";
    let incident =
        |rest: &str| format!("incidents: [{{name: it, {rest}}}]\nstrategy: {{rolling: {{}}}}\n");
    // instances that come after its end do not have it any more
    let over = faults_told(&incident(&format!("when: {{at: 30s}}, lasts: 30s, {errors}")));
    assert_eq!(over, once(30.0, 60.0));
    // those that had it are gone before its end
    let gone = format!("when: {{at: 1m}}, lasts: 4m, scope: {{instances: 2}}, {errors}");
    assert_eq!(faults_told(&incident(&gone)), once(60.0, 300.0));
    let shared = "effect: {database_slow: {factor: 2x}}";
    for effect in [errors, shared] {
        let repeated = format!("when: {{at: 10s}}, lasts: 5s, repeat: 100s, {effect}");
        let expected = [10.0, 110.0, 210.0, 310.0].map(|at| once(at, at + 5.0)).concat();
        assert_eq!(faults_told(&incident(&repeated)), expected, "{effect}");
    }
    // each instance by itself: the two that stood, then those of the new release
    let aged = faults_told(&incident(&format!("when: {{age: 20s}}, lasts: 10s, {errors}")));
    assert_eq!(aged[..2], once(20.0, 30.0));
    assert!(aged.len() >= 4 && aged.last().unwrap().1.ends_with("ends"), "{aged:?}");
}

#[test]
fn a_defect_that_was_over_before_any_instance_had_it_never_took_effect() {
    let played = run(&bot(
        "release: {defects: [{name: early, when: {at: 10s}, lasts: 10s, effect: {errors: {rate: 50%}}}]}\n\
         strategy: {rolling: {}}\n",
    ));
    assert!(played.1.timeline.iter().all(|it| it.topic != Topic::Fault));
    assert!(played.1.faults.is_empty());
    assert!(headline_of(&played).contains("never took effect"), "{}", headline_of(&played));
}

#[test]
fn a_process_that_crashes_at_once_and_restarts_at_once_does_not_stop_the_clock() {
    let (_, outcome) = run("title: no time\nlength: 6m\nrollout_at: 2m\ntraffic: {rate: 10/s}\n\
         fleet: {instances: 2, startup: {constant: 0s}, restart: {backoff_max: 0s, backoff: 0s}}\n\
         release: {defects: [{effect: {startup_failure: {rate: 100%}}}]}\nstrategy: {rolling: {}}\n");
    // one in each second for one instance at a time, and one at once
    let restarts = outcome.figure(Measure::restarts).unwrap();
    assert!((200.0..500.0).contains(&restarts), "{restarts}");
}
