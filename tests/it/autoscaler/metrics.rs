//! What the metrics pipeline shows, and when.

use super::{fleet, run, sizes};

fn text(autoscaler: &str, rate: &str, rest: &str) -> String {
    format!(
        "title: metrics\nlength: 20m\nrollout_at: 20m\n{}traffic: {{rate: {rate}}}\n{rest}strategy: {{rolling: {{}}}}\n",
        fleet(10, 4, autoscaler)
    )
}

/// When the fleet grows for the first time after a jump of the load at 600 s.
fn grows_at(autoscaler: &str) -> u64 {
    let jump = "incidents: [{when: {at: 10m}, effect: {latency: {factor: 3x}}}]\n";
    let outcome = run(&text(autoscaler, "200/s", jump));
    let sizes = sizes(&outcome);
    sizes.iter().find(|it| it.1 > 10).unwrap_or_else(|| panic!("{sizes:?}")).0
}

#[test]
fn a_metric_is_acted_upon_its_lag_after_the_window_that_shows_it() {
    // half of the workers are busy, then more; windows end 10 s, 0 s or 60 s before a sync
    let behavior = "min: 10, max: 40, target: 55%";
    assert_eq!(grows_at(&format!("{behavior}, metrics_lag: 0s")), 615);
    assert_eq!(grows_at(behavior), 615);
    assert_eq!(grows_at(&format!("{behavior}, metrics_lag: 15s")), 630);
    assert_eq!(grows_at(&format!("{behavior}, metrics_lag: 60s")), 675);
    // seen at the next sync, which comes every minute
    assert_eq!(grows_at(&format!("{behavior}, sync_period: 1m")), 660);
    // a window of five minutes ends at 590 s and at 890 s, and is seen 10 s later
    assert_eq!(grows_at(&format!("{behavior}, metrics_resolution: 5m")), 900);
}

/// The size that a fleet of ten under a constant load comes to.
fn settles_at(autoscaler: &str, rate: &str) -> u32 {
    let outcome = run(&text(autoscaler, rate, ""));
    sizes(&outcome).last().map_or(10, |it| it.1)
}

#[test]
fn each_metric_aims_at_its_target() {
    // 200/s are 20 busy workers, of 4 each
    let busy = settles_at("min: 1, max: 60, target: 25%", "200/s");
    assert!((20..=22).contains(&busy), "{busy}");
    let requests = settles_at("min: 1, max: 60, metrics: [{requests: 8/s}]", "200/s");
    assert!((25..=27).contains(&requests), "{requests}");
    let arrivals = settles_at("min: 1, max: 60, metrics: [{arrivals: 8/s}]", "200/s");
    assert!((25..=27).contains(&arrivals), "{arrivals}");
    // 25 ms of processor time each are 5 cores, and 0.05 idle in each instance
    let cpu = "cpu: {per_request: 25ms, requested: 0.5, idle: 0.05}";
    let cpu = settles_at(&format!("min: 1, max: 60, metrics: [{{cpu: 50%}}], {cpu}"), "200/s");
    // n instances use 5 + 0.05 n of 0.5 n cores: half of it at n = 25
    assert!((24..=26).contains(&cpu), "{cpu}");
    // the largest of several decides
    let both = "min: 1, max: 60, metrics: [{busy: 50%}, {requests: 8/s}]";
    assert_eq!(settles_at(both, "200/s"), requests);
}

/// The figure before these words, of a text such as `200/s in all`.
fn before(text: &str, words: &str) -> f64 {
    let (figure, _) = text.split_once(words).unwrap_or_else(|| panic!("no `{words}`: {text}"));
    let figure = figure.rsplit(' ').next().unwrap().replace(',', "");
    figure.trim_end_matches("/s").parse().unwrap()
}

#[test]
fn a_change_of_size_says_the_value_the_total_the_instances_and_what_is_wanted() {
    let outcome = run(&text("min: 1, max: 60, metrics: [{requests: 8/s}]", "200/s", ""));
    let grows = |it: &&rollsim::sim::Entry| it.text.starts_with("autoscaler scales");
    let causes = outcome.timeline.iter().filter(grows).map(|it| it.cause.as_str());
    let causes: Vec<&str> = causes.collect();
    assert!(!causes.is_empty());
    for cause in causes {
        let value = before(cause, ", target 8/s; ");
        let total = before(cause, " in all at ");
        let instances = before(cause, " instances");
        let wanted = before(cause, " wanted");
        // figures are told with three digits
        assert!((value * instances - total).abs() <= 0.02 * total, "{cause}");
        let replicas = total / 8.0;
        assert!((replicas - 0.2..replicas + 1.2).contains(&wanted), "{cause}");
        assert!(before(cause, " ready; ") <= 60.0, "{cause}");
    }
    let first = outcome.timeline.iter().find(grows).unwrap();
    assert!(first.cause.contains(" in all at 10 instances, 10 ready; 2"), "{}", first.cause);
}

#[test]
fn a_total_grows_to_the_maximum_however_many_instances_share_it() {
    let total = "min: 1, max: 33, metrics: [{total_arrivals: 100/s}]";
    assert_eq!(settles_at(total, "200/s"), 33);
}

#[test]
fn what_a_start_burns_does_not_count_as_load_before_the_instance_has_initialised() {
    // four new instances burn 5 cores each for half a minute; without the period they would call for more
    let text = |more: &str| {
        format!(
            "title: starts burn\nlength: 10m\nrollout_at: 10m\nfleet:
  instances: 4
  workers: 20
  service_time: {{constant: 100ms}}
  startup: {{constant: 40s}}
  readiness: {{period: 5s, timeout: 1h}}
  liveness: null
  autoscaler:
    min: 1
    max: 40
    metrics: [{{cpu: 50%}}]
    cpu: {{per_request: 5ms, requested: 0.5, starting: 5}}
    {more}
traffic: {{rate: 300/s}}
strategy: {{rolling: {{}}}}
"
        )
    };
    let largest = |more: &str| sizes(&run(&text(more))).iter().map(|it| it.1).max().unwrap();
    // 1.5 cores of 2 are in use: six instances of half a core each are at their target
    assert_eq!(largest(""), 6);
    let fooled = largest("cpu_initialization_period: 0s\n    initial_readiness_delay: 0s");
    assert!(fooled > 12, "{fooled}");
}

#[test]
fn instances_that_have_not_started_count_as_idle_on_the_way_up() {
    // twice the load; new instances never start, and ten at twice the target are twenty at it
    let text = "title: none starts\nlength: 15m\nrollout_at: 15m\nfleet:
  instances: 10
  workers: 4
  queue: 100000
  service_time: {constant: 100ms}
  startup: {constant: 30d}
  readiness: {period: 1s, timeout: 1h}
  liveness: null
  autoscaler: {min: 10, max: 60, target: 40%}
traffic: {rate: 320/s}
strategy: {rolling: {}}
";
    let sizes = sizes(&run(text));
    assert!(!sizes.is_empty() && sizes.iter().all(|it| (19..=21).contains(&it.1)), "{sizes:?}");
}
