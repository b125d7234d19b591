use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use proptest::prelude::*;

use super::*;
use crate::{
    kernel::{Purpose, Seed, Stream, Streams, testing::fnv},
    units::Span,
};

const SECOND: Span = Span::from_secs(1);
const NANOS: f64 = 1e9;
const DRAWS: usize = 100_000;

/// Of seconds: the probability of taking longer.
type Survival = Box<dyn Fn(f64) -> f64>;

struct Law {
    sampler: Sampler,
    survival: Survival,
    ages: [f64; 3],
}

fn law(sampler: Sampler, ages: [f64; 3], survival: impl Fn(f64) -> f64 + 'static) -> Law {
    Law { sampler, survival: Box::new(survival), ages }
}

fn stream(entity: u64) -> Stream {
    Streams::new(Seed::DEFAULT).key(Purpose::Startup).stream(entity)
}

fn nanos(seconds: f64) -> u64 {
    round_u64(seconds * NANOS)
}

/// Gamma of shape 2.5 and scale 1: that of shape 1/2, twice by parts.
fn gamma_two_and_a_half(x: f64) -> f64 {
    let root = x.sqrt();
    libm::erfc(root)
        + libm::exp(-x) * (root / 0.886_226_925_452_758 + x * root / 1.329_340_388_179_137)
}

/// Erlang of shape 4 and scale 1, divided by `e^-x`.
fn erlang_polynomial(x: f64) -> f64 {
    1.0 + x + x * x / 2.0 + x * x * x / 6.0
}

fn erlang(x: f64) -> f64 {
    libm::exp(-x) * erlang_polynomial(x)
}

/// Observations at 1, 2 and 6 seconds.
fn observed(x: f64) -> f64 {
    if x < 1.0 {
        1.0
    } else if x < 2.0 {
        1.0 - (x - 1.0) / 2.0
    } else {
        ((6.0 - x) / 8.0).max(0.0)
    }
}

/// Closed forms of every law.
fn laws() -> Vec<Law> {
    let usual = [0.2, 1.5, 5.0];
    let log_normal = |x: f64| 0.5 * libm::erfc(libm::log(x) * FRAC_1_SQRT_2);
    let mixed = vec![
        (6.0, Sampler::exponential(Span::from_millis(300))),
        (3.0, Sampler::gamma(SECOND, 4.0)),
        (0.0, Sampler::pareto(SECOND, 0.5)),
        (1.0, Sampler::constant(Span::from_secs(4))),
    ];
    let mixture = |x: f64| {
        let constant = if x < 4.0 { 1.0 } else { 0.0 };
        0.6 * libm::exp(-x / 0.3) + 0.3 * erlang(4.0 * x) + 0.1 * constant
    };
    let nested = vec![
        (1.0, Sampler::mixture(mixed.clone())),
        (1.0, Sampler::uniform(SECOND, Span::from_secs(6))),
    ];
    let all = vec![1_000_000_000, 2_000_000_000, 6_000_000_000];
    vec![
        law(Sampler::exponential(SECOND), usual, |x| libm::exp(-x)),
        law(Sampler::log_normal(SECOND, 1.0), usual, log_normal),
        law(Sampler::gamma(SECOND, 0.5), usual, |x| libm::erfc((0.5 * x).sqrt())),
        law(Sampler::gamma(SECOND, 1.0), usual, |x| libm::exp(-x)),
        law(Sampler::gamma(SECOND, 2.5), [0.2, 1.01, 3.0], |x| gamma_two_and_a_half(2.5 * x)),
        law(Sampler::gamma(SECOND, 4.0), [0.2, 1.01, 3.0], |x| erlang(4.0 * x)),
        law(Sampler::weibull(SECOND, 0.7), usual, |x| libm::exp(-libm::pow(x, 0.7))),
        law(Sampler::weibull(SECOND, 3.0), [0.2, 0.9, 2.0], |x| libm::exp(-x * x * x)),
        law(Sampler::pareto(SECOND, 2.5), usual, |x| libm::pow(x, -2.5).min(1.0)),
        law(Sampler::uniform(SECOND, Span::from_secs(3)), [0.2, 1.5, 2.9], |x| {
            ((3.0 - x) / 2.0).clamp(0.0, 1.0)
        }),
        law(Sampler::empirical(all), [0.5, 1.5, 5.9], observed),
        law(Sampler::mixture(mixed), [0.2, 2.0, 3.9], mixture),
        law(Sampler::mixture(nested), [0.2, 2.0, 5.0], move |x| {
            0.5 * mixture(x) + 0.5 * ((6.0 - x) / 5.0).clamp(0.0, 1.0)
        }),
    ]
}

/// Largest distance between the distribution of draws and a law (A. Kolmogorov), times the root of their
/// number. `before` and `at` are the law's probabilities of less than a value and of no more.
fn distance(mut draws: Vec<f64>, before: impl Fn(f64) -> f64, at: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let count = draws.len() as f64;
    let gap = |(rank, value): (usize, &f64)| {
        let above = (rank + 1) as f64 / count - at(*value);
        above.max(before(*value) - rank as f64 / count)
    };
    draws.iter().enumerate().map(gap).fold(0.0, f64::max) * count.sqrt()
}

fn drawn(sampler: &Sampler, age: u64) -> Vec<f64> {
    let mut stream = stream(age);
    (0..DRAWS).map(|_| sampler.beyond(age, &mut stream) as f64 / NANOS).collect()
}

/// What is longer than an age follows its law: the distance stays below in all but 1 of 10,000 cases.
#[track_caller]
fn check(label: &str, sampler: &Sampler, age: f64, survival: impl Fn(f64) -> f64) {
    let draws = drawn(sampler, nanos(age));
    assert!(draws.iter().all(|it| *it > age), "{label} at {age}");
    let at = |x: f64| 1.0 - survival(x);
    // a constant may be a part
    let found = distance(draws, |x| 1.0 - survival(x * (1.0 - 1e-12)), at);
    assert!(found < 2.23, "{label} at {age} s: {found}");
}

#[test]
fn what_is_longer_than_an_age_follows_the_closed_form() {
    for Law { sampler, survival, ages } in laws() {
        for age in ages {
            let there = survival(age);
            check(&format!("{sampler:?}"), &sampler, age, |x| survival(x) / there);
        }
    }
}

#[test]
fn what_is_longer_than_an_age_is_what_plain_draws_leave_beyond_it() {
    for (index, Law { sampler, ages, .. }) in (0..).zip(laws()) {
        let mut stream = stream(1_000 + index);
        let mut plain: Vec<u64> = (0..3 * DRAWS).map(|_| sampler.sample(&mut stream)).collect();
        plain.sort_unstable();
        for age in ages.map(nanos) {
            let beyond = &plain[plain.partition_point(|it| *it <= age)..];
            let share = |below: usize| below as f64 / beyond.len() as f64;
            let before = |x: f64| share(beyond.partition_point(|it| *it < nanos(x)));
            let at = |x: f64| share(beyond.partition_point(|it| *it <= nanos(x)));
            let found = distance(drawn(&sampler, age), before, at);
            // of two samples
            let limit = 2.23 * (1.0 + DRAWS as f64 / beyond.len() as f64).sqrt();
            assert!(found < limit, "{sampler:?} at {age}: {found}, {} beyond", beyond.len());
        }
    }
}

/// Probability that a standard normal variable is above `z`, divided by its density: Laplace's continued
/// fraction.
fn mills_ratio(z: f64) -> f64 {
    1.0 / (1..60).rev().fold(z, |rest, n| z + f64::from(n) / rest)
}

#[test]
fn the_far_tail_follows_its_law_where_the_survival_function_itself_is_zero() {
    let exponential = Sampler::exponential(SECOND);
    check("exponential", &exponential, 1_000.0, |x| libm::exp(1_000.0 - x));
    // 28, 32 and 200 standard deviations, the first of which is still inverted
    for (sigma, age) in [(0.1, 2.8), (0.1, 3.2), (0.02, 4.0)] {
        let sampler = Sampler::log_normal(SECOND, sigma);
        let from = libm::exp(age);
        let ratio = |x: f64| {
            let (z, least) = (libm::log(x) / sigma, age / sigma);
            libm::exp(0.5 * (least - z) * (least + z)) * mills_ratio(z) / mills_ratio(least)
        };
        // whole nanoseconds
        let from = nanos(from) as f64 / NANOS;
        check("lognormal", &sampler, from, |x| ratio(x) / ratio(from));
    }
    let erlang = |x: f64| {
        libm::exp(4.0 * (500.0 - x)) * erlang_polynomial(4.0 * x) / erlang_polynomial(2_000.0)
    };
    check("Erlang", &Sampler::gamma(SECOND, 4.0), 500.0, erlang);
    let ratio = |x: f64| libm::erfc((0.5 * x).sqrt()) / libm::erfc(500.0_f64.sqrt());
    check("gamma below one", &Sampler::gamma(SECOND, 0.5), 1_000.0, ratio);
    let cube = |x: f64| x * x * x;
    let weibull = |x: f64| libm::exp(cube(30.0) - cube(x));
    check("Weibull", &Sampler::weibull(SECOND, 3.0), 30.0, weibull);
    let pareto = |x: f64| libm::pow(1e6 / x, 2.5);
    check("Pareto", &Sampler::pareto(SECOND, 2.5), 1e6, pareto);
}

/// At 20,000 s the one part has `e^-20000`, the other `10^-9 e^-2000`; at 8 s four parts matter, of two of which
/// there is a bound only.
#[test]
fn a_mixture_goes_on_as_the_part_that_is_likely_to_have_lasted() {
    let ten = Span::from_secs(10);
    let parts = vec![(1.0, Sampler::exponential(SECOND)), (1e-9, Sampler::exponential(ten))];
    check("likely", &Sampler::mixture(parts), 20_000.0, |x| libm::exp((20_000.0 - x) / 10.0));
    let parts = vec![
        (1.0, Sampler::gamma(Span::from_secs(4), 4.0)),
        (1.0, Sampler::exponential(Span::from_secs(3))),
        (1.0, Sampler::gamma(SECOND, 0.5)),
        (1.0, Sampler::log_normal(SECOND, 1.0)),
    ];
    let survival = |x: f64| {
        erlang(x)
            + libm::exp(-x / 3.0)
            + libm::erfc((0.5 * x).sqrt())
            + 0.5 * libm::erfc(libm::log(x) * FRAC_1_SQRT_2)
    };
    check("bounded", &Sampler::mixture(parts), 8.0, |x| survival(x) / survival(8.0));
}

/// Of laws as short as their rounding: shares of the first values beyond the age.
#[test]
fn rounding_to_whole_nanoseconds_is_part_of_the_law() {
    let few = Span::from_nanos;
    let gone = libm::exp(-0.25);
    let wide = libm::exp(-0.5_f64 * 0.5 / 4.0);
    for (sampler, age, shares) in [
        // up to 10.0: a half of the last nanosecond
        (Sampler::uniform(few(0), few(10)), 7, vec![0.4, 0.4, 0.2]),
        (Sampler::exponential(few(4)), 6, vec![1.0 - gone, gone * (1.0 - gone)]),
        // from 0.5 on, the first up to 1.5: e^-(x/2)^2
        (Sampler::weibull(few(2), 2.0), 0, vec![1.0 - libm::exp(-0.5625) / wide]),
        (Sampler::pareto(few(3), 1.0), 2, vec![1.0 - 3.0 / 3.5]),
        (Sampler::pareto(few(3), 1.0), 5, vec![1.0 - 5.5 / 6.5]),
        (Sampler::empirical(vec![0, 2, 4]), 1, vec![0.4, 0.4, 0.2]),
        (Sampler::empirical(vec![3, 3, 3, 5]), 2, vec![2.25 / 3.0, 0.5 / 3.0, 0.25 / 3.0]),
    ] {
        let mut stream = stream(age);
        let mut counts = vec![0.0; shares.len()];
        for _ in 0..DRAWS {
            let place = sampler.beyond(age, &mut stream) - age - 1;
            if let Some(count) = counts.get_mut(crate::kernel::index(place)) {
                *count += 1.0;
            }
        }
        for (count, share) in counts.into_iter().zip(shares) {
            let error = (share * (1.0 - share) / DRAWS as f64).sqrt();
            let found: f64 = count / DRAWS as f64;
            assert!((found - share).abs() < 4.0 * error, "{sampler:?}: {found}, not {share}");
        }
    }
}

#[test]
fn where_nothing_is_longer_it_is_over_at_once() {
    let seconds = Span::from_secs;
    let constant = Sampler::constant(SECOND);
    let nothing =
        Sampler::mixture(vec![(1.0, constant.clone()), (0.0, Sampler::exponential(SECOND))]);
    for (sampler, last) in [
        (constant, 1_000_000_000),
        (nothing, 1_000_000_000),
        (Sampler::log_normal(SECOND, 0.0), 1_000_000_000),
        (Sampler::uniform(SECOND, seconds(3)), 3_000_000_000),
        (Sampler::uniform(SECOND, SECOND), 1_000_000_000),
        (Sampler::empirical(vec![5, 9]), 9),
        (Sampler::empirical(vec![9]), 9),
        (Sampler::pareto(SECOND, 0.05), 315_619_200_000_000_000),
        (Sampler::exponential(seconds(1_000_000_000)), 315_619_200_000_000_000),
    ] {
        let mut stream = stream(last);
        assert_eq!(sampler.beyond(last - 1, &mut stream), last, "{sampler:?}");
        for age in [last, last + 1, u64::MAX] {
            assert_eq!(sampler.beyond(age, &mut stream), age, "{sampler:?}");
        }
    }
}

/// A stream that gives one number again and again.
struct Always(f64);

impl Uniforms for Always {
    fn uniform(&mut self) -> f64 {
        self.0
    }
}

/// A law by number, with a span and a shape.
fn any_law(number: u8, span: u64, shape: f64) -> Sampler {
    let it = Span::from_nanos(span);
    match number {
        0 => Sampler::exponential(it),
        1 => Sampler::log_normal(it, shape / SQRT_2),
        2 => Sampler::weibull(it, shape),
        3 => Sampler::pareto(it, shape),
        4 => Sampler::gamma(it, shape),
        5 => {
            let parts = (0..5).map(|it| (shape, any_law(it, span, shape)));
            Sampler::mixture(parts.chain([(1.0, Sampler::constant(it))]).collect())
        }
        6 => Sampler::constant(it),
        7 => Sampler::uniform(Span::from_nanos(span / 2), it),
        _ => Sampler::empirical(vec![span / 4, span / 2, span]),
    }
}

proptest! {
    #[test]
    fn a_span_is_longer_than_its_age_wherever_the_law_goes_on(
        number in 0..9_u8,
        (span, age) in (0.0..15.0_f64, 0.0..17.0_f64),
        shape in 0.05..60.0_f64,
        entity in 0..1_000_u64,
    ) {
        let power_of_ten = |it: f64| round_u64(libm::pow(10.0, it));
        let (span, age) = (power_of_ten(span), power_of_ten(age) - 1);
        let sampler = any_law(number, span, shape);
        let mut stream = stream(entity);
        let longer = sampler.beyond(age, &mut stream);
        // the last three end at `span`
        if number < 6 || age < span {
            prop_assert!(longer > age, "{sampler:?}: {longer} at {age}");
        } else {
            prop_assert_eq!(longer, age);
        }
        prop_assert!(longer <= 315_619_200_000_000_000);
        for uniform in [5.6e-17, 0.5, 1.0 - 1.2e-16] {
            if number < 4 {
                prop_assert!(sampler.beyond(age, &mut Always(uniform)) > age);
            }
        }
    }
}

/// Results that were published must stay repeatable: a change here is a new major version.
#[test]
fn not_a_nanosecond_of_what_is_longer_may_change() {
    let found: Vec<u64> = laws()
        .into_iter()
        .map(|Law { sampler, ages, .. }| {
            let mut stream = stream(2);
            let draws = ages.map(nanos).into_iter().flat_map(|age| vec![age; 3_000]);
            fnv(draws.map(|age| sampler.beyond(age, &mut stream)).collect::<Vec<_>>())
        })
        .collect();
    let pinned = [
        13_244_452_489_395_035_834,
        6_177_596_917_413_517_050,
        15_102_720_066_815_099_719,
        8_352_695_917_355_017_885,
        5_097_430_356_072_800_517,
        10_167_512_744_221_785_357,
        16_044_211_800_939_335_144,
        10_083_401_240_896_277_861,
        4_106_267_954_796_525_548,
        15_834_771_479_597_539_004,
        4_650_915_333_085_665_484,
        13_795_294_527_680_204_434,
        5_175_163_765_681_512_106,
    ];
    assert_eq!(found, pinned);
}
