//! Simulating the examples again, with everything that happened in them.

use super::{ComparisonRun, Example, Study, Timeline, TimelineEntry, TimelinePoint, shell_word};
use crate::{
    sim::{self, Outcome},
    units::{Instant, Span},
};

/// Points of an example's timeline, at most.
const POINTS: usize = 120;
/// Entries of an example's timeline, and one more for each kind of which some are left out.
const ENTRIES: usize = 80;

/// The best, the median and the worst trial of each strategy; strategies in the order of the summary.
pub fn examples(study: &Study, run: &ComparisonRun<'_>) -> Vec<Example> {
    let protocol = &study.protocol;
    let chances = protocol.chances();
    let mut examples = Vec::new();
    for (place, strategy) in run.fold.order().into_iter().enumerate() {
        for (which, it) in run.candidates[strategy].chosen(&chances) {
            let plan = &study.plans[strategy];
            let class = &protocol.classes[it.class];
            let outcome = sim::Trial::new(plan, it.seed).release(class.release).run();
            let mut chosen = String::new();
            if class.release != 0 {
                chosen.extend([" --release ", &shell_word(&class.name)]);
            }
            if let Some(preset) = &protocol.preset {
                chosen.extend([" --releases ", &shell_word(preset)]);
            }
            let command = &protocol.contestants[strategy].command;
            examples.push(Example {
                strategy: place,
                which,
                trial: it.trial,
                class: it.class,
                seed: it.seed.get(),
                cost: it.cost,
                users_hurt: it.users_hurt,
                command: format!("{command}{chosen} --seed {}", it.seed.get()),
                timeline: timeline(&outcome, plan.scenario.length),
            });
        }
    }
    examples
}

fn timeline(outcome: &Outcome, length: Span) -> Timeline {
    let at = |it: Option<Instant>| it.map(Instant::as_secs_f64);
    let entry = |it: sim::FoldedEntry| TimelineEntry {
        at: it.entry.at.as_secs_f64(),
        until: at(it.until),
        topic: it.entry.topic.name().to_owned(),
        text: it.entry.text,
        cause: it.entry.cause,
    };
    Timeline {
        length: length.as_secs_f64(),
        rollout_began: at(outcome.rollout_began),
        first_symptom: at(outcome.first_symptom),
        detected: at(outcome.detected),
        rollback_began: at(outcome.rollback_began),
        rollback_done: at(outcome.rollback_done),
        rested: at(outcome.rested),
        phases: outcome
            .phases
            .iter()
            .map(|it| (it.at.as_secs_f64(), it.phase.name().to_owned()))
            .collect(),
        points: points(outcome),
        entries: sim::thinned(sim::folded(&outcome.timeline), ENTRIES)
            .into_iter()
            .map(entry)
            .collect(),
    }
}

/// Neighbouring points of the series taken together.
fn points(outcome: &Outcome) -> Vec<TimelinePoint> {
    let all = &outcome.series.points;
    let each = all.len().div_ceil(POINTS).max(1);
    let together = |chunk: &[sim::SeriesPoint]| {
        let mut sum = TimelinePoint::default();
        for point in chunk {
            sum.at = point.at.as_secs_f64();
            sum.good += point.good;
            sum.failed += point.failed;
            sum.slow += point.slow;
            sum.weight = point.weight;
        }
        sum
    };
    all.chunks(each).map(together).collect()
}
