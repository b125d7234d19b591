//! How a study ends when it is stopped, and when nobody reads what it says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::BOT;
use crate::scratch::{command, folder, rollsim, text};

/// Expects what does not happen.
fn failing(name: &str) -> PathBuf {
    let folder = folder(&format!("experiment-{name}"));
    let bot = BOT.replace("false_rollback: '< 50%'", "escaped: '> 99%'");
    assert_ne!(bot, BOT);
    fs::write(folder.join("bot.yaml"), bot).unwrap();
    folder
}

/// With a standard output whose reader has gone, or that is always full.
fn unread(folder: &Path, arguments: &[&str], full: bool) -> Output {
    let mut command = command(folder, arguments);
    let out = if full {
        fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into()
    } else {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    command.stdout(out).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_closed_pipe_never_turns_failure_into_success() {
    let folder = failing("closed");
    let compare = ["compare", "bot.yaml", "--trials", "60", "--junit", "x.xml", "--out", "out"];
    let report = ["report", "out", "--junit", "x.xml"];
    for line in [&compare[..], &report] {
        let output = unread(&folder, line, false);
        assert_eq!(output.status.code(), Some(1), "{line:?} {}", text(&output.stderr));
        let junit = fs::read_to_string(folder.join("x.xml")).unwrap();
        assert!(junit.contains("<failure"), "{junit}");
        fs::remove_file(folder.join("x.xml")).unwrap();
    }
    fs::write(folder.join("run.yaml"), format!("{}expect: {{phase: paused}}\n", one())).unwrap();
    let output = unread(&folder, &["run", "run.yaml"], false);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("expectation failed"), "{}", text(&output.stderr));
}

/// The bot without what is expected of a comparison.
fn one() -> &'static str {
    BOT.split("expect:").next().unwrap()
}

#[test]
fn what_cannot_be_printed_is_written_all_the_same() {
    let folder = failing("full");
    let line = ["compare", "bot.yaml", "--trials", "60", "--junit", "x.xml", "--out", "out"];
    let output = unread(&folder, &line, true);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("cannot write to the standard output"), "{told}");
    assert!(fs::read_to_string(folder.join("x.xml")).unwrap().contains("<failure"));
    assert!(folder.join("out/report.html").exists());
}

/// Starts a comparison and waits until its first rollouts are on the disk.
fn started(folder: &Path) -> Child {
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    let line = ["compare", "bot.yaml", "--trials", "100000", "--out", "out", "--threads", "1"];
    let mut command = command(folder, &line);
    let child = command.stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let part = folder.join("out/trials.csv.part");
    while fs::metadata(&part).map_or(0, |it| it.len()) < 5_000 {
        std::thread::yield_now();
    }
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The second one says so and changes nothing; a writer that was killed holds nothing.
#[test]
fn a_folder_has_one_writer() {
    let folder = folder("experiment-writers");
    let mut child = started(&folder);
    let again = ["compare", "bot.yaml", "--trials", "100000", "--out", "out", "--resume"];
    let lines: [&[&str]; 4] = [
        &again,
        &["report", "out"],
        &["judges", "bot.yaml", "--trials", "1", "--out", "out"],
        &["run", "bot.yaml", "--out", "out"],
    ];
    for line in lines {
        let output = rollsim(&folder, line);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line:?} {told}");
        let said = format!("another rollsim (process {}) writes into `out`", child.id());
        assert!(told.contains(&said), "{told}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.join("out/.rollsim.lock").exists());
    let output = rollsim(&folder, &["run", "bot.yaml", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!folder.join("out/.rollsim.lock").exists());
}

#[test]
fn a_request_to_terminate_is_an_interrupt() {
    let folder = folder("experiment-terminate");
    let child = started(&folder);
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let told = text(&output.stdout);
    assert!(told.to_lowercase().contains("interrupted after"), "{told}");
    assert!(folder.join("out/summary.json").exists());
}

/// A rollout of three months, which the first signal waits for.
#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = folder("experiment-twice");
    fs::write(folder.join("bot.yaml"), BOT.replace("length: 4m", "length: 92d")).unwrap();
    let more = ["--trials", "8", "--max-work", "10h,64GiB", "--out", "out"];
    let line = [&["compare", "bot.yaml"][..], &more].concat();
    let mut command = command(&folder, &line);
    let child = command.stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut child = child;
    while !folder.join("out/trials.csv.part").exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    // the handlers are there before the first rollout begins; the second signal is sent until it is
    // not the same as the first
    while child.try_wait().unwrap().is_none() {
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(130), ""));
    assert!(!folder.join("out/summary.json").exists());
}
