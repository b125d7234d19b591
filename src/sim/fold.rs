//! Equal entries of a timeline as one line: what happened to several instances, how often, from when to when.
//!
//! Only what is said of instances is folded, and only where nothing else is said in between: what is
//! unique stays, in its order. Entries are counted, never dropped.

use super::{Entry, Topic};
use crate::units::{
    Instant,
    text::{count, counted},
};

/// An entry, or several that say the same of instances.
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

fn alone(entry: &Entry) -> FoldedEntry {
    FoldedEntry { entry: entry.clone(), until: None, entries: 1 }
}

/// Entries about instances with nothing else between them.
fn fold_run(run: &[Entry]) -> Vec<FoldedEntry> {
    let mut groups: Vec<(Saying<'_>, Vec<&Entry>)> = Vec::new();
    for entry in run {
        let Some(said) = saying(entry) else { continue };
        match groups.iter_mut().find(|it| it.0.is_like(&said)) {
            Some((_, group)) => group.push(entry),
            None => groups.push((said, vec![entry])),
        }
    }
    let mut lines: Vec<FoldedEntry> = Vec::new();
    for (said, group) in groups {
        if group.len() < FOLD_MIN {
            lines.extend(group.into_iter().map(alone));
        } else {
            lines.push(together(&said, &group));
        }
    }
    lines.sort_by_key(|it| it.entry.at);
    lines
}

fn together(said: &Saying<'_>, group: &[&Entry]) -> FoldedEntry {
    let mut instances: Vec<&str> =
        group.iter().filter_map(|it| saying(it)).map(|it| it.number).collect();
    instances.sort_unstable();
    instances.dedup();
    let who = match instances.as_slice() {
        [number] => format!("instance {number}"),
        several => counted(several.len() as u64, "instance"),
    };
    let entries = group.len() as u64;
    let times = if group.len() == instances.len() {
        String::new()
    } else {
        format!(", {} times", count(entries))
    };
    let (first, last) = (group[0], group[group.len() - 1]);
    let entry = Entry { text: format!("{who} {}{times}", said.what), ..first.clone() };
    let until = (last.at > first.at).then_some(last.at);
    FoldedEntry { entry, until, entries }
}

/// What is said of an instance: its number, release and fate, and why.
struct Saying<'e> {
    number: &'e str,
    what: &'e str,
    why: &'e str,
}

impl Saying<'_> {
    /// The same of the same release, for the same reason, figures apart.
    fn is_like(&self, other: &Saying<'_>) -> bool {
        let has_digit = |it: &&str| it.contains(|it: char| it.is_ascii_digit());
        let words = |it: &Saying<'_>| -> Vec<String> {
            it.why.split(' ').filter(|it| !has_digit(it)).map(str::to_owned).collect()
        };
        self.what == other.what && words(self) == words(other)
    }
}

fn saying(entry: &Entry) -> Option<Saying<'_>> {
    let rest = entry.text.strip_prefix("instance ").filter(|_| entry.topic == Topic::Instance)?;
    let (number, what) = rest.split_once(' ')?;
    Some(Saying { number, what, why: &entry.cause })
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
}
