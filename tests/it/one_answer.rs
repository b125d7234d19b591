//! `check`, `power` and trials give one answer to one question: how many good releases a gate stops.

use std::{fmt::Write as _, fs, path::Path};

use rayon::prelude::*;
use rollsim::{
    experiment::power::Power,
    kernel::{Key, Seed, Stream},
    model::Phase,
    scenario::{Plan, Scenario, lint, load_text, plan_of},
    sim::Trial,
    stats::{Interval, wilson},
};

use crate::scratch::{folder, rollsim, text};

const GATES: u64 = 200;
const TRIALS: u64 = 100;
/// Of every interval, so that of all gates together one is missed once in twenty times.
const CONFIDENCE: f64 = 1.0 - 0.05 / 200.0;
/// An interval of that confidence is so much longer than one of 95 %.
const LONGER: f64 = 3.66 / 1.96;
/// A gate that stops fewer is not told of.
const FEW: f64 = 0.05;

fn among<'v, T>(stream: &mut Stream, values: &'v [T]) -> &'v T {
    &values[usize::try_from(stream.below(values.len() as u64)).unwrap()]
}

/// A small bot whose gate has a random rhythm, limit and reach.
fn scenario(number: u64) -> String {
    let stream = &mut Key::of_bits(0x6761_7465).stream(number);
    let scrape = *among(stream, &[5, 10, 15, 30]);
    let delay = *among(stream, &[0, 5, 12]);
    let interval = *among(stream, &[10, 15, 30, 60]);
    let window = scrape + delay + *among(stream, &[5, 30, 60, 150]);
    let errors = *among(stream, &[0.5, 1.0, 2.0, 4.0]);
    let limit = errors * among(stream, &[1.3, 1.8, 2.5, 4.0]);
    let mut gate = format!("failure_limit: {}", among(stream, &[0, 0, 1, 3]));
    if stream.chance(0.3) {
        write!(gate, ", count: {}", 4 + stream.below(8)).unwrap();
    }
    if stream.chance(0.5) {
        gate.push_str(", consecutive_error_limit: 99");
    }
    if stream.chance(0.3) {
        write!(gate, ", no_data: {}", among(stream, &["pass", "fail", "skip", "error"])).unwrap();
    }
    let mut judge = format!("fail_above: {limit:.2}%, window: {window}s");
    if stream.chance(0.4) {
        write!(judge, ", min_samples: {}", 1 + stream.below(40)).unwrap();
    }
    if stream.chance(0.2) {
        write!(judge, ", min_failures: {}", 1 + stream.below(3)).unwrap();
    }
    let mut steps = Vec::new();
    for step in 0..=stream.below(3) {
        let weight = 15 + 15 * step + stream.below(10);
        let approve = step > 0 && stream.chance(0.4);
        let hold = 40 + stream.below(160);
        steps.push(format!("{{weight: {weight}%, hold: {hold}s, approve: {approve}}}"));
    }
    let mode = among(stream, &["background", "background", "each_step"]);
    let answer = among(stream, &["constant: 2m", "exponential: {mean: 1m}"]);
    let startup = among(stream, &["constant: 1s", "uniform: {low: 2s, high: 9s}"]);
    let initial = among(stream, &[0, 0, 20, 60]);
    let rate = among(stream, &[1, 3, 6]);
    format!(
        "title: gate {number}\nlength: 1h\nrollout_at: 3m\n\
         fleet: {{instances: 4, workers: 8, service_time: {{constant: 50ms}}, startup: {{{startup}}}, \
         propagation: 0s, errors: {errors}%}}\n\
         traffic: {{rate: {rate}/s}}\ntelemetry: {{interval: {scrape}s, delay: {delay}s}}\n\
         operator: {{approve: {{{answer}}}}}\nanalysis:\n  interval: {interval}s\n  initial_delay: {initial}s\n  \
         gates:\n    - {{name: errors, {gate}, judge: {{threshold: {{metric: error_rate, {judge}}}}}}}\n\
         strategy: {{canary: {{analysis: {mode}, steps: [{}]}}}}\n",
        steps.join(", ")
    )
}

fn plan(text: &str) -> Plan {
    let loaded = load_text::<Scenario>("gate", text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    let (plan, problems) = plan_of("gate", loaded.value, Path::new("."));
    plan.unwrap_or_else(|| panic!("{problems:?}\n{text}"))
}

/// A share that is told, such as `47 %`.
fn share(told: &str) -> f64 {
    told.trim_end_matches(" %").parse::<f64>().unwrap() / 100.0
}

/// The share of good releases that `check` says is stopped, with its interval; none where it says nothing of it.
fn told(plan: &Plan) -> Option<(f64, Interval)> {
    let message = lint(plan).into_iter().map(|it| it.message);
    let chance = message.into_iter().find(|it| it.contains("of good releases are rolled back"))?;
    let (value, rest) = chance.trim_start_matches("about ").split_once(" (").unwrap();
    let (low, high) = rest.split_once(") of good").unwrap().0.split_once(" to ").unwrap();
    let [value, low, high] = [value, low, high].map(share);
    let away = |it: f64| value + (it - value) * LONGER;
    Some((value, Interval { low: away(low), high: away(high) }))
}

fn stopped(plan: &Plan) -> u64 {
    let end = |seed| Trial::new(plan, Seed::new(seed)).figures_only().until_settled().run().phase;
    (0..TRIALS).filter(|it| end(*it) == Phase::RolledBack).count() as u64
}

/// What was found of a gate: stopped trials of how many, and what is told.
struct Found {
    number: u64,
    stopped: u64,
    told: Option<(f64, Interval)>,
}

impl Found {
    fn of(number: u64) -> Self {
        let plan = plan(&scenario(number));
        Self { number, stopped: stopped(&plan), told: told(&plan) }
    }

    /// Trials more often than is told, in standard deviations of the difference; none where the share is told to be small.
    fn surplus(&self) -> Option<f64> {
        let told = self.told?.0;
        let seen = self.stopped as f64 / TRIALS as f64;
        let one_in = 1.0 / TRIALS as f64 + 1.0 / 400.0;
        let variance = told * (1.0 - told) * one_in;
        (told > 2.0 * FEW && variance > 0.0).then(|| (seen - told) / variance.sqrt())
    }
}

/// Whether the intervals of trials and of `check` meet.
fn meet(stopped: u64, trials: u64, told: Option<(f64, Interval)>) -> bool {
    let seen = wilson(stopped, trials, CONFIDENCE);
    told.map_or(seen.low <= FEW, |(_, it)| seen.low <= it.high && it.low <= seen.high)
}

#[test]
fn check_says_of_two_hundred_random_gates_what_trials_show() {
    let found: Vec<Found> = (0..GATES).into_par_iter().map(Found::of).collect();
    let mut apart = String::new();
    for it in found.iter().filter(|it| !meet(it.stopped, TRIALS, it.told)) {
        let (stopped, text) = (it.stopped, scenario(it.number));
        write!(apart, "{stopped} of {TRIALS} were stopped, told is {:?}:\n{text}", it.told)
            .unwrap();
    }
    assert_eq!(apart, "");
    let told = found.iter().filter(|it| it.told.is_some()).count();
    assert!((50..=190).contains(&told), "{told} gates are told of");
    // all together they are neither stopped more often than is told nor more rarely
    let surplus: Vec<f64> = found.iter().filter_map(Found::surplus).collect();
    let all = surplus.iter().sum::<f64>() / (surplus.len() as f64).sqrt();
    assert!(
        surplus.len() > 40 && all.abs() < 4.0,
        "{all} standard deviations, of {}",
        surplus.len()
    );
}

#[test]
fn power_says_of_random_gates_what_check_says() {
    for number in 0..3 {
        let folder = folder(&format!("one-answer-{number}"));
        let text_of = scenario(number);
        fs::write(folder.join("gate.yaml"), &text_of).unwrap();
        let all = ["power", "gate.yaml", "--trials", "60", "--format", "json"];
        let output = rollsim(&folder, &all);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let power: Power = serde_json::from_slice(&output.stdout).unwrap();
        let share = power.good.rolled_back.unwrap();
        let count = rollsim::units::round_u64(share.value * 60.0);
        let told = told(&plan(&text_of));
        assert!(meet(count, 60, told), "{count} of 60 in power, {told:?} is told of\n{text_of}");
    }
}
