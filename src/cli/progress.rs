//! Progress of a long trial: how far it is and how long it will take, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::units::{Instant, Span};

/// Nothing is shown of what is over sooner.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows simulated time as it passes.
pub(super) struct Progress {
    bar: ProgressBar,
    shown: bool,
}

impl Progress {
    /// Of a trial of this length.
    pub(super) fn new(length: Span) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(length.nanos() / 1_000_000_000),
            ProgressDrawTarget::hidden(),
        );
        let style = ProgressStyle::with_template("{wide_bar} {percent} %, about {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, shown: false }
    }

    pub(super) fn reached(&mut self, now: Instant) {
        if !self.shown && self.bar.elapsed() > PATIENCE {
            self.shown = true;
            // draws nothing where the standard error is not a terminal
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if self.shown {
            self.bar.set_position(now.nanos() / 1_000_000_000);
        }
    }

    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// Shows rollouts as they are done.
#[derive(Debug)]
pub(super) struct Rollouts {
    bar: ProgressBar,
    shown: bool,
}

impl Rollouts {
    /// Of at most so many, of which some were done before.
    pub(super) fn new(most: u64, done: u64) -> Self {
        Self::of(most, done, "rollouts")
    }

    /// The same of what goes by another name.
    pub(super) fn of(most: u64, done: u64, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(most), ProgressDrawTarget::hidden());
        let template = format!(
            "{{wide_bar}} {{pos}} of at most {{len}} {what}, {{per_sec}}, about {{eta}} left"
        );
        bar.set_style(
            ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_position(done);
        bar.reset_eta();
        Self { bar, shown: false }
    }

    /// How many there are at most, as far as is known by now.
    pub(super) fn at_most(&self, most: u64) {
        self.bar.set_length(most);
    }

    pub(super) fn reached(&mut self, done: u64) {
        if !self.shown && self.bar.elapsed() > PATIENCE {
            self.shown = true;
            // draws nothing where the standard error is not a terminal
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }

    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}
