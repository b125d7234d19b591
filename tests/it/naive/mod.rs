//! The data plane once more, as plainly as can be: a binary heap of events, maps, and records by
//! number. It makes the same draws from the same streams; every figure must be the same to the bit.

mod agreement;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
};

use rollsim::{
    kernel::{Key, Purpose, Seed, Streams, math},
    model::{Activity, BalancerSpec, Jitter, RetryOn},
    scenario::Plan,
    units::{Span, whole},
};

/// What can happen, in the order in which it does within one nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Done { instance: usize, attempt: usize },
    Deadline { attempt: usize },
    Arrival,
    Agenda(Later),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Later {
    Retry { attempt: usize },
    Patience { attempt: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waits,
    Served,
    /// The client has its answer, or has gone.
    Left,
}

/// One attempt. Attempts are never thrown away.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    request: u64,
    user: u64,
    operation: usize,
    tries: u64,
    first: u64,
    arrived: u64,
    instance: usize,
    stage: Stage,
    error: bool,
    /// It would fail on a normal day too: too long for its client, or by the fleet's own errors.
    normal: bool,
}

impl Attempt {
    fn entity(&self) -> u64 {
        self.request * 16 + self.tries
    }
}

#[derive(Clone, Debug, Default)]
struct Instance {
    serving: u32,
    queue: VecDeque<usize>,
    /// As the balancer counts.
    outstanding: u64,
}

/// Whole numbers that a trial leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) requests: u64,
    pub(crate) attempts: u64,
    pub(crate) good: u64,
    pub(crate) failed: u64,
    pub(crate) slow: u64,
    pub(crate) rejected: u64,
    pub(crate) abandoned: u64,
    pub(crate) waited: u64,
    pub(crate) waits_over: u64,
    pub(crate) wait_nanos: u128,
    pub(crate) served: u64,
    pub(crate) sojourn_nanos: u128,
    pub(crate) busy_nanos: u128,
    /// Requests that failed though no attempt was answered.
    pub(crate) lost: u64,
    /// How often each request was served without an error.
    pub(crate) served_well: BTreeMap<u64, u64>,
    /// Requests that an error was the answer to.
    pub(crate) refuted: BTreeSet<u64>,
    /// Hurts of each user.
    pub(crate) hurts: BTreeMap<u64, u64>,
}

pub(crate) struct Naive<'p> {
    plan: &'p Plan,
    streams: Streams,
    now: u64,
    number: u64,
    heap: BinaryHeap<Reverse<(u64, u8, u64, Event)>>,
    attempts: Vec<Attempt>,
    instances: Vec<Instance>,
    picks: u64,
    /// Who is next among equals.
    turn: usize,
    tokens: f64,
    request: u64,
    pub(crate) count: Count,
}

impl<'p> Naive<'p> {
    pub(crate) fn new(plan: &'p Plan, seed: Seed) -> Self {
        let instances = plan.scenario.fleet.instances as usize;
        Self {
            plan,
            streams: Streams::new(seed),
            now: 0,
            number: 0,
            heap: BinaryHeap::new(),
            attempts: Vec::new(),
            instances: vec![Instance::default(); instances],
            picks: 0,
            turn: 0,
            tokens: 100.0,
            request: 0,
            count: Count::default(),
        }
    }

    fn key(&self, purpose: Purpose) -> Key {
        self.streams.key(purpose)
    }

    pub(crate) fn run(mut self) -> Count {
        self.next_arrival();
        while let Some(Reverse((at, _, _, event))) = self.heap.pop() {
            if at > self.plan.scenario.length.nanos() {
                break;
            }
            self.now = at;
            match event {
                Event::Done { instance, attempt } => self.done(instance, attempt),
                Event::Deadline { attempt } => self.deadline(attempt),
                Event::Arrival => self.arrive(),
                Event::Agenda(Later::Retry { attempt }) => self.send(attempt),
                Event::Agenda(Later::Patience { attempt }) => self.lose_patience(attempt),
            }
        }
        self.count
    }

    fn schedule(&mut self, after: u64, event: Event) {
        let class = match event {
            Event::Done { .. } => 0,
            Event::Deadline { .. } => 1,
            Event::Arrival => 2,
            Event::Agenda(_) => 3,
        };
        self.number += 1;
        self.heap.push(Reverse((self.now + after, class, self.number, event)));
    }

    fn next_arrival(&mut self) {
        let rate = self.plan.scenario.traffic.rate.as_per_second();
        let gap = -math::ln(self.key(Purpose::Arrival).uniform(self.request)) * (1e9 / rate);
        self.schedule(whole(gap), Event::Arrival);
    }

    fn arrive(&mut self) {
        let (plan, request) = (self.plan, self.request);
        let users = u64::from(plan.scenario.users.count);
        let mut draw = self.key(Purpose::User).stream(request);
        let user = match plan.scenario.users.activity {
            Activity::InTurn => request % users,
            Activity::Equal => draw.below(users),
            Activity::Zipf(_) => plan.user_choice.as_ref().unwrap().pick(&mut draw) as u64,
        };
        let mut draw = self.key(Purpose::Operation).stream(request);
        let operation = plan.operation_choice.as_ref().map_or(0, |it| it.pick(&mut draw));
        self.attempts.push(Attempt {
            request,
            user,
            operation,
            tries: 0,
            first: self.now,
            arrived: self.now,
            instance: 0,
            stage: Stage::Served,
            error: false,
            normal: false,
        });
        self.count.requests += 1;
        if let Some(budget) = plan.scenario.client.retries.budget {
            self.tokens = (self.tokens + budget.get()).min(100.0);
        }
        self.request += 1;
        self.next_arrival();
        self.send(self.attempts.len() - 1);
    }

    fn send(&mut self, attempt: usize) {
        self.count.attempts += 1;
        self.attempts[attempt].arrived = self.now;
        let instance = self.pick(attempt);
        self.picks += 1;
        self.turn = instance + 1;
        self.instances[instance].outstanding += 1;
        self.attempts[attempt].instance = instance;
        let fleet = &self.plan.scenario.fleet;
        let there = &mut self.instances[instance];
        if there.serving < fleet.workers {
            there.serving += 1;
            self.begin(attempt);
        } else if there.queue.len() < fleet.queue as usize {
            there.queue.push_back(attempt);
            self.attempts[attempt].stage = Stage::Waits;
            self.schedule(self.plan.scenario.client.deadline.nanos(), Event::Deadline { attempt });
            if let Some(patience) = &self.plan.samplers.patience {
                let entity = self.attempts[attempt].entity();
                let nanos = patience.sample(&mut self.key(Purpose::Patience).stream(entity));
                self.schedule(nanos, Event::Agenda(Later::Patience { attempt }));
            }
        } else {
            there.outstanding -= 1;
            self.count.rejected += 1;
            self.fail(attempt, Some(RetryOn::Refused));
        }
    }

    fn pick(&self, attempt: usize) -> usize {
        let instances = &self.instances;
        let count = instances.len() as u64;
        let Attempt { user, .. } = self.attempts[attempt];
        let mut draw = self.key(Purpose::Routing).stream(self.attempts[attempt].entity());
        match self.plan.scenario.fleet.balancer {
            BalancerSpec::RoundRobin => place(self.picks % count),
            BalancerSpec::Random => place(draw.below(count)),
            BalancerSpec::LeastOutstanding => (0..instances.len())
                .min_by_key(|&it| (instances[it].outstanding, it < self.turn, it))
                .unwrap(),
            BalancerSpec::PowerOfTwo => {
                let (one, two) = (place(draw.below(count)), place(draw.below(count)));
                if instances[two].outstanding < instances[one].outstanding { two } else { one }
            }
            BalancerSpec::Sticky => {
                let user = Key::of_bits(self.key(Purpose::Sticky).bits(user));
                (0..instances.len()).max_by_key(|&it| user.bits(it as u64)).unwrap()
            }
        }
    }

    fn begin(&mut self, attempt: usize) {
        let it = self.attempts[attempt];
        let wait = self.now - it.arrived;
        self.wait_is_over(wait);
        let mut draw = self.key(Purpose::Service).stream(it.request);
        let service = self.plan.operations[it.operation].service.sample(&mut draw);
        let roll = self.key(Purpose::Luck).uniform(it.entity());
        self.attempts[attempt].error = roll < self.plan.scenario.fleet.errors.get();
        if it.stage == Stage::Waits {
            self.attempts[attempt].stage = Stage::Served;
        }
        self.attempts[attempt].normal = service > self.plan.scenario.client.deadline.nanos();
        self.schedule(service, Event::Done { instance: it.instance, attempt });
        if wait == 0 {
            self.schedule(self.plan.scenario.client.deadline.nanos(), Event::Deadline { attempt });
        }
        let worked = service.min(self.plan.scenario.length.nanos() - self.now);
        self.count.busy_nanos += u128::from(worked);
    }

    fn wait_is_over(&mut self, wait: u64) {
        self.count.waits_over += 1;
        self.count.waited += u64::from(wait > 0);
        self.count.wait_nanos += u128::from(wait);
    }

    fn done(&mut self, instance: usize, attempt: usize) {
        let it = self.attempts[attempt];
        self.count.served += 1;
        self.count.sojourn_nanos += u128::from(self.now - it.arrived);
        self.instances[instance].serving -= 1;
        self.instances[instance].outstanding -= 1;
        if !it.error {
            *self.count.served_well.entry(it.request).or_default() += 1;
        }
        if it.stage != Stage::Left && it.error {
            self.attempts[attempt].normal = true;
            self.fail(attempt, Some(RetryOn::Error));
        } else if it.stage != Stage::Left {
            self.attempts[attempt].stage = Stage::Left;
            self.count.good += 1;
            let slow_after = self.plan.scenario.client.slow_after.nanos();
            self.count.slow += u64::from(self.now - it.first > slow_after);
        }
        if let Some(next) = self.instances[instance].queue.pop_front() {
            self.instances[instance].serving += 1;
            self.begin(next);
        }
    }

    fn deadline(&mut self, attempt: usize) {
        if self.attempts[attempt].stage != Stage::Left {
            self.fail(attempt, Some(RetryOn::Timeout));
        }
    }

    fn lose_patience(&mut self, attempt: usize) {
        let it = self.attempts[attempt];
        if it.stage == Stage::Waits {
            self.count.abandoned += 1;
            self.wait_is_over(self.now - it.arrived);
            let there = &mut self.instances[it.instance];
            there.queue.retain(|&other| other != attempt);
            there.outstanding -= 1;
            self.fail(attempt, None);
        }
    }

    /// The client gives up this attempt; it tries again, or the request has failed.
    fn fail(&mut self, attempt: usize, how: Option<RetryOn>) {
        self.attempts[attempt].stage = Stage::Left;
        let it = self.attempts[attempt];
        if how == Some(RetryOn::Error) {
            self.count.refuted.insert(it.request);
        }
        let retries = &self.plan.scenario.client.retries;
        let may =
            it.tries < u64::from(retries.max) && how.is_some_and(|it| retries.on.contains(&it));
        if may && self.spend() {
            let again = Attempt { tries: it.tries + 1, stage: Stage::Served, normal: false, ..it };
            self.attempts.push(again);
            let attempt = self.attempts.len() - 1;
            self.schedule(self.backoff(&it).nanos(), Event::Agenda(Later::Retry { attempt }));
            return;
        }
        self.count.failed += 1;
        self.count.lost += u64::from(!self.count.refuted.contains(&it.request));
        if !it.normal {
            *self.count.hurts.entry(it.user).or_default() += 1;
        }
    }

    fn spend(&mut self) -> bool {
        if self.plan.scenario.client.retries.budget.is_none() {
            return true;
        }
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }

    fn backoff(&self, attempt: &Attempt) -> Span {
        let spec = &self.plan.scenario.client.retries.backoff;
        let mut wait = spec.base.as_secs_f64() * math::pow(spec.factor.get(), attempt.tries as f64);
        wait = wait.min(spec.max.as_secs_f64());
        let luck = self.key(Purpose::Retry).uniform(attempt.entity());
        Span::from_secs_f64(match spec.jitter {
            Jitter::None => wait,
            Jitter::Full => wait * luck,
            Jitter::Equal => wait * (0.5 + 0.5 * luck),
        })
    }
}

/// A place in a list of a few.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}
