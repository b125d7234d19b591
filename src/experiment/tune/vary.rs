//! Other circumstances than those that the settings were found for.

use crate::{
    fault::{EffectSpec, Errors, FaultSpec, Latency, SeveritySpec},
    scenario::{LotterySpec, Plan, Scenario},
    units::{Factor, Rate, Ratio, Span, text},
};

/// One thing that is different.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Variation {
    /// So many times the requests.
    Traffic(f64),
    /// Every service takes so many times as long.
    Service(f64),
    /// Defects have so many times their severity, at most all of it.
    Severity(f64),
    /// The candidate has so many times the errors of a normal day and is as much slower, without anything
    /// being wrong with it: other machines, cold caches.
    Noise(f64),
}

/// All that are tried.
pub(super) const ALL: [Variation; 7] = [
    Variation::Traffic(0.5),
    Variation::Traffic(2.0),
    Variation::Service(0.5),
    Variation::Service(2.0),
    Variation::Severity(0.5),
    Variation::Severity(2.0),
    Variation::Noise(1.2),
];

impl Variation {
    pub(super) fn name(self) -> String {
        match self {
            Self::Traffic(by) if by < 1.0 => "half the traffic".to_owned(),
            Self::Traffic(_) => "twice the traffic".to_owned(),
            Self::Service(by) if by < 1.0 => "service twice as fast".to_owned(),
            Self::Service(_) => "service twice as slow".to_owned(),
            Self::Severity(by) if by < 1.0 => "defects half as severe".to_owned(),
            Self::Severity(_) => "defects twice as severe".to_owned(),
            Self::Noise(by) => format!("a good candidate {} worse", text::share(by - 1.0)),
        }
    }

    /// The scenario under it.
    pub(super) fn of(self, mut scenario: Scenario, written_out: &Scenario) -> Scenario {
        match self {
            Self::Traffic(by) => {
                let rate = scenario.traffic.rate.as_per_second() * by;
                scenario.traffic.rate = Rate::per_second(rate);
                scenario.traffic.pattern.scale(by);
            }
            Self::Service(by) => {
                let fleet = &mut scenario.fleet;
                fleet.service_time = fleet.service_time.scaled(by);
                for operation in scenario.operations.values_mut() {
                    operation.service_time =
                        operation.service_time.as_ref().map(|it| it.scaled(by));
                }
            }
            Self::Severity(by) => {
                let mut classes =
                    written_out.releases.clone().map(|it| it.classes).unwrap_or_default();
                let defects = classes.values_mut().flat_map(|it| &mut it.defects);
                defects.for_each(|it| scale(it, by));
                scenario.releases = Some(LotterySpec { classes, ..LotterySpec::default() });
            }
            Self::Noise(_) => {}
        }
        scenario
    }

    /// Whether anything is different under it.
    pub(super) fn changes(
        self,
        scenario: &Scenario,
        written_out: &Scenario,
        has_good: bool,
    ) -> bool {
        match self {
            Self::Noise(_) => has_good,
            Self::Severity(_) => {
                let classes = |it: &Scenario| it.releases.clone().map(|it| it.classes);
                let varied = self.of(written_out.clone(), written_out);
                classes(&varied).unwrap_or_default() != classes(written_out).unwrap_or_default()
            }
            Self::Traffic(_) | Self::Service(_) => {
                self.of(scenario.clone(), written_out) != *scenario
            }
        }
    }

    /// What is left to do where the scenario is compiled: the class of good releases has no place in a
    /// file.
    pub(super) fn touch(self, plan: &mut Plan, good: Option<usize>) {
        let (Self::Noise(by), Some(release)) =
            (self, good.and_then(|it| plan.releases.get_mut(it)))
        else {
            return;
        };
        let rate = Ratio::clamped(plan.scenario.fleet.errors.get() * (by - 1.0));
        let slower = Latency { factor: Factor::clamped(by), delay: Span::ZERO };
        release.defects.push(always("other machines", Errors { rate }));
        release.defects.push(always("cold caches", slower));
    }
}

fn always(name: &str, effect: impl Into<EffectSpec>) -> FaultSpec {
    FaultSpec { name: Some(name.to_owned()), ..FaultSpec::of(effect) }
}

fn scale(defect: &mut FaultSpec, by: f64) {
    let part = |it: Ratio| Ratio::clamped((it.get() * by).max(1e-6));
    defect.severity = defect.severity.map(|it| match it {
        SeveritySpec::Is(at) => SeveritySpec::Is(part(at)),
        SeveritySpec::Uniform { from, to } => {
            SeveritySpec::Uniform { from: part(from), to: part(to) }
        }
        SeveritySpec::LogUniform { from, to } => {
            SeveritySpec::LogUniform { from: part(from), to: part(to) }
        }
    });
}
