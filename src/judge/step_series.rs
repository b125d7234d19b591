//! Values of metrics step by step, cut from the scrapes as they come.

use std::collections::VecDeque;

use super::{Evidence, Flaw, GateForecast, Subject};
use crate::{
    model::{Measured, MetricSpec, Observed, Population},
    units::{Instant, Ratio, Span, text},
};

/// Most steps that are kept: nearly three days of minutes. Older ones are forgotten.
const STEPS_MAX: usize = 4_096;

/// Both sides of a metric in one step; not a number where there was no data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StepValues {
    pub(super) candidate: f64,
    pub(super) baseline: f64,
    /// Attempts or scrapes behind the candidate's value.
    pub(super) samples: u64,
    /// The same of the baseline's.
    pub(super) baseline_samples: u64,
}

/// Steps of equal length since the start of the analysis, closed once a scrape at or after their
/// end can be seen. A step's value is measured from its own scrapes alone.
#[derive(Clone, Debug)]
pub(super) struct StepSeries {
    metrics: Vec<MetricSpec>,
    step: Span,
    /// Time from the start of the analysis to the first step.
    delay: Span,
    most: usize,
    /// Where the step begins that is not closed yet.
    open: Option<Instant>,
    /// Of each metric.
    closed: Vec<VecDeque<StepValues>>,
    /// Steps that a chart has judged.
    judged: u64,
}

impl StepSeries {
    /// Steps of `metrics`, from `delay` after the analysis began; of the latest `lookback` only, where
    /// that is not zero.
    pub(super) fn new(metrics: &[MetricSpec], step: Span, delay: Span, lookback: Span) -> Self {
        let step = step.max(Span::from_secs(1));
        let wanted = usize::try_from(lookback.nanos() / step.nanos()).unwrap_or(STEPS_MAX);
        let most = if lookback.is_zero() { STEPS_MAX } else { wanted.clamp(1, STEPS_MAX) };
        let closed = metrics.iter().map(|_| VecDeque::new()).collect();
        Self { metrics: metrics.to_vec(), step, delay, most, open: None, closed, judged: 0 }
    }

    /// Of one metric, with nothing left out.
    pub(super) fn of(metric: MetricSpec, step: Span) -> Self {
        Self::new(&[metric], step, Span::ZERO, Span::ZERO)
    }

    /// Closes the steps that have come to their end, and says how many.
    pub(super) fn keep_up(&mut self, observed: &Observed<'_>, subject: Subject) -> usize {
        let mut open = self.open.unwrap_or_else(|| subject.since.saturating_add(self.delay));
        let newest = observed.after(open).last().map_or(open, |it| it.at);
        let kept = self.step.nanos().saturating_mul(self.most as u64);
        let waiting = newest.since(open).nanos();
        if waiting > kept {
            // what would be forgotten at once is not measured
            let steps = (waiting - kept) / self.step.nanos();
            open = open.saturating_add(Span::from_nanos(steps * self.step.nanos()));
        }
        let mut count = 0;
        while newest.since(open) >= self.step {
            let end = open.saturating_add(self.step);
            self.close(observed, subject, (open, end));
            open = end;
            count += 1;
        }
        self.open = Some(open);
        count
    }

    fn close(
        &mut self,
        observed: &Observed<'_>,
        subject: Subject,
        (from, end): (Instant, Instant),
    ) {
        let most = self.most;
        let scrapes: Vec<_> = observed.after(from).take_while(|it| it.at <= end).collect();
        for (metric, points) in self.metrics.iter().zip(&mut self.closed) {
            // it is unknown which release a user complains about
            let whole = *metric == MetricSpec::Complaints;
            let population = |asked: Population| if whole { Population::Whole } else { asked };
            let measure = |asked: Population| {
                Measured::of(*metric, population(asked), scrapes.iter().copied())
                    .unwrap_or(Measured { value: f64::NAN, samples: 0 })
            };
            let (candidate, baseline) = (measure(subject.candidate), measure(subject.baseline));
            points.push_back(StepValues {
                candidate: candidate.value,
                baseline: baseline.value,
                samples: candidate.samples,
                baseline_samples: baseline.samples,
            });
            if points.len() > most {
                points.pop_front();
            }
        }
    }

    /// Closed steps of a metric, oldest first.
    pub(super) fn of_metric(&self, index: usize) -> impl DoubleEndedIterator<Item = StepValues> {
        self.closed[index].iter().copied()
    }

    /// The latest steps of the first metric, oldest first.
    pub(super) fn latest(&self, count: usize) -> Vec<StepValues> {
        let points = &self.closed[0];
        points.range(points.len().saturating_sub(count)..).copied().collect()
    }

    /// Counts a step that a chart has judged, if it has.
    pub(super) fn booked(&mut self, judged: bool) {
        self.judged += u64::from(judged);
    }

    pub(super) const fn judged(&self) -> u64 {
        self.judged
    }

    /// The latest values of both sides, with the number of steps that a chart has judged.
    pub(super) fn evidence(&self, metric: MetricSpec) -> Evidence {
        let last = self.closed[0].back();
        let number = |it: f64| it.is_finite().then_some(it);
        Evidence {
            value: last.and_then(|it| number(it.candidate)),
            baseline: last.and_then(|it| number(it.baseline)),
            ..Evidence::nothing(metric, self.judged)
        }
    }

    /// How many steps are closed.
    pub(super) fn len(&self) -> usize {
        self.closed.first().map_or(0, VecDeque::len)
    }

    /// How far back a measurement reaches that must still see the whole of a step.
    pub(super) fn lookback(&self, between: Span) -> Span {
        between.saturating_add(self.step).saturating_add(self.step)
    }
}

/// What is wrong with a step, if anything is: it needs a scrape.
pub(super) fn flaw_of_step(step: Span, scrape: Span) -> Option<Flaw> {
    Flaw::of_span("step", step, scrape.max(Span::from_secs(1)))
}

/// Where the steps of the rollout have no time for as many values as are wanted.
pub(super) fn lint_of_steps(
    forecast: &GateForecast,
    step: Span,
    delay: Span,
    (wanted, why): (u64, &str),
) -> Option<Flaw> {
    let shortest = forecast.steps.iter().map(|it| it.hold).min().unwrap_or_default();
    let watched = if forecast.each_step { shortest } else { forecast.bake() };
    let points = watched.saturating_sub(delay).nanos() / step.nanos().max(1);
    let message = || {
        let (watched, values) = (text::span(watched), text::counted(points, "value"));
        format!("{why}: an analysis of {watched} has {values} of {}", text::span(step))
    };
    let hint = || format!("{wanted} values or more: a longer `hold`, or a shorter `step`");
    (points < wanted).then(|| Flaw::new("step", message(), hint()))
}

/// What is wrong with the chance of a false alarm, if anything is.
pub(super) fn flaw_of_level(field: &str, level: Ratio) -> Option<Flaw> {
    let usable = level.get() > 0.0 && level.get() <= 0.5;
    let message = || format!("`{level}` is not a probability of a false alarm");
    (!usable).then(|| Flaw::new(field, message(), "above 0%, at most 50%"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Cohort, Scrape, Telemetry};

    pub(in crate::judge) const SUBJECT: Subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };

    pub(in crate::judge) fn second(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_secs(seconds)
    }

    /// A scrape with these failures of 100 attempts: stable, candidate.
    pub(in crate::judge) fn scrape(seconds: u64, failures: [u64; 2]) -> Scrape {
        let mut scrape = Scrape { at: second(seconds), ..Scrape::default() };
        for (cohort, failures) in [Cohort::STABLE, Cohort::EXPOSED].into_iter().zip(failures) {
            let counters = &mut scrape.counters[cohort.index()];
            (counters.attempts, counters.failures) = (100, failures);
        }
        scrape
    }

    fn candidates(points: &StepSeries) -> Vec<f64> {
        points.of_metric(0).map(|it| it.candidate).collect()
    }

    #[test]
    fn a_step_is_closed_by_a_scrape_at_its_end_or_later_and_measured_from_its_own() {
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        let mut points = StepSeries::of(MetricSpec::ErrorRate, Span::from_secs(60));
        let mut expected = vec![];
        for (at, failures, value) in [(30, 1, None), (60, 3, Some(0.02)), (90, 5, None)] {
            telemetry.push(scrape(at, [0, failures]));
            points.keep_up(&telemetry.observed(second(at)), SUBJECT);
            expected.extend(value);
            assert_eq!(candidates(&points), expected);
        }
        // the scrape at 120 s never came: the next closes the step and is not part of it
        telemetry.push(scrape(150, [0, 9]));
        assert_eq!(points.keep_up(&telemetry.observed(second(150)), SUBJECT), 1);
        assert_eq!(candidates(&points), [0.02, 0.05]);
    }

    #[test]
    fn steps_without_scrapes_are_no_numbers_and_looks_need_not_keep_to_steps() {
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(600));
        let mut points = StepSeries::of(MetricSpec::ErrorRate, Span::from_secs(60));
        for (at, failures) in [(60, 1), (240, 4)] {
            telemetry.push(scrape(at, [0, failures]));
        }
        assert_eq!(points.keep_up(&telemetry.observed(second(250)), SUBJECT), 4);
        let values = candidates(&points);
        assert_eq!((values[0], values[3]), (0.01, 0.04));
        assert!(values[1].is_nan() && values[2].is_nan());
        assert_eq!(points.keep_up(&telemetry.observed(second(250)), SUBJECT), 0);
    }

    #[test]
    fn memory_is_bounded_whatever_happens() {
        let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(3_600));
        let (minute, seconds) = (Span::from_secs(60), Span::from_secs(120));
        let mut points = StepSeries::new(&[MetricSpec::ErrorRate], minute, Span::ZERO, seconds);
        telemetry.push(scrape(60, [0, 1]));
        telemetry.push(scrape(10_000_000, [0, 2]));
        assert!(points.keep_up(&telemetry.observed(second(10_000_000)), SUBJECT) <= 3);
        assert_eq!(points.len(), 2);
    }
}
