//! Everything about a run as one JSON object.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Finding, Trial, findings, headline};
use crate::{
    judge::Measurement,
    model::{Measure, Phase},
    sim::{
        Entry, FaultMark, FaultOutcome, Fork, FurtherRelease, GateOutcome, Life, Outcome,
        PhaseMark, Series, StepOutcome,
    },
    units::Instant,
};

#[derive(Serialize)]
struct Record<'t> {
    rollsim: &'static str,
    scenario: About<'t>,
    seed: u64,
    /// As `--fork` takes them.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    forks: &'t [Fork],
    command: &'t str,
    headline: String,
    phase: Phase,
    expectations: Vec<Finding>,
    /// By name, each with its unit.
    #[serde(serialize_with = "by_name")]
    figures: &'t [(Measure, f64)],
    times: Times,
    pages_by_hour: [u32; 24],
    phases: &'t [PhaseMark],
    faults: &'t [FaultMark],
    /// What became of each defect and each incident.
    struck: &'t [FaultOutcome],
    /// The entries one by one; only the text for people folds equal ones.
    timeline: &'t [Entry],
    entries_lost: u64,
    measurements: &'t [Measurement],
    gates: &'t [GateOutcome],
    steps: &'t [StepOutcome],
    lives: &'t [Life],
    series: &'t Series,
    /// Releases beside the stable one and the candidate.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    further_releases: &'t [FurtherRelease],
}

#[derive(Serialize)]
struct About<'t> {
    name: &'t str,
    title: &'t str,
    /// Time of day when the trial starts.
    clock: String,
}

/// Seconds since the start of the trial.
#[derive(Serialize)]
struct Times {
    rollout_began: Option<Instant>,
    first_symptom: Option<Instant>,
    detected: Option<Instant>,
    rollback_began: Option<Instant>,
    rollback_done: Option<Instant>,
    rested: Option<Instant>,
}

#[derive(Serialize)]
struct MeasureValue {
    value: f64,
    unit: &'static str,
}

/// What `rollsim run --format json` prints and `outcome.json` holds.
pub fn json(trial: Trial<'_>) -> impl Serialize {
    let Trial { plan, outcome, command } = trial;
    Record {
        rollsim: env!("CARGO_PKG_VERSION"),
        scenario: About {
            name: &plan.name,
            title: &plan.scenario.title,
            clock: plan.scenario.clock.to_string(),
        },
        seed: outcome.seed,
        forks: &outcome.forks,
        command,
        headline: headline(trial),
        phase: outcome.phase,
        expectations: findings(trial),
        figures: &outcome.figures,
        times: times(outcome),
        pages_by_hour: outcome.pages_by_hour,
        phases: &outcome.phases,
        faults: &outcome.faults,
        struck: &outcome.struck,
        timeline: &outcome.timeline,
        entries_lost: outcome.entries_lost,
        measurements: &outcome.measurements,
        gates: &outcome.gates,
        steps: &outcome.steps,
        lives: &outcome.lives,
        series: &outcome.series,
        further_releases: &outcome.further,
    }
}

const fn times(outcome: &Outcome) -> Times {
    Times {
        rollout_began: outcome.rollout_began,
        first_symptom: outcome.first_symptom,
        detected: outcome.detected,
        rollback_began: outcome.rollback_began,
        rollback_done: outcome.rollback_done,
        rested: outcome.rested,
    }
}

fn by_name<S: Serializer>(figures: &&[(Measure, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(figures.len()))?;
    for &(measure, value) in *figures {
        map.serialize_entry(measure.name(), &MeasureValue { value, unit: measure.unit() })?;
    }
    map.end()
}
