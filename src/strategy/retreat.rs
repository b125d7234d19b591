//! The rollback to the old release.

use super::{
    deploy::{AwaitGone, Pause, Start, StopAll, Switch},
    leg::{Leg, Legs, Patience, Step},
    roll::{Pace, Roll},
};
use crate::{
    model::{Action, FlagRule, GroupId, MigrationState, View, Wake},
    units::{Instant, Span, text},
};

/// How a strategy rolls back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way {
    pub kind: WayKind,
    /// Without progress for this long, the rollback has failed.
    pub progress_deadline: Span,
    pub migration_deadline: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum WayKind {
    /// New instances stop, the migration undone, then old instances start: the bot is down.
    AtOnce,
    /// The same, but nothing starts before every new instance is gone.
    Emptied,
    /// Step by step, without waits.
    Rolling(Pace),
    /// Old instances start where they are missing, then the weight is reset, then new ones stop.
    Weighted {
        /// Time that the flip of the weight takes to issue.
        command: Span,
        /// Time from the flip until the new instances are stopped.
        scale_down_delay: Span,
    },
}

/// What the rollout has changed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turned {
    pub flag: bool,
    pub weight: bool,
}

impl Way {
    /// The legs of a rollback from the present state; the flag is turned off first.
    pub(super) fn legs(&self, view: &View, turned: Turned) -> Legs {
        let patience = || Patience::new(self.progress_deadline);
        let start = || {
            let group = GroupId::STABLE;
            Box::new(Start { group, min_ready: Span::ZERO, patience: patience() })
        };
        let undo = || Box::new(Undo::within(self.migration_deadline));
        let stop = || Box::new(StopAll(GroupId::CANDIDATE));
        let gone = || Box::new(AwaitGone(GroupId::CANDIDATE, patience()));
        let mut legs: Legs = Vec::new();
        if turned.flag {
            legs.push(Box::new(FlagOff));
        }
        legs.push(Box::new(StopMigration));
        match self.kind {
            WayKind::AtOnce => legs.extend([stop() as Box<dyn Leg>, undo(), start()]),
            WayKind::Emptied => legs.extend([stop() as Box<dyn Leg>, gone(), undo(), start()]),
            WayKind::Rolling(pace) => {
                let roll = Box::new(Roll::new(GroupId::STABLE, pace.hurried()));
                legs.extend([roll as Box<dyn Leg>, stop(), gone(), undo()]);
            }
            WayKind::Weighted { command, scale_down_delay } => {
                if view.stable().desired < view.fleet {
                    legs.push(start());
                }
                if turned.weight {
                    legs.push(Box::new(Pause::of(command)));
                    legs.push(Box::new(Switch(GroupId::STABLE)));
                    legs.push(Box::new(Pause::of(scale_down_delay)));
                }
                legs.extend([stop() as Box<dyn Leg>, start(), gone(), undo()]);
            }
        }
        legs
    }
}

#[derive(Clone)]
struct FlagOff;

impl Leg for FlagOff {
    fn step(&mut self, _view: &View, actions: &mut Vec<Action>) -> Step {
        actions.push(Action::Flag(FlagRule::off()));
        Step::Done
    }
}

/// Undoes a migration that still runs at once, since it may hold a lock; does not wait.
#[derive(Clone)]
struct StopMigration;

impl Leg for StopMigration {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if view.migration == MigrationState::Running {
            actions.push(Action::UndoMigration);
        }
        Step::Done
    }
}

/// Undoes a migration that has begun, and waits until it is undone.
#[derive(Clone)]
struct Undo {
    ordered: Option<Instant>,
    patience: Patience,
}

impl Undo {
    /// Time after which an order that changed nothing is taken as refused.
    const REFUSED_AFTER: Span = Span::from_secs(1);

    const fn within(deadline: Span) -> Self {
        Self { ordered: None, patience: Patience::new(deadline) }
    }
}

impl Leg for Undo {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        match view.migration {
            MigrationState::None | MigrationState::Pending | MigrationState::Undone => Step::Done,
            MigrationState::Undoing => match self.patience.until(0, view) {
                Some(end) => Step::Going(Wake::At(end)),
                None => Step::Failed(format!(
                    "the migration is not undone after {}",
                    text::span(self.patience.span())
                )),
            },
            MigrationState::Running | MigrationState::Done | MigrationState::Failed => {
                if self.ordered.is_none() && !actions.contains(&Action::UndoMigration) {
                    actions.push(Action::UndoMigration);
                }
                let ordered = *self.ordered.get_or_insert(view.now);
                let refused = ordered.saturating_add(Self::REFUSED_AFTER);
                if view.now < refused {
                    return Step::Going(Wake::At(refused));
                }
                let text = "the migration cannot be undone; the old release runs on the new schema";
                actions.push(Action::Note(text.to_owned()));
                Step::Done
            }
        }
    }
}
