//! The state of the control plane.

use super::{flags::Flags, operator::Operator, platform::Platform, rollout::Rollout};
use crate::{
    scenario::{ReleaseSpec, Scenario},
    strategy::Strategy,
};

/// The state of the control plane.
#[derive(Clone)]
pub(in crate::sim) struct ControlPlane {
    pub(in crate::sim) platform: Platform,
    pub(in crate::sim) flags: Flags,
    pub(in crate::sim) rollout: Rollout,
    pub(in crate::sim) operator: Operator,
}

impl ControlPlane {
    /// The rollout has not begun, and no instance stands.
    pub(in crate::sim) fn new(
        scenario: &Scenario,
        release: &ReleaseSpec,
        strategy: Box<dyn Strategy>,
    ) -> Self {
        Self {
            platform: Platform::new(
                scenario.fleet.instances,
                strategy.groups(),
                strategy.releases(),
            ),
            flags: Flags::new(),
            rollout: Rollout::new(release, strategy),
            operator: Operator::new(scenario),
        }
    }
}
