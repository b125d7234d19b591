//! The client: how long it waits, when it tries again, when it calls an answer slow.

use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::{Factor, Ratio, Span};

/// What sends the requests: its deadline, its patience and its retries.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ClientSpec {
    /// An attempt without an answer after this long has timed out. The server does not notice.
    pub deadline: Span,
    /// A successful answer that took longer than this, from the first attempt on, is slow.
    pub slow_after: Span,
    /// The quantile that the measures `latency_quantile` and `wait_quantile` are of, such as `97.5%`. Without it, a trial
    /// has neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Ratio>,
    /// Time after which a client whose request is still waiting to be served hangs up, which frees
    /// its place in the queue. Without it, clients wait until the deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<Distribution>,
    /// Whether and how failed attempts are tried again.
    pub retries: RetrySpec,
}

impl Default for ClientSpec {
    fn default() -> Self {
        Self {
            deadline: Span::from_secs(5),
            slow_after: Span::from_secs(1),
            quantile: None,
            patience: None,
            retries: RetrySpec::default(),
        }
    }
}

/// Retries of a failed attempt.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RetrySpec {
    /// Further attempts after the first; 0 is none.
    #[cfg_attr(test, schemars(range(min = 0, max = 15)))]
    pub max: u32,
    /// Waits between attempts.
    pub backoff: Backoff,
    /// Which failures are tried again.
    pub on: Vec<RetryOn>,
    /// Retries may be at most this share of the requests: each request adds it to the budget, which
    /// saves up to a hundred retries and is full at the start. Without it, there are as many as `max` allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Ratio>,
}

impl Default for RetrySpec {
    fn default() -> Self {
        Self {
            max: 0,
            backoff: Backoff::default(),
            on: vec![RetryOn::Error, RetryOn::Timeout, RetryOn::Refused],
            budget: None,
        }
    }
}

/// Exponential back-off: the n-th wait is `base` times `factor` to the n-1, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Backoff {
    /// First wait.
    pub base: Span,
    /// Growth from one wait to the next.
    pub factor: Factor,
    /// Longest wait.
    pub max: Span,
    /// How the wait is spread at random.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Span::from_secs(1),
            factor: Factor::clamped(2.0),
            max: Span::from_secs(30),
            jitter: Jitter::Full,
        }
    }
}

/// How a wait is spread at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Not at all.
    None,
    /// Between zero and the wait.
    Full,
    /// Between half the wait and the wait.
    Equal,
}

/// A failure that may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// The bot answered with an error.
    Error,
    /// No answer within the deadline.
    Timeout,
    /// No connection, a reset connection, or a full queue.
    Refused,
}
