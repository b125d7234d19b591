//! The world's parts, the clock, and the loop that decides what happens next.

use super::{
    Fork, Outcome, Trial,
    books::Books,
    control::{ControlPlane, Duty, Probe},
    data::{DataEvent, DataPlane, Ticket},
    faults::ActiveFaults,
    ids::SlotId,
    keys::Keys,
    trial::Ends,
    waits::Waits,
};
use crate::{
    kernel::{EventQueue, Purpose, Seed, Streams},
    model::{AnalysisId, GroupId, Phase},
    scenario::{Plan, ReleaseSpec},
    strategy::Strategy,
    units::{Instant, Ratio, Span},
};

/// Everything irregular that can happen. Epochs and numbers tell stale events from current ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    RolloutBegins,
    Wake(u32),
    Data(DataEvent),
    /// Of the data plane as well, but too large to be one of its own.
    HandOver {
        ticket: Ticket,
        pod: u32,
    },
    ProcessUp {
        slot: SlotId,
        epoch: u32,
    },
    StartFails {
        slot: SlotId,
        epoch: u32,
    },
    Restart {
        slot: SlotId,
        epoch: u32,
    },
    ContainerRuns {
        slot: SlotId,
        epoch: u32,
    },
    Probe {
        slot: SlotId,
        number: u32,
        probe: Probe,
    },
    ProbeTimesOut {
        slot: SlotId,
        number: u32,
        probe: Probe,
    },
    Endpoint {
        slot: SlotId,
        pod: u32,
        joins: bool,
    },
    PreStopOver {
        slot: SlotId,
        epoch: u32,
    },
    Kill {
        slot: SlotId,
        epoch: u32,
    },
    Weight {
        group: GroupId,
        weight: Ratio,
    },
    Flag {
        slot: SlotId,
        epoch: u32,
        version: u16,
    },
    Scrape,
    Look {
        analysis: AnalysisId,
        number: u32,
    },
    FaultStrikes(u16),
    FaultStrikesOne {
        slot: SlotId,
        epoch: u32,
        fault: u16,
    },
    FaultChanges {
        fault: u16,
    },
    FaultChangesOne {
        slot: SlotId,
        epoch: u32,
        fault: u16,
    },
    MigrationEnds(u32),
    Operator(Duty),
    Complaint,
    SmokeRequest(u32),
    Autoscale,
    Load {
        slot: SlotId,
        epoch: u32,
        fault: u16,
    },
    MetricsWindow,
    MachineArrives,
    MachineIdle,
}

const _: () = assert!(size_of::<Event>() == 16, "an event on the agenda is two words");

/// The whole mutable state of a trial.
#[derive(Clone)]
pub(super) struct World<'a> {
    pub(super) plan: &'a Plan,
    /// What is shipped.
    pub(super) release: &'a ReleaseSpec,
    pub(super) seed: Seed,
    pub(super) streams: Streams,
    pub(super) keys: Keys,
    /// Times that chance decided; none where no fork draws them again.
    pub(super) waits: Option<Waits<Event>>,
    /// Nanoseconds since the start of the trial.
    pub(super) now: u64,
    pub(super) end: u64,
    pub(super) agenda: EventQueue<Event>,

    pub(super) data: DataPlane,
    pub(super) control: ControlPlane,
    pub(super) faults: ActiveFaults,
    pub(super) books: Books,
    ends: Ends,
    /// It has come to its end.
    pub(super) over: bool,
    /// Where it was forked.
    pub(super) forks: Vec<Fork>,
}

impl<'a> World<'a> {
    pub(super) fn new(trial: Trial<'a>, strategy: Box<dyn Strategy>, observed: bool) -> Self {
        let waits = (!trial.forks.is_empty()).then(Waits::new);
        Self::begun(trial, strategy, observed, waits)
    }

    fn begun(
        trial: Trial<'a>,
        strategy: Box<dyn Strategy>,
        observed: bool,
        waits: Option<Waits<Event>>,
    ) -> Self {
        let Trial { plan, seed, release, detail, ends, forks: _ } = trial;
        let release = &plan.releases[release];
        let scenario = &plan.scenario;
        let streams = Streams::new(seed);
        let data = DataPlane::new(plan, streams, strategy.routing(), &strategy.groups());
        let releases = strategy.releases().len();
        let mut world = Self {
            plan,
            release,
            seed,
            streams,
            keys: Keys::new(streams),
            waits,
            now: 0,
            end: scenario.length.nanos(),
            agenda: EventQueue::new(),
            data,
            control: ControlPlane::new(scenario, release, strategy),
            faults: ActiveFaults::new(plan, release, streams.key(Purpose::Release)),
            books: Books::new(plan, detail, observed, releases),
            ends,
            over: false,
            forks: Vec::new(),
        };
        world.set_the_stage();
        world
    }

    /// The same for a trial that may be forked: it knows which times chance decided.
    pub(super) fn new_to_fork(trial: Trial<'a>, strategy: Box<dyn Strategy>) -> Self {
        Self::begun(trial, strategy, false, Some(Waits::new()))
    }

    /// The stable fleet stands, warm and ready; what is known to come is on the agenda.
    fn set_the_stage(&mut self) {
        let scenario = &self.plan.scenario;
        self.set_up_machines();
        for _ in 0..scenario.fleet.instances {
            self.place_standing_instance();
        }
        if self.control.rollout.strategy.ships() {
            self.schedule(scenario.rollout_at, Event::RolloutBegins);
        } else {
            self.books.ledger.watch_from_the_start();
        }
        self.schedule(scenario.telemetry.interval, Event::Scrape);
        self.begin_to_autoscale();
        self.watch_for_outliers();
        self.set_off_incidents();
    }

    /// Simulates the trial to its end.
    pub(super) fn run(mut self) -> Outcome {
        while self.advance(self.end, u64::MAX) {}
        self.come_to_end();
        self.close()
    }

    /// The next thing happens; false where nothing more does before the end.
    pub(super) fn step(&mut self) -> bool {
        self.advance(self.end, 1)
    }

    /// Everything happens up to an instant in nanoseconds, but no more than so many events, and until there is something
    /// to show; false where nothing more happens before the end.
    ///
    /// In one nanosecond things happen in this order: work is done, waits for the database end,
    /// deadlines pass, requests arrive, then the agenda in the order in which it was written.
    // the one place that calls what happens most, which becomes a part of it
    #[inline(never)]
    pub(super) fn advance(&mut self, until: u64, events: u64) -> bool {
        let until = until.min(self.end);
        if self.over {
            return false;
        }
        for _ in 0..events {
            let work = self.data.next_work();
            let wait = self.data.next_timeout();
            let deadline = self.data.next_deadline();
            let arrival = self.data.next_arrival();
            let agenda = self.agenda.peek_nanos();
            let next = work.min(wait).min(deadline).min(arrival).min(agenda);
            if next > until {
                return next <= self.end;
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
            if self.control.rollout.seen.has_changed() {
                self.reconcile();
            }
            if self.ends == Ends::Settled && self.is_settled() {
                self.end = self.now;
                self.over = true;
                return false;
            }
            if self.books.told.has_to_show() {
                break;
            }
        }
        true
    }

    /// Nothing of the rollout is under way any more.
    fn is_settled(&self) -> bool {
        let may_be_resumed = self.control.rollout.phase == Phase::Failed
            && self.control.operator.may_resume_failed();
        self.control.rollout.phase.is_final()
            && !may_be_resumed
            && !self.control.operator.busy()
            && !self.books.ledger.on_the_way_home()
            && !self.data.slots().iter().any(|it| it.state.is_on_its_way())
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::RolloutBegins => self.begin_rollout(),
            Event::Wake(number) => self.wake(number),
            Event::Data(event) => self.data_happens(event),
            Event::HandOver { ticket, pod } => self.handed_over(ticket, pod),
            Event::ProcessUp { slot, epoch } => self.process_up(slot, epoch),
            Event::StartFails { slot, epoch } => self.start_fails(slot, epoch),
            Event::Restart { slot, epoch } => self.restart(slot, epoch),
            Event::ContainerRuns { slot, epoch } => self.container_runs(slot, epoch),
            Event::Probe { slot, number, probe } => self.probe_is_due(slot, number, probe),
            Event::ProbeTimesOut { slot, number, probe } => {
                self.probe_times_out(slot, number, probe);
            }
            Event::Endpoint { slot, pod, joins } => self.change_endpoint(slot, pod, joins),
            Event::PreStopOver { slot, epoch } => self.pre_stop_over(slot, epoch),
            Event::Kill { slot, epoch } => self.grace_ends(slot, epoch),
            Event::Weight { group, weight } => self.apply_weight(group, weight),
            Event::Flag { slot, epoch, version } => self.hear_of_flag(slot, epoch, version),
            Event::Scrape => self.scrape(),
            Event::Look { analysis, number } => self.look(analysis, number),
            Event::FaultStrikes(fault) => self.fault_strikes(fault),
            Event::FaultStrikesOne { slot, epoch, fault } => {
                self.fault_strikes_one(slot, epoch, fault);
            }
            Event::FaultChanges { fault } => self.fault_changes(fault),
            Event::FaultChangesOne { slot, epoch, fault } => {
                self.fault_changes_one(slot, epoch, fault);
            }
            Event::MigrationEnds(number) => self.migration_ends(number),
            Event::Operator(duty) => self.do_duty(duty),
            Event::Complaint => self.complaint_arrives(),
            Event::SmokeRequest(number) => self.smoke_request(number),
            Event::Autoscale => self.autoscale(),
            Event::Load { slot, epoch, fault } => self.look_at_load(slot, epoch, fault),
            Event::MetricsWindow => self.metrics_window_ends(),
            Event::MachineArrives => self.machine_arrives(),
            Event::MachineIdle => self.give_back_machines(),
        }
    }

    /// Workers of an instance.
    pub(super) fn workers_each(&self) -> u32 {
        self.plan.scenario.fleet.workers
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

    /// Nothing more happens up to this instant: what waits has waited until then.
    pub(super) fn stand_at(&mut self, at: u64) {
        if !self.over {
            self.now = at.min(self.end).max(self.now);
        }
    }
}
