//! Power, tunings, judges and advice on pinned scenarios: one digest of what was simulated, one of what is
//! said of it.

use std::{fs, path::Path};

use super::{
    Mode, compared,
    digest::{Digest, Fnv},
    mode,
    pinned::{self, Digests},
};
use crate::scratch::{rollsim, text};

/// Scenarios with releases, and gates that tell them apart.
const SCENARIOS: [usize; 2] = [473, 538];

/// A study: its command with a size, what was simulated, and what is said of it.
struct Asked {
    name: &'static str,
    trials: &'static str,
    happened: &'static [&'static str],
    said: &'static [&'static str],
}

const STUDIES: [Asked; 4] = [
    Asked {
        name: "power",
        trials: "4",
        happened: &["trials.csv"],
        said: &["power.json", "power.csv", "report.md"],
    },
    Asked {
        name: "tune",
        trials: "200",
        happened: &["trials.csv"],
        said: &["tune.json", "report.md", "candidates.csv", "contestants.csv"],
    },
    Asked {
        name: "judges",
        trials: "3",
        happened: &["judges.csv"],
        said: &["judges.json", "judges.md"],
    },
    Asked {
        name: "advise",
        trials: "30",
        happened: &["trials.csv"],
        said: &["summary.json", "advice.json", "advice.md"],
    },
];

/// Whether an entry is of a study.
pub(super) fn is_named(name: &str) -> bool {
    STUDIES.iter().any(|it| name.ends_with(&format!(" {}", it.name)))
}

fn played(folder: &Path, asked: &Asked, threads: &str) -> Digest {
    let out = format!("{}-{threads}", asked.name);
    let line =
        [asked.name, "bot.yaml", "--trials", asked.trials, "--threads", threads, "--out", &out];
    let output = rollsim(folder, &line);
    // advice may want more rollouts than these
    let ended = output.status.code();
    assert!(matches!(ended, Some(0 | 3)), "{line:?}: {}", text(&output.stderr));
    let of = |names: &[&str]| {
        let mut fnv = Fnv::new();
        for name in names {
            let file = fs::read_to_string(folder.join(&out).join(name)).unwrap();
            let version = format!("\"rollsim\": \"{}\"", env!("CARGO_PKG_VERSION"));
            fnv.bytes(file.replace(&version, "").as_bytes());
        }
        fnv.end()
    };
    Digest { happened: of(asked.happened), said: of(asked.said) }
}

/// Digests of all studies, on so many threads.
pub(super) fn digests(threads: &str) -> Digests {
    let mut found = Digests::new();
    for number in SCENARIOS {
        let folder = compared::bot(number, &format!("studies-{threads}"));
        let of = |it: &Asked| (pinned::name(number, it.name), played(&folder, it, threads));
        found.extend(STUDIES.iter().map(of));
    }
    found
}

#[test]
fn every_study_comes_to_its_pinned_bytes_on_one_thread_and_on_three() {
    if mode() != Mode::Check {
        return;
    }
    let mut pinned = pinned::digests();
    pinned.retain(|name, _| is_named(name));
    for threads in ["1", "3"] {
        super::same(&pinned, &digests(threads));
    }
}
