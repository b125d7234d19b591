//! Text from files that steers neither a terminal nor a spreadsheet.

use std::borrow::Cow;

/// Invisible characters that reorder or hide what stands around them.
const fn reorders(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A text that neither steers a terminal nor reorders a line: such characters show as escapes.
pub fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        escaped(letter, is_harmful(letter), &mut clean);
    }
    clean
}

/// Whether a character steers a terminal or reorders a line.
pub fn is_harmful(letter: char) -> bool {
    letter.is_control() || reorders(letter)
}

/// Adds a character, as an escape where it is harmful.
pub fn escaped(letter: char, harmful: bool, to: &mut String) {
    if harmful {
        to.extend(letter.escape_unicode());
    } else {
        to.push(letter);
    }
}

/// A cell that a spreadsheet does not take for a formula, without characters that steer or reorder.
pub fn cell(text: &str) -> Cow<'_, str> {
    let formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if !formula && !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::from(if formula { "'" } else { "" });
    for letter in text.chars() {
        escaped(letter, is_harmful(letter), &mut clean);
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_shows_as_an_escape() {
        assert_eq!(harmless("a\u{1b}[31m\tb\u{202e}c"), "a\\u{1b}[31m\\u{9}b\\u{202e}c");
        assert_eq!(harmless("naïve ±5 %, שלום"), "naïve ±5 %, שלום");
    }
}
