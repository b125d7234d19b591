//! What is said of harm follows from the books: there is a symptom where somebody was hurt, and none where
//! nobody was.

use rollsim::{model::Measure, sim::Outcome};

use super::{Job, jobs, pinned, planned};

/// A trial in which the first symptom and this harm do not go together.
fn disagreement(job: &Job, outcome: &Outcome, harm: &[Measure]) -> Option<String> {
    let is_there = |it: Measure| outcome.figure(it).unwrap_or(0.0) > 0.0;
    let harmed = harm.iter().any(|it| is_there(*it));
    let symptom = outcome.first_symptom.is_some();
    let wrong = symptom && !harmed || is_there(Measure::users_hurt) && !symptom;
    wrong.then(|| format!("{}: harm {harmed}, symptom {symptom}", job.name))
}

/// How many trials there were, and in which of them the first symptom and each of these harms disagree.
fn disagreements<const N: usize>(harms: [&[Measure]; N]) -> (usize, [Vec<String>; N]) {
    let mut trials = 0;
    let mut disagreements = [const { Vec::new() }; N];
    for (number, text) in pinned::scenarios() {
        let mut plan = planned(&text).unwrap();
        // what counts is what happens from the rollout on
        plan.scenario.warm_up = plan.scenario.rollout_at;
        for job in jobs(number, &plan) {
            let outcome = job.trial().figures_only().run();
            for (harm, found) in harms.iter().zip(&mut disagreements) {
                found.extend(disagreement(&job, &outcome, harm));
            }
            trials += 1;
        }
    }
    (trials, disagreements)
}

#[test]
fn a_symptom_is_there_exactly_where_somebody_was_hurt_or_waited_too_long() {
    // the comparison can fail: slow answers are symptoms too
    let (trials, [all, without_slow]) =
        disagreements([&[Measure::users_hurt, Measure::slow], &[Measure::users_hurt]]);
    assert!(trials > 900, "{trials}");
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(!without_slow.is_empty());
}
