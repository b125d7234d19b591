//! What is compared: strategies, and the releases that they ship.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

use super::{Entered, Goal, Played, Prices, ReleaseClass, Rollout, Stop, Turn};
use crate::{kernel::Seed, model::Condition, scenario::Plan, sim, strategy::StrategySpec};

/// A comparison that can be simulated: what is to be done, and the plans to do it with.
#[derive(Clone, Debug)]
pub struct Study {
    pub protocol: Protocol,
    /// In the order of the protocol's contestants.
    pub plans: Vec<Plan>,
    /// Of each plan, the first one that is the same but for its strategy: a rollout of theirs has one past.
    pub firsts: Vec<usize>,
}

/// What is to be done, written down before it is done: `study.json`. Results that were made under the
/// same protocol belong together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Protocol {
    /// Version of this format.
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario; of the first where several files are compared.
    pub name: String,
    pub title: String,
    /// The command that makes this again.
    pub command: String,
    /// Scenario files as they were named.
    pub files: Vec<String>,
    pub seed: u64,
    pub goal: Goal,
    /// Preset of releases that was asked for in place of the scenario's.
    pub preset: Option<String>,
    /// Settings that were asked for in place of the scenario's, `PATH=VALUE` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Names of the strategies that were asked for; none where all take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategies: Vec<String>,
    pub contestants: Vec<Contestant>,
    /// What a release may carry; the chances sum to 1. At least one.
    pub classes: Vec<ReleaseClass>,
    pub prices: Prices,
    /// What the scenarios expect of estimates.
    pub expected: Vec<Expected>,
    /// What the figures rest on without being measured, a sentence each.
    pub assumptions: Vec<String>,
}

/// One strategy of a comparison.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Contestant {
    /// Name in the comparison.
    pub name: String,
    /// Kind of strategy, such as `canary`.
    pub kind: String,
    /// Minutes of work that it takes to have it, a rollout on average.
    pub upkeep: f64,
    /// The command that simulates one trial of it, but for its release and seed.
    pub command: String,
    /// The scenario with all its defaults, as it is simulated.
    pub scenario: serde_json::Value,
}

impl Contestant {
    /// How many incidents its scenario has.
    fn incidents(&self) -> usize {
        self.scenario["incidents"].as_array().map_or(0, Vec::len)
    }

    pub(super) fn entered(&self) -> Entered {
        let ships = self.strategy().is_none_or(|it| it.kind().ships());
        Entered { incidents: self.incidents(), ships }
    }

    /// The strategy with its settings; none in a scenario that cannot be read any more.
    pub(super) fn strategy(&self) -> Option<StrategySpec> {
        StrategySpec::deserialize(self.scenario.get("strategy")?).ok()
    }
}

/// What a scenario expects of a strategy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Expected {
    pub strategy: String,
    /// Name of an estimate, such as `users_hurt_p95`.
    pub estimate: String,
    pub condition: Condition,
    /// The largest value that a trial can have, whatever happens: of a mean, what the rollouts that were not seen may
    /// come to. None where there is no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

/// Bits of a replication's number that count trials within a class.
const TRIAL_BITS: u32 = 40;

impl Protocol {
    /// Seed of a trial: its own for each class and number, and the study's for the first of the first
    /// class, so that a single run is the first trial of a comparison.
    pub const fn seed_of(&self, turn: Turn) -> Seed {
        Seed::new(self.seed).replication(((turn.class as u64) << TRIAL_BITS) | turn.number)
    }

    /// Whether a rollout is the one of this turn.
    pub(super) fn is_of(&self, rollout: &Rollout, turn: Turn) -> bool {
        (rollout.class, rollout.seed) == (turn.class, self.seed_of(turn))
            && rollout.results.len() == self.contestants.len()
    }

    pub fn chances(&self) -> Vec<f64> {
        self.classes.iter().map(|it| it.chance).collect()
    }
}

impl Study {
    /// The same, with every trial simulated from its start: slower, and to the same bytes.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { firsts: (0..self.plans.len()).collect(), ..self }
    }

    /// Simulates one rollout under every strategy, with the same random draws.
    pub fn play(&self, turn: Turn) -> Rollout {
        let whole = self.play_unless(turn, &vec![true; self.plans.len()], &Stop::default());
        whole.expect("what is not stopped comes to its end")
    }

    /// The same under some of the strategies; none where it was stopped between two of them.
    pub(super) fn play_unless(&self, turn: Turn, playing: &[bool], stop: &Stop) -> Option<Rollout> {
        let seed = self.protocol.seed_of(turn);
        let release = self.protocol.classes[turn.class].release;
        let mut past = None;
        let mut play = |index: usize| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let plan = &self.plans[index];
            let trial = sim::Trial::new(plan, seed).release(release).figures_only();
            let outcome = self.outcome(index, trial, &mut past);
            Some(Played {
                phase: outcome.phase,
                detected: outcome.detected.is_some(),
                pages_at_night: plan.scenario.operator.by_day_and_night(&outcome.pages_by_hour).1,
                figures: outcome.figures,
            })
        };
        let each = (0..self.plans.len()).zip(playing);
        let results = each.map(|(it, plays)| if *plays { play(it).map(Some) } else { Some(None) });
        let results = results.collect::<Option<_>>()?;
        Some(Rollout { class: turn.class, seed, results })
    }

    /// Simulates a trial of one of the plans, from the past that it has in common with those before it, as far as there is one.
    fn outcome<'s>(
        &'s self,
        index: usize,
        trial: sim::Trial<'s>,
        past: &mut Option<(usize, sim::Past<'s>)>,
    ) -> sim::Outcome {
        let first = self.firsts[index];
        past.take_if(|it| it.0 != first);
        let shared = self.firsts.iter().filter(|it| **it == first).count() > 1;
        if past.is_none() && shared {
            *past = trial.past().map(|it| (first, it));
        }
        let shipped = past.as_ref().and_then(|it| it.1.shipped_by(&self.plans[index]));
        shipped.unwrap_or_else(|| trial.run())
    }
}
