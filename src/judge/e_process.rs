//! The recommended judge: evidence that stays valid however often it is measured.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{Arms, CountedSpec, Reader, at_bound, bearable, level_flaw, range_flaw, statistic},
    kill::Kill,
    lints,
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{RatioEvidence, ln_mean_exp},
    units::{Factor, Ratio, Span},
};

/// The judge to use by default: fails when failures or slow requests of the candidate are
/// significantly more than `tolerated` times as frequent as the baseline's.
///
/// It uses all counts since the analysis started, and its level holds however often and however
/// long it is measured: for any true ratio up to the tolerated one, the probability that it ever
/// fails a release is at most `level` (Ville's inequality). A bad minute of the whole service
/// affects both sides and is no evidence; a change of weight keeps all earlier evidence. It assumes
/// that events are independent given the rates: where one user's retries fail together,
/// `dispersion` says how many events come at a time.
///
/// Each scrape is a step of its own with the candidate's actual share of the attempts, not the
/// configured weight: with sticky users or few instances the two differ, and under equal error
/// rates failures follow the attempts.
///
/// With 10 % of the traffic it takes about 7 failures of the candidate to detect a tenfold rate, 12
/// for fivefold, 23 for threefold and 69 for twofold; an increase by half is rarely detected.
/// Source: Lindon and Malek, "Anytime-valid inference for multinomial count data" (2022), as a
/// mixture over the ratio of the rates.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EProcess {
    /// Ratio of the rates that is tolerated: instances and users differ that much by chance.
    pub tolerated: Factor,
    /// Chance that a release within the tolerated ratio ever fails.
    pub level: Ratio,
    /// Whether failures are judged.
    pub errors: bool,
    /// Requests that take longer than each of these are judged as well, such as the usual median
    /// and p99: the evidence is averaged over all of them.
    #[cfg_attr(test, schemars(length(max = 8)))]
    pub slower_than: Vec<Span>,
    /// Spread of the logarithm of the ratios that it targets above the tolerated one; 0.01 to 10.
    #[cfg_attr(test, schemars(range(min = 0.01, max = 10.0)))]
    pub sigma: f64,
    /// Minimum events of the candidate for a failure.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_events: u64,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
    /// How many events count as one where they come in clusters: the variance of the counts over
    /// their mean, measured with two equal releases.
    pub dispersion: Factor,
    /// Whether a catastrophe fails it at once: the rule of the judge `kill` with its defaults.
    pub kill: bool,
}

impl Default for EProcess {
    fn default() -> Self {
        Self {
            tolerated: Factor::clamped(1.25),
            level: Ratio::clamped(0.01),
            errors: true,
            slower_than: Vec::new(),
            sigma: 1.0,
            min_events: 5,
            min_samples: 0,
            dispersion: Factor::ONE,
            kill: true,
        }
    }
}

/// Settings outside these ranges are refused; unchecked ones are clamped.
const TOLERATED: (f64, f64) = (0.1, 100.0);
const SIGMA: (f64, f64) = (0.01, 10.0);
const DISPERSION: (f64, f64) = (1.0, 1_000.0);

impl JudgeKind for EProcess {
    fn build(&self) -> Box<dyn Judge> {
        let errors = self.errors.then_some(CountedSpec::Errors);
        let slower = self.slower_than.iter().map(|it| CountedSpec::SlowerThan(*it));
        let tolerated = self.tolerated.get().clamp(TOLERATED.0, TOLERATED.1);
        let sigma = if self.sigma.is_nan() { 1.0 } else { self.sigma.clamp(SIGMA.0, SIGMA.1) };
        let evidence = RatioEvidence::new(tolerated, sigma);
        let track = |counted| Track { counted, evidence: evidence.clone(), arms: Arms::default() };
        Box::new(Weighing {
            tracks: errors.into_iter().chain(slower).map(track).collect(),
            spec: self.clone(),
            bound: -math::ln(bearable(self.level)),
            reader: Reader::default(),
            newest: Vec::new(),
        })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        let errors = (self.errors || self.kill).then_some(MetricSpec::ErrorRate);
        let slower = self.slower_than.iter().map(|it| MetricSpec::SlowerThan(*it));
        errors.into_iter().chain(slower).collect()
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Weighing {
    spec: EProcess,
    tracks: Vec<Track>,
    bound: f64,
    reader: Reader,
    /// Failures in the scrapes since the last measurement, for the rule about catastrophes.
    newest: Vec<Arms>,
}

/// What one of the metrics has come to.
#[derive(Clone)]
struct Track {
    counted: CountedSpec,
    evidence: RatioEvidence,
    arms: Arms,
}

impl Weighing {
    fn read(&mut self, observed: &Observed<'_>, subject: Subject) {
        self.newest.clear();
        for (scrape, _) in self.reader.fresh(observed, subject) {
            if self.spec.kill {
                self.newest.push(CountedSpec::Errors.arms(scrape, subject));
            }
            for track in &mut self.tracks {
                let arms = track.counted.arms(scrape, subject);
                track.evidence.add(arms.share(), arms.candidate.hits, arms.events());
                track.arms = track.arms.plus(arms);
            }
        }
    }
}

impl Judge for Weighing {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        self.read(observed, subject);
        if let Some(catastrophe) = Kill::default().strikes(&self.newest) {
            return catastrophe;
        }
        let logs: Vec<f64> = self.tracks.iter().map(|it| it.log_e(&self.spec)).collect();
        let strongest = self.tracks.iter().zip(&logs).max_by(|one, two| one.1.total_cmp(two.1));
        let Some((track, _)) = strongest else {
            return Arms::default().unweighed(Verdict::TooFew, CountedSpec::Errors);
        };
        if !track.arms.suffice(self.spec.min_samples) {
            return track.arms.unweighed(Verdict::TooFew, track.counted);
        }
        let log_e = ln_mean_exp(&logs);
        let statistic = statistic("ln e", log_e, self.bound);
        track.arms.weighed(at_bound(log_e, self.bound), track.counted, statistic)
    }

    fn lookback(&self, between: Span) -> Span {
        between
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_evidence(self.spec.errors, forecast)
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let spec = &self.spec;
        let nothing = Flaw::new("", "nothing is judged: needs `errors` or `slower_than`", "");
        [
            self.tracks.is_empty().then_some(nothing),
            range_flaw("tolerated", spec.tolerated.get(), TOLERATED),
            level_flaw("level", spec.level),
            range_flaw("sigma", spec.sigma, SIGMA),
            range_flaw("dispersion", spec.dispersion.get(), DISPERSION),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Track {
    /// Evidence against the candidate; none below the fewest events, though evidence for it counts.
    fn log_e(&self, spec: &EProcess) -> f64 {
        let dispersion = spec.dispersion.get().clamp(DISPERSION.0, DISPERSION.1);
        let log_e = self.evidence.log_e(dispersion);
        if self.arms.candidate.hits < spec.min_events { log_e.min(0.0) } else { log_e }
    }
}
