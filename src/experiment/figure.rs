//! One figure with its interval.

use serde::{Deserialize, Serialize};

use crate::stats::stratified::Estimated;

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Figure {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// Trials that it rests on.
    pub n: u64,
}

impl From<Estimated> for Figure {
    fn from(it: Estimated) -> Self {
        Self { value: it.value, low: it.interval.low, high: it.interval.high, n: it.n }
    }
}
