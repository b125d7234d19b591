//! Gates that cannot work, with the arithmetic.

use super::Threshold;
use crate::{
    judge::{
        Flaw, SUCCESS_RATE,
        forecast::{GateForecast, StepForecast},
    },
    kernel::math,
    model::{Against, MetricSpec},
    units::{
        Limit, Ratio, Span, round_u64,
        text::{counted, rough, share, span, things},
    },
};

/// A gate that rolls back more good releases than this gets a warning.
const FALSE_ROLLBACKS: f64 = 0.05;
/// A measurement without data more often than this needs a guard.
const EMPTY: f64 = 0.01;
/// A slope of fewer scrapes than this says little.
const SLOPE_POINTS: u64 = 30;
/// Measurements without data are repeated after this time, in seconds.
const RETRY: u64 = 10;

pub(super) fn of(judge: &Threshold, forecast: &GateForecast) -> Vec<Flaw> {
    let counts = match judge.metric {
        MetricSpec::ErrorRate => of_errors(judge, forecast),
        MetricSpec::Latency(quantile) => of_tail(judge, quantile.get(), forecast),
        MetricSpec::MemorySlope => of_slope(judge, forecast),
        MetricSpec::SlowerThan(_)
        | MetricSpec::Memory
        | MetricSpec::Restarts
        | MetricSpec::Saturation
        | MetricSpec::Complaints => Vec::new(),
    };
    let requests = matches!(judge.metric, MetricSpec::ErrorRate | MetricSpec::Latency(_));
    let of_requests = requests.then(|| [unmet(judge, forecast), unguarded(judge, forecast)]);
    let of_any = [blind(judge, forecast), alone(judge, forecast)];
    counts
        .into_iter()
        .chain(of_requests.into_iter().flatten().flatten())
        .chain(of_any.into_iter().flatten())
        .collect()
}

/// An error rate that only a success rate would have.
pub(super) fn slipped(judge: &Threshold) -> Vec<Flaw> {
    let of_errors = judge.metric == MetricSpec::ErrorRate && judge.against == Against::Absolute;
    let limits = [("fail_above", judge.fail_above), ("pass_below", judge.pass_below)];
    let set = limits.into_iter().filter_map(|(field, limit)| Some((field, limit?)));
    let slips = set.filter(|it| of_errors && it.1.value() >= SUCCESS_RATE);
    slips
        .map(|(field, limit)| {
            let limit = limit.value();
            let message = format!(
                "the gate fails only where more than {} of the requests fail: is this a success rate?",
                share(limit)
            );
            let errors = Ratio::clamped(1.0 - limit);
            let hint = format!("a success rate of {} is `{field}: {errors}`", share(limit));
            Flaw::new(field, message, hint)
        })
        .collect()
}

fn sees(step: StepForecast, window: Span) -> String {
    let attempts = things(&rough(step.samples(window)), "attempt");
    format!("{} has about {attempts} in {}", step.words(), span(window))
}

/// The limit on the candidate's own error rate.
fn error_limit(judge: &Threshold, errors: f64) -> Option<f64> {
    let limit = judge.fail_above.or(judge.pass_below).map(Limit::value)?;
    Some(match judge.against {
        Against::Absolute => limit,
        Against::Difference => errors + limit,
        Against::Ratio => errors * limit,
    })
}

fn of_errors(judge: &Threshold, forecast: &GateForecast) -> Vec<Flaw> {
    let Some(limit) = error_limit(judge, forecast.errors) else { return Vec::new() };
    let one = on_one_error(judge, forecast, limit);
    let by_chance = by_chance(judge, forecast, limit);
    one.into_iter().chain(by_chance).collect()
}

/// One error is more than the limit.
fn on_one_error(judge: &Threshold, forecast: &GateForecast, limit: f64) -> Option<Flaw> {
    let step = forecast.thinnest();
    let samples = step.samples(judge.window).max(judge.min_samples as f64);
    let fires = samples * limit < 1.0 && judge.min_failures < 2 && forecast.failure_limit == 0;
    let one = 1.0 / samples.max(1.0);
    let message = || {
        format!(
            "a single error fails the gate: {}, one of them is {}, and the limit is {}",
            if judge.min_samples as f64 > step.samples(judge.window) {
                format!("measurements count from {}", counted(judge.min_samples, "attempt"))
            } else {
                sees(step, judge.window)
            },
            share(one),
            share(limit)
        )
    };
    let hint = "at least `min_failures: 5`, a longer `window`, or the judge `e_process`";
    fires.then(|| Flaw::new("", message(), hint))
}

/// Good releases are rolled back by chance.
fn by_chance(judge: &Threshold, forecast: &GateForecast, limit: f64) -> Option<Flaw> {
    let rehearsed = forecast.rehearsed.filter(|it| it.exceeds(FALSE_ROLLBACKS))?;
    if rehearsed.lacks_data() {
        let message = format!(
            "about {} of good releases are rolled back since measurements have no data: {}",
            rehearsed.good_words(),
            sees(forecast.thinnest(), judge.window)
        );
        return Some(Flaw::new("", message, "the gate's `no_data: skip`, or a longer `window`"));
    }
    let message = format!(
        "about {} of good releases are rolled back by chance: {}, of which {} fail on a normal day, and more \
         than {} fails a measurement; about {} of releases with twice the errors are caught",
        rehearsed.good_words(),
        sees(forecast.thinnest(), judge.window),
        share(forecast.errors),
        share(limit),
        share(rehearsed.doubled.rate().unwrap_or(0.0))
    );
    Some(Flaw::new("", message, "measure it: `rollsim power FILE`"))
}

/// More samples are wanted than there are.
fn unmet(judge: &Threshold, forecast: &GateForecast) -> Option<Flaw> {
    let wanted = judge.min_samples as f64;
    // a Poisson count is hardly ever three standard deviations above its mean
    let out_of_reach = |it: &&StepForecast| {
        let mean = it.samples(judge.window);
        mean + 3.0 * mean.sqrt() < wanted
    };
    let step = forecast.steps.iter().find(out_of_reach)?;
    let all = forecast.steps.iter().filter(out_of_reach).count() == forecast.steps.len();
    let attempts = things(&rough(step.samples(judge.window)), "attempt");
    let (window, least) = (span(judge.window), judge.min_samples);
    let message = if all {
        format!(
            "no measurement ever counts: {}, and `min_samples` is {least}",
            sees(*step, judge.window)
        )
    } else {
        format!(
            "no measurement of {} counts: about {attempts} in {window}, and `min_samples` is {least}",
            step.words()
        )
    };
    Some(Flaw::new("min_samples", message, "fewer samples, a longer `window`, or more traffic"))
}

/// Measurements without data end the rollout.
fn unguarded(judge: &Threshold, forecast: &GateForecast) -> Option<Flaw> {
    let step = forecast.thinnest();
    let empty = math::exp(-step.samples(judge.window));
    let repeats = u64::from(forecast.consecutive_error_limit);
    // measurements repeated within the window find no data either
    let within = repeats * RETRY <= judge.window.nanos() / 1_000_000_000;
    let once = 1.0 - math::exp(-empty * forecast.looks(step) as f64);
    let message = || {
        format!(
            "minutes without traffic end the rollout: {}, none at all in {} of the measurements, \
             and {} consecutive measurements without data are an error",
            sees(step, judge.window),
            share(empty),
            repeats + 1
        )
    };
    let hint = "set the gate's `consecutive_error_limit: 1000`, or a longer `window`";
    (within && empty > EMPTY && once > EMPTY).then(|| Flaw::new("", message(), hint))
}

/// A quantile of fewer samples than it takes to have one beyond it.
fn of_tail(judge: &Threshold, quantile: f64, forecast: &GateForecast) -> Vec<Flaw> {
    let step = forecast.thinnest();
    let samples = step.samples(judge.window).max(judge.min_samples as f64);
    let beyond = samples * (1.0 - quantile);
    let message = || {
        format!(
            "{} are beyond the {}: {}, so single slow answers decide",
            things(&rough(beyond), "attempt"),
            judge.metric,
            sees(step, judge.window)
        )
    };
    let wanted = round_u64(5.0 / (1.0 - quantile));
    let hint = || format!("`min_samples: {wanted}`, a longer `window`, or a lower quantile");
    if beyond < 2.0 && quantile < 1.0 { vec![Flaw::new("", message(), hint())] } else { Vec::new() }
}

/// A slope of few points, or one that the steps have no time for.
fn of_slope(judge: &Threshold, forecast: &GateForecast) -> Vec<Flaw> {
    let points = judge.window.nanos() / forecast.scrape.interval.nanos().max(1);
    let message = format!(
        "a slope of {} is mostly noise: {} of one every {}",
        counted(points, "scrape"),
        span(judge.window),
        span(forecast.scrape.interval)
    );
    let few = points < SLOPE_POINTS;
    few.then(|| Flaw::new("window", message, format!("{SLOPE_POINTS} scrapes or more")))
        .into_iter()
        .collect()
}

/// The monitoring shows nothing yet of so short a past.
fn blind(judge: &Threshold, forecast: &GateForecast) -> Option<Flaw> {
    let least = forecast.scrape.interval.saturating_add(forecast.scrape.delay);
    let message = || {
        format!(
            "a window of {} may hold no scrape: one is taken every {} and is visible {} later",
            span(judge.window),
            span(forecast.scrape.interval),
            span(forecast.scrape.delay)
        )
    };
    (judge.window < least).then(|| Flaw::new("window", message(), format!("at least {least}")))
}

/// At full weight there is no baseline left to compare with.
fn alone(judge: &Threshold, forecast: &GateForecast) -> Option<Flaw> {
    let full = forecast.steps.iter().any(|it| it.weight >= 1.0 && !it.hold.is_zero());
    let compares = judge.against != Against::Absolute;
    let message = "at 100 % there is no baseline to compare with, so each measurement counts as an error \
                   (no data)";
    let hint = "use an absolute limit there, or end the steps below 100 %";
    (full && compares).then(|| Flaw::new("against", message, hint))
}
