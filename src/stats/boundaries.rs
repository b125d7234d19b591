//! Boundaries for tests that look a planned number of times at data that come in equal parts.
//!
//! The recursion of Armitage, McPherson and Rowe (1969): the density of the sum of standard normal
//! steps that has crossed no boundary so far is carried from look to look by quadrature. Absolute
//! error below 1e-11.

use std::f64::consts::{E, PI};

use serde::{Deserialize, Serialize};

use super::special::{normal_tail, normal_upper};

/// Which difference a test may find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// More only.
    One,
    /// More or less.
    Two,
}

/// How the error probability is spread over the looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// The same z at every look.
    Pocock,
    /// A z that falls with the square root of the look: strict first, nearly the nominal one at last.
    ObrienFleming,
    /// Lan and DeMets's spending function of Pocock's kind, `a ln(1 + (e - 1) t)`.
    LanDemetsPocock,
    /// Lan and DeMets's spending function of O'Brien and Fleming's kind,
    /// `2 (1 - Phi(z_{a/2} / sqrt(t)))`.
    LanDemetsObrienFleming,
}

/// Probability that a z statistic looked at so many times crosses its bounds at any of them, when
/// nothing differs.
pub fn crossing_probability(bounds: &[f64], sides: Sides) -> f64 {
    let mut walk = Walk::new(sides, bounds.len(), STEP_MAX);
    bounds.iter().map(|bound| walk.crossed(*bound)).sum()
}

/// The z at each of the planned looks (at least 1) beyond which a test of this level (in (0, 0.5))
/// ends.
pub fn boundaries(spending: Spending, level: f64, sides: Sides, looks: usize) -> Vec<f64> {
    let looks = looks.max(1);
    match spending {
        Spending::Pocock => scaled(level, sides, &vec![1.0; looks]),
        Spending::ObrienFleming => {
            let shape = |look: usize| (looks as f64 / look as f64).sqrt();
            scaled(level, sides, &(1..=looks).map(shape).collect::<Vec<f64>>())
        }
        Spending::LanDemetsPocock | Spending::LanDemetsObrienFleming => {
            spent(spending, level, sides, looks)
        }
    }
}

/// The multiple of a shape, at least 1 everywhere and 1 at the last look, that has the level.
fn scaled(level: f64, sides: Sides, shape: &[f64]) -> Vec<f64> {
    let times = |scale: f64| shape.iter().map(|it| scale * it).collect::<Vec<f64>>();
    let single = level / sides.count();
    // between one look and Bonferroni's bound for all
    let range = (normal_upper(single), normal_upper(single / shape.len() as f64));
    let scale = solve(range, level, |scale| crossing_probability(&times(scale), sides));
    times(scale)
}

fn spent(spending: Spending, level: f64, sides: Sides, looks: usize) -> Vec<f64> {
    /// Less cannot be told from nothing.
    const LEAST: f64 = 1e-300;
    let single = level / sides.count();
    let until = |look: usize| match look as f64 / looks as f64 {
        part if part <= 0.0 => 0.0,
        part => match spending {
            Spending::LanDemetsPocock | Spending::Pocock => single * libm::log1p((E - 1.0) * part),
            Spending::LanDemetsObrienFleming | Spending::ObrienFleming => {
                2.0 * normal_tail(normal_upper(0.5 * single) / part.sqrt())
            }
        },
    };
    let mut walk = Walk::new(sides, looks, STEP_MAX_FOR_TAILS);
    let mut bounds = Vec::with_capacity(looks);
    for look in 1..=looks {
        let now = (until(look) - until(look - 1)).max(LEAST);
        // all that was spent so far at this look alone, and only what is spent now
        let range = (normal_upper(until(look).max(LEAST)), normal_upper(now));
        let bound = solve(range, now, |bound| walk.beyond(bound));
        walk.crossed(bound);
        bounds.push(bound);
    }
    bounds
}

/// Where a falling function reaches a value, by secants of its logarithm, which is nearly a parabola; by
/// halves where a secant leads out of what is left of the range.
fn solve(range: (f64, f64), value: f64, function: impl Fn(f64) -> f64) -> f64 {
    const STEPS_MAX: u32 = 60;
    let above = |x: f64| libm::log(function(x).max(f64::MIN_POSITIVE) / value);
    let (mut low, mut high) = range;
    if high - low < 1e-13 {
        return high;
    }
    let (mut last, mut now) = ((low, above(low)), (high, above(high)));
    for _ in 0..STEPS_MAX {
        let secant = now.0 - now.1 * (now.0 - last.0) / (now.1 - last.1);
        let x = if secant > low && secant < high { secant } else { low.midpoint(high) };
        (last, now) = (now, (x, above(x)));
        if now.1 > 0.0 {
            low = x;
        } else {
            high = x;
        }
        if now.1.abs() < 1e-12 || (now.0 - last.0).abs() < 1e-13 || high - low < 1e-13 {
            break;
        }
    }
    now.0
}

impl Sides {
    const fn count(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 2.0,
        }
    }
}

/// Sum of standard normal steps, one a look, of which only what has crossed no bound goes on.
struct Walk {
    sides: Sides,
    looks: usize,
    step_max: f64,
    look: usize,
    /// Places and the probability of being there.
    nodes: Vec<(f64, f64)>,
}

/// Distance beyond which a step is not followed. The density there is below 1e-18, which is nothing in an
/// absolute figure; boundaries at tiny probabilities need 1e-37.
const STEP_MAX: f64 = 9.0;
const STEP_MAX_FOR_TAILS: f64 = 13.0;
/// Standard deviations outside which a probability is below 1e-16.
const FAR: f64 = 8.5;

impl Walk {
    fn new(sides: Sides, looks: usize, step_max: f64) -> Self {
        Self { sides, looks, step_max, look: 0, nodes: vec![(0.0, 1.0)] }
    }

    /// Probability to be above this z at the next look.
    fn beyond(&self, bound: f64) -> f64 {
        let edge = bound * ((self.look + 1) as f64).sqrt();
        self.nodes.iter().map(|(place, mass)| mass * normal_tail(edge - place)).sum()
    }

    /// Looks: the probability of crossing now. What crosses goes no further.
    fn crossed(&mut self, bound: f64) -> f64 {
        let probability = self.sides.count() * self.beyond(bound);
        self.look += 1;
        let root = (self.look as f64).sqrt();
        let upper = bound * root;
        let lower = match self.sides {
            Sides::Two => -upper,
            // from below this, no later bound above 0 is reached
            Sides::One => -FAR * root.min((self.looks.saturating_sub(self.look) as f64).sqrt()),
        };
        self.nodes = if upper > lower && self.look < self.looks {
            quadrature(lower, upper).map(|it| (it.0, it.1 * self.density(it.0))).collect()
        } else {
            Vec::new()
        };
        probability
    }

    fn density(&self, place: f64) -> f64 {
        let first = self.nodes.partition_point(|it| it.0 < place - self.step_max);
        let near = self.nodes[first..].iter().take_while(|it| it.0 <= place + self.step_max);
        let kernel = |step: f64| libm::exp(-0.5 * step * step);
        near.map(|(from, mass)| mass * kernel(place - from)).sum::<f64>() / (2.0 * PI).sqrt()
    }
}

/// Ten points of Gauss and Legendre on (-1, 1) with their weights, the positive half (Abramowitz
/// and Stegun, table 25.4).
const GAUSS: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_4),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// Places and weights for an integral, in panels of a length of at most two: exact to 1e-14 for
/// normal densities.
fn quadrature(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let panels = (1..10_000_u32).find(|it| f64::from(*it) * 2.0 >= high - low).unwrap_or(10_000);
    let half = 0.5 * (high - low) / f64::from(panels);
    (0..panels).flat_map(move |panel| {
        let middle = low + half * f64::from(2 * panel + 1);
        let below = GAUSS.iter().rev().map(move |it| (middle - half * it.0, half * it.1));
        below.chain(GAUSS.iter().map(move |it| (middle + half * it.0, half * it.1)))
    })
}
