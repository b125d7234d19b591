//! What the kubelet does to an instance, by arithmetic: when its probes kill it, what a kill grants, when it
//! is ready, and what a probe costs in an overload.

use rollsim::{
    kernel::{Purpose, Seed, Streams},
    model::Measure,
    sim::{self, Outcome},
};

use crate::trials::plan;

const SECOND: u64 = 1_000_000_000;

/// A candidate of one instance that takes so long to start; seconds.
fn slow_start(startup: f64, probes: &str) -> String {
    format!(
        "title: a slow start
length: 30m
rollout_at: 60s
fleet:
  instances: 1
  startup: {{constant: {startup}s}}
  drain: {{pre_stop: 3s, grace: 30s}}
  propagation: 0s
{probes}
traffic: {{rate: 0.01/s}}
users: {{count: 10}}
strategy: {{rolling: {{max_surge: 1, max_unavailable: 0, progress_deadline: 1d}}}}
"
    )
}

/// When entries with this text and cause happened, in nanoseconds.
fn times(outcome: &Outcome, text: &str, cause: &str) -> Vec<u64> {
    let meant = |it: &&sim::Entry| it.text.contains(text) && it.cause.contains(cause);
    outcome.timeline.iter().filter(meant).map(|it| it.at.nanos()).collect()
}

fn kills(text: &str, seed: Seed, cause: &str) -> Vec<u64> {
    times(&sim::run(&plan(text), seed), "restarting", cause)
}

/// Moment in its period, from 0 to 1, at which chance has the candidate's only instance probed.
fn phase(seed: Seed) -> f64 {
    Streams::new(seed).key(Purpose::Probe).uniform(1 << 40)
}

/// Whole seconds of a probe.
struct Setting {
    delay: u64,
    period: u64,
    failures: u64,
}

impl Setting {
    fn yaml(&self) -> String {
        let Self { delay, period, failures } = self;
        format!("{{initial_delay: {delay}s, period: {period}s, failure_threshold: {failures}}}")
    }

    /// When a probe that always fails kills: the ticks of the instance since its creation at 60 s, from the
    /// first that is late enough; each restart begins after the hook of 3 s and its back-off.
    fn kills(&self, seed: Seed, count: usize) -> Vec<u64> {
        let created = 60 * SECOND;
        let period = self.period * SECOND;
        let first = created + rollsim::units::round_u64(phase(seed) * period as f64);
        let waits = [0, 10, 20, 40, 80, 160, 300, 300, 300];
        let (mut started, mut kills) = (created, Vec::new());
        for wait in waits.into_iter().take(count) {
            // the status has the start in whole seconds
            let from = (started / SECOND * SECOND + self.delay * SECOND).max(started);
            let probes = (0..).map(|it| first + it * period).filter(|&it| it >= from);
            let kill = probes.take(usize::try_from(self.failures).unwrap()).last().unwrap();
            kills.push(kill);
            started = kill + (3 + wait) * SECOND;
        }
        kills
    }
}

const SETTINGS: [Setting; 4] = [
    Setting { delay: 0, period: 10, failures: 3 },
    Setting { delay: 15, period: 10, failures: 1 },
    Setting { delay: 7, period: 3, failures: 4 },
    Setting { delay: 1, period: 1, failures: 9 },
];

#[test]
fn a_liveness_probe_kills_a_slow_starter_again_and_again_at_the_instants_of_arithmetic() {
    for setting in &SETTINGS {
        let text = slow_start(900.0, &format!("  liveness: {}", setting.yaml()));
        for seed in (1..=5).map(Seed::new) {
            let found = kills(&text, seed, "its liveness probe failed");
            assert!(found.len() >= 6, "{} kills", found.len());
            assert_eq!(found[..6], setting.kills(seed, 6), "{}", setting.yaml());
        }
    }
}

#[test]
fn so_does_a_startup_probe_with_too_few_failures() {
    for setting in &SETTINGS {
        let text = slow_start(900.0, &format!("  startup_probe: {}", setting.yaml()));
        let seed = Seed::new(3);
        let found = kills(&text, seed, "its startup probe failed");
        assert_eq!(found[..6], setting.kills(seed, 6), "{}", setting.yaml());
    }
}

/// The last failure that kills comes at the earliest a delay and all periods but one after the start, at the
/// latest a whole period later.
#[test]
fn who_starts_within_the_delay_and_all_failures_but_one_is_never_killed_and_a_period_later_always()
{
    for setting in &SETTINGS {
        let probe = format!("  liveness: {}", setting.yaml());
        let least = (setting.delay + (setting.failures - 1) * setting.period) as f64;
        // the status forgets up to a second of the start
        let (safe, lost) = (least - 1.0, least + setting.period as f64);
        for seed in (1..=20).map(Seed::new) {
            let killed = |startup: f64| !kills(&slow_start(startup, &probe), seed, "").is_empty();
            assert!(safe <= 0.0 || !killed(safe), "{} within {safe}", setting.yaml());
            assert!(killed(lost + 0.001), "{} after {lost}", setting.yaml());
        }
    }
}

#[test]
fn a_startup_probe_with_enough_failures_or_a_long_enough_delay_heals_a_slow_start() {
    let seeds = (1..=10).map(Seed::new);
    for seed in seeds {
        let sick = slow_start(120.0, "  liveness: {}");
        assert!(!kills(&sick, seed, "").is_empty());
        for cure in [
            "  liveness: {}\n  startup_probe: {failure_threshold: 13}",
            "  liveness: {initial_delay: 100s, failure_threshold: 4}",
        ] {
            let outcome = sim::run(&plan(&slow_start(120.0, cure)), seed);
            assert!(times(&outcome, "restarting", "").is_empty(), "{cure}");
            assert_eq!(times(&outcome, "completed", "").len(), 1, "{cure}");
        }
    }
}

/// Ready at the first probe that finds it up: at the start of the container and every period from there,
/// after the delay. Behind a startup probe at the success of that.
#[test]
fn a_new_instance_is_ready_at_the_first_probe_that_finds_it_up() {
    for (startup, probes, ready) in [
        (0.0, "", 0.0),
        (0.1, "", 10.0),
        (10.0, "", 10.0),
        (10.1, "", 20.0),
        (10.1, "  readiness: {period: 3s}", 12.0),
        (2.0, "  readiness: {period: 10s, initial_delay: 5s}", 10.0),
        (2.0, "  readiness: {period: 2s, success_threshold: 3}", 6.0),
        (300.0, "  readiness: null", 0.0),
    ] {
        let outcome = sim::run(&plan(&slow_start(startup, probes)), Seed::DEFAULT);
        let took = outcome.figure(Measure::rollout_time).unwrap();
        assert!((took - ready).abs() < 1e-9, "{startup} {probes}: {took}");
    }
    let probes = "  startup_probe: {period: 10s, failure_threshold: 90}\n  readiness: {period: 1h}";
    for seed in (1..=5).map(Seed::new) {
        let outcome = sim::run(&plan(&slow_start(25.0, probes)), seed);
        let took = outcome.figure(Measure::rollout_time).unwrap();
        let tick = 10.0 * phase(seed);
        let exact = tick + 10.0 * ((25.0 - tick) / 10.0).ceil();
        assert!((took - exact).abs() < 1e-6, "{took} and not {exact}");
    }
}

/// One instance that hangs from 2 min on.
fn hang(probes: &str, drain: &str) -> String {
    format!(
        "title: an instance hangs
length: 10m
rollout_at: 10m
fleet:
  instances: 1
  startup: {{constant: 0s}}
  drain: {drain}
{probes}
traffic: {{rate: 0.01/s}}
users: {{count: 10}}
incidents:
  - {{when: {{at: 2m}}, effect: {{hang: {{}}}}, lasts: 2m}}
strategy: {{all_at_once: {{}}}}
"
    )
}

/// The standing instance's probes come at this part of their period.
fn phase_of_standing(seed: Seed) -> f64 {
    Streams::new(seed).key(Purpose::Probe).uniform(0)
}

#[test]
fn a_probe_that_hangs_fails_after_its_time_out_and_the_kill_waits_for_the_end_of_the_grace() {
    for path in ["queue", "beside"] {
        let probes = format!("  liveness: {{period: 10s, timeout: 4s, through: {path}}}");
        for (drain, most) in [
            ("{pre_stop: 5s, grace: 30s}", 30_000),
            ("{pre_stop: 1900ms, grace: 3s}", 3_900),
            ("{pre_stop: 0s, grace: 1s}", 2_000),
        ] {
            for seed in (1..=5).map(Seed::new) {
                let outcome = sim::run(&plan(&hang(&probes, drain)), seed);
                let restarting = times(&outcome, "restarting", "liveness");
                let killed = times(&outcome, "killed", "the grace period has expired");
                assert!(!killed.is_empty());
                // the third probe from 2 min on, and its time-out
                let tick = 10.0 * phase_of_standing(seed);
                let third = 120.0 + tick + 20.0 + 4.0;
                let at = restarting[0] as f64 / 1e9;
                assert!((at - third).abs() < 1e-6, "{at} and not {third}");
                assert_eq!(killed[0] - restarting[0], most * 1_000_000);
            }
        }
    }
}

#[test]
fn without_a_liveness_probe_nobody_restarts_what_hangs() {
    for probes in ["", "  liveness: null"] {
        let outcome = sim::run(&plan(&hang(probes, "{}")), Seed::DEFAULT);
        assert!(outcome.figure(Measure::restarts).unwrap() < 0.5);
    }
    let text = hang("  liveness: {}", "{}");
    assert!(sim::run(&plan(&text), Seed::DEFAULT).figure(Measure::restarts).unwrap() > 0.5);
}

/// One worker and requests of 6 s: a liveness probe in the queue has the instance killed at most 4 s after
/// one has begun.
fn long_requests(drain: &str, path: &str) -> Outcome {
    let text = format!(
        "title: long requests
length: 10m
rollout_at: 10m
fleet:
  instances: 1
  workers: 1
  queue: 10
  errors: 0%
  service_time: {{constant: 6s}}
  startup: {{constant: 0s}}
  readiness: {{through: beside}}
  liveness: {{period: 1s, timeout: 500ms, failure_threshold: 3, through: {path}}}
  drain: {drain}
  restart: {{backoff: 0s, backoff_max: 0s}}
traffic: {{rate: 0.05/s}}
users: {{count: 1000, activity: in_turn}}
client: {{deadline: 2m}}
strategy: {{all_at_once: {{}}}}
"
    );
    sim::run(&plan(&text), Seed::DEFAULT)
}

#[test]
fn what_is_in_hand_at_a_kill_is_served_within_the_grace_and_cut_off_after_it() {
    let figure = |it: &Outcome, measure| it.figure(measure).unwrap();
    let patient = long_requests("{pre_stop: 0s, grace: 60s}", "queue");
    let cut = long_requests("{pre_stop: 0s, grace: 2s}", "queue");
    assert!(figure(&patient, Measure::restarts) > 10.0);
    assert!(figure(&cut, Measure::restarts) > 10.0);
    // those that are refused while the process stops or waits for its restart fail either way
    assert!(!times(&cut, "killed with requests in progress", "").is_empty());
    assert!(times(&patient, "killed with requests in progress", "").is_empty());
    // no rollout stops anything here
    assert!(figure(&cut, Measure::failed_by_stopping) < 0.5);
    let beside = long_requests("{pre_stop: 0s, grace: 2s}", "beside");
    assert!(figure(&beside, Measure::restarts) < 0.5);
}

/// A measured fleet behind HAProxy: eight bots of four workers, 335 requests a second at most, at 60 % of
/// that and for 20 s at twice; a deadline of 1 s; checks every second, three failures, two successes.
fn overload(retries: u32, path: &str, seed: Seed) -> (u64, Option<usize>) {
    let text = format!(
        "title: an overload
length: 100s
rollout_at: 100s
fleet:
  instances: 8
  workers: 4
  queue: 140
  errors: 0%
  service_time: {{lognormal: {{median: 80ms, p99: 320ms}}}}
  balancer: round_robin
  propagation: 0s
  readiness: {{period: 1s, failure_threshold: 3, success_threshold: 2, through: {path}}}
traffic: {{rate: 201/s, spikes: [{{at: 30s, length: 20s, factor: 3.333x}}]}}
users: {{count: 10000}}
client: {{deadline: 1s, retries: {{max: {retries}, backoff: {{base: 100ms}}}}}}
telemetry: {{interval: 1s}}
strategy: {{all_at_once: {{}}}}
"
    );
    let points = sim::run(&plan(&text), seed).series.points;
    let well = |it: &sim::SeriesPoint| it.failed * 20 <= it.failed + it.good;
    // seconds after the overload until at most 5 % fail for 5 s
    let recovery = points[50..].windows(5).position(|it| it.iter().all(well));
    (points.iter().map(|it| it.failed).sum(), recovery)
}

const SEEDS: u8 = 6;

/// Mean number of failures, and the seconds until each recovered.
fn overloads(retries: u32, path: &str) -> (f64, Vec<Option<usize>>) {
    let trials = (1..=SEEDS).map(|it| overload(retries, path, Seed::new(it.into())));
    let (failed, recovered): (Vec<u64>, Vec<_>) = trials.unzip();
    (failed.iter().sum::<u64>() as f64 / f64::from(SEEDS), recovered)
}

/// Measured twice: 13,890 and 14,143 failed, and 9 s.
#[test]
fn an_overload_without_retries_fails_and_recovers_as_measured() {
    let (failed, recovered) = overloads(0, "beside");
    assert!((13_800.0..14_300.0).contains(&failed), "{failed}");
    assert!(recovered.iter().flatten().all(|it| (7..=11).contains(it)), "{recovered:?}");
}

/// Measured twice: 12,324 and 12,538 failed, and 1 s, where the check goes through the queue; where it is
/// answered beside the queue the storm does not end.
#[test]
fn a_retry_storm_ends_where_probes_wait_in_the_queue_and_not_where_they_are_answered_beside_it() {
    let (failed, recovered) = overloads(3, "queue");
    assert!((11_900.0..12_700.0).contains(&failed), "{failed}");
    assert!(recovered.iter().all(|it| it.is_some_and(|it| it <= 4)), "{recovered:?}");
    let (_, recovered) = overloads(3, "beside");
    assert_eq!(recovered, [None; SEEDS as usize]);
}
