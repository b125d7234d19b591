//! Every file in `scenarios/`: loads, runs, meets what it expects, and replays to the same bytes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rollsim::{
    kernel::Seed,
    model::{Condition, Measure, Phase},
    scenario::{self, Plan, Scenario},
    sim::{self, Outcome},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn plan(file: &Path) -> Plan {
    let loaded = scenario::load::<Scenario>(file).unwrap_or_else(|it| panic!("{it:?}"));
    let name = file.file_stem().unwrap().to_str().unwrap();
    let (plan, problems) = scenario::plan_of(name, loaded.value, &folder());
    assert!(problems.is_empty(), "{name}: {problems:?}");
    plan.unwrap()
}

/// The plans of all files.
pub(crate) fn plans() -> Vec<Plan> {
    STORIES.iter().map(|it| plan(&folder().join(format!("{it}.yaml")))).collect()
}

/// Whatever the outcome does not meet of what the file expects.
fn unmet(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let expect = &plan.scenario.expect;
    let phase = expect.phase.filter(|it| *it != outcome.phase);
    let phase = phase.map(|it| format!("phase: {it:?} was expected, {:?} came", outcome.phase));
    let figure = |(measure, condition): (Measure, Condition)| {
        let value = outcome.figure(measure);
        let met = value.is_some_and(|it| condition.holds(it));
        (!met).then(|| format!("{}: {condition} was expected, {value:?} came", measure.name()))
    };
    phase.into_iter().chain(expect.conditions().into_iter().filter_map(figure)).collect()
}

fn meets_its_expectations_and_replays(name: &str) {
    let plan = plan(&folder().join(format!("{name}.yaml")));
    let expect = &plan.scenario.expect;
    assert!(expect.phase.is_some() || !expect.conditions().is_empty(), "{name} expects nothing");
    let seed = Seed::new(plan.scenario.seed);
    let outcome = sim::run(&plan, seed);
    let unmet = unmet(&plan, &outcome);
    assert!(unmet.is_empty(), "{name}, seed {}:\n{}", outcome.seed, unmet.join("\n"));
    let again = serde_json::to_string(&sim::run(&plan, seed)).unwrap();
    assert!(serde_json::to_string(&outcome).unwrap() == again, "{name} does not replay");
}

/// One test a file, so that they run side by side and fail by name.
macro_rules! stories {
    ($($test:ident: $name:literal,)+) => {
        const STORIES: &[&str] = &[$($name),+];

        $(#[test]
        fn $test() {
            meets_its_expectations_and_replays($name);
        })+
    };
}

stories! {
    a_big_bang_at_midnight_is_six_hours_offline: "midnight-big-bang",
    blue_green_is_back_on_blue_before_many_notice: "blue-green-api-break",
    a_canary_finds_a_leak_that_no_error_rate_shows: "canary-memory-leak",
    five_instances_one_after_the_other_lose_nothing: "rolling-five",
    a_flag_keeps_a_feature_to_the_beta_testers: "flag-nlp-beta",
    a_kill_switch_ends_what_fails_in_one_region: "flag-nlp-region",
    a_quiet_bot_ships_by_an_example: "quiet-bot",
    a_small_bot_ships_all_at_once: "simple-bot",
    a_bot_that_people_depend_on_ships_by_canary: "critical-bot",
    a_busy_bot_has_its_canary_judged_in_minutes: "busy-bot",
    five_instances_are_watched_as_they_are_replaced: "five-instances",
    a_bot_in_four_regions_turns_features_on_by_flag: "regions-bot",
    a_rollout_at_the_rhythm_of_a_real_service: "real-traffic",
    a_canary_that_is_too_short_promotes_the_leak: "leak-vs-bake",
    a_webhook_does_not_notice_what_fails_in_the_chat: "chat-and-webhook",
    a_canary_that_every_judge_watches_is_promoted: "judges",
}

#[test]
fn every_shipped_scenario_is_a_story_here() {
    let mut shipped: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "yaml"))
        .map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    shipped.sort();
    let mut told = STORIES.to_vec();
    told.sort_unstable();
    assert_eq!(shipped, told);
}

#[test]
fn an_expectation_that_is_not_met_is_noticed() {
    let mut plan = plan(&folder().join("simple-bot.yaml"));
    let outcome = sim::run(&plan, Seed::DEFAULT);
    plan.scenario.expect.phase = Some(Phase::RolledBack);
    plan.scenario.expect.failed = Some("> 1".parse().unwrap());
    plan.scenario.expect.rollback_time = Some("< 1m".parse().unwrap());
    let unmet = unmet(&plan, &outcome);
    let begins = |text: &str| unmet.iter().filter(|it| it.starts_with(text)).count();
    assert_eq!((begins("phase: "), begins("failed: "), begins("rollback_time: ")), (1, 1, 1));
}
