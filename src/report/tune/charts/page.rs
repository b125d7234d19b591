//! What all charts of a tuning share.

use crate::{
    experiment::tune::{ContestantFound, Part, Standing, Tuning},
    report::{
        chart::{Colour, Marker, Theme},
        words::harmless,
    },
    units::text::Unit,
};

/// A tuning and the colours that it is drawn in.
pub(super) struct Page<'t> {
    pub(super) tuning: &'t Tuning,
    pub(super) theme: &'static Theme,
}

impl Page<'_> {
    /// A figure in a unit, as axes and labels have it.
    pub(super) fn figure(&self, unit: &str, value: f64) -> String {
        Unit::named(unit, &harmless(&self.tuning.currency)).value(value)
    }

    /// What the objective is called on an axis.
    pub(super) fn objective(&self) -> String {
        match self.tuning.objective.name.as_str() {
            "cost_mean" => "mean cost of a rollout".to_owned(),
            other => other.replace('_', " "),
        }
    }

    pub(super) fn colour(&self, it: &ContestantFound, index: usize) -> Colour {
        match it.part {
            Part::Present => self.theme.series[0],
            Part::Found if index == self.tuning.verdict.recommended => self.theme.series[2],
            Part::Found => self.theme.mute,
            Part::Common => self.theme.series[1],
        }
    }

    /// By its shape: whether it holds what is required.
    pub(super) const fn marker(it: &ContestantFound) -> Marker {
        match it.standing {
            Standing::Certified => Marker::Dot,
            Standing::Open => Marker::Ring,
            Standing::Broken => Marker::Cross,
        }
    }

    pub(super) fn name(&self, it: &ContestantFound, index: usize) -> String {
        let name = harmless(&it.name);
        if index == self.tuning.verdict.recommended && it.part != Part::Present {
            format!("{name} (recommended)")
        } else {
            name
        }
    }
}
