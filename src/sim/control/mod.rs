//! The control plane: instances and their size, probes, flags, the rollout and its analyses, and people.
//!
//! It acts a few times a minute of simulated time, on what the platform, the balancer's weights, monitoring and people
//! could know. Requests are the data plane's.

mod analysis;
mod autoscaler;
mod flags;
mod instance;
mod lifecycle;
mod machines;
mod migration;
mod operator;
mod platform;
mod prober;
#[cfg(test)]
mod prober_traces;
mod probes;
mod probing;
mod rollout;
mod seen;
mod smoke_test;
mod steps;
mod stopping;

pub(super) use operator::Duty;
pub(super) use prober::Probe;
pub(super) use probing::{ProbePlace, WaitingProbe};

use self::{flags::Flags, operator::Operator, platform::Platform, rollout::Rollout};
use crate::{
    scenario::{ReleaseSpec, Scenario},
    strategy::Strategy,
};

/// The state of the control plane.
#[derive(Clone)]
pub(super) struct ControlPlane {
    pub(super) platform: Platform,
    pub(super) flags: Flags,
    pub(super) rollout: Rollout,
    pub(super) operator: Operator,
}

impl ControlPlane {
    /// The rollout has not begun, and no instance stands.
    pub(super) fn new(
        scenario: &Scenario,
        release: &ReleaseSpec,
        strategy: Box<dyn Strategy>,
    ) -> Self {
        Self {
            platform: Platform::new(scenario.fleet.instances, strategy.groups()),
            flags: Flags::new(),
            rollout: Rollout::new(release, strategy),
            operator: Operator::new(scenario),
        }
    }
}
