//! What all charts of a comparison share: the summary, the theme, and how each strategy looks.

use crate::{
    experiment::{Difference, Estimate, Stat, Summary},
    report::{
        chart::{Canvas, Colour, Lettering, Marker, Theme, fitted, width_of},
        words::harmless,
    },
    units::text::{Unit, share},
};

pub(super) struct ChartContext<'s> {
    pub(super) summary: &'s Summary,
    pub(super) theme: &'static Theme,
    /// Of the strategies, fit for drawing.
    pub(super) names: Vec<String>,
}

/// One of the two things that strategies are ranked by.
pub(super) struct Ranked {
    /// In the summary.
    pub(super) quantity: &'static str,
    /// What a smaller and a larger value is called.
    pub(super) words: [&'static str; 2],
    /// What an axis of it says, and one of its differences.
    pub(super) axis: String,
    pub(super) difference: String,
    currency: Option<String>,
}

impl Ranked {
    fn unit(&self) -> Unit<'_> {
        self.currency.as_deref().map_or(Unit::Count, Unit::Money)
    }

    /// A figure alone, such as that of a tick.
    pub(super) fn told(&self, value: f64) -> String {
        self.unit().value(value)
    }

    /// A figure beside its interval.
    pub(super) fn among(&self, [value, low, high]: [f64; 3]) -> String {
        self.unit().among(value, low, high)
    }

    /// The interval beside a figure.
    pub(super) fn interval(&self, [value, low, high]: [f64; 3]) -> String {
        self.unit().interval(value, low, high)
    }

    /// The one of two texts that goes with money, or with users.
    pub(super) fn either<T>(&self, cost: T, harm: T) -> T {
        if self.currency.is_some() { cost } else { harm }
    }
}

/// Size of a strategy's name.
const NAME: f64 = 12.5;
/// From the middle of a strategy's mark to its name.
const BESIDE: f64 = 13.0;

impl<'s> ChartContext<'s> {
    pub(super) fn new(summary: &'s Summary, theme: &'static Theme) -> Self {
        let names = summary.strategies.iter().map(|it| harmless(&it.name)).collect();
        Self { summary, theme, names }
    }

    /// Cost, then harm.
    pub(super) fn measures(&self) -> [Ranked; 2] {
        let currency = fitted(&harmless(&self.summary.currency), 12.0, false, 32.0);
        let axis = format!("mean cost of a rollout ({currency})");
        let difference = format!("difference of mean cost ({currency})");
        [
            Ranked {
                quantity: "cost",
                words: ["costs less", "costs more"],
                axis,
                difference,
                currency: Some(currency),
            },
            Ranked {
                quantity: "users_hurt",
                words: ["fewer", "more"],
                axis: "mean users hurt in a rollout".to_owned(),
                difference: "difference of mean users hurt".to_owned(),
                currency: None,
            },
        ]
    }

    /// An estimate over all releases, if all of it is numbers.
    pub(super) fn estimate(&self, strategy: usize, quantity: &str, stat: Stat) -> Option<Estimate> {
        let found = self.summary.strategies.get(strategy)?.estimate(quantity, stat)?;
        sound(found)
    }

    /// Strategies that have a mean of the quantity, smallest first.
    pub(super) fn ranking(&self, quantity: &str) -> Vec<(usize, Estimate)> {
        let known = |it| Some((it, self.estimate(it, quantity, Stat::Mean)?));
        let mut all: Vec<_> = (0..self.names.len()).filter_map(known).collect();
        all.sort_by(|one, two| one.1.value.total_cmp(&two.1.value));
        all
    }

    /// The difference of a quantity, `worse` minus `better`, whichever way round it was found.
    pub(super) fn difference(
        &self,
        (better, worse): (usize, usize),
        quantity: &str,
    ) -> Option<Difference> {
        let of = |first, second| {
            let mut pairs = self.summary.pairs.iter();
            let pair = pairs.find(|it| (it.first, it.second) == (first, second))?;
            pair.differences.iter().find(|it| it.quantity == quantity).cloned()
        };
        let known = of(better, worse).or_else(|| of(worse, better).map(turned))?;
        let values = [known.value, known.low, known.high, known.low_adjusted, known.high_adjusted];
        values.iter().all(|it| it.is_finite()).then_some(known)
    }

    /// `95 % interval`.
    pub(super) fn interval(&self) -> String {
        format!("{} interval", share(self.summary.confidence))
    }

    pub(super) fn colour(&self, strategy: usize) -> Colour {
        self.theme.series[strategy % self.theme.series.len()]
    }

    /// The first eight strategies differ in colour and shape, the next eight in their combination.
    pub(super) fn marker(strategy: usize) -> Marker {
        let all = Marker::ALL;
        all[(strategy + strategy / all.len()) % all.len()]
    }

    /// Draws the mark of a strategy.
    pub(super) fn mark(&self, canvas: &Canvas<'_>, at: (f64, f64), strategy: usize, radius: f64) {
        canvas.marker(at, Self::marker(strategy), radius, self.colour(strategy));
    }

    /// The room that names need, up to a limit.
    pub(super) fn gutter(&self, widest: f64) -> f64 {
        let widths = self.names.iter().map(|it| width_of(it, NAME, false));
        (widths.fold(0.0, f64::max) + BESIDE + 20.0).min(widest)
    }

    /// Mark and name of a strategy from `left` on, in so much room.
    pub(super) fn name(&self, canvas: &Canvas<'_>, at: (f64, f64), room: f64, strategy: usize) {
        let (left, y) = at;
        self.mark(canvas, (left + 5.0, y), strategy, 4.6);
        let text = fitted(&self.names[strategy], NAME, false, room - BESIDE - 12.0);
        canvas.text((left + 5.0 + BESIDE, y), &text, Lettering::new(NAME, self.theme.ink));
    }
}

/// The estimate, unless a part of it is no number.
pub(super) fn sound(found: &Estimate) -> Option<Estimate> {
    let all = [found.value, found.low, found.high];
    all.iter().all(|it| it.is_finite()).then(|| found.clone())
}

/// The same difference seen from the other side.
fn turned(it: Difference) -> Difference {
    Difference {
        value: -it.value,
        low: -it.high,
        high: -it.low,
        low_adjusted: -it.high_adjusted,
        high_adjusted: -it.low_adjusted,
        less: it.more,
        more: it.less,
        ..it
    }
}
