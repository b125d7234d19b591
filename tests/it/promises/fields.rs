//! Fields and columns of what is left for programs: those of format 1 are there for good.

use std::{collections::BTreeSet, fs};

use rollsim::{
    experiment::{Judges, Summary, power::Power, tune::Tuning},
    model::Measure,
};
use serde_json::Value;

use crate::scratch::{folder, rollsim, text};

/// Every field of format 1, a line each: the file or type it is in, a dot, its name. Lines may be added,
/// none may go while the format is 1.
const FIELDS: &str = include_str!("../fixtures/fields-of-format-1.txt");
/// Every column of the tables, likewise.
const COLUMNS: &str = include_str!("../fixtures/columns-of-format-1.txt");

/// The fields of a type and of all that it is made of.
fn fields(name: &str, schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |of: &str, schema: &Value| {
        let keys = schema["properties"].as_object().into_iter().flat_map(|it| it.keys());
        found.extend(keys.map(|key| format!("{of}.{key}")));
    };
    add(name, schema);
    for (inner, schema) in schema["$defs"].as_object().into_iter().flatten() {
        add(&format!("{name}/{inner}"), schema);
    }
    found
}

/// Lines of `promised` that `found` lacks.
fn lost<'p>(promised: &'p str, found: &BTreeSet<String>) -> Vec<&'p str> {
    promised.lines().filter(|it| !found.contains(*it)).collect()
}

#[test]
fn no_field_of_format_1_is_lost() {
    let mut found = BTreeSet::new();
    let mut add = |name: &str, schema: schemars::Schema| {
        found.extend(fields(name, &schema.to_value()));
    };
    add("summary.json", schemars::schema_for!(Summary));
    add("judges.json", schemars::schema_for!(Judges));
    add("power.json", schemars::schema_for!(Power));
    add("tune.json", schemars::schema_for!(Tuning));
    assert!(FIELDS.lines().count() > 150, "found the promise");
    let lost = lost(FIELDS, &found);
    assert!(lost.is_empty(), "lost without a new format: {lost:?}");
    for name in ["summary.json", "judges.json", "power.json", "tune.json"] {
        assert!(found.contains(&format!("{name}.format")), "{name} does not say its format");
    }
}

#[test]
fn no_column_of_format_1_is_lost() {
    let folder = folder("promises-columns");
    let bot = "title: a bot\nlength: 2m\nrollout_at: 30s\nstrategy: {all_at_once: {}}\n";
    fs::write(folder.join("bot.yaml"), bot).unwrap();
    let mut found = BTreeSet::new();
    for (command, files) in [
        ("run bot.yaml --out run", &["series", "timeline", "verdicts", "instances"][..]),
        ("compare bot.yaml --trials 2 --out compare", &["trials"]),
    ] {
        let output = rollsim(&folder, &command.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let out = folder.join(command.rsplit(' ').next().unwrap());
        for name in files {
            let table = fs::read_to_string(out.join(format!("{name}.csv"))).unwrap();
            let columns = table.lines().next().unwrap_or_default().split(',');
            found.extend(columns.map(|it| format!("{name}.csv.{it}")));
        }
    }
    assert!(COLUMNS.lines().count() > 50, "found the promise");
    let lost = lost(COLUMNS, &found);
    assert!(lost.is_empty(), "lost without a new format: {lost:?}");
    for measure in Measure::ALL {
        assert!(found.contains(&format!("trials.csv.{}", measure.name())), "{}", measure.name());
    }
}

#[test]
fn a_field_that_is_lost_is_noticed() {
    let schema = serde_json::json!({
        "properties": {"a": {}, "c": {}},
        "$defs": {"Part": {"properties": {"d": {}}}},
    });
    let found = fields("x.json", &schema);
    assert!(lost("x.json.a\nx.json/Part.d", &found).is_empty(), "one more is no loss");
    assert_eq!(lost("x.json.a\nx.json.b\nx.json/Part.e", &found), ["x.json.b", "x.json/Part.e"]);
}
