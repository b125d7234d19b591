//! The knob of a canary: which share of the traffic meets the candidate, and with how many
//! replicas.

use super::{
    deploy::await_available,
    leg::{Patience, Step, ask_for},
    ramp::Knob,
};
use crate::{
    model::{Action, Amount, GroupId, View},
    units::{Ratio, Span},
};

/// How a canary sizes both releases at its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizing {
    /// In proportion: how many instances each has is its share of the traffic.
    InProportion,
    /// The candidate by its weight, the old release in full.
    ByWeight,
    /// Both in full.
    Full,
}

impl Sizing {
    /// Replicas of candidate and stable at a weight.
    pub fn replicas(self, weight: Ratio, fleet: u32) -> (u32, u32) {
        match self {
            Self::InProportion => by_instances(weight, fleet),
            Self::ByWeight => (Amount::Part(weight).rounded_up(fleet).max(1), fleet),
            Self::Full => (fleet, fleet),
        }
    }

    /// Share of the traffic that a weight gives the candidate.
    pub fn share(self, weight: Ratio, fleet: u32) -> f64 {
        match self {
            Self::InProportion => {
                let (candidate, stable) = self.replicas(weight, fleet);
                f64::from(candidate) / f64::from((candidate + stable).max(1))
            }
            Self::ByWeight | Self::Full => weight.get(),
        }
    }
}

/// A weight on the way.
#[derive(Clone)]
pub(super) struct Turn {
    pub weight: Ratio,
    /// What a person reads once it is reached.
    pub words: String,
    /// Replicas of candidate and stable that it came to.
    pub reached: Option<(u32, u32)>,
}

/// Replicas first, then the weight.
#[derive(Clone)]
pub(super) struct Traffic {
    pub steps: Vec<Turn>,
    pub sizing: Sizing,
    pub min_ready: Span,
    pub patience: Patience,
    /// Set last; nothing before the first.
    pub weight: Option<Ratio>,
}

impl Traffic {
    /// Replicas of candidate and stable for a step.
    fn replicas(&self, step: usize, fleet: u32) -> (u32, u32) {
        self.sizing.replicas(self.steps[step].weight, fleet)
    }
}

impl Knob for Traffic {
    fn turn(&mut self, step: usize, view: &View, actions: &mut Vec<Action>) -> Step {
        let weight = self.steps[step].weight;
        let by_instances = self.sizing == Sizing::InProportion;
        let (candidate, stable) = self.replicas(step, view.fleet);
        if !by_instances && self.weight.is_some_and(|it| weight < it) {
            self.weight = Some(weight);
            actions.push(Action::candidate_gets(weight));
        }
        ask_for(GroupId::CANDIDATE, candidate, view, actions);
        let wanted = (GroupId::CANDIDATE, candidate);
        let step_taken = await_available(wanted, self.min_ready, &mut self.patience, view);
        if step_taken != Step::Done {
            return step_taken;
        }
        if !by_instances && self.weight != Some(weight) {
            actions.push(Action::candidate_gets(weight));
        }
        self.weight = Some(weight);
        ask_for(GroupId::STABLE, stable, view, actions);
        self.steps[step].reached = Some((candidate, stable));
        actions.push(Action::Note(self.name(step)));
        Step::Done
    }

    fn keep(&mut self, step: usize, view: &View, actions: &mut Vec<Action>) {
        let (candidate, stable) = self.replicas(step, view.fleet);
        ask_for(GroupId::CANDIDATE, candidate, view, actions);
        ask_for(GroupId::STABLE, stable, view, actions);
    }

    fn sizes(&self, group: GroupId, held: bool) -> bool {
        held || group == GroupId::CANDIDATE
    }

    fn name(&self, step: usize) -> String {
        let Turn { weight, words, reached } = &self.steps[step];
        match reached {
            // of whole instances, few make just the share that is written
            Some((candidate, stable))
                if self.sizing == Sizing::InProportion && !weight.is_one() =>
            {
                format!("{words} ({candidate} of {})", candidate + stable)
            }
            Some(_) | None => words.clone(),
        }
    }

    fn ends_here(&self) -> bool {
        self.steps.last().is_some_and(|it| it.weight.is_one())
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
