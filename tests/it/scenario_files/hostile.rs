//! Files that mean harm: each gets a problem, quickly and in bounded memory, and never a panic.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::Path,
    sync::LazyLock,
};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use rollsim::scenario::{FILE_BYTES_MAX, FromFile, Scenario, Schemas, load, load_text, to_yaml};

use super::{Sample, VALID, described::schemas, folder, read, told};

/// A file that may say anything.
#[derive(serde::Deserialize)]
struct Anything(serde_json::Value);

impl FromFile for Anything {
    fn schemas() -> &'static Schemas {
        static SCHEMAS: LazyLock<Schemas> = LazyLock::new(schemas::<serde_json::Value>);
        &SCHEMAS
    }
}

fn refused(text: &str) -> String {
    told(&read(text).expect_err("a hostile file"))
}

fn refused_file(path: &Path) -> String {
    told(&load::<Sample>(path).expect_err("a hostile file"))
}

fn check(text: &str, expected: &str) {
    let said = refused(text);
    assert!(said.contains(expected), "{said}");
}

fn numbered(range: std::ops::Range<usize>, piece: impl Fn(usize) -> String) -> String {
    range.map(piece).collect::<Vec<_>>().concat()
}

#[test]
fn alias_bombs_run_into_the_budget() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    check(&bomb, "too many values\n    allowed: at most 20000 values");
    let aliases = vec!["*a"; 101].join(", ");
    check(&format!("a: &a x\nb: [{aliases}]\n"), "at most 100 aliases");
    let long = format!("a: &a {}\nb: [*a, *a, *a, *a, *a, *a, *a]\n", "x".repeat(900_000));
    check(&long, "too many bytes of text\n    allowed: at most 4194304");
    let copies = format!("a: {}x\n", numbered(0..300, |id| format!("&a{id} [")));
    check(&copies, "nesting is too deep");
}

#[test]
fn deep_nesting_is_given_up_early() {
    check(&"[".repeat(500_000), "nesting is too deep\n    allowed: at most 32 levels");
    check(&"{a: ".repeat(200_000), "nesting is too deep");
    check(&"- ".repeat(400_000), "nesting is too deep");
    let block: String = numbered(0..1000, |depth| format!("{}a:\n", " ".repeat(depth)));
    check(&block, "nesting is too deep");
}

#[test]
fn wide_files_run_into_the_budget() {
    check(&format!("a: [{}]\n", "1,".repeat(30_000)), "too many values");
    check(&format!("{}: 1\n", "k".repeat(900)), "the key is too long");
    let keys: String = numbered(0..9_000, |id| format!("k{id}: 1\n"));
    assert_eq!(read(&keys).expect_err("unknown keys").len(), 9_000 + 3);
}

#[test]
fn numbers_beyond_measure_are_refused() {
    for value in ["1e30", "1000000000", "-1", ".inf", "1e999", "0x", "5.5", "99999999999999999999"]
    {
        refused(&VALID.replace("instances: 5", &format!("instances: {value}")));
    }
    for value in ["-20s", "1e30s", "1e30", "nan s", ".nan", "99999999999999999999d", "20", "s", "0"]
    {
        refused(&VALID.replace("startup: 20s", &format!("startup: {value}")));
    }
}

#[test]
fn large_files_are_refused_unread() {
    let folder = folder("large");
    let sparse = folder.join("sparse.yaml");
    File::create(&sparse).unwrap().set_len(1 << 30).unwrap();
    assert!(refused_file(&sparse).contains("too large\n    allowed: at most 1024 KiB"));
    let limit = usize::try_from(FILE_BYTES_MAX).unwrap();
    let padded = |bytes: usize| format!("{VALID}#{}", "x".repeat(bytes - VALID.len() - 1));
    fs::write(folder.join("full.yaml"), padded(limit)).unwrap();
    load::<Sample>(&folder.join("full.yaml")).unwrap();
    fs::write(folder.join("over.yaml"), padded(limit + 1)).unwrap();
    assert!(refused_file(&folder.join("over.yaml")).contains("too large"));
}

#[test]
fn what_is_no_text_file_is_refused() {
    let folder = folder("strange");
    assert!(refused_file(&folder).contains("this is a folder, not a file"));
    assert!(refused_file(&folder.join("missing.yaml")).contains("there is no such file"));
    let zero = Path::new("/dev/zero");
    if zero.exists() {
        assert!(refused_file(zero).contains("this is not a regular file"));
    }
    fs::write(folder.join("bytes.yaml"), b"name: x\nfleet: \xc3\x28\n").unwrap();
    let said = refused_file(&folder.join("bytes.yaml"));
    assert!(said.contains("byte 15, on line 2, is `0xc3`"), "{said}");
    fs::write(folder.join("zeros.yaml"), [0_u8; 1000]).unwrap();
    refused_file(&folder.join("zeros.yaml"));
    fs::write(folder.join("utf16.yaml"), b"\xff\xfen\0a\0m\0e\0").unwrap();
    assert!(refused_file(&folder.join("utf16.yaml")).contains("not UTF-8"));
}

/// Runs a property on the same cases each time.
fn always<S: Strategy>(
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, property).unwrap();
}

#[test]
fn no_text_makes_the_reader_panic() {
    let pieces = prop::sample::select(vec![
        "a",
        "name",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!t ",
        "\"",
        "'",
        "|",
        ">",
        "#",
        "? ",
        "<<",
        "%",
        "---\n",
        "...",
        "\t",
        "\r",
        "\u{feff}",
        "\u{85}",
        "é",
        "1e9",
        "~",
        "\\",
        "\\u",
        "@",
        "`",
        "0x",
        "canary",
        "strategy: ",
    ]);
    always(4_000, &vec(pieces, 0..60), |pieces| {
        let _ = read(&pieces.concat());
        Ok(())
    });
    always(1_000, &vec(any::<u8>(), 0..200), |bytes| {
        let _ = read(&String::from_utf8_lossy(&bytes));
        Ok(())
    });
}

#[test]
fn no_damage_to_a_valid_file_makes_the_reader_panic() {
    let scenario = include_str!("../../../src/cli/starter.yaml");
    let edit = (any::<prop::sample::Index>(), 0..12_usize, "[ -~\n\té]{0,6}");
    always(2_000, &vec(edit, 1..5), |edits| {
        for original in [VALID, scenario] {
            let mut text: Vec<char> = original.chars().collect();
            for (at, length, insert) in &edits {
                let from = at.index(text.len() + 1);
                let to = (from + length).min(text.len());
                text.splice(from..to, insert.chars());
            }
            let text: String = text.into_iter().collect();
            let _ = load_text::<Sample>("sample.yaml", &text);
            // what is accepted can be printed, and reads back as the same
            if let Ok(loaded) = load_text::<Scenario>("scenario.yaml", &text) {
                let printed = to_yaml(&serde_json::to_value(&loaded.value).unwrap());
                let again = load_text::<Scenario>("printed.yaml", &printed);
                prop_assert!(again.is_ok(), "{printed}\n{}", again.unwrap_err());
                prop_assert_eq!(again.unwrap().value, loaded.value);
            }
        }
        Ok(())
    });
}

#[test]
fn whatever_is_printed_reads_back_as_itself() {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e300..1e300)
            .prop_filter("a whole number is read as one", |it: &f64| {
                it.to_string().parse::<i64>().is_err()
            })
            .prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[-0-9.:xe+# ]{0,8}".prop_map(Into::into),
        prop::sample::select(vec!["yes", "null", "~", "<<", "1%", "Mon 09:00", "", " ", "true"])
            .prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Into::into),
            vec(("[ -~é]{0,8}", inner), 0..6).prop_map(|entries| {
                let scenarios = |key: &str| !["extends", "format"].contains(&key);
                entries.into_iter().filter(|(key, _)| scenarios(key)).collect()
            }),
        ]
    });
    always(3_000, &value, |value: serde_json::Value| {
        let printed = to_yaml(&value);
        let read = load_text::<Anything>("printed.yaml", &printed);
        prop_assert!(read.is_ok(), "{printed}\n{}", read.err().unwrap());
        prop_assert_eq!(read.ok().unwrap().value.0, value, "{}", printed);
        Ok(())
    });
}
