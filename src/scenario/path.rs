//! Paths such as `strategy.canary.steps[2].weight`, as problems name them and settings use them.

pub(super) enum Step {
    Key(String),
    Index(usize),
    /// Every entry of a list, as `[*]`; where a path points to several places.
    Every,
}

/// Reads a path as `tree::push_key` and `tree::push_index` write it.
pub(super) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[*]") {
            steps.push(Step::Every);
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let mut quotes =
                serde_json::Deserializer::from_str(inner).into_iter::<serde_json::Value>();
            let step = match quotes.next() {
                Some(Ok(serde_json::Value::String(key))) => Step::Key(key),
                Some(Ok(value)) => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
                    Some(index) => Step::Index(index),
                    None => return steps,
                },
                _ => return steps,
            };
            let after = quotes.byte_offset();
            rest = inner[after..].strip_prefix(']').unwrap_or("");
            steps.push(step);
        } else {
            let bare = rest.strip_prefix('.').unwrap_or(rest);
            let end = bare.find(['.', '[']).unwrap_or(bare.len());
            steps.push(Step::Key(bare[..end].to_owned()));
            rest = &bare[end..];
        }
    }
    steps
}
