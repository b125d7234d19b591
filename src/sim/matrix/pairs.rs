//! Two faults at the same instances, for every pair of effects, two of the same included: chances meet as
//! `1 - (1 - a)(1 - b)`, factors multiply, delays and leaks add, and what is on or off is on where either
//! is. Told from the books of a canary that is held at 75 %.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::bot::{END, Extra, MILLI, Played, SECOND, TAKES, played};
use crate::sim::{
    LifeState,
    data::Failure,
    witness::{Booked, Fate},
};

/// What a request, a start and the whole fleet meet, by the manual.
#[derive(Clone, Debug)]
struct Expected {
    error: f64,
    wrong: f64,
    kill: f64,
    /// Milliseconds.
    service: f64,
    delay: f64,
    call: f64,
    query: f64,
    /// MiB a request, MiB a second.
    leak: f64,
    leak_rate: f64,
    start_failure: f64,
    start: f64,
    weight: f64,
    on: BTreeSet<&'static str>,
}

const HEALTHY: Expected = Expected {
    error: 0.0,
    wrong: 0.0,
    kill: 0.0,
    service: 20.0,
    delay: 0.0,
    call: 10.0,
    query: 5.0,
    leak: 0.0,
    leak_rate: 0.0,
    start_failure: 0.0,
    start: 2.0,
    weight: 0.75,
    on: BTreeSet::new(),
};

/// MiB that are free.
const FREE: f64 = 10.5;
/// From when the faults are there, and until when nothing else happens.
const FROM: u64 = 12 * SECOND;
/// Seconds at which every instance crashes, so that there are starts.
const STANDING: [u64; 3] = [26, 36, 46];
const TO: u64 = 26 * SECOND - 100 * MILLI;

/// What an effect does to a bot that has what is expected so far.
type Change = fn(&mut Expected);

/// Every effect with what it does.
fn effects() -> Vec<(Value, Change)> {
    fn either(a: &mut f64, b: f64) {
        *a = 1.0 - (1.0 - *a) * (1.0 - b);
    }
    vec![
        (json!({"errors": {"rate": "50%"}}), |it| either(&mut it.error, 0.5)),
        (json!({"wrong_answers": {"rate": "50%"}}), |it| either(&mut it.wrong, 0.5)),
        (json!({"latency": {"factor": "3x", "delay": "7ms"}}), |it| {
            it.service *= 3.0;
            it.delay += 7.0;
        }),
        (json!({"leak": {"per_request": "1MiB"}}), |it| it.leak += 1.0),
        (json!({"leak": {"per_hour": "7560MiB"}}), |it| it.leak_rate += 2.1),
        (json!({"crash": {}}), |it| _ = it.on.insert("crash")),
        (json!({"poison": {"rate": "10%"}}), |it| either(&mut it.kill, 0.1)),
        (json!({"hang": {}}), |it| _ = it.on.insert("hang")),
        (json!({"startup_failure": {"rate": "50%"}}), |it| either(&mut it.start_failure, 0.5)),
        (json!({"slow_start": {"factor": "2x"}}), |it| it.start *= 2.0),
        (json!({"lying_readiness": {}}), |it| _ = it.on.insert("lying")),
        (json!({"unready": {}}), |it| _ = it.on.insert("unready")),
        (json!({"database_lock": {}}), |it| _ = it.on.insert("locked")),
        (json!({"database_slow": {"factor": "3x"}}), |it| it.query *= 3.0),
        (json!({"dependency": {"errors": "40%", "factor": "3x"}}), |it| {
            either(&mut it.error, 0.4);
            it.call *= 3.0;
        }),
        (json!({"stale_endpoints": {}}), |it| _ = it.on.insert("stale")),
        (json!({"skewed_weight": {"factor": "0.5x"}}), |it| it.weight *= 0.5),
        (json!({"lost_scrapes": {}}), |it| _ = it.on.insert("lost")),
    ]
}

struct Pair {
    names: String,
    expected: Expected,
    played: Played,
    wrong: Vec<String>,
}

impl Pair {
    fn check(&mut self, holds: bool, what: impl std::fmt::Display) {
        if !holds {
            self.wrong.push(format!("{}: {what}", self.names));
        }
    }

    /// A share of so many within four standard deviations of what it ought to be.
    fn share(&mut self, (part, whole): (usize, usize), expected: f64, what: &str) {
        let share = part as f64 / (whole as f64).max(1.0);
        let deviation = (expected * (1.0 - expected) / (whole as f64).max(1.0)).sqrt();
        let holds = (share - expected).abs() <= 4.0 * deviation + 1e-12;
        self.check(holds, format!("{what}: {part} of {whole}, expected {expected}"));
    }

    fn is(&self, name: &str) -> bool {
        self.expected.on.contains(name)
    }

    fn sent(&self, from: u64, to: u64) -> impl Iterator<Item = &Booked> {
        self.played.booked.iter().filter(move |it| (from..to).contains(&it.arrived))
    }

    fn crashes(&mut self) {
        let expected = self.expected.clone();
        let crashes: Vec<(u32, u64)> =
            self.played.crashes().into_iter().filter(|it| it.1 < TO).collect();
        let at_once = crashes.iter().filter(|it| it.1 == FROM).count();
        self.check(at_once == if self.is("crash") { 7 } else { 0 }, format!("{at_once} crash"));
        let mut killers = 0;
        for (pod, at) in crashes.into_iter().filter(|it| it.1 > FROM) {
            let process = self.process_of(pod, at);
            let starts = self.played.state(pod, at - 1).map(|it| it.0) == Some(LifeState::Starting);
            if starts || at < process {
                // a start that failed
                continue;
            }
            let takes = TAKES as f64 / MILLI as f64 + self.slower();
            let is_killer = |it: &&Booked| {
                it.pod == Some(pod)
                    && it.ended == at
                    && (it.took() as f64 / MILLI as f64 - takes).abs() < 1e-3
            };
            if expected.kill > 0.0 && self.played.booked.iter().any(|it| is_killer(&it)) {
                killers += 1;
                continue;
            }
            let taken = self.sent(process, at + 1).filter(|it| it.pod == Some(pod)).count();
            let rate = expected.leak_rate * (at - process) as f64 / 1e9;
            let lost = expected.leak * taken as f64 + rate;
            let full = FREE - 1e-3..=FREE + expected.leak + 1e-3;
            self.check(full.contains(&lost), format!("{pod} crashes at {at} with {lost} MiB lost"));
        }
        let served = self.sent(FROM, TO).filter(|it| answered(it)).count();
        if expected.kill > 0.0 && self.serves() && !self.is("locked") {
            self.share((killers, served + killers), expected.kill, "killed");
        }
        if expected.leak + expected.leak_rate > 0.0
            && self.serves()
            && expected.kill <= 0.0
            && !self.is("crash")
        {
            let full = self.played.crashes().iter().any(|it| (FROM + 1..TO).contains(&it.1));
            self.check(full, "no instance fills up");
        }
    }

    /// Instances are taken for ready as soon as they start.
    fn ready_at_once(&self) -> bool {
        self.is("lying") && !self.is("unready")
    }

    /// When the process of an instance came up, or will, if it was not there before the effects.
    fn process_of(&self, pod: u32, at: u64) -> u64 {
        let process = self.played.process_of(pod, at);
        let start = if self.ready_at_once() { self.expected.start } else { 0.0 };
        if process > FROM { process + crate::units::round_u64(start * 1e9) } else { FROM }
    }

    /// Milliseconds that a request takes beyond what it takes in a healthy bot.
    fn slower(&self) -> f64 {
        let it = &self.expected;
        it.service + it.delay + it.call + it.query - TAKES as f64 / MILLI as f64
    }

    /// Whether requests reach instances that answer.
    fn serves(&self) -> bool {
        !self.is("hang") && (!self.is("unready") || self.is("stale"))
    }

    fn readiness(&mut self) {
        let ready = (self.is("lying") || !self.is("hang")) && !self.is("unready");
        for pod in self.played.outcome.lives.iter().map(|it| it.pod).collect::<Vec<_>>() {
            // settled since the faults began
            let now = self.played.state(pod, 21 * SECOND);
            if let Some((state @ (LifeState::Up | LifeState::Ready), since)) = now
                && since < 17 * SECOND
            {
                self.check((state == LifeState::Ready) == ready, format!("{pod} is {state:?}"));
            }
        }
        let endpoints = ready || self.is("stale");
        if !endpoints {
            let reached = self.sent(18 * SECOND, TO).filter(|it| it.pod.is_some()).count();
            self.check(reached == 0, format!("{reached} reach an instance"));
        }
    }

    fn answers(&mut self) {
        let expected = self.expected.clone();
        // without endpoints it takes a moment until nothing is sent to an instance any more
        let from = if self.serves() || self.is("hang") { FROM + 1 } else { 18 * SECOND };
        let all: Vec<Booked> = self.sent(from, TO).filter(|it| answered(it)).copied().collect();
        if !self.serves() {
            self.check(all.is_empty(), format!("{} are answered", all.len()));
            return;
        }
        self.check(!all.is_empty(), "none is answered");
        if self.is("locked") {
            let timed_out =
                |it: &Booked| it.fate == Fate::Failed(Failure::Error) && it.took() == 400 * MILLI;
            self.check(all.iter().all(timed_out), "a query gets past the lock");
            return;
        }
        let millis = TAKES as f64 / MILLI as f64 + self.slower();
        let other = all.iter().find(|it| (it.took() as f64 / MILLI as f64 - millis).abs() > 1e-6);
        self.check(other.is_none(), format!("{other:?} where {millis} were due"));
        let failed = all.iter().filter(|it| it.fate == Fate::Failed(Failure::Error)).count();
        self.share((failed, all.len()), expected.error, "errors");
        let wrong = all.iter().filter(|it| it.fate == Fate::Wrong).count();
        self.share((wrong, all.len() - failed), expected.wrong, "wrong answers");
    }

    fn shared(&mut self) {
        let to_candidate = self.sent(FROM + 1, TO).filter(|it| it.cohort.is_new()).count();
        let all = self.sent(FROM + 1, TO).count();
        let expected = self.expected.clone();
        self.share((to_candidate, all), expected.weight, "to the candidate");
        let points = &self.played.outcome.series.points;
        let during =
            points.iter().filter(|it| (FROM + SECOND..TO).contains(&it.at.nanos()) && it.good > 0);
        let lost: Vec<bool> = during.map(|it| it.latency_p50.iter().all(Option::is_none)).collect();
        self.check(lost.iter().all(|it| *it == self.is("lost")), "scrapes");
        let dead = self.sent(FROM, END).filter(|it| {
            let state = it.pod.and_then(|pod| self.played.state(pod, it.arrived));
            state.is_some_and(|(state, since)| {
                matches!(state, LifeState::Crashed | LifeState::Starting) && since < it.arrived
            })
        });
        let dead = dead.count();
        self.check((dead > 0) == self.is("stale"), format!("{dead} are sent to the dead"));
    }

    fn starts(&mut self) {
        let (mut failed, mut all) = (0, 0);
        let mut times = Vec::new();
        let lives = &self.played.outcome.lives;
        for it in lives.iter().flat_map(|it| it.stretches.windows(2)) {
            let (from, to) = (it[0].from.nanos(), it[1].from.nanos());
            let cut_off = STANDING.contains(&(to / SECOND)) && to % SECOND == 0;
            if it[0].state != LifeState::Starting || from < FROM || cut_off {
                continue;
            }
            all += 1;
            failed += usize::from(it[1].state == LifeState::Crashed);
            times.push(to - from);
        }
        let expected = self.expected.clone();
        self.check(all >= 14, format!("{all} starts"));
        let start = if self.ready_at_once() { 0.0 } else { expected.start };
        let takes = |it: &u64| (*it as f64 / 1e9 - start).abs() < 1e-6;
        self.check(times.iter().all(takes), format!("starts take {times:?}"));
        if !self.ready_at_once() {
            self.share((failed, all), expected.start_failure, "starts that fail");
        }
    }
}

fn answered(it: &Booked) -> bool {
    matches!(it.fate, Fate::Good | Fate::Wrong | Fate::Failed(Failure::Error))
}

fn pair(one: &(Value, fn(&mut Expected)), two: &(Value, fn(&mut Expected))) -> Vec<String> {
    let mut expected = HEALTHY;
    (one.1)(&mut expected);
    (two.1)(&mut expected);
    let fault = |effect: &Value| json!({"effect": effect, "when": {"at": "12s"}});
    let mut incidents = vec![fault(&one.0), fault(&two.0)];
    for at in STANDING {
        let when = json!({"at": format!("{at}s")});
        incidents.push(json!({"name": "standing", "effect": {"crash": {}}, "when": when}));
    }
    let memory = (expected.leak + expected.leak_rate > 0.0).then(|| {
        json!({
            "base": "100MiB", "limit": "113152KiB",
            "garbage_collection": {"from": "100%", "slowdown": "1x"},
        })
    });
    let played = played(&Extra { incidents: &incidents, memory, held: true, ..Extra::default() });
    let names = format!("{} and {}", one.0, two.0);
    let mut pair = Pair { names, expected, played, wrong: Vec::new() };
    pair.crashes();
    pair.readiness();
    pair.answers();
    pair.shared();
    pair.starts();
    pair.wrong
}

#[test]
fn any_two_effects_at_the_same_instances_meet_by_the_rule() {
    let effects = effects();
    let kinds: BTreeSet<String> =
        effects.iter().map(|it| it.0.as_object().unwrap().keys().next().unwrap().clone()).collect();
    let all: BTreeSet<String> =
        crate::fault::EffectSpec::SHIPPED.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(kinds, all, "every effect is here");
    let pairs: Vec<(usize, usize)> =
        (0..effects.len()).flat_map(|two| (0..=two).map(move |one| (one, two))).collect();
    let wrong: Vec<String> =
        pairs.par_iter().flat_map(|&(one, two)| pair(&effects[one], &effects[two])).collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
