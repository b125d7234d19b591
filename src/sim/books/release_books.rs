//! The books of one release: what its attempts came to.

use crate::{stats::Histogram, units::Span};

/// What the attempts of one release came to.
#[derive(Clone, Debug, Default)]
pub(super) struct ReleaseBooks {
    /// Good answers, from the first attempt of the request on.
    pub(super) latency: Histogram,
    /// Waits of those that waited.
    pub(super) waits: Histogram,
    /// Attempts that have waited out their wait: taken up by a worker, or hung up on.
    pub(super) waited_out: u64,
    /// Requests whose last attempt failed there.
    pub(super) failed: u64,
}

impl ReleaseBooks {
    pub(super) fn add(&mut self, other: &Self) {
        self.latency.add(&other.latency);
        self.waits.add(&other.waits);
        self.waited_out += other.waited_out;
        self.failed += other.failed;
    }

    pub(super) fn latency_quantile(&self, q: f64) -> Option<f64> {
        self.latency.quantile(q).map(Span::as_secs_f64)
    }

    /// Mean wait in seconds, of those that did not wait too.
    pub(super) fn wait_mean(&self) -> Option<f64> {
        let all = self.waited_out as f64;
        (self.waited_out > 0).then(|| self.waits.sum_nanos() as f64 / all / 1e9)
    }

    /// Quantile of the wait of all attempts, those that did not wait included.
    pub(super) fn wait_quantile(&self, q: f64) -> Option<f64> {
        let (waited, all) = (self.waits.count() as f64, self.waited_out as f64);
        if all <= 0.0 {
            return None;
        }
        let below = all - waited;
        if q * all <= below {
            return Some(0.0);
        }
        let within = (q * all - below) / waited;
        self.waits.quantile(within).map(Span::as_secs_f64)
    }

    pub(super) fn failed_share(&self) -> Option<f64> {
        let all = self.latency.count() + self.failed;
        (all > 0).then(|| self.failed as f64 / all as f64)
    }
}
