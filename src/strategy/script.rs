//! An ideal platform for the strategies' tests: instances are ready a fixed time after they were
//! asked for, nothing else goes wrong than what the script says.

use std::{collections::BTreeMap, sync::Arc};

use super::{Strategy, StrategySpec};
use crate::{
    model::{
        Action, AnalysisState, Answer, Compared, GroupId, GroupView, MigrationState, Phase,
        SmokeState, View, Wake,
    },
    units::{Instant, Ratio, Span},
};

pub(super) fn secs(seconds: u64) -> Instant {
    Instant::from_nanos(seconds * 1_000_000_000)
}

/// What happens to a rollout, and how fast the platform is.
pub(super) struct Script {
    pub fleet: u32,
    pub startup: Span,
    pub drain: Span,
    /// Whether candidate instances crash instead of becoming ready.
    pub candidate_crashes: bool,
    /// Time the migration takes and the state it ends in; there is none without.
    pub migration: Option<(Span, MigrationState)>,
    pub reversible: bool,
    /// What each analysis in turn becomes, after this time; it runs on without.
    pub analyses: Vec<(Span, AnalysisState)>,
    pub smoke: SmokeState,
    /// Answer to every question, a minute after it.
    pub answer: Answer,
    pub undo_at: Option<Instant>,
    /// When the operator orders the remaining steps at once, and the feature off.
    pub forward_at: Option<Instant>,
    pub off_at: Option<Instant>,
    /// When the rollout is frozen, and for how long.
    pub freeze: Option<(Instant, Span)>,
    pub until: Instant,
    /// Whether every call goes to a clone as well, which must do the same and is what goes on.
    pub cloned: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            fleet: 4,
            startup: Span::from_secs(10),
            drain: Span::from_secs(5),
            candidate_crashes: false,
            migration: None,
            reversible: true,
            analyses: Vec::new(),
            smoke: SmokeState::Passed,
            answer: Answer::Yes,
            undo_at: None,
            forward_at: None,
            off_at: None,
            freeze: None,
            until: secs(1_000_000),
            cloned: false,
        }
    }
}

/// What a strategy did, and what was there meanwhile.
pub(super) struct Log {
    pub actions: Vec<(Instant, Action)>,
    pub ready_min: u32,
    pub total_max: u32,
    pub view: View,
    pub weight: Ratio,
}

enum Due {
    Ready(GroupId),
    Gone(GroupId),
    Migration(MigrationState),
    Analysis(usize, AnalysisState),
    Smoke(SmokeState),
    Answer(Answer),
    Undo,
    Forward,
    Off,
    Freeze,
    Thaw(Span),
}

struct Platform<'s> {
    script: &'s Script,
    log: Log,
    due: BTreeMap<(Instant, u64), Due>,
    count: u64,
    runs: usize,
}

/// Runs a strategy's section of a scenario, given as JSON, to the script's end.
pub(super) fn play(spec: &str, script: &Script) -> Log {
    let spec: StrategySpec = serde_json::from_str(spec).unwrap();
    let mut strategy = spec.build();
    let mut platform = Platform::new(script);
    let mut wake = platform.settle(&mut strategy);
    loop {
        let woken = match wake {
            Wake::At(at) => at,
            Wake::OnChange => Instant::NEVER,
        };
        let next = platform.due.keys().next().map_or(Instant::NEVER, |key| key.0).min(woken);
        if next > script.until {
            return platform.log;
        }
        platform.log.view.now = next;
        while platform.due.first_key_value().is_some_and(|(key, _)| key.0 == next) {
            let (_, due) = platform.due.pop_first().unwrap();
            platform.happen(&due);
        }
        wake = platform.settle(&mut strategy);
    }
}

impl<'s> Platform<'s> {
    fn new(script: &'s Script) -> Self {
        let fleet = script.fleet;
        let stable = GroupView {
            desired: fleet,
            held: fleet,
            existing: fleet,
            ready_since: vec![Instant::ZERO; fleet as usize].into(),
            ..GroupView::default()
        };
        let groups = [stable, GroupView::default()].into();
        let migration = match script.migration {
            Some(_) => MigrationState::Pending,
            None => MigrationState::None,
        };
        let view = View { now: secs(100), fleet, groups, migration, ..View::default() };
        let log = Log {
            actions: Vec::new(),
            ready_min: fleet,
            total_max: fleet,
            view,
            weight: Ratio::ZERO,
        };
        let mut platform = Self { script, log, due: BTreeMap::new(), count: 0, runs: 0 };
        let thaw = script.freeze.map(|(at, span)| (at.saturating_add(span), Due::Thaw(span)));
        let orders = [
            script.undo_at.map(|at| (at, Due::Undo)),
            script.forward_at.map(|at| (at, Due::Forward)),
            script.off_at.map(|at| (at, Due::Off)),
            script.freeze.map(|(at, _)| (at, Due::Freeze)),
            thaw,
        ];
        for (at, due) in orders.into_iter().flatten() {
            platform.due.insert((at, 0), due);
        }
        platform
    }

    fn after(&mut self, span: Span, due: Due) {
        self.count += 1;
        self.due.insert((self.log.view.now.saturating_add(span), self.count), due);
    }

    /// Reconciles until nothing is asked for any more, and then once more than needed.
    fn settle(&mut self, strategy: &mut Box<dyn Strategy>) -> Wake {
        for _ in 0..50 {
            let mut actions = Vec::new();
            let wake = self.reconcile(strategy, &mut actions);
            if let Wake::At(at) = wake {
                assert!(at > self.log.view.now, "a wake-up in the past");
            }
            if actions.is_empty() {
                let again = self.reconcile(strategy, &mut actions);
                assert_eq!((again, actions), (wake, Vec::new()), "one call more changes nothing");
                return wake;
            }
            for action in actions {
                self.take(&action);
                self.watch();
                self.log.actions.push((self.log.view.now, action));
            }
        }
        panic!("a strategy never stops asking: {:?}", self.log.actions.last());
    }

    fn reconcile(&self, strategy: &mut Box<dyn Strategy>, actions: &mut Vec<Action>) -> Wake {
        let clone = self.script.cloned.then(|| strategy.clone());
        let wake = strategy.reconcile(&self.log.view, actions);
        if let Some(mut clone) = clone {
            let mut same = Vec::new();
            let woken = clone.reconcile(&self.log.view, &mut same);
            assert_eq!((woken, &same), (wake, &*actions), "a clone does the same");
            assert_eq!(
                (clone.steps(), clone.steps_done()),
                (strategy.steps(), strategy.steps_done())
            );
            *strategy = clone;
        }
        wake
    }

    fn watch(&mut self) {
        let groups = &self.log.view.groups;
        let ready = groups.iter().map(GroupView::ready).sum();
        self.log.ready_min = self.log.ready_min.min(ready);
        let existing = groups.iter().map(|it| it.existing).sum();
        self.log.total_max = self.log.total_max.max(existing);
    }

    fn replicas(&mut self, group: GroupId) -> &mut GroupView {
        &mut self.log.view.groups[group]
    }

    fn scale(&mut self, group: GroupId, replicas: u32) {
        let (startup, drain) = (self.script.startup, self.script.drain);
        let it = self.replicas(group);
        let (before, ready) = (it.existing, it.ready());
        it.desired = replicas;
        it.held = replicas;
        it.existing = replicas;
        if replicas >= before {
            for _ in before..replicas {
                self.after(startup, Due::Ready(group));
            }
            return;
        }
        let unready = before - ready;
        let stopped = before - replicas;
        it.crashed -= it.crashed.min(stopped);
        let left = ready.saturating_sub(stopped.saturating_sub(unready));
        Arc::make_mut(&mut it.ready_since).truncate(left as usize);
        it.terminating += stopped;
        for _ in 0..stopped {
            self.after(drain, Due::Gone(group));
        }
        // a start that was stopped never becomes ready
        let starting = replicas - self.replicas(group).ready();
        let pending = |due: &Due| matches!(due, Due::Ready(it) if *it == group);
        let keys: Vec<_> = self.due.iter().filter(|it| pending(it.1)).map(|it| *it.0).collect();
        for key in keys.iter().skip(starting as usize) {
            self.due.remove(key);
        }
    }

    fn take(&mut self, action: &Action) {
        match action {
            Action::Scale { group, replicas } => self.scale(*group, *replicas),
            Action::Weight { share, .. } => self.log.weight = *share,
            Action::Migrate => {
                let (takes, end) = self.script.migration.unwrap();
                assert_eq!(self.log.view.migration, MigrationState::Pending);
                self.log.view.migration = MigrationState::Running;
                self.after(takes, Due::Migration(end));
            }
            Action::UndoMigration if self.script.reversible => {
                self.due.retain(|_, due| !matches!(due, Due::Migration(_)));
                self.log.view.migration = MigrationState::Undoing;
                self.after(Span::from_secs(60), Due::Migration(MigrationState::Undone));
            }
            Action::StartAnalysis(..) => {
                self.log.view.analyses = [Some(AnalysisState::Running)].into();
                if let Some(&(takes, end)) = self.script.analyses.get(self.runs) {
                    self.after(takes, Due::Analysis(self.runs, end));
                }
                self.runs += 1;
            }
            Action::StopAnalysis(_) => {
                self.log.view.analyses = [None].into();
                self.due.retain(|_, due| !matches!(due, Due::Analysis(..)));
            }
            Action::Smoke(test) => {
                self.log.view.smoke = SmokeState::Running;
                self.after(test.over, Due::Smoke(self.script.smoke));
            }
            Action::Ask(_) => {
                self.log.view.answer = None;
                self.after(Span::from_secs(60), Due::Answer(self.script.answer));
            }
            Action::UndoMigration | Action::Flag(_) | Action::Enter(..) | Action::Note(_) => {}
        }
    }

    fn happen(&mut self, due: &Due) {
        let now = self.log.view.now;
        let crashes = self.script.candidate_crashes;
        let runs = self.runs;
        let view = &mut self.log.view;
        match *due {
            Due::Ready(GroupId::CANDIDATE) if crashes => {
                self.replicas(GroupId::CANDIDATE).crashed += 1;
            }
            Due::Ready(group) => {
                Arc::make_mut(&mut self.replicas(group).ready_since).push(now);
            }
            Due::Gone(group) => self.replicas(group).terminating -= 1,
            Due::Migration(state) => view.migration = state,
            Due::Analysis(run, state) if run + 1 == runs => view.analyses = [Some(state)].into(),
            Due::Analysis(..) => {}
            Due::Smoke(state) => view.smoke = state,
            Due::Answer(answer) => view.answer = Some(answer),
            Due::Undo => view.orders.undo = true,
            Due::Forward => view.orders.roll_forward = true,
            Due::Off => view.orders.switch_off = true,
            Due::Freeze => view.orders.freeze = true,
            Due::Thaw(span) => {
                view.orders.freeze = false;
                view.frozen_for = span;
            }
        }
    }
}

/// The phase that an action enters, and why.
fn entered(action: &Action) -> Option<(Phase, &str)> {
    if let Action::Enter(phase, why) = action { Some((*phase, why)) } else { None }
}

fn second(at: Instant) -> u64 {
    at.nanos() / 1_000_000_000
}

impl Log {
    /// The phases in their order, each with its second.
    pub(super) fn phases(&self) -> Vec<(u64, Phase)> {
        let phase = |(at, action): &(Instant, Action)| Some((second(*at), entered(action)?.0));
        self.actions.iter().filter_map(phase).collect()
    }

    /// Why the last phase was entered.
    pub(super) fn why(&self) -> &str {
        self.actions.iter().rev().find_map(|it| entered(&it.1)).unwrap().1
    }

    /// What happened, one line each: the second, then a short form of the action.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |(at, action): &(Instant, Action)| {
            let text = match action {
                Action::Scale { group, replicas } => {
                    format!("{} {replicas}", ["stable", "candidate"][group.index()])
                }
                Action::Weight { share, .. } => format!("weight {share}"),
                Action::Flag(rule) => {
                    format!("flag {} +{} -{}", rule.share, rule.include.len(), rule.exclude.len())
                }
                Action::Migrate => "migrate".to_owned(),
                Action::UndoMigration => "undo migration".to_owned(),
                Action::StartAnalysis(_, of) if *of == Compared::releases() => {
                    "analysis".to_owned()
                }
                Action::StartAnalysis(..) => "analysis of feature".to_owned(),
                Action::StopAnalysis(_) => "no analysis".to_owned(),
                Action::Smoke(_) => "smoke".to_owned(),
                Action::Ask(_) => "ask".to_owned(),
                Action::Enter(phase, _) => phase.name().to_owned(),
                Action::Note(_) => return None,
            };
            Some(format!("{} {text}", second(*at)))
        };
        self.actions.iter().filter_map(line).collect()
    }
}
