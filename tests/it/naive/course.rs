//! How one request goes at one instance: how long it takes, and the chances of how it ends.

use rollsim::kernel::Purpose;

use super::{Naive, either, scaled};

pub(super) struct Course {
    /// Nanoseconds of a worker, calls of others included.
    pub(super) service: u64,
    /// Chance of an error, and the part of it that a normal day has.
    pub(super) error: f64,
    pub(super) error_base: f64,
    pub(super) wrong: f64,
    pub(super) kill: f64,
}

impl Naive<'_> {
    /// Nanoseconds that an attempt takes where nothing is wrong: each draws its own.
    pub(super) fn demand(&self, attempt: usize) -> u64 {
        let it = &self.attempts[attempt];
        let key = self.key(Purpose::Service);
        let key = if it.tries == 0 { key } else { key.child(it.tries) };
        let mut draw = key.stream(it.number());
        self.plan.operations[it.operation].service.sample(&mut draw)
    }

    /// An instance takes an attempt up; none where it does not survive that.
    pub(super) fn course(&mut self, attempt: usize, slot: usize) -> Option<Course> {
        let demand = self.demand(attempt);
        if demand > self.plan.scenario.client.deadline.nanos() {
            self.attempts[attempt].normal = true;
        }
        let normal = self.fleet.slots[slot].errors;
        let mut course =
            Course { service: 0, error: normal, error_base: normal, wrong: 0.0, kill: 0.0 };
        self.fleet.slots[slot].served += 1;
        self.faults_by_requests(slot);
        if !self.fleet.slots[slot].serves() {
            return None;
        }
        let calls = self.call_others(attempt, slot, &mut course);
        let impact = self.impact(attempt, slot);
        course.error = either(course.error, impact.error);
        course.wrong = impact.wrong;
        course.kill = impact.kill;
        self.fleet.slots[slot].lost.bytes += impact.leak;
        let collecting = self.collecting(slot)?;
        let factor = self.warming(slot) * impact.factor * collecting;
        course.service = scaled(demand, factor).saturating_add(calls).saturating_add(impact.delay);
        Some(course)
    }

    /// The calls of an operation, one after the other.
    fn call_others(&self, attempt: usize, slot: usize, course: &mut Course) -> u64 {
        let it = self.attempts[attempt];
        let mut total = 0_u64;
        for (nth, &called) in (0..).zip(&self.plan.operations[it.operation].calls) {
            let dependency = &self.plan.dependencies[called];
            let mut draw = self.key(Purpose::Dependency).child(nth).stream(it.entity());
            let (error, factor) = self.impact_on_call(attempt, slot, &dependency.name);
            let time = scaled(dependency.latency.sample(&mut draw), factor);
            total = total.saturating_add(time);
            let normal = dependency.errors.get();
            course.error = either(either(course.error, normal), error);
            course.error_base = either(course.error_base, normal);
        }
        total
    }

    /// A fresh process is slower, and gets up to speed in a straight line.
    fn warming(&self, slot: usize) -> f64 {
        let spec = self.plan.scenario.fleet.warm_up;
        let left = self.fleet.slots[slot].warm.saturating_sub(self.now);
        if left == 0 {
            return 1.0;
        }
        1.0 + (spec.slowdown.get() - 1.0) * left as f64 / spec.duration.nanos() as f64
    }
}
