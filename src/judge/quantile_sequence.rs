//! Two quantiles of latency, valid at any time.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, Judge, JudgeKind, Statistic, Subject, Verdict,
    step_series::flaw_of_level,
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{Histogram, QuantileMixture, Rank, two_arm_evidence},
    units::{Factor, Instant, Ratio, Span},
};

/// A quantile of latency, candidate against baseline, over all requests since the start: fails once
/// no value can be the quantile of both and the candidate's is the higher. A candidate whose
/// quantile is at most `tolerate` times the baseline's fails with a probability of at most `level`,
/// however often it is measured, if requests are independent.
///
/// Howard and Ramdas' confidence sequences for quantiles, as Netflix uses them for play delays, in
/// their sharper two-sample form. It needs thousands of requests for high quantiles: enough of them
/// must lie beyond. Whatever affects both sides at once does not count against the candidate; what
/// affects them one after the other is not corrected for.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuantileSequence {
    /// Which quantile of the latency of attempts that succeeded.
    #[serde(default = "median")]
    pub quantile: Ratio,
    /// Multiple of the baseline's quantile that is tolerated.
    #[serde(default = "once")]
    pub tolerate: Factor,
    /// Probability that a good candidate ever fails.
    #[serde(default = "one_percent")]
    pub level: Ratio,
    /// Requests on a side at which it is most sensitive; the level holds at any number.
    #[serde(default = "thousand")]
    #[cfg_attr(test, schemars(range(min = 10, max = 1_000_000_000)))]
    pub best_at: u64,
}

fn median() -> Ratio {
    Ratio::clamped(0.5)
}

fn once() -> Factor {
    Factor::clamped(1.0)
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

fn thousand() -> u64 {
    1_000
}

impl JudgeKind for QuantileSequence {
    fn build(&self) -> Box<dyn Judge> {
        let p = self.quantile.get().clamp(1e-6, 1.0 - 1e-6);
        let alpha = self.level.get().clamp(1e-300, 0.999);
        Box::new(Run {
            spec: *self,
            // both arms share the bound, each tuned for all of it
            mixture: QuantileMixture::new(p, self.best_at as f64, alpha),
            bound: -math::ln(alpha),
            seen: None,
            candidate: Histogram::new(),
            baseline: Histogram::new(),
            failed: false,
        })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![MetricSpec::Latency(self.quantile)]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Run {
    spec: QuantileSequence,
    mixture: QuantileMixture,
    bound: f64,
    /// When the last scrape was taken that is counted.
    seen: Option<Instant>,
    candidate: Histogram,
    baseline: Histogram,
    failed: bool,
}

impl Run {
    fn keep_up(&mut self, observed: &Observed<'_>, subject: Subject) -> bool {
        let seen = self.seen.unwrap_or(subject.since);
        let mut any = false;
        for scrape in observed.after(seen) {
            scrape.add_latency(subject.candidate, &mut self.candidate);
            scrape.add_latency(subject.baseline, &mut self.baseline);
            self.seen = Some(scrape.at);
            any = true;
        }
        any
    }

    /// Least evidence against any value as the quantile of both, the candidate's divided by what is
    /// tolerated; nothing speaks against a value between the two where the candidate's is no higher.
    fn evidence(&self, low: Span, high: Span) -> f64 {
        let factor = self.spec.tolerate.get();
        let (baseline, candidate) = (self.baseline.ranks(), self.candidate.ranks());
        let last = high.scale(1.0 / factor.max(1e-9));
        let edges: Vec<Span> = Histogram::edges(low, last).collect();
        let stretch = |edges: &[Span]| -> [Rank; 2] {
            let (from, until) = (edges[0], edges[1]);
            // one nanosecond more, for what rounding to them took
            let end = until.scale(factor).saturating_add(Span::from_nanos(1));
            [baseline.within(from, until), candidate.within(from.scale(factor), end)]
        };
        two_arm_evidence(&self.mixture, edges.windows(2).map(stretch)).unwrap_or(0.0)
    }
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        self.keep_up(observed, subject);
        let p = self.spec.quantile.get();
        let metric = MetricSpec::Latency(self.spec.quantile);
        let samples = self.candidate.count();
        let sides = (self.candidate.quantile(p), self.baseline.quantile(p));
        let (Some(candidate), Some(baseline)) = sides else {
            return Assessment {
                verdict: Verdict::TooFew,
                evidence: Evidence::nothing(metric, samples),
            };
        };
        let higher = candidate > baseline.scale(self.spec.tolerate.get());
        let value = if higher { self.evidence(baseline, candidate) } else { 0.0 };
        self.failed |= value >= self.bound;
        let evidence = Evidence {
            metric,
            value: Some(candidate.as_secs_f64()),
            baseline: Some(baseline.as_secs_f64()),
            samples,
            limit: None,
            statistic: Some(Statistic { name: "ln e", value, bound: self.bound }),
        };
        Assessment { verdict: if self.failed { Verdict::Fail } else { Verdict::Pass }, evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        between
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_level("level", spec.level).into_iter().collect();
        if spec.quantile.is_zero() || spec.quantile.is_one() {
            let message = format!("`{}` is not a quantile", spec.quantile);
            flaws.push(Flaw::new("quantile", message, "between 0% and 100%"));
        }
        if spec.tolerate.get() < 1.0 {
            let message = format!("`{}` asks the candidate to be faster", spec.tolerate);
            flaws.push(Flaw::new("tolerate", message, "1x or more"));
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        judge::step_series::tests::{SUBJECT, second},
        model::{Cohort, Scrape, Telemetry},
    };

    /// Verdict on so many latencies evenly spread from 100 ms to 200 ms, the candidate's times a factor.
    fn judged(text: &str, count: u32, factor: f64) -> Verdict {
        let spec: QuantileSequence = serde_json::from_str(text).unwrap();
        let mut judge = spec.build();
        assert_eq!(judge.flaws(Span::from_secs(15)), []);
        let mut scrape = Scrape { at: second(15), ..Scrape::default() };
        for index in 0..count {
            let millis = 100.0 + 100.0 * f64::from(index) / f64::from(count);
            for (cohort, factor) in [(Cohort::STABLE, 1.0), (Cohort::EXPOSED, factor)] {
                let latency = Span::from_secs_f64(factor * millis / 1_000.0);
                scrape.counters[cohort.index()].latency.record(latency.nanos());
            }
        }
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        telemetry.push(scrape);
        judge.assess(&telemetry.observed(second(15)), SUBJECT).verdict
    }

    #[test]
    fn a_higher_quantile_fails_beyond_what_is_tolerated() {
        assert_eq!(judged("{}", 1_000, 1.0), Verdict::Pass);
        assert_eq!(judged("{}", 1_000, 1.2), Verdict::Fail);
        assert_eq!(judged("{}", 1_000, 0.8), Verdict::Pass);
        assert_eq!(judged(r#"{"tolerate": "1.2x"}"#, 1_000, 1.2), Verdict::Pass);
        assert_eq!(judged(r#"{"tolerate": "1.2x"}"#, 1_000, 1.5), Verdict::Fail);
        assert_eq!(judged("{}", 20, 1.2), Verdict::Pass);
        assert_eq!(judged("{}", 0, 1.2), Verdict::TooFew);
    }

    #[test]
    fn high_quantiles_need_many_requests() {
        let high = r#"{"quantile": "99%", "best_at": 10000}"#;
        assert_eq!(judged(high, 400, 1.3), Verdict::Pass);
        assert_eq!(judged(high, 20_000, 1.3), Verdict::Fail);
    }
}
