//! The fleet: instances, what they are made of, and the balancer before them.

use serde::{Deserialize, Serialize};

use super::{AutoscalerSpec, Distribution, MachinesSpec, ProbeSpec, ProxySpec, ServicePer};
use crate::units::{Bytes, Factor, Ratio, Span};

/// The instances (pods) that serve the bot.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FleetSpec {
    /// Number of instances (replicas).
    #[cfg_attr(test, schemars(range(min = 1, max = 20_000)))]
    pub instances: u32,
    /// Requests that one instance serves at once.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub workers: u32,
    /// Places in which requests wait at one instance; a request that finds all taken is rejected.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000)))]
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
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    pub zones: Vec<String>,
    /// Time from the start of an instance until its process answers.
    pub startup: Distribution,
    /// Slow first minutes of a new instance: cold caches, just-in-time compilation.
    pub warm_up: WarmUpSpec,
    /// Memory of one instance. Without it, memory is not modelled.
    pub memory: Option<MemorySpec>,
    /// Probe that decides whether an instance gets requests. With `readiness: null` it gets them as soon
    /// as its container runs, and refuses them until its process answers.
    pub readiness: Option<ProbeSpec>,
    /// Probe that restarts an instance which no longer answers: the instance gets the order to stop, its
    /// grace period, and then a restart in place. Without it, an instance that hangs is not restarted;
    /// Kubernetes has none by default either.
    pub liveness: Option<ProbeSpec>,
    /// Probe that a starting instance must pass before the other probes begin; when it fails, the instance
    /// is restarted. Without it, they begin with the container, and a liveness probe may restart an instance
    /// that is slow to start again and again.
    pub startup_probe: Option<ProbeSpec>,
    /// How an instance stops.
    pub drain: DrainSpec,
    /// How a crashed instance is restarted.
    pub restart: RestartSpec,
    /// How requests are spread over the ready instances.
    pub balancer: BalancerSpec,
    /// How unequal the shares are that the balancer gives its endpoints, with `random` and `power_of_two`: each
    /// is drawn in proportion to a factor of its own, lognormal with median 1 and this standard deviation
    /// of its logarithm. A balancer that draws through a ring of hashes has unequal shares, and so have clients
    /// with connections of their own. HAProxy's `random` takes the closest of 16 points of each server of
    /// weight 1, which is a spread of 1/sqrt(2 x 16) or 18 %; of weight 16, 4 %.
    pub share_spread: Ratio,
    /// How the balancer keeps the weight between two releases.
    pub weighting: Weighting,
    /// What the proxy before the instances does beyond that.
    pub proxy: ProxySpec,
    /// Delay until the balancer has applied a change of weights or endpoints.
    pub propagation: Span,
    /// Time until the balancer sends requests to an endpoint that has become ready, drawn each time. Without
    /// it, `propagation`. What the balancer hears of one endpoint it hears in order.
    pub propagation_joining: Option<Distribution>,
    /// Time until the balancer sends no more requests to an endpoint that is no longer ready, drawn each
    /// time. Without it, `propagation`.
    pub propagation_leaving: Option<Distribution>,
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
            readiness: Some(ProbeSpec::default()),
            liveness: None,
            startup_probe: None,
            drain: DrainSpec::default(),
            restart: RestartSpec::default(),
            balancer: BalancerSpec::Random,
            share_spread: Ratio::ZERO,
            weighting: Weighting::default(),
            proxy: ProxySpec::default(),
            propagation: Span::from_secs(1),
            propagation_joining: None,
            propagation_leaving: None,
            flag_propagation: Span::from_secs(30),
            autoscaler: None,
            machines: None,
        }
    }
}

/// A new instance is slower at first; its speed rises linearly to normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WarmUpSpec {
    /// Time until full speed.
    pub duration: Span,
    /// Service times right after the start, as a multiple of normal ones; at least `1x`.
    pub slowdown: Factor,
}

/// Memory of one instance; above the limit the instance is killed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// Stopping an instance: it is removed from the endpoints but still gets requests for a moment.
///
/// As Kubernetes does it: `pre_stop` and the removal from the endpoints begin together; after
/// `pre_stop` the process takes no new connections and finishes what it has; after `grace` it is
/// killed, and its unfinished requests are lost. A process that hangs does not notice the order to stop
/// and is killed after `grace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DrainSpec {
    /// The process accepts requests for this long; if shorter than the propagation, requests are
    /// lost.
    pub pre_stop: Span,
    /// Time from the order to stop until the process is killed (Kubernetes: 30 s). As the kubelet
    /// counts, `pre_stop` takes its whole seconds off it, and the process has at least 2 s after that.
    pub grace: Span,
}

impl Default for DrainSpec {
    fn default() -> Self {
        Self { pre_stop: Span::from_secs(5), grace: Span::from_secs(30) }
    }
}

/// Back-off as the kubelet's: 0, 10, 20, 40 … 300 s, from the end of the process. (A real kubelet restarts
/// up to half as late again, since it only looks now and then; that is left out.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RestartSpec {
    /// Wait before the second restart; the first is immediate, later ones double it.
    pub backoff: Span,
    /// Longest wait.
    pub backoff_max: Span,
    /// An instance that ran longer than this, its start-up included, resets the back-off.
    pub reset_after: Span,
    /// Instances that may start at the same time; more wait for their turn.
    #[cfg_attr(test, schemars(range(min = 1, max = 100_000)))]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BalancerSpec {
    /// Each in turn.
    RoundRobin,
    /// Any, with equal chance, as kube-proxy (iptables, nftables) draws one for each connection.
    Random,
    /// The one with the fewest requests in hand; among equals, the next in turn. One balancer that knows of
    /// all requests: this flatters a fleet whose balancers, or clients, each know only of their own.
    LeastOutstanding,
    /// The better of two drawn at random, which may be the same one twice.
    PowerOfTwo,
    /// The same user always meets the same instance while the endpoints stay the same.
    Sticky,
}

impl BalancerSpec {
    /// Whether it draws endpoints by chance.
    pub const fn draws(self) -> bool {
        matches!(self, Self::Random | Self::PowerOfTwo)
    }
}

/// How a weight between two releases is kept, where each request has its share of the traffic. Which users
/// meet the new release when the strategy assigns users or instances does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// Each request is drawn: Envoy and Istio (weighted clusters), Traefik, HAProxy's `rand()`.
    #[default]
    Random,
    /// Every so many requests, evenly spaced: smooth weighted round robin, as nginx and HAProxy keep
    /// the weights of servers. The new release gets a more regular stream, and so shorter queues.
    SmoothRoundRobin,
    /// By a hash of the user, who stays with a release while the weight stays: nginx's `split_clients`.
    UserHash,
}
