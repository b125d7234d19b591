//! New instances that wait for a machine.

use rollsim::model::Measure;

use super::run;

/// Ten instances start at once, beside ten; the seconds after the start at which machines arrive.
fn arrivals(machines: &str) -> Vec<u64> {
    let text = format!(
        "title: machines\nlength: 1h\nrollout_at: 10m\nfleet:
  instances: 10
  startup: {{constant: 5s}}
  machines: {{{machines}}}
traffic: {{rate: 5/s}}
strategy: {{blue_green: {{bake: 5m, keep_old: 5m, analysis: false}}}}
"
    );
    let outcome = run(&text);
    let machine = outcome.timeline.iter().filter(|it| it.text == "a machine has been provisioned");
    machine.map(|it| it.at.nanos() / 1_000_000_000 - 600).collect()
}

#[test]
fn machines_are_ordered_for_what_finds_no_room() {
    let minute = "provision: {constant: 1m}";
    assert_eq!(arrivals(minute), [60; 10]);
    assert_eq!(arrivals(&format!("{minute}, spare: 4")), [60; 6]);
    assert_eq!(arrivals(&format!("{minute}, spare: 10")), [0; 0]);
    assert_eq!(arrivals(&format!("{minute}, per_machine: 4")), [60; 3]);
    // the more are on order, the longer each takes
    let slower: Vec<u64> = (0..10).map(|it| 60 + 6 * it).collect();
    assert_eq!(arrivals(&format!("{minute}, slower: 0.1x")), slower);
}

fn blue_green(machines: &str, more: &str) -> rollsim::sim::Outcome {
    run(&format!(
        "title: machines\nlength: 2h\nrollout_at: 10m\nfleet:
  instances: 10
  startup: {{constant: 5s}}
  propagation: 0s
  readiness: {{period: 1s}}
  machines: {{{machines}}}
traffic: {{rate: 5/s}}
strategy: {{blue_green: {{bake: 5m, keep_old: 5m, analysis: false, switch_command: 0s{more}}}}}
"
    ))
}

#[test]
fn a_rollout_takes_as_long_as_its_machines() {
    let time = |machines: &str| blue_green(machines, "").figure(Measure::rollout_time).unwrap();
    let ready = 5.0 + 300.0;
    assert!((time("spare: 10") - ready).abs() < 2.0);
    assert!((time("provision: {constant: 90s}") - ready - 90.0).abs() < 2.0);
}

#[test]
fn without_room_a_rollout_that_needs_more_is_given_up() {
    let outcome = blue_green("room: 15, provision: {constant: 10s}", ", progress_deadline: 3m");
    assert_eq!(outcome.phase.name(), "rolled back");
    assert!((outcome.figure(Measure::instances_peak).unwrap() - 15.0).abs() < 1e-9);
    let why = outcome.timeline.iter().find(|it| it.text == "rolling back").unwrap();
    assert!(why.cause.starts_with("5 of 10 new instances available"), "{}", why.cause);
}

#[test]
fn machines_are_given_back_once_they_have_been_empty_for_long() {
    // two rollouts' worth of machines: the second fleet goes back to the provider, or is there again
    let ordered = |keep: &str| {
        let text = format!(
            "title: machines\nlength: 2h\nrollout_at: 2h\nfleet:
  instances: 4
  workers: 10
  queue: 100000
  service_time: {{constant: 100ms}}
  startup: {{constant: 1s}}
  readiness: {{period: 1s, timeout: 1h}}
  liveness: null
  autoscaler: {{min: 4, max: 12, target: 50%, shrink_after: 1m}}
  machines: {{provision: {{constant: 30s}}, keep: {keep}}}
traffic: {{rate: 200/s, spikes: [{{at: 10m, length: 10m, factor: 2x}}, {{at: 40m, length: 10m, factor: 2x}}]}}
strategy: {{rolling: {{}}}}
"
        );
        let machine = "a machine has been provisioned";
        run(&text).timeline.iter().filter(|it| it.text == machine).count()
    };
    let (given_back, kept) = (ordered("5m"), ordered("1h"));
    assert!((4..=5).contains(&kept), "{kept}");
    assert_eq!(given_back, 2 * kept);
}
