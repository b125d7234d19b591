//! Nouns: their plural, and their article.

use super::{count, number};

/// `1 user`, `2,000 users`.
pub fn counted(value: u64, noun: &str) -> String {
    things(&count(value), noun)
}

/// `1 user`, `0.4 users`, `9,500 users`: a mean, or another number that was not counted.
pub fn estimated(value: f64, noun: &str) -> String {
    things(&number(value), noun)
}

/// Things behind a figure that is already text: one thing, or several.
pub fn things(figure: &str, noun: &str) -> String {
    if figure == "1" { format!("{figure} {noun}") } else { format!("{figure} {}", plural(noun)) }
}

/// The plural of an English noun: that of its last word.
pub fn plural(noun: &str) -> String {
    if let Some(before) = noun.strip_suffix("person") {
        return format!("{before}people");
    }
    if ["s", "x", "ch", "sh"].iter().any(|it| noun.ends_with(it)) {
        return format!("{noun}es");
    }
    let after_consonant = |stem: &str| !stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match noun.strip_suffix('y').filter(|it| after_consonant(it)) {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

/// With its indefinite article, by its sound: `a user`, `an hour`, `an update`.
pub fn a(noun: &str) -> String {
    let starts = |all: &[&str]| all.iter().any(|it| noun.starts_with(it));
    let like_you = starts(&["use", "uni", "eu", "one"]);
    let mute = starts(&["hour", "honest"]);
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    let article = if mute || vowel && !like_you { "an" } else { "a" };
    format!("{article} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_singular_and_every_other_number_plural() {
        assert_eq!(
            [0, 1, 2_000].map(|it| counted(it, "user")),
            ["0 users", "1 user", "2,000 users"]
        );
        assert_eq!(
            [0.4, 1.0, 5.0].map(|it| estimated(it, "user")),
            ["0.4 users", "1 user", "5 users"]
        );
    }

    #[test]
    fn plurals_follow_the_ending() {
        let nouns = ["look", "class", "strategy", "day", "batch", "switch box", "on-call person"];
        let several = nouns.map(plural);
        let right =
            ["looks", "classes", "strategies", "days", "batches", "switch boxes", "on-call people"];
        assert_eq!(several, right);
    }

    #[test]
    fn articles_follow_the_sound() {
        let nouns = ["update", "user", "hour", "rollout", "extra instance-hour", "unit"];
        let right =
            ["an update", "a user", "an hour", "a rollout", "an extra instance-hour", "a unit"];
        assert_eq!(nouns.map(a), right);
    }
}
