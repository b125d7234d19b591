//! A fork with random draws of its own: averaged over them it is a trial like any other, and what had happened by
//! then is what it was.
//!
//! `ROLLSIM_FORKS=500` forks that many, and compares them with as many plain ones.

use rayon::prelude::*;
use rollsim::{
    kernel::{Key, Seed, math},
    model::Measure,
    scenario::Plan,
    sim::{Outcome, Trial},
    units::Instant,
};

use crate::{swarm::setting, trials::plan};

/// Trials of each kind, which are compared.
fn trials() -> u64 {
    setting("ROLLSIM_FORKS", 2_000)
}

/// Everything that chance has a part in: arrivals, bursts and noise, starts and machines, faults, queues, retries.
const BOT: &str = "
format: 2
title: forks
length: 6m
warm_up: 0s
rollout_at: 2m
traffic: {rate: 6/s, bursts: {every: 40s, length: 20s, factor: 3x}}
users: {count: 300, complain: 30%, complain_after: {exponential: {mean: 40s}}}
fleet:
  instances: 3
  workers: 2
  errors: 2%
  errors_spread: 50%
  queue: 20
  startup: {weibull: {scale: 15s, shape: 0.7}}
  service_time: {lognormal: {median: 120ms, p99: 900ms}}
  propagation_joining: {uniform: {low: 1s, high: 9s}}
  propagation_leaving: {exponential: {mean: 3s}}
  machines: {spare: 0, per_machine: 1, provision: {lognormal: {median: 20s, p99: 90s}}}
client:
  deadline: 2s
  patience: {exponential: {mean: 900ms}}
  retries: {max: 2, backoff: {base: 2s, jitter: full}}
incidents:
  - {name: spike, when: {random: 2m}, lasts: 20s, effect: {errors: {rate: 40%}}}
  - {name: each, when: {random: 3m}, lasts: 15s, scope: {instances: 50%}, effect: {latency: {factor: 3x}}}
release:
  defects:
    - {name: bad, when: {random: 1m}, lasts: 30s, effect: {errors: {rate: 60%}}}
    - {name: slow, effect: {startup_failure: {rate: 20%}}}
";

/// An operator who is paged and acts, and a proxy that takes its time.
const OPERATED: &str = "
format: 2
title: forks
length: 6m
warm_up: 0s
rollout_at: 1m
traffic: {rate: 5/s}
users: {count: 300}
fleet:
  instances: 4
  errors: 1%
  startup: {gamma: {mean: 10s, shape: 2}}
  service_time: {exponential: {mean: 80ms}}
  proxy: {overhead: {exponential: {mean: 40ms}}, retries: {on: [error], max: 1}}
client: {deadline: 2s}
telemetry: {interval: 5s, delay: 5s}
alerts: [{name: errors, metric: error_rate, above: 8%, window: 20s}]
operator:
  acknowledge: {exponential: {mean: 30s}}
  acknowledge_night: {exponential: {mean: 30s}}
  diagnose: {lognormal: {median: 20s, p99: 2m}}
  prepare: {exponential: {mean: 15s}}
  undoes: true
release: {defects: [{name: bad, when: {age: 20s}, effect: {errors: {rate: 50%}}}]}
";

fn bot(text: &str) -> Plan {
    plan(&format!("{text}strategy: {{rolling: {{batch: 1}}}}\n"))
}

/// What is compared of an outcome: its figures, and when things happened; infinity where they did not.
fn told(outcome: &Outcome) -> Vec<(String, f64)> {
    let of = |it: Option<f64>| it.unwrap_or(f64::INFINITY);
    let seconds = |it: Option<Instant>| of(it.map(Instant::as_secs_f64));
    let mut told: Vec<(String, f64)> =
        Measure::ALL.iter().map(|it| (it.name().to_owned(), of(outcome.figure(*it)))).collect();
    let first = |name: &str| outcome.faults.iter().find(|it| it.name == name).map(|it| it.at);
    for name in ["spike", "each", "bad"] {
        told.push((format!("{name} starts"), seconds(first(name))));
    }
    told.push(("first symptom".to_owned(), seconds(outcome.first_symptom)));
    told.push(("detected".to_owned(), seconds(outcome.detected)));
    told.push(("rollback".to_owned(), seconds(outcome.rollback_began)));
    told.push(("rest".to_owned(), seconds(outcome.rested)));
    told
}

/// The greatest difference of two empirical distributions (Kolmogorov and Smirnov).
fn difference(one: &mut [f64], two: &mut [f64]) -> f64 {
    one.sort_unstable_by(f64::total_cmp);
    two.sort_unstable_by(f64::total_cmp);
    let below = |of: &[f64], at: f64| of.partition_point(|it| *it <= at) as f64 / of.len() as f64;
    let all = one.iter().chain(two.iter());
    all.map(|&at| (below(one, at) - below(two, at)).abs()).fold(0.0, f64::max)
}

/// What differs between two samples more than once in 100,000 such comparisons.
fn differing(one: &[Vec<(String, f64)>], two: &[Vec<(String, f64)>]) -> Vec<String> {
    let pooled = 1.0 / one.len() as f64 + 1.0 / two.len() as f64;
    let limit = (-math::ln(1e-5 / 2.0) / 2.0 * pooled).sqrt();
    (0..one[0].len())
        .filter_map(|nth| {
            let of = |sample: &[Vec<(String, f64)>]| -> Vec<f64> {
                sample.iter().map(|it| it[nth].1).collect()
            };
            let found = difference(&mut of(one), &mut of(two));
            (found > limit).then(|| format!("{} by {found:.3}, above {limit:.3}", one[0][nth].0))
        })
        .collect()
}

/// Trials of their own seeds, each forked somewhere; `nested` forks the fork again.
fn forked(
    plan: &Plan,
    trials: u64,
    seed: impl Fn(u64) -> u64 + Sync,
    nested: bool,
) -> Vec<Vec<(String, f64)>> {
    let length = plan.scenario.length.nanos();
    let one = |nth: u64| {
        let mut stream = Key::of_bits(41).stream(nth);
        let mut running = Trial::new(plan, Seed::new(seed(nth))).figures_only().start();
        running.until(Instant::from_nanos(stream.below(length)));
        let mut fork = running.forked(nth);
        if nested {
            let rest = length - fork.now().nanos();
            fork.until(Instant::from_nanos(fork.now().nanos() + stream.below(rest.max(1))));
            fork = fork.forked(7);
        }
        told(&fork.finish())
    };
    (0..trials).into_par_iter().map(one).collect()
}

fn plain(plan: &Plan) -> Vec<Vec<(String, f64)>> {
    let one = |nth: u64| told(&Trial::new(plan, Seed::new(1_000_000 + nth)).figures_only().run());
    (0..trials()).into_par_iter().map(one).collect()
}

#[test]
fn forks_averaged_over_fresh_luck_are_trials_like_any_other() {
    for (text, nested) in [(BOT, false), (OPERATED, true)] {
        let plan = bot(text);
        let plain = plain(&plan);
        let found = differing(&forked(&plan, trials(), |nth| nth, nested), &plain);
        assert!(found.is_empty(), "{}\n{text}", found.join("\n"));
        // the comparison can fail: forks of one trial share what had happened to it
        let of_one = forked(&plan, trials() / 4, |_| 5, nested);
        let found = differing(&of_one, &plain);
        assert!(found.len() > 5, "{found:?}");
    }
}

#[test]
fn what_had_happened_by_the_fork_stays() {
    let plan = bot(BOT);
    let mut others = 0;
    for seed in 0..30 {
        let trial = Trial::new(&plan, Seed::new(seed));
        let plain = trial.run();
        let mut running = trial.start();
        let at = Instant::from_nanos(200_000_000_000);
        running.until(at);
        let fork = running.forked(seed).finish();
        let before = |it: &Outcome| {
            let entries = it.timeline.iter().filter(|it| it.at <= at && it.text != "first symptom");
            entries.map(|it| (it.at, it.text.clone())).collect::<Vec<_>>()
        };
        assert_eq!(before(&fork), before(&plain), "seed {seed}");
        others += usize::from(told(&fork) != told(&plain));
        // one fork is one fork
        assert_eq!(told(&running.forked(seed).finish()), told(&fork));
    }
    assert_eq!(others, 30);
}

#[test]
fn what_arrives_after_the_fork_is_drawn_again() {
    let plan = plan(
        "format: 2\ntitle: forks\nlength: 10m\nwarm_up: 0s\ntraffic: {rate: 2/s}\nusers: {count: 100}\nstrategy: none\n",
    );
    let mut running = Trial::new(&plan, Seed::DEFAULT).figures_only().start();
    running.until(Instant::from_nanos(300_000_000_000));
    let requests = |luck: u64| running.forked(luck).finish().figure(Measure::requests).unwrap();
    let counts: Vec<f64> = (0..1_000).map(requests).collect();
    let mean = counts.iter().sum::<f64>() / 1_000.0;
    let variance = counts.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / 999.0;
    // 300 s at 2 a second are to come: a Poisson number of 600, whose variance has four standard errors of 0.18
    assert!((variance / 600.0 - 1.0).abs() < 0.18, "{variance}");
}

/// Law 3 for forks: how often a strategy waits for something shifts no draw of anything else.
#[test]
fn forks_of_two_strategies_have_the_same_luck() {
    let plans = ["{rolling: {batch: 1}}", "{all_at_once: {}}"]
        .map(|strategy| plan(&format!("{BOT}strategy: {strategy}\n")));
    let at = Instant::from_nanos(160_000_000_000);
    // when the incident that is waited for strikes next
    let strikes = |plan: &Plan, seed: u64, luck: u64| {
        let mut running = Trial::new(plan, Seed::new(seed)).figures_only().start();
        running.until(at);
        let outcome = running.forked(luck).finish();
        outcome.faults.iter().filter(|it| it.name == "spike").map(|it| it.at).find(|it| *it > at)
    };
    let mut times = Vec::new();
    for (seed, luck) in (0..40).flat_map(|seed| [(seed, 0), (seed, 1)]) {
        let [one, other] = [0, 1].map(|nth| strikes(&plans[nth], seed, luck));
        assert_eq!(one, other, "seed {seed}, luck {luck}");
        times.extend(one);
    }
    times.sort_unstable();
    times.dedup();
    assert!(times.len() > 40, "{times:?}");
}
