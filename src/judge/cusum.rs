//! A cumulative sum that detects what starts late.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, Judge, JudgeKind, Reference, Statistic, Subject, Verdict,
    reference::Learnt,
    step_series::{StepSeries, StepValues, flaw_of_level, flaw_of_step},
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{Cusum as Chart, normal_increment, poisson_increment},
    units::{Ratio, Span},
};

/// Page's cumulative sum of evidence that a metric has become worse, step by step; earlier good
/// values do not count, so it detects what starts late: leaks, expiring caches, nightly jobs.
///
/// It guarantees a mean time between false alarms of at least `1 / false_alarm` steps, not a
/// probability over a rollout: with 0.1 % and steps of a minute, half of the good rollouts raise an
/// alarm within half a day. Use it after the promotion rather than as a gate. The guarantee needs a
/// stated `reference` and values that are independent from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cusum {
    /// What is measured, one value a step.
    pub metric: MetricSpec,
    /// The change to detect.
    #[serde(default)]
    pub find: Find,
    /// The normal mean and spread.
    #[serde(default)]
    pub reference: Reference,
    /// Steps from which the normal mean and spread are learnt.
    #[serde(default = "ten")]
    #[cfg_attr(test, schemars(range(min = 2, max = 4_000)))]
    pub learn: u32,
    /// Alarm at this sum, in standard deviations for a shift and in events for a ratio.
    /// Without it, it follows from `false_alarm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 0.01, max = 1_000_000)))]
    pub limit: Option<f64>,
    /// One by the mean number of steps between false alarms: the sum of logarithms of likelihood
    /// ratios alarms from `ln(1 / false_alarm)` on.
    #[serde(default = "one_in_a_thousand")]
    pub false_alarm: Ratio,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
}

/// The change that a cumulative sum is tuned for; smaller changes are detected later.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Find {
    /// A shift of this many standard deviations above the mean, for roughly normal values.
    Shift(#[cfg_attr(test, schemars(range(min = 0.01, max = 100)))] f64),
    /// A rate this many times as high, for an error rate: Poisson counts of failed attempts.
    Ratio(#[cfg_attr(test, schemars(range(min = 1.01, max = 1_000)))] f64),
}

impl Default for Find {
    fn default() -> Self {
        Self::Shift(1.0)
    }
}

fn ten() -> u32 {
    10
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn one_in_a_thousand() -> Ratio {
    Ratio::clamped(0.001)
}

impl JudgeKind for Cusum {
    fn build(&self) -> Box<dyn Judge> {
        let evidence = -math::ln(self.false_alarm.get().max(1e-300));
        let unit = match self.find {
            Find::Shift(shift) => shift,
            Find::Ratio(ratio) => math::ln(ratio.max(1.0 + 1e-9)),
        };
        Box::new(Run {
            spec: *self,
            series: StepSeries::of(self.metric, self.step),
            chart: Chart::new(self.limit.unwrap_or(evidence / unit.max(1e-9))),
            learnt: Learnt::new(self.reference, self.learn),
            rate: Rate::default(),
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

/// The usual rate of failures, as far as it has been learnt.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    steps: u32,
    failures: f64,
    attempts: f64,
}

impl Rate {
    /// Half a failure is added, so that a baseline without any is not taken for perfect.
    fn learn(&mut self, rate: f64, attempts: u64) {
        if rate.is_finite() && attempts > 0 {
            self.steps += 1;
            self.attempts += attempts as f64;
            self.failures += rate * attempts as f64;
        }
    }

    fn known(&self, least: u32) -> Option<f64> {
        (self.steps >= least).then(|| (self.failures + 0.5) / (self.attempts + 1.0))
    }
}

#[derive(Clone)]
struct Run {
    spec: Cusum,
    series: StepSeries,
    chart: Chart,
    learnt: Learnt,
    rate: Rate,
}

impl Run {
    /// What a step adds; none while what is usual is not known.
    fn increment(&mut self, point: &StepValues) -> Option<f64> {
        let ratio = match self.spec.find {
            Find::Shift(shift) => {
                return self.learnt.standardised(point).map(|z| normal_increment(z, 0.5 * shift));
            }
            Find::Ratio(ratio) => ratio,
        };
        let usual = match self.spec.reference {
            Reference::Given(usual) => usual.mean.value(),
            Reference::Baseline => {
                self.rate.learn(point.baseline, point.baseline_samples);
                self.rate.known(self.spec.learn)?
            }
            Reference::First => {
                let Some(known) = self.rate.known(self.spec.learn) else {
                    self.rate.learn(point.candidate, point.samples);
                    return None;
                };
                known
            }
        };
        let mean = usual * point.samples as f64;
        let count = point.candidate * point.samples as f64;
        // a step without attempts has nothing to say
        (mean > 0.0 && count.is_finite()).then(|| poisson_increment(count, mean, ratio * mean))
    }
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let closed = self.series.keep_up(observed, subject);
        let mut alarmed = self.chart.alarms();
        for point in self.series.latest(closed) {
            let known = self.increment(&point);
            self.chart.add(known.unwrap_or(0.0));
            alarmed |= self.chart.alarms();
            self.series.booked(known.is_some());
        }
        let verdict = match (alarmed, self.series.judged()) {
            (true, _) => Verdict::Fail,
            (false, 0) => Verdict::TooFew,
            (false, _) => Verdict::Pass,
        };
        let (sum, limit) = (self.chart.sum(), self.chart.limit());
        let statistic = Some(Statistic { name: "sum", value: sum, bound: limit });
        let evidence = Evidence { statistic, ..self.series.evidence(self.spec.metric) };
        Assessment { verdict, evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_step(spec.step, scrape).into_iter().collect();
        flaws.extend(flaw_of_level("false_alarm", spec.false_alarm));
        flaws.extend(spec.reference.flaws(spec.metric));
        if matches!(spec.find, Find::Ratio(_)) && spec.metric != MetricSpec::ErrorRate {
            let message = format!("a ratio of events cannot be found in the {}", spec.metric);
            flaws.push(Flaw::new("find", message, "`shift`, or the metric `error_rate`"));
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

    /// Minutes until the chart fails; failures of 100 attempts a minute.
    fn fails_after(text: &str, failures: impl Fn(u64) -> [u64; 2]) -> Option<u64> {
        let spec: Cusum = serde_json::from_str(text).unwrap();
        let mut judge = spec.build();
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        (1..=60).find(|minute| {
            telemetry.push(scrape(60 * minute, failures(*minute)));
            let observed = telemetry.observed(second(60 * minute));
            judge.assess(&observed, SUBJECT).verdict == Verdict::Fail
        })
    }

    #[test]
    fn errors_that_set_in_late_are_found_soon_after() {
        let text = r#"{"metric": "error_rate", "find": {"ratio": 3}}"#;
        let late = |minute: u64| [1, if minute > 40 { 5 } else { 1 }];
        // usual 1, worse 3: 5 - 2 / ln 3 events a minute, 6.3 of them to the limit
        assert_eq!(fails_after(text, late), Some(42));
        assert_eq!(fails_after(text, |_| [1, 1]), None);
        // what affects both sides is normal, and a step of it is not
        assert_eq!(fails_after(text, |_| [5, 5]), None);
    }

    #[test]
    fn a_shift_of_values_is_found_against_the_first_steps() {
        let text = r#"{"metric": "error_rate", "reference": "first", "limit": 4}"#;
        let noisy = |minute: u64, more: u64| [0, 10 + minute % 3 + more];
        assert_eq!(fails_after(text, |it| noisy(it, 0)), None);
        let found = fails_after(text, |it| noisy(it, if it > 30 { 3 } else { 0 }));
        assert!(found.is_some_and(|it| (31..=34).contains(&it)), "{found:?}");
    }

    #[test]
    fn nothing_is_said_before_it_is_known_what_is_usual() {
        let spec: Cusum = serde_json::from_str(r#"{"metric": "error_rate"}"#).unwrap();
        let mut judge = spec.build();
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        for minute in 1..=9 {
            telemetry.push(scrape(60 * minute, [minute, 90]));
            let got = judge.assess(&telemetry.observed(second(60 * minute)), SUBJECT);
            assert_eq!(got.verdict, Verdict::TooFew);
        }
    }
}
