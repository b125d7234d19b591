//! Results in a folder: each file is there as a whole or not at all.

use std::{
    borrow::Cow,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{
    files::{begun, removed},
    store::Claim,
    write_json,
};
use crate::report::{self, ChartFile, Paper, Tone};

/// Makes the folder and takes it, before there is any work to lose: no one else writes into it meanwhile.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<Claim> {
    let refused = || format!("cannot write into `{}`", folder.display());
    if folder.is_file() {
        bail!("`{}` is a file, not a folder", folder.display());
    }
    fs::create_dir_all(folder).with_context(refused)?;
    Claim::take(folder)
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

/// What a file of this name is to hold: text is made harmless for what it is written on.
pub(super) fn harmless<'b>(name: &str, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    Paper::of_file(name).map_or(Cow::Borrowed(bytes), |it| it.harmless(bytes))
}

/// Writes a file beside its place and then moves it there.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let harmless = harmless(name, bytes);
    let place = folder.join(name);
    let refused = || format!("cannot write `{}`", place.display());
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let written = begun(&unfinished)
        .and_then(|mut file| file.write_all(&harmless))
        .and_then(|()| fs::rename(&unfinished, &place));
    if written.is_err() {
        // what is left of it is of no use; that it cannot be removed either changes nothing
        let _ = fs::remove_file(&unfinished);
    }
    written.with_context(refused)
}

/// The folder of this name within another, made where there is none. A link to a folder is refused.
fn subfolder(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    let made = match fs::create_dir(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => fs::symlink_metadata(&path),
    };
    if !made.with_context(|| format!("cannot write `{}`", path.display()))?.is_dir() {
        bail!("`{}` is a file or a link, not a folder", path.display());
    }
    Ok(path)
}

/// Files by their names: charts are in `charts/`.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// A value as a file.
pub(super) fn json_file(
    name: &str,
    value: &impl serde::Serialize,
) -> anyhow::Result<(String, Vec<u8>)> {
    let mut json = Vec::new();
    write_json(value, &mut json)?;
    Ok((name.to_owned(), json))
}

/// A text as a file.
pub(super) fn text_file(name: &str, text: String) -> (String, Vec<u8>) {
    (name.to_owned(), text.into_bytes())
}

/// Charts as files, for light and for dark paper.
pub(super) fn chart_files(charts: impl Fn(Tone) -> Vec<ChartFile>) -> Files {
    let tones = [(Tone::Light, ""), (Tone::Dark, DARK)];
    let files = tones.into_iter().flat_map(|(tone, end)| {
        let named =
            move |it: ChartFile| (format!("{CHARTS}/{}{end}.svg", it.name), it.svg.into_bytes());
        charts(tone).into_iter().map(named).collect::<Files>()
    });
    files.collect()
}

/// Where charts are.
const CHARTS: &str = "charts";
/// The end of the names of those for dark paper, which are SVG only.
const DARK: &str = "-dark";

/// Writes files into a folder.
pub(super) fn write_all(folder: &Path, files: &Files) -> anyhow::Result<()> {
    for (name, bytes) in files {
        let (place, name) = match name.split_once('/') {
            Some((CHARTS, chart)) => (subfolder(folder, CHARTS)?, chart),
            Some(_) | None => (folder.to_owned(), name.as_str()),
        };
        match (name.strip_suffix(".svg"), std::str::from_utf8(bytes)) {
            (Some(stem), Ok(svg)) if !stem.ends_with(DARK) => write_drawing(&place, stem, svg)?,
            _ => write(&place, name, bytes)?,
        }
    }
    Ok(())
}

/// Writes a drawing as `name.svg`; and as `name.png`, where the feature `png` is built in.
fn write_drawing(folder: &Path, name: &str, svg: &str) -> anyhow::Result<()> {
    write(folder, &format!("{name}.svg"), svg.as_bytes())?;
    let png = format!("{name}.png");
    #[cfg(feature = "png")]
    return write(folder, &png, &report::png(svg)?);
    // one that an earlier run left would show other results than the SVG beside it
    #[cfg(not(feature = "png"))]
    removed(&folder.join(&png)).with_context(|| format!("cannot remove an old `{png}`"))
}
