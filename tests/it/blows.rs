//! What faults do to the world, each as its manual says.

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{self, Scenario},
    sim::{self, LifeState, Outcome, Topic},
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
fn what_comes_at_random_comes_again_and_does_not_multiply() {
    let outcome = play(
        "incidents: [{when: {random: 10s}, lasts: 1s, effect: {database_slow: {factor: 2x}}}]\n",
    );
    let strikes = outcome.faults.len();
    // an hour of one second of slowness every eleven
    assert!((200..500).contains(&strikes), "{strikes}");
}

/// The instances that crash in each of the trials' minutes, by their numbers.
fn crashed(outcome: &Outcome) -> std::collections::BTreeMap<u64, Vec<u32>> {
    let mut crashed = std::collections::BTreeMap::<u64, Vec<u32>>::new();
    for life in &outcome.lives {
        for stretch in life.stretches.iter().filter(|it| it.state == LifeState::Crashed) {
            let minute = stretch.from.nanos() / 60_000_000_000;
            // the trial ends with its last minute
            if minute == 60 {
                continue;
            }
            crashed.entry(minute).or_default().push(life.pod);
        }
    }
    crashed
}

/// Exactly so many of those that run, drawn again each time.
#[test]
fn a_number_of_instances_is_exactly_as_many_and_others_each_time() {
    let chaos = |scope: &str| {
        play(&format!(
            "fleet: {{instances: 6, zones: [a, b], startup: {{constant: 1s}}, restart: {{backoff: 0s, \
             backoff_max: 0s}}}}\nincidents: [{{when: {{at: 20m}}, lasts: 1s, repeat: 1m, scope: {scope}, effect: {{crash: {{}}}}}}]\n"
        ))
    };
    let two = crashed(&chaos("{instances: 2}"));
    assert_eq!(two.len(), 40, "{two:?}");
    assert!(two.values().all(|it| it.len() == 2), "{two:?}");
    // each of the six is as likely: 80 crashes, 13.3 each, with a standard deviation of 3
    let mut times = std::collections::BTreeMap::<u32, usize>::new();
    two.values().flatten().for_each(|pod| *times.entry(*pod).or_default() += 1);
    assert!(times.len() == 6 && times.values().all(|it| (2..25).contains(it)), "{times:?}");
    assert!(two.values().collect::<std::collections::BTreeSet<_>>().len() > 8, "{two:?}");
    // among those of a zone, and no more than there are
    let zone = crashed(&chaos("{instances: 2, zone: b}"));
    let pods: std::collections::BTreeSet<u32> = zone.values().flatten().copied().collect();
    assert_eq!(pods.len(), 3, "{zone:?}");
    assert!(crashed(&chaos("{instances: 5000}")).values().all(|it| it.len() == 6));
}

#[test]
fn a_number_of_instances_can_be_struck_at_random_and_heals_by_itself() {
    let outcome = play(
        "fleet: {instances: 6, startup: {constant: 1s}}\nincidents: [{when: {random: 1m}, scope: {instances: \
         1}, effect: {crash: {}}}]\n",
    );
    // an hour at one a minute on average, each of one instance: 60 with a standard deviation of 8
    let restarts = figure(&outcome, Measure::restarts);
    assert!((20.0..90.0).contains(&restarts), "{restarts}");
    let hurt = |scope: &str| {
        let outcome = play(&format!(
            "traffic: {{rate: 20/s}}\nfleet: {{instances: 4, errors: 0%, balancer: random}}\nincidents: [{{when: \
             {{at: 20m}}, lasts: 20m, scope: {scope}, effect: {{errors: {{rate: 100%}}}}}}]\n"
        ));
        figure(&outcome, Measure::failed_errors) / figure(&outcome, Measure::requests)
    };
    // 20 of 50 minutes, at one instance of four
    assert!((hurt("{instances: 1}") - 0.1).abs() < 0.005, "{}", hurt("{instances: 1}"));
    assert!((hurt("{instances: 4}") - 0.4).abs() < 0.005);
}
