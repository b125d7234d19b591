//! Strategies: reconcilers that look at a [`View`] and answer with [`Action`]s.
//!
//! A strategy cannot see the truth, the faults or the seed. It is called whenever what it sees has
//! changed and at the moment it asked for; calling it once more than needed must change nothing.

use crate::model::{Action, UserMatch, View, Wake};

mod course;
mod deploy;
mod gate;
mod ramp;
mod retreat;
#[cfg(test)]
mod script;

pub use canary::{CanaryBy, CanaryStep};
pub use course::OnFailure;
pub use canary_flag::FlagRamp;
pub use feature_flag::{FlagStep, OnFlagFailure};
pub use gate::{AnalysisMode, OnInconclusive};

/// What a strategy answers to, each time it is called.
pub trait Strategy: Send {
    /// How requests find their release; fixed for the whole rollout.
    fn routing(&self) -> Routing;

    /// Whether it starts the scenario's analysis; without one, nothing watches its steps.
    fn uses_analysis(&self) -> bool;

    /// Looks at the rollout, adds what should be done now, and says when to look again.
    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake;
}

/// How requests find their release.
#[derive(Clone, Debug, PartialEq)]
pub enum Routing {
    /// By instances: all ready instances of both releases stand behind the balancer together.
    Instances,
    /// By weight, each request anew.
    Requests,
    /// By weight, the same for all requests of a user.
    Users,
    /// Users who match any of these meet the candidate first; the weight is a share of them.
    Attributes(Vec<UserMatch>),
}

catalog! {
    /// How the new release is shipped.
    StrategySpec builds Box<dyn Strategy> {
        "all_at_once" => all_at_once::AllAtOnce,
        "recreate" => recreate::Recreate,
        "rolling" => rolling::Rolling,
        "blue_green" => blue_green::BlueGreen,
        "canary" => canary::Canary,
        "feature_flag" => feature_flag::FeatureFlag,
        "canary_flag" => canary_flag::CanaryFlag,
    }
}
