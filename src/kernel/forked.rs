//! Streams of forks against those of the trials that were forked, and against each other.

use super::{
    Key, PURPOSES, Purpose, Seed, Streams,
    testing::{chi_square, correlation},
};

const DRAWS: u64 = 250_000;
const BEFORE: Streams = Streams::new(Seed::DEFAULT);

/// How far two families are from independent, in standard errors: entity by entity, and each with the
/// next of the other.
fn correlations(key: Key, other: Key) -> [f64; 2] {
    [0, 1].map(|shift| correlation((0..DRAWS).map(|n| (key.uniform(n), other.uniform(n + shift)))))
}

#[test]
fn a_fork_is_independent_of_what_it_was_forked_from() {
    let again = BEFORE.forked(1).forked(0);
    for other in [BEFORE.forked(0), BEFORE.forked(1), BEFORE.forked(u64::MAX), again] {
        for purpose in [Purpose::Service, Purpose::FaultOnset] {
            let r = correlations(BEFORE.key(purpose), other.key(purpose));
            assert!(r.iter().all(|it| it.abs() < 4.0), "{purpose:?}: {r:?}");
        }
    }
}

#[test]
fn forks_of_one_trial_are_independent_of_each_other() {
    let first = |luck: u64| BEFORE.forked(luck).key(Purpose::Service);
    for distance in [1, 2, 1 << 32] {
        let pairs = (0..DRAWS).map(|it| (first(it).uniform(7), first(it + distance).uniform(7)));
        assert!(correlation(pairs).abs() < 4.0);
    }
    let statistic = chi_square((0..DRAWS).map(|luck| first(luck).bits(3) % 256), 256);
    // 255 degrees of freedom: standard deviation 22.6
    assert!((statistic - 255.0).abs() < 4.0 * 22.6, "chi-square {statistic}");
}

#[test]
fn no_stream_of_a_fork_is_one_of_before() {
    let forks = (0..30).map(|luck| BEFORE.forked(luck));
    let twice = (0..30).map(|luck| BEFORE.forked(luck).forked(luck));
    let seeds = (0..30).map(|seed| Streams::new(Seed::new(seed)));
    let all: Vec<Streams> = forks.chain(twice).chain(seeds).collect();
    let keys = all.iter().flat_map(|it| PURPOSES.iter().map(|(of, ..)| it.key(*of)));
    let streams = keys.flat_map(|key| [0, 1, 2, 1_000].map(|entity| key.stream(entity)));
    // where one stream runs into another, some of these are equal
    let mut drawn: Vec<u64> = streams.flat_map(|mut it| [(); 20].map(|()| it.bits())).collect();
    let count = drawn.len();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), count);
}
