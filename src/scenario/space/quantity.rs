//! Values of parameters: numbers with a unit, and back to the text of a scenario.

use serde_json::Value;

use crate::units::{Bytes, Factor, Limit, LimitKind, Rate, Ratio, Span, round_u64};

/// What the numbers of a range count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// 0 to 1.
    Ratio,
    /// Seconds.
    Span,
    /// Times.
    Factor,
    /// Bytes an hour.
    Slope,
    Bytes,
    /// A second.
    Rate,
    /// Whole numbers without a unit.
    Whole,
    /// Numbers without a unit.
    Number,
}

/// A value of a scenario as a number; none where it is none.
pub(super) fn number(value: &Value) -> Option<(Unit, f64)> {
    match value {
        Value::Number(it) if it.is_u64() || it.is_i64() => Some((Unit::Whole, it.as_f64()?)),
        Value::Number(it) => Some((Unit::Number, it.as_f64()?)),
        Value::String(text) => of_text(text.trim()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn of_text(text: &str) -> Option<(Unit, f64)> {
    if let Ok(rate) = text.parse::<Rate>() {
        return Some((Unit::Rate, rate.as_per_second()));
    }
    if let Ok(limit) = text.parse::<Limit>() {
        let unit = match limit.kind() {
            LimitKind::Ratio => Unit::Ratio,
            LimitKind::Span => Unit::Span,
            LimitKind::Factor => Unit::Factor,
            LimitKind::Slope => Unit::Slope,
            LimitKind::Count => Unit::Whole,
        };
        return Some((unit, limit.value()));
    }
    let bytes = text.parse::<Bytes>().ok()?;
    Some((Unit::Bytes, bytes.get() as f64))
}

/// Decimals that show three digits of a figure.
fn decimals(value: f64) -> usize {
    match value.abs() {
        it if it >= 99.95 => 0,
        it if it >= 9.995 => 1,
        it if it >= 0.9995 => 2,
        it if it >= 0.099_95 => 3,
        it if it >= 0.009_995 => 4,
        _ => 6,
    }
}

fn digits(value: f64) -> String {
    let text = format!("{value:.*}", decimals(value));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A length of time as people write it: to three digits below ten seconds, then to whole seconds,
/// ten seconds above a minute and whole minutes above ten.
fn round_time(seconds: f64) -> f64 {
    let step = match seconds {
        it if it >= 600.0 => 60.0,
        it if it >= 60.0 => 10.0,
        it if it >= 10.0 => 1.0,
        it if it >= 1.0 => 0.01,
        _ => 0.001,
    };
    (seconds / step).round() * step
}

/// The number as a value of a scenario, to about three digits: what is recommended can be read out.
pub(super) fn value(unit: Unit, number: f64) -> Value {
    match unit {
        Unit::Ratio => format!("{}%", digits(100.0 * Ratio::clamped(number).get())).into(),
        Unit::Span => Span::from_secs_f64(round_time(number)).to_string().into(),
        Unit::Factor => format!("{}x", digits(Factor::clamped(number).get())).into(),
        Unit::Slope => format!("{}/h", round_bytes(number)).into(),
        Unit::Bytes => round_bytes(number).to_string().into(),
        Unit::Rate => format!("{}/s", digits(number)).into(),
        Unit::Whole => round_u64(number).into(),
        Unit::Number => digits(number).parse::<f64>().unwrap_or(number).into(),
    }
}

/// From a fraction of a value of a scenario to the same multiple of it, in its unit; none where it is no
/// number above zero.
pub fn around(written: &Value, factor: f64) -> Option<(Value, Value)> {
    let (unit, found) = number(written).filter(|it| it.1 > 0.0)?;
    Some((value(unit, found / factor), value(unit, found * factor)))
}

fn round_bytes(number: f64) -> Bytes {
    let step = f64::from(if number >= 4_194_304.0 { 1 << 20 } else { 1 << 10 });
    Bytes::new(round_u64((number / step).round() * step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_with_their_unit_and_written_as_people_would() {
        let cases = [
            (json!("1.2345%"), Unit::Ratio, json!("1.23%")),
            (json!("12.345%"), Unit::Ratio, json!("12.3%")),
            (json!("754s"), Unit::Span, json!("13m")),
            (json!("83s"), Unit::Span, json!("1m20s")),
            (json!("250ms"), Unit::Span, json!("250ms")),
            (json!("1.5x"), Unit::Factor, json!("1.5x")),
            (json!("300MiB/h"), Unit::Slope, json!("300MiB/h")),
            (json!("512MiB"), Unit::Bytes, json!("512MiB")),
            (json!("40/s"), Unit::Rate, json!("40/s")),
            (json!(7), Unit::Whole, json!(7)),
            (json!(0.0123), Unit::Number, json!(0.0123)),
        ];
        for (written, unit, read) in cases {
            let (found, number) = number(&written).unwrap();
            assert_eq!((found, value(unit, number)), (unit, read), "{written}");
        }
        for nothing in [json!("users"), json!(null), json!([1]), json!(true)] {
            assert_eq!(number(&nothing), None, "{nothing}");
        }
    }
}
