//! The timeline: what happened, when, and why, in words.

use serde::Serialize;

use super::thinning::{Gap, Rank, Thinning};
use crate::{
    model::{ByGroup, GroupId},
    units::{Instant, text::count},
};

/// The topic of an entry of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Rollout,
    Traffic,
    Instance,
    Migration,
    Fault,
    Verdict,
    Alert,
    Operator,
    Flag,
    Users,
}

impl Topic {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rollout => "rollout",
            Self::Traffic => "traffic",
            Self::Instance => "instance",
            Self::Migration => "migration",
            Self::Fault => "fault",
            Self::Verdict => "verdict",
            Self::Alert => "alert",
            Self::Operator => "operator",
            Self::Flag => "flag",
            Self::Users => "users",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    pub at: Instant,
    pub topic: Topic,
    pub text: String,
    /// Why, where it is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
}

/// What an observer of a trial is shown, in the order of simulated time.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'e> {
    /// Something has happened.
    Entry(&'e Entry),
    /// The trial has come this far; shown at each scrape.
    Progress(Instant),
}

/// What an observer has yet to see.
#[derive(Clone, Debug)]
pub(super) enum Unseen {
    Entry(Entry),
    Progress(Instant),
}

/// The entries of one trial. Beyond so many, those that say least of its course give way.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    entries: Thinning<Entry>,
    /// The last change of size of each group, while another of the same instant would go on from it.
    resized: ByGroup<Option<Resized>>,
}

#[derive(Clone, Copy, Debug)]
struct Resized {
    at: Instant,
    from: u32,
    to: u32,
    /// Number of its entry.
    number: u64,
}

/// Entries that one trial keeps.
const ENTRIES_MAX: usize = 20_000;

impl Timeline {
    pub(super) fn new() -> Self {
        Self { entries: Thinning::new(ENTRIES_MAX), resized: ByGroup::new() }
    }

    pub(super) fn add(&mut self, entry: Entry) {
        let rank = rank(&entry);
        if rank > Rank::Sizes {
            self.resized = ByGroup::new();
        }
        self.entries.add(rank, entry.at, 1, entry);
    }

    /// Adds that a group is scaled. What goes on at the same instant from where the last left off is one
    /// entry with it: a controller that replaces one by one takes as many steps as there are instances.
    pub(super) fn add_size(&mut self, group: GroupId, (from, to): (u32, u32), entry: Entry) {
        self.resized.reach(group, None);
        let goes_on =
            |it: &Resized| it.at == entry.at && it.to == from && (it.to > it.from) == (to > from);
        if let Some(last) = self.resized[group].filter(goes_on)
            && let Some(known) = self.entries.late(Rank::Sizes, last.number)
            && let Some(whose) = scaling(known).map(|it| it.whose.to_owned())
        {
            known.text = scaled(&whose, last.from, to);
            self.resized[group] = Some(Resized { to, ..last });
            return;
        }
        let at = entry.at;
        let number = self.entries.add(Rank::Sizes, at, 1, entry);
        self.resized[group] = Some(Resized { at, from, to, number });
    }

    /// All entries, where some were left out with an entry that says so; and how many those are.
    pub(super) fn end(self) -> (Vec<Entry>, u64) {
        self.entries.end(|rank, gap| left_out(rank, gap, "entries"))
    }
}

/// What an entry says of the course of a trial.
pub(super) fn rank(entry: &Entry) -> Rank {
    match entry.topic {
        Topic::Instance => Rank::Instances,
        Topic::Rollout if scaling(entry).is_some() => Rank::Sizes,
        Topic::Verdict | Topic::Alert | Topic::Operator => Rank::Steering,
        Topic::Rollout
        | Topic::Traffic
        | Topic::Migration
        | Topic::Fault
        | Topic::Flag
        | Topic::Users => Rank::Course,
    }
}

/// The entry that stands for those that were left out.
pub(super) fn left_out(rank: Rank, gap: Gap, what: &str) -> Entry {
    let (topic, about) = match rank {
        Rank::Instances => (Topic::Instance, "about instances"),
        Rank::Sizes => (Topic::Rollout, "about sizes"),
        Rank::Steering => (Topic::Verdict, "about measurements, alerts and people"),
        Rank::Course => (Topic::Rollout, "about the rollout, its traffic and faults"),
    };
    let number = count(gap.entries);
    let text = format!("{number} {what} {about} are left out");
    Entry { at: gap.from, topic, text, cause: "there are too many to keep".to_owned() }
}

/// That a release is scaled, in words that [`scaling`] reads.
pub(in crate::sim) fn scaled(whose: &str, from: u32, to: u32) -> String {
    let [from, to] = [from, to].map(|it| count(it.into()));
    format!("{whose} scaled from {from} to {to}")
}

/// What an entry says of the size of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scaling<'e> {
    pub(super) whose: &'e str,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// The change of size that an entry is about, if it is.
pub(super) fn scaling(entry: &Entry) -> Option<Scaling<'_>> {
    let text = Some(entry.text.as_str()).filter(|_| entry.topic == Topic::Rollout)?;
    let (whose, sizes) = text.rsplit_once(" scaled from ")?;
    let (from, to) = sizes.split_once(" to ")?;
    let size = |text: &str| text.replace(',', "").parse().ok();
    Some(Scaling { whose, from: size(from)?, to: size(to)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Instant {
        Instant::from_nanos(second * 1_000_000_000)
    }

    fn entry(second: u64, topic: Topic, text: &str) -> Entry {
        Entry { at: at(second), topic, text: text.to_owned(), cause: String::new() }
    }

    /// `1 v2 0 2`: at a second the release has another size; `1 paused`: something else happens.
    fn told(lines: &[&str]) -> Vec<String> {
        let mut timeline = Timeline::new();
        for line in lines {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                [second, release, from, to] => {
                    let sizes = (from.parse().unwrap(), to.parse().unwrap());
                    let id = GroupId::new(u32::from(*release != "v1"));
                    let text = scaled(release, sizes.0, sizes.1);
                    let entry = entry(second.parse().unwrap(), Topic::Rollout, &text);
                    timeline.add_size(id, sizes, entry);
                }
                [second, what] => {
                    timeline.add(entry(second.parse().unwrap(), Topic::Rollout, what));
                }
                _ => panic!("{line}"),
            }
        }
        let entries = timeline.end().0;
        entries.iter().map(|it| format!("{} {}", it.at.nanos() / 1_000_000_000, it.text)).collect()
    }

    #[test]
    fn steps_of_one_instant_are_one_entry_for_each_release() {
        let steps = ["1 v2 0 1", "1 v1 9 8", "1 v2 1 2", "1 v1 8 7", "1 v2 2 3", "2 v2 3 4"];
        let entries =
            ["1 v2 scaled from 0 to 3", "1 v1 scaled from 9 to 7", "2 v2 scaled from 3 to 4"];
        assert_eq!(told(&steps), entries);
    }

    #[test]
    fn a_turn_and_what_comes_after_another_phase_are_entries_of_their_own() {
        assert_eq!(told(&["1 v2 0 3", "1 v2 3 1"]).len(), 2);
        let entries = ["1 v2 scaled from 0 to 1", "1 paused", "1 v2 scaled from 1 to 2"];
        assert_eq!(told(&["1 v2 0 1", "1 paused", "1 v2 1 2"]), entries);
    }

    #[test]
    fn the_end_of_a_rollout_is_kept_after_any_number_of_steps_and_crashes() {
        let mut timeline = Timeline::new();
        timeline.add(entry(0, Topic::Rollout, "progressing"));
        for second in 1..40_000 {
            let text = scaled("v2", 0, 1);
            timeline.add_size(GroupId::CANDIDATE, (0, 1), entry(second, Topic::Rollout, &text));
            timeline.add(entry(second, Topic::Instance, "instance 1 (v2) crashed"));
        }
        timeline.add(entry(40_000, Topic::Rollout, "completed"));
        let (entries, lost) = timeline.end();
        assert_eq!((entries.len(), lost), (20_002, 60_000));
        assert_eq!(entries.last().map(|it| it.text.as_str()), Some("completed"));
        assert!(entries.is_sorted_by_key(|it| it.at));
        let said = entries.iter().filter(|it| it.text.ends_with("are left out"));
        let said: Vec<&str> = said.map(|it| it.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "38,999 entries about instances are left out",
                "21,001 entries about sizes are left out"
            ]
        );
    }

    #[test]
    fn a_release_may_have_any_name() {
        let scaled = entry(0, Topic::Rollout, &scaled("a scaled from 1 to 2", 3, 4_000));
        assert!(scaled.text.ends_with(" from 3 to 4,000"), "{}", scaled.text);
        let found = scaling(&scaled).unwrap();
        assert_eq!((found.whose, found.from, found.to), ("a scaled from 1 to 2", 3, 4_000));
        assert_eq!(scaling(&entry(0, Topic::Rollout, "v2 scaled from low to high")), None);
    }
}
