//! What the gates do to good releases, in rehearsals of the analysis.

use crate::{
    judge::{AnalysisSpec, GateSpec, Rehearsal, Rehearsed, RehearsedStep},
    kernel::{Key, Stream},
    model::{AnalysisState, MetricSpec, ScrapeSpec},
    scenario::{Plan, size::most_instances},
    stats::{Share, wilson},
    strategy::{ExposureStep, Sizing, Watched},
    units::{Instant, Ratio, Span, round_u64},
};

/// Rollouts that are rehearsed, at least and at most.
const ROLLOUTS: (u64, u64) = (80, 400);
/// After so many rollouts it is asked whether they suffice.
const AT_ONCE: u64 = 40;
/// A gate that stops fewer good releases is not asked any more.
const FEW: f64 = 0.05;
/// Scrapes of all rehearsals of a scenario, of about 100 ns each.
const SCRAPES: f64 = 1.0e6;
/// What a scrape costs that is read once more, against one that is made.
const READ: f64 = 0.1;
/// The stream of the rehearsals.
const REHEARSAL: u64 = 0x7265_6865_6172_7365;

/// The steps under an analysis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rehearsing<'p> {
    pub plan: &'p Plan,
    pub analysis: &'p AnalysisSpec,
    pub watched: &'p Watched,
    /// How the strategy sizes the releases at these steps, where it does.
    pub sizing: Option<Sizing>,
    /// Gates that are rehearsed, all together.
    pub gates: usize,
}

/// Whether rehearsals say what becomes of a gate: it looks at errors alone.
pub(super) fn is_rehearsed(gate: &GateSpec) -> bool {
    let metrics = gate.judge.kind().metrics();
    !gate.dry_run && metrics.iter().all(|it| *it == MetricSpec::ErrorRate)
}

impl Rehearsing<'_> {
    /// What a gate does where so many attempts fail on a normal day; none where that would take too long to rehearse.
    pub(super) fn of(&self, gate: &GateSpec, errors: f64) -> Option<Rehearsed> {
        let steps = &self.watched.steps;
        if !is_rehearsed(gate) || steps.iter().all(|it| it.hold.is_zero() && !it.approve) {
            return None;
        }
        let analysis = AnalysisSpec { gates: vec![gate.clone()], ..self.analysis.clone() };
        let (scrape, most) = self.scrape(&analysis)?;
        let rehearsal = Rehearsal {
            analysis: &analysis,
            each_step: self.watched.each_step,
            scrape,
            errors,
            baseline: gate.judge.kind().needs_baseline(),
        };
        let (good, without_data) = self.stopped(&rehearsal, most);
        let wrong = Rehearsal { errors: (2.0 * errors).min(1.0), ..rehearsal };
        let shown = good.rate().is_some_and(|it| it > FEW);
        let doubled = if shown { self.stopped(&wrong, good.tries).0 } else { Share::default() };
        Some(Rehearsed { good, without_data, doubled })
    }

    /// Of up to so many rollouts those that are stopped, and how many of these since measurements have no data.
    fn stopped(&self, rehearsal: &Rehearsal<'_>, most: u64) -> (Share, u64) {
        let (mut share, mut without_data) = (Share::default(), 0);
        while share.tries < most {
            let mut stream = Key::of_bits(REHEARSAL).stream(share.tries);
            let steps = self.drawn(&mut stream);
            let end = rehearsal.end(&steps, &mut stream);
            share.tries += 1;
            share.hits += u64::from(end > AnalysisState::Inconclusive);
            without_data += u64::from(end == AnalysisState::Errored);
            let asked = share.tries >= ROLLOUTS.0 && share.tries % AT_ONCE == 0;
            if asked && wilson(share.hits, share.tries, 0.95).high < FEW {
                break;
            }
        }
        (share, without_data)
    }

    /// How the monitoring is rehearsed: as it is, or with fewer scrapes where there would be too many, as long as windows and
    /// looks are much longer than what is between two. With the rollouts for which there is time.
    fn scrape(&self, analysis: &AnalysisSpec) -> Option<(ScrapeSpec, u64)> {
        let spec = self.plan.scenario.telemetry;
        let held = self.watched.steps.iter().map(|it| it.hold.as_secs_f64());
        let back = analysis.lookback().min(self.plan.scenario.length).as_secs_f64();
        let length = self.plan.scenario.length.as_secs_f64();
        let seconds = held.sum::<f64>().min(length) + back;
        let looks = seconds / analysis.interval.as_secs_f64().max(1.0);
        let scrapes = (seconds + READ * looks * back) / spec.interval.as_secs_f64().max(1.0);
        let budget = SCRAPES / self.gates.max(1) as f64;
        let fewer = (scrapes * ROLLOUTS.0 as f64 / budget).ceil().max(1.0);
        let interval = spec.interval.scale(fewer);
        let finest = analysis.interval.min(analysis.lookback());
        let same = fewer <= 1.0 || interval.scale(4.0) <= finest;
        let same = same && looks * ROLLOUTS.0 as f64 <= budget;
        let most = round_u64(budget * fewer / scrapes.max(1.0)).clamp(ROLLOUTS.0, ROLLOUTS.1);
        same.then_some((ScrapeSpec { interval, ..spec }, most))
    }

    /// The steps of a rollout until the trial ends, with the times that chance decides.
    fn drawn(&self, stream: &mut Stream) -> Vec<RehearsedStep> {
        let scenario = &self.plan.scenario;
        let fleet = most_instances(scenario);
        let steps = &self.watched.steps;
        let end = Instant::ZERO.saturating_add(scenario.length);
        let mut from = Instant::ZERO.saturating_add(scenario.rollout_at);
        from = from.saturating_add(self.start(steps.first().and_then(|it| self.sized(it)), stream));
        let mut drawn = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            from = from.min(end);
            let held = from.saturating_add(step.hold).min(end);
            let between =
                steps.get(index + 1).map_or(Span::ZERO, |next| self.between(step, next, stream));
            let until = held.saturating_add(between).min(end);
            let share =
                self.sizing.map_or(step.weight, |it| it.share(Ratio::clamped(step.weight), fleet));
            let rate = self.rate(from, until);
            let (candidate, stable) = (rate * share, rate * (1.0 - share));
            drawn.push(RehearsedStep { from, held, until, candidate, stable });
            from = until;
        }
        if !self.watched.each_step {
            // what comes between two steps is watched as well
            let last = drawn.len() - 1;
            drawn.iter_mut().take(last).for_each(|it| it.held = it.until);
        }
        drawn
    }

    /// Instances that the candidate has at a step, where the strategy sizes it.
    fn sized(&self, step: &ExposureStep) -> Option<u32> {
        let fleet = most_instances(&self.plan.scenario);
        self.sizing.map(|it| it.replicas(Ratio::clamped(step.weight), fleet).0)
    }

    /// From the end of a step until the next one takes effect: a person is asked, and new instances start.
    fn between(&self, step: &ExposureStep, next: &ExposureStep, stream: &mut Stream) -> Span {
        let mut wait = Span::ZERO;
        if next.approve {
            wait = Span::from_nanos(self.plan.samplers.approve.sample(stream));
        }
        let new = self.sized(next).zip(self.sized(step));
        let new = new.map(|(after, before)| after.saturating_sub(before));
        if new.is_some_and(|it| it > 0) {
            wait = wait.saturating_add(self.start(new, stream));
        }
        wait
    }

    /// Until new instances are ready, the last of them. A container is probed at its start and every period from there, or
    /// from the success of its startup probe, whose period begins at any time.
    fn start(&self, instances: Option<u32>, stream: &mut Stream) -> Span {
        let draws = instances.unwrap_or(1).clamp(1, 100);
        let law = &self.plan.samplers.startup;
        let up = (0..draws).map(|_| law.sample(stream)).max().unwrap_or(0);
        let fleet = &self.plan.scenario.fleet;
        let phase = stream.uniform();
        if let Some(probe) = fleet.startup_probe {
            let up = Span::from_nanos(up).max(probe.initial_delay);
            return up.saturating_add(probe.period.scale(phase));
        }
        fleet.readiness.map_or(Span::from_nanos(up), |it| {
            let period = it.period.nanos().max(1);
            let ticks = up.max(it.initial_delay.nanos()).div_ceil(period);
            let further = u64::from(it.success_threshold.saturating_sub(1));
            Span::from_nanos(ticks.saturating_add(further).saturating_mul(period))
        })
    }

    /// Requests a second between two moments, on average.
    fn rate(&self, from: Instant, until: Instant) -> f64 {
        let (from, until) = (Span::from_nanos(from.nanos()), Span::from_nanos(until.nanos()));
        let seconds = until.saturating_sub(from).as_secs_f64();
        let expected = self.plan.rates.expected(until) - self.plan.rates.expected(from);
        if seconds > 0.0 { expected / seconds } else { 0.0 }
    }
}
