//! The data plane: what happens to a request, from its arrival to its end.
//!
//! [`DataPlane`] owns what arrives and waits before the fleet, the attempts under way, the instances as far as they serve,
//! the balancer's endpoints with what its proxy knows of them, the database, and how the traffic is assigned. Nothing
//! else writes to it: the other parts look at a [`Slot`] and at the traffic, and act by a few methods. The control plane
//! opens and kills processes (`open_for_work`, `kill`), says what the balancer hears (`endpoint_moves`, `route`) and
//! sends smoke tests (`offer_smoke`); faults stop a process (`freeze`) and strain the database; the books are given an
//! [`Attempt`] and the [`Failure`] that ended it.

mod agenda;
mod arrivals;
mod attempts;
mod backlog;
mod balancer;
mod database;
mod draws;
mod endpoints;
mod events;
mod execution;
mod face;
mod health_checks;
mod ingress;
mod keep_alive;
mod levels;
mod memory;
mod normal_day;
mod outliers;
mod plane;
mod process;
mod proxy;
mod proxy_state;
mod queries;
mod requests;
mod serving;
mod slot;
mod traffic;

pub(super) use attempts::{Attempt, Failure, Ticket};
pub(super) use database::Strain;
pub(super) use events::DataEvent;
pub(super) use face::Identity;
pub(super) use plane::DataPlane;
pub(super) use slot::{Memory, Slot, State};
pub(super) use traffic::{compile_match, matches_any};
