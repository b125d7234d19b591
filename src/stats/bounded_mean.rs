//! How large a mean of bounded values can be, whatever was not seen.

use super::stratified::Stratum;

/// Steps of each search: its answer is within a part of 2^-48 of the range.
const STEPS: u32 = 48;
/// Steps of the search for the tilt; it is a golden section, so that they shrink the range to 1e-9 of it.
const TILTS: u32 = 44;

/// The largest mean over all strata under which values as small as those seen still come with a chance of `alpha`,
/// where no value is below 0 or above `most`. So it is an upper confidence limit at `1 - alpha` for any distribution
/// of the values, be it with a rare value that no trial has shown. Where some trials have no value the mean is of
/// those that have one, and each stratum counts with the part of it that has one, as it was seen.
///
/// Chernoff's bound on a sum of bounded values (W. Hoeffding, JASA 58 (1963), theorem 1, before its last step), each
/// stratum with its own weight, and the split of the mean over the strata that is least favourable: of all values
/// with this mean, those that are 0 or `most` vary most.
///
/// `most` where a stratum with a weight has no trial.
pub fn highest_mean(strata: &[Stratum<(u64, f64)>], most: f64, alpha: f64) -> f64 {
    if strata.iter().any(|it| it.weight > 0.0 && it.trials == 0) {
        return most;
    }
    let with_value = |it: &&Stratum<(u64, f64)>| it.weight > 0.0 && it.values.0 > 0;
    let part = |it: &Stratum<(u64, f64)>| it.weight * it.values.0 as f64 / it.trials as f64;
    let total: f64 = strata.iter().filter(with_value).map(part).sum();
    let seen = |it: &Stratum<(u64, f64)>| Seen {
        weight: part(it) / total,
        trials: it.values.0 as f64,
        mean: (it.values.1 / most).clamp(0.0, 1.0),
    };
    let strata: Vec<Seen> = strata.iter().filter(with_value).map(seen).collect();
    if strata.is_empty() {
        return most;
    }
    let refused = |mean: f64| log_chance(&strata, mean) <= libm::log(alpha);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if refused(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high * most
}

/// One stratum; values are parts of the largest.
struct Seen {
    weight: f64,
    /// Those with a value, and their mean.
    trials: f64,
    mean: f64,
}

/// Bound on the logarithm of the chance of a mean no larger than that seen, where the mean is at least this.
fn log_chance(strata: &[Seen], mean: f64) -> f64 {
    let seen: f64 = strata.iter().map(|it| it.weight * it.mean).sum();
    if seen >= mean {
        return 0.0;
    }
    // the tilt that is best lies where no stratum's is below 1e-9 or above 700
    let each = || strata.iter().map(|it| it.trials / it.weight);
    let least = 1e-9 * each().fold(f64::INFINITY, f64::min);
    let largest = 700.0 * each().fold(0.0, f64::max);
    let at = |log: f64| {
        let tilt = libm::exp(log);
        tilt * seen + worst_split(strata, mean, tilt)
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (libm::log(least), libm::log(largest));
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut values = inner.map(at);
    for _ in 0..TILTS {
        if values[0] < values[1] {
            high = inner[1];
            inner = [high - golden * (high - low), inner[0]];
            values = [at(inner[0]), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + golden * (high - low)];
            values = [values[1], at(inner[1])];
        }
    }
    values[0].min(values[1]).min(0.0)
}

/// The largest logarithm of the expected tilted sum over all ways in which the strata can have this mean together.
fn worst_split(strata: &[Seen], mean: f64, tilt: f64) -> f64 {
    let part = |it: &Seen| -libm::expm1(-tilt * it.weight / it.trials);
    // the part that is as costly everywhere: n a / (1 - p a) = multiplier * w
    let split = |it: &Seen, multiplier: f64| {
        (1.0 / part(it) - it.trials / (multiplier * it.weight)).clamp(0.0, 1.0)
    };
    let together = |multiplier: f64| -> f64 {
        strata.iter().map(|it| it.weight * split(it, multiplier)).sum()
    };
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while together(high) < mean && high < 1e300 {
        low = high;
        high *= 16.0;
    }
    for _ in 0..2 * STEPS {
        let middle = 0.5 * (low + high);
        if together(middle) < mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    strata.iter().map(|it| it.trials * libm::log1p(-split(it, high) * part(it))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(trials: u64, mean: f64) -> [Stratum<(u64, f64)>; 1] {
        [Stratum { weight: 1.0, trials, values: (trials, mean) }]
    }

    #[test]
    fn without_an_event_it_is_the_rule_of_three() {
        // (1 - m)^n = alpha
        for (trials, alpha) in [(20_u64, 0.05), (300, 0.05), (1_500, 0.025)] {
            let wanted = 1.0 - libm::pow(alpha, 1.0 / trials as f64);
            let found = highest_mean(&one(trials, 0.0), 1.0, alpha);
            assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
            let scaled = highest_mean(&one(trials, 0.0), 1_800.0, alpha);
            assert!((scaled - 1_800.0 * wanted).abs() < 2e-3, "{scaled}");
        }
    }

    #[test]
    fn it_is_where_the_relative_entropy_reaches_the_level() {
        // n KL(x, m) = ln(1 / alpha): n = 100, x = 0.1, ln 20 / 100 = 0.029957; KL(0.1, 0.19465) = 0.02996
        let found = highest_mean(&one(100, 0.1), 1.0, 0.05);
        let entropy =
            |x: f64, m: f64| x * libm::log(x / m) + (1.0 - x) * libm::log((1.0 - x) / (1.0 - m));
        assert!((100.0 * entropy(0.1, found) - libm::log(20.0)).abs() < 1e-5, "{found}");
    }

    #[test]
    fn strata_in_proportion_are_as_one() {
        let parts = [0.5, 0.3, 0.2].map(|weight: f64| Stratum {
            weight,
            trials: crate::units::round_u64(1_000.0 * weight),
            values: (crate::units::round_u64(1_000.0 * weight), 0.02),
        });
        let (apart, whole) =
            (highest_mean(&parts, 1.0, 0.05), highest_mean(&one(1_000, 0.02), 1.0, 0.05));
        assert!((apart - whole).abs() < 1e-6, "{apart} {whole}");
    }

    #[test]
    fn a_stratum_with_few_trials_can_hide_the_most() {
        // nothing seen: the mean is hidden where a trial stands for most, 0.5 of the whole in 10 trials
        let strata = [
            Stratum { weight: 0.5, trials: 1_000, values: (1_000, 0.0) },
            Stratum { weight: 0.5, trials: 10, values: (10, 0.0) },
        ];
        let found = highest_mean(&strata, 1.0, 0.05);
        let alone = 0.5 * (1.0 - libm::pow(0.05, 0.1));
        assert!(found >= alone - 1e-6 && found < 1.05 * alone, "{found} {alone}");
        let none = [Stratum { weight: 0.5, trials: 0, values: (0, 0.0) }];
        assert!((highest_mean(&none, 7.0, 0.05) - 7.0).abs() < 1e-12);
    }

    /// The chance of a limit below the truth: of counts up to the mean, each with its binomial chance.
    fn missed(trials: u64, rate: f64) -> f64 {
        let (mut chance, mut missed) = (libm::pow(1.0 - rate, trials as f64), 0.0);
        let below = crate::units::round_u64((rate * trials as f64).floor());
        for events in 0..=below {
            let limit = highest_mean(&one(trials, events as f64 / trials as f64), 1.0, 0.05);
            missed += if limit < rate { chance } else { 0.0 };
            chance *= (trials - events) as f64 / (events + 1) as f64 * rate / (1.0 - rate);
        }
        missed
    }

    /// The chance of a limit below the truth, exactly, for what is hardest to see: 0 or the most.
    #[test]
    fn it_is_too_low_no_more_often_than_it_may_be() {
        for (trials, rate) in [(60_u64, 0.02), (60, 0.1), (300, 0.003), (300, 0.02), (1_500, 0.002)]
        {
            let missed = missed(trials, rate);
            assert!(missed <= 0.05, "{trials} {rate}: {missed}");
        }
    }

    #[test]
    fn trials_without_a_value_say_nothing_about_it() {
        let all = highest_mean(&one(50, 0.1), 1.0, 0.05);
        let some = [Stratum { weight: 1.0, trials: 500, values: (50, 0.1) }];
        let some = highest_mean(&some, 1.0, 0.05);
        assert!((some - all).abs() < 1e-9, "{some} {all}");
    }
}
