//! Random scenarios: the simulator and the naive engine must agree on each of them to the bit.
//!
//! `ROLLSIM_NAIVE=1000` tries more of them, `ROLLSIM_NAIVE_FROM=70` begins at another seed.

use rollsim::kernel::Seed;

use super::{figures::differences, generator::Generator, rules::Rules};
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
        let differences = differences(&plan, &plan, Seed::new(seed), Rules::TODAY);
        if !differences.is_empty() {
            failures.push(format!("seed {seed}:\n{text}{}\n", differences.join("\n")));
        }
    }
    let first: String = failures.iter().take(5).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} of {count} differ:\n{first}", failures.len());
}
