//! Statistics to the last printed digit.

use rollsim::stats::{
    RatioEvidence, Share, Sides, Spending, boundaries, chance_above, count_evidence,
    count_evidence_above, crossing_probability, fisher_upper,
};

use super::{Row, rows};

/// Twelve significant digits, or the smallest of a table of absolute figures.
#[track_caller]
fn check(label: &str, found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(error <= 6e-12 * expected.abs().max(1.0), "{label}: {found:.13}, not {expected:.13}");
}

#[test]
fn evidence_of_a_ratio_is_as_tabulated_and_adds_up_over_steps() {
    for row in rows(include_str!("../oracles/grid_eprocess_fixtures.csv")) {
        if row.text("grid_J") != "64" {
            continue;
        }
        let (tolerated, sigma) = (row.number("tolerated_ratio_r0"), row.number("sigma"));
        let mut evidence = RatioEvidence::new(tolerated, sigma);
        let steps = row.text("steps_w:n:k");
        for step in steps.split(';') {
            let figures: Vec<f64> = step.split(':').map(|it| it.parse().unwrap()).collect();
            let [share, all, own] = figures[..] else { panic!("{step}") };
            evidence.add(share, rollsim::units::round_u64(own), rollsim::units::round_u64(all));
        }
        check(steps, evidence.log_e(1.0), row.number("log_e"));
    }
}

#[test]
fn evidence_of_counts_is_as_tabulated() {
    for row in rows(include_str!("../oracles/lindon_malek_evalues.csv")) {
        let (share, concentration) =
            (row.number("canary_weight"), row.number("dirichlet_concentration"));
        let count = |name: &str| rollsim::units::round_u64(row.number(name));
        let (own, all) = (count("k_canary_events"), count("n_events"));
        let label = format!("{own} of {all} at {share}, {concentration}");
        let two = count_evidence(share, concentration, own, all).unwrap();
        check(&label, two, row.number("log_e_two_sided"));
        let one = count_evidence_above(share, concentration, own, all).unwrap();
        check(&label, one, row.number("log_e_one_sided"));
    }
}

fn sides(row: &Row) -> Sides {
    if row.text("sides") == "two" { Sides::Two } else { Sides::One }
}

#[test]
fn planned_boundaries_are_the_published_ones() {
    for row in rows(include_str!("../oracles/group_sequential_boundaries.csv")) {
        let (level, sides) = (row.number("alpha"), sides(&row));
        let looks: usize = row.text("K").parse().unwrap();
        let found = |spending| boundaries(spending, level, sides, looks);
        let pocock = found(Spending::Pocock);
        assert_eq!(pocock.len(), looks);
        // the table's roots are good to 2e-9: its quantile for a single look is
        let near = |found: f64, column: &str| (found - row.number(column)).abs() < 3e-9;
        assert!(near(pocock[0], "pocock_c"), "{looks} looks: {}", pocock[0]);
        let last = *found(Spending::ObrienFleming).last().unwrap();
        assert!(near(last, "obf_c_final"), "{looks} looks: {last}");
        for (spending, column) in [
            (Spending::ObrienFleming, "obf_z_by_look"),
            (Spending::LanDemetsObrienFleming, "lan_demets_obf_z_by_look"),
            (Spending::LanDemetsPocock, "lan_demets_pocock_z_by_look"),
        ] {
            let expected: Vec<f64> =
                row.text(column).split(';').map(|it| it.parse().unwrap()).collect();
            for (z, expected) in found(spending).iter().zip(expected) {
                assert!((z - expected).abs() < 6e-7, "{column} of {looks}: {z}, not {expected}");
            }
        }
    }
}

#[test]
fn peeking_inflates_a_level_as_tabulated() {
    for row in rows(include_str!("../oracles/peeking_inflation.csv")) {
        let looks: usize = row.text("equally_spaced_looks").parse().unwrap();
        let bounds = vec![row.number("z_crit"); looks];
        let found = crossing_probability(&bounds, sides(&row));
        let expected = row.number("overall_type1");
        // twelve digits, but for the longest row, which a finer grid has as we do
        let error = if looks > 100 { 2e-8 } else { 1e-11 };
        assert!((found - expected).abs() < error, "{looks} looks: {found}, not {expected}");
    }
}

fn shares(first: (u64, u64), second: (u64, u64)) -> (Share, Share) {
    let share = |(hits, tries)| Share { hits, tries };
    (share(first), share(second))
}

#[test]
fn fishers_test_matches_forty_digit_values() {
    for (first, second, expected) in [
        ((8, 10), (2, 10), 0.011_507_068_782_610_578),
        ((3, 100), (1, 900), 0.003_608_440_371_032_757_4),
        ((12, 1_000), (40, 9_000), 0.004_429_912_314_807_172),
        ((2, 100), (30, 900), 0.848_032_886_368_184_5),
        ((0, 10), (5, 10), 1.0),
        ((150, 10_000), (900, 90_000), 6.175_966_154_596_843e-6),
        ((100, 100), (0, 100), 1.104_380_346_599_751_3e-59),
    ] {
        let (first, second) = shares(first, second);
        let found = fisher_upper(first, second);
        assert!((found / expected - 1.0).abs() < 1e-9, "{found:e}, not {expected:e}");
    }
}

#[test]
fn bayess_probability_matches_forty_digit_values() {
    for (first, second, ratio, expected) in [
        ((5, 1_000), (20, 9_000), 1.0, 0.960_140_687_730_107_8),
        ((12, 1_000), (40, 9_000), 1.25, 0.990_178_623_072_124_4),
        ((0, 10), (0, 90), 1.0, 0.9),
        ((300, 10_000), (2_000, 90_000), 1.25, 0.896_625_861_530_271_2),
    ] {
        let (first, second) = shares(first, second);
        let found = chance_above(first, second, ratio).unwrap();
        assert!((found / expected - 1.0).abs() < 1e-11, "{found}, not {expected}");
    }
}

/// The normal approximation takes over where the sum would be long, without a step.
#[test]
fn fishers_test_of_millions_of_failures_goes_on_smoothly() {
    let at = |scale: u64, hits: u64| {
        let (first, second) =
            shares((hits, 10_000_000 * scale), (2_000_000 * scale, 10_000_000 * scale));
        fisher_upper(first, second)
    };
    // variances of 800,000 and 1,280,000, 2.33 standard deviations above the mean
    let (summed, approximated) = (at(1, 2_004_170), at(2, 4_005_896));
    assert!((summed / approximated - 1.0).abs() < 0.02, "{summed} and {approximated}");
}
