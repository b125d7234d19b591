//! The samplers against published ones.

use rand::distr::Distribution;
use rollsim::{
    kernel::{Purpose, Sampler, Seed, Stream, Streams},
    units::Span,
};

const SECOND: Span = Span::from_secs(1);
const DRAWS: usize = 400_000;

fn stream(entity: u64) -> Stream {
    Streams::new(Seed::DEFAULT).key(Purpose::Service).stream(entity)
}

/// Seconds.
fn ours(sampler: &Sampler) -> Vec<f64> {
    let mut stream = stream(0);
    (0..DRAWS).map(|_| sampler.sample(&mut stream) as f64 / 1e9).collect()
}

/// Largest distance between two empirical distribution functions (Kolmogorov, Smirnov).
fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let mut below = 0;
    let mut largest = 0.0_f64;
    for (rank, value) in a.iter().enumerate() {
        below += b[below..].partition_point(|other| other < value);
        let gap = rank as f64 / a.len() as f64 - below as f64 / b.len() as f64;
        largest = largest.max(gap.abs());
    }
    largest
}

#[track_caller]
fn check_against(published: &impl Distribution<f64>, sampler: &Sampler) {
    let mut stream = stream(1);
    let theirs = (0..DRAWS).map(|_| published.sample(&mut stream)).collect();
    // equal distributions stay below in all but 1 of 10,000 pairs: 2.23 sqrt(2 / n)
    let limit = 2.23 * (2.0 / DRAWS as f64).sqrt();
    let found = distance(ours(sampler), theirs);
    assert!(found < limit, "{found} above {limit}");
}

#[test]
fn published_samplers_draw_from_the_same_distributions() {
    use rand_distr::{Gamma, LogNormal, Pareto, Weibull};
    let log_normal = LogNormal::new(0.0, 1.5).unwrap();
    check_against(&log_normal, &Sampler::log_normal(SECOND, 1.5));
    let gamma = Gamma::new(4.0, 0.25).unwrap();
    check_against(&gamma, &Sampler::gamma(SECOND, 4.0));
    let boosted = Gamma::new(0.3, 1.0 / 0.3).unwrap();
    check_against(&boosted, &Sampler::gamma(SECOND, 0.3));
    let weibull = Weibull::new(1.0, 1.7).unwrap();
    check_against(&weibull, &Sampler::weibull(SECOND, 1.7));
    let pareto = Pareto::new(1.0, 1.2).unwrap();
    check_against(&pareto, &Sampler::pareto(SECOND, 1.2));
}
