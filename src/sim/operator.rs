//! The operator: alerts that page, the delay until the page is acknowledged, what the operator does
//! by hand.

use super::{
    Topic,
    world::{Event, World},
};
use crate::{
    kernel::{Sampler, Stream},
    model::{Against, Group, Measured},
    units::{HourOfWeek, Span, text},
};

#[derive(Debug)]
pub(super) struct Operator {
    alerts: Vec<AlertState>,
    pub(super) pages: u64,
    /// Pages by hour of the day.
    pub(super) pages_by_hour: [u32; 24],
    /// A page has not been acknowledged yet.
    paged: bool,
    /// The operator is rolling the rollout back.
    undoing: bool,
    /// The operator has been paged and found nothing to undo; while an alert fires, that may change.
    watching: bool,
    draws: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct AlertState {
    /// Since when it has been above its limit.
    since: Option<u64>,
    firing: bool,
}

impl Operator {
    pub(super) fn new(alerts: usize) -> Self {
        Self {
            alerts: vec![AlertState::default(); alerts],
            pages: 0,
            pages_by_hour: [0; 24],
            paged: false,
            undoing: false,
            watching: false,
            draws: 0,
        }
    }

    pub(super) const fn busy(&self) -> bool {
        self.paged || self.undoing
    }
}

impl World<'_> {
    pub(super) fn clock(&self) -> HourOfWeek {
        self.plan.scenario.clock.after(Span::from_nanos(self.now))
    }

    fn is_night(&self) -> bool {
        self.plan.scenario.operator.is_night(self.clock().minute_of_day())
    }

    /// Evaluates every alert, after a scrape.
    pub(super) fn evaluate_alerts(&mut self) {
        let now = self.instant();
        let plan = self.plan;
        for (index, alert) in plan.scenario.alerts.iter().enumerate() {
            let observed = self.monitor.telemetry.observed(now);
            let of = |group: Group| observed.measure(alert.metric, group, alert.window);
            let enough = |it: &Measured| it.samples >= alert.min_samples;
            let value = match alert.against {
                Against::Absolute => of(Group::Whole).filter(enough).map(|it| it.value),
                Against::Difference => of(Group::Candidate)
                    .filter(enough)
                    .and_then(|it| Some(it.value - of(Group::Stable)?.value)),
                Against::Ratio => of(Group::Candidate)
                    .filter(enough)
                    .and_then(|it| Some(it.value / of(Group::Stable)?.value)),
            };
            // an alert without data keeps its state
            let Some(value) = value else { continue };
            let above = value > alert.above.value();
            let state = &mut self.operator.alerts[index];
            if !above {
                *state = AlertState::default();
                continue;
            }
            let since = *state.since.get_or_insert(self.now);
            if !state.firing && self.now - since >= alert.hold.nanos() {
                state.firing = true;
                self.page(index, value);
            }
        }
        self.operator.watching &= self.operator.alerts.iter().any(|it| it.firing);
    }

    fn page(&mut self, alert: usize, value: f64) {
        let plan = self.plan;
        let alert = &plan.scenario.alerts[alert];
        self.note(Topic::Alert, |_| {
            let shown = text::figure(alert.above.kind(), value);
            let cause = format!("{} {shown} is above {}", alert.metric, text::limit(alert.above));
            (format!("alert `{}` pages the operator", alert.name), cause)
        });
        self.ledger.detected(self.now);
        self.operator.pages += 1;
        let hour = self.clock().minute_of_day() / 60;
        self.operator.pages_by_hour[hour as usize] += 1;
        if self.operator.paged || self.operator.undoing {
            return;
        }
        self.operator.paged = true;
        let samplers = &plan.samplers;
        let delay = if self.is_night() {
            self.operator_span(&samplers.acknowledge_night)
        } else {
            self.operator_span(&samplers.acknowledge)
        };
        self.schedule(delay, Event::Acknowledge);
    }

    fn operator_stream(&mut self) -> Stream {
        self.operator.draws += 1;
        self.keys.operator.stream(self.operator.draws)
    }

    fn operator_span(&mut self, sampler: &Sampler) -> Span {
        Span::from_nanos(sampler.sample(&mut self.operator_stream()))
    }

    /// Time until the `number`-th request for approval is answered.
    pub(super) fn approval_delay(&mut self, number: u32) -> Span {
        let mut stream = self.keys.operator.child(1).stream(u64::from(number));
        Span::from_nanos(self.plan.samplers.approve.sample(&mut stream))
    }

    pub(super) fn acknowledge(&mut self) {
        self.operator.paged = false;
        self.note(Topic::Operator, |_| ("page acknowledged", ""));
        self.operator.watching = self.plan.scenario.operator.undoes;
        self.operator_reconsiders();
    }

    /// An operator who has been paged looks for the cause and rolls back, as soon as there is something to undo.
    pub(super) fn operator_reconsiders(&mut self) {
        if !self.operator.watching || self.operator.undoing || !self.can_be_undone() {
            return;
        }
        self.operator.watching = false;
        self.operator.undoing = true;
        let samplers = &self.plan.samplers;
        let diagnose = self.operator_span(&samplers.diagnose);
        let prepare = self.operator_span(&samplers.prepare);
        self.schedule(diagnose.saturating_add(prepare), Event::Undo);
    }

    pub(super) fn order_undo(&mut self) {
        self.operator.undoing = false;
        if self.can_be_undone() {
            self.rollout.undo_ordered = true;
            self.note(Topic::Operator, |_| ("orders a rollback", ""));
            self.view_changed = true;
        } else {
            self.operator.watching = self.operator.alerts.iter().any(|it| it.firing);
        }
    }

    pub(super) fn complaint_arrives(&mut self) {
        self.monitor.complaint();
        self.ledger.complaints += 1;
        if self.ledger.complaints == 1 {
            self.note(Topic::Users, |_| ("first user complaint", ""));
        }
    }
}
