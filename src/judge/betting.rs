//! A mean of bounded values against a bound, valid at any time.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, Judge, JudgeKind, Statistic, Subject, Verdict,
    step_series::{StepSeries, StepValues, flaw_of_level, flaw_of_step},
};
use crate::{
    model::{Against, MetricSpec, Observed},
    stats::Wager,
    units::{Limit, LimitKind, Ratio, Span},
};

/// A test by betting on a metric's values, one a step, which wins where they exceed a bound on
/// their mean: fails once its capital has grown `1 / level` times. A candidate whose mean is within
/// the bound fails with at most that probability, however often it is measured and whatever the
/// distribution, as long as each step's expected value is within the bound given the steps before.
///
/// Values must have an upper end: parts have 1, latencies are clipped to `timeout`. It needs tens
/// of steps even for large differences; for errors use a judge on counts, since there are more
/// events than steps.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Betting {
    /// What is measured, one value a step: error rate, saturation, memory or a latency.
    pub metric: MetricSpec,
    /// The mean that the candidate should not exceed, or against a `difference`, by how much it may
    /// exceed the baseline. Without it, 0, which is allowed for a difference only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_below: Option<Limit>,
    /// What the bound is compared with: `absolute`, or `difference` for values of the same step.
    #[serde(default)]
    pub against: Against,
    /// Longest latency that counts; longer ones count as this.
    #[serde(default = "ten_seconds")]
    pub timeout: Span,
    /// Probability that a good candidate ever fails.
    #[serde(default = "one_percent")]
    pub level: Ratio,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
}

fn ten_seconds() -> Span {
    Span::from_secs(10)
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

impl JudgeKind for Betting {
    fn build(&self) -> Box<dyn Judge> {
        let bound = self.mean_below.map_or(0.0, Limit::value) / self.range();
        let mean = match self.against {
            Against::Absolute | Against::Ratio => bound,
            Against::Difference => 0.5 * (1.0 + bound),
        };
        // what no mean can be is a flaw, and must not make a stake infinite
        let mean = mean.clamp(1e-9, 1.0 - 1e-9);
        let wager = Wager::against(mean, self.level.get().clamp(1e-300, 0.999));
        let series = StepSeries::of(self.metric, self.step);
        Box::new(Run { spec: *self, series, wager, ruined: false })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.metric]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        self.against == Against::Difference
    }
}

impl Betting {
    /// The upper end of the metric's values.
    fn range(&self) -> f64 {
        match self.metric.limit_kind(Against::Absolute) {
            LimitKind::Span => self.timeout.as_secs_f64().max(1e-9),
            LimitKind::Ratio | LimitKind::Factor | LimitKind::Slope | LimitKind::Count => 1.0,
        }
    }

    /// A step as a value from 0 to 1.
    fn value(&self, point: &StepValues) -> f64 {
        let part = |it: f64| (it / self.range()).clamp(0.0, 1.0);
        match self.against {
            Against::Absolute | Against::Ratio => part(point.candidate),
            Against::Difference => 0.5 * (1.0 + part(point.candidate) - part(point.baseline)),
        }
    }
}

#[derive(Clone)]
struct Run {
    spec: Betting,
    series: StepSeries,
    wager: Wager,
    /// The bet has reached its target, which is final.
    ruined: bool,
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let closed = self.series.keep_up(observed, subject);
        for point in self.series.latest(closed) {
            let value = self.spec.value(&point);
            self.wager.add(value);
            self.series.booked(!value.is_nan());
            self.ruined |= self.wager.log_capital() >= self.wager.bound();
        }
        let verdict = match (self.ruined, self.series.judged()) {
            (true, _) => Verdict::Fail,
            (false, 0) => Verdict::TooFew,
            (false, _) => Verdict::Pass,
        };
        let (value, bound) = (self.wager.log_capital(), self.wager.bound());
        let statistic = Some(Statistic { name: "ln e", value, bound });
        let evidence = Evidence { statistic, ..self.series.evidence(self.spec.metric) };
        Assessment { verdict, evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_step(spec.step, scrape).into_iter().collect();
        flaws.extend(flaw_of_level("level", spec.level));
        let kind = spec.metric.limit_kind(Against::Absolute);
        if !matches!(kind, LimitKind::Ratio | LimitKind::Span) {
            let message = format!("the {} has no upper end", spec.metric);
            flaws.push(Flaw::new("metric", message, "error_rate, saturation, memory or a latency"));
        } else if spec.against == Against::Ratio {
            let message = "a quotient has no upper end";
            flaws.push(Flaw::new("against", message, "absolute or difference"));
        } else if let Some(limit) = spec.mean_below {
            flaws.extend(Flaw::of_limit("mean_below", spec.metric, spec.against, limit));
            let bound = limit.value() / spec.range();
            if bound >= 1.0 || (bound <= 0.0 && spec.against == Against::Absolute) {
                let message =
                    format!("no mean of bounded values can exceed `{limit}`, or each does");
                flaws.push(Flaw::new("mean_below", message, "between 0 and the upper end"));
            }
        } else if spec.against == Against::Absolute {
            flaws.push(Flaw::new("mean_below", "there is no bound", LimitKind::example(kind)));
        }
        flaws.extend(Flaw::of_span("timeout", spec.timeout, Span::from_millis(1)));
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        judge::step_series::tests::{SUBJECT, scrape, second},
        model::Telemetry,
    };

    fn last(text: &str, failures: [u64; 2]) -> Verdict {
        let spec: Betting = serde_json::from_str(text).unwrap();
        let mut judge = spec.build();
        assert_eq!(judge.flaws(Span::from_secs(15)), []);
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        let mut last = Verdict::Error;
        for minute in 1..=60 {
            telemetry.push(scrape(60 * minute, failures));
            let observed = telemetry.observed(second(60 * minute));
            last = judge.assess(&observed, SUBJECT).verdict;
        }
        last
    }

    #[test]
    fn a_mean_above_its_bound_fails_in_time_and_one_below_does_not() {
        let bound = r#"{"metric": "error_rate", "mean_below": "10%"}"#;
        assert_eq!(last(bound, [0, 40]), Verdict::Fail);
        assert_eq!(last(bound, [0, 10]), Verdict::Pass);
        let paired = r#"{"metric": "error_rate", "against": "difference"}"#;
        assert_eq!(last(paired, [30, 70]), Verdict::Fail);
        assert_eq!(last(paired, [70, 70]), Verdict::Pass);
    }

    #[test]
    fn what_has_no_upper_end_is_a_flaw() {
        let flawed = |text: &str| {
            let spec: Betting = serde_json::from_str(text).unwrap();
            spec.build().flaws(Span::from_secs(15)).len()
        };
        assert_eq!(flawed(r#"{"metric": "restarts", "mean_below": "3"}"#), 1);
        assert_eq!(flawed(r#"{"metric": "error_rate"}"#), 1);
        assert_eq!(flawed(r#"{"metric": {"latency": "95%"}, "mean_below": "20s"}"#), 1);
        assert_eq!(flawed(r#"{"metric": {"latency": "95%"}, "mean_below": "2s"}"#), 0);
    }
}
