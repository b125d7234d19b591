//! The texts of a scenario, read with bounds: regular files only, at most 1 MiB, valid UTF-8.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::Path,
};

use super::{FILE_BYTES_MAX, Problem};

/// A file of a scenario: its name as people wrote it, and its text without a byte-order mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// The files of a scenario: the one that was asked for, then what it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Source {
    /// A line by its number, from 1, without its line break.
    pub fn line(&self, number: usize) -> Option<&str> {
        let mut rest = self.text.as_str();
        for _ in 1..number {
            let at = rest.find(['\n', '\r'])?;
            let width = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[at + width..];
        }
        Some(rest.split(['\n', '\r']).next().unwrap_or(rest))
    }
}

impl Sources {
    pub fn get(&self, file: usize) -> Option<&Source> {
        self.0.get(file)
    }

    /// Adds a file and returns its index.
    pub(super) fn push(&mut self, name: String, text: String) -> usize {
        self.0.push(Source { name, text });
        self.0.len() - 1
    }
}

/// Reads a scenario file; never more than the limit, never from a pipe or device.
pub(super) fn read(path: &Path) -> Result<String, Box<Problem>> {
    let cannot = |error: &std::io::Error| {
        let reason = if error.kind() == ErrorKind::NotFound {
            "there is no such file".to_owned()
        } else {
            error.kind().to_string()
        };
        Box::new(Problem::error(format!("cannot read the file: {reason}")))
    };
    let metadata = fs::metadata(path).map_err(|error| cannot(&error))?;
    if metadata.is_dir() {
        return Err(Box::new(Problem::error("this is a folder, not a file")));
    }
    if !metadata.is_file() {
        return Err(Box::new(Problem::error("this is not a regular file")));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= FILE_BYTES_MAX {
        let file = File::open(path).map_err(|error| cannot(&error))?;
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    }
    if metadata.len() > FILE_BYTES_MAX || bytes.len() as u64 > FILE_BYTES_MAX {
        let allowed = format!("at most {} KiB", FILE_BYTES_MAX >> 10);
        return Err(Box::new(Problem::error("the file is too large").allowed(allowed)));
    }
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, Box<Problem>> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(without_mark(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].split(|&byte| byte == b'\n').skip(1).count();
            let found = error.as_bytes().get(at).copied().unwrap_or(0);
            let message =
                format!("the file is not UTF-8: byte {at}, on line {line}, is `{found:#04x}`");
            Err(Box::new(Problem::error(message).allowed("text encoded as UTF-8")))
        }
    }
}

/// Without the byte-order mark that some editors put in front.
pub(super) fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_any_line_break() {
        let source = Source { name: String::new(), text: "a\r\nb\rc\n\nd".to_owned() };
        let lines: Vec<_> = (1..=6).map(|number| source.line(number)).collect();
        assert_eq!(lines, [Some("a"), Some("b"), Some("c"), Some(""), Some("d"), None]);
    }

    #[test]
    fn invalid_text_names_its_byte_and_line() {
        let problem = text(b"ab\ncd\xffe".to_vec()).unwrap_err();
        assert_eq!(problem.message, "the file is not UTF-8: byte 5, on line 2, is `0xff`");
    }
}
