//! How a command answers: in which format, and with which exit code.

use std::io::Write;

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
    /// CSV, of `power` and `tune`
    Csv,
    /// Markdown for a pull request, of `power` and `tune`
    Markdown,
}

/// How a command ended, when it could do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Done, and expectations hold.
    Done,
    /// Done, but an expectation failed; it was reported.
    Unexpected,
    /// The input is bad; the problems were reported.
    BadInput,
    /// Done, but with too few trials to say whether an expectation holds.
    Undecided,
    /// Interrupted; what was done is kept.
    Interrupted,
}

impl Ending {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::BadInput => 2,
            Self::Undecided => 3,
            Self::Interrupted => 130,
        }
    }
}

/// Every type is compiled for one writer only, a text in memory.
pub(super) fn write_json(
    value: &impl serde::Serialize,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(out.write_all(&text)?)
}
