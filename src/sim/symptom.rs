//! The first symptom: what a user noticed first.

use super::attempts::Failure;
use crate::model::ReleaseId;

/// The first request that ended as it would not have on a normal day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symptom {
    pub(super) at: u64,
    /// Release that its last attempt went to.
    pub(super) release: ReleaseId,
    pub(super) sign: Sign,
    /// It has an entry in the timeline.
    pub(super) told: bool,
}

/// How a request ended as it would not have on a normal day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    Failed(Failure),
    Wrong,
    Slow,
}

impl Sign {
    /// Continues the name of a request.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Failed(Failure::Error) => "was answered with an error",
            Self::Failed(Failure::Timeout) => "timed out",
            Self::Failed(Failure::Refused) => "was refused or cut off",
            Self::Failed(Failure::Abandoned) => "waited until its client hung up",
            Self::Wrong => "was answered wrongly",
            Self::Slow => "was answered too slowly",
        }
    }
}
