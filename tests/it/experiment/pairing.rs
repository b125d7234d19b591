//! The same luck under every strategy: what it is worth, and what happens without it.

use std::{collections::BTreeMap, io, path::Path};

use rollsim::{
    experiment::{
        ComparisonRun, Entrant, Goal, Keep, Request, Rollout, Stop, Study, play, set_up, summarise,
    },
    scenario::{Scenario, load_text, plan_of},
};

/// The bot of this folder with another canary, and with the same one once more.
fn study(trials: u64) -> Study {
    let more = "strategies:
  once more: {canary: {steps: [{weight: 30%, hold: 40s}]}}
  wider: {canary: {steps: [{weight: 32%, hold: 40s}]}}
";
    let text = super::BOT.replace("strategies:\n", more).replace("expect:", "# expect:");
    let text = text.split("# expect:").next().unwrap();
    let scenario = load_text::<Scenario>("bot.yaml", text).unwrap().value;
    let (plan, problems) = plan_of("bot", scenario, Path::new("."));
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    let entrant = Entrant { file: "bot.yaml".to_owned(), plan, assumptions: Vec::new() };
    let request = Request {
        seed: 1,
        goal: Goal::Trials(trials),
        command: String::new(),
        preset: None,
        set: Vec::new(),
        strategies: Vec::new(),
    };
    set_up(vec![entrant], request).unwrap()
}

fn rollouts(study: &Study) -> Vec<Rollout> {
    let run = ComparisonRun::new(&study.protocol);
    run.round().unwrap().turns.into_iter().map(|turn| study.play(turn)).collect()
}

/// How much pairing narrowed the difference in users hurt between the canary and another strategy.
fn narrowed(study: &Study, rollouts: &[Rollout], other: &str) -> Option<f64> {
    let mut run = ComparisonRun::new(&study.protocol);
    for rollout in rollouts {
        run.take(rollout);
    }
    let summary = summarise(&study.protocol, &run, Vec::new());
    let is = |index: usize, name: &str| summary.strategies[index].name == name;
    let between = |first, second| {
        is(first, "canary") && is(second, other) || is(second, "canary") && is(first, other)
    };
    let pair = summary.pairs.iter().find(|it| between(it.first, it.second)).unwrap();
    let harm = pair.differences.iter().find(|it| it.quantity == "users_hurt").unwrap();
    harm.narrowed
}

#[test]
fn a_strategy_differs_from_itself_in_nothing() {
    let study = study(40);
    for rollout in rollouts(&study) {
        let names: BTreeMap<&str, _> = study
            .protocol
            .contestants
            .iter()
            .map(|it| it.name.as_str())
            .zip(&rollout.results)
            .collect();
        assert_eq!(names["canary"], names["once more"]);
    }
}

#[test]
fn neighbours_are_compared_far_more_narrowly_on_the_same_luck() {
    let study = study(160);
    let paired = rollouts(&study);
    let with = narrowed(&study, &paired, "wider").unwrap();
    assert!(with > 1.5, "{with}");
    // the planted bug: the other strategy's results are those of the next rollout of the class
    let wider = study.protocol.contestants.iter().position(|it| it.name == "wider").unwrap();
    let mut shifted = paired.clone();
    for (at, rollout) in paired.iter().enumerate() {
        let next = paired[at + 1..].iter().chain(&paired).find(|it| it.class == rollout.class);
        shifted[at].results[wider] = next.unwrap().results[wider].clone();
    }
    let without = narrowed(&study, &shifted, "wider").unwrap();
    assert!((0.7..1.4).contains(&without), "{without}");
}

/// Keeps some rollouts, and then the disk is full.
struct Full(u64);

impl Keep<(u64, Rollout)> for Full {
    fn before(
        &mut self,
        _: &dyn Fn(&(u64, Rollout)) -> bool,
    ) -> io::Result<Option<(u64, Rollout)>> {
        Ok(None)
    }

    fn keep(&mut self, _: &(u64, Rollout)) -> io::Result<()> {
        self.0 += 1;
        if self.0 > 5 { Err(io::Error::other("no space left")) } else { Ok(()) }
    }

    fn planned(&mut self, _: u64) {}

    fn stop(&self) -> Stop {
        Stop::default()
    }
}

#[test]
fn a_full_disk_ends_a_comparison_with_what_was_kept() {
    let study = study(1_000);
    let mut run = ComparisonRun::new(&study.protocol);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let ended = play(&study, &mut run, &pool, &mut Full(0));
    assert_eq!(ended.unwrap_err().to_string(), "no space left");
    assert_eq!(run.played(), 6);
}
