//! The purposes of draws and their numbers, pinned: they are part of every published result.

use super::Purpose;

/// Every purpose. A new one goes to the end, with the next number, here and in the enum.
pub(crate) const PURPOSES: &[(Purpose, &str, u64)] = &[
    (Purpose::Arrival, "Arrival", 1),
    (Purpose::User, "User", 2),
    (Purpose::Operation, "Operation", 3),
    (Purpose::Service, "Service", 4),
    (Purpose::Luck, "Luck", 5),
    (Purpose::Routing, "Routing", 6),
    (Purpose::Sticky, "Sticky", 7),
    (Purpose::Attribute, "Attribute", 8),
    (Purpose::Retry, "Retry", 9),
    (Purpose::Patience, "Patience", 10),
    (Purpose::Startup, "Startup", 11),
    (Purpose::Probe, "Probe", 12),
    (Purpose::Fault, "Fault", 13),
    (Purpose::FaultOnset, "FaultOnset", 14),
    (Purpose::Operator, "Operator", 15),
    (Purpose::Complaint, "Complaint", 16),
    (Purpose::Database, "Database", 17),
    (Purpose::Dependency, "Dependency", 18),
    (Purpose::Burst, "Burst", 19),
    (Purpose::Cohort, "Cohort", 20),
    (Purpose::Scrape, "Scrape", 21),
    (Purpose::Repair, "Repair", 22),
    (Purpose::Release, "Release", 23),
    (Purpose::Instance, "Instance", 24),
    (Purpose::Machine, "Machine", 25),
    (Purpose::Propagation, "Propagation", 26),
    (Purpose::Network, "Network", 27),
    (Purpose::Check, "Check", 28),
    (Purpose::Residual, "Residual", 29),
];

/// Variants of the enum as its source declares them.
fn declared(source: &str) -> Vec<(String, u64)> {
    let body = source.split("pub enum Purpose {").nth(1).and_then(|it| it.split('}').next());
    let lines = body.expect("the enum is there").lines().map(str::trim);
    let variants = lines.filter(|it| !it.is_empty() && !it.starts_with("//"));
    variants
        .map(|line| {
            let (name, number) = line.trim_end_matches(',').split_once(" = ").expect("a number");
            (name.to_owned(), number.parse().expect("a number"))
        })
        .collect()
}

/// What is wrong with the purposes of a source.
fn objection(source: &str) -> Option<String> {
    let declared = declared(source);
    for (index, (_, name, number)) in PURPOSES.iter().enumerate() {
        if declared.get(index) != Some(&((*name).to_owned(), *number)) {
            return Some(format!("`{name}` is no longer number {number}: purposes are for ever"));
        }
    }
    let new = declared.get(PURPOSES.len())?;
    Some(format!("`{}` is new: add it to the end of the pinned list", new.0))
}

const SOURCE: &str = include_str!("rng.rs");

#[test]
fn purposes_are_appended_only() {
    assert_eq!(objection(SOURCE), None);
    for (purpose, name, number) in PURPOSES {
        assert_eq!((format!("{purpose:?}"), *purpose as u64), ((*name).to_owned(), *number));
    }
    let numbers: Vec<u64> = PURPOSES.iter().map(|it| it.2).collect();
    assert_eq!(numbers, (1..=PURPOSES.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_purpose_that_is_renumbered_removed_reused_or_unpinned_is_caught() {
    for (from, to, said) in [
        ("Sticky = 7,", "Sticky = 70,", "`Sticky` is no longer number 7"),
        ("    Repair = 22,\n", "", "`Repair` is no longer number 22"),
        ("Scrape = 21,", "Weather = 21,", "`Scrape` is no longer number 21"),
        ("    User = 2,", "    Weather = 30,\n    User = 2,", "`User` is no longer number 2"),
        ("Residual = 29,", "Residual = 29,\n    Weather = 30,", "`Weather` is new"),
    ] {
        assert!(SOURCE.contains(from), "{from}");
        let objection = objection(&SOURCE.replacen(from, to, 1)).expect(from);
        assert!(objection.starts_with(said), "{objection}");
    }
}
