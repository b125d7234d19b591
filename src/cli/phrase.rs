//! What may stand in a place of a scenario, in a few words.

use crate::scenario::{Bounds, Form, Schemas, Section, Text, Typed, listed};

/// Quantities by an example; what else is allowed is said where one is explained by itself.
const BRIEFLY: &[(&str, &str)] = &[
    ("span", "a time such as `90s`"),
    ("rate", "a rate such as `40/s`"),
    ("ratio", "a share such as `2.5%`"),
    ("bytes", "an amount such as `512MiB`"),
    ("factor", "a factor such as `1.5x`"),
    ("hour-of-week", "a day and hour such as `Tue 14:00`"),
    ("limit", "a limit such as `1%`, `250ms` or `3`"),
    ("condition", "a condition such as `\"<= 5\"`"),
];

/// What a choice has that is its name alone.
pub(super) const NO_SETTINGS: &str = "no settings";

/// In full.
pub(super) fn phrase(schemas: &Schemas, typed: &Typed<'_>) -> String {
    said(schemas, typed, &|form| form.expected())
}

/// For one of many keys.
pub(super) fn brief(schemas: &Schemas, typed: &Typed<'_>) -> String {
    said(schemas, typed, &|form| match form {
        Form::Text(Text { format: Some(format), .. }) => {
            let known = BRIEFLY.iter().find(|(name, _)| name == format);
            known.map_or_else(|| form.expected(), |(_, words)| (*words).to_owned())
        }
        Form::Any
        | Form::Null
        | Form::Boolean
        | Form::Integer(_)
        | Form::Number(_)
        | Form::Text(_)
        | Form::List(_)
        | Form::Section(_)
        | Form::Choice(_)
        | Form::Mixed(_) => form.expected(),
    })
}

fn said(schemas: &Schemas, typed: &Typed<'_>, of_value: &dyn Fn(&Form<'_>) -> String) -> String {
    let inner = |schema| said(schemas, &schemas.form(schema), of_value);
    match &typed.form {
        Form::Section(Section { properties: Some(_), .. }) => "a section".to_owned(),
        Form::Section(Section { open: Some(open), .. }) => {
            format!("names, and for each {}", inner(open))
        }
        Form::Section(_) => "`{}`".to_owned(),
        Form::Null => NO_SETTINGS.to_owned(),
        Form::List(list) => match list.item(0) {
            Some(item) if list.first.is_empty() => {
                format!("{}, each {}", list.expected(), inner(item))
            }
            _ => list.expected(),
        },
        Form::Choice(variants) => {
            format!("one of {}", listed(variants.iter().map(|variant| variant.name)))
        }
        Form::Integer(Bounds { min: Some(min), max: Some(max) }) if min == max => {
            format!("`{min}`")
        }
        // the largest number that there is, is no limit
        Form::Integer(Bounds { min, max: Some(max) }) if *max >= u32::MAX.into() => {
            Form::Integer(Bounds { min: *min, max: None }).expected()
        }
        Form::Any
        | Form::Boolean
        | Form::Integer(_)
        | Form::Number(_)
        | Form::Text(_)
        | Form::Mixed(_) => of_value(&typed.form),
    }
}
