//! What is kept of a study while it is simulated, how far it is, and Ctrl-C.

use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Take, Write},
};

use anyhow::{anyhow, bail};

use super::{
    interrupt::Interrupt,
    progress::Rollouts,
    store::{Begin, Folder, Split, Whole},
};
use crate::{
    experiment::{Columns, Keep, Part, RowReader, RowWriter, Shard, Stop, Unreadable},
    units::text,
};

/// Keeps trials as they come, shows how far it is, and hears Ctrl-C.
pub(super) struct Keeper<'f, C: Columns> {
    folder: Option<&'f Folder>,
    before: Before<'f, C>,
    source: Source<'f, C>,
    rows: Option<RowWriter<'f, C, BufWriter<File>>>,
    progress: Rollouts,
    interrupt: Interrupt,
    /// Those in the file when it began.
    whole: u64,
    /// Those that came by, of before or simulated.
    seen: u64,
}

/// Where trials come from that are not in the folder.
enum Source<'f, C: Columns> {
    /// They are simulated.
    Simulated,
    /// They are simulated as far as they fall to a shard. What was merged before is not kept again.
    Shard { shard: Shard, merged: Option<Rows<'f, C>>, is_done: bool },
    /// Shards have simulated them.
    Shards(Vec<Peeked<'f, C>>),
}

type Rows<'f, C> = RowReader<'f, C, Take<File>>;

/// Rows with the next of them.
struct Peeked<'f, C: Columns> {
    rows: Rows<'f, C>,
    next: Option<C::Kept>,
}

impl<'f, C: Columns> Keeper<'f, C> {
    /// Begins, or goes on after what the folder has; what is kept of at most so many goes by the name
    /// in `progress`.
    pub(super) fn new(
        columns: &'f C,
        (folder, begin): (Option<&'f Folder>, Begin),
        split: &Split,
        (most, what): (u64, &str),
    ) -> anyhow::Result<Self> {
        // before anything is on the disk, for what is begun is to end as it should
        let interrupt = Interrupt::listen();
        let mut whole = Whole::default();
        match folder {
            Some(folder) if begin == Begin::Resume => whole = folder.before(columns)?,
            Some(folder) => folder.refuse_to_lose(begin)?,
            None => {}
        }
        let rows = folder.map(|it| it.writer(columns, whole)).transpose()?;
        let again = folder.filter(|_| begin == Begin::Resume);
        let file = again.filter(|_| whole.bytes > 0);
        let before = Before {
            file: file.map(|it| it.rows(columns, whole.bytes)).transpose()?,
            aside: again.map(|it| it.rows_aside(columns)).transpose()?.flatten(),
            waiting: None,
        };
        if whole.damaged > 0 {
            tell_damage(whole, most, what);
        }
        let of = |folder: &Folder| folder.all_rows(columns);
        let source = match split {
            Split::None => Source::Simulated,
            Split::Shard { shard, after } => {
                let merged = after.as_ref().map(of).transpose()?;
                Source::Shard { shard: *shard, merged, is_done: false }
            }
            Split::Shards(folders) => {
                let rows = folders.iter().map(of).collect::<anyhow::Result<Vec<_>>>()?;
                Source::Shards(rows.into_iter().map(|rows| Peeked { rows, next: None }).collect())
            }
        };
        Ok(Self {
            folder,
            before,
            source,
            rows,
            progress: Rollouts::of(most, whole.kept, what),
            interrupt,
            whole: whole.kept,
            seen: 0,
        })
    }

    /// Whether a shard has its share of the round.
    pub(super) const fn has_share(&self) -> bool {
        matches!(self.source, Source::Shard { is_done: true, .. })
    }

    /// The first shard that has rows which no round took.
    fn left_over(&mut self) -> Option<usize> {
        let Source::Shards(shards) = &mut self.source else { return None };
        shards.iter_mut().position(|it| it.next.is_some() || !matches!(it.rows.read(), Ok(None)))
    }

    /// What to say when it ended early: what is kept does not fit, or something could not be kept.
    pub(super) fn failed(&self, error: io::Error) -> anyhow::Error {
        if error.kind() == ErrorKind::InvalidData {
            return error.into();
        }
        let place = self.folder.map_or_else(String::new, |it| it.path().display().to_string());
        let kept = text::count(self.seen.max(self.whole));
        anyhow!(error).context(format!(
            "cannot write into `{place}`; {kept} rollouts are kept, continue with `--resume`"
        ))
    }

    /// Gives the trials their name where all are there.
    pub(super) fn end(mut self, complete: bool) -> anyhow::Result<()> {
        if let Some(shard) = self.left_over() {
            bail!("shard {} holds rollouts of another round", shard + 1);
        }
        self.progress.end();
        // closes the file before it gets its name
        drop(self.rows);
        let Some(folder) = self.folder.filter(|_| complete) else { return Ok(()) };
        if !self.before.is_over() {
            bail!(of_another(folder));
        }
        folder.finish()
    }
}

/// What was kept before, in the order of the jobs.
struct Before<'f, C: Columns> {
    /// Without a gap.
    file: Option<RowReader<'f, C, Take<File>>>,
    /// With gaps where rows were damaged.
    aside: Option<RowReader<'f, C, Take<File>>>,
    /// What comes next of what was set aside.
    waiting: Option<C::Kept>,
}

impl<C: Columns> Peeked<'_, C> {
    /// The next row, if it is the one that is asked for.
    fn next_if(&mut self, fits: &dyn Fn(&C::Kept) -> bool) -> io::Result<Option<C::Kept>> {
        if self.next.is_none() {
            let damaged = |it: Unreadable| {
                let why = format!("a shard is damaged, line {}: {}", it.line, it.why);
                io::Error::new(ErrorKind::InvalidData, why)
            };
            self.next = self.rows.read().map_err(damaged)?;
        }
        Ok(self.next.take_if(|it| fits(it)))
    }
}

/// What was kept is of another study.
struct NotOfIt;

impl<C: Columns> Before<'_, C> {
    fn next(&mut self, fits: &dyn Fn(&C::Kept) -> bool) -> Result<Option<C::Kept>, NotOfIt> {
        let aside = self.next_aside(fits);
        let Some(file) = &mut self.file else { return Ok(aside) };
        match file.read() {
            Ok(Some(kept)) if fits(&kept) => Ok(Some(kept)),
            Ok(None) => {
                self.file = None;
                Ok(aside)
            }
            Ok(Some(_)) | Err(_) => Err(NotOfIt),
        }
    }

    fn next_aside(&mut self, fits: &dyn Fn(&C::Kept) -> bool) -> Option<C::Kept> {
        while self.waiting.is_none() {
            match self.aside.as_mut()?.read() {
                Ok(Some(kept)) => self.waiting = Some(kept),
                // a gap
                Err(error) if error.more => {}
                Ok(None) | Err(_) => self.aside = None,
            }
        }
        self.waiting.take_if(|it| fits(it))
    }

    /// Whether all of it was taken.
    fn is_over(&mut self) -> bool {
        let none = self.next_aside(&|_| false).is_none() && self.waiting.is_none();
        none && self.file.as_mut().is_none_or(|it| matches!(it.read(), Ok(None)))
    }
}

fn tell_damage(whole: Whole, most: u64, what: &str) {
    let (kept, most) = (text::count(whole.kept + whole.after), text::count(most));
    let rows = text::counted(whole.damaged, "damaged row");
    let are = if whole.damaged == 1 { "is" } else { "are" };
    // a standard error that cannot be written changes nothing
    let _ = writeln!(
        anstream::stderr(),
        "warning: kept {kept} of {most} {what}; {rows} {are} simulated again"
    );
}

fn of_another(folder: &Folder) -> String {
    format!("`{}` does not hold the rollouts of this study", folder.path().display())
}

impl<C: Columns> Keep<C::Kept> for Keeper<'_, C> {
    fn before(&mut self, fits: &dyn Fn(&C::Kept) -> bool) -> io::Result<Option<C::Kept>> {
        if let Some(merged) = self.merged(fits)? {
            return Ok(Some(merged));
        }
        let folder = self.folder;
        let found = self.before.next(fits).map_err(|NotOfIt| {
            let why = folder.map_or_else(String::new, of_another);
            io::Error::new(ErrorKind::InvalidData, why)
        })?;
        match (&mut self.source, found) {
            (Source::Shards(shards), None) => {
                shards.iter_mut().find_map(|it| it.next_if(fits).transpose()).transpose()
            }
            (_, found) => Ok(found),
        }
    }

    fn part(&self) -> Part {
        match &self.source {
            Source::Simulated => Part::All,
            Source::Shard { merged: Some(_), .. } => Part::Merged,
            Source::Shard { shard, .. } => Part::Share(*shard),
            Source::Shards(_) => Part::Nothing,
        }
    }

    fn merged(&mut self, fits: &dyn Fn(&C::Kept) -> bool) -> io::Result<Option<C::Kept>> {
        let Source::Shard { merged, .. } = &mut self.source else { return Ok(None) };
        let Some(rows) = merged else { return Ok(None) };
        match rows.read() {
            Ok(Some(kept)) if fits(&kept) => Ok(Some(kept)),
            Ok(None) => {
                *merged = None;
                Ok(None)
            }
            Ok(Some(_)) | Err(_) => {
                let why = "`--after` names a folder with the rounds of another study";
                Err(io::Error::new(ErrorKind::InvalidData, why))
            }
        }
    }

    fn shared(&mut self) {
        if let Source::Shard { is_done, .. } = &mut self.source {
            *is_done = true;
        }
    }

    fn keep(&mut self, kept: &C::Kept) -> io::Result<()> {
        self.seen += 1;
        if self.seen <= self.whole {
            return Ok(());
        }
        if let Some(rows) = &mut self.rows {
            rows.add(kept)?;
            // what is done survives whatever happens to this process
            rows.flush()?;
        }
        self.progress.reached(self.seen);
        Ok(())
    }

    fn planned(&mut self, most: u64) {
        self.progress.at_most(most);
    }

    fn stop(&self) -> Stop {
        self.interrupt.shared()
    }
}
