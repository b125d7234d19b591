//! The measurements of an analysis: when they are due, and what the strategy learns of them.

use super::under_way::UnderWay;
use crate::{
    judge::{AnalysisRun, Measurement, Subject, Tally},
    model::{AnalysisId, AnalysisState, Compared},
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
    pub(super) fn start_analysis(&mut self, id: AnalysisId, compared: &Compared) {
        let Some(spec) = &self.plan.scenario.analysis else { return };
        let &Compared { candidate, baseline, ref gates } = compared;
        let now = self.instant();
        let subject = Subject { candidate, baseline, since: now };
        let rollout = &mut self.control.rollout;
        rollout.analyses.reach(id, UnderWay::default());
        rollout.analyses[id].run = Some(AnalysisRun::start(spec, gates, subject, now));
        rollout.seen.set_analysis(id, Some(AnalysisState::Running));
        self.schedule_look(id);
    }

    pub(super) fn stop_analysis(&mut self, id: AnalysisId) {
        self.control.rollout.analyses.reach(id, UnderWay::default());
        self.control.rollout.analyses[id].run = None;
        self.control.rollout.seen.set_analysis(id, None);
    }

    fn schedule_look(&mut self, analysis: AnalysisId) {
        let now = self.instant();
        let under_way = &mut self.control.rollout.analyses[analysis];
        let Some(run) = &under_way.run else { return };
        let due = run.due();
        if due < Instant::NEVER {
            under_way.look += 1;
            let number = under_way.look;
            self.schedule(due.since(now), Event::Look { analysis, number });
        }
    }

    pub(in crate::sim) fn look(&mut self, analysis: AnalysisId, number: u32) {
        if number == self.control.rollout.analyses[analysis].look {
            self.scrape_before_a_look();
        }
        let now = self.instant();
        let under_way = &mut self.control.rollout.analyses[analysis];
        let Some(run) = under_way.run.as_mut().filter(|_| number == under_way.look) else { return };
        let mut measurements = Vec::new();
        let state = run.tick(&self.books.monitor.observed(now), &mut measurements);
        if self.control.rollout.gates.is_empty() {
            let gates = self.plan.scenario.analysis.iter().flat_map(|it| &it.gates);
            self.control.rollout.gates = gates.map(|it| GateOutcome::new(&it.name)).collect();
        }
        for (name, state) in run.gates() {
            let gate = self.control.rollout.gates.iter_mut().find(|it| it.name == name);
            let gate = gate.expect("an analysis has the gates of the scenario");
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
        self.control.rollout.seen.set_analysis(analysis, Some(state));
        if state == AnalysisState::Running {
            self.schedule_look(analysis);
        } else {
            self.control.rollout.analyses[analysis].run = None;
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
        let rollout = &mut self.control.rollout;
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
        if self.books.told.is_kept() && self.control.rollout.measurements.len() < MEASUREMENTS_MAX {
            self.control.rollout.measurements.push(measurement);
        }
    }
}
