//! What every effect answers.

use super::Disruption;
use crate::units::Factor;

/// What an effect acts on, which decides by what it can be narrowed and started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Requests, each at the instance that serves it: every key of a scope narrows it.
    Requests,
    /// Instances that run, as a whole.
    Instances,
    /// Instances while they start.
    Starts,
    /// What all instances share: no scope narrows it.
    Shared,
}

/// How an effect follows its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// By degrees.
    Graded,
    /// On at any strength above zero, and otherwise off.
    Switched,
    /// Over as soon as it starts.
    Momentary,
}

/// Says what it does at a strength from 0 (nothing) to 1 (all of it). An effect that is either on
/// or off is on at any strength above 0.
pub trait EffectKind: Send + Sync {
    fn disrupt(&self, strength: f64) -> Disruption;

    /// What it acts on.
    fn target(&self) -> Target;

    /// How it follows its strength.
    fn course(&self) -> Course {
        Course::Graded
    }
}

/// Grows from 1 at strength 0 to the factor at strength 1.
pub(super) fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}
