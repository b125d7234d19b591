//! Results in a folder: each file is there as a whole or not at all.

use std::{fs, io, path::Path};

use anyhow::{Context, bail};

use crate::report;

/// Makes the folder and makes sure that files can be written into it, before there is any work to lose.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<()> {
    let refused = || format!("cannot write into `{}`", folder.display());
    if folder.is_file() {
        bail!("`{}` is a file, not a folder", folder.display());
    }
    fs::create_dir_all(folder).with_context(refused)?;
    let probe = folder.join(".rollsim-probe");
    fs::write(&probe, b"x").with_context(refused)?;
    fs::remove_file(&probe).with_context(refused)
}

/// Refuses a folder that another version of rollsim wrote: it would be read as something else.
pub(super) fn of_this_version(folder: &Path, version: Option<&str>) -> anyhow::Result<()> {
    const THIS: &str = env!("CARGO_PKG_VERSION");
    match version {
        Some(version) if version != THIS => {
            let by = report::harmless(version);
            bail!("`{}` was written by rollsim {by}; this is {THIS}", folder.display())
        }
        Some(_) | None => Ok(()),
    }
}

/// Writes a file beside its place and then moves it there.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let place = folder.join(name);
    let refused = || format!("cannot write `{}`", place.display());
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &place));
    if written.is_err() {
        // what is left of it is of no use; that it cannot be removed either changes nothing
        let _ = fs::remove_file(&unfinished);
    }
    written.with_context(refused)
}

/// Writes a drawing as `name.svg`; and as `name.png`, where the feature `png` is built in.
pub(super) fn write_drawing(folder: &Path, name: &str, svg: &str) -> anyhow::Result<()> {
    write(folder, &format!("{name}.svg"), svg.as_bytes())?;
    let png = format!("{name}.png");
    #[cfg(feature = "png")]
    return write(folder, &png, &report::png(svg)?);
    // one that an earlier run left would show other results than the SVG beside it
    #[cfg(not(feature = "png"))]
    removed(&folder.join(&png)).with_context(|| format!("cannot remove an old `{png}`"))
}

/// Removes a file that need not be there.
pub(super) fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
