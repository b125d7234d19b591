//! What a rollout waits for: an analysis, and the operator's approval.

use serde::{Deserialize, Serialize};

use super::leg::{Leg, Step};
use crate::model::{
    Action, AnalysisId, AnalysisState, Answer, Compared, GroupId, Phase, View, Wake,
};

/// When the analysis runs during the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnalysisMode {
    /// One run from the first step until the pause of the last step is over.
    #[default]
    Background,
    /// A run for each step, over its pause.
    EachStep,
    /// Never: only time and approvals decide.
    None,
}

/// What happens after an inconclusive analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnInconclusive {
    /// The rollout pauses for approval; once approved, a new run starts (Argo Rollouts).
    #[default]
    Pause,
    /// The same as a failed one.
    RollBack,
    /// The same as a passed one.
    GoOn,
}

/// A question to a person. While it is open the rollout is paused.
#[derive(Clone, Default)]
pub(super) struct Question {
    asked: bool,
}

impl Question {
    /// The answer, once there is one; asks first.
    pub(super) fn answer(
        &mut self,
        text: &str,
        view: &View,
        actions: &mut Vec<Action>,
    ) -> Option<Answer> {
        if !self.asked {
            self.asked = true;
            actions.push(Action::Enter(Phase::Paused, text.to_owned()));
            actions.push(Action::Ask(text.to_owned()));
            return None;
        }
        let answer = view.answer?;
        self.asked = false;
        if answer == Answer::Yes {
            actions.push(Action::Enter(Phase::Progressing, "the operator approved".to_owned()));
        }
        Some(answer)
    }

    /// Takes the question back; it will be asked again.
    pub(super) fn forget(&mut self) {
        self.asked = false;
    }
}

/// Asks a person, and continues with a yes.
#[derive(Clone)]
pub(super) struct Approval {
    text: &'static str,
    question: Question,
    waived: bool,
}

impl Approval {
    pub(super) fn of(text: &'static str) -> Self {
        Self { text, question: Question::default(), waived: false }
    }
}

impl Leg for Approval {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if self.waived {
            return Step::Done;
        }
        match self.question.answer(self.text, view, actions) {
            None => Step::Going(Wake::OnChange),
            Some(Answer::Yes) => Step::Done,
            Some(Answer::No) => Step::Failed("the operator refused".to_owned()),
        }
    }

    fn parts(&self) -> Vec<String> {
        vec!["approval".to_owned()]
    }

    fn hurry(&mut self) {
        self.waived = true;
    }
}

/// An analysis and what its state means for the rollout.
#[derive(Clone)]
pub(super) struct Gate {
    of_feature: bool,
    on_inconclusive: OnInconclusive,
    running: bool,
    /// It gives no ruling any more.
    retired: bool,
    question: Question,
}

impl Gate {
    pub(super) fn new(of_feature: bool, on_inconclusive: OnInconclusive) -> Self {
        let (running, retired) = (false, false);
        Self { of_feature, on_inconclusive, running, retired, question: Question::default() }
    }

    /// From now on there is no analysis; who calls sees to it that the present one is dropped.
    pub(super) const fn retire(&mut self) {
        (self.running, self.retired) = (false, true);
    }

    pub(super) const fn is_running(&self) -> bool {
        self.running
    }

    pub(super) fn start(&mut self, actions: &mut Vec<Action>) {
        if self.retired {
            return;
        }
        self.running = true;
        let compared = if self.of_feature { Compared::feature() } else { Compared::releases() };
        actions.push(Action::StartAnalysis(AnalysisId::ONLY, compared));
    }

    pub(super) fn stop(&mut self, actions: &mut Vec<Action>) {
        if std::mem::take(&mut self.running) {
            actions.push(Action::StopAnalysis(AnalysisId::ONLY));
        }
    }

    /// What the analysis says against going on: a person has been asked, or it has failed. To be asked once each
    /// time, before `start`: what is seen is older than what is asked for.
    pub(super) fn objection(&mut self, view: &View, actions: &mut Vec<Action>) -> Option<Step> {
        match view.analysis(AnalysisId::ONLY).filter(|_| self.running)? {
            AnalysisState::Running | AnalysisState::Passed => None,
            AnalysisState::Failed => Some(Step::Failed("the analysis failed".to_owned())),
            AnalysisState::Errored => {
                Some(Step::Failed("the analysis could not read its metrics".to_owned()))
            }
            AnalysisState::Inconclusive => self.inconclusive(view, actions),
        }
    }

    fn inconclusive(&mut self, view: &View, actions: &mut Vec<Action>) -> Option<Step> {
        const TEXT: &str = "the analysis was inconclusive";
        match self.on_inconclusive {
            OnInconclusive::GoOn => None,
            OnInconclusive::RollBack => Some(Step::Failed(TEXT.to_owned())),
            OnInconclusive::Pause => {
                let text = "the analysis was inconclusive; continue?";
                match self.question.answer(text, view, actions) {
                    None => Some(Step::Going(Wake::OnChange)),
                    Some(Answer::Yes) => {
                        self.start(actions);
                        None
                    }
                    Some(Answer::No) => {
                        Some(Step::Failed(format!("{TEXT}, and the operator refused")))
                    }
                }
            }
        }
    }
}

/// Another leg under an analysis: it begins with the first candidate that is ready and ends with
/// the leg.
#[derive(Clone)]
pub(super) struct Watched<L> {
    pub leg: L,
    pub gate: Gate,
}

impl<L: Leg + Clone + 'static> Leg for Watched<L> {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if let Some(objection) = self.gate.objection(view, actions) {
            if matches!(objection, Step::Going(_)) {
                self.leg.hold(view, actions);
            }
            return objection;
        }
        if !self.gate.is_running() && view.candidate().ready() > 0 {
            self.gate.start(actions);
        }
        let step = self.leg.step(view, actions);
        if step == Step::Done {
            self.gate.stop(actions);
        }
        step
    }

    fn sizes(&self, group: GroupId) -> bool {
        self.leg.sizes(group)
    }

    fn parts(&self) -> Vec<String> {
        self.leg.parts()
    }

    fn parts_done(&self) -> usize {
        self.leg.parts_done()
    }

    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        self.leg.hold(view, actions);
    }

    fn hurry(&mut self) {
        self.gate.retire();
        self.leg.hurry();
    }
}
