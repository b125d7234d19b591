//! Figures and texts as people read them.

use crate::{
    model::Measure,
    units::{Bytes, LimitKind, Ratio, Span, round_u64},
};

/// A count with its thousands apart: `107,945`.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 user`, `2,000 users`.
pub(super) fn counted(value: u64, noun: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(value))
}

/// Largest units first; a span takes two neighbours, the second with two digits.
const PARTS: [(&str, &str, u64); 4] =
    [("d", "d", 86_400), ("h", "h", 3_600), ("min", "m", 60), ("s", "s", 1)];

/// Whole seconds as two neighbouring units, rounded to the smaller one.
fn parts(seconds: u64, long: bool) -> Option<(u64, &'static str, u64, &'static str)> {
    let name = |index: usize| if long { PARTS[index].0 } else { PARTS[index].1 };
    let index = PARTS[..3].iter().position(|&(_, _, size)| seconds >= size)?;
    let (size, minor) = (PARTS[index].2, PARTS[index + 1].2);
    let rounded = (seconds + minor / 2) / minor * minor;
    Some((rounded / size, name(index), rounded % size / minor, name(index + 1)))
}

/// Below a minute: `37 s`, `1.5 s`, `80 ms`, `12 us`.
fn short(seconds: f64) -> String {
    match seconds {
        it if it >= 9.95 => format!("{it:.0} s"),
        it if it >= 0.9995 => format!("{it:.1} s").replace(".0 s", " s"),
        it if it >= 0.000_999_5 => format!("{:.0} ms", it * 1e3),
        it if it > 0.0 => format!("{:.0} us", it * 1e6),
        _ => "0 s".to_owned(),
    }
}

/// A span in a table: `14m 05s`, `2d 04h`, `37 s`, `80 ms`.
pub(super) fn span(seconds: f64) -> String {
    let nearest = round_u64(seconds);
    match parts(nearest, false) {
        Some((major, major_name, minor, minor_name)) => {
            format!("{major}{major_name} {minor:02}{minor_name}")
        }
        None => short(seconds),
    }
}

/// A span in a sentence: `51 min 40 s`, `14 min`, `6 h`, `37 s`.
pub(super) fn span_in_words(span: Span) -> String {
    let seconds = span.as_secs_f64();
    match parts(round_u64(seconds), true) {
        Some((major, major_name, 0, _)) => format!("{major} {major_name}"),
        Some((major, major_name, minor, minor_name)) => {
            format!("{major} {major_name} {minor} {minor_name}")
        }
        None => short(seconds),
    }
}

/// A share in per cent with about three digits.
pub(super) fn percent(value: f64) -> String {
    let percent = 100.0 * value;
    match percent {
        it if it == 0.0 || it >= 99.995 => format!("{it:.0} %"),
        it if it >= 10.0 => format!("{it:.1} %"),
        it if it >= 0.1 => format!("{it:.2} %"),
        it if it >= 0.000_1 => format!("{it:.4} %"),
        _ => "< 0.0001 %".to_owned(),
    }
}

/// Memory with its largest binary unit: `512 MiB`, `1.5 GiB`.
pub(super) fn bytes(value: f64) -> String {
    const UNITS: [(&str, f64); 3] =
        [("GiB", (1_u64 << 30) as f64), ("MiB", (1_u64 << 20) as f64), ("KiB", 1024.0)];
    let unit = UNITS.iter().find(|&&(_, size)| value >= size);
    let Some(&(name, size)) = unit else { return format!("{value:.0} B") };
    let scaled = value / size;
    let rounded = scaled.round();
    let is_whole = (scaled - rounded).abs() < 0.005 || scaled >= 100.0;
    if is_whole { format!("{rounded:.0} {name}") } else { format!("{scaled:.1} {name}") }
}

/// A figure in its measure's unit.
pub(super) fn figure(measure: Measure, value: f64) -> String {
    match measure.kind() {
        LimitKind::Ratio => percent(value),
        LimitKind::Span => span(value),
        LimitKind::Factor => format!("{value:.2} x"),
        LimitKind::Slope => format!("{}/h", bytes(value)),
        LimitKind::Count if (value - value.round()).abs() > 1e-9 => format!("{value:.2}"),
        LimitKind::Count => count(round_u64(value)),
    }
}

/// Memory of a whole number of bytes.
pub(super) fn memory(value: Bytes) -> String {
    bytes(value.get() as f64)
}

/// A weight as a label: `1 %`, `12.5 %`.
pub(super) fn weight(value: f64) -> String {
    let percent = Ratio::clamped((value * 1e4).round() / 1e4).to_string();
    percent.replace('%', " %")
}

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
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ') {
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
    fn spans_take_two_units_and_round_to_the_smaller_one() {
        let cases = [
            (845.0, "14m 05s", "14 min 5 s"),
            (3_100.0, "51m 40s", "51 min 40 s"),
            (21_600.0, "6h 00m", "6 h"),
            (187_200.0, "2d 04h", "2 d 4 h"),
            (3_599.6, "1h 00m", "1 h"),
            (37.0, "37 s", "37 s"),
            (1.5, "1.5 s", "1.5 s"),
            (0.08, "80 ms", "80 ms"),
            (0.0, "0 s", "0 s"),
        ];
        for (seconds, tabled, said) in cases {
            assert_eq!(span(seconds), tabled);
            assert_eq!(span_in_words(Span::from_secs_f64(seconds)), said);
        }
    }

    #[test]
    fn counts_shares_and_memory_read_as_people_write_them() {
        assert_eq!([count(7), count(1_000), count(1_234_567)], ["7", "1,000", "1,234,567"]);
        assert_eq!([counted(1, "user"), counted(2, "user")], ["1 user", "2 users"]);
        let shares = [0.0, 0.001_07, 0.25, 1.0, 0.000_012, 1e-9].map(percent);
        assert_eq!(shares, ["0 %", "0.11 %", "25.0 %", "100 %", "0.0012 %", "< 0.0001 %"]);
        assert_eq!(
            [bytes(536_870_912.0), bytes(1.6e9), bytes(12.0)],
            ["512 MiB", "1.5 GiB", "12 B"]
        );
        assert_eq!([weight(0.01), weight(0.125)], ["1 %", "12.5 %"]);
    }

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
    }
}
