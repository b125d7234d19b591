//! What every strategy answers before it is put to work, from its settings alone.

use serde_json::json;

use super::{Paces, RolloutWay, Sizing, Strategy, StrategySpec, Watched, WrittenRamp};
use crate::units::Span;

/// The settings of a strategy, and all that is asked of it without a simulation. A default is what holds
/// for most, so that only the others say it.
pub trait StrategyKind {
    /// One that has not begun yet.
    fn build(&self) -> Box<dyn Strategy>;

    /// Whether there is a rollout at all.
    fn ships(&self) -> bool {
        true
    }

    /// Whether users meet the candidate only where a feature flag is on for them.
    fn uses_flag(&self) -> bool;

    /// Whether it starts the scenario's analysis; without one, nothing watches its steps.
    fn uses_analysis(&self) -> bool;

    /// Every ramp of shares that it is written with, in the order in which a rollout walks them.
    fn ramps(&self) -> Vec<WrittenRamp>;

    /// The steps that an analysis watches.
    fn watched(&self) -> Vec<Watched> {
        Vec::new()
    }

    /// The ramp by whose weights it sizes the releases, and how; none where it does not.
    fn sized(&self) -> Option<(WrittenRamp, Sizing)> {
        None
    }

    /// What a rollout waits for where nothing goes wrong, and what that takes at these paces. A further question
    /// after an inconclusive analysis is left out.
    fn way(&self, paces: &dyn Paces) -> RolloutWay;

    /// Whether a user may meet both releases within a step.
    fn crossing(&self) -> Crossing;

    /// Its section with `by` and with `steps` of a `weight` and a `hold`, in which the settings of other
    /// controllers can be said.
    fn says_weights(&self) -> Option<&'static str> {
        None
    }

    /// Minutes of work that it takes, a rollout on average: the figures of
    /// [`Price::upkeep_minute`](crate::model::Price::upkeep_minute), which are judgement.
    fn upkeep_minutes(&self) -> f64;

    /// What people call it in a sentence.
    fn noun(&self) -> &'static str;

    /// Whether instances of both releases run at the same time.
    fn runs_both_releases(&self) -> bool {
        true
    }

    /// How a release is shipped by it: what follows after "Ship it".
    fn shipped_words(&self) -> String {
        format!("by {}", self.noun())
    }

    /// The plain one of its kind with steps of this length, for a comparison that names none; none where
    /// there is nothing to compare.
    fn plain(hold: Span) -> Option<StrategySpec>
    where
        Self: Sized;
}

/// Whether a user may meet now the one release and now the other while the weights stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// The release is drawn for each request; not with the setting `sticky` at this path, which leaves
    /// out the name of the section.
    ByRequest { path: &'static str, sticky: &'static str },
    /// Users stay where they are.
    Never,
    /// No weight splits the traffic.
    NotSplit,
}

impl StrategySpec {
    /// Its rank by what must be there before a team can ship by it, from 0 for the least: its place in the catalog,
    /// whose order is judgement. To ship nothing takes nothing.
    pub fn complexity(&self) -> usize {
        let place = Self::NAMES.iter().position(|it| *it == self.name());
        if self.kind().ships() { place.expect("the catalog has its name") } else { 0 }
    }

    /// The strategy of this name with its default settings: a name is all that every strategy needs.
    pub fn named(name: &str) -> Option<Self> {
        let settings = serde_json::from_value(json!({ name: {} }));
        settings.or_else(|_| serde_json::from_value(json!(name))).ok()
    }

    /// The ramp that is written at this path, such as `canary.steps`, with the default steps of its
    /// strategy.
    pub fn ramp_at(path: &str) -> Option<WrittenRamp> {
        let all = Self::NAMES.iter().filter_map(|it| Self::named(it));
        all.flat_map(|it| it.kind().ramps()).find(|it| it.path == path)
    }
}
