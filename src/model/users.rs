//! Users: how many, how active, what distinguishes them, and when they complain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::{Ratio, Span};

/// The people who use the bot.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UsersSpec {
    /// Number of users.
    #[cfg_attr(test, schemars(range(min = 1, max = 10_000_000)))]
    pub count: u32,
    /// How requests are distributed among them.
    pub activity: Activity,
    /// What distinguishes users: for each attribute its values and their shares, which sum to 100
    /// %.
    #[cfg_attr(test, schemars(length(max = 8)))]
    pub attributes: BTreeMap<String, BTreeMap<String, Ratio>>,
    /// Chance that a hurt user complains, at most once in a trial.
    pub complain: Ratio,
    /// Time from the bad answer to the complaint.
    pub complain_after: Distribution,
}

impl Default for UsersSpec {
    fn default() -> Self {
        Self {
            count: 10_000,
            activity: Activity::Equal,
            attributes: BTreeMap::new(),
            complain: Ratio::clamped(0.02),
            complain_after: Distribution::LogNormal {
                median: Span::from_secs(900),
                p99: None,
                p90: Some(Span::from_secs(3_600)),
            },
        }
    }
}

/// How requests are distributed among users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Each request comes from any user with equal chance.
    #[default]
    Equal,
    /// Users send in turn: all send equally many requests.
    InTurn,
    /// The k-th most active user sends in proportion to 1 / k to this exponent.
    Zipf(#[cfg_attr(test, schemars(range(min = 0.0, max = 5.0)))] f64),
}
