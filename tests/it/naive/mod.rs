//! The data plane and the life of instances once more, as plainly as can be: one ordered map of
//! events, records by number, one file for each concern. Written from the manual, it takes the same
//! draws from the same streams; every figure must be the same to the bit.
//!
//! Not covered: probes that a fault misleads, hanging instances, weights and flags, migrations,
//! autoscaling, patterns of traffic and faults by load. What today's simulator does beside its manual is listed in [`rules`].

mod agreement;
mod attempts;
mod balancer;
mod books;
mod course;
mod database;
mod deadlines;
mod faults;
mod figures;
mod generator;
mod impact;
mod lifecycle;
mod memory;
mod planted;
mod probes;
mod random;
mod rollout;
mod rules;
mod serving;
mod stopping;

use std::collections::BTreeMap;

use rollsim::{
    kernel::{Key, Purpose, Seed, Streams},
    model::PatternSpec,
    scenario::Plan,
    strategy::StrategySpec,
};

use self::{
    attempts::Attempt, balancer::Balancer, books::Books, database::Database, faults::Fault,
    lifecycle::Fleet, rollout::Rollout, rules::Rules,
};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    /// A worker has done what it was doing.
    Done {
        slot: usize,
        worker: usize,
    },
    /// A query has waited too long.
    QueryWaited {
        slot: usize,
        worker: usize,
        attempt: usize,
    },
    /// A client has waited too long.
    Deadline {
        attempt: usize,
    },
    Arrival,
    Retry {
        attempt: usize,
    },
    Patience {
        attempt: usize,
    },
    Complaint,
    RolloutBegins,
    ProcessUp {
        slot: usize,
        life: u64,
    },
    StartFails {
        slot: usize,
        life: u64,
    },
    Restart {
        slot: usize,
        life: u64,
    },
    ContainerSeen {
        slot: usize,
        life: u64,
    },
    Tick {
        slot: usize,
        pod: u64,
        kind: probes::Kind,
        round: u64,
    },
    ProbeTimesOut {
        slot: usize,
        kind: probes::Kind,
        probe: u64,
    },
    Endpoint {
        slot: usize,
        pod: u64,
        joins: bool,
    },
    PreStopOver {
        slot: usize,
        life: u64,
    },
    GraceOver {
        slot: usize,
        life: u64,
    },
    /// The memory in use crosses its limit, if nothing else happens.
    MemoryFull {
        slot: usize,
        life: u64,
    },
    /// A fault sets in everywhere, or at one instance.
    FaultStrikes {
        fault: usize,
    },
    FaultStrikesOne {
        slot: usize,
        life: u64,
        fault: usize,
    },
    /// A fault goes off or on again by its shape.
    FaultTurns {
        fault: usize,
    },
    FaultTurnsOne {
        slot: usize,
        life: u64,
        fault: usize,
    },
}

impl Event {
    /// Place in the order of what happens in one nanosecond.
    const fn class(self) -> u8 {
        match self {
            Self::Done { .. } => 0,
            Self::QueryWaited { .. } => 1,
            Self::Deadline { .. } => 2,
            Self::Arrival => 3,
            Self::Retry { .. }
            | Self::Patience { .. }
            | Self::Complaint
            | Self::RolloutBegins
            | Self::ProcessUp { .. }
            | Self::StartFails { .. }
            | Self::Restart { .. }
            | Self::ContainerSeen { .. }
            | Self::Tick { .. }
            | Self::ProbeTimesOut { .. }
            | Self::Endpoint { .. }
            | Self::PreStopOver { .. }
            | Self::GraceOver { .. }
            | Self::MemoryFull { .. }
            | Self::FaultStrikes { .. }
            | Self::FaultStrikesOne { .. }
            | Self::FaultTurns { .. }
            | Self::FaultTurnsOne { .. } => 4,
        }
    }
}

/// When something happens: the time, the class of the event, and the order within the class.
type Moment = (u64, u8, u64);

struct Naive<'p> {
    plan: &'p Plan,
    rules: Rules,
    streams: Streams,
    now: u64,
    /// Events put down so far.
    number: u64,
    events: BTreeMap<Moment, Event>,
    attempts: Vec<Attempt>,
    balancer: Balancer,
    fleet: Fleet,
    database: Database,
    faults: Vec<Fault>,
    rollout: Rollout,
    /// Retries that the budget has left.
    tokens: f64,
    /// Requests that have arrived.
    request: u64,
    books: Books,
}

impl<'p> Naive<'p> {
    fn new(plan: &'p Plan, seed: Seed, rules: Rules) -> Self {
        Self::assert_covered(plan);
        Self {
            plan,
            rules,
            streams: Streams::new(seed),
            now: 0,
            number: 0,
            events: BTreeMap::new(),
            attempts: Vec::new(),
            balancer: Balancer::default(),
            fleet: Fleet::default(),
            database: Database::default(),
            faults: faults::of(plan),
            rollout: Rollout::default(),
            tokens: 100.0,
            request: 0,
            books: Books::new(plan),
        }
    }

    /// The naive engine plays nothing that it does not know.
    fn assert_covered(plan: &Plan) {
        let scenario = &plan.scenario;
        let strategy =
            matches!(scenario.strategy, StrategySpec::AllAtOnce(_) | StrategySpec::Recreate(_));
        let steady = scenario.traffic.pattern == PatternSpec::Constant
            && scenario.traffic.bursts.is_none()
            && scenario.traffic.spikes.is_empty();
        let alone = scenario.fleet.autoscaler.is_none()
            && scenario.fleet.machines.is_none()
            && scenario.release.migration.is_none();
        assert!(strategy && steady && alone && scenario.alerts.is_empty(), "not covered");
    }

    fn key(&self, purpose: Purpose) -> Key {
        self.streams.key(purpose)
    }

    fn length(&self) -> u64 {
        self.plan.scenario.length.nanos()
    }

    fn run(mut self) -> Books {
        let scenario = &self.plan.scenario;
        for _ in 0..scenario.fleet.instances {
            self.place_standing_instance();
        }
        self.next_arrival();
        self.schedule(scenario.rollout_at.nanos(), Event::RolloutBegins);
        self.schedule_incidents();
        while let Some((moment, event)) = self.events.pop_first() {
            if moment.0 > self.length() {
                break;
            }
            self.now = moment.0;
            self.happen(event);
            self.books.queue(self.waiting(), self.now);
            self.look_at_rollout();
        }
        self.close()
    }

    /// Puts an event down so long after now.
    fn schedule(&mut self, after: u64, event: Event) {
        self.number += 1;
        let moment = (self.now.saturating_add(after), event.class(), self.number);
        self.events.insert(moment, event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Done { slot, worker } => self.work_done(slot, worker),
            Event::QueryWaited { slot, worker, attempt } => {
                self.query_waited(slot, worker, attempt);
            }
            Event::Deadline { attempt } => self.deadline_passes(attempt),
            Event::Arrival => self.request_arrives(),
            Event::Retry { attempt } => self.send(attempt),
            Event::Patience { attempt } => self.patience_ends(attempt),
            Event::Complaint => self.books.complaints += 1,
            Event::MemoryFull { slot, life } => self.memory_full(slot, life),
            Event::RolloutBegins => self.begin_rollout(),
            Event::ProcessUp { slot, life } => self.process_up(slot, life),
            Event::StartFails { slot, life } => self.start_fails(slot, life),
            Event::Restart { slot, life } => self.restart(slot, life),
            Event::ContainerSeen { slot, life } => self.container_is_seen(slot, life),
            Event::Tick { slot, pod, kind, round } => self.tick(slot, pod, kind, round),
            Event::ProbeTimesOut { slot, kind, probe } => {
                self.probe_times_out(slot, kind, probe);
            }
            Event::Endpoint { slot, pod, joins } => self.endpoint_changes(slot, pod, joins),
            Event::PreStopOver { slot, life } => self.pre_stop_over(slot, life),
            Event::GraceOver { slot, life } => self.grace_over(slot, life),
            Event::FaultStrikes { fault } => self.fault_strikes(fault),
            Event::FaultStrikesOne { slot, life, fault } => {
                self.fault_strikes_one(slot, life, fault);
            }
            Event::FaultTurns { fault } => self.fault_turns(fault),
            Event::FaultTurnsOne { slot, life, fault } => self.fault_turns_one(slot, life, fault),
        }
    }

    fn close(mut self) -> Books {
        self.now = self.length();
        for slot in 0..self.fleet.slots.len() {
            let workers = self.fleet.slots[slot].workers.clone();
            for work in workers.into_iter().flatten() {
                self.books.works(work.began, self.now);
            }
        }
        self.books.integrate(self.now);
        self.books.count_downtime(self.now);
        self.books.queue(self.waiting(), self.now);
        self.books
    }
}

/// A place in a list of a few.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// Nanoseconds times a factor.
fn scaled(nanos: u64, factor: f64) -> u64 {
    rollsim::units::round_u64(nanos as f64 * factor)
}

/// Chance of one or the other of two independent things.
fn either(a: f64, b: f64) -> f64 {
    a + b - a * b
}
