//! The data plane: what happens to a request, from its arrival to its end.
//!
//! It owns what arrives and waits before the fleet (ingress, backlog), the attempts under way, the instances as far as they
//! serve (queues, workers, memory), the balancer's endpoints with what its proxy knows of them, the database, and how the
//! traffic is assigned. The other parts use little of it: control and faults look at a [`Slot`] and its [`State`], and
//! open, stop and slow down what is there; the books are given an [`Attempt`] and the [`Failure`] that ended it.

mod arrivals;
mod attempts;
mod backlog;
mod balancer;
mod database;
mod draws;
mod execution;
mod health_checks;
mod ingress;
mod keep_alive;
mod levels;
mod memory;
mod outliers;
mod plane;
mod proxy;
mod proxy_state;
mod queries;
mod requests;
mod serving;
mod slot;
mod traffic;

pub(super) use attempts::{Attempt, Failure, Ticket};
pub(super) use database::Strain;
pub(super) use draws::service;
pub(super) use plane::DataPlane;
pub(super) use slot::{Memory, Slot, State, Work, Worker};
pub(super) use traffic::{compile_match, matches_any};
