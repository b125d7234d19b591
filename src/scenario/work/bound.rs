//! The most that a trial may be expected to cost.

use std::{fmt, str::FromStr};

use super::estimate::{Part, Work, YEAR};
use crate::{
    scenario::Problem,
    units::{Bytes, Malformed, Span, text},
};

/// The most that a trial may be expected to cost: time of one core, and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub cpu: Span,
    pub memory: Bytes,
}

impl Default for Bound {
    fn default() -> Self {
        Self { cpu: Span::from_secs(300), memory: Bytes::from_mib(4_096) }
    }
}

const ALLOWED: &str = "a time and, behind a comma, memory, such as `30m` or `30m,8GiB`";

impl FromStr for Bound {
    type Err = Malformed;

    /// `30m`, or `30m,8GiB`: without memory, as much as by default.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |it: Malformed| Malformed { problem: it.problem, allowed: ALLOWED };
        let (cpu, memory) = text.split_once(',').unwrap_or((text, ""));
        let cpu = cpu.trim().parse().map_err(malformed)?;
        let memory = match memory.trim() {
            "" => Self::default().memory,
            memory => memory.parse().map_err(malformed)?,
        };
        Ok(Self { cpu, memory })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.cpu, self.memory)
    }
}

impl Bound {
    /// Allows everything: for what was bounded before.
    pub const NONE: Self = Self { cpu: Span::MAX, memory: Bytes::new(u64::MAX) };

    /// What is wrong with a trial of this work: what makes it large, and where.
    pub fn refusal(self, work: &Work) -> Option<Problem> {
        let Work { cpu, memory, .. } = *work;
        let (needs, part, share) = if cpu > self.cpu {
            let part = work.parts.iter().max_by_key(|it| it.cpu)?;
            let share = part.cpu.as_secs_f64() / cpu.as_secs_f64();
            (format!("take {} of CPU time", about(cpu)), part, share)
        } else if memory > self.memory {
            let part = work.parts.iter().max_by_key(|it| it.memory)?;
            let share = part.memory.get() as f64 / memory.get() as f64;
            (format!("need {} of memory", about_memory(memory)), part, share)
        } else {
            return None;
        };
        let Part { what, path, .. } = part;
        let message =
            format!("a trial would {needs}, {} of it for {what}", text::share(share.min(1.0)));
        let Self { cpu: most, memory: room } = self;
        let allowed = format!(
            "at most {} of CPU time and {} of memory for a trial",
            text::span(most),
            text::bytes(room.get() as f64)
        );
        let hint = "less of it, or more with `--max-work`, such as `--max-work 30m,8GiB`";
        Some(Problem::error(message).path(path).allowed(allowed).hint(hint))
    }
}

fn about(cpu: Span) -> String {
    if cpu > YEAR { "more than a year".to_owned() } else { format!("about {}", text::span(cpu)) }
}

fn about_memory(memory: Bytes) -> String {
    let most = 1_u64 << 50;
    if memory.get() > most {
        return "more than 1,024 TiB".to_owned();
    }
    format!("about {}", text::bytes(memory.get() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_time_and_perhaps_memory() {
        let read = |text: &str| text.parse::<Bound>().map_err(|it| it.problem);
        assert_eq!(Bound::default().to_string(), "5m,4GiB");
        assert_eq!(read("30m").unwrap().to_string(), "30m,4GiB");
        assert_eq!(read("1h, 512MiB").unwrap().to_string(), "1h,512MiB");
        for wrong in ["", "30", ",4GiB", "30m,4", "30m,4GiB,1", "inf", "-1s", "NaN"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
