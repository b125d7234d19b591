//! How far a recommendation is followed: the stabilisation windows and policies of Kubernetes'
//! `horizontal.go`, v1.36, with what it remembers of earlier syncs.

use std::{cmp::Ordering, collections::VecDeque};

use crate::{
    model::{AutoscalerSpec, ScalingPolicy, ScalingRules, SelectPolicy},
    units::{Span, round_u64},
};

/// What an autoscaler remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Sizes that were recommended: when, and how many.
    recommendations: VecDeque<(u64, u32)>,
    /// Changes that were made: when, and by how many.
    grown: Vec<(u64, u32)>,
    shrunk: Vec<(u64, u32)>,
}

/// What an autoscaler makes of a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) replicas: u32,
    /// What kept it from the recommendation, once stabilised; nothing where it was not asked for.
    pub(super) limit: Option<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Nothing,
    UpPolicies,
    DownPolicies,
    Min,
    Max,
}

/// Which way a size changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// The rules of one way, defaults filled in.
struct Rules<'s> {
    way: Way,
    window: Span,
    policies: &'s [ScalingPolicy],
    select: SelectPolicy,
}

/// Kubernetes' defaults: `pkg/apis/autoscaling/v2/defaults.go`.
const QUARTER_MINUTE: Span = Span::from_secs(15);
const TWICE: ScalingPolicy =
    ScalingPolicy { pods: None, percent: Some(100), period: QUARTER_MINUTE };
const FOUR: ScalingPolicy = ScalingPolicy { pods: Some(4), percent: None, period: QUARTER_MINUTE };
const UP: &[ScalingPolicy] = &[FOUR, TWICE];
const DOWN: &[ScalingPolicy] = &[TWICE];

impl History {
    /// Of an autoscaler that has just met a fleet of this size.
    pub(super) fn new(now: u64, size: u32) -> Self {
        Self { recommendations: VecDeque::from([(now, size)]), ..Self::default() }
    }

    /// What becomes of a recommendation; without one, only `min` and `max` are enforced. A size of 0 is left
    /// alone.
    pub(super) fn decide(
        &mut self,
        spec: &AutoscalerSpec,
        now: u64,
        current: u32,
        recommended: Option<u32>,
    ) -> Decision {
        let enforced = current.min(spec.max).max(spec.min);
        let decision = match recommended {
            _ if current == 0 => Decision { replicas: 0, limit: None },
            _ if enforced != current => Decision { replicas: enforced, limit: None },
            None => Decision { replicas: current, limit: None },
            Some(recommended) if spec.legacy => self.legacy(spec, now, current, recommended),
            Some(recommended) => self.by_rules(spec, now, current, recommended),
        };
        if decision.replicas != current && !spec.legacy {
            self.remember_change(spec, now, current, decision.replicas);
        }
        decision
    }

    /// Without `behavior`: the largest recommendation of the window, at most twice the size or 4.
    fn legacy(
        &mut self,
        spec: &AutoscalerSpec,
        now: u64,
        current: u32,
        recommended: u32,
    ) -> Decision {
        let window = spec.shrink_after.nanos();
        let recent = self.recommendations.iter().filter(|it| now - it.0 <= window);
        let stabilised = recent.map(|it| it.1).fold(recommended, u32::max);
        self.recommend(now, recommended, window);
        let doubled = current.saturating_mul(2).max(4);
        let (most, limit) =
            if spec.max > doubled { (doubled, Limit::UpPolicies) } else { (spec.max, Limit::Max) };
        if stabilised < spec.min {
            Decision { replicas: spec.min, limit: Some(Limit::Min) }
        } else if stabilised > most {
            Decision { replicas: most, limit: Some(limit) }
        } else {
            Decision { replicas: stabilised, limit: Some(Limit::Nothing) }
        }
    }

    fn by_rules(
        &mut self,
        spec: &AutoscalerSpec,
        now: u64,
        current: u32,
        recommended: u32,
    ) -> Decision {
        let (up, down) = (Rules::up(spec), Rules::down(spec));
        let recent = |window: Span| {
            let within = move |it: &&(u64, u32)| now - it.0 < window.nanos();
            self.recommendations.iter().filter(within).map(|it| it.1)
        };
        let least = recent(up.window).fold(recommended, u32::min);
        let most = recent(down.window).fold(recommended, u32::max);
        let stabilised = current.max(least).min(most);
        self.recommend(now, recommended, up.window.max(down.window).nanos());
        let (allowed, limit) = match stabilised.cmp(&current) {
            Ordering::Greater => {
                let allowed = self.allowed(&up, now, current).max(i64::from(current));
                let max = i64::from(spec.max);
                let limit = if max > allowed { Limit::UpPolicies } else { Limit::Max };
                (i64::from(stabilised).min(max.min(allowed)), limit)
            }
            Ordering::Less => {
                let allowed = self.allowed(&down, now, current).min(i64::from(current));
                let min = i64::from(spec.min);
                let limit = if min < allowed { Limit::DownPolicies } else { Limit::Min };
                (i64::from(stabilised).max(min.max(allowed)), limit)
            }
            Ordering::Equal => (i64::from(current), Limit::Nothing),
        };
        let replicas = u32::try_from(allowed).unwrap_or(current);
        let limit = if replicas == stabilised { Limit::Nothing } else { limit };
        Decision { replicas, limit: Some(limit) }
    }

    /// Stores a recommendation and drops those that no window reaches any more.
    fn recommend(&mut self, now: u64, size: u32, window: u64) {
        while self.recommendations.front().is_some_and(|it| now - it.0 > window) {
            self.recommendations.pop_front();
        }
        self.recommendations.push_back((now, size));
    }

    /// The size that the policies allow.
    fn allowed(&self, rules: &Rules<'_>, now: u64, current: u32) -> i64 {
        let within = |changes: &[(u64, u32)], period: Span| -> i64 {
            let recent = changes.iter().filter(|it| now - it.0 < period.nanos());
            recent.map(|it| i64::from(it.1)).sum()
        };
        let proposed = rules.policies.iter().map(|it| {
            let grown = within(&self.grown, it.period);
            let shrunk = within(&self.shrunk, it.period);
            rules.way.reach(i64::from(current) - grown + shrunk, it)
        });
        let reached = match (rules.select, rules.way) {
            (SelectPolicy::Disabled, _) => None,
            (SelectPolicy::Max, Way::Up) | (SelectPolicy::Min, Way::Down) => proposed.max(),
            (SelectPolicy::Min, Way::Up) | (SelectPolicy::Max, Way::Down) => proposed.min(),
        };
        reached.unwrap_or(i64::from(current))
    }

    /// Stores a change. As Kubernetes does, it takes the place of one of the same way that is older than
    /// that way's longest period, although the other way's policies may still count it.
    fn remember_change(&mut self, spec: &AutoscalerSpec, now: u64, from: u32, to: u32) {
        let (rules, changes) = if to > from {
            (Rules::up(spec), &mut self.grown)
        } else {
            (Rules::down(spec), &mut self.shrunk)
        };
        let longest = rules.policies.iter().map(|it| it.period).max().unwrap_or(Span::ZERO);
        let change = (now, to.abs_diff(from));
        match changes.iter_mut().rfind(|it| now - it.0 > longest.nanos()) {
            Some(old) => *old = change,
            None => changes.push(change),
        }
    }
}

impl<'s> Rules<'s> {
    fn up(spec: &'s AutoscalerSpec) -> Self {
        Self::new(Way::Up, &spec.behavior.scale_up, Span::ZERO, UP)
    }

    fn down(spec: &'s AutoscalerSpec) -> Self {
        Self::new(Way::Down, &spec.behavior.scale_down, spec.shrink_after, DOWN)
    }

    fn new(way: Way, of: &'s ScalingRules, window: Span, policies: &'s [ScalingPolicy]) -> Self {
        Self {
            way,
            window: of.stabilization_window.unwrap_or(window),
            policies: if of.policies.is_empty() { policies } else { &of.policies },
            select: of.select_policy,
        }
    }
}

impl Way {
    /// How far a policy reaches from the size at the start of its period: a share is rounded away from
    /// the size upwards, and towards zero downwards.
    fn reach(self, start: i64, policy: &ScalingPolicy) -> i64 {
        let pods = i64::from(policy.pods.unwrap_or(0));
        let part = f64::from(policy.percent.unwrap_or(0)) / 100.0;
        match (self, policy.percent) {
            (Self::Up, None) => start + pods,
            (Self::Down, None) => start - pods,
            (Self::Up, Some(_)) => whole((start as f64 * (1.0 + part)).ceil()),
            (Self::Down, Some(_)) => whole(start as f64 * (1.0 - part)),
        }
    }
}

/// Towards zero.
fn whole(value: f64) -> i64 {
    let size = i64::try_from(round_u64(value.abs().floor())).unwrap_or(i64::MAX);
    if value < 0.0 { -size } else { size }
}
