//! Alerts on the burn rate of an error budget.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, Judge, JudgeKind, Subject, Verdict,
    counted::{Arms, CountedSpec, statistic},
};
use crate::{
    model::{MetricSpec, Observed, Population},
    stats::Share,
    units::{Factor, Ratio, Span, text},
};

/// Multi-window, multi-burn-rate alerts: fails when, in both windows of any pair, the error budget
/// burns faster than the pair allows.
///
/// By default it reads the candidate alone. Read from the whole service, as most alerts are, it
/// cannot see a small canary: at 99.9 % and 5 % of the traffic, a candidate that fails every tenth
/// request burns at five times the budget and no page is sent. The default pairs are those of the
/// SRE Workbook (chapter 5) for a budget of 30 days, two that page and two that open a ticket; a
/// rollout of an hour needs shorter ones. A window longer than the analysis so far covers what
/// there is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BurnRate {
    /// The objective: the share of the attempts that must not count.
    pub slo: Ratio,
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Whose attempts.
    pub of: BurnOf,
    /// Pairs of windows, any of which can fail.
    #[cfg_attr(test, schemars(length(min = 1, max = 16)))]
    pub windows: Vec<BurnWindow>,
    /// Fewest attempts in a long window; a pair with fewer gives no verdict.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

/// Whose error budget burns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BurnOf {
    /// The candidate's, as if the objective were its own.
    #[default]
    Candidate,
    /// That of the whole service.
    Service,
}

/// A long window shows that the burn matters, a short one that it is still going on.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BurnWindow {
    /// The long window.
    pub long: Span,
    /// The short window; a twelfth of the long one, as a rule.
    pub short: Span,
    /// Burn rate above which the pair fails: 1 uses up the budget exactly in its period.
    pub rate: Factor,
}

impl Default for BurnRate {
    fn default() -> Self {
        let pair = |long: u64, short: u64, rate: f64| BurnWindow {
            long: Span::from_secs(60 * long),
            short: Span::from_secs(60 * short),
            rate: Factor::clamped(rate),
        };
        Self {
            slo: Ratio::clamped(0.999),
            counts: CountedSpec::Errors,
            of: BurnOf::Candidate,
            windows: vec![
                pair(60, 5, 14.4),
                pair(6 * 60, 30, 6.0),
                pair(24 * 60, 2 * 60, 3.0),
                pair(3 * 24 * 60, 6 * 60, 1.0),
            ],
            min_samples: 0,
        }
    }
}

/// Least error budget, so that a quotient by it exists.
const BUDGET_MIN: f64 = 1e-9;
/// Below this, an objective is likely to be the budget that it leaves.
const OBJECTIVE_MIN: f64 = 0.5;

impl JudgeKind for BurnRate {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(self.clone())
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.counts.metric()]
    }

    // a long one must be no shorter than its short one
    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        false
    }
}

impl BurnRate {
    /// How fast the budget burns in both windows of a pair, at least, and how fast it may.
    fn burn(&self, pair: &BurnWindow, looked: (Share, Share)) -> Option<(f64, f64)> {
        let (long, short) = looked;
        let slower = long.rate()?.min(short.rate()?);
        let budget = (1.0 - self.slo.get()).max(BUDGET_MIN);
        (long.tries >= self.min_samples).then_some((slower / budget, pair.rate.get()))
    }
}

impl Judge for BurnRate {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let candidate = match self.of {
            BurnOf::Candidate => subject.candidate,
            BurnOf::Service => Population::Whole,
        };
        let subject = Subject { candidate, ..subject };
        let mut sums = vec![(Share::default(), Share::default()); self.windows.len()];
        let (mut all, now) = (Arms::default(), observed.now());
        for scrape in observed.scrapes(self.longest()) {
            let arms = self.counts.arms(scrape, subject);
            let age = now.since(scrape.at);
            for (pair, (long, short)) in self.windows.iter().zip(&mut sums) {
                *long = if age < pair.long { long.plus(arms.candidate) } else { *long };
                *short = if age < pair.short { short.plus(arms.candidate) } else { *short };
            }
            all = all.plus(arms);
        }
        if all.candidate.tries == 0 {
            return all.unweighed(Verdict::TooFew, self.counts);
        }
        // the pair that is furthest beyond its bound, or nearest to it
        let burns = self.windows.iter().zip(sums).filter_map(|it| self.burn(it.0, it.1));
        let beyond = |it: &(f64, f64)| it.0 / it.1.max(BUDGET_MIN);
        let Some((burn, bound)) = burns.max_by(|a, b| beyond(a).total_cmp(&beyond(b))) else {
            return all.unweighed(Verdict::TooFew, self.counts);
        };
        let verdict = if burn > bound { Verdict::Fail } else { Verdict::Pass };
        all.weighed(verdict, self.counts, statistic("burn rate", burn, bound))
    }

    fn lookback(&self, _: Span) -> Span {
        self.longest()
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let no_budget = self.slo.is_one().then(|| {
            Flaw::new("slo", "an objective of 100 % leaves no budget to burn", "below `100%`")
        });
        let none = Flaw::new("windows", "no windows are given", "at least one pair of windows");
        let mut flaws: Vec<Flaw> = no_budget.into_iter().collect();
        flaws.extend(self.windows.is_empty().then_some(none));
        for (index, pair) in self.windows.iter().enumerate() {
            let field = |name: &str| format!("windows[{index}].{name}");
            flaws.extend(Flaw::of_span(&field("short"), pair.short, scrape));
            flaws.extend(Flaw::of_span(&field("long"), pair.long, pair.short));
        }
        flaws
    }

    fn doubts(&self) -> Vec<Flaw> {
        let slo = self.slo.get();
        if slo >= OBJECTIVE_MIN {
            return Vec::new();
        }
        let message = format!(
            "an objective of {} allows {} of the attempts to count: is this the error budget?",
            text::share(slo),
            text::share(1.0 - slo)
        );
        let hint = format!("a budget of {} is `slo: {}`", text::share(slo), self.slo.complement());
        vec![Flaw::new("slo", message, hint)]
    }
}

impl BurnRate {
    fn longest(&self) -> Span {
        self.windows.iter().map(|it| it.long.max(it.short)).max().unwrap_or_default()
    }
}
