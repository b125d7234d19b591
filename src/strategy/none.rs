//! No rollout: the fleet as it is.

use super::{Routing, Strategy, StrategyKind};
use crate::model::{Action, View, Wake};

/// Asks for nothing, and is never asked.
#[derive(Clone, Copy, Debug)]
pub struct NoRollout;

impl StrategyKind for NoRollout {
    fn build(&self) -> Box<dyn Strategy> {
        Box::new(*self)
    }
}

impl Strategy for NoRollout {
    fn routing(&self) -> Routing {
        Routing::Instances
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        false
    }

    fn ships(&self) -> bool {
        false
    }

    fn reconcile(&mut self, _view: &View, _actions: &mut Vec<Action>) -> Wake {
        Wake::OnChange
    }
}
