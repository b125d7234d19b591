//! Where a trial is forked: as a command line says it, and as an outcome names it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{
    scenario::{Location, Problem, Problems, Scenario, Sources, quoted},
    units::{
        Instant, Span, respelt,
        text::{Seconds, elapsed, elapsed_of},
        with_unit,
    },
};

/// An instant at which a trial is forked, and a number: forks of one instant with other numbers have other draws.
///
/// Its text, `at=12m30s,luck=7`, is exact, so that what is printed makes the same fork again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// What happens up to this instant, and at it, is what happens without the fork.
    pub at: Instant,
    pub luck: u64,
}

const FORM: &str = "`at=TIME,luck=N`, such as `at=12m30s,luck=7`";
const SHOWN: &str =
    "a time as the timeline shows it: `T+00:02:30`, `T−00:01:00` or `T+2 d 03:00:00`";

impl Fork {
    /// Reads it. Its time counts from the start of the trial, or, where it is written as the timeline shows it
    /// (`T+00:02:30`, to the second), from when the rollout is due.
    pub fn read(text: &str, rollout_at: Span) -> Result<Self, Box<Problem>> {
        let whole =
            |message: String| Box::new(Problem::error(message).at(place(0, text)).allowed(FORM));
        let no_fork = || whole(format!("{} is not a fork", quoted(text)));
        let rest = text.strip_prefix("at=").ok_or_else(no_fork)?;
        let Some((time, number)) = rest.split_once(",luck=") else {
            let problem = *whole("`luck` is missing".to_owned());
            let hint = format!("write `at={rest},luck=1`");
            let right = instant(rest, rollout_at).is_ok();
            return Err(Box::new(if right { problem.hint(hint) } else { problem }));
        };
        let before = text.chars().count() - rest.chars().count();
        let at = instant(time, rollout_at).map_err(|it| Box::new((*it).at(place(before, time))))?;
        let luck = number.parse().map_err(|_| {
            let problem = Problem::error(format!("{} is not a whole number", quoted(number)));
            let before = text.chars().count() - number.chars().count();
            Box::new(problem.at(place(before, number)).allowed("a whole number of at least 0"))
        })?;
        Ok(Self { at, luck })
    }

    /// The forks that a command line asks for, of a trial of the scenario; or what is wrong with them, each at
    /// its text.
    pub fn read_all(texts: &[String], scenario: &Scenario) -> Result<Vec<Self>, Problems> {
        let mut sources = Sources::default();
        let (mut forks, mut refused) = (Vec::new(), Vec::new());
        let mut from = Instant::ZERO;
        for text in texts {
            let file = sources.push("--fork".to_owned(), text.clone());
            let read = Self::read(text, scenario.rollout_at);
            match read.and_then(|it| it.placed(from, scenario.length, text)) {
                Ok(fork) => {
                    from = fork.at;
                    forks.push(fork);
                }
                Err(mut problem) => {
                    problem.location = problem.location.map(|at| Location { file, ..at });
                    refused.push(*problem);
                }
            }
        }
        if refused.is_empty() { Ok(forks) } else { Err(Problems::new(sources, refused)) }
    }

    /// It, where it comes neither before another one nor after the end of the trial.
    fn placed(self, from: Instant, length: Span, text: &str) -> Result<Self, Box<Problem>> {
        let [at, from] = [self.at, from].map(|it| it.since(Instant::ZERO));
        let problem = if at > length {
            Problem::error(format!("`{at}` is after the end of the trial"))
        } else if at < from {
            let message = format!("`{at}` is before the fork at `{from}`, which is given first");
            Problem::error(message).hint("give forks in the order of their times")
        } else {
            return Ok(self);
        };
        Err(Box::new(problem.at(place(0, text)).allowed(format!("from `{from}` to `{length}`"))))
    }
}

/// A part of a text that begins after so many characters.
fn place(before: usize, part: &str) -> Location {
    Location { file: 0, line: 1, column: before + 1, length: part.chars().count().max(1) }
}

fn instant(text: &str, rollout_at: Span) -> Result<Instant, Box<Problem>> {
    if text.starts_with('T') {
        return since_rollout(text, rollout_at);
    }
    let span = text.parse::<Span>().map_err(|it| {
        let problem = Problem::error(it.problem).allowed(format!("{}; or {SHOWN}", it.allowed));
        let ways = [respelt("span", text), with_unit("span", text)].concat();
        Box::new(match ways.first() {
            Some(way) => problem.hint(format!("write `{way}`")),
            None => problem,
        })
    })?;
    Ok(Instant::ZERO + span)
}

fn since_rollout(text: &str, rollout_at: Span) -> Result<Instant, Box<Problem>> {
    let seconds = elapsed_of(text).ok_or_else(|| {
        let message = format!("{} is not a time of the timeline", quoted(text));
        Box::new(Problem::error(message).allowed(SHOWN))
    })?;
    let distance = Span::from_secs(seconds.unsigned_abs());
    if seconds >= 0 {
        return Ok(Instant::ZERO + rollout_at + distance);
    }
    if distance > rollout_at {
        let seconds = rollout_at.nanos() / Span::from_secs(1).nanos();
        let first = elapsed(-seconds.cast_signed(), Seconds::Shown);
        let problem = Problem::error(format!("{} is before the start of the trial", quoted(text)));
        return Err(Box::new(problem.allowed(format!("from `{first}` on"))));
    }
    Ok(Instant::ZERO + rollout_at.saturating_sub(distance))
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at={},luck={}", self.at.since(Instant::ZERO), self.luck)
    }
}

impl Serialize for Fork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLOUT_AT: Span = Span::from_secs(600);

    fn read(text: &str) -> Result<(u64, u64), (String, usize, String)> {
        let read = Fork::read(text, ROLLOUT_AT).map(|it| (it.at.nanos(), it.luck));
        read.map_err(|it| {
            let place = it.location.unwrap();
            (it.message, place.column, it.hint.unwrap_or_default())
        })
    }

    #[test]
    fn a_fork_is_read_as_it_is_printed_to_the_nanosecond() {
        let longest = 92 * 86_400_000_000_000;
        for nanos in [0, 1, 750_000_000_000, 750_123_456_789, longest - 1, longest] {
            for luck in [0, 7, u64::MAX] {
                let fork = Fork { at: Instant::from_nanos(nanos), luck };
                assert_eq!(Fork::read(&fork.to_string(), ROLLOUT_AT).unwrap(), fork);
            }
        }
        let fork = Fork { at: Instant::from_nanos(750_000_000_001), luck: 7 };
        assert_eq!(fork.to_string(), "at=12m30s1ns,luck=7");
    }

    #[test]
    fn a_time_of_the_timeline_counts_from_the_rollout() {
        let seconds = |text: &str| read(&format!("at={text},luck=1")).unwrap().0 / 1_000_000_000;
        assert_eq!(seconds("T+00:02:30"), 750);
        assert_eq!(seconds("T−00:10:00"), 0);
        assert_eq!(seconds("T-00:00:01"), 599);
        assert_eq!(seconds("T+2 d 03:00:00"), 600 + 51 * 3_600);
    }

    #[test]
    fn what_is_no_fork_is_refused_at_its_place() {
        let refused = |text: &str| read(text).unwrap_err();
        let cases = [
            ("noon", "`noon` is not a fork", 1, ""),
            ("at=5m", "`luck` is missing", 1, "write `at=5m,luck=1`"),
            ("luck=1,at=5m", "`luck=1,at=5m` is not a fork", 1, ""),
            ("at=5,luck=1", "`5` has no unit of time", 4, "write `5s`"),
            ("at=5min,luck=1", "`min` is not a unit of time", 4, "write `5m`"),
            ("at=T+5m,luck=1", "`T+5m` is not a time of the timeline", 4, ""),
            ("at=T−00:10:01,luck=1", "`T−00:10:01` is before the start of the trial", 4, ""),
            ("at=T−00:01:00,luck=-1", "`-1` is not a whole number", 20, ""),
            ("at=5m,luck=1,luck=2", "`1,luck=2` is not a whole number", 12, ""),
        ];
        for (text, message, column, hint) in cases {
            assert_eq!(refused(text), (message.to_owned(), column, hint.to_owned()), "{text}");
        }
    }
}
