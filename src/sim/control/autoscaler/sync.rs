//! The autoscalers of the world: what they see, and what becomes of their decisions.

use std::borrow::Cow;

use super::{
    behavior::{Decision, Limit},
    metrics::{Process, Scales, Values},
    replicas::{
        Condition, Initialization, Pod, Proposal, Sample, Target, Tolerance, by_instance, by_share,
        by_total, largest,
    },
    state::Part,
};
use crate::{
    model::{Action, AutoscalerMetric, AutoscalerScope, AutoscalerSpec, CpuSpec, GroupId},
    sim::{
        Topic,
        data::{Slot, State},
        ids::SlotId,
        world::{Event, World},
    },
    units::{Ratio, Span, narrow, round_u64, text},
};

/// An instance that has stood since before the trial was started this long before it.
const STANDING: Span = Span::from_secs(30 * 86_400);

impl World<'_> {
    /// Puts the first sync and the end of the first window on the agenda: both recur as if they had
    /// done so for long, with values that become visible at whole multiples of the resolution.
    pub(in crate::sim) fn begin_to_autoscale(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.autoscaler else { return };
        let (lag, resolution) = (spec.metrics_lag.nanos(), spec.metrics_resolution.nanos());
        let first = Span::from_nanos(resolution - lag % resolution);
        self.schedule(first, Event::MetricsWindow);
        self.schedule(spec.sync_period, Event::Autoscale);
    }

    /// A window of the metrics ends.
    pub(in crate::sim) fn metrics_window_ends(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.autoscaler else { return };
        self.schedule(spec.metrics_resolution, Event::MetricsWindow);
        let scales = Scales {
            resolution: spec.metrics_resolution,
            workers: self.workers_each(),
            cpu: spec.cpu,
        };
        let visible = self.now.saturating_add(spec.metrics_lag.nanos());
        let processes: Vec<Option<Process>> =
            self.data.slots().ids().map(|it| self.process_at(it)).collect();
        let arrivals = self.books.ledger.arrived();
        let metrics = &mut self.control.platform.autoscaler.metrics;
        metrics.sample((self.now, visible), scales, arrivals, processes.into_iter());
    }

    /// The process in a slot, where there is one.
    fn process_at(&self, slot: SlotId) -> Option<Process> {
        let (it, known) = (&self.data.slots()[slot], &self.control.platform.instances[slot]);
        let runs = it.state.serves() || it.state == State::Starting;
        runs.then(|| Process {
            pod: it.pod,
            epoch: it.epoch,
            launched: known.launched_at,
            answers_since: it.state.serves().then_some(known.up_at),
            standing: self.is_standing(it) && known.restarts == 0,
            busy: self.work_of_process(slot),
            served: it.served,
        })
    }

    /// It has stood since before the trial.
    fn is_standing(&self, slot: &Slot) -> bool {
        slot.pod < self.plan.scenario.fleet.instances
    }

    /// Each release has an autoscaler of its own.
    pub(in crate::sim) fn releases_scale_apart(&self) -> bool {
        let spec = self.plan.scenario.fleet.autoscaler.as_ref();
        spec.is_some_and(|it| it.per == AutoscalerScope::Release) && !self.data.traffic().shared()
    }

    /// A sync of every autoscaler.
    pub(in crate::sim) fn autoscale(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.autoscaler else { return };
        self.schedule(spec.sync_period, Event::Autoscale);
        self.control.platform.autoscaler.metrics.look(self.now);
        if self.releases_scale_apart() {
            for group in self.control.platform.groups() {
                self.autoscale_part(spec, Part::Group(group));
            }
        } else {
            self.autoscale_part(spec, Part::Fleet);
        }
    }

    fn autoscale_part(&mut self, spec: &AutoscalerSpec, part: Part) {
        let current = match part {
            Part::Fleet => self.control.platform.fleet(),
            Part::Group(it) => self.control.platform.desired(it),
        };
        let followed: Vec<AutoscalerMetric> = spec.followed().collect();
        let proposals: Vec<Option<Proposal>> =
            followed.iter().map(|it| self.proposal(spec, part, current, *it)).collect();
        let decisive = largest(&proposals, current);
        let recommended = decisive.map(|it| it.1.replicas);
        let history = self.control.platform.autoscaler.history(part);
        let decision = history.decide(spec, self.now, current, recommended);
        if decision.replicas != current {
            let why = match decisive {
                Some((index, proposal)) if decision.limit.is_some() => {
                    let ready = |it: &(SlotId, &Slot)| self.is_ready(it.0);
                    let ready = self.slots_of(part).filter(ready).count() as u64;
                    reason(followed[index], proposal, ready, decision)
                }
                Some(_) | None => bounds(spec, current),
            };
            self.resize(part, (current, decision.replicas), why);
        }
    }

    /// What one metric calls for.
    fn proposal(
        &self,
        spec: &AutoscalerSpec,
        part: Part,
        current: u32,
        metric: AutoscalerMetric,
    ) -> Option<Proposal> {
        let tolerance = tolerance(spec);
        let arrivals = self.control.platform.autoscaler.metrics.arrivals();
        match metric {
            AutoscalerMetric::Busy(target) => {
                let value = |it: &Values| Some((it.busy?, it.window));
                let target = Target::Value(thousandths(target.get()));
                by_instance(&self.pods(part, spec, value), current, target, tolerance, None)
            }
            AutoscalerMetric::Requests(target) => {
                let value = |it: &Values| Some((it.requests?, it.window));
                let target = Target::Value(thousandths(target.as_per_second()));
                by_instance(&self.pods(part, spec, value), current, target, tolerance, None)
            }
            AutoscalerMetric::Cpu(target) => {
                let value = |it: &Values| Some((it.cpu?, it.cpu_window));
                let target = Target::Utilization(percent(target));
                let initialization = Initialization {
                    period: spec.cpu_initialization_period,
                    readiness_delay: spec.initial_readiness_delay,
                };
                let pods = self.pods(part, spec, value);
                by_instance(&pods, current, target, tolerance, Some(initialization))
            }
            AutoscalerMetric::Arrivals(target) => {
                let existing = self.slots_of(part).filter(|it| it.1.state.counts()).count();
                let target = thousandths(target.as_per_second());
                Some(by_share(arrivals?, target, narrow(existing), tolerance))
            }
            AutoscalerMetric::TotalArrivals(target) => {
                let exists = self.slots_of(part).next().is_some();
                let ready = |it: &(SlotId, &Slot)| self.is_ready(it.0);
                let ready = self.slots_of(part).filter(ready).count();
                let target = thousandths(target.as_per_second());
                by_total(arrivals?, target, current, exists.then_some(narrow(ready)), tolerance)
            }
        }
    }

    /// Instances that an autoscaler's selector finds, those being stopped included.
    fn slots_of(&self, part: Part) -> impl Iterator<Item = (SlotId, &Slot)> {
        let exists = |it: &Slot| !matches!(it.state, State::Vacant | State::Gone);
        let slots = self.data.slots().entries();
        slots.filter(move |(_, it)| exists(it) && part.holds(it.group))
    }

    /// How long ago something happened to an instance; what was so at the start has been so for long.
    fn time_since(&self, slot: &Slot, at: u64) -> Span {
        let before = if at == 0 && self.is_standing(slot) { STANDING } else { Span::ZERO };
        before.saturating_add(Span::from_nanos(self.now - at))
    }

    /// What an autoscaler sees of its instances.
    fn pods(
        &self,
        part: Part,
        spec: &AutoscalerSpec,
        value: impl Fn(&Values) -> Option<(u64, Span)>,
    ) -> Vec<Pod> {
        let request = spec.cpu.map_or(0, |it: CpuSpec| thousandths(it.requested));
        let metrics = &self.control.platform.autoscaler.metrics;
        let pod = |(slot, it): (SlotId, &Slot)| {
            let sample = metrics
                .of(slot.index(), it.pod, self.now)
                .and_then(|(values, age)| Some((value(&values)?, age)))
                .map(|((value, window), age)| Sample { value, age, window });
            let known = &self.control.platform.instances[slot];
            let since = |at: u64| self.time_since(it, at);
            Pod {
                ignored: matches!(it.state, State::Draining | State::Closing),
                pending: it.state == State::Pending
                    || it.state == State::Waiting && known.restarts == 0,
                condition: Some(Condition { ready: known.ready, age: since(known.ready_since) }),
                age: Some(since(known.started_at)),
                sample,
                request,
            }
        };
        self.slots_of(part).map(pod).collect()
    }

    /// Gives what an autoscaler scales another size.
    fn resize(&mut self, part: Part, (from, to): (u32, u32), why: String) {
        self.note(Topic::Instance, |it| {
            let what = match part {
                Part::Fleet => Cow::Borrowed("the fleet"),
                Part::Group(group) => it.name_of(group),
            };
            (format!("autoscaler scales {what} from {from} to {to}"), why)
        });
        match part {
            Part::Fleet => self.set_fleet(to),
            Part::Group(group) => {
                self.hold(group, to);
                if group == self.home() && self.control.rollout.has_no_say() {
                    self.set_fleet(to);
                }
            }
        }
    }

    /// The operator gives the fleet another size; where releases scale apart, that which serves.
    pub(in crate::sim) fn scale_by_hand(&mut self, to: u32) {
        if self.releases_scale_apart() {
            self.hold(self.home(), to);
        }
        self.set_fleet(to);
    }

    /// The fleet is meant to have another size. Before the rollout the stable release has all of it;
    /// from then on the strategy sees to it.
    fn set_fleet(&mut self, size: u32) {
        self.control.set_fleet(size);
        self.books.fleet.fleet_changes(size, self.now);
        self.sizes_changed();
        if !self.control.rollout.has_begun() {
            self.act(Action::Scale { group: GroupId::STABLE, replicas: size });
        }
    }

    /// The rollout is over: where releases scale apart, the one that serves is the fleet from now on.
    pub(in crate::sim) fn adopt_size_of_home(&mut self) {
        if self.releases_scale_apart() {
            self.set_fleet(self.control.platform.desired(self.home()));
        }
    }

    /// The group that has most instances, the first of equal ones.
    fn home(&self) -> GroupId {
        let groups = self.control.platform.groups().rev();
        groups.max_by_key(|it| self.control.platform.desired(*it)).unwrap_or(GroupId::STABLE)
    }
}

fn tolerance(spec: &AutoscalerSpec) -> Tolerance {
    let of = |own: Option<Ratio>| own.unwrap_or(spec.tolerance).get();
    Tolerance {
        down: of(spec.behavior.scale_down.tolerance),
        up: of(spec.behavior.scale_up.tolerance),
    }
}

/// A target in thousandths; less than one of them would be none.
fn thousandths(value: f64) -> u64 {
    round_u64(value * 1000.0).max(1)
}

fn percent(share: Ratio) -> u64 {
    round_u64(share.get() * 100.0).max(1)
}

/// Why a size changes to what it does: `busy 80 %, target 50 %; 320 % in all at 4 instances, 4 ready; 7 wanted`.
fn reason(metric: AutoscalerMetric, proposal: Proposal, ready: u64, decision: Decision) -> String {
    let Proposal { replicas, value, basis } = proposal;
    let share = |of: f64| move |it: u64| text::share(it as f64 / of);
    let rate = |it: u64| text::rate(it as f64 / 1000.0);
    let (is, total, target) = match metric {
        AutoscalerMetric::Busy(target) => {
            (share(1000.0)(value), share(1000.0)(basis.total), text::share(target.get()))
        }
        AutoscalerMetric::Cpu(target) => {
            (share(100.0)(value), share(100.0)(basis.total), text::share(target.get()))
        }
        AutoscalerMetric::Requests(target)
        | AutoscalerMetric::Arrivals(target)
        | AutoscalerMetric::TotalArrivals(target) => {
            (rate(value), rate(basis.total), text::rate(target.as_per_second()))
        }
    };
    let without = match basis.without {
        0 => String::new(),
        it => format!(" and {} without a value", text::count(it)),
    };
    let at = match basis.instances {
        0 => String::new(),
        it => format!("{total} in all at {}{without}, ", text::counted(it, "instance")),
    };
    let limit = match decision.limit {
        None | Some(Limit::Nothing) => "",
        Some(Limit::UpPolicies) => "; its policies allow no more",
        Some(Limit::DownPolicies) => "; its policies allow no fewer",
        Some(Limit::Min) => "; that is `min`",
        Some(Limit::Max) => "; that is `max`",
    };
    let (name, ready) = (metric.name(), text::count(ready));
    let wanted = text::count(u64::from(replicas));
    format!("{name} {is}, target {target}; {at}{ready} ready; {wanted} wanted{limit}")
}

/// Why a size outside the bounds is changed.
fn bounds(spec: &AutoscalerSpec, current: u32) -> String {
    let bound = if current > spec.max { "more than `max`" } else { "fewer than `min`" };
    bound.to_owned()
}
