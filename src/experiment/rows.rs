//! Trials as rows of CSV, whatever study they are of. Everything else is derived from them.
//!
//! An empty field says that there was no data. Numbers are written so that they read back to the
//! same bits.

use std::io::{self, Read, Write};

use csv::StringRecord;
use serde::Serialize;

/// How what a study keeps is written as rows.
pub trait Columns {
    /// What is kept as a whole: a trial, or a rollout under every strategy.
    type Kept;

    fn names(&self) -> Vec<&'static str>;

    /// Rows that each of them takes.
    fn rows(&self) -> usize {
        1
    }

    /// The fields of one of its rows, in the order of the names.
    fn fields(&self, kept: &Self::Kept, row: usize) -> impl Serialize;

    /// Reads it back from its rows; or which of them cannot be read, and why.
    fn read(&self, rows: &[StringRecord]) -> Result<Self::Kept, (usize, String)>;
}

/// A field of a row, as what it must be.
pub(super) fn parsed<T: std::str::FromStr>(text: &str, column: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a {column}"))
}

/// A figure; none where there was no data.
pub(super) fn figure(text: &str, column: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: f64 = parsed(text, column)?;
    if value.is_finite() { Ok(Some(value)) } else { Err(format!("`{text}` is not a {column}")) }
}

/// Writes what is kept as rows.
#[derive(Debug)]
pub struct RowWriter<'c, C, W: Write> {
    columns: &'c C,
    rows: csv::Writer<W>,
}

impl<'c, C: Columns, W: Write> RowWriter<'c, C, W> {
    /// Begins with the names of the columns.
    pub fn begin(out: W, columns: &'c C) -> io::Result<Self> {
        let mut writer = Self::go_on(out, columns);
        writer.rows.write_record(columns.names())?;
        Ok(writer)
    }

    /// Goes on after rows that are there already.
    pub fn go_on(out: W, columns: &'c C) -> Self {
        let rows = csv::WriterBuilder::new().has_headers(false).from_writer(out);
        Self { columns, rows }
    }

    pub fn add(&mut self, kept: &C::Kept) -> io::Result<()> {
        for row in 0..self.columns.rows() {
            self.rows.serialize(self.columns.fields(kept, row))?;
        }
        Ok(())
    }

    /// Hands everything on to what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// Reads back what was kept.
#[derive(Debug)]
pub struct RowReader<'c, C, R> {
    columns: &'c C,
    rows: csv::Reader<R>,
    /// Bytes up to the end of the last that was read whole.
    whole: u64,
}

/// Why a file of trials cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub line: u64,
    pub why: String,
}

impl<'c, C: Columns, R: Read> RowReader<'c, C, R> {
    /// Reads the names of the columns; the rows are read one after the other.
    pub fn new(input: R, columns: &'c C) -> Result<Self, Unreadable> {
        let mut rows = csv::Reader::from_reader(input);
        let unreadable = |why: String| Unreadable { line: 1, why };
        let found = rows.headers().map_err(|it| unreadable(it.to_string()))?;
        if !found.iter().eq(columns.names()) {
            let why = "the columns are not those of this version of rollsim";
            return Err(unreadable(why.to_owned()));
        }
        let whole = rows.position().byte();
        Ok(Self { columns, rows, whole })
    }

    /// Bytes up to the end of the last that was read whole.
    pub const fn whole(&self) -> u64 {
        self.whole
    }

    /// What comes next; none at the end.
    pub fn read(&mut self) -> Result<Option<C::Kept>, Unreadable> {
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        while rows.len() < self.columns.rows() {
            let mut row = StringRecord::new();
            let line = self.rows.position().line();
            let refuse = |why: String| Unreadable { line, why };
            if !self.rows.read_record(&mut row).map_err(|it| refuse(it.to_string()))? {
                return match rows.len() {
                    0 => Ok(None),
                    _ => Err(refuse("the last rollout is incomplete".to_owned())),
                };
            }
            rows.push(row);
            lines.push(line);
        }
        let refuse = |(row, why): (usize, String)| Unreadable { line: lines[row], why };
        let kept = self.columns.read(&rows).map_err(refuse)?;
        self.whole = self.rows.position().byte();
        Ok(Some(kept))
    }
}
