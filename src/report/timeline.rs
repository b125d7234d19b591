//! The timeline as lines: what the clock shows, time since the rollout started, what happened and why.

use super::{
    COLUMNS, Trial,
    words::{harmless, wrap},
};
use crate::{
    scenario::Scenario,
    sim::{Entry, FoldedEntry, Topic, folded},
    units::{
        HourOfWeek, Instant,
        text::{self, Seconds, count},
    },
};

/// Turns moments of a trial into what a clock on the wall shows.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: HourOfWeek,
    rollout_at: Instant,
    /// Columns of the longest time since the rollout started.
    since_columns: usize,
}

impl Clock {
    pub fn of(scenario: &Scenario) -> Self {
        let rollout_at = Instant::ZERO + scenario.rollout_at;
        let clock = Self { start: scenario.clock, rollout_at, since_columns: 0 };
        let ends = [Instant::ZERO, Instant::ZERO + scenario.length];
        let columns = ends.map(|it| clock.since_rollout(it).chars().count());
        Self { since_columns: columns[0].max(columns[1]), ..clock }
    }

    /// When the rollout is due to begin.
    pub const fn rollout_at(self) -> Instant {
        self.rollout_at
    }

    /// Day of the week and time of day: `Mon 09:05:20`.
    pub fn wall(self, at: Instant) -> String {
        let at = to_seconds(at);
        text::clock(self.start.after(at.since(Instant::ZERO)), at.nanos() / SECOND)
    }

    /// Seconds since Monday 00:00 at the start of the trial.
    pub fn seconds_at_start(self) -> f64 {
        self.start.since_monday().as_secs_f64()
    }

    /// Time since the rollout started: `T+00:05:20`, `T−00:01:00`, `T+2 d 03:00:00`.
    pub fn since_rollout(self, at: Instant) -> String {
        let at = to_seconds(at);
        let is_before = at < self.rollout_at;
        let distance =
            if is_before { self.rollout_at.since(at) } else { at.since(self.rollout_at) };
        let seconds = ((distance.nanos() + SECOND / 2) / SECOND).cast_signed();
        text::elapsed(if is_before { -seconds } else { seconds }, Seconds::Shown)
    }

    /// One entry as lines that fit the columns, the last one ended.
    pub fn line(self, entry: &Entry) -> String {
        self.stretch(entry, None)
    }

    /// The same of several entries that are one line, the last of them at `until`.
    fn stretch(self, entry: &Entry, until: Option<Instant>) -> String {
        let text = harmless(&entry.text);
        // an hour, a minute and a second: the day only where it is another one
        let day = |wall: &str| wall.split(' ').next().map(str::to_owned);
        let from = self.wall(entry.at);
        let until =
            until.map(|it| self.wall(it)).filter(|it| *it != from).map_or_else(String::new, |it| {
                let same = day(&it) == day(&from);
                let shown = if same { it.rsplit(' ').next().unwrap_or(&it) } else { &it };
                // what several instances did one after the other is no state that ended
                let word = if entry.topic == Topic::Instance { ", the last at" } else { " until" };
                format!("{word} {shown}")
            });
        let said = match entry.cause.as_str() {
            "" => format!("{text}{until}"),
            cause => format!("{text}{until}: {}", harmless(cause)),
        };
        let wall = self.wall(entry.at);
        let since = self.since_rollout(entry.at);
        let width = self.since_columns;
        let head = format!("{wall}  {since:width$}  {:9}  ", entry.topic.name());
        paragraph(&head, &said)
    }
}

const SECOND: u64 = 1_000_000_000;

/// To the nearest whole second, as figures beside it are rounded.
fn to_seconds(at: Instant) -> Instant {
    Instant::from_nanos((at.nanos() + SECOND / 2) / SECOND * SECOND)
}

/// A head and a text beside it, wrapped.
fn paragraph(head: &str, text: &str) -> String {
    let indent = head.chars().count();
    let mut lines = String::from(head);
    for (index, line) in wrap(text, COLUMNS - indent).iter().enumerate() {
        if index > 0 {
            lines.extend(std::iter::repeat_n(' ', indent));
        }
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// Longest cycle of unlike entries that is recognised when it repeats.
const CYCLE_MAX: usize = 8;
/// Entries of a run that are shown at its start and at its end.
const SHOWN: usize = 4;
/// Shorter runs are shown whole.
const RUN_MIN: usize = 20;

/// The whole timeline. What is said of several instances is one line, and of a long run of like lines, which
/// differ in figures only, the first and the last are shown.
pub fn timeline(trial: Trial<'_>) -> String {
    let clock = Clock::of(&trial.plan.scenario);
    let lines = folded(&trial.outcome.timeline);
    let shapes: Vec<String> = lines.iter().map(|it| shape(&it.entry)).collect();
    let line = |it: &FoldedEntry| clock.stretch(&it.entry, it.until);
    let mut text = String::new();
    let mut at = 0;
    while at < lines.len() {
        let length = run_length(&shapes[at..]);
        if length < RUN_MIN {
            text.push_str(&line(&lines[at]));
            at += 1;
            continue;
        }
        let (first, rest) = lines[at..at + length].split_at(SHOWN);
        let (between, last) = rest.split_at(rest.len() - SHOWN);
        text.extend(first.iter().map(line));
        let entries: u64 = between.iter().map(|it| it.entries).sum();
        let more = format!("{:37}… {} more like these\n", "", count(entries));
        text.push_str(&more);
        text.extend(last.iter().map(line));
        at += length;
    }
    text
}

/// What an entry is about without its figures.
fn shape(entry: &Entry) -> String {
    let mut shape = entry.topic.name().to_owned();
    for word in entry.text.split(' ').filter(|it| !it.contains(|it: char| it.is_ascii_digit())) {
        shape.extend([" ", word]);
    }
    shape
}

/// Longest run from the first shape on in which one short cycle repeats at least four times.
fn run_length(shapes: &[String]) -> usize {
    let mut longest = 0;
    for cycle in 1..=CYCLE_MAX.min(shapes.len()) {
        let like = shapes[cycle..].iter().zip(shapes).take_while(|(it, before)| it == before);
        let length = cycle + like.count();
        if length >= 4 * cycle {
            longest = longest.max(length);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load_text;

    fn shapes(letters: &str) -> Vec<String> {
        letters.chars().map(String::from).collect()
    }

    #[test]
    fn a_cycle_that_repeats_is_a_run() {
        assert_eq!(run_length(&shapes("aaaab")), 4);
        assert_eq!(run_length(&shapes("abcabcabcabcab-")), 14);
        assert_eq!(run_length(&shapes("abcdefghij")), 0);
    }

    #[test]
    fn clocks_count_from_the_rollout_and_know_the_day() {
        let start = "Sun 23:50".parse().unwrap();
        let rollout_at = Instant::ZERO + crate::units::Span::from_secs(600);
        let clock = Clock { start, rollout_at, since_columns: 0 };
        let at = |seconds: u64| Instant::from_nanos(seconds * 1_000_000_000);
        let told = |seconds| (clock.wall(at(seconds)), clock.since_rollout(at(seconds)));
        assert_eq!(told(540), ("Sun 23:59:00".to_owned(), "T−00:01:00".to_owned()));
        let late = Instant::from_nanos(604_600_000_000);
        assert_eq!((clock.wall(late), clock.since_rollout(late)), told(605));
        assert_eq!(told(605), ("Mon 00:00:05".to_owned(), "T+00:00:05".to_owned()));
        assert_eq!(told(87_000), ("Tue 00:00:00".to_owned(), "T+1 d 00:00:00".to_owned()));
    }

    #[test]
    fn every_line_of_a_long_trial_begins_its_text_in_the_same_column() {
        let text = "title: x\nlength: 15d\nrollout_at: 10m\nstrategy: {all_at_once: {}}\n";
        let clock = Clock::of(&load_text::<Scenario>("x", text).unwrap().value);
        let line = |seconds: u64| {
            let at = Instant::from_nanos(seconds * 1_000_000_000);
            let (text, cause) = ("here".to_owned(), String::new());
            clock.line(&Entry { at, topic: Topic::Rollout, text, cause })
        };
        let columns = [0, 700, 1_250_000].map(|it| {
            let line = line(it);
            line[..line.find("here").unwrap()].chars().count()
        });
        assert_eq!(columns, [columns[0]; 3]);
        assert!(line(1_211_500).contains("T+14 d 00:21:40"));
    }
}
