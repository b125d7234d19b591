//! What a gate can see, for a terminal and for a pull request.

use super::{
    examples::title,
    tables::{left_out, tables},
    words::power_words,
};
use crate::{
    experiment::power::Power,
    report::document::{Document, Part},
    units::text::seconds,
};

/// The words first, then tables; then a trial of each outcome with the command that repeats it.
pub fn power(power: &Power) -> Document {
    let mut parts: Vec<Part> = tables(power).into_iter().map(Into::into).collect();
    parts.extend(left_out(power).into_iter().map(Part::Paragraph));
    for example in &power.examples {
        let looked = example.deciding.as_ref().map_or_else(String::new, |(at, look)| {
            format!(" Decided after {} by {look}.", seconds(*at))
        });
        let told = format!("{}.{looked}", title(example));
        parts.push(Part::Code(told, "sh", example.command.clone()));
    }
    Document {
        title: Document::titled(&power.title, &power.name).to_owned(),
        words: power_words(power),
        parts,
        method: Vec::new(),
        command: power.command.clone(),
    }
}
