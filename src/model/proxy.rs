//! The proxy before the instances: connections that are kept, its retries, its own health checks, outlier
//! detection, and what it takes of a request's time.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Distribution, ProbePath, ProxyPreset};
use crate::units::{Ratio, Span};

/// What stands between the clients and the instances and is not the instances' doing. All of it is off
/// unless it is written or comes with a `preset`.
///
/// A part that is written replaces that of the preset as a whole; `null` switches it off.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProxySpec {
    /// A proxy in common use, whose published defaults hold for the parts below that are not written. It leaves
    /// `fleet.balancer` as it is. Without it, the parts that are not written are off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<ProxyPreset>,
    /// Connections that are kept: the endpoint is chosen once for each, not for each request. Without it, each
    /// request is balanced by itself, as proxies of HTTP do whatever connection it came over.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<KeepAliveSpec>"))]
    pub keep_alive: Part<KeepAliveSpec>,
    /// Time within which an endpoint must accept a connection; at least 1 ms. Without it, a connection that no one accepts or
    /// refuses lasts until the client's deadline.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<Span>"))]
    pub connect_timeout: Part<Span>,
    /// Further tries of the proxy, which the client does not see. Without it, what fails once has failed for the
    /// client.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<ProxyRetriesSpec>"))]
    pub retries: Part<ProxyRetriesSpec>,
    /// Checks by which the balancer itself finds out which endpoints answer, apart from the probes of the
    /// platform. Without it, the balancer believes what the platform says.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<HealthChecksSpec>"))]
    pub health_checks: Part<HealthChecksSpec>,
    /// Endpoints that fail several requests in a row get none for a while. Without it, failures of requests do
    /// not change where later ones go.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<OutlierDetectionSpec>"))]
    pub outlier_detection: Part<OutlierDetectionSpec>,
    /// While less than this share of the endpoints is healthy, by `health_checks` and `outlier_detection`, all of
    /// them get requests. Without it, only healthy ones ever do.
    #[serde(skip_serializing_if = "Part::is_unset")]
    #[cfg_attr(test, schemars(with = "Option<Ratio>"))]
    pub panic_threshold: Part<Ratio>,
    /// What a connection to an instance whose process is not there meets. Without it, one that has crashed refuses,
    /// since its host is there, and one that is gone never answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_host: Option<DeadHost>,
    /// Time that network and proxy add to each try. It occupies no worker and counts in the latency and against
    /// the client's deadline; all of it passes before the instance gets the request. Without it, they take no
    /// time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overhead: Option<Distribution>,
}

/// A part of the proxy: as the preset has it, off, or as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Part<T> {
    #[default]
    Unset,
    Off,
    Is(T),
}

impl<T> Part<T> {
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    /// What is written of it.
    pub const fn written(&self) -> Option<&T> {
        match self {
            Self::Unset | Self::Off => None,
            Self::Is(part) => Some(part),
        }
    }
}

impl<T: Serialize> Serialize for Part<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|it| it.map_or(Self::Off, Self::Is))
    }
}

/// Connections of users that are kept from one request to the next, one to each release that a user meets.
///
/// The endpoint is chosen when a connection is opened. So an endpoint that joins gets new connections only,
/// and stays without load while the old ones last. Requests of a user that overlap share the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct KeepAliveSpec {
    /// A connection without a request for this long is closed (nginx for its clients: `keepalive_timeout` 75 s).
    pub idle: Span,
    /// Requests after which a connection is closed (nginx: `keepalive_requests` 1000); `null` is any number.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub requests: Option<u32>,
    /// Whether a connection to an endpoint that has left the pool goes on as long as the process keeps it open:
    /// so behind kube-proxy, which looks at connections only. A proxy of HTTP uses it no more.
    pub outlives_endpoint: bool,
    /// Whether a request over a kept connection that is cut off or refused is sent again at once over a new one.
    /// That is no further attempt of the client's. Where work on it had begun, it counts as served, so that it
    /// is `duplicated` when it is served again.
    pub resend: bool,
}

impl Default for KeepAliveSpec {
    fn default() -> Self {
        Self {
            idle: Span::from_secs(75),
            requests: Some(1_000),
            outlives_endpoint: false,
            resend: false,
        }
    }
}

/// Tries of the proxy after the first. They are no attempts of the client's, and its deadline runs on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProxyRetriesSpec {
    /// Tries after the first (HAProxy: `retries` 3).
    #[cfg_attr(test, schemars(range(min = 0, max = 10)))]
    pub max: u32,
    /// Which failures are tried again.
    pub on: Vec<ProxyRetryOn>,
    /// Which tries go to another endpoint than the last. They need one: with a single endpoint all go there.
    pub redispatch: Redispatch,
    /// Wait before a try at the same endpoint (HAProxy: 1 s, or its connect timeout if shorter). A try at another
    /// one is made at once.
    pub wait: Span,
}

impl Default for ProxyRetriesSpec {
    fn default() -> Self {
        Self {
            max: 3,
            on: vec![ProxyRetryOn::Refused, ProxyRetryOn::Timeout],
            redispatch: Redispatch::Last,
            wait: Span::from_secs(1),
        }
    }
}

/// A failure that the proxy may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProxyRetryOn {
    /// The connection was refused, or the queue was full: no work was done.
    Refused,
    /// No connection within `connect_timeout`.
    Timeout,
    /// The connection was cut while the request waited or was being served.
    Reset,
    /// The bot answered with an error.
    Error,
}

/// When a further try goes to another endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Redispatch {
    /// Never: all tries go to the first one, as long as it is in the pool.
    Never,
    /// The last try only (HAProxy: `option redispatch`).
    Last,
    /// Each further try (nginx: `proxy_next_upstream`).
    Always,
}

/// Checks of the endpoints by the balancer, HAProxy's by default.
///
/// An endpoint gets requests while the platform calls it one and its checks are up. When in the interval it is
/// checked, chance decides at each start of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HealthChecksSpec {
    /// Time from the end of a check of an endpoint until the next (HAProxy: `inter` 2 s).
    pub interval: Span,
    /// Successes in a row after which an endpoint that was down is up (HAProxy: `rise` 2).
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub rise: u32,
    /// Failures in a row after which an endpoint that was up is down (HAProxy: `fall` 3).
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub fall: u32,
    /// A check without an answer for this long has failed; at least 1 ms (HAProxy: the interval).
    pub timeout: Span,
    /// Whether a check waits in the instance's queue, as a request does, or is answered beside it, as one that only
    /// opens a connection is (HAProxy without `option httpchk`).
    pub through: ProbePath,
    /// What an endpoint is before its first check.
    pub begins: Begins,
    /// Whether the balancer has a fixed list of servers and hears nothing of the platform: an instance is on the
    /// list from its creation, down until its checks have risen, and leaves it when they find it gone. One that is
    /// created while another is gone and still on the list is restarted in its place: the checks go on as if it were
    /// the same.
    pub only: bool,
    /// Moment of the checks within each interval, of all endpoints alike, to lock them to a rollout whose waits
    /// are whole intervals; a check that takes longer is followed by the next one due. Without it, chance decides at
    /// each start of a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Span>,
}

impl Default for HealthChecksSpec {
    fn default() -> Self {
        Self {
            interval: Span::from_secs(2),
            rise: 2,
            fall: 3,
            timeout: Span::from_secs(2),
            through: ProbePath::Queue,
            begins: Begins::Up,
            only: false,
            phase: None,
        }
    }
}

/// What an endpoint is before its first check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Begins {
    /// It gets requests at once, and none after a failure of its first check (HAProxy).
    Up,
    /// It gets none before its first success, which is enough (AWS ALB, Envoy).
    Down,
}

/// Endpoints that fail requests are ejected, as Envoy does it.
///
/// An error, a connection that is refused or cut, and a connection that is not accepted in time are failures;
/// a client's time-out is none. With the last of so many in a row an endpoint is ejected. Every `interval`
/// those return that were ejected for `base_ejection` times the number of their ejections; that number falls
/// by one with each interval in which an endpoint was not ejected.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OutlierDetectionSpec {
    /// Failures in a row (Envoy: `consecutive_5xx` 5).
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000)))]
    pub consecutive_failures: u32,
    /// Time between two looks at those ejected (Envoy: 10 s).
    pub interval: Span,
    /// Length of the first ejection (Envoy: `base_ejection_time` 30 s).
    pub base_ejection: Span,
    /// Longest ejection (Envoy: `max_ejection_time` 300 s).
    pub max_ejection: Span,
    /// Share of the endpoints that may be ejected at once (Envoy: `max_ejection_percent` 10 %, so that fewer than
    /// ten endpoints keep all).
    pub max_ejected: Ratio,
    /// Whether one endpoint may be ejected where `max_ejected` leaves none. Envoy's key and default since 1.31;
    /// before, one always was.
    pub always_eject_one_host: bool,
}

impl Default for OutlierDetectionSpec {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            interval: Span::from_secs(10),
            base_ejection: Span::from_secs(30),
            max_ejection: Span::from_secs(300),
            max_ejected: Ratio::clamped(0.1),
            always_eject_one_host: false,
        }
    }
}

/// What a connection to an instance meets whose process does not answer: crashed, not yet started, or gone. One that
/// is stopping refuses in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeadHost {
    /// It is refused at once: the host is there, only its port is closed.
    Refuses,
    /// No one answers, until the client's deadline or `connect_timeout`: the host is down until the process
    /// answers again, or its packets are dropped.
    Silent,
}
