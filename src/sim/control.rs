//! The rollout: what the strategy is shown, what it asks for, and what becomes of it.

use super::{
    Topic,
    attempts::{Attempt, NONE},
    platform::compile_match,
    world::{Event, World},
};
use crate::{
    judge::{AnalysisRun, Measurement, RunState, Subject},
    model::{
        Action, AnalysisState, Answer, Cohort, FlagRule, Group, MigrationEnd, MigrationState, Phase,
        ReleaseId, SmokeState, SmokeTest, View, Wake,
    },
    scenario::Plan,
    strategy::Strategy,
    units::{Instant, Span, narrow},
};

/// The rollout as the platform knows it.
pub(super) struct Rollout {
    pub(super) strategy: Box<dyn Strategy>,
    pub(super) phase: Phase,
    begun: bool,
    /// The strategy uses a feature flag.
    pub(super) flagged: bool,
    /// What the strategy was shown last.
    shown: Option<View>,
    /// Number of the wake-up that counts, and when it is due.
    wake: u32,
    pub(super) wake_at: Option<u64>,
    analysis: Option<AnalysisRun>,
    analysis_state: AnalysisState,
    look: u32,
    pub(super) migration: MigrationState,
    migration_step: u32,
    smoke: Option<Smoke>,
    smoke_state: SmokeState,
    question: u32,
    pub(super) asked: bool,
    answer: Option<Answer>,
    pub(super) undo_ordered: bool,
    /// Looks of all analyses.
    pub(super) measurements: Vec<Measurement>,
}

/// Looks that one trial keeps.
const MEASUREMENTS_MAX: usize = 20_000;
/// Reconciling settles within this many rounds in one moment, or the strategy is at fault.
const ROUNDS_MAX: u32 = 100;

struct Smoke {
    test: SmokeTest,
    operations: Vec<usize>,
    answered: u32,
    failed: u32,
}

impl Rollout {
    pub(super) fn new(plan: &Plan, strategy: Box<dyn Strategy>) -> Self {
        let migration = match plan.scenario.release.migration {
            Some(_) => MigrationState::Pending,
            None => MigrationState::None,
        };
        let flagged = strategy.uses_flag();
        Self {
            strategy,
            phase: Phase::Pending,
            begun: false,
            flagged,
            shown: None,
            wake: 0,
            wake_at: None,
            analysis: None,
            analysis_state: AnalysisState::Idle,
            look: 0,
            migration,
            migration_step: 0,
            smoke: None,
            smoke_state: SmokeState::Idle,
            question: 0,
            asked: false,
            answer: None,
            undo_ordered: false,
            measurements: Vec::new(),
        }
    }

    pub(super) const fn under_way(&self) -> bool {
        self.begun && !self.phase.is_final()
    }

    /// There is something to undo that is not being undone already.
    pub(super) const fn can_be_undone(&self) -> bool {
        let undoable = matches!(self.phase, Phase::Progressing | Phase::Paused | Phase::Completed);
        self.begun && undoable && !self.undo_ordered
    }

    pub(super) const fn is_analysing(&self) -> bool {
        self.analysis.is_some()
    }

    pub(super) const fn is_migrating(&self) -> bool {
        matches!(self.migration, MigrationState::Running | MigrationState::Undoing)
    }
}

impl World<'_> {
    pub(super) fn begin_rollout(&mut self) {
        self.rollout.begun = true;
        self.stirred = true;
    }

    pub(super) fn wake(&mut self, number: u32) {
        if number == self.rollout.wake {
            self.rollout.wake_at = None;
            self.rollout.shown = None;
            self.stirred = true;
        }
    }

    fn view(&self) -> View {
        View {
            now: Instant::ZERO,
            fleet: self.platform.fleet,
            stable: self.replicas(ReleaseId::Stable),
            candidate: self.replicas(ReleaseId::Candidate),
            analysis: self.rollout.analysis_state,
            migration: self.rollout.migration,
            smoke: self.rollout.smoke_state,
            answer: self.rollout.answer,
            undo_ordered: self.rollout.undo_ordered,
        }
    }

    /// Shows the strategy what has changed and does what it asks, until it asks for nothing more.
    pub(super) fn reconcile(&mut self) {
        self.stirred = false;
        if !self.rollout.begun {
            return;
        }
        let mut actions = Vec::new();
        for round in 0.. {
            assert!(round < ROUNDS_MAX, "a strategy settles: it asks for no end of things");
            let view = self.view();
            if self.rollout.shown.as_ref() == Some(&view) {
                break;
            }
            self.rollout.shown = Some(view.clone());
            let wake = self
                .rollout
                .strategy
                .reconcile(&View { now: self.instant(), ..view }, &mut actions);
            self.set_wake(wake);
            for action in actions.drain(..) {
                self.act(action);
            }
        }
        self.stirred = false;
        self.watch_way_home();
    }

    fn set_wake(&mut self, wake: Wake) {
        let at = match wake {
            Wake::OnChange => None,
            // never the same moment again: a strategy that asks for now is asked a nanosecond later
            Wake::At(at) => Some(at.nanos().max(self.now + 1)),
        };
        if at != self.rollout.wake_at {
            self.rollout.wake += 1;
            self.rollout.wake_at = at;
            if let Some(at) = at {
                let number = self.rollout.wake;
                self.schedule(Span::from_nanos(at - self.now), Event::Wake(number));
            }
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Scale { release, replicas } => self.scale(release, replicas),
            Action::Weight(weight) => self.ask_weight(weight.get()),
            Action::Flag(rule) => self.set_flag(&rule),
            Action::Migrate => self.migrate(),
            Action::UndoMigration => self.undo_migration(),
            Action::StartAnalysis { of_feature } => self.start_analysis(of_feature),
            Action::StopAnalysis => {
                self.rollout.analysis = None;
                self.rollout.analysis_state = AnalysisState::Idle;
            }
            Action::Smoke(test) => self.start_smoke(test),
            Action::Ask(question) => self.ask(question),
            Action::Enter(phase, why) => self.enter(phase, why),
            Action::Note(text) => self.note(Topic::Rollout, text, ""),
        }
    }

    fn enter(&mut self, phase: Phase, why: String) {
        if self.rollout.phase == phase {
            return;
        }
        self.rollout.phase = phase;
        self.ledger.phase_changes(phase, self.now);
        self.note(Topic::Rollout, phase.name(), why);
    }

    /// All traffic is on the old release again: the way back is over for the users.
    fn watch_way_home(&mut self) {
        if !self.ledger.on_the_way_home() {
            return;
        }
        let stable = self.pools[self.traffic.pool_of(ReleaseId::Stable)].members();
        let serving = |release: ReleaseId| {
            stable.iter().any(|&it| {
                let slot = &self.slots[it as usize];
                slot.release == release && slot.state.accepts()
            })
        };
        let home = if self.rollout.flagged {
            self.flags.off_everywhere(&self.slots)
        } else if self.traffic.shared() {
            serving(ReleaseId::Stable) && !serving(ReleaseId::Candidate)
        } else {
            self.traffic.weight() <= 0.0 && serving(ReleaseId::Stable)
        };
        if home {
            self.ledger.home_again(self.now);
            self.note(Topic::Traffic, "all traffic is back on the old release", "");
        }
    }

    // analysis

    fn start_analysis(&mut self, of_feature: bool) {
        let Some(spec) = &self.plan.scenario.analysis else { return };
        let (candidate, baseline) = if of_feature {
            (Group::FlagOn, Group::FlagOff)
        } else {
            (Group::Candidate, Group::Stable)
        };
        let subject = Subject { candidate, baseline, since: self.instant() };
        self.rollout.analysis = Some(AnalysisRun::start(spec, subject, self.instant()));
        self.rollout.analysis_state = AnalysisState::Running;
        self.schedule_look();
    }

    fn schedule_look(&mut self) {
        let Some(run) = &self.rollout.analysis else { return };
        let due = run.due();
        if due < Instant::NEVER {
            self.rollout.look += 1;
            let number = self.rollout.look;
            self.schedule(due.since(self.instant()), Event::Look(number));
        }
    }

    pub(super) fn look(&mut self, number: u32) {
        if number != self.rollout.look {
            return;
        }
        let now = self.instant();
        let Some(run) = &mut self.rollout.analysis else { return };
        let mut measurements = Vec::new();
        let state = run.tick(&self.monitor.telemetry.observed(now), &mut measurements);
        for measurement in measurements {
            self.book_measurement(measurement);
        }
        self.rollout.analysis_state = match state {
            RunState::Running => AnalysisState::Running,
            RunState::Passed => AnalysisState::Passed,
            RunState::Failed => AnalysisState::Failed,
            RunState::Inconclusive => AnalysisState::Inconclusive,
            RunState::Errored => AnalysisState::Errored,
        };
        if state == RunState::Running {
            self.schedule_look();
        } else {
            self.rollout.analysis = None;
            let text = match state {
                RunState::Passed => "analysis passed",
                RunState::Failed => "analysis failed",
                RunState::Inconclusive => "analysis is inconclusive",
                RunState::Errored | RunState::Running => "analysis could not measure",
            };
            let why = self.rollout.measurements.last().map(Measurement::to_string);
            self.note(Topic::Verdict, text, why.unwrap_or_default());
            if state == RunState::Failed {
                self.ledger.detected(self.now);
            }
        }
        self.stirred = true;
    }

    fn book_measurement(&mut self, measurement: Measurement) {
        if measurement.is_failure() {
            self.note(Topic::Verdict, measurement.to_string(), "");
        }
        if self.rollout.measurements.len() < MEASUREMENTS_MAX {
            self.rollout.measurements.push(measurement);
        }
    }

    // migration

    fn migrate(&mut self) {
        let Some(spec) = self.plan.scenario.release.migration else { return };
        if self.rollout.migration != MigrationState::Pending {
            return;
        }
        self.rollout.migration = MigrationState::Running;
        let cause = if spec.locks { "it holds a lock that every query waits for" } else { "" };
        self.note(Topic::Migration, "migration begins", cause);
        self.begin_migration_work();
        if spec.locks {
            self.ledger.symptom(self.now);
        }
        match spec.end {
            MigrationEnd::Finishes => self.schedule_migration_end(spec.duration),
            MigrationEnd::FailsAt(part) => {
                self.schedule_migration_end(spec.duration.scale(part.get()));
            }
            MigrationEnd::Loops => {}
        }
    }

    fn schedule_migration_end(&mut self, after: Span) {
        self.rollout.migration_step += 1;
        let number = self.rollout.migration_step;
        self.schedule(after, Event::MigrationEnds(number));
    }

    fn begin_migration_work(&mut self) {
        let Some(spec) = self.plan.scenario.release.migration else { return };
        self.database.migration_locks = spec.locks;
        self.database.migration_factor = spec.slowdown.get();
        self.stirred = true;
    }

    pub(super) fn migration_ends(&mut self, number: u32) {
        if number != self.rollout.migration_step {
            return;
        }
        self.database.migration_locks = false;
        self.database.migration_factor = 1.0;
        let fails = self
            .plan
            .scenario
            .release
            .migration
            .is_some_and(|it| matches!(it.end, MigrationEnd::FailsAt(_)));
        let (state, text) = match self.rollout.migration {
            MigrationState::Running if fails => (MigrationState::Failed, "migration fails half-way"),
            MigrationState::Running => (MigrationState::Done, "migration is done"),
            MigrationState::Undoing => (MigrationState::Undone, "migration is undone"),
            MigrationState::None
            | MigrationState::Pending
            | MigrationState::Done
            | MigrationState::Failed
            | MigrationState::Undone => return,
        };
        self.rollout.migration = state;
        self.note(Topic::Migration, text, "");
        self.database_opens();
        self.stirred = true;
    }

    pub(super) fn database_opens(&mut self) {
        if !self.database.locked() {
            self.admit_queries();
        }
    }

    fn undo_migration(&mut self) {
        let Some(spec) = self.plan.scenario.release.migration else { return };
        let state = self.rollout.migration;
        let started =
            matches!(state, MigrationState::Running | MigrationState::Done | MigrationState::Failed);
        if !started {
            return;
        }
        if !spec.reversible {
            self.note(Topic::Migration, "migration cannot be undone", "it is irreversible");
            self.rollout.migration = MigrationState::Undone;
            self.database.migration_locks = false;
            self.database.migration_factor = 1.0;
            self.database_opens();
            self.stirred = true;
            return;
        }
        self.rollout.migration = MigrationState::Undoing;
        self.note(Topic::Migration, "migration is being undone", "");
        self.begin_migration_work();
        self.schedule_migration_end(spec.undo);
    }

    /// Chance that a query fails because release and schema do not fit.
    pub(super) fn schema_errors(&self, slot: u32) -> f64 {
        let Some(spec) = self.plan.scenario.release.migration else { return 0.0 };
        let stable = self.slots[slot as usize].release == ReleaseId::Stable;
        let changed = match self.rollout.migration {
            MigrationState::Done | MigrationState::Undoing | MigrationState::Failed => true,
            MigrationState::Undone => !spec.reversible,
            MigrationState::None | MigrationState::Pending | MigrationState::Running => false,
        };
        match (stable, changed) {
            (true, true) => spec.breaks_old.get(),
            (false, false) => spec.breaks_new.get(),
            _ => 0.0,
        }
    }

    // smoke test

    fn start_smoke(&mut self, test: SmokeTest) {
        let plan = self.plan;
        let operations: Vec<usize> = if test.operations.is_empty() {
            (0..plan.operations.len()).collect()
        } else {
            test.operations.iter().filter_map(|it| plan.operation(it)).collect()
        };
        let gap = Span::from_nanos(test.over.nanos() / u64::from(test.requests));
        let text = format!("smoke test of {} requests", test.requests);
        self.note(Topic::Rollout, text, "");
        for number in 0..test.requests {
            self.schedule(gap.scale(f64::from(number)), Event::Smoke(number));
        }
        self.rollout.smoke = Some(Smoke { test, operations, answered: 0, failed: 0 });
        self.rollout.smoke_state = SmokeState::Running;
    }

    pub(super) fn smoke_request(&mut self, number: u32) {
        let Some(smoke) = &self.rollout.smoke else { return };
        let operation = smoke.operations[number as usize % smoke.operations.len()];
        // smoke tests are requests of their own, beyond all that users send
        let request = 1 << 59 | u64::from(number);
        let index = self.attempts.insert(Attempt {
            arrived: self.now,
            first: self.now,
            request,
            user: 0,
            generation: 0,
            next: NONE,
            slot: NONE,
            cohort: Cohort::Exposed,
            operation: operation as u8,
            tries: 0,
            flags: Attempt::SMOKE,
        });
        self.send(index);
    }

    pub(super) fn smoke_answered(&mut self, well: bool) {
        let Some(smoke) = &mut self.rollout.smoke else { return };
        smoke.answered += 1;
        smoke.failed += u32::from(!well);
        if smoke.answered < smoke.test.requests {
            return;
        }
        let share = f64::from(smoke.failed) / f64::from(smoke.test.requests);
        let passed = share <= smoke.test.failures_max.get();
        let text = format!(
            "smoke test {}: {} of {} failed",
            if passed { "passed" } else { "failed" },
            smoke.failed,
            smoke.test.requests
        );
        self.rollout.smoke = None;
        self.rollout.smoke_state = if passed { SmokeState::Passed } else { SmokeState::Failed };
        self.note(Topic::Verdict, text, "");
        self.stirred = true;
    }

    // people

    fn ask(&mut self, question: String) {
        self.rollout.question += 1;
        self.rollout.asked = true;
        self.rollout.answer = None;
        let number = self.rollout.question;
        self.note(Topic::Operator, format!("asked: {question}"), "");
        let delay = self.approval_delay(number);
        self.schedule(delay, Event::Answer(number));
    }

    pub(super) fn answer(&mut self, number: u32) {
        if number != self.rollout.question {
            return;
        }
        let yes = self.plan.scenario.operator.approves;
        self.rollout.asked = false;
        self.rollout.answer = Some(if yes { Answer::Yes } else { Answer::No });
        self.note(Topic::Operator, if yes { "answered: yes" } else { "answered: no" }, "");
        self.stirred = true;
    }

    // flag

    fn set_flag(&mut self, rule: &FlagRule) {
        let compile = |it: &Vec<_>| it.iter().map(|it| compile_match(self.plan, it)).collect();
        let (include, exclude) = (compile(&rule.include), compile(&rule.exclude));
        let version = self.flags.change(rule.share.get(), include, exclude);
        self.note(Topic::Flag, super::flags::describe(rule), "");
        let propagation = self.plan.scenario.fleet.flag_propagation;
        for slot in 0..narrow(self.slots.len()) {
            let instance = &self.slots[slot as usize];
            if !instance.state.serves() {
                continue;
            }
            // each instance asks for the flags at its own moments
            let epoch = instance.epoch;
            let luck = self.keys.probe.child(1).uniform(instance.entity);
            self.schedule(propagation.scale(luck), Event::Flag { slot, epoch, version });
        }
    }

    pub(super) fn hear_of_flag(&mut self, slot: u32, epoch: u32, version: u16) {
        let instance = &mut self.slots[slot as usize];
        if instance.epoch == epoch && instance.flag < version {
            instance.flag = version;
            self.stirred = true;
        }
    }
}
