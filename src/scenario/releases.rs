//! The section `releases` of a scenario: what a release is likely to carry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{fault::FaultSpec, model::MigrationSpec, units::Ratio};

/// The mix of releases that `rollsim compare` draws from: classes, each with its probability
/// (`chance`). The rest of 100 % is the class `good`. `rollsim check --print` shows the classes of
/// a preset written out, to copy and change.
///
/// Every class ships the versions of `release`, and its migration unless the class has its own, but
/// none of its defects.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LotterySpec {
    /// A built-in mix, fitted to this bot. Without it, there are only the `classes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Share of all releases that are bad; the chances are scaled to it. Without it, the
    /// chances stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad: Option<Ratio>,
    /// Whether the preset's defects of code (errors, slow answers) live in the feature behind the
    /// flag, for strategies that have one. Crashes, leaks and migrations come with the release
    /// whatever the flag says. This decides how much a flag is worth: with `false`, flags guard
    /// nothing.
    pub behind_flag: bool,
    /// Classes beside the preset's; one of the same name replaces it, a chance of `0%` removes it.
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub classes: BTreeMap<String, ReleaseClassSpec>,
}

/// How often releases of a team are bad. Most surveys count changes that led to a failure in production:
/// DORA's clusters of 2018-2024 put the best at 0-15 % (5 % in 2024) and the lowest at 40-60 %, its Quick
/// Check benchmarks have a mean of 17-19 % with a wide spread; of 304 minor releases of 11 open-source
/// projects, 4.6 % needed a fix within a day and 16.8 % within a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// 5 % of the releases are bad.
    Elite,
    /// 10 % of the releases are bad.
    Typical,
    /// 20 % of the releases are bad.
    Struggling,
}

/// A class of releases: how likely it is, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseClassSpec {
    /// Share of all releases.
    pub chance: Ratio,
    /// Its defects.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 64)))]
    pub defects: Vec<FaultSpec>,
    /// Its migration. Without it, that of `release`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationSpec>,
}

impl Default for LotterySpec {
    fn default() -> Self {
        Self { preset: None, bad: None, behind_flag: true, classes: BTreeMap::new() }
    }
}
