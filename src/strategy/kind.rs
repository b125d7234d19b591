//! What every strategy answers before it is put to work, from its settings alone.

use super::Strategy;

/// The settings of a strategy.
pub trait StrategyKind {
    /// One that has not begun yet.
    fn build(&self) -> Box<dyn Strategy>;
}
