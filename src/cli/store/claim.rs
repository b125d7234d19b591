//! One writer a folder.

#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, bail};

use crate::cli::files;

/// The file that is locked; it names the process that holds it.
const LOCK: &str = ".rollsim.lock";

/// The right to write into a folder, until it is dropped or the process is gone.
#[derive(Debug)]
#[must_use]
pub(in crate::cli) struct Claim {
    path: PathBuf,
    /// Locked.
    _file: File,
}

impl Claim {
    /// Takes a folder that is there. Says who has it where another process does.
    pub(in crate::cli) fn take(folder: &Path) -> anyhow::Result<Self> {
        let refused = || format!("cannot write into `{}`", folder.display());
        let path = folder.join(LOCK);
        loop {
            let mut options = files::without_links();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(&path).with_context(refused)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(held(folder, &path)),
                // a file system that has no locks has no two writers that could be kept apart
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(error).with_context(refused),
            }
            // the holder before may have removed it after it was opened here
            if is_at(&file, &path) {
                file.set_len(0).with_context(refused)?;
                writeln!(file, "{}", process::id()).with_context(refused)?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // while it is still locked; what is left of it hinders no one
        let _ = fs::remove_file(&self.path);
    }
}

fn held(folder: &Path, path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let process = text.trim().parse::<u32>().ok();
    let process = process.map_or_else(String::new, |it| format!(" (process {it})"));
    format!(
        "another rollsim{process} writes into `{}`\nhint: wait until it has ended, or use another folder",
        folder.display()
    )
}

/// Whether the path still leads to the file.
fn is_at(file: &File, path: &Path) -> bool {
    let same = || -> io::Result<bool> {
        let (one, other) = (file.metadata()?, fs::symlink_metadata(path)?);
        #[cfg(unix)]
        return Ok((one.dev(), one.ino()) == (other.dev(), other.ino()));
        // elsewhere a file that is open cannot be removed
        #[cfg(not(unix))]
        Ok(one.is_file() && other.is_file())
    };
    same().unwrap_or(false)
}
