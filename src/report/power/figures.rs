//! Figures of a survey as people read them.

use crate::{
    experiment::{Figure, power::SeverityUnit},
    report::table::Cell,
    units::{
        round_u64,
        text::{self, NONE, Seconds, Unit, factor, number, seconds, share, things},
    },
};

/// A severity in a sentence: `+0.47 percentage points`, `1.8 ×`, `54 MiB/h`, `10 %`.
pub(super) fn severity(unit: SeverityUnit, value: f64) -> String {
    match unit {
        SeverityUnit::MoreErrors => {
            format!("+{}", things(&number(100.0 * value), "percentage point"))
        }
        SeverityUnit::SlowerTimes
        | SeverityUnit::BytesAnHour
        | SeverityUnit::Strength
        | SeverityUnit::AllOrNothing => severity_in_cell(unit, value),
    }
}

/// What the tables and charts call a percentage point.
pub(super) const POINTS: &str = "pp: percentage points";

/// A severity in a table or chart: `+0.47 pp`.
pub(super) fn severity_in_cell(unit: SeverityUnit, value: f64) -> String {
    match unit {
        SeverityUnit::MoreErrors => format!("+{} pp", number(100.0 * value)),
        SeverityUnit::SlowerTimes => factor(value),
        SeverityUnit::BytesAnHour => text::slope(value),
        SeverityUnit::Strength => share(value),
        SeverityUnit::AllOrNothing => String::new(),
    }
}

/// `31 % (28 % to 34 %)`.
pub(super) fn part_of(it: &Figure) -> String {
    Unit::Share.with_interval(it.value, it.low, it.high)
}

/// The same in a sentence, where it may not be known.
pub(super) fn known_part_of(it: Option<&Figure>) -> String {
    it.map_or_else(|| text::UNKNOWN.to_owned(), part_of)
}

/// The same in a cell.
pub(super) fn part_cell(it: Option<&Figure>) -> Cell {
    it.map_or_else(|| NONE.into(), |it| Cell::of(Unit::Share, it))
}

/// Of a length of time in seconds.
pub(super) fn time_of(it: Option<&Figure>) -> String {
    it.map_or_else(|| NONE.to_owned(), |it| seconds(it.value))
}

/// Of users.
pub(super) fn users_cell(it: Option<&Figure>) -> Cell {
    it.map_or_else(|| NONE.into(), |it| number(it.value).into())
}

/// A value along a curve, by the curve's name.
pub(super) fn along(curve: &str, x: f64) -> String {
    match curve {
        "traffic" => text::rate(x),
        "weight" => share(x),
        "interval" => seconds(x),
        "hour" => text::time_of_day(round_u64(x * 60.0) * 60, Seconds::Hidden),
        _ => number(x),
    }
}
