//! Which study a folder is of.

use serde::{Deserialize, Serialize};

/// Kinds of studies that are kept in folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum StudyKind {
    Comparison,
    Power,
    Tuning,
}

impl StudyKind {
    /// What it is called in a sentence.
    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            Self::Comparison => "comparison",
            Self::Power => "measurement",
            Self::Tuning => "tuning",
        }
    }

    /// The command that writes such folders.
    pub(in crate::cli) const fn command(self) -> &'static str {
        match self {
            Self::Comparison => "compare",
            Self::Power => "power",
            Self::Tuning => "tune",
        }
    }

    /// The file with what was found.
    pub(in crate::cli) const fn summary(self) -> &'static str {
        match self {
            Self::Comparison => "summary.json",
            Self::Power => "power.json",
            Self::Tuning => "tune.json",
        }
    }
}
