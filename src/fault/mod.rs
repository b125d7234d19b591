//! Faults: a trigger, a scope, an effect and a shape.
//!
//! A *defect* is part of a release, an *incident* affects the environment. A fault only describes
//! its effect ([`Disruption`]) at a given strength; the world applies it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    model::ScopeSpec,
    units::{Factor, Ratio, Span},
};

mod disruption;
mod drawn;
mod shape;

pub use disruption::{DependencyDisruption, Disruption};
pub use drawn::{FaultDraws, SeveritySpec};

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// Name shown in the timeline. Without it, that of the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it starts.
    #[serde(default)]
    pub when: TriggerSpec,
    /// What it affects.
    #[serde(default)]
    pub scope: ScopeSpec,
    /// One of these scopes, drawn once per trial, all equally likely; instead of `scope`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), extend("default" = []))]
    pub scope_one_of: Vec<ScopeSpec>,
    /// Its effect.
    pub effect: EffectSpec,
    /// Its severity as a share of full strength, drawn once per trial.
    /// Without it, 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeveritySpec>,
    /// Time from its start until full strength, growing linearly.
    #[serde(default)]
    pub ramp: Span,
    /// How long it lasts, ramp included. Without it, it is permanent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Interval after which it starts again, ramp included; longer than `lasts`. No effect on a
    /// permanent fault. Without it, it occurs once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Span>,
}

/// When a fault starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerSpec {
    /// At once: a defect with the start of each instance, an incident with the trial.
    #[default]
    Start,
    /// At this time since the start of the trial.
    At(Span),
    /// When an instance has been running for this long.
    Age(Span),
    /// As `age`, but drawn once per trial, the same for all instances: log-uniform between two ages.
    AgeBetween {
        /// Smallest age; above zero.
        from: Span,
        /// Largest age.
        to: Span,
    },
    /// When an instance has served this many requests.
    Requests(#[schemars(range(min = 1, max = 1_000_000_000_000_u64))] u64),
    /// While more than this share of an instance's workers is busy, mean over the last 15 s. Time before its
    /// process was up counts as idle.
    Load(Ratio),
    /// As `load`, with an averaging time of its own.
    LoadOver {
        /// Share of the workers.
        above: Ratio,
        /// Averaging time; at least 1 s.
        over: Span,
    },
    /// Once the candidate's weight reaches this.
    Weight(Ratio),
    /// At random, with this mean time from the end of one to the next (exponential). An effect on instances
    /// (`leak`, `crash`, `hang`, `startup_failure`, `slow_start`, `lying_readiness`, `unready`) or a scope
    /// with `instances` starts at each instance by itself; anything else starts everywhere at once.
    Random(Span),
}

impl FaultSpec {
    /// Whether a random fault occurs separately for each instance, rather than for all at once.
    pub const fn strikes_each(&self) -> bool {
        self.effect.is_about_instances() || self.scope.instances.is_some()
    }
}

/// Averaging time of `load`.
const LOAD_OVER: Span = Span::from_secs(15);

impl TriggerSpec {
    /// The share of busy workers that it waits for, and the time over which it is averaged.
    pub const fn load(self) -> Option<(Ratio, Span)> {
        match self {
            Self::Load(above) => Some((above, LOAD_OVER)),
            Self::LoadOver { above, over } => Some((above, over)),
            Self::Start
            | Self::At(_)
            | Self::Age(_)
            | Self::AgeBetween { .. }
            | Self::Requests(_)
            | Self::Weight(_)
            | Self::Random(_) => None,
        }
    }
}

/// Says what it does at a strength from 0 (nothing) to 1 (all of it). An effect that is either on
/// or off is on at any strength above 0.
pub trait Effect: Send + Sync {
    fn disrupt(&self, strength: f64) -> Disruption;
}

/// Grows from 1 at strength 0 to the factor at strength 1.
fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}

catalog! {
    /// The effect of a fault.
    EffectSpec builds Box<dyn Effect> {
        "errors" => errors::Errors,
        "wrong_answers" => wrong_answers::WrongAnswers,
        "latency" => latency::Latency,
        "leak" => leak::Leak,
        "crash" => crash::Crash,
        "poison" => poison::Poison,
        "hang" => hang::Hang,
        "startup_failure" => startup_failure::StartupFailure,
        "slow_start" => slow_start::SlowStart,
        "lying_readiness" => lying_readiness::LyingReadiness,
        "unready" => unready::Unready,
        "database_lock" => database_lock::DatabaseLock,
        "database_slow" => database_slow::DatabaseSlow,
        "dependency" => dependency::Dependency,
        "stale_endpoints" => stale_endpoints::StaleEndpoints,
        "skewed_weight" => skewed_weight::SkewedWeight,
        "lost_scrapes" => lost_scrapes::LostScrapes,
    }
}

impl EffectSpec {
    /// Whether it affects instances rather than requests or the environment.
    pub const fn is_about_instances(&self) -> bool {
        match self {
            Self::Leak(_)
            | Self::Crash(_)
            | Self::Hang(_)
            | Self::StartupFailure(_)
            | Self::SlowStart(_)
            | Self::LyingReadiness(_)
            | Self::Unready(_) => true,
            Self::Errors(_)
            | Self::WrongAnswers(_)
            | Self::Latency(_)
            | Self::Poison(_)
            | Self::DatabaseLock(_)
            | Self::DatabaseSlow(_)
            | Self::Dependency(_)
            | Self::StaleEndpoints(_)
            | Self::SkewedWeight(_)
            | Self::LostScrapes(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
