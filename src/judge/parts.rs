//! Judges that are parts of another judge.

use super::{Assessment, Evidence, Flaw, GateForecast, Judge, JudgeSpec, Subject, Verdict};
use crate::{
    model::{MetricSpec, Observed},
    units::Span,
};

/// A list of judges, as the file has it.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    use schemars::JsonSchema as _;

    let mut schema = schemars::json_schema!({ "type": "array", "minItems": 1, "maxItems": 16 });
    schema.insert("items".to_owned(), JudgeSpec::json_schema(generator).to_value());
    schema
}

/// Every metric that one of the parts reads.
pub(super) fn metrics<'s>(specs: impl IntoIterator<Item = &'s JudgeSpec>) -> Vec<MetricSpec> {
    specs.into_iter().flat_map(|it| it.kind().metrics()).collect()
}

/// The windows of the parts, each with its place.
pub(super) fn windows<'s>(specs: impl IntoIterator<Item = &'s JudgeSpec>) -> Vec<(String, Span)> {
    let parts = specs.into_iter().enumerate();
    parts.flat_map(|(index, it)| it.windows_within(&format!("[{index}]"))).collect()
}

/// Whether one of the parts needs a baseline.
pub(super) fn need_baseline<'s>(specs: impl IntoIterator<Item = &'s JudgeSpec>) -> bool {
    specs.into_iter().any(|it| it.kind().needs_baseline())
}

/// The parts and the names that the file gives them.
#[derive(Clone)]
pub(super) struct Parts {
    judges: Vec<(&'static str, Box<dyn Judge>)>,
}

impl Parts {
    pub(super) fn new<'s>(specs: impl IntoIterator<Item = &'s JudgeSpec>) -> Self {
        Self { judges: specs.into_iter().map(|it| (it.name(), it.build())).collect() }
    }

    /// What each says: all are asked, since each must see every measurement.
    pub(super) fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Vec<Assessment> {
        self.judges.iter_mut().map(|(_, it)| it.assess(observed, subject)).collect()
    }

    /// What there is to say without any part.
    pub(super) fn silence() -> Assessment {
        let evidence = Evidence::nothing(MetricSpec::ErrorRate, 0);
        Assessment { verdict: Verdict::TooFew, evidence }
    }

    pub(super) fn lookback(&self, between: Span) -> Span {
        self.judges.iter().map(|(_, it)| it.lookback(between)).max().unwrap_or_default()
    }

    pub(super) fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        self.each(|it| it.flaws(scrape))
    }

    pub(super) fn doubts(&self) -> Vec<Flaw> {
        self.each(|it| it.doubts())
    }

    pub(super) fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        self.each(|it| it.lints(forecast))
    }

    /// What is found in each, with its place.
    fn each(&self, find: impl Fn(&dyn Judge) -> Vec<Flaw>) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for (index, (name, judge)) in self.judges.iter().enumerate() {
            let path = format!("[{index}].{name}");
            flaws.extend(find(judge.as_ref()).into_iter().map(|it| it.within(&path)));
        }
        flaws
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        model::{Population, Telemetry},
        units::Instant,
    };

    #[derive(Clone)]
    struct Said(Verdict);

    impl Judge for Said {
        fn assess(&mut self, _: &Observed<'_>, _: Subject) -> Assessment {
            Assessment { verdict: self.0, ..Parts::silence() }
        }

        fn lookback(&self, between: Span) -> Span {
            between
        }
    }

    /// Whether a judge over these parts, a letter each, says what it should.
    pub(in crate::judge) fn check(
        build: impl Fn(Parts) -> Box<dyn Judge>,
        said: &str,
        expected: Verdict,
    ) {
        let verdict = |letter: char| match letter {
            'F' => Verdict::Fail,
            'I' => Verdict::Inconclusive,
            'E' => Verdict::Error,
            '-' => Verdict::TooFew,
            'A' => Verdict::Accept,
            _ => Verdict::Pass,
        };
        let part =
            |it: char| -> (&'static str, Box<dyn Judge>) { ("said", Box::new(Said(verdict(it)))) };
        let parts = Parts { judges: said.chars().map(part).collect() };
        let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
        let subject = Subject {
            candidate: Population::CANDIDATE,
            baseline: Population::STABLE,
            since: Instant::ZERO,
        };
        let got = build(parts).assess(&telemetry.observed(Instant::ZERO), subject).verdict;
        assert_eq!(got, expected, "{said}");
    }
}
