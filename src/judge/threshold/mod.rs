//! Compares one metric with fixed limits.

mod lints;
mod settings;

use serde_json::json;

use super::{
    Assessment, Evidence, Flaw, GateForecast, Judge, JudgeKind, LeakAsked, LeakSight, Recommended,
    Subject, Verdict,
};
use crate::{
    model::{Against, Measured, MetricSpec, Observed, Population},
    units::{Limit, Span},
};

pub use settings::Threshold;

impl JudgeKind for Threshold {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(*self)
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.metric]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        vec![("window".to_owned(), self.window)]
    }

    fn needs_baseline(&self) -> bool {
        self.against != Against::Absolute
    }

    fn drawn_limit(&self) -> Option<(MetricSpec, Limit)> {
        let limit = self.fail_above.or(self.pass_below);
        limit.filter(|_| self.against == Against::Absolute).map(|it| (self.metric, it))
    }

    /// A slope has the unit of a leak; memory must grow to the limit while the rollout lasts.
    fn leak_sight(&self, asked: LeakAsked) -> LeakSight {
        let Some(limit) = self.fail_above.filter(|_| self.against != Against::Ratio) else {
            return LeakSight::of(&self.metrics());
        };
        match self.metric {
            MetricSpec::MemorySlope => LeakSight::From(limit.value()),
            MetricSpec::Memory => {
                let used = if self.against == Against::Absolute { asked.base } else { 0.0 };
                LeakSight::From((limit.value() * asked.limit - used).max(0.0) / asked.hours)
            }
            MetricSpec::ErrorRate
            | MetricSpec::Latency(_)
            | MetricSpec::SlowerThan(_)
            | MetricSpec::Restarts
            | MetricSpec::Saturation
            | MetricSpec::Complaints => LeakSight::Blind,
        }
    }

    fn tunable(&self) -> Vec<(&'static str, Limit)> {
        let limits = [("fail_above", self.fail_above), ("pass_below", self.pass_below)];
        limits.into_iter().filter_map(|(key, limit)| limit.map(|it| (key, it))).collect()
    }

    /// Evidence on errors in place of a limit on the error rate, and on requests that are slower than
    /// the limit in place of one on latency.
    fn recommended(&self) -> Option<Recommended> {
        let settings = match (self.metric, self.against, self.fail_above) {
            (MetricSpec::ErrorRate, ..) => json!({"level": "0.5%"}),
            (MetricSpec::Latency(_), Against::Absolute, Some(limit)) => json!({
                "level": "0.5%", "errors": false, "slower_than": [limit], "kill": false
            }),
            _ => return None,
        };
        let tuned = vec![("level", json!("0.1%"), json!("5%"))];
        Some(Recommended { name: "e_process", settings, tuned })
    }
}

impl Threshold {
    /// The verdict on a value and the limit that led to it. Fails first, as Argo does.
    fn verdict(&self, value: f64) -> (Verdict, Option<Limit>) {
        let above = |limit: Limit| value > limit.value();
        match (self.fail_above, self.pass_below) {
            (Some(fail), _) if above(fail) => (Verdict::Fail, Some(fail)),
            (Some(fail), Some(pass)) if above(pass) => (Verdict::Inconclusive, Some(fail)),
            (None, Some(pass)) if above(pass) => (Verdict::Fail, Some(pass)),
            (fail, pass) => (Verdict::Pass, pass.or(fail)),
        }
    }

    /// The group that stands for the one asked about: it is unknown which release a user complains
    /// about.
    const fn population(&self, asked: Population) -> Population {
        if matches!(self.metric, MetricSpec::Complaints) { Population::Whole } else { asked }
    }
}

impl Judge for Threshold {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let measure =
            |it: Population| observed.measure(self.metric, self.population(it), self.window);
        let undecided = |verdict: Verdict, samples: u64| Assessment {
            verdict,
            evidence: Evidence {
                limit: self.fail_above.or(self.pass_below),
                ..Evidence::nothing(self.metric, samples)
            },
        };
        let Some(Measured { value: candidate, samples }) = measure(subject.candidate) else {
            return undecided(Verdict::Error, 0);
        };
        if samples < self.min_samples {
            return undecided(Verdict::TooFew, samples);
        }
        let (value, baseline) = match self.against {
            Against::Absolute => (candidate, None),
            Against::Difference | Against::Ratio => {
                let Some(Measured { value: baseline, .. }) = measure(subject.baseline) else {
                    return undecided(Verdict::Error, samples);
                };
                (compared(self.against, candidate, baseline), Some(baseline))
            }
        };
        let (mut verdict, limit) = self.verdict(value);
        let failures = || observed.window(self.population(subject.candidate), self.window).failures;
        if self.min_failures > 0 && verdict != Verdict::Pass && failures() < self.min_failures {
            verdict = Verdict::Pass;
        }
        let metric = self.metric;
        let (value, statistic) = (Some(value), None);
        let evidence = Evidence { metric, value, baseline, samples, limit, statistic };
        Assessment { verdict, evidence }
    }

    fn lookback(&self, _: Span) -> Span {
        self.window
    }

    fn doubts(&self) -> Vec<Flaw> {
        lints::slipped(self)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of(self, forecast)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let none = self.fail_above.is_none() && self.pass_below.is_none();
        let unlimited =
            none.then(|| Flaw::new("", "a threshold needs `fail_above` or `pass_below`", ""));
        let of_limit = |field, limit: Option<Limit>| {
            limit.and_then(|it| Flaw::of_limit(field, self.metric, self.against, it))
        };
        let limits =
            [of_limit("fail_above", self.fail_above), of_limit("pass_below", self.pass_below)];
        let window = Flaw::of_span("window", self.window, scrape);
        unlimited.into_iter().chain(limits.into_iter().flatten()).chain(window).collect()
    }
}

/// What a limit is held against. A quotient has no meaning where the baseline is zero or, as a slope
/// may be, below: then anything above zero is infinitely more, and anything else is as much.
fn compared(against: Against, candidate: f64, baseline: f64) -> f64 {
    match against {
        Against::Absolute => candidate,
        Against::Difference => candidate - baseline,
        Against::Ratio if baseline > 0.0 => candidate / baseline,
        Against::Ratio if candidate > 0.0 => f64::INFINITY,
        Against::Ratio => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Cohort, Gauges, GroupId, Scrape, Telemetry},
        units::{Bytes, Instant, Ratio},
    };

    const SUBJECT: Subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };

    /// Two scrapes, at 30 s and 60 s: failures and attempts of stable and candidate are spread over
    /// both, the latencies are in the second.
    struct Shown {
        stable: (u64, u64),
        candidate: (u64, u64),
    }

    impl Shown {
        fn telemetry(&self) -> Telemetry {
            let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
            for half in 0..2_u32 {
                let at = Instant::ZERO + Span::from_secs(30 * u64::from(half + 1));
                let mut scrape = Scrape { at, complaints: 2, ..Scrape::default() };
                for (cohort, shown) in
                    [(Cohort::STABLE, self.stable), (Cohort::EXPOSED, self.candidate)]
                {
                    let counters = &mut scrape.counters[cohort.index()];
                    let share = |it: u64| if half == 0 { it / 2 } else { it - it / 2 };
                    counters.failures = share(shown.0);
                    counters.attempts = share(shown.1);
                    for _ in counters.failures..counters.attempts {
                        let millis = if cohort == Cohort::STABLE { 100 } else { 200 };
                        counters.latency.record(Span::from_millis(millis).nanos());
                    }
                }
                for number in 0..2 {
                    scrape.gauges.push(Gauges {
                        instance: number,
                        group: GroupId::new(number),
                        memory: Bytes::from_mib(64 * (1 + u64::from(number))),
                        memory_limit: Bytes::from_mib(256),
                        restarts: number * (half + 1),
                        restarts_new: number,
                        busy: f64::from(1 + 2 * number),
                        workers: 4,
                        ..Gauges::default()
                    });
                }
                telemetry.push(scrape);
            }
            telemetry
        }

        fn assess(&self, judge: &Threshold) -> Assessment {
            let now = Instant::ZERO + Span::from_secs(60);
            { *judge }.assess(&self.telemetry().observed(now), SUBJECT)
        }
    }

    fn threshold(metric: MetricSpec, fail_above: &str, pass_below: &str) -> Threshold {
        Threshold {
            metric,
            against: Against::Absolute,
            fail_above: fail_above.parse().ok(),
            pass_below: pass_below.parse().ok(),
            window: Span::from_secs(60),
            min_samples: 0,
            min_failures: 0,
        }
    }

    fn errors(candidate: (u64, u64)) -> Shown {
        Shown { stable: (10, 1000), candidate }
    }

    #[test]
    fn limits_are_strict_and_what_lies_between_two_is_inconclusive() {
        let check = |fail: &str, pass: &str, failures: u64, expected: Verdict| {
            let judge = threshold(MetricSpec::ErrorRate, fail, pass);
            let got = errors((failures, 100)).assess(&judge).verdict;
            assert_eq!(got, expected, "{fail} {pass} {failures}");
        };
        check("5%", "", 5, Verdict::Pass);
        check("5%", "", 6, Verdict::Fail);
        check("", "5%", 5, Verdict::Pass);
        check("", "5%", 6, Verdict::Fail);
        check("5%", "2%", 2, Verdict::Pass);
        check("5%", "2%", 3, Verdict::Inconclusive);
        check("5%", "2%", 5, Verdict::Inconclusive);
        check("5%", "2%", 6, Verdict::Fail);
        check("2%", "5%", 3, Verdict::Fail);
        check("2%", "5%", 2, Verdict::Pass);
        check("", "", 100, Verdict::Pass);
    }

    #[test]
    fn the_evidence_names_value_baseline_samples_and_the_limit_that_decided() {
        let judge = Threshold {
            against: Against::Difference,
            ..threshold(MetricSpec::ErrorRate, "5%", "2%")
        };
        let found = errors((8, 100)).assess(&judge);
        let evidence = found.evidence;
        assert_eq!(found.verdict, Verdict::Fail);
        assert!((evidence.value.unwrap() - 0.07).abs() < 1e-15);
        assert!((evidence.baseline.unwrap() - 0.01).abs() < 1e-15);
        assert_eq!(evidence.samples, 100);
        assert_eq!(evidence.limit, "5%".parse().ok());
        let passed = errors((1, 100)).assess(&judge).evidence;
        assert_eq!(passed.limit, "2%".parse().ok());
    }

    #[test]
    fn a_quotient_over_a_baseline_of_zero_is_infinite_unless_both_are() {
        let judge =
            Threshold { against: Against::Ratio, ..threshold(MetricSpec::ErrorRate, "1.5x", "") };
        let check = |stable: (u64, u64), candidate: (u64, u64), expected: Verdict, value: f64| {
            let found = Shown { stable, candidate }.assess(&judge);
            assert_eq!(found.verdict, expected, "{stable:?} {candidate:?}");
            let got = found.evidence.value.unwrap();
            assert!(got.total_cmp(&value).is_eq(), "{got}, not {value}");
        };
        check((2, 100), (3, 100), Verdict::Pass, 1.5);
        check((2, 100), (4, 100), Verdict::Fail, 2.0);
        check((0, 100), (1, 100), Verdict::Fail, f64::INFINITY);
        check((0, 100), (0, 100), Verdict::Pass, 1.0);
        check((2, 100), (0, 100), Verdict::Pass, 0.0);
    }

    #[test]
    fn a_quotient_of_slopes_takes_a_falling_baseline_as_flat() {
        let quotient = |candidate, baseline| compared(Against::Ratio, candidate, baseline);
        assert!(quotient(5.0, -1.0).is_infinite());
        assert!(quotient(-5.0, -1.0).total_cmp(&1.0).is_eq());
        assert!(quotient(-5.0, 2.0) < 0.0);
    }

    #[test]
    fn nothing_to_measure_is_an_error_on_either_side() {
        let absolute = threshold(MetricSpec::ErrorRate, "5%", "");
        let difference = Threshold { against: Against::Difference, ..absolute };
        let check = |judge: &Threshold, stable, candidate, expected: Verdict| {
            assert_eq!(Shown { stable, candidate }.assess(judge).verdict, expected);
        };
        check(&absolute, (0, 10), (0, 0), Verdict::Error);
        check(&absolute, (0, 0), (0, 10), Verdict::Pass);
        check(&difference, (0, 0), (0, 10), Verdict::Error);
        check(&difference, (0, 10), (0, 0), Verdict::Error);
        check(&threshold(MetricSpec::MemorySlope, "1MiB/h", ""), (0, 1), (0, 1), Verdict::Error);
    }

    #[test]
    fn fewer_samples_than_wanted_do_not_count() {
        let judge = Threshold { min_samples: 100, ..threshold(MetricSpec::ErrorRate, "5%", "") };
        assert_eq!(errors((99, 99)).assess(&judge).verdict, Verdict::TooFew);
        assert_eq!(errors((99, 99)).assess(&judge).evidence.samples, 99);
        assert_eq!(errors((100, 100)).assess(&judge).verdict, Verdict::Fail);
        assert_eq!(errors((0, 0)).assess(&judge).verdict, Verdict::Error);
    }

    #[test]
    fn fewer_failures_than_wanted_do_not_fail() {
        let judge = Threshold { min_failures: 10, ..threshold(MetricSpec::ErrorRate, "5%", "") };
        assert_eq!(errors((9, 20)).assess(&judge).verdict, Verdict::Pass);
        assert_eq!(errors((10, 20)).assess(&judge).verdict, Verdict::Fail);
    }

    #[test]
    fn every_metric_is_judged_in_its_own_unit() {
        let check = |metric: MetricSpec, against: Against, below: &str, above: &str| {
            for (limit, expected) in [(below, Verdict::Pass), (above, Verdict::Fail)] {
                let judge = Threshold { against, ..threshold(metric, limit, "") };
                let found = errors((1, 100)).assess(&judge);
                assert_eq!(found.verdict, expected, "{metric} {limit} {found:?}");
            }
        };
        let median = MetricSpec::Latency(Ratio::clamped(0.5));
        check(median, Against::Absolute, "210ms", "190ms");
        check(median, Against::Difference, "110ms", "90ms");
        check(median, Against::Ratio, "2.1x", "1.9x");
        check(MetricSpec::Memory, Against::Absolute, "50%", "49%");
        check(MetricSpec::Memory, Against::Difference, "25%", "24%");
        check(MetricSpec::Saturation, Against::Absolute, "75%", "74%");
        check(MetricSpec::Saturation, Against::Ratio, "3x", "2.9x");
        check(MetricSpec::Restarts, Against::Absolute, "2", "1");
        check(MetricSpec::Complaints, Against::Absolute, "4", "3");
    }
}
