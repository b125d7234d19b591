//! Wald's sequential probability ratio test.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, Judge, JudgeKind, Subject, Verdict,
    counted::{Arms, CountedSpec, Reader, bearable, level_flaw, range_flaw, statistic},
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{bernoulli_ratio, poisson_ratio, two_arm_ratio},
    units::{Factor, Rate, Ratio, Span},
};

/// Wald's test of two hypotheses, which can accept early: with evidence of `ln((1 - beta) / alpha)`
/// or more it fails, with `ln(beta / (1 - alpha))` or less it accepts, and the gate has passed.
/// Until then each measurement passes, and `count` ends the test.
///
/// Valid however often it is measured. It decides between its two hypotheses and detects little in
/// between: designed for a doubling, it misses half of the releases that fail 1.5 times as often.
/// Both error probabilities are approximate where the last measurement overshoots a boundary.
/// Source: Wald, "Sequential analysis" (1947).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sprt {
    /// What is tested.
    pub test: SprtTest,
    /// Which attempts count.
    #[serde(default)]
    pub counts: CountedSpec,
    /// Probability of failing a release under the first hypothesis.
    #[serde(default = "one_percent")]
    pub alpha: Ratio,
    /// Probability of accepting one under the second.
    #[serde(default = "ten_percent")]
    pub beta: Ratio,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

/// The two hypotheses of Wald's test.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SprtTest {
    /// Error rate of the candidate: `p0` is good, `p1` is bad. It does not account for errors of
    /// the whole service.
    Bernoulli {
        /// Share of the attempts that fails under the first hypothesis.
        p0: Ratio,
        /// Under the second; more than `p0`.
        p1: Ratio,
    },
    /// Failures of the candidate per second, minute, hour or day. It accounts neither for errors of
    /// the whole service nor for the traffic.
    Poisson {
        /// Failures under the first hypothesis, such as `6/m`.
        rate0: Rate,
        /// Under the second; more than `rate0`.
        rate1: Rate,
    },
    /// The candidate fails as often as the baseline, or `ratio` times as often, given its actual
    /// share of the attempts in each scrape.
    TwoArm {
        /// How many times as often the candidate fails under the second hypothesis; 1.01x to 1000x.
        ratio: Factor,
    },
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

fn ten_percent() -> Ratio {
    Ratio::clamped(0.1)
}

impl JudgeKind for Sprt {
    fn build(&self) -> Box<dyn Judge> {
        let (alpha, beta) = (bearable(self.alpha), bearable(self.beta));
        Box::new(Test {
            spec: self.clone(),
            fails: math::ln((1.0 - beta) / alpha),
            accepts: math::ln(beta / (1.0 - alpha)),
            reader: Reader::default(),
            arms: Arms::default(),
            log_ratio: 0.0,
            decided: None,
        })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.counts.metric()]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        matches!(self.test, SprtTest::TwoArm { .. })
    }
}

#[derive(Clone)]
struct Test {
    spec: Sprt,
    fails: f64,
    accepts: f64,
    reader: Reader,
    arms: Arms,
    log_ratio: f64,
    /// The test ends with its decision.
    decided: Option<Assessment>,
}

impl SprtTest {
    /// What a scrape adds to the logarithm of the likelihood ratio.
    fn added(self, arms: Arms, elapsed: Span) -> f64 {
        const LEAST: f64 = 1e-12;
        let own = arms.candidate;
        match self {
            Self::Bernoulli { p0, p1 } => {
                let inside = |it: Ratio| it.get().clamp(LEAST, 1.0 - LEAST);
                bernoulli_ratio(own.hits, own.tries, inside(p0), inside(p1))
            }
            Self::Poisson { rate0, rate1 } => {
                let above = |it: Rate| it.as_per_second().max(LEAST);
                poisson_ratio(own.hits, elapsed.as_secs_f64(), above(rate0), above(rate1))
            }
            Self::TwoArm { ratio } => {
                two_arm_ratio(own.hits, arms.events(), arms.share(), ratio.get().max(LEAST))
            }
        }
    }

    fn flaw(self) -> Option<Flaw> {
        let order = |field: &str, first: f64, second: f64| {
            let message = "the second hypothesis must be the worse, and both possible";
            let bad = first <= 0.0 || second <= first;
            bad.then(|| Flaw::new(field, message, "above 0, and the second above the first"))
        };
        match self {
            Self::Bernoulli { p0, p1 } => {
                let sure = p1.is_one().then(|| range_flaw("test.bernoulli.p1", 1.0, (0.0, 0.999)));
                order("test.bernoulli", p0.get(), p1.get()).or(sure.flatten())
            }
            Self::Poisson { rate0, rate1 } => {
                order("test.poisson", rate0.as_per_second(), rate1.as_per_second())
            }
            Self::TwoArm { ratio } => range_flaw("test.two_arm.ratio", ratio.get(), (1.01, 1e3)),
        }
    }
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        if let Some(decided) = &self.decided {
            return decided.clone();
        }
        for (scrape, elapsed) in self.reader.fresh(observed, subject) {
            let arms = self.spec.counts.arms(scrape, subject);
            self.log_ratio += self.spec.test.added(arms, elapsed);
            self.arms = self.arms.plus(arms);
        }
        let counted = self.spec.counts;
        let enough = match self.spec.test {
            SprtTest::TwoArm { .. } => self.arms.suffice(self.spec.min_samples),
            SprtTest::Bernoulli { .. } | SprtTest::Poisson { .. } => {
                self.arms.candidate.tries >= self.spec.min_samples.max(1)
            }
        };
        if !enough {
            return self.arms.unweighed(Verdict::TooFew, counted);
        }
        let verdict = if self.log_ratio >= self.fails {
            Verdict::Fail
        } else if self.log_ratio <= self.accepts {
            Verdict::Accept
        } else {
            Verdict::Pass
        };
        let statistic = statistic("ln likelihood ratio", self.log_ratio, self.fails);
        let assessment = self.arms.weighed(verdict, counted, statistic);
        if verdict != Verdict::Pass {
            self.decided = Some(assessment.clone());
        }
        assessment
    }

    fn lookback(&self, between: Span) -> Span {
        between
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let levels = [level_flaw("alpha", self.spec.alpha), level_flaw("beta", self.spec.beta)];
        self.spec.test.flaw().into_iter().chain(levels.into_iter().flatten()).collect()
    }
}
