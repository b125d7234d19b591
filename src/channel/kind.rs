//! What every channel answers before it is put to work, and what it decides at work.

use dyn_clone::DynClone;

use crate::{
    model::{Distribution, Failure},
    units::{Ratio, Span},
};

/// Most attempts that a channel may make at a request: so many have draws of their own.
pub const ATTEMPTS_MAX: u32 = 8_192;

/// The settings of a channel, and all that is asked of it without a simulation.
pub trait ChannelKind: Send + Sync {
    /// One that has carried nothing yet.
    fn build(&self) -> Box<dyn Channel>;

    /// What holds for each of its requests. It is asked for once: the path of a request goes by it and asks
    /// no one.
    fn terms(&self) -> Terms<'_>;

    /// Most attempts at a request. A trial holds it to that.
    fn attempts_max(&self) -> u32;

    /// When a request is over at the latest since it was first sent: all its deadlines and the longest waits between them.
    /// Where workers fetch, what it waits until then is not in it.
    fn over_after(&self) -> Span;

    /// What cannot be among its settings.
    fn flaws(&self) -> Vec<Flaw> {
        Vec::new()
    }

    /// What is among its settings and has no effect, or hardly the one that is meant.
    fn doubts(&self) -> Vec<Flaw> {
        Vec::new()
    }

    /// What cannot be among them where it stands beside the channel of the whole bot.
    fn flaws_beside_another(&self) -> Vec<Flaw> {
        Vec::new()
    }
}

/// What holds for each request of a channel.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'s> {
    pub deadline: Deadline,
    /// A good answer that took longer than this, from the first attempt on, is slow.
    pub slow_after: Span,
    /// Time after which a client whose request still waits in a queue hangs up, and the key that says so.
    pub patience: Option<(&'static str, &'s Distribution)>,
    /// Retries may be at most this share of the requests.
    pub budget: Option<Ratio>,
    pub delivery: Delivery,
    pub order: Order,
}

/// Who brings a request and an instance together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The balancer sends it to an instance.
    Pushed,
    /// It waits before the fleet until an idle worker of an instance that is up fetches it: weights and readiness
    /// have no part in it. Its deadline begins then.
    Pulled,
}

/// Which requests wait for others of their channel to be over, with a good answer or given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// None.
    None,
    /// Each for the one before of the same user.
    ByUser,
}

/// How long an attempt may be without an answer before it has timed out, and the key that says so.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    pub key: &'static str,
    pub after: Span,
    /// What it is where the file does not say.
    pub default: Span,
}

/// A setting that cannot be, or has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Its key within the section.
    pub key: &'static str,
    pub message: String,
    /// How to put it right.
    pub hint: Option<String>,
    /// Another key that it is as much about: of the two, the one that stands in the later file is at fault.
    pub beside: Option<&'static str>,
}

impl Flaw {
    pub fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, message: message.into(), hint: None, beside: None }
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    #[must_use]
    pub fn beside(self, key: &'static str) -> Self {
        Self { beside: Some(key), ..self }
    }
}

/// A channel at work. It must be [`Clone`] as well, since a trial can be forked.
pub trait Channel: DynClone + Send {
    /// An attempt has failed: what follows. `luck` is a uniform draw of the attempt's own.
    fn after(&mut self, failed: &FailedAttempt, luck: &mut dyn FnMut() -> f64) -> Next;
}

dyn_clone::clone_trait_object!(Channel);

/// An attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedAttempt {
    pub failure: Failure,
    /// Attempts at the same request before this one.
    pub before: u32,
    /// Since this attempt was sent.
    pub took: Span,
    /// Since the first attempt at the request was.
    pub since_first: Span,
}

/// What follows after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Another attempt, if the budget allows it.
    Again(Wait),
    /// The request has failed.
    Over,
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    pub takes: Span,
    /// The law that it was drawn from, for a fork that draws it again: uniform, from this part of the longest
    /// wait to all of it.
    pub least: f64,
    pub longest: Span,
}

impl Wait {
    /// A wait that no chance decides.
    pub const fn exactly(takes: Span) -> Self {
        Self { takes, least: 1.0, longest: takes }
    }
}
