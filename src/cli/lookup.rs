//! Finds what a word may mean: a name of the list, a term of the glossary, a key of another tool, or
//! the end of a path.

use super::{
    defaults::Unset,
    describe::{Explanation, Manual},
    glossary::{GLOSSARY, Term},
    prose,
};
use crate::{
    experiment::shell_word,
    model::{EstimateName, Statistic},
    report,
    scenario::{Foreign, Step, foreign, listed, steps, suggest},
};

/// The word for an estimate of a comparison.
pub(super) const ESTIMATE: &str = "estimate";
/// The word for a term.
pub(super) const TERM: &str = "glossary";

/// What a word means.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// To be shown at length.
    pub(super) told: Vec<Explanation>,
    /// Keys and choices of that name, each of which can be asked for by its path.
    pub(super) keys: Vec<Explanation>,
}

impl Found {
    pub(super) fn is_nothing(&self) -> bool {
        self.told.is_empty() && self.keys.is_empty()
    }
}

pub(super) fn find(manual: &Manual, name: &str) -> Found {
    let Ok(steps) = steps(name) else { return Found::default() };
    let mut told = manual.at(name, &steps);
    let exact = !told.is_empty();
    let single = steps.len() == 1;
    if exact && !single {
        return Found { told, keys: Vec::new() };
    }
    if single {
        told.extend(GLOSSARY.iter().filter(|term| is_called(term, name)).map(term));
        told.extend(translated(manual, name));
        let sections = told.iter().any(|it| it.kind == "section");
        told.extend(manual.family(name).filter(|_| !sections));
        told.extend(estimate(name));
    }
    let mut keys = ending_so(manual, name, &steps);
    keys.retain(|key| !told.iter().any(|it| it.name == key.name));
    if keys.len() == 1 && told.iter().all(|it| it.kind == TERM) {
        told.append(&mut keys);
    }
    Found { told, keys }
}

/// Every key and choice whose path ends so.
fn ending_so(manual: &Manual, name: &str, steps: &[Step]) -> Vec<Explanation> {
    let Some((Step::Key(head), rest)) = steps.split_first() else { return Vec::new() };
    let found = called(manual, head);
    if rest.is_empty() {
        return found;
    }
    let below = |key: Explanation| {
        let path = format!("{}{}", key.name, &name[head.len()..]);
        manual.at(&path, &self::steps(&path).unwrap_or_default())
    };
    found.into_iter().flat_map(below).collect()
}

/// Every key and choice of a name: to the letter, else in the plural, else whatever its case and the
/// signs between its words.
fn called(manual: &Manual, name: &str) -> Vec<Explanation> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let ending = |same: &dyn Fn(&str) -> bool| -> Vec<Explanation> {
        let found = manual.places().iter().filter(|(path, _)| same(&last(path)));
        found.map(|(_, explanation)| explanation.clone()).collect()
    };
    let ways: [&dyn Fn(&str) -> bool; 3] =
        [&|last| last == name, &|last| last.strip_suffix('s') == Some(name), &|last| {
            simplified(last) == simplified(name)
        }];
    ways.iter().map(|same| ending(*same)).find(|it| !it.is_empty()).unwrap_or_default()
}

/// Without case, signs between words, and the `s` of plurals.
fn simplified(text: &str) -> String {
    let words = text.split([' ', '_', '-']).map(|word| word.strip_suffix('s').unwrap_or(word));
    words.flat_map(str::chars).flat_map(char::to_lowercase).collect()
}

fn is_called(term: &Term, name: &str) -> bool {
    let others = term.also.iter().flat_map(|(word, _)| word.split(", "));
    std::iter::once(term.word).chain(others).any(|word| simplified(word) == simplified(name))
}

fn term(term: &Term) -> Explanation {
    Explanation {
        kind: TERM.to_owned(),
        name: term.word.to_owned(),
        description: term.meaning.to_owned(),
        allowed: also(term),
        unset: Unset::default(),
        fields: Vec::new(),
    }
}

/// What others call it, and whether a scenario has it as a key.
pub(super) fn also(term: &Term) -> String {
    let other = |(word, whose): &(&str, &str)| match (*word == term.word, *whose) {
        (false, _) => Some(format!("`{word}` ({whose})")),
        (true, "others") => None,
        (true, "measure") => Some("a measure".to_owned()),
        (true, place) if place.starts_with("key ") || place.starts_with("section ") => {
            Some(format!("a {place}"))
        }
        (true, tools) => Some(format!("as in {tools}")),
    };
    term.also.iter().filter_map(other).collect::<Vec<_>>().join(", ")
}

/// A word of another tool, and what it is here in full.
fn translated(manual: &Manual, name: &str) -> Vec<Explanation> {
    let known = foreign().filter(|it| it.word.eq_ignore_ascii_case(name));
    let both = |foreign: &Foreign| {
        let Foreign { word, whose, ours, note } = foreign;
        let allowed = match ours {
            [] => "no counterpart here".to_owned(),
            ours => format!("here {}", listed(ours.iter().copied())),
        };
        let here = Explanation {
            kind: format!("word of {whose}"),
            name: (*word).to_owned(),
            description: sentence(note),
            allowed,
            unset: Unset::default(),
            fields: Vec::new(),
        };
        let ours = ours.iter().flat_map(|path| manual.at(path, &steps(path).unwrap_or_default()));
        std::iter::once(here).chain(ours).collect::<Vec<_>>()
    };
    known.flat_map(both).collect()
}

/// A clause as a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let Some(first) = letters.next() else { return String::new() };
    format!("{}{}.", first.to_uppercase(), letters.as_str())
}

/// An estimate of a comparison, such as `users_hurt_p95`.
pub(super) fn estimate(name: &str) -> Option<Explanation> {
    let estimate: EstimateName = name.parse().ok()?;
    let of = |statistic: Statistic| match statistic {
        Statistic::Mean => "Mean",
        Statistic::P50 => "Median",
        Statistic::P95 => "95th percentile",
        Statistic::P99 => "99th percentile",
    };
    let description = match estimate {
        EstimateName::Of(measure, statistic) => {
            let name = measure.name();
            let of = of(statistic);
            format!("{of} of `{name}` over the trials of a strategy.\n\n{}", measure.meaning())
        }
        EstimateName::Cost(statistic) => {
            format!(
                "{} of the cost over the trials of a strategy, in the currency of `cost`.",
                of(statistic)
            )
        }
        EstimateName::FalseRollback => {
            "Share of the good releases that were rolled back.".to_owned()
        }
        EstimateName::Escaped => "Share of the bad releases whose rollout completed.".to_owned(),
        EstimateName::RolledBack => "Share of all releases that were rolled back.".to_owned(),
        EstimateName::Completed => "Share of all releases whose rollout completed.".to_owned(),
        EstimateName::Unfinished => {
            "Share of all rollouts that were cut off by the end of the trial.".to_owned()
        }
    };
    Some(Explanation {
        kind: ESTIMATE.to_owned(),
        name: name.to_owned(),
        description,
        allowed: "a condition on a strategy in `expect`, or in `tune.constraints`".to_owned(),
        unset: Unset::default(),
        fields: Vec::new(),
    })
}

/// What to ask instead of a name that means nothing: the nearest name, or a key of the deepest part
/// that is known.
pub(super) fn remedy(manual: &Manual, name: &str) -> String {
    let Some((known, last)) = name.rsplit_once('.').filter(|(known, _)| !known.is_empty()) else {
        return match nearest(manual, name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`rollsim list` shows all names".to_owned(),
        };
    };
    let above = find(manual, known);
    if above.is_nothing() {
        return remedy(manual, known);
    }
    let above: Vec<_> = above.told.into_iter().chain(above.keys).collect();
    let keys = above.iter().flat_map(|it| &it.fields).map(|field| field.name.as_str());
    let last = last.split('[').next().unwrap_or(last);
    match suggest(last, keys).map(|near| format!("{known}.{near}")) {
        Some(near) if !find(manual, &near).is_nothing() => format!("did you mean `{near}`?"),
        _ => format!("`rollsim explain {}` shows its keys", shell_word(&report::harmless(known))),
    }
}

/// The nearest of all words that `find` knows.
fn nearest(manual: &Manual, name: &str) -> Option<String> {
    let topics = manual.topics().iter().map(|topic| topic.name.clone());
    let kinds = manual.kinds().into_iter().filter(|it| manual.family(it).is_some());
    let terms = GLOSSARY.iter().map(|term| term.word.to_owned());
    let foreign = foreign().map(|it| it.word.to_owned());
    let last = |(path, _): &(String, Explanation)| path.rsplit('.').next().map(str::to_owned);
    let keys = manual.places().iter().filter_map(last);
    let words: Vec<String> =
        topics.chain(kinds.map(str::to_owned)).chain(terms).chain(keys).chain(foreign).collect();
    suggest(name, words.iter().map(String::as_str)).map(str::to_owned)
}

/// Terms as `list` shows them: word, and the first sentence with what others call it.
pub(super) fn terms() -> impl Iterator<Item = (&'static str, String)> {
    GLOSSARY.iter().map(|term| (term.word, prose::first_sentence(term.meaning)))
}
