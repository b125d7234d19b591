//! What holds of any autoscaler, on random rules and loads.

use super::{
    behavior::History,
    replicas::{Condition, Initialization, Pod, Sample, Target, Tolerance, by_instance},
};
use crate::{
    kernel::{Purpose, Seed, Stream, Streams},
    model::{AutoscalerSpec, ScalingPolicy, ScalingRules, SelectPolicy},
    units::{Span, narrow},
};

const TRIALS: u64 = 400;
const SYNC: u64 = 15_000_000_000;

fn chance(trial: u64) -> Stream {
    Streams::new(Seed::new(trial)).key(Purpose::Cohort).stream(0)
}

fn below(stream: &mut Stream, bound: u32) -> u32 {
    u32::try_from(stream.below(u64::from(bound))).unwrap()
}

fn spec(min: u32, max: u32) -> AutoscalerSpec {
    let text = format!(r#"{{"min": {min}, "max": {max}, "target": "50%"}}"#);
    serde_json::from_str(&text).unwrap()
}

/// Instances of which none is being stopped: sampled, without metrics, or not started.
fn pods(stream: &mut Stream, count: u32) -> Vec<Pod> {
    let minute = Span::from_secs(60);
    let one = |stream: &mut Stream| {
        let kind = stream.below(6);
        let sample = Sample {
            value: stream.below(2_000),
            age: Span::from_secs(10),
            window: Span::from_secs(15),
        };
        Pod {
            ignored: false,
            pending: kind == 0,
            condition: Some(Condition { ready: kind != 1, age: minute }),
            age: Some(minute),
            sample: (kind > 1 || kind == 1 && stream.chance(0.5)).then_some(sample),
            request: 500 + stream.below(1_000),
        }
    };
    (0..count).map(|_| one(stream)).collect()
}

#[test]
fn more_load_never_calls_for_fewer_instances() {
    let initialization =
        Initialization { period: Span::from_secs(300), readiness_delay: Span::from_secs(30) };
    let tolerance = Tolerance { down: 0.1, up: 0.1 };
    let mut compared = 0;
    for trial in 0..20 * TRIALS {
        let mut stream = chance(trial);
        let current = 1 + below(&mut stream, 12);
        let light = pods(&mut stream, current);
        // near the target as often as far from it
        let target = if stream.chance(0.5) { 1_000 } else { 1 + stream.below(2_000) };
        let mut heavy = light.clone();
        for heavy in &mut heavy {
            let more = stream.below(300);
            heavy.sample.iter_mut().for_each(|it| it.value += more);
        }
        let targets = [Target::Value(target), Target::Utilization(1 + target / 10)];
        let each = |it: Target| [None, Some(initialization)].map(|initial| (it, initial));
        for (target, initialization) in targets.into_iter().flat_map(each) {
            let calls = |of: &[Pod]| by_instance(of, current, target, tolerance, initialization);
            let (light, heavy) = (calls(&light), calls(&heavy));
            assert_eq!(light.is_some(), heavy.is_some(), "trial {trial}");
            let Some((light, heavy)) = light.zip(heavy) else { continue };
            assert!(light.replicas <= heavy.replicas, "trial {trial}: {light:?} {heavy:?}");
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared} pairs of loads");
}

/// Nothing is known of instances that are down; they may not be taken for idle ones.
#[test]
fn instances_without_metrics_never_justify_a_smaller_fleet() {
    let tolerance = Tolerance { down: 0.1, up: 0.1 };
    for trial in 0..TRIALS {
        let mut stream = chance(trial);
        let known = 1 + below(&mut stream, 6);
        let lost = 1 + below(&mut stream, 6);
        let mut all = pods(&mut stream, known);
        for pod in &mut all {
            pod.pending = false;
            pod.sample.get_or_insert(Sample {
                value: 100,
                age: Span::ZERO,
                window: Span::from_secs(15),
            });
        }
        let target = Target::Value(1 + stream.below(2_000));
        let of_known = by_instance(&all, known, target, tolerance, None).unwrap();
        let down = Pod { sample: None, ..all[0] };
        all.extend((0..lost).map(|_| down));
        let with_lost = by_instance(&all, known + lost, target, tolerance, None).unwrap();
        // the known ones may shrink by as many as they would alone, and the lost ones by none
        let least = of_known.replicas.min(known) + lost;
        assert!(
            with_lost.replicas + 1 >= least,
            "trial {trial}: {of_known:?} {with_lost:?} {lost}"
        );
        let none = vec![down; (known + lost) as usize];
        assert_eq!(by_instance(&none, known + lost, target, tolerance, None), None);
    }
}

/// A life of an autoscaler: time, recommendation and size of each sync, the size before it included.
struct Life {
    at: Vec<u64>,
    recommended: Vec<u32>,
    sizes: Vec<u32>,
}

/// Simulates an autoscaler against recommendations that wander.
fn live(spec: &AutoscalerSpec, stream: &mut Stream, syncs: u64) -> Life {
    let start = spec.min + below(stream, spec.max - spec.min + 1);
    let mut history = History::new(0, start);
    let mut life = Life { at: vec![0], recommended: vec![start], sizes: vec![start] };
    let mut wanted = start;
    for sync in 1..=syncs {
        if stream.chance(0.3) {
            wanted = 1 + below(stream, 60);
        }
        let now = sync * SYNC + if stream.chance(0.5) { 0 } else { stream.below(SYNC / 20) };
        let current = *life.sizes.last().unwrap();
        // the greater recommendation of two never leads to the smaller size
        let more = history.clone().decide(spec, now, current, Some(wanted + 1 + below(stream, 9)));
        let decision = history.decide(spec, now, current, Some(wanted));
        assert!(decision.replicas <= more.replicas, "{wanted} at {now}: {decision:?} {more:?}");
        life.at.push(now);
        life.recommended.push(wanted);
        life.sizes.push(decision.replicas);
    }
    life
}

fn policy(stream: &mut Stream, period: Span) -> ScalingPolicy {
    let value = Some(1 + below(stream, 40));
    let pods = stream.chance(0.5);
    ScalingPolicy { pods: value.filter(|_| pods), percent: value.filter(|_| !pods), period }
}

/// The size that was there a period ago, before whatever has changed in it.
fn size_before(life: &Life, sync: usize, period: Span) -> u32 {
    let within = |it: &usize| life.at[sync] - life.at[*it] < period.nanos();
    let first = (1..sync).find(within).unwrap_or(sync);
    life.sizes[first - 1]
}

fn one_of_four(stream: &mut Stream) -> usize {
    usize::try_from(stream.below(4)).unwrap()
}

#[test]
fn a_size_never_changes_by_more_than_its_policy_allows_in_a_period() {
    let mut changes = 0;
    for trial in 0..TRIALS {
        let mut stream = chance(trial);
        let mut spec = spec(1, 60);
        let period = Span::from_secs([15, 30, 60, 120][one_of_four(&mut stream)]);
        let rules = |policy: ScalingPolicy| ScalingRules {
            stabilization_window: Some(Span::ZERO),
            policies: vec![policy],
            ..ScalingRules::default()
        };
        let (up, down) = (policy(&mut stream, period), policy(&mut stream, period));
        spec.behavior.scale_up = rules(up);
        spec.behavior.scale_down = rules(down);
        let life = live(&spec, &mut stream, 60);
        for sync in 1..life.at.len() {
            let (before, now) = (life.sizes[sync - 1], life.sizes[sync]);
            let start = size_before(&life, sync, period);
            let part = |percent: u32| start * percent;
            let reach = |it: &ScalingPolicy| match (it.pods, it.percent) {
                (Some(pods), _) => pods,
                // a part of an instance is rounded away, and floating point once more
                (None, percent) => part(percent.unwrap()).div_ceil(100) + 1,
            };
            if now > before {
                assert!(now <= start + reach(&up), "trial {trial}: {start} {before} {now} {up:?}");
            }
            if now < before {
                let least = start.saturating_sub(reach(&down));
                assert!(now >= least, "trial {trial}: {start} {before} {now} {down:?}");
            }
            changes += u32::from(now != before);
        }
    }
    assert!(changes > 2_000, "{changes} changes");
}

#[test]
fn nothing_shrinks_or_grows_before_its_window_has_passed() {
    let mut changes = [0, 0];
    for trial in 0..TRIALS {
        let mut stream = chance(trial);
        let mut spec = spec(1, 60);
        let windows = [0, 30, 60, 300].map(Span::from_secs);
        let (up, down) = (windows[one_of_four(&mut stream)], windows[one_of_four(&mut stream)]);
        let unlimited =
            ScalingPolicy { pods: Some(4_000), percent: None, period: Span::from_secs(15) };
        let rules = |window: Span| ScalingRules {
            stabilization_window: Some(window),
            policies: vec![unlimited],
            ..ScalingRules::default()
        };
        spec.behavior.scale_up = rules(up);
        spec.behavior.scale_down = rules(down);
        let life = live(&spec, &mut stream, 80);
        for sync in 1..life.at.len() {
            let (before, now) = (life.sizes[sync - 1], life.sizes[sync]);
            let within = |window: Span| -> Vec<u32> {
                let recent = |it: &usize| life.at[sync] - life.at[*it] < window.nanos();
                (0..sync).filter(recent).map(|it| life.recommended[it]).collect()
            };
            if now < before {
                assert!(within(down).iter().all(|it| *it <= now), "trial {trial}, sync {sync}");
                changes[0] += 1;
            }
            if now > before {
                assert!(within(up).iter().all(|it| *it >= now), "trial {trial}, sync {sync}");
                changes[1] += 1;
            }
        }
    }
    assert!(changes.iter().all(|it| *it > 400), "{changes:?} changes");
}

#[test]
fn a_direction_that_is_disabled_never_moves_and_bounds_are_kept_without_metrics() {
    let mut spec = spec(5, 10);
    spec.behavior.scale_up.select_policy = SelectPolicy::Disabled;
    let mut history = History::new(0, 7);
    assert_eq!(history.decide(&spec, SYNC, 7, Some(10)).replicas, 7);
    assert_eq!(history.decide(&spec, SYNC, 7, None).replicas, 7);
    assert_eq!(history.decide(&spec, SYNC, 3, None).replicas, 5);
    assert_eq!(history.decide(&spec, SYNC, 12, Some(20)).replicas, 10);
}

#[test]
fn a_load_within_the_tolerance_moves_nothing() {
    for trial in 0..TRIALS {
        let mut stream = chance(trial);
        let current = 1 + below(&mut stream, 20);
        let tolerance = Tolerance { down: 0.1, up: 0.1 };
        let mut history = History::new(0, current);
        for sync in 1..50 {
            let mut pods = pods(&mut stream, current);
            for pod in &mut pods {
                pod.pending = false;
                let value = 905 + stream.below(190);
                let sample = Sample { value, age: Span::ZERO, window: Span::from_secs(15) };
                pod.sample = Some(sample);
            }
            let target = Target::Value(1_000);
            let proposal = by_instance(&pods, current, target, tolerance, None).unwrap();
            let decision =
                history.decide(&spec(1, 40), sync * SYNC, current, Some(proposal.replicas));
            assert_eq!(decision.replicas, current, "trial {trial}, {} pods", narrow(pods.len()));
        }
    }
}
