//! The migration of the shared schema: while it runs, how it ends, and what it breaks.

use crate::{
    model::{MigrationEnd, MigrationState, ReleaseId},
    sim::{
        Topic,
        data::Strain,
        ids::SlotId,
        world::{Event, World},
    },
    units::Span,
};
impl World<'_> {
    pub(super) fn migrate(&mut self) {
        let Some(spec) = self.release.migration else { return };
        if self.control.rollout.seen.migration() != MigrationState::Pending {
            return;
        }
        self.control.rollout.seen.set_migration(MigrationState::Running);
        let cause = if spec.locks { "it holds a lock that every query waits for" } else { "" };
        self.note(Topic::Migration, |_| ("migration starts", cause));
        self.begin_migration_work();
        match spec.end {
            MigrationEnd::Finishes => self.schedule_migration_end(spec.duration),
            MigrationEnd::FailsAt(part) => {
                self.schedule_migration_end(spec.duration.scale(part.get()));
            }
            MigrationEnd::Loops => {}
        }
    }

    fn schedule_migration_end(&mut self, after: Span) {
        self.control.rollout.migration_step += 1;
        let number = self.control.rollout.migration_step;
        self.schedule(after, Event::MigrationEnds(number));
    }

    fn begin_migration_work(&mut self) {
        let Some(spec) = self.release.migration else { return };
        let strain = Strain { locks: spec.locks, factor: spec.slowdown.get() };
        self.data.strained_by_migration(strain, self.now);
    }

    pub(in crate::sim) fn migration_ends(&mut self, number: u32) {
        if number != self.control.rollout.migration_step {
            return;
        }
        self.data.strained_by_migration(Strain::NONE, self.now);
        let fails =
            self.release.migration.is_some_and(|it| matches!(it.end, MigrationEnd::FailsAt(_)));
        let (state, text) = match self.control.rollout.seen.migration() {
            MigrationState::Running if fails => {
                (MigrationState::Failed, "migration failed half-way")
            }
            MigrationState::Running => (MigrationState::Done, "migration complete"),
            MigrationState::Undoing => (MigrationState::Undone, "migration undone"),
            MigrationState::None
            | MigrationState::Pending
            | MigrationState::Done
            | MigrationState::Failed
            | MigrationState::Undone => return,
        };
        self.control.rollout.seen.set_migration(state);
        self.note(Topic::Migration, |_| (text, ""));
        self.database_opens();
    }

    pub(super) fn undo_migration(&mut self) {
        let Some(spec) = self.release.migration else { return };
        let state = self.control.rollout.seen.migration();
        let started = matches!(
            state,
            MigrationState::Running | MigrationState::Done | MigrationState::Failed
        );
        if !started {
            return;
        }
        if !spec.reversible {
            self.note(Topic::Migration, |_| ("migration cannot be undone", "it is irreversible"));
            self.control.rollout.seen.set_migration(MigrationState::Undone);
            self.data.strained_by_migration(Strain::NONE, self.now);
            self.database_opens();
            return;
        }
        self.control.rollout.seen.set_migration(MigrationState::Undoing);
        self.note(Topic::Migration, |_| ("undoing the migration", ""));
        self.begin_migration_work();
        self.schedule_migration_end(spec.undo);
    }

    /// Chance that a query fails because release and schema do not fit.
    pub(in crate::sim) fn schema_errors(&self, slot: SlotId) -> f64 {
        let Some(spec) = self.release.migration else { return 0.0 };
        let old = self.data.slots()[slot].release != ReleaseId::CANDIDATE;
        let changed = match self.control.rollout.seen.migration() {
            MigrationState::Done | MigrationState::Undoing | MigrationState::Failed => true,
            MigrationState::Undone => !spec.reversible,
            MigrationState::None | MigrationState::Pending | MigrationState::Running => false,
        };
        match (old, changed) {
            (true, true) => spec.breaks_old.get(),
            (false, false) => spec.breaks_new.get(),
            _ => 0.0,
        }
    }
}
