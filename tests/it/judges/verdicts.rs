//! What judges on counts say of simple runs of scrapes.

use rollsim::{
    judge::{Assessment, JudgeSpec, Subject, Verdict},
    model::{Cohort, MetricSpec, Population, Scrape, Telemetry},
    units::{Instant, Span},
};
use serde_json::{Value, json};

use super::{Counts, Monitoring, judge};

/// Looks after each scrape.
fn looks(spec: &Value, scrapes: &[Counts]) -> Vec<Assessment> {
    let mut monitoring = Monitoring::new(Span::from_secs(3_600));
    let (mut judge, subject) = (judge(spec).build(), monitoring.subject());
    let look = |counts: &Counts| {
        monitoring.scrape(*counts);
        monitoring.look(judge.as_mut(), subject)
    };
    scrapes.iter().map(look).collect()
}

fn looks_at_latency(spec: &Value) -> bool {
    judge(spec).kind().metrics().into_iter().any(MetricSpec::of_latency)
}

/// Verdicts as letters: passes, accepts, fails, too few, nothing to measure.
#[track_caller]
fn check(spec: &Value, scrapes: &[Counts], expected: &str) {
    let letter = |it: &Assessment| match it.verdict {
        Verdict::Pass => 'P',
        Verdict::Accept => 'A',
        Verdict::Fail => 'F',
        Verdict::Inconclusive => 'I',
        Verdict::TooFew => '-',
        Verdict::Error => 'E',
    };
    let found: String = looks(spec, scrapes).iter().map(letter).collect();
    assert_eq!(found, expected, "{spec}");
}

fn counts(candidate: (u64, u64), stable: (u64, u64)) -> Counts {
    Counts { candidate, stable }
}

/// Nothing yet, as at the start of a rollout.
const NOTHING: Counts = Counts { candidate: (0, 0), stable: (5, 1_000) };
const GOOD: Counts = Counts { candidate: (1, 100), stable: (9, 900) };
const BAD: Counts = Counts { candidate: (30, 100), stable: (9, 900) };
/// A bad minute of the whole service.
const INCIDENT: Counts = Counts { candidate: (30, 100), stable: (270, 900) };

#[test]
fn before_any_traffic_there_is_too_little_to_say() {
    for spec in [
        json!({"bayes": {}}),
        json!({"burn_rate": {}}),
        json!({"count_test": {}}),
        json!({"e_process": {}}),
        json!({"fisher": {}}),
        json!({"group_sequential": {"looks": 5}}),
        json!({"kill": {}}),
        json!({"mixture_sprt": {}}),
        json!({"sprt": {"test": {"two_arm": {"ratio": "2x"}}}}),
        json!({"sprt": {"test": {"bernoulli": {"p0": "1%", "p1": "2%"}}}}),
        json!({"two_proportion": {}}),
    ] {
        check(&spec, &[NOTHING, NOTHING], "--");
    }
    check(&json!({"fisher": {"window": "2s"}}), &[GOOD, NOTHING, NOTHING], "PPE");
}

#[test]
fn comparisons_fail_a_bad_release_and_pass_a_bad_minute_of_the_whole_service() {
    for spec in [
        json!({"bayes": {}}),
        json!({"count_test": {}}),
        json!({"e_process": {}}),
        json!({"fisher": {}}),
        json!({"group_sequential": {"looks": 5}}),
        json!({"mixture_sprt": {}}),
        json!({"two_proportion": {}}),
        json!({"kill": {}}),
    ] {
        check(&spec, &[GOOD, GOOD, BAD], "PPF");
        check(&spec, &[GOOD, INCIDENT, GOOD], "PPP");
    }
}

#[test]
fn few_failures_do_not_fail_but_pass() {
    let few = counts((4, 10), (0, 100_000));
    check(&json!({"e_process": {}}), &[few], "P");
    check(&json!({"e_process": {"min_events": 4}}), &[few], "F");
    check(&json!({"e_process": {"min_events": 4, "min_samples": 11}}), &[few, few], "-F");
    check(&json!({"count_test": {"min_events": 5}}), &[few], "P");
    check(&json!({"mixture_sprt": {}}), &[few], "P");
}

#[test]
fn a_catastrophe_of_the_newest_scrapes_ends_the_recommended_judge_at_once() {
    // a long good past and a tenth of a minute of failures
    let past = counts((100, 100_000), (1_000, 1_000_000));
    let struck = counts((11, 20), (0, 180));
    let careful = json!({"e_process": {"kill": false}});
    check(&careful, &[past, struck], "PP");
    check(&json!({"e_process": {}}), &[past, struck], "PF");
    check(&json!({"kill": {}}), &[past, struck], "PF");
    check(&json!({"kill": {"min_failures": 12}}), &[past, struck], "PP");
    check(&json!({"kill": {"above": "56%"}}), &[past, struck], "PP");
    check(&json!({"kill": {}}), &[past, counts((11, 20), (18, 180))], "PP");
}

/// Ten failures among the newest scrapes count, however many good ones came since the look before.
#[test]
fn a_catastrophe_is_seen_through_the_good_scrapes_before_it() {
    let mut monitoring = Monitoring::new(Span::from_secs(60));
    let (mut judge, subject) = (judge(&json!({"kill": {}})).build(), monitoring.subject());
    monitoring.scrape(counts((0, 10_000), (0, 10_000)));
    monitoring.scrape(counts((5, 10), (0, 10)));
    monitoring.scrape(counts((5, 10), (0, 10)));
    let look = monitoring.look(judge.as_mut(), subject);
    assert_eq!((look.verdict, look.evidence.samples), (Verdict::Fail, 20));
    assert_eq!(monitoring.look(judge.as_mut(), subject).verdict, Verdict::TooFew);
}

#[test]
fn walds_test_accepts_early_and_keeps_its_decision() {
    let spec = json!({"sprt": {"test": {"bernoulli": {"p0": "1%", "p1": "20%"}}}});
    let clean = counts((0, 50), (0, 450));
    check(&spec, &[clean, BAD, BAD], "AAA");
    check(&spec, &[BAD, clean, clean], "FFF");
    let doubled = json!({"sprt": {"test": {"two_arm": {"ratio": "2x"}}}});
    check(&doubled, &[GOOD, GOOD, GOOD], "PPP");
    check(&doubled, &[GOOD; 10], "PPPPPPPPAA");
}

#[test]
fn a_planned_test_accepts_at_its_last_look() {
    let spec = json!({"group_sequential": {"looks": 3}});
    check(&spec, &[NOTHING, GOOD, GOOD, GOOD, GOOD], "-PPAA");
}

#[test]
fn a_window_forgets_what_a_judge_from_the_start_remembers() {
    let scrapes = [BAD, GOOD, GOOD, GOOD];
    check(&json!({"two_proportion": {}}), &scrapes, "FFFF");
    check(&json!({"two_proportion": {"window": "2s"}}), &scrapes, "FFPP");
    check(&json!({"bayes": {"window": "2s"}}), &scrapes, "FFPP");
}

#[test]
fn a_burning_budget_fails_in_both_windows_only() {
    let pair = json!({"long": "4s", "short": "1s", "rate": "10x"});
    let spec = json!({"burn_rate": {"slo": "99%", "windows": [pair]}});
    // 30 %, 15.5 %, then the long window burns and the short one does not
    check(&spec, &[BAD, GOOD, BAD, GOOD, GOOD], "FPFPP");
    let service = json!({"burn_rate": {"slo": "99%", "of": "service", "windows": [pair]}});
    check(&service, &[BAD, INCIDENT, GOOD], "PFP");
}

/// Both sides fail alike; the candidate's requests take 2 s where the baseline's take 100 ms.
#[test]
fn slow_requests_are_judged_like_failures() {
    let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(60));
    let mut scrape = Scrape { at: Instant::ZERO + Span::from_secs(15), ..Scrape::default() };
    for (cohort, attempts, slow) in [(Cohort::EXPOSED, 100, 40), (Cohort::STABLE, 900, 9)] {
        let counters = &mut scrape.counters[cohort.index()];
        counters.attempts = attempts;
        for request in 0..attempts {
            counters.latency.record(if request < slow { 2_000_000_000 } else { 100_000_000 });
        }
    }
    telemetry.push(scrape);
    let subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };
    let observed = telemetry.observed(Instant::ZERO + Span::from_secs(20));
    for spec in [
        json!({"e_process": {"errors": false, "slower_than": ["1s"]}}),
        json!({"e_process": {"slower_than": ["50ms", "1s"]}}),
        json!({"fisher": {"counts": {"slower_than": "1s"}}}),
        json!({"count_test": {"counts": {"slower_than": "1s"}}}),
        json!({"sprt": {"test": {"two_arm": {"ratio": "3x"}}, "counts": {"slower_than": "1s"}}}),
    ] {
        assert!(looks_at_latency(&spec), "{spec}");
        let mut judge = judge(&spec).build();
        let look = judge.assess(&observed, subject);
        assert_eq!(look.verdict, Verdict::Fail, "{spec}");
        assert_eq!(look.evidence.metric, MetricSpec::SlowerThan(Span::from_secs(1)), "{spec}");
        assert_eq!((look.evidence.value, look.evidence.samples), (Some(0.4), 100), "{spec}");
    }
    let errors = json!({"e_process": {}});
    assert!(!looks_at_latency(&errors));
    assert_eq!(judge(&errors).build().assess(&observed, subject).verdict, Verdict::Pass);
}

#[track_caller]
fn refused(spec: Value, fields: &[&str]) {
    let spec: JudgeSpec = serde_json::from_value(spec).unwrap();
    let flaws = spec.build().flaws(Span::from_secs(15));
    let found: Vec<&str> = flaws.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(found, fields, "{flaws:?}");
}

#[test]
fn settings_that_make_no_test_are_refused_at_their_place() {
    refused(
        json!({"e_process": {"tolerated": "0x", "level": "60%", "sigma": 0, "dispersion": "0.5x"}}),
        &["tolerated", "level", "sigma", "dispersion"],
    );
    refused(json!({"e_process": {"errors": false}}), &[""]);
    refused(json!({"kill": {"above": "0%", "ratio": "0x"}}), &[""]);
    refused(json!({"two_proportion": {"level": "0%", "window": "10s"}}), &["level", "window"]);
    refused(json!({"fisher": {"window": "1s"}}), &["window"]);
    refused(json!({"bayes": {"ratio": "0x", "certainty": "100%"}}), &["ratio", "certainty"]);
    refused(json!({"count_test": {"concentration": 0}}), &["concentration"]);
    refused(json!({"mixture_sprt": {"tau": "0%"}}), &["tau"]);
    refused(json!({"group_sequential": {"looks": 101}}), &["looks"]);
    let bernoulli =
        |p0: &str, p1: &str| json!({"sprt": {"test": {"bernoulli": {"p0": p0, "p1": p1}}}});
    refused(bernoulli("2%", "1%"), &["test.bernoulli"]);
    refused(bernoulli("1%", "100%"), &["test.bernoulli.p1"]);
    let test = json!({"poisson": {"rate0": "0/s", "rate1": "1/s"}});
    refused(
        json!({"sprt": {"test": test, "alpha": "0%", "beta": "70%"}}),
        &["test.poisson", "alpha", "beta"],
    );
    refused(json!({"sprt": {"test": {"two_arm": {"ratio": "1x"}}}}), &["test.two_arm.ratio"]);
    let pair = json!({"long": "10s", "short": "12s", "rate": "2x"});
    refused(
        json!({"burn_rate": {"slo": "100%", "windows": [pair]}}),
        &["slo", "windows[0].short", "windows[0].long"],
    );
    refused(json!({"burn_rate": {"windows": []}}), &["windows"]);
}
