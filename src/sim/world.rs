//! The world's parts, the clock, and the loop that decides what happens next.

use super::{
    Outcome, Trial,
    active_faults::ActiveFaults,
    arrivals::Arrivals,
    attempts::{Attempts, Ticket},
    balancer::Pool,
    control::Rollout,
    database::Database,
    draws::Demands,
    flags::Flags,
    ledger::Ledger,
    monitor::Monitor,
    operator::Operator,
    platform::{Platform, Traffic},
    slot::{Slot, Worker},
    timeline::{ENTRIES_MAX, Entry, Sight, Topic},
    trial::{Detail, Ends},
};
use crate::{
    kernel::{DelayRing, EventQueue, Key, Purpose, Seed, Streams, WinnerTree},
    model::Phase,
    scenario::{Plan, ReleaseSpec},
    strategy::Strategy,
    units::{Instant, Span},
};

/// Everything irregular that can happen. Epochs and numbers tell stale events from current ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    RolloutBegins,
    Wake(u32),
    Retry(u32),
    Patience(Ticket),
    Deadline(Ticket),
    ProcessUp { slot: u32, epoch: u32 },
    StartFails { slot: u32, epoch: u32 },
    Restart { slot: u32, epoch: u32 },
    Readiness { slot: u32, epoch: u32 },
    Liveness { slot: u32, epoch: u32 },
    Endpoint { slot: u32, pod: u32, joins: bool },
    PreStopOver { slot: u32, epoch: u32 },
    Kill { slot: u32, epoch: u32 },
    Weight(f64),
    Flag { slot: u32, epoch: u32, version: u16 },
    Scrape,
    Look(u32),
    FaultStrikes(u16),
    FaultStrikesOne { slot: u32, epoch: u32, fault: u16 },
    FaultChanges { fault: u16 },
    FaultChangesOne { slot: u32, epoch: u32, fault: u16 },
    MigrationEnds(u32),
    Acknowledge,
    Undo,
    Answer(u32),
    Complaint,
    SmokeRequest(u32),
    Autoscale,
    Memory { slot: u32, epoch: u32 },
    Load { slot: u32, epoch: u32, fault: u16 },
    MetricsWindow,
    MachineArrives,
    MachineIdle,
}

/// The families of streams that the trial draws from, one for each purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) user: Key,
    pub(super) operation: Key,
    pub(super) service: Key,
    pub(super) luck: Key,
    pub(super) routing: Key,
    pub(super) sticky: Key,
    pub(super) attribute: Key,
    pub(super) retry: Key,
    pub(super) patience: Key,
    pub(super) startup: Key,
    pub(super) probe: Key,
    pub(super) fault: Key,
    pub(super) onset: Key,
    pub(super) operator: Key,
    pub(super) complaint: Key,
    pub(super) database: Key,
    pub(super) dependency: Key,
    pub(super) cohort: Key,
    pub(super) instance: Key,
    pub(super) machine: Key,
}

impl Keys {
    fn new(streams: Streams) -> Self {
        Self {
            user: streams.key(Purpose::User),
            operation: streams.key(Purpose::Operation),
            service: streams.key(Purpose::Service),
            luck: streams.key(Purpose::Luck),
            routing: streams.key(Purpose::Routing),
            sticky: streams.key(Purpose::Sticky),
            attribute: streams.key(Purpose::Attribute),
            retry: streams.key(Purpose::Retry),
            patience: streams.key(Purpose::Patience),
            startup: streams.key(Purpose::Startup),
            probe: streams.key(Purpose::Probe),
            fault: streams.key(Purpose::Fault),
            onset: streams.key(Purpose::FaultOnset),
            operator: streams.key(Purpose::Operator),
            complaint: streams.key(Purpose::Complaint),
            database: streams.key(Purpose::Database),
            dependency: streams.key(Purpose::Dependency),
            cohort: streams.key(Purpose::Cohort),
            instance: streams.key(Purpose::Instance),
            machine: streams.key(Purpose::Machine),
        }
    }
}

/// The whole mutable state of a trial.
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    /// What is shipped.
    pub(super) release: &'a ReleaseSpec,
    pub(super) seed: Seed,
    pub(super) keys: Keys,
    /// Nanoseconds since the start of the trial.
    pub(super) now: u64,
    pub(super) end: u64,

    pub(super) arrivals: Arrivals,
    pub(super) demands: Demands,
    /// When each worker's present work is done.
    pub(super) work: WinnerTree,
    /// Client deadlines, armed only where they may be missed.
    pub(super) deadlines: DelayRing<Ticket>,
    pub(super) agenda: EventQueue<Event>,

    pub(super) attempts: Attempts,
    pub(super) slots: Vec<Slot>,
    pub(super) workers: Vec<Worker>,
    /// Endpoints of the stable release and of the candidate; all in the first when instances share.
    pub(super) pools: [Pool; 2],
    pub(super) database: Database,
    pub(super) traffic: Traffic,

    pub(super) platform: Platform,
    pub(super) active_faults: ActiveFaults,
    pub(super) flags: Flags,
    pub(super) rollout: Rollout,
    pub(super) monitor: Monitor,
    pub(super) operator: Operator,
    pub(super) ledger: Ledger,
    /// Something that a strategy can see has changed.
    pub(super) view_changed: bool,

    pub(super) timeline: Vec<Entry>,
    pub(super) entries_lost: u64,
    watch: Option<&'a mut dyn FnMut(Sight<'_>)>,
    detail: Detail,
    ends: Ends,
}

impl<'a> World<'a> {
    pub(super) fn new(
        trial: Trial<'a>,
        strategy: Box<dyn Strategy>,
        watch: Option<&'a mut dyn FnMut(Sight<'_>)>,
    ) -> Self {
        let Trial { plan, seed, release, detail, ends } = trial;
        let release = &plan.releases[release];
        let scenario = &plan.scenario;
        let streams = Streams::new(seed);
        let arrivals = Arrivals::new(
            &plan.rates,
            scenario.traffic.bursts,
            streams.key(Purpose::Arrival),
            streams.key(Purpose::Burst),
        )
        .until(&plan.rates, scenario.length.nanos());
        let rollout = Rollout::new(release, strategy);
        let traffic = Traffic::new(plan, rollout.strategy.routing());
        let pool = || Pool::new(scenario.fleet.balancer);
        let mut world = Self {
            plan,
            release,
            seed,
            keys: Keys::new(streams),
            now: 0,
            end: scenario.length.nanos(),
            arrivals,
            demands: Demands::new(),
            work: WinnerTree::new(1),
            deadlines: DelayRing::new(scenario.client.deadline),
            agenda: EventQueue::new(),
            attempts: Attempts::new(),
            slots: Vec::new(),
            workers: Vec::new(),
            pools: [pool(), pool()],
            database: Database::new(scenario.database),
            traffic,
            platform: Platform::new(scenario.fleet.instances),
            active_faults: ActiveFaults::new(plan, release, streams.key(Purpose::Release)),
            flags: Flags::new(),
            rollout,
            monitor: Monitor::new(plan, detail == Detail::Full),
            operator: Operator::new(scenario.alerts.len()),
            ledger: Ledger::new(plan, detail == Detail::Full),
            view_changed: false,
            timeline: Vec::new(),
            entries_lost: 0,
            watch,
            detail,
            ends,
        };
        world.set_the_stage();
        world
    }

    /// The stable fleet stands, warm and ready; what is known to come is on the agenda.
    fn set_the_stage(&mut self) {
        let scenario = &self.plan.scenario;
        self.set_up_machines();
        for _ in 0..scenario.fleet.instances {
            self.place_standing_instance();
        }
        self.schedule(scenario.rollout_at, Event::RolloutBegins);
        self.schedule(scenario.telemetry.interval, Event::Scrape);
        self.begin_to_autoscale();
        self.set_off_incidents();
    }

    /// Simulates the trial to its end.
    ///
    /// In one nanosecond things happen in this order: work is done, waits for the database end,
    /// deadlines pass, requests arrive, then the agenda in the order in which it was written.
    pub(super) fn run(mut self) -> Outcome {
        loop {
            let work = self.work.min_nanos();
            let wait = self.database.next_timeout();
            let deadline = self.deadlines.front_nanos();
            let arrival = self.arrivals.next;
            let agenda = self.agenda.peek_nanos();
            let next = work.min(wait).min(deadline).min(arrival).min(agenda);
            if next > self.end {
                break;
            }
            assert!(next >= self.now, "nothing is scheduled in the past");
            if next == work {
                self.now = next;
                self.work_done();
            } else if next == wait {
                self.database_wait_over(next);
            } else if next == deadline {
                self.deadline_due(next);
            } else if next == arrival {
                self.now = next;
                self.request_arrives();
            } else {
                self.now = next;
                let (_, event) = self.agenda.pop().expect("its front was just seen");
                self.happen(event);
            }
            if self.view_changed {
                self.reconcile();
            }
            if self.ends == Ends::Settled && self.is_settled() {
                self.end = self.now;
                break;
            }
        }
        self.now = self.end;
        self.close()
    }

    /// Nothing of the rollout is under way any more.
    fn is_settled(&self) -> bool {
        let may_be_undone = self.rollout.phase == Phase::Failed
            && self.plan.scenario.operator.undoes
            && !self.plan.scenario.alerts.is_empty();
        self.rollout.phase.is_final()
            && !may_be_undone
            && !self.operator.busy()
            && !self.ledger.on_the_way_home()
            && !self.slots.iter().any(|it| it.state.is_on_its_way())
    }

    fn deadline_due(&mut self, at: u64) {
        let (_, ticket) = self.deadlines.pop().expect("its front was just seen");
        // a stale entry never moves the clock
        if self.attempts.is_current(ticket) {
            self.now = at;
            self.deadline_passes(ticket);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::RolloutBegins => self.begin_rollout(),
            Event::Wake(number) => self.wake(number),
            Event::Retry(attempt) => self.retry_arrives(attempt),
            Event::Patience(ticket) => self.patience_ends(ticket),
            Event::Deadline(ticket) => self.deadline_passes(ticket),
            Event::ProcessUp { slot, epoch } => self.process_up(slot, epoch),
            Event::StartFails { slot, epoch } => self.start_fails(slot, epoch),
            Event::Restart { slot, epoch } => self.restart(slot, epoch),
            Event::Readiness { slot, epoch } => self.probe_readiness(slot, epoch),
            Event::Liveness { slot, epoch } => self.probe_liveness(slot, epoch),
            Event::Endpoint { slot, pod, joins } => self.change_endpoint(slot, pod, joins),
            Event::PreStopOver { slot, epoch } => self.pre_stop_over(slot, epoch),
            Event::Kill { slot, epoch } => self.kill(slot, epoch),
            Event::Weight(weight) => self.apply_weight(weight),
            Event::Flag { slot, epoch, version } => self.hear_of_flag(slot, epoch, version),
            Event::Scrape => self.scrape(),
            Event::Look(number) => self.look(number),
            Event::FaultStrikes(fault) => self.fault_strikes(fault),
            Event::FaultStrikesOne { slot, epoch, fault } => {
                self.fault_strikes_one(slot, epoch, fault);
            }
            Event::FaultChanges { fault } => self.fault_changes(fault),
            Event::FaultChangesOne { slot, epoch, fault } => {
                self.fault_changes_one(slot, epoch, fault);
            }
            Event::MigrationEnds(number) => self.migration_ends(number),
            Event::Acknowledge => self.acknowledge(),
            Event::Undo => self.order_undo(),
            Event::Answer(number) => self.answer(number),
            Event::Complaint => self.complaint_arrives(),
            Event::SmokeRequest(number) => self.smoke_request(number),
            Event::Autoscale => self.autoscale(),
            Event::Memory { slot, epoch } => self.memory_fills(slot, epoch),
            Event::Load { slot, epoch, fault } => self.look_at_load(slot, epoch, fault),
            Event::MetricsWindow => self.metrics_window_ends(),
            Event::MachineArrives => self.machine_arrives(),
            Event::MachineIdle => self.give_back_machines(),
        }
    }

    /// Shows an observer the progress of the trial.
    pub(super) fn show_progress(&mut self) {
        let now = self.instant();
        if let Some(watch) = &mut self.watch {
            watch(Sight::Progress(now));
        }
    }

    pub(super) fn instant(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    /// Puts an event on the agenda `delay` from now.
    pub(super) fn schedule(&mut self, delay: Span, event: Event) {
        let at = self.now.saturating_add(delay.nanos());
        // what lies beyond the end never happens
        if at <= self.end {
            self.agenda.push(Instant::from_nanos(at), event);
        }
    }

    /// The worker's present work will be done after this many nanoseconds.
    pub(super) fn due(&mut self, worker: u32, nanos: u64) {
        // the tree's keys are bounded; the end of the trial is always within them
        let at = self.now.saturating_add(nanos).min(self.end + 1);
        self.work.set(worker as usize, Instant::from_nanos(at));
    }

    /// Whether the trial keeps what only its picture and its tables of events show.
    pub(super) fn draws_picture(&self) -> bool {
        self.detail == Detail::Full
    }

    /// Notes what happened and why; the texts are made only where they are kept or observed.
    pub(super) fn note<T: Into<String>, C: Into<String>>(
        &mut self,
        topic: Topic,
        words: impl FnOnce(&Self) -> (T, C),
    ) {
        if self.watch.is_none() && !self.draws_picture() {
            return;
        }
        let (text, cause) = words(self);
        let entry = Entry { at: self.instant(), topic, text: text.into(), cause: cause.into() };
        if let Some(watch) = &mut self.watch {
            watch(Sight::Entry(&entry));
        }
        if !self.draws_picture() {
            return;
        }
        if self.timeline.len() < ENTRIES_MAX {
            self.timeline.push(entry);
        } else {
            self.entries_lost += 1;
        }
    }
}
