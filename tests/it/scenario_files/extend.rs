//! Composition of scenarios, and its limits.

use std::{fmt::Write as _, fs, path::Path};

use rollsim::scenario::{Loaded, load, path_inside};

use super::{
    VALID, folder, golden,
    sample::{Sample, StrategySpec},
    told,
};

fn write(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

fn loaded(folder: &Path, name: &str) -> Loaded<Sample> {
    load(&folder.join(name)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(folder: &Path, name: &str) -> String {
    let problems = load::<Sample>(&folder.join(name)).expect_err(name);
    let here = folder.display().to_string();
    told(&problems).replace(&here, "FOLDER")
}

#[test]
fn mappings_merge_and_lists_are_replaced() {
    let folder = folder("merge");
    write(&folder, "base.yaml", VALID);
    write(
        &folder,
        "deep/over.yaml",
        "format: 2\nextends: ../nothing.yaml\nname: out of the top folder\n",
    );
    write(
        &folder,
        "over.yaml",
        "format: 2\nextends: base.yaml\nfleet: {instances: 7}\nstrategy: {canary: {steps: [{weight: 50%}]}}\n",
    );
    let over = loaded(&folder, "over.yaml");
    assert_eq!(over.value.name, "sample");
    assert_eq!(over.value.fleet.instances, 7);
    assert_eq!(over.value.fleet.startup.to_string(), "20s");
    let StrategySpec::Canary(canary) = &over.value.strategy else { panic!() };
    assert_eq!(canary.steps.len(), 1);
    assert_eq!(canary.hold.unwrap().to_string(), "10m");
    assert_eq!(over.locate("fleet.instances").file, 0);
    let inherited = over.locate("fleet.startup");
    assert_eq!((inherited.file, inherited.line), (1, 4));
    assert!(refused(&folder, "deep/over.yaml").contains("leads out of"));
}

#[test]
fn a_choice_made_differently_replaces_the_old_one() {
    let folder = folder("choice");
    write(&folder, "base.yaml", VALID);
    write(
        &folder,
        "rolling.yaml",
        "format: 2\nextends: base.yaml\nstrategy: {rolling: {wait: 10m}}\n",
    );
    write(&folder, "plain.yaml", "format: 2\nextends: rolling.yaml\nstrategy: all-at-once\n");
    write(
        &folder,
        "again.yaml",
        "format: 2\nextends: plain.yaml\nstrategy: {rolling: {}}\nseed: 3\n",
    );
    let shipped = |name| loaded(&folder, name).value.strategy;
    let wait = "10m".parse().unwrap();
    assert_eq!(shipped("rolling.yaml"), StrategySpec::Rolling { wait });
    assert_eq!(shipped("plain.yaml"), StrategySpec::AllAtOnce);
    assert_eq!(shipped("again.yaml"), StrategySpec::Rolling { wait: "0s".parse().unwrap() });
}

#[test]
fn chains_that_lead_nowhere_are_told() {
    let folder = folder("chains");
    let mut all = String::new();
    let mut try_one = |name: &str, text: &str| {
        write(&folder, name, text);
        write!(all, "{text}\n---- gives\n{}\n========\n", refused(&folder, name)).unwrap();
    };
    try_one("itself.yaml", "extends: itself.yaml\n");
    try_one("there.yaml", "extends: missing.yaml\n");
    try_one("circle.yaml", "extends: ./there.yaml\n");
    try_one("there.yaml", "extends: ././circle.yaml\n");
    try_one("absolute.yaml", "extends: /etc/passwd\n");
    try_one("up.yaml", "extends: ../up.yaml\n");
    try_one("hidden.yaml", "extends: a/../../b.yaml\n");
    try_one("folder.yaml", "extends: .\n");
    try_one("empty.yaml", "extends: ''\n");
    fs::write(folder.join("broken.yaml"), "name: [").unwrap();
    try_one("on-broken.yaml", "extends: broken.yaml\nfleet: 3\n");
    write(&folder, "long0.yaml", VALID);
    for index in 1..=7 {
        write(&folder, &format!("long{index}.yaml"), &format!("extends: long{}.yaml\n", index - 1));
    }
    loaded(&folder, "long7.yaml");
    try_one("long8.yaml", "extends: long7.yaml\n");
    golden("extends", &all);
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let inside = |folder: &str, from: &str, target: &str| {
        path_inside(Path::new(folder), Path::new(from), target).is_ok()
    };
    assert!(inside(".", "a.yaml", "b.yaml"));
    assert!(inside(".", "a.yaml", "b/../c.csv"));
    assert!(inside("x", "x/y/a.yaml", "../c.csv"));
    assert!(inside("../x", "../x/a.yaml", "c.csv"));
    assert!(inside("/x/y", "/x/y/a.yaml", "c.csv"));
    for (folder, from) in [(".", "a.yaml"), ("x", "x/a.yaml"), ("..", "../a.yaml"), ("/x", "/x/a")]
    {
        for target in ["../c", "b/../../c", "/c", "", "../../c", "c\0d", "../xy/c"] {
            assert!(!inside(folder, from, target), "{folder} {from} {target}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_does_not_lead_out_of_the_folder() {
    let folder = folder("links");
    write(&folder, "secret.yaml", VALID);
    write(&folder, "home/over.yaml", "extends: link.yaml\n");
    std::os::unix::fs::symlink("../secret.yaml", folder.join("home/link.yaml")).unwrap();
    assert!(refused(&folder, "home/over.yaml").contains("leads out of"));
}
