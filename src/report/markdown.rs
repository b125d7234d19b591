//! Text in GitHub's Markdown.

use super::words::harmless;

/// A fence longer than any run of backticks inside.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// As text that is neither a link, mention nor column: what Markdown would read is escaped. Names between
/// backticks, which our own sentences have, stay names.
pub(super) fn escape(text: &str) -> String {
    let text = harmless(text);
    let parts: Vec<&str> = text.split('`').collect();
    // a name that has a backtick itself leaves no telling what is between them
    let has_names = !parts.len().is_multiple_of(2);
    let parts = parts.iter().enumerate().map(|(at, part)| {
        let is_name = has_names && at % 2 == 1;
        match (is_name, is_plain(part)) {
            (true, true) => format!("`{part}`"),
            (true, false) => format!("\\`{}\\`", escaped(part)),
            (false, _) => escaped(part),
        }
    });
    let joint = if has_names { "" } else { "\\`" };
    parts.collect::<Vec<_>>().join(joint)
}

/// Whether it can stand between backticks as it is, in a table too.
fn is_plain(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().all(|it| it.is_ascii_alphanumeric() || " _-./:+=,%()$".contains(it))
        && !name.contains("://")
        && !name.contains("www.")
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // GitHub looks for mentions after rendering; a comment keeps the name apart
            '@' => safe.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' => {
                safe.push('\\');
                safe.push(letter);
            }
            it => safe.push(it),
        }
    }
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_are_code_and_nothing_else_is_markup() {
        assert_eq!(escape("`canary` costs $3"), "`canary` costs \\$3");
        assert_eq!(escape("a `b|c` d"), "a \\`b\\|c\\` d");
        assert_eq!(escape("`a `b` c"), "\\`a \\`b\\` c");
        assert_eq!(escape("<b>*x*</b>"), "&lt;b&gt;\\*x\\*&lt;/b&gt;");
        assert_eq!(escape("`https://a.b`"), "\\`https&#58;//a.b\\`");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
