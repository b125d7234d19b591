//! What is published in `reports/` is what rollsim makes today, to the byte.

use std::{fs, path::Path, process::Command};

use rollsim::experiment::Summary;

#[test]
fn published_pictures_are_made_again_to_the_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["canary-memory-leak", "rolling-five", "blue-green-api-break"] {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("published").join(name);
        let ended = Command::new(env!("CARGO_BIN_EXE_rollsim"))
            .current_dir(root)
            .args(["run", &format!("scenarios/{name}.yaml"), "--out"])
            .arg(&out)
            .output()
            .unwrap();
        assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
        let made = fs::read(out.join("picture.svg")).unwrap();
        let published = fs::read(root.join("reports").join(name).join("picture.svg")).unwrap();
        assert!(made == published, "reports/{name}/picture.svg is not what is made today");
    }
}

/// The cheapest of the published comparisons: its figures to the last bit, and a chart to the byte.
#[test]
fn a_published_comparison_is_made_again_to_the_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("published").join("compare-simple-bot");
    let ended = Command::new(env!("CARGO_BIN_EXE_rollsim"))
        .current_dir(root)
        .args([
            "compare",
            "scenarios/simple-bot.yaml",
            "--trials",
            "200",
            "--seed",
            "1",
            "--replace",
            "--out",
        ])
        .arg(&out)
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let published = root.join("reports/compare-simple-bot");
    let read = |folder: &Path, name: &str| fs::read(folder.join(name)).unwrap();
    let mut made: Summary = serde_json::from_slice(&read(&out, "summary.json")).unwrap();
    // published without the examples, which are most of its size
    made.examples.clear();
    let figures: Summary = serde_json::from_slice(&read(&published, "summary.json")).unwrap();
    assert!(made == figures, "reports/compare-simple-bot/summary.json is not what is made today");
    for name in ["charts/ranking-cost.svg", "report.md"] {
        let same = read(&out, name) == read(&published, name);
        assert!(same, "reports/compare-simple-bot/{name} is not what is made today");
    }
}
