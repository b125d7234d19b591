//! The scenario file: its format, its checking into a plan, its problems.
//!
//! A file is read with bounds, composed with what it extends, checked against its own schema and
//! turned into types. `load` knows nothing of what a scenario contains: it works for any type with a
//! JSON Schema, and finds every problem of a file in one pass, each with its file, line and column.

mod actions;
mod build;
mod channels;
mod check;
mod compile;
mod extend;
mod faults;
mod fix;
mod foreign;
mod format;
mod limits;
mod lint;
mod load;
mod lottery;
mod never;
#[cfg(test)]
mod of_types;
mod path;
mod place;
mod plan;
mod planning;
mod preset;
mod problem;
mod proxy;
mod publish;
mod rates;
mod read;
mod releases;
mod scalar;
mod scaling;
mod schema;
mod setting;
mod settings;
mod shape;
mod size;
mod source;
mod space;
mod syntax;
mod trace;
mod tree;
mod way;
mod work;
mod yaml;

pub use extend::path_inside;
pub use fix::{Fix, Fixed, fix, fix_in};
pub use foreign::{Foreign, foreign};
pub use format::{Change, ChangeKind, FORMAT, LANGUAGE, Language};
pub use lint::{highest, lint, too_short};
pub use load::{Loaded, load, load_in, load_text};
pub use lottery::{GOOD, Lottery, ReleaseClass};
pub(crate) use never::is_idle;
#[cfg(test)]
pub(crate) use of_types::publish;
pub use path::{NoPath, Step, push_key, steps, within};
pub use plan::{ActionSamplers, Attribute, Dependency, Line, Operation, Plan, Samplers};
#[cfg(test)]
pub(crate) use planning::unchecked;
pub use planning::{plan_of, vary};
pub use problem::{Location, Problem, Problems, Record, Severity, listed, quoted};
pub use publish::{FromFile, file_schemas, language, published_schema, written_out};
pub use rates::{RateCurve, Stretch, gamma_shape};
pub use releases::{LotterySpec, Preset, ReleaseClassSpec};
pub use schema::{ReleaseSpec, Scenario};
pub use setting::{set_text, setting};
pub use settings::with_settings;
pub use shape::{Bounds, Form, List, Schemas, Section, Text, Typed, Variant, suggest};
pub use source::{Source, Sources};
pub use space::{Axis, Space, Vary, around, tuning_problems};
pub use tree::{Entry, Node, Value};
pub use work::{Bound, Part, Work};
pub use yaml::{to_yaml, to_yaml_line};

/// Largest scenario file, in bytes: the largest shipped one is below 1 % of it.
pub const FILE_BYTES_MAX: u64 = 1 << 20;
/// Deepest nesting of mappings and lists in a file.
pub const DEPTH_MAX: usize = 32;
/// Most values in a scenario: all files of the `extends` chain, every anchor and alias written out.
pub const NODES_MAX: usize = 20_000;
/// Most bytes in the texts of a scenario, counted like `NODES_MAX`.
pub const TEXT_BYTES_MAX: usize = 4 << 20;
/// Most aliases (`*name`) in a scenario.
pub const ALIASES_MAX: usize = 100;
/// Most files in an `extends` chain, the first included.
pub const EXTENDS_FILES_MAX: usize = 8;
/// Longest key, in characters.
pub const KEY_CHARS_MAX: usize = 200;
