//! A ramp: steps that are held for a time each, with approvals and an analysis. What a step turns,
//! traffic or a flag, is its knob.

use super::{
    gate::{AnalysisMode, Gate, Question},
    leg::{Leg, Step},
};
use crate::{
    model::{Action, Answer, GroupId, View, Wake},
    units::{Instant, Span, text},
};

/// What a ramp turns.
pub(super) trait Knob: Send {
    /// Turns to a step; done once it has taken effect.
    fn turn(&mut self, step: usize, view: &View, actions: &mut Vec<Action>) -> Step;

    /// Keeps what a step asks for while it is held.
    fn keep(&mut self, step: usize, view: &View, actions: &mut Vec<Action>);

    /// Whether it decides how many instances of a release there are: while it turns, or once a step is held.
    fn sizes(&self, group: GroupId, held: bool) -> bool;

    /// Whether the rollout ends with its last step, not with what follows the ramp.
    fn ends_here(&self) -> bool;

    /// Gives what it waits for a fresh deadline.
    fn renew(&mut self);

    /// Takes a measure of its own when a step is rejected; whether there was one left to take.
    fn relieve(&mut self, why: &str, actions: &mut Vec<Action>) -> bool;

    /// What a step gives the candidate, in words.
    fn name(&self, step: usize) -> String;

    /// What a rejection that could not be relieved leads to.
    fn reject(&self, why: String, actions: &mut Vec<Action>) -> Step;
}

/// When to leave a step, and whom to ask before it is taken.
#[derive(Clone)]
pub(super) struct Stop {
    pub hold: Span,
    /// The question, where a person is asked.
    pub question: Option<String>,
}

#[derive(Clone)]
pub(super) struct Ramp<K> {
    knob: K,
    stops: Vec<Stop>,
    mode: AnalysisMode,
    gate: Gate,
    at: usize,
    state: RampState,
}

#[derive(Clone)]
enum RampState {
    Asking(Question),
    Turning,
    Holding(Instant),
}

impl<K: Knob> Ramp<K> {
    pub(super) fn new(knob: K, stops: Vec<Stop>, mode: AnalysisMode, gate: Gate) -> Self {
        Self { knob, stops, mode, gate, at: 0, state: RampState::Asking(Question::default()) }
    }

    /// Begins the hold of the step that has just taken effect.
    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        let starts = match self.mode {
            AnalysisMode::EachStep => true,
            AnalysisMode::Background => !self.gate.is_running(),
            AnalysisMode::None => false,
        };
        if starts {
            self.gate.start(actions);
        }
        let hold = self.stops[self.at].hold;
        self.state = RampState::Holding(view.clock().saturating_add(hold));
    }

    fn next(&mut self, actions: &mut Vec<Action>) {
        if self.mode == AnalysisMode::EachStep {
            self.gate.stop(actions);
        }
        self.at += 1;
        self.state = RampState::Asking(Question::default());
    }

    /// Done when the operator approved or no one is asked.
    fn approval(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        let (RampState::Asking(question), Some(text)) =
            (&mut self.state, &self.stops[self.at].question)
        else {
            return Step::Done;
        };
        match question.answer(text, view, actions) {
            None => Step::Going(Wake::OnChange),
            Some(Answer::Yes) => Step::Done,
            Some(Answer::No) => self.knob.reject("the operator refused".to_owned(), actions),
        }
    }

    /// What the analysis says to the step, if it speaks against going on.
    fn objection(&mut self, view: &View, actions: &mut Vec<Action>) -> Option<Step> {
        let objection = self.gate.objection(view, actions)?;
        let Step::Failed(why) = objection else {
            match &mut self.state {
                RampState::Asking(question) => question.forget(),
                RampState::Turning => {}
                RampState::Holding(_) => self.knob.keep(self.at, view, actions),
            }
            return Some(objection);
        };
        if !self.knob.relieve(&why, actions) {
            return Some(self.knob.reject(why, actions));
        }
        self.gate.start(actions);
        if let RampState::Holding(until) = &mut self.state {
            *until = view.clock().saturating_add(self.stops[self.at].hold);
        }
        None
    }

    /// Does one part of the step; done when the next part may begin at once.
    fn advance(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        match self.state {
            RampState::Asking(_) => {
                let step = self.approval(view, actions);
                if step == Step::Done {
                    self.state = RampState::Turning;
                }
                step
            }
            RampState::Turning => {
                let step = self.knob.turn(self.at, view, actions);
                if step == Step::Done {
                    self.hold(view, actions);
                }
                step
            }
            RampState::Holding(until) if view.clock() < until => {
                self.knob.keep(self.at, view, actions);
                Step::Going(Wake::At(view.when(until)))
            }
            RampState::Holding(_) => {
                self.next(actions);
                Step::Done
            }
        }
    }
}

impl<K: Knob + Clone + 'static> Leg for Ramp<K> {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if let Some(step) = self.objection(view, actions) {
            return step;
        }
        while self.at < self.stops.len() {
            let step = self.advance(view, actions);
            if step != Step::Done {
                return step;
            }
        }
        self.gate.stop(actions);
        Step::Done
    }

    fn parts(&self) -> Vec<String> {
        let part = |(step, stop): (usize, &Stop)| {
            let name = self.knob.name(step);
            let approved = if stop.question.is_some() { ", after approval" } else { "" };
            let held = match stop.hold {
                Span::ZERO => String::new(),
                hold => format!(", held for {}", text::span(hold)),
            };
            format!("{name}{approved}{held}")
        };
        self.stops.iter().enumerate().map(part).collect()
    }

    fn parts_done(&self) -> usize {
        self.at
    }

    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        if matches!(self.state, RampState::Holding(_)) {
            self.knob.keep(self.at, view, actions);
        }
    }

    /// Straight to the last step, or past it where what follows goes further.
    fn hurry(&mut self) {
        self.gate.retire();
        self.knob.renew();
        self.mode = AnalysisMode::None;
        for stop in &mut self.stops {
            *stop = Stop { hold: Span::ZERO, question: None };
        }
        let last = self.stops.len() - usize::from(self.knob.ends_here() && !self.stops.is_empty());
        if self.at <= last {
            self.at = last;
            self.state = RampState::Turning;
        }
    }

    fn sizes(&self, group: GroupId) -> bool {
        match self.state {
            RampState::Asking(_) => false,
            RampState::Turning => self.knob.sizes(group, false),
            RampState::Holding(_) => self.knob.sizes(group, true),
        }
    }
}
