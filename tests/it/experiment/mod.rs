//! Comparisons: whether their claims hold as often as they say, and their bytes whatever happens.

mod allocation;
mod claims;
#[cfg(feature = "parquet")]
mod columns;
mod endings;
mod folders;
mod judges;
mod links;
mod made_up;
mod pairing;
mod pasts;
mod resumed;
mod rounds;
mod spoiled;
mod struck;
mod tuning;
mod unfinished;
mod verdicts;

/// A bot whose trials take no time, and which has something to compare.
const BOT: &str = "format: 2
title: a tiny bot
length: 4m
rollout_at: 30s
fleet: {instances: 3, startup: {constant: 3s}, readiness: {period: 1s}, propagation: 1s}
traffic: {rate: 4/s}
users: {count: 100}
telemetry: {interval: 5s}
releases:
  classes:
    breaks: {chance: 30%, defects: [{effect: {errors: {rate: 60%}}, severity: {uniform: {from: 10%, to: 100%}}}]}
analysis:
  interval: 10s
  gates:
    - {name: errors, failure_limit: 1, judge: {threshold: {metric: error_rate, fail_above: 10%, window: 30s, min_samples: 5}}}
strategy:
  canary: {steps: [{weight: 30%, hold: 40s}]}
strategies:
  at once: {all_at_once: {}}
expect:
  canary: {false_rollback: '< 50%', users_hurt_mean: '< 99'}
";
