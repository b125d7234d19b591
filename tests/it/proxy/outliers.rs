//! Outlier detection as Envoy's.

use rollsim::model::Measure;

use super::{figure, fleet, near};

const BAD: &str =
    "incidents: [{when: {at: 1m}, scope: {instances: 1}, effect: {errors: {rate: 100%}}}]";

/// Ejected at 60 s for 30, 60, 90, 120, 150 s, each time until the next sweep at a multiple of 10 s: again at 100,
/// 170, 270, 400 and 560 s. Five failures each time.
#[test]
fn each_ejection_is_longer_by_the_first() {
    let keys = "  proxy: {outlier_detection: {always_eject_one_host: true}}";
    let failed = figure(&fleet(keys, BAD), Measure::failed_errors);
    assert!((30.0..=33.0).contains(&failed), "{failed}");
    // ejections of 30 s at most: every 40 s from 60 s on, the 14th time at 580 s
    let keys = "  proxy: {outlier_detection: {max_ejection: 30s, max_ejected: 25%}}";
    let failed = figure(&fleet(keys, BAD), Measure::failed_errors);
    assert!((70.0..=77.0).contains(&failed), "{failed}");
    let failed = figure(&fleet("", BAD), Measure::failed_errors);
    near(failed, 80.0 * 540.0 / 4.0, 4.0 * 52.0);
}

/// Of four endpoints 10 % is none, which is what Envoy does since 1.31; before, one was ejected in any case.
#[test]
fn no_more_are_ejected_than_the_share_or_one_where_that_is_asked_for() {
    let bad = BAD.replace("instances: 1", "instances: 2");
    let failed = |keys: &str| {
        let keys = format!("  proxy: {{outlier_detection: {{{keys}}}}}");
        figure(&fleet(&keys, &bad), Measure::failed_errors)
    };
    let two = failed("max_ejected: 50%");
    assert!((60.0..=66.0).contains(&two), "{two}");
    // half of the requests come to the two that are bad
    let all = 80.0 * 540.0;
    for none in ["", "max_ejected: 24%"] {
        near(failed(none), all / 2.0, 4.0 * (all / 4.0).sqrt());
    }
    // the other one has a third of the requests, and a half while both are in
    for one in ["always_eject_one_host: true", "max_ejected: 25%", "max_ejected: 49%"] {
        let failed = failed(one);
        assert!((all / 3.0 * 0.95..all / 2.0 * 0.85).contains(&failed), "{one}: {failed}");
    }
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
    let keys = "  zones: [a, b, c, d]\n  proxy: {outlier_detection: {always_eject_one_host: true}}";
    let failed = figure(&fleet(keys, &incidents), Measure::failed_errors);
    assert!((15.0..=17.0).contains(&failed), "{failed}");
}
