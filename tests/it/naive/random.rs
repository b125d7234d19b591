//! Random scenarios: the simulator and the naive engine must agree on each of them to the bit.
//!
//! `ROLLSIM_NAIVE=1000` tries more of them, `ROLLSIM_NAIVE_FROM=70` begins at another seed.

use rollsim::kernel::Seed;

use super::{books::Books, figures::compare, generator::Generator, rules::Rules};
use crate::trials::plan;

const SCENARIOS: u64 = 60;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |it| it.parse().unwrap())
}

#[test]
fn random_scenarios_come_to_the_same_figures_in_both_engines() {
    let from = setting("ROLLSIM_NAIVE_FROM", 0);
    let count = setting("ROLLSIM_NAIVE", SCENARIOS);
    let mut failures = Vec::new();
    for seed in from..from + count {
        let text = Generator::new(seed).text();
        let plan = plan(&text);
        let (_, differences) = compare(&plan, &plan, Seed::new(seed), Rules::TODAY);
        if !differences.is_empty() {
            failures.push(format!("seed {seed}:\n{text}{}\n", differences.join("\n")));
        }
    }
    let first: String = failures.iter().take(5).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} of {count} differ:\n{first}", failures.len());
}

/// Something that a scenario may come to.
type Reached = fn(&Books) -> bool;

#[test]
fn what_the_random_scenarios_compare_does_happen_in_them() {
    let reached: &[(&str, Reached, usize)] = &[
        ("retries", |it| it.attempts > it.requests, 20),
        ("served twice", |it| it.served_well.values().any(|&it| it > 1), 10),
        ("abandoned", |it| it.abandoned > 0, 5),
        ("rejected", |it| it.rejected > 0, 20),
        ("out of memory", |it| it.oom_kills > 0, 5),
        ("restarts", |it| it.restarts > 3, 15),
        ("stopping", |it| it.failed_by_stopping > 0, 5),
        ("rollouts", |it| it.rested.is_some(), 15),
        ("downtime", |it| it.downtime > 0, 15),
        ("wrong answers", |it| it.wrong > 0, 5),
        ("users of the candidate", |it| it.hurt_by_release.len() > 5, 15),
    ];
    let mut counts = vec![0; reached.len()];
    for seed in 0..SCENARIOS {
        let plan = plan(&Generator::new(seed).text());
        let books = super::Naive::new(&plan, Seed::new(seed), Rules::TODAY).run();
        let happened = |(count, (_, it, _)): (&mut usize, &(&str, Reached, usize))| {
            *count += usize::from(it(&books));
        };
        counts.iter_mut().zip(reached).for_each(happened);
    }
    for ((what, _, least), count) in reached.iter().zip(counts) {
        assert!(count >= *least, "{what} in {count} of {SCENARIOS}, not {least}");
    }
}
