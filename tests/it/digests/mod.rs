//! Digests: a commit either moves code, and no digest changes, or changes behaviour, and names those
//! that do.
//!
//! `scenarios.jsonl` holds random scenarios, drawn once and kept: the schema they were drawn from grows.
//! `ROLLSIM_DIGESTS=renew` writes the digests anew and lists what has changed; `grow:20` draws that many
//! more scenarios.

mod compared;
mod coverage;
mod digest;
mod expectations;
mod forks;
mod generate;
mod judges;
mod pinned;
mod planted;
mod studies;
mod symptoms;
mod told;
mod watching;

use std::io::Write as _;

use rayon::prelude::*;
use rollsim::{
    kernel::Seed,
    scenario::{Plan, Scenario, load_text, plan_of},
    sim::{Outcome, Trial},
};

use digest::Digest;
use pinned::Digests;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Check,
    Renew,
    Grow(usize),
}

fn mode() -> Mode {
    match std::env::var("ROLLSIM_DIGESTS").as_deref() {
        Err(_) => Mode::Check,
        Ok("renew") => Mode::Renew,
        Ok(other) => match other.strip_prefix("grow:").map(str::parse) {
            Some(Ok(count)) => Mode::Grow(count),
            _ => panic!("ROLLSIM_DIGESTS is `renew` or `grow:20`, not `{other}`"),
        },
    }
}

/// The plan of a pinned scenario, or why there is none.
fn planned(text: &str) -> Result<Plan, String> {
    let loaded = load_text::<Scenario>("digest.yaml", text).map_err(|it| format!("{it:?}"))?;
    let (plan, problems) = plan_of("digest", loaded.value, &pinned::folder());
    plan.ok_or_else(|| format!("{problems:?}"))
}

/// Every pinned scenario by its number.
pub(crate) fn plans() -> Vec<(usize, Plan)> {
    let all = pinned::scenarios().into_iter();
    all.map(|(number, text)| (number, planned(&text).unwrap())).collect()
}

/// A trial to take the digest of: the plan, with the strategy to play; the release; its name.
struct Job {
    plan: Plan,
    release: usize,
    name: String,
}

/// Every strategy of a scenario, and its own once more with each class of its releases.
fn jobs(number: usize, plan: &Plan) -> Vec<Job> {
    let own = plan.scenario.strategy.name();
    let each = plan.scenario.strategies();
    let mut jobs: Vec<Job> = each
        .into_iter()
        .map(|(name, spec)| Job {
            plan: plan.with_strategy(spec),
            release: 0,
            name: pinned::name(number, name),
        })
        .collect();
    for class in plan.lottery.iter().flat_map(|it| &it.classes) {
        let name = pinned::name(number, &format!("{own}@{}", class.name));
        jobs.push(Job { plan: plan.clone(), release: class.release, name });
    }
    jobs
}

impl Job {
    fn trial(&self) -> Trial<'_> {
        Trial::new(&self.plan, Seed::new(self.plan.scenario.seed)).release(self.release)
    }

    /// Its outcome, which has the figures that a trial without details has.
    fn outcome(&self) -> Outcome {
        let outcome = self.trial().run();
        let brief = digest::figures(&self.trial().figures_only().run());
        assert_eq!(digest::figures(&outcome), brief, "{}: figures differ", self.name);
        outcome
    }
}

/// Every trial, and what it is turned into, on so many threads; on all cores for 0.
fn played<T: Send>(threads: usize, of: impl Fn(&Job) -> T + Sync) -> Vec<(String, T)> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let jobs = |(number, text): &(usize, String)| {
        let plan = planned(text).unwrap_or_else(|why| panic!("scenario {number}: {why}"));
        jobs(*number, &plan)
    };
    pool.install(|| {
        let all: Vec<Job> = pinned::scenarios().par_iter().flat_map(jobs).collect();
        all.par_iter().map(|job| (job.name.clone(), of(job))).collect()
    })
}

#[track_caller]
fn same(pinned: &Digests, found: &Digests) {
    let changes = pinned::changes(pinned, found);
    assert!(
        changes.is_empty(),
        "{} digests have changed:\n{}\n\nWhere behaviour is not to change, this is a bug. Where it is, \
         name the entries and why in the commit's message, as\n\
         `ROLLSIM_DIGESTS=renew cargo test --release --test it digests` lists them.",
        changes.len(),
        changes.join("\n")
    );
}

#[test]
fn no_digest_changes_on_any_number_of_threads() {
    let pinned = pinned::digests();
    match mode() {
        Mode::Check => {
            let of_trials =
                |name: &str| !name.ends_with(compared::NAME) && !studies::is_named(name);
            let expected: Digests =
                pinned.into_iter().filter(|(name, _)| of_trials(name)).collect();
            let of_all = |job: &Job| {
                let outcome = job.outcome();
                (Digest::of(&outcome), coverage::of_outcome(&outcome))
            };
            let alone = played(1, of_all);
            same(&expected, &alone.iter().map(|(name, it)| (name.clone(), it.0)).collect());
            let digest = |job: &Job| Digest::of(&job.trial().run());
            same(&expected, &played(3, digest).into_iter().collect());
            coverage::check_outcomes(&alone.into_iter().flat_map(|(_, it)| it.1).collect());
        }
        Mode::Renew => {
            let digests = played(0, |job| Digest::of(&job.outcome()));
            let studies = compared::digests().into_iter().chain(studies::digests("1"));
            let found: Digests = digests.into_iter().chain(studies).collect();
            pinned::write(&found);
            let changes = pinned::changes(&pinned, &found);
            tell(&[format!("{} digests have changed", changes.len())]);
            tell(&changes);
        }
        Mode::Grow(count) => {
            let there = pinned::scenarios().len();
            pinned::append(&generate::scenarios(there, count));
        }
    }
}

/// Past the harness, which keeps what a test prints.
fn tell(lines: &[String]) {
    let text = format!("\n{}\n", lines.join("\n"));
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

#[test]
fn the_pinned_files_hold_300_scenarios_and_stay_small() {
    let size = |name: &str| std::fs::metadata(pinned::folder().join(name)).unwrap().len();
    assert!(size("scenarios.jsonl") + size("outcomes.txt") < 1_500_000);
    assert!(pinned::scenarios().len() >= 300);
}
