//! Whether an autoscaler and the machines beneath it make sense.

use super::check::{Check, SECOND};
use crate::model::{
    AutoscalerMetric, AutoscalerScope, AutoscalerSpec, BehaviorSpec, MachinesSpec, ScalingRules,
};

impl Check<'_> {
    pub(super) fn autoscaler(&mut self, spec: &AutoscalerSpec) {
        let path = "fleet.autoscaler";
        if spec.min > spec.max {
            self.refuse(format!("{path}.min"), format!("`{}` is more than `max`", spec.min));
        }
        match (spec.target.is_some(), spec.metrics.is_empty()) {
            (true, false) => {
                let message = "`target` and `metrics` both say what is followed";
                self.refuse_allowing(format!("{path}.target"), message, "one of the two");
            }
            (false, true) => {
                let message = "neither `target` nor `metrics` says what is followed";
                self.refuse_allowing(path, message, "`target: 60%`, or `metrics`");
            }
            (true, true) | (false, false) => {}
        }
        if let Some(target) = spec.target {
            self.metric(format!("{path}.target"), spec, AutoscalerMetric::Busy(target));
        }
        for (index, metric) in spec.metrics.iter().enumerate() {
            self.metric(format!("{path}.metrics[{index}].{}", metric.name()), spec, *metric);
        }
        self.at_least(&format!("{path}.sync_period"), spec.sync_period, SECOND);
        self.at_least(&format!("{path}.metrics_resolution"), spec.metrics_resolution, SECOND);
        if spec.legacy && spec.behavior != BehaviorSpec::default() {
            let message = "an autoscaler without `behavior` has none of its rules";
            self.refuse_allowing(format!("{path}.legacy"), message, "`legacy` or `behavior`");
        }
        self.rules(&format!("{path}.behavior.scale_up"), &spec.behavior.scale_up);
        self.rules(&format!("{path}.behavior.scale_down"), &spec.behavior.scale_down);
    }

    fn metric(&mut self, path: String, spec: &AutoscalerSpec, metric: AutoscalerMetric) {
        let (small, least) = match metric {
            AutoscalerMetric::Busy(target) => (target.get() < 0.001, "0.1%"),
            AutoscalerMetric::Cpu(target) => (target.get() < 0.01, "1%"),
            AutoscalerMetric::Requests(target)
            | AutoscalerMetric::Arrivals(target)
            | AutoscalerMetric::TotalArrivals(target) => {
                (target.as_per_second() < 0.001, "0.001/s")
            }
        };
        if small {
            let allowed = format!("at least `{least}`");
            self.refuse_allowing(&path, "a target this low can never be met", allowed);
        }
        let of_all = match metric {
            AutoscalerMetric::Arrivals(_) | AutoscalerMetric::TotalArrivals(_) => true,
            AutoscalerMetric::Busy(_)
            | AutoscalerMetric::Cpu(_)
            | AutoscalerMetric::Requests(_) => false,
        };
        if of_all && spec.per == AutoscalerScope::Release {
            let message = "arrivals are counted before it is known which release serves them";
            self.refuse_allowing(&path, message, "`busy`, `cpu` or `requests` for each release");
        }
        if matches!(metric, AutoscalerMetric::Cpu(_)) && spec.cpu.is_none() {
            let message = "`cpu` is followed, but nothing says what a request takes";
            self.refuse_allowing(path, message, "a section `fleet.autoscaler.cpu`");
        }
    }

    fn rules(&mut self, path: &str, rules: &ScalingRules) {
        for (index, policy) in rules.policies.iter().enumerate() {
            let path = format!("{path}.policies[{index}]");
            self.at_least(&format!("{path}.period"), policy.period, SECOND);
            if policy.pods.is_some() == policy.percent.is_some() {
                let message = "a policy is either a number of instances or a percentage";
                self.refuse_allowing(path, message, "one of `pods` and `percent`");
            }
        }
    }

    pub(super) fn machines(&mut self, spec: &MachinesSpec) {
        let standing = self.scenario.fleet.instances + spec.spare;
        if let Some(room) = spec.room.filter(|it| *it < standing) {
            let message = format!("`{room}` is less than the room that there is at the start");
            let allowed = format!("at least {standing}");
            self.refuse_allowing("fleet.machines.room", message, allowed);
        }
    }
}
