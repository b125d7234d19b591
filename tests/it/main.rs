//! Tests across rooms, through the public interface, in one binary.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod advice;
mod agreement;
mod autoscaler;
mod balancing;
mod blows;
mod catalogs;
mod cli;
mod digests;
mod documents;
mod experiment;
mod headlines;
mod judge;
mod judges;
mod kernel;
mod kubelet;
mod laws;
mod lints;
mod lottery;
mod naive;
mod operator;
mod page;
mod planted;
mod power;
mod promises;
mod proxy;
mod published;
mod report;
mod scenario_files;
mod scenarios;
mod scratch;
mod swarm;
mod theory;
mod tidy;
mod traces;
mod trials;
