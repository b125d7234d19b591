//! The measurements of an analysis: when they are due, and what the strategy learns of them.

use crate::{
    judge::{AnalysisRun, Measurement, Subject, Tally},
    model::{AnalysisState, Group},
    sim::{
        Topic,
        outcome::GateOutcome,
        world::{Event, World},
    },
    units::Instant,
};
/// Measurements that one trial keeps.
const MEASUREMENTS_MAX: usize = 20_000;

impl World<'_> {
    pub(super) fn start_analysis(&mut self, of_feature: bool) {
        let Some(spec) = &self.plan.scenario.analysis else { return };
        let (candidate, baseline) = if of_feature {
            (Group::FlagOn, Group::FlagOff)
        } else {
            (Group::Candidate, Group::Stable)
        };
        let subject = Subject { candidate, baseline, since: self.instant() };
        self.rollout.analysis = Some(AnalysisRun::start(spec, subject, self.instant()));
        self.rollout.seen.set_analysis(Some(AnalysisState::Running));
        self.schedule_look();
    }

    fn schedule_look(&mut self) {
        let Some(run) = &self.rollout.analysis else { return };
        let due = run.due();
        if due < Instant::NEVER {
            self.rollout.look += 1;
            let number = self.rollout.look;
            self.schedule(due.since(self.instant()), Event::Look(number));
        }
    }

    pub(in crate::sim) fn look(&mut self, number: u32) {
        if number != self.rollout.look {
            return;
        }
        let now = self.instant();
        let Some(run) = &mut self.rollout.analysis else { return };
        let mut measurements = Vec::new();
        let state = run.tick(&self.books.monitor.observed(now), &mut measurements);
        if self.rollout.gates.is_empty() {
            let fresh = |(name, _): (&str, AnalysisState)| GateOutcome {
                name: name.to_owned(),
                looks: 0,
                objection: None,
                tally: Tally::default(),
            };
            self.rollout.gates = run.gates().map(fresh).collect();
        }
        for (gate, (name, state)) in self.rollout.gates.iter_mut().zip(run.gates()) {
            gate.looks += measurements.iter().filter(|it| it.gate == name).count() as u64;
            if gate.objection.is_none() && state > AnalysisState::Running {
                gate.objection = Some((now, state));
            }
        }
        let ended = state != AnalysisState::Running;
        let came_to = run.gates().filter(|it| ended && it.1 == state);
        let came_to: Vec<String> = came_to.map(|it| it.0.to_owned()).collect();
        if measurements.iter().any(|it| it.is_failure() && !it.dry_run) {
            self.books.ledger.detected(self.now);
        }
        self.tally(&measurements);
        let decides = |it: &&Measurement| came_to.contains(&it.gate) && !it.dry_run;
        let deciding = measurements.iter().rfind(decides).map(Measurement::to_string);
        for measurement in measurements {
            self.book_measurement(measurement);
        }
        self.rollout.seen.set_analysis(Some(state));
        if state == AnalysisState::Running {
            self.schedule_look();
        } else {
            self.rollout.analysis = None;
            self.note(Topic::Verdict, |_| {
                let text = match state {
                    AnalysisState::Passed => "analysis passed",
                    AnalysisState::Failed => "analysis failed",
                    AnalysisState::Inconclusive => "analysis inconclusive",
                    AnalysisState::Errored | AnalysisState::Running => "analysis ended in an error",
                };
                (text, deciding.unwrap_or_default())
            });
        }
    }

    /// Counts what the gates have seen, of the whole rollout and of its present step.
    fn tally(&mut self, measurements: &[Measurement]) {
        let rollout = &mut self.rollout;
        let step = rollout.steps_done.len();
        if rollout.step_tallies.last().is_none_or(|it| it.0 != step) {
            let fresh = rollout.gates.iter().map(|_| Tally::default()).collect();
            rollout.step_tallies.push((step, fresh));
        }
        let of_step = rollout.step_tallies.last_mut().into_iter().flat_map(|it| &mut it.1);
        for (gate, tally) in rollout.gates.iter_mut().zip(of_step) {
            for it in measurements.iter().filter(|it| it.gate == gate.name) {
                gate.tally.add(&it.assessment);
                tally.add(&it.assessment);
            }
        }
    }

    fn book_measurement(&mut self, measurement: Measurement) {
        if measurement.is_failure() {
            self.note(Topic::Verdict, |_| (measurement.to_string(), ""));
        }
        if self.books.told.is_kept() && self.rollout.measurements.len() < MEASUREMENTS_MAX {
            self.rollout.measurements.push(measurement);
        }
    }
}
