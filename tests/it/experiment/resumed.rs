//! Studies that were cut off or damaged go on to the same bytes: one folder for all of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{BOT, folders::same, tuning};
use crate::scratch::{folder, rollsim, text};

/// A study that is over soon.
pub(super) struct Small {
    pub(super) command: &'static [&'static str],
    pub(super) bot: &'static str,
}

pub(super) const STUDIES: [Small; 4] = [
    Small { command: &["compare", "bot.yaml", "--trials", "60", "--out"], bot: BOT },
    Small { command: &["power", "bot.yaml", "--trials", "2", "--out"], bot: BOT },
    Small { command: &["tune", "bot.yaml", "--trials", "300", "--out"], bot: tuning::BOT },
    Small { command: &["judges", "bot.yaml", "--trials", "8", "--out"], bot: BOT },
];

impl Small {
    /// A folder in which it was played as a whole.
    pub(super) fn played(&self, name: &str) -> PathBuf {
        let folder = folder(&format!("experiment-{name}-{}", self.command[0]));
        fs::write(folder.join("bot.yaml"), self.bot).unwrap();
        self.ends(&folder, &["whole"], 0);
        folder
    }

    /// What it says on the standard error.
    #[track_caller]
    fn ends(&self, folder: &Path, more: &[&str], code: i32) -> String {
        let output = rollsim(folder, &[self.command, more].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {told}");
        told
    }
}

/// Wherever the file was cut off: before its first row, in the middle of a row or of a number.
#[test]
fn a_study_that_was_cut_off_anywhere_goes_on_to_the_same_bytes() {
    for study in STUDIES {
        let folder = study.played("anywhere");
        let trials = fs::read(folder.join("whole/trials.csv")).unwrap();
        let cut = folder.join("cut");
        for end in [0, 10, trials.len() / 3, trials.len() / 2 + 7, trials.len() - 1] {
            let _ = fs::remove_dir_all(&cut);
            fs::create_dir_all(&cut).unwrap();
            fs::copy(folder.join("whole/study.json"), cut.join("study.json")).unwrap();
            fs::write(cut.join("trials.csv.part"), &trials[..end]).unwrap();
            study.ends(&folder, &["cut", "--resume"], 0);
            same(&folder.join("whole"), &cut);
        }
    }
}

/// Damages three rows of a file; the first at its beginning, where its number is.
fn damaged(trials: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = trials.split_inclusive(|it| *it == b'\n').collect();
    let mut damaged = lines.concat();
    for line in [lines.len() / 4, lines.len() / 2, lines.len() / 2 + 9] {
        let begin: usize = lines[..line].iter().map(|it| it.len()).sum();
        let digits = begin..begin + lines[line].len();
        let at = digits.clone().rev().filter(|it| damaged[*it].is_ascii_digit()).nth(20).unwrap();
        damaged[at] = if damaged[at] == b'7' { b'8' } else { b'7' };
    }
    damaged
}

#[test]
fn damaged_rows_are_told_and_simulated_again() {
    for study in STUDIES {
        let folder = study.played("damaged");
        let (whole, again) = (folder.join("whole"), folder.join("again"));
        let trials = fs::read(whole.join("trials.csv")).unwrap();
        // finished; cut off; and cut off once more while they were simulated again
        for (name, told_of) in
            [("trials.csv", true), ("trials.csv.part", true), ("trials.csv.aside", false)]
        {
            let _ = fs::remove_dir_all(&again);
            fs::create_dir_all(&again).unwrap();
            fs::copy(whole.join("study.json"), again.join("study.json")).unwrap();
            fs::write(again.join(name), damaged(&trials)).unwrap();
            if !told_of {
                fs::write(again.join("trials.csv.part"), &trials[..trials.len() / 3]).unwrap();
            }
            let told = study.ends(&folder, &["again", "--resume"], 0);
            let said = "; 3 damaged rows are simulated again";
            assert_eq!(told.contains("kept ") && told.contains(said), told_of, "{name} {told}");
            same(&whole, &again);
        }
    }
}

#[test]
fn what_is_not_as_it_was_written_is_found() {
    for study in STUDIES {
        let folder = study.played("verified");
        let whole = folder.join("whole");
        let verify = |code: i32| {
            let output = rollsim(&folder, &["verify", "whole"]);
            let told = text(&output.stdout) + &text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{told}");
            told
        };
        let told = verify(0);
        assert!(told.contains("holds a finished") && told.contains(", 0 damaged"), "{told}");
        let trials = fs::read(whole.join("trials.csv")).unwrap();
        fs::write(whole.join("trials.csv"), damaged(&trials)).unwrap();
        let told = verify(2);
        assert!(told.contains(", 3 damaged"), "{told}");
        let lines: Vec<&[u8]> = trials.split_inclusive(|it| *it == b'\n').collect();
        fs::write(whole.join("trials.csv"), [&lines[..3], &lines[4..]].concat().concat()).unwrap();
        let told = verify(2);
        assert!(study.command[0] == "compare" || told.contains(", 1 missing"), "{told}");
        fs::write(whole.join("trials.csv"), &trials).unwrap();
        let comparison = study.command[0] == "compare";
        for name in ["summary.json", "report.html", "report.md", "charts/ranking-cost-dark.svg"] {
            let Ok(bytes) = fs::read(whole.join(name)) else { continue };
            fs::write(whole.join(name), [&bytes[..], b" "].concat()).unwrap();
            let told = verify(if comparison { 2 } else { 0 });
            assert_eq!(told.contains(&format!("or missing: {name}")), comparison, "{told}");
            fs::write(whole.join(name), &bytes).unwrap();
        }
        fs::write(whole.join("study.json"), "{").unwrap();
        assert!(verify(2).contains("holds no study that can be read"));
    }
}

#[test]
fn rows_that_no_study_is_known_of_are_not_gone_on_with() {
    for study in STUDIES {
        let folder = study.played("unknown");
        let trials = fs::read(folder.join("whole/trials.csv")).unwrap();
        for (end, code) in [(trials.len() / 2, 2), (0, 0)] {
            let _ = fs::remove_dir_all(folder.join("cut"));
            fs::create_dir_all(folder.join("cut")).unwrap();
            fs::write(folder.join("cut/trials.csv.part"), &trials[..end]).unwrap();
            let told = study.ends(&folder, &["cut", "--resume"], code);
            assert_eq!(told.contains("(no `study.json`)"), code == 2, "{told}");
        }
    }
}

#[test]
fn a_folder_of_another_kind_is_neither_gone_on_with_nor_drawn() {
    let [_, power, tune, _] = STUDIES;
    let folder = tune.played("kinds");
    fs::write(folder.join("bot.yaml"), power.bot).unwrap();
    let told = power.ends(&folder, &["whole", "--resume"], 2);
    assert!(told.contains("`whole` holds a tuning, not a measurement"), "{told}");
    // its scenario is another one now
    let output = rollsim(&folder, &["report", "whole"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("`whole` holds another tuning"), "{told}");
}

#[test]
fn what_differs_from_the_study_of_a_folder_is_named() {
    for study in STUDIES {
        let folder = study.played("differs");
        let told = study.ends(&folder, &["whole", "--resume", "--seed", "7"], 2);
        assert!(told.contains("seed") && told.contains("there") && told.contains("here"), "{told}");
    }
}

/// Bytes of a folder, by the names of its files.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn every_study_is_reported_again_from_its_folder() {
    let advise = Small { command: &["advise", "bot.yaml", "--trials", "60", "--out"], bot: BOT };
    for study in STUDIES.into_iter().chain([advise]) {
        let folder = study.played("again");
        let whole = folder.join("whole");
        let before = bytes(&whole);
        for name in before.keys().filter(|it| it.extension().is_some_and(|it| it == "md")) {
            fs::write(name, "spoiled").unwrap();
        }
        let printed = rollsim(&folder, &["report", "whole"]);
        assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
        assert!(bytes(&whole) == before, "{}", study.command[0]);
        let resumed = rollsim(&folder, &[study.command, &["whole", "--resume"]].concat());
        assert_eq!(text(&printed.stdout), text(&resumed.stdout));
    }
}

/// The limit is part of what the study was asked.
#[test]
fn a_report_holds_false_rollbacks_against_the_same_limit() {
    let folder = folder("experiment-limit");
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    let line =
        ["power", "bot.yaml", "--trials", "2", "--max-false-rollback", "1%", "--out", "whole"];
    for line in [&line[..], &["report", "whole"]] {
        let output = rollsim(&folder, line);
        assert_eq!(output.status.code(), Some(3), "{line:?} {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("at most 1 % of good releases"), "{line:?}");
    }
}

/// What a folder says of its command is input like any other.
#[test]
fn a_folder_that_names_another_command_is_refused() {
    let [_, power, ..] = STUDIES;
    let folder = power.played("command");
    let study = folder.join("whole/study.json");
    let text_of = fs::read_to_string(&study).unwrap();
    for command in [
        "rollsim run bot.yaml --out DIR",
        "rm -rf x --out DIR",
        "",
        "rollsim tune bot.yaml --out DIR",
    ] {
        let from = text_of.find("\"rollsim power").unwrap();
        let to = from + 1 + text_of[from + 1..].find('"').unwrap();
        let changed = format!("{}\"{command}{}", &text_of[..from], &text_of[to..]);
        fs::write(&study, changed).unwrap();
        let output = rollsim(&folder, &["report", "whole"]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {told}");
        assert!(told.contains("`whole` is damaged"), "{command}: {told}");
    }
}
