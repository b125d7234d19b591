//! The manual is whole: every key says what holds without it, and every path and word is found.

use serde_json::{Value, json};

use super::{
    super::{
        defaults::Unset,
        describe::{Explanation, Manual},
        explain,
        glossary::{GLOSSARY, Term},
        lookup::{also, find},
    },
    asked,
};
use crate::scenario::{foreign, steps};

/// Every key of the language with its explanation.
fn keys(manual: &Manual) -> Vec<Explanation> {
    let named = ["section", "measure"];
    let topics = manual.topics().iter().filter(|topic| named.contains(&topic.kind));
    let at = |name: &str| manual.at(name, &steps(name).unwrap());
    let top = topics.flat_map(|topic| at(&topic.name)).filter(|it| named.contains(&&*it.kind));
    let below = manual.places().iter().map(|(_, it)| it).filter(|it| it.kind == "key").cloned();
    top.chain(below).collect()
}

fn says_nothing(unset: &Unset) -> bool {
    !unset.required && unset.default.is_none() && unset.without.is_none()
}

#[test]
fn every_key_says_its_default_or_that_it_is_required_or_what_happens_without_it() {
    let keys = keys(&Manual::new());
    assert!(keys.len() > 550, "{}", keys.len());
    let silent: Vec<_> =
        keys.iter().filter(|key| says_nothing(&key.unset)).map(|key| &key.name).collect();
    assert_eq!(silent, Vec::<&String>::new());
    // a key without a word on it is caught
    let silent = Unset::of(&json!({"type": "integer"}), "How many; not always.", false);
    assert!(says_nothing(&silent));
}

#[test]
fn defaults_that_only_the_code_knew_are_there_as_well() {
    let unset = |path: &str| find(&Manual::new(), path).told[0].unset.clone();
    assert_eq!(unset("fleet.instances").default, Some(json!(3)));
    assert_eq!(unset("analysis.gates.consecutive_error_limit").default, Some(json!(4)));
    assert_eq!(unset("analysis.gates.dry_run").default, Some(json!(false)));
    assert_eq!(unset("threshold.min_failures").default, Some(json!(0)));
    assert_eq!(unset("tune.objective").default, Some(json!("cost_mean")));
    assert!(unset("strategy").required);
    let price = unset("cost.downtime_minute").without.unwrap();
    assert_eq!(price, "the profile's: hobby 0.01, business 20, critical 1,000");
}

#[test]
fn every_path_can_be_asked_for_as_it_is_told() {
    let manual = Manual::new();
    for (path, explanation) in manual.places() {
        let found = manual.at(path, &steps(path).unwrap());
        assert!(found.contains(explanation), "{path}");
    }
}

#[test]
fn paths_go_through_lists_names_and_choices_as_settings_do() {
    let manual = Manual::new();
    let same = [
        ("analysis.gates[0].judge.threshold.fail_above", "threshold.fail_above"),
        ("analysis.gates[*].judge.threshold.fail_above", "threshold.fail_above"),
        ("strategy.canary.steps.weight", "canary.steps.weight"),
        ("strategy.canary.steps[2].weight", "canary.steps.weight"),
        ("strategies[\"by hand\"].canary.steps[*].weight", "canary.steps.weight"),
        ("strategies.slow.canary.steps", "canary.steps"),
        ("operations.chat.share", "operations.share"),
        ("expect.canary", "expect.other"),
    ];
    for (path, other) in same {
        let (found, expected) = (find(&manual, path).told, find(&manual, other).told);
        assert_eq!(found.len(), 1, "{path}");
        assert_eq!(found[0].description, expected[0].description, "{path}");
        assert_eq!(found[0].unset, expected[0].unset, "{path}");
    }
    for nowhere in ["fleet.instances[0]", "fleet.instances[=4", "canary.steps[100]", "fleet..queue"]
    {
        assert!(find(&manual, nowhere).is_nothing(), "{nowhere}");
    }
}

#[test]
fn the_last_word_of_a_path_finds_every_path_that_ends_so() {
    let manual = Manual::new();
    let paths = |word: &str| -> Vec<String> {
        let found = find(&manual, word);
        found.told.into_iter().chain(found.keys).map(|it| it.name).collect()
    };
    assert_eq!(paths("failure_limit"), ["analysis.gates.failure_limit"]);
    assert_eq!(paths("startup"), ["fleet.startup"]);
    assert_eq!(
        paths("period")[..3],
        ["fleet.readiness.period", "fleet.liveness.period", "fleet.startup_probe.period"]
    );
    assert_eq!(paths("liveness.period"), ["fleet.liveness.period"]);
    assert_eq!(paths("gates[0].failure_limit"), ["analysis.gates[0].failure_limit"]);
    assert_eq!(paths("judge.threshold.fail_above")[0], "analysis.gates.judge.threshold.fail_above");
    assert_eq!(paths("gates"), ["gate", "analysis.gates"]);
    assert_eq!(paths("maxUnavailable")[..2], ["maxUnavailable", "rolling.max_unavailable"]);
    assert!(paths("judge").contains(&"analysis.gates.judge".to_owned()));
    assert!(paths("weight").contains(&"canary_flag.canary.steps.weight".to_owned()));
}

#[test]
fn a_gate_shows_its_own_keys_and_their_defaults() {
    for name in ["gate", "analysis.gates", "gates"] {
        let told = asked(&["explain", name]).unwrap();
        for part in [
            "\nanalysis.gates (key): a list of ",
            "\n  failure_limit: a whole number of at least 0\n",
            "\n    default: 0\n",
            "\n    default: 4\n",
            "\n    default: none. Without it, measuring continues until",
            "\n    default: false\n",
        ] {
            assert!(format!("\n{told}").contains(part), "{name}: {part}: {told}");
        }
    }
}

#[test]
fn which_probes_are_on_by_default_is_told() {
    for off in ["fleet.liveness", "fleet.startup_probe"] {
        let told = asked(&["explain", off]).unwrap();
        assert!(told.contains("\n  default: none. Without it, "), "{told}");
    }
    let told = asked(&["explain", "fleet.readiness"]).unwrap();
    assert!(told.contains("\n  default: the defaults of its keys\n"), "{told}");
    assert!(told.contains("\n    default: 10s\n"), "{told}");
    // and key by key in the section that it is a part of
    let told = asked(&["explain", "fleet"]).unwrap();
    let whole = "    default:\n      initial_delay: 0s\n      period: 10s\n      timeout: 1s\n";
    assert_eq!(told.matches(whole).count(), 1, "{told}");
}

#[test]
fn programs_read_all_that_is_told() {
    let json = |name: &str| -> Vec<Value> {
        let told = asked(&["explain", name, "--format", "json"]).unwrap();
        serde_json::from_str(&told).unwrap()
    };
    let fleet = json("fleet");
    let field = |name: &str| {
        let mut fields = fleet[0]["fields"].as_array().unwrap().iter();
        fields.find(|it| it["name"] == name).unwrap().clone()
    };
    assert_eq!(field("readiness")["default"]["period"], "10s");
    assert_eq!(field("memory")["without"], "memory is not modelled");
    assert_eq!(json("title")[0]["required"], true);
    let words: Vec<_> = json("period").iter().map(|it| it["name"].clone()).collect();
    let probes = ["readiness", "liveness", "startup_probe"].map(|it| format!("fleet.{it}.period"));
    assert_eq!(words[..3], probes);
    let names: Vec<_> = json("pod").iter().map(|it| it["name"].clone()).collect();
    assert!(names.contains(&"instance".into()), "{names:?}");
}

#[test]
fn every_term_is_found_by_each_of_its_words() {
    let manual = Manual::new();
    let list = asked(&["list", "glossary"]).unwrap();
    for term in GLOSSARY {
        assert!(list.contains(&format!("\n  {} ", term.word)), "{}", term.word);
        let others = term.also.iter().flat_map(|(word, _)| word.split(", "));
        for word in std::iter::once(term.word).chain(others) {
            let found = find(&manual, word).told;
            assert!(found.iter().any(|it| it.description == term.meaning), "{word}");
        }
    }
}

#[test]
fn the_words_of_kubernetes_and_argo_lead_to_ours() {
    let manual = Manual::new();
    for (theirs, ours) in [
        ("pod", "instance"),
        ("replica", "instance"),
        ("metric of an analysis", "gate"),
        ("metrics", "analysis.gates"),
        ("look", "measurement"),
        ("hold", "pause"),
        ("setWeight", "weight"),
        ("setWeight", "canary.steps.weight"),
        ("failureLimit", "analysis.gates.failure_limit"),
        ("users hurt", "user hurt"),
        ("AnalysisRun", "analysis"),
        ("livenessProbe", "fleet.liveness"),
    ] {
        let found = find(&manual, theirs).told;
        assert!(found.iter().any(|it| it.name == ours), "{theirs}: {found:?}");
    }
}

/// What stands in backticks.
fn in_backticks(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn no_translation_names_what_explain_does_not_know() {
    let manual = Manual::new();
    for foreign in foreign() {
        for path in foreign.ours {
            assert!(!manual.at(path, &steps(path).unwrap()).is_empty(), "{foreign:?}: {path}");
        }
        for said in in_backticks(foreign.note) {
            let name = said.split(':').next().unwrap();
            assert!(!find(&manual, name).is_nothing(), "{foreign:?}: {said}");
        }
        let told = explain::told(foreign.word, &find(&manual, foreign.word), 100);
        assert!(told.contains(&format!("{} (word of {})", foreign.word, foreign.whose)), "{told}");
    }
    assert!(find(&manual, "no_such_name").is_nothing());
}

#[test]
fn what_is_no_path_is_told_with_its_place() {
    let told = asked(&["explain", "fleet.instances[=4"]).unwrap_err();
    assert!(told.contains("`fleet.instances[=4` is not a name or a path: after `[`"), "{told}");
    assert!(told.contains("at character 17"), "{told}");
}

#[test]
fn the_readme_carries_the_glossary() {
    let readme = include_str!("../../../README.md");
    let row = |term: &Term| format!("| {} | {} | {} |\n", term.word, also(term), term.meaning);
    let rows: String = GLOSSARY.iter().map(row).collect();
    assert!(readme.contains(&rows), "the rows of the glossary in README.md are to be:\n{rows}");
}
