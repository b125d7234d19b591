//! The words that texts do not use, and what to write instead.
//!
//! A text is what people read: comments and docstrings, strings with a space in them, documents,
//! scenarios, page templates. Code in backticks and names in braces are not text.

use super::files::{files_in, read, sources};

/// A line for each: what is not written, and what is.
const LIST: &str = include_str!("words.txt");

#[test]
fn texts_use_the_words_of_the_list() {
    let mut found = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/")) {
        let single = path.starts_with("src/report/");
        found.extend(unwanted(&path, &texts_of_code(&text, single)));
    }
    for path in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "COMPATIBILITY.md"] {
        found.extend(unwanted(path, &paragraphs(&read(path))));
    }
    for (path, text) in files_in("reports", "md") {
        found.extend(unwanted(&path, &paragraphs(&text)));
    }
    for (folder, ending) in [("templates", "html"), ("src", "js")] {
        let files = files_in(folder, ending);
        assert!(!files.is_empty(), "found the templates in {folder}");
        for (path, text) in files {
            found.extend(unwanted(&path, &paragraphs(&text)));
        }
    }
    for folder in ["scenarios", "benches", "src"] {
        for (path, text) in files_in(folder, "yaml") {
            found.extend(unwanted(&path, &paragraphs(&text.replace('#', " "))));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Entries of the list: unwanted words and their replacement.
fn entries() -> Vec<(&'static str, &'static str)> {
    LIST.lines().map(|it| it.split_once(" => ").unwrap()).collect()
}

/// Each unwanted word in the texts of a file, with what to write instead.
fn unwanted(path: &str, texts: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts {
        let words = words_of(text);
        for (word, instead) in entries() {
            if words.contains(&format!(" {word} ")) {
                found.push(format!("{path}: not \"{word}\" but \"{instead}\": {}", text.trim()));
            }
        }
    }
    found
}

/// Lower-case words with single spaces between and around them, without code.
fn words_of(text: &str) -> String {
    let mut plain = String::from(" ");
    let mut code = None;
    for c in text.chars() {
        match (code, c) {
            (None, '`') => code = Some('`'),
            (None, '{') => code = Some('}'),
            (Some(end), c) if c == end => code = None,
            (Some(_), _) => {}
            (None, c) if c.is_alphanumeric() || c == '_' || c == '\'' => {
                plain.extend(c.to_lowercase());
            }
            // a sentence ends here: words of two sentences are no phrase
            (None, '.' | ';' | ':') => plain.push_str(" . "),
            (None, _) => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    format!(" {} ", words.join(" "))
}

/// The texts of a document: its paragraphs, without fenced code.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut fenced = false;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if line.trim().is_empty() || fenced || fence {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            *last += line;
            last.push(' ');
        }
    }
    all
}

/// The texts of Rust code: blocks of comments, and strings with a space in them; of code that draws,
/// single words as well.
fn texts_of_code(code: &str, single: bool) -> Vec<String> {
    let mut comments = String::new();
    let mut strings = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            let line = rest.lines().next().unwrap_or_default();
            comments += line.trim_start_matches(['/', '!']);
            comments.push(' ');
            rest = &rest[line.len()..];
        } else if let Some((text, after)) = string_at(rest) {
            if single || text.contains(' ') {
                strings.push(text.replace("\\n", " . "));
            }
            rest = after;
        } else if let Some(after) = character_at(rest) {
            rest = after;
        } else {
            // code between two comments parts them
            if !c.is_whitespace() && !comments.ends_with('\n') {
                comments.push_str("\n\n");
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    strings.extend(paragraphs(&comments));
    strings
}

/// The content of the string literal that the code starts with, and the code after it.
fn string_at(code: &str) -> Option<(String, &str)> {
    if let Some(raw) = code.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let open = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = open.find(&close)?;
        return Some((open[..end].to_owned(), &open[end + close.len()..]));
    }
    let open = code.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in open.char_indices() {
        match c {
            '"' if !escaped => {
                let text = open[..at].replace("\\\n", " ");
                return Some((text, &open[at + 1..]));
            }
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// The code after the character literal that it starts with: it may be a quote.
fn character_at(code: &str) -> Option<&str> {
    let open = code.strip_prefix('\'')?;
    let content = match open.strip_prefix('\\') {
        Some(escape) => 1 + escape.chars().next()?.len_utf8(),
        None => open.chars().next()?.len_utf8(),
    };
    open[content..].strip_prefix('\'')
}

#[test]
fn each_word_of_the_list_is_caught_wherever_it_stands() {
    for (word, _) in entries() {
        let broken = word.replacen(' ', "\n/// ", 1);
        let continued = word.replacen(' ', " \\\n        ", 1);
        for code in [
            format!("/// Well {broken}, then.\nfn a() {{}}"),
            format!("fn a() {{ let it = \"well {continued} then\"; }}"),
            format!("const A: char = '\"'; // Well, {word}"),
            format!("const A: &str = r#\"\"Well\" {word}\"#;"),
        ] {
            assert!(!unwanted("a.rs", &texts_of_code(&code, false)).is_empty(), "{code}");
        }
        let document = format!("# Title\n\nWell, {}\n", word.replacen(' ', "\n", 1));
        assert!(!unwanted("a.md", &paragraphs(&document)).is_empty(), "{document}");
    }
}

#[test]
fn code_is_not_text() {
    let code =
        "/// As `played` and\n/// {surely}.\nfn played() { f(\"nobody\", \"a {luck} b\", 'a') }";
    assert_eq!(unwanted("a.rs", &texts_of_code(code, false)), Vec::<String>::new());
    let document = "Text.\n\n```sh\nplayed tells\n```\nIt is `played`.\n";
    assert_eq!(unwanted("a.md", &paragraphs(document)), Vec::<String>::new());
    let apart = "/// One begin.\nfn a() {}\n/// Of.\n// A way\nlet b = 1; // back\n";
    assert_eq!(unwanted("a.rs", &texts_of_code(apart, false)), Vec::<String>::new());
}

#[test]
fn single_words_are_texts_where_they_are_drawn() {
    let code = "fn a() -> [&'static str; 2] { [\"cheaper\", \"dearer\"] }";
    assert_eq!(unwanted("a.rs", &texts_of_code(code, false)), Vec::<String>::new());
    assert_eq!(unwanted("a.rs", &texts_of_code(code, true)).len(), 1);
}
