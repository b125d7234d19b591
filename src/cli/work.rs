//! The work of what is about to be simulated: bounded, and said beforehand where it takes long.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::bail;
use serde::Serialize;
use serde_json::Value;

use crate::{
    report,
    scenario::{Bound, Plan, Work, set_text},
    units::{Span, text},
};

/// From this much of one core's time on, the work is said before it is begun.
const SAID_FROM: Span = Span::from_secs(10);

/// The option of all commands that simulate.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct MaxWork {
    /// Most that one trial may be expected to take: time of one core and, behind a comma, memory.
    /// What takes more is refused before it begins
    #[arg(long, value_name = "TIME[,MEMORY]", default_value_t, value_parser = bound)]
    max_work: Bound,
}

fn bound(text: &str) -> Result<Bound, String> {
    text.parse::<Bound>().map_err(|it| format!("{}\nallowed: {}", it.problem, it.allowed))
}

impl MaxWork {
    pub(super) const NONE: Self = Self { max_work: Bound::NONE };

    pub(super) const fn bound(self) -> Bound {
        self.max_work
    }
}

/// The work of one trial of a file, as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct OfOne {
    file: String,
    requests: f64,
    events: f64,
    cpu_seconds: f64,
    memory_bytes: u64,
}

impl OfOne {
    pub(super) fn new(file: &Path, plan: &Plan) -> Self {
        let Work { requests, events, cpu, memory, .. } = plan.work();
        let file = file.to_string_lossy().into_owned();
        let cpu_seconds = cpu.as_secs_f64();
        Self { file, requests, events, cpu_seconds, memory_bytes: memory.get() }
    }
}

/// The work of one trial, in a line.
pub(super) fn of_one(plan: &Plan) -> String {
    format!("one trial: {}", plan.work())
}

/// Says the work of one trial where it takes long.
pub(super) fn say_of_one(plan: &Plan) -> io::Result<()> {
    if plan.work().cpu < SAID_FROM { Ok(()) } else { say(&of_one(plan)) }
}

/// Refuses what some settings make of a plan, where a trial of it exceeds the bound.
pub(super) fn refuse_beyond(
    bound: Bound,
    plan: &Plan,
    settings: &[(String, Value)],
) -> anyhow::Result<()> {
    let Some(problem) = bound.refusal(&plan.work()) else { return Ok(()) };
    let settings: Vec<String> = settings.iter().map(|(path, it)| set_text(path, it)).collect();
    let settings = report::harmless(&settings.join(", "));
    let line = |name: &str, it: Option<String>| {
        it.map_or_else(String::new, |it| format!("\n{name}: {it}"))
    };
    bail!(
        "`tune.parameters`: with {settings} {}{}{}",
        problem.message,
        line("allowed", problem.allowed),
        line("hint", problem.hint)
    )
}

/// Says the work of so many rollouts, each simulated with all of these plans, where it takes long. It is the most that
/// there may be: many end before, or are left out once the answer is known.
pub(super) fn say_of(rollouts: u64, plans: &[&Plan], threads: usize) -> io::Result<()> {
    let works: Vec<Work> = plans.iter().map(|it| it.work()).collect();
    of_rollouts(rollouts, &works, threads).map_or(Ok(()), |it| say(&it))
}

fn of_rollouts(rollouts: u64, works: &[Work], threads: usize) -> Option<String> {
    let seconds = works.iter().map(|it| it.cpu.as_secs_f64()).sum::<f64>() * rollouts as f64;
    let trials = rollouts.saturating_mul(works.len() as u64);
    let each = works.iter().map(|it| it.memory.get()).max().unwrap_or(0);
    let at_once = (threads as u64).min(trials);
    (seconds >= SAID_FROM.as_secs_f64()).then(|| {
        format!(
            "at most {}: about {} of CPU time, on {}, and {} of memory",
            text::counted(trials, "trial"),
            text::seconds(seconds),
            text::counted(threads as u64, "thread"),
            text::bytes(each.saturating_mul(at_once) as f64)
        )
    })
}

pub(super) fn say(line: &str) -> io::Result<()> {
    writeln!(anstream::stderr().lock(), "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Bytes;

    #[test]
    fn many_trials_are_said_from_ten_seconds_on() {
        let work = |millis: u64, mebibytes: u64| Work {
            requests: 1e3,
            events: 3e3,
            cpu: Span::from_millis(millis),
            memory: Bytes::from_mib(mebibytes),
            parts: Vec::new(),
        };
        let works = [work(40, 20), work(60, 30)];
        assert_eq!(of_rollouts(99, &works, 4), None);
        let said =
            "at most 1,200 trials: about 1 min of CPU time, on 4 threads, and 120 MiB of memory";
        assert_eq!(of_rollouts(600, &works, 4).unwrap(), said);
        assert!(
            of_rollouts(1_000_000_000, &works, 1).unwrap().starts_with("at most 2,000,000,000 ")
        );
    }
}
