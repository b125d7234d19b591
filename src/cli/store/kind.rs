//! Which study a folder is of.

use serde::{Deserialize, Serialize};

/// Kinds of studies that are kept in folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum StudyKind {
    Comparison,
    Power,
    Tuning,
    Judges,
}

/// How a study begins in a folder that may hold one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Begin {
    /// Where there is none.
    New,
    /// After what is whole of it.
    Resume,
    /// In its place.
    Replace,
}

impl Begin {
    /// As the options say.
    pub(in crate::cli) const fn of(resume: bool, replace: bool) -> Self {
        match (resume, replace) {
            (true, _) => Self::Resume,
            (false, true) => Self::Replace,
            (false, false) => Self::New,
        }
    }
}

impl StudyKind {
    /// What it is called in a sentence.
    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            Self::Comparison => "comparison",
            Self::Power => "measurement",
            Self::Tuning => "tuning",
            Self::Judges => "comparison of judges",
        }
    }

    /// The command that writes such folders.
    pub(in crate::cli) const fn command(self) -> &'static str {
        match self {
            Self::Comparison => "compare",
            Self::Power => "power",
            Self::Tuning => "tune",
            Self::Judges => "judges",
        }
    }

    /// The file with what was found.
    pub(in crate::cli) const fn summary(self) -> &'static str {
        match self {
            Self::Comparison => "summary.json",
            Self::Power => "power.json",
            Self::Tuning => "tune.json",
            Self::Judges => "judges.json",
        }
    }
}
