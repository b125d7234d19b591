//! Paths of the language as `--set` and `tune` write them: `analysis.gates[0].judge`, `steps[*].weight`,
//! `strategies["by hand"].canary`.

use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// An entry of a list; none is every entry.
    Entry(Option<usize>),
}

/// None where the text is no path.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() || steps.is_empty() {
        if let Some(inner) = rest.strip_prefix('[').filter(|_| !steps.is_empty()) {
            let (step, after) = bracketed(inner)?;
            steps.push(step);
            rest = after;
            continue;
        }
        let bare = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
        let end = bare.find(['.', '[', ']']).unwrap_or(bare.len());
        if end == 0 {
            return None;
        }
        steps.push(Step::Key(bare[..end].to_owned()));
        rest = &bare[end..];
    }
    Some(steps)
}

/// What stands in brackets, and what follows them.
fn bracketed(inner: &str) -> Option<(Step, &str)> {
    if let Some(after) = inner.strip_prefix("*]") {
        return Some((Step::Entry(None), after));
    }
    let mut values = serde_json::Deserializer::from_str(inner).into_iter::<Value>();
    let step = match values.next()?.ok()? {
        Value::String(key) => Step::Key(key),
        Value::Number(index) => Step::Entry(Some(usize::try_from(index.as_u64()?).ok()?)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let after = inner[values.byte_offset()..].strip_prefix(']')?;
    Some((step, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_keys_entries_and_quoted_names_and_nothing_else() {
        let key = |name: &str| Step::Key(name.to_owned());
        let cases = [
            ("a", vec![key("a")]),
            ("a.b", vec![key("a"), key("b")]),
            ("a[0].b[*]", vec![key("a"), Step::Entry(Some(0)), key("b"), Step::Entry(None)]),
            ("a[\"b.c\"].d", vec![key("a"), key("b.c"), key("d")]),
            ("users hurt", vec![key("users hurt")]),
        ];
        for (path, expected) in cases {
            assert_eq!(steps(path), Some(expected), "{path}");
        }
        for none in
            ["", ".", "a.", ".a", "a..b", "a[", "a[=4", "a[]", "a[-1]", "a[0]b", "[0]", "a]"]
        {
            assert_eq!(steps(none), None, "{none}");
        }
    }
}
