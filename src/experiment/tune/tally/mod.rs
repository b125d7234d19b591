//! What was found of one candidate: its trials, and estimates from them.

use super::aims::{Aim, How, Requirement};
use crate::{
    kernel::Key,
    model::Condition,
    stats::{
        Moments, clopper_pearson,
        stratified::{self, Estimated, Stratum},
    },
};

/// A class of releases, as far as estimates need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassOf {
    /// Share of all releases.
    pub chance: f64,
    pub good: bool,
}

/// The trials of a candidate: by class and number what is kept of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    trials: Vec<Vec<Vec<f64>>>,
}

/// How a candidate stands with what must hold.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Shown to hold.
    Certified,
    /// Neither shown to hold nor to be broken.
    Open,
    /// Shown to be broken.
    Broken,
}

/// What was found about a requirement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The estimate in its own unit; none without trials.
    pub value: Option<f64>,
    /// Of a quantile: the share of the releases beyond the limit, and how large it may be.
    pub beyond: Option<(f64, f64)>,
    /// Bounds of the rate (of a quantile: of that part) or of the mean, each one-sided.
    pub low: f64,
    pub high: f64,
    pub standing: Standing,
    pub n: u64,
}

/// Resamples of a bootstrap.
const RESAMPLES: u64 = 200;
/// Names the draws of resampling.
const RESAMPLING: u64 = 0x7455_6E65_5265_5361;

impl Tally {
    pub fn new(classes: usize) -> Self {
        Self { trials: vec![Vec::new(); classes] }
    }

    /// Trials of a class.
    pub fn count(&self, class: usize) -> u64 {
        self.trials[class].len() as u64
    }

    /// Trials of all classes.
    pub fn all(&self) -> u64 {
        self.trials.iter().map(|it| it.len() as u64).sum()
    }

    /// Adds the next trial of a class.
    pub fn add(&mut self, class: usize, figures: Vec<f64>) {
        self.trials[class].push(figures);
    }

    /// What is kept of one thing in the trials of a class, in their order.
    pub fn column(&self, class: usize, tracked: usize) -> impl Iterator<Item = f64> {
        self.trials[class].iter().map(move |it| it[tracked])
    }

    /// The estimate; none where a class that it is about has no trial.
    pub fn value(&self, aim: &Aim, classes: &[ClassOf]) -> Option<f64> {
        match aim.how {
            How::Quantile(q) => self.quantile(aim, classes, q),
            How::Rate | How::Mean => {
                let strata = self.moments(aim, classes);
                let trials = strata.iter().filter(|it| it.weight > 0.0);
                if trials.clone().any(|it| it.trials == 0) {
                    return None;
                }
                let part = |it: &&Stratum<Moments>| {
                    it.weight * it.values.count() as f64 / it.trials as f64
                };
                let present: f64 = trials.clone().map(|it| part(&it)).sum();
                let sum: f64 = trials.map(|it| part(&it) * it.values.mean()).sum();
                (present > 0.0).then(|| sum / present)
            }
        }
    }

    /// The estimate with a two-sided interval; of a quantile without one.
    pub fn estimate(&self, aim: &Aim, classes: &[ClassOf], confidence: f64) -> Option<Estimated> {
        match aim.how {
            How::Mean => {
                let found = stratified::mean(&self.moments(aim, classes), confidence)?;
                Some(found.of_measured(aim.unit == "ratio"))
            }
            How::Rate => {
                stratified::exact_rate(&self.events(aim, classes, |it| it > 0.5), confidence)
            }
            How::Quantile(q) => {
                let resampled = |draw: &Draw<'_>| self.resampled(draw).quantile(aim, classes, q);
                let value = self.quantile(aim, classes, q)?;
                let (low, high) = bootstrap(self, value, confidence, &resampled);
                let interval = crate::stats::Interval { low, high };
                Some(Estimated { value, interval, n: self.concerned(aim, classes) })
            }
        }
    }

    fn concerned(&self, aim: &Aim, classes: &[ClassOf]) -> u64 {
        let of = classes.iter().enumerate().filter(|(_, it)| aim.releases.has(it.good));
        of.map(|(class, _)| self.count(class)).sum()
    }

    fn strata<T>(
        &self,
        aim: &Aim,
        classes: &[ClassOf],
        values: impl Fn(usize) -> T,
    ) -> Vec<Stratum<T>> {
        let of = classes.iter().enumerate().filter(|(_, it)| aim.releases.has(it.good));
        let stratum = |(class, it): (usize, &ClassOf)| Stratum {
            weight: it.chance,
            trials: self.count(class),
            values: values(class),
        };
        of.map(stratum).collect()
    }

    fn moments(&self, aim: &Aim, classes: &[ClassOf]) -> Vec<Stratum<Moments>> {
        self.strata(aim, classes, |class| {
            let mut moments = Moments::default();
            let finite = self.column(class, aim.tracked).filter(|it| it.is_finite());
            finite.for_each(|it| moments.record(it));
            moments
        })
    }

    /// How often something holds of the figure; what could not be measured counts as without end.
    fn events(
        &self,
        aim: &Aim,
        classes: &[ClassOf],
        is: impl Fn(f64) -> bool,
    ) -> Vec<Stratum<u64>> {
        self.strata(aim, classes, |class| {
            let known = self.column(class, aim.tracked).map(endless);
            known.filter(|it| is(*it)).count() as u64
        })
    }

    fn quantile(&self, aim: &Aim, classes: &[ClassOf], q: f64) -> Option<f64> {
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut total = 0.0;
        for (class, it) in classes.iter().enumerate() {
            if !aim.releases.has(it.good) || it.chance <= 0.0 {
                continue;
            }
            let count = self.count(class);
            if count == 0 {
                return None;
            }
            let each = it.chance / count as f64;
            points.extend(self.column(class, aim.tracked).map(|it| (endless(it), each)));
            total += it.chance;
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = 0.0;
        for (value, part) in points {
            below += part;
            if below >= (q - 1e-9) * total {
                return Some(value);
            }
        }
        None
    }

    /// Bounds that hold with this one-sided confidence each, and what follows from them.
    pub fn judged(&self, wanted: &Requirement, classes: &[ClassOf], confidence: f64) -> Judged {
        let both = 1.0 - 2.0 * (1.0 - confidence);
        let aim = &wanted.aim;
        if let How::Quantile(q) = aim.how {
            return self.judged_quantile(wanted, classes, (q, both));
        }
        let found = self.estimate(aim, classes, both);
        let n = self.concerned(aim, classes);
        let Some(found) = found else {
            return Judged {
                value: self.value(aim, classes),
                beyond: None,
                low: f64::NEG_INFINITY,
                high: f64::INFINITY,
                standing: Standing::Open,
                n,
            };
        };
        let (low, high) = (found.interval.low, found.interval.high);
        let standing = match wanted.condition.holds_within(low, high) {
            Some(true) => Standing::Certified,
            Some(false) => Standing::Broken,
            None => Standing::Open,
        };
        Judged { value: Some(found.value), beyond: None, low, high, standing, n }
    }

    /// A quantile is within a limit when few enough releases are beyond it, which is a rate.
    fn judged_quantile(
        &self,
        wanted: &Requirement,
        classes: &[ClassOf],
        (q, both): (f64, f64),
    ) -> Judged {
        let aim = &wanted.aim;
        let above = matches!(wanted.condition, Condition::Above(_) | Condition::AtLeast(_));
        let allowed = if above { q } else { 1.0 - q };
        let breaks = |it: f64| !wanted.condition.holds(it);
        let found = stratified::exact_rate(&self.events(aim, classes, breaks), both);
        let n = self.concerned(aim, classes);
        let value = self.quantile(aim, classes, q);
        let Some(found) = found else {
            let standing = Standing::Open;
            return Judged { value, beyond: None, low: 0.0, high: 1.0, standing, n };
        };
        let (low, high) = (found.interval.low, found.interval.high);
        let standing = if high <= allowed {
            Standing::Certified
        } else if low > allowed {
            Standing::Broken
        } else {
            Standing::Open
        };
        Judged { value, beyond: Some((found.value, allowed)), low, high, standing, n }
    }

    /// Whether the estimate alone meets the condition, a rate only this part of its limit: what must be
    /// shown to hold on other trials needs room to spare.
    pub fn likely(&self, wanted: &Requirement, classes: &[ClassOf], room: f64) -> bool {
        let found = self.judged(wanted, classes, 0.95);
        match (found.beyond, found.value) {
            (Some((beyond, allowed)), _) => beyond <= room * allowed,
            (None, Some(value)) if wanted.aim.how == How::Rate => match wanted.condition {
                Condition::Below(limit) | Condition::AtMost(limit) => value <= room * limit.value(),
                Condition::Above(_)
                | Condition::AtLeast(_)
                | Condition::Within(..)
                | Condition::Is(_) => wanted.condition.holds(value),
            },
            (None, Some(value)) => wanted.condition.holds(value),
            (None, None) => true,
        }
    }

    /// Mine minus theirs, on the trials that both have.
    pub fn difference(
        &self,
        theirs: &Self,
        aim: &Aim,
        (classes, confidence): (&[ClassOf], f64),
    ) -> Option<Estimated> {
        let common = |class: usize| self.count(class).min(theirs.count(class));
        if let How::Quantile(q) = aim.how {
            let (mine, theirs) = (self.cut(&common), theirs.cut(&common));
            let gap = |mine: &Self, theirs: &Self| {
                Some(mine.quantile(aim, classes, q)? - theirs.quantile(aim, classes, q)?)
            };
            let value = gap(&mine, &theirs)?;
            let resampled = |draw: &Draw<'_>| gap(&mine.resampled(draw), &theirs.resampled(draw));
            let (low, high) = bootstrap(&mine, value, confidence, &resampled);
            let interval = crate::stats::Interval { low, high };
            return Some(Estimated { value, interval, n: mine.all() });
        }
        let of = classes.iter().enumerate().filter(|(_, it)| aim.releases.has(it.good));
        let strata: Vec<Stratum<Moments>> = of
            .map(|(class, it)| {
                let mut moments = Moments::default();
                let pairs = self.column(class, aim.tracked).zip(theirs.column(class, aim.tracked));
                for (mine, theirs) in pairs.filter(|it| it.0.is_finite() && it.1.is_finite()) {
                    moments.record(mine - theirs);
                }
                Stratum { weight: it.chance, trials: common(class), values: moments }
            })
            .collect();
        stratified::mean(&strata, confidence)
    }

    fn cut(&self, count: &impl Fn(usize) -> u64) -> Self {
        let part = |(class, it): (usize, &Vec<Vec<f64>>)| {
            let count = usize::try_from(count(class)).unwrap_or(usize::MAX);
            it.iter().take(count).cloned().collect()
        };
        Self { trials: self.trials.iter().enumerate().map(part).collect() }
    }

    /// So many trials of each class, drawn from the first so many with replacement.
    pub(super) fn redrawn(&self, count: &[u64], draw: &Draw<'_>) -> Self {
        self.cut(&|class| count[class]).resampled(draw)
    }

    /// As many trials of each class, drawn from them with replacement.
    fn resampled(&self, draw: &Draw<'_>) -> Self {
        let class = |(class, it): (usize, &Vec<Vec<f64>>)| {
            let at = |index: u64| usize::try_from(draw(class, index)).unwrap_or(0);
            (0..it.len() as u64).map(|index| it[at(index) % it.len()].clone()).collect()
        };
        Self { trials: self.trials.iter().enumerate().map(class).collect() }
    }
}

/// Which trial of a class is drawn for a place of the sample.
type Draw<'d> = dyn Fn(usize, u64) -> u64 + 'd;

/// What could not be measured has not come to its end.
const fn endless(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

/// The middle part of the values of resampled trials (B. Efron 1979); every class is resampled for
/// itself, and both sides of a difference alike.
fn bootstrap(
    tally: &Tally,
    value: f64,
    confidence: f64,
    resampled: &dyn Fn(&Draw<'_>) -> Option<f64>,
) -> (f64, f64) {
    let mut values = Vec::new();
    for sample in 0..RESAMPLES {
        let key = Key::of_bits(RESAMPLING).child(sample);
        let draw = |class: usize, index: u64| {
            key.child(class as u64).stream(index).below(tally.count(class).max(1))
        };
        values.extend(resampled(&draw));
    }
    values.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let index = crate::units::round_u64((part * values.len() as f64 - 0.5).max(0.0));
        let index = usize::try_from(index).unwrap_or(0).min(values.len().saturating_sub(1));
        values.get(index).copied().unwrap_or(value)
    };
    let tail = 0.5 * (1.0 - confidence);
    (at(tail).min(value), at(1.0 - tail).max(value))
}

/// Good releases that must go well, without a single failure, until a rate is shown to be at most this.
pub fn trials_to_certify(limit: f64, confidence: f64) -> u64 {
    let enough = |n: &u64| clopper_pearson(0, *n, 2.0 * confidence - 1.0).high <= limit;
    let near = libm::log(1.0 - confidence) / libm::log(1.0 - limit.clamp(1e-9, 0.999));
    let from = crate::units::round_u64((near - 2.0).max(1.0));
    (from..from + 8).find(enough).unwrap_or(from)
}

#[cfg(test)]
mod tests;
