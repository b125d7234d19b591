//! What faults do to the world, each as its manual says.

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{self, Scenario},
    sim::{self, Outcome, Topic},
};

/// An hour of a small bot that is replaced at once after ten minutes, with this in the file.
fn play(more: &str) -> Outcome {
    let text = format!(
        "title: blows\nlength: 1h\nwarm_up: 10m\nrollout_at: 10m\nusers: {{count: 2000}}\nstrategy: \
         {{all_at_once: {{}}}}\n{more}"
    );
    let loaded = scenario::load_text::<Scenario>("blows.yaml", &text).unwrap();
    let (plan, problems) = scenario::plan_of("blows", loaded.value, std::path::Path::new("."));
    sim::run(&plan.unwrap_or_else(|| panic!("{problems:?}")), Seed::DEFAULT)
}

fn figure(outcome: &Outcome, measure: Measure) -> f64 {
    outcome.figure(measure).unwrap()
}

fn alerts(outcome: &Outcome) -> usize {
    outcome.timeline.iter().filter(|it| it.topic == Topic::Alert).count()
}

const WATCHED: &str = "alerts: [{name: r, metric: restarts, above: 0, window: 15m}]\n";

#[test]
fn a_process_that_a_request_count_crashes_answers_nothing_more() {
    let outcome = play(
        "traffic: {rate: 1/s}\nfleet: {instances: 1, workers: 1, queue: 0, errors: 0%, service_time: \
         {constant: 2s}, startup: {constant: 1s}}\nclient: {deadline: 1m}\nrelease: {defects: [{when: \
         {requests: 1}, effect: {crash: {}}}]}\n",
    );
    assert!(figure(&outcome, Measure::restarts) > 5.0);
    // every process dies of the first request that it takes up
    let good: u64 = outcome.series.points.iter().skip(50).map(|it| it.good).sum();
    assert_eq!(good, 0);
}

#[test]
fn a_request_that_kills_its_instance_has_no_answer() {
    let outcome = play(
        "traffic: {rate: 6/m}\nfleet: {instances: 1, workers: 1, errors: 0%, service_time: {constant: \
         50ms}}\nrelease: {defects: [{effect: {poison: {rate: 100%}}}]}\n",
    );
    let good: u64 = outcome.series.points.iter().skip(50).map(|it| it.good).sum();
    assert_eq!(good, 0);
    assert!(figure(&outcome, Measure::restarts) > 5.0);
}

#[test]
fn monitoring_sees_the_restarts_of_what_never_comes_up() {
    let defects = "release: {defects: [{effect: {startup_failure: {rate: 100%}}}]}\n";
    assert!(alerts(&play(&format!("{WATCHED}{defects}"))) > 0);
    assert_eq!(alerts(&play(WATCHED)), 0);
}

#[test]
fn restarts_in_a_gap_of_the_scrapes_are_found_by_the_next() {
    let outcome = play(&format!(
        "{WATCHED}incidents:\n  - {{when: {{at: 20m}}, effect: {{crash: {{}}}}}}\n  - {{when: {{at: \
         19m}}, effect: {{lost_scrapes: {{}}}}, lasts: 5m}}\n"
    ));
    assert_eq!(alerts(&outcome), 1);
}

#[test]
fn a_crash_strikes_each_instance_once() {
    let outcome =
        play("fleet: {instances: 4}\nincidents: [{when: {at: 20m}, effect: {crash: {}}}]\n");
    assert!((figure(&outcome, Measure::restarts) - 4.0).abs() < 1e-9);
}

#[test]
fn latency_is_first_stretched_and_then_delayed() {
    let outcome = play(
        "traffic: {rate: 2/s}\nfleet: {instances: 4, workers: 8, service_time: {constant: \
         50ms}}\nrelease: {defects: [{effect: {latency: {factor: 10x, delay: 400ms}}}]}\n",
    );
    // ten times 50 ms, and 400 ms
    assert!((figure(&outcome, Measure::latency_p50) - 0.9).abs() < 0.02);
}

#[test]
fn what_comes_at_random_and_repeats_does_not_multiply() {
    // each repetition once set off a new chain of its own: the trial never ended
    let outcome = play(
        "incidents: [{when: {random: 10s}, lasts: 1s, repeat: 5s, effect: {database_slow: {factor: \
         2x}}}]\n",
    );
    let strikes = outcome.faults.len();
    // an hour of one second of slowness every eleven
    assert!((200..500).contains(&strikes), "{strikes}");
}
