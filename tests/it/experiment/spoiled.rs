//! Files of studies and traces that were spoiled at random: refused or repaired, and never a panic, a hang or a wrong
//! result.
//!
//! `ROLLSIM_FUZZ=1000` spoils each file so often.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::Rng as _;
use rollsim::scenario::{Scenario, load_text, plan_of};

use super::{
    folders::same,
    resumed::{STUDIES, Small},
};
use crate::scratch::{folder, text};

/// How often each file is spoiled.
fn often(default: u32) -> u32 {
    std::env::var("ROLLSIM_FUZZ").ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

struct Spoiler(TestRng);

impl Spoiler {
    fn new() -> Self {
        Self(TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from(self.0.next_u64() % bound).unwrap()
    }

    /// One to three changes: bytes, parts, lines, numbers.
    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let (at, long) = (self.below(bytes.len()), self.below(40));
            let end = (at + long).min(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                3 => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    bytes.splice(at..(at + 1).min(end.max(at)), [byte]);
                }
                4 | 5 => self.number(&mut bytes, at),
                6 => self.lines(&mut bytes, true),
                _ => self.lines(&mut bytes, false),
            }
        }
        bytes
    }

    /// Puts another number, or what is none, in place of the next one.
    fn number(&mut self, bytes: &mut Vec<u8>, from: usize) {
        const OTHERS: [&str; 12] = [
            "0",
            "-1",
            "1e308",
            "-1e-308",
            "18446744073709551616",
            "4294967296",
            "NaN",
            "inf",
            "null",
            "[]",
            "\"\"",
            "9007199254740993",
        ];
        let digit = |it: &u8| it.is_ascii_digit();
        let Some(at) = bytes[from..].iter().position(digit).map(|it| it + from) else { return };
        let end = bytes[at..].iter().position(|it| !digit(it)).map_or(bytes.len(), |it| it + at);
        let other = OTHERS[self.below(OTHERS.len())];
        bytes.splice(at..end, other.bytes());
    }

    /// Swaps two lines, or writes one twice.
    fn lines(&mut self, bytes: &mut Vec<u8>, swap: bool) {
        let mut lines: Vec<Vec<u8>> =
            bytes.split_inclusive(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
        let (one, two) = (self.below(lines.len()), self.below(lines.len()));
        match lines.len() {
            0 => {}
            _ if swap => lines.swap(one, two),
            _ => lines.insert(two, lines[one].clone()),
        }
        *bytes = lines.concat();
    }
}

/// The program with at most 20 s of CPU time and 4 GB of memory.
fn bounded(folder: &Path, arguments: &[&str]) -> Output {
    let limits = "ulimit -t 20; ulimit -v 4000000; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", limits, env!("CARGO_BIN_EXE_rollsim")]);
    command.args(arguments).output().unwrap()
}

/// Ends as a command does that met a file of that kind.
#[track_caller]
fn ended(output: &Output, about: &str) -> i32 {
    let told = text(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0..=3)), "{about}: {code:?} {told}");
    code.unwrap()
}

/// A folder with the study and the rows of another one, as long as they are not spoiled.
fn copied(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for name in ["study.json", "trials.csv"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_spoiled_study_is_refused_or_read() {
    for study in STUDIES {
        let folder = study.played("spoiled-study");
        let (whole, again) = (folder.join("whole"), folder.join("again"));
        let head = fs::read(whole.join("study.json")).unwrap();
        let mut spoiler = Spoiler::new();
        for number in 0..often(12) {
            copied(&whole, &again);
            let spoiled = spoiler.spoil(&head);
            fs::write(again.join("study.json"), &spoiled).unwrap();
            let about = format!("{} {number}", study.command[0]);
            for line in [&["report", "again"], &["verify", "again"]] {
                ended(&bounded(&folder, line), &about);
            }
        }
    }
}

#[test]
fn spoiled_rows_are_simulated_again_or_refused() {
    let mut repaired = 0;
    for study in STUDIES {
        let folder = study.played("spoiled-rows");
        let (whole, again) = (folder.join("whole"), folder.join("again"));
        let rows = fs::read(whole.join("trials.csv")).unwrap();
        let Small { command, .. } = study;
        let mut spoiler = Spoiler::new();
        for number in 0..often(12) {
            copied(&whole, &again);
            fs::write(again.join("trials.csv"), spoiler.spoil(&rows)).unwrap();
            let output = bounded(&folder, &[command, &["again", "--resume"]].concat());
            if ended(&output, &format!("{} {number}", command[0])) == 0 {
                same(&whole, &again);
                repaired += 1;
            }
        }
    }
    assert!(repaired > 10, "{repaired}");
}

/// No file grows beyond so many blocks: each write that would make one do so fails.
fn with_room_for(blocks: u32, folder: &Path, arguments: &[&str]) -> Output {
    let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", &limit, env!("CARGO_BIN_EXE_rollsim")]);
    command.args(arguments).output().unwrap()
}

/// Wherever it is full: at `study.json`, in the middle of the rows, at a report or a chart.
#[test]
fn a_full_disk_loses_nothing_that_was_finished() {
    for study in STUDIES {
        let folder = study.played("full");
        let (whole, again) = (folder.join("whole"), folder.join("again"));
        let line = [study.command, &["again"]].concat();
        let mut refused = 0;
        for blocks in [0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1_024, 4_096] {
            let _ = fs::remove_dir_all(&again);
            let output = with_room_for(blocks, &folder, &line);
            let told = text(&output.stderr);
            if output.status.code() == Some(0) {
                break;
            }
            assert_eq!(output.status.code(), Some(2), "{blocks} {told}");
            assert!(told.contains("cannot write"), "{blocks} {told}");
            let output = bounded(&folder, &[&line[..], &["--resume"]].concat());
            assert_eq!(output.status.code(), Some(0), "{blocks} {}", text(&output.stderr));
            same(&whole, &again);
            refused += 1;
        }
        assert!(refused > 2, "{} {refused}", study.command[0]);
    }
}

#[test]
fn a_spoiled_trace_is_refused_or_read() {
    const BOT: &str = "title: a recorded day\nlength: 10m\nrollout_at: 1m\ntraffic: {pattern: {trace: {file: trace.csv, time: at, count: n}}}\nstrategy: {all_at_once: {}}\n";
    const TRACE: &str = "at,n\n0,300\n60,720.5\n120,0\n180,42e0\n240,1800\n300,60\n";
    let folder = folder("experiment-spoiled-trace");
    let scenario = || load_text::<Scenario>("traced", BOT).unwrap().value;
    fs::write(folder.join("trace.csv"), TRACE).unwrap();
    let (plan, problems) = plan_of("traced", scenario(), &folder);
    assert!(plan.is_some(), "{problems:?}");
    let mut spoiler = Spoiler::new();
    let mut read = 0;
    for number in 0..often(200) {
        fs::write(folder.join("trace.csv"), spoiler.spoil(TRACE.as_bytes())).unwrap();
        let (plan, problems) = plan_of("traced", scenario(), &folder);
        let refused = problems.iter().any(rollsim::scenario::Problem::is_error);
        assert!(plan.is_some() != refused, "{number}: {problems:?}");
        if let Some(plan) = plan {
            let work = plan.work();
            assert!(work.requests.is_finite() && work.requests >= 0.0, "{number}");
            read += 1;
        }
    }
    assert!(read > 0);
}
