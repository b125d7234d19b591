//! The same releases elsewhere: with other traffic, weights, intervals and hours, and in worlds without
//! one kind of contamination each.

use serde_json::{Value, json};

use super::setting::{Bake, first_step, shortest_hold, windows};
use crate::{
    scenario::Plan,
    strategy::Crossing,
    units::{HourOfWeek, Rate, Ratio, Span, round_u64, text},
};

/// What is multiplied along the curves.
const FACTORS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// Hours of the day at which rollouts begin.
const HOURS: [u32; 6] = [0, 4, 8, 12, 16, 20];
/// Queries at once that no bot is held up by.
const UNLIMITED: u32 = 100_000;
const INTERVAL_MIN: f64 = 1.0;

type Values = Vec<(String, Value)>;

/// One thing about the rollout that changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Why it cannot be simulated; empty where it can.
    pub(super) why_not: String,
    pub(super) points: Vec<Place>,
}

/// One point of a curve.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) x: f64,
    /// Empty as the scenario has it.
    pub(super) values: Values,
}

/// A world without one kind of contamination.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) why_not: String,
    pub(super) values: Values,
}

/// Whether an analysis takes part, without which nothing changes with what it sees.
fn is_judged(plan: &Plan) -> bool {
    plan.scenario.strategy.kind().uses_analysis() && plan.scenario.analysis.is_some()
}

pub(super) fn curves(plan: &Plan, bake: Bake) -> Vec<Curve> {
    if !is_judged(plan) {
        return Vec::new();
    }
    vec![traffic(plan), weight(plan), interval(plan), hour(plan, bake)]
}

fn traffic(plan: &Plan) -> Curve {
    let scenario = &plan.scenario;
    let curve = Curve {
        name: "traffic",
        about: "mean requests per second; above the scenario's own the fleet grows with it",
        ..Curve::default()
    };
    if scenario.traffic.pattern.is_recorded() {
        return Curve { why_not: "the traffic is a recorded trace".to_owned(), ..curve };
    }
    let rate = scenario.traffic.rate.as_per_second();
    let place = |factor: f64| {
        let mut values = vec![set("traffic.rate", json!(Rate::per_second(rate * factor)))];
        let fleet = f64::from(scenario.fleet.instances) * factor;
        if factor > 1.0 {
            values.push(set("fleet.instances", json!(round_u64(fleet.ceil()))));
        }
        Place { x: rate * factor, values: if is_one(factor) { Vec::new() } else { values } }
    };
    Curve { points: FACTORS.map(place).to_vec(), ..curve }
}

fn is_one(factor: f64) -> bool {
    (factor - 1.0).abs() < 1e-9
}

fn set(path: &str, value: Value) -> (String, Value) {
    (path.to_owned(), value)
}

fn weight(plan: &Plan) -> Curve {
    let curve = Curve {
        name: "weight",
        about: "part of the traffic in the first step",
        ..Curve::default()
    };
    let Some((path, first, next)) = first_step(plan.scenario.strategy.kind()) else {
        return Curve { why_not: "the strategy has no steps".to_owned(), ..curve };
    };
    let factors =
        FACTORS.into_iter().filter(|it| *it >= 0.5 && (is_one(*it) || first * it <= next));
    let place = |factor: f64| {
        let weight = Ratio::clamped(first * factor);
        let values = vec![set(&path, json!(weight))];
        Place { x: weight.get(), values: if is_one(factor) { Vec::new() } else { values } }
    };
    let points: Vec<Place> = factors.map(place).collect();
    if points.len() < 2 {
        return Curve { why_not: "the next step is as large".to_owned(), ..curve };
    }
    Curve { points, ..curve }
}

fn interval(plan: &Plan) -> Curve {
    let curve = Curve {
        name: "interval",
        about: "time from one measurement to the next",
        ..Curve::default()
    };
    let Some(analysis) = plan.scenario.analysis.as_ref() else { return curve };
    let own = analysis.interval.as_secs_f64();
    let factors = FACTORS.into_iter().filter(|it| own * it >= INTERVAL_MIN);
    let place = |factor: f64| {
        let interval = Span::from_millis(round_u64(own * factor * 1e3));
        let values = vec![set("analysis.interval", json!(interval))];
        let values = if is_one(factor) { Vec::new() } else { values };
        Place { x: interval.as_secs_f64(), values }
    };
    Curve { points: factors.map(place).collect(), ..curve }
}

fn hour(plan: &Plan, bake: Bake) -> Curve {
    let curve = Curve {
        name: "hour",
        about: "hour of the day at which the rollout starts",
        ..Curve::default()
    };
    let scenario = &plan.scenario;
    if scenario.traffic.pattern.is_recorded() {
        return Curve { why_not: "the traffic is a recorded trace".to_owned(), ..curve };
    }
    if !scenario.traffic.pattern.by_hour() {
        return Curve { why_not: "the traffic is the same at every hour".to_owned(), ..curve };
    }
    let day = HourOfWeek::MINUTES_PER_DAY;
    let begins = scenario.clock.after(bake.from);
    let midnight = begins.minutes() / day * day;
    let before = minutes(bake.from);
    let mut points: Vec<Place> = HOURS
        .iter()
        .map(|hour| {
            let begins = midnight + hour * 60 + HourOfWeek::MINUTES_PER_WEEK;
            let clock = HourOfWeek::from_minutes(begins - before);
            Place { x: f64::from(*hour), values: vec![set("clock", json!(clock))] }
        })
        .collect();
    let own = f64::from(begins.minute_of_day()) / 60.0;
    points.retain(|it| (it.x - own).abs() > 0.5);
    points.push(Place { x: own, values: Vec::new() });
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    Curve { points, ..curve }
}

/// Whole minutes, less than a week.
fn minutes(span: Span) -> u32 {
    HourOfWeek::from_minutes(0).after(span).minutes()
}

/// Every switch, and at the end all of those together that apply.
pub(super) fn worlds(plan: &Plan, bake: Bake) -> Vec<World> {
    if !is_judged(plan) {
        return Vec::new();
    }
    let mut all = vec![
        short_windows(plan),
        own_database(plan),
        warm_caches(plan),
        flat_traffic(plan, bake),
        no_incidents(plan),
        same_users(plan),
    ];
    let values: Values = all.iter().flat_map(|it| it.values.clone()).collect();
    if all.iter().filter(|it| it.why_not.is_empty()).count() > 1 {
        let about = "all of these at once: the rest is due to the judge";
        all.push(World { name: "all together", about, values, ..World::default() });
    }
    all
}

fn short_windows(plan: &Plan) -> World {
    let world = World {
        name: "windows within steps",
        about: "no window is longer than a step, so none covers an earlier weight for long",
        ..World::default()
    };
    let Some(hold) = shortest_hold(plan.scenario.strategy.kind()) else {
        return World { why_not: "there are no steps".to_owned(), ..world };
    };
    let long = windows(plan).into_iter().filter(|it| it.1 > hold);
    let values: Values = long.map(|(path, _)| set(&path, json!(hold))).collect();
    if values.is_empty() {
        return World { why_not: no_short_windows(plan, hold), ..world };
    }
    World { values, ..world }
}

/// Why no window is set to the length of a step: the judges say how far they reach, a default that no file sets included.
fn no_short_windows(plan: &Plan, hold: Span) -> String {
    let gates = plan.scenario.analysis.iter().flat_map(|it| &it.gates);
    let reach = gates.map(|it| (&it.name, it.judge.build().lookback(Span::ZERO)));
    let hold_text = text::span(hold);
    match reach.max_by_key(|it| it.1).filter(|it| it.1 > hold) {
        None => format!("no window is longer than a step, {hold_text}"),
        Some((gate, reach)) => format!(
            "the gate `{gate}` looks back {}, longer than a step, {hold_text}, and its windows cannot be \
             set one by one",
            text::span(reach)
        ),
    }
}

fn own_database(plan: &Plan) -> World {
    let world = World {
        name: "baseline unharmed",
        about: "the database takes any number of queries at once, so no query waits for another",
        ..World::default()
    };
    if !plan.scenario.queries_database() {
        return World { why_not: "no operation uses a database".to_owned(), ..world };
    }
    World { values: vec![set("database.capacity", json!(UNLIMITED))], ..world }
}

fn warm_caches(plan: &Plan) -> World {
    let world = World {
        name: "warm caches",
        about: "new instances are as fast as the others at once",
        ..World::default()
    };
    let warm_up = plan.scenario.fleet.warm_up;
    if warm_up.duration.is_zero() || warm_up.slowdown.get() <= 1.0 {
        return World { why_not: "new instances are as fast as the others".to_owned(), ..world };
    }
    World { values: vec![set("fleet.warm_up.duration", json!(Span::ZERO))], ..world }
}

fn flat_traffic(plan: &Plan, bake: Bake) -> World {
    let world = World {
        name: "flat traffic",
        about: "the same number of requests during the rollout, at a constant rate",
        ..World::default()
    };
    let traffic = &plan.scenario.traffic;
    let varies = traffic.pattern.is_recorded() || traffic.pattern.by_hour();
    if !varies && traffic.bursts.is_none() && traffic.spikes.is_empty() {
        return World { why_not: "the rate of requests is constant".to_owned(), ..world };
    }
    let requests = plan.rates.expected(bake.end()) - plan.rates.expected(bake.from);
    let rate = Rate::per_second(requests / bake.took.as_secs_f64().max(1.0));
    World { values: vec![set("traffic", json!({ "rate": rate }))], ..world }
}

fn no_incidents(plan: &Plan) -> World {
    let world = World {
        name: "no incidents",
        about: "no incident affects the service meanwhile",
        ..World::default()
    };
    if plan.scenario.incidents.is_empty() {
        return World { why_not: "the scenario has no incidents".to_owned(), ..world };
    }
    World { values: vec![set("incidents", json!([]))], ..world }
}

fn same_users(plan: &Plan) -> World {
    let world = World {
        name: "sticky users",
        about: "a user always meets the same release, not one drawn per request",
        ..World::default()
    };
    match plan.scenario.strategy.kind().crossing() {
        Crossing::ByRequest { path, sticky } => {
            World { values: vec![set(&format!("strategy.{path}"), json!(sticky))], ..world }
        }
        Crossing::Never => {
            let why_not = "users do not cross between releases within a step".to_owned();
            World { why_not, ..world }
        }
        Crossing::NotSplit => {
            World { why_not: "the traffic is not split by a weight".to_owned(), ..world }
        }
    }
}
