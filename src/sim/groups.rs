//! A rollout of three groups with several analyses at once: beside the candidate stands a baseline, of the old release and
//! as young as the candidate, and its size and its weight go separate ways. The same with a third release in the
//! baseline's place.

use super::{
    Outcome, Running, Trial,
    channels::checked,
    witness::{Booked, Fate, witnessed},
    world::World,
};
use crate::{
    kernel::Seed,
    model::{
        Action, AnalysisId, AnalysisState, Cohort, Compared, GroupId, GroupSpec, Measure, Phase,
        ReleaseId, ReleaseRole, View, Wake,
    },
    scenario::Plan,
    strategy::{Routing, Strategy},
    units::{Instant, Ratio, Span},
};

/// Young instances are slow for an hour: against the old fleet any release looks bad.
const BOT: &str = "
format: 2
title: a baseline
length: 2h
rollout_at: 10m
fleet:
  instances: 8
  workers: 8
  errors: 1%
  service_time: {exponential: {mean: 100ms}}
  startup: {constant: 20s}
  warm_up: {duration: 10h, slowdown: 2x}
  propagation: 7s
traffic: {rate: 40/s}
users: {count: 4000}
strategy: none
analysis:
  interval: 1m
  gates:
    - {name: old fleet, dry_run: true, judge: {threshold: {metric: {latency: 50%}, against: ratio, fail_above: 1.4x, window: 5m, min_samples: 100}}}
    - {name: baseline, count: 10, judge: {threshold: {metric: {latency: 50%}, against: ratio, fail_above: 1.4x, window: 5m, min_samples: 100}}}
    - {name: failures, judge: {threshold: {metric: error_rate, fail_above: 20%, window: 2m, min_samples: 100}}}
";

const BOTH: [GroupId; 2] = [GroupId::CANDIDATE, GroupId::STABLE];
const BASELINE: GroupId = GroupId::new(2);
/// The release before the stable one.
const PREVIOUS: ReleaseId = ReleaseId::new(2);
const BACKGROUND: AnalysisId = AnalysisId::new(0);
const STEP: AnalysisId = AnalysisId::new(1);
const AFTER: AnalysisId = AnalysisId::new(2);

/// What each of both small groups gets.
const SHARE: f64 = 0.1;
/// How long the candidate's instances stay when it has lost its traffic.
const COLD: Span = Span::from_secs(300);

/// A canary beside a baseline, watched by one analysis throughout, by one at its step and by one after the promotion.
#[derive(Clone)]
struct BesideBaseline {
    place: Place,
    /// What runs beside the candidate.
    beside: GroupSpec,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    New,
    Starting,
    Weighted,
    Step,
    /// Has its size for all traffic, but no more of it than before.
    Large(Instant),
    Promoted,
    Watched(Instant),
    Over,
    /// Has no traffic any more, but its instances.
    Cold(Instant),
    Leaving,
}

impl BesideBaseline {
    fn gates([candidate, baseline]: [GroupId; 2], names: &[&str]) -> Compared {
        let gates = names.iter().map(|it| (*it).to_owned()).collect();
        Compared { gates, ..Compared::groups(candidate, baseline) }
    }

    fn weights(candidate: f64, baseline: f64) -> [Action; 2] {
        [(GroupId::CANDIDATE, candidate), (BASELINE, baseline)]
            .map(|(group, share)| Action::Weight { group, share: Ratio::clamped(share) })
    }

    fn objects(view: &View) -> bool {
        let states = [BACKGROUND, STEP, AFTER].map(|it| view.analysis(it));
        states.into_iter().flatten().any(|it| it > AnalysisState::Running)
    }

    fn go_back(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        self.place = Place::Cold(view.now.saturating_add(COLD));
        let why = "an analysis objects".to_owned();
        actions.push(Action::Enter(Phase::RollingBack, why));
        actions.extend([BACKGROUND, STEP, AFTER].map(Action::StopAnalysis));
        actions.extend(Self::weights(0.0, 0.0));
        actions.push(Action::Scale { group: GroupId::STABLE, replicas: view.fleet });
        Wake::At(view.now.saturating_add(COLD))
    }

    /// Whether the balancer has these weights of both small groups.
    fn reached(view: &View, candidate: f64, baseline: f64) -> bool {
        let reached = |group: GroupId| view.groups[group].weight.reached;
        let wanted = [candidate, baseline].map(Ratio::clamped);
        [reached(GroupId::CANDIDATE), reached(BASELINE)] == wanted
    }
}

impl Strategy for BesideBaseline {
    fn routing(&self) -> Routing {
        Routing::Requests
    }

    fn groups(&self) -> Vec<GroupSpec> {
        vec![GroupSpec::STABLE, GroupSpec::CANDIDATE, self.beside]
    }

    fn releases(&self) -> Vec<ReleaseRole> {
        let mut releases = vec![ReleaseRole::STABLE, ReleaseRole::CANDIDATE];
        if self.beside.release == PREVIOUS {
            releases.push(ReleaseRole { name: "previous", version: Some("v0".to_owned()) });
        }
        releases
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let is_back = matches!(self.place, Place::Cold(_) | Place::Leaving | Place::Over);
        if !is_back && Self::objects(view) {
            return self.go_back(view, actions);
        }
        let scale = |group, replicas| Action::Scale { group, replicas };
        let hold = view.now.saturating_add(Span::from_secs(600));
        match self.place {
            Place::New => {
                self.place = Place::Starting;
                actions.push(Action::Enter(Phase::Progressing, "begins".to_owned()));
                actions.extend([scale(GroupId::CANDIDATE, 1), scale(BASELINE, 1)]);
            }
            Place::Starting if view.candidate().ready() + view.groups[BASELINE].ready() == 2 => {
                self.place = Place::Weighted;
                actions.extend(Self::weights(SHARE, SHARE));
                let of = Self::gates(BOTH, &["old fleet", "failures"]);
                actions.push(Action::StartAnalysis(BACKGROUND, of));
            }
            Place::Weighted if Self::reached(view, SHARE, SHARE) => {
                self.place = Place::Step;
                let of = Self::gates([GroupId::CANDIDATE, BASELINE], &["baseline"]);
                actions.push(Action::StartAnalysis(STEP, of));
            }
            Place::Step if view.analysis(STEP) == Some(AnalysisState::Passed) => {
                self.place = Place::Large(hold);
                actions.push(scale(GroupId::CANDIDATE, view.fleet));
                return Wake::At(hold);
            }
            Place::Large(until) | Place::Watched(until) | Place::Cold(until)
                if view.now < until =>
            {
                return Wake::At(until);
            }
            Place::Large(_) => {
                self.place = Place::Promoted;
                actions.push(Action::StopAnalysis(BACKGROUND));
                actions.extend(Self::weights(1.0, 0.0));
            }
            Place::Promoted if Self::reached(view, 1.0, 0.0) => {
                self.place = Place::Watched(hold);
                actions.extend([scale(BASELINE, 0), scale(GroupId::STABLE, 0)]);
                let of = Self::gates(BOTH, &["failures"]);
                actions.push(Action::StartAnalysis(AFTER, of));
                return Wake::At(hold);
            }
            Place::Watched(_) => {
                self.place = Place::Over;
                actions.push(Action::StopAnalysis(AFTER));
                actions.push(Action::Enter(Phase::Completed, "all of it".to_owned()));
            }
            Place::Cold(_) => {
                self.place = Place::Leaving;
                actions.extend([scale(GroupId::CANDIDATE, 0), scale(BASELINE, 0)]);
            }
            Place::Leaving if view.stable().ready() >= view.fleet => {
                self.place = Place::Over;
                actions.push(Action::Enter(Phase::RolledBack, "all as before".to_owned()));
            }
            Place::Starting
            | Place::Weighted
            | Place::Step
            | Place::Promoted
            | Place::Leaving
            | Place::Over => {}
        }
        Wake::OnChange
    }
}

/// The bot and a release with these defects.
fn plan(defects: &str) -> Plan {
    checked(&format!("{BOT}release: {{from: v1, to: v2, defects: [{defects}]}}\n")).unwrap()
}

fn strategy() -> Box<dyn Strategy> {
    beside("baseline", ReleaseId::STABLE)
}

fn strategy_of_three() -> Box<dyn Strategy> {
    beside("previous", PREVIOUS)
}

fn beside(name: &'static str, release: ReleaseId) -> Box<dyn Strategy> {
    Box::new(BesideBaseline { place: Place::New, beside: GroupSpec { name, release } })
}

fn played(plan: &Plan) -> (Outcome, Vec<Booked>) {
    played_by(plan, strategy())
}

fn played_by(plan: &Plan, strategy: Box<dyn Strategy>) -> (Outcome, Vec<Booked>) {
    witnessed(|| Trial::new(plan, Seed::DEFAULT).run_with_strategy(strategy))
}

/// Cohorts by their group.
fn cohort(group: GroupId) -> Cohort {
    let old = ReleaseId::STABLE;
    if group == GroupId::CANDIDATE { Cohort::EXPOSED } else { Cohort::of(group, old) }
}

/// When this entry of the timeline was made.
fn entry_at(outcome: &Outcome, text: &str) -> u64 {
    let found = outcome.timeline.iter().find(|it| it.text == text);
    let texts = || outcome.timeline.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    found.unwrap_or_else(|| panic!("{text}: {:#?}", texts())).at.nanos()
}

#[test]
fn three_groups_get_their_shares_of_the_traffic_and_the_books_hold() {
    let (outcome, booked) = played(&plan(""));
    assert_eq!(outcome.phase, Phase::Completed);
    let from = entry_at(&outcome, "10 % of the traffic goes to v1 (baseline)");
    let to = entry_at(&outcome, "100 % of the traffic goes to v2");
    let during: Vec<&Booked> =
        booked.iter().filter(|it| (from + 1..to).contains(&it.arrived)).collect();
    let all = during.len() as f64;
    assert!(all > 40_000.0, "{all}");
    for (group, share) in [(GroupId::STABLE, 0.8), (GroupId::CANDIDATE, 0.1), (BASELINE, 0.1)] {
        let of = during.iter().filter(|it| it.cohort == cohort(group)).count() as f64;
        let standard_error = (all * share * (1.0 - share)).sqrt();
        assert!((of - all * share).abs() < 4.0 * standard_error, "{group:?}: {of} of {all}");
    }
    // by instances: only one each has those of the small groups until the candidate is large
    let pods = |group| {
        let mut pods: Vec<u32> =
            during.iter().filter(|it| it.cohort == cohort(group)).filter_map(|it| it.pod).collect();
        pods.sort_unstable();
        pods.dedup();
        pods.len()
    };
    assert_eq!((pods(GroupId::STABLE), pods(BASELINE), pods(GroupId::CANDIDATE)), (8, 1, 8));
    let lives = |release| outcome.lives.iter().filter(|it| it.release == release).count();
    assert_eq!((lives(ReleaseId::STABLE), lives(ReleaseId::CANDIDATE)), (9, 8));
}

#[test]
fn a_young_baseline_shows_what_the_old_fleet_cannot() {
    let (outcome, _) = played(&plan(""));
    let gate = |name| outcome.gates.iter().find(|it| it.name == name).unwrap();
    // slow for its youth, the candidate would have failed against the old fleet
    assert_eq!(gate("old fleet").objection.map(|it| it.1), Some(AnalysisState::Failed));
    assert_eq!(gate("baseline").objection, None);
    // two of them before there were enough samples
    assert_eq!(gate("baseline").looks, 12);
    // the analysis in the background and the one after the promotion both measured errors
    assert!(gate("failures").looks > 30, "{}", gate("failures").looks);
    // a candidate that is slower than its like is found
    let (outcome, _) = played(&plan("{effect: {latency: {factor: 2x}}}"));
    assert_eq!(outcome.phase, Phase::RolledBack);
    let gate = |name| outcome.gates.iter().find(|it| it.name == name).unwrap();
    assert_eq!(gate("baseline").objection.map(|it| it.1), Some(AnalysisState::Failed));
}

#[test]
fn a_defect_is_of_the_release_and_not_of_the_groups_beside_it() {
    let (outcome, booked) = played(&plan("{effect: {errors: {rate: 100%}}}"));
    assert_eq!(outcome.phase, Phase::RolledBack);
    let failed = |group| {
        let of: Vec<&Booked> = booked.iter().filter(|it| it.cohort == cohort(group)).collect();
        let failed = of.iter().filter(|it| matches!(it.fate, Fate::Failed(_))).count();
        (failed as f64 / of.len() as f64, of.len())
    };
    let (candidate, baseline) = (failed(GroupId::CANDIDATE), failed(BASELINE));
    assert!(candidate.1 > 100 && baseline.1 > 100, "{candidate:?} {baseline:?}");
    assert!(candidate.0 > 0.99 && baseline.0 < 0.05, "{candidate:?} {baseline:?}");
    let hurt = outcome.figure(Measure::users_hurt_by_release).unwrap();
    assert!(hurt > 50.0, "{hurt}");
    // weights first, and the instances of both small groups stay for five minutes without any traffic
    let away = entry_at(&outcome, "0 % of the traffic goes to v2");
    let gone = entry_at(&outcome, "v2 scaled from 1 to 0");
    let asked = away - Span::from_secs(7).nanos();
    assert_eq!(gone - asked, COLD.nanos());
    let late = booked.iter().filter(|it| it.cohort.is_new() && it.arrived > away).count();
    assert_eq!(late, 0);
}

/// Requests of a release, and those of them that failed.
fn of_release(booked: &[Booked], release: ReleaseId) -> (u64, u64) {
    let of = || booked.iter().filter(|it| it.cohort.release() == release);
    let failed = of().filter(|it| matches!(it.fate, Fate::Failed(_)));
    (of().count() as u64, failed.count() as u64)
}

#[test]
fn three_releases_get_their_shares_of_the_traffic_and_each_has_its_books() {
    let (outcome, booked) = played_by(&plan(""), strategy_of_three());
    assert_eq!(outcome.phase, Phase::Completed);
    let from = entry_at(&outcome, "10 % of the traffic goes to v0 (previous)");
    let to = entry_at(&outcome, "100 % of the traffic goes to v2");
    let within = |it: &&Booked| (from + 1..to).contains(&it.arrived);
    let during: Vec<Booked> = booked.iter().filter(within).copied().collect();
    let all = during.len() as f64;
    let shares = [(ReleaseId::STABLE, 0.8), (ReleaseId::CANDIDATE, 0.1), (PREVIOUS, 0.1)];
    for (release, share) in shares {
        let of = of_release(&during, release).0 as f64;
        let standard_error = (all * share * (1.0 - share)).sqrt();
        assert!((of - all * share).abs() < 4.0 * standard_error, "{release:?}: {of} of {all}");
    }
    let lives = |release| outcome.lives.iter().filter(|it| it.release == release).count();
    assert_eq!([ReleaseId::STABLE, ReleaseId::CANDIDATE, PREVIOUS].map(lives), [8, 8, 1]);
    // the books of the third one, to the request, and the series
    let (requests, failed) = of_release(&booked, PREVIOUS);
    let [books] = outcome.further.as_slice() else { panic!("{:?}", outcome.further) };
    assert_eq!((books.release, books.name, books.version.as_str()), (PREVIOUS, "previous", "v0"));
    assert_eq!((books.answered, books.failed), (requests - failed, failed));
    let met = Cohort::of(BASELINE, PREVIOUS).met();
    let points = &outcome.series.points;
    assert!(points.iter().all(|it| (it.attempts.len(), it.ready.len()) == (4, 3)));
    let attempts: u64 = points.iter().map(|it| it.attempts[met]).sum();
    assert!((requests..requests + requests / 10).contains(&attempts), "{attempts} {requests}");
    assert_eq!(points.iter().map(|it| it.ready[PREVIOUS]).max(), Some(1));
    assert!(points.iter().any(|it| it.latency_p50[met].is_some()));
}

#[test]
fn a_defect_and_a_migration_are_of_the_candidate_and_not_of_a_third_release() {
    let migration = checked(&format!(
        "{BOT}operations: {{ask: {{share: 100%, database: {{constant: 1ms}}}}}}\n\
         release: {{from: v1, to: v2, migration: {{breaks_new: 100%}}}}\n"
    ));
    for plan in [plan("{effect: {errors: {rate: 100%}}}"), migration.unwrap()] {
        let (outcome, booked) = played_by(&plan, strategy_of_three());
        assert_eq!(outcome.phase, Phase::RolledBack);
        let part = |release| {
            let (requests, failed) = of_release(&booked, release);
            assert!(requests > 100, "{release:?}: {requests}");
            failed as f64 / requests as f64
        };
        let parts = [ReleaseId::STABLE, ReleaseId::CANDIDATE, PREVIOUS].map(part);
        assert!(parts[1] > 0.99 && parts[0].max(parts[2]) < 0.05, "{parts:?}");
        assert!(outcome.rollback_done.is_some());
        assert_eq!(outcome.series.points.last().unwrap().ready, [8, 0, 0]);
    }
}

#[test]
#[should_panic(expected = "each group is of a release that the strategy names")]
fn a_group_of_a_release_without_a_name_is_refused() {
    let _ =
        Trial::new(&plan(""), Seed::DEFAULT).run_with_strategy(beside("next", ReleaseId::new(3)));
}

#[test]
fn a_fork_of_three_groups_goes_on_to_the_same_bytes_and_a_fresh_one_elsewhere() {
    let plan = plan("");
    let trial = Trial::new(&plan, Seed::DEFAULT);
    for strategy in [strategy, strategy_of_three] {
        let mut running = Running::of(World::new_to_fork(trial, strategy()));
        running.until(Instant::ZERO + Span::from_secs(1_500));
        let fork = running.clone();
        let fresh = running.forked(7);
        let plain = format!("{:?}", trial.run_with_strategy(strategy()));
        assert_eq!(format!("{:?}", running.finish()), plain);
        assert_eq!(format!("{:?}", fork.finish()), plain);
        let fresh = fresh.finish();
        assert_eq!(fresh.phase, Phase::Completed);
        assert_ne!(format!("{fresh:?}"), plain);
    }
}
