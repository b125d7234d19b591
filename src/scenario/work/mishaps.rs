//! Faults: how often they start, and how many attempts fail.

use super::{asked::Asked, estimate::Found};
use crate::{
    fault::{FaultSpec, TriggerSpec},
    units::{Bytes, Span, text},
};

/// Nanoseconds for a fault that starts and ends, and for an instance that it concerns; bytes of what is said of it.
const FAULT: f64 = 10_000.0;
const OF_INSTANCE: f64 = 1_500.0;
const AT_INSTANCE: f64 = 5_000.0;
const SAID: f64 = 200.0;
/// Nanoseconds for a restart, and the fewest seconds from one to the next.
const RESTART: f64 = 5_500.0;
const CYCLE: f64 = 1.0;
/// Share of its time in which every attempt fails, of a fault that is not about errors.
const OTHER: f64 = 0.1;
/// Seconds until instances are well again after such a fault: they start, and wait before that.
const RECOVERY: f64 = 600.0;

/// A fault where the scenario has it.
struct Placed<'p> {
    path: String,
    fault: &'p FaultSpec,
    /// Seconds in which it may be there, and the chance that it is: that of its release.
    time: f64,
    chance: f64,
    defect: bool,
}

/// Incidents, and the defects of every release.
fn faults<'p>(asked: &Asked<'p>) -> Vec<Placed<'p>> {
    let plan = asked.plan;
    let incidents = plan.scenario.incidents.iter().enumerate();
    let incidents = incidents.map(|(index, fault)| {
        let path = format!("incidents[{index}]");
        Placed { path, fault, time: asked.length, chance: 1.0, defect: false }
    });
    let of_releases = plan.releases.iter().enumerate().flat_map(|(release, spec)| {
        let classes = plan.lottery.iter().flat_map(|it| &it.classes);
        let of_class = classes.filter(|it| it.release == release).map(|it| it.chance);
        // the release of the scenario itself is shipped where no class is drawn
        let chance = if release == 0 { 1.0 } else { of_class.sum() };
        let path = move |index: usize| match release {
            0 => format!("release.defects[{index}]"),
            _ => "releases".to_owned(),
        };
        let defects = spec.defects.iter().enumerate();
        defects.map(move |(index, fault)| {
            let path = path(index);
            Placed { path, fault, time: asked.after, chance, defect: true }
        })
    });
    incidents.chain(of_releases).collect()
}

pub(super) fn parts(asked: &Asked<'_>) -> Vec<Found> {
    let mut parts = onsets(asked);
    parts.extend(restarts(asked));
    parts
}

/// Instances that do not stay up: each starts again as soon as it may.
fn restarts(asked: &Asked<'_>) -> Option<Found> {
    let fleet = &asked.plan.scenario.fleet;
    let leaks = fleet.memory.is_some_and(|it| it.per_hour > Bytes::ZERO);
    let struck = |it: &Placed<'_>| errors(it.fault) <= 0.0;
    if !leaks && !faults(asked).iter().any(struck) {
        return None;
    }
    let cycle = asked.plan.samplers.startup.mean() + fleet.restart.backoff_max.as_secs_f64();
    let count = asked.instances * asked.length / cycle.max(CYCLE);
    let what = text::things(&text::number(count.min(1e18)), "restart");
    Some(Found::new(what, "fleet.restart").nanos(count * RESTART))
}

fn onsets(asked: &Asked<'_>) -> Vec<Found> {
    let found = faults(asked).into_iter().filter_map(|placed| {
        let Placed { path, fault, time, chance, defect } = placed;
        let lasts = fault.lasts.unwrap_or(Span::ZERO).as_secs_f64();
        let narrowed = fault.scope.instances.is_some();
        let of_each = defect || narrowed || fault.effect.kind().of_each_instance();
        let (every, nanos) = match (fault.when, fault.repeat) {
            (TriggerSpec::Random(mean), _) => {
                let of_each = if of_each { asked.instances * AT_INSTANCE } else { FAULT };
                (mean.as_secs_f64() + lasts, of_each)
            }
            (_, Some(repeat)) => (repeat.as_secs_f64(), FAULT + asked.instances * OF_INSTANCE),
            (_, None) => return None,
        };
        let times = chance * time / every.max(1e-9);
        let what = format!("a fault that starts {} times", text::number(times.min(1e18)));
        let found = Found::new(what, path).events(2.0 * times);
        Some(found.nanos(times * nanos).bytes(times * SAID))
    });
    found.collect()
}

/// How attempts fail.
pub(super) struct Failing {
    /// On a normal day, and where the fleet has too little room.
    usual: f64,
    /// Share of the trial, and of the attempts that fail meanwhile, for each fault.
    faults: Vec<(f64, f64)>,
    /// Share of the trial in which something may keep workers from getting done.
    pub(super) blocked: f64,
}

impl Failing {
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let scenario = &asked.plan.scenario;
        let calls = asked.plan.dependencies.iter().map(|it| 1.0 - it.errors.get());
        let own = 1.0 - (1.0 - scenario.fleet.errors.get()) * calls.product::<f64>();
        let too_many = if asked.load > 1.0 { 1.0 - 1.0 / asked.load } else { 0.0 };
        let mut blocked = 0.0_f64;
        let faults = faults(asked).into_iter().map(|placed| {
            let Placed { fault, time, chance, .. } = placed;
            let whole = chance * time / asked.length.max(1e-9);
            let errors = errors(fault);
            if errors > 0.0 {
                return (whole * share_of_time(fault, time, 0.0), errors);
            }
            let part = whole * share_of_time(fault, time, RECOVERY);
            blocked += part;
            (OTHER * part, 1.0)
        });
        let faults = faults.collect();
        Self { usual: own.max(too_many), faults, blocked: blocked.min(1.0) }
    }

    /// Further attempts that a request is given, where there may be so many.
    pub(super) fn retries(&self, most: f64) -> f64 {
        let of_faults = self.faults.iter().map(|(part, fail)| part * series(*fail, most));
        (series(self.usual, most) + of_faults.sum::<f64>()).min(most)
    }

    /// Share of the requests whose first attempt fails.
    pub(super) fn share(&self) -> f64 {
        let of_faults = self.faults.iter().map(|(part, fail)| part * fail);
        (self.usual + of_faults.sum::<f64>()).min(1.0)
    }
}

/// Share of the attempts that a fault lets fail by itself.
fn errors(fault: &FaultSpec) -> f64 {
    let disruption = fault.effect.kind().disrupt(1.0);
    let of_dependencies = disruption.dependencies.iter().map(|it| it.error);
    of_dependencies.fold(disruption.error, f64::max)
}

/// Share of the time for which a fault lasts, and its effects after it.
fn share_of_time(fault: &FaultSpec, time: f64, after: f64) -> f64 {
    let lasts = fault.lasts.map_or(f64::INFINITY, Span::as_secs_f64) + after;
    let every = match (fault.when, fault.repeat) {
        (TriggerSpec::Random(mean), _) => mean.as_secs_f64() + lasts,
        (_, Some(repeat)) => repeat.as_secs_f64(),
        (_, None) => time,
    };
    if lasts.is_finite() { (lasts / every.max(1e-9)).min(1.0) } else { 1.0 }
}

/// `p + p² + …`, so many terms: further attempts where each one fails with the chance `p`.
fn series(p: f64, most: f64) -> f64 {
    if p >= 1.0 {
        most
    } else {
        (p * (1.0 - crate::kernel::math::pow(p, most)) / (1.0 - p)).max(0.0)
    }
}
