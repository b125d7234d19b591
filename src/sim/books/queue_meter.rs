//! How many requests wait at instances, all together: their mean over time and their most.

/// The length of all queues, integrated over time.
#[derive(Clone, Debug)]
pub(in crate::sim) struct QueueMeter {
    /// Where counting begins, in nanoseconds.
    counts_from: u64,
    pub(super) length: u64,
    /// Most that waited at once since counting began.
    pub(super) most: u64,
    area: u128,
    /// Up to when it is integrated.
    until: u64,
}

impl QueueMeter {
    pub(super) const fn new(counts_from: u64) -> Self {
        Self { counts_from, length: 0, most: 0, area: 0, until: 0 }
    }

    /// One more waits.
    #[inline]
    pub(in crate::sim) fn joins(&mut self, now: u64) {
        self.integrate(now);
        self.length += 1;
        if now >= self.counts_from {
            self.most = self.most.max(self.length);
        }
    }

    /// So many wait no longer.
    #[inline]
    pub(in crate::sim) fn leave(&mut self, count: u64, now: u64) {
        self.integrate(now);
        self.length -= count;
    }

    #[inline]
    fn integrate(&mut self, now: u64) {
        let from = self.until.max(self.counts_from).min(now);
        self.area += u128::from(self.length) * u128::from(now - from);
        self.until = now;
    }

    /// Mean length from where counting begins to the end of the trial; none where there is no such time.
    pub(super) fn mean(mut self, end: u64) -> Option<f64> {
        self.integrate(end);
        let time = end.saturating_sub(self.counts_from);
        (time > 0).then(|| self.area as f64 / time as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_taken_over_time_and_the_most_from_where_counting_begins() {
        let mut meter = QueueMeter::new(100);
        meter.joins(10);
        meter.joins(20);
        meter.leave(1, 90);
        // one from 100 to 150, two from 150 to 175, none from 175 to 200
        meter.joins(150);
        meter.leave(2, 175);
        assert_eq!(meter.most, 2);
        assert_eq!(meter.clone().mean(200), Some(1.0));
        assert_eq!(meter.mean(100), None);
    }
}
