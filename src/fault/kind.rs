//! What every effect answers.

use super::{Curve, CurveAsked, Disruption};

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

/// Something of the scenario that an effect names, and that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameUsed<'s> {
    /// The key that names it, within the effect.
    pub key: &'static str,
    pub noun: Noun,
    pub name: &'s str,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    Dependency,
}

/// Something that an effect acts on, and that a scenario may be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed<'s> {
    /// A limit of memory.
    MemoryLimit,
    /// A readiness probe.
    Readiness,
    /// An operation that queries the database.
    Queries,
    /// A release that takes a share of the traffic.
    Weight,
    /// An operation in its scope that calls the dependency of this name; without a name, any.
    Calls(Option<&'s str>),
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

    /// What it names of the scenario.
    fn names(&self) -> Vec<NameUsed<'_>> {
        Vec::new()
    }

    /// What it changes nothing without.
    fn needs(&self) -> Option<Needed<'_>> {
        None
    }

    /// Whether each instance has it by itself where no scope narrows it: at random it then starts at
    /// one of them, not at all of them together.
    fn of_each_instance(&self) -> bool {
        self.target() == Target::Instances
    }

    /// What to do instead of narrowing it by a key that it cannot honour, where that is more than to
    /// leave the key out.
    fn instead(&self, _key: &str) -> Option<String> {
        None
    }

    /// How it grows from mild to severe, for `power`. An effect without it is simulated where the
    /// scenario has it, at shares of its strength.
    fn curve(_asked: &CurveAsked) -> Option<Curve>
    where
        Self: Sized,
    {
        None
    }
}
