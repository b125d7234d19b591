//! No circles between files: whoever reads a file needs none of those that need it.
//!
//! A file of `src` refers to another one where, outside of its tests, it names something that the
//! other one defines: in a `use`, or by a path in the code such as `gate::Gate`. A name that was
//! published further counts for the file that defines it, not for those that pass it on. Lines that
//! only declare refer to nothing: `mod x;`, the `pub use` of a `mod.rs`, the lines of a `catalog!`. So a
//! `mod.rs` that only declares and publishes its children stands in no circle; one that has code of its
//! own and uses its children may not be used by them. What is not told by a path is not seen: a method
//! called on a value, or an `impl` of a type that another file defines.

mod code;
mod graph;

use std::collections::{BTreeMap, BTreeSet};

use self::graph::references;
use super::files::files_in;

/// The parts of `World`, which know it and are known by it; to be cut in pieces. Nothing else may be in
/// a circle, and what is in none any more has to go from here.
const KNOWN: [&str; 8] = [
    "src/sim/control/flags.rs",
    "src/sim/control/machines.rs",
    "src/sim/control/plane.rs",
    "src/sim/control/platform.rs",
    "src/sim/control/rollout.rs",
    "src/sim/control/smoke_test.rs",
    "src/sim/outcome.rs",
    "src/sim/world.rs",
];

#[test]
fn no_files_but_the_parts_of_the_world_refer_to_each_other_in_a_circle() {
    let sources = files_in("src", "rs");
    let references = references(&sources);
    assert!(references.len() > 300, "found the source tree: {} files", references.len());
    assert_eq!(unlisted(&circles(&references), &KNOWN), Vec::<String>::new());
}

/// What circles and the list of the known ones have against each other.
fn unlisted(circles: &[Vec<String>], known: &[&str]) -> Vec<String> {
    let unknown = |circle: &&Vec<String>| circle.iter().any(|it| !known.contains(&it.as_str()));
    let new = circles.iter().filter(unknown).map(|it| format!("a circle: {}", it.join(", ")));
    let gone = known.iter().filter(|it| !circles.iter().flatten().any(|file| file == *it));
    new.chain(gone.map(|it| format!("{it} is in no circle any more"))).collect()
}

/// Sets of files each of which leads to all others of its set, over however many steps.
fn circles(references: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        references.keys().map(|it| (it.as_str(), reach(references, it))).collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for (file, reach) in &reached {
        let seen = circles.iter().flatten().any(|it| it == file);
        let back = reach.iter().filter(|it| reached[**it].contains(file));
        let circle: Vec<String> = back.map(|it| (*it).to_owned()).collect();
        if circle.len() > 1 && !seen {
            circles.push(circle);
        }
    }
    circles
}

fn reach<'r>(
    references: &'r BTreeMap<String, BTreeSet<String>>,
    from: &'r str,
) -> BTreeSet<&'r str> {
    let mut reached = BTreeSet::new();
    let mut pending = vec![from];
    while let Some(file) = pending.pop() {
        let next = references[file].iter().map(String::as_str);
        pending.extend(next.filter(|it| reached.insert(*it)));
    }
    reached
}

fn circles_of(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    circles(&references(&sources.iter().map(owned).collect::<Vec<_>>()))
}

const LIB: (&str, &str) = ("src/lib.rs", "mod strategy;");

#[test]
fn planted_circles_are_caught() {
    // over a name that `mod.rs` publishes, and a path in the code
    let three = [
        LIB,
        ("src/strategy/mod.rs", "mod workflow; mod retreat; mod leg; pub use workflow::Workflow;"),
        ("src/strategy/workflow.rs", "use super::retreat::Way; pub struct Workflow(Way);"),
        ("src/strategy/retreat.rs", "use super::leg; pub struct Way(leg::Leg);"),
        ("src/strategy/leg.rs", "pub struct Leg(Box<crate::strategy::Workflow>);"),
    ];
    let files = ["src/strategy/leg.rs", "src/strategy/retreat.rs", "src/strategy/workflow.rs"];
    assert_eq!(circles_of(&three), [files.map(str::to_owned).to_vec()]);
    assert_eq!(unlisted(&circles_of(&three), &[]).len(), 1);
    assert_eq!(unlisted(&circles_of(&three), &files), Vec::<String>::new());
    // over what a module inside a file defines
    let inline = [
        LIB,
        ("src/strategy/mod.rs", "mod leg; mod gate;"),
        ("src/strategy/leg.rs", "use super::gate::Ruling; pub struct Leg;"),
        (
            "src/strategy/gate.rs",
            "pub use inner::Ruling; mod inner { use crate::strategy::leg::Leg; }",
        ),
    ];
    let files = ["src/strategy/gate.rs", "src/strategy/leg.rs"];
    assert_eq!(circles_of(&inline), [files.map(str::to_owned).to_vec()]);
    // a `mod.rs` with code of its own, and its child
    let parent = [
        LIB,
        ("src/strategy/mod.rs", "mod gate; pub struct Stage; fn a() { gate::look() }"),
        ("src/strategy/gate.rs", "use super::Stage;"),
    ];
    let files = ["src/strategy/gate.rs", "src/strategy/mod.rs"];
    assert_eq!(circles_of(&parent), [files.map(str::to_owned).to_vec()]);
}

#[test]
fn a_tree_has_no_circles_and_a_list_that_is_too_long_is_caught() {
    let tree = [
        LIB,
        (
            "src/strategy/mod.rs",
            "mod leg; pub trait Strategy {} pub use leg::Leg;
             catalog! { Spec: Kind builds Box<dyn Strategy> { \"canary\" => canary::Canary } }",
        ),
        (
            "src/strategy/canary.rs",
            "use super::{Spec, Strategy, leg::{self, Leg}}; fn a() { leg::walk(); }
             #[cfg(test)] mod tests { use crate::strategy::leg; }",
        ),
        ("src/strategy/leg.rs", "#[cfg(test)] mod tests { use crate::strategy::canary::Canary; }"),
    ];
    assert_eq!(circles_of(&tree), Vec::<Vec<String>>::new());
    let gone = unlisted(&circles_of(&tree), &["src/strategy/leg.rs"]);
    assert_eq!(gone, ["src/strategy/leg.rs is in no circle any more"]);
}
