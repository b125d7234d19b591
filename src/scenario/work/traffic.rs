//! Requests: how many arrive, how often they are tried, how many are open at a time.

use super::{
    asked::{Asked, bursts},
    estimate::Found,
    mishaps::Failing,
};
use crate::{
    channel::{Delivery, Order},
    scenario::Line,
    units::{Ratio, Span, text},
};

/// Nanoseconds for a request and its first attempt, and for another attempt.
const REQUEST: f64 = 250.0;
const RETRY: f64 = 440.0;
/// Events of a request that is served at once: it arrives, its work is done, its deadline is passed over.
const EVENTS: f64 = 3.0;
/// Nanoseconds for a stretch of constant rate, and for each spike that is looked at in it.
const STRETCH: f64 = 55.0;
const SPIKE: f64 = 2.0;
/// Bytes of an attempt that is open or waits to be made.
const OPEN: f64 = 100.0;
/// Bytes of a user whom the books know, and of one whose activity is drawn from a table.
const USER: f64 = 8.0;
const DRAWN_USER: f64 = 24.0;

/// Requests that arrive, and the parts.
pub(super) fn parts(asked: &Asked<'_>) -> (f64, Vec<Found>) {
    let requests = asked.requests;
    let what = text::things(&text::number(requests.min(1e18)), "request");
    let arrive =
        Found::new(what, source(asked)).events(requests * EVENTS).nanos(requests * REQUEST);
    let failing = Failing::of(asked);
    let mut parts = vec![arrive, open(asked, &failing), users(asked)];
    parts.extend(stretches(asked));
    for (index, line) in asked.plan.lines.iter().enumerate() {
        parts.extend(retries(asked, &failing, (index, line)));
    }
    (requests, parts)
}

/// The key that most of the requests come from.
fn source(asked: &Asked<'_>) -> &'static str {
    let traffic = &asked.plan.scenario.traffic;
    let recorded = traffic.pattern.is_recorded();
    // a spike or burst that doubles the requests is what they come from
    let flat = asked.plan.rates.expected_without_spikes(asked.plan.scenario.length);
    let (burst, _) = bursts(traffic);
    let spiked = asked.requests / burst.max(1e-9);
    if burst > 2.0 {
        "traffic.bursts"
    } else if spiked > 2.0 * flat {
        "traffic.spikes"
    } else if recorded {
        "traffic.pattern"
    } else {
        "traffic.rate"
    }
}

/// Further attempts of a channel.
fn retries(asked: &Asked<'_>, failing: &Failing, (index, line): (usize, &Line)) -> Option<Found> {
    let requests = asked.requests * share_of(asked, index);
    let most = f64::from(line.channel.kind().attempts_max()) - 1.0;
    if most < 1.0 || requests <= 0.0 {
        return None;
    }
    // no more than come after each other within the trial: their waits are half as long where chance spreads them
    let waits = waits(line) / most * 0.5;
    let most = if waits > 0.0 { most.min((asked.length / waits).ceil()) } else { most };
    let budget = line.budget.map_or(f64::INFINITY, |it: Ratio| it.get() * requests + 100.0);
    let attempts = (requests * failing.retries(most)).min(budget);
    let what = text::things(&text::number(attempts.min(1e18)), "further attempt");
    let waiting = requests * failing.share() * (waits * most / asked.length).min(1.0);
    let found = Found::new(what, &line.path).events(2.0 * attempts).nanos(attempts * RETRY);
    Some(found.bytes(waiting * OPEN))
}

/// Seconds that a request of a channel waits between its attempts, all of them made.
fn waits(line: &Line) -> f64 {
    let kind = line.channel.kind();
    let deadlines = f64::from(kind.attempts_max()) * line.deadline.after.as_secs_f64();
    (kind.over_after().as_secs_f64() - deadlines).max(0.0)
}

fn share_of(asked: &Asked<'_>, line: usize) -> f64 {
    let operations = asked.plan.scenario.operations.values();
    let shares: Vec<f64> = operations.map(|it| it.share.get()).collect();
    let of_line = asked.plan.operations.iter().enumerate().filter(|it| it.1.line == line);
    of_line.map(|(index, _)| shares.get(index).copied().unwrap_or(1.0)).sum()
}

/// Attempts that are open at a time: in service, and in queues while more come than the fleet serves. A queue keeps what
/// its client has given up.
fn open(asked: &Asked<'_>, failing: &Failing) -> Found {
    let scenario = &asked.plan.scenario;
    let fleet = &scenario.fleet;
    let takes = asked.takes.min(asked.length);
    let too_many = if asked.load > 1.0 { 1.0 - 1.0 / asked.load } else { 0.0 };
    let blocked = (too_many + failing.blocked).min(1.0) * asked.requests;
    let unbounded = |it: &Line| it.delivery == Delivery::Pulled || it.order == Order::ByUser;
    let places = if asked.plan.lines.iter().any(unbounded) {
        f64::INFINITY
    } else {
        2.0 * asked.instances * f64::from(fleet.workers.saturating_add(fleet.queue))
    };
    let open = (asked.peak * takes).max(blocked).min(places).min(asked.requests);
    let what = text::things(&text::number(open.min(1e18)), "open attempt");
    let path = if fleet.queue > 10_000 { "fleet.queue" } else { source(asked) };
    Found::new(what, path).bytes(open * OPEN)
}

fn users(asked: &Asked<'_>) -> Found {
    let count = asked.plan.scenario.users.count;
    let drawn = if asked.plan.user_choice.is_some() { f64::from(count) * DRAWN_USER } else { 0.0 };
    let known = f64::from(count).min(asked.requests) * USER;
    let what = text::counted(u64::from(count), "user");
    Found::new(what, "users.count").bytes(drawn + known)
}

/// Stretches of constant rate, which the arrivals walk along.
fn stretches(asked: &Asked<'_>) -> Vec<Found> {
    let traffic = &asked.plan.scenario.traffic;
    let each = STRETCH + SPIKE * traffic.spikes.len() as f64;
    let found = |count: f64, what: &str, path: &str| {
        let what = text::things(&text::number(count.min(1e18)), what);
        Found::new(what, path).nanos(count * each)
    };
    let own = asked.plan.rates.stretches(asked.plan.scenario.length);
    let mut parts = vec![found(own, "rate change", "traffic.pattern")];
    if let Some(spec) = traffic.bursts {
        let both = spec.every.saturating_add(spec.length).max(Span::from_nanos(1));
        parts.push(found(2.0 * asked.times(both), "burst edge", "traffic.bursts"));
    }
    parts
}
