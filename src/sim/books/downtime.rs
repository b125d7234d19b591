//! Downtime: time in which the bot failed more often than not, in slices of fixed length.

/// Length of a slice in nanoseconds: short beside any outage that people tell each other about, long beside the
/// time between two requests of all but the quietest bots.
const SLICE: u64 = 5_000_000_000;

/// The slice that the trial is in, and what came before it.
#[derive(Clone, Debug)]
pub(super) struct Downtime {
    /// Where counting begins, and where the present slice ends.
    counts_from: u64,
    end: u64,
    good: u64,
    failed: u64,
    /// The last slice in which a request ended was down.
    down: bool,
    total: u64,
}

impl Downtime {
    pub(super) const fn new(counts_from: u64) -> Self {
        Self { counts_from, end: SLICE, good: 0, failed: 0, down: false, total: 0 }
    }

    /// A request has ended; `failed` where it has no good answer, other than on a normal day.
    #[inline]
    pub(super) fn request_ends(&mut self, failed: bool, now: u64) {
        if now >= self.end {
            self.close(now);
        }
        self.good += u64::from(!failed);
        self.failed += u64::from(failed);
    }

    /// Closes the present slice and those after it, up to the one that `now` is in.
    #[cold]
    fn close(&mut self, now: u64) {
        self.judge(self.end);
        // a slice in which nothing ended is like the one before it
        let next = now / SLICE * SLICE;
        if self.down {
            self.add(self.end, next);
        }
        self.end = next + SLICE;
    }

    /// Judges the present slice, up to an instant in it.
    fn judge(&mut self, until: u64) {
        if self.good + self.failed > 0 {
            self.down = self.failed >= self.good;
        }
        if self.down {
            self.add(self.end - SLICE, until);
        }
        (self.good, self.failed) = (0, 0);
    }

    fn add(&mut self, from: u64, until: u64) {
        self.total += until.saturating_sub(from.max(self.counts_from));
    }

    /// All of it, in nanoseconds, at the end of the trial.
    pub(super) fn until(mut self, end: u64) -> u64 {
        if end >= self.end {
            self.close(end);
        }
        self.judge(end);
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// Downtime in seconds of a minute, of requests at these seconds.
    fn downtime(counts_from: u64, requests: impl Iterator<Item = (u64, bool)>) -> u64 {
        let mut downtime = Downtime::new(counts_from * SECOND);
        for (at, failed) in requests {
            downtime.request_ends(failed, at * SECOND);
        }
        downtime.until(60 * SECOND) / SECOND
    }

    #[test]
    fn an_outage_is_as_long_as_the_slices_that_it_fills() {
        let each = |from: u64, until: u64| (0..60).map(move |at| (at, (from..until).contains(&at)));
        assert_eq!(downtime(0, each(10, 50)), 40);
        // 12 s to 48 s: three of the first five requests fail, three of the last
        assert_eq!(downtime(0, each(12, 48)), 40);
        assert_eq!(downtime(0, each(13, 47)), 30);
        assert_eq!(downtime(0, each(0, 0)), 0);
        assert_eq!(downtime(20, each(10, 50)), 30);
        assert_eq!(downtime(0, each(50, 60)), 10);
    }

    #[test]
    fn silence_is_like_what_came_before_it() {
        let quiet = |failed: bool| [(1, false), (11, failed), (41, false)].into_iter();
        assert_eq!(downtime(0, quiet(true)), 30);
        assert_eq!(downtime(0, quiet(false)), 0);
        // down to the end
        assert_eq!(downtime(0, [(31, true)].into_iter()), 30);
    }

    #[test]
    fn half_of_the_requests_is_enough() {
        let half = [(1, true), (2, false), (6, false)].into_iter();
        assert_eq!(downtime(0, half), 5);
    }
}
