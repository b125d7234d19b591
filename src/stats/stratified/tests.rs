use super::*;
use crate::stats::mean_interval;

fn moments(values: &[f64]) -> Moments {
    let mut moments = Moments::default();
    for &value in values {
        moments.record(value);
    }
    moments
}

fn sketch(values: impl Iterator<Item = f64>) -> Sketch {
    let mut sketch = Sketch::default();
    values.for_each(|value| sketch.record(value));
    sketch
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{found}, not {wanted}");
}

#[test]
fn what_no_trial_showed_is_three_in_n_at_most() {
    let one = |weight: f64, trials: u64| Stratum { weight, trials, values: () };
    // 1 - 0.05^(1/300) = 0.009936
    assert!((unseen(&[one(1.0, 300)], 0.95) - 0.009_936).abs() < 1e-6);
    // 0.9 (1 - 0.05^(1/200)) = 0.013380; 0.1 (1 - 0.05^(1/20)) = 0.013911
    let two = [one(0.9, 200), one(0.1, 20)];
    assert!((unseen(&two, 0.95) - 0.013_911).abs() < 1e-6);
    assert!((unseen(&[one(0.9, 200), one(0.1, 0)], 0.95) - 0.1).abs() < 1e-12);
}

#[test]
fn one_stratum_alone_has_students_interval() {
    let values = [5.0, 1.0, 3.0, 2.0, 4.0];
    let stratum = Stratum { weight: 0.3, trials: 5, values: moments(&values) };
    let found = mean(&[stratum], 0.95).unwrap();
    let (value, interval) = mean_interval(&values, 0.95).unwrap();
    near(found.value, value);
    near(found.interval.low, interval.low);
    near(found.interval.high, interval.high);
}

/// Cochran, "Sampling Techniques", 5.3: the mean is the weighted mean of the strata's, its variance
/// the sum of the squared weights times the variances of their means. Both together have 10 + 50 of 4 + 1 degrees
/// of freedom, a variance of 12, which counts as a trial: (10 + 12) / 5 and (50 + 12) / 2. Here 0.9^2 * 4.4 / 5 +
/// 0.1^2 * 31 / 2 = 0.8678, with 0.8678^2 / (0.7128^2 / 4 + 0.155^2 / 1) = 4.9858 degrees of freedom,
/// for which Student's 97.5 % quantile is 2.572794.
#[test]
fn strata_are_weighted_back_to_the_whole() {
    let many = Stratum { weight: 0.9, trials: 5, values: moments(&[5.0, 1.0, 3.0, 2.0, 4.0]) };
    let rare = Stratum { weight: 0.1, trials: 2, values: moments(&[95.0, 105.0]) };
    let found = mean(&[many, rare], 0.95).unwrap();
    near(found.value, 12.7);
    assert_eq!(found.n, 7);
    let half = 0.5 * found.interval.width();
    assert!((half / 0.8678_f64.sqrt() - 2.572_794).abs() < 1e-4, "{half}");
}

/// Of what comes in one trial of ten, four trials mostly show nothing.
#[test]
fn a_stratum_with_few_trials_is_not_certain_of_what_they_did_not_show() {
    let mut seen = Moments::default();
    (0..400_u32).for_each(|it| seen.record(f64::from(u8::from(it.is_multiple_of(10)))));
    let seen = Stratum { weight: 0.5, trials: 400, values: seen };
    let nothing = |trials: usize| Stratum {
        weight: 0.5,
        trials: trials as u64,
        values: moments(&vec![0.0; trials]),
    };
    let width = |trials| mean(&[seen, nothing(trials)], 0.95).unwrap().interval.width();
    assert!(width(4) > 3.0 * width(400), "{} {}", width(4), width(400));
    // where nothing varies anywhere nothing is known that could
    assert!(mean(&[nothing(4), nothing(4)], 0.95).unwrap().interval.width() <= 0.0);
}

/// Two strata of equal weight; in the first every second trial has a value, in the second all do:
/// (0.25 * 10 + 0.5 * 40) / 0.75 = 30.
#[test]
fn what_only_some_trials_have_is_averaged_over_those() {
    let some = Stratum { weight: 0.5, trials: 4, values: moments(&[8.0, 12.0]) };
    let all = Stratum { weight: 0.5, trials: 2, values: moments(&[38.0, 42.0]) };
    near(mean(&[some, all], 0.95).unwrap().value, 30.0);
}

#[test]
fn a_stratum_without_trials_leaves_nothing_to_say() {
    let known = Stratum { weight: 0.9, trials: 2, values: moments(&[1.0, 2.0]) };
    let unknown = Stratum { weight: 0.1, trials: 0, values: Moments::default() };
    assert_eq!(mean(&[known, unknown], 0.95), None);
    let counts = [
        Stratum { weight: 0.9, trials: 5, values: 1 },
        Stratum { weight: 0.1, trials: 0, values: 0 },
    ];
    assert_eq!(rate(&counts, 0.95), None);
}

/// The values of Newcombe's table, see `interval.rs`.
#[test]
fn a_rate_of_one_stratum_has_wilsons_interval() {
    let found = rate(&[Stratum { weight: 0.2, trials: 148, values: 15 }], 0.95).unwrap();
    assert!((found.interval.low - 0.0624).abs() < 5.1e-5);
    assert!((found.interval.high - 0.1605).abs() < 5.1e-5);
    let none = rate(&[Stratum { weight: 1.0, trials: 20, values: 0 }], 0.95).unwrap();
    assert!(none.interval.low <= 0.0 && (none.interval.high - 0.1611).abs() < 5.1e-5);
}

/// Two strata of 100, weighted 3 to 1, with rates 0.2 and 0.6: 0.3, and a variance of
/// 0.5625 * 0.16 / 100 + 0.0625 * 0.24 / 100 = 0.00105, as 200 plain trials have; Kish's size is
/// 100 / (0.5625 + 0.0625) = 160, which is the smaller.
#[test]
fn a_rate_over_strata_is_as_sure_as_its_effective_number_of_trials() {
    let strata = [
        Stratum { weight: 0.75, trials: 100, values: 20 },
        Stratum { weight: 0.25, trials: 100, values: 60 },
    ];
    let found = rate(&strata, 0.95).unwrap();
    near(found.value, 0.3);
    // Wilson for 48 of 160
    assert!((found.interval.low - 0.234_364).abs() < 1e-5, "{:?}", found.interval);
    assert!((found.interval.high - 0.375_015).abs() < 1e-5, "{:?}", found.interval);
}

#[test]
fn quantiles_of_one_stratum_are_bounded_by_order_statistics() {
    let values = sketch((1..=400).map(f64::from));
    let strata = [Stratum { weight: 1.0, trials: 400, values: &values }];
    let median = quantile(&strata, 0.5, 0.95).unwrap();
    near(median.value, 200.0);
    // 200 - 1.96 * 10 and 200 + 1.96 * 10, up to the next observation
    near(median.interval.low, 181.0);
    near(median.interval.high, 220.0);
    // 0.99 ± 0.0098 lies inside, and 0.995 ± 0.0069 does not
    assert!(quantile(&strata, 0.99, 0.95).is_some());
    assert_eq!(quantile(&strata, 0.995, 0.95), None);
}

#[test]
fn a_rare_stratum_counts_with_its_weight_in_a_quantile() {
    let none = sketch(std::iter::repeat_n(0.0, 300));
    let hurt = sketch((1..=300).map(f64::from));
    let strata = [
        Stratum { weight: 0.9, trials: 300, values: &none },
        Stratum { weight: 0.1, trials: 300, values: &hurt },
    ];
    near(quantile(&strata, 0.5, 0.95).unwrap().value, 0.0);
    // half of the rare tenth is above
    near(quantile(&strata, 0.95, 0.95).unwrap().value, 150.0);
    let whole = pooled_distribution(&strata);
    near(whole.iter().map(|it| it.1).sum(), 1.0);
    near(whole[0].1, 0.9);
}
