//! The leg that replaces instances step by step.

use serde::{Deserialize, Serialize};

use super::{
    deploy::{Pause, await_available},
    leg::{BOTH, Leg, Patience, Step, age, other, replicas},
};
use crate::{
    model::{Action, Amount, GroupId, View, Wake},
    units::{Span, text},
};

/// How fast instances are replaced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    pub surge: Amount,
    pub unavailable: Amount,
    /// Instances replaced before a wait; without it, surge and unavailable together if there is a
    /// wait, and the whole fleet if not.
    pub batch: Option<u32>,
    pub wait: Span,
    pub min_ready: Span,
    pub deadline: Span,
    pub replacement: PodReplacementPolicy,
}

/// How a fleet is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batches {
    pub count: u32,
    /// Times that instances are started, one after the other, in all batches.
    pub rounds: u32,
    /// Most that are started at the same time.
    pub at_once: u32,
}

/// When an instance that is being stopped makes room for a new one (Kubernetes: `podReplacementPolicy`,
/// KEP-5882).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PodReplacementPolicy {
    /// As soon as it has the order to stop, as a Deployment does today.
    #[default]
    TerminationStarted,
    /// When it is gone: with `max_surge: 0`, each instance is restarted in place.
    TerminationComplete,
}

impl Pace {
    /// The same without batches and pauses: for a rollback.
    pub(super) const fn hurried(self) -> Self {
        Self { batch: None, wait: Span::ZERO, min_ready: Span::ZERO, ..self }
    }

    /// The batches in which a fleet of this size is replaced.
    pub(super) fn batches(&self, fleet: u32) -> Batches {
        let (surge, unavailable) = self.fenceposts(fleet);
        let at_once = surge.saturating_add(unavailable).max(1);
        let batch = match self.batch {
            Some(batch) => batch.max(1),
            None if self.wait.is_zero() => fleet.max(1),
            None => at_once,
        };
        let (whole, rest) = (fleet / batch, fleet % batch);
        let rounds = whole.saturating_mul(batch.div_ceil(at_once));
        Batches {
            count: fleet.div_ceil(batch),
            rounds: rounds.saturating_add(rest.div_ceil(at_once)),
            at_once: at_once.min(batch).min(fleet),
        }
    }

    /// Surge and unavailable instances of a fleet: surge rounded up, unavailable down and at most
    /// the fleet; where both are zero, one may be unavailable (Kubernetes, Argo Rollouts).
    fn fenceposts(&self, fleet: u32) -> (u32, u32) {
        let surge = self.surge.rounded_up(fleet);
        let unavailable = self.unavailable.rounded_down(fleet);
        let unavailable = if surge == 0 { unavailable.max(1) } else { unavailable };
        (surge, unavailable.min(fleet))
    }
}

/// Replaces the instances of the other release step by step, with the arithmetic of a Kubernetes
/// Deployment: counts that were asked for limit the total, available ones the minimum.
#[derive(Clone)]
pub(super) struct Roll {
    pace: Pace,
    to: GroupId,
    replaced: u32,
    waiting: Option<Pause>,
    patience: Patience,
    /// Size of the fleet when it was last looked at.
    fleet: u32,
}

impl Roll {
    pub(super) const fn new(to: GroupId, pace: Pace) -> Self {
        let patience = Patience::new(pace.deadline);
        Self { pace, to, replaced: 0, waiting: None, patience, fleet: 0 }
    }

    /// Instances that this batch replaces, with those before it.
    fn goal(&self, fleet: u32) -> u32 {
        let (surge, unavailable) = self.pace.fenceposts(fleet);
        let batch = match self.pace.batch {
            Some(batch) => batch.max(1),
            None if self.pace.wait.is_zero() => fleet,
            None => surge + unavailable,
        };
        self.replaced.saturating_add(batch).min(fleet)
    }

    /// What to ask for now, in order: so many replicas of the release that comes, then of the one
    /// that goes, in turn, so that the total never is beyond the surge.
    fn moves(&self, goal: u32, view: &View) -> Vec<(GroupId, u32)> {
        let fleet = view.fleet;
        let (surge, unavailable) = self.pace.fenceposts(fleet);
        let (target, source) = (replicas(view, self.to), replicas(view, other(self.to)));
        let (mut new, mut old) = (target.desired, source.desired);
        let new_available = target.available(view.now, self.pace.min_ready).min(new);
        let mut old_ready = source.ready().min(old);
        let (floor, keep) = (fleet - unavailable, fleet - goal);
        let until_gone = self.pace.replacement == PodReplacementPolicy::TerminationComplete;
        let mut leaving = if until_gone { target.terminating + source.terminating } else { 0 };
        let mut moves = Vec::new();
        loop {
            let room = (fleet + surge).saturating_sub(new + old + leaving);
            let up = room.min(goal.saturating_sub(new));
            if up > 0 {
                new += up;
                moves.push((self.to, new));
            }
            // old instances that are not ready go first: they cost no availability, but what is
            // left must still reach the minimum once it is ready
            let spare = (new_available + old).saturating_sub(floor);
            let unhealthy = (old - old_ready).min(spare).min(old.saturating_sub(keep));
            old -= unhealthy;
            let spare = (old_ready + new_available).saturating_sub(floor);
            let down = spare.min(old_ready).min(old.saturating_sub(keep));
            old -= down;
            old_ready -= down;
            leaving += if until_gone { unhealthy + down } else { 0 };
            if unhealthy + down > 0 {
                moves.push((other(self.to), old));
            }
            if up + unhealthy + down == 0 {
                return moves;
            }
        }
    }
}

impl Roll {
    /// Where the fleet has changed its size, both releases get their part of the change, as a Deployment
    /// does (`sync.go`, `scale`): each in proportion to its size, the larger one first, and what rounding
    /// leaves goes to the larger one. A release that is alone gets all of it.
    fn follow(&mut self, view: &View) -> Vec<(GroupId, u32)> {
        let before = std::mem::replace(&mut self.fleet, view.fleet);
        if before == 0 || before == view.fleet {
            return Vec::new();
        }
        let now = |group: GroupId| replicas(view, group).desired;
        let mut parts: Vec<(GroupId, u32)> =
            BOTH.iter().map(|&it| (it, now(it))).filter(|it| it.1 > 0).collect();
        if let [alone] = parts.as_mut_slice() {
            alone.1 = view.fleet;
        } else {
            let limit = |fleet: u32| fleet + self.pace.fenceposts(fleet).0;
            share_out(&mut parts, limit(before), limit(view.fleet));
            let old = parts.iter().find(|it| it.0 != self.to).map_or(0, |it| it.1);
            self.replaced = self.replaced.min(view.fleet.saturating_sub(old));
        }
        parts.retain(|it| it.1 != now(it.0));
        parts
    }
}

/// Gives two releases of together at most `before` instances their parts of `after`.
fn share_out(parts: &mut [(GroupId, u32)], before: u32, after: u32) {
    let all: u32 = parts.iter().map(|it| it.1).sum();
    let (all, before, after) = (i64::from(all), i64::from(before), i64::from(after));
    let change = after - all;
    // of equal ones the newer grows first, and the older shrinks first
    parts.sort_by_key(|&(group, size)| {
        let newer = group == GroupId::CANDIDATE;
        (std::cmp::Reverse(size), newer != (change > 0))
    });
    let mut given = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for &(_, size) in parts.iter() {
        let size = i64::from(size);
        let part = (2 * size * after + before) / (2 * before) - size;
        let (left, part) = (change - given, if change == 0 { 0 } else { part });
        let part = if change > 0 { part.min(left) } else { part.max(left) };
        given += part;
        sizes.push(size + part);
    }
    sizes[0] += change - given;
    for (part, size) in parts.iter_mut().zip(sizes) {
        part.1 = u32::try_from(size).unwrap_or(0);
    }
}

impl Leg for Roll {
    fn parts(&self) -> Vec<String> {
        let batch = self.pace.batch.map(|it| format!(", {it} at a time")).unwrap_or_default();
        let wait = match self.pace.wait {
            Span::ZERO => String::new(),
            wait => format!(", {} apart", text::span(wait)),
        };
        vec![format!("replace {} instances{batch}{wait}", age(other(self.to)))]
    }

    fn sizes(&self, _group: GroupId) -> bool {
        true
    }

    fn hurry(&mut self) {
        self.pace = self.pace.hurried();
        self.waiting = None;
        self.patience.renew();
    }

    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        let scale = |(group, replicas): (GroupId, u32)| Action::Scale { group, replicas };
        actions.extend(self.follow(view).into_iter().map(scale));
    }

    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        let before = actions.len();
        self.hold(view, actions);
        if actions.len() > before {
            // a Deployment does nothing else in the same sync
            return Step::Going(Wake::OnChange);
        }
        loop {
            let waiting = self.waiting.as_mut().map(|it| it.step(view, actions));
            if let Some(step @ Step::Going(_)) = waiting {
                return step;
            }
            self.waiting = None;
            if self.replaced >= view.fleet {
                return Step::Done;
            }
            let goal = self.goal(view.fleet);
            let moves = self.moves(goal, view);
            let scale = |&(group, replicas): &_| Action::Scale { group, replicas };
            actions.extend(moves.iter().map(scale));
            let wanted = (self.to, goal);
            let step = await_available(wanted, self.pace.min_ready, &mut self.patience, view);
            if step != Step::Done {
                return step;
            }
            self.replaced = goal;
            if self.to == GroupId::CANDIDATE {
                let text = format!("{goal} of {} instances are new", view.fleet);
                actions.push(Action::Note(text));
            }
            self.waiting = (!self.pace.wait.is_zero()).then(|| Pause::of(self.pace.wait));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::GroupView, strategy::deploy::PROGRESS_DEADLINE, units::Instant};

    fn pace(surge: &str, unavailable: &str) -> Pace {
        Pace {
            surge: surge.parse().unwrap(),
            unavailable: unavailable.parse().unwrap(),
            batch: None,
            wait: Span::ZERO,
            min_ready: Span::ZERO,
            deadline: PROGRESS_DEADLINE,
            replacement: PodReplacementPolicy::TerminationStarted,
        }
    }

    fn some(desired: u32, ready: usize) -> GroupView {
        GroupView {
            desired,
            existing: desired,
            ready_since: vec![Instant::ZERO; ready].into(),
            ..GroupView::default()
        }
    }

    #[test]
    fn surge_rounds_up_unavailable_down_and_never_are_both_zero() {
        for (surge, unavailable, fleet, expected) in [
            ("25%", "25%", 10, (3, 2)),
            ("25%", "25%", 1, (1, 0)),
            ("0", "25%", 3, (0, 1)),
            ("0", "0", 3, (0, 1)),
            ("0", "9", 3, (0, 3)),
        ] {
            assert_eq!(pace(surge, unavailable).fenceposts(fleet), expected, "{surge} {fleet}");
        }
    }

    #[test]
    fn one_look_asks_for_what_kubernetes_asks_for() {
        // fleet 10, 25 %/25 %: desired and ready of new and old, and what is asked for then
        let (stable, candidate) = (GroupId::STABLE, GroupId::CANDIDATE);
        for (new, old, expected) in [
            ((0, 0), (10, 10), vec![(candidate, 3), (stable, 8), (candidate, 5)]),
            ((5, 0), (8, 8), vec![]),
            ((5, 5), (8, 8), vec![(stable, 3), (candidate, 10)]),
            ((5, 2), (8, 8), vec![(stable, 6), (candidate, 7)]),
            ((10, 10), (3, 3), vec![(stable, 0)]),
            // old ones that are not ready go first and cost no availability
            ((0, 0), (10, 8), vec![(candidate, 3), (stable, 8), (candidate, 5)]),
        ] {
            let view = View {
                fleet: 10,
                groups: [some(old.0, old.1), some(new.0, new.1)].into(),
                ..View::default()
            };
            let roll = Roll::new(candidate, pace("25%", "25%"));
            assert_eq!(roll.moves(10, &view), expected, "{new:?} {old:?}");
        }
    }

    #[test]
    fn crash_looping_candidates_stop_the_roll_with_the_minimum_serving() {
        let view = View {
            fleet: 10,
            groups: [some(8, 8), some(5, 0)].into(),
            now: Instant::from_nanos(5),
            ..View::default()
        };
        let mut roll = Roll::new(GroupId::CANDIDATE, pace("25%", "25%"));
        let mut actions = Vec::new();
        let end = Instant::from_nanos(5).saturating_add(PROGRESS_DEADLINE);
        assert_eq!(roll.step(&view, &mut actions), Step::Going(Wake::At(end)));
        assert_eq!(actions, []);
        let late = View { now: end, ..view };
        let why = "0 of 10 new instances available, no progress for 10 min".to_owned();
        assert_eq!(roll.step(&late, &mut actions), Step::Failed(why));
    }

    /// Rows that Kubernetes' own code made: `tests/it/oracles/kubernetes/README.md`.
    #[test]
    fn a_fleet_that_changes_its_size_is_shared_as_a_deployment_shares_it() {
        let table = include_str!("../../tests/it/oracles/kubernetes/proportional_scaling.csv");
        let mut rows = 0;
        for row in table.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let number = |index: usize| cells[index].parse::<u32>().unwrap();
            let mut roll = Roll::new(GroupId::CANDIDATE, pace(cells[3], cells[4]));
            let sizes = |fleet: u32, old: u32, new: u32| View {
                fleet,
                groups: [some(old, 0), some(new, 0)].into(),
                ..View::default()
            };
            assert_eq!(roll.follow(&sizes(number(1), number(5), number(6))), [], "{row}");
            let mut view = sizes(number(2), number(5), number(6));
            for (group, size) in roll.follow(&view) {
                view.groups[group].desired = size;
            }
            let after = (view.stable().desired, view.candidate().desired);
            assert_eq!(after, (number(7), number(8)), "{row}");
            rows += 1;
        }
        assert!(rows > 50, "{rows} rows");
    }
}
