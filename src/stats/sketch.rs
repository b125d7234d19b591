//! Which values came how often, in bounded memory.

use std::collections::BTreeMap;

/// Bits of a float that are dropped: those of the mantissa below its first eight.
const DROPPED: u32 = 44;

/// Counts of values of zero or more in buckets of a relative width of at most 0.4 %. Whole numbers up
/// to 512 have a bucket of their own. Sketches add up to the same bits in any order; a sketch of `d`
/// decades has at most 1,000 `d` buckets, however many values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// By the leading bits of the value, which are in the order of the values.
    buckets: BTreeMap<u64, u64>,
    count: u64,
}

impl Sketch {
    /// Counts a value; a negative one as zero.
    pub fn record(&mut self, value: f64) {
        assert!(value.is_finite(), "only what is finite can be counted");
        *self.buckets.entry(value.max(0.0).to_bits() >> DROPPED).or_default() += 1;
        self.count += 1;
    }

    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Values above zero.
    pub fn events(&self) -> u64 {
        self.count - self.buckets.get(&0).copied().unwrap_or(0)
    }

    /// Values in rising order, each the lower edge of its bucket, with how often they came.
    pub fn points(&self) -> impl Iterator<Item = (f64, u64)> {
        self.buckets.iter().map(|(&bits, &count)| (f64::from_bits(bits << DROPPED), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_whole_numbers_are_kept_exactly() {
        let mut sketch = Sketch::default();
        for value in 0..=512 {
            sketch.record(f64::from(value));
        }
        let values: Vec<f64> = sketch.points().map(|(value, _)| value).collect();
        let wanted: Vec<f64> = (0..=512).map(f64::from).collect();
        assert_eq!(values, wanted);
    }

    #[test]
    fn no_value_is_moved_by_more_than_its_bucket() {
        for value in [1e-9, 0.1, 3.0, 777.7, 1e6 + 0.5, 8.9e12] {
            let mut sketch = Sketch::default();
            sketch.record(value);
            let (kept, count) = sketch.points().next().unwrap();
            assert_eq!(count, 1);
            assert!(kept <= value && value < kept * 1.003_91, "{value} became {kept}");
        }
    }

    #[test]
    fn what_is_below_zero_counts_as_zero() {
        let mut sketch = Sketch::default();
        sketch.record(-2.0);
        sketch.record(-0.0);
        assert_eq!(sketch.points().collect::<Vec<_>>(), [(0.0, 2)]);
    }
}
