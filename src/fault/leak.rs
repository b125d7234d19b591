//! Leaks memory until the instance is killed at its limit.

use serde::{Deserialize, Serialize};

use super::{
    Curve, CurveAsked, Disruption, EffectKind, FaultSpec, Needed, SeverityUnit, Target, spread,
};
use crate::units::{Bytes, round_u64};

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// The mildest and the worst leak, as multiples of the one that fills the memory within the rollout.
const FILLS: (f64, f64) = (1.0 / 64.0, 16.0);

/// Memory is not released: by each request, each hour, or both. An instance that reaches its memory
/// limit is killed; without a memory limit nothing happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Leak {
    /// Memory leaked by each request in scope.
    pub per_request: Bytes,
    /// Memory leaked by an instance in an hour, idle or not.
    pub per_hour: Bytes,
}

impl EffectKind for Leak {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption {
            leak_per_request: self.per_request.get() as f64 * strength,
            leak_per_second: self.per_hour.get() as f64 * strength / SECONDS_PER_HOUR,
            ..Disruption::NONE
        }
    }

    fn target(&self) -> Target {
        if self.per_hour == Bytes::ZERO { Target::Requests } else { Target::Instances }
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::MemoryLimit)
    }

    fn of_each_instance(&self) -> bool {
        // memory belongs to an instance, whatever was asked of it
        true
    }

    fn instead(&self, key: &str) -> Option<String> {
        Some(format!("leave `{key}` out, or `per_hour`: what leaks `per_request` can be narrowed"))
    }

    fn curve(asked: &CurveAsked) -> Option<Curve> {
        let fills = asked.fills?;
        Some(Curve {
            name: "leak",
            about: "memory that each instance of the release loses per hour",
            unit: SeverityUnit::BytesAnHour,
            severities: spread(fills * FILLS.0, fills * FILLS.1, asked.severities),
            make: |bytes| {
                FaultSpec::of(Self { per_hour: Bytes::new(round_u64(bytes)), ..Self::default() })
            },
        })
    }
}
