//! Results in a folder: each file is there as a whole or not at all.

use std::{fs, path::Path};

use anyhow::Context;

/// Makes the folder and makes sure that files can be written into it, before there is any work to lose.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<()> {
    let refused = || format!("cannot write into `{}`", folder.display());
    fs::create_dir_all(folder).with_context(refused)?;
    let probe = folder.join(".rollsim-probe");
    fs::write(&probe, b"x").with_context(refused)?;
    fs::remove_file(&probe).with_context(refused)
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
