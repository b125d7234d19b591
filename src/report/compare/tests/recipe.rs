//! Summaries made of a few values.

use crate::experiment::{
    Class, CostPart, Difference, Distribution, Estimate, Example, FORMAT, Pair, Sensitivity, Stat,
    StrategySummary, Summary, Timeline, TimelinePoint, Which,
};

/// What a summary is made of.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) strategies: usize,
    pub(super) classes: usize,
    /// Taken in turn for every value.
    pub(super) values: Vec<f64>,
    /// Every so many estimates one is missing; never for 0.
    pub(super) missing: usize,
    pub(super) name: &'static str,
    pub(super) complete: bool,
}

const COUNTED: [&str; 7] = [
    "users_hurt",
    "users_hurt_undetected",
    "users_hurt_detecting",
    "users_hurt_rolling_back",
    "users_hurt_after_detection",
    "users_hurt_unmet",
    "cost",
];
const TIMED: [&str; 3] = ["promotion_time", "detection_time", "rollback_time"];

impl Recipe {
    fn value(&self, index: usize) -> f64 {
        self.values[index % self.values.len()]
    }

    fn estimate(&self, quantity: &str, stat: Stat, index: usize) -> Option<Estimate> {
        let value = match stat {
            Stat::Rate => self.value(index) / (1.0 + self.value(index)),
            Stat::Mean | Stat::P50 | Stat::P95 | Stat::P99 => self.value(index),
        };
        let (low, high) = (0.8 * value, if value > 0.0 { 1.3 * value } else { 0.01 });
        let (quantity, unit) = (quantity.to_owned(), "count".to_owned());
        let missing = self.missing > 0 && index.is_multiple_of(self.missing);
        (!missing).then_some(Estimate {
            quantity,
            stat,
            unit,
            value,
            low,
            high,
            n: 2_400,
            rare: None,
        })
    }

    fn strategy(&self, index: usize) -> StrategySummary {
        let mut at = 31 * index;
        let mut next = |quantity: &str, stat| {
            at += 1;
            self.estimate(quantity, stat, at)
        };
        let mut overall = Vec::new();
        overall.extend(COUNTED.iter().chain(&TIMED).filter_map(|it| next(it, Stat::Mean)));
        overall.extend(TIMED.iter().filter_map(|it| next(it, Stat::P50)));
        overall.extend(TIMED.iter().filter_map(|it| next(it, Stat::P95)));
        overall.extend(["detected", "rolled_back"].iter().filter_map(|it| next(it, Stat::Rate)));
        let class = |it: usize| self.estimate("users_hurt", Stat::Mean, 7 * index + it);
        let part = |it: usize| CostPart {
            name: format!("part_{it}"),
            units: 1.0,
            cost: self.value(index + it),
        };
        let mut points: Vec<(f64, f64)> = (0..9).map(|it| (self.value(index + it), 0.1)).collect();
        points.push((0.0, 0.1));
        StrategySummary {
            name: format!("{} {index}", self.name),
            kind: "canary".to_owned(),
            overall,
            by_class: (0..self.classes).map(|it| class(it).into_iter().collect()).collect(),
            cost_parts: (0..=index).map(part).collect(),
            distributions: vec![Distribution { quantity: "users_hurt".to_owned(), points }],
            trials_with_defects: 100,
            trials_never_struck: 0,
            trials_with_incidents: 100,
            trials_incident_never_struck: 0,
        }
    }

    fn pair(&self, first: usize, second: usize) -> Pair {
        let difference = |quantity: &str| {
            let value = self.value(second) - self.value(first);
            Difference {
                quantity: quantity.to_owned(),
                value,
                low: value - 1.0,
                high: value + 2.0,
                low_adjusted: 1.5 * (value - 1.0).min(0.0),
                high_adjusted: 1.5 * value.abs() + 3.0,
                less: 0.25,
                equal: 0.5,
                more: 0.25,
                narrowed: None,
                decided: second % 2 == 1,
                unfinished: false,
                alike: false,
                more_trials_range: None,
                more_trials: (second.is_multiple_of(3)).then_some(12_345),
            }
        };
        Pair { first, second, differences: ["cost", "users_hurt"].map(difference).to_vec() }
    }

    fn timeline(&self, which: usize) -> Timeline {
        let begin = self.value(which).min(1e6);
        let at = |part: f64| (which > 0).then_some(begin + part * 600.0);
        let point = |it: u32| TimelinePoint {
            at: 60.0 * f64::from(it),
            good: 90,
            failed: u64::from(it % 4) * 30,
            slow: 1,
            weight: f64::from(it % 11) / 10.0,
        };
        Timeline {
            length: begin + 3_600.0,
            rollout_began: at(0.0),
            first_symptom: at(0.1),
            detected: at(0.11),
            rollback_began: at(0.11),
            rollback_done: at(1.0),
            rested: at(1.0),
            phases: vec![(0.0, "pending".to_owned()), (begin, "progressing <i>".to_owned())],
            points: (1..60).map(point).collect(),
            entries: Vec::new(),
        }
    }

    fn example(&self, strategy: usize, which: Which) -> Example {
        Example {
            strategy,
            which,
            trial: 7,
            class: strategy,
            seed: u64::MAX,
            cost: self.value(strategy),
            users_hurt: self.value(strategy + 1),
            command: format!("rollsim run {}", self.name),
            timeline: self.timeline(which as usize),
        }
    }

    pub(super) fn summary(&self) -> Summary {
        let all = || 0..self.strategies;
        let class = |it: usize| Class {
            name: format!("{} {it}", self.name),
            chance: 1.0 / self.classes as f64,
            good: it == 0,
            trials: 1_000_000,
            about: String::new(),
        };
        let sensitivity = |it: usize| Sensitivity {
            price: format!("{}_{}", self.name, it / 2),
            factor: [0.5, 2.0][it % 2],
            costs: all().map(|strategy| self.value(strategy + it)).collect(),
            order: all().rev().collect(),
        };
        let kinds = [Which::Best, Which::Median, Which::Worst];
        Summary {
            format: FORMAT,
            rollsim: "0.0.0".to_owned(),
            name: "test".to_owned(),
            title: self.name.repeat(3),
            seed: 9,
            command: format!("rollsim compare {}", self.name.repeat(9)),
            trials: 2_400,
            complete: self.complete,
            confidence: 0.95,
            looks: 7,
            tolerance: 0.05,
            unseen: 0.03,
            assumptions: Vec::new(),
            currency: [self.name, "$", "EUR"][self.classes % 3].to_owned(),
            profile: self.name.to_owned(),
            prices: Vec::new(),
            classes: (0..self.classes).map(class).collect(),
            strategies: all().map(|it| self.strategy(it)).collect(),
            pairs: all()
                .flat_map(|b| (0..b).map(move |a| (a, b)))
                .map(|it| self.pair(it.0, it.1))
                .collect(),
            sensitivity: (0..6).map(sensitivity).collect(),
            findings: Vec::new(),
            examples: all().flat_map(|it| kinds.map(|which| self.example(it, which))).collect(),
        }
    }
}
