//! Fails when all of several judges fail.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, JudgeSpec, Subject, Verdict,
    parts::{self, Parts},
};
use crate::{
    model::{MetricSpec, Observed},
    units::Span,
};

/// Several judges that must agree: fails only when all of them fail.
///
/// It passes as soon as one passes, and accepts when one accepts; else it is inconclusive if one
/// is, has too few samples if one has, and is an error if one had no data.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AllOf(#[cfg_attr(test, schemars(schema_with = "parts::schema"))] Vec<JudgeSpec>);

impl JudgeKind for AllOf {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(All(Parts::new(&self.0)))
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        parts::metrics(&self.0)
    }

    fn windows(&self) -> Vec<(String, Span)> {
        parts::windows(&self.0)
    }

    fn needs_baseline(&self) -> bool {
        parts::need_baseline(&self.0)
    }
}

#[derive(Clone)]
struct All(Parts);

/// Earlier is better for the candidate.
const fn comfort(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accept => 0,
        Verdict::Pass => 1,
        Verdict::Inconclusive => 2,
        Verdict::TooFew => 3,
        Verdict::Error => 4,
        Verdict::Fail => 5,
    }
}

impl Judge for All {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let said = self.0.assess(observed, subject);
        said.into_iter().min_by_key(|it| comfort(it.verdict)).unwrap_or_else(Parts::silence)
    }

    fn lookback(&self, between: Span) -> Span {
        self.0.lookback(between)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        self.0.flaws(scrape)
    }

    fn doubts(&self) -> Vec<Flaw> {
        self.0.doubts()
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        self.0.lints(forecast)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::parts::tests::check;

    #[test]
    fn all_must_fail_for_a_failure() {
        let build = |parts| -> Box<dyn Judge> { Box::new(All(parts)) };
        for (said, expected) in [
            ("FFF", Verdict::Fail),
            ("FPF", Verdict::Pass),
            ("FAP", Verdict::Accept),
            ("FIF", Verdict::Inconclusive),
            ("F-F", Verdict::TooFew),
            ("FE", Verdict::Error),
        ] {
            check(build, said, expected);
        }
    }
}
