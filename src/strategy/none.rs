//! No rollout: the fleet as it is.

use super::{
    Crossing, Paces, RolloutWay, Routing, Strategy, StrategyKind, StrategySpec, WrittenRamp,
};
use crate::{
    model::{Action, View, Wake},
    units::Span,
};

/// Asks for nothing, and is never asked.
#[derive(Clone, Copy, Debug)]
pub struct NoRollout;

impl StrategyKind for NoRollout {
    fn build(&self) -> Box<dyn Strategy> {
        Box::new(*self)
    }

    fn ships(&self) -> bool {
        false
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        false
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        Vec::new()
    }

    fn way(&self, _paces: &dyn Paces) -> RolloutWay {
        RolloutWay::default()
    }

    fn crossing(&self) -> Crossing {
        Crossing::NotSplit
    }

    fn upkeep_minutes(&self) -> f64 {
        0.0
    }

    fn noun(&self) -> &'static str {
        "no rollout"
    }

    fn plain(_hold: Span) -> Option<StrategySpec> {
        None
    }
}

impl Strategy for NoRollout {
    fn routing(&self) -> Routing {
        Routing::Instances
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn ships(&self) -> bool {
        false
    }

    fn reconcile(&mut self, _view: &View, _actions: &mut Vec<Action>) -> Wake {
        Wake::OnChange
    }
}
