//! The prober against traces of the kubelet's own code: every log entry, to the millisecond.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::Path,
};

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::prober::{Probe, Prober};
use crate::{model::ProbeSpec, units::Span};

/// Rows of a table, and those of the tables beside the repository, of which ours may be a part.
pub(super) fn golden<T: for<'de> Deserialize<'de>>(name: &str, shared: &[&str]) -> Vec<T> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packed = root.join(format!("tests/it/oracles/kubernetes/{name}.jsonl.gz"));
    let mut text = String::new();
    GzDecoder::new(File::open(packed).unwrap()).read_to_string(&mut text).unwrap();
    for name in shared {
        let table = root.join(format!("../shared/oracles/golden/{name}.jsonl"));
        text.push_str(&fs::read_to_string(table).unwrap_or_default());
    }
    let rows = text.lines().filter(|it| !it.starts_with(r#"{"_""#));
    rows.map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[derive(Clone, Copy, Deserialize)]
struct Settings {
    delay: u64,
    period: u64,
    succ: u32,
    fail: u32,
}

impl Settings {
    fn spec(self) -> ProbeSpec {
        ProbeSpec {
            initial_delay: Span::from_secs(self.delay),
            period: Span::from_secs(self.period),
            success_threshold: self.succ,
            failure_threshold: self.fail,
            ..ProbeSpec::default()
        }
    }
}

#[derive(Deserialize)]
struct Trace {
    id: u32,
    start_ms: u64,
    pleg_ms: u64,
    kill_ms: u64,
    backoff_ms: u64,
    horizon_s: u64,
    fail_ms_since_start: [BTreeMap<String, Vec<(u64, u64)>>; 2],
    startup: Option<Settings>,
    liveness: Option<Settings>,
    readiness: Option<Settings>,
    log: Vec<(u64, String)>,
}

/// What can happen, in the order within a millisecond in which the traces had it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The number of a worker, readiness first, and of the period that the tick belongs to.
    Tick(usize, u32),
    Exit,
    Run,
    Seen {
        running: bool,
        started_at: u64,
    },
    Triggered,
    Sync,
}

/// The node around the prober, as it was around the kubelet's code.
struct Node<'t> {
    trace: &'t Trace,
    prober: Prober,
    now: u64,
    /// How often each event comes at a time.
    events: BTreeMap<(u64, Event), u32>,
    periods: [u32; 3],
    runs: u64,
    started_at: u64,
    killing: bool,
    flags: (bool, bool),
    log: Vec<(u64, String)>,
}

impl<'t> Node<'t> {
    fn new(trace: &'t Trace) -> Self {
        let probes = [trace.readiness, trace.liveness, trace.startup];
        Self {
            trace,
            prober: Prober::new(probes.map(|it| it.map(Settings::spec))),
            now: 0,
            events: BTreeMap::new(),
            periods: [0; 3],
            runs: 0,
            started_at: 0,
            killing: false,
            flags: (false, false),
            log: Vec::new(),
        }
    }

    fn at(&mut self, delay: u64, event: Event) {
        *self.events.entry((self.now + delay, event)).or_default() += 1;
    }

    fn note(&mut self, entry: impl Into<String>) {
        self.log.push((self.now, entry.into()));
    }

    fn nanos(&self) -> u64 {
        self.now * 1_000_000
    }

    fn run(mut self) -> Vec<(u64, String)> {
        self.at(self.trace.start_ms, Event::Run);
        for worker in 0..Probe::ALL.len() {
            self.tick_after_a_period(worker);
        }
        while let Some(mut entry) = self.events.first_entry() {
            let (now, event) = *entry.key();
            match entry.get() {
                1 => entry.remove(),
                more => entry.insert(more - 1),
            };
            if now >= self.trace.horizon_s * 1_000 {
                break;
            }
            self.now = now;
            self.happen(event);
        }
        self.log.sort();
        self.log
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick(worker, period) if period == self.periods[worker] => {
                self.look(Probe::ALL[worker]);
                self.tick_after_a_period(worker);
            }
            Event::Tick(..) => {}
            Event::Exit => self.exits(),
            Event::Run => self.runs(),
            Event::Seen { running: true, started_at } => {
                self.prober.container_runs(started_at);
                self.at(0, Event::Sync);
            }
            Event::Seen { running: false, .. } => {
                self.prober.container_ends();
                self.at(0, Event::Sync);
            }
            Event::Triggered => {
                self.look(Probe::Readiness);
                self.periods[0] += 1;
                self.tick_after_a_period(0);
            }
            Event::Sync => self.sync(),
        }
    }

    fn tick_after_a_period(&mut self, worker: usize) {
        if let Some(spec) = self.prober.spec(Probe::ALL[worker]) {
            let tick = Event::Tick(worker, self.periods[worker]);
            self.at(spec.period.nanos() / 1_000_000, tick);
        }
    }

    fn look(&mut self, probe: Probe) {
        let before = self.prober.changes();
        if self.prober.look(probe, self.nanos()) {
            self.probe(probe);
        }
        for _ in before..self.prober.changes() {
            self.at(0, Event::Sync);
        }
    }

    fn probe(&mut self, probe: Probe) {
        let letter = probe.name()[..1].to_uppercase();
        if self.is_in(&format!("{letter}_error")) {
            return self.note(format!("{letter}?"));
        }
        let success = !self.is_in(&letter);
        self.note(format!("{letter}{}", if success { '+' } else { '-' }));
        if self.prober.answer(probe, success) {
            self.kill(probe.name());
        }
    }

    /// Whether the process is in an interval of this name.
    fn is_in(&self, name: &str) -> bool {
        let intervals = self.trace.fail_ms_since_start[usize::from(self.runs > 1)].get(name);
        let since = self.now - self.started_at;
        intervals.is_some_and(|it| it.iter().any(|&(from, to)| (from..to).contains(&since)))
    }

    fn kill(&mut self, why: &str) {
        if self.killing {
            return;
        }
        self.killing = true;
        self.note(format!("kill:{why}"));
        match self.trace.kill_ms {
            0 => self.exits(),
            after => self.at(after, Event::Exit),
        }
    }

    fn exits(&mut self) {
        self.note(format!("exit:{}", self.runs));
        match self.trace.backoff_ms {
            0 => self.runs(),
            after => {
                let seen = Event::Seen { running: false, started_at: self.started_at };
                self.at(self.trace.pleg_ms, seen);
                self.at(after, Event::Run);
            }
        }
    }

    fn runs(&mut self) {
        self.killing = false;
        self.runs += 1;
        self.started_at = self.now;
        self.note(format!("run:{}", self.runs));
        let seen = Event::Seen { running: true, started_at: self.nanos() };
        self.at(self.trace.pleg_ms, seen);
    }

    fn sync(&mut self) {
        if self.prober.sync() {
            self.at(0, Event::Triggered);
        }
        let (started, ready) = (self.prober.is_started(), self.prober.is_ready());
        let before = std::mem::replace(&mut self.flags, (started, ready));
        if before.0 != started {
            self.note(if started { "started" } else { "unstarted" });
        }
        if before.1 != ready {
            self.note(if ready { "ready" } else { "notready" });
        }
    }
}

#[test]
fn every_trace_of_the_kubelets_own_code_is_reproduced_to_the_millisecond() {
    let shared = ["probe_traces_1", "probe_traces_2", "probe_traces_3", "probe_traces_4"];
    let traces: Vec<Trace> = golden("probe_traces", &shared);
    assert!(traces.len() >= 252, "{} traces", traces.len());
    let mut entries = 0;
    for trace in &traces {
        let mut log = trace.log.clone();
        log.sort();
        entries += log.len();
        assert_eq!(Node::new(trace).run(), log, "trace {}", trace.id);
    }
    assert!(entries > 15_000, "{entries} entries");
}
