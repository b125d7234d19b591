//! What `explain` prints, as it is read.

use super::super::{describe::Manual, explain::told, lookup::find};

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

#[test]
fn no_paragraph_is_broken_where_the_next_word_would_have_fitted() {
    let manual = Manual::new();
    let text = shown(&manual, "canary", 100);
    // as the docstring was wrapped, this line ended after "against"
    assert!(
        text.contains(
            "\n  Canary: the new release gets a small part of the traffic, then more, as long as nothing speaks\n"
        ),
        "{text}"
    );
}
