//! Figures of a survey as people read them.

use crate::{
    experiment::power::{Figure, SeverityUnit},
    report::{
        compare::figures::{amount, duration, share},
        words::{bytes, span_in_words},
    },
    units::Span,
};

/// A severity in its unit: `+0.47 %`, `1.8x`, `54 MiB/h`, `10 %`.
pub(super) fn severity(unit: SeverityUnit, value: f64) -> String {
    match unit {
        SeverityUnit::MoreErrors => format!("+{}", share(value)),
        SeverityUnit::SlowerTimes => format!("{}x", amount(value)),
        SeverityUnit::BytesAnHour => format!("{}/h", bytes(value)),
        SeverityUnit::Strength => share(value),
        SeverityUnit::AllOrNothing => String::new(),
    }
}

/// A part in whole per cent where that says enough: `31 %`, `0.4 %`.
pub(super) fn part(value: f64) -> String {
    let percent = 100.0 * value;
    match percent {
        it if it >= 99.95 => "100 %".to_owned(),
        it if (9.95..=90.05).contains(&it) => format!("{it:.0} %"),
        it if it >= 0.05 => format!("{it:.1} %").replace(".0 %", " %"),
        it if it > 0.0 => share(value),
        _ => "0 %".to_owned(),
    }
}

/// `[28, 34]`, in per cent.
pub(super) fn interval(it: &Figure) -> String {
    let bare = |it: f64| part(it).replace(" %", "");
    format!("[{}, {}]", bare(it.low), bare(it.high))
}

/// `31 % [28, 34]`; a dash where nothing is known.
pub(super) fn part_of(it: Option<&Figure>) -> String {
    it.map_or_else(|| "-".to_owned(), |it| format!("{} {}", part(it.value), interval(it)))
}

/// Of a length of time in seconds.
pub(super) fn time_of(it: Option<&Figure>) -> String {
    it.map_or_else(|| "-".to_owned(), |it| duration(it.value))
}

/// Of users.
pub(super) fn count_of(it: Option<&Figure>) -> String {
    it.map_or_else(|| "-".to_owned(), |it| amount(it.value))
}

/// A length of time in a sentence.
pub(super) fn in_words(seconds: f64) -> String {
    span_in_words(Span::from_secs_f64(seconds))
}

/// A value along a curve, by the curve's name.
pub(super) fn along(curve: &str, x: f64) -> String {
    match curve {
        "traffic" => format!("{}/s", amount(x)),
        "weight" => share(x),
        "interval" => duration(x),
        "hour" => {
            let minutes = (x * 60.0).round();
            let hour = libm::floor(minutes / 60.0);
            format!("{hour:02.0}:{:02.0}", minutes - 60.0 * hour)
        }
        _ => amount(x),
    }
}
