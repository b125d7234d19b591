//! The fleet: instances, what they are made of, and the balancer before them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AutoscalerSpec, Distribution, MachinesSpec, ServicePer};
use crate::units::{Bytes, Factor, Ratio, Span};

/// The instances (pods) that serve the bot.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FleetSpec {
    /// Number of instances (replicas).
    #[schemars(range(min = 1, max = 4000))]
    pub instances: u32,
    /// Requests that one instance serves at once.
    #[schemars(range(min = 1, max = 1000))]
    pub workers: u32,
    /// Places in which requests wait at one instance; a request that finds all taken is rejected.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub queue: u32,
    /// Service time of one request, unless its operation says otherwise.
    pub service_time: Distribution,
    /// What the attempts of a request have in common of their service times, unless their operation says otherwise.
    pub service_time_per: ServicePer,
    /// Share of the requests that the service answers with an error on a normal day.
    pub errors: Ratio,
    /// How much instances differ in `errors`: each multiplies it by a factor of its own, lognormal with
    /// median 1 and this standard deviation of its logarithm (identical machines 3 %, shared ones 10
    /// to 25 %). A canary has few instances, and so may be better or worse by this alone.
    pub errors_spread: Ratio,
    /// Zones over which instances are spread in turn.
    #[schemars(length(min = 1, max = 100))]
    pub zones: Vec<String>,
    /// Time from the start of an instance until its process answers.
    pub startup: Distribution,
    /// Slow first minutes of a new instance: cold caches, just-in-time compilation.
    pub warm_up: WarmUpSpec,
    /// Memory of one instance. Without it, memory is not modelled.
    pub memory: Option<MemorySpec>,
    /// Probe that decides whether an instance gets requests.
    pub readiness: ProbeSpec,
    /// Probe that restarts an instance which no longer answers. It is on by default;
    /// `liveness: null` in the file turns it off.
    pub liveness: Option<ProbeSpec>,
    /// How an instance stops.
    pub drain: DrainSpec,
    /// How a crashed instance is restarted.
    pub restart: RestartSpec,
    /// How requests are spread over the ready instances.
    pub balancer: BalancerSpec,
    /// Delay until the balancer has applied a change of weights or endpoints.
    pub propagation: Span,
    /// Time within which every instance has picked up a changed flag (instances poll).
    pub flag_propagation: Span,
    /// Scales the fleet by its load. Without it, the size is fixed.
    pub autoscaler: Option<AutoscalerSpec>,
    /// Machines that new instances may have to wait for. Without it, there is always room.
    pub machines: Option<MachinesSpec>,
}

impl Default for FleetSpec {
    fn default() -> Self {
        Self {
            instances: 3,
            workers: 4,
            queue: 100,
            service_time: Distribution::LogNormal {
                median: Span::from_millis(50),
                p99: Some(Span::from_millis(400)),
                p90: None,
            },
            service_time_per: ServicePer::Attempt,
            errors: Ratio::clamped(0.001),
            errors_spread: Ratio::ZERO,
            zones: vec!["zone-1".to_owned()],
            startup: Distribution::Constant(Span::from_secs(10)),
            warm_up: WarmUpSpec::default(),
            memory: None,
            readiness: ProbeSpec::default(),
            liveness: Some(ProbeSpec::default()),
            drain: DrainSpec::default(),
            restart: RestartSpec::default(),
            balancer: BalancerSpec::LeastOutstanding,
            propagation: Span::from_secs(1),
            flag_propagation: Span::from_secs(30),
            autoscaler: None,
            machines: None,
        }
    }
}

/// A new instance is slower at first; its speed rises linearly to normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WarmUpSpec {
    /// Time until full speed.
    pub duration: Span,
    /// Service times right after the start, as a multiple of normal ones; at least `1x`.
    pub slowdown: Factor,
}

/// Memory of one instance; above the limit the instance is killed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemorySpec {
    /// In use after start.
    pub base: Bytes,
    /// The instance is killed when more than this is in use (OOM kill), and restarted.
    pub limit: Bytes,
    /// In use for each request that is being served.
    #[serde(default)]
    pub per_request: Bytes,
    /// In use for each request that waits for a worker.
    #[serde(default)]
    pub per_waiting: Bytes,
    /// Growth an hour that is normal for this bot and is never released.
    #[serde(default)]
    pub per_hour: Bytes,
    /// Garbage collection that slows the instance as memory fills.
    #[serde(default)]
    pub garbage_collection: GarbageCollection,
}

/// Service times grow in a straight line from `from` of the limit up to `slowdown` at the limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GarbageCollection {
    /// Share of the limit above which garbage collection slows the instance.
    pub from: Ratio,
    /// Service times just below the limit, as a multiple of normal ones; at least `1x`.
    pub slowdown: Factor,
}

impl Default for GarbageCollection {
    fn default() -> Self {
        Self { from: Ratio::clamped(0.8), slowdown: Factor::clamped(3.0) }
    }
}

/// A probe in Kubernetes' arithmetic: consecutive results against a threshold.
///
/// Defaults are Kubernetes' (`pkg/apis/core/v1/defaults.go`): every 10 s, timeout 1 s, one success,
/// three failures. A probe shares the instance's queue: it fails when the request at the head has
/// waited longer than the timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeSpec {
    /// Time from the start of the process to the first probe.
    pub initial_delay: Span,
    /// Time between two probes; at least 1 s.
    pub period: Span,
    /// A probe that is not answered within this has failed.
    pub timeout: Span,
    /// Consecutive successes that make the instance healthy.
    #[schemars(range(min = 1, max = 1000))]
    pub success_threshold: u32,
    /// Consecutive failures that make it unhealthy.
    #[schemars(range(min = 1, max = 1000))]
    pub failure_threshold: u32,
}

impl Default for ProbeSpec {
    fn default() -> Self {
        Self {
            initial_delay: Span::ZERO,
            period: Span::from_secs(10),
            timeout: Span::from_secs(1),
            success_threshold: 1,
            failure_threshold: 3,
        }
    }
}

/// Stopping an instance: it is removed from the endpoints but still gets requests for a moment.
///
/// As Kubernetes does it: `pre_stop` and the removal from the endpoints begin together; after
/// `pre_stop` the process takes no new connections and finishes what it has; after `grace` it is
/// killed, and its unfinished requests are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DrainSpec {
    /// The process accepts requests for this long; if shorter than the propagation, requests are
    /// lost.
    pub pre_stop: Span,
    /// Time from the order to stop until the process is killed (Kubernetes: 30 s).
    pub grace: Span,
}

impl Default for DrainSpec {
    fn default() -> Self {
        Self { pre_stop: Span::from_secs(5), grace: Span::from_secs(30) }
    }
}

/// Back-off as the kubelet's: 0, 10, 20, 40 … 300 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestartSpec {
    /// Wait before the second restart; the first is immediate, later ones double it.
    pub backoff: Span,
    /// Longest wait.
    pub backoff_max: Span,
    /// An instance that ran this long, its start-up included, resets the back-off.
    pub reset_after: Span,
    /// Instances that may start at the same time; more wait for their turn.
    #[schemars(range(min = 1, max = 100_000))]
    pub at_once: u32,
}

impl Default for RestartSpec {
    fn default() -> Self {
        Self {
            backoff: Span::from_secs(10),
            backoff_max: Span::from_secs(300),
            reset_after: Span::from_secs(600),
            at_once: 100_000,
        }
    }
}

/// How requests are spread over the ready instances of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalancerSpec {
    /// Each in turn.
    RoundRobin,
    /// Any, with equal chance.
    Random,
    /// The one with the fewest requests in hand; among equals, the next in turn.
    LeastOutstanding,
    /// The better of two drawn at random, which may be the same one twice.
    PowerOfTwo,
    /// The same user always meets the same instance while the endpoints stay the same.
    Sticky,
}
