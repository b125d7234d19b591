//! Strategies: reconcilers that look at a [`View`] and answer with [`Action`]s.
//!
//! A strategy cannot see the truth, the faults or the seed. It is called whenever what it sees has
//! changed and at the moment it asked for; calling it once more than needed must change nothing.

use crate::model::{Action, UserMatch, View, Wake};

/// What a strategy answers to, each time it is called.
pub trait Strategy: Send {
    /// How requests find their release; fixed for the whole rollout.
    fn routing(&self) -> Routing;

    /// Whether users meet the candidate only where a feature flag is on for them.
    fn uses_flag(&self) -> bool {
        false
    }

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
    }
}
