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

    /// Whether a row is the first of those.
    fn begins(&self, _row: &StringRecord) -> bool {
        true
    }

    /// The fields of one of its rows, in the order of the names.
    fn fields(&self, kept: &Self::Kept, row: usize) -> impl Serialize;

    /// Reads it back from its rows; or which of them cannot be read, and why.
    fn read(&self, rows: &[StringRecord]) -> Result<Self::Kept, (usize, String)>;
}

/// The last column of every row: the check of what is before it.
const CHECK: &str = "check";

/// Fowler, Noll and Vo's 64-bit hash (1a) of a row as it is written.
fn check(text: &[u8]) -> String {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    format!("{:016x}", text.iter().fold(0xCBF2_9CE4_8422_2325, mix))
}

/// A row as it is written, without the end of its line.
fn written(add: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> io::Result<Vec<u8>> {
    let mut row = csv::WriterBuilder::new()
        .has_headers(false)
        .buffer_capacity(1 << 10)
        .from_writer(Vec::new());
    add(&mut row)?;
    let mut text = row.into_inner().map_err(|it| io::Error::other(it.to_string()))?;
    text.pop();
    Ok(text)
}

/// Whether a row that took so many bytes is as it was written: without its check, where that fits.
fn checked(row: &StringRecord, bytes: u64) -> Option<StringRecord> {
    let last = row.len().checked_sub(1)?;
    let fields: StringRecord = row.iter().take(last).collect();
    let text = written(|it| it.write_record(&fields)).ok()?;
    let check = check(&text);
    // with a comma and the end of the line; an empty line before it, or quotes that none needs, take more
    let long = text.len() + check.len() + 2;
    (row.get(last) == Some(&check) && long as u64 == bytes).then_some(fields)
}

/// How many rows of a file of any study are as they were written, and how many are not.
pub fn whole_rows(input: impl Read) -> (u64, u64) {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let (mut whole, mut damaged) = (0, 0);
    // what cannot be read is damage of its own
    let _ = rows.headers();
    let mut row = StringRecord::new();
    loop {
        let at = rows.position().byte();
        let read = rows.read_record(&mut row);
        let bytes = rows.position().byte() - at;
        match read {
            Ok(false) => return (whole, damaged),
            Ok(true) if checked(&row, bytes).is_some() => whole += 1,
            Ok(true) => damaged += 1,
            Err(error) => {
                damaged += 1;
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    return (whole, damaged);
                }
            }
        }
    }
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
    out: W,
}

impl<'c, C: Columns, W: Write> RowWriter<'c, C, W> {
    /// Begins with the names of the columns.
    pub fn begin(mut out: W, columns: &'c C) -> io::Result<Self> {
        let names = columns.names().into_iter().chain([CHECK]);
        out.write_all(&written(|it| it.write_record(names))?)?;
        out.write_all(b"\n")?;
        Ok(Self::go_on(out, columns))
    }

    /// Goes on after rows that are there already.
    pub const fn go_on(out: W, columns: &'c C) -> Self {
        Self { columns, out }
    }

    pub fn add(&mut self, kept: &C::Kept) -> io::Result<()> {
        for row in 0..self.columns.rows() {
            let mut text = written(|it| it.serialize(self.columns.fields(kept, row)))?;
            let check = check(&text);
            text.push(b',');
            text.extend_from_slice(check.as_bytes());
            text.push(b'\n');
            self.out.write_all(&text)?;
        }
        Ok(())
    }

    /// Hands everything on to what it writes to.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads back what was kept.
#[derive(Debug)]
pub struct RowReader<'c, C, R> {
    columns: &'c C,
    rows: csv::Reader<R>,
    /// A row that was read, and begins what comes next.
    first: Option<(u64, StringRecord)>,
    /// Whether rows of what was damaged may follow.
    amid_damage: bool,
    /// Bytes up to the end of the last that was read whole.
    whole: u64,
}

/// Why trials cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub line: u64,
    pub why: String,
    /// There is more to read after it.
    pub more: bool,
}

impl<'c, C: Columns, R: Read> RowReader<'c, C, R> {
    /// Reads the names of the columns; the rows are read one after the other.
    pub fn new(input: R, columns: &'c C) -> Result<Self, Unreadable> {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let unreadable = |why: String| Unreadable { line: 1, why, more: false };
        let found = rows.headers().map_err(|it| unreadable(it.to_string()))?;
        if !found.iter().eq(columns.names().into_iter().chain([CHECK])) {
            let why = "the columns are not those of this version of rollsim";
            return Err(unreadable(why.to_owned()));
        }
        let whole = rows.position().byte();
        let names: usize = columns.names().iter().map(|it| it.len() + 1).sum();
        if whole != (names + CHECK.len() + 1) as u64 {
            return Err(unreadable("the line of the columns is not as it was written".to_owned()));
        }
        Ok(Self { columns, rows, first: None, amid_damage: false, whole })
    }

    /// Bytes up to the end of the last that was read whole.
    pub const fn whole(&self) -> u64 {
        self.whole
    }

    /// What comes next; none at the end. After an error it goes on with what is whole after it.
    pub fn read(&mut self) -> Result<Option<C::Kept>, Unreadable> {
        let read = self.next();
        self.amid_damage = read.is_err();
        read
    }

    fn next(&mut self) -> Result<Option<C::Kept>, Unreadable> {
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        while rows.len() < self.columns.rows() {
            let next = match self.first.take() {
                Some(first) => Some(first),
                None => self.row()?,
            };
            let Some((line, row)) = next else {
                return match rows.len() {
                    0 => Ok(None),
                    _ => Err(self.damage(false, "the last rollout is incomplete")),
                };
            };
            match (rows.is_empty(), self.columns.begins(&row)) {
                (true, false) if self.amid_damage => {}
                (true, false) => {
                    let why = "the first row of its rollout is missing".to_owned();
                    return Err(Unreadable { line, why, more: true });
                }
                (false, true) => {
                    self.first = Some((line, row));
                    let why = "a row of the rollout before it is missing".to_owned();
                    return Err(Unreadable { line, why, more: true });
                }
                (true, true) | (false, false) => {
                    rows.push(row);
                    lines.push(line);
                }
            }
        }
        let refuse = |(row, why): (usize, String)| Unreadable { line: lines[row], why, more: true };
        let kept = self.columns.read(&rows).map_err(refuse)?;
        self.whole = self.rows.position().byte();
        Ok(Some(kept))
    }

    /// The next row whose check fits, with its line; none at the end.
    fn row(&mut self) -> Result<Option<(u64, StringRecord)>, Unreadable> {
        let mut row = StringRecord::new();
        let (line, at) = (self.rows.position().line(), self.rows.position().byte());
        match self.rows.read_record(&mut row) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => {
                let more = !matches!(error.kind(), csv::ErrorKind::Io(_));
                return Err(Unreadable { line, why: error.to_string(), more });
            }
        }
        let why = "the row is not as it was written: its check does not fit";
        let refuse = || Unreadable { line, why: why.to_owned(), more: true };
        let bytes = self.rows.position().byte() - at;
        checked(&row, bytes).map(|it| Some((line, it))).ok_or_else(refuse)
    }

    fn damage(&self, more: bool, why: &str) -> Unreadable {
        Unreadable { line: self.rows.position().line(), why: why.to_owned(), more }
    }
}
