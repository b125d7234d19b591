//! When waiting in line is a symptom: an M/M/2 queue behind each of four instances.

use rollsim::{
    kernel::Seed,
    model::Measure,
    sim::{self, Outcome},
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
