//! What all plain strategies share: a list of legs for the rollout, another for the rollback, and
//! the phases that the operator sees meanwhile. A strategy's own file only lists the legs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Routing, Strategy,
    leg::{Legs, Step, ask_for, follow},
    retreat::{Turned, Way},
};
use crate::model::{Action, AnalysisState, Phase, ReleaseId, View, Wake};

/// What a strategy does when the rollout cannot go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Rolls back to the old release.
    #[default]
    RollBack,
    /// Stops half-way and leaves everything as it is, for the operator to decide.
    Halt,
}

/// A strategy, put together.
pub(super) struct Workflow {
    pub routing: Routing,
    pub uses_analysis: bool,
    pub uses_flag: bool,
    pub opening: &'static str,
    pub arrival: &'static str,
    pub legs: Legs,
    pub back: Way,
    pub on_failure: OnFailure,
}

impl Workflow {
    pub(super) fn boxed(self) -> Box<dyn Strategy> {
        Box::new(State {
            workflow: self,
            at: 0,
            phase: WorkflowPhase::Ahead,
            turned: Turned::default(),
            heeded: false,
            fleet: 0,
        })
    }
}

struct State {
    workflow: Workflow,
    /// Legs that are done, of the list that is being walked.
    at: usize,
    phase: WorkflowPhase,
    turned: Turned,
    /// Whether the order to undo has been taken up.
    heeded: bool,
    /// Size of the fleet when it was last looked at.
    fleet: u32,
}

enum WorkflowPhase {
    Ahead,
    Advancing,
    Retreating {
        legs: Legs,
        why: String,
    },
    /// Over, with this release serving.
    Rest(ReleaseId),
    /// Over, with nothing to maintain.
    Stuck,
}

impl State {
    fn retreat(&mut self, why: String, view: &View, actions: &mut Vec<Action>) {
        actions.push(Action::Enter(Phase::RollingBack, why.clone()));
        drop_analysis(view, actions);
        let legs = self.workflow.back.legs(view, self.turned);
        self.at = 0;
        self.phase = WorkflowPhase::Retreating { legs, why };
    }

    fn advance(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let before = actions.len();
        let step = walk(&mut self.workflow.legs, &mut self.at, view, actions);
        for action in &actions[before..] {
            self.turned.flag |= matches!(action, Action::Flag(_));
            self.turned.weight |= matches!(action, Action::Weight(_));
        }
        match step {
            Step::Going(wake) => return wake,
            Step::Done => {
                drop_analysis(view, actions);
                actions.push(Action::Enter(Phase::Completed, self.workflow.arrival.to_owned()));
                self.phase = WorkflowPhase::Rest(ReleaseId::Candidate);
            }
            Step::Failed(why) if self.workflow.on_failure == OnFailure::Halt => {
                drop_analysis(view, actions);
                actions
                    .push(Action::Enter(Phase::Failed, format!("{why}; rollout stopped half-way")));
                self.phase = WorkflowPhase::Stuck;
            }
            Step::Failed(why) | Step::GoBack(why) => {
                self.retreat(why, view, actions);
                return self.fall_back(view, actions);
            }
            Step::SwitchedOff(why) => {
                drop_analysis(view, actions);
                actions.push(Action::Enter(Phase::RollingBack, why.clone()));
                let off = format!("{why}; the feature is off, the code stays");
                actions.push(Action::Enter(Phase::RolledBack, off));
                self.phase = WorkflowPhase::Rest(ReleaseId::Candidate);
            }
        }
        Wake::OnChange
    }

    fn fall_back(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let WorkflowPhase::Retreating { legs, why } = &mut self.phase else {
            return Wake::OnChange;
        };
        match walk(legs, &mut self.at, view, actions) {
            Step::Going(wake) => return wake,
            Step::Done => {
                actions.push(Action::Enter(Phase::RolledBack, std::mem::take(why)));
                self.phase = WorkflowPhase::Rest(ReleaseId::Stable);
            }
            Step::Failed(problem) | Step::GoBack(problem) | Step::SwitchedOff(problem) => {
                let text = format!("rollback failed: {problem}");
                actions.push(Action::Enter(Phase::Failed, text));
                self.phase = WorkflowPhase::Stuck;
            }
        }
        Wake::OnChange
    }

    /// An autoscaler may change the size of the fleet at any time: what no leg sizes follows.
    fn follow_fleet(&mut self, view: &View, actions: &mut Vec<Action>) {
        let before = std::mem::replace(&mut self.fleet, view.fleet);
        if let WorkflowPhase::Rest(serving) = self.phase {
            ask_for(serving, view.fleet, view, actions);
        } else if before != view.fleet && before > 0 {
            let legs = match &self.phase {
                WorkflowPhase::Retreating { legs, .. } => legs,
                WorkflowPhase::Ahead
                | WorkflowPhase::Advancing
                | WorkflowPhase::Rest(_)
                | WorkflowPhase::Stuck => &self.workflow.legs,
            };
            let leg = legs.get(self.at).filter(|_| !matches!(self.phase, WorkflowPhase::Stuck));
            let follows = |it: &ReleaseId| !leg.is_some_and(|leg| leg.sizes(*it));
            for release in ReleaseId::BOTH.into_iter().filter(follows) {
                follow(release, before, view, actions);
            }
        }
    }
}

impl Strategy for State {
    fn routing(&self) -> Routing {
        self.workflow.routing.clone()
    }

    fn uses_flag(&self) -> bool {
        self.workflow.uses_flag
    }

    fn uses_analysis(&self) -> bool {
        self.workflow.uses_analysis
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if matches!(self.phase, WorkflowPhase::Ahead) {
            actions.push(Action::Enter(Phase::Progressing, self.workflow.opening.to_owned()));
            self.phase = WorkflowPhase::Advancing;
        }
        if view.undo_ordered && !self.heeded {
            self.heeded = true;
            if !matches!(
                self.phase,
                WorkflowPhase::Retreating { .. } | WorkflowPhase::Rest(ReleaseId::Stable)
            ) {
                self.retreat("the operator ordered a rollback".to_owned(), view, actions);
            }
        }
        let wake = match self.phase {
            WorkflowPhase::Ahead | WorkflowPhase::Advancing => self.advance(view, actions),
            WorkflowPhase::Retreating { .. } => self.fall_back(view, actions),
            WorkflowPhase::Rest(_) | WorkflowPhase::Stuck => Wake::OnChange,
        };
        self.follow_fleet(view, actions);
        wake
    }
}

/// Steps through legs until one is not done.
fn walk(legs: &mut Legs, at: &mut usize, view: &View, actions: &mut Vec<Action>) -> Step {
    while let Some(leg) = legs.get_mut(*at) {
        let step = leg.step(view, actions);
        if step != Step::Done {
            return step;
        }
        *at += 1;
    }
    Step::Done
}

fn drop_analysis(view: &View, actions: &mut Vec<Action>) {
    if view.analysis != AnalysisState::Idle && !actions.contains(&Action::StopAnalysis) {
        actions.push(Action::StopAnalysis);
    }
}
