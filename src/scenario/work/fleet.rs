//! Instances: how many there are, how often they are probed and counted.

use super::{asked::Asked, estimate::Found};
use crate::units::{Span, text};

/// Nanoseconds for a probe, and for a check of the proxy.
const PROBE: f64 = 150.0;
const CHECK: f64 = 95.0;
/// Nanoseconds for an instance at each measurement of an autoscaler, and each time that it decides.
const MEASURED: f64 = 75.0;
const DECIDED: f64 = 35.0;
/// Nanoseconds for each pair of instances: a rollout looks at all of them whenever one has changed.
const PAIR: f64 = 12.0;
/// Bytes of an instance.
const INSTANCE: f64 = 2_000.0;

pub(super) fn parts(asked: &Asked<'_>) -> Vec<Found> {
    let fleet = &asked.plan.scenario.fleet;
    let mut parts = Vec::new();
    for (path, probe) in
        [("fleet.readiness.period", fleet.readiness), ("fleet.liveness.period", fleet.liveness)]
    {
        let Some(probe) = probe else { continue };
        parts.push(each(asked, ("probe", path), probe.period, PROBE));
    }
    if let Some(checks) = fleet.proxy.rules().health_checks {
        let path = "fleet.proxy.health_checks.interval";
        parts.push(each(asked, ("check of an endpoint", path), checks.interval, CHECK));
    }
    if let Some(scaler) = &fleet.autoscaler {
        let path = "fleet.autoscaler.sync_period";
        let syncs = each(asked, ("decision of the autoscaler", path), scaler.sync_period, DECIDED);
        parts.push(syncs.events(asked.times(scaler.sync_period)));
        let path = "fleet.autoscaler.metrics_resolution";
        let what = "measurement of the autoscaler";
        let windows = each(asked, (what, path), scaler.metrics_resolution, MEASURED);
        parts.push(windows.events(asked.times(scaler.metrics_resolution)));
    }
    let pairs = if asked.strategy.kind().ships() { asked.instances * asked.instances } else { 0.0 };
    let what = text::estimated(asked.instances, "instance");
    let found = Found::new(what, "fleet.instances").nanos(pairs * PAIR);
    parts.push(found.events(3.0 * asked.instances).bytes(asked.instances * INSTANCE));
    parts
}

/// Something that happens at each instance after each of these times.
fn each(asked: &Asked<'_>, (noun, path): (&str, &str), every: Span, nanos: f64) -> Found {
    let count = asked.times(every) * asked.instances;
    let what = text::things(&text::number(count.min(1e18)), noun);
    Found::new(what, path).events(count).nanos(count * nanos)
}
