//! Fields and columns of what is left for programs: those of format 1 are there for good.

use std::{collections::BTreeSet, fs};

use rollsim::model::Measure;
use serde_json::Value;

use crate::scratch::{folder, rollsim, text};

/// Every field of format 1 by its path, a line each. Lines may be added, none may go while the format
/// is 1.
const FIELDS: &str = include_str!("../fixtures/fields-of-format-1.txt");
/// Every column of the tables, likewise.
const COLUMNS: &str = include_str!("../fixtures/columns-of-format-1.txt");

/// Deeper than any file of ours is nested.
const DEPTH_MAX: usize = 16;

/// The paths of all fields that a schema describes: `[]` stands for the entries of a list, `*` for any
/// key of a mapping.
fn fields(name: &str, schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    Walk { root: schema, found: &mut found }.at(schema, name, 0);
    found
}

struct Walk<'w> {
    root: &'w Value,
    found: &'w mut BTreeSet<String>,
}

impl Walk<'_> {
    fn at(&mut self, schema: &Value, path: &str, depth: usize) {
        assert!(depth < DEPTH_MAX, "{path} has no end");
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.trim_start_matches("#/$defs/");
            let root = self.root;
            self.at(&root["$defs"][name], path, depth + 1);
        }
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            self.at(inner, &path, depth + 1);
            self.found.insert(path);
        }
        let listed = ["anyOf", "oneOf", "allOf"].iter().filter_map(|it| schema[*it].as_array());
        for alternative in listed.flatten() {
            self.at(alternative, path, depth + 1);
        }
        let entries = schema["prefixItems"].as_array().into_iter().flatten();
        for entry in entries.chain(schema.get("items")) {
            self.at(entry, &format!("{path}[]"), depth + 1);
        }
        if let Some(any) = schema.get("additionalProperties") {
            self.at(any, &format!("{path}.*"), depth + 1);
        }
    }
}

/// Lines of `promised` that `found` lacks.
fn lost<'p>(promised: &'p str, found: &BTreeSet<String>) -> Vec<&'p str> {
    promised.lines().filter(|it| !found.contains(*it)).collect()
}

#[test]
fn no_field_of_format_1_is_lost() {
    let mut found = BTreeSet::new();
    let mut add = |name: &str| {
        let output = rollsim(&folder("promises-fields"), &["schema", name]);
        let schema = serde_json::from_slice(&output.stdout).unwrap();
        found.extend(fields(&format!("{name}.json"), &schema));
    };
    add("summary");
    add("judges");
    add("power");
    add("tune");
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
        "properties": {"a": {}, "c": {"type": "array", "items": {"$ref": "#/$defs/Part"}}},
        "$defs": {"Part": {"properties": {"d": {}}}},
    });
    let found = fields("x.json", &schema);
    assert_eq!(lost("x.json.a\nx.json.c[].d", &found), [""; 0], "one more is no loss");
    assert_eq!(lost("x.json.a\nx.json.b\nx.json.c[].e", &found), ["x.json.b", "x.json.c[].e"]);
}
