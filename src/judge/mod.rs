//! Judges: functions of what the monitoring shows. A judge cannot see the truth.
//!
//! What a judge keeps from one measurement to the next is made of what it was shown: the same
//! windows in the same order give the same verdicts.

use dyn_clone::DynClone;
use serde::Serialize;

use crate::{
    model::{Against, MetricSpec, Observed, Population},
    units::{Instant, Limit, LimitKind, Span},
};

mod analysis;
mod counted;
mod forecast;
mod kind;
mod lints;
mod no_data;
mod parts;
mod step_series;
mod reference;
mod rehearsal;
mod run;
mod tally;
#[cfg(test)]
mod tests;
mod words;

pub use analysis::{AnalysisSpec, GateSpec, NoData};
pub use counted::CountedSpec;
pub use cusum::Find;
pub use forecast::{GateForecast, Rehearsed, StepForecast};
pub use kayenta::{EffectSize, KayentaMetric, ScoreThresholds, classify as kayenta_metric};
pub use kind::{JudgeKind, LeakAsked, LeakSight, Recommended};
pub use no_data::EndWithoutData;
pub use reference::{Reference, Usual};
pub use rehearsal::{Rehearsal, RehearsedStep};
pub use run::{AnalysisRun, Measurement};
pub use tally::Tally;

/// What a judge is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The requests or instances that are judged.
    pub candidate: Population,
    /// Those they are compared with.
    pub baseline: Population,
    /// Since when the candidate has been watched.
    pub since: Instant,
}

/// The verdict of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    /// Good enough for good: the gate has passed and is not measured again.
    Accept,
    Fail,
    /// Neither clearly good nor clearly bad.
    Inconclusive,
    /// Too few samples for a verdict: the measurement does not count.
    TooFew,
    /// No data.
    Error,
}

/// A verdict and what led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    pub verdict: Verdict,
    pub evidence: Evidence,
}

/// What a judge compared; in the unit of the metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub metric: MetricSpec,
    /// The value compared with the limit; none when there was no data.
    pub value: Option<f64>,
    /// The baseline's own value, where one was used.
    pub baseline: Option<f64>,
    /// Attempts or scrapes behind the value.
    pub samples: u64,
    pub limit: Option<Limit>,
    /// What the value came to, for judges that weigh it.
    pub statistic: Option<Statistic>,
}

/// What a test computed from its samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistic {
    pub name: &'static str,
    pub value: f64,
    /// The candidate fails beyond it.
    pub bound: f64,
}

impl Evidence {
    /// Of a measurement with nothing to compare.
    pub const fn nothing(metric: MetricSpec, samples: u64) -> Self {
        Self { metric, value: None, baseline: None, samples, limit: None, statistic: None }
    }
}

/// From here on, a limit on the share of failures is likely to be one on successes.
pub const SUCCESS_RATE: f64 = 0.9;

/// Reads the telemetry at each measurement and gives a verdict with its evidence. It must be [`Clone`] as well,
/// since a trial can be forked: a clone then says what the original would have said.
pub trait Judge: DynClone + Send {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment;

    /// How far back a measurement reaches, when measurements are at most `between` apart.
    fn lookback(&self, between: Span) -> Span;

    /// All that is wrong with its settings; `scrape` is the time between two scrapes.
    fn flaws(&self, _scrape: Span) -> Vec<Flaw> {
        Vec::new()
    }

    /// What in its settings is unlikely to be meant, whatever the rollout, and what is rather.
    fn doubts(&self) -> Vec<Flaw> {
        Vec::new()
    }

    /// Why it cannot work in a rollout like this, with the arithmetic and a remedy.
    fn lints(&self, _forecast: &GateForecast) -> Vec<Flaw> {
        Vec::new()
    }
}

dyn_clone::clone_trait_object!(Judge);

/// Something wrong in, or a lint of, the settings of a judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Path within the judge's section, such as `windows[1].long`; empty for the whole.
    pub field: String,
    pub message: String,
    /// What would be right; empty where the message says it.
    pub allowed: String,
}

impl Flaw {
    pub fn new(
        field: impl Into<String>,
        message: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), message: message.into(), allowed: allowed.into() }
    }

    /// The same, as seen from what encloses it.
    #[must_use]
    pub fn within(self, path: &str) -> Self {
        Self { field: within(path, &self.field), ..self }
    }

    /// Where the unit of a limit is not that of its metric.
    pub fn of_limit(
        field: &str,
        metric: MetricSpec,
        against: Against,
        limit: Limit,
    ) -> Option<Self> {
        let kind = metric.limit_kind(against);
        let message = || format!("`{limit}` is not a limit of the {metric}");
        (limit.kind() != kind).then(|| Self::new(field, message(), LimitKind::example(kind)))
    }

    /// Where a time is shorter than it can be.
    pub fn of_span(field: &str, span: Span, least: Span) -> Option<Self> {
        let message = || format!("`{span}` is too short");
        (span < least).then(|| Self::new(field, message(), format!("at least {least}")))
    }
}

/// The path of a field in a section, the field as seen from there.
fn within(section: &str, field: &str) -> String {
    let dot = if field.is_empty() || field.starts_with('[') { "" } else { "." };
    format!("{section}{dot}{field}")
}

catalog! {
    /// How a gate decides.
    JudgeSpec: JudgeKind builds Box<dyn Judge> {
        "all_of" => all_of::AllOf,
        "any_of" => any_of::AnyOf,
        "bayes" => bayes::Bayes,
        "betting" => betting::Betting,
        "burn_rate" => burn_rate::BurnRate,
        "count_test" => count_test::CountTest,
        "cusum" => cusum::Cusum,
        "drift" => drift::Drift,
        "e_process" => e_process::EProcess,
        "ewma" => ewma::Ewma,
        "fisher" => fisher::Fisher,
        "group_sequential" => group_sequential::GroupSequential,
        "kayenta" => kayenta::Kayenta,
        "kill" => kill::Kill,
        "mixture_sprt" => mixture_sprt::MixtureSprt,
        "quantile_sequence" => quantile_sequence::QuantileSequence,
        "sprt" => sprt::Sprt,
        "threshold" => threshold::Threshold,
        "two_proportion" => two_proportion::TwoProportion,
        "weighted" => weighted::Weighted,
        "welch" => welch::Welch,
        in tests { "odd" => Odd in crate::added::judge }
    }
}
