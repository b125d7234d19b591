//! What lies before the fleet: the channels on which requests come, each with the time-outs of its clients, its
//! budget of retries and what it remembers of what it carried.

use std::collections::{BTreeMap, VecDeque};

use super::attempts::{Attempt, Ticket};
use crate::{
    channel::{Channel, Delivery, FailedAttempt, Next, Order, Wait},
    kernel::DelayRing,
    scenario::{self, Plan},
    sim::ids::AttemptId,
    units::{Instant, Ratio},
};

/// Retry tokens that the clients of a channel save up at most.
const RETRY_TOKENS_MAX: f64 = 100.0;

#[derive(Clone)]
pub(super) struct Ingress {
    /// The channels in the order of the plan: the first is that of most bots, and has no others beside it.
    first: Line,
    others: Vec<Line>,
    /// Nanoseconds at which the next client of any of them times out, and of which.
    next_deadline: u64,
    next_line: usize,
    /// Some channel has to know of each request.
    pub(super) asks: bool,
    /// Workers fetch the requests of some channel.
    pub(super) pulls: bool,
}

/// What waits before the fleet.
#[derive(Clone, Default)]
pub(super) struct Backlog {
    /// What a worker may fetch, in the order in which it came.
    pub(super) ready: VecDeque<AttemptId>,
    /// Users of a channel that keeps their order, while a request of theirs is under way; and what waits behind it. By channel.
    pub(super) turns: BTreeMap<(usize, u32), VecDeque<AttemptId>>,
    /// The slot that is asked first whether it has an idle worker; they are asked in turn.
    pub(super) first: usize,
}

#[derive(Clone)]
struct Line {
    channel: Box<dyn Channel>,
    /// Most attempts at a request.
    attempts_max: u32,
    /// Armed only where they may be missed.
    deadlines: DelayRing<Ticket>,
    /// Retries are limited to what is saved up, of which each request adds a part.
    limited: bool,
    part: f64,
    retry_tokens: f64,
    /// Flags of each attempt.
    marks: u16,
}

impl Line {
    fn new(line: &scenario::Line) -> Self {
        Self {
            channel: line.channel.build(),
            attempts_max: line.channel.kind().attempts_max(),
            deadlines: DelayRing::new(line.deadline.after),
            limited: line.budget.is_some(),
            part: line.budget.map_or(0.0, Ratio::get),
            retry_tokens: RETRY_TOKENS_MAX,
            marks: marks(line),
        }
    }

    /// Takes a retry out of the budget, where there is one and it has any left.
    fn spend_retry(&mut self) -> bool {
        let may = !self.limited || self.retry_tokens >= 1.0;
        if self.limited && may {
            self.retry_tokens -= 1.0;
        }
        may
    }
}

impl Ingress {
    pub(super) fn new(plan: &Plan) -> Self {
        let asks = |it: &scenario::Line| it.budget.is_some() || marks(it) != 0;
        Self {
            first: Line::new(&plan.lines[0]),
            others: plan.lines[1..].iter().map(Line::new).collect(),
            next_deadline: u64::MAX,
            next_line: 0,
            asks: plan.lines.iter().any(asks),
            pulls: plan.lines.iter().any(|it| it.delivery == Delivery::Pulled),
        }
    }

    #[inline]
    fn line(&mut self, number: usize) -> &mut Line {
        match number.checked_sub(1) {
            None => &mut self.first,
            Some(other) => &mut self.others[other],
        }
    }

    /// When the next client times out, in nanoseconds; `u64::MAX` where none is awaited.
    #[inline]
    pub(super) const fn next_deadline(&self) -> u64 {
        self.next_deadline
    }

    /// An attempt that is sent now will time out unless it is answered.
    #[inline]
    pub(super) fn arm(&mut self, line: usize, now: u64, ticket: Ticket) {
        let deadlines = &mut self.line(line).deadlines;
        let first = deadlines.is_empty();
        deadlines.push(Instant::from_nanos(now), ticket);
        let front = deadlines.front_nanos();
        if first && front < self.next_deadline {
            self.next_deadline = front;
            self.next_line = line;
        }
    }

    /// The attempt that times out next; of several at one time, that whose channel was found to be next first.
    #[inline]
    pub(super) fn pop_deadline(&mut self) -> Ticket {
        let next = self.next_line;
        let (_, ticket) = self.line(next).deadlines.pop().expect("its front was seen");
        self.next_deadline = self.first.deadlines.front_nanos();
        self.next_line = 0;
        for (line, index) in self.others.iter().zip(1..) {
            let front = line.deadlines.front_nanos();
            if front < self.next_deadline {
                self.next_deadline = front;
                self.next_line = index;
            }
        }
        ticket
    }

    /// A request adds its part to the budget of retries; gives the flags of its attempts.
    #[inline]
    pub(super) fn arrives(&mut self, line: usize) -> u16 {
        let line = self.line(line);
        line.retry_tokens = (line.retry_tokens + line.part).min(RETRY_TOKENS_MAX);
        line.marks
    }

    /// The wait before another attempt after one that failed; none where there is no other.
    pub(super) fn after(
        &mut self,
        line: usize,
        failed: &FailedAttempt,
        luck: &mut dyn FnMut() -> f64,
    ) -> Option<Wait> {
        let line = self.line(line);
        match line.channel.after(failed, luck) {
            Next::Again(wait) => {
                assert!(failed.before + 1 < line.attempts_max, "a channel keeps to its attempts");
                line.spend_retry().then_some(wait)
            }
            Next::Over => None,
        }
    }
}

/// How an attempt of a channel differs from one that the balancer simply sends.
fn marks(line: &scenario::Line) -> u16 {
    let delivery = match line.delivery {
        Delivery::Pushed => 0,
        Delivery::Pulled => Attempt::PULLED,
    };
    let order = match line.order {
        Order::None => 0,
        Order::ByUser => Attempt::ORDERED,
    };
    delivery | order
}
