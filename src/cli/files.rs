//! Files that are written: new ones, and those that are only rollsim's own. No link is followed.

#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// A new file, in place of what an earlier process has left there. A link that lies in its place is removed, not
/// followed.
pub(super) fn begun(path: &Path) -> io::Result<File> {
    removed(path)?;
    File::create_new(path)
}

/// Opens a file that is there, to write on at its end. A link is not followed.
pub(super) fn appended(path: &Path) -> io::Result<File> {
    without_links().append(true).open(path)
}

/// How files are opened that are only its own.
pub(super) fn without_links() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the flag is one of Unix"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// Removes a file that need not be there.
pub(super) fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
