//! Reads the texts of a scenario with bounds: regular files only, at most 1 MiB, valid UTF-8.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::Path,
};

use super::{FILE_BYTES_MAX, Problem};

/// Reads a scenario file; never more than the limit, never from a pipe or device.
pub(super) fn read(path: &Path) -> Result<String, Box<Problem>> {
    read_whole(path).map(without_mark)
}

/// As `read`, with the byte-order mark where there is one.
pub(super) fn read_whole(path: &Path) -> Result<String, Box<Problem>> {
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
        Ok(text) => Ok(text),
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
    fn invalid_text_names_its_byte_and_line() {
        let problem = text(b"ab\ncd\xffe".to_vec()).unwrap_err();
        assert_eq!(problem.message, "the file is not UTF-8: byte 5, on line 2, is `0xff`");
    }
}
