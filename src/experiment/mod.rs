//! Many trials: the same rollouts under every strategy, in parallel, and what they say.

mod summary;

pub use summary::{
    Class, CostPart, Difference, Distribution, Estimate, Example, FORMAT, Finding, FindingResult,
    Pair, Price, Sensitivity, Stat, StrategySummary, Summary, Timeline, TimelineEntry,
    TimelinePoint, Which,
};
