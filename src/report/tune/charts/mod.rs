//! The charts of a tuning, one file each, drawn from what it found alone.

mod front;
mod importance;
mod operating;
mod progress;
mod sheet;

use crate::{
    experiment::tune::{ContestantFound, Part, Standing, Tuning},
    report::{
        ChartFile, Tone,
        chart::{Colour, DARK, LIGHT, Marker, Theme},
        compare::figures::{amount, duration, money, share},
        words::harmless,
    },
};

/// Every chart that the tuning has something for.
pub fn charts(tuning: &Tuning, tone: Tone) -> Vec<ChartFile> {
    let theme = match tone {
        Tone::Light => &LIGHT,
        Tone::Dark => &DARK,
    };
    let page = Page { tuning, theme };
    let mut files = Vec::new();
    files.extend(front::chart(&page, front::Height::Objective));
    files.extend(front::chart(&page, front::Height::Harm));
    files.extend(operating::chart(&page));
    files.extend(importance::chart(&page));
    files.extend(progress::chart(&page));
    files
}

/// What all charts of a tuning share.
struct Page<'t> {
    tuning: &'t Tuning,
    theme: &'static Theme,
}

impl Page<'_> {
    /// A figure in a unit, as axes and labels have it.
    fn figure(&self, unit: &str, value: f64) -> String {
        match unit {
            "currency" => money(value, &harmless(&self.tuning.currency)),
            "ratio" => share(value),
            "seconds" => duration(value),
            _ => amount(value),
        }
    }

    /// What the objective is called on an axis.
    fn objective(&self) -> String {
        match self.tuning.objective.name.as_str() {
            "cost_mean" => "mean cost of a rollout".to_owned(),
            other => other.replace('_', " "),
        }
    }

    fn colour(&self, it: &ContestantFound, index: usize) -> Colour {
        match it.part {
            Part::Present => self.theme.series[0],
            Part::Found if index == self.tuning.verdict.recommended => self.theme.series[2],
            Part::Found => self.theme.mute,
            Part::Common => self.theme.series[1],
        }
    }

    /// By its shape: whether it holds what is required.
    const fn marker(it: &ContestantFound) -> Marker {
        match it.standing {
            Standing::Certified => Marker::Dot,
            Standing::Open => Marker::Ring,
            Standing::Broken => Marker::Cross,
        }
    }

    fn name(&self, it: &ContestantFound, index: usize) -> String {
        let name = harmless(&it.name);
        if index == self.tuning.verdict.recommended && it.part != Part::Present {
            format!("{name} (recommended)")
        } else {
            name
        }
    }
}
