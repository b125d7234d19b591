//! What a comparison says, for a terminal and for a pull request.

use super::tables::tables;
use crate::{
    experiment::Summary,
    report::{document::Document, method::method, verdict::comparison_words},
    units::text::{Unit, counted, share},
};

/// The verdict first, then tables; assumptions, method, prices and releases are folded.
pub fn comparison(summary: &Summary) -> Document {
    let prices = summary.prices.iter().map(|it| {
        let price = Unit::Money(&summary.currency).value(it.price);
        format!("{} {price} per {}", it.name, it.per)
    });
    let prices = format!("Prices: {}.", prices.collect::<Vec<_>>().join("; "));
    let classes = summary.classes.iter().map(|it| {
        let trials = counted(it.trials, "trial");
        format!("{} {} ({trials})", it.name, share(it.chance))
    });
    let classes = format!("Releases: {}.", classes.collect::<Vec<_>>().join("; "));
    let further = method(summary).into_iter().chain([prices, classes]);
    Document {
        title: Document::titled(&summary.title, &summary.name).to_owned(),
        words: comparison_words(summary),
        parts: tables(summary).into_iter().map(Into::into).collect(),
        method: summary.assumptions.iter().cloned().chain(further).collect(),
        command: summary.command.clone(),
    }
}
