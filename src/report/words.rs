//! Texts as people read them: harmless, cut and wrapped.

pub use crate::units::text::harmless;

/// The first sentence of what an interrupted study reports.
pub(super) const PARTIAL: &str =
    "This is a partial result: it was interrupted, so its intervals are wider.";

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

/// Harmless names of at most this many characters that are as different as they were: cut at their ends where that
/// keeps them apart, else in their middles, else numbered.
pub(super) fn cut_apart<'n>(
    names: impl IntoIterator<Item = &'n str>,
    length: usize,
) -> Vec<String> {
    let names: Vec<String> = names.into_iter().map(harmless).collect();
    let mut shown: Vec<String> = names.iter().map(|it| cut(it, length)).collect();
    for index in alike(&names, &shown) {
        let tail = length.saturating_sub(1) / 2;
        shown[index] = cut_to(&names[index], length, &last(&names[index], tail));
    }
    for index in alike(&names, &shown) {
        shown[index] = cut_to(&names[index], length, &(index + 1).to_string());
    }
    shown
}

/// Which of some names are shown as another one is.
fn alike(names: &[String], shown: &[String]) -> Vec<usize> {
    let is_alike = |index: &usize| {
        let others = names.iter().zip(shown);
        others.into_iter().any(|it| *it.1 == shown[*index] && *it.0 != names[*index])
    };
    (0..names.len()).filter(is_alike).collect()
}

/// The start of a text that is too long, and an end instead of the rest.
fn cut_to(text: &str, length: usize, end: &str) -> String {
    let start: String = text.chars().take(length.saturating_sub(1 + end.chars().count())).collect();
    format!("{}…{end}", start.trim_end())
}

fn last(text: &str, count: usize) -> String {
    let all = text.chars().count();
    text.chars().skip(all.saturating_sub(count)).collect::<String>().trim_start().to_owned()
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
        join_times(&mut words);
    }
    words
}

/// Makes one word of the two parts of a time such as `3 min 20 s`, where these are the last.
fn join_times(words: &mut Vec<String>) {
    let is_part = |word: &str, units: &[&str]| {
        word.split_once(' ').is_some_and(|(figure, unit)| {
            let unit = unit.trim_end_matches([',', '.', ';', ':', ')']);
            let figure = figure.trim_start_matches('(');
            units.contains(&unit) && figure.bytes().all(|it| it.is_ascii_digit())
        })
    };
    if let [.., first, second] = words.as_slice()
        && is_part(first, &["d", "h", "min"])
        && first.ends_with(char::is_alphabetic)
        && is_part(second, &["h", "min", "s"])
    {
        let time = format!("{first} {second}");
        words.truncate(words.len() - 2);
        words.push(time);
    }
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
    fn long_texts_are_cut_and_wrapped_between_words() {
        assert_eq!(cut("one two", 7), "one two");
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("pneumonoultramicroscopic", 8), "pneumon…");
    }

    #[test]
    fn names_that_are_cut_stay_as_different_as_they_were() {
        let cut = |names: &[&str], length| cut_apart(names.iter().copied(), length);
        // at the end where that is enough
        assert_eq!(cut(&["canary-of-users", "rolling-of-all"], 8), ["canary-…", "rolling…"]);
        let steps = ["canary-in-steps-of-5m", "canary-in-steps-of-30m", "rolling"];
        assert_eq!(cut(&steps, 12), ["canary…of-5m", "canary…f-30m", "rolling"]);
        let inside = ["checkout-canary-a-with-analysis", "checkout-canary-b-with-analysis"];
        assert_eq!(cut(&inside, 12), ["checkout-c…1", "checkout-c…2"]);
        // the same name is the same name
        assert_eq!(cut(&["canary-of-users", "canary-of-users"], 8), ["canary-…", "canary-…"]);
        for length in [6, 8, 12, 20] {
            let many: Vec<String> = (0..40)
                .map(|it| format!("canary by users, {it} in steps of five minutes"))
                .collect();
            let shown = cut_apart(many.iter().map(String::as_str), length);
            let different: std::collections::BTreeSet<&String> = shown.iter().collect();
            assert_eq!(different.len(), many.len(), "{shown:?}");
            assert!(shown.iter().all(|it| it.chars().count() <= length), "{shown:?}");
        }
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("a share of 6.6 %, or 3 min", 15), ["a share of", "6.6 %, or 3 min"]);
        assert_eq!(wrap("10 % for 3 min 20 s, then", 14), ["10 % for", "3 min 20 s,", "then"]);
        assert_eq!(wrap("3 h, 20 min", 9), ["3 h,", "20 min"]);
    }
}
