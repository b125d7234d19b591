//! Progress of a long trial: how far it is and how long it will take, on a terminal only.

use std::{fmt, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::units::{Instant, Span, text};

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
        bar.set_style(style("{wide_bar} {percent} %, about {left} left"));
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

/// A style in which `{left}` is the time that is left and `{rate}` how many are done a second.
fn style(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let left = |state: &ProgressState, out: &mut dyn fmt::Write| {
        // a bar that cannot be written is not worth a failure
        let _ = out.write_str(&text::seconds(state.eta().as_secs_f64().ceil()));
    };
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = out.write_str(&text::rate(state.per_sec()));
    };
    style.with_key("left", left).with_key("rate", rate)
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
        bar.set_style(style(&format!(
            "{{wide_bar}} {{human_pos}} of at most {{human_len}} {what}, {{rate}}, about {{left}} left"
        )));
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
