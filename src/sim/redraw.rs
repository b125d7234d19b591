//! A fork with random draws of its own: what is waited for has not happened by then, so its time is drawn from its
//! law, conditional on being longer than what has passed. Exponential gaps are free; work that is being done stays.

use std::collections::BTreeMap;

use super::{
    Fork,
    ids::SlotId,
    keys::Keys,
    waits::{Drawn, Law, Wait, Waits},
    world::{Event, World},
};
use crate::{
    kernel::{Purpose, Sampler, Stream, math},
    units::{Instant, Span, round_u64},
};

impl World<'_> {
    /// Puts an event on the agenda whose time was drawn from a law.
    #[inline]
    pub(super) fn schedule_chance(&mut self, delay: Span, event: Event, drawn: Drawn) {
        self.schedule(delay, event);
        if let Some(waits) = &mut self.waits {
            let at = self.now.saturating_add(delay.nanos());
            waits.add(Wait { since: self.now, at, event, drawn });
        }
    }

    /// Draws again what has not happened yet, conditional on that.
    pub(super) fn redraw(&mut self, luck: u64) {
        self.forks.push(Fork { at: self.instant(), luck });
        self.streams = self.streams.forked(luck);
        let streams = self.streams;
        let keys = std::mem::replace(&mut self.keys, Keys::new(streams));
        self.keys = keys.forked(streams, self.control.platform.created(), self.data.arrived());
        self.data.redraw(self.plan, self.now, streams, &self.keys);
        self.redraw_waits();
    }

    fn redraw_waits(&mut self) {
        let now = self.now;
        let mut waits = self.waits.take().unwrap_or_else(Waits::new);
        waits.list.retain(|it| it.at > now);
        // what is heard of an endpoint was sent in this order
        waits.list.sort_by_key(|it| it.since);
        let key = self.streams.key(Purpose::Residual);
        let mut heard: BTreeMap<SlotId, u64> = BTreeMap::new();
        let mut moved = Vec::new();
        for wait in &mut waits.list {
            let old = (Instant::from_nanos(wait.at), wait.event);
            let Drawn { law, whose } = wait.drawn;
            let mut stream = key.child(law.kind()).stream(whose);
            if let (Law::Propagation { joins }, Event::Endpoint { slot, .. }) = (law, wait.event) {
                let last = heard.get(&slot).copied();
                wait.at = self.heard_at(wait.since, joins, last, &mut stream);
                heard.insert(slot, wait.at);
            } else {
                let elapsed = now - wait.since;
                let takes = self.takes(law, elapsed, &mut stream).max(elapsed);
                wait.at = wait.since.saturating_add(takes);
                wait.event = ended(wait.event, law, &mut stream);
            }
            moved.push((old, (Instant::from_nanos(wait.at), wait.event)));
        }
        for (slot, at) in heard {
            self.control.platform.instances[slot].news.arrives = at;
        }
        self.move_events(moved);
        self.waits = Some(waits);
    }

    /// Moves events of the agenda, each to its new time; those that lay beyond the end come onto it.
    fn move_events(&mut self, mut moved: Vec<((Instant, Event), (Instant, Event))>) {
        let end = Instant::from_nanos(self.end);
        moved.sort_by_key(|it| it.0.0);
        let beyond = moved.partition_point(|it| it.0.0 <= end);
        let later = moved.split_off(beyond);
        let mut done = vec![false; moved.len()];
        self.agenda.retime(|at, event| {
            let first = moved.partition_point(|it| it.0.0 < at);
            let alike = moved[first..].iter().take_while(|it| it.0.0 == at);
            let place = alike.zip(first..).find(|(it, place)| it.0.1 == event && !done[*place]);
            let (it, place) = place?;
            done[place] = true;
            Some(it.1)
        });
        for (_, (at, event)) in later {
            if at <= end {
                self.agenda.push(at, event);
            }
        }
    }

    /// When what was sent then is heard of an endpoint: not before what was sent earlier, and after now.
    fn heard_at(&self, since: u64, joins: bool, last: Option<u64>, stream: &mut Stream) -> u64 {
        let samplers = &self.plan.samplers;
        let law = if joins { &samplers.joining } else { &samplers.leaving };
        let law = law.as_ref().expect("only what a law decides is noted");
        match last {
            // held back by the one before, so that it may have come by itself already
            Some(last) => since.saturating_add(law.sample(stream)).max(last),
            None => since.saturating_add(law.beyond(self.now - since, stream)),
        }
    }

    /// How long something takes in all, given that it takes longer than this.
    fn takes(&self, law: Law, elapsed: u64, stream: &mut Stream) -> u64 {
        let samplers = &self.plan.samplers;
        let slowed = |sampler: &Sampler, factor: f64, stream: &mut Stream| {
            let usual = round_u64(elapsed as f64 / factor.max(f64::MIN_POSITIVE));
            Span::from_nanos(sampler.beyond(usual, stream)).scale(factor).nanos()
        };
        let by = |sampler: &Option<Sampler>, stream: &mut Stream| {
            sampler.as_ref().map_or(elapsed, |it| it.beyond(elapsed, stream))
        };
        match law {
            Law::Startup { factor, .. } => slowed(&samplers.startup, factor, stream),
            Law::Provision { slower } => {
                samplers.provision.as_ref().map_or(elapsed, |it| slowed(it, slower, stream))
            }
            Law::Gap(mean) => {
                let gap = -math::ln(stream.uniform()) * mean.nanos() as f64;
                elapsed.saturating_add(round_u64(gap))
            }
            Law::Jitter { wait, least } => {
                let wait = wait.nanos() as f64;
                let from = (least * wait).max(elapsed as f64);
                round_u64(from + (wait - from).max(0.0) * stream.uniform())
            }
            Law::Patience(line) => by(&self.plan.lines[line].patience, stream),
            Law::Overhead => by(&samplers.overhead, stream),
            Law::Complaint => samplers.complain_after.beyond(elapsed, stream),
            Law::Acknowledge { night: true } => samplers.acknowledge_night.beyond(elapsed, stream),
            Law::Acknowledge { night: false } => samplers.acknowledge.beyond(elapsed, stream),
            Law::Approve => samplers.approve.beyond(elapsed, stream),
            Law::Build(index) => {
                let build = samplers.actions.get(index).and_then(|it| it.build.as_ref());
                build.map_or(elapsed, |it| it.beyond(elapsed, stream))
            }
            Law::Action(index) => {
                let after =
                    samplers.actions.get(usize::from(index)).and_then(|it| it.after.as_ref());
                match after {
                    Some(after) => after.beyond(elapsed, stream),
                    None => sum_beyond(&samplers.diagnose, &samplers.prepare, elapsed, stream),
                }
            }
            Law::Propagation { .. } => elapsed,
        }
    }
}

/// The sum of two draws, given that it is longer than this.
fn sum_beyond(one: &Sampler, two: &Sampler, elapsed: u64, stream: &mut Stream) -> u64 {
    // so far in the tail there is hardly anything; then it is due
    const TRIES: u32 = 100_000;
    let mut sums = (0..TRIES).map(|_| one.sample(stream).saturating_add(two.sample(stream)));
    sums.find(|it| *it > elapsed).unwrap_or(elapsed)
}

/// What an event becomes: whether a process that is still starting will fail is drawn again.
fn ended(event: Event, law: Law, stream: &mut Stream) -> Event {
    let Law::Startup { failure, .. } = law else { return event };
    let (Event::ProcessUp { slot, epoch } | Event::StartFails { slot, epoch }) = event else {
        return event;
    };
    if failure > 0.0 && stream.chance(failure) {
        Event::StartFails { slot, epoch }
    } else {
        Event::ProcessUp { slot, epoch }
    }
}
