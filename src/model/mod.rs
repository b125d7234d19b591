//! The nouns: what a bot, its users, its surroundings and a rollout are made of.
//!
//! Every `…Spec` type is a section of the scenario file: its docstrings are the manual that
//! `rollsim explain` and the JSON Schema print. Nothing here moves; the world of `sim` does.

mod amount;
mod analysis;
mod autoscaler;
mod cohort;
mod condition;
mod cost;
mod database;
mod distribution;
mod estimate;
mod failure;
mod fleet;
mod group;
mod machines;
mod measure;
mod measured;
mod migration;
mod mitigation;
mod operation;
mod operator;
mod probe;
mod proxy;
mod proxy_preset;
mod proxy_rules;
mod release;
mod rollout;
mod scope;
mod telemetry;
mod traffic;
mod tune;
mod users;

pub use amount::Amount;
pub use analysis::{Against, MetricSpec};
pub use autoscaler::{
    AutoscalerMetric, AutoscalerScope, AutoscalerSpec, BehaviorSpec, CpuSpec, ScalingPolicy,
    ScalingRules, SelectPolicy,
};
pub use cohort::{ByMet, Cohort, MetId};
pub use condition::Condition;
pub use cost::{CostLine, CostProfile, CostSpec, Price, Prices, Quantities};
pub use database::{DatabaseSpec, DependencySpec};
pub use distribution::{Distribution, Share};
pub use estimate::{EstimateName, Statistic};
pub use failure::Failure;
pub use fleet::{
    BalancerSpec, DrainSpec, FleetSpec, GarbageCollection, MemorySpec, RestartSpec, WarmUpSpec,
    Weighting,
};
pub use group::{ByGroup, GroupId, GroupSpec, GroupView, WeightView};
pub use machines::MachinesSpec;
pub use measure::{ExpectSpec, Measure, MeasureRange};
pub use measured::{Measured, UsedMemory};
pub use migration::{MigrationEnd, MigrationSpec};
pub use mitigation::{
    ActionSpec, ActionWhen, Drain, Freeze, Mitigation, RestartInstances, RollForward, Size,
};
pub use operation::{OperationSpec, ServicePer};
pub use operator::{AlertSpec, OperatorSpec};
pub use probe::{ProbePath, ProbeSpec};
pub use proxy::{
    Begins, DeadHost, HealthChecksSpec, KeepAliveSpec, OutlierDetectionSpec, Part,
    ProxyRetriesSpec, ProxyRetryOn, ProxySpec, Redispatch,
};
pub use proxy_preset::ProxyPreset;
pub use proxy_rules::ProxyRules;
pub use release::{ByRelease, ReleaseId, ReleaseRole};
pub use rollout::{
    Action, AnalysisId, AnalysisState, Answer, ByAnalysis, Compared, FlagRule, MigrationState,
    Orders, Phase, SmokeState, SmokeTest, View, Wake,
};
pub use scope::{ScopeSpec, UserMatch};
pub use telemetry::{
    Counted, Counters, Gauges, Observed, Population, Scrape, ScrapeSpec, Telemetry, Window,
};
pub use traffic::{Burst, DailyWave, PatternSpec, Profile, Spike, TraceSpec, TrafficSpec};
pub use tune::{ConstraintsSpec, ParameterSpec, RampSpec, ScaleSpec, TuneSpec};
pub use users::{Activity, UsersSpec};
