//! A rule of the house: only `units::text` turns values into text for people.

use super::{files::sources, tokens::without_tests};

/// What gives away that a figure is written by hand, beside decimals in a format.
const TELLTALES: [&str; 10] = [
    "} %",
    "}%",
    "\" %\"",
    "} to {",
    "} … {",
    "} min",
    "} s\"",
    "} ms",
    "{ \"s\" }",
    "replace('%'",
];

/// Files that may, with what they may and why.
const EXCEPTIONS: [(&str, &str, &str); 11] = [
    ("src/units/quantity.rs", "}%", "the text of a scenario file"),
    ("src/units/spelling.rs", "}%", "the text of a scenario file"),
    ("src/scenario/space/quantity.rs", "}%", "the text of a scenario file"),
    ("src/scenario/space/quantity.rs", "decimals", "the text of a scenario file"),
    ("src/scenario/space/ramp.rs", "}%", "the text of a scenario file"),
    ("src/scenario/space/range.rs", "}%", "the text of a scenario file"),
    ("src/scenario/shape/form.rs", "} to {", "how many entries a list may have"),
    ("src/fault/curve.rs", "decimals", "rounds a number, which is not shown"),
    ("src/report/page/mod.rs", "}%", "keeps a figure and its sign in one line"),
    ("src/report/page/mod.rs", "\" %\"", "keeps a figure and its sign in one line"),
    ("src/cli/progress.rs", "} %", "a whole number that the progress bar writes"),
];

#[test]
fn figures_become_text_in_one_place() {
    let broken: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| by_hand(path, text).into_iter().map(move |it| (path, it)))
        .filter(|(path, (_, what))| {
            !EXCEPTIONS.iter().any(|it| (it.0, it.1) == (path.as_str(), *what))
        })
        .map(|(path, (line, what))| format!("{path}:{line}: {what} is for `units::text`"))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let sources = sources();
    for (path, what, _) in EXCEPTIONS {
        let text = sources.iter().find(|it| it.0 == path).map_or("", |it| it.1.as_str());
        assert!(by_hand(path, text).iter().any(|it| it.1 == what), "{path} has no `{what}`");
    }
}

#[test]
fn figures_by_hand_are_caught() {
    let path = "src/report/ranking.rs";
    let samples = [
        "format!(\"{:.1} times\", value)",
        "format!(\"{value:.decimals$}\")",
        "format!(\"{it:+.2}\")",
        "format!(\"{percent} %\")",
        "format!(\"{}%\", 100.0 * part)",
        "figure + \" %\"",
        "format!(\"{} to {}\", low, high)",
        "format!(\"{low} … {high}\")",
        "format!(\"{minutes} min {seconds} s\")",
        "format!(\"{millis} ms\")",
        "let plural = if value == 1 { \"\" } else { \"s\" };",
        "ratio.to_string().replace('%', \" %\")",
        "#[cfg(test)]\nmod tests;\nfn a() { format!(\"{:.1} %\", 5.0) }",
    ];
    for sample in samples {
        assert!(!by_hand(path, sample).is_empty(), "{sample}");
    }
}

#[test]
fn what_is_no_figure_passes() {
    let samples = [
        "format!(\"scaled from {before} to {after}\")",
        "/// `12.5 %`, `10.9 to 13.8`",
        "format!(\"{name:>width$} {}\", text::share(part))",
        "fn a() {}\n#[cfg(test)]\nmod tests { format!(\"{:.1} %\", 5.0) }",
    ];
    for sample in samples {
        assert_eq!(by_hand("src/report/ranking.rs", sample), []);
    }
    assert_eq!(by_hand("src/units/text/numbers.rs", "format!(\"{it:.1} %\")"), []);
    assert_eq!(by_hand("tests/it/report.rs", "format!(\"{it:.1} %\")"), []);
}

/// Lines that write a figure by hand, each with what gives it away. Comments and tests may.
fn by_hand(path: &str, text: &str) -> Vec<(usize, &'static str)> {
    let of_tests = path.contains("/tests/") || path.ends_with("/tests.rs");
    if !path.starts_with("src/") || path.starts_with("src/units/text/") || of_tests {
        return Vec::new();
    }
    let productive = without_tests(text);
    let lines = productive.lines().enumerate().filter(|it| !it.1.trim_start().starts_with("//"));
    let found = lines.flat_map(|(index, line)| {
        let between_bounds = line.contains("from {");
        let told = TELLTALES
            .into_iter()
            .filter(move |it| line.contains(it) && !(*it == "} to {" && between_bounds));
        let decimals = has_decimals(line).then_some("decimals");
        told.chain(decimals).map(move |what| (index + 1, what))
    });
    found.collect()
}

/// Whether a format on this line says how many decimals a number gets.
fn has_decimals(line: &str) -> bool {
    let holes = line.split('{').skip(1).filter_map(|it| it.split_once('}').map(|it| it.0));
    let specs = holes.filter_map(|it| it.split_once(':').map(|it| it.1));
    specs.into_iter().any(|spec| !spec.contains(char::is_whitespace) && spec.contains('.'))
}
