//! A range of numbers of one unit: from a part of the way to the number, and back.

use serde_json::Value;

use super::quantity::{Unit, number, value};
use crate::{kernel::math, model::ScaleSpec, units::round_u64};

/// Above this quotient whole numbers are searched by their quotients as well.
const QUOTIENT: f64 = 10.0;

/// Numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) unit: Unit,
    pub(super) from: f64,
    pub(super) to: f64,
    logarithmic: bool,
}

impl Range {
    /// None where the two are no numbers of one unit, or the wrong way round.
    pub(super) fn of(from: &Value, to: &Value, scale: Option<ScaleSpec>) -> Option<Self> {
        let ((mut unit, from), (other, to)) = (number(from)?, number(to)?);
        if unit != other {
            let plain = |it| matches!(it, Unit::Whole | Unit::Number);
            if !(plain(unit) && plain(other)) {
                return None;
            }
            unit = Unit::Number;
        }
        let suits = from > 0.0 && (unit != Unit::Whole || to / from >= QUOTIENT);
        let logarithmic = scale.map_or(suits, |it| it == ScaleSpec::Logarithmic && from > 0.0);
        (from <= to).then_some(Self { unit, from, to, logarithmic })
    }

    /// The number at a part of the way, and whole numbers with equal room each.
    pub(super) fn at(self, part: f64) -> f64 {
        let beyond = if self.unit == Unit::Whole { 1.0 } else { 0.0 };
        let to = self.to + beyond;
        let found = if self.logarithmic {
            math::exp(math::ln(self.from) + part * (math::ln(to) - math::ln(self.from)))
        } else {
            self.from + part * (to - self.from)
        };
        if self.unit == Unit::Whole { found.floor().clamp(self.from, self.to) } else { found }
    }

    /// As the scenario says it; rounded, but never out of the range.
    pub(super) fn value(self, part: f64) -> Value {
        let rounded = value(self.unit, self.at(part));
        match number(&rounded) {
            Some((_, it)) if it < self.from => value_exact(self, self.from),
            Some((_, it)) if it > self.to => value_exact(self, self.to),
            _ => rounded,
        }
    }

    /// Which part of the way a number is; none where it is no number of this unit.
    pub(super) fn part(self, value: &Value) -> Option<f64> {
        let (unit, found) = number(value)?;
        let plain = |it| matches!(it, Unit::Whole | Unit::Number);
        if unit != self.unit && !(plain(unit) && plain(self.unit)) {
            return None;
        }
        let whole_step = self.unit == Unit::Whole;
        let (found, to) = if whole_step { (found + 0.5, self.to + 1.0) } else { (found, self.to) };
        if to <= self.from {
            return Some(0.5);
        }
        let part = if self.logarithmic {
            let from = math::ln(self.from);
            (math::ln(found.max(self.from)) - from) / (math::ln(to) - from)
        } else {
            (found - self.from) / (to - self.from)
        };
        Some(part.clamp(0.0, 1.0))
    }

    pub(super) const fn is_open(self) -> bool {
        self.from < self.to
    }
}

/// An end of a range as written in the scenario, which rounding would move.
fn value_exact(range: Range, number: f64) -> Value {
    match range.unit {
        Unit::Ratio => format!("{}%", 100.0 * number).into(),
        Unit::Span => crate::units::Span::from_secs_f64(number).to_string().into(),
        Unit::Factor => format!("{number}x").into(),
        Unit::Slope => format!("{}B/h", round_u64(number)).into(),
        Unit::Bytes => format!("{}B", round_u64(number)).into(),
        Unit::Rate => format!("{number}/s").into(),
        Unit::Whole => round_u64(number).into(),
        Unit::Number => number.into(),
    }
}
