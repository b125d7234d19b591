//! The knob of a canary: which share of the traffic meets the candidate, and with how many
//! replicas.

use super::{
    deploy::await_available,
    leg::{Patience, Step, ask_for},
    ramp::Knob,
};
use crate::{
    model::{Action, Amount, ReleaseId, View},
    units::{Ratio, Span},
};

/// Replicas first, then the weight.
#[derive(Clone)]
pub(super) struct Traffic {
    /// Weights, and what a person reads once each is reached.
    pub steps: Vec<(Ratio, String)>,
    pub by_instances: bool,
    pub match_replicas: bool,
    pub min_ready: Span,
    pub patience: Patience,
    /// Set last; nothing before the first.
    pub weight: Option<Ratio>,
}

impl Traffic {
    /// Replicas of candidate and stable for a step.
    fn replicas(&self, step: usize, fleet: u32) -> (u32, u32) {
        let weight = self.steps[step].0;
        if self.by_instances {
            return by_instances(weight, fleet);
        }
        let matched = Amount::Part(weight).rounded_up(fleet).max(1);
        (if self.match_replicas { matched } else { fleet }, fleet)
    }
}

impl Knob for Traffic {
    fn turn(&mut self, step: usize, view: &View, actions: &mut Vec<Action>) -> Step {
        let weight = self.steps[step].0;
        let (candidate, stable) = self.replicas(step, view.fleet);
        if !self.by_instances && self.weight.is_some_and(|it| weight < it) {
            self.weight = Some(weight);
            actions.push(Action::Weight(weight));
        }
        ask_for(ReleaseId::Candidate, candidate, view, actions);
        let wanted = (ReleaseId::Candidate, candidate);
        let step_taken = await_available(wanted, self.min_ready, &mut self.patience, view);
        if step_taken != Step::Done {
            return step_taken;
        }
        if !self.by_instances && self.weight != Some(weight) {
            actions.push(Action::Weight(weight));
        }
        self.weight = Some(weight);
        ask_for(ReleaseId::Stable, stable, view, actions);
        actions.push(Action::Note(self.steps[step].1.clone()));
        Step::Done
    }

    fn keep(&mut self, step: usize, view: &View, actions: &mut Vec<Action>) {
        let (candidate, stable) = self.replicas(step, view.fleet);
        ask_for(ReleaseId::Candidate, candidate, view, actions);
        ask_for(ReleaseId::Stable, stable, view, actions);
    }

    fn sizes(&self, release: ReleaseId, held: bool) -> bool {
        held || release == ReleaseId::Candidate
    }

    fn name(&self, step: usize) -> String {
        self.steps[step].1.clone()
    }

    fn ends_here(&self) -> bool {
        self.steps.last().is_some_and(|it| it.0.is_one())
    }

    fn renew(&mut self) {
        self.patience.renew();
    }

    fn relieve(&mut self, _why: &str, _actions: &mut Vec<Action>) -> bool {
        false
    }

    fn reject(&self, why: String, _actions: &mut Vec<Action>) -> Step {
        Step::Failed(why)
    }
}

/// Replicas of candidate and stable whose share comes closest to a weight, as Argo Rollouts'
/// canary without traffic routing has them: the total is the fleet or one more, ties round up, and
/// both keep at least one instance between 0 % and 100 %.
fn by_instances(weight: Ratio, fleet: u32) -> (u32, u32) {
    if weight.is_zero() || fleet == 0 {
        return (0, fleet);
    }
    if weight.is_one() {
        return (fleet, 0);
    }
    let exact = |total: u32| f64::from(total) * weight.get();
    let tied = |total: u32| (exact(total).fract() - 0.5).abs() < 1e-9;
    let up = Amount::Part(weight).rounded_up(fleet);
    let down = Amount::Part(weight).rounded_down(fleet);
    let off =
        |candidate: u32, total: u32| (f64::from(candidate) / f64::from(total) - weight.get()).abs();
    let options = [
        (up < fleet).then_some((up, fleet)),
        (down > 0 && !tied(fleet)).then_some((down, fleet)),
        Some((up, fleet + 1)),
        (down > 0 && !tied(fleet + 1)).then_some((down, fleet + 1)),
    ];
    let mut best = (up, fleet + 1);
    let mut least = f64::INFINITY;
    for (candidate, total) in options.into_iter().flatten() {
        let distance = off(candidate, total);
        if distance < least - 1e-12 {
            least = distance;
            best = (candidate, total);
        }
    }
    (best.0, best.1 - best.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_share_of_instances_is_that_of_argo_rollouts() {
        for (weight, fleet, expected) in [
            (0.2, 5, (1, 4)),
            (0.5, 3, (2, 2)),
            (0.05, 1, (1, 1)),
            (0.95, 1, (1, 1)),
            (0.01, 10, (1, 10)),
            (0.25, 10, (3, 8)),
            (0.99, 10, (10, 1)),
            (0.0, 5, (0, 5)),
            (1.0, 5, (5, 0)),
        ] {
            assert_eq!(by_instances(Ratio::clamped(weight), fleet), expected, "{weight} {fleet}");
        }
    }
}
