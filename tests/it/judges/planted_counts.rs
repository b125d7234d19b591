//! Mistakes that the recommended judge must not make, made on purpose.

use rollsim::{
    judge::Verdict,
    kernel::{Purpose, Seed, Stream, Streams},
    stats::RatioEvidence,
    units::Span,
};
use serde_json::json;

use super::{Counts, Drawn, Monitoring, judge};

const BOUND: f64 = 4.605_170_185_988_091;
const RUNS: u32 = 400;

fn stream(name: u64) -> Stream {
    Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(5).stream(name)
}

/// Two sides that fail alike, 6 of 12,000 attempts a minute each hour long; the candidate has 15 % of
/// the attempts where 10 % were asked for, as sticky users may make it.
#[test]
fn the_weight_that_was_asked_for_in_place_of_the_observed_share_is_found_out() {
    let spec = judge(&json!({"e_process": {"min_events": 0}}));
    let (own, other) = (Drawn::poisson(0.15 * 60.0), Drawn::poisson(0.85 * 60.0));
    let mut stream = stream(1);
    let mut monitoring = Monitoring::new(Span::ZERO);
    let (mut failed, mut failed_nominal) = (0, 0);
    for _ in 0..RUNS {
        let (mut judge, subject) = (spec.build(), monitoring.subject());
        let mut nominal = RatioEvidence::new(1.25, 1.0);
        let (mut fails, mut fails_nominal) = (false, false);
        for _ in 0..60 {
            let (own, other) = (own.draw(stream.uniform()), other.draw(stream.uniform()));
            monitoring.scrape(Counts { candidate: (own, 1_800), stable: (other, 10_200) });
            fails |= monitoring.look(judge.as_mut(), subject).verdict == Verdict::Fail;
            nominal.add(0.1, own, own + other);
            fails_nominal |= nominal.log_e(1.0) >= BOUND;
        }
        failed += u32::from(fails);
        failed_nominal += u32::from(fails_nominal);
    }
    assert!(failed <= RUNS / 100, "{failed} of {RUNS} at 1 %");
    assert!(failed_nominal > RUNS / 5, "{failed_nominal} of {RUNS} with the nominal weight");
}

/// A candidate that fails 1.2 times as often is tolerated, and found without a tolerance.
#[test]
fn a_missing_tolerance_is_found_out() {
    let mut failed = [0, 0];
    for (failed, tolerated) in failed.iter_mut().zip(["1.25x", "1x"]) {
        let spec = judge(&json!({"e_process": {"tolerated": tolerated}}));
        let (own, other) = (Drawn::poisson(0.5 * 72.0), Drawn::poisson(0.5 * 60.0));
        let mut stream = stream(2);
        let mut monitoring = Monitoring::new(Span::ZERO);
        for _ in 0..RUNS {
            let (mut judge, subject) = (spec.build(), monitoring.subject());
            *failed += u32::from((0..60).any(|_| {
                let (own, other) = (own.draw(stream.uniform()), other.draw(stream.uniform()));
                monitoring.scrape(Counts { candidate: (own, 6_000), stable: (other, 6_000) });
                monitoring.look(judge.as_mut(), subject).verdict == Verdict::Fail
            }));
        }
    }
    assert!(failed[0] <= RUNS / 100, "{failed:?} of {RUNS} at 1 %");
    assert!(failed[1] > RUNS / 2, "{failed:?} of {RUNS} without a tolerance");
}
