//! Strategies, judges, effects and channels answer for themselves: nobody else asks which of them it is.

use regex::Regex;
use rollsim::{channel::ChannelSpec, fault::EffectSpec, judge::JudgeSpec, strategy::StrategySpec};

use super::{files::sources, rooms::room_of, tokens::without_tests};

/// The rooms of the families, which alone may name a member in code.
const FAMILIES: [&str; 4] = ["strategy", "judge", "fault", "channel"];
/// Compiled in tests only: what is simulated of each effect, and its signs. And the words of other tools, which lead to
/// names of ours.
const EXEMPT: [&str; 3] = ["src/sim/honoured.rs", "src/sim/matrix/", "src/scenario/foreign/"];
/// The same word, of something else: file and word.
const EXCEPTIONS: [(&str, &str); 1] = [("src/report/compare/trials.rs", "rolling")];

/// The members that a file names in its code: variants, and names that a text is compared with.
fn named(path: &str, text: &str) -> Vec<String> {
    let is_family = room_of(path).is_none_or(|room| FAMILIES.iter().any(|it| *it == room));
    if is_family || EXEMPT.iter().any(|it| path.starts_with(it)) || path.ends_with("tests.rs") {
        return Vec::new();
    }
    let productive = without_tests(text);
    let variant = Regex::new(r"\b(?:Strategy|Judge|Effect|Channel)Spec::[A-Z]\w*[a-z]\w*").unwrap();
    let families = [StrategySpec::NAMES, JudgeSpec::NAMES, EffectSpec::NAMES, ChannelSpec::NAMES];
    let names = families.concat().join("|");
    let compared = format!(r#"(?:[=!]= |\[)"({names})"|"({names})"(?: \| "\w+")* =>"#);
    let compared = Regex::new(&compared).unwrap();
    let lines = productive.lines().filter(|it| !it.trim_start().starts_with("//"));
    let words = lines.flat_map(|line| {
        let variants = variant.find_iter(line).map(|it| it.as_str().to_owned());
        let texts = compared.captures_iter(line).filter_map(|it| it.get(1).or_else(|| it.get(2)));
        variants.chain(texts.map(|it| it.as_str().to_owned())).collect::<Vec<_>>()
    });
    words.collect()
}

#[test]
fn no_one_else_names_a_member_of_a_family() {
    let found: Vec<_> = sources()
        .iter()
        .flat_map(|(path, text)| named(path, text).into_iter().map(move |it| (path.clone(), it)))
        .filter(|(path, it)| !EXCEPTIONS.contains(&(path, it)))
        .collect();
    assert!(found.is_empty(), "ask its `kind()`: {found:?}");
}

#[test]
fn every_exception_is_another_thing_that_is_there() {
    let sources = sources();
    for (path, word) in EXCEPTIONS {
        let text = sources.iter().find(|it| it.0 == path).map_or("", |it| it.1.as_str());
        assert!(named(path, text).iter().any(|it| it == word), "{path} has no `{word}`");
    }
}

#[test]
fn named_members_are_caught_and_other_words_are_not() {
    let path = "src/experiment/price.rs";
    for sample in [
        "matches!(it, StrategySpec::Canary(_))",
        "JudgeSpec::Threshold(it) => it.limit,",
        "if let ChannelSpec::Http(it) = channel {",
        "kind != \"none\"",
        "written[\"threshold\"]",
        "\"leak\" => true,",
        "\"errors\" | \"latency\" => true,",
        "#[cfg(test)]\nmod tests;\nfn it() { StrategySpec::Canary }",
        "#[cfg(test)]\nuse a::{b, c};\nfn it() { kind == \"none\" }",
    ] {
        assert!(!named(path, sample).is_empty(), "{sample}");
    }
    for sample in [
        "StrategySpec::NAMES",
        "EffectSpec::from(Errors { rate })",
        "/// See `StrategySpec::Canary`.",
        "text(\"canary\")",
        "#[cfg(test)]\nmod tests { StrategySpec::Canary }",
    ] {
        assert!(named(path, sample).is_empty(), "{sample}");
    }
    assert!(named("src/strategy/canary.rs", "StrategySpec::Canary").is_empty());
}
