//! What the command line says of itself: manuals, glossary, hints.

mod hints;
mod manual;
mod texts;

use clap::Parser;

use super::{
    Arguments, obey,
    output::{Ending, Printed},
};

/// What a command prints, or the error that it ends with.
pub(crate) fn asked(words: &[&str]) -> Result<String, String> {
    let line = std::iter::once("rollsim").chain(words.iter().copied());
    let arguments = Arguments::try_parse_from(line).map_err(|error| error.to_string())?;
    let mut out = Printed::default();
    match obey(&arguments, &mut out) {
        Ok(Ending::Done) => Ok(String::from_utf8(out.results().to_vec()).unwrap()),
        Ok(ending) => Err(format!("{words:?} ends with {}", ending.code())),
        Err(error) => Err(format!("{error:#}")),
    }
}
