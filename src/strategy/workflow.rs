//! What all plain strategies share: a list of legs for the rollout, another for the rollback, and
//! the phases that the operator sees meanwhile. A strategy's own file only lists the legs.

use serde::{Deserialize, Serialize};

use super::{
    Routing, Strategy,
    leg::{BOTH, Legs, Step, ask_for, follow},
    retreat::{Turned, Way},
};
use crate::model::{Action, AnalysisId, FlagRule, GroupId, Orders, Phase, View, Wake};

/// What a strategy does when the rollout cannot go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Rolls back to the old release.
    #[default]
    RollBack,
    /// Stops half-way and leaves everything as it is, for the operator to decide.
    Halt,
}

/// A strategy, put together.
#[derive(Clone)]
pub(super) struct Workflow {
    pub routing: Routing,
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
            heeded: Orders::default(),
            stood: Phase::Progressing,
            fleet: 0,
            parts_passed: 0,
            steps_reached: 0,
        })
    }
}

#[derive(Clone)]
struct State {
    workflow: Workflow,
    /// Legs that are done, of the list that is being walked.
    at: usize,
    phase: WorkflowPhase,
    turned: Turned,
    /// The orders that have been taken up.
    heeded: Orders,
    /// Where the rollout stood when it was not frozen.
    stood: Phase,
    /// Size of the fleet when it was last looked at.
    fleet: u32,
    /// Parts of the legs that are done on the way ahead.
    parts_passed: usize,
    /// Parts that are done, the present leg's included.
    steps_reached: usize,
}

#[derive(Clone)]
enum WorkflowPhase {
    Ahead,
    Advancing,
    Retreating {
        legs: Legs,
        why: String,
    },
    /// Over, with this release serving.
    Rest(GroupId),
    /// Over, with nothing to maintain; a person may still take the remaining steps.
    HalfWay,
    /// Over, in the middle of a rollback.
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
        let (before, passed) = (actions.len(), self.at);
        let step = walk(&mut self.workflow.legs, &mut self.at, view, actions);
        let legs = &self.workflow.legs;
        self.parts_passed += legs[passed..self.at].iter().map(|it| it.parts().len()).sum::<usize>();
        self.steps_reached = self.parts_passed + legs.get(self.at).map_or(0, |it| it.parts_done());
        for action in &actions[before..] {
            self.turned.flag |= matches!(action, Action::Flag(_));
            self.turned.weight |= matches!(action, Action::Weight { .. });
        }
        match step {
            Step::Going(wake) => return wake,
            Step::Done => {
                drop_analysis(view, actions);
                actions.push(Action::Enter(Phase::Completed, self.workflow.arrival.to_owned()));
                self.phase = WorkflowPhase::Rest(GroupId::CANDIDATE);
            }
            Step::Failed(why) if self.workflow.on_failure == OnFailure::Halt => {
                drop_analysis(view, actions);
                actions
                    .push(Action::Enter(Phase::Failed, format!("{why}; rollout stopped half-way")));
                self.phase = WorkflowPhase::HalfWay;
            }
            Step::Failed(why) | Step::GoBack(why) => {
                self.retreat(why, view, actions);
                return self.fall_back(view, actions);
            }
            Step::SwitchedOff(why) => self.rest_switched_off(&why, view, actions),
        }
        Wake::OnChange
    }

    /// The feature is off, and the code stays as it is.
    fn rest_switched_off(&mut self, why: &str, view: &View, actions: &mut Vec<Action>) {
        drop_analysis(view, actions);
        actions.push(Action::Enter(Phase::RollingBack, why.to_owned()));
        let off = format!("{why}; the feature is off, the code stays");
        actions.push(Action::Enter(Phase::RolledBack, off));
        self.phase = WorkflowPhase::Rest(GroupId::CANDIDATE);
    }

    /// Takes up what people have ordered since it was last looked at.
    fn heed(&mut self, view: &View, actions: &mut Vec<Action>) {
        let new = |ordered: bool, heeded: &mut bool| ordered && !std::mem::replace(heeded, true);
        if new(view.orders.undo, &mut self.heeded.undo)
            && !matches!(
                self.phase,
                WorkflowPhase::Retreating { .. } | WorkflowPhase::Rest(GroupId::STABLE)
            )
        {
            self.retreat("the operator ordered a rollback".to_owned(), view, actions);
        }
        let rolls_or_rests = matches!(
            self.phase,
            WorkflowPhase::Advancing | WorkflowPhase::Rest(GroupId::CANDIDATE)
        );
        if new(view.orders.switch_off, &mut self.heeded.switch_off)
            && self.turned.flag
            && rolls_or_rests
        {
            actions.push(Action::Flag(FlagRule::off()));
            self.rest_switched_off("the operator switched the feature off", view, actions);
        }
        if new(view.orders.roll_forward, &mut self.heeded.roll_forward)
            && matches!(self.phase, WorkflowPhase::Advancing | WorkflowPhase::HalfWay)
        {
            drop_analysis(view, actions);
            self.workflow.legs.iter_mut().skip(self.at).for_each(|it| it.hurry());
            let why = "the operator ordered the remaining steps at once";
            actions.push(Action::Enter(Phase::Progressing, why.to_owned()));
            self.phase = WorkflowPhase::Advancing;
        }
        self.freeze_or_thaw(view.orders.freeze, actions);
    }

    fn freeze_or_thaw(&mut self, freeze: bool, actions: &mut Vec<Action>) {
        let before = std::mem::replace(&mut self.heeded.freeze, freeze);
        if before == freeze || !matches!(self.phase, WorkflowPhase::Advancing) {
            return;
        }
        let (phase, why) = if freeze {
            (Phase::Paused, "the operator froze the rollout")
        } else {
            (self.stood, "the operator let the rollout go on")
        };
        actions.push(Action::Enter(phase, why.to_owned()));
    }

    /// Nothing but the sizes is looked after.
    fn stand_still(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if let Some(leg) = self.workflow.legs.get_mut(self.at) {
            leg.hold(view, actions);
        }
        Wake::OnChange
    }

    /// Remembers where it stands, for the end of a freeze.
    fn remember(&mut self, actions: &[Action]) {
        let entered = actions.iter().rev().find_map(|it| match it {
            Action::Enter(phase, _) => Some(*phase),
            Action::Scale { .. }
            | Action::Weight { .. }
            | Action::Flag(_)
            | Action::Migrate
            | Action::UndoMigration
            | Action::StartAnalysis { .. }
            | Action::StopAnalysis(_)
            | Action::Smoke(_)
            | Action::Ask(_)
            | Action::Note(_) => None,
        });
        if let Some(phase) = entered.filter(|_| !self.heeded.freeze) {
            self.stood = phase;
        }
    }

    fn fall_back(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let WorkflowPhase::Retreating { legs, why } = &mut self.phase else {
            return Wake::OnChange;
        };
        match walk(legs, &mut self.at, view, actions) {
            Step::Going(wake) => return wake,
            Step::Done => {
                actions.push(Action::Enter(Phase::RolledBack, std::mem::take(why)));
                self.phase = WorkflowPhase::Rest(GroupId::STABLE);
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
                | WorkflowPhase::HalfWay
                | WorkflowPhase::Stuck => &self.workflow.legs,
            };
            let over = matches!(self.phase, WorkflowPhase::HalfWay | WorkflowPhase::Stuck);
            let leg = legs.get(self.at).filter(|_| !over);
            let follows = |it: &GroupId| !leg.is_some_and(|leg| leg.sizes(*it));
            for group in BOTH.into_iter().filter(follows) {
                follow(group, before, view, actions);
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

    fn steps(&self) -> Vec<String> {
        self.workflow.legs.iter().flat_map(|it| it.parts()).collect()
    }

    fn steps_done(&self) -> usize {
        self.steps_reached
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if matches!(self.phase, WorkflowPhase::Ahead) {
            actions.push(Action::Enter(Phase::Progressing, self.workflow.opening.to_owned()));
            self.phase = WorkflowPhase::Advancing;
        }
        self.heed(view, actions);
        let wake = match self.phase {
            WorkflowPhase::Advancing if view.orders.freeze => self.stand_still(view, actions),
            WorkflowPhase::Ahead | WorkflowPhase::Advancing => self.advance(view, actions),
            WorkflowPhase::Retreating { .. } => self.fall_back(view, actions),
            WorkflowPhase::Rest(_) | WorkflowPhase::HalfWay | WorkflowPhase::Stuck => {
                Wake::OnChange
            }
        };
        self.follow_fleet(view, actions);
        self.remember(actions);
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
    const STOP: Action = Action::StopAnalysis(AnalysisId::ONLY);
    if view.analysis(AnalysisId::ONLY).is_some() && !actions.contains(&STOP) {
        actions.push(STOP);
    }
}
