//! Kinds of defects and the severities that they are simulated at.

use super::{
    SeverityUnit,
    cell::{FINE, POINT, Wanted, fault_template, with_defects},
    setting::{Bake, base_errors},
};
use crate::{
    fault::{
        Course, Crash, EffectSpec, Errors, FaultSpec, Latency, Leak, SeveritySpec, StartupFailure,
        TriggerSpec,
    },
    kernel::math,
    model::ScopeSpec,
    scenario::Plan,
    units::{Bytes, Factor, Ratio, Span, round_u64},
};

/// Largest part of requests that is made to fail on top.
const ERRORS_MAX: f64 = 0.5;
/// What the mildest and the worst slowdown add to `1x`.
const SLOWER: (f64, f64) = (0.1, 4.0);
/// The mildest and the worst leak, as multiples of the one that fills the memory within the rollout.
const LEAKS: (f64, f64) = (1.0 / 64.0, 16.0);
/// The mildest part of the strength that a scenario gives its own defects.
const STRENGTH_MIN: f64 = 0.03;
/// Smallest step of a leak.
const LEAK_STEP: f64 = 1024.0;
/// Kinds of the scenario's own that get a curve.
const OWN_MAX: usize = 3;

/// A kind of defect that can be made as severe as one likes.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) unit: SeverityUnit,
    /// Coarse, in rising order.
    pub(super) severities: Vec<f64>,
    make: Make,
}

#[derive(Clone, Debug)]
enum Make {
    Errors {
        feature: bool,
    },
    Latency {
        feature: bool,
    },
    Leak,
    Crash,
    NoStart,
    /// Faults as the scenario has them, at a part of their strength.
    Own(Vec<FaultSpec>),
}

impl Kind {
    /// The release with this defect alone; it shows from the start of each instance on.
    pub(super) fn at(&self, severity: f64, weight: f64) -> Wanted {
        let key = format!("{} {}", self.name, self.written(severity));
        Wanted::of(key, vec![with_defects(&self.defects(severity))], weight)
    }

    /// Severities between two others, equally apart on a scale of logarithms.
    pub(super) fn between(&self, low: f64, high: f64, count: u32) -> Vec<f64> {
        let all = spread(self.offset(low), self.offset(high), count + 2);
        let inner = all[1..all.len() - 1].iter().map(|it| self.rounded(self.severity_at(*it)));
        inner.filter(|it| *it > low && *it < high).collect()
    }

    /// Where the severity stands above nothing at all, which is what logarithms are taken of.
    pub(super) const fn offset(&self, severity: f64) -> f64 {
        match self.unit {
            SeverityUnit::SlowerTimes => severity - 1.0,
            SeverityUnit::MoreErrors
            | SeverityUnit::BytesAnHour
            | SeverityUnit::Strength
            | SeverityUnit::AllOrNothing => severity,
        }
    }

    pub(super) const fn severity_at(&self, offset: f64) -> f64 {
        match self.unit {
            SeverityUnit::SlowerTimes => offset + 1.0,
            SeverityUnit::MoreErrors
            | SeverityUnit::BytesAnHour
            | SeverityUnit::Strength
            | SeverityUnit::AllOrNothing => offset,
        }
    }

    /// To what a file would say of it.
    fn rounded(&self, severity: f64) -> f64 {
        match self.unit {
            SeverityUnit::BytesAnHour => (severity / LEAK_STEP).round().max(1.0) * LEAK_STEP,
            SeverityUnit::SlowerTimes => (severity * 1e3).round() / 1e3,
            SeverityUnit::MoreErrors | SeverityUnit::Strength | SeverityUnit::AllOrNothing => {
                to_three_digits(severity).min(1.0)
            }
        }
    }

    fn written(&self, severity: f64) -> String {
        match self.unit {
            SeverityUnit::MoreErrors | SeverityUnit::Strength => {
                Ratio::clamped(severity).to_string()
            }
            SeverityUnit::SlowerTimes => Factor::clamped(severity).to_string(),
            SeverityUnit::BytesAnHour => format!("{}/h", Bytes::new(round_u64(severity))),
            SeverityUnit::AllOrNothing => String::new(),
        }
        .trim_end()
        .to_owned()
    }

    fn defects(&self, severity: f64) -> Vec<FaultSpec> {
        let part = Ratio::clamped(severity);
        match &self.make {
            Make::Errors { feature } => vec![fault(errors(part), *feature)],
            Make::Latency { feature } => {
                let factor = Factor::clamped(severity);
                let effect = EffectSpec::Latency(Latency { factor, delay: Span::ZERO });
                vec![fault(effect, *feature)]
            }
            Make::Leak => {
                let per_hour = Bytes::new(round_u64(severity));
                vec![fault(EffectSpec::Leak(Leak { per_hour, ..Leak::default() }), false)]
            }
            Make::Crash => {
                let (from, to) = (Span::from_secs(5), Span::from_secs(600));
                let when = TriggerSpec::AgeBetween { from, to };
                vec![FaultSpec { when, ..fault(EffectSpec::Crash(Crash {}), false) }]
            }
            Make::NoStart => {
                let effect = EffectSpec::StartupFailure(StartupFailure { rate: Ratio::ONE });
                vec![fault(effect, false)]
            }
            Make::Own(faults) => faults.iter().map(|it| at_part(it, part)).collect(),
        }
    }

    /// What is simulated first.
    pub(super) fn coarse(&self) -> Vec<Wanted> {
        self.severities.iter().map(|it| self.at(*it, POINT)).collect()
    }

    /// What is simulated where the curve is of interest.
    pub(super) fn fine(&self, severity: f64) -> Wanted {
        self.at(severity, FINE)
    }
}

fn errors(rate: Ratio) -> EffectSpec {
    EffectSpec::Errors(Errors { rate })
}

fn fault(effect: EffectSpec, feature: bool) -> FaultSpec {
    FaultSpec { scope: ScopeSpec { feature, ..ScopeSpec::default() }, effect, ..fault_template() }
}

/// At a fixed part of its strength where it has degrees, and from the start where only chance would have
/// delayed it.
fn at_part(fault: &FaultSpec, part: Ratio) -> FaultSpec {
    let by_chance = matches!(fault.when, TriggerSpec::AgeBetween { .. });
    let when = if by_chance { TriggerSpec::Start } else { fault.when };
    let graded = fault.effect.kind().course() == Course::Graded;
    let severity = graded.then_some(SeveritySpec::Is(part));
    FaultSpec { when, severity, ..fault.clone() }
}

/// Every kind that this scenario can have, each at about so many severities.
pub(super) fn kinds(plan: &Plan, bake: Bake, severities: u32) -> Vec<Kind> {
    let scenario = &plan.scenario;
    let flagged = scenario.strategy.kind().uses_flag();
    let feature = flagged && scenario.releases.as_ref().is_none_or(|it| it.behind_flag);
    let mut kinds = own(plan, severities);
    let base = base_errors(plan);
    // from half of a normal day's errors on, so that the second point doubles them
    let step = math::pow(ERRORS_MAX / base, 1.0 / f64::from(severities.max(3) - 2));
    let shares = (0..severities).map(|it| base * math::pow(step, f64::from(it) - 1.0));
    kinds.push(kind(
        "errors",
        SeverityUnit::MoreErrors,
        shares.collect(),
        Make::Errors { feature },
    ));
    let slower = spread(SLOWER.0, SLOWER.1, severities);
    let slower = slower.into_iter().map(|it| 1.0 + it).collect();
    kinds.push(kind("latency", SeverityUnit::SlowerTimes, slower, Make::Latency { feature }));
    if let Some(fills) = bake.fills(plan) {
        let leaks = spread(fills * LEAKS.0, fills * LEAKS.1, severities);
        kinds.push(kind("leak", SeverityUnit::BytesAnHour, leaks, Make::Leak));
    }
    kinds.push(kind("crash", SeverityUnit::AllOrNothing, vec![1.0], Make::Crash));
    kinds.push(kind("does not start", SeverityUnit::AllOrNothing, vec![1.0], Make::NoStart));
    kinds
}

fn kind(name: &str, unit: SeverityUnit, severities: Vec<f64>, make: Make) -> Kind {
    let about = match unit {
        SeverityUnit::MoreErrors => "share of the requests that fail, above a normal day's",
        SeverityUnit::SlowerTimes => "service time as a multiple",
        SeverityUnit::BytesAnHour => "memory that each instance of the release loses per hour",
        SeverityUnit::Strength => "share of the strength that the scenario gives it",
        SeverityUnit::AllOrNothing if name == "crash" => {
            "each instance crashes within 10 minutes, again and again"
        }
        SeverityUnit::AllOrNothing => "no instance starts",
    };
    let mut it = Kind { name: name.to_owned(), about: about.to_owned(), unit, severities, make };
    it.severities = it.severities.iter().map(|severity| it.rounded(*severity)).collect();
    it.severities.dedup();
    it
}

/// The release's own defects, and those of classes that no other kind stands for.
fn own(plan: &Plan, severities: u32) -> Vec<Kind> {
    let mut sets: Vec<(String, Vec<FaultSpec>)> = Vec::new();
    let own = &plan.scenario.release.defects;
    if !own.is_empty() {
        sets.push(("own defects".to_owned(), own.clone()));
    }
    let classes = plan.lottery.iter().flat_map(|it| &it.classes).filter(|it| !it.good);
    for class in classes {
        let faults = &plan.releases[class.release].defects;
        if faults.iter().any(|it| !is_standard(&it.effect)) {
            sets.push((class.name.clone(), faults.clone()));
        }
    }
    sets.truncate(OWN_MAX);
    let parts = spread(STRENGTH_MIN, 1.0, severities);
    let named = |(name, faults): (String, Vec<FaultSpec>)| {
        kind(&name, SeverityUnit::Strength, parts.clone(), Make::Own(faults))
    };
    sets.into_iter().map(named).collect()
}

const fn is_standard(effect: &EffectSpec) -> bool {
    matches!(
        effect,
        EffectSpec::Errors(_)
            | EffectSpec::Latency(_)
            | EffectSpec::Leak(_)
            | EffectSpec::Crash(_)
            | EffectSpec::StartupFailure(_)
    )
}

/// Values equally apart on a scale of logarithms, both ends among them.
pub(super) fn spread(low: f64, high: f64, count: u32) -> Vec<f64> {
    let steps = f64::from(count.max(2) - 1);
    (0..count).map(|it| low * math::pow(high / low, f64::from(it) / steps)).collect()
}

fn to_three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_equally_apart_in_orders_of_magnitude() {
        let all = spread(0.01, 100.0, 5);
        for (got, wanted) in all.iter().zip([0.01, 0.1, 1.0, 10.0, 100.0]) {
            assert!((got / wanted - 1.0).abs() < 1e-12, "{all:?}");
        }
    }

    #[test]
    fn figures_are_rounded_to_what_a_file_would_say() {
        for (value, rounded) in [(0.012_345, 0.0123), (0.999_9, 1.0), (4.725_6e-4, 4.73e-4)] {
            assert!((to_three_digits(value) - rounded).abs() < 1e-12);
        }
    }
}
