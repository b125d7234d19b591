//! Judges against theory, published tables and other people's fixtures.

mod any_look;
mod charts;
mod drift;
mod hostile;
mod kayenta;
mod petshop;

use std::{fs, io::Read, path::Path};

use rollsim::{
    judge::{Assessment, Judge, JudgeSpec, Subject, Verdict},
    kernel::{Stream, math},
    model::{Cohort, Gauges, GroupId, Population, Scrape, Telemetry},
    units::{Instant, Span},
};
use serde::de::DeserializeOwned;

/// Rows of a table.
fn rows<T: DeserializeOwned>(table: &str) -> Vec<T> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// A file of the reference material that lies beside the repository and is not part of it.
#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn shared(path: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    let text = fs::read_to_string(file).ok();
    if text.is_none() {
        eprintln!("skipped: no ../shared");
    }
    text
}

/// The same, of a packed file.
#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn unpacked(path: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    let Ok(packed) = fs::read(file) else {
        eprintln!("skipped: no ../shared");
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    Some(text)
}

/// A standard normal value.
fn gauss(stream: &mut Stream) -> f64 {
    math::normal_quantile(stream.uniform())
}

/// A Poisson count by inversion.
fn poisson(mean: f64, stream: &mut Stream) -> f64 {
    let u = stream.uniform();
    let (mut count, mut chance) = (0.0, math::exp(-mean));
    let mut sum = chance;
    while sum < u && count < 10.0 * mean + 100.0 {
        count += 1.0;
        chance *= mean / count;
        sum += chance;
    }
    count
}

/// A judge that looks at each scrape, one a minute.
struct Fed {
    judge: Box<dyn Judge>,
    telemetry: Telemetry,
    next: Scrape,
}

pub(super) const SUBJECT: Subject = Subject {
    candidate: Population::CANDIDATE,
    baseline: Population::STABLE,
    since: Instant::ZERO,
};

impl Fed {
    fn new(spec: &JudgeSpec) -> Self {
        let judge = spec.build();
        let retention = judge.lookback(Span::from_secs(200));
        let next = Scrape { at: Instant::ZERO, ..Scrape::default() };
        Self { judge, telemetry: Telemetry::new(Span::ZERO, retention), next }
    }

    fn assessed(&mut self, scrape: Scrape) -> Assessment {
        let now = scrape.at;
        self.telemetry.push(scrape);
        self.judge.assess(&self.telemetry.observed(now), SUBJECT)
    }

    fn fails(&mut self) -> bool {
        self.next.at += Span::from_secs(60);
        let now = self.next.at;
        let next = self.telemetry.push(std::mem::take(&mut self.next));
        self.next = Scrape { at: now, ..next.unwrap_or_default() };
        self.judge.assess(&self.telemetry.observed(now), SUBJECT).verdict == Verdict::Fail
    }

    /// Fails on this saturation of the candidate's only worker.
    fn fails_at(&mut self, busy: f64) -> bool {
        self.next.gauges.clear();
        self.next.gauges.push(Gauges {
            group: GroupId::CANDIDATE,
            busy,
            workers: 1,
            ..Gauges::default()
        });
        self.fails()
    }

    /// Fails on so many failures of the candidate.
    fn fails_with_failures(&mut self, failures: u64, attempts: u64) -> bool {
        let counters = &mut self.next.counters[Cohort::EXPOSED.index()];
        (counters.failures, counters.attempts) = (failures, attempts);
        self.fails()
    }

    /// Fails on latencies of both sides.
    fn fails_with_latencies(&mut self, latencies: &[[Span; 2]]) -> bool {
        for (index, cohort) in [Cohort::STABLE, Cohort::EXPOSED].into_iter().enumerate() {
            let latency = &mut self.next.counters[cohort.index()].latency;
            latency.clear();
            for it in latencies {
                latency.record(it[index].nanos());
            }
        }
        self.fails()
    }
}
