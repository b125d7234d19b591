//! How severe an effect can be made: what `power` simulates it at.

use serde::{Deserialize, Serialize};

use super::{EffectSpec, FaultSpec};
use crate::{
    kernel::math,
    units::{Bytes, Factor, Ratio, round_u64},
};

/// Smallest step of a leak.
const LEAK_STEP: f64 = 1024.0;

/// An effect as it grows from mild to severe.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What reports call it.
    pub name: &'static str,
    /// What a severity says.
    pub about: &'static str,
    pub unit: SeverityUnit,
    /// In rising order.
    pub severities: Vec<f64>,
    /// The fault at a severity. It shows from the start of each instance on, or soon.
    pub make: fn(f64) -> FaultSpec,
}

/// What the severities of an effect are fitted to.
#[derive(Clone, Copy, Debug)]
pub struct CurveAsked {
    /// Share of the requests that fail on a normal day; above zero.
    pub base_errors: f64,
    /// Leak in bytes per hour that fills the memory within the rollout; none where memory is not modelled.
    pub fills: Option<f64>,
    /// How many there are of what has degrees.
    pub severities: u32,
}

/// What a severity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SeverityUnit {
    /// Share of the requests that fail above a normal day's.
    MoreErrors,
    /// Service time as a multiple.
    SlowerTimes,
    /// Bytes that an instance loses per hour.
    BytesAnHour,
    /// Share of the strength that the scenario gives it.
    Strength,
    /// It is there or it is not; the severity is 1.
    AllOrNothing,
}

impl SeverityUnit {
    /// Where the severity stands above nothing at all, which is what logarithms are taken of.
    pub const fn offset(self, severity: f64) -> f64 {
        match self {
            Self::SlowerTimes => severity - 1.0,
            Self::MoreErrors | Self::BytesAnHour | Self::Strength | Self::AllOrNothing => severity,
        }
    }

    /// The severity that stands so far above nothing at all.
    pub const fn severity_at(self, offset: f64) -> f64 {
        match self {
            Self::SlowerTimes => offset + 1.0,
            Self::MoreErrors | Self::BytesAnHour | Self::Strength | Self::AllOrNothing => offset,
        }
    }

    /// To what a file would say of it.
    pub fn rounded(self, severity: f64) -> f64 {
        match self {
            Self::BytesAnHour => (severity / LEAK_STEP).round().max(1.0) * LEAK_STEP,
            Self::SlowerTimes => (severity * 1e3).round() / 1e3,
            Self::MoreErrors | Self::Strength | Self::AllOrNothing => {
                to_three_digits(severity).min(1.0)
            }
        }
    }

    /// As a file would say it; nothing where there are no degrees.
    pub fn written(self, severity: f64) -> String {
        match self {
            Self::MoreErrors | Self::Strength => Ratio::clamped(severity).to_string(),
            Self::SlowerTimes => Factor::clamped(severity).to_string(),
            Self::BytesAnHour => format!("{}/h", Bytes::new(round_u64(severity))),
            Self::AllOrNothing => String::new(),
        }
    }
}

impl EffectSpec {
    /// Whether effects of its kind have a curve of their own, in whatever scenario.
    pub fn has_curve(&self) -> bool {
        let asked = CurveAsked { base_errors: 0.01, fills: Some(1.0), severities: 2 };
        Self::curves(&asked).iter().any(|it| (it.make)(1.0).effect.name() == self.name())
    }
}

/// Values equally apart on a scale of logarithms, both ends among them.
pub fn spread(low: f64, high: f64, count: u32) -> Vec<f64> {
    let steps = f64::from(count.max(2) - 1);
    (0..count).map(|it| low * math::pow(high / low, f64::from(it) / steps)).collect()
}

fn to_three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Errors, Hang, Leak, WrongAnswers};

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

    /// The figures are worked out by hand: 0.2 % grow to 50 % in three steps of `250^(1/3)`, and one
    /// step below; 0.1 to 4 and 1 KiB to 1 MiB in four equal ones.
    #[test]
    fn five_effects_grow_from_mild_to_severe() {
        let asked = CurveAsked { base_errors: 0.002, fills: Some(65_536.0), severities: 5 };
        let told = |it: &Curve| {
            let severities = it.severities.iter().map(|severity| it.unit.rounded(*severity));
            let said = severities.map(|severity| it.unit.written(severity));
            let effect = (it.make)(it.severities[0]).effect;
            format!("{} by {}: {}", it.name, effect.name(), said.collect::<Vec<_>>().join(", "))
        };
        let curves: Vec<String> = EffectSpec::curves(&asked).iter().map(told).collect();
        assert_eq!(
            curves[..5],
            [
                "errors by errors: 0.0317%, 0.2%, 1.26%, 7.94%, 50%",
                "latency by latency: 1.1x, 1.251x, 1.632x, 2.591x, 5x",
                "leak by leak: 1KiB/h, 6KiB/h, 32KiB/h, 181KiB/h, 1MiB/h",
                "crash by crash: ",
                "does not start by startup_failure: ",
            ]
        );
        let without_memory = EffectSpec::curves(&CurveAsked { fills: None, ..asked });
        let names: Vec<&str> = without_memory.iter().map(|it| it.name).collect();
        assert_eq!(names[..4], ["errors", "latency", "crash", "does not start"]);
    }

    #[test]
    fn an_effect_has_a_curve_or_is_simulated_as_it_stands() {
        for (effect, has) in [
            (EffectSpec::from(Leak::default()), true),
            (EffectSpec::from(Errors { rate: Ratio::ONE }), true),
            (EffectSpec::from(WrongAnswers { rate: Ratio::ONE }), false),
            (EffectSpec::from(Hang {}), false),
        ] {
            assert_eq!(effect.has_curve(), has, "{}", effect.name());
        }
    }
}
