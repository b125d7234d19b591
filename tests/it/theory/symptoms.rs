//! When waiting in line is a symptom: an M/M/2 queue behind each of four instances.

use rollsim::{
    kernel::Seed,
    model::Measure,
    sim::{self, Outcome},
    units::Instant,
};

use crate::trials::plan;

/// Two workers of 300 ms an instance, and this many requests a second for all four.
fn outcomes(rate: &str) -> Vec<Outcome> {
    let plan = plan(&format!(
        "format: 2\ntitle: a queue\nlength: 30m\nwarm_up: 0s\ntraffic: {{rate: {rate}}}\nusers: {{count: 1000}}\n\
         fleet: {{instances: 4, workers: 2, errors: 0%, queue: 100000, \
         service_time: {{exponential: {{mean: 300ms}}}}}}\n\
         client: {{deadline: 1h, slow_after: 3s}}\nstrategy: none\n"
    ));
    (0..40).map(|seed| sim::run(&plan, Seed::new(seed))).collect()
}

#[test]
fn a_long_wait_now_and_then_is_no_symptom() {
    // at 60 % of what the workers can do, 0.45 of the requests wait, and of these exp(-2.67 * 2.7) longer than
    // 2.7 s: about 10 of 28,800
    let outcomes = outcomes("16/s");
    let slow = |it: &Outcome| it.figure(Measure::slow).unwrap();
    assert!(outcomes.iter().all(|it| slow(it) > 0.0));
    let symptoms = outcomes.iter().filter(|it| it.first_symptom.is_some()).count();
    assert_eq!(symptoms, 0);
}

#[test]
fn an_overload_is_a_symptom_as_soon_as_the_wait_is_too_long() {
    // 4/3 of what the workers can do: each line grows by 2.1 requests a second, of which 6.67 are served, so that
    // the wait passes 2.7 s after 9 s
    for outcome in outcomes("33.3/s") {
        let at = outcome.first_symptom.expect("an overload").as_secs_f64();
        assert!((5.0..60.0).contains(&at), "{at}");
    }
}

/// One request a second for an hour, each with a query; what is slow takes longer than a second.
fn with_database(query: &str, rest: &str) -> Option<f64> {
    let plan = plan(&format!(
        "format: 2\ntitle: queries\nlength: 1h\nwarm_up: 0s\ntraffic: {{rate: 1/s}}\nusers: {{count: 1000}}\n\
         fleet: {{instances: 4, workers: 8, errors: 0%, service_time: {{constant: 40ms}}}}\n\
         operations: {{ask: {{share: 100%, database: {{constant: {query}}}, calls: [mail]}}}}\n\
         dependencies: {{mail: {{latency: {{constant: 10ms}}, errors: 0%}}}}\n\
         database: {{timeout: 30s}}\nclient: {{deadline: 30s, slow_after: 1s}}\nstrategy: none\n{rest}"
    ));
    sim::run(&plan, Seed::DEFAULT).first_symptom.map(Instant::as_secs_f64)
}

#[test]
fn an_answer_that_is_slow_for_its_query_is_a_symptom_as_one_that_is_slow_for_its_call() {
    let incident = |effect: &str| {
        format!("incidents: [{{name: slow, when: {{at: 10m}}, lasts: 4m, effect: {{{effect}}}}}]\n")
    };
    for effect in [
        // queries of 1.5 s, calls of 1.5 s
        "database_slow: {factor: 300x}",
        "dependency: {name: mail, factor: 150x}",
        // nothing is answered before it opens
        "database_lock: {}",
        "hang: {}",
    ] {
        let at = with_database("5ms", &incident(effect)).unwrap_or_else(|| panic!("{effect}"));
        let latest = if effect.ends_with("{}") { 850.0 } else { 620.0 };
        assert!((600.0..latest).contains(&at), "{effect}: {at}");
    }
    // what takes so long on any day is none
    assert_eq!(with_database("1500ms", ""), None);
}
