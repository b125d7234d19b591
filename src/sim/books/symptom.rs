//! The first symptom: the first request that ended as it would not have on a normal day: failed, answered wrongly,
//! or slow though its own work was not.

use crate::{model::ReleaseId, sim::data::Failure};

/// The first request that ended as it would not have on a normal day.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Symptom {
    pub(in crate::sim) at: u64,
    /// Release that its last attempt went to.
    pub(in crate::sim) release: ReleaseId,
    pub(in crate::sim) sign: Sign,
    /// It has an entry in the timeline.
    pub(super) told: bool,
}

/// How a request ended as it would not have on a normal day.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) enum Sign {
    Failed(Failure),
    Wrong,
    Slow,
    Waited,
}

impl Sign {
    /// Continues the name of a request.
    pub(in crate::sim) const fn words(self) -> &'static str {
        match self {
            Self::Failed(Failure::Error) => "was answered with an error",
            Self::Failed(Failure::Timeout) => "timed out",
            Self::Failed(Failure::Refused) => "was refused or cut off",
            Self::Failed(Failure::Abandoned) => "waited until its client hung up",
            Self::Wrong => "was answered wrongly",
            Self::Slow => "was answered too slowly",
            Self::Waited => "waited too long in line, as too many had before it",
        }
    }
}

/// Finds the first symptom.
///
/// Requests that were slow because they waited in line, and for no other reason, are there on a normal day too, and
/// come in clusters. They are a symptom only where they are more: by a cumulative sum (Page 1954, *Continuous
/// inspection schemes*), which adds one for each of them, takes off what is ordinary for each request, and never
/// falls below zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Symptoms {
    pub(super) first: Option<Symptom>,
    /// Symptoms count although no rollout has begun.
    pub(super) watches: bool,
    /// Long waits before the rollout, and all requests until it started.
    waits_before: u64,
    requests_before: u64,
    worst_before: f64,
    sum: f64,
    /// Requests that had ended when the sum was last drawn up.
    ended: u64,
}

impl Symptoms {
    /// Share of requests that is taken off: this, or three times the share before the rollout.
    const ORDINARY: f64 = 0.05;
    const TIMES_BEFORE: f64 = 3.0;
    /// The sum that is a symptom: this, or twice the greatest before the rollout. Queues at 60 % of their capacity do
    /// not reach it in forty half hours, and overloaded ones within a minute (`tests/it/theory/symptoms.rs`).
    const LIMIT: f64 = 50.0;
    const TIMES_WORST: f64 = 2.0;

    /// The rollout starts, after so many requests.
    pub(super) const fn rollout_starts(&mut self, ended: u64) {
        (self.requests_before, self.ended, self.sum) = (ended, ended, 0.0);
    }

    /// A good answer was slow though its own work was not, the last of so many requests in all; says of what it is
    /// a sign. `counts` where symptoms do.
    #[cold]
    pub(super) fn slow(&mut self, only_waited: bool, counts: bool, ended: u64) -> Option<Sign> {
        if !only_waited {
            return Some(Sign::Slow);
        }
        let share = self.waits_before as f64 / self.requests_before.max(1) as f64;
        let before = if counts { Self::TIMES_BEFORE * share } else { 0.0 };
        let requests = (ended - self.ended) as f64;
        self.sum = (self.sum + 1.0 - requests * before.max(Self::ORDINARY)).max(0.0);
        self.ended = ended;
        if !counts {
            self.waits_before += 1;
            self.worst_before = self.worst_before.max(self.sum);
            return None;
        }
        let limit = (Self::TIMES_WORST * self.worst_before).max(Self::LIMIT);
        (self.sum >= limit).then_some(Sign::Waited)
    }

    /// The first symptom, to be told once.
    pub(super) fn take_untold(&mut self) -> Option<Symptom> {
        let symptom = self.first.as_mut()?;
        (!std::mem::replace(&mut symptom.told, true)).then_some(*symptom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests until a symptom, where every n-th waits too long.
    fn until_symptom(mut symptoms: Symptoms, every: u64) -> Option<u64> {
        let first = symptoms.ended;
        (1..=10_000).find(|n| n % every == 0 && symptoms.slow(true, true, first + n).is_some())
    }

    #[test]
    fn long_waits_are_a_symptom_where_they_are_more_than_one_in_twenty() {
        let found = |every| until_symptom(Symptoms::default(), every);
        // each adds 0.95, 0.9, 0.75 and 0.5: 53, 56, 67 and 100 of them
        assert_eq!([1, 2, 5, 10].map(found), [Some(53), Some(112), Some(335), Some(1_000)]);
        assert_eq!([20, 21, 100].map(found), [None; 3]);
    }

    #[test]
    fn long_waits_before_the_rollout_are_ordinary_after_it() {
        let mut symptoms = Symptoms::default();
        for cluster in 0..10 {
            for wait in 1..=40 {
                assert!(symptoms.slow(true, false, cluster * 1_000 + wait).is_none());
            }
        }
        symptoms.rollout_starts(10_000);
        // 40 in a row came to 38, so that 76 is the limit; 4 % before it make 12 % ordinary, of which each adds
        // 0.88, 0.76, 0.4
        assert!((symptoms.worst_before - 38.0).abs() < 1e-9);
        let found = [1, 2, 5, 9].map(|every| until_symptom(symptoms, every));
        assert_eq!(found, [Some(87), Some(200), Some(950), None]);
    }

    #[test]
    fn an_answer_that_was_slow_for_another_reason_is_a_symptom_at_once() {
        assert!(matches!(Symptoms::default().slow(false, true, 1), Some(Sign::Slow)));
    }
}
