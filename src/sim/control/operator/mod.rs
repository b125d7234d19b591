//! The operator: alerts that page, the delay until the page is acknowledged, what the operator does
//! by hand.

mod drains;
mod fix;
mod policy;
mod restarts;
mod state;
mod undone;

use self::state::AlertState;
pub(in crate::sim) use self::state::{Duty, Operator};
use crate::{
    kernel::{Sampler, Stream},
    model::{Against, Measured, Population, ReleaseId},
    sim::{
        Topic,
        waits::Law,
        world::{Event, World},
    },
    units::{HourOfWeek, Span, text},
};

/// What alerts compare: all that answers for the new release with all that answers for the old one.
const NEW: Population = Population::Release(ReleaseId::CANDIDATE);
const OLD: Population = Population::Release(ReleaseId::STABLE);

impl World<'_> {
    pub(super) fn clock(&self) -> HourOfWeek {
        self.plan.scenario.clock.after(Span::from_nanos(self.now))
    }

    fn is_night(&self) -> bool {
        self.plan.scenario.operator.is_night(self.clock().minute_of_day())
    }

    /// Evaluates every alert, after a scrape.
    pub(in crate::sim) fn evaluate_alerts(&mut self) {
        let now = self.instant();
        let plan = self.plan;
        for (index, alert) in plan.scenario.alerts.iter().enumerate() {
            let observed = self.books.monitor.observed(now);
            let of =
                |population: Population| observed.measure(alert.metric, population, alert.window);
            let enough = |it: &Measured| it.samples >= alert.min_samples;
            let value = match alert.against {
                Against::Absolute => of(Population::Whole).filter(enough).map(|it| it.value),
                Against::Difference => {
                    of(NEW).filter(enough).and_then(|it| Some(it.value - of(OLD)?.value))
                }
                Against::Ratio => {
                    of(NEW).filter(enough).and_then(|it| Some(it.value / of(OLD)?.value))
                }
            };
            // an alert without data keeps its state
            let Some(value) = value else { continue };
            let above = value > alert.above.value();
            let state = &mut self.control.operator.alerts[index];
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
        let firing = self.control.operator.any_alert();
        self.control.operator.at_work &= firing;
        if firing {
            self.control.operator.quiet_since = None;
            self.operator_reconsiders();
        } else if self.control.operator.first_page.is_some() {
            self.control.operator.quiet_since.get_or_insert(self.now);
        }
    }

    fn page(&mut self, alert: usize, value: f64) {
        let plan = self.plan;
        let alert = &plan.scenario.alerts[alert];
        self.note(Topic::Alert, |_| {
            let shown = text::beside(alert.above.kind(), value, &[alert.above]);
            let cause = format!("{} {shown} is above {}", alert.metric, text::limit(alert.above));
            (format!("alert `{}` pages the operator", alert.name), cause)
        });
        self.books.ledger.detected(self.now);
        self.control.operator.pages += 1;
        self.control.operator.first_page.get_or_insert(self.now);
        let hour = self.clock().minute_of_day() / 60;
        self.control.operator.pages_by_hour[hour as usize] += 1;
        // who is about to do something sees the next alert as well
        self.control.operator.at_work |= self.control.operator.prepares();
        if self.control.operator.paged || self.control.operator.prepares() {
            return;
        }
        self.control.operator.paged = true;
        let samplers = &plan.samplers;
        let night = self.is_night();
        let delay = if night {
            self.operator_span(&samplers.acknowledge_night)
        } else {
            self.operator_span(&samplers.acknowledge)
        };
        let law = Law::Acknowledge { night };
        self.schedule_chance(delay, Event::Operator(Duty::Acknowledge), law.of(0));
    }

    pub(in crate::sim) fn do_duty(&mut self, duty: Duty) {
        match duty {
            Duty::Acknowledge => self.acknowledge(),
            Duty::Act(index) => self.carry_out(usize::from(index)),
            Duty::Thaw(number) => self.thaw(number),
            Duty::Undrain(number) => self.undrain(number),
            Duty::ShipFix => self.ship_fix(),
            Duty::Answer(number) => self.answer(number),
        }
    }

    fn operator_stream(&mut self) -> Stream {
        self.control.operator.draws += 1;
        self.keys.operator.stream(self.control.operator.draws)
    }

    fn operator_span(&mut self, sampler: &Sampler) -> Span {
        Span::from_nanos(sampler.sample(&mut self.operator_stream()))
    }

    /// Time until the `number`-th request for approval is answered.
    pub(super) fn approval_delay(&mut self, number: u32) -> Span {
        let mut stream = self.keys.operator.child(1).stream(u64::from(number));
        Span::from_nanos(self.plan.samplers.approve.sample(&mut stream))
    }

    fn acknowledge(&mut self) {
        self.control.operator.paged = false;
        self.note(Topic::Operator, |_| ("page acknowledged", ""));
        self.control.operator.at_work = true;
        self.operator_reconsiders();
    }
}
