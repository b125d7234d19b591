//! What all plain strategies share: a list of legs on the way there, another on the way back, and
//! the phases that a person sees meanwhile. A strategy's own file only says which legs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Routing, Strategy,
    retreat::{Turned, Way},
};
use crate::{
    model::{Action, AnalysisState, Phase, ReleaseId, ReplicaView, View, Wake},
    units::{Instant, Span},
};

/// What a strategy does when the rollout cannot go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Back to the old release.
    #[default]
    RollBack,
    /// Stops half-way and leaves everything as it is, for a person to look at.
    Halt,
}

/// One part of the way: looks at the view, adds what should be done now, says how far it is.
///
/// A leg is stepped until it is done and never again. It may be stepped any number of times with
/// the same view.
pub(super) trait Leg: Send {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step;
}

pub(super) type Legs = Vec<Box<dyn Leg>>;

/// How far a leg is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Not there yet.
    Going(Wake),
    Done,
    /// It cannot be done, and why; the strategy decides what follows.
    Failed(String),
    /// The rollout must go back whatever the strategy does otherwise, and why.
    GoBack(String),
    /// The feature flag was switched off and the code stays, and why.
    SwitchedOff(String),
}

/// A strategy, put together.
pub(super) struct Course {
    pub routing: Routing,
    pub uses_analysis: bool,
    pub uses_flag: bool,
    pub opening: &'static str,
    pub arrival: &'static str,
    pub legs: Legs,
    pub back: Way,
    pub on_failure: OnFailure,
}

impl Course {
    pub(super) fn boxed(self) -> Box<dyn Strategy> {
        Box::new(State {
            course: self,
            at: 0,
            stage: Stage::Ahead,
            turned: Turned::default(),
            heeded: false,
        })
    }
}

struct State {
    course: Course,
    /// Legs that are done, of the list that is being walked.
    at: usize,
    stage: Stage,
    turned: Turned,
    /// Whether the order to undo has been taken up.
    heeded: bool,
}

enum Stage {
    Ahead,
    Advancing,
    Retreating {
        legs: Legs,
        why: String,
    },
    /// At rest with this release serving.
    Rest(ReleaseId),
    /// At rest with nothing to keep up.
    Stuck,
}

impl State {
    fn retreat(&mut self, why: String, view: &View, actions: &mut Vec<Action>) {
        actions.push(Action::Enter(Phase::RollingBack, why.clone()));
        drop_analysis(view, actions);
        let legs = self.course.back.legs(view, self.turned);
        self.at = 0;
        self.stage = Stage::Retreating { legs, why };
    }

    fn advance(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let before = actions.len();
        let step = walk(&mut self.course.legs, &mut self.at, view, actions);
        for action in &actions[before..] {
            self.turned.flag |= matches!(action, Action::Flag(_));
            self.turned.weight |= matches!(action, Action::Weight(_));
        }
        match step {
            Step::Going(wake) => return wake,
            Step::Done => {
                drop_analysis(view, actions);
                actions.push(Action::Enter(Phase::Completed, self.course.arrival.to_owned()));
                self.stage = Stage::Rest(ReleaseId::Candidate);
            }
            Step::Failed(why) if self.course.on_failure == OnFailure::Halt => {
                drop_analysis(view, actions);
                actions.push(Action::Enter(Phase::Failed, format!("{why}; left as it is")));
                self.stage = Stage::Stuck;
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
                self.stage = Stage::Rest(ReleaseId::Candidate);
            }
        }
        Wake::OnChange
    }

    fn fall_back(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let Stage::Retreating { legs, why } = &mut self.stage else {
            return Wake::OnChange;
        };
        match walk(legs, &mut self.at, view, actions) {
            Step::Going(wake) => return wake,
            Step::Done => {
                actions.push(Action::Enter(Phase::RolledBack, std::mem::take(why)));
                self.stage = Stage::Rest(ReleaseId::Stable);
            }
            Step::Failed(problem) | Step::GoBack(problem) | Step::SwitchedOff(problem) => {
                let text = format!("rolling back did not work: {problem}");
                actions.push(Action::Enter(Phase::Failed, text));
                self.stage = Stage::Stuck;
            }
        }
        Wake::OnChange
    }
}

impl Strategy for State {
    fn routing(&self) -> Routing {
        self.course.routing.clone()
    }

    fn uses_flag(&self) -> bool {
        self.course.uses_flag
    }

    fn uses_analysis(&self) -> bool {
        self.course.uses_analysis
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if matches!(self.stage, Stage::Ahead) {
            actions.push(Action::Enter(Phase::Progressing, self.course.opening.to_owned()));
            self.stage = Stage::Advancing;
        }
        if view.undo_ordered && !self.heeded {
            self.heeded = true;
            if !matches!(self.stage, Stage::Retreating { .. } | Stage::Rest(ReleaseId::Stable)) {
                self.retreat("a person ordered to undo it".to_owned(), view, actions);
            }
        }
        match self.stage {
            Stage::Ahead | Stage::Advancing => self.advance(view, actions),
            Stage::Retreating { .. } => self.fall_back(view, actions),
            Stage::Rest(serving) => {
                // an autoscaler may still change the size
                ask_for(serving, view.fleet, view, actions);
                Wake::OnChange
            }
            Stage::Stuck => Wake::OnChange,
        }
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

/// Replicas of a release.
pub(super) fn replicas(view: &View, release: ReleaseId) -> &ReplicaView {
    match release {
        ReleaseId::Stable => &view.stable,
        ReleaseId::Candidate => &view.candidate,
    }
}

/// The other release.
pub(super) fn other(release: ReleaseId) -> ReleaseId {
    match release {
        ReleaseId::Stable => ReleaseId::Candidate,
        ReleaseId::Candidate => ReleaseId::Stable,
    }
}

/// How a person names the instances of a release.
pub(super) fn age(release: ReleaseId) -> &'static str {
    match release {
        ReleaseId::Stable => "old",
        ReleaseId::Candidate => "new",
    }
}

/// Asks for a number of replicas where it is not the number asked for already.
pub(super) fn ask_for(release: ReleaseId, count: u32, view: &View, actions: &mut Vec<Action>) {
    let mut asked = replicas(view, release).desired;
    for action in actions.iter() {
        if let Action::Scale { release: of, replicas } = action
            && *of == release
        {
            asked = *replicas;
        }
    }
    if asked != count {
        actions.push(Action::Scale { release, replicas: count });
    }
}

/// When the next instance that is ready will count as available; `OnChange` if none will.
pub(super) fn next_available(it: &ReplicaView, now: Instant, min_ready: Span) -> Wake {
    let due = it.ready_since.iter().map(|since| since.saturating_add(min_ready));
    due.filter(|&at| at > now).min().map_or(Wake::OnChange, Wake::At)
}

/// The sooner of a wake-up and a moment.
pub(super) fn sooner(wake: Wake, limit: Instant) -> Wake {
    match wake {
        Wake::At(at) => Wake::At(at.min(limit)),
        Wake::OnChange if limit == Instant::NEVER => Wake::OnChange,
        Wake::OnChange => Wake::At(limit),
    }
}

/// A deadline that starts anew with each progress. Progress is a new high of some count, so that an
/// instance that crashes and returns for ever is none.
pub(super) struct Patience {
    span: Span,
    best: Option<(u32, Instant)>,
}

impl Patience {
    pub(super) const fn new(span: Span) -> Self {
        Self { span, best: None }
    }

    /// When patience ends, or nothing once it has ended.
    pub(super) fn until(&mut self, count: u32, now: Instant) -> Option<Instant> {
        let since = match self.best {
            Some((best, since)) if count <= best => since,
            Some(_) | None => {
                self.best = Some((count, now));
                now
            }
        };
        let end = since.saturating_add(self.span);
        (now < end).then_some(end)
    }

    pub(super) fn renew(&mut self) {
        self.best = None;
    }

    pub(super) const fn span(&self) -> Span {
        self.span
    }
}
