//! Studies in shards, round by round: merged, they are the bytes of one machine.

use std::{fs, path::Path};

use super::{BOT, folders::same, resumed::STUDIES, tuning};
use crate::scratch::{folder, rollsim, text};

/// Plays all shards of a round and merges them; how the merge ended.
#[track_caller]
fn round(folder: &Path, command: &[&str], (number, shards): (u32, u32)) -> i32 {
    let mut merge = vec!["merge".to_owned()];
    for shard in 1..=shards {
        let (out, part) = (format!("round{number}-{shard}"), format!("{shard}/{shards}"));
        let mut line = [command, &[&out, "--shard", &part]].concat();
        if number > 1 {
            line.extend(["--after", "merged"]);
        }
        let output = rollsim(folder, &line);
        assert_eq!(output.status.code(), Some(0), "{line:?} {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(" of this round are done"), "{line:?}");
        merge.push(out);
    }
    // in whatever order they are named
    merge[1..].reverse();
    merge.extend(["--out", "merged"].map(str::to_owned));
    merge.extend((number > 1).then(|| "--resume".to_owned()));
    let merge: Vec<&str> = merge.iter().map(String::as_str).collect();
    let output = rollsim(folder, &merge);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{merge:?} {}", text(&output.stderr));
    let another = text(&output.stderr).contains("another round is needed");
    assert_eq!(another, !folder.join("merged/trials.csv").exists(), "{}", text(&output.stderr));
    code.unwrap()
}

/// Plays a study in rounds of so many shards until it is complete; how many rounds it took.
#[track_caller]
fn in_rounds(name: &str, bot: &str, command: &[&str], shards: u32) -> u32 {
    let folder = folder(&format!("experiment-{name}"));
    fs::write(folder.join("bot.yaml"), bot).unwrap();
    let whole = rollsim(&folder, &[command, &["whole"]].concat());
    for number in 1..100 {
        let code = round(&folder, command, (number, shards));
        if folder.join("merged/trials.csv").exists() {
            assert_eq!(Some(code), whole.status.code());
            same(&folder.join("whole"), &folder.join("merged"));
            let last: Vec<String> = (1..=shards).map(|it| format!("round{number}-{it}")).collect();
            let last: Vec<&str> = last.iter().map(String::as_str).collect();
            let again = [&["merge"][..], &last, &["--out", "merged", "--resume"]].concat();
            let again = rollsim(&folder, &again);
            assert_eq!(again.status.code(), Some(2));
            assert!(text(&again.stderr).contains("there is no round to add"));
            same(&folder.join("whole"), &folder.join("merged"));
            return number;
        }
    }
    panic!("no end after a hundred rounds");
}

#[test]
fn every_study_is_the_same_in_shards() {
    for study in STUDIES {
        let name = format!("shards-{}", study.command[0]);
        let rounds = in_rounds(&name, study.bot, study.command, 3);
        match study.command[0] {
            "compare" | "judges" => assert_eq!(rounds, 1),
            _ => assert!(rounds > 1, "{name}: {rounds}"),
        }
    }
}

#[test]
fn a_comparison_that_looks_at_its_results_takes_a_round_for_each_look() {
    // hardly another strategy
    let close = "another: {canary: {steps: [{weight: 30%, hold: 44s}]}}";
    let bot = BOT.replace("at once: {all_at_once: {}}", close);
    let command = ["compare", "bot.yaml", "--precision", "0.1%", "--most", "800", "--out"];
    let rounds = in_rounds("shards-looks", &bot, &command, 2);
    assert!(rounds > 1, "{rounds}");
}

#[test]
fn shards_of_another_round_or_study_are_refused() {
    let folder = folder("experiment-shards-refused");
    fs::write(folder.join("bot.yaml"), tuning::BOT).unwrap();
    let command = ["tune", "bot.yaml", "--trials", "300", "--out"];
    assert_eq!(round(&folder, &command, (1, 2)), 3);
    let refused = |line: &[&str], said: &str| {
        let output = rollsim(&folder, line);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line:?} {told}");
        assert!(told.contains(said), "{line:?} {told}");
    };
    // the first round once more
    let again = ["merge", "round1-1", "round1-2", "--out", "merged", "--resume"];
    refused(&again, "holds rollouts of another round");
    refused(&again[..5], "--resume` continues it");
    refused(&["merge", "round1-1", "--out", "m"], "shard 2 of 2 is missing");
    let other = ["tune", "bot.yaml", "--trials", "300", "--seed", "9", "--out"];
    let line = [&other[..], &["x", "--shard", "1/2", "--after", "merged"]].concat();
    refused(&line, "belongs to a different tuning");
    let line = [&other[..], &["y", "--shard", "1/2"]].concat();
    assert_eq!(rollsim(&folder, &line).status.code(), Some(0));
    refused(&["merge", "y", "round1-2", "--out", "m"], "belongs to a different tuning");
    refused(&[&command[..], &["z", "--shard", "3/2"]].concat(), "allowed: `1/4` to `4/4`");
}
