//! Forks of random scenarios at random instants.

use rollsim::{
    kernel::{Key, Seed},
    sim::Trial,
    units::Instant,
};

use super::{generator, planned, setting, text};

const SCENARIOS: u64 = 60;
const FORKS: usize = 4;

#[test]
fn a_fork_at_a_random_instant_leaves_the_same_bytes_as_the_trial_itself() {
    let schemas = generator::schemas();
    let from = setting("ROLLSIM_SWARM_FROM", 20_000);
    let mut forks = 0;
    for seed in from..from + setting("ROLLSIM_SWARM", SCENARIOS) {
        let text = text(&schemas, seed);
        let Ok(plan) = planned(&text) else { continue };
        let trial = Trial::new(&plan, Seed::new(seed));
        let plain = serde_json::to_vec(&trial.run()).unwrap();
        let mut stream = Key::of_bits(seed).stream(0);
        let mut instants = [0; FORKS].map(|_: u64| stream.below(plan.scenario.length.nanos()));
        instants.sort_unstable();
        let mut running = trial.start();
        for at in instants {
            running.until(Instant::from_nanos(at));
            let fork = serde_json::to_vec(&running.clone().finish()).unwrap();
            assert!(fork == plain, "seed {seed}, at {at} ns:\n{text}");
            forks += 1;
        }
        assert!(serde_json::to_vec(&running.finish()).unwrap() == plain, "seed {seed}:\n{text}");
    }
    assert!(forks > 0, "nothing was forked");
}
