//! Formats of the language, with a made-up history of three: what an old file means, what is said about
//! it, and what `check --fix` makes of its text.

use std::{fmt::Write as _, fs, path::Path};

use rollsim::scenario::{Fixed, Loaded, Problems, fix_in, load_in, load_text};

use super::{
    golden,
    language::{Balancer, Bot, Per, Scaler, Strategy, THIRD},
    told,
};
use crate::scratch::folder;

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn loaded(folder: &Path, name: &str) -> Result<Loaded<Bot>, Problems> {
    load_in(&folder.join(name), THIRD)
}

fn read(folder: &Path, name: &str) -> Loaded<Bot> {
    loaded(folder, name).unwrap_or_else(|problems| panic!("{problems}"))
}

fn fixed(folder: &Path, name: &str) -> Fixed {
    fix_in::<Bot>(&folder.join(name), THIRD).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is said about a file, its folder left out.
fn said(folder: &Path, problems: &Problems) -> String {
    told(problems).replace(&format!("{}/", folder.display()), "")
}

fn said_of(folder: &Path, name: &str) -> String {
    match loaded(folder, name) {
        Err(problems) => said(folder, &problems),
        Ok(loaded) => said(folder, &Problems::new(loaded.sources, loaded.warnings)),
    }
}

/// A file of format 1 that meets every change but the one that cannot be carried over.
const OLD: &str = "# the story of a bot
#
# and what to explore
name: old   # a comment

fleet:
  # five of them
  instances: 5
scaler: {scale_up: 70}
operations:
  pay:
    time: 3
  talk: {time: 4, per: attempt}
gates:
  - limit: 3
    no_data: 7
  # the second
  - # limits
    limit: 4
strategy:
  canary: {}
";

/// What OLD means, said in the newest format.
const NEW: &str = "# the story of a bot
#
# and what to explore
format: 3
name: old   # a comment

fleet:
  balancer: round_robin
  probes: { liveness: { period: 10 } }
  # five of them
  instances: 5
scaler: {tolerance: 5, add_above: 70}
operations:
  pay:
    per: request
    time: 3
  talk: {time: 4, per: attempt}
gates:
  - limit: 3
    no_data: 7
  # the second
  - # limits
    no_data: 1
    limit: 4
strategy:
  canary: {sticky: false}
";

#[test]
fn an_old_file_keeps_its_meaning_and_the_changes_are_listed() {
    let folder = folder("format-old");
    write(&folder, "old.yaml", OLD);
    write(&folder, "new.yaml", NEW);
    let (old, new) = (read(&folder, "old.yaml"), read(&folder, "new.yaml"));
    assert_eq!(old.value, new.value);
    assert_eq!(new.value.fleet.balancer, Balancer::RoundRobin);
    assert_eq!(new.value.scaler, Some(Scaler { add_above: 70, tolerance: 5 }));
    assert!(new.warnings.is_empty());
    golden("format_old", &said_of(&folder, "old.yaml"));
}

#[test]
fn a_fix_changes_what_must_change_and_no_other_byte() {
    let folder = folder("format-fix");
    for (name, mark) in [("plain", ""), ("marked", "\u{feff}")] {
        for line_break in ["\n", "\r\n"] {
            let foreign = |text: &str| format!("{mark}{}", text.replace('\n', line_break));
            write(&folder, "bot.yaml", &foreign(OLD));
            let result = fixed(&folder, "bot.yaml");
            assert_eq!(result.text, foreign(NEW), "{name}");
            write(&folder, "bot.yaml", &result.text);
            let again = fixed(&folder, "bot.yaml");
            assert_eq!((again.text, again.fixes), (result.text, vec![]), "{name}");
        }
    }
    write(&folder, "bot.yaml", OLD);
    let lines: Vec<String> = fixed(&folder, "bot.yaml")
        .fixes
        .iter()
        .map(|it| format!("{} {}", it.line, it.message))
        .collect();
    golden("format_fixes", &lines.join("\n"));
}

/// Ways to write a file, and the same of the newest format.
const NOTATIONS: &[(&str, &str)] = &[
    (
        "{name: x, fleet: {balancer: random, probes: {}}}",
        "{format: 3, name: x, fleet: {balancer: random, probes: {liveness: { period: 10 }}}}",
    ),
    (
        "format: 2\nname: x\nscaler:\n  \"add_over\": 7\n",
        "format: 3\nname: x\nscaler:\n  add_above: 7\n",
    ),
    (
        "---\n  name: x\n  gates:\n  -   limit: 3\n  fleet: {balancer: random, probes: {liveness: }}",
        "---\n  format: 3\n  name: x\n  gates:\n  -   no_data: 1\n      limit: 3\n  fleet: {balancer: random, probes: {liveness: }}",
    ),
    // no section where it would be written, and no line break at the end
    (
        "# only a name\nname: x",
        "# only a name\nformat: 3\nfleet: { balancer: round_robin, probes: { liveness: { period: 10 } } }\nname: x",
    ),
    // what is shared is changed where it stands
    (
        "format: 2\nname: x\ngates: [&a {limit: 1}, *a]\nstrategy: &s\n  canary:\n    hold: 2\n",
        "format: 3\nname: x\ngates: [&a {no_data: 1, limit: 1}, *a]\nstrategy: &s\n  canary:\n    sticky: false\n    hold: 2\n",
    ),
];

#[test]
fn every_notation_is_rewritten_to_what_it_means() {
    let folder = folder("format-notations");
    for (old, new) in NOTATIONS {
        write(&folder, "bot.yaml", old);
        let meant = read(&folder, "bot.yaml").value;
        let result = fixed(&folder, "bot.yaml");
        assert_eq!(result.text, *new);
        write(&folder, "bot.yaml", &result.text);
        let fixed = read(&folder, "bot.yaml");
        assert_eq!((fixed.value, fixed.warnings), (meant, vec![]), "{new}");
    }
}

#[test]
fn what_cannot_be_rewritten_is_left_and_said() {
    let folder = folder("format-cannot");
    // the alias would get the new name as well, which means nothing there
    write(&folder, "bot.yaml", "name: x\nscaler: &s {scale_up: 3}\nother: *s\n");
    let refused = fix_in::<Bot>(&folder.join("bot.yaml"), THIRD).unwrap_err();
    assert!(said(&folder, &refused).contains("cannot be rewritten"), "{refused}");
}

#[test]
fn what_is_gone_is_told_at_its_line() {
    let folder = folder("format-gone");
    write(&folder, "bot.yaml", "name: x\ngates:\n  - limit: 3\n    mood: 5\n");
    let expected =
        "4:5 [gates[0].mood] `gates[0].mood` is gone since format 3: nothing depended on it
    hint: remove it\n";
    let told = said_of(&folder, "bot.yaml");
    assert!(told.contains(&format!("bot.yaml:{expected}")), "{told}");
    assert!(fix_in::<Bot>(&folder.join("bot.yaml"), THIRD).is_err());
    // in a file of its own format it is as any unknown key
    write(&folder, "bot.yaml", "format: 3\nname: x\ngates: [{limit: 3, mood: 5}]\n");
    assert!(said_of(&folder, "bot.yaml").contains("there is no key `mood`"));
}

#[test]
fn a_key_by_its_old_and_its_new_name_is_refused() {
    let folder = folder("format-both");
    write(&folder, "bot.yaml", "name: x\nscaler: {scale_up: 3, add_over: 4}\n");
    let told = said_of(&folder, "bot.yaml");
    assert!(told.contains("`scale_up` is called `add_over` now, and both are given"), "{told}");
}

#[test]
fn each_file_of_a_chain_has_the_defaults_of_its_own_format() {
    let folder = folder("format-chain");
    let base = "name: base\nfleet: {instances: 2}\nscaler: {scale_up: 9}\n";
    write(&folder, "old.yaml", base);
    let new = "format: 3\nname: base\nfleet: {instances: 2}\nscaler: {add_above: 9}\n";
    write(&folder, "new.yaml", new);
    let over = "fleet: {instances: 4}\nscaler: {tolerance: 1}\noperations: {pay: {time: 3}}\n\
                strategy: {canary: {}}\n";
    let read_over = |format: &str, base: &str| {
        write(&folder, "over.yaml", &format!("{format}extends: {base}\n{over}"));
        read(&folder, "over.yaml").value
    };
    let balancer = |it: &Bot| it.fleet.balancer.clone();
    let per = |it: &Bot| it.operations["pay"].per.clone();
    let sticky = |it: &Bot| match &it.strategy {
        Strategy::Canary(it) => it.sticky,
        Strategy::Rolling(_) => panic!("{it:?}"),
    };
    // the fleet begins with the base; the operation and the canary with what is laid over it
    let it = read_over("", "old.yaml");
    assert_eq!((balancer(&it), per(&it), sticky(&it)), (Balancer::RoundRobin, Per::Request, false));
    let it = read_over("format: 3\n", "old.yaml");
    assert_eq!((balancer(&it), per(&it), sticky(&it)), (Balancer::RoundRobin, Per::Attempt, true));
    let it = read_over("", "new.yaml");
    assert_eq!((balancer(&it), per(&it), sticky(&it)), (Balancer::Random, Per::Request, false));
    assert_eq!(it.scaler, Some(Scaler { add_above: 9, tolerance: 1 }));
    // a fleet that the base leaves to its defaults is the base's all the same
    write(&folder, "bare.yaml", "format: 3\nname: bare\nscaler: {add_above: 9}\n");
    let it = read_over("", "bare.yaml");
    assert_eq!((balancer(&it), it.fleet.probes.liveness.is_none()), (Balancer::Random, true));
}

#[test]
fn a_fix_of_a_file_that_extends_touches_that_file_and_writes_nothing_of_its_base() {
    let folder = folder("format-over");
    write(&folder, "base.yaml", "name: base\nscaler: {scale_up: 9}\n");
    let over =
        "# over\nextends: base.yaml\nfleet: {instances: 4}\nscaler:\n  # more\n  scale_up: 8\n";
    write(&folder, "over.yaml", over);
    let meant = read(&folder, "over.yaml").value;
    let result = fixed(&folder, "over.yaml");
    let expected = "# over\nformat: 3\nextends: base.yaml\nfleet: {instances: 4}\nscaler:\n  # more\n  \
                    add_above: 8\n";
    assert_eq!(result.text, expected);
    write(&folder, "over.yaml", &result.text);
    assert_eq!(read(&folder, "over.yaml").value, meant);
    // what is left to say is about the base
    let told = said_of(&folder, "over.yaml");
    assert!(told.lines().all(|it| !it.starts_with("over.yaml")), "{told}");
    assert!(told.contains("`rollsim check --fix base.yaml` writes it there"), "{told}");
    write(&folder, "over.yaml", "extends: nowhere.yaml\n");
    let refused = fix_in::<Bot>(&folder.join("over.yaml"), THIRD).unwrap_err();
    assert!(said(&folder, &refused).contains("there is no such file"), "{refused}");
}

#[test]
fn a_format_that_is_none_is_told_with_those_that_are() {
    let folder = folder("format-none");
    let mut all = String::new();
    for value in ["0", "4", "-1", "1.0", "\"1\"", "one", "", "[1]", "true", "99999999999999999999"]
    {
        write(&folder, "bot.yaml", &format!("name: x\nformat: {value}\n"));
        writeln!(all, "format: {value}\n{}", said_of(&folder, "bot.yaml")).unwrap();
    }
    golden("format_none", &all);
    let later = "format: 3\ntitle: later\nlength: 1h\nstrategy: {all_at_once: {}}\n";
    let refused = load_text::<rollsim::scenario::Scenario>("later.yaml", later).unwrap_err();
    let told = told(&refused);
    assert!(told.contains("1:9 [format] this file is of format 3, which is later than"), "{told}");
}
