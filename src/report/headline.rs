//! What happened, in one sentence.

use super::Trial;
use crate::{
    model::{Measure, Phase},
    units::{
        Instant, Span, round_u64,
        text::{count, counted, span},
    },
};

/// One plain sentence that says how the rollout ended and whom it hurt.
pub fn headline(trial: Trial<'_>) -> String {
    let mut sentence = ended(trial);
    sentence.push_str(&felt(trial));
    sentence
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
                "still waiting for approval at the end, {} after the start",
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
