//! The data behind the picture as CSV, a file each. Times are seconds since the start of the trial;
//! an empty field says that there was no data.

use csv::Writer;
use serde::Serialize;

use super::{Trial, timeline::Clock};
use crate::units::{Bytes, Instant, Span};

/// The requests over time, a row for each step of the series.
pub fn series(trial: Trial<'_>) -> String {
    let clock = Clock::of(&trial.plan.scenario);
    let further = || trial.outcome.further.iter().map(|it| it.name);
    let met = |what: &str| {
        let all = ["stable", "dark", "exposed"].into_iter().chain(further());
        all.map(|it| format!("{what}_{it}")).collect::<Vec<_>>()
    };
    let releases = |what: &str| {
        let all = ["stable", "candidate"].into_iter().chain(further());
        all.map(|it| format!("{what}_{it}")).collect::<Vec<_>>()
    };
    let titles = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let titles = [
        titles(&["at", "clock", "good", "failed", "slow", "wrong"]),
        met("attempts"),
        met("failures"),
        met("latency_p50"),
        met("latency_p99"),
        releases("memory"),
        titles(&["saturation"]),
        releases("ready"),
        titles(&["weight", "queue"]),
    ];
    let titles = titles.concat();
    let mut rows = Rows::titled(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    let seconds = |it: &Option<Span>| it.map(Span::as_secs_f64);
    for point in &trial.outcome.series.points {
        rows.add((
            (point.at.as_secs_f64(), clock.wall(point.at)),
            (point.good, point.failed, point.slow, point.wrong),
            (point.attempts, point.failures),
            (point.latency_p50.map(seconds), point.latency_p99.map(seconds)),
            (point.memory.map(|it| it.map(Bytes::get)), point.saturation),
            (point.ready, point.weight, point.queue),
        ));
    }
    rows.end()
}

/// The events of the timeline.
pub fn timeline(trial: Trial<'_>) -> String {
    let clock = Clock::of(&trial.plan.scenario);
    let mut rows = Rows::titled(&["at", "clock", "topic", "text", "cause"]);
    for entry in &trial.outcome.timeline {
        let at = (entry.at.as_secs_f64(), clock.wall(entry.at));
        rows.add((at, entry.topic.name(), &entry.text, &entry.cause));
    }
    rows.end()
}

/// Every measurement of every gate with its evidence, in the metric's own unit.
pub fn verdicts(trial: Trial<'_>) -> String {
    let clock = Clock::of(&trial.plan.scenario);
    let mut rows = Rows::titled(&[
        "at",
        "clock",
        "gate",
        "metric",
        "verdict",
        "value",
        "baseline",
        "samples",
        "limit",
        "statistic",
        "statistic_value",
        "bound",
    ]);
    for look in &trial.outcome.measurements {
        let evidence = &look.assessment.evidence;
        rows.add((
            (look.at.as_secs_f64(), clock.wall(look.at), &look.gate),
            (evidence.metric.to_string(), look.assessment.verdict),
            (evidence.value, evidence.baseline, evidence.samples),
            evidence.limit.map(crate::units::Limit::value),
            evidence.statistic.map(|it| it.name),
            (evidence.statistic.map(|it| it.value), evidence.statistic.map(|it| it.bound)),
        ));
    }
    rows.end()
}

/// The lives of the instances, a row for each stretch.
pub fn instances(trial: Trial<'_>) -> String {
    let end = Instant::ZERO + trial.plan.scenario.length;
    let mut rows = Rows::titled(&["instance", "release", "zone", "from", "to", "state"]);
    for life in &trial.outcome.lives {
        for (index, stretch) in life.stretches.iter().enumerate() {
            let until = life.stretches.get(index + 1).map_or(end, |it| it.from);
            let (from, to) = (stretch.from.as_secs_f64(), until.as_secs_f64());
            rows.add((
                life.pod,
                trial.outcome.release_name(life.release),
                life.zone,
                from,
                to,
                stretch.state,
            ));
        }
    }
    rows.end()
}

pub(super) struct Rows(Writer<Vec<u8>>);

impl Rows {
    pub(super) fn titled(columns: &[&str]) -> Self {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.write_record(columns).expect("writing to memory cannot fail");
        Self(writer)
    }

    pub(super) fn add(&mut self, row: impl Serialize) {
        self.0.serialize(row).expect("every row has the columns of the first");
    }

    pub(super) fn end(self) -> String {
        let bytes = self.0.into_inner().expect("writing to memory cannot fail");
        String::from_utf8(bytes).expect("what was text before is text now")
    }
}
