//! Two means, compared once.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, GateForecast, Judge, JudgeKind, Statistic, Subject, Verdict,
    step_series::{StepSeries, flaw_of_level, flaw_of_step, lint_of_steps},
};
use crate::{
    model::{MetricSpec, Observed},
    stats::{Moments, Welch as Test},
    units::{Ratio, Span, text},
};

/// Welch's test of a metric's values, one a step: fails where the candidate's mean is significantly
/// above the baseline's.
///
/// For comparison and teaching: `level` holds for one measurement of independent values. Measured
/// every minute for half an hour at 1 %, it fails about one good release in ten, and
/// autocorrelation (0.2 to 0.7 in real windows of five minutes) makes the degrees of freedom look
/// larger than they are.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Welch {
    /// What is measured, one value a step.
    pub metric: MetricSpec,
    /// Chance of a false alarm at one measurement.
    #[serde(default = "one_percent")]
    pub level: Ratio,
    /// Minimum values on each side; a measurement with fewer does not count.
    #[serde(default = "ten")]
    #[cfg_attr(test, schemars(range(min = 2, max = 4_000)))]
    pub min_points: u32,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
    /// Window of a measurement; 0 for all since the start.
    #[serde(default)]
    pub lookback: Span,
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

fn ten() -> u32 {
    10
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

impl JudgeKind for Welch {
    fn build(&self) -> Box<dyn Judge> {
        let series = StepSeries::new(&[self.metric], self.step, Span::ZERO, self.lookback);
        Box::new(Run { spec: *self, series })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.metric]
    }

    // `lookback` must hold `min_points` steps
    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Run {
    spec: Welch,
    series: StepSeries,
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        self.series.keep_up(observed, subject);
        let (mut candidate, mut baseline) = (Moments::default(), Moments::default());
        for point in self.series.of_metric(0) {
            for (side, value) in
                [(&mut candidate, point.candidate), (&mut baseline, point.baseline)]
            {
                if value.is_finite() {
                    side.record(value);
                }
            }
        }
        let mean = |it: &Moments| (it.count() > 0).then(|| it.mean());
        let mut evidence = Evidence {
            value: mean(&candidate),
            baseline: mean(&baseline),
            ..Evidence::nothing(self.spec.metric, candidate.count())
        };
        let few = candidate.count().min(baseline.count()) < u64::from(self.spec.min_points);
        let Some(test) = Test::of(&candidate, &baseline).filter(|_| !few) else {
            return Assessment { verdict: Verdict::TooFew, evidence };
        };
        let (p, level) = (test.p_above(), self.spec.level.get());
        evidence.statistic = Some(Statistic { name: "p", value: p, bound: level });
        Assessment { verdict: if p <= level { Verdict::Fail } else { Verdict::Pass }, evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        let wanted = (u64::from(self.spec.min_points), "there will never be enough values");
        let few = lint_of_steps(forecast, self.spec.step, Span::ZERO, wanted);
        let looks = forecast.all_looks();
        let level = text::share(self.spec.level.get());
        let message =
            || format!("{looks} measurements, with a false alarm probability of {level} at each");
        let hint = "a test that is valid at any time: `e_process`, `quantile_sequence` or \
                    `betting`";
        let peeking = (looks > 1).then(|| Flaw::new("level", message(), hint));
        few.into_iter().chain(peeking).collect()
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_step(spec.step, scrape).into_iter().collect();
        flaws.extend(flaw_of_level("level", spec.level));
        let least = u64::from(spec.min_points).saturating_mul(spec.step.nanos());
        if !spec.lookback.is_zero() {
            flaws.extend(Flaw::of_span("lookback", spec.lookback, Span::from_nanos(least)));
        }
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

    #[test]
    fn means_beyond_chance_fail_and_few_values_say_nothing() {
        for (more, minutes, expected) in
            [(0, 20, Verdict::Pass), (3, 20, Verdict::Fail), (3, 9, Verdict::TooFew)]
        {
            let spec: Welch = serde_json::from_str(r#"{"metric": "error_rate"}"#).unwrap();
            let mut judge = spec.build();
            let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
            let mut last = Verdict::Error;
            for minute in 1..=minutes {
                telemetry.push(scrape(60 * minute, [10 + minute % 4, 10 + more + minute % 3]));
                let observed = telemetry.observed(second(60 * minute));
                last = judge.assess(&observed, SUBJECT).verdict;
            }
            assert_eq!(last, expected, "{more} {minutes}");
        }
    }
}
