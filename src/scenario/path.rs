//! Paths of the language, such as `strategy.canary.steps[2].weight`: one grammar for settings, tunings,
//! problems, changes of the format and the manual.
//!
//! A path is keys joined by dots. `[2]` is an entry of a list, counted from 0; `[*]` is every entry of a
//! list, or of a mapping from names. A key that is empty or has one of the characters `.`, `[`, `]`, `"`
//! and `=` stands in brackets, as a text of JSON: `strategies["v1.2"].canary`.

use super::{
    Problem,
    problem::{PATH_CHARS_MAX, quoted_up_to},
};

/// What a key outside of brackets cannot have in it.
const SIGNS: [char; 5] = ['.', '[', ']', '"', '='];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
    /// Every entry of a list, or of a mapping from names.
    Every,
}

/// Why a text is no path, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPath {
    /// Characters before the place.
    pub at: usize,
    /// A clause without a full stop.
    pub why: &'static str,
}

/// Reads a whole text as a path.
pub fn steps(text: &str) -> Result<Vec<Step>, NoPath> {
    let (steps, rest) = read(text)?;
    if rest.is_empty() {
        return Ok(steps);
    }
    let why = "a name with `=` in it stands in brackets and double quotes";
    Err(no_path(text, rest, why))
}

/// Reads a path up to the end or to a `=`, and gives what is left with it.
pub(super) fn read(text: &str) -> Result<(Vec<Step>, &str), NoPath> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        if rest.starts_with('[') {
            let (step, after) = bracketed(text, rest)?;
            steps.push(step);
            rest = after;
        } else if steps.is_empty() || rest.starts_with('.') {
            let bare = if steps.is_empty() { rest } else { &rest[1..] };
            let end = bare.find(|c: char| SIGNS.contains(&c) || c.is_control());
            let (key, after) = bare.split_at(end.unwrap_or(bare.len()));
            if key.is_empty() {
                return Err(no_path(text, bare, "a key is missing"));
            }
            steps.push(Step::Key(key.to_owned()));
            rest = after;
        } else if rest.is_empty() || rest.starts_with('=') {
            return Ok((steps, rest));
        } else if rest.starts_with(']') {
            return Err(no_path(text, rest, "there is no `[` before this `]`"));
        } else if text[..text.len() - rest.len()].ends_with(']') {
            return Err(no_path(text, rest, "after `]` comes `.`, `[` or the end"));
        } else {
            let why = "a name with such a character stands in brackets and double quotes";
            return Err(no_path(text, rest, why));
        }
    }
}

/// What stands in brackets, and what follows them.
fn bracketed<'t>(text: &'t str, rest: &'t str) -> Result<(Step, &'t str), NoPath> {
    let inner = &rest[1..];
    let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (step, after) = if let Some(after) = inner.strip_prefix('*') {
        (Some(Step::Every), after)
    } else if inner.starts_with('"') {
        let mut texts = serde_json::Deserializer::from_str(inner).into_iter::<String>();
        let key = texts.next().and_then(Result::ok);
        (key.map(Step::Key), &inner[texts.byte_offset()..])
    } else {
        let (number, after) = inner.split_at(digits);
        let plain = number == "0" || !number.starts_with('0');
        (number.parse().ok().filter(|_| plain).map(Step::Index), after)
    };
    let Some(step) = step else {
        let why = "after `[` comes the number of an entry, `*` or a name in double quotes";
        return Err(no_path(text, inner, why));
    };
    match after.strip_prefix(']') {
        Some(after) => Ok((step, after)),
        None => Err(no_path(text, after, "a `]` is missing")),
    }
}

fn no_path(text: &str, rest: &str, why: &'static str) -> NoPath {
    NoPath { at: text[..text.len() - rest.len()].chars().count(), why }
}

impl NoPath {
    /// As a problem of the text that was to be a path.
    pub(super) fn problem(&self, text: &str) -> Problem {
        let text = shown(text);
        let Self { at, why } = self;
        Problem::error(format!("{text} is not a path: {why}, at character {}", at + 1))
            .allowed("keys joined by dots, such as `fleet.memory.limit`, `analysis.gates[0].name`, `strategies[\"v1.2\"]`")
    }
}

/// A path in a message.
pub(super) fn shown(path: &str) -> String {
    quoted_up_to(path, PATH_CHARS_MAX)
}

/// Appends a key; one with a sign of the grammar in it is put in brackets.
pub fn push_key(path: &mut String, key: &str) {
    if key.is_empty() || key.contains(|c: char| SIGNS.contains(&c) || c.is_control()) {
        path.extend(["[", &serde_json::Value::from(key).to_string(), "]"]);
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

pub(super) fn push_index(path: &mut String, index: usize) {
    path.extend(["[", &index.to_string(), "]"]);
}

/// The path of a key that may be any text.
pub(super) fn below(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    push_key(&mut path, key);
    path
}

/// Whether some place that one path may lead to is, or lies in, one that another may lead to.
pub fn within(inner: &str, outer: &str) -> bool {
    let (Ok(inner), Ok(outer)) = (steps(inner), steps(outer)) else { return false };
    let meet =
        |(one, other): (&Step, &Step)| one == other || *one == Step::Every || *other == Step::Every;
    outer.len() <= inner.len() && outer.iter().zip(&inner).all(meet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }

    #[test]
    fn a_path_is_keys_entries_and_quoted_names() {
        let cases = [
            ("a", vec![key("a")]),
            ("a.b", vec![key("a"), key("b")]),
            ("a[0].b[*]", vec![key("a"), Step::Index(0), key("b"), Step::Every]),
            ("a[\"b.c\"].d", vec![key("a"), key("b.c"), key("d")]),
            ("[\"b=\\\"c\\\"\"][12]", vec![key("b=\"c\""), Step::Index(12)]),
            ("a[\"\"]", vec![key("a"), key("")]),
            ("users hurt", vec![key("users hurt")]),
        ];
        for (path, expected) in cases {
            assert_eq!(steps(path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn what_is_not_read_to_the_end_is_refused_at_its_place() {
        let cases = [
            ("", 0),
            (".", 0),
            ("a.", 2),
            (".a", 0),
            ("a..b", 2),
            ("a[", 2),
            ("fleet.instances[=4", 16),
            ("a[]", 2),
            ("a[-1]", 2),
            ("a[01]", 2),
            ("a[0", 3),
            ("a[0]b", 4),
            ("a[1.5]", 3),
            ("a[\"b]", 2),
            ("a[\"b\"", 5),
            ("a[b]", 2),
            ("a]", 1),
            ("a\"b", 1),
            ("é.ü]", 3),
            ("a=b", 1),
            ("a.[0]", 2),
            ("a[99999999999999999999]", 2),
            ("a\nb", 1),
        ];
        for (path, at) in cases {
            assert_eq!(steps(path).map_err(|it| it.at), Err(at), "{path}");
        }
    }

    #[test]
    fn a_path_encloses_what_lies_in_it() {
        let meet = |outer: &str, inner: &str| within(inner, outer);
        assert!(meet("a.b", "a.b") && meet("a", "a.b[0]") && meet("a[*]", "a[3].b"));
        assert!(meet("a[3]", "a[*].b") && meet("a[*]", "a[\"x\"]"));
        assert!(!meet("a.b", "a") && !meet("a.b", "a.bc") && !meet("a[1]", "a[2].b"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            names in prop::collection::vec(("\\PC{0,8}|[.\\[\\]\"=*\\\\\n\u{200b}a-z]{0,6}", 0_usize..40), 1..5),
        ) {
            let (mut path, mut expected) = (String::new(), Vec::new());
            for (name, index) in names {
                push_key(&mut path, &name);
                push_index(&mut path, index);
                expected.extend([Step::Key(name), Step::Index(index)]);
            }
            prop_assert_eq!(steps(&path), Ok(expected), "{}", path);
        }

        #[test]
        fn no_text_is_read_as_a_shorter_path(text in "[a-c.\\[\\]\"=*0-9]{0,12}") {
            if let Ok(steps) = steps(&text) {
                let said = |step: &Step| match step {
                    Step::Key(key) => key.clone(),
                    Step::Index(index) => index.to_string(),
                    Step::Every => "*".to_owned(),
                };
                // whatever stands between the signs of the grammar is in some step
                let plain = |text: String| text.replace(SIGNS, "");
                let read: String = steps.iter().map(said).collect();
                prop_assert_eq!(plain(read), plain(text));
            }
        }
    }
}
