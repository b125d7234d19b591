//! Judges that may look at any time: how often they ever stop a good candidate.

use rollsim::{
    judge::JudgeSpec,
    kernel::{Purpose, Seed, Streams, math},
    stats::{QuantileMixture, Rank, two_arm_evidence},
    units::Span,
};
use serde::Deserialize;

use super::{Fed, gauss, rows, shared};

fn spec(json: &str) -> JudgeSpec {
    serde_json::from_str(json).unwrap()
}

/// Part of the runs that ever fail in so many looks.
fn stopped(judge: &JudgeSpec, runs: u32, mut look: impl FnMut(&mut Fed) -> bool) -> f64 {
    let mut stopped = 0;
    for _ in 0..runs {
        let mut fed = Fed::new(judge);
        stopped += u32::from((0..120).any(|_| look(&mut fed)));
    }
    f64::from(stopped) / f64::from(runs)
}

#[test]
fn betting_stops_good_candidates_as_seldom_as_it_says_and_bad_ones_in_time() {
    let judge =
        spec(r#"{"betting": {"metric": "saturation", "mean_below": "30%", "level": "5%"}}"#);
    let stream = &mut Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(4_000).stream(0);
    for (chance, low, high) in [(0.3, 0.0, 0.05), (0.2, 0.0, 0.01), (0.5, 0.85, 1.0)] {
        // all or nothing: of all values with that mean the most spread
        let share = stopped(&judge, 1_000, |fed| {
            fed.fails_at(f64::from(u8::from(stream.uniform() < chance)))
        });
        // four standard errors of a share of 5 % among 1,000
        assert!((low..=high + 0.0276).contains(&share), "{chance}: {share}");
    }
}

#[test]
fn quantile_sequences_stop_good_candidates_as_seldom_as_they_say_and_bad_ones_in_time() {
    let judge = spec(r#"{"quantile_sequence": {"level": "5%", "best_at": 300}}"#);
    let stream = &mut Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(5_000).stream(0);
    for (factor, low, high) in [(1.0, 0.0, 0.05), (2.0, 0.95, 1.0)] {
        let mut drawn =
            |factor: f64| Span::from_secs_f64(factor * 0.1 * math::exp(0.8 * gauss(stream)));
        let share = stopped(&judge, 200, |fed| {
            let latencies: Vec<[Span; 2]> = (0..5).map(|_| [drawn(1.0), drawn(factor)]).collect();
            fed.fails_with_latencies(&latencies)
        });
        assert!((low..=high + 0.062).contains(&share), "{factor}: {share}");
    }
}

#[derive(Deserialize)]
struct Reference {
    function: String,
    args: String,
    expected: String,
}

/// Values that Howard's own implementation gives, for whole series of whole numbers.
#[test]
fn two_arms_have_the_evidence_that_is_published() {
    let Some(text) = shared("data/confseq_reference/reference_values.csv") else {
        return;
    };
    let (mut series, mut mixtures) = (0, 0);
    for row in rows::<Reference>(&text) {
        let argument = |name: &str| {
            let found = row.args.split(';').find_map(|it| it.strip_prefix(&format!("{name}=")));
            found.unwrap().to_owned()
        };
        let expected = || row.expected.parse::<f64>().unwrap();
        if row.function == "quantile_ab_p_value" {
            let number = |name: &str| argument(name).parse::<f64>().unwrap();
            let mixture = QuantileMixture::new(number("p"), number("t_opt"), number("alpha_opt"));
            let [a, b] = ["a", "b"].map(|name| {
                let text = argument(name);
                let (from, to) = text.split_once("..").unwrap();
                (from.parse::<u64>().unwrap(), to.parse::<u64>().unwrap())
            });
            // the numbers below each, and with it
            let rank = |(from, to): (u64, u64), value: u64| Rank {
                least: value.clamp(from, to + 1) - from,
                most: (value + 1).clamp(from, to + 1) - from,
                all: to - from + 1,
            };
            let stretches = (0..1_200).map(|value| [rank(a, value), rank(b, value)]);
            let p = math::exp(-two_arm_evidence(&mixture, stretches).unwrap()).min(1.0);
            assert!((p - expected()).abs() < 1e-5, "{}: {p}", row.args);
            series += 1;
        } else if row.function == "two_sided_normal_mixture_best_rho" {
            // what the mixture is tuned by: at p 1/2 and 400 values the variance is 100
            let mixture = QuantileMixture::new(0.5, 400.0, 0.05);
            // even evidence at half of the values: B(r', r') / B(a, a) 2^n with a = 2 (12.60056 - 1/4)
            let a = 2.0 * (expected() - 0.25);
            let beta = |a: f64| 2.0 * libm::lgamma(a) - libm::lgamma(2.0 * a);
            let even = beta(a + 50.0) - beta(a) + 100.0 * std::f64::consts::LN_2;
            assert!((mixture.log_evidence(50.0, 100.0) - even).abs() < 1e-5);
            mixtures += 1;
        }
    }
    assert_eq!((series, mixtures), (4, 1));
}
