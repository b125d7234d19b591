//! A run of gates with Argo's counters: measurements, limits, and what they come to.
//!
//! Tick for tick what Argo Rollouts' `analysis.go` does with an `AnalysisRun`, its query taking no
//! time. Different here: measurements with too few samples are left out of every count, where
//! Argo's users write a guard into the condition (`result[0] < 20 || ...`), which then counts as a
//! success; a judge may accept, which ends its gate well at once; one interval holds for all gates;
//! a limit cannot be switched off; there is no `consecutiveSuccessLimit`. As there, and easily
//! overlooked: failures are added up over the whole run, in a row or not, and a gate that reaches
//! its count has passed, however many failures it was allowed.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Serialize;

use super::{AnalysisSpec, Assessment, GateSpec, Judge, Subject, Verdict};
use crate::{
    model::{AnalysisState, Observed},
    units::{Instant, Span},
};

/// After a measurement without data, the next comes this much later, whatever the interval: Argo's
/// `DefaultErrorRetryInterval`.
pub(super) const ERROR_RETRY: Span = Span::from_secs(10);

/// One measurement of one gate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    pub at: Instant,
    pub gate: String,
    /// Whether the gate only looks and never decides.
    pub dry_run: bool,
    pub assessment: Assessment,
}

/// A run of all gates, from its start until it is decided.
#[derive(Clone)]
pub struct AnalysisRun {
    gates: Vec<Gate>,
    subject: Subject,
    interval: Span,
    state: AnalysisState,
}

impl AnalysisRun {
    /// Starts now, with the gates of these names, all where there is none; the first measurement comes after the
    /// initial delay. The interval must not be zero.
    pub fn start(spec: &AnalysisSpec, only: &[String], subject: Subject, now: Instant) -> Self {
        assert!(!spec.interval.is_zero(), "looks need time between them");
        let first = now.saturating_add(spec.initial_delay);
        let meant = |it: &&GateSpec| only.is_empty() || only.contains(&it.name);
        let gates = spec.gates.iter().filter(meant);
        let gates = gates.map(|it| Gate::new(it, it.judge.build(), first)).collect();
        Self::of(gates, subject, spec.interval)
    }

    fn of(gates: Vec<Gate>, subject: Subject, interval: Span) -> Self {
        let state = gravest(&gates);
        Self { gates, subject, interval, state }
    }

    /// The next moment at which a measurement is due; [`Instant::NEVER`] once the run is decided.
    pub fn due(&self) -> Instant {
        if self.state != AnalysisState::Running {
            return Instant::NEVER;
        }
        let open = self.gates.iter().filter(|gate| gate.state == AnalysisState::Running);
        open.map(|gate| gate.due).min().unwrap_or(Instant::NEVER)
    }

    /// Does the measurements that are due, one for each gate, and adds them to `out` in the order
    /// of the gates. The run is decided once one gate has gone wrong, the others unfinished, or all
    /// have passed.
    pub fn tick(&mut self, observed: &Observed<'_>, out: &mut Vec<Measurement>) -> AnalysisState {
        if self.state != AnalysisState::Running {
            return self.state;
        }
        let at = observed.now();
        for gate in &mut self.gates {
            if gate.state == AnalysisState::Running && gate.due <= at {
                let assessment = gate.look(observed, self.subject, self.interval);
                let GateSpec { name, dry_run, .. } = &*gate.spec;
                out.push(Measurement { at, gate: name.clone(), dry_run: *dry_run, assessment });
            }
        }
        self.state = gravest(&self.gates);
        self.state
    }

    pub const fn state(&self) -> AnalysisState {
        self.state
    }

    /// Where each gate stands, in the order of the gates; those of a dry run as if they counted.
    pub fn gates(&self) -> impl Iterator<Item = (&str, AnalysisState)> {
        self.gates.iter().map(|gate| (gate.spec.name.as_str(), gate.state))
    }
}

/// State of a run: running until every gate has passed or one has not.
fn gravest(gates: &[Gate]) -> AnalysisState {
    gates.iter().map(Gate::counted).max().unwrap_or(AnalysisState::Passed)
}

/// A gate and what it has seen.
#[derive(Clone)]
struct Gate {
    spec: Arc<GateSpec>,
    judge: Box<dyn Judge>,
    due: Instant,
    state: AnalysisState,
    looks: u32,
    failed: u32,
    inconclusive: u32,
    consecutive_errors: u32,
    accepted: bool,
}

impl Gate {
    /// What its state counts for: a dry run has passed, however it ended.
    fn counted(&self) -> AnalysisState {
        let over = self.spec.dry_run && self.state != AnalysisState::Running;
        if over { AnalysisState::Passed } else { self.state }
    }

    fn new(spec: &GateSpec, judge: Box<dyn Judge>, due: Instant) -> Self {
        Self {
            spec: Arc::new(spec.clone()),
            judge,
            due,
            state: AnalysisState::Running,
            looks: 0,
            failed: 0,
            inconclusive: 0,
            consecutive_errors: 0,
            accepted: false,
        }
    }

    fn look(&mut self, observed: &Observed<'_>, subject: Subject, interval: Span) -> Assessment {
        let mut assessment = self.judge.assess(observed, subject);
        assessment.verdict = self.spec.verdict(&assessment);
        self.book(assessment.verdict);
        self.state = self.assessed();
        let wait = if assessment.verdict == Verdict::Error { ERROR_RETRY } else { interval };
        self.due = observed.now().saturating_add(wait);
        assessment
    }

    fn book(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::TooFew => return,
            Verdict::Error => {
                self.consecutive_errors += 1;
                return;
            }
            Verdict::Pass => {}
            Verdict::Accept => self.accepted = true,
            Verdict::Fail => self.failed += 1,
            Verdict::Inconclusive => self.inconclusive += 1,
        }
        self.looks += 1;
        self.consecutive_errors = 0;
    }

    /// Argo's `assessMetricStatus`; of the limits, the later one overrides.
    fn assessed(&self) -> AnalysisState {
        let mut state = AnalysisState::Running;
        if self.failed > self.spec.failure_limit {
            state = AnalysisState::Failed;
        }
        if self.inconclusive > self.spec.inconclusive_limit {
            state = AnalysisState::Inconclusive;
        }
        if self.consecutive_errors > self.spec.consecutive_error_limit {
            state = AnalysisState::Errored;
        }
        let counted = self.spec.count.is_some_and(|count| self.looks >= count);
        let done = counted || self.accepted;
        if state == AnalysisState::Running && done { AnalysisState::Passed } else { state }
    }
}
