//! A defect that never had anything to act on proves nothing, and everybody is told: the run, its data, the
//! comparison.

use std::fs;

use rollsim::{kernel::Seed, model::Measure, scenario::Plan, sim};
use serde_json::Value;

use crate::{
    scratch::{folder, rollsim, text},
    trials::plan,
};

/// A bot with this defect; a candidate that nobody asks anything while the rollout lasts.
fn bot(defect: &str) -> String {
    format!(
        "title: struck\nlength: 3m\nrollout_at: 30s\nfleet: {{instances: 2, startup: {{constant: 3s}}}}\n\
         operations: {{ask: {{share: 89.999%, calls: [mail]}}, never: {{share: 0.001%}}, buy: {{share: 10%}}}}\n\
         dependencies: {{mail: {{latency: {{constant: 5ms}}}}, unused: {{latency: {{constant: 5ms}}}}}}\ntraffic: {{rate: 4/s}}\nusers: {{count: 50}}\n\
         release: {{defects: [{defect}]}}\nstrategy: {{all_at_once: {{}}}}\n"
    )
}

fn struck(plan: &Plan) -> Option<f64> {
    sim::Trial::new(plan, Seed::DEFAULT).figures_only().run().figure(Measure::defects_struck)
}

#[test]
fn a_defect_has_struck_where_it_had_something_to_act_on() {
    for (defect, expected) in [
        ("{effect: {errors: {rate: 1%}}}", 1.0),
        // whatever chance makes of it
        ("{effect: {errors: {rate: 0.0001%}}}", 1.0),
        ("{scope: {operation: never}, effect: {errors: {rate: 100%}}}", 0.0),
        ("{scope: {operation: buy}, effect: {errors: {rate: 100%}}}", 1.0),
        ("{when: {at: 4m}, effect: {errors: {rate: 100%}}}", 0.0),
        ("{when: {requests: 100000}, effect: {latency: {factor: 9x}}}", 0.0),
        ("{effect: {dependency: {name: mail, errors: 50%}}}", 1.0),
        ("{effect: {dependency: {name: unused, errors: 50%}}}", 0.0),
        ("{when: {age: 1m}, effect: {hang: {}}}", 1.0),
        ("{when: {age: 1h}, effect: {hang: {}}}", 0.0),
        ("{effect: {crash: {}}}", 1.0),
        ("{effect: {startup_failure: {rate: 100%}}}", 1.0),
        // every instance has started before
        ("{when: {at: 2m}, effect: {slow_start: {factor: 9x}}}", 0.0),
        // no operation queries the database
        ("{effect: {database_slow: {factor: 9x}}}", 0.0),
        ("{effect: {lost_scrapes: {}}}", 1.0),
        ("{effect: {errors: {rate: 1%}}}, {when: {at: 4m}, effect: {crash: {}}}", 1.0),
        ("{effect: {errors: {rate: 1%}}}, {effect: {latency: {factor: 2x}}}", 2.0),
    ] {
        assert_eq!(struck(&plan(&bot(defect))), Some(expected), "{defect}");
    }
    assert_eq!(struck(&plan(&bot(""))), None, "a good release has no defect that could strike");
}

#[test]
fn incidents_are_counted_apart_from_defects() {
    let incidents =
        |all: &str| bot("{effect: {errors: {rate: 1%}}}") + &format!("incidents: [{all}]\n");
    let figures = |all: &str| {
        let outcome = sim::run(&plan(&incidents(all)), Seed::DEFAULT);
        let struck: Vec<bool> = outcome.struck.iter().map(|it| it.struck).collect();
        (outcome.figure(Measure::incidents_struck), struck)
    };
    let (errors, never) = ("effect: {errors: {rate: 1%}}", "when: {requests: 100000}");
    assert_eq!(figures(""), (None, vec![true]));
    assert_eq!(figures(&format!("{{{errors}}}")), (Some(1.0), vec![true, true]));
    assert_eq!(figures(&format!("{{{never}, {errors}}}")), (Some(0.0), vec![true, false]));
    let both = format!("{{{never}, {errors}}}, {{when: {{at: 1m}}, {errors}}}");
    assert_eq!(figures(&both), (Some(1.0), vec![true, false, true]));
}

#[test]
fn a_run_whose_defect_never_struck_says_so() {
    let folder = folder("struck-run");
    let late = "{name: late, when: {at: 4m}, effect: {errors: {rate: 100%}}}";
    for (defects, said) in [
        (late.to_owned(), "; the defect `late` never took effect"),
        (format!("{late}, {late}"), "; none of the defects took effect"),
    ] {
        fs::write(folder.join("bot.yaml"), bot(&defects)).unwrap();
        let output = rollsim(&folder, &["run", "bot.yaml", "--format", "json"]);
        let record: Value = serde_json::from_slice(&output.stdout).unwrap();
        let headline = record["headline"].as_str().unwrap();
        assert!(headline.ends_with(said), "{headline}");
        assert_eq!(record["figures"]["defects_struck"]["value"], 0.0);
        let told = text(&rollsim(&folder, &["run", "bot.yaml"]).stdout);
        assert!(told.contains("\ndefects_struck "), "{told}");
    }
    fs::write(folder.join("bot.yaml"), bot("{effect: {errors: {rate: 50%}}}")).unwrap();
    assert!(!text(&rollsim(&folder, &["run", "bot.yaml"]).stdout).contains("never took effect"));
}

#[test]
fn a_comparison_counts_the_trials_in_which_the_defect_never_struck() {
    let folder = folder("struck-compare");
    // half of the releases are bad, and of those the defect waits for an age that only some reach
    let bot = bot("").replace("release: {defects: []}\n", "")
        + "releases:\n  classes:\n    slow: {chance: 50%, defects: [{when: {age_between: {from: 1m, to: 1h}}, effect: {hang: {}}}]}\n";
    fs::write(folder.join("bot.yaml"), bot).unwrap();
    let output = rollsim(&folder, &["compare", "bot.yaml", "--trials", "40", "--out", "out"]);
    let told = text(&output.stdout);
    let rows = csv::Reader::from_path(folder.join("out/trials.csv")).unwrap();
    let mut counted = std::collections::BTreeMap::<String, (u64, u64)>::new();
    let mut rows = rows;
    let headers = rows.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|it| it == name).unwrap();
    let (strategy, struck) = (column("strategy"), column("defects_struck"));
    for row in rows.records().map(Result::unwrap) {
        let of = counted.entry(row[strategy].to_owned()).or_default();
        // a good release has no figure
        assert_eq!(row[struck].is_empty(), &row[column("release")] == "good");
        of.0 += u64::from(&row[struck] == "0.0");
        of.1 += u64::from(!row[struck].is_empty());
    }
    let summary = fs::read_to_string(folder.join("out/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    // strategies of which the same is true are named together, and all of them as every one
    let counts: std::collections::BTreeSet<_> = counted.values().collect();
    assert!(counts.len() > 1, "{counted:?}");
    for it in summary["strategies"].as_array().unwrap() {
        let (never, all) = counted[it["name"].as_str().unwrap()];
        assert!(never > 0 && never < all, "{never} of {all} prove nothing");
        assert_eq!(
            (it["trials_never_struck"].as_u64(), it["trials_with_defects"].as_u64()),
            (Some(never), Some(all))
        );
        let said = format!("in {never} of {all} trials under ");
        let unbroken = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(unbroken.matches(&said).count(), 1, "{told}");
        let (_, whose) = unbroken.split_once(&said).unwrap();
        let whose = whose.split(" in ").next().unwrap();
        assert!(whose.contains(&format!("`{}`", it["name"].as_str().unwrap())), "{told}");
        assert_eq!(unbroken.matches("The defect never took effect").count(), 1, "{told}");
        for report in ["report.md", "report.html"] {
            let report = fs::read_to_string(folder.join("out").join(report)).unwrap();
            assert!(report.contains("The defect never took effect"));
        }
    }
}

#[test]
fn a_comparison_says_once_what_is_true_of_every_strategy_and_counts_incidents() {
    let folder = folder("struck-incidents");
    let never = "{name: never, when: {requests: 100000}, effect: {hang: {}}}";
    let there = "{name: there, when: {at: 1m}, effect: {errors: {rate: 1%}}}";
    let bot = bot("{when: {requests: 100000}, effect: {hang: {}}}");
    for (incidents, expected) in [(format!("{never}, {there}"), 10), (there.to_owned(), 0)] {
        fs::write(folder.join("bot.yaml"), format!("{bot}incidents: [{incidents}]\n")).unwrap();
        let arguments = ["compare", "bot.yaml", "--trials", "10", "--out", "out"];
        let output = rollsim(&folder, &arguments);
        let told = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        let said = "The defect never took effect in all 10 trials under every strategy.";
        assert_eq!(told.matches(said).count(), 1, "{told}{}", text(&output.stderr));
        let said = "An incident never took effect in all 10 trials under every strategy.";
        assert_eq!(told.matches(said).count(), usize::from(expected > 0), "{told}");
        let summary = fs::read_to_string(folder.join("out/summary.json")).unwrap();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        for it in summary["strategies"].as_array().unwrap() {
            assert_eq!(it["trials_with_incidents"], 10);
            assert_eq!(it["trials_incident_never_struck"], expected);
        }
        fs::remove_dir_all(folder.join("out")).unwrap();
    }
}
