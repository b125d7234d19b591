//! What happened, in one sentence.

use std::cmp::Ordering;

use super::{
    Trial,
    lists::{listed, quoted},
};
use crate::{
    model::{Measure, Phase, ReleaseId},
    sim::{FaultOutcome, Life, LifeState},
    units::{
        Instant, Span, round_u64,
        text::{count, counted, span},
    },
};

/// One plain sentence that says how the rollout ended, whom it hurt, which incidents there were meanwhile, and which
/// faults never had a chance.
pub fn headline(trial: Trial<'_>) -> String {
    let mut sentence = if trial.plan.scenario.strategy.kind().ships() {
        ended(trial) + &felt(trial)
    } else {
        without_rollout(trial)
    };
    sentence.push_str(&incidents(trial));
    sentence.push_str(&unstruck(trial, true));
    sentence.push_str(&unstruck(trial, false));
    sentence
}

/// Faults that have their name in the sentence; of more, only their number is there.
const NAMED_MAX: usize = 3;

/// `a`, `a` and `b`, `a`, `b` and 3 more: names in quotation marks.
fn named(faults: &[&FaultOutcome]) -> String {
    let named = if faults.len() > NAMED_MAX { NAMED_MAX - 1 } else { faults.len() };
    let mut names: Vec<String> = faults[..named].iter().map(|it| quoted(&it.name)).collect();
    if faults.len() > named {
        names.push(format!("{} more", count((faults.len() - named) as u64)));
    }
    listed(&names)
}

/// The incidents that took effect in a trial in which users were hurt; continues with the sentence.
fn incidents(trial: Trial<'_>) -> String {
    let outcome = trial.outcome;
    let hurt = outcome.figure(Measure::users_hurt).is_some_and(|it| it > 0.0);
    let struck = |it: &&FaultOutcome| !it.defect && it.struck;
    let struck: Vec<&FaultOutcome> = outcome.struck.iter().filter(struck).collect();
    if !hurt || struck.is_empty() {
        return String::new();
    }
    let first = struck.iter().filter_map(|it| it.since).min();
    let when = outcome.rollout_began.zip(first).map_or_else(String::new, |(began, first)| {
        match first.cmp(&began) {
            Ordering::Less => format!(" {} before the rollout", span(began.since(first))),
            Ordering::Equal => " with the rollout".to_owned(),
            Ordering::Greater => format!(" {} after the rollout started", span(first.since(began))),
        }
    });
    match struck.as_slice() {
        [_] if when.is_empty() => format!("; the incident {} took effect", named(&struck)),
        [_] => format!("; the incident {} began{when}", named(&struck)),
        _ if when.is_empty() => format!("; the incidents {} took effect", named(&struck)),
        _ => format!("; the incidents {} took effect, the first{when}", named(&struck)),
    }
}

/// The defects, or the incidents, that never had anything to act on; continues with the sentence.
fn unstruck(trial: Trial<'_>, defects: bool) -> String {
    let all: Vec<&FaultOutcome> =
        trial.outcome.struck.iter().filter(|it| it.defect == defects).collect();
    let never: Vec<&FaultOutcome> = all.iter().copied().filter(|it| !it.struck).collect();
    let kind = if defects { "defect" } else { "incident" };
    match never.as_slice() {
        [] => String::new(),
        [_] => format!("; the {kind} {} never took effect", named(&never)),
        several if several.len() == all.len() => format!("; none of the {kind}s took effect"),
        _ => format!("; the {kind}s {} never took effect", named(&never)),
    }
}

/// What users felt where nothing was shipped.
fn without_rollout(trial: Trial<'_>) -> String {
    let figure = |measure| trial.outcome.figure(measure).unwrap_or(0.0);
    let [requests, failed, hurt] =
        [Measure::requests, Measure::failed, Measure::users_hurt].map(|it| round_u64(figure(it)));
    let down = Span::from_secs_f64(figure(Measure::downtime));
    let time = if down.is_zero() {
        "no downtime".to_owned()
    } else {
        format!("{} of downtime", span(down))
    };
    let users = match hurt {
        0 => "no user was hurt".to_owned(),
        1 => "1 user was hurt".to_owned(),
        _ => format!("{} users were hurt", count(hurt)),
    };
    let requests = counted(requests, "request");
    format!("nothing was shipped: {} of {requests} failed, with {time}; {users}", count(failed))
}

/// How the rollout ended, and when.
fn ended(trial: Trial<'_>) -> String {
    let outcome = trial.outcome;
    let end = Instant::ZERO + trial.plan.scenario.length;
    let Some(began) = outcome.rollout_began else {
        return format!("the rollout did not start within {}", span(trial.plan.scenario.length));
    };
    let rested = outcome.rested.unwrap_or(end);
    match outcome.phase {
        Phase::Completed => format!("completed in {}", span(rested.since(began))),
        Phase::RolledBack => {
            let back = outcome.rollback_done.unwrap_or(rested);
            match outcome.first_symptom.filter(|&it| it <= back) {
                Some(symptom) => {
                    format!("rolled back {} after the first symptom", span(back.since(symptom)))
                }
                None => format!(
                    "rolled back: all traffic back on the old release {} after the rollout started, before \
                     any request was affected",
                    span(back.since(began))
                ),
            }
        }
        Phase::Failed => format!("failed half-way after {}", span(rested.since(began))),
        Phase::RollingBack => {
            let from = outcome.rollback_began.unwrap_or(began);
            format!(
                "still rolling back at the end, {} after the rollback started",
                span(end.since(from))
            )
        }
        Phase::Paused => {
            format!(
                "still waiting for a person at the end, {} after the start",
                span(end.since(began))
            )
        }
        Phase::Progressing | Phase::Pending => {
            format!("still in progress at the end, {} after the start", span(end.since(began)))
        }
    }
}

/// What users felt of it; continues with the sentence.
fn felt(trial: Trial<'_>) -> String {
    let figure = |measure| round_u64(trial.outcome.figure(measure).unwrap_or(0.0));
    let downtime = trial.outcome.figure(Measure::downtime).unwrap_or(0.0);
    let stopped = figure(Measure::failed_by_stopping);
    let (met, hurt) = (figure(Measure::users_met), figure(Measure::users_hurt));
    let harmless = hurt == 0 && stopped == 0;
    let completed = trial.outcome.phase == Phase::Completed;
    let mut text = match downtime {
        it if it > 0.0 => format!(", with {} of downtime", span(Span::from_secs_f64(it))),
        _ if completed && harmless => " without downtime".to_owned(),
        _ => String::new(),
    };
    if completed && harmless && met > 0 {
        text.push_str("; no request failed because of the rollout");
        return text;
    }
    let unfelt = (met == 0).then(|| harm_of_code(trial)).flatten();
    let users = match (met, unfelt) {
        (0, Some(what)) => format!("{what}: no user met the feature"),
        (0, None) => "no user met the release".to_owned(),
        _ => format!("{} met the release", counted(met, "user")),
    };
    let harm = match hurt {
        0 => "no user was hurt".to_owned(),
        1 => "1 was hurt".to_owned(),
        _ => format!("{} were hurt", count(hurt)),
    };
    let beside = match figure(Measure::users_hurt_unmet) {
        _ if unfelt.is_some() => String::new(),
        0 => String::new(),
        it if it == hurt => " without having met it".to_owned(),
        it => format!(", {} of them without having met it", count(it)),
    };
    text.extend(["; ", &users, ", ", &harm, &beside]);
    if stopped > 0 {
        let requests = counted(stopped, "request");
        text.extend(["; ", &requests, " failed because instances were stopped"]);
    }
    text
}

/// What the code of a release did to users while its feature was off; nothing where it hurt no user, or has no
/// feature that could be off.
fn harm_of_code(trial: Trial<'_>) -> Option<&'static str> {
    let hurt = trial.outcome.figure(Measure::users_hurt_by_release).is_some_and(|it| it > 0.0);
    if !hurt || !trial.plan.scenario.strategy.kind().uses_flag() {
        return None;
    }
    let crashed = |it: &Life| {
        let crashes = it.stretches.iter().any(|it| it.state == LifeState::Crashed);
        it.release == ReleaseId::CANDIDATE && crashes
    };
    let crashed = trial.outcome.lives.iter().any(crashed);
    Some(if crashed {
        "the code of the release crashed with its feature off"
    } else {
        "the code of the release failed requests with its feature off"
    })
}
