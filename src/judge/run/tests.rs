//! Runs of gates by the verdicts that they are given.

use super::*;
use crate::{
    judge::{Evidence, JudgeSpec, Threshold},
    model::{Against, MetricSpec, Population, Telemetry},
};

/// Gives one verdict after the other: `P`, `F`, `I`, `E`, `A` to accept or `-` for too few; `P` in
/// the end.
#[derive(Clone)]
struct Script {
    verdicts: &'static str,
    next: usize,
}

impl Judge for Script {
    fn assess(&mut self, _: &Observed<'_>, _: Subject) -> Assessment {
        let letter = self.verdicts.as_bytes().get(self.next);
        self.next += 1;
        let verdict = match letter {
            Some(b'F') => Verdict::Fail,
            Some(b'I') => Verdict::Inconclusive,
            Some(b'E') => Verdict::Error,
            Some(b'A') => Verdict::Accept,
            Some(b'-') => Verdict::TooFew,
            _ => Verdict::Pass,
        };
        let metric = MetricSpec::ErrorRate;
        Assessment { verdict, evidence: Evidence::nothing(metric, 0) }
    }

    fn lookback(&self, _: Span) -> Span {
        Span::ZERO
    }
}

const SUBJECT: Subject = Subject {
    candidate: Population::CANDIDATE,
    baseline: Population::STABLE,
    since: Instant::ZERO,
};

/// As a scenario that names only the judge has it, except for what the test sets.
fn spec(count: Option<u32>) -> GateSpec {
    let judge = JudgeSpec::Threshold(Threshold {
        metric: MetricSpec::ErrorRate,
        against: Against::Absolute,
        fail_above: None,
        pass_below: None,
        window: Span::from_secs(60),
        min_samples: 0,
        min_failures: 0,
    });
    GateSpec {
        name: "scripted".to_owned(),
        judge,
        count,
        failure_limit: 0,
        inconclusive_limit: 0,
        consecutive_error_limit: 4,
        no_data: None,
        dry_run: false,
    }
}

fn run(gates: &[(GateSpec, &'static str)]) -> AnalysisRun {
    let gate = |(spec, verdicts): &(GateSpec, &'static str)| {
        let judge = Box::new(Script { verdicts, next: 0 });
        Gate::new(spec, judge, Instant::ZERO)
    };
    AnalysisRun::of(gates.iter().map(gate).collect(), SUBJECT, Span::from_secs(60))
}

/// Seconds of all looks until the run is decided, at most 50 of them, and how it ends.
fn followed(gates: &[(GateSpec, &'static str)]) -> (AnalysisState, Vec<u64>) {
    let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
    let mut run = run(gates);
    let mut looks = Vec::new();
    while run.state() == AnalysisState::Running && looks.len() < 50 {
        run.tick(&telemetry.observed(run.due()), &mut looks);
    }
    (run.state(), looks.iter().map(|look| look.at.nanos() / 1_000_000_000).collect())
}

fn check(gate: GateSpec, verdicts: &'static str, state: AnalysisState, seconds: &[u64]) {
    assert_eq!(followed(&[(gate, verdicts)]), (state, seconds.to_vec()), "{verdicts}");
}

#[test]
fn the_first_failure_ends_a_run_unless_some_are_allowed() {
    check(spec(Some(3)), "PPP", AnalysisState::Passed, &[0, 60, 120]);
    check(spec(Some(3)), "PFP", AnalysisState::Failed, &[0, 60]);
    let two = GateSpec { failure_limit: 2, ..spec(Some(10)) };
    check(two, "FPFPPF", AnalysisState::Failed, &[0, 60, 120, 180, 240, 300]);
}

#[test]
fn failures_within_the_limit_pass_even_when_nothing_else_was_seen() {
    let lenient = GateSpec { failure_limit: 3, ..spec(Some(3)) };
    check(lenient, "FFF", AnalysisState::Passed, &[0, 60, 120]);
}

#[test]
fn inconclusive_looks_have_a_limit_of_their_own() {
    check(spec(Some(3)), "PI", AnalysisState::Inconclusive, &[0, 60]);
    let two = GateSpec { inconclusive_limit: 2, ..spec(Some(5)) };
    check(two.clone(), "IPIPP", AnalysisState::Passed, &[0, 60, 120, 180, 240]);
    check(two, "IIPI", AnalysisState::Inconclusive, &[0, 60, 120, 180]);
}

#[test]
fn five_looks_without_data_end_a_run_forty_seconds_after_the_first() {
    check(spec(Some(3)), "EEEEE", AnalysisState::Errored, &[0, 10, 20, 30, 40]);
    let strict = GateSpec { consecutive_error_limit: 0, ..spec(Some(3)) };
    check(strict, "PE", AnalysisState::Errored, &[0, 60]);
}

#[test]
fn errors_do_not_count_as_looks_and_only_those_in_a_row_add_up() {
    check(
        spec(Some(2)),
        "EEEEPEEEEP",
        AnalysisState::Passed,
        &[0, 10, 20, 30, 40, 100, 110, 120, 130, 140],
    );
}

#[test]
fn looks_with_too_few_samples_leave_every_count_as_it_was() {
    check(spec(Some(2)), "-P--P", AnalysisState::Passed, &[0, 60, 120, 180, 240]);
    check(spec(Some(2)), "EE-EEE", AnalysisState::Errored, &[0, 10, 20, 80, 90, 100]);
}

#[test]
fn without_a_count_a_gate_goes_on() {
    let (state, looks) = followed(&[(spec(None), "")]);
    assert_eq!((state, looks.len(), looks[49]), (AnalysisState::Running, 50, 49 * 60));
}

#[test]
fn a_run_passes_when_its_last_gate_has() {
    let gates = [(spec(Some(1)), "P"), (spec(Some(3)), "PPP")];
    assert_eq!(followed(&gates), (AnalysisState::Passed, vec![0, 0, 60, 120]));
}

#[test]
fn one_gate_that_goes_wrong_ends_the_run_and_the_worst_of_a_tick_counts() {
    let strict = GateSpec { consecutive_error_limit: 0, ..spec(None) };
    let (inconclusive, errored) = ((spec(None), "PI"), (strict, "PE"));
    let (failed, passing) = ((spec(None), "PF"), (spec(None), ""));
    let worst = |gates: &[(GateSpec, &'static str)]| followed(gates).0;
    assert_eq!(worst(&[passing.clone(), inconclusive.clone()]), AnalysisState::Inconclusive);
    assert_eq!(worst(&[errored.clone(), inconclusive.clone()]), AnalysisState::Errored);
    assert_eq!(worst(&[errored, failed, inconclusive, passing]), AnalysisState::Failed);
}

#[test]
fn a_gate_that_waits_for_data_does_not_hurry_the_others() {
    let gates = [(spec(Some(2)), "EPP"), (spec(Some(2)), "PP")];
    assert_eq!(followed(&gates), (AnalysisState::Passed, vec![0, 0, 10, 60, 70]));
}

#[test]
fn the_first_look_waits_for_the_initial_delay_and_a_late_look_delays_the_next() {
    let analysis = AnalysisSpec {
        interval: Span::from_secs(60),
        initial_delay: Span::from_secs(30),
        gates: vec![GateSpec { consecutive_error_limit: 9, ..spec(None) }],
    };
    let second = |it: u64| Instant::ZERO + Span::from_secs(it);
    let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
    let mut run = AnalysisRun::start(&analysis, &[], SUBJECT, second(100));
    let mut looks = Vec::new();
    assert_eq!(run.due(), second(130));
    run.tick(&telemetry.observed(second(129)), &mut looks);
    assert!(looks.is_empty());
    run.tick(&telemetry.observed(second(133)), &mut looks);
    assert_eq!((looks.len(), run.due()), (1, second(143)));
    assert_eq!(looks[0].assessment.verdict, Verdict::Error);
}

#[test]
fn a_gate_that_accepts_has_passed_at_once() {
    check(spec(Some(9)), "PPA", AnalysisState::Passed, &[0, 60, 120]);
    check(spec(None), "-A", AnalysisState::Passed, &[0, 60]);
}

#[test]
fn a_dry_run_is_looked_at_and_never_decides() {
    let dry = GateSpec { dry_run: true, ..spec(None) };
    let gates = [(dry, "F"), (spec(Some(2)), "PP")];
    assert_eq!(followed(&gates), (AnalysisState::Passed, vec![0, 0, 60]));
    let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
    let mut run = run(&gates);
    run.tick(&telemetry.observed(Instant::ZERO), &mut Vec::new());
    let states: Vec<AnalysisState> = run.gates().map(|it| it.1).collect();
    assert_eq!(states, [AnalysisState::Failed, AnalysisState::Running]);
}

#[test]
fn a_decided_run_looks_no_more() {
    let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
    let mut run = run(&[(spec(None), "F")]);
    let mut looks = Vec::new();
    assert_eq!(run.tick(&telemetry.observed(Instant::ZERO), &mut looks), AnalysisState::Failed);
    assert_eq!(run.due(), Instant::NEVER);
    let later = Instant::ZERO + Span::from_secs(600);
    assert_eq!(run.tick(&telemetry.observed(later), &mut looks), AnalysisState::Failed);
    assert_eq!(looks.len(), 1);
}
