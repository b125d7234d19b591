//! Probes: how the platform finds out whether an instance starts, lives and may get requests.

use serde::{Deserialize, Serialize};

use crate::units::Span;

/// A probe in Kubernetes' arithmetic: results in a row against a threshold.
///
/// Defaults are Kubernetes' (`pkg/apis/core/v1/defaults.go`): every 10 s, timeout 1 s, one success,
/// three failures. Probes count from the start of the container: while the process is still starting,
/// its port refuses them, and they fail. An instance is probed every period from a moment that chance
/// decides, so its first liveness probe comes within a period of its start. Readiness is also probed at
/// the start of the container, at the success of a startup probe, and when the instance becomes unready,
/// and its period counts from there. Results in a row count on over a restart, as the kubelet has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProbeSpec {
    /// No probe before the container has run for this long (Kubernetes: `initialDelaySeconds`). The
    /// start counts from its full second, as the kubelet keeps it.
    pub initial_delay: Span,
    /// Time between two probes; at least 1 s. A probe that takes longer is followed by the next at
    /// once.
    pub period: Span,
    /// A probe that is not answered within this has failed, and takes this long to fail; at least 1 ms, about
    /// what an answer over a network takes (Kubernetes: `timeoutSeconds`, at least 1).
    pub timeout: Span,
    /// Successes in a row that make the instance healthy; 1 for a liveness or startup probe.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub success_threshold: u32,
    /// Failures in a row that make it unhealthy.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub failure_threshold: u32,
    /// Whether the probe waits in the instance's queue or is answered beside it.
    pub through: ProbePath,
}

impl Default for ProbeSpec {
    fn default() -> Self {
        Self {
            initial_delay: Span::ZERO,
            period: Span::from_secs(10),
            timeout: Span::from_secs(1),
            success_threshold: 1,
            failure_threshold: 3,
            through: ProbePath::Queue,
        }
    }
}

/// How a probe reaches the process.
///
/// The default is the queue, because `fleet.workers` is a pool, and a server with a pool answers what
/// comes to its port with a worker of it, a health check too (gunicorn, Puma, PHP-FPM, Tomcat). It is
/// also the choice that shows how an overload spreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProbePath {
    /// In line behind the requests that wait: it is answered when a worker gets to it, which takes the
    /// worker no time. A full queue refuses it.
    Queue,
    /// Past the queue, by a thread or port of its own: it is answered at once unless the process hangs.
    Beside,
}
