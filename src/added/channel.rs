//! A channel of its own kind: no balancer sends, workers fetch.

use serde::{Deserialize, Serialize};

use crate::{
    channel::{Channel, ChannelKind, Deadline, Delivery, FailedAttempt, Next, Order, Terms, Wait},
    model::Failure,
    units::Span,
};

/// Letters wait in a mailbox until a worker fetches them. One that is not answered in time is there again.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Mailbox {
    /// Time in which a fetched letter must be answered before another worker may fetch it.
    pub visibility: Span,
    /// Times that a letter is fetched at most; after that it is dead.
    pub fetches: u32,
    /// Whether the letters of a user are fetched one after the other.
    pub in_order: bool,
    /// Whether a postman brings the letters: then the balancer sends them.
    pub brought: bool,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self { visibility: Span::from_secs(30), fetches: 5, in_order: false, brought: false }
    }
}

impl ChannelKind for Mailbox {
    fn build(&self) -> Box<dyn Channel> {
        Box::new(*self)
    }

    fn terms(&self) -> Terms<'_> {
        let default = Self::default().visibility;
        Terms {
            deadline: Deadline { key: "visibility", after: self.visibility, default },
            slow_after: Span::from_secs(60),
            patience: None,
            budget: None,
            delivery: if self.brought { Delivery::Pushed } else { Delivery::Pulled },
            order: if self.in_order { Order::ByUser } else { Order::None },
        }
    }

    fn attempts_max(&self) -> u32 {
        self.fetches
    }

    fn over_after(&self) -> Span {
        Span::from_nanos(self.visibility.nanos().saturating_mul(self.fetches.into()))
    }
}

impl Channel for Mailbox {
    fn after(&mut self, failed: &FailedAttempt, _luck: &mut dyn FnMut() -> f64) -> Next {
        if failed.before + 1 >= self.fetches {
            return Next::Over;
        }
        Next::Again(Wait::exactly(match failed.failure {
            // given back, or overdue
            Failure::Error | Failure::Timeout | Failure::Abandoned => Span::ZERO,
            // its reader is gone: that shows only when its time is over
            Failure::Refused => self.visibility.saturating_sub(failed.took),
        }))
    }
}
