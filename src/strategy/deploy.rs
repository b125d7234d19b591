//! Legs that start and stop instances, move traffic and run the migration.

use super::leg::{Leg, Patience, Step, age, ask_for, next_available, replicas, sooner};
use crate::{
    model::{Action, GroupId, MigrationState, View, Wake},
    units::{Ratio, Span, text},
};

/// Instances without progress for this long are given up (Kubernetes and Argo Rollouts: 600 s).
pub(super) const PROGRESS_DEADLINE: Span = Span::from_secs(600);

/// The rollout fails when the migration takes longer than this.
pub(super) const MIGRATION_DEADLINE: Span = Span::from_secs(3_600);

/// Stops every instance of a release and does not wait for it.
#[derive(Clone)]
pub(super) struct StopAll(pub GroupId);

impl Leg for StopAll {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        ask_for(self.0, 0, view, actions);
        Step::Done
    }

    fn parts(&self) -> Vec<String> {
        vec![format!("stop the {} instances", age(self.0))]
    }
}

/// Asks for a full fleet of a release and waits until it is available.
#[derive(Clone)]
pub(super) struct Start {
    pub group: GroupId,
    pub min_ready: Span,
    pub patience: Patience,
}

impl Leg for Start {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        ask_for(self.group, view.fleet, view, actions);
        let until = (self.group, view.fleet);
        await_available(until, self.min_ready, &mut self.patience, view)
    }

    fn sizes(&self, group: GroupId) -> bool {
        group == self.group
    }

    fn parts(&self) -> Vec<String> {
        vec![format!("start the {} instances", age(self.group))]
    }

    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        ask_for(self.group, view.fleet, view, actions);
    }

    fn hurry(&mut self) {
        self.patience.renew();
    }
}

/// Waits until so many replicas of a release are available, or as many of those asked for as its
/// autoscaler keeps.
pub(super) fn await_available(
    (group, count): (GroupId, u32),
    min_ready: Span,
    patience: &mut Patience,
    view: &View,
) -> Step {
    let it = replicas(view, group);
    let count = if it.desired == count { count.min(it.held) } else { count };
    let available = it.available(view.now, min_ready);
    if available >= count {
        patience.renew();
        return Step::Done;
    }
    match patience.until(available, view) {
        Some(end) => Step::Going(sooner(next_available(it, view.now, min_ready), end)),
        None => Step::Failed(format!(
            "{available} of {count} {} instances available, no progress for {}",
            age(group),
            text::span(patience.span())
        )),
    }
}

/// Waits until no instance of a release is left, not even one being stopped.
#[derive(Clone)]
pub(super) struct AwaitGone(pub GroupId, pub Patience);

impl Leg for AwaitGone {
    fn step(&mut self, view: &View, _actions: &mut Vec<Action>) -> Step {
        let it = replicas(view, self.0);
        let left = it.existing + it.terminating;
        if left == 0 {
            return Step::Done;
        }
        match self.1.until(u32::MAX - left, view) {
            Some(end) => Step::Going(Wake::At(end)),
            None => Step::Failed(format!(
                "{left} {} instances did not stop within {}",
                age(self.0),
                text::span(self.1.span())
            )),
        }
    }

    fn parts(&self) -> Vec<String> {
        vec![format!("wait until the {} instances are gone", age(self.0))]
    }
}

/// Starts the migration, if there is one, and does not wait for it.
#[derive(Clone)]
pub(super) struct BeginMigration;

impl Leg for BeginMigration {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if view.migration == MigrationState::Pending {
            actions.push(Action::Migrate);
        }
        Step::Done
    }
}

/// Starts the migration, if there is one and it has not been started, and waits for its end.
#[derive(Clone)]
pub(super) struct Migrate {
    patience: Patience,
    /// Whether the release has one, once that has been seen.
    there: bool,
}

impl Migrate {
    pub(super) const fn within(deadline: Span) -> Self {
        Self { patience: Patience::new(deadline), there: false }
    }
}

impl Leg for Migrate {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        self.there = view.migration != MigrationState::None;
        match view.migration {
            MigrationState::None | MigrationState::Done => return Step::Done,
            MigrationState::Pending => actions.push(Action::Migrate),
            MigrationState::Running | MigrationState::Undoing => {}
            MigrationState::Failed => {
                return Step::Failed("the migration failed half-way".to_owned());
            }
            MigrationState::Undone => return Step::Failed("the migration was undone".to_owned()),
        }
        if let Some(end) = self.patience.until(0, view) {
            return Step::Going(Wake::At(end));
        }
        let span = text::span(self.patience.span());
        Step::Failed(format!("the migration is still running after {span}"))
    }

    fn parts(&self) -> Vec<String> {
        self.there.then(|| "migration".to_owned()).into_iter().collect()
    }

    fn hurry(&mut self) {
        self.patience.renew();
    }
}

/// Waits for a time from its first step on.
#[derive(Clone)]
pub(super) struct Pause {
    patience: Patience,
    /// What goes on meanwhile, where people are to see it.
    what: &'static str,
}

impl Pause {
    pub(super) const fn of(span: Span) -> Self {
        Self::told(span, "")
    }

    /// One that is a step of its own, such as `bake`, unless it takes no time.
    pub(super) const fn told(span: Span, what: &'static str) -> Self {
        Self { patience: Patience::new(span), what }
    }
}

impl Leg for Pause {
    fn step(&mut self, view: &View, _actions: &mut Vec<Action>) -> Step {
        self.patience.until(0, view).map_or(Step::Done, |end| Step::Going(Wake::At(end)))
    }

    fn parts(&self) -> Vec<String> {
        let span = self.patience.span();
        let told = !self.what.is_empty() && !span.is_zero();
        told.then(|| format!("{} for {}", self.what, text::span(span))).into_iter().collect()
    }
}

/// Moves all traffic to a release.
#[derive(Clone)]
pub(super) struct Switch(pub GroupId);

impl Leg for Switch {
    fn step(&mut self, _view: &View, actions: &mut Vec<Action>) -> Step {
        let weight = if self.0 == GroupId::STABLE { Ratio::ZERO } else { Ratio::ONE };
        actions.push(Action::candidate_gets(weight));
        actions.push(Action::Note(format!("all traffic to the {} release", age(self.0))));
        Step::Done
    }

    fn parts(&self) -> Vec<String> {
        vec![format!("all traffic to the {} release", age(self.0))]
    }
}
