//! Faults: a trigger, a scope, an effect and a shape.
//!
//! A *defect* is part of a release, an *incident* affects the environment. A fault only describes
//! its effect ([`Disruption`]) at a given strength; the world applies it.

mod curve;
mod disruption;
mod drawn;
mod honoured;
mod kind;
mod shape;
mod spec;

pub use curve::{Curve, CurveAsked, SeverityUnit, spread};
use disruption::grown;
pub use disruption::{DependencyDisruption, Disruption, either};
pub use drawn::FaultDraws;
pub use honoured::Misfit;
pub use kind::{Course, EffectKind, NameUsed, Needed, Noun, Target};
pub use spec::{FaultSpec, SeveritySpec, TriggerSpec};

catalog! {
    /// The effect of a fault.
    EffectSpec: EffectKind {
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
        in tests { "flaky" => Flaky in crate::added::effect }
    }
    gathers {
        /// The curves of all effects that have one in a scenario.
        curves: curve(asked: &CurveAsked) -> Curve
    }
}

#[cfg(test)]
mod tests;
