//! Headline, timeline, steps and figures of a trial say the same: every sentence is read and held against
//! the books.

mod faults;

use rayon::prelude::*;
use rollsim::{
    model::{Measure, Phase},
    report::{Trial, headline},
    scenario::Plan,
    sim::{Entry, Outcome, StepState, Topic, folded},
    units::{Instant, round_u64},
};

use super::{Job, jobs, pinned, planned};

/// Seconds that a text such as `1 min 6 s` may stand for: least and most.
fn seconds(text: &str) -> Option<(f64, f64)> {
    let words: Vec<&str> = text.split(' ').collect();
    let (mut total, mut error) = (0.0, 0.0_f64);
    for pair in words.chunks(2) {
        let [number, unit] = pair else { return None };
        let number: f64 = number.replace(',', "").parse().ok()?;
        let (size, rounded) = match *unit {
            "d" => (86_400.0, 1_800.0),
            "h" => (3_600.0, 30.0),
            "min" => (60.0, 0.5),
            "s" => (1.0, 0.006 * number),
            "ms" => (1e-3, 6e-6 * number),
            "µs" => (1e-6, 6e-9 * number),
            "ns" => (1e-9, 1e-9),
            _ => return None,
        };
        total += number * size;
        error = error.max(rounded);
    }
    Some((total - error, total + error))
}

struct Check<'o> {
    plan: &'o Plan,
    outcome: &'o Outcome,
    headline: String,
    wrong: Vec<String>,
}

impl Check<'_> {
    fn holds(&mut self, holds: bool, what: impl std::fmt::Display) {
        if !holds {
            self.wrong.push(format!("{what}: {}", self.headline));
        }
    }

    fn figure(&self, measure: Measure) -> f64 {
        self.outcome.figure(measure).unwrap_or(0.0)
    }

    /// The parts of the headline that begin like this, without what they begin with.
    fn parts(&self, start: &str) -> Vec<String> {
        let parts = self.headline.split("; ").filter_map(|it| it.strip_prefix(start));
        parts.map(str::to_owned).collect()
    }

    /// What stands between two pieces of the headline, if both are there.
    fn between(&self, before: &str, after: &str) -> Option<String> {
        let (_, rest) = self.headline.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    }

    fn span(&mut self, text: Option<String>, expected: f64, what: &str) {
        let Some(text) = text else { return self.holds(false, what) };
        let fits = seconds(&text).is_some_and(|it| (it.0..=it.1).contains(&expected));
        self.holds(fits, format!("{what}, {expected} s"));
    }

    /// How it ended, and when.
    fn ending(&mut self) {
        let outcome = self.outcome;
        let end = self.plan.scenario.length.as_secs_f64();
        let at = |it: Option<Instant>| it.map_or(end, Instant::as_secs_f64);
        if !self.plan.scenario.strategy.kind().ships() {
            let said = self.headline.starts_with("nothing was shipped: ");
            return self.holds(said && outcome.rollout_began.is_none(), "nothing shipped");
        }
        let Some(began) = outcome.rollout_began else {
            return self.holds(self.headline.starts_with("the rollout did not start"), "start");
        };
        let began = began.as_secs_f64();
        let said = format!("{}\n", self.headline.replace([';', ','], "\n"));
        let first = said.lines().next().unwrap_or_default().to_owned();
        let first = first.trim_end_matches(" without downtime");
        let told = |before: &str, after: &str| {
            let rest = first.strip_prefix(before)?;
            rest.strip_suffix(after).map(str::to_owned)
        };
        match outcome.phase {
            Phase::Completed => {
                self.span(told("completed in ", ""), at(outcome.rested) - began, "completed");
            }
            Phase::Failed => {
                let told = told("failed half-way after ", "");
                self.span(told, at(outcome.rested) - began, "failed");
            }
            Phase::RolledBack => {
                let back = at(outcome.rollback_done.or(outcome.rested));
                let symptom = outcome.first_symptom.map(Instant::as_secs_f64);
                if let Some(symptom) = symptom.filter(|it| *it <= back) {
                    let told = told("rolled back ", " after the first symptom");
                    self.span(told, back - symptom, "rolled back");
                } else {
                    let told = told(
                        "rolled back: all traffic back on the old release ",
                        " after the rollout started",
                    );
                    self.span(told, back - began, "rolled back unnoticed");
                }
            }
            Phase::RollingBack => {
                let told = self.between("at the end, ", " after the rollback started");
                self.span(told, end - at(outcome.rollback_began), "still rolling back");
            }
            Phase::Paused | Phase::Progressing | Phase::Pending => {
                self.span(self.between("at the end, ", " after the start"), end - began, "still");
            }
        }
    }

    /// The number of users that the headline says, or none of them in other words.
    fn number(&self, none: &str, before: &str, after: [&str; 2]) -> Option<u64> {
        if self.headline.contains(none) {
            return Some(0);
        }
        let said = after.iter().find_map(|it| self.between(before, it));
        said.and_then(|it| it.replace(',', "").parse().ok())
    }

    /// Whom it hurt.
    fn harm(&mut self) {
        let [hurt, met, unmet, stopped, downtime] = [
            Measure::users_hurt,
            Measure::users_met,
            Measure::users_hurt_unmet,
            Measure::failed_by_stopping,
            Measure::downtime,
        ]
        .map(|it| self.figure(it));
        if !self.plan.scenario.strategy.kind().ships() {
            let users = ["; no user was hurt", " user was hurt", " users were hurt"];
            let said = self.number(users[0], "; ", [users[1], users[2]]);
            self.holds(said == whole(hurt), format!("{hurt} hurt"));
        } else if self.headline.contains("no request failed because of the rollout") {
            self.holds(hurt + stopped <= 0.0 && met > 0.0, "no harm");
        } else {
            let of_code =
                self.headline.contains(" with its feature off: no user met the feature, ");
            let none = if of_code { "no user met the feature" } else { "no user met the release" };
            let said_met = self.number(none, "; ", [" user met", " users met"]);
            self.holds(said_met == whole(met), format!("{met} met"));
            let were = [" was hurt", " were hurt"];
            let before = if of_code { "met the feature, " } else { "met the release, " };
            let said_hurt = self.number(", no user was hurt", before, were);
            self.holds(said_hurt == whole(hurt), format!("{hurt} hurt"));
            let beside = self.headline.contains("without having met it");
            let unmet_told = beside || of_code;
            self.holds(unmet_told == (unmet > 0.0), format!("{unmet} hurt without having met it"));
            let by_release = self.figure(Measure::users_hurt_by_release);
            let flag = self.plan.scenario.strategy.kind().uses_flag();
            let expected = flag && met <= 0.0 && by_release > 0.0;
            self.holds(of_code == expected, format!("{by_release} hurt by code that is off"));
            let said_stopped = self.headline.contains("because instances were stopped");
            self.holds(said_stopped == (stopped > 0.0), format!("{stopped} stopped"));
        }
        let down = self.between(", with ", " of downtime");
        self.holds(down.is_some() == (downtime > 0.0), "downtime");
        if down.is_some() {
            self.span(down, downtime, "downtime");
        }
        if self.headline.contains("before any request was affected") {
            let back = self.outcome.rollback_done.or(self.outcome.rested);
            self.holds(self.outcome.first_symptom.is_none_or(|it| Some(it) > back), "affected");
        }
        self.origins(hurt, unmet);
    }

    /// The timeline's moments are those of the outcome.
    fn moments(&mut self) {
        let outcome = self.outcome;
        for mark in &outcome.phases {
            let told = |it: &&Entry| it.topic == Topic::Rollout && it.text == mark.phase.name();
            let told = outcome.timeline.iter().filter(told).any(|it| it.at == mark.at);
            self.holds(told, format!("{:?} is no entry", mark.phase));
        }
        let is_symptom = |it: &&Entry| it.topic == Topic::Users && it.text == "first symptom";
        let symptoms: Vec<Instant> =
            outcome.timeline.iter().filter(is_symptom).map(|it| it.at).collect();
        let expected: Vec<Instant> = outcome.first_symptom.into_iter().collect();
        self.holds(symptoms == expected, format!("{symptoms:?} are symptoms"));
        if outcome.entries_lost > 0 {
            return;
        }
        let first = |it: &dyn Fn(&Entry) -> bool| {
            outcome.timeline.iter().find(|entry| it(entry)).map(|entry| entry.at)
        };
        let named =
            |name: &'static str| move |it: &Entry| it.topic == Topic::Rollout && it.text == name;
        self.holds(first(&named("rolling back")) == outcome.rollback_began, "rolling back");
        let back = |it: &Entry| {
            it.text == "all traffic is back on the old release"
                || it.text == "the feature is off for all users"
        };
        self.holds(first(&back) == outcome.rollback_done, "back");
        for (text, other) in [("analysis failed", " passes"), ("analysis passed", " fails")] {
            let decided = |it: &&Entry| it.topic == Topic::Verdict && it.text == text;
            let other = outcome.timeline.iter().filter(decided).any(|it| it.cause.contains(other));
            self.holds(!other, format!("{text} by a gate that says otherwise"));
        }
        let gates = self.plan.scenario.analysis.iter().flat_map(|it| &it.gates);
        let decides: Vec<String> =
            gates.filter(|it| !it.dry_run).map(|it| format!("gate `{}` fails", it.name)).collect();
        let ships = self.plan.scenario.strategy.kind().ships();
        let detects = |it: &Entry| {
            let failed = decides.iter().any(|gate| it.text.starts_with(gate.as_str()));
            let noticed = it.topic == Topic::Alert || it.topic == Topic::Verdict && failed;
            noticed && (!ships || outcome.rollout_began.is_some_and(|began| it.at >= began))
        };
        let detected = first(&detects);
        self.holds(detected == outcome.detected, format!("detected at {detected:?}"));
        let time = symptoms
            .first()
            .zip(detected)
            .map(|(from, to)| to.as_secs_f64().max(from.as_secs_f64()) - from.as_secs_f64());
        let figure = outcome.figure(Measure::detection_time);
        let same = time.is_some() == figure.is_some()
            && (time.unwrap_or(0.0) - figure.unwrap_or(0.0)).abs() < 1e-6;
        self.holds(same, format!("detection time {time:?}, {figure:?}"));
        let count = |it: &dyn Fn(&Entry) -> bool| {
            u64::try_from(outcome.timeline.iter().filter(|entry| it(entry)).count()).ok()
        };
        let pages = count(&|it| it.topic == Topic::Alert);
        self.holds(pages == whole(self.figure(Measure::pages)), format!("{pages:?} pages"));
        let kills = count(&|it| it.text.ends_with(" out of memory"));
        self.holds(kills == whole(self.figure(Measure::oom_kills)), format!("{kills:?} OOM kills"));
        let complaint = count(&|it| it.text == "first user complaint") > Some(0);
        self.holds(complaint == (self.figure(Measure::complaints) > 0.0), "complaints");
    }

    /// Steps are done in order until one is not; what their gates saw is what the gates saw.
    fn steps(&mut self) {
        let outcome = self.outcome;
        let ahead: Vec<_> = outcome.steps.iter().filter(|it| it.text != "roll back").collect();
        let rank = |it: StepState| match it {
            StepState::Done => 0,
            StepState::Failed | StepState::Running => 1,
            StepState::Pending | StepState::Skipped => 2,
        };
        let ranks: Vec<u8> = ahead.iter().map(|it| rank(it.state)).collect();
        let undecided: u8 = ranks.iter().filter(|it| **it == 1).sum();
        self.holds(ranks.is_sorted() && undecided <= 1, format!("steps {ranks:?}"));
        if outcome.phase == Phase::Completed {
            self.holds(ranks.iter().all(|it| *it == 0), "a completed rollout has open steps");
        }
        let back = outcome.steps.iter().any(|it| it.text == "roll back");
        self.holds(back == outcome.rollback_began.is_some(), "the way back");
        let mut last = outcome.rollout_began;
        for it in &ahead {
            self.holds(it.began.is_none() || it.began == last, "a gap between two steps");
            self.holds(it.ended.is_none() || it.ended >= it.began, "a step ends before it began");
            last = it.ended.or(last);
        }
        for gate in &outcome.gates {
            let seen = |it: &rollsim::judge::Tally| it.heeded() + it.unheeded;
            let in_steps = outcome.steps.iter().flat_map(|it| &it.gates);
            let of_gate = in_steps.filter(|it| it.0 == gate.name).map(|it| seen(&it.1));
            let sum: u64 = of_gate.sum();
            let all = seen(&gate.tally);
            self.holds(all == gate.looks, format!("{} of {} looks", all, gate.looks));
            self.holds(sum == all, format!("{sum} of {all} looks are in steps"));
        }
    }

    /// Folding keeps order and numbers, and every line that is about neither instances nor sizes nor faults.
    fn folds(&mut self) {
        let lines = folded(&self.outcome.timeline);
        let entries: u64 = lines.iter().map(|it| it.entries).sum();
        self.holds(entries == self.outcome.timeline.len() as u64, "entries are lost");
        self.holds(lines.is_sorted_by_key(|it| it.entry.at), "lines are out of order");
        self.holds(self.outcome.timeline.is_sorted_by_key(|it| it.at), "entries are out of order");
        let others = |it: &&Entry| {
            !matches!(it.topic, Topic::Instance | Topic::Fault)
                && !it.text.contains(" scaled from ")
        };
        let before: Vec<&Entry> = self.outcome.timeline.iter().filter(others).collect();
        let after: Vec<&Entry> = lines.iter().map(|it| &it.entry).filter(others).collect();
        self.holds(before == after, "a unique line is hidden");
    }
}

/// What is done to a trial before it is looked at.
#[derive(Clone, Copy)]
enum Change {
    None,
    Outcome(fn(&mut Outcome)),
    Headline(fn(&mut String)),
}

fn disagreements(plan: &Plan, mut outcome: Outcome, change: Change) -> Vec<String> {
    if let Change::Outcome(change) = change {
        change(&mut outcome);
    }
    let mut headline = headline(Trial { plan, outcome: &outcome, command: "" });
    if let Change::Headline(change) = change {
        change(&mut headline);
    }
    let mut check = Check { plan, outcome: &outcome, headline, wrong: Vec::new() };
    check.ending();
    check.harm();
    check.faults();
    check.moments();
    check.steps();
    check.folds();
    check.wrong
}

/// How many pinned trials there are, and what disagrees in them with each change done to them.
fn all(changes: &[Change]) -> (usize, Vec<Vec<String>>) {
    let of_trial = |job: &Job| -> Vec<Vec<String>> {
        let plan = job.plan.with_release(job.release);
        let outcome = job.trial().run();
        let wrong = |change: &Change| disagreements(&plan, outcome.clone(), *change);
        let named = |it: String| format!("{}: {it}", job.name);
        changes.iter().map(|it| wrong(it).into_iter().map(named).collect()).collect()
    };
    let trials: Vec<Vec<Vec<String>>> = pinned::scenarios()
        .par_iter()
        .flat_map_iter(|(number, text)| {
            let plan = planned(text).unwrap();
            jobs(*number, &plan).iter().map(of_trial).collect::<Vec<_>>()
        })
        .collect();
    let of_change = |index: usize| trials.iter().flat_map(|it| it[index].clone()).collect();
    (trials.len(), (0..changes.len()).map(of_change).collect())
}

#[test]
fn headline_timeline_steps_and_figures_of_every_pinned_trial_agree() {
    let (trials, found) = all(&[&[Change::None], CONTRADICTIONS].concat());
    let wrong = &found[0];
    assert!(trials > 900, "{trials}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    // the comparison can fail: an outcome that contradicts itself is noticed
    let noticed: Vec<usize> = found[1..].iter().map(Vec::len).collect();
    assert!(noticed.iter().all(|it| *it > 10), "{noticed:?}");
}

/// Gives a measure the value of another.
fn copied(outcome: &mut Outcome, from: Measure, to: Measure) {
    let value = outcome.figure(from).unwrap_or(0.0);
    outcome.figures.retain(|it| it.0 != to);
    outcome.figures.push((to, value));
}

const CONTRADICTIONS: &[Change] = &[
    Change::Outcome(|it| {
        it.detected = it.detected.map(|at| Instant::from_nanos(at.nanos() + 1));
    }),
    Change::Outcome(|it| it.timeline.retain(|it| it.topic != Topic::Alert)),
    Change::Outcome(|it| it.timeline.retain(|it| it.text != "first symptom")),
    Change::Outcome(|it| it.timeline.retain(|it| it.text != "completed")),
    Change::Outcome(|it| it.figures.retain(|it| it.0 != Measure::pages)),
    Change::Outcome(|it| it.figures.retain(|it| it.0 != Measure::incidents_struck)),
    Change::Outcome(|it| {
        copied(it, Measure::users_hurt, Measure::users_hurt_rolling_back);
        it.rollback_began = None;
    }),
    Change::Outcome(|it| it.struck.iter_mut().for_each(|it| it.struck = true)),
    Change::Outcome(|it| it.steps.reverse()),
    Change::Headline(|it| *it = it.replace("; the incident", "; what")),
    Change::Headline(|it| *it = it.replace(" before the rollout", "")),
    Change::Headline(|it| *it = it.replace(" never took effect", " took effect")),
];

#[test]
fn spans_are_read_as_they_are_rounded() {
    let within =
        |text: &str, value: f64| seconds(text).is_some_and(|it| (it.0..=it.1).contains(&value));
    assert!(within("1 min 6 s", 66.4) && !within("1 min 6 s", 66.6));
    assert!(within("3 h 55 min", 14_100.0) && !within("3 h 55 min", 14_131.0));
    assert!(within("29.6 s", 29.62) && !within("29.6 s", 29.9));
    assert_eq!(seconds("soon"), None);
}

/// A count among the figures.
fn whole(figure: f64) -> Option<u64> {
    (figure >= 0.0 && figure.fract() <= 0.0).then(|| round_u64(figure))
}
