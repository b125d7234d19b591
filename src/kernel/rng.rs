//! The only source of chance: a stream for each purpose and entity, all from one seed.
//!
//! A stream is a counter passed through the finaliser of splitmix64 (Steele, Lea, Flood, "Fast
//! splittable pseudorandom number generators", 2014, with Stafford's variant 13). Nothing is stored:
//! a draw is made when it is needed, in any order, and is the same under every strategy compared.

use std::{convert::Infallible, fmt};

use rand::TryRng;

#[cfg(test)]
use super::witness::Origin;

/// Step of a stream's counter: 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// Distance between entities, purposes or children before mixing. Odd, so that no two collide.
const SPREAD: u64 = 0xD134_2543_DE82_EF95;
/// Sets replications and children apart from purposes and entities with the same number.
const REPLICATION: u64 = 0xA5A3_5625_5A1B_9D6D;
const CHILD: u64 = 0x5851_F42D_4C95_7F2D;
/// Sets forks apart from all of these: the first digits of pi after the point.
const FORK: u64 = 0x243F_6A88_85A3_08D3;

/// Stafford's variant 13: a bijection in which each bit of the input moves half of the output.
#[inline]
pub(super) const fn mix(value: u64) -> u64 {
    let z = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Where all chance of a trial begins. Any number is as good as any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// What is used when no seed is given: fixed, so that a run without options repeats.
    pub const DEFAULT: Self = Self(1);

    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    /// Seed of one replication of a study. Replication 0 is the seed itself, so that a single trial
    /// and the first of a thousand are the same trial.
    #[must_use]
    pub const fn replication(self, index: u64) -> Self {
        if index == 0 {
            return self;
        }
        Self(mix(mix(self.0 ^ REPLICATION).wrapping_add(index.wrapping_mul(SPREAD))))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a draw decides. Draws of different purposes never share numbers, so that a strategy that
/// asks once more for one of them shifts none of the others.
///
/// The numbers are part of every published result: append, never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    Arrival = 1,
    User = 2,
    Operation = 3,
    Service = 4,
    /// Whether a request with some chance of failing fails.
    Luck = 5,
    Routing = 6,
    Sticky = 7,
    Attribute = 8,
    Retry = 9,
    Patience = 10,
    Startup = 11,
    Probe = 12,
    Fault = 13,
    FaultOnset = 14,
    Operator = 15,
    Complaint = 16,
    Database = 17,
    Dependency = 18,
    Burst = 19,
    Cohort = 20,
    Scrape = 21,
    Repair = 22,
    Release = 23,
    /// How an instance differs from its like.
    Instance = 24,
    /// How long the provisioning of a machine takes.
    Machine = 25,
    /// How long the balancer takes to hear of an endpoint.
    Propagation = 26,
    /// What network and proxy take of a request's time.
    Network = 27,
    /// When the balancer checks an endpoint.
    Check = 28,
    /// What is left of a wait where a trial is forked.
    Residual = 29,
}

/// All streams of one trial.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    root: u64,
}

impl Streams {
    pub const fn new(seed: Seed) -> Self {
        Self { root: mix(seed.0.wrapping_add(STEP)) }
    }

    /// Streams for what has not happened yet where a trial is forked: as far from these as those of
    /// another seed, for every `luck`, 0 included. To go on as if there were no fork, keep these.
    #[must_use]
    pub const fn forked(self, luck: u64) -> Self {
        Self { root: mix((self.root ^ FORK).wrapping_add(luck.wrapping_mul(SPREAD))) }
    }

    pub const fn key(&self, purpose: Purpose) -> Key {
        let bits = mix(self.root.wrapping_add((purpose as u64).wrapping_mul(SPREAD)));
        Key {
            bits,
            #[cfg(test)]
            origin: Origin::purpose(purpose),
        }
    }
}

/// The family of streams of one purpose, one stream for each entity.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    bits: u64,
    #[cfg(test)]
    origin: Origin,
}

impl Key {
    /// Family of streams named by these bits alone: a hash, the same in every trial.
    pub const fn of_bits(bits: u64) -> Self {
        Self {
            bits: mix(bits.wrapping_add(STEP)),
            #[cfg(test)]
            origin: Origin::NOWHERE,
        }
    }

    /// Family of its own within this one, for example for the `n`-th fault.
    #[must_use]
    pub const fn child(self, n: u64) -> Self {
        Self {
            bits: mix((self.bits ^ CHILD).wrapping_add(n.wrapping_mul(SPREAD))),
            #[cfg(test)]
            origin: self.origin.child(n),
        }
    }

    /// The stream of an entity: a request, user, instance. Its start is mixed once more, so that
    /// neighbouring entities begin far apart on the counter's cycle.
    #[inline]
    pub fn stream(self, entity: u64) -> Stream {
        Stream {
            state: mix(self.bits.wrapping_add(entity.wrapping_mul(SPREAD))),
            #[cfg(test)]
            origin: self.origin.entity(self, entity),
        }
    }

    /// First [`Stream::uniform`] of the entity's stream.
    #[inline]
    pub fn uniform(self, entity: u64) -> f64 {
        self.stream(entity).uniform()
    }

    /// First [`Stream::bits`] of the entity's stream.
    #[inline]
    pub fn bits(self, entity: u64) -> u64 {
        self.stream(entity).bits()
    }
}

/// Draws for one entity and purpose. Two streams of a trial may share a few draws (ten million
/// streams of four draws: odds of one in 46,000), which harms no statistic.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    state: u64,
    #[cfg(test)]
    origin: Origin,
}

impl Stream {
    /// 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        let bits = mix(self.state);
        #[cfg(test)]
        let bits = {
            let after = *self;
            self.origin.drawn(after, bits)
        };
        bits
    }

    /// Uniform in the open interval (0, 1), 53 bits. Never 0, so that its logarithm is finite: the
    /// one draw in 2^53 that would be 0 becomes 2^-54.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        const ULP: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.bits() >> 11) as f64).max(0.5) * ULP
    }

    /// Uniform in `0..n`, for `n` of at least 1, by Lemire's multiply and shift without rejection:
    /// a value is at most `n / 2^64` (relative) more likely than another.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing is below zero");
        high_half(u128::from(self.bits()) * u128::from(n))
    }

    /// True with probability `p`; always for `p` of 1 or more, never for 0 or less.
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

#[inline]
const fn high_half(product: u128) -> u64 {
    (product >> 64) as u64
}

/// Lets published samplers draw from a stream.
impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for chunk in target.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::testing::{chi_square, correlation, fnv};

    const DRAWS: u64 = 1_000_000;

    fn key(seed: u64, purpose: Purpose) -> Key {
        Streams::new(Seed::new(seed)).key(purpose)
    }

    #[track_caller]
    fn check_uniform(cells: impl Iterator<Item = u64>) {
        let statistic = chi_square(cells.map(|bits| bits % 256), 256);
        // 255 degrees of freedom: standard deviation 22.6
        assert!((statistic - 255.0).abs() < 4.0 * 22.6, "chi-square {statistic}");
    }

    #[test]
    fn draws_are_uniform_within_a_stream_and_across_entities_purposes_and_children() {
        let arrivals = key(1, Purpose::Arrival);
        for shift in [0, 24, 56] {
            let mut stream = arrivals.stream(7);
            check_uniform((0..DRAWS).map(|_| stream.bits() >> shift));
            check_uniform((0..DRAWS).map(|entity| arrivals.bits(entity) >> shift));
            check_uniform((0..DRAWS).map(|n| arrivals.child(n).bits(0) >> shift));
            check_uniform((0..DRAWS).map(|seed| key(seed, Purpose::Fault).bits(3) >> shift));
            check_uniform((0..DRAWS).map(|entity| arrivals.bits(entity << 32) >> shift));
        }
    }

    #[test]
    fn neighbouring_entities_are_independent() {
        for purpose in [Purpose::Arrival, Purpose::Service, Purpose::Routing, Purpose::Fault] {
            let key = key(1, purpose);
            for distance in [1, 2, 64] {
                let pairs = (0..DRAWS).map(|n| (key.uniform(n), key.uniform(n + distance)));
                let r = correlation(pairs);
                assert!(r.abs() < 4.0, "{purpose:?} at {distance}: {r} standard errors");
            }
        }
    }

    #[test]
    fn successive_draws_are_independent() {
        let key = key(1, Purpose::Service);
        let of_one_entity = |n| {
            let mut stream = key.stream(n);
            (stream.uniform(), stream.uniform())
        };
        assert!(correlation((0..DRAWS).map(of_one_entity)).abs() < 4.0);
        let mut stream = key.stream(0);
        let of_one_stream = (0..DRAWS).map(|_| (stream.uniform(), stream.uniform()));
        assert!(correlation(of_one_stream).abs() < 4.0);
    }

    #[test]
    fn purposes_children_seeds_and_replications_are_independent() {
        let [a, b] = [Purpose::Arrival, Purpose::User].map(|purpose| key(1, purpose));
        let next_seed = key(2, Purpose::Arrival);
        let replication = Streams::new(Seed::new(1).replication(1)).key(Purpose::Arrival);
        for other in [b, a.child(0), a.child(1), next_seed, replication] {
            for shift in [0, 1] {
                let pairs = (0..DRAWS).map(|n| (a.uniform(n), other.uniform(n + shift)));
                assert!(correlation(pairs).abs() < 4.0);
            }
        }
    }

    #[test]
    fn a_uniform_lies_strictly_between_zero_and_one() {
        // start states whose first output is all zeros and all ones
        let zeros = Stream { state: 0_u64.wrapping_sub(STEP), origin: Origin::NOWHERE };
        assert_eq!(zeros.clone().bits(), 0);
        let smallest = zeros.clone().uniform();
        assert!(smallest > 0.0 && smallest < 1e-16);
        let largest = ((u64::MAX >> 11) as f64).max(0.5) / (1_u64 << 53) as f64;
        assert!(largest < 1.0);
    }

    #[test]
    fn whole_numbers_below_a_bound_are_equally_likely() {
        let mut stream = key(1, Purpose::Sticky).stream(0);
        let statistic = chi_square((0..DRAWS).map(|_| stream.below(7)), 7);
        assert!(statistic < 27.9, "chi-square {statistic}, 6 degrees of freedom, 1 in 10,000");
        assert_eq!(stream.below(1), 0);
        assert!((0..100).all(|_| stream.chance(1.0) && !stream.chance(0.0)));
    }

    #[test]
    fn replication_zero_is_the_seed_itself_and_the_others_differ() {
        let seed = Seed::new(42);
        assert_eq!(seed.replication(0), seed);
        let mut seeds: Vec<u64> = (0..10_000).map(|n| seed.replication(n).get()).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 10_000);
    }

    #[test]
    fn a_published_sampler_draws_the_same_bits() {
        use rand::Rng;
        let mut stream = key(1, Purpose::Luck).stream(5);
        let (mut ours, mut bytes) = (stream, [0; 12]);
        stream.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], ours.bits().to_le_bytes());
        assert_eq!(bytes[8..], ours.bits().to_le_bytes()[..4]);
        assert_eq!(stream.next_u64(), ours.bits());
        assert_eq!(u64::from(stream.next_u32()), ours.bits() >> 32);
    }

    /// Results that were published must stay repeatable: a change here is a new major version.
    #[test]
    fn not_a_bit_of_any_stream_may_change() {
        let first = |seed, purpose, entity| key(seed, purpose).bits(entity);
        assert_eq!(first(1, Purpose::Arrival, 0), 9_702_963_844_470_346_016);
        assert_eq!(first(1, Purpose::Service, 123_456_789), 10_631_374_344_274_978_245);
        assert_eq!(first(u64::MAX, Purpose::Release, 1), 107_051_265_407_510_210);
        assert_eq!(key(1, Purpose::Fault).child(2).bits(3), 4_995_530_146_802_353_065);
        assert_eq!(Seed::DEFAULT.replication(1).get(), 3_913_529_773_254_952_443);
        let forked = |luck| Streams::new(Seed::DEFAULT).forked(luck).key(Purpose::Arrival).bits(0);
        assert_eq!([forked(0), forked(7)], [4_175_861_355_468_619_996, 6_171_070_602_602_002_418]);
        let mut stream = key(7, Purpose::Retry).stream(11);
        assert_eq!(fnv((0..1_000).map(|_| stream.bits())), 5_675_361_458_505_376_126);
    }
}
