//! Digests of an outcome: one of all that happened, one of all that was said of it.
//!
//! Kinds of things enter by their place in their list, and fields by their order, not by their names, so
//! that renaming one in the code moves no digest. Every field is named below: a new one does not compile.

use rollsim::{
    judge::{Assessment, Evidence, Measurement, Statistic, Tally},
    model::MetricSpec,
    sim::{
        Entry, FaultMark, FaultOutcome, GateOutcome, Life, Outcome, PhaseMark, Series, SeriesPoint,
        StepOutcome, Stretch,
    },
    units::{Instant, Limit, Span},
};

/// Fowler, Noll and Vo's 64-bit hash (1a).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    pub(super) const fn end(self) -> u64 {
        self.0
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn float(&mut self, number: f64) {
        self.number(number.to_bits());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    fn at(&mut self, at: Instant) {
        self.number(at.nanos());
    }

    fn maybe<T>(&mut self, it: Option<T>, with: impl FnOnce(&mut Self, T)) {
        self.number(u64::from(it.is_some()));
        if let Some(it) = it {
            with(self, it);
        }
    }

    fn each<'t, T>(&mut self, all: &'t [T], mut with: impl FnMut(&mut Self, &'t T)) {
        self.number(all.len() as u64);
        for it in all {
            with(self, it);
        }
    }
}

/// What happened in a trial, and what was said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    /// Everything but words.
    pub(super) happened: u64,
    /// Words: the timeline's, and the names of statistics.
    pub(super) said: u64,
}

impl Digest {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let (mut happened, mut said) = (Fnv::new(), Fnv::new());
        happened.number(figures(outcome));
        let Outcome { timeline, measurements, .. } = outcome;
        happened.each(timeline, entry);
        happened.number(outcome.entries_lost);
        happened.each(measurements, measurement);
        happened.each(&outcome.gates, gate);
        happened.each(&outcome.steps, step);
        happened.each(&outcome.faults, fault);
        happened.each(&outcome.struck, fault_outcome);
        happened.each(&outcome.phases, phase);
        happened.each(&outcome.lives, life);
        series(&mut happened, &outcome.series);
        said.each(timeline, |fnv, it| {
            fnv.text(&it.text);
            fnv.text(&it.cause);
        });
        let name = |it: &Measurement| it.assessment.evidence.statistic.map(|it| it.name);
        said.each(measurements, |fnv, it| fnv.maybe(name(it), Fnv::text));
        said.each(&outcome.steps, |fnv, it| fnv.text(&it.text));
        Self { happened: happened.end(), said: said.end() }
    }
}

/// What is the same whether or not a trial keeps its details: figures, phase and times.
pub(super) fn figures(outcome: &Outcome) -> u64 {
    let Outcome {
        seed,
        phase,
        figures,
        rollout_began,
        first_symptom,
        detected,
        rollback_began,
        rollback_done,
        rested,
        pages_by_hour,
        timeline: _,
        entries_lost: _,
        measurements: _,
        gates: _,
        steps: _,
        faults: _,
        struck: _,
        phases: _,
        lives: _,
        series: _,
        further: _,
        forks: _,
    } = outcome;
    let mut fnv = Fnv::new();
    fnv.number(*seed);
    fnv.number(*phase as u64);
    fnv.each(figures, |fnv, (measure, value)| {
        fnv.number(*measure as u64);
        fnv.float(*value);
    });
    let times = [rollout_began, first_symptom, detected, rollback_began, rollback_done, rested];
    fnv.each(&times, |fnv, it| fnv.maybe(**it, Fnv::at));
    fnv.each(pages_by_hour, |fnv, it| fnv.number(u64::from(*it)));
    fnv.end()
}

fn entry(fnv: &mut Fnv, it: &Entry) {
    let Entry { at, topic, text: _, cause: _ } = it;
    fnv.at(*at);
    fnv.number(*topic as u64);
}

fn measurement(fnv: &mut Fnv, it: &Measurement) {
    let Measurement { at, gate, dry_run: _, assessment: Assessment { verdict, evidence } } = it;
    let Evidence { metric, value, baseline, samples, limit, statistic } = evidence;
    fnv.at(*at);
    fnv.text(gate);
    fnv.number(*verdict as u64);
    self::metric(fnv, *metric);
    fnv.maybe(*value, Fnv::float);
    fnv.maybe(*baseline, Fnv::float);
    fnv.number(*samples);
    fnv.maybe(*limit, self::limit);
    fnv.maybe(*statistic, |fnv, Statistic { name: _, value, bound }| {
        fnv.float(value);
        fnv.float(bound);
    });
}

fn metric(fnv: &mut Fnv, it: MetricSpec) {
    let (number, setting) = match it {
        MetricSpec::ErrorRate => (0, 0),
        MetricSpec::Latency(quantile) => (1, quantile.get().to_bits()),
        MetricSpec::SlowerThan(span) => (2, span.nanos()),
        MetricSpec::Memory => (3, 0),
        MetricSpec::MemorySlope => (4, 0),
        MetricSpec::Restarts => (5, 0),
        MetricSpec::Saturation => (6, 0),
        MetricSpec::Complaints => (7, 0),
    };
    fnv.number(number);
    fnv.number(setting);
}

fn limit(fnv: &mut Fnv, it: Limit) {
    fnv.number(it.kind() as u64);
    fnv.float(it.value());
}

fn gate(fnv: &mut Fnv, it: &GateOutcome) {
    let GateOutcome { name, looks, objection, tally } = it;
    fnv.text(name);
    fnv.number(*looks);
    self::tally(fnv, tally);
    fnv.maybe(*objection, |fnv, (at, state)| {
        fnv.at(at);
        fnv.number(state as u64);
    });
}

fn tally(fnv: &mut Fnv, it: &Tally) {
    let Tally { passed, failed, inconclusive, unheeded, worst } = it;
    for count in [passed, failed, inconclusive, unheeded] {
        fnv.number(*count);
    }
    fnv.maybe(worst.as_ref().and_then(|it| it.evidence.value), Fnv::float);
}

fn step(fnv: &mut Fnv, it: &StepOutcome) {
    let StepOutcome { text: _, state, began, ended, gates } = it;
    fnv.number(*state as u64);
    fnv.maybe(*began, Fnv::at);
    fnv.maybe(*ended, Fnv::at);
    fnv.each(gates, |fnv, (name, it)| {
        fnv.text(name);
        tally(fnv, it);
    });
}

fn fault(fnv: &mut Fnv, it: &FaultMark) {
    let FaultMark { at, name, defect } = it;
    fnv.at(*at);
    fnv.text(name);
    fnv.number(u64::from(*defect));
}

fn fault_outcome(fnv: &mut Fnv, it: &FaultOutcome) {
    let FaultOutcome { name, defect, struck, since } = it;
    fnv.text(name);
    fnv.number(u64::from(*defect));
    fnv.number(u64::from(*struck));
    fnv.maybe(*since, Fnv::at);
}

fn phase(fnv: &mut Fnv, it: &PhaseMark) {
    let PhaseMark { at, phase } = it;
    fnv.at(*at);
    fnv.number(*phase as u64);
}

fn life(fnv: &mut Fnv, it: &Life) {
    let Life { pod, release, zone, stretches } = it;
    fnv.number(u64::from(*pod));
    fnv.number(u64::from(release.number()));
    fnv.number(u64::from(*zone));
    fnv.each(stretches, |fnv, Stretch { from, state }| {
        fnv.at(*from);
        fnv.number(*state as u64);
    });
}

fn series(fnv: &mut Fnv, it: &Series) {
    let Series { step, points } = it;
    fnv.number(step.nanos());
    fnv.each(points, point);
}

fn point(fnv: &mut Fnv, it: &SeriesPoint) {
    let SeriesPoint {
        at,
        good,
        failed,
        slow,
        wrong,
        attempts,
        failures,
        latency_p50,
        latency_p99,
        memory,
        saturation,
        ready,
        weight,
        queue,
    } = it;
    fnv.at(*at);
    for count in [good, failed, slow, wrong, queue].into_iter().chain(attempts).chain(failures) {
        fnv.number(*count);
    }
    for latency in latency_p50.iter().chain(latency_p99) {
        fnv.maybe(*latency, |fnv, it: Span| fnv.number(it.nanos()));
    }
    for bytes in memory {
        fnv.maybe(*bytes, |fnv, it| fnv.number(it.get()));
    }
    fnv.float(*saturation);
    for count in ready {
        fnv.number(u64::from(*count));
    }
    fnv.float(*weight);
}
