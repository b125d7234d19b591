//! How busy an instance has been over a span that ends now, kept exactly: for faults that wait for a load.

use std::collections::VecDeque;

/// The integral of the number of busy workers over a sliding window.
#[derive(Clone, Debug)]
pub(super) struct LoadMeter {
    /// Length of the window in nanoseconds.
    over: u64,
    /// Busy workers times nanoseconds at which the share in question is reached.
    limit: u128,
    /// How many were busy from when on, oldest first; the last holds until now. Before the first, none was.
    steps: VecDeque<(u64, u32)>,
    /// Where the window begins.
    from: u64,
    until: u64,
    area: u128,
    /// When its next event is due.
    pub(super) armed: u64,
}

impl LoadMeter {
    /// `share` of so many workers, over so many nanoseconds.
    pub(super) fn new(share: f64, workers: u32, over: u64, now: u64) -> Self {
        let limit = share * f64::from(workers) * over as f64;
        Self {
            over,
            limit: u128::from(crate::units::round_u64(limit)),
            steps: VecDeque::from([(now, 0)]),
            from: now.saturating_sub(over),
            until: now,
            area: 0,
            armed: u64::MAX,
        }
    }

    /// From now on so many are busy.
    pub(super) fn step(&mut self, now: u64, busy: u32) {
        self.advance(now);
        match self.steps.back_mut() {
            Some((at, before)) if *at == now => *before = busy,
            _ => self.steps.push_back((now, busy)),
        }
    }

    /// Whether more than the share in question was busy, mean over the window that ends now.
    pub(super) fn is_above(&mut self, now: u64) -> bool {
        self.advance(now);
        self.area > self.limit
    }

    fn advance(&mut self, now: u64) {
        self.area += u128::from(self.busy()) * u128::from(now - self.until);
        self.until = now;
        let from = now.saturating_sub(self.over);
        while self.from < from {
            let (start, busy) = self.steps[0];
            let end = self.steps.get(1).map_or(now, |it| it.0);
            let cut = if self.from < start { start.min(from) } else { end.min(from) };
            let gone = if self.from < start { 0 } else { busy };
            self.area -= u128::from(gone) * u128::from(cut - self.from);
            self.from = cut;
            if cut == end && self.steps.len() > 1 {
                self.steps.pop_front();
            }
        }
    }

    fn busy(&self) -> u32 {
        self.steps.back().map_or(0, |it| it.1)
    }

    /// Nanoseconds until the answer of [`Self::is_above`] may change, as long as nothing steps; none where it
    /// will not. Every piece between two old steps is a straight line.
    pub(super) fn next_change(&self) -> Option<u64> {
        let (start, leaving) = self.steps[0];
        let leaving = if self.from < start { 0 } else { leaving };
        // where the slope changes: the window's start comes to the next step
        let bend = if self.from < start { Some(start) } else { self.steps.get(1).map(|it| it.0) };
        let bend = bend.map(|at| at - self.from);
        let slope = i64::from(self.busy()) - i64::from(leaving);
        let above = self.area > self.limit;
        let gap = self.area.abs_diff(self.limit);
        let rate = u128::from(slope.unsigned_abs());
        let crossing = match (above, slope) {
            // the first nanosecond beyond the limit, or the first at it
            (false, 1..) => Some(gap / rate + 1),
            (true, ..=-1) => Some(gap.div_ceil(rate)),
            _ => None,
        };
        let crossing = crossing.map(|it| u64::try_from(it).unwrap_or(u64::MAX).max(1));
        match (crossing, bend) {
            (Some(crossing), Some(bend)) => Some(crossing.min(bend.max(1))),
            (one, other) => one.or(other.map(|it| it.max(1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moves on by the meter's own events, and gives the first instant with another answer.
    fn turns(meter: &mut LoadMeter, mut now: u64, before: bool) -> Option<u64> {
        while let Some(after) = meter.next_change() {
            now += after;
            if meter.is_above(now) != before {
                return Some(now);
            }
        }
        None
    }

    #[test]
    fn a_load_is_reached_at_the_instant_of_arithmetic() {
        // 4 workers, 50 % over 1,000 ns: 2,000 worker nanoseconds. All four busy from 100 on: at 600
        let mut meter = LoadMeter::new(0.5, 4, 1_000, 0);
        meter.step(100, 4);
        assert_eq!(turns(&mut meter, 100, false), Some(601));
        // idle from 800 on, with 2,800 in the window: they leave from 1,100 on, 4 a nanosecond
        meter.step(800, 0);
        assert_eq!(turns(&mut meter, 800, true), Some(1_300));
        assert_eq!(turns(&mut meter, 1_300, false), None);
    }

    #[test]
    fn a_load_at_its_limit_is_never_above_it() {
        let mut meter = LoadMeter::new(0.5, 2, 100, 0);
        meter.step(0, 1);
        assert_eq!(turns(&mut meter, 0, false), None);
    }

    #[test]
    fn the_mean_over_the_window_is_exact_whatever_happened_before() {
        let mut meter = LoadMeter::new(0.4, 3, 50, 0);
        let mut history: Vec<u32> = Vec::new();
        let mut busy = 0;
        for now in 0..2_000_u64 {
            // a fixed and irregular sequence of steps
            if now * now % 7 < 2 {
                busy = u32::try_from(now * 31 % 4).unwrap();
                meter.step(now, busy);
            }
            let window: u32 = history.iter().rev().take(50).sum();
            assert_eq!(meter.is_above(now), f64::from(window) > 60.0, "{now}");
            history.push(busy);
        }
    }
}
