//! The same comparison played whole, in shards, and cut off and resumed: one digest of its rows, one of
//! what they come to.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    Mode,
    digest::{Digest, Fnv},
    mode,
    pinned::{self, Digests},
};
use crate::scratch::{folder, rollsim, text};

/// What the entry of a comparison is called.
pub(super) const NAME: &str = "compare";
/// Scenarios that are compared: with a lottery and without.
const COMPARED: [usize; 2] = [20, 130];

#[track_caller]
fn told(folder: &Path, arguments: &[&str]) {
    let output = rollsim(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
}

fn compare(folder: &Path, out: &str, more: &[&str]) {
    told(folder, &[&["compare", "bot.yaml", "--trials", "24", "--out", out], more].concat());
}

/// Trials and summary of a finished comparison, without the version of the program.
fn digest(folder: &Path) -> Digest {
    let of = |name: &str| {
        let file = fs::read_to_string(folder.join(name)).unwrap();
        let version = format!("\"rollsim\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let mut fnv = Fnv::new();
        fnv.bytes(file.replace(&version, "").as_bytes());
        fnv.end()
    };
    Digest { happened: of("trials.csv"), said: of("summary.json") }
}

/// A folder with the scenario of this number as `bot.yaml`.
pub(super) fn bot(number: usize, name: &str) -> std::path::PathBuf {
    let scenarios: BTreeMap<usize, String> = pinned::scenarios().into_iter().collect();
    let folder = folder(&format!("digests-{name}-{number}"));
    fs::write(folder.join("bot.yaml"), &scenarios[&number]).unwrap();
    let recorded = "recorded.csv";
    fs::copy(pinned::folder().join(recorded), folder.join(recorded)).unwrap();
    folder
}

/// Digests of the comparisons, played whole.
pub(super) fn digests() -> Digests {
    let whole = |number| {
        let folder = bot(number, "whole");
        compare(&folder, "whole", &[]);
        (pinned::name(number, NAME), digest(&folder.join("whole")))
    };
    COMPARED.into_iter().map(whole).collect()
}

#[test]
fn shards_and_a_cut_come_to_the_pinned_digest_of_the_whole() {
    if mode() != Mode::Check {
        return;
    }
    let pinned = pinned::digests();
    for number in COMPARED {
        let folder = bot(number, "parts");
        let expected = pinned[&pinned::name(number, NAME)];
        compare(&folder, "whole", &["--threads", "1"]);
        assert_eq!(digest(&folder.join("whole")), expected, "{number} whole");
        for shard in ["1", "2", "3"] {
            compare(&folder, shard, &["--shard", &format!("{shard}/3")]);
        }
        told(&folder, &["merge", "2", "3", "1", "--out", "merged"]);
        assert_eq!(digest(&folder.join("merged")), expected, "{number} in shards");
        let trials = fs::read(folder.join("whole/trials.csv")).unwrap();
        fs::create_dir_all(folder.join("cut")).unwrap();
        fs::copy(folder.join("whole/study.json"), folder.join("cut/study.json")).unwrap();
        fs::write(folder.join("cut/trials.csv.part"), &trials[..trials.len() / 2]).unwrap();
        compare(&folder, "cut", &["--resume", "--threads", "3"]);
        assert_eq!(digest(&folder.join("cut")), expected, "{number} resumed");
    }
}
