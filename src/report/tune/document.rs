//! What a tuning says, for a terminal and for a pull request.

use super::{
    tables::{changes, contestants, parameters, robustness},
    words::words,
};
use crate::{
    experiment::tune::Tuning,
    report::document::{Document, Part},
    units::text::{counted, share},
};

/// The answer first, then what changes, the contestants and the patch; assumptions are folded.
pub fn tuning(tuning: &Tuning) -> Document {
    let mut parts: Vec<Part> = changes(tuning).unless_empty().into_iter().map(Into::into).collect();
    if !tuning.patch.is_empty() {
        let about = "The patch (`tuned.yaml`):".to_owned();
        parts.push(Part::Code(about, "yaml", tuning.patch.clone()));
    }
    let tables = [contestants(tuning), robustness(tuning), parameters(tuning)];
    parts.extend(tables.into_iter().filter_map(|it| it.unless_empty().map(Part::from)));
    let classes = tuning.classes.iter().map(|it| {
        let trials = counted(it.trials, "trial");
        format!("{} {} ({trials})", it.name, share(it.chance))
    });
    let classes = format!("Releases: {}.", classes.collect::<Vec<_>>().join("; "));
    let search = "Search: evenly spread (Sobol) starting points, of which successive halving keeps a \
                  third each time and drops candidates that almost certainly violate a constraint; then \
                  two rounds of small random steps around the best. All candidates are simulated on the \
                  same releases and random draws; half of the trials have good releases. No estimate of \
                  the search is reported as a result: the finalists were judged on seeds that it never \
                  used.";
    Document {
        title: Document::titled(&tuning.title, &tuning.name).to_owned(),
        words: words(tuning),
        parts,
        method: tuning.assumptions.iter().cloned().chain([classes, search.to_owned()]).collect(),
        command: tuning.command.clone(),
    }
}
