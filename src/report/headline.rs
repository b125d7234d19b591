//! What happened, in one sentence.

use super::{Trial, words::harmless};
use crate::{
    model::{Measure, Phase},
    units::{
        Instant, Span, round_u64,
        text::{count, counted, span},
    },
};

/// One plain sentence that says how the rollout ended, whom it hurt, and where its defect never had a chance.
pub fn headline(trial: Trial<'_>) -> String {
    if !trial.plan.scenario.strategy.kind().ships() {
        return without_rollout(trial);
    }
    let mut sentence = ended(trial);
    sentence.push_str(&felt(trial));
    sentence.push_str(&unstruck(trial));
    sentence
}

/// That nothing that is wrong with the release showed; continues with the sentence.
fn unstruck(trial: Trial<'_>) -> String {
    if trial.outcome.figure(Measure::defects_struck).is_none_or(|it| it > 0.0) {
        return String::new();
    }
    match trial.plan.scenario.release.defects.as_slice() {
        [defect] => format!("; the defect `{}` never took effect", harmless(defect.shown_name())),
        _ => "; none of its defects took effect".to_owned(),
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
    let users = match met {
        0 => "no user met the release".to_owned(),
        _ => format!("{} met the release", counted(met, "user")),
    };
    let harm = match hurt {
        0 => "none were hurt".to_owned(),
        1 => "1 was hurt".to_owned(),
        _ => format!("{} were hurt", count(hurt)),
    };
    let beside = match figure(Measure::users_hurt_unmet) {
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
