//! Gates that cannot work, found by arithmetic before anything is simulated.

use super::rehearsed::{Rehearsing, is_rehearsed};
use crate::{
    judge::{
        AnalysisSpec, EndWithoutData, Flaw, GateForecast, GateSpec, Rehearsed, SUCCESS_RATE,
        StepForecast,
    },
    model::{Against, MetricSpec},
    scenario::{Plan, Problem},
    strategy::{Sizing, StrategySpec, Watched},
    units::{Ratio, Span, text},
};

/// Warnings about the analysis, for each strategy that uses it, by their paths.
pub(super) fn lints(plan: &Plan, strategies: &[(String, &StrategySpec)]) -> Vec<Problem> {
    let Some(analysis) = &plan.scenario.analysis else { return Vec::new() };
    let mut lints = Vec::new();
    if analysis.gates.iter().all(|it| it.dry_run) {
        let problem = Problem::warning("every gate is a dry run: no release is ever stopped");
        lints.push(problem.path("analysis.gates").hint("remove `dry_run` from one of them"));
    }
    for (index, gate) in analysis.gates.iter().enumerate() {
        let path = format!("analysis.gates[{index}].judge.{}", gate.judge.name());
        lints.extend(gate.judge.build().doubts().into_iter().map(|it| of_flaw(it, &path)));
    }
    let mut watches: Vec<(Watched, Option<Sizing>)> = Vec::new();
    for (path, spec) in strategies {
        for watched in spec.kind().watched() {
            let lint = Lint { plan, analysis, watched: &watched, rehearsing: None };
            lints.extend(lint.steps(&format!("{path}.{}", watched.path)));
            // what is said of the gates is the same under the same steps
            if !watches.iter().any(|it| it.0.is_as(&watched)) {
                let sized = spec.kind().sized().filter(|it| it.0.path == watched.path);
                watches.push((watched, sized.map(|it| it.1)));
            }
        }
        lints.extend(leaks(plan, analysis, spec));
    }
    let ways = watches.len();
    watches.truncate((PAIRS_MAX / analysis.gates.len().max(1)).max(1));
    if watches.len() < ways {
        let message = format!(
            "the gates are checked under the steps of {} strategies only, of {ways}",
            watches.len()
        );
        let hint = "fewer strategies in one file, or fewer gates";
        lints.push(Problem::warning(message).path("strategies").hint(hint));
    }
    let gates = watches.len() * analysis.gates.iter().filter(|it| is_rehearsed(it)).count();
    for (watched, sizing) in &watches {
        let rehearsing = Rehearsing { plan, analysis, watched, sizing: *sizing, gates };
        lints.extend(Lint { plan, analysis, watched, rehearsing: Some(rehearsing) }.gates());
    }
    lints
}

/// Most gates under the steps of a strategy for which the arithmetic is done: each takes up to a few milliseconds.
const PAIRS_MAX: usize = 64;

/// How often a person answers later than is taken: a quick answer, a usual one, and a late one.
const BRIEF: f64 = 0.99;
const MEDIAN: f64 = 0.5;
const LONG: f64 = 0.01;

fn of_flaw(flaw: Flaw, judge: &str) -> Problem {
    let flaw = flaw.within(judge);
    Problem::warning(flaw.message).path(flaw.field).hint(flaw.allowed)
}

/// Alerts on an error rate that only a success rate would have.
pub(super) fn alerts(plan: &Plan) -> Vec<Problem> {
    let alerts = plan.scenario.alerts.iter().enumerate();
    let slipped = alerts.filter(|(_, it)| {
        it.metric == MetricSpec::ErrorRate
            && it.against == Against::Absolute
            && it.above.value() >= SUCCESS_RATE
    });
    slipped
        .map(|(index, alert)| {
            let limit = alert.above.value();
            let message = format!(
                "the alert fires only where more than {} of the requests fail: is this a success rate?",
                text::share(limit)
            );
            let errors = Ratio::clamped(1.0 - limit);
            let hint = format!("a success rate of {} is `above: {errors}`", text::share(limit));
            Problem::warning(message).path(format!("alerts[{index}].above")).hint(hint)
        })
        .collect()
}

/// One ramp under the analysis.
struct Lint<'p> {
    plan: &'p Plan,
    analysis: &'p AnalysisSpec,
    watched: &'p Watched,
    /// How its gates are rehearsed, where they are asked about.
    rehearsing: Option<Rehearsing<'p>>,
}

impl Lint<'_> {
    fn steps(&self, path: &str) -> Vec<Problem> {
        let mut lints = Vec::new();
        let steps = &self.watched.steps;
        let delay = self.analysis.initial_delay;
        for (index, step) in steps.iter().enumerate() {
            let path =
                if path.ends_with("steps") { format!("{path}[{index}]") } else { path.to_owned() };
            let held = step.hold.saturating_add(self.asked_after(index, BRIEF));
            if step.hold.is_zero() && held.is_zero() {
                let message = "a step without `hold` ends before the first measurement";
                lints.push(
                    Problem::warning(message)
                        .path(&path)
                        .hint("set a `hold` of several measurements"),
                );
            } else if self.watched.each_step && held <= delay {
                let message = format!(
                    "the step ends after {}, before the first measurement of its analysis, after \
                     {}",
                    text::span(step.hold),
                    text::span(delay)
                );
                lints.push(
                    Problem::warning(message)
                        .path(&path)
                        .hint("a longer `hold`, or no `initial_delay`"),
                );
            }
        }
        let held = |index: usize| steps[index].hold.saturating_add(self.asked_after(index, BRIEF));
        let all = (0..steps.len()).fold(Span::ZERO, |sum, it| sum.saturating_add(held(it)));
        if !self.watched.each_step && !all.is_zero() && all <= delay {
            let message = format!(
                "the analysis may end before its first measurement: the steps take {}, and it \
                 waits for {}",
                text::span(all),
                text::span(delay)
            );
            let hint = "a shorter `initial_delay`, or longer steps";
            lints.push(Problem::warning(message).path("analysis.initial_delay").hint(hint));
        }
        lints
    }

    /// How long a person is asked after a step, while the analysis goes on; answers that come later have this probability.
    fn asked_after(&self, step: usize, later: f64) -> Span {
        let next = self.watched.steps.get(step + 1);
        let asks = !self.watched.each_step && next.is_some_and(|it| it.approve);
        if asks { self.plan.samplers.approve.upper(later) } else { Span::ZERO }
    }

    fn gates(&self) -> Vec<Problem> {
        let gates = self.analysis.gates.iter().enumerate();
        gates
            .flat_map(|(index, gate)| self.gate(&format!("analysis.gates[{index}]"), gate))
            .collect()
    }

    fn gate(&self, path: &str, gate: &GateSpec) -> Vec<Problem> {
        let mut forecast = self.forecast(gate, MEDIAN);
        forecast.rehearsed = self.rehearsing.and_then(|it| it.of(gate, forecast.errors));
        let unseen = self.unseen(path, gate, forecast.rehearsed);
        let mut lints: Vec<Problem> = unseen.into_iter().collect();
        let most = self.forecast(gate, LONG).all_looks();
        let looks = gate.count.map_or(most, |it| most.min(u64::from(it)));
        if u64::from(gate.failure_limit) >= looks.max(1) {
            let message = format!(
                "the gate cannot fail: it is measured {looks} times, and {} are allowed",
                text::counted(u64::from(gate.failure_limit), "failed measurement")
            );
            let problem = Problem::warning(message).path(format!("{path}.failure_limit"));
            lints.push(problem.hint(format!("at most {}", looks.saturating_sub(1))));
        }
        let judge = gate.judge.build();
        let window = judge.lookback(Span::ZERO);
        let judge_path = format!("{path}.judge.{}", gate.judge.name());
        let short = forecast.steps.iter().find(|it| !it.hold.is_zero() && it.hold < window);
        if let Some(step) = short {
            let message = format!(
                "its window of {} is longer than {}, which lasts {}: it also covers the time \
                 before",
                text::span(window),
                step.words(),
                text::span(step.hold)
            );
            let hint = "a window no longer than the steps";
            lints.push(Problem::warning(message).path(&judge_path).hint(hint));
        }
        let flaws = judge.lints(&forecast).into_iter();
        lints.extend(flaws.map(|it| of_flaw(it, &judge_path)));
        lints
    }

    /// Looks that end the rollout before the monitoring shows anything of the candidate.
    fn unseen(&self, path: &str, gate: &GateSpec, rehearsed: Option<Rehearsed>) -> Option<Problem> {
        let scrape = self.plan.scenario.telemetry;
        let of_requests = |it: &MetricSpec| {
            matches!(it, MetricSpec::ErrorRate | MetricSpec::Latency(_) | MetricSpec::SlowerThan(_))
        };
        let EndWithoutData { key, looks, last } = gate.without_data(self.analysis)?;
        let latest = scrape.interval.saturating_add(scrape.delay);
        if gate.dry_run || last >= latest || !gate.judge.kind().metrics().iter().any(of_requests) {
            return None;
        }
        let always = last < scrape.delay;
        if !always && rehearsed.is_some_and(|it| it.without_data == 0) {
            return None;
        }
        let who = if always { "every rollout ends" } else { "a rollout may end" };
        let message = format!(
            "{who} without a verdict: of a candidate the monitoring shows nothing before {}, and the last of {} \
             without data comes after {}",
            text::range(&text::span(scrape.delay), &text::span(latest)),
            text::counted(looks, "measurement"),
            text::span(last)
        );
        let hint = format!("at least `analysis.initial_delay: {latest}`, or `no_data: skip`");
        Some(Problem::warning(message).path(format!("{path}.{key}")).hint(hint))
    }

    /// With people who answer later than it has with this probability.
    fn forecast(&self, gate: &GateSpec, later: f64) -> GateForecast {
        let scenario = &self.plan.scenario;
        let mut from = scenario.rollout_at;
        let mut steps = Vec::new();
        for (index, step) in self.watched.steps.iter().enumerate() {
            let hold = step.hold.saturating_add(self.asked_after(index, later));
            let until = from.saturating_add(hold);
            let seconds = hold.as_secs_f64();
            let expected = self.plan.rates.expected(until) - self.plan.rates.expected(from);
            let rate = if seconds > 0.0 { expected / seconds * step.weight } else { 0.0 };
            steps.push(StepForecast { weight: step.weight, hold, rate });
            from = until;
        }
        GateForecast {
            steps,
            each_step: self.watched.each_step,
            interval: self.analysis.interval,
            initial_delay: self.analysis.initial_delay,
            scrape: scenario.telemetry,
            errors: quiet_errors(self.plan),
            rehearsed: None,
            failure_limit: gate.failure_limit,
            consecutive_error_limit: gate.consecutive_error_limit,
        }
    }
}

/// Share of the attempts that fail on a normal day: the bot's own errors and those of the services
/// that its operations call.
fn quiet_errors(plan: &Plan) -> f64 {
    let own = plan.scenario.fleet.errors.get();
    let shares: Vec<f64> = if plan.scenario.operations.is_empty() {
        vec![1.0; plan.operations.len()]
    } else {
        plan.scenario.operations.values().map(|it| it.share.get()).collect()
    };
    let mut succeeds = 0.0;
    for (operation, share) in plan.operations.iter().zip(shares) {
        let calls = operation.calls.iter().map(|it| 1.0 - plan.dependencies[*it].errors.get());
        succeeds += share * calls.product::<f64>();
    }
    1.0 - (1.0 - own) * succeeds
}

/// A leak that no gate measures, or that the steps are too short for.
fn leaks(plan: &Plan, analysis: &AnalysisSpec, spec: &StrategySpec) -> Option<Problem> {
    let memory = plan.scenario.fleet.memory?;
    let watched = spec.kind().watched();
    let bake = watched
        .iter()
        .flat_map(|it| &it.steps)
        .fold(Span::ZERO, |sum, it| sum.saturating_add(it.hold));
    let moved_by_leaks = |it: &MetricSpec| {
        matches!(it, MetricSpec::Memory | MetricSpec::MemorySlope | MetricSpec::Restarts)
    };
    let looks_at = |gate: &GateSpec| gate.judge.kind().metrics().iter().any(moved_by_leaks);
    if bake.is_zero() || analysis.gates.iter().any(looks_at) {
        return None;
    }
    let room = memory.limit.get().saturating_sub(memory.base.get()) as f64;
    let an_hour = text::slope(room / (bake.as_secs_f64() / 3_600.0));
    let bake = text::span(bake);
    let message = format!(
        "no gate measures memory: a leak is detected only where it fills an instance within the \
         {bake} of the steps, more than {an_hour}; a slower one is promoted undetected"
    );
    let hint = "add a gate with the judge `drift`, or a threshold on `memory_slope`";
    Some(Problem::warning(message).path("analysis.gates").hint(hint))
}
