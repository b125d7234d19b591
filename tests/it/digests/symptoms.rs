//! What is said of harm follows from the books: there is a symptom where somebody was hurt, and none where
//! nobody was.

use rollsim::model::Measure;

use super::{jobs, pinned, planned};

/// Trials in which the first symptom and the harm do not go together, and how many there were.
fn disagreements(harm: &[Measure]) -> (usize, Vec<String>) {
    let mut trials = 0;
    let mut disagreements = Vec::new();
    for (number, text) in pinned::scenarios() {
        let mut plan = planned(&text).unwrap();
        // what counts is what happens from the rollout on
        plan.scenario.warm_up = plan.scenario.rollout_at;
        for job in jobs(number, &plan) {
            let outcome = job.trial().figures_only().run();
            let harmed = harm.iter().any(|it| outcome.figure(*it).unwrap_or(0.0) > 0.0);
            let hurt = outcome.figure(Measure::users_hurt).unwrap_or(0.0) > 0.0;
            let symptom = outcome.first_symptom.is_some();
            if symptom && !harmed || hurt && !symptom {
                disagreements.push(format!("{}: harm {harmed}, symptom {symptom}", job.name));
            }
            trials += 1;
        }
    }
    (trials, disagreements)
}

#[test]
fn a_symptom_is_there_exactly_where_somebody_was_hurt_or_waited_too_long() {
    let (trials, disagreements) = disagreements(&[Measure::users_hurt, Measure::slow]);
    assert!(trials > 900, "{trials}");
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// The comparison can fail: slow answers are symptoms too.
#[test]
fn a_harm_that_is_left_out_of_the_comparison_is_missed() {
    assert!(!disagreements(&[Measure::users_hurt]).1.is_empty());
}
