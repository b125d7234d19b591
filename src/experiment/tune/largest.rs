//! The corner of a space in which a trial is the most work: what a tuning may come to is known before it begins.

use serde_json::Value;

use super::{Study, study::fits};
use crate::scenario::{Plan, vary};

impl Study {
    /// The plan of a trial that is the most work, and the settings that make it so: each parameter in turn at the end
    /// of its range that adds more, as far as its trials can be simulated.
    pub fn largest(&self) -> (Plan, Vec<(String, Value)>) {
        let mut point = self.space.point(&self.written);
        let plan = vary(&self.scenario, &self.protocol.name, &self.folder, &[]);
        let plan = plan.unwrap_or_else(|it| panic!("a checked scenario is one: {it:?}"));
        let mut largest = (plan, Vec::new());
        let ends = (0..point.len()).flat_map(|axis| [(axis, 0.0), (axis, 1.0)]);
        for (axis, end) in ends.collect::<Vec<_>>() {
            let mut there = point.clone();
            there[axis] = end;
            if let Some(it) = self.at(&there).filter(|it| exceeds(&it.0, &largest.0)) {
                (largest, point) = (it, there);
            }
        }
        largest
    }

    /// The plan at a point, where its trials can be simulated.
    fn at(&self, point: &[f64]) -> Option<(Plan, Vec<(String, Value)>)> {
        let settings = self.space.settings(&self.written, point);
        let plan = vary(&self.scenario, &self.protocol.name, &self.folder, &settings).ok()?;
        fits(&plan).then_some((plan, settings))
    }
}

fn exceeds(plan: &Plan, other: &Plan) -> bool {
    let (one, other) = (plan.work(), other.work());
    (one.cpu, one.memory) > (other.cpu, other.memory)
}
