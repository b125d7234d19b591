//! Channels: how requests reach the bot, how long an attempt may take, and what follows after one that failed.
//!
//! A channel knows neither the fleet nor the truth: from how an attempt failed it says when there is
//! another.

mod kind;

pub use http::{Backoff, Jitter, RetryOn, RetrySpec};
pub use kind::{
    ATTEMPTS_MAX, Channel, ChannelKind, Deadline, Delivery, FailedAttempt, Flaw, Next, Order,
    Terms, Wait,
};

catalog! {
    /// How requests reach the bot.
    ChannelSpec: ChannelKind builds Box<dyn Channel> {
        "http" => http::Http,
        in tests { "mailbox" => Mailbox in crate::added::channel }
    }
}
