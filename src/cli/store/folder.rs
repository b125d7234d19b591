//! A folder with a study of any kind.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, ErrorKind, Read, Take},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{ASIDE, Begin, Claim, STUDY, StudyKind, TRIALS, UNFINISHED, difference::difference};
use crate::{
    cli::{files, results, write_json},
    experiment::{CONTESTANTS_MAX, Columns, RowReader, RowWriter, Shard, Unreadable, whole_rows},
    report::harmless,
    scenario::TEXT_BYTES_MAX,
};

/// No `study.json` is longer: it holds so many scenarios, each of which has a bound.
const STUDY_BYTES_MAX: u64 = (CONTESTANTS_MAX * TEXT_BYTES_MAX) as u64;

/// A folder with a study.
#[derive(Debug)]
pub(in crate::cli) struct Folder {
    path: PathBuf,
    kind: StudyKind,
    /// What [`STUDY`] says.
    head: Value,
    /// None of a folder that is only read.
    claim: Option<Claim>,
}

/// What there is of the trials that were kept before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Whole {
    /// Rollouts, or whatever the study counts, that are in the file from its beginning on.
    pub(in crate::cli) kept: u64,
    pub(in crate::cli) bytes: u64,
    /// Rows, or what is left of them, that cannot be read.
    pub(in crate::cli) damaged: u64,
    /// Those that are whole after the first of them.
    pub(in crate::cli) after: u64,
}

impl Folder {
    /// Makes the folder and makes sure that it can be written to, before there is any work to lose.
    pub(in crate::cli) fn prepare(
        path: &Path,
        kind: StudyKind,
        about: &impl Serialize,
        shard: Option<Shard>,
    ) -> anyhow::Result<Self> {
        let claim = Some(results::prepare(path)?);
        Ok(Self { path: path.to_owned(), kind, head: head(kind, about, shard)?, claim })
    }

    /// A folder that holds a study of this kind, finished or not.
    pub(in crate::cli) fn open(path: &Path, kind: StudyKind) -> anyhow::Result<Self> {
        let Some(head) = read_head(path, kind)? else {
            bail!(
                "`{}` holds no {} (no `{STUDY}`)\nhint: give a folder that `rollsim {} FILE --out DIR` \
                 wrote",
                path.display(),
                kind.name(),
                kind.command()
            )
        };
        Ok(Self { path: path.to_owned(), kind, head, claim: None })
    }

    /// Takes it, for one who writes into it.
    pub(in crate::cli) fn claim(&mut self) -> anyhow::Result<()> {
        self.claim = Some(Claim::take(&self.path)?);
        Ok(())
    }

    /// Which part of the study it holds; none where it is not a shard.
    pub(in crate::cli) fn shard(&self) -> Option<Shard> {
        let shard: Option<(u64, u64)> = serde_json::from_value(self.head[SHARD].clone()).ok()?;
        shard.filter(|(index, of)| index < of).map(|(index, of)| Shard { index, of })
    }

    /// Refuses another folder that is of another study, whatever part of it either holds.
    pub(in crate::cli) fn refuse_another(&self, other: &Self) -> anyhow::Result<()> {
        let whole = |it: &Self| {
            let mut head = it.head.clone();
            head.as_object_mut().map(|it| it.remove(SHARD));
            head
        };
        if let Some(what) = difference(&whole(other), &whole(self)) {
            bail!(
                "`{}` belongs to a different {} from `{}`: {}\nhint: use the same files, options and version of \
                 rollsim for both",
                other.path.display(),
                self.kind.name(),
                self.path.display(),
                harmless(&what)
            );
        }
        Ok(())
    }

    pub(in crate::cli) const fn kind(&self) -> StudyKind {
        self.kind
    }

    /// What is to be done.
    pub(in crate::cli) fn about<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        let of = || damaged_study(&self.path, self.kind);
        serde_json::from_value(self.head.clone()).with_context(of)
    }

    /// The command that makes it again.
    pub(in crate::cli) fn command(&self) -> anyhow::Result<&str> {
        let found = self.head["command"].as_str();
        let found = found.or_else(|| self.head["protocol"]["command"].as_str());
        found.ok_or_else(|| anyhow!("`{}` is damaged: it names no command", self.path.display()))
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether all trials are there.
    pub(in crate::cli) fn is_finished(&self) -> bool {
        self.path.join(TRIALS).exists()
    }

    /// Refuses to begin where trials would be lost unasked, or where a study of another kind would be mixed with
    /// this one.
    pub(in crate::cli) fn refuse_to_lose(&self, begin: Begin) -> anyhow::Result<()> {
        if let Some(found) = kind_of(&self.path).filter(|it| *it != self.kind) {
            bail!(of_another_kind(&self.path, found, self.kind));
        }
        let aside = self.path.join(ASIDE);
        let holds = |it: &Path| fs::metadata(it).is_ok_and(|it| it.len() > 0);
        let rows = holds(&self.kept()) || holds(&aside);
        if begin == Begin::New && rows {
            let (state, resume) = if self.is_finished() {
                ("a finished", "`--resume` reports it again")
            } else {
                ("an interrupted", "`--resume` continues it")
            };
            bail!(
                "`{}` holds {state} {}\nhint: {resume}, `--replace` starts another in its place",
                self.path.display(),
                self.kind.name()
            );
        }
        if begin == Begin::Replace {
            let refused = || format!("cannot remove `{}`", aside.display());
            files::removed(&aside).with_context(refused)?;
        }
        Ok(())
    }

    /// The file of the trials that there are, all or the part that was simulated.
    fn kept(&self) -> PathBuf {
        let whole = self.path.join(TRIALS);
        if whole.exists() { whole } else { self.path.join(UNFINISHED) }
    }

    /// The trials that there are.
    pub(in crate::cli) fn trials<'c, C: Columns>(
        &self,
        columns: &'c C,
    ) -> anyhow::Result<RowReader<'c, C, BufReader<File>>> {
        let path = self.kept();
        RowReader::new(BufReader::new(opened(&path)?), columns).map_err(|it| damaged(&path, &it))
    }

    /// How many rows of those that there are are as they were written, and how many are not; a row that was cut
    /// off at the end is neither.
    pub(in crate::cli) fn rows_checked(&self) -> anyhow::Result<(u64, u64)> {
        let path = self.kept();
        let bytes = end_of_lines(&path)?;
        Ok(whole_rows(opened(&path)?.take(bytes)))
    }

    /// Finds out what is whole of what was kept before, of the same study. Where rows are damaged, what is whole
    /// after them is set aside, and the file starts again from nothing.
    pub(in crate::cli) fn before(&self, columns: &impl Columns) -> anyhow::Result<Whole> {
        let (path, aside) = (self.kept(), self.path.join(ASIDE));
        // a row without its line's end was cut off, even where what is there of it looks whole
        let bytes = if path.exists() { end_of_lines(&path)? } else { 0 };
        if bytes == 0 && !aside.exists() {
            return Ok(Whole::default());
        }
        let there = Self::open(&self.path, self.kind)?.head;
        if let Some(what) = difference(&there, &self.head) {
            bail!(
                "`{}` holds another {}: {}\nhint: `--resume` needs the same files, options and version of \
                 rollsim; use another folder otherwise",
                self.path.display(),
                self.kind.name(),
                harmless(&what)
            );
        }
        let mut whole = Whole::default();
        if bytes > 0 {
            whole = scanned(rows_of(&path, columns, bytes)?);
        }
        if whole.damaged > 0 && !aside.exists() {
            let refused = || format!("cannot write `{}`", aside.display());
            fs::rename(&path, &aside).with_context(refused)?;
            whole.after += whole.kept;
            (whole.kept, whole.bytes) = (0, 0);
        }
        Ok(whole)
    }

    /// All rows that there are.
    pub(in crate::cli) fn all_rows<'c, C: Columns>(
        &self,
        columns: &'c C,
    ) -> anyhow::Result<RowReader<'c, C, Take<File>>> {
        let path = self.kept();
        rows_of(&path, columns, end_of_lines(&path)?)
    }

    /// The rows within so many bytes.
    pub(in crate::cli) fn rows<'c, C: Columns>(
        &self,
        columns: &'c C,
        bytes: u64,
    ) -> anyhow::Result<RowReader<'c, C, Take<File>>> {
        rows_of(&self.kept(), columns, bytes)
    }

    /// The rows that were set aside, since there were damaged ones among them; none where there are none.
    pub(in crate::cli) fn rows_aside<'c, C: Columns>(
        &self,
        columns: &'c C,
    ) -> anyhow::Result<Option<RowReader<'c, C, Take<File>>>> {
        let path = self.path.join(ASIDE);
        let bytes = if path.exists() { end_of_lines(&path)? } else { 0 };
        (bytes > 0).then(|| rows_of(&path, columns, bytes)).transpose()
    }

    /// Begins the file of trials again, or continues with what is whole of it.
    pub(in crate::cli) fn writer<'c, C: Columns>(
        &self,
        columns: &'c C,
        whole: Whole,
    ) -> anyhow::Result<RowWriter<'c, C, BufWriter<File>>> {
        let path = self.path.join(UNFINISHED);
        let refused = || format!("cannot write `{}`", path.display());
        if whole.bytes == 0 && !self.path.join(ASIDE).exists() {
            let mut head = Vec::new();
            write_json(&self.head, &mut head)?;
            results::write(&self.path, STUDY, &head)?;
            // what is there belongs to another study from here on
            for old in [TRIALS, self.kind.summary()] {
                files::removed(&self.path.join(old)).with_context(refused)?;
            }
        }
        if whole.bytes == 0 {
            let file = files::begun(&path).with_context(refused)?;
            return RowWriter::begin(BufWriter::new(file), columns).with_context(refused);
        }
        let finished = self.path.join(TRIALS);
        if finished.exists() {
            fs::rename(&finished, &path).with_context(refused)?;
        }
        let file = files::appended(&path).with_context(refused)?;
        file.set_len(whole.bytes).with_context(refused)?;
        Ok(RowWriter::go_on(BufWriter::new(file), columns))
    }

    /// Gives the file of trials its name: they are all there.
    pub(in crate::cli) fn finish(&self) -> anyhow::Result<()> {
        let (from, to) = (self.path.join(UNFINISHED), self.path.join(TRIALS));
        let refused = || format!("cannot write `{}`", to.display());
        fs::rename(&from, &to).with_context(refused)?;
        files::removed(&self.path.join(ASIDE)).with_context(refused)
    }
}

fn rows_of<'c, C: Columns>(
    path: &Path,
    columns: &'c C,
    bytes: u64,
) -> anyhow::Result<RowReader<'c, C, Take<File>>> {
    RowReader::new(opened(path)?.take(bytes), columns).map_err(|it| damaged(path, &it))
}

/// What is whole of rows, and what is not.
fn scanned<C: Columns>(mut rows: RowReader<'_, C, Take<File>>) -> Whole {
    let mut whole = Whole::default();
    loop {
        match rows.read() {
            Ok(Some(_)) if whole.damaged == 0 => whole.kept += 1,
            Ok(Some(_)) => whole.after += 1,
            Ok(None) => break,
            // the last rollout was cut off between two of its rows
            Err(error) if !error.more => break,
            Err(_) => whole.damaged += 1,
        }
        if whole.damaged == 0 {
            whole.bytes = rows.whole();
        }
    }
    if whole.damaged == 0 {
        whole.bytes = rows.whole();
    }
    whole
}

/// Where [`STUDY`] says which part there is.
const SHARD: &str = "shard";

/// What [`STUDY`] is to say: the kind first, then what is to be done, and which part of it.
fn head(kind: StudyKind, about: &impl Serialize, shard: Option<Shard>) -> anyhow::Result<Value> {
    let mut head = serde_json::Map::new();
    head.insert("kind".to_owned(), serde_json::to_value(kind)?);
    if let Value::Object(about) = serde_json::to_value(about)? {
        head.extend(about);
    }
    if let Some(Shard { index, of }) = shard {
        head.insert(SHARD.to_owned(), serde_json::json!([index, of]));
    }
    Ok(Value::Object(head))
}

/// What [`STUDY`] says; none where there is no such file.
fn read_head(path: &Path, kind: StudyKind) -> anyhow::Result<Option<Value>> {
    let file = path.join(STUDY);
    let none = [ErrorKind::NotFound, ErrorKind::NotADirectory];
    let refused = || format!("cannot read `{}`", file.display());
    let opened = match File::open(&file) {
        Err(error) if none.contains(&error.kind()) => return Ok(None),
        opened => opened.with_context(refused)?,
    };
    if opened.metadata().with_context(refused)?.len() > STUDY_BYTES_MAX {
        bail!("`{}` is longer than any study", file.display());
    }
    let mut text = Vec::new();
    opened.take(STUDY_BYTES_MAX).read_to_end(&mut text).with_context(refused)?;
    let of = || damaged_study(path, kind);
    let head: Value = serde_json::from_slice(&text).with_context(of)?;
    let version = head["rollsim"].as_str().or_else(|| head["protocol"]["rollsim"].as_str());
    results::of_this_version(path, version)?;
    let found: StudyKind = serde_json::from_value(head["kind"].clone()).with_context(of)?;
    if found != kind {
        bail!(of_another_kind(path, found, kind));
    }
    Ok(Some(head))
}

/// Which study a folder holds, as far as can be said.
pub(in crate::cli) fn kind_of(path: &Path) -> Option<StudyKind> {
    let head: Value = serde_json::from_slice(&fs::read(path.join(STUDY)).ok()?).ok()?;
    serde_json::from_value(head["kind"].clone()).ok()
}

fn of_another_kind(path: &Path, found: StudyKind, wanted: StudyKind) -> String {
    let (path, found, wanted) = (path.display(), found.name(), wanted.name());
    format!("`{path}` holds a {found}, not a {wanted}\nhint: use another folder")
}

fn damaged_study(path: &Path, kind: StudyKind) -> String {
    let file = path.join(STUDY);
    format!("`{}` is damaged, or is not of a {}", file.display(), kind.name())
}

fn damaged(path: &Path, why: &Unreadable) -> anyhow::Error {
    anyhow!("`{}`, line {}: {}", path.display(), why.line, why.why)
}

fn opened(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Bytes up to the end of the last whole line.
fn end_of_lines(path: &Path) -> anyhow::Result<u64> {
    let refused = || format!("cannot read `{}`", path.display());
    let mut input = BufReader::new(opened(path)?);
    let (mut end, mut at) = (0, 0);
    let mut chunk = [0; 1 << 13];
    loop {
        let count = input.read(&mut chunk).with_context(refused)?;
        if count == 0 {
            return Ok(end);
        }
        if let Some(last) = chunk[..count].iter().rposition(|it| *it == b'\n') {
            end = at + last as u64 + 1;
        }
        at += count as u64;
    }
}
