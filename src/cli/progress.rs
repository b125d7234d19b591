//! Progress of a long trial or study: how far it is and how long it will take. A bar on a terminal; where there is
//! none, a study writes a line now and then.

use std::{
    fmt,
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::units::{Instant, Span, text};

/// Nothing is shown of what is over sooner.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(30);

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
    what: String,
    /// Where there is no terminal.
    lines: Option<Lines>,
}

/// When a line is due.
#[derive(Debug, Default)]
struct Lines {
    last: Duration,
}

impl Lines {
    /// Whether so long after the beginning another one is.
    fn are_due(&mut self, elapsed: Duration) -> bool {
        let due = elapsed.saturating_sub(self.last) >= BETWEEN_LINES;
        if due {
            self.last = elapsed;
        }
        due
    }
}

/// `1,200 of at most 20,000 rollouts, 41/s, about 8 min left`.
fn line((done, most): (u64, u64), what: &str, per_second: f64, left: Duration) -> String {
    let (done, most) = (text::count(done), text::count(most));
    let rate = text::rate(per_second);
    let left = text::seconds(left.as_secs_f64().ceil());
    format!("{done} of at most {most} {what}, {rate}, about {left} left")
}

impl Rollouts {
    /// Of at most so many, of which some were done before, by their name.
    pub(super) fn of(most: u64, done: u64, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(most), ProgressDrawTarget::hidden());
        bar.set_style(style(&format!(
            "{{wide_bar}} {{human_pos}} of at most {{human_len}} {what}, {{rate}}, about {{left}} left"
        )));
        bar.set_position(done);
        bar.reset_eta();
        let lines = (!std::io::stderr().is_terminal()).then(Lines::default);
        Self { bar, shown: false, what: what.to_owned(), lines }
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
        let elapsed = self.bar.elapsed();
        if self.lines.as_mut().is_some_and(|it| it.are_due(elapsed)) {
            let all = (done, self.bar.length().unwrap_or(done));
            let line = line(all, &self.what, self.bar.per_sec(), self.bar.eta());
            // a standard error that cannot be written changes nothing
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_long_it_will_take() {
        let said = line((1_200, 20_000), "rollouts", 41.0, Duration::from_secs(459));
        assert_eq!(said, "1,200 of at most 20,000 rollouts, 41/s, about 7 min 39 s left");
    }

    #[test]
    fn lines_are_half_a_minute_apart() {
        let mut lines = Lines::default();
        let at = [1, 29, 30, 31, 59, 61, 200, 229, 231].map(Duration::from_secs);
        let due = at.map(|it| lines.are_due(it));
        assert_eq!(due, [false, false, true, false, false, true, true, false, true]);
    }
}
