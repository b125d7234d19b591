//! Judges beside each other: shares that theory knows, and the same bytes on any number of threads.

use std::{io, path::Path, sync::atomic::Ordering};

use rollsim::{
    experiment::{Judges, JudgesAsked, JudgesRow, JudgesStudy, Keep, Stop, play_judges},
    scenario::{Scenario, load_text, plan_of},
};

/// Ten requests a second, a canary of 10 %, 2 % errors: a look of a minute sees a Poisson number of
/// requests, 60 on average.
const BOT: &str = "title: judged
length: 12m
rollout_at: 20s
fleet: {instances: 4, errors: 2%, startup: {constant: 3s}, propagation: 1s, service_time: {constant: 20ms}}
traffic: {rate: 10/s}
users: {count: 1000}
client: {retries: {max: 0}}
telemetry: {interval: 5s, delay: 0s}
analysis:
  interval: 1m
  initial_delay: 61s
  gates:
    - {name: at once, count: 5, judge: {threshold: {metric: error_rate, fail_above: 5%, window: 60s}}}
    - {name: third, count: 10, failure_limit: 2, judge: {threshold: {metric: error_rate, fail_above: 5%, window: 60s}}}
    - {name: e-process, judge: {e_process: {}}}
strategy:
  canary: {steps: [{weight: 10%, hold: 11m}]}
";

/// Keeps nothing, and stops after so many.
struct UpTo(u64, Stop);

impl Keep<JudgesRow> for UpTo {
    fn before(&mut self, _: &dyn Fn(&JudgesRow) -> bool) -> io::Result<Option<JudgesRow>> {
        Ok(None)
    }

    fn keep(&mut self, _: &JudgesRow) -> io::Result<()> {
        self.0 -= 1;
        self.1.store(self.0 == 0, Ordering::Relaxed);
        Ok(())
    }

    fn planned(&mut self, _: u64) {}

    fn stop(&self) -> Stop {
        Stop::clone(&self.1)
    }
}

fn judged(trials: u64, threads: usize) -> Judges {
    judged_up_to(trials, threads, u64::MAX)
}

fn judged_up_to(trials: u64, threads: usize, most: u64) -> Judges {
    let scenario = load_text::<Scenario>("judged", BOT).unwrap().value;
    let plan = plan_of("judged", scenario, Path::new(".")).0.unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let asked = JudgesAsked { command: "rollsim judges".to_owned(), seed: 1, trials };
    let study = JudgesStudy::new(plan, Path::new("."), asked).unwrap();
    play_judges(&study, &pool, &mut UpTo(most, Stop::default())).unwrap()
}

#[test]
fn good_releases_are_stopped_as_often_as_the_poisson_law_says() {
    let found = judged(160, 2);
    let share = |judge: usize, world: usize| found.judges[judge].found[world];
    // rows of the exact table of Argo's rule: 60 requests on average, 95 %, error probability 2 %
    for (judge, exact) in [(0, 0.294_753), (1, 0.025_717)] {
        let healthy = share(judge, 0);
        let error: f64 = (exact * (1.0 - exact) / 160.0_f64).sqrt();
        assert!(
            (healthy.share - exact).abs() < 4.0 * error,
            "{} instead of {exact}",
            healthy.share
        );
        assert!(healthy.low <= healthy.share && healthy.share <= healthy.high);
    }
    let (healthy, tenfold) = (share(2, 0), share(2, 7));
    assert_eq!(found.worlds[7].name, "10x");
    assert!(healthy.share < 0.03 && tenfold.share > 0.97, "{healthy:?} {tenfold:?}");
    // a bad minute of the whole service strikes both sides, and says nothing of the release
    assert!(share(2, 1).share < 0.1);
}

#[test]
fn threads_change_no_byte_and_an_interruption_is_told() {
    let json = |found: &Judges| serde_json::to_string(found).unwrap();
    let one = judged(6, 1);
    assert_eq!(json(&one), json(&judged(6, 3)));
    assert!(one.complete);
    let stopped = judged_up_to(50, 2, 12);
    let trials: u64 = stopped.judges[0].found.iter().map(|it| it.trials).sum();
    assert_eq!((stopped.complete, trials), (false, 12));
}
