//! How many instances a metric calls for: the arithmetic of Kubernetes' `replica_calculator.go` and
//! `metrics/utilization.go`, v1.36. Values are whole thousandths, averages are divided as integers.

use crate::units::{Span, round_u64};

/// What the autoscaler sees of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pod {
    /// Being deleted, or failed: it does not count at all.
    pub(super) ignored: bool,
    /// Has not been started on a machine yet.
    pub(super) pending: bool,
    /// Its `Ready` condition, where it has one.
    pub(super) condition: Option<Condition>,
    /// Time since the platform started it.
    pub(super) age: Option<Span>,
    /// The newest value of the metric.
    pub(super) sample: Option<Sample>,
    /// Thousandths of a core that it requests.
    pub(super) request: u64,
}

/// Whether an instance is ready, and for how long it has been so or not so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) ready: bool,
    pub(super) age: Span,
}

/// Mean of a metric over a window that ended some time ago.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) value: u64,
    pub(super) age: Span,
    pub(super) window: Span,
}

/// What the mean over the instances is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// A value.
    Value(u64),
    /// Percent of what the instances request.
    Utilization(u64),
}

/// Deviations from the target, as a part of it, that change nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerance {
    pub(super) down: f64,
    pub(super) up: f64,
}

impl Tolerance {
    fn holds(self, ratio: f64) -> bool {
        (1.0 - self.down..=1.0 + self.up).contains(&ratio)
    }
}

/// Periods in which the processor use of a new instance is no sign of its load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Initialization {
    pub(super) period: Span,
    pub(super) readiness_delay: Span,
}

/// What a metric calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) replicas: u32,
    /// Its value: the mean of the samples, or for a utilisation the percentage.
    pub(super) value: u64,
    /// What the value rests on.
    pub(super) basis: Basis,
}

/// What the value of a metric rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    /// All together, in the unit of the value.
    pub(super) total: u64,
    /// Instances that it is the mean of; 0 where it is no mean.
    pub(super) instances: u64,
    /// Instances that have no value, or none that counts yet.
    pub(super) without: u64,
}

/// Instances by what is known of them, each as its value and its request.
#[derive(Default)]
struct Groups {
    sampled: Vec<(u64, u64)>,
    missing: Vec<u64>,
    unready: Vec<u64>,
}

impl Groups {
    fn of(pods: &[Pod], initialization: Option<Initialization>) -> Self {
        let mut groups = Self::default();
        for pod in pods.iter().filter(|it| !it.ignored) {
            match pod.sample {
                _ if pod.pending => groups.unready.push(pod.request),
                None => groups.missing.push(pod.request),
                Some(sample) if initialization.is_some_and(|it| it.covers(pod, sample)) => {
                    groups.unready.push(pod.request);
                }
                Some(sample) => groups.sampled.push((sample.value, pod.request)),
            }
        }
        groups
    }
}

impl Initialization {
    /// Whether a sample is left out because its instance is not ready, or has not been for long.
    fn covers(self, pod: &Pod, sample: Sample) -> bool {
        let (Some(condition), Some(age)) = (pod.condition, pod.age) else { return true };
        if age < self.period {
            !condition.ready || condition.age < sample.age.saturating_add(sample.window)
        } else {
            // it became unready so soon after its start that it has never been ready
            !condition.ready && condition.age.saturating_add(self.readiness_delay) > age
        }
    }
}

impl Target {
    /// Ratio of the instances' mean to the target, and the mean; nothing where none can be formed.
    fn ratio(self, values: &[(u64, u64)]) -> Option<(f64, u64)> {
        let sum: u64 = values.iter().map(|it| it.0).sum();
        let (value, target) = match self {
            Self::Value(target) => (sum.checked_div(values.len() as u64)?, target),
            Self::Utilization(target) => {
                let requests: u64 = values.iter().map(|it| it.1).sum();
                ((100 * sum).checked_div(requests)?, target)
            }
        };
        Some((value as f64 / target as f64, value))
    }

    /// What the instances use all together, in the unit of their mean.
    fn total(self, values: &[(u64, u64)], mean: u64) -> u64 {
        match self {
            Self::Value(_) => values.iter().map(|it| it.0).sum(),
            Self::Utilization(_) => mean * values.len() as u64,
        }
    }

    /// What an instance without metrics is taken to use where the fleet would shrink.
    fn fallback(self, request: u64) -> u64 {
        match self {
            Self::Value(target) => target,
            Self::Utilization(target) => request * target.max(100) / 100,
        }
    }
}

/// What a metric of the instances calls for; nothing where it has no value. `initialization` is for the
/// processor alone: other metrics do not look at readiness.
pub(super) fn by_instance(
    pods: &[Pod],
    current: u32,
    target: Target,
    tolerance: Tolerance,
    initialization: Option<Initialization>,
) -> Option<Proposal> {
    let Groups { mut sampled, missing, unready } = Groups::of(pods, initialization);
    if sampled.is_empty() {
        return None;
    }
    let (ratio, value) = target.ratio(&sampled)?;
    let basis = Basis {
        total: target.total(&sampled, value),
        instances: sampled.len() as u64,
        without: (missing.len() + unready.len()) as u64,
    };
    let grows_beside_unready = !unready.is_empty() && ratio > 1.0;
    if missing.is_empty() && !grows_beside_unready {
        let replicas =
            if tolerance.holds(ratio) { current } else { rounded_up(ratio * sampled.len() as f64) };
        return Some(Proposal { replicas, value, basis });
    }
    if ratio < 1.0 {
        sampled.extend(missing.iter().map(|&it| (target.fallback(it), it)));
    } else if ratio > 1.0 {
        sampled.extend(missing.iter().map(|&it| (0, it)));
    }
    if grows_beside_unready {
        sampled.extend(unready.iter().map(|&it| (0, it)));
    }
    let (cautious, _) = target.ratio(&sampled)?;
    let turned = (ratio < 1.0 && cautious > 1.0) || (ratio > 1.0 && cautious < 1.0);
    let replicas = rounded_up(cautious * sampled.len() as f64);
    let against = (cautious < 1.0 && replicas > current) || (cautious > 1.0 && replicas < current);
    let holds = tolerance.holds(cautious) || turned || against;
    Some(Proposal { replicas: if holds { current } else { replicas }, value, basis })
}

/// What a metric of the whole service calls for: its ratio to the target times the instances that are
/// ready. Nothing where there are no instances, although some are wanted.
pub(super) fn by_total(
    usage: u64,
    target: u64,
    current: u32,
    ready: Option<u32>,
    tolerance: Tolerance,
) -> Option<Proposal> {
    let ratio = usage as f64 / target as f64;
    let replicas = match current {
        0 => rounded_up(ratio),
        _ if tolerance.holds(ratio) => current,
        _ => rounded_up(ratio * f64::from(ready?)),
    };
    let basis = Basis { total: usage, instances: 0, without: 0 };
    Some(Proposal { replicas, value: usage, basis })
}

/// What a metric of the whole service calls for, divided by the instances that exist.
pub(super) fn by_share(usage: u64, target: u64, existing: u32, tolerance: Tolerance) -> Proposal {
    let ratio = usage as f64 / (target as f64 * f64::from(existing));
    let replicas =
        if tolerance.holds(ratio) { existing } else { rounded_up(usage as f64 / target as f64) };
    let basis = Basis { total: usage, instances: u64::from(existing), without: 0 };
    Proposal { replicas, value: usage.div_ceil(u64::from(existing.max(1))), basis }
}

/// The proposal that decides among those of several metrics: the largest. Nothing where none has a
/// value, or where some have none and the others call for fewer instances.
pub(super) fn largest(proposals: &[Option<Proposal>], current: u32) -> Option<(usize, Proposal)> {
    let valid = proposals.iter().enumerate().filter_map(|(index, it)| Some((index, (*it)?)));
    let (index, proposal) = valid.rev().max_by_key(|(_, it)| it.replicas)?;
    let all = proposals.iter().all(Option::is_some);
    (all || proposal.replicas >= current).then_some((index, proposal))
}

fn rounded_up(value: f64) -> u32 {
    u32::try_from(round_u64(value.ceil())).unwrap_or(u32::MAX)
}
