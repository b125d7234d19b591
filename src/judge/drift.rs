//! Whether memory grows, and when it reaches the limit.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, GateForecast, Judge, JudgeKind, Statistic, Subject, Verdict,
    step_series::{StepSeries, flaw_of_step, lint_of_steps},
};
use crate::{
    model::{MetricSpec, Observed},
    stats::Trend,
    units::{Ratio, Span},
};

/// A trend takes the square of its points: beyond so many, neighbours are averaged.
const POINTS_MAX: usize = 128;

/// A memory leak: fails once the mean memory of the candidate's instances grows significantly (Mann
/// and Kendall's test and Theil and Sen's slope, both corrected for autocorrelation: Hamed and Rao
/// 1998, with a first-order autoregression) and would reach the limit within `horizon` even at the
/// lower end of the slope's confidence interval.
///
/// The saw-tooth of a garbage collector is no trend once a few teeth are seen; the first half of a
/// long one is. A leak that takes longer to show than the analysis lasts is not detected. There is
/// no correction for repeated measurements, but measurements of a growing series mostly agree.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Fails where the limit would be reached within this time.
    #[serde(default = "one_day")]
    pub horizon: Span,
    /// Whether the baseline's growth is subtracted first: for memory that grows with the traffic of
    /// the day.
    #[serde(default)]
    pub beyond_baseline: bool,
    /// Time at the start of the analysis that is ignored: a new process fills its caches.
    #[serde(default = "ten_minutes")]
    pub warm_up: Span,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
    /// Minimum steps; a measurement with fewer does not count.
    #[serde(default = "thirty")]
    #[cfg_attr(test, schemars(range(min = 10, max = 4_000)))]
    pub min_points: u32,
    /// Probability of reporting a leak at one measurement although memory does not grow.
    #[serde(default = "one_percent")]
    pub level: Ratio,
}

fn one_day() -> Span {
    Span::from_secs(24 * 3_600)
}

fn ten_minutes() -> Span {
    Span::from_secs(600)
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn thirty() -> u32 {
    30
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

impl JudgeKind for Drift {
    fn build(&self) -> Box<dyn Judge> {
        let series = StepSeries::new(&[MetricSpec::Memory], self.step, self.warm_up, Span::ZERO);
        Box::new(Run { spec: *self, series, last: None })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![MetricSpec::Memory]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        self.beyond_baseline
    }
}

impl Drift {
    /// What a series comes to: hours and values of what may grow, and the share of the limit in
    /// use.
    fn judged(&self, series: &[(f64, f64)], used: f64) -> (Verdict, f64) {
        let Some(trend) = Trend::autocorrelated(series) else {
            return (Verdict::TooFew, f64::INFINITY);
        };
        let level = self.level.get();
        let least = trend.interval(1.0 - 2.0 * level).low;
        let surely = trend.p_rises() < level && least > 0.0;
        let hours = if surely { (1.0 - used).max(0.0) / least } else { f64::INFINITY };
        let full = hours < self.horizon.as_secs_f64() / 3_600.0;
        (if full { Verdict::Fail } else { Verdict::Pass }, hours)
    }
}

#[derive(Clone)]
struct Run {
    spec: Drift,
    series: StepSeries,
    /// What it came to when the last step was closed.
    last: Option<Assessment>,
}

impl Run {
    fn look(&self) -> Assessment {
        let metric = MetricSpec::Memory;
        let points: Vec<(f64, f64, f64)> = (0..)
            .map(f64::from)
            .zip(self.series.of_metric(0))
            .map(|(index, it)| (index, it.candidate, it.baseline))
            .filter(|(_, candidate, baseline)| {
                candidate.is_finite() && (!self.spec.beyond_baseline || baseline.is_finite())
            })
            .collect();
        let count = points.len();
        if count < self.spec.min_points as usize {
            let verdict = if count == 0 { Verdict::Error } else { Verdict::TooFew };
            return Assessment { verdict, evidence: Evidence::nothing(metric, count as u64) };
        }
        let hours = self.spec.step.as_secs_f64() / 3_600.0;
        let series: Vec<(f64, f64)> = points
            .chunks_exact(count.div_ceil(POINTS_MAX))
            .map(|block| {
                let size = block.len() as f64;
                let x: f64 = block.iter().map(|it| it.0 * hours).sum();
                let grown = |it: &(f64, f64, f64)| {
                    if self.spec.beyond_baseline { it.1 - it.2 } else { it.1 }
                };
                (x / size, block.iter().map(grown).sum::<f64>() / size)
            })
            .collect();
        // the latest tenth, so that no single tooth of a saw decides
        let latest = &points[count - (count / 10).max(3).min(count)..];
        let mean = |of: fn(&(f64, f64, f64)) -> f64| {
            latest.iter().map(of).sum::<f64>() / latest.len() as f64
        };
        let (used, baseline) = (mean(|it| it.1), mean(|it| it.2));
        let (verdict, left) = self.spec.judged(&series, used);
        let horizon = self.spec.horizon.as_secs_f64() / 3_600.0;
        let evidence = Evidence {
            metric,
            value: Some(used),
            baseline: baseline.is_finite().then_some(baseline),
            samples: count as u64,
            limit: None,
            // a year is as good as never, and has digits
            statistic: Some(Statistic {
                name: "hours to the limit",
                value: left.min(8_760.0),
                bound: horizon,
            }),
        };
        Assessment { verdict, evidence }
    }
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let closed = self.series.keep_up(observed, subject);
        match &self.last {
            Some(last) if closed == 0 => last.clone(),
            _ if self.series.len() == 0 => Assessment {
                verdict: Verdict::TooFew,
                evidence: Evidence::nothing(MetricSpec::Memory, 0),
            },
            _ => {
                let assessment = self.look();
                self.last = Some(assessment.clone());
                assessment
            }
        }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between.saturating_add(self.spec.warm_up))
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        let wanted =
            (u64::from(self.spec.min_points), "the rollout ends before a leak can be detected");
        lint_of_steps(forecast, self.spec.step, self.spec.warm_up, wanted).into_iter().collect()
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_step(spec.step, scrape).into_iter().collect();
        flaws.extend(Flaw::of_span("horizon", spec.horizon, spec.step));
        flaws.extend(super::step_series::flaw_of_level("level", spec.level));
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        judge::step_series::tests::{SUBJECT, second},
        model::{Gauges, GroupId, Scrape, Telemetry},
        units::{Bytes, round_u64},
    };

    const DRIFT: &str = "{}";

    /// Verdict after so many minutes of memory in MiB of 1 GiB: stable, candidate.
    fn after(minutes: u32, spec: &Drift, memory: impl Fn(f64) -> [f64; 2]) -> Assessment {
        let mut judge = spec.build();
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(300));
        let mut last = None;
        for minute in 1..=minutes {
            let at = second(60 * u64::from(minute));
            let mut scrape = Scrape { at, ..Scrape::default() };
            for (number, mib) in (0..).zip(memory(f64::from(minute))) {
                scrape.gauges.push(Gauges {
                    instance: number,
                    group: GroupId::new(number),
                    memory: Bytes::new(round_u64(mib * f64::from(1 << 20))),
                    memory_limit: Bytes::from_mib(1_024),
                    ..Gauges::default()
                });
            }
            telemetry.push(scrape);
            last = Some(judge.assess(&telemetry.observed(at), SUBJECT));
        }
        last.unwrap()
    }

    fn spec() -> Drift {
        serde_json::from_str(DRIFT).unwrap()
    }

    /// Something that repeats, but not soon.
    fn noise(minute: f64) -> f64 {
        3.0 * libm::sin(minute * 12.9) + 2.0 * libm::sin(minute * 4.1)
    }

    #[test]
    fn a_leak_that_fills_the_memory_within_a_day_fails_and_a_slower_one_passes() {
        let leak =
            |rate: f64| move |minute: f64| [256.0, 256.0 + rate * minute / 60.0 + noise(minute)];
        let fast = after(70, &spec(), leak(60.0));
        assert_eq!(fast.verdict, Verdict::Fail);
        // 1,024 - 256 - 70 MiB at 60 MiB an hour: 11.6 h, and a little more at the slope's lower end
        let left = fast.evidence.statistic.unwrap().value;
        assert!((11.0..15.0).contains(&left), "{left}");
        assert_eq!(after(70, &spec(), leak(10.0)).verdict, Verdict::Pass);
        assert_eq!(after(39, &spec(), leak(60.0)).verdict, Verdict::TooFew);
    }

    #[test]
    fn the_baselines_growth_is_taken_off_where_asked() {
        let both = |minute: f64| [256.0 + minute, 256.0 + minute + noise(minute)];
        assert_eq!(after(70, &spec(), both).verdict, Verdict::Fail);
        let beyond = Drift { beyond_baseline: true, ..spec() };
        assert_eq!(after(70, &beyond, both).verdict, Verdict::Pass);
        let more = |minute: f64| [256.0 + minute, 256.0 + 2.0 * minute + noise(minute)];
        assert_eq!(after(70, &beyond, more).verdict, Verdict::Fail);
    }

    #[test]
    fn the_saw_teeth_of_a_garbage_collector_are_no_leak() {
        for period in [3.0, 7.0, 13.0, 20.0] {
            for minutes in [45, 60, 90, 200, 700] {
                let saw = |minute: f64| {
                    let tooth = minute / period - (minute / period).floor();
                    [300.0, 300.0 + 200.0 * tooth + noise(minute)]
                };
                let got = after(minutes, &spec(), saw);
                assert_eq!(got.verdict, Verdict::Pass, "{period} {minutes}: {got:?}");
            }
        }
    }

    #[test]
    fn memory_that_is_not_modelled_is_an_error() {
        let mut judge = spec().build();
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(300));
        for minute in 1..=20 {
            telemetry.push(Scrape { at: second(60 * minute), ..Scrape::default() });
            judge.assess(&telemetry.observed(second(60 * minute)), SUBJECT);
        }
        let last = judge.assess(&telemetry.observed(second(1_200)), SUBJECT);
        assert_eq!(last.verdict, Verdict::Error);
    }
}
