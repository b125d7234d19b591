//! What is drawn for the coming requests: user, operation, service demand.
//!
//! These belong to the request alone, so they are drawn for many requests at a time: a processor
//! works on several independent draws at once, where one draw between two events makes it wait.

use super::attempts::Attempt;
use crate::{
    kernel::{Correlated, Key, math},
    model::{Activity, ServicePer},
    scenario::Plan,
    sim::{ids::OperationId, keys::Keys},
    units::narrow,
};

/// Requests that are drawn for at a time.
const BLOCK: usize = 64;

/// Exponential gaps with mean 1, by request.
#[derive(Clone, Debug)]
pub(super) struct Gaps {
    key: Key,
    block: [f64; BLOCK],
}

impl Gaps {
    pub(super) const fn new(key: Key) -> Self {
        Self { key, block: [0.0; BLOCK] }
    }

    /// Draws those from a request on with another key.
    pub(super) fn redraw(&mut self, key: Key, request: u64) {
        self.key = key;
        let from = place(request);
        for (gap, request) in self.block[from..].iter_mut().zip(request..) {
            *gap = -math::ln(key.uniform(request));
        }
    }

    /// The gap before a request; requests are asked for in order, from 0.
    #[inline]
    pub(super) fn before(&mut self, request: u64) -> f64 {
        let place = place(request);
        if place == 0 {
            assert!(request < Attempt::REQUESTS_MAX, "the numbers of requests are used up");
            for (gap, request) in self.block.iter_mut().zip(request..) {
                *gap = -math::ln(self.key.uniform(request));
            }
        }
        self.block[place]
    }
}

/// What is drawn for a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    pub(super) user: u32,
    pub(super) operation: OperationId,
    /// Nanoseconds of service where nothing is wrong.
    pub(super) service: u64,
}

/// The demands of a block of requests.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    block: [Demand; BLOCK],
}

impl Demands {
    pub(super) fn new() -> Self {
        Self { block: [Demand::default(); BLOCK] }
    }

    /// Draws those from a request on again, with other keys.
    pub(super) fn redraw(&mut self, request: u64, plan: &Plan, keys: &Keys) {
        let from = place(request);
        for (demand, request) in self.block[from..].iter_mut().zip(request..) {
            demand.user = user(request, plan, keys);
            demand.operation = operation(request, plan, keys);
            demand.service = service(request, demand.operation, plan, keys);
        }
    }

    /// The demand of a request; requests are asked for in order, from 0.
    #[inline]
    pub(super) fn of(&mut self, request: u64, plan: &Plan, keys: &Keys) -> Demand {
        let place = place(request);
        if place == 0 {
            for (demand, request) in self.block.iter_mut().zip(request..) {
                demand.user = user(request, plan, keys);
                demand.operation = operation(request, plan, keys);
            }
            for (demand, request) in self.block.iter_mut().zip(request..) {
                demand.service = service(request, demand.operation, plan, keys);
            }
        }
        self.block[place]
    }
}

/// Where in its block a request stands.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a block is a few requests long")]
const fn place(request: u64) -> usize {
    request as usize % BLOCK
}

fn user(request: u64, plan: &Plan, keys: &Keys) -> u32 {
    let count = u64::from(plan.scenario.users.count);
    let number = match (&plan.user_choice, plan.scenario.users.activity) {
        (Some(choice), _) => return narrow(choice.pick(&mut keys.user.stream(request))),
        (None, Activity::InTurn) => request % count,
        (None, _) => keys.user.stream(request).below(count),
    };
    u32::try_from(number).expect("there are fewer than four billion users")
}

fn operation(request: u64, plan: &Plan, keys: &Keys) -> OperationId {
    let pick = |it: &crate::kernel::Categories| it.pick(&mut keys.operation.stream(request));
    OperationId::at(plan.operation_choice.as_ref().map_or(0, pick))
}

/// Service demand of a further attempt, in nanoseconds: the request's own, one of its own, or something
/// of both, as the scenario says.
pub(super) fn service_again(attempt: &Attempt, plan: &Plan, keys: &Keys) -> u64 {
    let operation = &plan.operations[attempt.operation.index()];
    let own = || keys.service.child(u64::from(attempt.tries())).stream(attempt.request);
    match operation.service_per {
        ServicePer::Request => attempt.service,
        ServicePer::Attempt => operation.service.sample(&mut own()),
        ServicePer::Shared(share) => {
            let key = keys.of_request(attempt.number()).service;
            let request = key.stream(attempt.number());
            let rest = key.child(0).stream(attempt.number());
            operation.service.sample(&mut Correlated::new(share.get(), [request, rest, own()]))
        }
    }
}

/// Service demand of a request of this operation, in nanoseconds.
#[inline]
pub(super) fn service(request: u64, operation: OperationId, plan: &Plan, keys: &Keys) -> u64 {
    let sampler = &plan.operations[operation.index()].service;
    sampler.sample(&mut keys.service.stream(request))
}

/// The value of an attribute that a user has.
pub(super) fn attribute(plan: &Plan, keys: &Keys, user: u32, attribute: usize) -> usize {
    let key = keys.attribute.child(attribute as u64);
    plan.attributes[attribute].value(key.uniform(u64::from(user)))
}
