//! The table of exit codes against what the commands do.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::scratch::{command, folder, rollsim, text};

/// A release that errors in three answers of ten, and a canary that always takes it back.
const BOT: &str = "title: a bot with a bad release
length: 5m
rollout_at: 1m
fleet: {instances: 4, startup: {constant: 3s}, propagation: 1s, errors: 0%}
traffic: {rate: 5/s}
users: {count: 200}
telemetry: {interval: 5s}
release: {defects: [{effect: {errors: {rate: 30%}}}]}
analysis:
  interval: 10s
  gates:
    - {name: errors, judge: {threshold: {metric: error_rate, fail_above: 10%, window: 30s, min_samples: 5}}}
strategy:
  canary: {steps: [{weight: 25%, hold: 1m}]}
strategies:
  at once: {all_at_once: {}}
";
/// What it expects of 30 rollouts, and how that ends. All 30 are rolled back: anything from 89 to 100 %.
const EXPECTED: [(&str, i32); 3] = [
    ("{canary: {escaped: '< 20%'}}", 0),
    ("{at once: {escaped: '< 20%'}}", 1),
    ("{canary: {rolled_back: '>= 99%'}}", 3),
];

/// Cells of the table that other tests show: `folders.rs` interrupts a comparison, `tuning.rs` tunes,
/// `power.rs` and `experiment/judges.rs` play theirs.
const SHOWN_ELSEWHERE: [(&str, i32); 2] = [("compare", 130), ("tune", 0)];
/// An interrupt takes a long study that is hit at the right moment: one command stands for all, which
/// share what hears it.
const NOT_SHOWN: [(&str, i32); 5] =
    [("power", 130), ("advise", 130), ("judges", 130), ("tune", 130), ("merge", 130)];

type Seen = BTreeSet<(String, i32)>;

struct Show<'f> {
    folder: &'f Path,
    seen: Seen,
}

impl Show<'_> {
    #[track_caller]
    fn ends(&mut self, line: &str, code: i32) {
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = rollsim(self.folder, &arguments);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {told}");
        assert!(code == 0 || !told.is_empty() || !output.stdout.is_empty(), "{line} says nothing");
        self.seen.insert((arguments[0].to_owned(), code));
    }
}

/// The cells of the published table, a command and a code each; 101 is no ending that is meant.
fn promised() -> Seen {
    let commands = [
        "run", "compare", "power", "advise", "judges", "tune", "merge", "report", "verify",
        "check", "init", "list", "explain", "schema",
    ];
    let table = include_str!("../../../COMPATIBILITY.md").lines();
    let mut cells = Seen::new();
    for row in table.filter(|it| it.starts_with("| ") && !it.starts_with("| code")) {
        let row: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let code: i32 = row[0].parse().unwrap();
        let named: Vec<&str> = match row[2] {
            "every command" => commands.to_vec(),
            names => names.split(", ").collect(),
        };
        cells.extend(named.into_iter().map(|it| (it.to_owned(), code)));
    }
    cells.retain(|(_, code)| *code != 101);
    cells
}

#[test]
fn commands_end_with_the_codes_of_the_table_and_no_other() {
    let folder = folder("promises-codes");
    let mut show = Show { folder: &folder, seen: Seen::new() };
    simple_commands(&mut show);
    interrupted(&mut show);
    for (expected, code) in EXPECTED {
        compared(&mut show, expected, code);
    }
    measured(&mut show);
    let Show { mut seen, .. } = show;
    let promised = promised();
    let surplus: Vec<_> = seen.difference(&promised).collect();
    assert!(surplus.is_empty(), "not promised: {surplus:?}");
    seen.extend(SHOWN_ELSEWHERE.iter().chain(&NOT_SHOWN).map(|it| (it.0.to_owned(), it.1)));
    let unshown: Vec<_> = promised.difference(&seen).collect();
    assert!(unshown.is_empty(), "promised and never seen: {unshown:?}");
}

fn simple_commands(show: &mut Show<'_>) {
    fs::write(show.folder.join("bad.yaml"), "title: 5\n").unwrap();
    show.ends("init bot.yaml", 0);
    show.ends("init bot.yaml", 2);
    show.ends("check bot.yaml", 0);
    show.ends("check bad.yaml", 2);
    show.ends("check --fix bot.yaml bad.yaml", 2);
    show.ends("list", 0);
    show.ends("list nonsense", 2);
    show.ends("explain canary", 0);
    show.ends("explain nonsense", 2);
    show.ends("schema", 0);
    show.ends("schema nonsense", 2);
    for command in ["run", "compare", "power", "advise", "judges", "tune"] {
        show.ends(&format!("{command} bad.yaml"), 2);
    }
    show.ends("merge nowhere --out out", 2);
    show.ends("report nowhere", 2);
    show.ends("verify nowhere", 2);
}

/// A rollout of a month, once its first event is told.
fn interrupted(show: &mut Show<'_>) {
    let line = ["run", "bot.yaml", "--set", "length=30d", "--follow"];
    let mut running = command(show.folder, &line);
    let mut child = running.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    told.next().unwrap().unwrap();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let last = told.last().unwrap().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{last}");
    assert!(last.starts_with("interrupted: "), "{last}");
    show.seen.insert(("run".to_owned(), 130));
}

/// A comparison as a whole, as a shard that is merged, and drawn again.
fn compared(show: &mut Show<'_>, expected: &str, code: i32) {
    fs::write(show.folder.join("bot.yaml"), format!("{BOT}expect: {expected}\n")).unwrap();
    show.ends(&format!("compare bot.yaml --trials 30 --out whole{code}"), code);
    show.ends(&format!("report whole{code}"), code);
    show.ends(&format!("verify whole{code}"), 0);
    show.ends(&format!("compare bot.yaml --trials 30 --shard 1/1 --out part{code}"), 0);
    show.ends(&format!("merge part{code} --out merged{code}"), code);
}

fn measured(show: &mut Show<'_>) {
    // as a kill leaves it: the rows without their last
    let (whole, cut) = (show.folder.join("whole0"), show.folder.join("cut"));
    fs::create_dir(&cut).unwrap();
    for name in ["study.json", "summary.json"] {
        fs::copy(whole.join(name), cut.join(name)).unwrap();
    }
    let rows = fs::read_to_string(whole.join("trials.csv")).unwrap();
    fs::write(cut.join("trials.csv.part"), &rows[..rows.len() - 9]).unwrap();
    show.ends("report cut", 130);
    fs::write(show.folder.join("run.yaml"), format!("{BOT}expect: {{phase: rolled_back}}\n"))
        .unwrap();
    show.ends("run run.yaml", 0);
    fs::write(show.folder.join("run.yaml"), format!("{BOT}expect: {{phase: completed}}\n"))
        .unwrap();
    show.ends("run run.yaml", 1);
    show.ends("advise run.yaml --trials 2", 0);
    show.ends("advise run.yaml --releases typical --trials 2", 3);
    show.ends("judges run.yaml --trials 2", 0);
    show.ends("power run.yaml --trials 2", 0);
    show.ends("power run.yaml --trials 2 --max-false-rollback 1%", 3);
    // a gate that takes back everything
    let never =
        BOT.replace("fail_above: 10%", "fail_above: 0%").replace("errors: 0%}", "errors: 50%}");
    fs::write(show.folder.join("never.yaml"), never).unwrap();
    show.ends("power never.yaml --trials 9 --max-false-rollback 1%", 1);
}
