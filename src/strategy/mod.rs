//! Strategies: reconcilers that read a [`View`] and answer with [`Action`]s.
//!
//! A strategy cannot see the truth, the faults or the seed. It is called whenever what it sees has
//! changed and at the moment it asked for; calling it once more than needed must change nothing.

use dyn_clone::DynClone;

use crate::{
    model::{Action, GroupSpec, ReleaseRole, UserMatch, View, Wake},
    units::Span,
};

mod deploy;
mod exposure;
mod gate;
mod kind;
mod leg;
mod ramp;
mod retreat;
mod roll;
#[cfg(test)]
mod script;
mod traffic;
mod way;
mod workflow;

pub use canary::{CanaryBy, CanaryStep};
pub use canary_flag::FlagRamp;
pub use exposure::{ExposureStep, PLAIN_STEPS, Watched, WrittenRamp};
pub use feature_flag::{FlagStep, OnFlagFailure};
pub use gate::{AnalysisMode, OnInconclusive};
pub use kind::{Crossing, StrategyKind};
pub use traffic::Sizing;
pub use way::{Instantly, Paces, RolloutWay, WayPart, WayWait};
pub use workflow::OnFailure;

/// What a strategy must provide. It must be [`Clone`] as well, since a trial can be forked: a clone then does
/// what the original would have done.
pub trait Strategy: DynClone + Send {
    /// How requests find their release; fixed for the whole rollout.
    fn routing(&self) -> Routing;

    /// Its groups of instances, by their numbers: the stable one, the candidate, and what it has beside them.
    fn groups(&self) -> Vec<GroupSpec> {
        vec![GroupSpec::STABLE, GroupSpec::CANDIDATE]
    }

    /// The releases of its groups, by their numbers: the stable one, the candidate, and what it has beside them.
    fn releases(&self) -> Vec<ReleaseRole> {
        vec![ReleaseRole::STABLE, ReleaseRole::CANDIDATE]
    }

    /// Whether users meet the candidate only where a feature flag is on for them.
    fn uses_flag(&self) -> bool;

    /// Its steps in order, in words, as far as they are known by now.
    fn steps(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many of its steps are done. A rollback changes nothing about that.
    fn steps_done(&self) -> usize {
        0
    }

    /// Whether there is a rollout at all.
    fn ships(&self) -> bool {
        true
    }

    /// Reads the view, adds what should be done now, and says when to be called again.
    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake;
}

dyn_clone::clone_trait_object!(Strategy);

/// How requests find their release.
#[derive(Clone, Debug, PartialEq)]
pub enum Routing {
    /// By instances: the balancer spreads requests over all ready instances of both releases.
    Instances,
    /// By weight, drawn for each request.
    Requests,
    /// By weight, the same for all requests of a user.
    Users,
    /// Users who match any of these meet the candidate first; the weight is a share of them.
    Attributes(Vec<UserMatch>),
}

// in the order of what a team needs before it can ship by them, from least to most
catalog! {
    /// How the new release is shipped.
    StrategySpec: StrategyKind builds Box<dyn Strategy> {
        "all_at_once" => all_at_once::AllAtOnce,
        "recreate" => recreate::Recreate,
        "rolling" => rolling::Rolling,
        "blue_green" => blue_green::BlueGreen,
        "canary" => canary::Canary,
        "feature_flag" => feature_flag::FeatureFlag,
        "canary_flag" => canary_flag::CanaryFlag,
        plain {
            /// Nothing is shipped: rehearses load, an incident and what people do about it. There is no
            /// candidate, and no measure of a rollout. `release` and `rollout_at` have no effect.
            "none" => none::NoRollout,
        }
        in tests { "by_moon" => ByMoon in crate::added::strategy }
    }
    gathers {
        /// The plain one of every kind that ships, with steps of this length.
        plain_ones: plain(hold: Span) -> StrategySpec
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{
        Crossing, ExposureStep, StrategySpec, WrittenRamp,
        script::{Script, play},
    };
    use crate::{
        model::{Action, AnalysisState, MigrationState, Phase},
        units::{Instant, Ratio, Span},
    };

    /// One of each, short enough to be interrupted at every second.
    const EACH: &[&str] = &[
        r#"{"all_at_once": {}}"#,
        r#"{"recreate": {}}"#,
        r#"{"rolling": {"batch": 1, "wait": "1m", "analysis": true}}"#,
        r#"{"rolling": {}}"#,
        r#"{"blue_green": {"smoke": {}, "approve": true, "bake": "1m", "keep_old": "2m"}}"#,
        r#"{"canary": {"steps": [{"weight": "10%", "hold": "1m"},
            {"weight": "50%", "hold": "1m", "approve": true}]}}"#,
        r#"{"canary": {"by": "instances", "analysis": "each_step",
            "steps": [{"weight": "25%", "hold": "1m"}, {"weight": "75%", "hold": "1m"}]}}"#,
        r#"{"canary": {"by": {"attributes": [{"tier": "beta"}]}, "match_replicas": false,
            "steps": [{"weight": "100%", "hold": "1m"}]}}"#,
        r#"{"feature_flag": {"deploy": {"batch": 2}, "steps": [{"share": "10%", "hold": "1m"}]}}"#,
        r#"{"canary_flag": {"canary": {"steps": [{"weight": "25%", "hold": "1m"}]},
            "flag": {"steps": [{"share": "100%", "hold": "1m"}]}}}"#,
    ];

    fn script() -> Script {
        let migration = Some((Span::from_secs(20), MigrationState::Done));
        Script { migration, ..Script::default() }
    }

    #[test]
    fn every_strategy_completes_on_an_ideal_platform() {
        for spec in EACH {
            let log = play(spec, &script());
            assert_eq!(log.phases().last().unwrap().1, Phase::Completed, "{spec}");
            let left = (log.view.stable().existing, log.view.candidate().ready());
            assert_eq!(left, (0, 4), "{spec}");
        }
    }

    #[test]
    fn an_order_to_undo_is_heeded_at_every_second_and_brings_everything_back() {
        for spec in EACH {
            for second in 100..600 {
                let undo_at = Some(Instant::from_nanos(second * 1_000_000_000 + 1));
                let log = play(spec, &Script { undo_at, ..script() });
                let end = log.phases().last().unwrap().1;
                assert_eq!(end, Phase::RolledBack, "undo at {second} s: {spec}");
                let left = (log.view.stable().ready(), log.view.candidate().existing);
                assert_eq!(left, (4, 0), "undo at {second} s: {spec}");
                assert!(log.weight.is_zero(), "undo at {second} s: {spec}");
                let undone = log.view.migration == MigrationState::Undone;
                assert!(undone || second < 120, "undo at {second} s: {spec}");
            }
        }
    }

    /// Every strategy with every second of its rollout.
    fn at_each_second() -> impl Iterator<Item = (&'static str, u64)> {
        EACH.iter().copied().flat_map(|spec| (100..600).map(move |second| (spec, second)))
    }

    #[test]
    fn an_order_to_roll_forward_is_heeded_at_every_second_and_completes_soon() {
        for (spec, second) in at_each_second() {
            let at = second * 1_000_000_000 + 1;
            let forward_at = Some(Instant::from_nanos(at));
            let log = play(spec, &Script { forward_at, ..script() });
            let (end, phase) = *log.phases().last().unwrap();
            assert_eq!(phase, Phase::Completed, "forward at {second} s: {spec}");
            let left = (log.view.stable().existing, log.view.candidate().ready());
            assert_eq!(left, (0, 4), "forward at {second} s: {spec}");
            // the migration, two starts, the switch, and the time for which the old release is kept
            let kept = if spec.contains("keep_old") { 120 } else { 0 };
            let soon = second + 20 + 20 + 40 + kept;
            let plain = play(spec, &script()).phases().last().unwrap().0;
            assert!(end <= soon.min(plain.max(second)), "forward at {second} s: {end} {spec}");
        }
    }

    #[test]
    fn a_freeze_at_any_second_delays_the_end_by_no_more_than_it_lasts() {
        for (spec, second) in at_each_second() {
            let plain = play(spec, &script()).phases().last().unwrap().0;
            let freeze =
                Some((Instant::from_nanos(second * 1_000_000_000 + 1), Span::from_secs(50)));
            let log = play(spec, &Script { freeze, ..script() });
            let (end, phase) = *log.phases().last().unwrap();
            assert_eq!(phase, Phase::Completed, "frozen at {second} s: {spec}");
            assert!((plain..=plain + 50).contains(&end), "frozen at {second} s: {end} {spec}");
            let frozen = second + 1..second + 50;
            let during = |at: Instant| frozen.contains(&(at.nanos() / 1_000_000_000));
            let moved = log.actions.iter().find(|it| during(it.0));
            let still = second >= plain || moved.is_none();
            assert!(still, "frozen at {second} s: {moved:?} {spec}");
        }
    }

    #[test]
    fn an_order_to_switch_off_leaves_the_code_where_the_feature_is_on_and_is_ignored_elsewhere() {
        for (spec, second) in at_each_second() {
            let plain = play(spec, &script());
            let on = plain.actions.iter().find(|it| matches!(it.1, Action::Flag(_)));
            let off = Instant::from_nanos(second * 1_000_000_000 + 1);
            let log = play(spec, &Script { off_at: Some(off), ..script() });
            let (_, phase) = *log.phases().last().unwrap();
            let feature_is_on = on.is_some_and(|it| it.0 < off);
            let end = if feature_is_on { Phase::RolledBack } else { Phase::Completed };
            assert_eq!(phase, end, "off at {second} s: {spec}");
            assert_eq!(log.view.candidate().ready(), 4, "off at {second} s: {spec}");
        }
    }

    #[test]
    fn a_strategy_cloned_before_each_call_goes_on_as_one_that_never_was() {
        let ends = [AnalysisState::Passed, AnalysisState::Inconclusive, AnalysisState::Failed];
        for spec in EACH {
            let mut scripts = vec![Script { candidate_crashes: true, ..script() }];
            for end in ends {
                let analyses = vec![(Span::from_secs(61), end); 4];
                scripts.push(Script { analyses, ..script() });
            }
            for second in [105, 131, 190, 275, 400] {
                let at = Some(Instant::from_nanos(second * 1_000_000_000 + 1));
                scripts.push(Script { undo_at: at, ..script() });
                scripts.push(Script { forward_at: at, ..script() });
                scripts.push(Script { off_at: at, ..script() });
                let freeze = at.map(|it| (it, Span::from_secs(50)));
                scripts.push(Script { freeze, ..script() });
            }
            for plain in scripts {
                let lines = play(spec, &plain).lines();
                assert_eq!(play(spec, &Script { cloned: true, ..plain }).lines(), lines, "{spec}");
            }
        }
    }

    #[test]
    fn whatever_an_analysis_comes_to_every_strategy_comes_to_rest() {
        let ends = [
            AnalysisState::Passed,
            AnalysisState::Failed,
            AnalysisState::Inconclusive,
            AnalysisState::Errored,
        ];
        for spec in EACH {
            for (end, after) in ends.into_iter().flat_map(|end| [1, 59, 61].map(|it| (end, it))) {
                let analyses = vec![(Span::from_secs(after), end); 4];
                let log = play(spec, &Script { analyses, ..script() });
                let phase = log.phases().last().unwrap().1;
                assert!(phase.is_final(), "{end:?} after {after} s: {spec}");
            }
        }
    }

    #[test]
    fn instances_that_never_start_bring_every_strategy_to_rest() {
        for spec in EACH {
            let log = play(spec, &Script { candidate_crashes: true, ..script() });
            let phase = log.phases().last().unwrap().1;
            let rested = matches!(phase, Phase::RolledBack | Phase::Failed);
            assert!(rested, "{spec}");
            let met = log.actions.iter().any(|it| matches!(it.1, Action::Weight { .. }));
            assert!(!met, "{spec}");
        }
    }

    #[test]
    fn a_strategy_needs_nothing_but_its_name_and_writes_what_it_reads() {
        for name in StrategySpec::NAMES {
            let spec = StrategySpec::named(name).unwrap();
            assert_eq!(spec.name(), *name);
            let written = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<StrategySpec>(&written).unwrap(), spec);
        }
        assert_eq!(StrategySpec::named("shotgun"), None);
        let typo = serde_json::from_str::<StrategySpec>(r#"{"rolling": {"bach": 1}}"#);
        assert!(typo.unwrap_err().to_string().contains("`bach`"));
    }

    /// The section of a strategy as it is written, down to this path.
    fn at<'v>(written: &'v Value, path: &str) -> &'v Value {
        path.split('.').fold(written, |value, key| &value[key])
    }

    /// The steps that are written where a ramp says.
    fn written_steps(written: &Value, ramp: &WrittenRamp) -> Vec<ExposureStep> {
        let step = |it: &Value| {
            let share: Ratio = it[ramp.key].as_str().unwrap().parse().unwrap();
            let hold = it["hold"].as_str().unwrap().parse().unwrap();
            ExposureStep { weight: share.get(), hold, approve: it["approve"] == true }
        };
        at(written, ramp.path).as_array().unwrap().iter().map(step).collect()
    }

    #[test]
    fn ramps_are_where_they_are_said_to_be_and_a_plain_one_is_of_its_own_kind() {
        for name in StrategySpec::NAMES {
            let spec = StrategySpec::named(name).unwrap();
            let written = serde_json::to_value(&spec).unwrap();
            for ramp in spec.kind().ramps() {
                assert_eq!(written_steps(&written, &ramp), ramp.steps, "{name}");
            }
            for watched in spec.kind().watched() {
                assert!(!at(&written, watched.path).is_null(), "{name}");
            }
            if let Crossing::ByRequest { path, sticky } = spec.kind().crossing() {
                assert!(at(&written, path) != sticky, "{name}");
            }
        }
        let plain = StrategySpec::plain_ones(Span::from_secs(60));
        let ships = |it: &&str| StrategySpec::named(it).unwrap().kind().ships();
        let shipping: Vec<&str> = StrategySpec::NAMES.iter().copied().filter(ships).collect();
        assert_eq!(plain.iter().map(StrategySpec::name).collect::<Vec<_>>(), shipping);
    }

    #[test]
    fn strategies_are_listed_from_the_one_that_needs_least_to_the_one_that_needs_most() {
        let named = StrategySpec::SHIPPED.iter().map(|it| StrategySpec::named(it).unwrap());
        let (ships, none): (Vec<StrategySpec>, Vec<StrategySpec>) =
            named.partition(|it| it.kind().ships());
        let minutes: Vec<f64> = ships.iter().map(|it| it.kind().upkeep_minutes()).collect();
        assert_eq!(minutes, [0.0, 0.0, 1.0, 5.0, 10.0, 10.0, 20.0]);
        let rank = |name| StrategySpec::named(name).unwrap().complexity();
        assert!(rank("rolling") < rank("blue_green") && rank("canary") < rank("canary_flag"));
        assert_eq!(none.iter().map(StrategySpec::complexity).collect::<Vec<_>>(), [0]);
    }
}
