//! Faults: a trigger, a scope, an effect and a shape.
//!
//! A *defect* travels with a release, an *incident* strikes the environment. A fault only says what
//! it would do ([`Disruption`]) at a given strength; the world does it.

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
    /// Name, as the timeline shows it; the effect's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What sets it off.
    #[serde(default)]
    pub when: TriggerSpec,
    /// Whom it strikes.
    #[serde(default)]
    pub scope: ScopeSpec,
    /// One of these scopes, drawn once a trial, all equally likely; in place of `scope`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub scope_one_of: Vec<ScopeSpec>,
    /// What it does.
    pub effect: EffectSpec,
    /// Which part of that it does, drawn once a trial; all of it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeveritySpec>,
    /// Time from its onset until it has its full strength, growing in a straight line.
    #[serde(default)]
    pub ramp: Span,
    /// How long it lasts, ramp included. Without it, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// It comes again this long after its onset, ramp and all; longer than it lasts. Of no effect on a
    /// fault that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Span>,
}

/// What sets a fault off.
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
    /// As `age`, but drawn once a trial, the same for all instances: every order of magnitude between
    /// two ages is equally likely.
    AgeBetween {
        /// Youngest age; longer than zero.
        from: Span,
        /// Oldest age.
        to: Span,
    },
    /// When an instance has served this many requests.
    Requests(#[schemars(range(min = 1, max = 1_000_000_000_000_u64))] u64),
    /// While more than this part of an instance's workers is busy, mean over the last scrape interval.
    Load(Ratio),
    /// Once this part of the traffic is meant for the candidate.
    Weight(Ratio),
    /// At random, with this mean time from the end of one to the next (exponential); for each
    /// instance on its own where the scope or the effect is about instances.
    Random(Span),
}

/// Says what it does at a strength from 0 (nothing) to 1 (all of it). An effect that knows no half
/// measures does all of it at any strength above 0.
pub trait Effect: Send + Sync {
    fn disrupt(&self, strength: f64) -> Disruption;
}

/// Grows from 1 at strength 0 to the factor at strength 1.
fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}

catalog! {
    /// What a fault does.
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
    /// Whether it strikes instances rather than requests or the surroundings, so that a random fault
    /// strikes each of them on its own.
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
