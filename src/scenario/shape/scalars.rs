//! Checks of single values: texts, quantities, numbers and booleans.

use super::{
    super::{
        Problem, Value, listed, quoted,
        scalar::{self, Plain},
    },
    Form,
    form::{Bounds, Text},
};
use crate::{
    model::{EstimateName, Measure},
    units,
};

/// What is wrong with a single value; `key` names its place in the message.
pub(super) fn check(value: &Value, form: &Form<'_>, key: &str) -> Option<Problem> {
    match (form, value) {
        (Form::Text(text), Value::Text(content)) => {
            check_text(content, *text).map(|it| of_measure(it, *text, key))
        }
        (Form::Text(text), Value::Number(number, _)) if text.or_count && number.is_u64() => {
            check_text(&number.to_string(), *text).map(|it| of_measure(it, *text, key))
        }
        (Form::Text(text), Value::Number(number, _)) if text.or_number => {
            // without the sign of a zero
            let number = number.as_f64().map_or_else(String::new, |it| (it + 0.0).to_string());
            check_text(&number, *text).map(|it| of_measure(it, *text, key))
        }
        (Form::Text(text), Value::Number(_, raw)) => {
            Some(of_measure(number_for_text(raw, form, *text), *text, key))
        }
        (Form::Boolean, Value::Bool(_)) => None,
        (Form::Boolean, Value::Text(word)) => Some(boolean(word, form, key)),
        (Form::Integer(bounds), Value::Number(number, raw)) => {
            let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            integer(whole, raw, *bounds, form)
        }
        (Form::Number(bounds), Value::Number(number, raw)) => {
            let value = number.as_f64().unwrap_or(f64::NAN);
            outside(value, *bounds).then(|| out_of_range(raw, form))
        }
        (Form::Integer(_) | Form::Number(_), Value::Text(word)) => {
            Some(text_for_number(word, form))
        }
        _ => Some(
            Problem::error(format!("{} cannot be {}", named(key), described(value)))
                .allowed(form.expected()),
        ),
    }
}

/// What a value is, in words.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null | Value::Broken => "empty".to_owned(),
        Value::Bool(value) => format!("the boolean `{value}`"),
        Value::Number(_, raw) => format!("the number {}", quoted(raw)),
        Value::Text(text) => format!("the text {}", quoted(text)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}

fn named(key: &str) -> String {
    if key.is_empty() { "this".to_owned() } else { quoted(key) }
}

fn check_text(content: &str, text: Text<'_>) -> Option<Problem> {
    if let Some(parse) = text.parser() {
        let malformed = parse(content).err()?;
        let problem = Problem::error(malformed.problem).allowed(malformed.allowed);
        return Some(with_ways(problem, &text.respelt(content)));
    }
    let count = content.chars().count() as u64;
    let short = text.length.min.is_some_and(|min| count < min);
    let long = text.length.max.is_some_and(|max| count > max);
    let problem = match (short, long) {
        (false, false) => return None,
        (true, _) if count == 0 => Problem::error("the text is empty"),
        _ => Problem::error(format!("the text has {count} characters")),
    };
    Some(problem.allowed(Form::Text(text).expected()))
}

/// With what the measure that a condition is about takes, where the key names one.
fn of_measure(problem: Problem, text: Text<'_>, key: &str) -> Problem {
    let measure = || Measure::ALL.iter().find(|it| it.name() == key).map(|it| it.kind());
    let kind = measure().or_else(|| Some(key.parse::<EstimateName>().ok()?.kind()));
    match kind.filter(|_| text.format == Some("condition")) {
        Some(kind) => {
            let example = kind.example();
            problem.allowed(format!(
                "{example}; alone, after `<`, `<=`, `>` or `>=`, or two as a range"
            ))
        }
        None => problem,
    }
}

/// With the ways in which it may be written instead.
fn with_ways(problem: Problem, ways: &[String]) -> Problem {
    if ways.is_empty() {
        return problem;
    }
    problem.hint(format!("write {}", listed(ways.iter().map(String::as_str))))
}

fn number_for_text(raw: &str, form: &Form<'_>, text: Text<'_>) -> Problem {
    if text.parser().is_some() {
        // where a whole number is a count, the parser knows what this one is not
        let counts = matches!(text.format, Some("limit" | "condition"));
        let counted = counts.then(|| text.parser()?(raw).err()).flatten();
        let problem =
            counted.map_or_else(|| format!("{} needs a unit", quoted(raw)), |it| it.problem);
        let problem = Problem::error(problem);
        let ways = text.format.map_or_else(Vec::new, |it| units::with_unit(it, raw));
        return with_ways(problem.allowed(form.expected()), &ways);
    }
    Problem::error(format!("{} is a number, not a text", quoted(raw)))
        .allowed(form.expected())
        .hint(format!("write `\"{raw}\"`"))
}

fn boolean(word: &str, form: &Form<'_>, key: &str) -> Problem {
    let problem = Problem::error(format!("{} cannot be {}", named(key), quoted(word)))
        .allowed(form.expected());
    match word.to_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => problem.hint("write `true`"),
        "no" | "off" | "n" | "false" => problem.hint("write `false`"),
        _ => problem,
    }
}

fn integer(
    whole: Option<i128>,
    raw: &str,
    bounds: Bounds<i128>,
    form: &Form<'_>,
) -> Option<Problem> {
    match whole {
        Some(value) => {
            let small = bounds.min.is_some_and(|min| value < min);
            let large = bounds.max.is_some_and(|max| value > max);
            (small || large).then(|| out_of_range(raw, form))
        }
        None if scalar::is_whole(raw) => Some(out_of_range(raw, form)),
        None => Some(
            Problem::error(format!("{} is not a whole number", quoted(raw)))
                .allowed(form.expected()),
        ),
    }
}

fn outside(value: f64, bounds: Bounds<f64>) -> bool {
    bounds.min.is_some_and(|min| value < min) || bounds.max.is_some_and(|max| value > max)
}

fn out_of_range(raw: &str, form: &Form<'_>) -> Problem {
    Problem::error(format!("{} is out of range", quoted(raw))).allowed(form.expected())
}

fn text_for_number(word: &str, form: &Form<'_>) -> Problem {
    let problem =
        Problem::error(format!("{} is not a number", quoted(word))).allowed(form.expected());
    let digits: String = word.chars().filter(|c| !matches!(c, '_' | ',' | ' ')).collect();
    let number = digits.len() <= 20 && matches!(scalar::resolve(&digits), Plain::Number(_));
    if number { problem.hint(format!("write `{digits}`")) } else { problem }
}
