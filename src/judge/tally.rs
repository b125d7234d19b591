//! What all measurements of a gate came to.

use std::fmt;

use serde::Serialize;

use super::{Assessment, Evidence, Verdict};
use crate::{model::Against, units::text};

/// Measurements by their verdict, and the worst of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Accepted ones included.
    pub passed: u64,
    pub failed: u64,
    pub inconclusive: u64,
    /// Too few samples, or none: these do not count.
    pub unheeded: u64,
    /// The one furthest on the wrong side of its limit or bound, else the one nearest to it; the first of
    /// equals. None where no measurement counts.
    pub worst: Option<Assessment>,
}

impl Tally {
    pub fn add(&mut self, it: &Assessment) {
        match it.verdict {
            Verdict::Pass | Verdict::Accept => self.passed += 1,
            Verdict::Fail => self.failed += 1,
            Verdict::Inconclusive => self.inconclusive += 1,
            Verdict::TooFew | Verdict::Error => {
                self.unheeded += 1;
                return;
            }
        }
        let badness = badness(it);
        if badness.is_some() && badness > self.worst.as_ref().and_then(self::badness) {
            self.worst = Some(it.clone());
        }
    }

    /// Measurements with a verdict.
    pub const fn heeded(&self) -> u64 {
        self.passed + self.failed + self.inconclusive
    }

    pub const fn is_empty(&self) -> bool {
        self.heeded() + self.unheeded == 0
    }

    /// Whether a measurement was other than good.
    pub const fn has_doubts(&self) -> bool {
        self.failed + self.inconclusive > 0
    }
}

/// How bad a measurement is: its verdict first, then how far it is beyond its limit or bound, or from it.
fn badness(it: &Assessment) -> Option<(bool, f64)> {
    let failed = it.verdict == Verdict::Fail;
    let Evidence { value, limit, statistic, .. } = it.evidence;
    let distance = match (value, limit, statistic) {
        // of every metric, more is worse
        (Some(value), Some(_), _) | (Some(value), None, None) => value,
        // which side of a bound is the wrong one is the judge's to say
        (_, _, Some(it)) => (it.value - it.bound).abs() * if failed { 1.0 } else { -1.0 },
        (None, _, None) => return None,
    };
    Some((failed, distance))
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heeded = self.heeded();
        if heeded == 0 {
            return write!(f, "no measurement of {} had enough data", text::count(self.unheeded));
        }
        let of = text::counted(heeded, "measurement");
        write!(f, "{} of {of} passed", text::count(self.passed))?;
        if self.unheeded > 0 {
            write!(f, ", {} without enough data", text::count(self.unheeded))?;
        }
        let Some(Assessment { evidence, .. }) = &self.worst else { return Ok(()) };
        match (evidence.value, evidence.limit, evidence.statistic) {
            (Some(value), Some(limit), _) => {
                let value = text::beside(limit.kind(), value, &[limit]);
                write!(f, ", worst {value}, limit {}", text::limit(limit))
            }
            (_, _, Some(it)) => {
                let (value, bound) = (text::number(it.value), text::number(it.bound));
                write!(f, ", worst {} {value}, bound {bound}", it.name)
            }
            (Some(value), None, None) => {
                let kind = evidence.metric.limit_kind(Against::Absolute);
                write!(f, ", worst {}", text::figure(kind, value))
            }
            (None, _, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{judge::Statistic, model::MetricSpec};

    fn look(verdict: Verdict, value: Option<f64>, statistic: Option<(f64, f64)>) -> Assessment {
        let nothing = Evidence::nothing(MetricSpec::ErrorRate, 10);
        let limit = statistic.is_none().then(|| "5%".parse().unwrap());
        let statistic = statistic.map(|(value, bound)| Statistic { name: "score", value, bound });
        Assessment { verdict, evidence: Evidence { value, limit, statistic, ..nothing } }
    }

    fn tallied(looks: &[Assessment]) -> String {
        let mut tally = Tally::default();
        for look in looks {
            tally.add(look);
        }
        tally.to_string()
    }

    #[test]
    fn measurements_are_told_with_the_worst_of_them() {
        let pass = |value| look(Verdict::Pass, Some(value), None);
        assert_eq!(
            tallied(&[pass(0.002), pass(0.011), pass(0.004)]),
            "3 of 3 measurements passed, worst 1.1 %, limit 5 %"
        );
        let few = look(Verdict::TooFew, Some(0.5), None);
        let failed = look(Verdict::Fail, Some(0.07), None);
        assert_eq!(
            tallied(&[few.clone(), pass(0.01), failed]),
            "1 of 2 measurements passed, 1 without enough data, worst 7 %, limit 5 %"
        );
        assert_eq!(tallied(&[few]), "no measurement of 1 had enough data");
    }

    #[test]
    fn a_score_is_worst_next_to_its_bound_or_furthest_beyond_it() {
        let score = |verdict, it| look(verdict, Some(0.3), Some((it, 75.0)));
        let passes = [100.0, 80.0, 95.0].map(|it| score(Verdict::Pass, it));
        assert_eq!(tallied(&passes), "3 of 3 measurements passed, worst score 80, bound 75");
        let mut all = passes.to_vec();
        all.extend([60.0, 20.0, 70.0].map(|it| score(Verdict::Fail, it)));
        assert_eq!(tallied(&all), "3 of 6 measurements passed, worst score 20, bound 75");
    }
}
