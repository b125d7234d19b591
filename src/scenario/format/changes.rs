//! What changed in the language, as data.

use crate::scenario::path::{Step, steps};

/// The newest format of scenario files, which every file that rollsim writes is in.
pub const FORMAT: u32 = 2;

/// The language as it is now.
pub const LANGUAGE: Language<'static> = Language { newest: FORMAT, changes: CHANGES };

/// Every change since format 1, oldest first.
///
/// A new format is its number in [`FORMAT`] and its changes here. Only what would make an old file mean
/// something else belongs here: new keys, and more values for old ones, need no new format.
const CHANGES: &[Change] = &[Change {
    since: 2,
    path: "fleet.balancer",
    kind: ChangeKind::Default { before: "least_outstanding", now: "random" },
    about: "kube-proxy draws an endpoint for each connection, and most fleets stand behind it",
}];

/// A language and how it came to be what it is.
#[derive(Clone, Copy, Debug)]
pub struct Language<'c> {
    /// Its newest format.
    pub newest: u32,
    /// Oldest first.
    pub changes: &'c [Change],
}

/// One change of the language.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// The format that it came with.
    pub since: u32,
    /// Where: keys joined by dots; `[*]` stands for every entry of a list or of a mapping from names. Of
    /// a key that was renamed or removed, as it was called before; of a default, as it is called in the
    /// newest format, so that a later renaming changes this path as well.
    pub path: &'static str,
    pub kind: ChangeKind,
    /// Why, for people: a clause in lower case without a full stop.
    pub about: &'static str,
}

impl Change {
    /// The path, read; a test reads those of every change.
    pub(super) fn steps(&self) -> Vec<Step> {
        steps(self.path).expect("the paths of changes are right")
    }
}

/// What happened to a key.
#[derive(Clone, Copy, Debug)]
pub enum ChangeKind {
    /// It means something else when it is left out. Both values as YAML on one line.
    Default { before: &'static str, now: &'static str },
    /// It is called something else, in the same section.
    Renamed { to: &'static str },
    /// It is gone, and nothing takes its place.
    Removed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_ends_with_the_newest_format() {
        assert!(CHANGES.is_sorted_by_key(|it| it.since));
        assert!(CHANGES.iter().all(|it| it.since != 1), "before the first format there was none");
        let last = CHANGES.last().map_or(1, |it| it.since);
        assert_eq!(last, FORMAT, "a new format is a change that old files must hear of");
        assert!(CHANGES.iter().all(|it| !it.steps().is_empty()));
    }
}
