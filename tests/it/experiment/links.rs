//! Nothing is written through a link that lies where a file is to be.
#![cfg(unix)]

use std::{fs, os::unix::fs::symlink};

use super::BOT;
use crate::scratch::{folder, rollsim, text};

#[test]
fn nothing_is_written_through_a_link() {
    let folder = folder("experiment-links");
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    fs::write(folder.join("victim"), "precious").unwrap();
    let out = folder.join("out");
    fs::create_dir(&out).unwrap();
    for name in [
        ".summary.json.unfinished",
        ".study.json.unfinished",
        ".rollsim-probe",
        ".rollsim.lock",
        "trials.csv.part",
        "summary.json",
        "report.html",
    ] {
        symlink("../victim", out.join(name)).unwrap();
        let line = ["compare", "bot.yaml", "--trials", "10", "--out", "out"];
        let output = rollsim(&folder, &line);
        let told = text(&output.stderr);
        let victim = fs::read_to_string(folder.join("victim")).unwrap();
        assert_eq!(victim, "precious", "{name}: {told}");
        fs::remove_dir_all(&out).unwrap();
        fs::create_dir(&out).unwrap();
    }
    fs::create_dir(folder.join("elsewhere")).unwrap();
    symlink("../elsewhere", out.join("charts")).unwrap();
    let line = ["compare", "bot.yaml", "--trials", "10", "--out", "out"];
    let output = rollsim(&folder, &line);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("charts` is a file or a link, not a folder"), "{told}");
    assert_eq!(fs::read_dir(folder.join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn a_study_does_not_go_on_behind_a_link() {
    let folder = folder("experiment-links-resumed");
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    let line = ["compare", "bot.yaml", "--trials", "10", "--out", "out"];
    assert_eq!(rollsim(&folder, &line).status.code(), Some(0));
    let trials = fs::read(folder.join("out/trials.csv")).unwrap();
    fs::remove_file(folder.join("out/trials.csv")).unwrap();
    fs::write(folder.join("victim"), &trials[..trials.len() / 2]).unwrap();
    symlink("../victim", folder.join("out/trials.csv.part")).unwrap();
    let output = rollsim(&folder, &[&line[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.join("victim")).unwrap(), trials[..trials.len() / 2]);
}
