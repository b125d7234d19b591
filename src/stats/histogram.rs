//! Latencies counted in buckets of nearly constant relative width.

use std::ops::Range;

use super::Rank;
use crate::units::{Span, round_u64};

/// Two to this power linear buckets an octave: a bucket is 1.6 to 3.1 % wide.
const OCTAVE_BITS: u32 = 5;
/// Octaves 2^10 ns (1 microsecond) to 2^50 ns (13 days): a request may wait for its next attempt for days.
const FIRST_OCTAVE: u32 = 10;
const LAST_OCTAVE: u32 = 50;
/// What shift and mantissa come to in the bucket that ends at [`LOWEST`], the first.
const BEFORE_ALL: u64 = (((FIRST_OCTAVE - OCTAVE_BITS + 1) as u64) << OCTAVE_BITS) - 1;
const LOWEST: u64 = 1 << FIRST_OCTAVE;
const HIGHEST: u64 = (1 << LAST_OCTAVE) - 1;

/// Counts of nanoseconds, log-linear, 32 buckets an octave from one microsecond to 13 days.
/// Shorter values share the first bucket, longer ones the last. Count and sum are exact; histograms
/// add up to the same bits in any order.
///
/// Only the octaves between the least and the greatest value have buckets: most histograms of a short
/// trial have a few values, or none.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Counts of the buckets from `first` on; those outside are empty.
    buckets: Vec<u64>,
    first: usize,
    count: u64,
    sum: u128,
    /// The least and the greatest value; the other way round where there is none.
    least: u64,
    greatest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Equal counts, whatever room there is for them.
impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        let same = |bucket: usize| self.at(bucket) == other.at(bucket);
        let whole = |it: &Self| (it.count, it.sum, it.least, it.greatest);
        whole(self) == whole(other) && (0..Self::BUCKETS).all(same)
    }
}

impl Eq for Histogram {}

impl Histogram {
    pub const BUCKETS: usize = 1 + (((LAST_OCTAVE - FIRST_OCTAVE) as usize) << OCTAVE_BITS);

    pub const fn new() -> Self {
        Self { buckets: Vec::new(), first: 0, count: 0, sum: 0, least: u64::MAX, greatest: 0 }
    }

    #[inline]
    pub fn record(&mut self, nanos: u64) {
        self.count += 1;
        self.sum += u128::from(nanos);
        // both are rare: a branch costs less than to write the same again
        if nanos < self.least {
            self.least = nanos;
        }
        if nanos > self.greatest {
            self.greatest = nanos;
        }
        let bucket = bucket_of(nanos);
        match self.buckets.get_mut(bucket.wrapping_sub(self.first)) {
            Some(count) => *count += 1,
            None => self.begin_octave(bucket),
        }
    }

    /// The first value outside of all octaves with buckets.
    #[cold]
    fn begin_octave(&mut self, bucket: usize) {
        self.cover(bucket, bucket);
        self.buckets[bucket - self.first] += 1;
    }

    /// Makes room for the octaves of these buckets and of all between them.
    #[cold]
    fn cover(&mut self, low: usize, high: usize) {
        let octave = 1 << OCTAVE_BITS;
        let (mut from, mut until) = (low / octave * octave, (high / octave + 1) * octave);
        if !self.buckets.is_empty() {
            from = from.min(self.first);
            until = until.max(self.first + self.buckets.len());
        }
        if from < self.first && !self.buckets.is_empty() {
            self.buckets.splice(..0, std::iter::repeat_n(0, self.first - from));
        }
        self.first = from;
        self.buckets.resize(until - from, 0);
    }

    /// Count of a bucket.
    fn at(&self, bucket: usize) -> u64 {
        bucket.checked_sub(self.first).and_then(|it| self.buckets.get(it)).copied().unwrap_or(0)
    }

    /// Where in `buckets` those from the least to the greatest value are: all others are empty.
    fn used(&self) -> Range<usize> {
        if self.is_empty() {
            return 0..0;
        }
        bucket_of(self.least) - self.first..bucket_of(self.greatest) + 1 - self.first
    }

    pub const fn count(&self) -> u64 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sum of the values as recorded, not of their buckets.
    pub const fn sum_nanos(&self) -> u128 {
        self.sum
    }

    /// Mean in seconds; `None` when empty.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / 1e9)
    }

    /// The value that the part `q` (0 to 1) of all values stays below, interpolated in its bucket:
    /// within 1.6 % for values in the histogram's range, and never beyond the least and the greatest
    /// value. `None` when empty.
    pub fn quantile(&self, q: f64) -> Option<Span> {
        if self.is_empty() {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * self.count as f64;
        let whole = round_u64(rank.ceil()).clamp(1, self.count);
        let (mut index, mut below) = (self.used().start, 0);
        while below + self.buckets[index] < whole {
            below += self.buckets[index];
            index += 1;
        }
        let bucket = self.first + index;
        let end = if bucket + 1 < Self::BUCKETS { lower_edge(bucket + 1) } else { self.greatest };
        let (low, high) = (lower_edge(bucket) as f64, end as f64);
        let nanos = low + (high - low) * ((rank - below as f64) / self.buckets[index] as f64);
        let span = Span::from_secs_f64(nanos / 1e9).nanos();
        Some(Span::from_nanos(span.clamp(self.least, self.greatest)))
    }

    /// How many values were above the threshold, to a bucket: the bucket that holds the threshold is
    /// left out unless the threshold is its lower edge, so up to 3.1 % above it are not counted.
    pub fn count_above(&self, threshold: Span) -> u64 {
        let bucket = bucket_of(threshold.nanos());
        let first = if lower_edge(bucket) >= threshold.nanos() { bucket } else { bucket + 1 };
        self.buckets.iter().skip(first.saturating_sub(self.first)).sum()
    }

    /// How many values there are up to each bucket's end, for many questions.
    pub fn ranks(&self) -> Ranks {
        let mut sum = 0;
        let sums = self.buckets.iter().map(|it| {
            sum += it;
            sum
        });
        Ranks { first: self.first, sums: sums.collect(), all: self.count }
    }

    /// Begins of all buckets from the one that holds `low` to the one after that of `high`.
    pub fn edges(low: Span, high: Span) -> impl Iterator<Item = Span> {
        let last = bucket_of(high.nanos()) + 1;
        (bucket_of(low.nanos())..=last).map(|it| Span::from_nanos(lower_edge(it)))
    }

    pub fn add(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        let used = other.used();
        let (low, high) = (other.first + used.start, other.first + used.end - 1);
        if low < self.first || high >= self.first + self.buckets.len() {
            self.cover(low, high);
        }
        let mine = &mut self.buckets[low - self.first..];
        for (mine, theirs) in mine.iter_mut().zip(&other.buckets[used]) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }

    pub fn clear(&mut self) {
        let used = self.used();
        self.buckets[used].fill(0);
        self.count = 0;
        self.sum = 0;
        self.least = u64::MAX;
        self.greatest = 0;
    }
}

/// Counts of a histogram, added up from below.
#[derive(Clone, Debug)]
pub struct Ranks {
    first: usize,
    sums: Vec<u64>,
    all: u64,
}

impl Ranks {
    /// How many values are at or below a point of the stretch from `low` to just before `high`: at
    /// least and at most, since a bucket does not say where in it they are.
    pub fn within(&self, low: Span, high: Span) -> Rank {
        let up_to = |bucket: usize| match bucket.checked_sub(self.first) {
            Some(index) => self.sums.get(index).copied().unwrap_or(self.all),
            None => 0,
        };
        let before = bucket_of(low.nanos()).checked_sub(1);
        let last = bucket_of(high.nanos().saturating_sub(1));
        Rank { least: before.map_or(0, up_to), most: up_to(last), all: self.all }
    }
}

/// Bucket 0 ends at [`LOWEST`]; then 32 for each octave.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "below BUCKETS")]
fn bucket_of(nanos: u64) -> usize {
    // one below the lowest octave lands in the bucket just before its first
    let value = nanos.clamp(LOWEST - 1, HIGHEST);
    let shift = value.ilog2() - OCTAVE_BITS;
    // the leading one of `mantissa` counts as 32, one octave
    let mantissa = value >> shift;
    ((u64::from(shift) << OCTAVE_BITS) + mantissa - BEFORE_ALL) as usize
}

/// Where a bucket begins, in nanoseconds; for `BUCKETS`, where the last one ends.
fn lower_edge(bucket: usize) -> u64 {
    if bucket == 0 {
        return 0;
    }
    let position = bucket as u64 - 1;
    let mantissa = (1 << OCTAVE_BITS) + position % (1 << OCTAVE_BITS);
    mantissa << (position >> OCTAVE_BITS) << (FIRST_OCTAVE - OCTAVE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    #[test]
    fn every_bucket_begins_where_the_one_before_ends() {
        for bucket in 0..Histogram::BUCKETS {
            let (low, high) = (lower_edge(bucket), lower_edge(bucket + 1));
            assert_eq!((bucket_of(low), bucket_of(high - 1)), (bucket, bucket));
            assert!(bucket == 0 || (high - low) * 32 <= low, "{low} to {high}");
        }
        assert_eq!(lower_edge(Histogram::BUCKETS), 1 << 50);
        assert_eq!(bucket_of(u64::MAX), Histogram::BUCKETS - 1);
    }

    #[test]
    fn quantiles_of_log_normal_latencies_are_within_half_a_bucket() {
        // 0.05 e^(1.2 z) seconds at evenly spaced probabilities, z by the normal quantile
        let count = 50_000;
        let nanos = |i: u32| {
            let p = (f64::from(i) + 0.5) / f64::from(count);
            let tail = crate::stats::special::normal_upper(p.min(1.0 - p));
            let z = if p < 0.5 { -tail } else { tail };
            Span::from_secs_f64(0.05 * libm::exp(1.2 * z)).nanos()
        };
        let exact: Vec<u64> = (0..count).map(nanos).collect();
        let histogram = filled(&exact);
        for rank in [50, 500, 5_000, 12_500, 25_000, 37_500, 45_000, 49_500, 49_950, 49_995] {
            let q = rank as f64 / f64::from(count);
            let expected = exact[rank - 1] as f64;
            let found = histogram.quantile(q).unwrap().nanos() as f64;
            assert!((found / expected - 1.0).abs() < 0.016, "{q}: {found} for {expected}");
        }
    }

    #[test]
    fn quantiles_of_waits_of_hours_and_days_are_within_half_a_bucket() {
        // uniform from nothing to twelve days, of which 99.2 % are above 2.4 hours
        let twelve_days = Span::from_secs(12 * 86_400);
        let part = twelve_days.nanos() / 10_000;
        let values: Vec<u64> = (0..10_000).map(|it| part * it + part / 2).collect();
        let histogram = filled(&values);
        for q in [0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
            let found = histogram.quantile(q).unwrap().as_secs_f64();
            let expected = q * twelve_days.as_secs_f64();
            assert!((found / expected - 1.0).abs() < 0.016, "{q}: {found}");
        }
        let above = histogram.count_above(Span::from_secs(6 * 86_400));
        assert!((4_800..=5_000).contains(&above), "{above}");
    }

    #[test]
    fn count_and_sum_are_exact_and_the_ends_are_clamped() {
        let histogram = filled(&[0, 500, 1 << 50]);
        assert_eq!(histogram.count(), 3);
        assert_eq!(histogram.sum_nanos(), 500 + (1 << 50));
        assert_eq!(histogram.mean(), Some(375_299.968_947_708));
        assert!(histogram.quantile(0.5).unwrap() <= Span::from_nanos(1_024));
        assert_eq!(histogram.quantile(1.0), Some(Span::from_nanos(1 << 50)));
    }

    #[test]
    fn a_quantile_lies_between_the_least_and_the_greatest_value() {
        // a point mass is its own quantile, wherever in its bucket it lies
        for value in [0, 700, 67_108_864, 50_000_000, 1 << 50] {
            let mut both = filled(&[value]);
            both.add(&filled(&[value; 999]));
            for q in [0.0, 0.01, 0.5, 0.99, 1.0] {
                assert_eq!(both.quantile(q), Some(Span::from_nanos(value)));
            }
        }
        let three = filled(&[33_000_000, 33_100_000, 33_200_000]);
        for (q, low, high) in [(0.0, 33_000_000, 33_200_000), (1.0, 33_000_000, 33_200_000)] {
            let found = three.quantile(q).unwrap().nanos();
            assert!((low..=high).contains(&found), "{found}");
        }
    }

    #[test]
    fn an_empty_histogram_has_no_mean_and_no_quantiles() {
        let mut histogram = filled(&[1, 2, 3]);
        histogram.clear();
        assert_eq!(histogram, Histogram::new());
        assert!(histogram.is_empty());
        assert_eq!((histogram.mean(), histogram.quantile(0.5)), (None, None));
    }

    #[test]
    fn the_sum_of_histograms_is_the_histogram_of_all_values() {
        let values: Vec<u64> = (0..1_000).map(|n| n * n * 40_009).collect();
        let (first, second) = values.split_at(300);
        let mut sum = filled(first);
        sum.add(&filled(second));
        assert_eq!(sum, filled(&values));
    }

    #[test]
    fn the_order_of_the_values_does_not_matter() {
        let values = [1 << 30, 500, 1 << 20, 1 << 43, 1 << 12];
        let mut turned = values;
        turned.reverse();
        assert_eq!(filled(&values), filled(&turned));
        let mut reused = filled(&[1 << 40, 700]);
        reused.clear();
        reused.add(&filled(&values[2..3]));
        assert_eq!(reused, filled(&[1 << 20]));
        assert_ne!(reused, filled(&[1 << 21]));
        let above = |nanos| filled(&values).count_above(Span::from_nanos(nanos));
        assert_eq!([0, 1 << 12, 1 << 20, 1 << 31].map(above), [5, 4, 3, 1]);
    }

    #[test]
    fn ranks_are_known_to_a_bucket() {
        let ranks = filled(&[1_024, 1_055, 1_056, 5_000]).ranks();
        let at = |low: u64, high: u64| {
            let rank = ranks.within(Span::from_nanos(low), Span::from_nanos(high));
            (rank.least, rank.most, rank.all)
        };
        // the first bucket above 1,024 ns ends at 1,056
        assert_eq!(
            [at(0, 1_024), at(1_024, 1_056), at(1_030, 1_057)],
            [(0, 0, 4), (0, 2, 4), (0, 3, 4)]
        );
        assert_eq!([at(1_056, 1_088), at(1_088, 9_000)], [(2, 3, 4), (3, 4, 4)]);
        let edges: Vec<u64> = Histogram::edges(Span::from_nanos(1_030), Span::from_nanos(1_060))
            .map(Span::nanos)
            .collect();
        assert_eq!(edges, [1_024, 1_056, 1_088]);
    }

    #[test]
    fn values_above_a_threshold_are_counted_to_a_bucket() {
        let histogram = filled(&[1_024, 1_055, 1_056, 5_000]);
        // the first bucket above 1,024 ns ends at 1,056
        for (threshold, expected) in [(1_024, 4), (1_025, 2), (1_056, 2), (1_057, 1), (6_000, 0)] {
            assert_eq!(histogram.count_above(Span::from_nanos(threshold)), expected, "{threshold}");
        }
    }
}
