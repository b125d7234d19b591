//! Outlier detection as Envoy's.

use rollsim::model::Measure;

use super::{figure, fleet, near};

const BAD: &str =
    "incidents: [{when: {at: 1m}, scope: {instances: 1}, effect: {errors: {rate: 100%}}}]";

/// Ejected at 60 s for 30, 60, 90, 120, 150 s, each time until the next sweep at a multiple of 10 s: again at 100,
/// 170, 270, 400 and 560 s. Five failures each time.
#[test]
fn each_ejection_is_longer_by_the_first() {
    let keys = "  proxy: {outlier_detection: {}}";
    let failed = figure(&fleet(keys, BAD), Measure::failed_errors);
    assert!((30.0..=33.0).contains(&failed), "{failed}");
    // ejections of 30 s at most: every 40 s from 60 s on, the 14th time at 580 s
    let keys = "  proxy: {outlier_detection: {max_ejection: 30s}}";
    let failed = figure(&fleet(keys, BAD), Measure::failed_errors);
    assert!((70.0..=77.0).contains(&failed), "{failed}");
    let failed = figure(&fleet("", BAD), Measure::failed_errors);
    near(failed, 80.0 * 540.0 / 4.0, 4.0 * 52.0);
}

/// Of four endpoints 10 % is none, but one may be ejected in any case; two only with a larger share.
#[test]
fn one_may_be_ejected_in_any_case_and_no_more_than_the_share() {
    let bad = BAD.replace("instances: 1", "instances: 2");
    let failed = |share: &str| {
        let keys = format!("  proxy: {{outlier_detection: {{max_ejected: {share}}}}}");
        figure(&fleet(&keys, &bad), Measure::failed_errors)
    };
    assert!((60.0..=66.0).contains(&failed("50%")), "{}", failed("50%"));
    // the other one has a third of the requests, and a half while both are in
    let one = failed("10%");
    assert!(one > 80.0 * 540.0 / 3.0 * 0.95, "{one}");
}

/// Failures must come in a row: half of the answers being errors, five in a row take a while.
#[test]
fn a_success_begins_the_count_again() {
    let half = BAD.replace("rate: 100%", "rate: 50%");
    let keys = "  proxy: {outlier_detection: {consecutive_failures: 1000}}";
    near(figure(&fleet(keys, &half), Measure::failed_errors), 5_400.0, 4.0 * 73.0);
}

/// Three bad seconds of one instance, at 60, 300 and 350 s. By 300 s its first ejection has been made up for, so the
/// second one is over at 340 s and the third bad second meets it again: five failures each.
#[test]
fn an_ejection_is_forgotten_after_as_many_intervals_without_one() {
    let second = |at: &str| {
        format!(
            "  - {{when: {{at: {at}}}, lasts: 1s, scope: {{zone: b}}, effect: {{errors: {{rate: 100%}}}}}}\n"
        )
    };
    let incidents = format!("incidents:\n{}{}{}", second("60s"), second("300s"), second("350s"));
    let keys = "  zones: [a, b, c, d]\n  proxy: {outlier_detection: {}}";
    let failed = figure(&fleet(keys, &incidents), Measure::failed_errors);
    assert!((15.0..=17.0).contains(&failed), "{failed}");
}
