//! Kayenta's classifier against the numbers of its own tests and issues, and how often it alarms.

use rollsim::{
    judge::kayenta_metric::{
        Classifier, Direction, EffectLimits, EffectMeasure, Label, NanStrategy,
    },
    kernel::{Purpose, Seed, Stream, Streams, math},
    stats::TwoSamples,
};
use serde::Deserialize;

use super::{gauss, rows, shared};

/// As the judge has it where a configuration says nothing.
const DEFAULT: Classifier = Classifier {
    tolerance: 0.25,
    confidence: 0.98,
    direction: Direction::Either,
    nan: NanStrategy::Remove,
    measure: EffectMeasure::MeanRatio,
    limits: EffectLimits {
        increase: 1.0,
        critical_increase: 1.0,
        decrease: 1.0,
        critical_decrease: 1.0,
    },
    critical: false,
    must_have_data: false,
};

#[derive(Deserialize)]
struct Suite {
    classifier: Vec<Judged>,
    mannwhitney: Vec<Shifted>,
    #[serde(rename = "issue_cases")]
    issues: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    #[serde(alias = "ref")]
    name: String,
    #[serde(default = "mann_whitney", rename = "classifier")]
    kind: String,
    experiment: Vec<f64>,
    control: Vec<f64>,
    params: Params,
    expected: Option<String>,
    expected_critical: Option<bool>,
    port: Option<Port>,
}

fn mann_whitney() -> String {
    "MannWhitney".to_owned()
}

#[derive(Deserialize)]
struct Params {
    tol: Option<f64>,
    conf: Option<f64>,
    direction: Option<String>,
    eff: Option<[f64; 2]>,
    crit: Option<[f64; 2]>,
    measure: Option<String>,
    nan: Option<String>,
    #[serde(default)]
    critical: bool,
}

#[derive(Deserialize)]
struct Port {
    ci: [f64; 2],
    estimate: f64,
}

#[derive(Deserialize)]
struct Shifted {
    name: String,
    #[serde(alias = "x")]
    experiment: Vec<f64>,
    #[serde(alias = "y")]
    control: Vec<f64>,
    confidence: Option<f64>,
    expected: serde_json::Map<String, serde_json::Value>,
}

impl Params {
    fn classifier(&self) -> Classifier {
        let cles = self.measure.as_deref() == Some("cles");
        let plain = if cles { [0.5, 0.5] } else { [1.0, 1.0] };
        let [decrease, increase] = self.eff.unwrap_or(plain);
        let [critical_decrease, critical_increase] = self.crit.unwrap_or(plain);
        let replace = self.nan.as_deref() == Some("replace");
        Classifier {
            tolerance: self.tol.unwrap_or(0.25),
            confidence: self.conf.unwrap_or(0.98),
            direction: match self.direction.as_deref() {
                Some("increase") => Direction::Increase,
                Some("decrease") => Direction::Decrease,
                _ => Direction::Either,
            },
            nan: if replace { NanStrategy::Replace } else { NanStrategy::Remove },
            measure: if cles { EffectMeasure::Cles } else { EffectMeasure::MeanRatio },
            limits: EffectLimits { increase, critical_increase, decrease, critical_decrease },
            critical: self.critical,
            must_have_data: false,
        }
    }
}

/// What Kayenta's own tests expect, and what people reported with numbers.
#[test]
fn the_classifier_says_what_kayentas_own_tests_expect() {
    let Some(text) = shared("controller-examples/oracles/kayenta-judge-cases.json") else {
        return;
    };
    let cases: Suite = serde_json::from_str(&text).unwrap();
    let mut seen = 0;
    for case in cases.classifier.iter().chain(&cases.issues) {
        if case.kind != "MannWhitney" {
            continue;
        }
        seen += 1;
        let got = case.params.classifier().classify(&case.control, &case.experiment);
        if let Some(expected) = &case.expected {
            assert_eq!(&format!("{:?}", got.label), expected, "{}: {got:?}", case.name);
        }
        if let Some(expected) = case.expected_critical {
            assert_eq!(got.critical, expected, "{}: {got:?}", case.name);
        }
        if let (Some(Port { ci, estimate }), Some(shift)) = (&case.port, got.shift) {
            for (got, expected) in shift.into_iter().zip([ci[0], ci[1], *estimate]) {
                assert!((got - expected).abs() <= 1e-14 * expected.abs().max(1.0), "{}", case.name);
            }
        }
    }
    assert_eq!(seen, 34 + 4);
}

#[test]
fn intervals_are_those_of_kayentas_tests_to_the_last_digit() {
    let Some(text) = shared("controller-examples/oracles/kayenta-judge-cases.json") else {
        return;
    };
    let cases: Suite = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for case in &cases.mannwhitney {
        let samples = TwoSamples::new(&case.experiment, &case.control).unwrap();
        let shift = case.confidence.map(|it| samples.shift(it, 1e-4));
        for (what, expected) in &case.expected {
            let expected = expected.as_f64().unwrap();
            let (got, precision) = match what.as_str() {
                "confidenceInterval.head" => (shift.unwrap().interval.low, 1e-14),
                "confidenceInterval.last" => (shift.unwrap().interval.high, 1e-14),
                // R's own, without continuity correction: another root within the tolerance
                "estimate" => (shift.unwrap().estimate, 1e-4),
                "wilcoxonDiff(0,0)" => (samples.score(0.0), 5e-7),
                "wilcoxonDiff(5,0)" => (samples.score(5.0), 5e-6),
                other => panic!("{other}"),
            };
            assert!((got - expected).abs() <= precision, "{}: {what} {got}", case.name);
            checked += 1;
        }
    }
    assert!(checked >= 14);
}

/// Upper and lower ends that have changed places: the tolerance of the roots is 1e-4.
#[test]
fn the_interval_of_a_metric_in_tiny_units_is_upside_down_as_kayentas() {
    let Some(text) = shared("data/kayenta_mannwhitney_reference/mannwhitney_cases.json") else {
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let named = |it: &&serde_json::Value| it["name"].to_string().contains("Intermediate Values");
    let case = cases.iter().find(named).unwrap();
    let side = |name: &str| serde_json::from_value::<Vec<f64>>(case[name].clone()).unwrap();
    let samples = TwoSamples::new(&side("x"), &side("y")).unwrap();
    let shift = samples.shift(0.95, 1e-4);
    let near = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-15, "{shift:?}");
    near(shift.interval.low, 3.521_755_377_702_165e-5);
    near(shift.interval.high, 2.024_564_616_623_34e-5);
    near(shift.estimate, 2.627_924_304_515_565_3e-5);
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(';').map(|it| it.parse().unwrap()).collect()
}

#[derive(Deserialize)]
struct Fixture {
    experiment: String,
    control: String,
    conf_level: f64,
    ci_lower: f64,
    ci_upper: f64,
    hodges_lehmann_estimate: f64,
    mean_ratio: f64,
    #[serde(rename = "label_either_tol0.25_eff1.0")]
    label: String,
}

#[test]
fn fixtures_come_out_to_the_last_printed_digit() {
    for it in rows::<Fixture>(include_str!("../../oracles/kayenta_mann_whitney_fixtures.csv")) {
        let classifier = Classifier { confidence: it.conf_level, ..DEFAULT };
        let got = classifier.classify(&numbers(&it.control), &numbers(&it.experiment));
        assert_eq!(format!("{:?}", got.label), it.label, "{got:?}");
        let expected = [it.ci_lower, it.ci_upper, it.hodges_lehmann_estimate];
        for (got, expected) in got.shift.unwrap().into_iter().zip(expected) {
            // what cancels in tens leaves 2e-15
            let error = 1e-11 * expected.abs() + 2e-15;
            assert!((got - expected).abs() <= error, "{got}, not {expected}");
        }
        assert!((got.effect - it.mean_ratio).abs() <= 1e-11 * it.mean_ratio, "{}", got.effect);
    }
}

#[derive(Deserialize)]
struct Ranks {
    x: String,
    y: String,
    alternative: String,
    #[serde(rename = "U_x")]
    u: f64,
    #[serde(rename = "p_asymptotic_cc_tie_corrected")]
    p: f64,
    #[serde(rename = "hodges_lehmann_x_minus_y")]
    estimate: f64,
    #[serde(rename = "cles_x_gt_y")]
    chance: f64,
}

#[test]
fn rank_sums_are_scipys() {
    for it in rows::<Ranks>(include_str!("../../oracles/mann_whitney_fixtures.csv")) {
        let samples = TwoSamples::new(&numbers(&it.x), &numbers(&it.y)).unwrap();
        assert!((samples.u() - it.u).abs() < 1e-12);
        assert!((samples.chance_above() - it.chance).abs() < 1e-11);
        if it.alternative == "two-sided" {
            let p = libm::erfc(samples.score(0.0).abs() * std::f64::consts::FRAC_1_SQRT_2);
            assert!((p - it.p).abs() < 1e-11, "{p}, not {}", it.p);
        }
        // the score is zero over a stretch that holds the median of all differences
        let (below, above) = (it.estimate - 1.0, it.estimate + 1.0);
        assert!(samples.score(below) >= 0.0 && samples.score(above) <= 0.0, "{}", it.x);
    }
}

#[derive(Debug, Deserialize)]
struct Power {
    data_kind: String,
    data_param: f64,
    n_points_experiment: usize,
    n_points_control: usize,
    true_ratio: f64,
    mc_reps: f64,
    #[serde(rename = "P_high_default")]
    high: f64,
    #[serde(rename = "P_low_default")]
    low: f64,
    #[serde(rename = "P_high_allowedIncrease_1.2")]
    high_beyond: f64,
}

/// How often the classifier says what, against an independent simulation with its own error.
#[test]
fn metrics_are_called_high_and_low_as_often_as_an_independent_simulation_says() {
    const RUNS: u32 = 600;
    let table = rows::<Power>(include_str!("../../oracles/kayenta_power_sim.csv"));
    // the longest series cost most and say least
    for (row, index) in table.iter().zip(0..).filter(|(it, _)| it.n_points_experiment <= 60) {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(index);
        let stream = &mut key.stream(0);
        let (mut high, mut low, mut beyond) = (0_u32, 0_u32, 0_u32);
        for _ in 0..RUNS {
            let control = series(row, row.n_points_control, 1.0, stream);
            let experiment = series(row, row.n_points_experiment, row.true_ratio, stream);
            let got = DEFAULT.classify(&control, &experiment);
            high += u32::from(got.label == Label::High);
            low += u32::from(got.label == Label::Low);
            beyond += u32::from(got.label == Label::High && got.effect >= 1.2);
        }
        let near = |count: u32, expected: f64, what: &str| {
            let (runs, share) = (f64::from(RUNS), f64::from(count) / f64::from(RUNS));
            // a share that was never seen may be one in five hundred
            let spread = expected.clamp(2e-3, 1.0 - 2e-3);
            let error = (spread * (1.0 - spread) * (1.0 / runs + 1.0 / row.mc_reps)).sqrt();
            assert!((share - expected).abs() <= 4.0 * error, "{what} {share} of {row:?}");
        };
        near(high, row.high, "high");
        near(low, row.low, "low");
        near(beyond, row.high_beyond, "beyond 1.2");
    }
}

/// One side: values of mean 10 times the ratio, or percents of errors among Poisson requests.
fn series(row: &Power, count: usize, ratio: f64, stream: &mut Stream) -> Vec<f64> {
    let value = |stream: &mut Stream| match row.data_kind.as_str() {
        "normal_cv" => 10.0 * ratio * (1.0 + row.data_param * gauss(stream)),
        "lognormal_sigma" => 10.0 * ratio * math::exp(row.data_param * gauss(stream)),
        _ => 100.0 * super::poisson(0.005 * ratio * row.data_param, stream) / row.data_param,
    };
    (0..count).map(|_| value(stream)).collect()
}
