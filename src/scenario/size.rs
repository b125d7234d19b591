//! How many instances a scenario has.

use super::Scenario;
use crate::model::Mitigation;

/// Most instances that the fleet has by its own size, its autoscaler and its operator; a rollout may add as
/// many for a while.
pub(super) fn most_instances(scenario: &Scenario) -> u32 {
    let fleet = &scenario.fleet;
    let scaler = fleet.autoscaler.as_ref();
    let mut most = scaler.map_or(fleet.instances, |it| it.max.max(fleet.instances));
    for action in &scenario.operator.actions {
        let Mitigation::Scale(size) = &action.mitigation else { continue };
        most = (0..action.times).fold(most, |most, _| most.max(size.of(most)));
    }
    most
}

/// How many of a fleet's instances are in a zone, over all of which they are spread in turn.
pub(super) fn in_zone(fleet: u32, zone: usize, zones: usize) -> u32 {
    (0..fleet as usize).skip(zone).step_by(zones.max(1)).fold(0, |count, _| count + 1)
}
