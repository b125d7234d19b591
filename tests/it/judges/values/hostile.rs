//! Whatever the telemetry holds, a judge gives a verdict, in time, and the same one again.

use proptest::prelude::*;
use rollsim::{
    judge::{JudgeSpec, Statistic},
    model::{Cohort, Gauges, GroupId, Scrape},
    units::{Bytes, Instant, Span},
};

use super::Fed;

/// Every judge on series of values, set to say something soon.
fn judges() -> Vec<JudgeSpec> {
    let metric = r#""metric": "error_rate""#;
    [
        r#"{"kayenta": {"metrics": [{"metric": "error_rate", "outliers": "remove"},
            {"metric": {"latency": "99%"}, "effect_size": {"measure": "cles"}},
            {"metric": "saturation", "nan_strategy": "replace", "critical": true},
            {"metric": "memory_slope", "must_have_data": true}, {"metric": "complaints"}],
            "lookback": "10m"}}"#
            .to_owned(),
        r#"{"drift": {"warm_up": "0s", "min_points": 10, "beyond_baseline": true}}"#.to_owned(),
        r#"{"drift": {"warm_up": "0s", "min_points": 10}}"#.to_owned(),
        format!(r#"{{"welch": {{{metric}, "min_points": 2}}}}"#),
        r#"{"welch": {"metric": "saturation", "min_points": 2}}"#.to_owned(),
        format!(r#"{{"cusum": {{{metric}, "find": {{"ratio": 2}}, "learn": 2}}}}"#),
        r#"{"cusum": {"metric": "saturation", "learn": 2, "reference": "first"}}"#.to_owned(),
        r#"{"ewma": {"metric": "saturation", "learn": 2}}"#.to_owned(),
        format!(r#"{{"betting": {{{metric}, "against": "difference"}}}}"#),
        r#"{"betting": {"metric": "saturation", "mean_below": "50%"}}"#.to_owned(),
        r#"{"quantile_sequence": {"tolerate": "1.1x"}}"#.to_owned(),
    ]
    .iter()
    .map(|it| serde_json::from_str(it).unwrap())
    .collect()
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(0.5),
        Just(f64::MAX),
        Just(-f64::MAX),
        Just(f64::MIN_POSITIVE),
        -1.0..2.0,
    ]
}

prop_compose! {
    fn scrapes()(
        steps in prop::collection::vec((1_u64..200, 0_u64..4, 0_u64..1_000_000, wild(), wild(), any::<u64>()), 1..60)
    ) -> Vec<Scrape> {
        let mut at = Instant::ZERO;
        steps.into_iter().map(|(gap, few, many, first, second, bits)| {
            at += Span::from_secs(gap);
            let mut scrape = Scrape { at, complaints: few, ..Scrape::default() };
            let counters = &mut scrape.counters[Cohort::EXPOSED.index()];
            (counters.attempts, counters.failures) = (many, many.min(few));
            counters.latency.record(bits);
            let counters = &mut scrape.counters[Cohort::STABLE.index()];
            (counters.attempts, counters.failures) = (few, few / 2);
            if few > 0 {
                counters.latency.record(bits / 3);
            }
            for (group, busy) in [(GroupId::STABLE, first), (GroupId::CANDIDATE, second)] {
                let (memory, memory_limit) = (Bytes::new(bits >> few), Bytes::new(few << 40));
                let gauges = Gauges { group, busy, workers: 1, memory, memory_limit, ..Gauges::default() };
                scrape.gauges.push(gauges);
            }
            scrape
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_data_makes_a_judge_panic_or_contradict_itself(scrapes in scrapes()) {
        for spec in judges() {
            let (mut first, mut second) = (Fed::new(&spec), Fed::new(&spec));
            for scrape in &scrapes {
                let said = first.assessed(scrape.clone());
                let again = second.assessed(scrape.clone());
                prop_assert_eq!(said.verdict, again.verdict);
                if let Some(Statistic { name, value, bound }) = said.evidence.statistic {
                    prop_assert!(!value.is_nan() && !bound.is_nan(), "{} of {}", name, spec.name());
                }
            }
        }
    }
}

#[test]
fn nothing_at_all_is_no_verdict() {
    for spec in judges() {
        let mut fed = Fed::new(&spec);
        for minute in 1..=3 {
            let at = Instant::ZERO + Span::from_secs(60 * minute);
            let verdict = fed.assessed(Scrape { at, ..Scrape::default() }).verdict;
            // Kayenta fails where half of its metrics have no data: its own rule
            let fails = verdict == rollsim::judge::Verdict::Fail;
            assert!(!fails || spec.name() == "kayenta", "{}: {verdict:?}", spec.name());
        }
    }
}
