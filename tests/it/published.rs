//! What is published in `reports/` is what rollsim makes today, to the byte.

use std::{fs, path::Path, process::Command};

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
