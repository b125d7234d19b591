//! What a trial costs, estimated from its plan before it is begun: requests, events, time of one core, memory.
//!
//! An estimate adds up parts, each a number of things times what one of them costs. The costs were measured:
//! trials in which nearly everything is of one kind, their CPU seconds (`user` of `time`) and their largest resident
//! memory. A faster or slower machine moves all times together. What depends on chance or on how the
//! release does is taken as it is on a normal day, and from the worse side where it could make a trial endless.

mod asked;
mod bound;
mod estimate;
mod fleet;
mod mishaps;
mod traffic;
mod watching;

use asked::{Asked, Traffic};
pub use bound::Bound;
use estimate::{Found, beyond};
pub use estimate::{Part, Work};

use super::Plan;
use crate::{
    strategy::StrategySpec,
    units::{Bytes, Span, round_u64},
};

/// What a trial needs whatever it simulates: the program and the books.
const OF_ANY: (f64, f64) = (50e3, 12e6);

impl Plan {
    /// What a trial of the scenario's own strategy is expected to cost.
    pub fn work(&self) -> Work {
        self.work_of(&self.scenario.strategy, Traffic::of(self))
    }

    fn work_of(&self, strategy: &StrategySpec, traffic: Traffic) -> Work {
        let asked = Asked::of(self, strategy, traffic);
        let (requests, of_traffic) = traffic::parts(&asked);
        let any = Found::new("one trial".to_owned(), "length").nanos(OF_ANY.0).bytes(OF_ANY.1);
        let all =
            [of_traffic, watching::parts(&asked), fleet::parts(&asked), mishaps::parts(&asked)];
        let found: Vec<Found> = all.into_iter().flatten().chain([any]).collect();
        let sum = |of: &dyn Fn(&Found) -> f64| beyond(found.iter().map(of).sum());
        let (events, nanos, bytes) =
            (sum(&|it| it.events), sum(&|it| it.nanos), sum(&|it| it.bytes));
        let mut parts: Vec<Part> = found.into_iter().map(Found::part).collect();
        parts.sort_by_key(|it| std::cmp::Reverse(it.cpu));
        Work {
            requests: beyond(requests),
            events,
            cpu: Span::from_nanos(round_u64(nanos)),
            memory: Bytes::new(round_u64(bytes)),
            parts,
        }
    }

    /// The largest work of a trial under any of the scenario's strategies.
    pub fn most_work(&self) -> Work {
        let traffic = Traffic::of(self);
        let strategies = self.scenario.strategies().into_iter();
        let all = strategies.map(|(_, it)| self.work_of(it, traffic));
        all.max_by_key(|it| (it.cpu, it.memory)).unwrap_or_else(|| self.work())
    }
}
