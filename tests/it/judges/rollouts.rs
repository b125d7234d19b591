//! Half an hour of a canary, minute by minute: how often each judge fails it.

use rollsim::{
    judge::{Judge, JudgeSpec, Verdict},
    kernel::{Purpose, Seed, Stream, Streams},
    units::Span,
};
use serde_json::{Value, json};

use super::{Counts, Drawn, Monitoring, Row, check_chance, judge, rows};

const PER_MINUTE: f64 = 6_000.0;
const USUAL: f64 = 0.005;

/// Failures of a minute on either side, of so many attempts.
struct Minute {
    attempts: (u64, u64),
    failures: (Drawn, Drawn),
}

impl Minute {
    /// A candidate with this share of the traffic fails `ratio` times as often; everything `common`
    /// times as often as usual.
    fn new(share: f64, ratio: f64, common: f64) -> Self {
        let (own, other) = (PER_MINUTE * share, PER_MINUTE * (1.0 - share));
        let rate = USUAL * common;
        let failures = (Drawn::poisson(own * rate * ratio), Drawn::poisson(other * rate));
        let attempts = (rollsim::units::round_u64(own), rollsim::units::round_u64(other));
        Self { attempts, failures }
    }

    fn draw(&self, stream: &mut Stream) -> Counts {
        let own = self.failures.0.draw(stream.uniform());
        let other = self.failures.1.draw(stream.uniform());
        Counts { candidate: (own, self.attempts.0), stable: (other, self.attempts.1) }
    }
}

fn stream(name: u64) -> Stream {
    Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(4).stream(name)
}

/// Each judge's own name and ours; what it is in the tables.
fn benchmarked() -> Vec<(&'static str, Value)> {
    let bayes =
        |certainty: &str, ratio: &str| json!({"bayes": {"certainty": certainty, "ratio": ratio}});
    let count_test = |it: u64| json!({"count_test": {"concentration": it}});
    let planned = |it: &str| json!({"group_sequential": {"looks": 30, "spending": it}});
    vec![
        ("bayes_gamma_P(worse)>0.95_peek", bayes("95%", "1x")),
        ("bayes_gamma_P(worse)>0.99_peek", bayes("99%", "1x")),
        ("bayes_gamma_P(worse)>0.999_peek", bayes("99.9%", "1x")),
        ("bayes_gamma_P(worse_by>1.25x)>0.99_peek", bayes("99%", "1.25x")),
        ("eprocess_multinomial_conc10_a.01", count_test(10)),
        ("eprocess_multinomial_conc100_a.01", count_test(100)),
        ("msprt_tau0.25pp_a.01_two_sided", json!({"mixture_sprt": {"min_events": 0}})),
        ("sprt_two_arm_r2_a.01_b.10", json!({"sprt": {"test": {"two_arm": {"ratio": "2x"}}}})),
        ("z_1sided_0.01_peek", json!({"two_proportion": {}})),
        ("z_1sided_0.05_peek", json!({"two_proportion": {"level": "5%"}})),
        ("z_OBrienFleming_1sided_0.01_30looks", planned("obrien_fleming")),
        ("z_Pocock_1sided_0.01_30looks", planned("pocock")),
    ]
}

/// Of so many canaries with this ratio of the rates, how many each judge fails. For five minutes of the
/// half hour everything fails `shock` times as often.
fn failed_of(judges: &[JudgeSpec], runs: u32, ratio: f64, shock: f64) -> Vec<u32> {
    let (usual, shocked) = (Minute::new(0.1, ratio, 1.0), Minute::new(0.1, ratio, shock));
    let mut stream = stream(rollsim::units::round_u64(100.0 * ratio + shock));
    let mut failed = vec![0_u32; judges.len()];
    let mut monitoring = Monitoring::new(Span::ZERO);
    for _ in 0..runs {
        let subject = monitoring.subject();
        let mut going: Vec<(usize, Box<dyn Judge>)> =
            judges.iter().map(JudgeSpec::build).enumerate().collect();
        for minute in 0..30 {
            let now = if (10..15).contains(&minute) { &shocked } else { &usual };
            monitoring.scrape(now.draw(&mut stream));
            going.retain_mut(|(index, judge)| {
                let verdict = monitoring.look(judge.as_mut(), subject).verdict;
                failed[*index] += u32::from(verdict == Verdict::Fail);
                verdict == Verdict::Pass
            });
        }
    }
    failed
}

#[test]
fn judges_fail_canaries_as_often_as_an_independent_simulation_says() {
    const RUNS: u32 = 600;
    let table = rows(include_str!("../oracles/judges_benchmark_mc.csv"));
    let (names, judges): (Vec<_>, Vec<_>) =
        benchmarked().into_iter().map(|(name, spec)| (name, judge(&spec))).unzip();
    let mut checked = 0;
    for (scenario, ratio, shock) in [
        ("iid", "1", 1.0),
        ("iid", "1.2", 1.0),
        ("iid", "1.5", 1.0),
        ("iid", "2", 1.0),
        ("common_shock", "1", 6.0),
        ("common_shock", "2", 6.0),
    ] {
        let failed = failed_of(&judges, RUNS, ratio.parse().unwrap(), shock);
        for (name, failed) in names.iter().zip(failed) {
            let this = [scenario, name, ratio];
            let of =
                |it: &&Row| ["scenario", "judge", "true_error_ratio"].map(|at| it.text(at)) == this;
            let Some(row) = table.iter().find(of) else { continue };
            let exact = (row.number("P_alarm_within_30min"), row.number("se"));
            check_chance(&format!("{this:?}"), failed, RUNS, exact);
            checked += 1;
        }
    }
    assert!(checked >= 60, "{checked} figures");
}

/// 1, 5, 20 and 50 % of 100 requests a second for ten minutes each, looked at every minute.
#[test]
fn the_recommended_judge_follows_a_canary_through_its_steps_as_an_independent_simulation_says() {
    const RUNS: u32 = 2_000;
    for (index, row) in
        (1_000..).zip(rows(include_str!("../oracles/grid_eprocess_schedule_mc.csv")))
    {
        let ratio = row.number("true_rate_ratio");
        let steps = [0.01, 0.05, 0.2, 0.5].map(|share| Minute::new(share, ratio, 1.0));
        let spec = json!({"e_process": {
            "tolerated": format!("{}x", row.text("tolerated_ratio_r0")),
            "level": row.text("alpha"), "min_events": 0, "kill": false,
        }});
        let (mut stream, spec) = (stream(index), judge(&spec));
        let mut monitoring = Monitoring::new(Span::ZERO);
        let mut until_failed = || {
            let (mut judge, subject) = (spec.build(), monitoring.subject());
            (1..=40).find(|minute| {
                monitoring.scrape(steps[(minute - 1) / 10].draw(&mut stream));
                monitoring.look(judge.as_mut(), subject).verdict == Verdict::Fail
            })
        };
        let mut minutes: Vec<usize> = (0..RUNS).filter_map(|_| until_failed()).collect();
        let failed = u32::try_from(minutes.len()).unwrap();
        let exact = (row.number("P_alarm_within_40min"), row.number("se"));
        check_chance(&format!("{spec:?} at {ratio}"), failed, RUNS, exact);
        if exact.0 > 0.5 {
            minutes.sort_unstable();
            let median = minutes[minutes.len() / 2] as f64;
            assert!((median - row.number("median_minutes")).abs() <= 1.0, "{spec:?}: {median}");
        }
    }
}
