//! What every judge answers before it judges, from its settings alone.

use super::Judge;

/// The settings of a judge.
pub trait JudgeKind {
    /// One that has measured nothing yet.
    fn build(&self) -> Box<dyn Judge>;
}
