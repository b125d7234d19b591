//! Judges beside each other: every gate of a scenario on the same rollouts, none of which it stops.
//!
//! What a gate sees does not depend on the others, so one rollout serves them all: they run dry, and the
//! outcome says when each would have stopped it.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::parallel::in_order;
use crate::{
    kernel::Seed,
    model::AnalysisState,
    scenario::{Plan, Scenario, vary},
    sim,
    stats::wilson,
    units::{Span, text},
};

/// Version of the format of `judges.json`.
pub const JUDGES_FORMAT: u32 = 1;
/// Error rates of the bad releases, as multiples of a normal day's.
const RATIOS: [f64; 6] = [1.5, 2.0, 3.0, 5.0, 10.0, 20.0];
/// The incident: errors of the whole service are so many times as frequent, from so long after the
/// start of the rollout, for so long.
const INCIDENT: (f64, Span, Span) = (6.0, Span::from_secs(600), Span::from_secs(300));
/// Spread of the errors of uneven instances.
const SPREAD: &str = "20%";
/// A bot without errors is given this many: else a multiple of them is nothing.
const ERRORS_MIN: f64 = 0.001;
const CONFIDENCE: f64 = 0.95;

/// What every judge made of the same rollouts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Judges {
    /// [`JUDGES_FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario.
    pub name: String,
    pub title: String,
    pub seed: u64,
    /// The command that makes this again.
    pub command: String,
    /// Rollouts of each kind.
    pub trials: u64,
    /// False when it was interrupted: the figures are valid, with wider intervals than requested.
    pub complete: bool,
    /// Share of the intervals that hold the truth.
    pub confidence: f64,
    /// What was rolled out.
    pub worlds: Vec<WorldOfJudges>,
    /// In the order of the scenario.
    pub judges: Vec<JudgeFound>,
}

/// A kind of rollout.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorldOfJudges {
    pub name: String,
    pub about: String,
    /// Whether the release is good, so that a judge that stops it is wrong.
    pub good: bool,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JudgeFound {
    /// Name of the gate.
    pub name: String,
    /// Kind of judge, such as `e_process`.
    pub judge: String,
    /// In the order of the worlds.
    pub found: Vec<Stopped>,
}

/// How often a gate would have stopped a kind of rollout, and when.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stopped {
    pub trials: u64,
    /// Rollouts that it would have stopped: it failed, was inconclusive beyond its limit or had no data
    /// for too long.
    pub stopped: u64,
    /// Share of them, with Wilson's interval.
    pub share: f64,
    pub low: f64,
    pub high: f64,
    /// Seconds from the start of the rollout until it would have, of those: median and 90th
    /// percentile.
    pub after_p50: Option<f64>,
    pub after_p90: Option<f64>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct JudgesAsked {
    pub command: String,
    pub seed: u64,
    pub trials: u64,
}

/// Simulates all worlds and gathers what each gate would have done. `reached` gets the number of
/// rollouts that are done and says whether to continue.
pub fn compare_judges(
    plan: &Plan,
    folder: &Path,
    asked: JudgesAsked,
    pool: &rayon::ThreadPool,
    mut reached: impl FnMut(u64) -> bool,
) -> Result<Judges, String> {
    let gates =
        plan.scenario.analysis.as_ref().filter(|_| plan.scenario.strategy.kind().uses_analysis());
    let Some(gates) = gates.map(|it| &it.gates) else {
        return Err("this strategy uses no analysis: there are no judges to compare".to_owned());
    };
    let worlds = worlds(&plan.scenario);
    let mut plans = Vec::new();
    for (world, values) in &worlds {
        let varied = vary(&plan.scenario, &plan.name, folder, values);
        let why = |it: &crate::scenario::Problem| {
            format!("`{}` gives no valid scenario: {}", world.name, it.message)
        };
        plans.push(varied.map_err(|it| it.first().map_or_else(String::new, why))?);
    }
    let kinds = plans.len() as u64;
    let mut tallies = vec![vec![StopCounts::default(); gates.len()]; plans.len()];
    let mut played = 0;
    let at = |job: u64| usize::try_from(job % kinds).unwrap_or(0);
    in_order(
        pool,
        asked.trials * kinds,
        |job| {
            let seed = Seed::new(asked.seed).replication(job / kinds);
            objections(&plans[at(job)], seed, gates.len())
        },
        |job, objections| {
            for (tally, objection) in tallies[at(job)].iter_mut().zip(objections) {
                tally.add(objection);
            }
            played += 1;
            if reached(played) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    let of_gate = |(index, gate): (usize, &crate::judge::GateSpec)| JudgeFound {
        name: gate.name.clone(),
        judge: gate.judge.name().to_owned(),
        found: tallies.iter().map(|it| it[index].found()).collect(),
    };
    Ok(Judges {
        format: JUDGES_FORMAT,
        rollsim: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.name.clone(),
        title: plan.scenario.title.clone(),
        seed: asked.seed,
        command: asked.command,
        trials: asked.trials,
        complete: played == asked.trials * kinds,
        confidence: CONFIDENCE,
        judges: gates.iter().enumerate().map(of_gate).collect(),
        worlds: worlds.into_iter().map(|it| it.0).collect(),
    })
}

/// Seconds from the start of the rollout after which each gate spoke against the release.
fn objections(plan: &Plan, seed: Seed, gates: usize) -> Vec<Option<u64>> {
    let outcome = sim::Trial::new(plan, seed).figures_only().run();
    let began = outcome.rollout_began.unwrap_or_default();
    let mut all: Vec<Option<u64>> = outcome
        .gates
        .iter()
        .map(|it| it.objection.filter(|it| it.1 > AnalysisState::Running))
        .map(|it| it.map(|(at, _)| at.since(began).nanos() / 1_000_000_000))
        .collect();
    // a rollout that ended before its first measurement
    all.resize(gates, None);
    all
}

/// How often, and after how many seconds.
#[derive(Clone, Debug, Default)]
struct StopCounts {
    trials: u64,
    stopped: u64,
    after: BTreeMap<u64, u64>,
}

impl StopCounts {
    fn add(&mut self, objection: Option<u64>) {
        self.trials += 1;
        if let Some(seconds) = objection {
            self.stopped += 1;
            *self.after.entry(seconds).or_default() += 1;
        }
    }

    /// The least time within which this part of all that were stopped was.
    fn quantile(&self, part: f64) -> Option<f64> {
        let mut below = 0;
        let wanted = part * self.stopped as f64;
        self.after.iter().find_map(|(seconds, count)| {
            below += count;
            (below as f64 >= wanted).then_some(*seconds as f64)
        })
    }

    fn found(&self) -> Stopped {
        let interval = wilson(self.stopped, self.trials.max(1), CONFIDENCE);
        Stopped {
            trials: self.trials,
            stopped: self.stopped,
            share: self.stopped as f64 / self.trials.max(1) as f64,
            low: interval.low,
            high: interval.high,
            after_p50: self.quantile(0.5),
            after_p90: self.quantile(0.9),
        }
    }
}

type Values = Vec<(String, Value)>;

/// Good releases on a normal day, during an incident and on uneven instances; then worse and worse
/// ones.
fn worlds(scenario: &Scenario) -> Vec<(WorldOfJudges, Values)> {
    let errors = scenario.fleet.errors.get().max(ERRORS_MIN);
    let release = &scenario.release;
    // of the release nothing is kept but its versions
    let common = |defects: Value| -> Values {
        vec![
            ("analysis.gates[*].dry_run".to_owned(), json!(true)),
            (
                "release".to_owned(),
                json!({"from": release.from, "to": release.to, "defects": defects}),
            ),
            ("releases".to_owned(), Value::Null),
            ("fleet.errors".to_owned(), percent(errors)),
        ]
    };
    let with = |(path, value): (&str, Value)| {
        let mut values = common(json!([]));
        values.push((path.to_owned(), value));
        values
    };
    let world = |name: &str, about: String, good: bool| WorldOfJudges {
        name: name.to_owned(),
        about,
        good,
    };
    let (times, after, lasts) = INCIDENT;
    let at = scenario.rollout_at.saturating_add(after);
    let mut incidents = serde_json::to_value(&scenario.incidents).unwrap_or_default();
    let struck = json!({"name": "bad minutes", "when": {"at": at}, "lasts": lasts, "effect": more_errors(errors, times)});
    incidents.as_array_mut().into_iter().for_each(|it| it.push(struck.clone()));
    let mut worlds = vec![
        (world("healthy", "no defect".to_owned(), true), common(json!([]))),
        (
            world(
                "shock",
                format!(
                    "no defect; from {} after the start the whole service has {times} times its \
                     errors for {}",
                    text::span(after),
                    text::span(lasts)
                ),
                true,
            ),
            with(("incidents", incidents)),
        ),
        (
            world(
                "uneven",
                format!("no defect; instances differ by {} in their errors", text::of_file(SPREAD)),
                true,
            ),
            with(("fleet.errors_spread", json!(SPREAD))),
        ),
    ];
    for ratio in RATIOS {
        let defect = json!([{"name": "more errors", "effect": more_errors(errors, ratio)}]);
        let about = format!("the release fails {ratio} times as often");
        worlds.push((world(&format!("{ratio}x"), about, false), common(defect)));
    }
    worlds
}

/// Errors on top of those of a normal day, so that both together are a multiple of these.
fn more_errors(errors: f64, times: f64) -> Value {
    let more = ((times - 1.0) * errors / (1.0 - errors)).min(1.0);
    json!({"errors": {"rate": percent(more)}})
}

fn percent(share: f64) -> Value {
    json!(crate::units::Ratio::clamped(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_shares_and_times() {
        let mut tally = StopCounts::default();
        for objection in [Some(60), None, Some(120), Some(60), None, None, Some(600), None] {
            tally.add(objection);
        }
        let found = tally.found();
        assert_eq!((found.trials, found.stopped), (8, 4));
        assert_eq!((found.after_p50, found.after_p90), (Some(60.0), Some(600.0)));
        assert!((found.share - 0.5).abs() < 1e-12 && found.low < 0.25 && found.high > 0.75);
    }

    #[test]
    fn errors_on_top_make_the_multiple_together() {
        // 0.5 % and 0.502512562814 % of the rest are 1 % together
        let Value::String(rate) = &more_errors(0.005, 2.0)["errors"]["rate"] else { panic!() };
        let rate: crate::units::Ratio = rate.parse().unwrap();
        assert!((0.005 + 0.995 * rate.get() - 0.01).abs() < 1e-9);
    }
}
