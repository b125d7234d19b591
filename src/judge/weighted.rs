//! Combines several judges into a score.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, JudgeSpec, Statistic, Subject, Verdict,
    parts::{self, Parts},
};
use crate::{
    model::{MetricSpec, Observed},
    units::{Ratio, Span},
};

/// Several judges with a weight each: the score is the weighted share of those that pass, as in
/// Kayenta's scoring.
///
/// At `pass` or above it passes, at `marginal` or above it is inconclusive, below it fails. Those
/// with too few samples or no data are left out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Weighted {
    /// The judges and their weights.
    #[cfg_attr(test, schemars(length(min = 1, max = 16)))]
    pub judges: Vec<WeightedPart>,
    /// Score to pass (Spinnaker's pipelines: 75 %).
    #[serde(default = "three_quarters")]
    pub pass: Ratio,
    /// Score that is not yet a failure (Spinnaker's pipelines: 50 %).
    #[serde(default = "half")]
    pub marginal: Ratio,
}

/// A judge and how much it counts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WeightedPart {
    /// Its weight relative to the others.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000)))]
    pub weight: u32,
    pub judge: JudgeSpec,
}

fn three_quarters() -> Ratio {
    Ratio::clamped(0.75)
}

fn half() -> Ratio {
    Ratio::clamped(0.5)
}

impl JudgeKind for Weighted {
    fn build(&self) -> Box<dyn Judge> {
        let weights = self.judges.iter().map(|it| f64::from(it.weight)).collect();
        let limits = (self.pass.get(), self.marginal.get());
        Box::new(Score { parts: Parts::new(self.specs()), weights, limits })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        parts::metrics(self.specs())
    }

    fn windows(&self) -> Vec<(String, Span)> {
        parts::windows(self.specs()).into_iter().map(|(path, it)| (deeper(&path), it)).collect()
    }

    fn needs_baseline(&self) -> bool {
        parts::need_baseline(self.specs())
    }
}

impl Weighted {
    fn specs(&self) -> impl Iterator<Item = &JudgeSpec> {
        self.judges.iter().map(|it| &it.judge)
    }
}

#[derive(Clone)]
struct Score {
    parts: Parts,
    weights: Vec<f64>,
    limits: (f64, f64),
}

impl Judge for Score {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let said = self.parts.assess(observed, subject);
        let (mut passed, mut total) = (0.0, 0.0);
        for (assessment, weight) in said.iter().zip(&self.weights) {
            match assessment.verdict {
                Verdict::TooFew | Verdict::Error => continue,
                Verdict::Pass | Verdict::Accept => passed += weight,
                Verdict::Fail | Verdict::Inconclusive => {}
            }
            total += weight;
        }
        let against = said.iter().position(|it| it.verdict == Verdict::Fail).unwrap_or(0);
        let Some(mut decided) = said.get(against).cloned() else { return Parts::silence() };
        if total <= 0.0 {
            let errors = said.iter().any(|it| it.verdict == Verdict::Error);
            decided.verdict = if errors { Verdict::Error } else { Verdict::TooFew };
            return decided;
        }
        let (score, (pass, marginal)) = (passed / total, self.limits);
        decided.verdict = if score >= pass {
            Verdict::Pass
        } else if score >= marginal {
            Verdict::Inconclusive
        } else {
            Verdict::Fail
        };
        decided.evidence.statistic =
            Some(Statistic { name: "score", value: score, bound: marginal });
        decided
    }

    fn lookback(&self, between: Span) -> Span {
        self.parts.lookback(between)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = self.parts.flaws(scrape).into_iter().map(of_part).collect();
        let (pass, marginal) = self.limits;
        if marginal > pass {
            let allowed = "at most `pass`";
            flaws.push(Flaw::new("marginal", "`marginal` is above `pass`", allowed));
        }
        flaws
    }

    fn doubts(&self) -> Vec<Flaw> {
        self.parts.doubts().into_iter().map(of_part).collect()
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        self.parts.lints(forecast).into_iter().map(of_part).collect()
    }
}

fn of_part(flaw: Flaw) -> Flaw {
    Flaw { field: deeper(&flaw.field), ..flaw }
}

/// The parts stand one key deeper than in a plain list.
fn deeper(path: &str) -> String {
    match path.split_once(']') {
        Some((index, rest)) => format!("judges{index}].judge{rest}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::parts::tests::check;

    #[test]
    fn the_weights_of_those_who_pass_decide() {
        let build = |parts| -> Box<dyn Judge> {
            Box::new(Score { parts, weights: vec![3.0, 1.0, 1.0], limits: (0.75, 0.5) })
        };
        for (said, expected) in [
            ("PPP", Verdict::Pass),
            ("PAF", Verdict::Pass),
            ("PFF", Verdict::Inconclusive),
            ("FPP", Verdict::Fail),
            ("P-F", Verdict::Pass),
            ("-PF", Verdict::Inconclusive),
            ("-IF", Verdict::Fail),
            ("E--", Verdict::Error),
            ("---", Verdict::TooFew),
        ] {
            check(build, said, expected);
        }
    }
}
