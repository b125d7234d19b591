//! rollsim rehearses a rollout before production does.
//!
//! A scenario file is checked into a plan; a plan and a seed make a trial; a trial leaves an outcome.
//! The rooms below are in the order of what may use what: a room uses only rooms above it.

#[macro_use]
mod catalog;

pub mod units;

pub mod kernel;
pub mod stats;

pub mod model;

pub mod channel;
pub mod fault;
pub mod judge;
pub mod strategy;

pub mod scenario;

pub mod sim;

pub mod experiment;

pub mod report;

pub mod cli;

#[cfg(test)]
mod added;
