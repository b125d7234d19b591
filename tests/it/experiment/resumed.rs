//! Power and tunings that were cut off go on like comparisons: one folder for every study.

use std::{fs, path::PathBuf};

use super::{BOT, folders::same, tuning};
use crate::scratch::{folder, rollsim, text};

/// A study that is over soon.
struct Small {
    command: &'static [&'static str],
    bot: &'static str,
}

const STUDIES: [Small; 2] = [
    Small { command: &["power", "bot.yaml", "--trials", "2", "--out"], bot: BOT },
    Small { command: &["tune", "bot.yaml", "--trials", "300", "--out"], bot: tuning::BOT },
];

impl Small {
    /// A folder in which it was played as a whole.
    fn played(&self, name: &str) -> PathBuf {
        let folder = folder(&format!("experiment-{name}-{}", self.command[0]));
        fs::write(folder.join("bot.yaml"), self.bot).unwrap();
        self.ends(&folder, &["whole"], 0);
        folder
    }

    /// What it says on the standard error.
    #[track_caller]
    fn ends(&self, folder: &std::path::Path, more: &[&str], code: i32) -> String {
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
    let [power, tune] = STUDIES;
    let folder = tune.played("kinds");
    fs::write(folder.join("bot.yaml"), power.bot).unwrap();
    let told = power.ends(&folder, &["whole", "--resume"], 2);
    assert!(told.contains("`whole` holds a tuning, not a measurement"), "{told}");
    let output = rollsim(&folder, &["report", "whole"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("`whole` holds a tuning, not a comparison"), "{told}");
}
