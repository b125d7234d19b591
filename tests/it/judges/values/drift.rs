//! Trends against a published implementation, simulated series, and real leaks.

use rollsim::{
    kernel::{Purpose, Seed, Stream, Streams},
    stats::{MannKendall, Trend},
};
use serde::Deserialize;

use super::{gauss, rows, unpacked};

#[derive(Deserialize)]
struct Fixture {
    y: String,
    #[serde(rename = "S")]
    s: f64,
    #[serde(rename = "var_S_tie_corrected")]
    variance: f64,
    #[serde(rename = "Z_continuity_corrected")]
    z: f64,
    #[serde(rename = "theil_sen_slope")]
    slope: f64,
    #[serde(rename = "theil_sen_intercept")]
    intercept: f64,
    slope_ci95_low: f64,
    slope_ci95_high: f64,
}

#[test]
fn trends_are_scipys_to_the_last_printed_digit() {
    for it in rows::<Fixture>(include_str!("../../oracles/mann_kendall_theil_sen_fixtures.csv")) {
        let y: Vec<f64> = it.y.split(';').map(|it| it.parse().unwrap()).collect();
        let points: Vec<(f64, f64)> = (0..).map(f64::from).zip(y.iter().copied()).collect();
        let kendall = MannKendall::of(&y);
        let trend = Trend::of(&points).unwrap();
        let interval = trend.interval(0.95);
        for (got, expected) in
            [(kendall.s, it.s), (kendall.variance, it.variance), (kendall.z(), it.z)]
        {
            assert!((got - expected).abs() <= 5e-12 * expected.abs().max(1.0), "{got}, {expected}");
        }
        // short series are printed with fewer digits than they were computed from
        let precision = if y.len() < 30 { 1e-3 } else { 5e-12 };
        for (got, expected) in [
            (trend.slope, it.slope),
            (trend.intercept, it.intercept),
            (interval.low, it.slope_ci95_low),
            (interval.high, it.slope_ci95_high),
        ] {
            assert!(
                (got - expected).abs() <= precision * expected.abs().max(1.0),
                "{got}, {expected}"
            );
        }
    }
}

#[derive(Debug, Deserialize)]
struct Power {
    n_samples: u32,
    ar1_phi: f64,
    total_rise_over_window_in_sigma: f64,
    mc_reps: f64,
    #[serde(rename = "P_reject_one_sided_0.01")]
    rejects: f64,
}

/// A first-order autoregression of variance one with a straight rise.
fn series(row: &Power, stream: &mut Stream) -> Vec<(f64, f64)> {
    let (phi, last) = (row.ar1_phi, f64::from(row.n_samples - 1));
    let mut value = gauss(stream);
    let mut next = |index: u32| {
        let at = f64::from(index);
        let point = (at, value + row.total_rise_over_window_in_sigma * at / last);
        value = phi * value + (1.0 - phi * phi).sqrt() * gauss(stream);
        point
    };
    (0..row.n_samples).map(&mut next).collect()
}

/// The plain test rejects as often as the table says; the corrected one stays near its level where the
/// plain one does not, and sees what is clear.
#[test]
fn dependence_of_neighbours_fools_the_plain_test_and_not_the_corrected_one() {
    const RUNS: u32 = 500;
    let table = rows::<Power>(include_str!("../../oracles/mann_kendall_power_sim.csv"));
    for (row, index) in table.iter().zip(0..) {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(index);
        let stream = &mut key.stream(0);
        let (mut plain, mut corrected) = (0_u32, 0_u32);
        for _ in 0..RUNS {
            let points = series(row, stream);
            let values: Vec<f64> = points.iter().map(|it| it.1).collect();
            plain += u32::from(MannKendall::of(&values).z() > 2.326_347_874_040_841);
            let trend = Trend::autocorrelated(&points).unwrap();
            corrected += u32::from(trend.p_rises() < 0.01);
        }
        let share = |it: u32| f64::from(it) / f64::from(RUNS);
        let spread = row.rejects.clamp(2e-3, 1.0 - 2e-3);
        let error = (spread * (1.0 - spread) * (1.0 / f64::from(RUNS) + 1.0 / row.mc_reps)).sqrt();
        assert!((share(plain) - row.rejects).abs() <= 4.0 * error, "{} {row:?}", share(plain));
        let flat = row.total_rise_over_window_in_sigma == 0.0;
        if flat && row.n_samples >= 30 {
            assert!(share(corrected) < 0.035, "{} of {row:?}", share(corrected));
        }
        if row.ar1_phi < 0.6 && row.n_samples >= 60 && row.total_rise_over_window_in_sigma >= 4.0 {
            assert!(share(corrected) > 0.9, "{} of {row:?}", share(corrected));
        }
    }
}

/// Slopes that another program found in the memory of real servers, in MiB an hour.
#[test]
fn real_leaks_have_the_slopes_that_are_known_of_them() {
    for (name, slope, low, high) in [
        ("gptneo125m_1s_interval", 6.48, 6.37, 6.60),
        ("opt125m_10s_interval", 3.59, 3.39, 3.82),
        ("pythia160m_5s_interval", 5.24, 4.99, 5.46),
    ] {
        let Some(text) = unpacked(&format!("data/llm_server_memory_aging/{name}.csv.gz")) else {
            return;
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let column = reader.headers().unwrap().iter().position(|it| it == "usedMemory").unwrap();
        let used: Vec<f64> =
            reader.records().map(|it| it.unwrap()[column].parse().unwrap()).collect();
        // a row a minute; every fifth after half an hour
        let points: Vec<(f64, f64)> = (30..used.len())
            .step_by(5)
            .map(|it| (it as f64 / 60.0, used[it] / f64::from(1 << 20)))
            .collect();
        let trend = Trend::of(&points).unwrap();
        assert!((trend.slope - slope).abs() < 0.02, "{name}: {}", trend.slope);
        let interval = trend.interval(0.95);
        assert!((interval.low - low).abs() < 0.03, "{name}: {interval:?}");
        assert!((interval.high - high).abs() < 0.03, "{name}: {interval:?}");
        // neighbours depend on each other, but the leak is beyond doubt
        let sure = Trend::autocorrelated(&points).unwrap();
        assert!(sure.interval(0.98).low > 0.0 && sure.p_rises() < 0.01, "{name}");
    }
}
