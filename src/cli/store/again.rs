//! A study once more, from what its folder says.

use std::{ffi::OsString, path::Path};

use super::Folder;
use crate::experiment::shell_words;

/// The words of the command that made a study, into this folder and with further options.
pub(in crate::cli) fn command_into(
    study: &Folder,
    out: &Path,
    more: &[(&str, Option<&Path>)],
) -> anyhow::Result<Vec<OsString>> {
    let words = shell_words(study.command()?);
    // every command of a study ends with `--out DIR`
    let kept = words.len().saturating_sub(2);
    let mut words: Vec<OsString> = words.into_iter().take(kept).map(Into::into).collect();
    for (option, value) in [("--out", Some(out))].iter().chain(more) {
        words.push(option.into());
        words.extend(value.map(Into::into));
    }
    Ok(words)
}
