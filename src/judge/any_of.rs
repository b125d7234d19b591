//! Fails when any of several judges fails.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, JudgeSpec, Subject, Verdict,
    parts::{self, Parts},
};
use crate::{
    model::{MetricSpec, Observed},
    units::Span,
};

/// Several judges of which one is enough: fails when any of them fails.
///
/// Else it is an error if one had no data, inconclusive if one is, and passes if one passes; it
/// accepts when all accept. Those with too few samples have no say.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AnyOf(#[cfg_attr(test, schemars(schema_with = "parts::schema"))] Vec<JudgeSpec>);

impl JudgeKind for AnyOf {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(Any(Parts::new(&self.0)))
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
struct Any(Parts);

/// Later is more severe.
const fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::TooFew => 0,
        Verdict::Accept => 1,
        Verdict::Pass => 2,
        Verdict::Inconclusive => 3,
        Verdict::Error => 4,
        Verdict::Fail => 5,
    }
}

impl Judge for Any {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let said = self.0.assess(observed, subject);
        let settled = said.iter().all(|it| it.verdict == Verdict::Accept);
        // the first of the most severe
        let gravest = said.into_iter().rev().max_by_key(|it| gravity(it.verdict));
        let Some(mut decided) = gravest else { return Parts::silence() };
        if decided.verdict == Verdict::Accept && !settled {
            decided.verdict = Verdict::Pass;
        }
        decided
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
    fn one_failure_is_enough_and_too_few_samples_have_no_say() {
        let build = |parts| -> Box<dyn Judge> { Box::new(Any(parts)) };
        for (said, expected) in [
            ("PPF", Verdict::Fail),
            ("EFI", Verdict::Fail),
            ("PEI", Verdict::Error),
            ("PI-", Verdict::Inconclusive),
            ("-P-", Verdict::Pass),
            ("AP", Verdict::Pass),
            ("A-", Verdict::Pass),
            ("AA", Verdict::Accept),
            ("--", Verdict::TooFew),
        ] {
            check(build, said, expected);
        }
    }
}
