//! Planted changes: each is found and named.

use rollsim::{kernel::Seed, sim};

use super::{
    digest::{self, Digest},
    pinned::{self, Digests, changes},
};
use crate::trials::plan;

const TEXT: &str = "title: a bot
length: 3m
rollout_at: 20s
fleet: {instances: 2, startup: {constant: 3s}}
traffic: {rate: 4/s}
strategy: {rolling: {}}
";

#[test]
fn one_bit_of_one_figure_is_another_outcome() {
    let outcome = sim::run(&plan(TEXT), Seed::DEFAULT);
    let before = Digest::of(&outcome);
    assert_eq!(Digest::of(&outcome), before);
    for index in 0..outcome.figures.len() {
        let mut other = outcome.clone();
        let figure = &mut other.figures[index].1;
        *figure = f64::from_bits(figure.to_bits() ^ 1);
        let after = Digest::of(&other);
        assert_ne!(after.happened, before.happened);
        assert_eq!(after.said, before.said);
        assert_ne!(digest::figures(&other), digest::figures(&outcome));
        let (pinned, found) = (one("017 rolling", before), one("017 rolling", after));
        assert_eq!(changes(&pinned, &found), ["017 rolling: another outcome"]);
    }
}

#[test]
fn another_word_moves_the_column_of_words_alone() {
    let outcome = sim::run(&plan(TEXT), Seed::DEFAULT);
    let before = Digest::of(&outcome);
    for entry in 0..outcome.timeline.len() {
        let mut other = outcome.clone();
        other.timeline[entry].text.push('!');
        let after = Digest::of(&other);
        assert_eq!(after.happened, before.happened);
        let (pinned, found) = (one("017 rolling", before), one("017 rolling", after));
        assert_eq!(changes(&pinned, &found), ["017 rolling: other words"]);
    }
}

#[test]
fn a_nanosecond_in_the_timeline_is_another_outcome() {
    let outcome = sim::run(&plan(TEXT), Seed::DEFAULT);
    let mut other = outcome.clone();
    let at = &mut other.timeline.last_mut().unwrap().at;
    *at = rollsim::units::Instant::from_nanos(at.nanos() + 1);
    assert_ne!(Digest::of(&other).happened, Digest::of(&outcome).happened);
    assert_eq!(digest::figures(&other), digest::figures(&outcome));
}

fn one(name: &str, digest: Digest) -> Digests {
    Digests::from([(name.to_owned(), digest)])
}

#[test]
fn a_missing_and_a_new_entry_are_named() {
    let digest = Digest { happened: 1, said: 2 };
    let both = Digests::from(["001 a", "002 b"].map(|it| (it.to_owned(), digest)));
    assert_eq!(changes(&both, &one("001 a", digest)), ["002 b: is no more"]);
    assert_eq!(changes(&one("001 a", digest), &both), ["002 b: is new"]);
    let other = one("001 a", Digest { happened: 3, said: 4 });
    let told = ["001 a: another outcome, other words", "002 b: is no more"];
    assert_eq!(changes(&both, &other), told);
}

#[test]
fn the_file_is_read_as_it_is_written() {
    let digests = pinned::digests();
    assert_eq!(pinned::read(&pinned::written(&digests)), digests);
}
