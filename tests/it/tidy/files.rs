//! What the rules read: the project's own files.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|it| panic!("{path}: {it}"))
}

pub(super) fn sources() -> Vec<(String, String)> {
    ["src", "tests/it"].into_iter().flat_map(|folder| files_in(folder, "rs")).collect()
}

/// All files under a folder with this ending: path from the project's root, and text.
pub(super) fn files_in(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut pending = vec![root().join(folder)];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = pending.pop() {
        let inside = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        let (folders, files): (Vec<_>, Vec<_>) = inside.partition(|it| it.is_dir());
        pending.extend(folders);
        paths.extend(files.into_iter().filter(|it| it.extension().is_some_and(|it| it == ending)));
    }
    paths.sort();
    let relative = |it: &PathBuf| {
        let inside = it.strip_prefix(root()).unwrap();
        let names: Vec<&str> = inside.iter().map(|it| it.to_str().unwrap()).collect();
        names.join("/")
    };
    paths.iter().map(|it| (relative(it), fs::read_to_string(it).unwrap())).collect()
}

pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit('/').nth(1).unwrap_or_default()
}
