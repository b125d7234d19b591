//! What a strategy sees beside the instances, and whether anything that it sees has changed since it looked.

use crate::{
    model::{
        AnalysisId, AnalysisState, Answer, ByAnalysis, MigrationState, Orders, SmokeState, View,
    },
    units::Span,
};

#[derive(Clone)]
pub(in crate::sim) struct Seen {
    analyses: ByAnalysis<Option<AnalysisState>>,
    migration: MigrationState,
    smoke: SmokeState,
    answer: Option<Answer>,
    orders: Orders,
    frozen_for: Span,
    /// Something has changed.
    changed: bool,
    /// What the strategy was shown last.
    shown: Option<View>,
    /// Kept for the room that it has.
    spare: View,
}

impl Seen {
    pub(super) fn new(migration: MigrationState) -> Self {
        Self {
            analyses: ByAnalysis::new(),
            migration,
            smoke: SmokeState::Idle,
            answer: None,
            orders: Orders::default(),
            frozen_for: Span::ZERO,
            changed: false,
            shown: None,
            spare: View::default(),
        }
    }

    #[inline]
    pub(in crate::sim) const fn has_changed(&self) -> bool {
        self.changed
    }

    /// What the platform or the balancer has has changed, by a setter of its own.
    pub(super) const fn look_again(&mut self) {
        self.changed = true;
    }

    /// The strategy is to look although nothing may have changed but the time.
    pub(super) fn wake(&mut self) {
        self.shown = None;
        self.changed = true;
    }

    /// All that has changed has been seen.
    pub(super) const fn settled(&mut self) {
        self.changed = false;
    }

    pub(super) fn set_analysis(&mut self, id: AnalysisId, state: Option<AnalysisState>) {
        self.analyses.reach(id, None);
        self.analyses[id] = state;
        self.changed = true;
    }

    pub(super) const fn set_migration(&mut self, migration: MigrationState) {
        self.migration = migration;
        self.changed = true;
    }

    pub(super) const fn set_smoke(&mut self, smoke: SmokeState) {
        self.smoke = smoke;
        self.changed = true;
    }

    pub(super) const fn set_answer(&mut self, answer: Option<Answer>) {
        self.answer = answer;
        self.changed = true;
    }

    pub(super) fn order(&mut self, order: impl FnOnce(&mut Orders)) {
        order(&mut self.orders);
        self.changed = true;
    }

    /// A freeze that lasted so long is over.
    pub(super) const fn thaw(&mut self, frozen: Span) {
        self.orders.freeze = false;
        self.frozen_for = self.frozen_for.saturating_add(frozen);
        self.changed = true;
    }

    pub(super) const fn migration(&self) -> MigrationState {
        self.migration
    }

    pub(in crate::sim) const fn orders(&self) -> Orders {
        self.orders
    }

    /// A view to be filled with the instances, in the room of an earlier one; without the time, which passes without
    /// changing anything.
    pub(super) fn view(&mut self) -> View {
        let mut view = std::mem::take(&mut self.spare);
        view.analyses.clone_from(&self.analyses);
        view.migration = self.migration;
        view.smoke = self.smoke;
        view.answer = self.answer;
        view.orders = self.orders;
        view.frozen_for = self.frozen_for;
        view
    }

    /// A view, unless it is the one that was shown last, whose room is kept.
    pub(super) fn if_new(&mut self, view: View) -> Option<View> {
        if self.shown.as_ref() != Some(&view) {
            return Some(view);
        }
        self.spare = view;
        None
    }

    /// A view has been shown.
    pub(super) fn has_shown(&mut self, view: View) {
        self.spare = self.shown.replace(view).unwrap_or_default();
    }
}
