//! The autoscaler of the fleet, in the words of Kubernetes' `HorizontalPodAutoscaler`.

use serde::{Deserialize, Serialize};

use crate::units::{Rate, Ratio, Span};

/// Horizontal autoscaling with the arithmetic of Kubernetes 1.36 (`pkg/controller/podautoscaler`).
///
/// At each sync every metric calls for so many instances: the ready ones times the ratio of its value
/// to its target, rounded up. Instances without metrics count as if they met the target where the
/// fleet would shrink, and as idle where it would grow. The stabilisation windows, then the policies
/// of `behavior`, then `min` and `max` limit the change. The fleet had its size for long before the
/// trial: that size is the first recommendation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AutoscalerSpec {
    /// Fewest instances.
    #[cfg_attr(test, schemars(range(min = 1, max = 20_000)))]
    pub min: u32,
    /// Most instances.
    #[cfg_attr(test, schemars(range(min = 1, max = 20_000)))]
    pub max: u32,
    /// Busy share of the workers that is aimed at: short for `metrics: [{busy: ...}]`.
    /// Without it, `metrics` must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Ratio>,
    /// What is followed, each with its target, in place of `target`. The metric that calls for most
    /// instances decides. While some have no value the fleet does not shrink.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 16), extend("default" = [])))]
    pub metrics: Vec<AutoscalerMetric>,
    /// Processor use of an instance. Without it, `cpu` cannot be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuSpec>,
    /// Time for which the fleet must have been too large before it shrinks, unless
    /// `behavior.scale_down.stabilization_window` says otherwise (Kubernetes:
    /// `--horizontal-pod-autoscaler-downscale-stabilization`).
    #[serde(default = "five_minutes")]
    pub shrink_after: Span,
    /// Deviation from the target that is tolerated, unless a rule of `behavior` has its own
    /// (Kubernetes: `--horizontal-pod-autoscaler-tolerance`).
    #[serde(default = "a_tenth")]
    pub tolerance: Ratio,
    /// How fast the fleet may grow and shrink.
    #[serde(default)]
    pub behavior: BehaviorSpec,
    /// Whether the manifest has no `behavior` at all: a sync then takes the fleet at most to twice its
    /// size, or to 4, and nothing but `shrink_after` slows shrinking.
    #[serde(default)]
    pub legacy: bool,
    /// Time between two syncs (Kubernetes: `--horizontal-pod-autoscaler-sync-period`).
    #[serde(default = "fifteen_seconds")]
    pub sync_period: Span,
    /// Age up to which the processor use of an instance counts only while it is ready and a whole
    /// window after it became so; `cpu` alone (Kubernetes:
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`).
    #[serde(default = "five_minutes")]
    pub cpu_initialization_period: Span,
    /// An older instance that is not ready counts as never having been ready when it has not been
    /// since this long after its start; `cpu` alone (Kubernetes:
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`).
    #[serde(default = "half_a_minute")]
    pub initial_readiness_delay: Span,
    /// Time between two values of the metrics, and the window that each is the mean of
    /// (`metrics-server`: `--metric-resolution`).
    #[serde(default = "fifteen_seconds")]
    pub metrics_resolution: Span,
    /// Time from the end of that window until the autoscaler can see the value: `metrics-server` reads
    /// the kubelets every 15 s, and these sample every 10 s.
    #[serde(default = "ten_seconds")]
    pub metrics_lag: Span,
    /// What one autoscaler scales.
    #[serde(default)]
    pub per: AutoscalerScope,
}

/// A metric that an autoscaler follows, and its target.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AutoscalerMetric {
    /// Busy share of an instance's workers; at least `0.1%` (a `Pods` metric).
    Busy(Ratio),
    /// Processor use of an instance as a share of what it requests, in whole percent (a `Resource`
    /// metric with `averageUtilization`).
    Cpu(Ratio),
    /// Requests that an instance takes up each second (a `Pods` metric).
    Requests(Rate),
    /// Requests that users send each second, retries left out, divided by the instances (an `Object`
    /// metric with `averageValue`). It is counted before the balancer, so that it goes on while
    /// instances are down.
    Arrivals(Rate),
    /// The same of the whole service (an `Object` metric with `value`). Its ratio to the target is
    /// multiplied by the ready instances, although more of them change nothing about it: above the
    /// target the fleet grows to `max`.
    TotalArrivals(Rate),
}

/// Processor use of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CpuSpec {
    /// Processor time that a request takes, charged when it is taken up.
    pub per_request: Span,
    /// Cores that an instance requests (Kubernetes: `resources.requests.cpu`).
    #[serde(default = "one_core")]
    #[cfg_attr(test, schemars(range(min = 0.01, max = 1024.0)))]
    pub requested: f64,
    /// Cores in use without any request.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0.0, max = 1024.0)))]
    pub idle: f64,
    /// Cores in use while the process starts.
    #[serde(default = "one_core")]
    #[cfg_attr(test, schemars(range(min = 0.0, max = 1024.0)))]
    pub starting: f64,
}

/// How fast an autoscaler grows and shrinks a fleet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BehaviorSpec {
    /// Growing. Kubernetes' defaults: no stabilisation, at most 4 instances or 100 % in 15 s,
    /// whichever is more.
    pub scale_up: ScalingRules,
    /// Shrinking. Kubernetes' defaults: stabilised for `shrink_after`, at most 100 % in 15 s.
    pub scale_down: ScalingRules,
}

/// What limits changes in one direction.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ScalingRules {
    /// The most cautious recommendation of this time counts (Kubernetes:
    /// `stabilizationWindowSeconds`, at most 1 h). Without it, none to grow, and `shrink_after` to
    /// shrink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilization_window: Option<Span>,
    /// How much the size may change. Without any, Kubernetes' defaults.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 16), extend("default" = [])))]
    pub policies: Vec<ScalingPolicy>,
    /// Which of the policies counts.
    pub select_policy: SelectPolicy,
    /// Deviation from the target that is tolerated in this direction. Without it, `tolerance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Ratio>,
}

/// How much the size may change in a period: `pods` or `percent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScalingPolicy {
    /// This many instances. Without it, `percent` must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 20_000)))]
    pub pods: Option<u32>,
    /// So many percent of the size at the start of the period. Without it, `pods` must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 100_000)))]
    pub percent: Option<u32>,
    /// The period, at least 1 s; Kubernetes allows at most 30 min.
    pub period: Span,
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    #[default]
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: the size never changes in this direction.
    Disabled,
}

/// What one autoscaler scales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AutoscalerScope {
    /// All instances, whatever their release: one Deployment or Rollout. Its size is the fleet's, which
    /// the strategy divides among the releases.
    #[default]
    Fleet,
    /// The instances of a release: two Deployments, each with an autoscaler of its own that follows the
    /// load of its own instances. A strategy's order sets the size of a release, the autoscaler takes it
    /// from there; one of 0 instances is left alone. During the rollout the strategy keeps to the fleet's
    /// size at its start. No effect where both releases stand behind the balancer together
    /// (`all_at_once`, `recreate`, `rolling`, `feature_flag`, a canary by instances): that is one
    /// Deployment.
    Release,
}

impl AutoscalerSpec {
    /// Every metric that is followed.
    pub fn followed(&self) -> impl Iterator<Item = AutoscalerMetric> {
        let target = self.target.map(AutoscalerMetric::Busy);
        target.into_iter().chain(self.metrics.iter().copied())
    }
}

impl AutoscalerMetric {
    /// Its name in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Busy(_) => "busy",
            Self::Cpu(_) => "cpu",
            Self::Requests(_) => "requests",
            Self::Arrivals(_) => "arrivals",
            Self::TotalArrivals(_) => "total_arrivals",
        }
    }
}

fn five_minutes() -> Span {
    Span::from_secs(300)
}

fn half_a_minute() -> Span {
    Span::from_secs(30)
}

fn fifteen_seconds() -> Span {
    Span::from_secs(15)
}

fn ten_seconds() -> Span {
    Span::from_secs(10)
}

fn a_tenth() -> Ratio {
    Ratio::clamped(0.1)
}

fn one_core() -> f64 {
    1.0
}
