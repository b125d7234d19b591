//! What is said of faults and of whom they hurt follows from the books.

use rollsim::model::Measure;

use super::{Check, whole};

impl Check<'_> {
    /// Users hurt are those of its origins, and nobody is hurt in a rollback that there is not.
    pub(super) fn origins(&mut self, hurt: f64, unmet: f64) {
        let [undetected, detecting, back, after] = [
            Measure::users_hurt_undetected,
            Measure::users_hurt_detecting,
            Measure::users_hurt_rolling_back,
            Measure::users_hurt_after_detection,
        ]
        .map(|it| self.figure(it));
        if self.plan.scenario.strategy.kind().ships() {
            let sum = undetected + detecting + back + after + unmet;
            self.holds((sum - hurt).abs() < 1e-9, format!("{sum} of {hurt} have an origin"));
        }
        let rolls_back = self.outcome.rollback_began.is_some();
        self.holds(back <= 0.0 || rolls_back, format!("{back} hurt in no rollback"));
        self.holds(after <= 0.0 || !rolls_back, format!("{after} hurt without a rollback"));
    }

    /// Which faults took effect, by their figures, the headline and the times.
    pub(super) fn faults(&mut self) {
        let outcome = self.outcome;
        let hurt = self.figure(Measure::users_hurt) > 0.0;
        for (defect, kind, measure) in [
            (true, "defect", Measure::defects_struck),
            (false, "incident", Measure::incidents_struck),
        ] {
            let all: Vec<_> = outcome.struck.iter().filter(|it| it.defect == defect).collect();
            let struck: Vec<_> = all.iter().filter(|it| it.struck).collect();
            let figure = (!all.is_empty()).then_some(struck.len() as u64);
            let expected = outcome.figure(measure).and_then(whole);
            self.holds(figure == expected, format!("{figure:?} {kind}s struck"));
            let the =
                [format!("the {kind} "), format!("the {kind}s "), format!("none of the {kind}s ")];
            let parts: Vec<String> = the.iter().flat_map(|it| self.parts(it)).collect();
            let is_never =
                |it: &&String| it.ends_with(" never took effect") || *it == "took effect";
            let never: Vec<&String> = parts.iter().filter(is_never).collect();
            let some_never = struck.len() < all.len();
            self.holds(never.len() == usize::from(some_never), format!("{kind}s never struck"));
            let named = parts.len() - never.len();
            let expected = !defect && hurt && !struck.is_empty();
            self.holds(named == usize::from(expected), format!("{named} {kind} is named"));
            if expected && struck.len() <= 3 {
                let missing =
                    struck.iter().find(|it| !self.headline.contains(&format!("`{}`", it.name)));
                self.holds(missing.is_none(), format!("{missing:?} is not named"));
            }
            let first = struck.iter().filter_map(|it| it.since).min();
            if let Some((began, first)) = outcome.rollout_began.zip(first).filter(|_| expected) {
                let before = self.headline.contains(" before the rollout");
                self.holds(before == (first < began), "an incident before the rollout");
            }
        }
    }
}
