//! Legs: the parts that every plain strategy is made of, and what several of them need.

use dyn_clone::DynClone;

use crate::{
    model::{Action, GroupId, GroupView, View, Wake},
    units::{Instant, Span},
};

/// One part of a rollout: reads the view, adds what should be done now, and says how far it is.
///
/// A leg is stepped until it is done and never again. It may be stepped any number of times with
/// the same view.
pub(super) trait Leg: DynClone + Send {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step;

    /// Whether, at this point, it decides by itself how many instances of a release there are. Others
    /// follow the fleet.
    fn sizes(&self, _group: GroupId) -> bool {
        false
    }

    /// Its steps in words, for those who watch; none where there is nothing to see.
    fn parts(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many of these are done while the leg is not.
    fn parts_done(&self) -> usize {
        0
    }

    /// Follows the fleet while it may do nothing else, because the rollout is paused or frozen.
    fn hold(&mut self, _view: &View, _actions: &mut Vec<Action>) {}

    /// From now on without pauses, checks and questions, and with a fresh deadline.
    fn hurry(&mut self) {}
}

dyn_clone::clone_trait_object!(Leg);

pub(super) type Legs = Vec<Box<dyn Leg>>;

/// How far a leg is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Not there yet.
    Going(Wake),
    Done,
    /// It cannot be done, and why; the strategy decides what follows.
    Failed(String),
    /// The rollout must be rolled back whatever the strategy does otherwise, and why.
    GoBack(String),
    /// The feature flag was switched off and the code stays, and why.
    SwitchedOff(String),
}

/// Replicas of a group.
pub(super) fn replicas(view: &View, group: GroupId) -> &GroupView {
    &view.groups[group]
}

/// The groups of a strategy with a stable release and a candidate.
pub(super) const BOTH: [GroupId; 2] = [GroupId::STABLE, GroupId::CANDIDATE];

/// The other of both.
pub(super) fn other(group: GroupId) -> GroupId {
    if group == GroupId::STABLE { GroupId::CANDIDATE } else { GroupId::STABLE }
}

/// How a person names the instances of a group.
pub(super) fn age(group: GroupId) -> &'static str {
    if group == GroupId::STABLE { "old" } else { "new" }
}

/// Asks for a number of replicas where it is not the number asked for already.
pub(super) fn ask_for(group: GroupId, count: u32, view: &View, actions: &mut Vec<Action>) {
    let mut asked = replicas(view, group).desired;
    for action in actions.iter() {
        if let Action::Scale { group: of, replicas } = action
            && *of == group
        {
            asked = *replicas;
        }
    }
    if asked != count {
        actions.push(Action::Scale { group, replicas: count });
    }
}

/// A group follows the fleet from one size to the present one: in full where it had all of it, else in
/// proportion, and at least one instance of it stays.
pub(super) fn follow(group: GroupId, before: u32, view: &View, actions: &mut Vec<Action>) {
    let is_asked = |it: &Action| matches!(it, Action::Scale { group: of, .. } if *of == group);
    let desired = replicas(view, group).desired;
    if desired == 0 || actions.iter().any(is_asked) {
        return;
    }
    let scaled = |it: u32| u64::from(it) * u64::from(view.fleet);
    let rounded = (2 * scaled(desired) + u64::from(before)) / (2 * u64::from(before));
    let count = if desired == before { view.fleet } else { saturated(rounded).max(1) };
    ask_for(group, count, view, actions);
}

fn saturated(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// When the next instance that is ready will count as available; `OnChange` if none will.
pub(super) fn next_available(it: &GroupView, now: Instant, min_ready: Span) -> Wake {
    let due = |since: &Instant| since.saturating_add(min_ready);
    let next = it.ready_since.partition_point(|since| due(since) <= now);
    it.ready_since.get(next).map_or(Wake::OnChange, |since| Wake::At(due(since)))
}

/// The sooner of a wake-up and a moment.
pub(super) fn sooner(wake: Wake, limit: Instant) -> Wake {
    match wake {
        Wake::At(at) => Wake::At(at.min(limit)),
        Wake::OnChange if limit == Instant::NEVER => Wake::OnChange,
        Wake::OnChange => Wake::At(limit),
    }
}

/// A deadline that restarts with each progress. Progress is a new maximum of some count, so an
/// instance in a crash loop makes none.
#[derive(Clone)]
pub(super) struct Patience {
    span: Span,
    best: Option<(u32, Instant)>,
}

impl Patience {
    pub(super) const fn new(span: Span) -> Self {
        Self { span, best: None }
    }

    /// When the deadline is, or nothing once it has passed.
    pub(super) fn until(&mut self, count: u32, view: &View) -> Option<Instant> {
        let now = view.clock();
        let since = match self.best {
            Some((best, since)) if count <= best => since,
            Some(_) | None => {
                self.best = Some((count, now));
                now
            }
        };
        let end = since.saturating_add(self.span);
        (now < end).then(|| view.when(end))
    }

    pub(super) fn renew(&mut self) {
        self.best = None;
    }

    pub(super) const fn span(&self) -> Span {
        self.span
    }
}
