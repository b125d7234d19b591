//! Replaces everything at the same moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Routing, Strategy};
use crate::model::{Action, MigrationState, Phase, ReleaseId, View, Wake};

/// Everything at once: the old release is stopped and the new one started in the same moment, the
/// migration with it. The bot is away until the new instances are ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllAtOnce {}

impl AllAtOnce {
    pub(super) fn build(&self) -> Box<dyn Strategy> {
        Box::new(State { begun: false })
    }
}

struct State {
    begun: bool,
}

impl Strategy for State {
    fn routing(&self) -> Routing {
        Routing::Instances
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if !self.begun {
            self.begun = true;
            actions.push(Action::Enter(Phase::Progressing, "replacing everything".to_owned()));
            if view.migration == MigrationState::Pending {
                actions.push(Action::Migrate);
            }
            actions.push(Action::Scale { release: ReleaseId::Stable, replicas: 0 });
            actions.push(Action::Scale { release: ReleaseId::Candidate, replicas: view.fleet });
        }
        if view.candidate.ready() >= view.fleet {
            actions.push(Action::Enter(Phase::Completed, "every instance is new".to_owned()));
        }
        Wake::OnChange
    }
}
