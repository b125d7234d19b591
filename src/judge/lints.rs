//! Tests of evidence that cannot work, with the arithmetic.

use super::{Flaw, forecast::GateForecast};
use crate::{
    kernel::math,
    stats::{Sides, crossing_probability, normal_upper},
    units::{
        Span,
        text::{rough, share, things},
    },
};

/// Measurements up to which the probability is computed; it hardly grows beyond.
const LOOKS_MAX: u64 = 100;
/// Failures of a candidate with 10 % of the traffic that show a tenfold rate
/// (see [`super::EProcess`]).
const TENFOLD: f64 = 7.0;

/// A test valid for one measurement that is measured repeatedly.
pub(super) fn of_fixed_size(
    level: f64,
    window: Option<Span>,
    forecast: &GateForecast,
) -> Vec<Flaw> {
    let of_steps = forecast.steps.iter().map(|it| forecast.looks(*it));
    let looks = if forecast.each_step { of_steps.max().unwrap_or(0) } else { of_steps.sum() };
    if looks < 2 || forecast.failure_limit > 0 || !(level > 0.0 && level < 0.5) {
        return Vec::new();
    }
    let apart = |window: Span| forecast.bake().nanos() / window.nanos().max(1);
    let chance = match window {
        // what came before is in every look: the crossing of one boundary by a growing sum
        None => crossing_probability(
            &vec![normal_upper(level); looks.min(LOOKS_MAX) as usize],
            Sides::One,
        ),
        Some(window) => 1.0 - math::exp(apart(window).min(looks) as f64 * math::ln(1.0 - level)),
    };
    let found = forecast.rehearsed.map_or_else(|| share(chance), |it| it.good_words());
    let message = format!(
        "a test valid for one measurement is measured {looks} times: about {found} of good releases \
         fail it instead of {}",
        share(level)
    );
    vec![Flaw::new("", message, "the judge `e_process`, or `group_sequential` with planned looks")]
}

/// Evidence that is gathered over a rollout, and forgotten with every step.
pub(super) fn of_evidence(errors: bool, forecast: &GateForecast) -> Vec<Flaw> {
    let steps = forecast.steps.len();
    let anew = (forecast.each_step && steps > 1).then(|| {
        let message = format!(
            "each of the {steps} steps has an analysis of its own: evidence from earlier steps is \
             dropped, and the error probability applies {steps} times"
        );
        Flaw::new("", message, "`analysis: background` in the strategy")
    });
    let samples: f64 = forecast.steps.iter().map(|it| it.samples(it.hold)).sum();
    let failures = samples * forecast.errors;
    let unseen = (errors && 10.0 * failures < TENFOLD).then(|| {
        let message = format!(
            "in all steps together the candidate has about {}, of which {} fail on a normal \
             day: even ten times as many failures are too few to detect",
            things(&rough(samples), "attempt"),
            rough(failures)
        );
        Flaw::new(
            "",
            message,
            "longer steps or larger weights; a `threshold` for larger regressions",
        )
    });
    anew.into_iter().chain(unseen).collect()
}

/// More measurements than planned looks.
pub(super) fn of_planned(looks: u32, forecast: &GateForecast) -> Vec<Flaw> {
    let real = forecast.all_looks();
    let message = || {
        format!(
            "{looks} looks are planned, but there are {real} measurements: it gives no verdict \
             after the planned looks"
        )
    };
    let hint = || format!("`looks: {real}`");
    (real > u64::from(looks)).then(|| Flaw::new("looks", message(), hint())).into_iter().collect()
}
