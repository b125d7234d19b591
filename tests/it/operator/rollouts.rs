//! Actions on a rollout: undo, freeze, switch off, roll forward, with and without a fix.

use rollsim::model::{Measure, Phase, ReleaseId};

use super::{IDLE, count, deeds, figure, outcome, phases, story};

const ERRORS: &str = "fleet: {instances: 4, errors: 0%, startup: {constant: 10s}}
release: {defects: [{effect: {errors: {rate: 50%}}}]}
";
const CANARY: &str = "{canary: {by: users, analysis: none, steps: [{weight: 50%, hold: 20m}]}}";

#[test]
fn undo_is_what_undoes_is_short_for() {
    for strategy in [CANARY, "{rolling: {}}", "{all_at_once: {}}"] {
        let short = story(strategy, "[]", ERRORS);
        let written = story(strategy, "[{do: undo}]", ERRORS);
        let (short, written) = (outcome(&short), outcome(&written));
        assert_eq!(short.figures, written.figures, "{strategy}");
        assert_eq!(short.phases, written.phases, "{strategy}");
        assert_eq!(short.phase, Phase::RolledBack, "{strategy}");
        let off = story(strategy, "[]", ERRORS).replace("actions: []", "undoes: false");
        assert_ne!(outcome(&off).phase, Phase::RolledBack, "{strategy}");
    }
}

#[test]
fn a_freeze_holds_the_rollout_and_its_pauses_for_as_long_as_it_lasts() {
    let freeze = "[{do: {freeze: {lasts: 7m}}}]";
    let time =
        |actions: &str| figure(&outcome(&story(CANARY, actions, ERRORS)), Measure::rollout_time);
    let (idle, frozen) = (time(IDLE), time(freeze));
    assert!((frozen - idle - 420.0).abs() < 1e-6, "{idle} {frozen}");
    let frozen = outcome(&story(CANARY, freeze, ERRORS));
    let stood = phases(&frozen);
    let kinds: Vec<Phase> = stood.iter().map(|it| it.1).collect();
    assert_eq!(kinds, [Phase::Progressing, Phase::Paused, Phase::Progressing, Phase::Completed]);
    assert!((stood[2].0 - stood[1].0 - 420.0).abs() < 1e-6);
    assert_eq!(deeds(&frozen, "freezes the rollout")[0].1, "`errors` fires");
    assert_eq!(deeds(&frozen, "lets the rollout go on").len(), 1);
}

#[test]
fn a_freeze_without_an_end_lasts_until_an_order_ends_it() {
    let frozen = outcome(&story(CANARY, "[{do: {freeze: {}}}]", ERRORS));
    assert_eq!(frozen.phase, Phase::Paused);
    let undo = "[{do: {freeze: {}}}, {do: undo, when: {still_firing: 10m}}]";
    let undone = outcome(&story(CANARY, undo, ERRORS));
    assert_eq!(undone.phase, Phase::RolledBack);
    let forward = undo.replace("undo", "{roll_forward: {}}");
    assert_eq!(outcome(&story(CANARY, &forward, ERRORS)).phase, Phase::Completed);
}

/// No verdict is heeded and no deadline passes while a rollout is frozen.
#[test]
fn deadlines_stand_still_while_a_rollout_is_frozen() {
    let never = "fleet: {instances: 4, errors: 0%}
release: {defects: [{effect: {startup_failure: {rate: 100%}}}]}
";
    let failed_at = |actions: &str| {
        let outcome = outcome(&story("{recreate: {progress_deadline: 15m}}", actions, never));
        let failed = phases(&outcome).into_iter().find(|it| it.1 == Phase::Failed);
        failed.unwrap().0
    };
    let (idle, frozen) = (failed_at(IDLE), failed_at("[{do: {freeze: {lasts: 5m}}}]"));
    assert!((frozen - idle - 300.0).abs() < 1e-6, "{idle} {frozen}");
}

/// A feature that fails for those who have it.
const FEATURE: &str = "fleet: {instances: 4, errors: 0%, startup: {constant: 10s}}
release: {defects: [{scope: {feature: true}, effect: {errors: {rate: 100%}}}]}
";
const FLAG: &str = "{feature_flag: {analysis: none, steps: [{share: 30%, hold: 30m}]}}";

#[test]
fn a_feature_is_switched_off_and_its_code_stays() {
    let (idle, off) = (
        outcome(&story(FLAG, IDLE, FEATURE)),
        outcome(&story(FLAG, "[{do: switch_off}]", FEATURE)),
    );
    assert_eq!((idle.phase, off.phase), (Phase::Completed, Phase::RolledBack));
    let [(at, cause)] = deeds(&off, "switches the feature off")[..] else { panic!("once") };
    assert_eq!(cause, "`errors` fires");
    let last = off.series.points.last().unwrap();
    assert_eq!(last.ready, [0, 4]);
    // 30 % of 20 requests a second, until it is off
    let on = deeds(&off, "flag on for")[0].0;
    let failed = figure(&off, Measure::failed);
    assert!((failed / (6.0 * (at - on)) - 1.0).abs() < 0.15, "{failed} from {on} to {at}");
    assert!(figure(&idle, Measure::failed) > 5.0 * failed);
}

/// Its code crash-loops whether the feature is on or off: people switch it off, the alert still fires, and
/// then they roll the code back.
#[test]
fn a_feature_that_is_off_while_its_code_crashes_is_undone_in_the_end() {
    let crashes = format!(
        "{}incidents: []
",
        FEATURE.replace(
            "defects: [",
            "defects: [{name: crash, when: {age: 3m}, effect: {crash: {}}}, "
        )
    );
    let both = "[{do: switch_off}, {do: undo, when: {alert: errors, still_firing: 5m, \
                rollout: [rolled_back]}}]";
    let off_only = outcome(&story(FLAG, "[{do: switch_off}]", &crashes));
    let both = outcome(&story(FLAG, both, &crashes));
    assert_eq!((off_only.phase, both.phase), (Phase::RolledBack, Phase::RolledBack));
    assert_eq!(count(&off_only, Measure::operator_actions), 1);
    assert_eq!(count(&both, Measure::operator_actions), 2);
    let (off, undone) =
        (deeds(&both, "switches the feature off"), deeds(&both, "orders a rollback"));
    assert!(undone[0].0 >= off[0].0 + 300.0 + 120.0, "{off:?} {undone:?}");
    assert_eq!(undone[0].1, "`errors` still fires, 5 min after the action before");
    // the rollback is over once the code is gone, not when the feature is off
    let home = |outcome: &rollsim::sim::Outcome| outcome.rollback_done.unwrap().as_secs_f64();
    let last = deeds(&both, "all traffic is back on the old release");
    assert!(home(&off_only) < off[0].0 + 60.0 && home(&both) > undone[0].0, "{last:?}");
    assert!((home(&both) - last[0].0).abs() < 1e-3, "{last:?}");
    let ready = |outcome: &rollsim::sim::Outcome| outcome.series.points.last().unwrap().ready;
    assert_eq!(ready(&both), [4, 0]);
    assert_eq!(ready(&off_only)[ReleaseId::STABLE], 0);
    assert!(figure(&both, Measure::restarts) < figure(&off_only, Measure::restarts));
}

/// The same, but the code does no harm: users are safe when the feature is off, however late it is undone.
#[test]
fn code_that_hurts_nobody_does_not_hold_up_the_rollback_of_its_feature() {
    let both =
        "[{do: switch_off}, {do: undo, after: {constant: 15m}, when: {rollout: [rolled_back]}}]";
    let both = outcome(&story(FLAG, both, FEATURE));
    let (off, undone) =
        (deeds(&both, "switches the feature off"), deeds(&both, "orders a rollback"));
    assert!(undone[0].0 >= off[0].0 + 600.0, "{off:?} {undone:?}");
    let home = both.rollback_done.unwrap().as_secs_f64();
    assert!(home < off[0].0 + 60.0, "{off:?} {home}");
}

#[test]
fn rolling_forward_takes_the_remaining_steps_at_once() {
    let slow = "{canary: {by: users, analysis: none, steps: [{weight: 20%, hold: 10m}, \
                {weight: 50%, hold: 20m, approve: true}]}}";
    for (strategy, most) in [
        (slow, 90.0),
        ("{rolling: {batch: 1, wait: 10m}}", 60.0),
        (
            "{feature_flag: {analysis: none, steps: [{share: 30%, hold: 10m}, {share: 60%, hold: 20m}]}}",
            60.0,
        ),
        (
            "{canary_flag: {canary: {analysis: none, steps: [{weight: 50%, hold: 10m}]}, \
          flag: {analysis: none, steps: [{share: 100%, hold: 20m}]}}}",
            90.0,
        ),
        ("{blue_green: {analysis: false, bake: 20m, keep_old: 1m}}", 90.0),
    ] {
        let forward = outcome(&story(strategy, "[{do: {roll_forward: {}}}]", ERRORS));
        let (at, _) = deeds(&forward, "orders the remaining steps at once")[0];
        let end = *phases(&forward).last().unwrap();
        assert_eq!(end.1, Phase::Completed, "{strategy}");
        assert!(end.0 - at <= most, "{strategy}: {at} {end:?}");
        let idle = outcome(&story(strategy, IDLE, ERRORS));
        let slowly = phases(&idle).into_iter().find(|it| it.1 == Phase::Completed);
        assert!(slowly.is_none_or(|it| it.0 > end.0 + 60.0), "{strategy}");
    }
}

/// A rollout that has failed half-way goes on where instances start after all.
#[test]
fn what_has_failed_half_way_can_be_rolled_forward() {
    let slow = "fleet: {instances: 4, errors: 0%, startup: {constant: 4m}}
";
    let strategy = "{recreate: {progress_deadline: 2m}}";
    let (idle, forward) = (
        outcome(&story(strategy, IDLE, slow)),
        outcome(&story(strategy, "[{do: {roll_forward: {}}, when: {rollout: [failed]}}]", slow)),
    );
    assert_eq!((idle.phase, forward.phase), (Phase::Failed, Phase::Completed));
}

#[test]
fn a_fixed_release_replaces_the_one_with_the_defect() {
    let fix = "[{do: {roll_forward: {build: {constant: 15m}}}}]";
    for strategy in [CANARY, "{rolling: {}}", "{all_at_once: {}}"] {
        let (idle, fixed) =
            (outcome(&story(strategy, IDLE, ERRORS)), outcome(&story(strategy, fix, ERRORS)));
        assert_eq!(fixed.phase, Phase::Completed, "{strategy}");
        let (built, shipped) =
            (deeds(&fixed, "builds a fixed release")[0].0, deeds(&fixed, "ships")[0].0);
        assert!((shipped - built - 900.0).abs() < 1e-6);
        let late = |outcome: &rollsim::sim::Outcome| -> u64 {
            let after =
                outcome.series.points.iter().filter(|it| it.at.as_secs_f64() > shipped + 180.0);
            after.map(|it| it.failed).sum()
        };
        assert_eq!(late(&fixed), 0, "{strategy}");
        assert!(late(&idle) > 1_000, "{strategy}: {}", late(&idle));
    }
}

/// Without a release that starts, a fix is the only way forward.
#[test]
fn a_fix_heals_a_release_of_which_no_instance_starts() {
    let never = "fleet: {instances: 4, errors: 0%}
release: {defects: [{effect: {startup_failure: {rate: 100%}}}]}
";
    let of = |actions: &str| outcome(&story("{all_at_once: {}}", actions, never));
    assert_eq!(of("[{do: {roll_forward: {}}}]").phase, Phase::Failed);
    let fixed = of("[{do: {roll_forward: {build: {constant: 10m}}}}]");
    assert_eq!(fixed.phase, Phase::Completed);
    // 3 min from the page, 10 min to build, 10 s to start
    let down = figure(&fixed, Measure::downtime);
    assert!((780.0..=900.0).contains(&down), "{down}");
}
