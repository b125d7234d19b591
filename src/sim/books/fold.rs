//! Equal entries of a timeline as one line: what happened to several instances, how often, from when to when;
//! how a release was scaled in a phase, in how many steps; how often a fault came and went.
//!
//! Only instances, sizes and faults are folded, and only where nothing else is said in between: what is unique
//! stays, in its order. Entries are counted, never dropped.

use std::collections::BTreeMap;

use super::{
    Entry, Topic,
    thinning::Thinning,
    timeline::{Scaling, left_out, rank, scaled, scaling},
};
use crate::units::{
    Instant,
    text::{count, counted},
};

/// An entry, or several that say the same of instances or go on with a release's size.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedEntry {
    /// When the first of them happened, what they say together, and why the first did.
    pub entry: Entry,
    /// When the last of several happened.
    pub until: Option<Instant>,
    /// Entries of the timeline that it stands for.
    pub entries: u64,
}

/// So many equal entries are one line.
const FOLD_MIN: usize = 3;

/// The timeline with equal entries folded; a line stands where the first of its entries did.
pub fn folded(entries: &[Entry]) -> Vec<FoldedEntry> {
    let mut lines = Vec::new();
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|it| saying(it).is_some()).count();
        if length == 0 {
            lines.push(alone(first));
            rest = &rest[1..];
        } else {
            let (run, after) = rest.split_at(length);
            lines.extend(fold_run(run));
            rest = after;
        }
    }
    lines
}

/// At most so many of the lines, and one for each kind of which some are left out: those that say least of the
/// course of the trial, from their middle.
pub fn thinned(lines: Vec<FoldedEntry>, most: usize) -> Vec<FoldedEntry> {
    let mut kept = Thinning::new(most);
    for it in lines {
        kept.add(rank(&it.entry), it.entry.at, it.entries, it);
    }
    let told = |rank, gap: super::thinning::Gap| FoldedEntry {
        entry: left_out(rank, gap, "more"),
        until: (gap.until > gap.from).then_some(gap.until),
        entries: gap.entries,
    };
    kept.end(told).0
}

fn alone(entry: &Entry) -> FoldedEntry {
    FoldedEntry { entry: entry.clone(), until: None, entries: 1 }
}

/// Entries about instances and sizes with nothing else between them.
fn fold_run(run: &[Entry]) -> Vec<FoldedEntry> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    // the group that an entry of a kind goes to
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for entry in run {
        let Some(said) = saying(entry) else { continue };
        let place = open.entry(said.kind()).or_insert(groups.len());
        let goes_on = groups.get(*place).is_some_and(|it| said.goes_on_from(it[it.len() - 1]));
        if !goes_on {
            *place = groups.len();
            groups.push(Vec::new());
        }
        groups[*place].push(entry);
    }
    let mut lines: Vec<FoldedEntry> = Vec::new();
    for group in groups {
        match saying(group[0]).filter(|_| group.len() >= FOLD_MIN) {
            None => lines.extend(group.into_iter().map(alone)),
            Some(said) => lines.push(together(said, &group)),
        }
    }
    lines.sort_by_key(|it| it.entry.at);
    lines
}

fn together(said: Saying<'_>, group: &[&Entry]) -> FoldedEntry {
    let (first, last) = (group[0], group[group.len() - 1]);
    let text = match said {
        Saying::Instance { what, .. } => of_instances(what, group),
        Saying::Fault(what) => format!("{what}, {} times", count(group.len() as u64)),
        Saying::Size(size) => {
            let to = scaling(last).map_or(size.to, |it| it.to);
            let steps = counted(group.len() as u64, "step");
            format!("{} in {steps}", scaled(size.whose, size.from, to))
        }
    };
    let entry = Entry { text, ..first.clone() };
    let until = (last.at > first.at).then_some(last.at);
    FoldedEntry { entry, until, entries: group.len() as u64 }
}

/// `12 instances (v2) restarting, 41 times`.
fn of_instances(what: &str, group: &[&Entry]) -> String {
    let number = |it: &&Entry| match saying(it) {
        Some(Saying::Instance { number, .. }) => Some(number.to_owned()),
        Some(Saying::Size(_) | Saying::Fault(_)) | None => None,
    };
    let mut instances: Vec<String> = group.iter().filter_map(number).collect();
    instances.sort_unstable();
    instances.dedup();
    let who = match instances.as_slice() {
        [number] => format!("instance {number}"),
        several => counted(several.len() as u64, "instance"),
    };
    let times = if group.len() == instances.len() {
        String::new()
    } else {
        format!(", {} times", count(group.len() as u64))
    };
    format!("{who} {what}{times}")
}

/// What an entry says of one of many.
#[derive(Clone, Copy)]
enum Saying<'e> {
    /// The number of an instance, its release and fate, and why.
    Instance {
        number: &'e str,
        what: &'e str,
        why: &'e str,
    },
    Size(Scaling<'e>),
    /// The start or the end of a fault.
    Fault(&'e str),
}

impl Saying<'_> {
    /// The same for all that may be one line: the same fate of the same release for the same reason, figures
    /// apart; or the same release scaled in the same direction; or the same of a fault.
    fn kind(&self) -> String {
        match self {
            Self::Instance { what, why, .. } => {
                let has_digit = |it: &&str| it.contains(|it: char| it.is_ascii_digit());
                let words = why.split(' ').filter(|it| !has_digit(it));
                words.fold(format!("instance {what}"), |kind, it| kind + "\n" + it)
            }
            Self::Fault(what) => format!("fault {what}"),
            Self::Size(size) => {
                format!("{} {}", if size.to > size.from { "up" } else { "down" }, size.whose)
            }
        }
    }

    /// Whether it continues an entry of its kind.
    fn goes_on_from(&self, before: &Entry) -> bool {
        match self {
            Self::Instance { .. } | Self::Fault(_) => true,
            Self::Size(size) => scaling(before).is_some_and(|it| it.to == size.from),
        }
    }
}

fn saying(entry: &Entry) -> Option<Saying<'_>> {
    if let Some(size) = scaling(entry) {
        return Some(Saying::Size(size));
    }
    if entry.topic == Topic::Fault {
        return Some(Saying::Fault(&entry.text));
    }
    let rest = entry.text.strip_prefix("instance ").filter(|_| entry.topic == Topic::Instance)?;
    let (number, what) = rest.split_once(' ')?;
    Some(Saying::Instance { number, what, why: &entry.cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(second: u64, topic: Topic, text: &str, cause: &str) -> Entry {
        let at = Instant::from_nanos(second * 1_000_000_000);
        Entry { at, topic, text: text.to_owned(), cause: cause.to_owned() }
    }

    fn restarting(second: u64, instance: u32) -> Entry {
        let text = format!("instance {instance} (v2) restarting");
        entry(second, Topic::Instance, &text, "its liveness probe failed")
    }

    fn told(entries: &[Entry]) -> Vec<String> {
        let line = |it: &FoldedEntry| {
            let until = it.until.map(|it| format!(" until {}", it.nanos() / 1_000_000_000));
            let at = it.entry.at.nanos() / 1_000_000_000;
            format!("{at} {}{}", it.entry.text, until.unwrap_or_default())
        };
        folded(entries).iter().map(line).collect()
    }

    #[test]
    fn forty_one_kills_of_twelve_instances_are_one_line() {
        let kills: Vec<Entry> =
            (0..41).map(|it| restarting(100 + u64::from(it), it % 12)).collect();
        assert_eq!(told(&kills), ["100 12 instances (v2) restarting, 41 times until 140"]);
        let folded = folded(&kills);
        assert_eq!(
            (folded[0].entries, folded[0].entry.cause.as_str()),
            (41, "its liveness probe failed")
        );
    }

    #[test]
    fn what_is_unique_stays_in_its_place() {
        let page = entry(104, Topic::Alert, "alert `a` pages the operator", "");
        let oom = entry(107, Topic::Instance, "instance 7 (v2) crashed", "a request killed it");
        let other =
            entry(108, Topic::Instance, "instance 8 (v1) restarting", "its liveness probe failed");
        let mut entries: Vec<Entry> = [101, 102, 103].map(|it| restarting(it, 1)).to_vec();
        entries.extend([
            page,
            restarting(105, 1),
            restarting(106, 2),
            oom,
            other,
            restarting(109, 3),
        ]);
        assert_eq!(
            told(&entries),
            [
                "101 instance 1 (v2) restarting, 3 times until 103",
                "104 alert `a` pages the operator",
                "105 3 instances (v2) restarting until 109",
                "107 instance 7 (v2) crashed",
                "108 instance 8 (v1) restarting",
            ]
        );
    }

    #[test]
    fn an_incident_that_comes_and_goes_is_two_lines() {
        let fault = |second, what: &str| entry(second, Topic::Fault, what, "");
        let repeated = (0..13).flat_map(|it| {
            [fault(10 * it, "incident `spike` starts"), fault(10 * it + 5, "incident `spike` ends")]
        });
        assert_eq!(
            told(&repeated.collect::<Vec<_>>()),
            [
                "0 incident `spike` starts, 13 times until 120",
                "5 incident `spike` ends, 13 times until 125",
            ]
        );
    }

    #[test]
    fn two_are_not_folded_and_other_reasons_are_other_lines() {
        let cause =
            |second, cause| entry(second, Topic::Instance, "instance 1 (v2) out of memory", cause);
        let figures = ["2.01 GiB in use", "2.02 GiB in use", "2 GiB in use"];
        let mut entries: Vec<Entry> = (1..).zip(figures).map(|(at, it)| cause(at, it)).collect();
        assert_eq!(told(&entries), ["1 instance 1 (v2) out of memory, 3 times until 3"]);
        entries.truncate(2);
        entries.push(cause(3, "another reason"));
        assert_eq!(told(&entries).len(), 3);
    }

    fn size(second: u64, whose: &str, from: u32, to: u32) -> Entry {
        entry(second, Topic::Rollout, &scaled(whose, from, to), "")
    }

    #[test]
    fn the_steps_of_a_phase_are_one_line_for_each_release() {
        let mut entries: Vec<Entry> = Vec::new();
        for step in 0..20_000 {
            entries.push(size(u64::from(step), "v2", step, step + 1));
            entries.push(size(u64::from(step), "v1", 20_000 - step, 19_999 - step));
            entries.push(restarting(u64::from(step), step % 12));
        }
        entries.push(entry(20_000, Topic::Rollout, "completed", ""));
        assert_eq!(
            told(&entries),
            [
                "0 v2 scaled from 0 to 20,000 in 20,000 steps until 19999",
                "0 v1 scaled from 20,000 to 0 in 20,000 steps until 19999",
                "0 12 instances (v2) restarting, 20,000 times until 19999",
                "20000 completed",
            ]
        );
    }

    #[test]
    fn a_size_that_turns_or_waits_for_another_phase_is_another_line() {
        let up_and_down = [(0, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 0), (0, 1)];
        let mut entries: Vec<Entry> =
            (0..).zip(up_and_down).map(|(at, (from, to))| size(at, "v2", from, to)).collect();
        entries.push(entry(7, Topic::Rollout, "paused", ""));
        entries.extend([size(8, "v2", 1, 2), size(9, "v2", 2, 3)]);
        assert_eq!(
            told(&entries),
            [
                "0 v2 scaled from 0 to 3 in 3 steps until 2",
                "3 v2 scaled from 3 to 0 in 3 steps until 5",
                "6 v2 scaled from 0 to 1",
                "7 paused",
                "8 v2 scaled from 1 to 2",
                "9 v2 scaled from 2 to 3",
            ]
        );
    }

    #[test]
    fn where_there_is_room_for_a_few_lines_the_end_is_among_them() {
        let fate = |it: u32| format!("instance {it} (v2) is {}", "x".repeat(it as usize % 97));
        let mut entries = vec![entry(0, Topic::Rollout, "progressing", "")];
        entries.extend((1..500).map(|it| entry(u64::from(it), Topic::Instance, &fate(it), "")));
        entries.push(entry(500, Topic::Rollout, "completed", ""));
        let lines = folded(&entries);
        let all: u64 = lines.iter().map(|it| it.entries).sum();
        let kept = thinned(lines, 40);
        assert_eq!((kept.len(), kept.iter().map(|it| it.entries).sum::<u64>()), (41, all));
        assert_eq!(kept[0].entry.text, "progressing");
        assert_eq!(kept[40].entry.text, "completed");
        assert!(
            kept.iter().any(|it| it.entry.text.ends_with(" more about instances are left out"))
        );
    }
}
