//! The scenario file: its format, its checking into a plan, its problems.

mod plan;
mod rates;
mod schema;

pub use plan::{Attribute, Dependency, Operation, Plan, Samplers};
pub use rates::{RateCurve, Stretch, gamma_shape};
pub use schema::{ReleaseSpec, Scenario};
