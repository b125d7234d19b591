//! The plain strategies, fitted to a bot, for a scenario that names none to compare with.

use crate::{
    judge::{AnalysisSpec, GateSpec, JudgeSpec, Threshold},
    kernel::Seed,
    model::{Against, AlertSpec, Measure, MetricSpec},
    scenario::{LotterySpec, Plan, Preset, Scenario},
    sim,
    strategy::{PLAIN_STEPS, StrategySpec},
    units::{Limit, LimitKind, Ratio, Span, text},
};

/// A step is this long where the trial has room for it.
const STEP: Span = Span::from_secs(900);
/// A step is no shorter.
const STEP_MIN: Span = Span::from_secs(60);

/// What is added to a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Additions {
    /// This preset of releases, whatever the scenario says of them.
    pub preset: Option<Preset>,
    pub line_up: LineUp,
}

/// Which of the plain strategies take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineUp {
    /// None: only what the scenario names.
    AsWritten,
    /// All, where the scenario has no `strategies`.
    WhereNone,
    /// Those of the kinds that neither the scenario's `strategy` nor its `strategies` have.
    EveryKind,
}

/// Adds what a comparison needs and the scenario does not say: releases of the preset `typical`
/// where nothing is wrong with its release and it has no `releases`, the plain strategies, and a
/// plain analysis where there is none. The plan is that of the scenario as it is. Says what was
/// assumed.
pub fn fill_in(scenario: &mut Scenario, plan: &Plan, additions: Additions) -> Vec<String> {
    if !scenario.strategy.kind().ships() {
        let nothing = "Nothing is shipped: no release and no other strategy is added.";
        return vec![nothing.to_owned()];
    }
    let mut said = Vec::new();
    let release = &scenario.release;
    let nothing_wrong = release.defects.is_empty() && release.migration.is_none();
    let unsaid = scenario.releases.is_none() && nothing_wrong;
    let preset = additions.preset.or(unsaid.then_some(Preset::Typical));
    if preset.is_some() {
        scenario.releases = Some(LotterySpec { preset, ..LotterySpec::default() });
    }
    said.extend(add_strategies(scenario, additions.line_up));
    let plays_plain = !said.is_empty();
    let judged = scenario.strategies().iter().any(|(_, spec)| spec.kind().uses_analysis());
    // strategies without a gate need an alert as well: users would complain, if nothing else
    // detects it
    let unwatched = plays_plain && scenario.alerts.is_empty();
    let unjudged = judged && scenario.analysis.is_none();
    if !(unwatched || unjudged) {
        return said;
    }
    let window = WINDOW.max(scenario.telemetry.interval);
    let quiet = Quiet::of(plan);
    let errors = Limit::new(LimitKind::Ratio, quiet.errors + MORE_ERRORS).rounded();
    if unjudged {
        let median = Limit::new(LimitKind::Span, quiet.median * SLOWER_MEDIAN).rounded();
        let tail = Limit::new(LimitKind::Span, quiet.tail * SLOWER).rounded();
        scenario.analysis = Some(plain_analysis(window, [errors, median, tail]));
        let [most, middle, slowest] = [errors, median, tail].map(text::limit);
        said.push(format!(
            "The scenario has no `analysis`: strategies that use one measure the last {} every \
             minute and roll back at the third measurement with more than {most} errors (of at \
             least {SAMPLES} attempts), a median latency above {middle} (of at least {SAMPLES}) or a 99th \
             percentile above {slowest} (of at least {SAMPLES_TAIL}). That is 2 percentage points more errors, 1.5 \
             times the median and twice the tail of a simulated hour without a rollout; \
             measurements with fewer attempts, or with none, do not count.",
            text::span(window)
        ));
    }
    if unwatched {
        let alert = plain_alert(window, errors);
        said.push(format!(
            "The scenario has no `alerts`: the operator is paged when more than {} of the \
             attempts of {} fail for {}, whatever the strategy.",
            text::limit(errors),
            text::span(alert.window),
            text::span(alert.hold)
        ));
        scenario.alerts.push(alert);
    }
    said
}

/// Adds the plain strategies; says which, where there are any.
fn add_strategies(scenario: &mut Scenario, line_up: LineUp) -> Option<String> {
    let kinds: Vec<&str> = scenario.strategies().iter().map(|(_, it)| it.name()).collect();
    let wanted = match line_up {
        LineUp::AsWritten => false,
        LineUp::WhereNone => scenario.strategies.is_empty(),
        LineUp::EveryKind => true,
    };
    let hold = hold(scenario);
    let mut plain = StrategySpec::plain_ones(hold);
    plain.retain(|it| {
        wanted && !kinds.contains(&it.name()) && !scenario.strategies.contains_key(it.name())
    });
    let own: Vec<String> =
        scenario.strategies().iter().map(|(name, _)| format!("`{name}`")).collect();
    let added: Vec<String> = plain.iter().map(|it| format!("`{}`", it.name())).collect();
    if added.is_empty() {
        return None;
    }
    scenario.strategies.extend(plain.into_iter().map(|it| (it.name().to_owned(), it)));
    let (own, verb) = (own.join(", "), if own.len() == 1 { "is" } else { "are" });
    Some(format!(
        "{own} {verb} as in the scenario; {} are plain ones, with steps of {}.",
        added.join(", "),
        text::span(hold)
    ))
}

/// The longest ramp of the plain ones fits into two thirds of what is left of the trial.
fn hold(scenario: &Scenario) -> Span {
    let left = scenario.length.nanos().saturating_sub(scenario.rollout_at.nanos());
    let fits = Span::from_secs(left / 1_000_000_000 * 2 / 3 / PLAIN_STEPS / 60 * 60);
    fits.clamp(STEP_MIN, STEP)
}

/// What errors may come to, beyond those of a normal day; and latency, as a multiple.
const MORE_ERRORS: f64 = 0.02;
const SLOWER: f64 = 2.0;
const SLOWER_MEDIAN: f64 = 1.5;
/// Fewest attempts for a look at errors and the median. At a normal day's errors of 1 % a look at so
/// many is beyond the limit once in fifty, and the third such look decides; the median of so many
/// lognormal times with `p99 = 8 x median` has a standard error of 11 %.
const SAMPLES: u64 = 100;
/// The same for the 99th percentile: of 50 such times one is twice as slow as it in one look of
/// twenty, of 500 the six that it takes practically never.
const SAMPLES_TAIL: u64 = 500;
/// What they look back on, unless scrapes are further apart.
const WINDOW: Span = Span::from_secs(300);
/// How much of the scenario shows what a normal day is.
const QUIET: Span = Span::from_secs(3_600);

/// How the bot does as long as nothing is rolled out.
struct Quiet {
    /// Share of the requests that fail.
    errors: f64,
    /// Median and 99th percentile of latency, in seconds.
    median: f64,
    tail: f64,
}

impl Quiet {
    fn of(plan: &Plan) -> Self {
        let mut quiet = plan.clone();
        let scenario = &mut quiet.scenario;
        scenario.length = scenario.length.min(scenario.warm_up + QUIET);
        scenario.rollout_at = scenario.length;
        scenario.incidents.clear();
        let outcome = sim::Trial::new(&quiet, Seed::new(quiet.scenario.seed)).run();
        let figure = |it| outcome.figure(it);
        Self {
            errors: figure(Measure::failed_share).unwrap_or(0.0),
            median: figure(Measure::latency_p50).unwrap_or(1.0),
            tail: figure(Measure::latency_p99).unwrap_or(1.0),
        }
    }
}

/// Limits that need no baseline: after a switch or a full ramp there is none.
fn plain_analysis(window: Span, [errors, median, tail]: [Limit; 3]) -> AnalysisSpec {
    let gate = |name: &str, metric, limit, min_samples| GateSpec {
        name: name.to_owned(),
        judge: JudgeSpec::from(Threshold {
            metric,
            against: Against::Absolute,
            fail_above: Some(limit),
            pass_below: None,
            window,
            min_samples,
            min_failures: 0,
        }),
        count: None,
        failure_limit: 2,
        inconclusive_limit: 0,
        // the canary of a bot with little traffic may get no request for minutes, which is no
        // reason to roll back
        consecutive_error_limit: u32::MAX,
        no_data: None,
        dry_run: false,
    };
    let latency = |quantile| MetricSpec::Latency(Ratio::clamped(quantile));
    AnalysisSpec {
        interval: Span::from_secs(60),
        initial_delay: Span::ZERO,
        gates: vec![
            gate("errors", MetricSpec::ErrorRate, errors, SAMPLES),
            gate("median latency", latency(0.5), median, SAMPLES),
            gate("slowest", latency(0.99), tail, SAMPLES_TAIL),
        ],
    }
}

/// Longer than the window: an outage of seconds, as a restart brings it, leaves the window before a
/// page is sent.
fn plain_alert(window: Span, errors: Limit) -> AlertSpec {
    AlertSpec {
        name: "many errors".to_owned(),
        metric: MetricSpec::ErrorRate,
        above: errors,
        against: Against::Absolute,
        window,
        hold: window.saturating_add(Span::from_secs(60)),
        min_samples: 20,
    }
}
