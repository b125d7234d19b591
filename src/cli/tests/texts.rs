//! What `explain` prints, as it is read.

use crate::cli::{describe::Manual, explain::told, lookup::find, prose};

fn shown(manual: &Manual, name: &str, columns: usize) -> String {
    told(name, &find(manual, name), columns)
}

#[test]
fn explanations_read_as_written_down() {
    let manual = Manual::new();
    let cases = [
        ("startup", 80),
        ("fleet.memory", 60),
        ("fleet.liveness", 80),
        ("fleet.restart", 100),
        ("gate", 80),
        ("period", 60),
        ("period", 100),
        ("pod", 80),
        ("failureLimit", 80),
        ("canary.steps", 80),
        ("canary.by", 80),
        ("burn_rate.windows", 60),
        ("users_hurt_p95", 80),
        ("cost.downtime_minute", 80),
    ];
    let text = cases.map(|(name, columns)| {
        format!("$ rollsim explain {name} # {columns} columns\n{}", shown(&manual, name, columns))
    });
    insta::assert_snapshot!("explained", text.join("\n"));
}

#[test]
fn every_explanation_fits_its_columns() {
    let manual = Manual::new();
    for columns in [60, 80, 100] {
        for topic in manual.topics() {
            let text = shown(&manual, &topic.name, columns);
            let wide = text.lines().find(|line| line.chars().count() > columns);
            assert_eq!(wide, None, "{}", topic.name);
        }
    }
}

/// The first word of a line; a figure and its unit are one.
fn first_word(line: &str) -> String {
    let marks = [',', '.', ';', ':', ')'];
    let (first, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let second = rest.split(' ').next().unwrap_or_default();
    let unit = ["s", "ms", "min", "h", "%"].contains(&second.trim_end_matches(marks));
    if unit { format!("{first} {second}") } else { first.to_owned() }
}

#[test]
fn no_paragraph_is_broken_where_the_next_word_would_have_fitted() {
    const COLUMNS: usize = 80;
    let manual = Manual::new();
    let mut several = 0;
    for (path, explanation) in manual.places() {
        for paragraph in explanation.description.split("\n\n") {
            let text = prose::set(paragraph, 2, COLUMNS);
            let lines: Vec<&str> = text.lines().collect();
            for (line, next) in lines.iter().zip(lines.iter().skip(1)) {
                let word = first_word(next);
                assert!(
                    line.chars().count() + 1 + word.chars().count() > COLUMNS,
                    "{path}: {line}"
                );
                several += 1;
            }
        }
    }
    assert!(several > 100, "{several}");
    // a text that keeps the lines of its docstring is caught
    let kept = prose::set("    one\n    two", 2, COLUMNS);
    assert_eq!(kept.lines().count(), 2);
}
