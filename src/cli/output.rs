//! How a command answers: in which format, and with which exit code.

use std::io::{self, Write};

use clap::ValueEnum;

use crate::{
    report::{Document, Paper},
    units::text::count,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
    /// CSV, of studies
    Csv,
    /// Markdown for a pull request, of studies
    Markdown,
}

impl Format {
    /// What the standard output is then.
    pub(super) const fn paper(self) -> Paper {
        match self {
            Self::Text | Self::Markdown => Paper::Lines,
            Self::Json => Paper::Json,
            Self::Csv => Paper::Csv,
        }
    }
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

/// What a command prints: kept until its files are written and it is known how it ends.
#[derive(Debug, Default)]
pub(super) struct Printed {
    results: Vec<u8>,
    closing: Vec<u8>,
}

impl Printed {
    /// For the standard output.
    pub(super) fn results(&self) -> &[u8] {
        &self.results
    }

    /// For the standard error, after the results.
    pub(super) fn closing(&self) -> &[u8] {
        &self.closing
    }

    /// Says something to the standard error, after the results.
    pub(super) fn close(&mut self, line: &str) {
        self.closing.extend_from_slice(line.as_bytes());
        self.closing.push(b'\n');
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.results.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A whole number of an option, within these limits.
pub(super) fn whole<N: TryFrom<u64>>(
    low: u64,
    high: u64,
) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse::<u64>().ok().filter(|it| (low..=high).contains(it));
        let number = number.and_then(|it| N::try_from(it).ok());
        number.ok_or_else(|| match high {
            u64::MAX => format!("allowed: a whole number of at least {}", count(low)),
            _ => format!("allowed: a whole number from {} to {}", count(low), count(high)),
        })
    }
}

/// What a study found, in a format.
pub(super) fn show(
    found: (&Document, &impl serde::Serialize, impl FnOnce() -> String),
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (document, json, csv) = found;
    match format {
        Format::Json => write_json(json, out)?,
        Format::Csv => out.write_all(csv().as_bytes())?,
        Format::Markdown => out.write_all(document.markdown().as_bytes())?,
        Format::Text => out.write_all(document.text().as_bytes())?,
    }
    Ok(())
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
