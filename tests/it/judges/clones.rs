//! A judge that is cloned half-way, as where a trial is forked, says what the original says.

use rollsim::{
    judge::{AnalysisRun, AnalysisSpec, GateSpec, Judge, JudgeSpec},
    kernel::{Purpose, Sampler, Seed, Stream, Streams},
    model::{AnalysisState, Cohort, Gauges, GroupId, Scrape, Telemetry},
    units::{Bytes, Instant, Span},
};
use serde_json::{Value, json};

use super::{Drawn, judge, values::SUBJECT};

/// One look at every fourth scrape, for an hour.
const LOOKS: usize = 60;
const INTERVAL: Span = Span::from_secs(60);

/// One of each kind.
fn each() -> Vec<JudgeSpec> {
    let latency = json!({"latency": "99%"});
    let shift = json!({"cusum": {"metric": latency, "step": "2m"}});
    let metrics = json!([{"metric": "complaints"}, {"metric": latency}, {"metric": "error_rate"}]);
    let all: Vec<Value> = vec![
        json!({"all_of": [{"count_test": {}}, shift]}),
        json!({"any_of": [{"sprt": {"test": {"two_arm": {"ratio": "2x"}}}}, {"drift": {}}]}),
        json!({"bayes": {}}),
        json!({"betting": {"metric": "saturation", "mean_below": "60%", "step": "1m"}}),
        json!({"burn_rate": {}}),
        json!({"count_test": {}}),
        shift,
        json!({"drift": {"step": "2m"}}),
        json!({"e_process": {"slower_than": ["150ms"]}}),
        json!({"ewma": {"metric": "error_rate", "step": "1m"}}),
        json!({"fisher": {}}),
        json!({"group_sequential": {"looks": 60}}),
        json!({"kayenta": {"lookback": "1h", "step": "1m", "metrics": metrics}}),
        json!({"kill": {}}),
        json!({"mixture_sprt": {}}),
        json!({"quantile_sequence": {"quantile": "90%"}}),
        json!({"sprt": {"test": {"two_arm": {"ratio": "3x"}}}}),
        json!({"threshold": {"metric": "memory", "against": "ratio", "fail_above": "1.1x"}}),
        json!({"two_proportion": {}}),
        json!({"weighted": {"judges": [{"weight": 2, "judge": {"mixture_sprt": {}}},
            {"weight": 1, "judge": {"e_process": {}}}]}}),
        json!({"welch": {"metric": "error_rate", "step": "1m", "lookback": "1h"}}),
    ];
    let all: Vec<JudgeSpec> = all.iter().map(judge).collect();
    assert!(all.iter().map(JudgeSpec::name).eq(JudgeSpec::SHIPPED.iter().copied()));
    all
}

/// Scrapes of a candidate that gets slower, fails more often and leaks, as its hour goes by.
fn scrapes() -> Vec<Scrape> {
    let mut stream = Streams::new(Seed::DEFAULT).key(Purpose::Luck).stream(0);
    (1..=4 * LOOKS).map(|index| scrape(index as u64, &mut stream)).collect()
}

fn scrape(index: u64, stream: &mut Stream) -> Scrape {
    let mut scrape =
        Scrape { at: Instant::ZERO + Span::from_secs(15 * index), ..Scrape::default() };
    let worse = 1.0 + index as f64 / 240.0;
    for (cohort, attempts, factor) in [(Cohort::EXPOSED, 30.0, worse), (Cohort::STABLE, 90.0, 1.0)]
    {
        let counters = &mut scrape.counters[cohort.index()];
        let failures = Drawn::poisson(0.02 * attempts * factor).draw(stream.uniform());
        let successes = Drawn::poisson(0.98 * attempts).draw(stream.uniform());
        (counters.attempts, counters.failures) = (successes + failures, failures);
        let law = Sampler::log_normal(Span::from_millis(50), 0.5 * factor);
        (0..successes).for_each(|_| counters.latency.record(law.sample(stream)));
    }
    for instance in 0..6_u32 {
        let group = GroupId::new(u32::from(instance < 2));
        let grown = if group == GroupId::CANDIDATE { index << 20 } else { 0 };
        let memory = Bytes::new((400 << 20) + grown + stream.below(10 << 20));
        scrape.gauges.push(Gauges {
            instance,
            group,
            memory,
            memory_limit: Bytes::new(1 << 30),
            busy: 1.6 * stream.uniform() * worse,
            workers: 2,
            ..Gauges::default()
        });
    }
    scrape.complaints = stream.below(3);
    scrape
}

/// Everything that the next looks say.
fn looks(judge: &mut dyn Judge, telemetry: &mut Telemetry, scrapes: &[Scrape]) -> Vec<String> {
    let look = |between: &[Scrape]| {
        between.iter().cloned().for_each(|it| drop(telemetry.push(it)));
        let now = between.last().expect("a scrape before each look").at;
        // in letters, since what is not a number is not equal to itself
        format!("{:?}", judge.assess(&telemetry.observed(now), SUBJECT))
    };
    scrapes.chunks(4).map(look).collect()
}

#[test]
fn a_judge_cloned_half_way_says_what_the_original_says_to_the_end() {
    let scrapes = scrapes();
    let mut forgetful = Vec::new();
    for spec in each() {
        let start = || {
            let judge = spec.build();
            let retention = judge.lookback(INTERVAL);
            (judge, Telemetry::new(Span::ZERO, retention))
        };
        let (mut judge, mut telemetry) = start();
        let whole = looks(judge.as_mut(), &mut telemetry, &scrapes);
        assert!(whole.iter().any(|it| *it != whole[0]), "{}: {}", spec.name(), whole[0]);
        let mut remembers = false;
        for fork in [1, 7, 20, 33, 59] {
            let (before, after) = scrapes.split_at(4 * fork);
            let (mut judge, mut telemetry) = start();
            looks(judge.as_mut(), &mut telemetry, before);
            let (mut clone, mut shown) = (judge.clone(), telemetry.clone());
            // the clone is through before the original goes on
            let cloned = looks(clone.as_mut(), &mut shown, after);
            let mut fresh = (spec.build(), telemetry.clone());
            let own = looks(judge.as_mut(), &mut telemetry, after);
            assert_eq!(cloned, whole[fork..], "{} cloned at {fork}", spec.name());
            assert_eq!(own, whole[fork..], "{} after a clone at {fork}", spec.name());
            remembers |= looks(fresh.0.as_mut(), &mut fresh.1, after) != own;
        }
        if !remembers {
            forgetful.push(spec.name());
        }
    }
    // a judge that starts at the fork says something else, but for those that keep nothing
    assert_eq!(forgetful, ["burn_rate", "threshold"]);
}

#[test]
fn a_run_of_every_judge_cloned_half_way_measures_the_same() {
    let gate = |judge: JudgeSpec| GateSpec {
        name: judge.name().to_owned(),
        judge,
        count: None,
        failure_limit: 1_000,
        inconclusive_limit: 1_000,
        consecutive_error_limit: 1_000,
        no_data: None,
        dry_run: false,
    };
    let gates = each().into_iter().map(gate).collect();
    let spec = AnalysisSpec { interval: INTERVAL, initial_delay: Span::ZERO, gates };
    let scrapes = scrapes();
    let ticks = |run: &mut AnalysisRun, telemetry: &mut Telemetry, scrapes: &[Scrape]| {
        let mut measurements = Vec::new();
        for scrape in scrapes {
            let now = scrape.at;
            telemetry.push(scrape.clone());
            if run.due() <= now {
                run.tick(&telemetry.observed(now), &mut measurements);
            }
        }
        format!("{measurements:?} {:?}", run.gates().collect::<Vec<_>>())
    };
    let mut run = AnalysisRun::start(&spec, &[], SUBJECT, Instant::ZERO);
    let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(7_200));
    for between in scrapes.chunks(60) {
        let (mut clone, mut shown) = (run.clone(), telemetry.clone());
        let cloned = ticks(&mut clone, &mut shown, between);
        assert_eq!(cloned, ticks(&mut run, &mut telemetry, between));
    }
    assert_eq!(run.state(), AnalysisState::Running);
}

#[test]
fn a_clone_still_shows_a_scrape_that_the_original_has_given_back() {
    let at = |seconds| Instant::ZERO + Span::from_secs(seconds);
    let taken = |seconds| Scrape { at: at(seconds), complaints: seconds, ..Scrape::default() };
    let complaints = |it: &Telemetry, now| -> Vec<u64> {
        it.observed(at(now)).scrapes(Span::from_secs(100)).map(|it| it.complaints).collect()
    };
    let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(10));
    assert!(telemetry.push(taken(1)).is_none());
    let clone = telemetry.clone();
    assert_eq!(telemetry.push(taken(12)).map(|it| it.complaints), Some(1));
    assert_eq!(telemetry.push(taken(23)).map(|it| it.complaints), Some(12));
    assert_eq!((complaints(&telemetry, 30), complaints(&clone, 30)), (vec![23], vec![1]));
}
