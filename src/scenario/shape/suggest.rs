//! "Did you mean": the known name that a misspelt one is closest to.

/// The nearest of `names` that is near enough, the first of equals.
pub fn suggest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Longer words are not misspelt names, and would cost quadratic time.
    const CHARS_MAX: usize = 64;
    if word.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let plain = simplified(word);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let other = simplified(name);
        let distance = strsim::damerau_levenshtein(&plain, &other);
        if differ_in_digits(&plain, &other) {
            continue; // `p95` is another quantile than `p99`, and no slip of the pen
        }
        // a third of the letters may differ, or the end may be missing
        let near = distance <= (other.chars().count() / 3).max(1)
            || strsim::jaro_winkler(&plain, &other) >= 0.9;
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The names of other quantiles than the one that a word names.
pub(super) fn of_other_digits<'n>(
    word: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Vec<&'n str> {
    let plain = simplified(word);
    let is_quantile = letters(&plain).ends_with('p') && !digits(&plain).is_empty();
    let others = names.into_iter().filter(|it| differ_in_digits(&plain, &simplified(it)));
    others.filter(|_| is_quantile).collect()
}

/// Without case and word separators: `coldStart`, `cold-start` and `cold_start` are one.
fn simplified(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

fn differ_in_digits(one: &str, other: &str) -> bool {
    digits(one) != digits(other) && letters(one) == letters(other)
}

fn digits(word: &str) -> String {
    word.chars().filter(char::is_ascii_digit).collect()
}

fn letters(word: &str) -> String {
    word.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_find_their_neighbour_and_other_quantiles_none() {
        let names = ["hold", "steps", "max_surge", "latency_p99", "on"];
        let check = |word, expected| assert_eq!(suggest(word, names), expected, "{word}");
        check("hodl", Some("hold"));
        check("step", Some("steps"));
        check("maxSurge", Some("max_surge"));
        check("max-surge", Some("max_surge"));
        check("latency_p95", None);
        assert_eq!(of_other_digits("latency-p95", names), ["latency_p99"]);
        assert_eq!(of_other_digits("steps2", names), Vec::<&str>::new());
        check("latncy_p99", Some("latency_p99"));
        check("colour", None);
        check("", None);
        check(&"hold".repeat(1000), None);
    }
}
