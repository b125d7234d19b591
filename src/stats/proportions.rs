//! Two shares compared once: how surprising is it that the first is so much larger?
//!
//! Each holds its error probability for one look at a sample whose size was fixed beforehand.

use super::special::{ln_beta, ln_beta_upper, normal_tail};

/// `hits` of `tries`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub hits: u64,
    pub tries: u64,
}

impl Share {
    /// The part that hit; none of no tries.
    pub fn rate(self) -> Option<f64> {
        (self.tries > 0).then(|| self.hits as f64 / self.tries as f64)
    }

    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits.saturating_add(other.hits),
            tries: self.tries.saturating_add(other.tries),
        }
    }
}

/// Above this variance of the hypergeometric distribution its tail is taken from the normal one
/// with continuity correction, within 0.3 % at a tail of 1 %; below, at most some ten thousand terms
/// are summed.
const VARIANCE_SUMMED_MAX: f64 = 1e6;

/// A term that does not change the sum of those before it.
const NOTHING: f64 = 1e-17;

/// Variance of the difference of two rates that are the same, estimated from both; none without
/// tries on a side.
pub fn pooled_variance(first: Share, second: Share) -> Option<f64> {
    let pooled = first.plus(second).rate()?;
    let sizes = 1.0 / first.tries as f64 + 1.0 / second.tries as f64;
    sizes.is_finite().then_some(pooled * (1.0 - pooled) * sizes)
}

/// The pooled z statistic of the difference of two rates; 0 where all or none hit, none without
/// tries on a side.
pub fn pooled_z(first: Share, second: Share) -> Option<f64> {
    let variance = pooled_variance(first, second)?;
    let difference = first.rate()? - second.rate()?;
    Some(if variance > 0.0 { difference / variance.sqrt() } else { 0.0 })
}

/// Fisher's exact test, one-sided: the probability that the first share has at least its hits, if
/// all hits fell on the tries by chance. 1 without tries.
pub fn fisher_upper(first: Share, second: Share) -> f64 {
    let table = Table::of(first, second);
    let (low, high) = table.range();
    if table.hits <= low {
        return 1.0;
    }
    if table.variance() > VARIANCE_SUMMED_MAX {
        return normal_tail((table.hits - 0.5 - table.mean()) / table.variance().sqrt());
    }
    if table.hits > table.mean() { table.from(high) } else { 1.0 - table.below(low) }
}

/// Two shares as a table with fixed margins.
struct Table {
    /// Hits of the first share, of both, tries of the first and of the second.
    hits: f64,
    all_hits: f64,
    tries: f64,
    other_tries: f64,
}

impl Table {
    fn of(first: Share, second: Share) -> Self {
        Self {
            hits: first.hits as f64,
            all_hits: first.hits as f64 + second.hits as f64,
            tries: first.tries as f64,
            other_tries: second.tries as f64,
        }
    }

    fn range(&self) -> (f64, f64) {
        ((self.all_hits - self.other_tries).max(0.0), self.all_hits.min(self.tries))
    }

    fn mean(&self) -> f64 {
        self.tries * self.all_hits / (self.tries + self.other_tries)
    }

    fn variance(&self) -> f64 {
        let all = self.tries + self.other_tries;
        let apart = (self.other_tries / all) * (all - self.all_hits) / (all - 1.0).max(1.0);
        (self.mean() * apart).max(0.0)
    }

    /// Logarithm of the probability of so many hits of the first share.
    fn ln_probability(&self, hits: f64) -> f64 {
        ln_choose(self.tries, hits) + ln_choose(self.other_tries, self.all_hits - hits)
            - ln_choose(self.tries + self.other_tries, self.all_hits)
    }

    /// Probability of at least the hits; terms fall from the first on, since that is above the mean.
    fn from(&self, high: f64) -> f64 {
        let (mut term, mut sum, mut at) = (1.0, 0.0, self.hits);
        while at <= high && term > sum * NOTHING {
            sum += term;
            term *= self.step_up(at);
            at += 1.0;
        }
        (libm::exp(self.ln_probability(self.hits)) * sum).min(1.0)
    }

    /// Probability of fewer hits; terms fall downwards, since the first is below the mean.
    fn below(&self, low: f64) -> f64 {
        let mut at = self.hits - 1.0;
        let (mut term, mut sum, first) = (1.0, 0.0, self.ln_probability(at));
        while at >= low && term > sum * NOTHING {
            sum += term;
            at -= 1.0;
            term /= self.step_up(at);
        }
        (libm::exp(first) * sum).min(1.0)
    }

    /// Probability of one hit more over that of so many.
    fn step_up(&self, hits: f64) -> f64 {
        (self.tries - hits) / (hits + 1.0) * (self.all_hits - hits)
            / (self.other_tries - self.all_hits + hits + 1.0)
    }
}

fn ln_choose(all: f64, some: f64) -> f64 {
    -libm::log(all + 1.0) - ln_beta(all - some + 1.0, some + 1.0)
}

/// Probability that the first rate is more than `ratio` (above 0) times the second, seen from flat
/// priors on both rates and events that come by Poisson's law: a gamma posterior on each side, whose
/// quotient is a beta distribution. None without tries on a side.
pub fn chance_above(first: Share, second: Share, ratio: f64) -> Option<f64> {
    if first.tries == 0 || second.tries == 0 {
        return None;
    }
    let scaled = ratio * first.tries as f64;
    let edge = scaled / (scaled + second.tries as f64);
    Some(libm::exp(ln_beta_upper(edge, first.hits as f64 + 1.0, second.hits as f64 + 1.0)))
}
