//! Folders to write into, and the program as a user starts it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The folder of this name, as it is.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// An empty folder of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = path(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program in a folder, about to be started.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollsim"));
    command.current_dir(folder).args(arguments).env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    command
}

/// What the program says and how it ends.
pub(crate) fn rollsim(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// A command line as somebody would paste it into a shell.
pub(crate) fn shell(folder: &Path, line: &str) -> Output {
    let line = line.replacen("rollsim", env!("CARGO_BIN_EXE_rollsim"), 1);
    Command::new("sh").current_dir(folder).args(["-c", &line]).output().unwrap()
}

/// What was printed, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
