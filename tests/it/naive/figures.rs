//! Figures of the naive engine, and where the simulator's differ.

use rollsim::{channel::RetryOn, kernel::Seed, model::Measure, scenario::Plan, sim, units::Span};

use super::{Naive, books::Books, rules::Rules};

/// Every figure that the naive engine has; none where there is nothing to measure.
pub(super) fn figures(books: &Books, plan: &Plan) -> Vec<(Measure, Option<f64>)> {
    let count = |it: u64| Some(it as f64);
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let waited = books.waits.iter().filter(|&&it| it > 0).count() as u64;
    let failed_as = |how| count(books.failed_as.iter().filter(|&&it| it == how).count() as u64);
    let mut figures = vec![
        (Measure::requests, count(books.requests)),
        (Measure::failed, count(books.failed)),
        (Measure::failed_share, share(books.failed, books.good + books.failed)),
        (Measure::failed_beyond_normal, count(books.failed - books.failed_normally)),
        (Measure::failed_errors, failed_as(Some(RetryOn::Error))),
        (Measure::failed_timeouts, failed_as(Some(RetryOn::Timeout))),
        (Measure::failed_refused, failed_as(Some(RetryOn::Refused))),
        (Measure::failed_abandoned, failed_as(None)),
        (Measure::queue_max, count(books.queue_max)),
        (Measure::queue_end, count(books.queue_end())),
        (Measure::failed_by_stopping, count(books.failed_by_stopping)),
        (Measure::lost, count(books.lost)),
        (Measure::slow, count(books.slow)),
        (Measure::wrong, count(books.wrong)),
        (Measure::waited_share, share(waited, books.waits.len() as u64)),
        (Measure::rejected_share, share(books.rejected, books.attempts)),
        (Measure::abandoned_share, share(books.abandoned, books.attempts)),
        (Measure::attempts_mean, share(books.attempts, books.requests)),
        (Measure::instances_peak, count(books.peak)),
        (Measure::instances_ready_min, books.ready_min.map(|it| it as f64)),
        (Measure::complaints, count(books.complaints)),
        (Measure::restarts, count(books.restarts)),
        (Measure::oom_kills, count(books.oom_kills)),
        // nobody looks, and nobody is called
        (Measure::pages, count(0)),
        (Measure::detection_time, None),
    ];
    figures.extend(times(books, plan));
    figures.extend(users(books));
    figures
}

/// Figures of time, by the same divisions as the simulator's.
fn times(books: &Books, plan: &Plan) -> Vec<(Measure, Option<f64>)> {
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    let mean = |nanos: u128, count: u64| (count > 0).then(|| nanos as f64 / count as f64 / 1e9);
    let quantile = |q: f64| books.latencies.quantile(q).map(Span::as_secs_f64);
    let part = |nanos: u128, of: f64| (of > 0.0).then(|| nanos as f64 / of);
    let wait: u128 = books.waits.iter().map(|&it| u128::from(it)).sum();
    let scenario = &plan.scenario;
    let [running, serving, paid] = books.nanos;
    let capacity = serving as f64 * f64::from(scenario.fleet.workers);
    let wanted = books.wanted_nanos as f64;
    let counted = (scenario.length.nanos() - scenario.warm_up.nanos()) as f64;
    let rollout = books.begun.zip(books.rested).map(|(from, to)| seconds(to - from));
    vec![
        (Measure::downtime, Some(seconds(books.downtime))),
        (Measure::queue_mean, part(books.queue_nanos, counted)),
        (Measure::latency_mean, books.latencies.mean()),
        (Measure::latency_p50, quantile(0.5)),
        (Measure::latency_p90, quantile(0.9)),
        (Measure::latency_p95, quantile(0.95)),
        (Measure::latency_p999, quantile(0.999)),
        (Measure::latency_p99, quantile(0.99)),
        (Measure::wait_mean, mean(wait, books.waits.len() as u64)),
        (Measure::sojourn_mean, mean(books.sojourn_nanos, books.served)),
        (Measure::utilisation, part(books.busy_nanos, capacity)),
        (Measure::instances_up, part(running, wanted)),
        (Measure::instance_hours, Some(paid as f64 / 3.6e12)),
        (Measure::instance_hours_extra, Some(books.extra_nanos as f64 / 3.6e12)),
        (Measure::rollout_time, rollout),
    ]
}

/// Users and requests by what has happened to them, by counting them one by one.
fn users(books: &Books) -> Vec<(Measure, Option<f64>)> {
    let count = |it: usize| Some(it as f64);
    let hurt = |least: u64| books.hurts.values().filter(|&&it| it >= least).count();
    let met = books.hurts.keys().filter(|it| books.met.contains(it)).count();
    let twice = books.served_well.values().filter(|&&it| it > 1).count();
    vec![
        (Measure::duplicated, count(twice)),
        (Measure::users_met, count(books.met.len())),
        (Measure::users_hurt, count(hurt(1))),
        (Measure::users_hurt_badly, count(hurt(10))),
        (Measure::users_hurt_by_release, count(books.hurt_by_release.len())),
        (Measure::users_hurt_unmet, count(hurt(1) - met)),
        (Measure::users_hurt_undetected, count(met)),
    ]
}

/// Whether a value is the quantile of sorted nanoseconds, to a bucket of a histogram (3.1 %).
fn is_quantile(sorted: &[u64], part: f64, seconds: f64) -> bool {
    let count = |it: &dyn Fn(f64) -> bool| {
        sorted.iter().filter(|&&nanos| it(nanos as f64 / 1e9)).count() as f64
    };
    let below = count(&|it| it < 0.968 * seconds);
    let above = count(&|it| it > 1.032 * seconds);
    let all = sorted.len() as f64;
    below <= part * all + 1.0 && above <= (1.0 - part) * all + 1.0
}

/// Plays a plan in both engines; measures of which the two differ.
pub(super) fn differences(ours: &Plan, theirs: &Plan, seed: Seed, rules: Rules) -> Vec<String> {
    compare(ours, theirs, seed, rules).1
}

/// As [`differences`], with the books of the naive engine.
pub(super) fn compare(
    ours: &Plan,
    theirs: &Plan,
    seed: Seed,
    rules: Rules,
) -> (Books, Vec<String>) {
    let outcome = sim::run(ours, seed);
    let books = Naive::new(theirs, seed, rules).run();
    assert!(books.requests > 100, "{} requests prove little", books.requests);
    let bits = |it: Option<f64>| it.map(f64::to_bits);
    let mut differences: Vec<String> = figures(&books, theirs)
        .into_iter()
        .filter(|&(it, naive)| bits(outcome.figure(it)) != bits(naive))
        .map(|(it, naive)| format!("{}: {:?}, naive {naive:?}", it.name(), outcome.figure(it)))
        .collect();
    let mut waits = books.waits.clone();
    waits.sort_unstable();
    let wait = outcome.figure(Measure::wait_p99).unwrap_or(0.0);
    if !is_quantile(&waits, 0.99, wait) {
        differences.push(format!("wait_p99: {wait} of {} waits", waits.len()));
    }
    (books, differences)
}
