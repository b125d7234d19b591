//! A bot in which nothing ever goes wrong by itself: each request takes 35 ms and is answered well.

use std::path::Path;

use serde_json::Value;

use crate::{
    fault::FaultSpec,
    kernel::Seed,
    model::ReleaseId,
    scenario::{Plan, Scenario, load_text, plan_of, unchecked},
    sim::{
        Life, LifeState, Outcome, Trial,
        witness::{Booked, Fate, witnessed},
    },
};

/// A canary by weight, all of the code, then a flag. A query of 5 ms, a call of 10 ms, work of 20 ms.
const BOT: &str = "
title: matrix
length: 60s
rollout_at: 5s
fleet:
  instances: 4
  workers: 50
  zones: [a, b]
  errors: 0%
  service_time: {constant: 20ms}
  startup: {constant: 2s}
  propagation: 0s
  flag_propagation: 1s
  balancer: round_robin
  readiness: {period: 1s, failure_threshold: 1, through: beside}
  restart: {backoff: 1s, backoff_max: 1s}
operations:
  ask: {share: 50%, database: {constant: 5ms}, calls: [mail]}
  buy: {share: 50%, database: {constant: 5ms}, calls: [mail]}
dependencies: {mail: {latency: {constant: 10ms}, errors: 0%}}
database: {capacity: 1000, timeout: 400ms}
users: {count: 200, attributes: {tier: {gold: 20%, tin: 80%}}}
client: {deadline: 1s}
traffic: {rate: 30/s}
telemetry: {interval: 1s}
operator: {undoes: false}
strategy:
  canary_flag:
    canary: {analysis: none, scale_down_delay: 12s, steps: [{weight: 75%, hold: 12s}]}
    flag: {analysis: none, steps: [{share: 50%, hold: 12s}, {share: 100%, hold: 10s}]}
";

pub(super) const END: u64 = 60_000_000_000;
pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const MILLI: u64 = 1_000_000;
/// What a request takes.
pub(super) const TAKES: u64 = 35 * MILLI;
/// Operations are numbered in the order of their names.
pub(super) const BUY: usize = 1;
pub(super) const ZONE_B: u16 = 1;

/// What is added to the bot.
#[derive(Default)]
pub(super) struct Extra<'e> {
    pub(super) defects: &'e [Value],
    pub(super) incidents: &'e [Value],
    pub(super) memory: Option<Value>,
    /// The canary is held until the end.
    pub(super) held: bool,
}

/// A trial with the book of its requests.
pub(super) struct Played {
    pub(super) outcome: Outcome,
    /// In the order of their arrival.
    pub(super) booked: Vec<Booked>,
}

fn plan(extra: &Extra<'_>) -> Plan {
    let text =
        if extra.held { BOT.replace("75%, hold: 12s", "75%, hold: 1h") } else { BOT.to_owned() };
    let mut scenario = load_text::<Scenario>("matrix.yaml", &text).unwrap().value;
    let faults = |them: &[Value]| -> Vec<FaultSpec> {
        them.iter().map(|it| serde_json::from_value(it.clone()).unwrap()).collect()
    };
    scenario.release.defects = faults(extra.defects);
    scenario.incidents = faults(extra.incidents);
    scenario.fleet.memory = extra.memory.clone().map(|it| serde_json::from_value(it).unwrap());
    unchecked(scenario)
}

pub(super) fn played(extra: &Extra<'_>) -> Played {
    played_with(5, extra)
}

pub(super) fn played_with(seed: u64, extra: &Extra<'_>) -> Played {
    let plan = plan(extra);
    let seed = Seed::new(seed);
    let (outcome, mut booked) = witnessed(|| Trial::new(&plan, seed).run());
    booked.sort_by_key(|it| it.arrived);
    Played { outcome, booked }
}

impl Played {
    pub(super) fn life(&self, pod: u32) -> &Life {
        self.outcome.lives.iter().find(|it| it.pod == pod).unwrap()
    }

    pub(super) fn pods(&self, release: ReleaseId) -> impl Iterator<Item = u32> {
        self.outcome.lives.iter().filter(move |it| it.release == release).map(|it| it.pod)
    }

    /// When the strategy said this, such as `candidate takes 100 %`.
    pub(super) fn said(&self, text: &str) -> Option<u64> {
        let entry = self.outcome.timeline.iter().find(|it| it.text.starts_with(text));
        entry.map(|it| it.at.nanos())
    }

    /// When the first process of an instance answered.
    pub(super) fn up(&self, pod: u32) -> Option<u64> {
        let up = |it: &LifeState| matches!(it, LifeState::Up | LifeState::Ready);
        let mut stretches = self.life(pod).stretches.iter();
        stretches.find(|it| up(&it.state)).map(|it| it.from.nanos())
    }

    /// How an instance was at an instant, and since when.
    pub(super) fn state(&self, pod: u32, at: u64) -> Option<(LifeState, u64)> {
        let before = self.life(pod).stretches.iter().rev().find(|it| it.from.nanos() <= at)?;
        Some((before.state, before.from.nanos()))
    }

    /// When the process that ended at an instant had come up.
    pub(super) fn process_of(&self, pod: u32, at: u64) -> u64 {
        let before = self.life(pod).stretches.iter().filter(|it| it.from.nanos() < at);
        let mut up = 0;
        let mut starting = true;
        for stretch in before {
            let serves = matches!(stretch.state, LifeState::Up | LifeState::Ready);
            if serves && starting {
                up = stretch.from.nanos();
            }
            starting = !serves;
        }
        up
    }

    /// Every crash: instance and time.
    pub(super) fn crashes(&self) -> Vec<(u32, u64)> {
        let of = |life: &Life| -> Vec<(u32, u64)> {
            let crashed = life.stretches.iter().filter(|it| it.state == LifeState::Crashed);
            crashed.map(|it| (life.pod, it.from.nanos())).collect()
        };
        self.outcome.lives.iter().flat_map(of).collect()
    }
}

impl Booked {
    pub(super) fn took(&self) -> u64 {
        self.ended - self.arrived
    }

    pub(super) fn is_healthy(&self) -> bool {
        self.fate == Fate::Good && self.took() == TAKES
    }
}

#[test]
fn nothing_is_wrong_with_the_bot_by_itself() {
    let scenario = load_text::<Scenario>("matrix.yaml", BOT).unwrap().value;
    let (plan, problems) = plan_of("matrix", scenario, Path::new("."));
    assert!(plan.is_some() && problems.is_empty(), "{problems:?}");
    let played = played(&Extra::default());
    assert!(played.booked.len() > 1_500);
    assert!(played.booked.iter().all(Booked::is_healthy));
    assert!(played.crashes().is_empty());
    assert_eq!(played.outcome.phase, crate::model::Phase::Completed);
}
