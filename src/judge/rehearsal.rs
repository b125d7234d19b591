//! An analysis of a rollout on counts that are drawn: what it makes of a good release, without a trial.
//!
//! The run is the real one, with its counts, limits, delays and retries, over scrapes of Poisson counts. So it says the
//! same as a trial of a release whose failures are due to chance alone.

use super::{AnalysisRun, AnalysisSpec, Subject};
use crate::{
    kernel::Stream,
    model::{AnalysisState, Population, Scrape, ScrapeSpec, Telemetry},
    units::{Instant, Span},
};

/// A rollout under an analysis, on a day on which nothing is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal<'a> {
    pub analysis: &'a AnalysisSpec,
    /// Whether each step has an analysis of its own.
    pub each_step: bool,
    pub scrape: ScrapeSpec,
    /// Share of the attempts that fail, of both releases.
    pub errors: f64,
    /// Whether the judges look at the stable release.
    pub baseline: bool,
}

/// A step of it, with the attempts that each release takes a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RehearsedStep {
    pub from: Instant,
    /// Until when it is held.
    pub held: Instant,
    /// Until the next one takes effect.
    pub until: Instant,
    pub candidate: f64,
    pub stable: f64,
}

impl Rehearsal<'_> {
    /// What the analysis comes to; running where it was stopped without an end. There is at least one step.
    pub fn end(&self, steps: &[RehearsedStep], stream: &mut Stream) -> AnalysisState {
        let mut monitor = Monitor::new(self, steps);
        if !self.each_step {
            let last = steps.len() - 1;
            return self.run((steps[0].from, steps[last].held), &mut monitor, stream);
        }
        let mut state = AnalysisState::Running;
        for step in steps {
            state = self.run((step.from, step.held), &mut monitor, stream);
            if state > AnalysisState::Running {
                return state;
            }
        }
        state
    }

    fn run(
        &self,
        (from, until): (Instant, Instant),
        monitor: &mut Monitor<'_>,
        stream: &mut Stream,
    ) -> AnalysisState {
        let subject =
            Subject { candidate: Population::CANDIDATE, baseline: Population::STABLE, since: from };
        let mut run = AnalysisRun::start(self.analysis, &[], subject, from);
        let mut looks = Vec::new();
        while run.due() < until {
            let now = run.due();
            monitor.scrape_until(now, stream);
            looks.clear();
            run.tick(&monitor.telemetry.observed(now), &mut looks);
        }
        run.state()
    }
}

/// What is scraped, in the order of time.
struct Monitor<'a> {
    rehearsal: &'a Rehearsal<'a>,
    steps: &'a [RehearsedStep],
    telemetry: Telemetry,
    interval: Span,
    /// When the next scrape comes.
    next: Instant,
    /// The first step that is not over at the scrape before.
    step: usize,
}

impl<'a> Monitor<'a> {
    fn new(rehearsal: &'a Rehearsal<'a>, steps: &'a [RehearsedStep]) -> Self {
        let ScrapeSpec { interval, delay } = rehearsal.scrape;
        let back = rehearsal.analysis.lookback();
        let history = if rehearsal.baseline { back } else { Span::ZERO };
        let first = steps[0].from.saturating_sub(history).nanos() / interval.nanos().max(1);
        Self {
            rehearsal,
            steps,
            telemetry: Telemetry::new(delay, back.saturating_add(interval)),
            interval,
            next: Instant::from_nanos(first.saturating_mul(interval.nanos())),
            step: 0,
        }
    }

    fn scrape_until(&mut self, now: Instant, stream: &mut Stream) {
        while self.next <= now {
            let at = self.next;
            self.next = at.saturating_add(self.interval);
            let [stable, candidate] = self.expected(at.saturating_sub(self.interval), at);
            let mut scrape = Scrape { at, ..Scrape::default() };
            let stable = if self.rehearsal.baseline { stable } else { 0.0 };
            // the first two cohorts: the stable release, and the candidate without its feature
            for (counters, expected) in scrape.counters.iter_mut().zip([stable, candidate]) {
                counters.failures = stream.poisson(expected * self.rehearsal.errors);
                let answered = stream.poisson(expected * (1.0 - self.rehearsal.errors));
                counters.attempts = counters.failures + answered;
            }
            self.telemetry.push(scrape);
        }
    }

    /// Attempts of the stable release and of the candidate between two moments, on average.
    fn expected(&mut self, from: Instant, until: Instant) -> [f64; 2] {
        let overlap = |start: Instant, end: Instant| {
            let (start, end) = (start.max(from), end.min(until));
            if start < end { end.since(start).as_secs_f64() } else { 0.0 }
        };
        while self.steps.get(self.step).is_some_and(|it| it.until <= from) {
            self.step += 1;
        }
        let first = &self.steps[0];
        let before = overlap(Instant::ZERO, first.from) * (first.stable + first.candidate);
        let mut expected = [before, 0.0];
        for step in self.steps[self.step..].iter().take_while(|it| it.from < until) {
            let seconds = overlap(step.from, step.until);
            expected[0] += seconds * step.stable;
            expected[1] += seconds * step.candidate;
        }
        expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::Key,
        stats::{any_above, binomial_above, wilson},
    };

    const SCRAPE: ScrapeSpec = ScrapeSpec { interval: Span::from_secs(5), delay: Span::ZERO };

    fn analysis(gate: &str, timing: &str) -> AnalysisSpec {
        let judge =
            r#"{"threshold": {"metric": "error_rate", "fail_above": "4.9%", "window": "10s"}}"#;
        let text =
            format!(r#"{{{timing}, "gates": [{{"name": "errors", {gate} "judge": {judge}}}]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_secs(seconds)
    }

    /// Of 2,000 rollouts, those that come to this.
    fn count(analysis: &AnalysisSpec, each_step: bool, came_to: AnalysisState) -> u64 {
        let step = |from, held, until| RehearsedStep {
            from: at(from),
            held: at(held),
            until: at(until),
            candidate: 2.0,
            stable: 2.0,
        };
        let steps = [step(10, 70, 80), step(80, 140, 140)];
        let (errors, baseline) = (0.02, false);
        let rehearsal = Rehearsal { analysis, each_step, scrape: SCRAPE, errors, baseline };
        let end = |it| rehearsal.end(&steps, &mut Key::of_bits(1).stream(it));
        (0..2_000).filter(|it| end(*it) == came_to).count() as u64
    }

    /// The exact chance that one of so many looks fails, of Poisson counts with a mean of 20.
    fn exact(looks: usize, limit: u32) -> f64 {
        let mut one = 0.0;
        let mut chance = crate::kernel::math::exp(-20.0);
        for samples in 1..100_u64 {
            chance *= 20.0 / samples as f64;
            // 4.9 % of up to 20 is less than one, of up to 40 less than two
            let most = (samples as f64 * 0.049).floor();
            one += chance * binomial_above(samples, 0.02, crate::units::round_u64(most));
        }
        any_above(&vec![one; looks], limit)
    }

    #[track_caller]
    fn check(count: u64, exact: f64) {
        let seen = wilson(count, 2_000, 0.999);
        assert!(seen.contains(exact), "{count} of 2,000, exactly {exact}");
    }

    #[test]
    fn a_rehearsal_has_the_exact_chances_of_looks_that_do_not_overlap() {
        use AnalysisState::Failed;
        let timing = r#""interval": "10s", "initial_delay": "20s""#;
        check(count(&analysis("", timing), false, Failed), exact(11, 0));
        check(count(&analysis(r#""count": 5,"#, timing), false, Failed), exact(5, 0));
        check(count(&analysis(r#""failure_limit": 2,"#, timing), false, Failed), exact(11, 2));
        // with an analysis of its own, each step waits again, and looks four times
        check(count(&analysis("", timing), true, Failed), exact(8, 0));
    }

    #[test]
    fn a_rehearsal_ends_without_data_where_a_run_does() {
        let timing = r#""interval": "10s""#;
        let gate = r#""consecutive_error_limit": 0,"#;
        // the scrape at 10 s is over when the candidate gets its first request
        assert_eq!(count(&analysis(gate, timing), false, AnalysisState::Errored), 2_000);
        let gate = r#""consecutive_error_limit": 0, "no_data": "skip", "failure_limit": 99,"#;
        assert_eq!(count(&analysis(gate, timing), false, AnalysisState::Running), 2_000);
    }
}
