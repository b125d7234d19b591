//! Estimates and claims against rollouts whose truth is known, since no simulation makes them: whoever
//! says 95 % has to be right in 19 studies of 20.

use rollsim::{
    experiment::{ComparisonRun, Goal, Ranked, Rollout, Stat, Turn, summarise},
    kernel::Key,
};

use super::made_up::{played, protocol, rollout};

/// Studies in each test. The number of wrong ones is binomial: of 400 at 5 %, more than 33 come in
/// one of 1,000 tests.
const STUDIES: u64 = 400;
const WRONG_MAX: u64 = 33;

/// A skewed draw, as harm is: exponential with this mean.
fn skewed(key: Key, turn: Turn, strategy: u64, mean: f64) -> f64 {
    let entity = ((turn.class as u64) << 48) | (turn.number << 4) | strategy;
    -libm::log(key.uniform(entity)) * mean
}

const TO_THE_END: Goal = Goal::Precision { part: 0.0, of: Ranked::Best, most: 1_536 };

#[test]
fn equal_strategies_are_told_apart_in_one_study_of_twenty_at_most_however_often_one_looks() {
    let protocol = protocol(2, &[0.9, 0.1], TO_THE_END);
    let mut wrong = 0;
    for study in 0..STUDIES {
        let key = Key::of_bits(study);
        let summary = played(&protocol, |turn| {
            (0..2).map(|strategy| skewed(key, turn, strategy, 10.0)).collect()
        });
        assert_eq!(summary.looks, 6);
        // it ends early exactly when it claims a winner
        let claimed = summary.pairs[0].differences[0].decided;
        assert_eq!(claimed && summary.trials < 1_536, summary.trials < 1_536);
        wrong += u64::from(claimed);
    }
    assert!(wrong <= WRONG_MAX, "{wrong} of {STUDIES} studies told equals apart");
}

/// The planted bug: whoever looks six times at plain 95 % intervals is wrong far too often, and the
/// test above would see it.
#[test]
fn plain_intervals_at_every_look_would_be_wrong_too_often() {
    let mut wrong = 0;
    for study in 0..STUDIES {
        let key = Key::of_bits(study);
        let hurt = |turn: Turn| (0..2).map(|it| skewed(key, turn, it, 10.0)).collect();
        let sure = |trials: u64| {
            let protocol = protocol(2, &[0.9, 0.1], Goal::Trials(trials));
            played(&protocol, hurt).pairs[0].differences[0].decided
        };
        wrong += u64::from([48, 96, 192, 384, 768, 1_536].into_iter().any(sure));
    }
    assert!(wrong > WRONG_MAX, "{wrong} of {STUDIES} studies told equals apart");
}

#[test]
fn the_mean_over_all_releases_is_inside_its_interval_in_nineteen_studies_of_twenty() {
    // 0.95 of 0, 0.04 of 50 and 0.01 of 400
    let (chances, means) = ([0.95, 0.04, 0.01], [0.0, 50.0, 400.0]);
    let truth = 6.0;
    let protocol = protocol(1, &chances, Goal::Trials(600));
    let (mut wrong, mut width) = (0, 0.0);
    for study in 0..STUDIES {
        let key = Key::of_bits(study);
        let summary = played(&protocol, |turn| vec![skewed(key, turn, 0, means[turn.class])]);
        let cost = summary.strategies[0].estimate("cost", Stat::Mean).unwrap();
        wrong += u64::from(!(cost.low..=cost.high).contains(&truth));
        width += (cost.high - cost.low) / STUDIES as f64;
    }
    assert!((2..=WRONG_MAX).contains(&wrong), "{wrong} of {STUDIES} intervals miss the truth");
    // a plain sample of 600 has a variance of 0.04 * 5,000 + 0.01 * 320,000 - 36, and is 4.7 wide
    assert!(width < 2.6, "strata make it narrower: {width}");
}

#[test]
fn a_rate_over_bad_releases_weighs_each_class_by_its_chance() {
    // of bad releases, three in four are of a class that always escapes
    let protocol = protocol(1, &[0.6, 0.3, 0.1], Goal::Trials(2_000));
    let summary = played(&protocol, |turn| vec![if turn.class == 2 { 1.0 } else { 0.0 }]);
    let strategy = &summary.strategies[0];
    let rate = |name| strategy.estimate(name, Stat::Rate).unwrap();
    assert!((rate("escaped").value - 0.75).abs() < 1e-12);
    assert!((rate("detected").value - 0.25).abs() < 1e-12);
    assert!(rate("false_rollback").value <= 0.0);
    assert!((rate("completed").value - 0.9).abs() < 1e-12);
    assert!(rate("escaped").low < 0.75 && 0.75 < rate("escaped").high);
}

#[test]
fn a_quantile_over_all_releases_is_inside_its_interval_in_nineteen_studies_of_twenty() {
    // 9 of 10 releases hurt nobody; the 95th percentile is the median of the rest, 100 ln 2
    let protocol = protocol(1, &[0.9, 0.1], Goal::Trials(800));
    let truth = 69.314_718;
    let mut wrong = 0;
    for study in 0..STUDIES {
        let key = Key::of_bits(study);
        let mean = |turn: Turn| if turn.class == 0 { 0.0 } else { 100.0 };
        let summary = played(&protocol, |turn| vec![skewed(key, turn, 0, mean(turn))]);
        let p95 = summary.strategies[0].estimate("users_hurt", Stat::P95).unwrap();
        // values are kept to 0.4 %
        wrong += u64::from(!(p95.low * 0.996..=p95.high * 1.004).contains(&truth));
    }
    assert!((2..=WRONG_MAX).contains(&wrong), "{wrong} of {STUDIES} intervals miss the truth");
}

#[test]
fn what_is_clear_is_decided_at_the_first_look() {
    let goal = Goal::Precision { part: 0.05, of: Ranked::All, most: 10_000 };
    let protocol = protocol(3, &[0.9, 0.1], goal);
    let summary = played(&protocol, |turn| {
        [0.0, 100.0, 200.0].map(|it| skewed(Key::of_bits(7), turn, 0, 10.0) + it).to_vec()
    });
    assert!(summary.complete && summary.trials < 200, "{}", summary.trials);
    let names: Vec<&str> = summary.strategies.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["strategy 0", "strategy 1", "strategy 2"]);
    let first = &summary.pairs[0].differences[0];
    // the same luck under both: the difference is known exactly
    assert!((first.value - 100.0).abs() < 1e-9 && first.decided);
    assert!(first.less > 0.999_999 && first.narrowed.is_none_or(|it| it > 1e6));
}

#[test]
fn strategies_that_are_nearly_equal_are_played_until_they_are_equal_enough() {
    let goal = Goal::Precision { part: 0.05, of: Ranked::Best, most: 20_000 };
    let protocol = protocol(2, &[1.0], goal);
    let key = Key::of_bits(3);
    let summary = played(&protocol, |turn| (0..2).map(|it| skewed(key, turn, it, 10.0)).collect());
    let cost = &summary.pairs[0].differences[0];
    assert!(summary.complete && !cost.decided, "{cost:?}");
    assert!(cost.high_adjusted - cost.low_adjusted <= 0.05 * 2.0 * 10.5, "{cost:?}");
    assert!(summary.trials < 20_000, "{}", summary.trials);
}

/// Two that are nearly alike, and one that costs ten times as much.
fn one_is_out(turn: Turn) -> Vec<f64> {
    let key = Key::of_bits(11);
    vec![skewed(key, turn, 0, 10.0), skewed(key, turn, 1, 10.5), skewed(key, turn, 2, 100.0)]
}

const SOON: Goal = Goal::Precision { part: 0.05, of: Ranked::Best, most: 1_600 };

#[test]
fn a_strategy_that_is_beaten_is_out_and_the_others_have_its_trials() {
    let summary = played(&protocol(3, &[1.0], SOON), one_is_out);
    let trials: Vec<u64> =
        summary.strategies.iter().map(|it| it.estimate("cost", Stat::Mean).unwrap().n).collect();
    assert_eq!(summary.strategies[2].name, "strategy 2");
    assert!(trials[2] <= 100 && trials[0] == summary.trials && trials[1] == summary.trials);
    // 4,800 trials in all, most of them of two strategies
    assert!(summary.trials > 2_300 && trials.iter().sum::<u64>() <= 4_801, "{trials:?}");
    assert_eq!(summary.left_out().len(), 1);
    let beaten = summary.pairs.iter().filter(|it| it.second == 2);
    assert!(beaten.map(|it| &it.differences[0]).all(|it| it.decided));
}

#[test]
fn what_was_simulated_is_taken_again_only_under_the_strategies_that_were_in_it() {
    let protocol = protocol(3, &[1.0], SOON);
    let (mut run, mut again) = (ComparisonRun::new(&protocol), ComparisonRun::new(&protocol));
    while let Some(round) = run.round() {
        let all = vec![true; 3];
        for turn in round.turns {
            let [it, whole] = [&round.playing, &all].map(|playing| Rollout {
                seed: protocol.seed_of(turn),
                ..rollout(turn, &one_is_out(turn), playing)
            });
            run.take(&it);
            assert!(it == whole || !again.take_again(&whole));
            assert!(again.take_again(&it));
        }
    }
    assert!(again.is_complete());
    let summary = |run: &ComparisonRun<'_>| summarise(&protocol, run, Vec::new());
    assert_eq!(summary(&run), summary(&again));
}

/// A mean difference of 1 with a standard deviation of 10 takes about (2 * 10 / 1)^2 trials.
#[test]
fn the_trials_that_are_still_missing_are_about_right() {
    let protocol = protocol(2, &[1.0], Goal::Trials(100));
    let noise = |number: u64| if number.is_multiple_of(2) { 10.0 } else { -10.0 };
    let summary = played(&protocol, |turn| vec![20.0, 21.0 + noise(turn.number)]);
    let cost = &summary.pairs[0].differences[0];
    assert!(!cost.decided);
    assert!((250..=350).contains(&cost.more_trials.unwrap()), "{cost:?}");
}

#[test]
fn prices_change_the_ranking_as_they_would_if_it_were_played_again() {
    let protocol = protocol(2, &[1.0], Goal::Trials(10));
    let summary = played(&protocol, |_| vec![3.0, 4.0]);
    let halved = &summary.sensitivity[0];
    assert_eq!((halved.price.as_str(), halved.order.as_slice()), ("hurt_user", &[0, 1][..]));
    assert!((halved.costs[0] - 1.5).abs() < 1e-12 && (halved.costs[1] - 2.0).abs() < 1e-12);
}
