//! The steps of a rollout and what became of each, as `kubectl argo rollouts get rollout` shows them.

use crate::{
    judge::Tally,
    model::Phase,
    sim::{
        PhaseMark,
        outcome::{StepOutcome, StepState},
        world::World,
    },
    units::Instant,
};

impl World<'_> {
    /// Every step, and the rollback as one more.
    pub(in crate::sim) fn steps(&self) -> Vec<StepOutcome> {
        let texts = self.control.rollout.strategy.steps().into_iter().enumerate();
        let mut steps: Vec<StepOutcome> =
            texts.map(|(step, text)| self.outcome_of(step, text)).collect();
        steps.extend(self.rollback_as_step());
        steps
    }

    fn outcome_of(&self, step: usize, text: String) -> StepOutcome {
        let done = &self.control.rollout.steps_done;
        // the way ahead is over with the first of these, whatever people do later
        let ends = |it: &&PhaseMark| it.phase.is_final() || it.phase == Phase::RollingBack;
        let course = self.books.ledger.course();
        let over = course.phases.iter().find(ends).map(|it| it.at.nanos());
        let state = match (step.cmp(&done.len()), over, course.begun) {
            (std::cmp::Ordering::Less, ..) => StepState::Done,
            (std::cmp::Ordering::Equal, Some(_), _) => StepState::Failed,
            (std::cmp::Ordering::Greater, Some(_), _) => StepState::Skipped,
            (std::cmp::Ordering::Equal, None, Some(_)) => StepState::Running,
            (std::cmp::Ordering::Equal, None, None) | (std::cmp::Ordering::Greater, None, _) => {
                StepState::Pending
            }
        };
        let began = match step.checked_sub(1) {
            None => course.begun,
            Some(before) => done.get(before).copied(),
        };
        let ended = done.get(step).copied().or_else(|| over.filter(|_| state == StepState::Failed));
        let at = |it: Option<u64>| it.map(Instant::from_nanos);
        StepOutcome { text, state, began: at(began), ended: at(ended), gates: self.seen_in(step) }
    }

    fn seen_in(&self, step: usize) -> Vec<(String, Tally)> {
        let of_step = self.control.rollout.step_tallies.iter().filter(|it| it.0 == step);
        let tallies = of_step.flat_map(|it| self.control.rollout.gates.iter().zip(&it.1));
        let looked = tallies.filter(|(_, tally)| !tally.is_empty());
        looked.map(|(gate, tally)| (gate.name.clone(), tally.clone())).collect()
    }

    fn rollback_as_step(&self) -> Option<StepOutcome> {
        let course = self.books.ledger.course();
        let began = course.way_home_from?;
        let state = match self.control.rollout.phase {
            Phase::RolledBack => StepState::Done,
            Phase::Failed => StepState::Failed,
            Phase::Pending
            | Phase::Progressing
            | Phase::Paused
            | Phase::RollingBack
            | Phase::Completed => StepState::Running,
        };
        // where a flag goes off, the rollout is over before every instance has heard of it
        let ended = course.rested.map(|it| it.max(course.home.unwrap_or(it)));
        Some(StepOutcome {
            text: "roll back".to_owned(),
            state,
            began: Some(Instant::from_nanos(began)),
            ended: ended.map(Instant::from_nanos),
            gates: Vec::new(),
        })
    }
}
