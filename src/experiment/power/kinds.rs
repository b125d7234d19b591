//! Kinds of defects and the severities that they are simulated at.

use super::{
    cell::{FINE, POINT, Wanted, with_defects},
    setting::{Bake, base_errors},
};
use crate::{
    fault::{
        Course, Curve, CurveAsked, EffectSpec, FaultSpec, SeveritySpec, SeverityUnit, Target,
        TriggerSpec, spread,
    },
    scenario::Plan,
    units::Ratio,
};

/// The mildest part of the strength that a scenario gives its own defects.
const STRENGTH_MIN: f64 = 0.03;
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
    /// As an effect makes it; what is of requests is in the `feature` where that is behind a flag.
    Effect { make: fn(f64) -> FaultSpec, feature: bool },
    /// Faults as the scenario has them, at a part of their strength.
    Own(Vec<FaultSpec>),
}

impl Kind {
    fn of(curve: Curve, feature: bool) -> Self {
        let Curve { name, about, unit, severities, make } = curve;
        Self {
            name: name.to_owned(),
            about: about.to_owned(),
            unit,
            severities: rounded(unit, &severities),
            make: Make::Effect { make, feature },
        }
    }

    /// The release with this defect alone; it shows from the start of each instance on.
    pub(super) fn at(&self, severity: f64, weight: f64) -> Wanted {
        let key = format!("{} {}", self.name, self.unit.written(severity));
        Wanted::of(key, vec![with_defects(&self.defects(severity))], weight)
    }

    /// Severities between two others, equally apart on a scale of logarithms.
    pub(super) fn between(&self, low: f64, high: f64, count: u32) -> Vec<f64> {
        let unit = self.unit;
        let all = spread(unit.offset(low), unit.offset(high), count + 2);
        let inner = all[1..all.len() - 1].iter().map(|it| unit.rounded(unit.severity_at(*it)));
        inner.filter(|it| *it > low && *it < high).collect()
    }

    /// Whether it is the one of more errors, which every scenario has.
    pub(super) fn is_errors(&self) -> bool {
        self.unit == SeverityUnit::MoreErrors
    }

    fn defects(&self, severity: f64) -> Vec<FaultSpec> {
        match &self.make {
            Make::Effect { make, feature } => {
                let mut fault = make(severity);
                let of_requests = fault.effect.kind().target() == Target::Requests;
                fault.scope.feature = *feature && of_requests;
                vec![fault]
            }
            Make::Own(faults) => {
                let part = Ratio::clamped(severity);
                faults.iter().map(|it| at_part(it, part)).collect()
            }
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

fn rounded(unit: SeverityUnit, severities: &[f64]) -> Vec<f64> {
    let mut rounded: Vec<f64> = severities.iter().map(|it| unit.rounded(*it)).collect();
    rounded.dedup();
    rounded
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
    let (base_errors, fills) = (base_errors(plan), bake.fills(plan));
    let curves = EffectSpec::curves(&CurveAsked { base_errors, fills, severities });
    kinds.extend(curves.into_iter().map(|it| Kind::of(it, feature)));
    kinds
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
        if faults.iter().any(|it| !it.effect.has_curve()) {
            sets.push((class.name.clone(), faults.clone()));
        }
    }
    sets.truncate(OWN_MAX);
    let unit = SeverityUnit::Strength;
    let parts = rounded(unit, &spread(STRENGTH_MIN, 1.0, severities));
    let named = |(name, faults): (String, Vec<FaultSpec>)| Kind {
        name,
        about: "share of the strength that the scenario gives it".to_owned(),
        unit,
        severities: parts.clone(),
        make: Make::Own(faults),
    };
    sets.into_iter().map(named).collect()
}
