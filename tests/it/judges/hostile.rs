//! No settings and no counts make a judge panic, loop, or say what is not a number.

use proptest::prelude::*;
use rollsim::{judge::JudgeSpec, units::Span};
use serde_json::{Value, json};

use super::{Counts, Monitoring};

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..20_u64, 0..100_000_u64, 0..=2_000_000_000_u64]
}

fn share(all: u64, part: f64) -> (u64, u64) {
    (rollsim::units::round_u64(all as f64 * part).min(all), all)
}

fn counts() -> impl Strategy<Value = Counts> {
    let part = || prop_oneof![Just(0.0), Just(1.0), 0.0..0.02_f64, 0.0..1.0_f64];
    (count(), part(), count(), part()).prop_map(|(own, own_part, other, other_part)| Counts {
        candidate: share(own, own_part),
        stable: share(other, other_part),
    })
}

fn ratio() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0%".to_owned()),
        Just("100%".to_owned()),
        Just("0.0000001%".to_owned()),
        (0.0..100.0_f64).prop_map(|it| format!("{it:.4}%"))
    ]
}

fn factor() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0x".to_owned()),
        Just("1x".to_owned()),
        Just("1000000x".to_owned()),
        (0.0..5.0_f64).prop_map(|it| format!("{it:.3}x"))
    ]
}

/// Settings that a file could hold, sensible or not.
fn spec() -> impl Strategy<Value = Value> {
    let number = prop_oneof![Just(0.0), Just(-1.0), Just(1e300), 0.001..100.0_f64];
    let side = prop_oneof![Just("one"), Just("two")];
    let spending = prop_oneof![
        Just("pocock"),
        Just("obrien_fleming"),
        Just("lan_demets_pocock"),
        Just("lan_demets_obrien_fleming")
    ];
    (ratio(), ratio(), factor(), number, side, spending, 0..14_usize, 0..12_u32, 0..9_u64).prop_map(
        |(one, two, factor, number, side, spending, which, looks, least)| match which {
            0 => json!({"two_proportion": {"level": one, "min_samples": least}}),
            1 => json!({"two_proportion": {"level": one, "window": "3s"}}),
            2 => json!({"fisher": {"level": one, "min_samples": least}}),
            3 => json!({"fisher": {"level": one, "window": "3s"}}),
            4 => json!({"bayes": {"ratio": factor, "certainty": one}}),
            5 => json!({"sprt": {"test": {"bernoulli": {"p0": one, "p1": two}}, "alpha": two}}),
            6 => json!({"sprt": {"test": {"poisson": {"rate0": "0/s", "rate1": "10000000/s"}},
                "alpha": one, "beta": two}}),
            7 => json!({"sprt": {"test": {"two_arm": {"ratio": factor}}, "alpha": one}}),
            8 => json!({"mixture_sprt": {"level": one, "tau": two, "min_events": least}}),
            9 => json!({"count_test": {"level": one, "sides": side, "concentration": number}}),
            10 => json!({"e_process": {"tolerated": factor, "level": one, "sigma": number,
                "dispersion": factor, "min_events": least, "slower_than": ["1s"]}}),
            11 => json!({"kill": {"min_failures": least, "above": one, "ratio": factor}}),
            12 => json!({"group_sequential": {"looks": looks, "spending": spending, "level": one,
                "sides": side}}),
            _ => json!({"burn_rate": {"slo": one, "windows": [
                {"long": "4s", "short": "2s", "rate": factor}]}}),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_settings_and_no_counts_upset_a_judge(
        spec in spec(),
        scrapes in prop::collection::vec(counts(), 0..6),
    ) {
        let spec: JudgeSpec = serde_json::from_value(spec).unwrap();
        let (mut judge, mut again) = (spec.build(), spec.build());
        judge.flaws(Span::from_secs(1));
        let mut monitoring = Monitoring::new(Span::from_secs(10));
        let subject = monitoring.subject();
        monitoring.look(judge.as_mut(), subject);
        for counts in scrapes {
            monitoring.scrape(counts);
            let look = monitoring.look(judge.as_mut(), subject);
            let evidence = look.evidence;
            let statistic = evidence.statistic.into_iter().flat_map(|it| [it.value, it.bound]);
            for figure in statistic.chain(evidence.value).chain(evidence.baseline) {
                prop_assert!(figure.is_finite(), "{look:?}");
            }
        }
        // whoever looks only once says the same of all as one who kept up, unless looks are counted
        let last = monitoring.look(judge.as_mut(), subject);
        let once = monitoring.look(again.as_mut(), subject);
        if !["sprt", "group_sequential", "kill", "e_process"].contains(&spec.name()) {
            prop_assert_eq!(last, once);
        }
    }
}
