//! The plan: a scenario that has been proven runnable, with everything looked up and compiled.
//!
//! Only a plan can be simulated. It is inert and shared by all trials: samplers, alias tables, the
//! curve of rates, indices instead of names.

use std::collections::BTreeMap;

use super::{Lottery, LotterySpec, ReleaseClassSpec, ReleaseSpec, Scenario, rates::RateCurve};
use crate::{
    channel::{ChannelSpec, Deadline, Delivery, Order},
    kernel::{Categories, Sampler},
    model::{Condition, EstimateName, ExpectSpec, ServicePer},
    strategy::StrategySpec,
    units::{Ratio, Span},
};

/// A scenario that can be simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the scenario: its file's stem.
    pub name: String,
    /// The scenario with every default filled in.
    pub scenario: Scenario,
    /// Releases that a trial can ship, by their indices; the first is the scenario's `release`.
    pub releases: Vec<ReleaseSpec>,
    /// Classes of releases with their chances, where the scenario has them.
    pub lottery: Option<Lottery>,
    /// What `compare` must find of each strategy, by its name.
    pub estimates: BTreeMap<String, BTreeMap<EstimateName, Condition>>,
    /// Samplers of the scenario's distributions.
    pub samplers: Samplers,
    /// Operations in the order of their indices; at least one.
    pub operations: Vec<Operation>,
    /// Channels in the order of their indices; the first is the default one.
    pub lines: Vec<Line>,
    /// Draws the operation of a request; none when there is but one.
    pub operation_choice: Option<Categories>,
    /// Dependencies in the order of their indices.
    pub dependencies: Vec<Dependency>,
    /// Draws the user of a request when activity is skewed.
    pub user_choice: Option<Categories>,
    /// Attributes of users in the order of their indices.
    pub attributes: Vec<Attribute>,
    /// Rate of arrivals over time, spikes included, bursts not.
    pub rates: RateCurve,
}

/// Samplers of the distributions that are not those of an operation.
#[derive(Clone, Debug)]
pub struct Samplers {
    pub startup: Sampler,
    /// Until the balancer knows of an endpoint that joins or leaves; `fleet.propagation` where there is none.
    pub joining: Option<Sampler>,
    pub leaving: Option<Sampler>,
    pub provision: Option<Sampler>,
    pub overhead: Option<Sampler>,
    pub complain_after: Sampler,
    pub acknowledge: Sampler,
    pub acknowledge_night: Sampler,
    pub diagnose: Sampler,
    pub prepare: Sampler,
    /// Of the operator's actions, in the order of the scenario.
    pub actions: Vec<ActionSamplers>,
    pub approve: Sampler,
}

/// The times of one of the operator's actions, where it has them.
#[derive(Clone, Debug)]
pub struct ActionSamplers {
    pub after: Option<Sampler>,
    pub build: Option<Sampler>,
}

/// A class of requests, compiled.
#[derive(Clone, Debug)]
pub struct Operation {
    pub name: String,
    pub service: Sampler,
    pub service_per: ServicePer,
    pub database: Option<Sampler>,
    /// Indices of the dependencies that are called.
    pub calls: Vec<usize>,
    /// Index of the channel on which its requests come, and how long an attempt has there.
    pub line: usize,
    pub deadline: Span,
}

/// A channel, compiled.
#[derive(Clone, Debug)]
pub struct Line {
    /// The path of its settings.
    pub path: String,
    pub channel: ChannelSpec,
    pub deadline: Deadline,
    pub slow_after: Span,
    pub patience: Option<Sampler>,
    pub budget: Option<Ratio>,
    pub delivery: Delivery,
    pub order: Order,
}

impl Line {
    /// The path of its deadline.
    pub fn deadline_path(&self) -> String {
        format!("{}.{}", self.path, self.deadline.key)
    }
}

/// An external service, compiled.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: String,
    pub latency: Sampler,
    pub errors: Ratio,
}

/// An attribute of users: its values and up to which share of the users each reaches.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<String>,
    /// Running sums of the shares; the last is 1.
    pub cumulative: Vec<f64>,
}

impl Attribute {
    /// The value that a user with this uniform draw has.
    pub fn value(&self, uniform: f64) -> usize {
        self.cumulative.partition_point(|&it| it <= uniform).min(self.values.len() - 1)
    }
}

impl Plan {
    /// The same plan with another strategy. The scenario's expectations of one trial were written
    /// for its own strategy and release, and are left out otherwise.
    #[must_use]
    pub fn with_strategy(&self, strategy: &StrategySpec) -> Self {
        let mut plan = self.clone();
        if *strategy != self.scenario.strategy {
            plan.scenario.strategy = strategy.clone();
            plan.expect_nothing_of_one_trial();
        }
        plan
    }

    /// The same plan with another of its releases in place of the scenario's.
    #[must_use]
    pub fn with_release(&self, index: usize) -> Self {
        let mut plan = self.clone();
        if index != 0 {
            plan.scenario.release = self.releases[index].clone();
            plan.releases[0] = self.releases[index].clone();
            plan.expect_nothing_of_one_trial();
        }
        plan
    }

    fn expect_nothing_of_one_trial(&mut self) {
        let strategies = std::mem::take(&mut self.scenario.expect.strategies);
        self.scenario.expect = ExpectSpec { strategies, ..ExpectSpec::default() };
    }

    /// The scenario with the classes of its mix written out instead of a preset, to copy and
    /// change.
    pub fn spelled_out(&self) -> Scenario {
        let mut scenario = self.scenario.clone();
        if let Some(spec) = &self.scenario.releases {
            let mix = super::lottery::classes(&self.scenario, spec);
            let classes: BTreeMap<String, ReleaseClassSpec> =
                mix.classes.into_iter().map(|(name, (_, class))| (name, class)).collect();
            scenario.releases = Some(LotterySpec { classes, ..LotterySpec::default() });
        }
        scenario
    }

    /// Index of an operation by name.
    pub fn operation(&self, name: &str) -> Option<usize> {
        self.operations.iter().position(|it| it.name == name)
    }

    /// Index of an attribute and of one of its values by their names.
    pub fn attribute_value(&self, attribute: &str, value: &str) -> Option<(usize, usize)> {
        let index = self.attributes.iter().position(|it| it.name == attribute)?;
        let value = self.attributes[index].values.iter().position(|it| it == value)?;
        Some((index, value))
    }
}
