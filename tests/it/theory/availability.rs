//! Availability: machines and repair crews, crash loops, leaks that kill.

use rollsim::{kernel::Seed, model::Measure, sim};

use super::check;
use crate::trials::{Claim, Row, objections, plan, rows, study_of};

#[test]
fn machines_with_few_crews_are_up_as_long_as_the_repair_model_says() {
    check(include_str!("../oracles/machine_repair.csv"), |row| {
        let mtbf = row.number("mtbf");
        let (length, warm_up) = (220.0 * mtbf, 20.0 * mtbf);
        let (machines, crews) = (row.text("n_machines"), row.text("n_crews"));
        let text = format!(
            "title: machines and their crews
length: {length}s
warm_up: {warm_up}s
rollout_at: {length}s
fleet:
  instances: {machines}
  startup: {{exponential: {{mean: {mttr}s}}}}
  restart: {{backoff: 0s, backoff_max: 0s, at_once: {crews}}}
traffic: {{rate: 0.001/s}}
users: {{count: 10}}
telemetry: {{interval: 1h}}
incidents:
  - {{when: {{random: {mtbf}s}}, effect: {{crash: {{}}}}}}
strategy: {{rolling: {{}}}}
",
            mttr = row.number("mttr"),
        );
        let claim = Claim::share(Measure::instances_up, row.number("mean_fraction_up"));
        (text, vec![Claim { half_width: 0.01, ..claim }])
    });
}

/// Exact: nothing in it is random. The table leaves out a crash in the last moment.
#[test]
fn a_crash_loop_is_up_and_crashes_as_the_kubelet_makes_it() {
    for row in rows(include_str!("../oracles/crashloop_availability.csv")) {
        for (horizon, seconds) in [("10min", 600.0), ("1h", 3_600.0), ("24h", 86_400.0)] {
            let outcome = sim::run(&plan(&crash_loop(&row, seconds)), Seed::DEFAULT);
            let up = outcome.figure(Measure::instances_up).unwrap();
            let exact = row.number(&format!("availability_first_{horizon}"));
            assert!((up - exact).abs() < 1e-5, "{horizon} {row:?}: up {up}");
            let crashes = outcome.figure(Measure::restarts).unwrap();
            let exact = row.number(&format!("crashes_first_{horizon}"));
            assert!((crashes - exact).abs() < 0.5, "{horizon} {row:?}: {crashes} crashes");
        }
    }
}

fn crash_loop(row: &Row, seconds: f64) -> String {
    format!(
        "title: a release that crashes
length: {length}s
rollout_at: 0s
fleet:
  instances: 1
  startup: {{constant: {startup}s}}
  restart: {{backoff: {first}s, backoff_max: {most}s}}
traffic: {{rate: 0.001/s}}
users: {{count: 10}}
release:
  defects:
    - {{when: {{age: {uptime}s}}, effect: {{crash: {{}}}}}}
strategy: {{all_at_once: {{progress_deadline: 30d}}}}
",
        length = seconds - 0.001,
        startup = row.text("startup_s"),
        first = row.text("initial_backoff_s"),
        most = row.text("max_backoff_s"),
        uptime = row.text("uptime_per_run_s"),
    )
}

#[test]
fn a_leak_kills_for_the_first_time_when_the_limit_is_reached() {
    let mut objected = Vec::new();
    for row in rows(include_str!("../oracles/leak_time_to_oom.csv")) {
        let rate = row.number("rps_per_instance");
        // the table's last request fits exactly; the next one kills
        let exact = row.number("seconds_to_oom") + 1.0 / rate;
        let plan = plan(&leak(&row, 2.0 * exact));
        let claim = Claim { half_width: 0.04 * exact, ..Claim::of(Measure::oom_kills, exact, 1.0) };
        let estimates = study_of(&[claim], |seed| {
            let outcome = sim::run(&plan, seed);
            let killed = outcome.timeline.iter().find(|it| it.text.ends_with("out of memory"));
            vec![killed.map_or(f64::NAN, |it| it.at.nanos() as f64 / 1e9)]
        });
        objected.extend(objections(&format!("{row:?}"), &[claim], &estimates));
    }
    assert!(objected.is_empty(), "{}", objected.join("\n"));
}

fn leak(row: &Row, seconds: f64) -> String {
    format!(
        "title: a leak
length: {seconds:.3}s
rollout_at: {seconds:.3}s
fleet:
  instances: 1
  workers: 50
  service_time: {{constant: 1ms}}
  memory:
    base: {base}MiB
    limit: {limit}MiB
    garbage_collection: {{from: 100%, slowdown: 1x}}
traffic: {{rate: {rate}/s}}
users: {{count: 10}}
incidents:
  - {{effect: {{leak: {{per_request: {leak}KiB}}}}}}
strategy: {{rolling: {{}}}}
",
        base = row.text("baseline_mib"),
        limit = row.text("limit_mib"),
        rate = row.text("rps_per_instance"),
        leak = row.text("leak_kib_per_request"),
    )
}
