//! The words of a source, and the source without what is compiled in tests only.

/// What begins an item; anything else under an attribute is a field, a variant, an arm or a statement.
const ITEMS: [&str; 18] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
    "crate",
];

/// The text with blanks in place of whatever is under `#[cfg(test)]`, so that all else stays where it is.
pub(super) fn without_tests(text: &str) -> String {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let tokens = tokens(text);
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().map(|it| it.1).take(mark.len()).eq(mark) {
            at += 1;
            continue;
        }
        let end = at + mark.len() + length(&tokens[at + mark.len()..]);
        let until = tokens.get(end).map_or(text.len(), |it| it.0);
        let last = tokens[end - 1];
        let place = tokens[at].0..until.min(last.0 + last.1.len());
        bytes[place].iter_mut().filter(|it| **it != b'\n').for_each(|it| *it = b' ');
        at = end;
    }
    String::from_utf8(bytes).unwrap()
}

/// How many tokens belong to what these begin with: to its end sign or its closing brace, and no further than the
/// brackets around it.
fn length(tokens: &[(usize, &str)]) -> usize {
    let attributes = attributes(tokens);
    let is_item = tokens.get(attributes).is_some_and(|it| ITEMS.contains(&it.1));
    let mut depth = 0_i32;
    for (at, (_, token)) in tokens.iter().enumerate().skip(attributes) {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        let next = tokens.get(at + 1).map(|it| it.1);
        let ends = match *token {
            ";" => true,
            "," => !is_item,
            "}" => !next.is_some_and(|it| [";", ",", ")", ".", "?"].contains(&it)),
            _ => false,
        };
        if depth == 0 && ends {
            return at + 1;
        }
    }
    tokens.len()
}

/// How many tokens the further attributes are that these begin with.
fn attributes(tokens: &[(usize, &str)]) -> usize {
    let mut at = 0;
    while tokens.get(at).is_some_and(|it| it.1 == "#") {
        let end = tokens[at..].iter().position(|it| it.1 == "]").unwrap_or(0);
        at += end + 1;
    }
    at
}

/// Names, `::`, `=>` and single signs, each with its place; comments, texts and lifetimes are left out.
pub(super) fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |it| it + 2),
            'r' | 'b' | '"' | '\'' if quoted(rest) > 0 => quoted(rest),
            ':' if rest.starts_with("::") => 2,
            '=' if rest.starts_with("=>") => 2,
            it if it.is_alphanumeric() || it == '_' => {
                let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_');
                end.unwrap_or(rest.len())
            }
            it => it.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        let silent = first.is_whitespace() || first == '/' && length > 1 || quoted(rest) > 0;
        if !silent {
            tokens.push((text.len() - rest.len(), token));
        }
        rest = tail;
    }
    tokens
}

/// Length of the text, character or lifetime mark that this begins with; 0 where it begins with none.
fn quoted(text: &str) -> usize {
    let plain = text.trim_start_matches('b');
    let skipped = text.len() - plain.len();
    let raw = plain.strip_prefix('r').unwrap_or(plain);
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if skipped > 1 || !raw[hashes..].starts_with(['"', '\'']) {
        return 0;
    }
    if raw.len() < plain.len() {
        let end = ["\"", &"#".repeat(hashes)].concat();
        let body = raw[hashes..].get(1..).unwrap_or_default();
        let length = body.find(&end).map_or(body.len(), |it| it + end.len());
        return text.len() - raw.len() + hashes + 1 + length;
    }
    let quote = if raw.starts_with('"') { '"' } else { '\'' };
    let is_character = raw[1..].starts_with('\\') || raw.chars().nth(2) == Some('\'');
    if quote == '\'' && !is_character {
        return skipped + 1;
    }
    let mut escaped = false;
    let end = raw[1..].find(|it: char| {
        let ends = it == quote && !escaped;
        escaped = it == '\\' && !escaped;
        ends
    });
    skipped + end.map_or(raw.len(), |it| it + 2)
}

#[test]
fn whatever_is_of_tests_is_blank_and_all_else_stays_where_it_is() {
    let text = r#"
        #[cfg(test)]
        #[derive(Debug)]
        mod one { fn a() { "}" } }
        fn stays() {}
        #[cfg(test)] mod two;
        #[cfg(test)] use three::{a, b};
        fn remains<K, V>() {}
        #[cfg(test)] const FOUR: [u8; 2] = [1, 2];
        struct Kept { #[cfg(test)] five: Vec<u8>, left: u8, #[cfg(test)] six: u8 }
        #[cfg(test)] pub(super) fn seven<A, B>(it: [u8; 3]) -> Eight { Nine { a: 1 }; }
        #[cfg(test)] const TEN: Eleven = Eleven { a: '}' };
        fn last() { match it { #[cfg(test)] Twelve => {} Thirteen => kept() } }
    "#;
    let found = without_tests(text);
    assert_eq!(found.len(), text.len());
    assert_eq!(found.lines().count(), text.lines().count());
    let words: Vec<&str> = tokens(&found).iter().map(|it| it.1).collect();
    let names = words.iter().filter(|it| it.len() > 2).copied().collect::<Vec<_>>();
    let expected =
        ["stays", "remains", "struct", "Kept", "left", "last", "match", "Thirteen", "kept"];
    assert_eq!(names, expected);
}
