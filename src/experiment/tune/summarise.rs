//! From a run to its report.

use serde_json::Value;

use super::{
    aims::{Aim, Aims, How, Releases, Requirement, Tracked},
    budget::{CONFIDENCE, confidence},
    fresh::{Contestant, Reason, Role, front, odds, prior_range, standing},
    importance::{explained, spearman},
    patch,
    run::{Entrant, TuningRun},
    search::{Candidate, Origin},
    study::Study,
    tally::{Judged, Tally},
    tuning::{
        ByClass, CandidateFound, Change, Circumstance, Constraint, ContestantFound, FORMAT, Held,
        Named, ParameterFound, Part, Progress, Setting, Spent, Tuning, UnderIt, Verdict,
    },
    vary,
};
use crate::{
    experiment::{Class, Figure},
    model::{Condition, Measure},
    stats::clopper_pearson,
};

/// Everything that was found.
pub fn summarise(study: &Study, run: &TuningRun) -> Tuning {
    let protocol = &study.protocol;
    let (changes, patch) = recommendation(study, run);
    Tuning {
        format: FORMAT,
        rollsim: protocol.rollsim.clone(),
        name: protocol.name.clone(),
        title: protocol.title.clone(),
        file: protocol.file.clone(),
        seed: protocol.seed,
        command: protocol.command.clone(),
        trials: spent(study, run),
        confidence: CONFIDENCE,
        looks: confidence().looks,
        currency: study.prices.currency().to_owned(),
        assumptions: protocol.assumptions.clone(),
        classes: classes(study, run),
        objective: named(&study.aims.objective),
        constraints: study.aims.requirements.iter().map(constraint).collect(),
        parameters: parameters(study, run),
        candidates: candidates(study, run),
        progress: run.searched.steps.iter().map(progress).collect(),
        contestants: contestants(study, run),
        verdict: verdict(study, run),
        robustness: robustness(study, run),
        changes,
        patch,
    }
}

fn spent(study: &Study, run: &TuningRun) -> Spent {
    let robust = run.robust.iter().flatten();
    Spent {
        planned: study.budget.trials,
        search: run.searched.candidates.iter().map(|it| it.tally.all()).sum(),
        fresh: run.contestants.iter().map(|it| it.tally.all()).sum(),
        robustness: robust.map(Tally::all).sum(),
    }
}

fn present(run: &TuningRun) -> usize {
    run.contestants.iter().position(|it| it.role == Role::Present).unwrap_or(0)
}

fn classes(study: &Study, run: &TuningRun) -> Vec<Class> {
    let tally = &run.contestants[present(run)].tally;
    let class = |(index, it): (usize, &crate::experiment::ReleaseClass)| Class {
        name: it.name.clone(),
        chance: it.chance,
        good: it.good,
        trials: tally.count(index),
        about: it.about.clone(),
    };
    study.classes.iter().enumerate().map(class).collect()
}

fn named(aim: &Aim) -> Named {
    Named { name: aim.name.clone(), unit: aim.unit.to_owned() }
}

fn constraint(it: &Requirement) -> Constraint {
    let beyond_allowed = match it.aim.how {
        How::Quantile(q) => Some(match it.condition {
            Condition::Above(_) | Condition::AtLeast(_) => q,
            Condition::Below(_)
            | Condition::AtMost(_)
            | Condition::Within(..)
            | Condition::Is(_) => 1.0 - q,
        }),
        How::Mean | How::Rate => None,
    };
    Constraint {
        name: it.aim.name.clone(),
        unit: it.aim.unit.to_owned(),
        releases: it.aim.releases,
        condition: it.condition.to_string(),
        beyond_allowed,
    }
}

fn progress(it: &super::search::Step) -> Progress {
    Progress { trials: it.trials, candidates: it.alive, best: it.best }
}

fn settings(entrant: &Entrant) -> Vec<Setting> {
    let setting =
        |(path, value): &(String, Value)| Setting { path: path.clone(), value: value.clone() };
    entrant.settings.iter().map(setting).collect()
}

fn parameters(study: &Study, run: &TuningRun) -> Vec<ParameterFound> {
    let false_rollback = Aims::usual(Tracked::Back, Releases::Good);
    let starts: Vec<&Candidate> =
        run.searched.candidates.iter().filter(|it| it.origin == Origin::Start).collect();
    let values = |aim: &Aim| -> Vec<f64> {
        let value = |it: &&Candidate| it.tally.value(aim, &study.strata).unwrap_or(f64::MAX);
        starts.iter().map(value).collect()
    };
    let (objective, back) = (values(&study.aims.objective), values(&false_rollback));
    let found = |(index, axis): (usize, &crate::scenario::Axis)| {
        let at: Vec<f64> = starts.iter().map(|it| it.point[index]).collect();
        ParameterFound {
            name: axis.name.clone(),
            path: axis.path.clone(),
            matters: explained(&at, &objective),
            matters_for_false_rollbacks: explained(&at, &back),
            correlation: (!axis.categorical).then(|| spearman(&at, &objective)),
        }
    };
    study.space.axes().iter().enumerate().map(found).collect()
}

fn candidates(study: &Study, run: &TuningRun) -> Vec<CandidateFound> {
    let found = |(it, entrant): (&Candidate, &Entrant)| {
        let value = |aim: &Aim| it.tally.value(aim, &study.strata);
        let usual = |tracked, releases| value(&Aims::usual(tracked, releases));
        let (origin, parent) = match it.origin {
            Origin::Present => ("present".to_owned(), None),
            Origin::Start => ("start".to_owned(), None),
            Origin::Child { of, round } => (format!("round {}", round + 1), Some(of)),
        };
        CandidateFound {
            origin,
            parent,
            settings: settings(entrant),
            trials: it.tally.all(),
            objective: value(&study.aims.objective),
            false_rollback: usual(Tracked::Back, Releases::Good),
            users_hurt: usual(Tracked::Of(Measure::users_hurt), Releases::All),
            rollout_time: usual(Tracked::Of(Measure::rollout_time), Releases::Good),
            dropped: it.dropped,
        }
    };
    run.searched.candidates.iter().zip(&run.entrants).map(found).collect()
}

fn held(it: Judged) -> Held {
    let finite = |it: f64| it.is_finite().then_some(it);
    Held {
        value: it.value.filter(|it| it.is_finite()),
        beyond: it.beyond.map(|it| it.0),
        low: finite(it.low),
        high: finite(it.high),
        standing: it.standing,
        n: it.n,
    }
}

fn corner(study: &Study, tally: &Tally) -> Option<[f64; 3]> {
    Some([
        tally.value(&study.aims.objective, &study.strata)?,
        tally.value(&Aims::usual(Tracked::Back, Releases::Good), &study.strata)?,
        tally.value(
            &Aims::usual(Tracked::Of(Measure::rollout_time), Releases::Good),
            &study.strata,
        )?,
    ])
}

fn contestants(study: &Study, run: &TuningRun) -> Vec<ContestantFound> {
    let question = study.question();
    let corner = |it: &Tally| corner(study, it);
    let odds = odds(question, &run.contestants, &corner);
    let corners: Vec<[f64; 3]> =
        run.contestants.iter().map(|it| corner(&it.tally).unwrap_or([f64::INFINITY; 3])).collect();
    let on = front(&corners);
    let found = |(index, it): (usize, &Contestant)| {
        let mut found = contestant(study, run, it, index);
        (found.best, found.on_front) = odds[index];
        found.front = on[index];
        found
    };
    run.contestants.iter().enumerate().map(found).collect()
}

fn contestant(study: &Study, run: &TuningRun, it: &Contestant, index: usize) -> ContestantFound {
    let (question, strata) = (study.question(), &study.strata);
    let level = confidence().of_a_look();
    let estimate = |aim: &Aim| {
        let found = it.tally.estimate(aim, strata, level).map(Figure::from)?;
        found.value.is_finite().then_some(found)
    };
    let usual = |tracked, releases| estimate(&Aims::usual(tracked, releases));
    let theirs = &run.contestants[present(run)];
    let versus = |aim: &Aim| {
        let other = it.role != Role::Present;
        let found = it.tally.difference(&theirs.tally, aim, (strata, level)).map(Figure::from);
        found.filter(|_| other)
    };
    let candidate = match it.role {
        Role::Found(candidate) => Some(candidate),
        Role::Present => Some(0),
        Role::Common(_) => None,
    };
    let searched = candidate
        .and_then(|at| run.searched.candidates[at].tally.value(&study.aims.objective, strata));
    let judged = |wanted: &Requirement| held(it.tally.judged(wanted, strata, level));
    ContestantFound {
        name: name(study, it.role, index),
        part: match it.role {
            Role::Present => Part::Present,
            Role::Found(_) => Part::Found,
            Role::Common(_) => Part::Common,
        },
        candidate,
        about: match it.role {
            Role::Common(at) => Some(study.common[at].0.about.to_owned()),
            Role::Present | Role::Found(_) => None,
        },
        settings: settings(&run.judged[index]),
        trials: it.tally.all(),
        stopped: it.stopped,
        standing: standing(question, &it.tally),
        objective: estimate(&study.aims.objective),
        searched,
        cost: usual(Tracked::Cost, Releases::All),
        users_hurt: usual(Tracked::Of(Measure::users_hurt), Releases::All),
        false_rollback: usual(Tracked::Back, Releases::Good),
        escaped: usual(Tracked::Completed, Releases::Bad),
        rollout_time: usual(Tracked::Of(Measure::rollout_time), Releases::Good),
        constraints: study.aims.requirements.iter().map(judged).collect(),
        versus_present: versus(&study.aims.objective),
        users_hurt_versus_present: versus(&Aims::usual(
            Tracked::Of(Measure::users_hurt),
            Releases::All,
        )),
        by_class: (0..strata.len()).map(|class| by_class(study, &it.tally, class)).collect(),
        best: 0.0,
        on_front: 0.0,
        front: false,
    }
}

fn name(study: &Study, role: Role, index: usize) -> String {
    match role {
        Role::Present => "present".to_owned(),
        Role::Found(_) => format!("found {index}"),
        Role::Common(at) => study.common[at].0.name.to_owned(),
    }
}

fn by_class(study: &Study, tally: &Tally, class: usize) -> ByClass {
    let n = tally.count(class);
    let aim = Aims::usual(Tracked::Back, Releases::All);
    let back = tally.column(class, aim.tracked).filter(|it| *it > 0.5).count() as u64;
    let interval = clopper_pearson(back, n, CONFIDENCE);
    let mut only = study.strata.clone();
    for (index, it) in only.iter_mut().enumerate() {
        it.chance = if index == class { 1.0 } else { 0.0 };
    }
    let hurt = Aims::usual(Tracked::Of(Measure::users_hurt), Releases::All);
    ByClass {
        class: study.classes[class].name.clone(),
        trials: n,
        rolled_back: Figure {
            value: if n == 0 { 0.0 } else { back as f64 / n as f64 },
            low: interval.low,
            high: interval.high,
            n,
        },
        users_hurt: tally.estimate(&hurt, &only, CONFIDENCE).map(Figure::from),
    }
}

fn verdict(study: &Study, run: &TuningRun) -> Verdict {
    let question = study.question();
    let decision = &run.decision;
    Verdict {
        reason: decision.reason,
        recommended: decision.recommended,
        winner: decision.winner,
        tied: decision.tied.clone(),
        bad: study.strata.iter().filter(|it| !it.good).map(|it| it.chance).sum(),
        bad_range: prior_range(question, &run.contestants, decision),
        good_needed: Some(study.budget.good_needed),
        trials_enough: study.budget.enough(study.common.len()),
    }
}

fn robustness(study: &Study, run: &TuningRun) -> Vec<Circumstance> {
    let level = confidence().of_a_look();
    let who = [run.decision.recommended, present(run)];
    let under = |tally: &Tally, contestant: usize| {
        let estimate = |aim: &Aim| {
            let found = tally.estimate(aim, &study.strata, CONFIDENCE).map(Figure::from)?;
            found.value.is_finite().then_some(found)
        };
        let judged = |it: &Requirement| held(tally.judged(it, &study.strata, level));
        UnderIt {
            contestant,
            trials: tally.all(),
            objective: estimate(&study.aims.objective),
            false_rollback: estimate(&Aims::usual(Tracked::Back, Releases::Good)),
            constraints: study.aims.requirements.iter().map(judged).collect(),
        }
    };
    let circumstance = |(variation, tallies): (&vary::Variation, &Vec<Tally>)| Circumstance {
        name: variation.name(),
        changed: !tallies.is_empty(),
        settings: tallies.iter().zip(who).map(|(tally, it)| under(tally, it)).collect(),
    };
    vary::ALL.iter().zip(&run.robust).map(circumstance).collect()
}

/// What the recommendation changes, and the file that makes it.
fn recommendation(study: &Study, run: &TuningRun) -> (Vec<Change>, String) {
    let decision = &run.decision;
    let kept = [Reason::NothingBetter, Reason::NotCertified, Reason::NotMeasured];
    if kept.contains(&decision.reason) {
        return (Vec::new(), String::new());
    }
    let recommended = &run.judged[decision.recommended].scenario;
    let after = serde_json::to_value(recommended).unwrap_or_default();
    let changes = patch::changes(&study.written, &after);
    let mut before = study.written.clone();
    if let (false, Some(map)) = (study.has_analysis, before.as_object_mut()) {
        // the gates that were filled in stand in no file: all of them are new
        map.shift_remove("analysis");
    }
    let Some(overlay) = patch::overlay(&before, &after) else { return (changes, String::new()) };
    let file = study.protocol.file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let about = [
        format!("What `rollsim tune` recommends for {file}. Save it beside {file}, then:"),
        "rollsim run tuned.yaml".to_owned(),
        format!("Made by: {}", study.protocol.command),
    ];
    (changes, patch::file(&overlay, &file, &about))
}
