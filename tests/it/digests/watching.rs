//! Watching changes nothing: whatever the telemetry, as long as nobody acts on it, the same happens.

use rollsim::{
    scenario::Plan,
    units::{Ratio, Span},
};

use super::{Job, digest, jobs, pinned, planned};

/// Intervals, and delays, of the telemetry in question.
const TELEMETRY: [(u64, u64); 4] = [(1, 0), (7, 3), (60, 10), (300, 30)];

/// The plan as far as nobody acts on what is seen: gates are dry runs, nobody is paged, and the fleet keeps
/// its size.
fn unwatched(mut plan: Plan) -> Plan {
    for gate in plan.scenario.analysis.iter_mut().flat_map(|it| &mut it.gates) {
        gate.dry_run = true;
    }
    plan.scenario.alerts.clear();
    plan.scenario.fleet.autoscaler = None;
    plan
}

fn figures(job: &Job, (interval, delay): (u64, u64)) -> u64 {
    let mut plan = job.plan.clone();
    plan.scenario.telemetry.interval = Span::from_secs(interval);
    plan.scenario.telemetry.delay = Span::from_secs(delay);
    let job = Job { plan, release: job.release, name: job.name.clone() };
    digest::figures(&job.trial().figures_only().run())
}

/// Trials of each n-th scenario of which some figure moves with the telemetry.
fn moved(nth: usize, change: fn(&mut Plan)) -> (usize, Vec<String>) {
    let mut moved = Vec::new();
    let mut trials = 0;
    for (number, text) in pinned::scenarios().into_iter().filter(|it| it.0 % nth == 0) {
        let mut plan = unwatched(planned(&text).unwrap());
        change(&mut plan);
        for job in jobs(number, &plan) {
            trials += 1;
            let plain = figures(&job, TELEMETRY[0]);
            let others = TELEMETRY[1..].iter().filter(|&&it| figures(&job, it) != plain);
            moved.extend(others.map(|it| format!("{} at {} s", job.name, it.0)));
        }
    }
    (trials, moved)
}

#[test]
fn no_figure_moves_with_the_telemetry_where_nobody_acts_on_it() {
    let (trials, moved) = moved(2, |_| ());
    assert!(trials > 200, "{trials} trials are too few to tell");
    assert!(moved.is_empty(), "{} of {trials} move:\n{}", moved.len(), moved.join("\n"));
}

/// The same comparison, where somebody does act: an alert that pages an operator, who rolls back.
#[test]
fn an_operator_who_is_paged_is_seen() {
    let (_, moved) = moved(6, |plan| {
        let alert = serde_json::json!(
            {"name": "errors", "metric": "error_rate", "above": "0.1%", "window": "1m"}
        );
        plan.scenario.alerts = vec![serde_json::from_value(alert).unwrap()];
        plan.scenario.operator.undoes = true;
        plan.scenario.fleet.errors = Ratio::clamped(0.02);
    });
    assert!(moved.len() > 20, "{moved:?}");
}
