//! HTTP requests of clients: how long these wait, when they try again, when they call an answer slow.

use serde::{Deserialize, Serialize};

use super::{
    Channel, ChannelKind, Deadline, Delivery, FailedAttempt, Flaw, Next, Order, Terms, Wait,
};
use crate::{
    kernel::math,
    model::{Distribution, Failure},
    units::{Factor, Ratio, Span, narrow, text},
};

/// Most attempts after the first, for the schema.
#[cfg(test)]
const RETRIES_MAX: u32 = super::ATTEMPTS_MAX - 1;

/// HTTP requests that the balancer sends to an instance: the deadline, the patience and the retries of their client.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Http {
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
    /// Whether and how failed attempts are tried again: how often (`max`), when (`waits` or `backoff`), after which failures
    /// (`on`), and at most for which share of the requests (`budget`).
    pub retries: RetrySpec,
}

impl Default for Http {
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
    /// Further attempts after the first; 0 is none. Without it, as many as there are `waits`, and none where there are
    /// no `waits`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 0, max = RETRIES_MAX)))]
    pub max: Option<u32>,
    /// The law of the waits between attempts.
    pub backoff: Backoff,
    /// The waits themselves, one after the other and none of them spread at random, such as `[0s, 1m, 5m]`; after the
    /// last one each further wait is as long. They stand in place of `backoff`, also of one that the file inherits, and
    /// it in place of theirs. Without it, they follow `backoff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = RETRIES_MAX)))]
    pub waits: Option<Vec<Span>>,
    /// Which failures are tried again.
    pub on: Vec<RetryOn>,
    /// Retries may be at most this share of the requests of the channel, and a hundred besides: each request adds the share
    /// to a budget, each retry takes one from it. The budget saves up to a hundred retries and is full at the start of a
    /// trial, so that `0%` allows a hundred in all. Without it, there are as many as `max` allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Ratio>,
}

impl Default for RetrySpec {
    fn default() -> Self {
        Self {
            max: None,
            backoff: Backoff::default(),
            waits: None,
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

impl ChannelKind for Http {
    fn build(&self) -> Box<dyn Channel> {
        Box::new(AtWork::new(&self.retries))
    }

    fn terms(&self) -> Terms<'_> {
        let default = Self::default().deadline;
        Terms {
            deadline: Deadline { key: "deadline", after: self.deadline, default },
            slow_after: self.slow_after,
            patience: self.patience.as_ref().map(|it| ("patience", it)),
            budget: self.retries.budget,
            delivery: Delivery::Pushed,
            order: Order::None,
        }
    }

    fn attempts_max(&self) -> u32 {
        1 + self.retries.most()
    }

    fn over_after(&self) -> Span {
        let waits = (0..self.retries.most()).map(|it| self.retries.longest(it).1);
        let attempts = self.deadline.nanos().saturating_mul(self.attempts_max().into());
        waits.fold(Span::from_nanos(attempts), Span::saturating_add)
    }

    fn flaws(&self) -> Vec<Flaw> {
        let retries = &self.retries;
        let mut flaws = Vec::new();
        if retries.most() > 0 && retries.on.is_empty() {
            let message = "`max` allows retries, but no failure is retried";
            let hint = "`error`, `timeout` or `refused`; without `on`, all of them";
            flaws.push(Flaw::new("retries.on", message).hint(hint).beside("retries.max"));
        }
        if !retries.waits().is_empty() && retries.backoff != Backoff::default() {
            let message = "the waits are either `backoff` or `waits`, not both";
            let flaw = Flaw::new("retries.waits", message).beside("retries.backoff");
            flaws.push(flaw.hint("leave one of them out"));
        }
        flaws
    }

    fn doubts(&self) -> Vec<Flaw> {
        let mut doubts = self.retries.doubts();
        let usual = Self::default().slow_after;
        // the retries of a request count for it, so that it may end later
        let never = self.attempts_max() == 1 && self.slow_after >= self.deadline;
        if never && self.slow_after != usual {
            let message = format!("no answer is slow: none takes `{}`", self.slow_after);
            let hint = format!("less than `deadline`, `{}`", self.deadline);
            doubts.push(Flaw::new("slow_after", message).hint(hint).beside("deadline"));
        }
        doubts
    }

    fn flaws_beside_another(&self) -> Vec<Flaw> {
        let flaw = || Flaw::new("quantile", "the quantile is one of all requests");
        let flaw = self.quantile.map(|_| flaw().hint("say it as `client.quantile`"));
        flaw.into_iter().collect()
    }
}

/// One at work: what its settings come to after each number of attempts.
#[derive(Clone)]
struct AtWork {
    /// By the number of a failure.
    retried: [bool; Failure::COUNT],
    /// The longest wait after so many attempts and one more, and its seconds; further waits are as the last.
    longest: Vec<(f64, Span)>,
    retries: u32,
    jitter: Jitter,
}

impl AtWork {
    fn new(retries: &RetrySpec) -> Self {
        let mut all: Vec<(f64, Span)> = (0..retries.most()).map(|it| retries.longest(it)).collect();
        // most grow up to the longest wait and stay there
        let same = |(nth, last): &(usize, &(f64, Span))| *nth > 0 && all[*nth - 1].1 == last.1;
        let further = all.iter().enumerate().rev().take_while(same).count();
        all.truncate(all.len() - further);
        Self {
            retried: Failure::ALL.map(|it| retries.retries(it)),
            longest: all,
            retries: retries.most(),
            jitter: if retries.waits().is_empty() { retries.backoff.jitter } else { Jitter::None },
        }
    }
}

impl Channel for AtWork {
    fn after(&mut self, failed: &FailedAttempt, luck: &mut dyn FnMut() -> f64) -> Next {
        if !self.retried[failed.failure as usize] || failed.before >= self.retries {
            return Next::Over;
        }
        let wait = self.longest.get(failed.before as usize).or(self.longest.last());
        let &(seconds, longest) = wait.expect("there is a wait before a retry");
        let (part, least) = match self.jitter {
            Jitter::None => return Next::Again(Wait::exactly(longest)),
            Jitter::Full => (seconds * luck(), 0.0),
            Jitter::Equal => (seconds * (0.5 + 0.5 * luck()), 0.5),
        };
        Next::Again(Wait { takes: Span::from_secs_f64(part), least, longest })
    }
}

impl RetrySpec {
    /// Most further attempts after the first.
    pub fn most(&self) -> u32 {
        self.max.unwrap_or_else(|| narrow(self.waits().len()))
    }

    fn waits(&self) -> &[Span] {
        self.waits.as_deref().unwrap_or_default()
    }

    /// The longest wait after so many attempts and one more, in seconds and as a span.
    fn longest(&self, before: u32) -> (f64, Span) {
        let waits = self.waits();
        if let Some(wait) = waits.get(before as usize).or(waits.last()) {
            return (wait.as_secs_f64(), *wait);
        }
        let seconds = self.backoff.longest(before);
        (seconds, Span::from_secs_f64(seconds))
    }

    fn doubts(&self) -> Vec<Flaw> {
        let Self { max, backoff, waits, on, budget } = self;
        let mut doubts = Vec::new();
        if let Some(max) = max.filter(|it| self.waits().len() > *it as usize) {
            let waits = text::counted(self.waits().len() as u64, "wait");
            let message = format!("`max: {max}` allows fewer retries than the {waits} of `waits`");
            let hint = "without `max` there are as many retries as waits";
            doubts.push(Flaw::new("retries.max", message).hint(hint).beside("retries.waits"));
        }
        if waits.as_ref().is_some_and(Vec::is_empty) {
            let flaw = Flaw::new("retries.waits", "an empty list has no effect");
            doubts.push(flaw.hint("leave it out, or say how long to wait"));
        }
        let idle = [
            ("retries.backoff", *backoff != Backoff::default()),
            ("retries.budget", budget.is_some()),
        ];
        for (key, _) in idle.into_iter().filter(|it| it.1 && self.most() == 0) {
            let flaw = Flaw::new(key, "this has no effect: there are no retries");
            doubts.push(flaw.hint("`max`, or `waits`, in `retries`").beside("retries.max"));
        }
        let again = |(nth, it): &(usize, &RetryOn)| on[..*nth].contains(it);
        if on.iter().enumerate().any(|it| again(&it)) {
            let flaw = Flaw::new("retries.on", "the same failure is listed twice");
            doubts.push(flaw.hint("each once"));
        }
        doubts
    }

    fn retries(&self, failure: Failure) -> bool {
        let kind = match failure {
            Failure::Error => RetryOn::Error,
            Failure::Timeout => RetryOn::Timeout,
            Failure::Refused => RetryOn::Refused,
            Failure::Abandoned => return false,
        };
        self.on.contains(&kind)
    }
}

impl Backoff {
    /// Seconds to wait at most after so many attempts and one more.
    fn longest(&self, before: u32) -> f64 {
        let growth = math::pow(self.factor.get(), f64::from(before));
        (self.base.as_secs_f64() * growth).min(self.max.as_secs_f64())
    }
}
