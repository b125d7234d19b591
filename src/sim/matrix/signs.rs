//! What shows each effect in the books. The table is by the names of the effects; a new one without its
//! sign fails every test of the matrix.

use serde_json::{Value, json};

use super::{
    bot::{END, MILLI, Played, SECOND, TAKES},
    case::{Case, Sight},
};
use crate::{
    fault::{EffectSpec, Target},
    model::{Cohort, ReleaseId},
    sim::{
        LifeState,
        data::Failure,
        witness::{Booked, Fate},
    },
};

/// Every effect, so strong that it shows wherever it is.
pub(super) fn variants() -> Vec<Value> {
    let settings = |name: &str| match name {
        "errors" | "wrong_answers" | "startup_failure" => json!({"rate": "100%"}),
        "poison" => json!({"rate": "30%"}),
        "latency" => json!({"factor": "3x", "delay": "7ms"}),
        "slow_start" | "database_slow" => json!({"factor": "9x"}),
        "skewed_weight" => json!({"factor": "0x"}),
        "dependency" => json!({"errors": "100%"}),
        "leak" => json!({"per_request": "1MiB"}),
        _ => json!({}),
    };
    let all = EffectSpec::SHIPPED.iter().map(|name| json!({*name: settings(name)}));
    let more = [
        json!({"leak": {"per_hour": "7560MiB"}}),
        json!({"dependency": {"name": "mail", "factor": "9x"}}),
    ];
    all.chain(more).collect()
}

/// How an effect shows.
pub(super) struct Sign {
    pub(super) sights: fn(&Case, &Played) -> Vec<Sight>,
    /// It shows wherever it is looked for, not only now and then.
    pub(super) everywhere: bool,
    /// Incidents without which there is nothing to see.
    pub(super) beside: Vec<Value>,
    /// 10.5 MiB are free.
    pub(super) memory: bool,
}

impl Sign {
    fn each(sights: fn(&Case, &Played) -> Vec<Sight>) -> Self {
        Self { sights, everywhere: true, beside: Vec::new(), memory: false }
    }

    fn now_and_then(sights: fn(&Case, &Played) -> Vec<Sight>) -> Self {
        Self { everywhere: false, ..Self::each(sights) }
    }

    pub(super) fn of(effect: &EffectSpec) -> Self {
        let standing = |name: &str, at: &str| json!({"name": "standing", "when": {"at": at}, "effect": {name: {}}, "scope": {"zone": "b"}});
        let restart = json!({"name": "standing", "when": {"at": "14s"}, "effect": {"crash": {}}});
        let full = effect.kind().disrupt(1.0);
        match effect.name() {
            "errors" => {
                Self::each(|_, it| requests(it, |it| it.fate == Fate::Failed(Failure::Error)))
            }
            "wrong_answers" => Self::each(|_, it| requests(it, |it| it.fate == Fate::Wrong)),
            "latency" => Self::each(|_, it| took(it, 3 * 20 + 7 + 10 + 5)),
            "leak" if effect.kind().target() == Target::Requests => {
                Self { memory: true, ..Self::now_and_then(fills_up) }
            }
            "leak" => Self { memory: true, ..Self::each(|case, it| crashes(case, it, 5 * SECOND)) },
            "crash" => Self::each(|case, it| crashes(case, it, 0)),
            "poison" => Self::now_and_then(killed),
            "hang" => Self::each(|_, it| {
                let timeout = |it: &Booked| it.fate == Fate::Failed(Failure::Timeout);
                let readiness = readiness(it, 0, LifeState::Up);
                requests(it, timeout).into_iter().chain(readiness).collect()
            }),
            "startup_failure" => Self {
                beside: vec![restart],
                ..Self::each(|_, it| starts(it, |_, after| after == LifeState::Crashed))
            },
            "slow_start" => Self {
                beside: vec![restart],
                ..Self::each(|_, it| starts(it, |time, _| time >= 18 * SECOND))
            },
            "lying_readiness" => {
                let hang =
                    json!({"name": "standing", "when": {"at": "14s"}, "effect": {"hang": {}}});
                let ready = |_: &Case, it: &Played| readiness(it, 17 * SECOND, LifeState::Ready);
                Self { beside: vec![hang], ..Self::each(ready) }
            }
            "unready" => Self::each(|_, it| readiness(it, 0, LifeState::Up)),
            "database_lock" => {
                Self::each(|_, it| requests(it, |it| it.fate == Fate::Failed(Failure::Error)))
            }
            "database_slow" => Self::each(|_, it| took(it, 20 + 10 + 9 * 5)),
            "dependency" if full.dependencies.iter().all(|it| it.error <= 0.0) => {
                Self::each(|_, it| took(it, 20 + 9 * 10 + 5))
            }
            "dependency" => {
                Self::each(|_, it| requests(it, |it| it.fate == Fate::Failed(Failure::Error)))
            }
            "stale_endpoints" => Self {
                beside: ["15s", "32s", "48s"].map(|at| standing("crash", at)).to_vec(),
                ..Self::now_and_then(sent_to_the_dead)
            },
            "skewed_weight" => Self::each(away_from_the_candidate),
            "lost_scrapes" => Self::each(scrapes),
            other => panic!("how `{other}` shows belongs here"),
        }
    }
}

fn requests(played: &Played, shows: impl Fn(&Booked) -> bool) -> Vec<Sight> {
    let served = played.booked.iter().filter(|it| it.pod.is_some());
    served.map(|it| Sight { clean: it.is_healthy(), ..Sight::of_request(it, shows(it)) }).collect()
}

/// Requests that are answered well after so many milliseconds.
fn took(played: &Played, millis: u64) -> Vec<Sight> {
    requests(played, |it| it.fate == Fate::Good && it.took() == millis * MILLI)
}

/// Instances each second, once they have been up for two: whether they are in this state.
fn readiness(played: &Played, from: u64, state: LifeState) -> Vec<Sight> {
    let mut sights = Vec::new();
    for life in &played.outcome.lives {
        for at in (1..60).map(|it| it * SECOND).filter(|it| *it >= from) {
            let settled = at.checked_sub(2 * SECOND).and_then(|it| played.state(life.pod, it));
            let up = |it: LifeState| matches!(it, LifeState::Up | LifeState::Ready);
            let now = played.state(life.pod, at).map(|it| it.0).filter(|it| up(*it));
            if let (Some(now), true) = (now, settled.is_some_and(|it| up(it.0))) {
                let sight = Sight::of_instance(life.pod, at, now == state);
                sights.push(Sight { lag: 3 * SECOND, ..sight });
            }
        }
    }
    sights
}

/// Crashes so long after the onset; and instances that should have crashed.
fn crashes(case: &Case, played: &Played, delay: u64) -> Vec<Sight> {
    let happened = played.crashes();
    let at =
        |it: &(u32, u64)| Sight::of_instance(it.0, (it.1 + MILLI / 2).saturating_sub(delay), true);
    let mut sights: Vec<Sight> = happened.iter().map(at).collect();
    for life in &played.outcome.lives {
        let onset = case.onset(Some(life.pod), played);
        let (Some(by), Some(up)) = (onset.by, played.up(life.pod)) else { continue };
        // an instance that starts later has not been there when it happened
        let missed = delay == 0 && onset.since.is_some_and(|since| up > since);
        let serves = |at: u64| {
            let state = played.state(life.pod, at).map(|it| it.0);
            matches!(state, Some(LifeState::Up | LifeState::Ready | LifeState::Crashed))
        };
        if missed || by + delay >= END || !serves(by) || !serves(by + delay + MILLI) {
            continue;
        }
        let due = by + delay..by + delay + MILLI;
        let crashed = happened.iter().any(|it| it.0 == life.pod && due.contains(&it.1));
        sights.push(Sight::of_instance(life.pod, by, crashed));
    }
    sights
}

/// Crashes at the request that was one too many: the eleventh in scope that the process has taken up.
fn fills_up(case: &Case, played: &Played) -> Vec<Sight> {
    let mut sights = Vec::new();
    for (pod, at) in played.crashes() {
        let last = played.booked.iter().find(|it| it.pod == Some(pod) && it.arrived == at);
        let Some(last) = last else { return vec![Sight::unexplained(pod, at)] };
        let onset = case.onset(Some(pod), played);
        let process = played.process_of(pod, at).max(onset.from);
        let taken = played.booked.iter().filter(|it| {
            it.pod == Some(pod)
                && (process..=at).contains(&it.arrived)
                && case.knows(Sight::of_request(it, true).place, played)
        });
        // a later process has an onset of its own, where it does not set in everywhere
        let first = !played.crashes().iter().any(|it| it.0 == pod && it.1 < at);
        let known = onset.by == Some(onset.from) && (first || onset.since.is_some());
        let exact = known && case.groups().is_none();
        let eleventh = !exact || taken.count() == 11;
        sights.push(if eleventh {
            Sight::of_request(last, true)
        } else {
            Sight::unexplained(pod, at)
        });
    }
    sights
}

/// Crashes at the end of the request that kills.
fn killed(_: &Case, played: &Played) -> Vec<Sight> {
    let of_crash = |(pod, at): (u32, u64)| {
        let killer = |it: &&Booked| it.pod == Some(pod) && it.ended == at && it.took() == TAKES;
        let killer = played.booked.iter().find(killer);
        killer.map_or_else(|| Sight::unexplained(pod, at), |it| Sight::of_request(it, true))
    };
    played.crashes().into_iter().map(of_crash).collect()
}

/// Starts of processes that came to their own end, by the time they took and what came after.
fn starts(played: &Played, shows: impl Fn(u64, LifeState) -> bool) -> Vec<Sight> {
    let mut sights = Vec::new();
    for life in &played.outcome.lives {
        for pair in life.stretches.windows(2).filter(|it| it[0].state == LifeState::Starting) {
            let (from, to) = (pair[0].from.nanos(), pair[1].from.nanos());
            if to == 14 * SECOND {
                continue;
            }
            sights.push(Sight::of_instance(life.pod, from, shows(to - from, pair[1].state)));
        }
    }
    sights
}

/// Requests to an instance that has crashed and is not up again.
fn sent_to_the_dead(_: &Case, played: &Played) -> Vec<Sight> {
    let dead = |it: &&Booked| {
        let state = it.pod.and_then(|pod| played.state(pod, it.arrived));
        state.is_some_and(|(state, since)| {
            matches!(state, LifeState::Crashed | LifeState::Starting) && since < it.arrived
        })
    };
    played.booked.iter().filter(dead).map(|it| Sight::of_request(it, true)).collect()
}

/// Requests to the old release while the new one was to have them all.
fn away_from_the_candidate(_: &Case, played: &Played) -> Vec<Sight> {
    let from = played.said("candidate takes 100 %").unwrap_or(END) + MILLI;
    let leaves = |pod: u32| {
        let stops = |it: &LifeState| matches!(it, LifeState::Draining | LifeState::Gone);
        let mut stretches = played.life(pod).stretches.iter();
        stretches.find(|it| stops(&it.state)).map_or(END, |it| it.from.nanos())
    };
    let to = played.pods(ReleaseId::STABLE).map(leaves).min().unwrap_or(END);
    let meant = played.booked.iter().filter(|it| (from..to).contains(&it.arrived));
    meant.map(|it| Sight::of_request(it, it.cohort == Cohort::STABLE)).collect()
}

/// Scrapes, each a point of the series: whether its latencies are missing.
fn scrapes(_: &Case, played: &Played) -> Vec<Sight> {
    let points = played.outcome.series.points.iter().filter(|it| it.good > 0);
    let lost = |it: &&crate::sim::SeriesPoint| it.latency_p50.iter().all(Option::is_none);
    points.map(|it| Sight { lag: SECOND, ..Sight::of_all(it.at.nanos(), lost(&it)) }).collect()
}
