//! Times that chance decided: which events of the agenda they are of, and by which law they were drawn.

use crate::units::Span;

/// How a time was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    /// Of a process that starts, so many times as long as usual; whether it fails has a chance of its own.
    Startup {
        factor: f64,
        failure: f64,
    },
    /// What is heard of an endpoint; in order with what is heard of it before and after.
    Propagation {
        joins: bool,
    },
    /// A machine, so many times as long as alone.
    Provision {
        slower: f64,
    },
    /// Exponential, with this mean.
    Gap(Span),
    /// Of the clients of this channel.
    Patience(usize),
    /// Uniform, from this part of a wait to all of it.
    Jitter {
        wait: Span,
        least: f64,
    },
    Overhead,
    Complaint,
    Acknowledge {
        night: bool,
    },
    /// One of the operator's actions.
    Action(u16),
    /// The build of one.
    Build(usize),
    Approve,
}

impl Law {
    /// By what chance knows this kind of wait: these numbers decide what forks draw, so append only.
    pub(super) const fn kind(self) -> u64 {
        match self {
            Self::Startup { .. } => 1,
            Self::Propagation { .. } => 2,
            Self::Provision { .. } => 3,
            Self::Gap(_) => 4,
            Self::Patience(_) => 5,
            Self::Jitter { .. } => 6,
            Self::Overhead => 7,
            Self::Complaint => 8,
            Self::Acknowledge { .. } => 9,
            Self::Action(_) => 10,
            Self::Build(_) => 11,
            Self::Approve => 12,
        }
    }

    /// Of one of those that wait by this law at a time: its number, the same under every strategy.
    pub(super) const fn of(self, whose: u64) -> Drawn {
        Drawn { law: self, whose }
    }
}

/// By which law a time was drawn, and for whom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) law: Law,
    pub(super) whose: u64,
}

/// An event of the agenda whose time chance decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait<E> {
    pub(super) since: u64,
    pub(super) at: u64,
    pub(super) event: E,
    pub(super) drawn: Drawn,
}

/// Those that lie ahead, and some that do not any more.
#[derive(Clone, Debug)]
pub(super) struct Waits<E> {
    pub(super) list: Vec<Wait<E>>,
    /// How long it gets before those that are over are left out.
    most: usize,
}

impl<E> Waits<E> {
    pub(super) const fn new() -> Self {
        Self { list: Vec::new(), most: 0 }
    }

    pub(super) fn add(&mut self, wait: Wait<E>) {
        if self.list.len() >= self.most {
            self.list.retain(|it| it.at >= wait.since);
            self.most = (2 * self.list.len()).max(64);
        }
        self.list.push(wait);
    }
}
