//! Data files: recorded traffic and measured spans, from CSV.

use crate::{
    model::TraceSpec,
    units::{Span, round_u64},
};

/// Rows that a data file may have.
const ROWS_MAX: usize = 2_000_000;
const DAY_SECONDS: i64 = 86_400;

/// Segments of constant rate: their ends in nanoseconds since the trace's begin, and their rates.
///
/// The last row holds as long as the one before it.
pub(super) fn read(text: &str, spec: &TraceSpec) -> Result<Vec<(u64, f64)>, String> {
    let value = match (&spec.count, &spec.rate) {
        (Some(count), None) => count,
        (None, Some(rate)) => rate,
        _ => return Err("a trace needs `count` or `rate`, and not both".to_owned()),
    };
    let rows = columns(text, &spec.time, value)?;
    if rows.len() < 2 {
        return Err("a trace needs at least two rows".to_owned());
    }
    let (scale, stretch) = (spec.scale.get(), spec.stretch.get());
    if stretch <= 0.0 {
        return Err("a trace cannot be stretched by `0x`".to_owned());
    }
    let skip = spec.skip.as_secs_f64();
    let begin = rows[0].0;
    let mut segments = Vec::with_capacity(rows.len());
    for (index, &(time, amount)) in rows.iter().enumerate() {
        let length = match rows.get(index + 1) {
            Some(next) => next.0 - time,
            None => time - rows[index - 1].0,
        };
        if length <= 0.0 {
            return Err(format!("row {}: times do not ascend", index + 2));
        }
        let rate = if spec.count.is_some() { amount / length } else { amount };
        if !(rate * scale / stretch).is_finite() {
            return Err(format!("row {}: its rate is too large to be a number", index + 2));
        }
        let end = (time - begin + length - skip) * stretch;
        if end > 0.0 {
            segments.push((round_u64(end * 1e9), rate * scale / stretch));
        }
    }
    match segments.last() {
        None => return Err("`skip` skips the whole trace".to_owned()),
        Some((0, _)) => return Err("it lasts less than a nanosecond".to_owned()),
        Some(_) => {}
    }
    Ok(segments)
}

/// A column of spans, sorted, in nanoseconds.
pub(super) fn column(text: &str, name: &str, unit: Span) -> Result<Vec<u64>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let index = find(&mut reader, name)?;
    let mut nanos = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|it| it.to_string())?;
        let number = number(record.get(index).unwrap_or_default(), row)?;
        nanos.push(round_u64(number * unit.nanos() as f64));
        bounded(nanos.len())?;
    }
    if nanos.is_empty() {
        return Err("it has no rows".to_owned());
    }
    nanos.sort_unstable();
    Ok(nanos)
}

fn columns(text: &str, time: &str, value: &str) -> Result<Vec<(f64, f64)>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (time, value) = (find(&mut reader, time)?, find(&mut reader, value)?);
    let mut rows = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|it| it.to_string())?;
        let at = moment(record.get(time).unwrap_or_default(), row)?;
        let amount = number(record.get(value).unwrap_or_default(), row)?;
        rows.push((at, amount));
        bounded(rows.len())?;
    }
    Ok(rows)
}

fn bounded(rows: usize) -> Result<(), String> {
    if rows > ROWS_MAX { Err(format!("it has more than {ROWS_MAX} rows")) } else { Ok(()) }
}

fn find(reader: &mut csv::Reader<&[u8]>, name: &str) -> Result<usize, String> {
    let headers = reader.headers().map_err(|it| it.to_string())?;
    headers.iter().position(|it| it.trim() == name).ok_or_else(|| {
        let known: Vec<String> =
            headers.iter().take(20).map(|it| format!("`{}`", it.trim())).collect();
        format!("it has no column `{name}`; it has {}", known.join(", "))
    })
}

/// A finite number of at least zero.
fn number(text: &str, row: usize) -> Result<f64, String> {
    let shown: String = text.chars().take(40).collect();
    match text.trim().parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(format!("row {}: `{shown}` is not a number of at least zero", row + 2)),
    }
}

/// Seconds: a number, or a date and time of day.
fn moment(text: &str, row: usize) -> Result<f64, String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>()
        && seconds.is_finite()
    {
        return Ok(seconds);
    }
    let shown: String = text.chars().take(40).collect();
    date_time(text).ok_or_else(|| {
        format!("row {}: `{shown}` is neither seconds nor `YYYY-MM-DD HH:MM:SS`", row + 2)
    })
}

/// Seconds since 1970 of `YYYY-MM-DD HH:MM:SS`, with a `T` and a fraction allowed.
fn date_time(text: &str) -> Option<f64> {
    let (date, clock) = text.split_once([' ', 'T'])?;
    let mut date = date.splitn(3, '-').map(|it| it.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut clock = clock.trim_end_matches('Z').splitn(3, ':');
    let hour: i64 = clock.next()?.parse().ok()?;
    let minute: i64 = clock.next()?.parse().ok()?;
    let second: f64 = clock.next().unwrap_or("0").parse().ok()?;
    let sane = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0.0..61.0).contains(&second)
        && (1..10_000).contains(&year);
    let whole_minutes =
        days_since_1970(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60;
    sane.then_some(whole_minutes as f64 + second)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (the year begins in March, so that the
/// leap day is its last; Hinnant, "chrono-compatible low-level date algorithms", 2013).
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Factor;

    fn spec(count: Option<&str>, rate: Option<&str>) -> TraceSpec {
        TraceSpec {
            file: "trace.csv".to_owned(),
            time: "time".to_owned(),
            count: count.map(str::to_owned),
            rate: rate.map(str::to_owned),
            scale: Factor::ONE,
            stretch: Factor::ONE,
            skip: Span::ZERO,
            repeat: false,
        }
    }

    #[test]
    fn counts_become_rates_over_their_own_segment() {
        let text = "time,n\n0,10\n10,40\n30,5\n";
        let second = 1_000_000_000;
        let expected = vec![(10 * second, 1.0), (30 * second, 2.0), (50 * second, 0.25)];
        assert_eq!(read(text, &spec(Some("n"), None)).unwrap(), expected);
    }

    #[test]
    fn a_trace_can_be_scaled_stretched_and_cut() {
        let text = "time,n\n0,10\n10,40\n30,5\n";
        let changed = TraceSpec {
            scale: Factor::clamped(3.0),
            stretch: Factor::clamped(2.0),
            skip: Span::from_secs(10),
            ..spec(Some("n"), None)
        };
        let second = 1_000_000_000;
        assert_eq!(read(text, &changed).unwrap(), vec![(40 * second, 3.0), (80 * second, 0.375)]);
    }

    #[test]
    fn dates_are_seconds_since_1970() {
        assert_eq!(date_time("1970-01-01 00:00:00"), Some(0.0));
        assert_eq!(date_time("2014-04-10 00:04:00"), Some(1_397_088_240.0));
        assert_eq!(date_time("2024-02-29T23:59:59.5"), Some(1_709_251_199.5));
        assert_eq!(date_time("2024-13-01 00:00:00"), None);
    }

    #[test]
    fn bad_rows_are_named() {
        let error = |text: &str| read(text, &spec(None, Some("n"))).unwrap_err();
        assert_eq!(error("time,n\n0,1\n0,2\n"), "row 2: times do not ascend");
        assert_eq!(error("time,n\n0,x\n"), "row 2: `x` is not a number of at least zero");
        assert_eq!(error("time,m\n0,1\n"), "it has no column `n`; it has `time`, `m`");
        assert_eq!(error("time,n\n0,1\n"), "a trace needs at least two rows");
    }
}
