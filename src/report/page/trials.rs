//! The examples: single trials whose course can be looked at.

use crate::{
    experiment::{Example, Summary, Which},
    report::words::harmless,
    units::text::{Unit, range, seconds, things},
};

pub(super) struct Trial {
    pub(super) strategy: usize,
    pub(super) class: usize,
    pub(super) names: (String, String),
    pub(super) which: &'static str,
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) cost: String,
    pub(super) users_hurt: String,
    pub(super) command: String,
    /// Phases and marks in one line of words.
    pub(super) course: String,
    pub(super) entries: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) at: String,
    pub(super) topic: String,
    pub(super) text: String,
    pub(super) cause: String,
}

pub(super) fn trials(summary: &Summary) -> Vec<Trial> {
    summary.examples.iter().map(|it| trial(summary, it)).collect()
}

fn trial(summary: &Summary, it: &Example) -> Trial {
    let strategy = summary.strategies.get(it.strategy).map_or("", |it| it.name.as_str());
    let class = summary.classes.get(it.class).map_or("", |it| it.name.as_str());
    let entries = it.timeline.entries.iter().map(|entry| Entry {
        at: entry
            .until
            .map_or_else(|| seconds(entry.at), |until| range(&seconds(entry.at), &seconds(until))),
        topic: harmless(&entry.topic),
        text: harmless(&entry.text),
        cause: harmless(&entry.cause),
    });
    Trial {
        strategy: it.strategy,
        class: it.class,
        names: (harmless(strategy), harmless(class)),
        which: match it.which {
            Which::Best => "cheapest",
            Which::Median => "median",
            Which::Worst => "most expensive",
        },
        number: it.trial,
        seed: it.seed,
        cost: harmless(&Unit::Money(&summary.currency).value(it.cost)),
        users_hurt: things(&Unit::Count.value(it.users_hurt), "user"),
        command: harmless(&it.command),
        course: course(it),
        entries: entries.collect(),
    }
}

fn course(example: &Example) -> String {
    let it = &example.timeline;
    let marks = [
        ("rollout started", it.rollout_began),
        ("first symptom", it.first_symptom),
        ("detected", it.detected),
        ("rollback started", it.rollback_began),
        ("rolled back", it.rollback_done),
        ("finished", it.rested),
    ];
    let marks =
        marks.iter().filter_map(|(name, at)| at.map(|at| format!("{name} {}", seconds(at))));
    let mut told = marks.collect::<Vec<_>>().join(" · ");
    if let Some((_, phase)) = it.phases.last() {
        told.extend([format!(" · ended {}", harmless(phase).replace('_', " "))]);
    }
    told
}
