//! The rollout: what the strategy is shown, what it asks for, and what becomes of it.

use super::{operator::Duty, seen::Seen, smoke_test::SmokeTestRun, under_way::UnderWay};
use crate::{
    judge::{Measurement, Tally},
    model::{
        Action, Answer, ByAnalysis, GroupId, GroupView, MigrationState, Phase, ReleaseId, View,
        Wake,
    },
    scenario::ReleaseSpec,
    sim::{
        Topic,
        ids::SlotId,
        outcome::GateOutcome,
        waits::Law,
        world::{Event, World},
    },
    strategy::Strategy,
    units::{Instant, Span},
};
/// The rollout as the platform knows it.
#[derive(Clone)]
pub(in crate::sim) struct Rollout {
    pub(in crate::sim) strategy: Box<dyn Strategy>,
    pub(in crate::sim) phase: Phase,
    begun: bool,
    /// The strategy uses a feature flag.
    pub(in crate::sim) flagged: bool,
    pub(in crate::sim) seen: Seen,
    /// Kept for the room that they have.
    actions: Vec<Action>,
    /// Number of the wake-up that counts, and when it is due.
    wake: u32,
    pub(in crate::sim) wake_at: Option<u64>,
    pub(super) analyses: ByAnalysis<UnderWay>,
    pub(super) migration_step: u32,
    pub(super) smoke: Option<SmokeTestRun>,
    question: u32,
    pub(in crate::sim) asked: bool,
    /// Freezes so far, and when the present one began.
    pub(super) freezes: u32,
    pub(super) frozen_since: u64,
    /// Measurements of all analyses.
    pub(in crate::sim) measurements: Vec<Measurement>,
    /// What each gate has come to, in the order of the scenario.
    pub(in crate::sim) gates: Vec<GateOutcome>,
    /// When each step of the strategy was done, in nanoseconds.
    pub(super) steps_done: Vec<u64>,
    /// What each gate saw during a step: number of the step, tallies in the order of the gates.
    pub(super) step_tallies: Vec<(usize, Vec<Tally>)>,
}

/// Reconciling settles within this many rounds in one moment, or the strategy is at fault.
const ROUNDS_MAX: u32 = 100;

impl Rollout {
    pub(in crate::sim) fn new(release: &ReleaseSpec, strategy: Box<dyn Strategy>) -> Self {
        let migration = match release.migration {
            Some(_) => MigrationState::Pending,
            None => MigrationState::None,
        };
        let flagged = strategy.uses_flag();
        Self {
            strategy,
            phase: Phase::Pending,
            begun: false,
            flagged,
            seen: Seen::new(migration),
            actions: Vec::new(),
            wake: 0,
            wake_at: None,
            analyses: ByAnalysis::new(),
            migration_step: 0,
            smoke: None,
            question: 0,
            asked: false,
            freezes: 0,
            frozen_since: 0,
            measurements: Vec::new(),
            gates: Vec::new(),
            steps_done: Vec::new(),
            step_tallies: Vec::new(),
        }
    }

    /// Before it begins: another strategy is to ship the release.
    pub(in crate::sim) fn is_steered_by(&mut self, strategy: Box<dyn Strategy>) {
        self.flagged = strategy.uses_flag();
        self.strategy = strategy;
    }

    const fn begin(&mut self) {
        self.begun = true;
        self.seen.look_again();
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// One release has all of the fleet, and the strategy keeps to its size.
    pub(super) const fn has_no_say(&self) -> bool {
        !self.begun || matches!(self.phase, Phase::Completed | Phase::RolledBack)
    }

    pub(in crate::sim) const fn under_way(&self) -> bool {
        self.begun && !self.phase.is_final()
    }

    pub(in crate::sim) fn is_analysing(&self) -> bool {
        self.analyses.iter().any(UnderWay::is_running)
    }

    pub(in crate::sim) const fn is_migrating(&self) -> bool {
        matches!(self.seen.migration(), MigrationState::Running | MigrationState::Undoing)
    }
}

impl World<'_> {
    pub(in crate::sim) fn begin_rollout(&mut self) {
        self.control.rollout.begin();
    }

    pub(in crate::sim) fn wake(&mut self, number: u32) {
        if number == self.control.rollout.wake {
            self.control.rollout.wake_at = None;
            self.control.rollout.seen.wake();
        }
    }

    /// What the strategy is to be shown; without the time.
    fn view(&mut self) -> View {
        let mut view = self.control.rollout.seen.view();
        view.fleet = self.control.platform.fleet();
        for group in self.control.platform.groups() {
            if view.groups.len() == group.index() {
                view.groups.push(GroupView::default());
            }
            self.group_into(group, &mut view.groups[group]);
        }
        view
    }

    /// Shows the strategy what has changed and does what it asks, until it asks for nothing more.
    pub(in crate::sim) fn reconcile(&mut self) {
        self.continue_restart();
        self.control.rollout.seen.settled();
        if !self.control.rollout.begun {
            return;
        }
        let mut actions = std::mem::take(&mut self.control.rollout.actions);
        for round in 0.. {
            assert!(round < ROUNDS_MAX, "a strategy settles: it keeps asking for actions");
            let view = self.view();
            let Some(mut view) = self.control.rollout.seen.if_new(view) else { break };
            view.now = self.instant();
            let wake = self.control.rollout.strategy.reconcile(&view, &mut actions);
            view.now = Instant::ZERO;
            self.control.rollout.seen.has_shown(view);
            self.set_wake(wake);
            self.control
                .rollout
                .steps_done
                .resize(self.control.rollout.strategy.steps_done(), self.now);
            for action in actions.drain(..) {
                self.act(action);
            }
        }
        self.control.rollout.actions = actions;
        self.control.rollout.seen.settled();
        self.watch_way_home();
        self.watch_arrival();
    }

    fn set_wake(&mut self, wake: Wake) {
        let at = match wake {
            Wake::OnChange => None,
            // never the same moment again: a strategy that asks for now is asked a nanosecond later
            Wake::At(at) => Some(at.nanos().max(self.now + 1)),
        };
        if at != self.control.rollout.wake_at {
            self.control.rollout.wake += 1;
            self.control.rollout.wake_at = at;
            if let Some(at) = at {
                let number = self.control.rollout.wake;
                self.schedule(Span::from_nanos(at - self.now), Event::Wake(number));
            }
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Scale { group, replicas } => self.scale(group, replicas),
            Action::Weight { group, share } => self.ask_weight(group, share),
            Action::Flag(rule) => self.set_flag(&rule),
            Action::Migrate => self.migrate(),
            Action::UndoMigration => self.undo_migration(),
            Action::StartAnalysis(id, compared) => self.start_analysis(id, &compared),
            Action::StopAnalysis(id) => self.stop_analysis(id),
            Action::Smoke(test) => self.start_smoke(test),
            Action::Ask(question) => self.ask(&question),
            Action::Enter(phase, why) => self.enter(phase, why),
            Action::Note(text) => self.note(Topic::Rollout, |_| (text, "")),
        }
    }

    fn enter(&mut self, phase: Phase, why: String) {
        if self.control.rollout.phase == phase {
            return;
        }
        self.control.rollout.phase = phase;
        self.books.ledger.phase_changes(phase, self.now);
        if phase == Phase::RollingBack && self.undoes_harmful_code() {
            self.books.ledger.not_home_yet();
        }
        self.books.ledger.answering_changes(self.control.platform.answering);
        self.note(Topic::Rollout, |_| (phase.name(), why));
        self.operator_reconsiders();
        if self.control.rollout.has_no_say() {
            self.adopt_size_of_home();
        }
    }

    /// There is something to undo that is not being undone already: a rollout under way, complete or failed, or
    /// one that was switched off while its code still serves.
    pub(super) fn can_be_undone(&self) -> bool {
        let code_serves = self.control.platform.desired_of(ReleaseId::CANDIDATE) > 0;
        let undoable = match self.control.rollout.phase {
            Phase::Progressing | Phase::Paused | Phase::Completed | Phase::Failed => true,
            Phase::RolledBack => code_serves,
            Phase::Pending | Phase::RollingBack => false,
        };
        self.control.rollout.begun && undoable && !self.control.rollout.seen.orders().undo
    }

    /// Switching the feature off is not enough: its code hurts too, and is being undone.
    const fn undoes_harmful_code(&self) -> bool {
        self.control.rollout.flagged
            && self.control.rollout.seen.orders().undo
            && self.books.ledger.hurt_in_the_dark()
    }

    /// All traffic is on the old release again: the rollback is over for the users.
    fn watch_way_home(&mut self) {
        if !self.books.ledger.on_the_way_home() {
            return;
        }
        // what is old is whatever is not the candidate
        let serving = |new: bool| {
            self.data.endpoints().any(|it| {
                let slot = &self.data.slots()[it];
                (slot.release == ReleaseId::CANDIDATE) == new && slot.state.accepts()
            })
        };
        let only_the_feature = self.control.rollout.flagged && !self.undoes_harmful_code();
        let home = if only_the_feature {
            self.control.flags.off_everywhere(self.data.slots())
        } else if self.data.traffic().shared() {
            serving(false) && !serving(true)
        } else {
            self.share_of_release(ReleaseId::CANDIDATE) <= 0.0 && serving(false)
        };
        if home {
            self.books.ledger.home_again(self.now);
            let text = if only_the_feature {
                "the feature is off for all users"
            } else {
                "all traffic is back on the old release"
            };
            self.note(Topic::Traffic, |_| (text, ""));
        }
    }

    /// All users are on the new release: what the rollout does from here on is no delay for them.
    fn watch_arrival(&mut self) {
        if !self.books.ledger.course().is_under_way() {
            return;
        }
        let all = self.new_release_alone()
            && (!self.control.rollout.flagged
                || self.control.flags.on_everywhere(self.data.slots()));
        self.books.ledger.all_on_new(all, self.now);
    }

    /// Whether whatever gets requests is of the new release.
    fn new_release_alone(&self) -> bool {
        let shared = self.data.traffic().shared();
        let is_old = |it: &SlotId| {
            let slot = &self.data.slots()[*it];
            slot.release != ReleaseId::CANDIDATE && slot.state.accepts()
        };
        // mostly the first of the old fleet is enough to know
        let stable = self.data.endpoints_of(GroupId::STABLE);
        if (shared || self.data.traffic().away() < 1.0 - 1e-9) && stable.first().is_some_and(is_old)
        {
            return false;
        }
        let has_traffic = |group: &GroupId| {
            let traffic = self.data.traffic();
            let stable = *group == GroupId::STABLE;
            shared
                || if stable {
                    traffic.away() < 1.0 - 1e-9
                } else {
                    traffic.weight_of(*group) > 0.0
                }
        };
        let groups = self.control.platform.groups().filter(has_traffic);
        let endpoints = groups.flat_map(|it| self.data.endpoints_of(it));
        let slots = endpoints.map(|it| &self.data.slots()[*it]);
        let mut serving = slots.filter(|it| it.state.accepts()).peekable();
        serving.peek().is_some() && serving.all(|it| it.release == ReleaseId::CANDIDATE)
    }

    /// Which endpoints get requests has changed.
    pub(in crate::sim) fn pool_changed(&mut self) {
        self.weight_reached();
        self.control.traffic_moves();
    }

    fn ask(&mut self, question: &str) {
        self.control.rollout.question += 1;
        self.control.rollout.asked = true;
        self.control.rollout.seen.set_answer(None);
        let number = self.control.rollout.question;
        self.note(Topic::Operator, |_| (format!("approval requested: {question}"), ""));
        let delay = self.approval_delay(number);
        self.schedule_chance(
            delay,
            Event::Operator(Duty::Answer(number)),
            Law::Approve.of(u64::from(number)),
        );
    }

    pub(super) fn answer(&mut self, number: u32) {
        if number != self.control.rollout.question {
            return;
        }
        let yes = self.plan.scenario.operator.approves;
        self.control.rollout.asked = false;
        self.control.rollout.seen.set_answer(Some(if yes { Answer::Yes } else { Answer::No }));
        let said = if yes { "approved" } else { "refused" };
        self.note(Topic::Operator, |_| (said, ""));
    }
}
