//! Texts as people read them: harmless, cut and wrapped.

/// Invisible characters that reorder or hide what stands around them.
const fn reorders(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A text that neither steers a terminal nor reorders a line: such characters show as escapes.
pub fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || reorders(letter) {
            clean.extend(letter.escape_unicode());
        } else {
            clean.push(letter);
        }
    }
    clean
}

/// At most this many characters; what is cut off, whole words if they are short, shows as an ellipsis.
pub(super) fn cut(text: &str, length: usize) -> String {
    const WORD_MAX: usize = 14;
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut part: String = text.chars().take(length.saturating_sub(1)).collect();
    if let Some(space) = part.rfind(' ').filter(|it| part.len() - it <= WORD_MAX) {
        part.truncate(space);
    }
    part.truncate(part.trim_end_matches([' ', ',', ':', '(']).len());
    part.push('…');
    part
}

/// Lines of at most `width` characters, broken between words where that is possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in words(text) {
        let mut letters: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + letters.len() > width {
            lines.push(String::new());
            length = 0;
        }
        while letters.len() > width {
            let rest = letters.split_off(width);
            lines.last_mut().expect("there is a first line").extend(letters);
            lines.push(String::new());
            letters = rest;
        }
        let line = lines.last_mut().expect("there is a first line");
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += letters.len();
        line.extend(letters);
    }
    lines
}

/// What a line may end behind: a word, or a figure with its unit.
fn words(text: &str) -> Vec<String> {
    const UNITS: [&str; 15] =
        ["%", "×", "ms", "s", "min", "h", "d", "B", "KiB", "MiB", "GiB", "TiB", "M", "bn", "tn"];
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let is_unit = UNITS.contains(&word.trim_end_matches([',', '.', ';', ':', ')']));
        match words
            .last_mut()
            .filter(|last| is_unit && last.ends_with(|it: char| it.is_ascii_digit()))
        {
            Some(figure) => figure.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// Wrapped into the columns that everything printed fits into.
pub fn lines(text: &str) -> String {
    wrap(text, super::COLUMNS).join("\n")
}

/// A text broken into lines that fit the width of all tables. Before the first stands `first`, which
/// is `indent` columns wide; the others are indented as far.
pub fn hanging(first: &str, indent: usize, text: &str) -> String {
    let margin = " ".repeat(indent);
    let mut told = String::new();
    for (index, line) in wrap(text, super::COLUMNS - indent).iter().enumerate() {
        let start = if index == 0 { first } else { &margin };
        told.push_str(format!("{start}{line}").trim_end());
        told.push('\n');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_shows_as_an_escape() {
        assert_eq!(harmless("a\u{1b}[31m\tb\u{202e}c"), "a\\u{1b}[31m\\u{9}b\\u{202e}c");
        assert_eq!(harmless("naïve ±5 %, שלום"), "naïve ±5 %, שלום");
    }

    #[test]
    fn long_texts_are_cut_and_wrapped_between_words() {
        assert_eq!(cut("one two", 7), "one two");
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("pneumonoultramicroscopic", 8), "pneumon…");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("a share of 6.6 %, or 3 min", 15), ["a share of", "6.6 %, or 3 min"]);
    }
}
