//! An exponentially weighted moving average.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, Judge, JudgeKind, Reference, Statistic, Subject, Verdict,
    reference::Learnt,
    step_series::{StepSeries, flaw_of_step},
};
use crate::{
    model::{MetricSpec, Observed},
    stats::Ewma as Chart,
    units::Span,
};

/// Roberts' exponentially weighted moving average of a metric, step by step; fails while it is more
/// than `width` of its standard deviations above the normal mean.
///
/// It guarantees a mean number of steps between false alarms (500 for the defaults, two-sided), not
/// a probability over a rollout, and needs a stated `reference` and values that are independent
/// from step to step. Suited to small changes that start late, after the promotion.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ewma {
    /// What is measured, one value a step.
    pub metric: MetricSpec,
    /// Weight of the latest value, above 0 and at most 1: smaller values average over longer.
    #[serde(default = "one_fifth")]
    #[cfg_attr(test, schemars(range(min = 0.001, max = 1)))]
    pub lambda: f64,
    /// Standard deviations of the average in the long run.
    #[serde(default = "three")]
    #[cfg_attr(test, schemars(range(min = 0.1, max = 100)))]
    pub width: f64,
    /// Whether a change for the better fails too.
    #[serde(default)]
    pub two_sided: bool,
    /// The normal mean and spread.
    #[serde(default)]
    pub reference: Reference,
    /// Steps from which the normal mean and spread are learnt.
    #[serde(default = "ten")]
    #[cfg_attr(test, schemars(range(min = 2, max = 4_000)))]
    pub learn: u32,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
}

fn one_fifth() -> f64 {
    0.2
}

fn three() -> f64 {
    2.962
}

fn ten() -> u32 {
    10
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

impl JudgeKind for Ewma {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(Run {
            spec: *self,
            series: StepSeries::of(self.metric, self.step),
            chart: Chart::new(self.lambda.clamp(1e-6, 1.0), self.width),
            learnt: Learnt::new(self.reference, self.learn),
        })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.metric]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        self.reference == Reference::Baseline
    }
}

#[derive(Clone)]
struct Run {
    spec: Ewma,
    series: StepSeries,
    chart: Chart,
    learnt: Learnt,
}

impl Run {
    fn alarms(&self) -> bool {
        let average = self.chart.average();
        let distance = if self.spec.two_sided { average.abs() } else { average };
        distance > self.chart.limit()
    }
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let closed = self.series.keep_up(observed, subject);
        let mut alarmed = self.alarms();
        for point in self.series.latest(closed) {
            let z = self.learnt.standardised(&point);
            self.chart.add(z.unwrap_or(f64::NAN));
            alarmed |= self.alarms();
            self.series.booked(z.is_some());
        }
        let verdict = match (alarmed, self.series.judged()) {
            (true, _) => Verdict::Fail,
            (false, 0) => Verdict::TooFew,
            (false, _) => Verdict::Pass,
        };
        let (value, bound) = (self.chart.average(), self.chart.limit());
        let statistic = Some(Statistic { name: "average", value, bound });
        let evidence = Evidence { statistic, ..self.series.evidence(self.spec.metric) };
        Assessment { verdict, evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = flaw_of_step(self.spec.step, scrape).into_iter().collect();
        flaws.extend(self.spec.reference.flaws(self.spec.metric));
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
    fn a_change_for_the_better_fails_only_where_both_sides_count() {
        for (text, failures, expected) in [
            (r#"{"metric": "error_rate"}"#, 30, Verdict::Fail),
            (r#"{"metric": "error_rate"}"#, 1, Verdict::Pass),
            (r#"{"metric": "error_rate", "two_sided": true}"#, 1, Verdict::Fail),
        ] {
            let spec: Ewma = serde_json::from_str(text).unwrap();
            let mut judge = spec.build();
            let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
            let mut last = Verdict::TooFew;
            for minute in 1..=40 {
                telemetry.push(scrape(60 * minute, [10 + minute % 3, failures]));
                let observed = telemetry.observed(second(60 * minute));
                last = judge.assess(&observed, SUBJECT).verdict;
            }
            assert_eq!(last, expected, "{text} {failures}");
        }
    }
}
