//! When a fault starts, reckoned from the manual and the books: at an instance, or at what all share.

use super::bot::{END, Played, SECOND};
use crate::{
    fault::{FaultSpec, Target, TriggerSpec},
    model::ReleaseId,
};

/// Nothing shows before `from`; from `by` on it is there to the end, where that can be said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onset {
    pub(super) from: u64,
    pub(super) by: Option<u64>,
    /// When it set in everywhere, where it does.
    pub(super) since: Option<u64>,
}

impl Onset {
    fn everywhere(since: u64, up: u64) -> Self {
        Self { from: since, by: Some(since.max(up)), since: Some(since) }
    }

    fn at(here: u64) -> Self {
        Self { from: here, by: Some(here), since: None }
    }

    fn some_time_from(from: u64) -> Self {
        Self { from, by: None, since: None }
    }
}

/// At an instance.
pub(super) fn onset(fault: &FaultSpec, defect: bool, pod: u32, played: &Played) -> Onset {
    let starts = fault.effect.kind().target() == Target::Starts;
    let up = if starts { 0 } else { played.up(pod).unwrap_or(END) };
    match fault.when {
        TriggerSpec::Start if defect && !starts => Onset::at(up),
        TriggerSpec::Start => Onset::everywhere(0, up),
        TriggerSpec::At(at) => Onset::everywhere(at.nanos(), up),
        TriggerSpec::Age(age) => Onset::at(up + age.nanos()),
        TriggerSpec::AgeBetween { from, to } => {
            Onset { from: up + from.nanos(), by: Some(up + to.nanos()), since: None }
        }
        TriggerSpec::Requests(count) => {
            let mut served = played.booked.iter().filter(|it| it.pod == Some(pod));
            let nth = served.nth(usize::try_from(count).unwrap() - 1);
            Onset::at(nth.map_or(END, |it| it.arrived))
        }
        TriggerSpec::Load(_) | TriggerSpec::LoadOver { .. } => Onset::some_time_from(up),
        TriggerSpec::Weight(_) => {
            Onset::everywhere(played.said("candidate takes 75 %").unwrap_or(END), up)
        }
        TriggerSpec::Random(_) => Onset::some_time_from(0),
    }
}

/// At what all share: a defect as soon as the first instance carries it, an incident whatever runs.
pub(super) fn shared_onset(fault: &FaultSpec, defect: bool, played: &Played) -> Onset {
    let release = if defect { ReleaseId::CANDIDATE } else { ReleaseId::STABLE };
    let each: Vec<Onset> =
        played.pods(release).map(|pod| onset(fault, defect, pod, played)).collect();
    let from = each.iter().map(|it| it.from).min().unwrap_or(END);
    // an age is drawn for all: the first to be old enough is at the end of the range
    let by = each.iter().filter_map(|it| it.by).min();
    Onset { from, by: by.filter(|it| *it < END - SECOND), since: None }
}
