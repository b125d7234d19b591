//! rollsim rehearses a rollout before production does.
//!
//! A scenario file is checked into a plan; a plan and a seed make a trial; a trial leaves an outcome.
//! The rooms below are in the order of what may use what: a room uses only rooms above it.

pub mod units;
