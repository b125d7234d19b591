//! The scenario file: every section, its defaults and its manual.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{LotterySpec, path::below};
use crate::{
    channel::{ChannelSpec, Http},
    fault::FaultSpec,
    judge::AnalysisSpec,
    model::{
        AlertSpec, CostSpec, DatabaseSpec, DependencySpec, ExpectSpec, FleetSpec, MigrationSpec,
        OperationSpec, OperatorSpec, ScrapeSpec, TrafficSpec, TuneSpec, UsersSpec,
    },
    strategy::StrategySpec,
    units::{HourOfWeek, Span},
};

/// A rollout to rehearse: a bot, its users, a new release, faults, and a strategy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line that says what the scenario shows.
    pub title: String,
    /// Seed of all random draws: the same seed gives the same trial, byte for byte.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Time of day when the trial starts.
    #[serde(default = "monday_morning")]
    pub clock: HourOfWeek,
    /// Simulated time, warm-up included.
    pub length: Span,
    /// Time at the start that is simulated but not measured.
    #[serde(default)]
    pub warm_up: Span,
    /// When the rollout starts, since the start of the trial.
    #[serde(default = "five_minutes")]
    pub rollout_at: Span,
    /// The instances (pods) that serve the bot.
    #[serde(default)]
    pub fleet: FleetSpec,
    /// Requests that reach the bot.
    #[serde(default)]
    pub traffic: TrafficSpec,
    /// The people who use the bot.
    #[serde(default)]
    pub users: UsersSpec,
    /// The client that sends the requests: the channel of all operations that name no other.
    #[serde(default)]
    pub client: Http,
    /// Further channels by name, on which the requests of an operation come that names one (`operations.NAME.channel`).
    /// With `slow: {http: {deadline: 20s, retries: {waits: [1m]}}}` here and `channel: slow` in an operation, its requests
    /// have twenty seconds and a second attempt after a minute. The keys of `http` are those of `client`: `deadline`,
    /// `slow_after`, `patience` and `retries`; `quantile` is one of all requests. Without it, all requests are those of
    /// `client`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, schemars(extend("maxProperties" = 16)))]
    pub channels: BTreeMap<String, ChannelSpec>,
    /// Classes of requests by name. Without any, all requests are alike.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub operations: BTreeMap<String, OperationSpec>,
    /// The database that all instances share.
    #[serde(default)]
    pub database: DatabaseSpec,
    /// External services by name.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub dependencies: BTreeMap<String, DependencySpec>,
    /// The new release.
    #[serde(default)]
    pub release: ReleaseSpec,
    /// The mix of releases that `rollsim compare` draws from. Without it, `release` is shipped as it is
    /// written; if it has no defect and no migration, the mix is the preset `typical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releases: Option<LotterySpec>,
    /// Faults of the environment, whatever is shipped.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 64)))]
    pub incidents: Vec<FaultSpec>,
    /// How monitoring scrapes the fleet.
    #[serde(default)]
    pub telemetry: ScrapeSpec,
    /// Alerts that page the operator.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub alerts: Vec<AlertSpec>,
    /// The person on call.
    #[serde(default)]
    pub operator: OperatorSpec,
    /// The analysis that strategies use to decide whether a rollout continues. Without it, `rollsim run`
    /// has no gate, and `rollsim compare` takes a plain one of errors and latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<AnalysisSpec>,
    /// How the new release is shipped.
    pub strategy: StrategySpec,
    /// Other strategies by name, for `rollsim compare`; `strategy` itself is named after its kind. Where
    /// there are none, `rollsim compare` adds the plain ones.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 16)))]
    pub strategies: BTreeMap<String, StrategySpec>,
    /// What things cost, for `rollsim compare`.
    #[serde(default)]
    pub cost: CostSpec,
    /// What `rollsim tune` may change, and its objective. Without it, the usual settings of the strategy,
    /// for the least cost with at most 1 % false rollbacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<TuneSpec>,
    /// Conditions that must hold at the end.
    #[serde(default)]
    pub expect: ExpectSpec,
}

impl Scenario {
    /// Every strategy by its name: the scenario's own by its kind, then the others.
    pub fn strategies(&self) -> Vec<(&str, &StrategySpec)> {
        let others = self.strategies.iter().map(|(name, spec)| (name.as_str(), spec));
        std::iter::once((self.strategy.name(), &self.strategy)).chain(others).collect()
    }

    /// Every channel by the path of its settings, the default one first.
    pub fn channels(&self) -> Vec<(String, ChannelSpec)> {
        let mut channels = vec![("client".to_owned(), self.client.clone().into())];
        for (name, channel) in &self.channels {
            let path = format!("{}.{}", below("channels", name), channel.name());
            channels.push((path, channel.clone()));
        }
        channels
    }

    /// Which of these the requests of an operation come on.
    pub fn channel_of(&self, operation: &OperationSpec) -> usize {
        let named = |it: &String| self.channels.keys().position(|name| name == it);
        operation.channel.as_ref().and_then(named).map_or(0, |nth| 1 + nth)
    }

    /// Those on which requests come.
    pub fn used_channels(&self) -> BTreeSet<usize> {
        if self.operations.is_empty() {
            return BTreeSet::from([0]);
        }
        let asked_for = self.operations.values().filter(|it| !it.share.is_zero());
        asked_for.map(|it| self.channel_of(it)).collect()
    }

    /// Most attempts at a request, whatever its channel.
    pub fn attempts_max(&self) -> u32 {
        let channels = self.channels();
        let used = self.used_channels().into_iter();
        used.map(|it| channels[it].1.kind().attempts_max()).max().unwrap_or(1)
    }

    /// Whether any request queries the database.
    pub fn queries_database(&self) -> bool {
        self.operations.values().any(|it| it.database.is_some() && !it.share.is_zero())
    }

    /// Whether any of the strategies has a feature flag.
    pub fn any_flag(&self) -> bool {
        self.strategies().iter().any(|(_, spec)| spec.kind().uses_flag())
    }
}

/// The new release: its versions, its migration and its defects.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseSpec {
    /// Version that runs before.
    pub from: String,
    /// Version that is rolled out.
    pub to: String,
    /// A change of the database that must be made first. Without it, the database stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationSpec>,
    /// Its defects. None when left out.
    #[cfg_attr(test, schemars(length(max = 64)))]
    pub defects: Vec<FaultSpec>,
}

impl Default for ReleaseSpec {
    fn default() -> Self {
        Self {
            from: "1.0.0".to_owned(),
            to: "1.1.0".to_owned(),
            migration: None,
            defects: Vec::new(),
        }
    }
}

fn default_seed() -> u64 {
    crate::kernel::Seed::DEFAULT.get()
}

fn monday_morning() -> HourOfWeek {
    HourOfWeek::from_minutes(9 * 60)
}

fn five_minutes() -> Span {
    Span::from_secs(300)
}
