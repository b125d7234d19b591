//! A fault as a scenario has it: when it starts, what it affects, what it does there, and for how long.

use serde::{Deserialize, Serialize};

use super::EffectSpec;
use crate::{
    model::ScopeSpec,
    units::{Ratio, Span},
};

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// One of these scopes, drawn once in each trial, all equally likely; instead of `scope`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 256), extend("default" = [])))]
    pub scope_one_of: Vec<ScopeSpec>,
    /// Its effect.
    pub effect: EffectSpec,
    /// Its severity as a share of full strength, drawn once in each trial.
    /// Without it, 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeveritySpec>,
    /// Time from its start until full strength, growing linearly. Not for effects that are either on or
    /// off.
    #[serde(default)]
    pub ramp: Span,
    /// How long it lasts, ramp included; of a `crash`, only where it repeats. Without it, it is permanent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Interval after which it starts again, ramp included; longer than `lasts`. Not for what starts at
    /// `random`, which starts again by itself. Without it, it occurs once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Span>,
}

impl FaultSpec {
    /// A fault of which nothing is said but its effect.
    pub fn of(effect: impl Into<EffectSpec>) -> Self {
        Self {
            name: None,
            when: TriggerSpec::Start,
            scope: ScopeSpec::default(),
            scope_one_of: Vec::new(),
            effect: effect.into(),
            severity: None,
            ramp: Span::ZERO,
            lasts: None,
            repeat: None,
        }
    }
}

/// When a fault starts. What belongs to one instance that runs (`age`, `age_between`, `requests`, `load`,
/// `load_over`) starts neither `startup_failure` nor `slow_start`, nor as an incident what all instances
/// share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TriggerSpec {
    /// At once: a defect with the start of each instance, an incident with the trial.
    #[default]
    Start,
    /// At this time since the start of the trial.
    At(Span),
    /// When an instance has been running for this long.
    Age(Span),
    /// As `age`, but drawn once in each trial, the same for all instances: log-uniform between two ages.
    AgeBetween {
        /// Smallest age; above zero.
        from: Span,
        /// Largest age.
        to: Span,
    },
    /// When an instance has served this many requests.
    Requests(#[cfg_attr(test, schemars(range(min = 1, max = 1_000_000_000_000_u64)))] u64),
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
    /// At random, with this mean time from the end of one to the next (exponential). An effect on running
    /// instances (`leak`, `crash`, `hang`, `lying_readiness`, `unready`) or a scope with a share of the
    /// `instances` starts at each instance by itself; anything else starts everywhere at once.
    Random(Span),
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

/// The severity of a fault as a share of its full strength, drawn once in each trial. Rates, delays,
/// leaks and what a factor adds to `1x` scale with it. Not for effects that are either on or off.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SeveritySpec {
    /// Always this share; above `0%`.
    Is(Ratio),
    /// Uniform between two bounds.
    Uniform {
        /// Smallest share.
        from: Ratio,
        /// Largest share.
        to: Ratio,
    },
    /// Log-uniform between two bounds: mostly mild, sometimes severe.
    LogUniform {
        /// Smallest share; above `0%`.
        from: Ratio,
        /// Largest share.
        to: Ratio,
    },
}
