//! Laws that hold of every trial: repeatable to the byte, paired by construction, consistent with
//! Little's law, and unmoved by what must not matter. Each has a companion that shows it can fail.

use rollsim::{
    kernel::Seed,
    model::{Cohort, Measure},
    scenario::Plan,
    sim::{self, Outcome, Trial},
};

use crate::trials::plan;

/// A busy rollout with a bit of everything.
fn story(strategy: &str, more: &str) -> String {
    format!(
        "title: a story
length: 20m
warm_up: 1m
rollout_at: 3m
fleet:
  instances: 4
  workers: 4
  queue: 20
  service_time: {{lognormal: {{median: 40ms, p99: 300ms}}}}
  startup: {{exponential: {{mean: 8s}}}}
  warm_up: {{duration: 30s, slowdown: 2x}}
  errors: 0.5%
traffic: {{rate: 60/s, bursts: {{factor: 1.5x, every: 2m, length: 10s}}}}
users: {{count: 2000, activity: {{zipf: 0.9}}}}
client: {{deadline: 1s, retries: {{max: 2}}}}
strategy: {strategy}
{more}"
    )
}

const ROLLING: &str = "{rolling: {batch: 1, wait: 1m}}";
const CANARY: &str = "{canary: {steps: [{weight: 20%, hold: 4m}], analysis: none}}";
const DEFECTS: &str = "release:
  defects:
    - {when: {age: 1m}, effect: {errors: {rate: 20%}}, ramp: 1m}
    - {when: {random: 3m}, effect: {crash: {}}}
incidents:
  - {when: {at: 5m}, effect: {latency: {factor: 2x}}, lasts: 1m}
";

fn bytes(plan: &Plan, seed: Seed) -> Vec<u8> {
    serde_json::to_vec(&sim::run(plan, seed)).unwrap()
}

/// Fowler, Noll and Vo's 64-bit hash (1a).
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[test]
fn the_same_plan_and_seed_leave_the_same_bytes_and_another_seed_others() {
    let plan = plan(&story(CANARY, DEFECTS));
    let first = bytes(&plan, Seed::new(7));
    assert_eq!(first, bytes(&plan, Seed::new(7)));
    assert_ne!(first, bytes(&plan, Seed::new(8)));
}

#[test]
fn figures_alone_are_those_of_the_whole_outcome() {
    let rough = "{canary: {steps: [{weight: 30%, hold: 3m}]}}";
    let analysis = "analysis:
  gates:
    - {name: errors, judge: {threshold: {metric: error_rate, fail_above: 3%, window: 1m}}}
alerts:
  - {name: slow, metric: {latency: 99%}, above: 400ms}
";
    let judged = format!("{DEFECTS}{analysis}");
    let stories = [
        story(ROLLING, ""),
        story(CANARY, DEFECTS),
        story(rough, &judged),
        story("{blue_green: {}}", &judged),
        story("{feature_flag: {steps: [{share: 30%, hold: 2m}]}}", &judged),
        story("{recreate: {}}", DEFECTS),
        story("none", DEFECTS),
    ];
    for text in stories {
        let plan = plan(&text);
        for seed in [Seed::DEFAULT, Seed::new(7)] {
            let trial = Trial::new(&plan, seed);
            let (whole, figures) = (trial.run(), trial.figures_only().run());
            assert!(!whole.timeline.is_empty() && !whole.series.points.is_empty());
            assert!(figures.timeline.is_empty() && figures.series.points.is_empty());
            let left = Outcome {
                timeline: Vec::new(),
                entries_lost: 0,
                measurements: Vec::new(),
                steps: Vec::new(),
                struck: Vec::new(),
                phases: Vec::new(),
                lives: Vec::new(),
                series: figures.series.clone(),
                ..whole
            };
            let json = |it: &Outcome| serde_json::to_string(it).unwrap();
            assert_eq!(json(&left), json(&figures), "{text}");
        }
    }
}

#[test]
fn trials_played_before_change_nothing() {
    let (one, two) = (plan(&story(CANARY, DEFECTS)), plan(&story(ROLLING, "")));
    let alone = bytes(&one, Seed::DEFAULT);
    bytes(&two, Seed::DEFAULT);
    bytes(&one, Seed::DEFAULT.replication(1));
    assert_eq!(alone, bytes(&one, Seed::DEFAULT));
}

/// Digests of the stories' outcomes as JSON. They change with whatever an outcome tells or a default
/// is; then take the new ones from either profile and see that the other agrees.
const PINNED: [u64; 3] =
    [1_631_713_909_564_803_530, 7_884_077_118_160_194_113, 6_680_974_487_226_348_275];

/// The literals are those of debug and of release builds alike: run both to see the law hold.
#[test]
fn debug_and_release_builds_leave_the_pinned_bytes() {
    let stories = [story(ROLLING, ""), story(CANARY, DEFECTS), story("{blue_green: {}}", DEFECTS)];
    let digests = stories.map(|it| fnv(&bytes(&plan(&it), Seed::DEFAULT)));
    assert_eq!(digests, PINNED);
}

/// Strategies that keep the bot serving.
const GENTLE: [&str; 4] = [
    "{rolling: {max_unavailable: 0}}",
    "{blue_green: {}}",
    "{canary: {steps: [{weight: 30%, hold: 2m}], analysis: none}}",
    "{feature_flag: {steps: [{share: 30%, hold: 2m}]}}",
];

/// A fleet so large that no request waits, whatever is done to it, and errors by chance alone.
fn roomy(strategy: &str, seed: &str) -> String {
    format!(
        "title: paired
{seed}
length: 15m
fleet:
  instances: 4
  workers: 200
  errors: 0%
  service_time: {{exponential: {{mean: 50ms}}}}
traffic: {{rate: 50/s}}
users: {{count: 5000, activity: {{zipf: 1}}}}
client: {{deadline: 1h}}
incidents:
  - {{when: {{at: 1s}}, effect: {{errors: {{rate: 3%}}}}}}
strategy: {strategy}
"
    )
}

/// What chance alone decides: how many requests, their demands to the nanosecond, their fate, and
/// whose they were.
fn chance(plan: &Plan) -> Vec<Option<u64>> {
    let outcome = sim::run(plan, Seed::new(plan.scenario.seed));
    let measures = [
        Measure::requests,
        Measure::sojourn_mean,
        Measure::failed,
        Measure::users_hurt,
        Measure::users_hurt_badly,
    ];
    measures.iter().map(|&it| outcome.figure(it).map(f64::to_bits)).collect()
}

#[test]
fn every_strategy_meets_the_same_requests_users_demands_and_luck() {
    let drawn = GENTLE.map(|it| chance(&plan(&roomy(it, ""))));
    assert!(drawn.windows(2).all(|it| it[0] == it[1]), "{drawn:?}");
    for rough in ["{all_at_once: {}}", "{recreate: {}}"] {
        assert_eq!(chance(&plan(&roomy(rough, "")))[0], drawn[0][0], "{rough}: arrivals");
    }
    let other = chance(&plan(&roomy(GENTLE[0], "seed: 2")));
    assert!(drawn[0].iter().zip(other).all(|(one, other)| *one != other), "another seed");
}

/// What a trial draws of a fault belongs to the trial, not to the strategy.
#[test]
fn every_strategy_meets_the_same_drawn_defect_and_incident() {
    let drawn = "effect: {errors: {rate: 100%}}, severity: {log_uniform: {from: 1%, to: 20%}}, \
                 scope_one_of: [{users: {tier: a}}, {users: {tier: b}}, {zone: zone-1}]";
    let text = |strategy: &str, seed: &str| {
        let text = roomy(strategy, seed).replace("effect: {errors: {rate: 3%}}", drawn);
        text.replace("users: {count", "users: {attributes: {tier: {a: 10%, b: 90%}}, count")
    };
    let incident = |seed: &str| GENTLE.map(|it| chance(&plan(&text(it, seed))));
    let (one, other) = (incident(""), incident("seed: 2"));
    assert!(one.windows(2).all(|it| it[0] == it[1]), "{one:?}");
    assert!(other.windows(2).all(|it| it[0] == it[1]), "{other:?}");
    assert_ne!(one[0][2], other[0][2], "another seed draws another incident");
    let defects = "release: {defects: [{when: {age_between: {from: 1s, to: 10s}}, \
                   effect: {errors: {rate: 9%}}, severity: {uniform: {from: 0%, to: 100%}}}]}\n";
    let told = |strategy: &str, seed: u64| {
        let outcome = sim::run(&plan(&story(strategy, defects)), Seed::new(seed));
        let entry = outcome.timeline.iter().find(|it| it.text.starts_with("defect")).unwrap();
        entry.cause.clone()
    };
    assert_eq!(told(ROLLING, 5), told(CANARY, 5));
    assert_eq!(told(ROLLING, 5), told("{blue_green: {}}", 5));
    assert_ne!(told(ROLLING, 5), told(ROLLING, 6));
}

/// A release with more defects is no reason for other incidents.
#[test]
fn every_release_meets_the_same_incidents() {
    let incidents = "incidents:
  - {name: slow, when: {random: 1m}, effect: {latency: {factor: 2x}}, lasts: 20s}
  - {name: crash, when: {random: 5m}, scope: {instances: 60%}, effect: {crash: {}}}
";
    let defect = "{when: {random: 2m}, effect: {hang: {}}, lasts: 1s}";
    let struck = |defects: &str, seed: u64| {
        let text = format!("release: {{defects: [{defects}]}}\n{incidents}");
        // before the rollout begins, nothing but the incidents can differ
        let outcome = sim::run(&plan(&story(ROLLING, &text)), Seed::new(seed));
        let entries = outcome.timeline.into_iter();
        let early = entries.filter(|it| it.at.as_secs_f64() < 180.0);
        early.map(|it| (it.at, it.text)).collect::<Vec<_>>()
    };
    let both = format!("{defect}, {defect}");
    for seed in [3, 4, 5, 6] {
        let good = struck("", seed);
        assert!(!good.is_empty(), "{seed}");
        assert_eq!(good, struck(defect, seed), "{seed}");
        assert_eq!(good, struck(&both, seed), "{seed}");
    }
    assert_ne!(struck("", 3), struck("", 4));
}

/// Busy workers against arrivals times time in service, as a ratio: Little's law of the workers.
fn little(outcome: &Outcome, workers: f64, seconds: f64) -> f64 {
    let figure = |measure| outcome.figure(measure).unwrap();
    let busy = figure(Measure::utilisation) * workers;
    let rate = figure(Measure::requests) * (1.0 - figure(Measure::rejected_share)) / seconds;
    busy / (rate * (figure(Measure::sojourn_mean) - figure(Measure::wait_mean)))
}

#[test]
fn the_mean_number_in_service_is_the_rate_times_the_time_in_service() {
    for rate in [50, 150, 300] {
        let text = format!(
            "title: little
length: 1h
warm_up: 1m
rollout_at: 1h
fleet:
  instances: 3
  workers: 4
  queue: 10
  service_time: {{gamma: {{mean: 60ms, shape: 0.7}}}}
  readiness: {{through: beside}}
traffic: {{rate: {rate}/s}}
client: {{deadline: 1h}}
strategy: {{rolling: {{}}}}
"
        );
        let outcome = sim::run(&plan(&text), Seed::DEFAULT);
        // what straddles the borders of an hour is a ten-thousandth of it
        let ratio = little(&outcome, 12.0, 3_540.0);
        assert!((ratio - 1.0).abs() < 2e-4, "{rate}/s: {ratio}");
        let wrong = little(&outcome, 12.0, 3_600.0);
        assert!((wrong - 1.0).abs() > 2e-4, "a wrong time would be noticed: {wrong}");
    }
}

/// Figures that tell how requests fared.
const FARED: [Measure; 8] = [
    Measure::requests,
    Measure::failed,
    Measure::slow,
    Measure::latency_p99,
    Measure::wait_mean,
    Measure::attempts_mean,
    Measure::users_hurt,
    Measure::users_met,
];

fn fared(text: &str) -> Vec<Option<u64>> {
    let outcome = sim::run(&plan(text), Seed::DEFAULT);
    FARED.iter().map(|&it| outcome.figure(it).map(f64::to_bits)).collect()
}

#[test]
fn a_canary_that_gets_nothing_is_no_canary() {
    let none = fared(&story(CANARY, DEFECTS).replace("rollout_at: 3m", "rollout_at: 20m"));
    for by in ["requests", "users"] {
        let canary = |weight: &str| {
            format!(
                "{{canary: {{by: {by}, steps: [{{weight: {weight}, hold: 1h}}], analysis: none}}}}"
            )
        };
        assert_eq!(fared(&story(&canary("0%"), DEFECTS)), none, "by {by}");
        assert_ne!(fared(&story(&canary("1%"), DEFECTS)), none, "by {by}");
    }
}

#[test]
fn a_deadline_that_nobody_reaches_is_no_deadline() {
    let under = |deadline: &str| {
        let text = roomy(GENTLE[2], "").replace("deadline: 1h", &format!("deadline: {deadline}"));
        bytes(&plan(&text), Seed::DEFAULT)
    };
    // the longest of 45,000 exponential spans of 50 ms is about 0.6 s
    assert_eq!(under("5s"), under("1d"));
    assert_ne!(under("300ms"), under("1d"));
}

#[test]
fn the_unit_of_time_does_not_matter() {
    let queue = |unit: u32| {
        let text = format!(
            "title: a unit
length: {length}s
warm_up: {warm_up}s
rollout_at: {length}s
fleet:
  instances: 4
  workers: 2
  queue: 6
  service_time: {{exponential: {{mean: {service}ms}}}}
  readiness: {{through: beside}}
traffic: {{rate: {rate}/s}}
client:
  deadline: {deadline}ms
  retries: {{max: 2, backoff: {{base: {deadline}ms}}}}
strategy: {{rolling: {{}}}}
",
            length = 600 * unit,
            warm_up = 6 * unit,
            service = 40 * unit,
            deadline = 150 * unit,
            rate = 150.0 / f64::from(unit),
        );
        sim::run(&plan(&text), Seed::DEFAULT)
    };
    let close = |one: &Outcome, other: &Outcome, measure: Measure, factor: f64| {
        let (one, other) = (one.figure(measure).unwrap(), other.figure(measure).unwrap());
        // rounding to whole nanoseconds may swap two events, and much can follow from that
        (other / one / factor - 1.0).abs() < 1e-2
    };
    let (one, ten) = (queue(1), queue(10));
    for measure in
        [Measure::requests, Measure::failed, Measure::attempts_mean, Measure::utilisation]
    {
        assert!(close(&one, &ten, measure, 1.0), "{}", measure.name());
    }
    for measure in [Measure::wait_mean, Measure::sojourn_mean] {
        assert!(close(&one, &ten, measure, 10.0), "{}", measure.name());
        assert!(!close(&one, &ten, measure, 1.0), "{}", measure.name());
    }
}

/// How far the candidate's error rate lies from the stable release's, in standard errors.
fn errors_apart(more: &str) -> f64 {
    let strategy = "{canary: {steps: [{weight: 50%, hold: 1h}], analysis: none}}";
    let text = story(strategy, more).replace("errors: 0.5%", "errors: 5%");
    let outcome = sim::run(&plan(&text), Seed::DEFAULT);
    let total = |cohort: Cohort| {
        let points = &outcome.series.points;
        let attempts: u64 = points.iter().map(|it| it.attempts[cohort.met()]).sum();
        let failures: u64 = points.iter().map(|it| it.failures[cohort.met()]).sum();
        (attempts as f64, failures as f64)
    };
    let ((n, failed), (m, failed_there)) = (total(Cohort::STABLE), total(Cohort::EXPOSED));
    assert!(n > 10_000.0 && m > 10_000.0);
    let pooled = (failed + failed_there) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    (failed_there / m - failed / n) / error
}

#[test]
fn two_identical_versions_fail_equally_often() {
    let apart = errors_apart("");
    assert!(apart.abs() < 4.0, "{apart} standard errors");
    let worse = "release: {defects: [{effect: {errors: {rate: 2%}}}]}\n";
    let apart = errors_apart(worse);
    assert!(apart > 4.0, "{apart} standard errors");
}
