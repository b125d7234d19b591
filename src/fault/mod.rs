//! Faults: a trigger, a scope, an effect and a shape.
//!
//! A *defect* is part of a release, an *incident* affects the environment. A fault only describes
//! its effect ([`Disruption`]) at a given strength; the world applies it.

mod disruption;
mod drawn;
mod effect;
mod honoured;
mod shape;
mod spec;

pub use disruption::{DependencyDisruption, Disruption, either};
pub use drawn::FaultDraws;
use effect::grown;
pub use effect::{Course, Effect, Target};
pub use honoured::Misfit;
pub use spec::{FaultSpec, SeveritySpec, TriggerSpec};

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

#[cfg(test)]
mod tests;
