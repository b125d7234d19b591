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
    /// What it does.
    pub effect: EffectSpec,
    /// Time from its onset until it has its full strength, growing in a straight line.
    #[serde(default)]
    pub ramp: Span,
    /// How long it lasts. Without it, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// It comes again this long after its onset; longer than it lasts.
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

/// What faults do, all channels together; the neutral value is [`Disruption::NONE`].
#[derive(Clone, Debug, PartialEq)]
pub struct Disruption {
    /// Chance that a request is answered with an error.
    pub error: f64,
    /// Chance that a request is answered wrongly while it counts as a success everywhere.
    pub wrong: f64,
    /// Service time as a multiple.
    pub service_factor: f64,
    /// Time added to the service.
    pub service_delay: Span,
    /// Chance that a request kills the instance that serves it.
    pub kill: f64,
    /// Bytes that a request leaves behind.
    pub leak_per_request: f64,
    /// Bytes an instance loses each second.
    pub leak_per_second: f64,
    /// The instance crashes at the onset.
    pub crash: bool,
    /// The instance neither answers nor dies while it lasts.
    pub hang: bool,
    /// Chance that a start ends in a crash.
    pub start_failure: f64,
    /// Start-up time as a multiple.
    pub start_factor: f64,
    /// The readiness probe says what the fault makes it say.
    pub readiness: Option<bool>,
    /// Every query waits.
    pub database_locked: bool,
    /// Query time as a multiple.
    pub database_factor: f64,
    /// Named dependency (all when empty), chance that a call fails, latency as a multiple.
    pub dependency: Option<DependencyDisruption>,
    /// The balancer keeps endpoints that are gone.
    pub stale_endpoints: bool,
    /// What the balancer makes of the candidate's weight, as a multiple.
    pub weight_factor: f64,
    /// Scrapes are lost.
    pub scrapes_lost: bool,
}

/// What a fault does to calls of a dependency.
#[derive(Clone, Debug, PartialEq)]
pub struct DependencyDisruption {
    /// Which one; every one when none is named.
    pub name: Option<String>,
    /// Chance that a call fails.
    pub error: f64,
    /// Latency as a multiple.
    pub factor: f64,
}

impl Disruption {
    /// Nothing at all.
    pub const NONE: Self = Self {
        error: 0.0,
        wrong: 0.0,
        service_factor: 1.0,
        service_delay: Span::ZERO,
        kill: 0.0,
        leak_per_request: 0.0,
        leak_per_second: 0.0,
        crash: false,
        hang: false,
        start_failure: 0.0,
        start_factor: 1.0,
        readiness: None,
        database_locked: false,
        database_factor: 1.0,
        dependency: None,
        stale_endpoints: false,
        weight_factor: 1.0,
        scrapes_lost: false,
    };
}

/// Says what it does at a strength from 0 (nothing) to 1 (all of it).
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
    }
}
