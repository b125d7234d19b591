//! Same bytes: on any number of threads, after Ctrl-C or a kill, in shards.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::scratch::{command, folder, rollsim, text};

const TRIALS: &[&str] = &["compare", "bot.yaml", "--trials", "60", "--out"];

fn bot(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("experiment-{name}"));
    fs::write(folder.join("bot.yaml"), super::BOT).unwrap();
    folder
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(
                files(&path).into_iter().map(|(it, bytes)| (format!("{name}/{it}"), bytes)),
            );
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[track_caller]
pub(super) fn same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{name} differs");
    }
}

#[track_caller]
fn compared(folder: &Path, more: &[&str]) {
    let output = rollsim(folder, &[TRIALS, more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn threads_change_no_byte() {
    let folder = bot("threads");
    compared(&folder, &["one", "--threads", "1"]);
    compared(&folder, &["three", "--threads", "3"]);
    same(&folder.join("one"), &folder.join("three"));
}

#[test]
fn merged_shards_are_the_whole_byte_for_byte() {
    let folder = bot("shards");
    compared(&folder, &["whole"]);
    for shard in ["1", "2", "3"] {
        compared(&folder, &[shard, "--shard", &format!("{shard}/3")]);
    }
    // in any order
    let output = rollsim(&folder, &["merge", "2", "3", "1", "--out", "merged"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    same(&folder.join("whole"), &folder.join("merged"));
    for (shards, said) in [
        (&["1", "3"][..], "shard 2 of 3 is missing"),
        (&["1", "2", "2"], "shard 3 of 3 is missing"),
        (&["whole"], "is not a shard"),
    ] {
        let output = rollsim(&folder, &[&["merge"], shards, &["--out", "not"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}

/// Wherever the file was cut off, in the middle of a row or of a number.
#[test]
fn a_comparison_that_was_cut_off_goes_on_to_the_same_bytes() {
    let folder = bot("cut");
    compared(&folder, &["whole"]);
    let trials = fs::read(folder.join("whole/trials.csv")).unwrap();
    for cut in [0, 10, trials.len() / 3, trials.len() / 2 + 7, trials.len() - 1] {
        let _ = fs::remove_dir_all(folder.join("cut"));
        fs::create_dir_all(folder.join("cut")).unwrap();
        fs::copy(folder.join("whole/study.json"), folder.join("cut/study.json")).unwrap();
        fs::write(folder.join("cut/trials.csv.part"), &trials[..cut]).unwrap();
        compared(&folder, &["cut", "--resume"]);
        same(&folder.join("whole"), &folder.join("cut"));
    }
}

const LONG: &[&str] = &["compare", "bot.yaml", "--trials", "3000", "--out"];

/// Starts a comparison that is far from done when its first rollouts are on the disk.
fn started(folder: &Path) -> Child {
    let mut command = command(folder, &[LONG, &["broken", "--threads", "1"]].concat());
    let child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let part = folder.join("broken/trials.csv.part");
    while fs::metadata(&part).map_or(0, |it| it.len()) < 20_000 {
        std::thread::yield_now();
    }
    child
}

fn goes_on(folder: &Path) {
    let before = fs::metadata(folder.join("broken/trials.csv.part")).unwrap().len();
    assert!(before >= 20_000);
    let output = rollsim(folder, &[LONG, &["broken", "--resume"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = rollsim(folder, &[LONG, &["whole"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    same(&folder.join("whole"), &folder.join("broken"));
}

#[test]
fn a_kill_loses_nothing_that_was_done() {
    let folder = bot("kill");
    let mut child = started(&folder);
    child.kill().unwrap();
    child.wait().unwrap();
    goes_on(&folder);
}

#[test]
fn an_interrupt_tells_what_is_done_and_keeps_it() {
    let folder = bot("interrupt");
    let mut child = started(&folder);
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let summary = fs::read_to_string(folder.join("broken/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["complete"], false);
    assert!(summary["trials"].as_u64().unwrap() > 0);
    goes_on(&folder);
}

#[test]
fn another_comparison_is_not_gone_on_with() {
    let folder = bot("other");
    compared(&folder, &["whole"]);
    let output = rollsim(&folder, &[TRIALS, &["whole", "--resume", "--seed", "5"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("holds another comparison"), "{}", text(&output.stderr));
}

#[test]
fn nothing_that_was_played_is_replaced_unasked() {
    let folder = bot("unasked");
    compared(&folder, &["one", "--shard", "1/1"]);
    let onto = rollsim(&folder, &["merge", "one", "--out", "./one"]);
    assert_eq!(onto.status.code(), Some(2));
    assert!(text(&onto.stderr).contains("is one of the shards"), "{}", text(&onto.stderr));
    assert!(folder.join("one/trials.csv").exists());
    fs::rename(folder.join("one/trials.csv"), folder.join("one/trials.csv.part")).unwrap();
    let again = rollsim(&folder, &[TRIALS, &["one"]].concat());
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("an interrupted comparison"), "{}", text(&again.stderr));
}

#[test]
fn a_finished_comparison_is_kept_unless_it_is_to_be_replaced() {
    let folder = bot("finished");
    compared(&folder, &["one"]);
    let before = files(&folder.join("one"));
    let fewer = ["compare", "bot.yaml", "--trials", "30", "--out", "one"];
    let output = rollsim(&folder, &fewer);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("`one` holds a finished comparison"), "{told}");
    for line in [&["power"][..], &["power", "--replace"]] {
        let line = [line, &["bot.yaml", "--trials", "2", "--out", "one"]].concat();
        let output = rollsim(&folder, &line);
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(told.contains("`one` holds a comparison, not a measurement"), "{told}");
    }
    assert_eq!(files(&folder.join("one")), before);
    let output = rollsim(&folder, &[&fewer[..], &["--replace"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = rollsim(&folder, &["compare", "bot.yaml", "--trials", "30", "--out", "new"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    same(&folder.join("new"), &folder.join("one"));
}

#[test]
fn what_cannot_be_written_is_told_before_the_work() {
    let folder = bot("unwritable");
    fs::write(folder.join("file"), "x").unwrap();
    let many = ["compare", "bot.yaml", "--trials", "1000000000", "--out", "file"];
    let output = rollsim(&folder, &many);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("`file` is a file, not a folder"),
        "{}",
        text(&output.stderr)
    );
    let junit = ["compare", "bot.yaml", "--trials", "1000000000", "--junit", "none/x.xml"];
    let output = rollsim(&folder, &junit);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot write `none/x.xml`"), "{}", text(&output.stderr));
}

#[test]
fn a_report_is_drawn_again_without_simulating() {
    let folder = bot("again");
    compared(&folder, &["whole"]);
    compared(&folder, &["copy"]);
    let copy = folder.join("copy");
    for name in ["report.html", "report.md", "charts/ranking-cost.svg"] {
        fs::remove_file(copy.join(name)).unwrap();
    }
    // what it was made from is gone
    fs::remove_file(folder.join("bot.yaml")).unwrap();
    let output = rollsim(&folder, &["report", "copy"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    same(&folder.join("whole"), &copy);
}

#[test]
fn a_damaged_file_of_trials_is_told_with_its_line() {
    let folder = bot("damaged");
    compared(&folder, &["whole"]);
    let trials = fs::read_to_string(folder.join("whole/trials.csv")).unwrap();
    for (from, to, said) in [
        (",canary,", ",caanary,", "line 2: the row is not as it was written"),
        (",good,", ",gooood,", "its check does not fit"),
        (",completed,", ",complete,", "its check does not fit"),
        ("trial,release", "trail,release", "columns are not those"),
    ] {
        fs::write(folder.join("whole/trials.csv"), trials.replacen(from, to, 1)).unwrap();
        let output = rollsim(&folder, &["report", "whole"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}

#[test]
fn the_folder_of_another_version_is_refused_and_left_as_it_is() {
    let folder = bot("version");
    compared(&folder, &["whole"]);
    compared(&folder, &["part", "--shard", "1/1"]);
    for name in ["whole", "part"] {
        let study = folder.join(name).join("study.json");
        let text = fs::read_to_string(&study).unwrap();
        let this = format!("\"rollsim\": \"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(text.contains(&this), "{text}");
        fs::write(&study, text.replace(&this, "\"rollsim\": \"0.0.9\"")).unwrap();
    }
    let before = ["whole", "part"].map(|it| files(&folder.join(it)));
    let resume = [TRIALS, &["whole", "--resume"]].concat();
    for (line, named) in [
        (&["report", "whole"][..], "whole"),
        (&["merge", "part", "--out", "merged"], "part"),
        (&resume, "whole"),
    ] {
        let output = rollsim(&folder, line);
        let said = format!(
            "error: `{named}` was written by rollsim 0.0.9; this is {}\n",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), said), "{line:?}");
    }
    assert_eq!(["whole", "part"].map(|it| files(&folder.join(it))), before);
}

/// As a damaged disk or a hostile author leaves it; every one of these was taken, and some ended in a panic.
#[test]
fn a_study_is_checked_like_any_input() {
    let folder = bot("checked");
    compared(&folder, &["whole"]);
    let study = folder.join("whole/study.json");
    let written: serde_json::Value = serde_json::from_slice(&fs::read(&study).unwrap()).unwrap();
    for (path, value, said) in [
        ("/protocol/classes", "[]", "`classes` has 0"),
        ("/protocol/classes/0/chance", "0.2", "sum to 0.5"),
        ("/protocol/classes/0/chance", "-0.7", "not to 1"),
        ("/protocol/classes/0/name", "\"breaks\"", "one name"),
        ("/protocol/contestants", "[]", "`contestants` has 0"),
        ("/protocol/contestants/0/name", "\"at once\"", "one name"),
        ("/protocol/contestants/0/upkeep", "-1", "`upkeep`"),
        ("/protocol/goal/trials", "18446744073709551615", "`goal`"),
        ("/protocol/prices/each", "[]", "`prices`"),
        ("/protocol/expected/0/strategy", "\"none\"", "`expected`"),
        ("/protocol/expected/0/estimate", "\"none\"", "`expected`"),
        ("/protocol/seed", "\"one\"", "is damaged, or is not of a comparison"),
        ("/kind", "\"tuning\"", "its command is of another study"),
    ] {
        let mut changed = written.clone();
        *changed.pointer_mut(path).unwrap() = serde_json::from_str(value).unwrap();
        fs::write(&study, changed.to_string()).unwrap();
        let output = rollsim(&folder, &["report", "whole"]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{path} {value}: {told}");
        assert!(told.contains(said), "{path} {value}: {told}");
    }
    fs::File::create(&study).unwrap().set_len((128 << 20) + 1).unwrap();
    let told = text(&rollsim(&folder, &["report", "whole"]).stderr);
    assert!(told.contains("longer than any study"), "{told}");
}

#[test]
fn what_holds_no_comparison_is_said_to_be_none() {
    let folder = bot("none");
    fs::create_dir(folder.join("p")).unwrap();
    for line in [&["report", "p"][..], &["merge", "p", "--out", "x"]] {
        let output = rollsim(&folder, line);
        let said = "error: `p` holds no comparison (no `study.json`)\n\
                    hint: give a folder that `rollsim compare FILE --out DIR` wrote\n";
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), said.to_owned()));
    }
}
