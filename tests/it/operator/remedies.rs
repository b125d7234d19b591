//! Restarts, drains and other sizes: they need no rollout.

use rollsim::{
    model::{Measure, ReleaseId},
    sim::LifeState,
};

use super::{IDLE, count, deeds, figure, outcome, story};

/// All four instances hang from 10 min on, for good, and new ones do not.
const HUNG: &str =
    "fleet: {instances: 4, errors: 0%, balancer: round_robin, startup: {constant: 10s}}
incidents: [{when: {at: 10m}, scope: {instances: 4}, effect: {hang: {}}}]
";

#[test]
fn a_restart_of_instances_that_hang_ends_the_outage() {
    let restart = "[{do: {restart: {at_once: '100%'}}}]";
    let (idle, acted) =
        (outcome(&story("none", IDLE, HUNG)), outcome(&story("none", restart, HUNG)));
    // from 10 min to the end
    let down = figure(&idle, Measure::downtime);
    assert!((2_980.0..=3_000.0).contains(&down), "{down}");
    assert_eq!(count(&idle, Measure::operator_actions), 0);
    let [(at, cause)] = deeds(&acted, "restarts 4 instances")[..] else { panic!("one restart") };
    assert_eq!(cause, "`errors` fires");
    let paged = deeds(&acted, "alert `errors` pages")[0].0;
    assert!((at - paged - 180.0).abs() < 1e-6, "{paged} {at}");
    // a start takes 10 s, and a probe follows at once
    let down = figure(&acted, Measure::downtime);
    assert!((at - 600.0 + 5.0..=at - 600.0 + 20.0).contains(&down), "{down} {at}");
    assert_eq!(count(&acted, Measure::operator_actions), 1);
    assert_eq!(acted.lives.len(), 8);
}

#[test]
fn only_what_is_not_ready_is_restarted_where_that_is_said() {
    let of = |restart: &str, count: u32| {
        let hung = HUNG.replace("instances: 4}, effect", &format!("instances: {count}}}, effect"));
        outcome(&story("none", &format!("[{{do: {{restart: {restart}}}}}]"), &hung))
    };
    let (unready, all) = (of("{unready: true, at_once: 4}", 3), of("{at_once: 4}", 3));
    assert_eq!((unready.lives.len(), all.lives.len()), (7, 8));
    assert_eq!(deeds(&unready, "restarts 3 instances").len(), 1);
    // the candidate has no instance to restart
    let none = of("{release: candidate}", 3);
    assert_eq!((none.lives.len(), figure(&none, Measure::operator_actions)), (4, 0.0));
    let stable = of("{release: stable, at_once: 4}", 3);
    assert_eq!(stable.lives.len(), 8);
}

/// A page that means nothing to the instances: one request in ten is answered with an error.
const HEALTHY: &str = "fleet: {instances: 4, errors: 10%, startup: {constant: 10s}}
client: {deadline: 1s}
";

#[test]
fn a_rolling_restart_keeps_serving_and_one_at_once_does_not() {
    let of = |at_once: &str| {
        let actions = format!("[{{do: {{restart: {{at_once: {at_once}}}}}}}]");
        outcome(&story("none", &actions, HEALTHY))
    };
    let (one, all) = (of("1"), of("'100%'"));
    assert_eq!((one.lives.len(), all.lives.len()), (8, 8));
    let most_away = |outcome: &rollsim::sim::Outcome| {
        outcome.series.points.iter().map(|it| it.ready[ReleaseId::STABLE]).min().unwrap()
    };
    assert_eq!(most_away(&all), 0);
    assert!(most_away(&one) >= 3);
    let refused = |it| figure(it, Measure::failed_refused);
    assert!(refused(&all) > 100.0, "{}", refused(&all));
    assert!(refused(&one) <= 0.0);
    // one after the other: each waits for the one before to be ready, after 10 s
    let starts = |outcome: &rollsim::sim::Outcome| -> Vec<f64> {
        let new = outcome.lives.iter().skip(4);
        new.map(|it| it.stretches[0].from.as_secs_f64()).collect()
    };
    let gaps: Vec<f64> = starts(&one).windows(2).map(|it| it[1] - it[0]).collect();
    assert!(gaps.iter().all(|it| (10.0..13.0).contains(it)), "{gaps:?}");
    assert!(starts(&all).windows(2).all(|it| it[0].to_bits() == it[1].to_bits()));
}

/// One instance of four fails all that it gets.
const BAD_ONE: &str = "fleet: {instances: 4, errors: 0%, balancer: round_robin, zones: [a, b]}
incidents: [{when: {at: 10m}, scope: {instances: 1}, effect: {errors: {rate: 100%}}}]
";

#[test]
fn the_worst_instance_is_drained_and_runs_on() {
    let drain = "[{do: {drain: {worst: 1}}}]";
    let (idle, acted) =
        (outcome(&story("none", IDLE, BAD_ONE)), outcome(&story("none", drain, BAD_ONE)));
    // a quarter of 20 requests a second, for 50 min
    let failed = figure(&idle, Measure::failed);
    assert!((failed / (5.0 * 3_000.0) - 1.0).abs() < 0.05, "{failed}");
    let [(at, cause)] = deeds(&acted, "takes 1 instance out of the endpoints")[..] else {
        panic!("one drain")
    };
    assert_eq!(cause, "`errors` fires");
    let failed = figure(&acted, Measure::failed);
    assert!((failed / (5.0 * (at - 600.0)) - 1.0).abs() < 0.15, "{failed} until {at}");
    let ready = |it: &&rollsim::sim::Life| it.stretches.last().unwrap().state == LifeState::Ready;
    assert_eq!(acted.lives.iter().filter(ready).count(), 4);
}

#[test]
fn a_zone_is_drained_and_so_are_instances_that_start_there_later() {
    let bad_zone = BAD_ONE.replace("instances: 1}", "zone: b}");
    let drain = "[{do: {drain: {zone: b}}}, {do: {restart: {}}, after: {constant: 10m}}]";
    let (idle, acted) =
        (outcome(&story("none", IDLE, &bad_zone)), outcome(&story("none", drain, &bad_zone)));
    let failed = figure(&idle, Measure::failed);
    assert!((failed / (10.0 * 3_000.0) - 1.0).abs() < 0.05, "{failed}");
    let (at, _) = deeds(&acted, "takes 2 instances of zone b out of the endpoints")[0];
    let failed = figure(&acted, Measure::failed);
    assert!((failed / (10.0 * (at - 600.0)) - 1.0).abs() < 0.15, "{failed} until {at}");
    // the restart 7 min later leaves the zone alone
    assert_eq!(acted.lives.len(), 8);
}

/// Of 20 requests a second the bad half fail from 10 min to the drain, and again when it has ended, until the hour is
/// over: the operator does not drain a second time.
#[test]
fn a_drain_that_ends_puts_the_instances_back() {
    let bad_zone = BAD_ONE.replace("instances: 1}", "zone: b}");
    for (target, words, rate) in
        [("zone: b", "2 instances of zone b", 10.0), ("worst: 1", "1 instance", 5.0)]
    {
        let incident = if rate > 5.0 { &*bad_zone } else { BAD_ONE };
        let drain = format!("[{{do: {{drain: {{{target}, lasts: 20m}}}}}}]");
        let acted = outcome(&story("none", &drain, incident));
        let (out, _) = deeds(&acted, &format!("takes {words} out of the endpoints"))[0];
        let [(back, cause)] = deeds(&acted, &format!("puts {words} back into the endpoints"))[..]
        else {
            panic!("one return")
        };
        assert_eq!(cause, "the drain is over");
        assert!((back - out - 1_200.0).abs() < 1e-6, "{out} {back}");
        let exact = rate * (3_000.0 - 1_200.0);
        let failed = figure(&acted, Measure::failed);
        assert!((failed / exact - 1.0).abs() < 0.05, "{target}: {failed}, not {exact}");
        // until then none fails
        let within = |at: f64| (out + 30.0..back).contains(&at);
        let points = acted.series.points.iter().filter(|it| within(it.at.as_secs_f64()));
        assert_eq!(points.map(|it| it.failed).sum::<u64>(), 0);
    }
}

/// Two workers, each of whom serves ten requests a second.
const BUSY: &str =
    "fleet: {instances: 2, workers: 1, errors: 0%, queue: 50, service_time: {constant: 100ms}}
client: {deadline: 1s}
";

/// The story of 30 requests a second, half as many again as the workers can serve.
fn heavy(actions: &str, fleet: &str) -> rollsim::sim::Outcome {
    let busy = BUSY.replace("instances: 2", &format!("instances: 2{fleet}"));
    outcome(&story("none", actions, &busy).replace("rate: 20/s", "rate: 30/s"))
}

#[test]
fn a_larger_fleet_ends_an_overload() {
    let (idle, acted) = (heavy(IDLE, ""), heavy("[{do: {scale: {by: 2.5x}}}]", ""));
    assert_eq!(count(&idle, Measure::instances_peak), 2);
    assert_eq!(count(&acted, Measure::instances_peak), 5);
    assert_eq!(deeds(&acted, "scales the fleet from 2 to 5").len(), 1);
    let failed = |it| figure(it, Measure::failed);
    assert!(failed(&acted) < 0.2 * failed(&idle), "{} {}", failed(&acted), failed(&idle));
    assert!(figure(&acted, Measure::mitigation_time) > 180.0);
    assert!(idle.figure(Measure::mitigation_time).is_none());
}

#[test]
fn a_fleet_grows_no_further_than_machines_have_room() {
    let machines = ", machines: {room: 3, provision: {constant: 30s}}";
    let acted = heavy("[{do: {scale: {to: 8}}}]", machines);
    assert_eq!(deeds(&acted, "scales the fleet from 2 to 3").len(), 1);
    assert_eq!(count(&acted, Measure::instances_peak), 3);
}

#[test]
fn a_size_that_the_fleet_has_already_is_no_action() {
    let acted = heavy("[{do: {scale: {to: 2}}}]", "");
    assert_eq!(count(&acted, Measure::operator_actions), 0);
    // as often as it is allowed, and no more
    let acted = heavy("[{do: {scale: {by: 1.5x}}, times: 2}]", "");
    let sizes: Vec<usize> = ["from 2 to 3", "from 3 to 5"]
        .map(|it| deeds(&acted, &format!("scales the fleet {it}")).len())
        .into();
    assert_eq!(sizes, [1, 1]);
    assert_eq!(count(&acted, Measure::operator_actions), 2);
}
