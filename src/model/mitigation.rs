//! What a paged operator does about it: one entry of `operator.actions`.

use serde::{Deserialize, Serialize};

use super::{Amount, Distribution, Phase, ReleaseId};
use crate::units::{Factor, Span};

/// One thing that a paged operator does, when, and how long it takes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// What is done.
    #[serde(rename = "do")]
    pub mitigation: Mitigation,
    /// Time from the acknowledgement until it is done, diagnosis and preparation included; where its
    /// conditions begin to hold only later, from then on. Actions are prepared side by side. Without it,
    /// `diagnose` and `prepare`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Distribution>,
    /// What must hold, both when it is begun to be prepared and when it is done.
    #[serde(default)]
    pub when: ActionWhen,
    /// How often it is done at most.
    #[serde(default = "once")]
    #[cfg_attr(test, schemars(range(min = 1, max = 100)))]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// Conditions of an action; all that are given must hold. An operator looks at them from the
/// acknowledgement of a page until no alert fires any more.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ActionWhen {
    /// The alert of this name fires. Without it, any page is reason enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// The alert, or any where none is named, still fires this long after the action before it in the list
    /// was done. Without it, it does not wait for the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_firing: Option<Span>,
    /// The rollout is in one of these phases; `pending` is before it. Empty is any.
    #[cfg_attr(test, schemars(length(max = 7)))]
    pub rollout: Vec<Phase>,
}

/// What an operator does. Where it could change nothing, such as an `undo` of what is being undone, it is
/// not done.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mitigation {
    /// Rolls the rollout back, by the strategy's own way: one that goes on, is complete or has failed, and
    /// one that was switched off while its code still serves.
    Undo,
    /// Restarts instances: each is stopped, and a new one is started in its place.
    Restart(RestartInstances),
    /// Takes instances out of the balancer's endpoints; they run on. An instance that replaces one, after a
    /// restart by hand for example, takes requests again, except in a zone.
    Drain(Drain),
    /// Gives the fleet another size. Where machines have a limited `room`, no larger than that; an
    /// autoscaler that does not agree changes it again.
    Scale(Size),
    /// Holds the rollout where it is: no further step, and no verdict is heeded. Pauses and deadlines stand
    /// still meanwhile. An order to undo or to roll forward ends it.
    Freeze(Freeze),
    /// Switches the release's feature flag off for all users; the code stays.
    SwitchOff,
    /// Takes all remaining steps at once, without pauses, checks and questions; also those of a rollout
    /// that has failed half-way.
    RollForward(RollForward),
}

/// How long a rollout is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Freeze {
    /// How long it is held; more than 0 s. Without it, for the rest of the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
}

/// What a rollout goes forward with.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RollForward {
    /// Time to build and ship a fixed release without any of the defects, which then replaces the new
    /// instances: those that are not ready at once, the others a quarter at a time. Without it, the release
    /// stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Distribution>,
}

/// Which instances are restarted, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RestartInstances {
    /// Of this release. Without it, of both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseId>,
    /// Only those that are not ready.
    pub unready: bool,
    /// How many at once, at least 1; the next follow when all that replace them are ready. `100%` restarts
    /// all at the same moment.
    pub at_once: Amount,
}

impl Default for RestartInstances {
    fn default() -> Self {
        Self { release: None, unready: false, at_once: Amount::Count(1) }
    }
}

/// Which instances leave the endpoints, by exactly one of `worst` and `zone`, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Drain {
    /// So many of those with the most failed attempts in the last 5 min, as the monitoring shows them; an
    /// instance without any stays. Without it, those of a `zone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<Amount>,
    /// All of a zone, those that start there later included. Without it, the `worst`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// After this, more than 0 s, they take requests again (a zonal shift of AWS expires; on Kubernetes someone runs
    /// `kubectl uncordon`). Without it, they stay out for the rest of the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
}

impl Drain {
    /// How far back the worst instances are looked for.
    pub const LOOK: Span = Span::from_secs(300);
}

/// A size of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// This many instances.
    To(#[cfg_attr(test, schemars(range(min = 1, max = 20_000)))] u32),
    /// This multiple of its present size, rounded up.
    By(Factor),
}

impl Size {
    /// The size of a fleet of so many.
    pub fn of(self, fleet: u32) -> u32 {
        match self {
            Self::To(size) => size,
            Self::By(factor) => {
                let size = (f64::from(fleet) * factor.get() - 1e-9).ceil();
                u32::try_from(crate::units::round_u64(size)).unwrap_or(u32::MAX).max(1)
            }
        }
    }
}

impl Mitigation {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Restart(_) => "restart",
            Self::Drain(_) => "drain",
            Self::Scale(_) => "scale",
            Self::Freeze(_) => "freeze",
            Self::SwitchOff => "switch_off",
            Self::RollForward(_) => "roll_forward",
        }
    }

    /// The undo that `operator.undoes` stands for.
    pub(super) fn of_undoes() -> ActionSpec {
        let when = ActionWhen::default();
        ActionSpec { mitigation: Self::Undo, after: None, when, times: once() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_rounds_up_and_never_leaves_nothing() {
        let by = |factor: &str| Size::By(factor.parse().unwrap());
        for (factor, fleet, size) in
            [("1.5x", 3, 5), ("2x", 10, 20), ("0.5x", 5, 3), ("0x", 5, 1), ("1.1x", 10, 11)]
        {
            assert_eq!(by(factor).of(fleet), size, "{factor} {fleet}");
        }
        assert_eq!(Size::To(7).of(3), 7);
    }
}
