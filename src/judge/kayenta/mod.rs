//! Spinnaker's canary analysis: Kayenta's `NetflixACAJudge-v1.0`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Evidence, Flaw, GateForecast, Judge, JudgeKind, Statistic, Subject, Verdict,
    step_series::{StepSeries, flaw_of_step, lint_of_steps},
};
use crate::{
    model::{MetricSpec, Observed},
    units::Span,
};

pub mod classify;
mod score;

use classify::{
    Classified, Classifier, Direction, EffectLimits, EffectMeasure, NanStrategy, Outliers, cleaned,
    mean,
};
use score::{Scored, score};

/// Kayenta's judge: each metric's values step by step, candidate against baseline, by a Mann-Whitney
/// interval for their shift (98 %, and more than a quarter of the shift's estimate), then the part
/// of the metrics that pass, as a score from 0 to 100.
///
/// It compares values of steps, not requests: with fewer than about 50 steps it detects little, and
/// there is no correction for repeated judgements. A score equal to `marginal` fails too, as in
/// Orca and the standalone runner. Pitfall: the interval's ends are computed to 0.0001 in the unit
/// of the metric, so shifts of a metric in tiny units are never detected; see `unit_scale`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Kayenta {
    /// The metrics that are compared.
    #[cfg_attr(test, schemars(length(min = 1, max = 32)))]
    pub metrics: Vec<KayentaMetric>,
    /// Weights of groups of metrics in percent; groups without one share the rest.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub group_weights: BTreeMap<String, f64>,
    /// Score limits.
    #[serde(default)]
    pub score_thresholds: ScoreThresholds,
    /// Length of a step, for one value.
    #[serde(default = "one_minute")]
    pub step: Span,
    /// Window of a judgement; 0 for all since the start.
    #[serde(default)]
    pub lookback: Span,
    /// Time from the start of the analysis to the first step that counts.
    #[serde(default)]
    pub begin_after: Span,
    /// Number of judgements: earlier ones pass above `marginal`, the last needs `pass`. Without it,
    /// every judgement stands alone and is inconclusive between the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 100_000)))]
    pub judgements: Option<u32>,
}

/// Scores that decide a judgement, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ScoreThresholds {
    /// Passes at or above this (Orca: 75).
    #[cfg_attr(test, schemars(range(min = 0, max = 100)))]
    pub pass: f64,
    /// Fails at or below this (Orca: 50).
    #[cfg_attr(test, schemars(range(min = 0, max = 100)))]
    pub marginal: f64,
}

impl Default for ScoreThresholds {
    fn default() -> Self {
        Self { pass: 75.0, marginal: 50.0 }
    }
}

/// A metric of a Kayenta configuration.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KayentaMetric {
    /// Name, for readers of the file.
    #[serde(default)]
    pub name: String,
    /// What is measured.
    pub metric: MetricSpec,
    /// Which way is worse.
    #[serde(default)]
    pub direction: Direction,
    /// What is done with steps that have no value.
    #[serde(default)]
    pub nan_strategy: NanStrategy,
    /// What is done with outliers.
    #[serde(default)]
    pub outliers: Outliers,
    /// How many interquartile ranges beyond the quartiles a value is an outlier.
    #[serde(default = "three")]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000)))]
    pub outlier_factor: f64,
    /// Whether the judgement scores 0 unless this passes.
    #[serde(default)]
    pub critical: bool,
    /// Whether a side without values counts against the candidate.
    #[serde(default)]
    pub must_have_data: bool,
    /// Whether it is left out of the score.
    #[serde(default)]
    pub muted: bool,
    /// How large a shift must be.
    #[serde(default)]
    pub effect_size: EffectSize,
    /// Groups that it counts in.
    #[serde(default = "one_group")]
    #[cfg_attr(test, schemars(length(min = 1, max = 32)))]
    pub groups: Vec<String>,
    /// Factor that values are multiplied by before they are compared, since the judge detects no
    /// shift below about 0.0001. Without it, error rate, memory and saturation are in percent,
    /// latency in milliseconds, the slope of memory in MiB an hour, and counts are counts; 1 gives
    /// parts of one, seconds and bytes, which is what Kayenta would get from Prometheus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 0.000_000_001, max = 1_000_000_000)))]
    pub unit_scale: Option<f64>,
}

/// How large a shift of a metric must be; limits that are left out are 1, for `cles` 0.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EffectSize {
    /// How it is measured.
    pub measure: EffectMeasure,
    /// Smaller increases pass. Without it, 1, and for `cles` 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_increase: Option<f64>,
    /// Smaller decreases pass. Without it, 1, and for `cles` 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_decrease: Option<f64>,
    /// Smaller increases of a critical metric cost no more than of another.
    /// Without it, 1, and for `cles` 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_increase: Option<f64>,
    /// Smaller decreases of a critical metric cost no more than of another.
    /// Without it, 1, and for `cles` 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_decrease: Option<f64>,
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn three() -> f64 {
    3.0
}

fn one_group() -> Vec<String> {
    vec!["metrics".to_owned()]
}

impl EffectSize {
    fn limits(&self) -> EffectLimits {
        let default = match self.measure {
            EffectMeasure::MeanRatio => 1.0,
            EffectMeasure::Cles => 0.5,
        };
        EffectLimits {
            increase: self.allowed_increase.unwrap_or(default),
            critical_increase: self.critical_increase.unwrap_or(default),
            decrease: self.allowed_decrease.unwrap_or(default),
            critical_decrease: self.critical_decrease.unwrap_or(default),
        }
    }
}

impl KayentaMetric {
    /// With the tolerance and confidence that are fixed in the original.
    fn classifier(&self) -> Classifier {
        Classifier {
            tolerance: 0.25,
            confidence: 0.98,
            direction: self.direction,
            nan: self.nan_strategy,
            measure: self.effect_size.measure,
            limits: self.effect_size.limits(),
            critical: self.critical,
            must_have_data: self.must_have_data,
        }
    }

    fn scale(&self) -> f64 {
        self.unit_scale.unwrap_or(match self.metric {
            MetricSpec::ErrorRate
            | MetricSpec::SlowerThan(_)
            | MetricSpec::Memory
            | MetricSpec::Saturation => 100.0,
            MetricSpec::Latency(_) => 1_000.0,
            MetricSpec::MemorySlope => 1.0 / f64::from(1 << 20),
            MetricSpec::Restarts | MetricSpec::Complaints => 1.0,
        })
    }
}

impl JudgeKind for Kayenta {
    fn build(&self) -> Box<dyn Judge> {
        let series = StepSeries::new(&self.metrics(), self.step, self.begin_after, self.lookback);
        Box::new(Run { spec: self.clone(), series, judged: 0 })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        self.metrics.iter().map(|it| it.metric).collect()
    }

    // `lookback` decides how many values a judgement has
    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

/// The judgements of one analysis.
#[derive(Clone)]
struct Run {
    spec: Kayenta,
    series: StepSeries,
    judged: u32,
}

/// Both sides of a metric as they were compared, and what they came to.
struct Compared {
    control: Vec<f64>,
    experiment: Vec<f64>,
    classified: Classified,
}

impl Run {
    fn compared(&self, index: usize) -> Compared {
        let metric = &self.spec.metrics[index];
        let scale = metric.scale();
        let side = |values: Vec<f64>| {
            cleaned(&values, metric.nan_strategy, metric.outliers, metric.outlier_factor)
        };
        let control = side(self.series.of_metric(index).map(|it| scale * it.baseline).collect());
        let experiment =
            side(self.series.of_metric(index).map(|it| scale * it.candidate).collect());
        let classified = metric.classifier().classify(&control, &experiment);
        Compared { control, experiment, classified }
    }

    fn verdict(&mut self, score: f64) -> Verdict {
        self.judged = self.judged.saturating_add(1);
        let ScoreThresholds { pass, marginal } = self.spec.score_thresholds;
        let between = match self.spec.judgements {
            None => Verdict::Inconclusive,
            Some(count) if self.judged < count => Verdict::Pass,
            Some(_) => Verdict::Fail,
        };
        if score <= marginal {
            Verdict::Fail
        } else if score < pass {
            between
        } else {
            Verdict::Pass
        }
    }

    /// The metric that weighed most against the candidate.
    fn worst(&self, compared: &[Compared]) -> usize {
        let gravity = |index: &usize| {
            let Classified { critical, label, .. } = compared[*index].classified;
            (!self.spec.metrics[*index].muted, critical, label)
        };
        // the first of those that are equally bad
        (0..compared.len()).rev().max_by_key(gravity).unwrap_or(0)
    }

    fn evidence(&self, compared: &[Compared], score: f64) -> Evidence {
        let index = self.worst(compared);
        let (metric, worst) = (&self.spec.metrics[index], &compared[index]);
        let plain = |values: &[f64]| (!values.is_empty()).then(|| mean(values) / metric.scale());
        Evidence {
            metric: metric.metric,
            value: plain(&worst.experiment),
            baseline: plain(&worst.control),
            samples: worst.experiment.len() as u64,
            limit: None,
            statistic: Some(Statistic {
                name: "score",
                value: score,
                bound: self.spec.score_thresholds.marginal,
            }),
        }
    }
}

impl Judge for Run {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        self.series.keep_up(observed, subject);
        let first = self.spec.metrics.first().map_or(MetricSpec::ErrorRate, |it| it.metric);
        if self.series.len() == 0 {
            return Assessment { verdict: Verdict::TooFew, evidence: Evidence::nothing(first, 0) };
        }
        let compared: Vec<Compared> =
            (0..self.spec.metrics.len()).map(|it| self.compared(it)).collect();
        let scored: Vec<Scored<'_>> = compared
            .iter()
            .zip(&self.spec.metrics)
            .map(|(it, spec)| Scored {
                classified: it.classified,
                muted: spec.muted,
                groups: &spec.groups,
            })
            .collect();
        let score = score(&scored, &self.spec.group_weights);
        let evidence = self.evidence(&compared, score);
        Assessment { verdict: self.verdict(score), evidence }
    }

    fn lookback(&self, between: Span) -> Span {
        self.series.lookback(between.saturating_add(self.spec.begin_after))
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        let why = "a judgement on fewer than 50 values detects little";
        let (step, delay) = (self.spec.step, self.spec.begin_after);
        lint_of_steps(forecast, step, delay, (50, why)).into_iter().collect()
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let mut flaws: Vec<Flaw> = flaw_of_step(spec.step, scrape).into_iter().collect();
        if !spec.lookback.is_zero() {
            flaws.extend(Flaw::of_span("lookback", spec.lookback, spec.step));
        }
        let ScoreThresholds { pass, marginal } = spec.score_thresholds;
        if marginal > pass || marginal.is_nan() || pass.is_nan() {
            let message = format!("`marginal` is {marginal}, above `pass`, {pass}");
            flaws.push(Flaw::new("score_thresholds", message, "marginal <= pass"));
        }
        let weights: f64 = spec.group_weights.values().sum();
        if weights > 100.0 + 1e-9
            || weights.is_nan()
            || spec.group_weights.values().any(|it| *it < 0.0)
        {
            let message = format!("the weights add up to {weights}");
            flaws.push(Flaw::new("group_weights", message, "percents of 0 or more, 100 in all"));
        }
        let known = |it: &&String| spec.metrics.iter().any(|metric| metric.groups.contains(it));
        for lost in spec.group_weights.keys().filter(|it| !known(it)) {
            let message = format!("no metric is in the group `{lost}`, so its weight is lost");
            flaws.push(Flaw::new("group_weights", message, "groups that a metric names"));
        }
        if spec.metrics.is_empty() {
            flaws.push(Flaw::new("metrics", "there is nothing to compare", "a metric"));
        }
        flaws
    }
}
