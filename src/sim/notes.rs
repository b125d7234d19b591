//! What happens is noted, in words that are made only where they are kept or observed.

use super::{Entry, Outcome, Sight, Topic, books::scaled, world::World};
use crate::{model::GroupId, units::Instant};

impl World<'_> {
    /// Simulates the trial to its end and shows an observer what happens, event by event.
    pub(super) fn run_watched(mut self, watch: &mut dyn FnMut(Sight<'_>)) -> Outcome {
        self.books.told.show(watch);
        while self.advance(self.end, u64::MAX) {
            self.books.told.show(watch);
        }
        self.come_to_end();
        self.books.told.show(watch);
        self.close()
    }

    /// Notes what happened and why.
    pub(super) fn note<T: Into<String>, C: Into<String>>(
        &mut self,
        topic: Topic,
        words: impl FnOnce(&Self) -> (T, C),
    ) {
        self.tell_symptom();
        if let Some(entry) = self.entry(self.instant(), topic, words) {
            self.books.told.add(entry);
        }
    }

    /// Notes the first symptom, which only the ledger has seen: before anything that comes after it, at the
    /// next scrape, or at the end.
    pub(super) fn tell_symptom(&mut self) {
        let Some(symptom) = self.books.ledger.untold_symptom() else { return };
        let words = |it: &Self| {
            let version = it.version(symptom.release);
            ("first symptom", format!("a request to {version} {}", symptom.sign.words()))
        };
        if let Some(entry) = self.entry(Instant::from_nanos(symptom.at), Topic::Users, words) {
            self.books.told.add(entry);
        }
    }

    /// Notes that a group is scaled.
    pub(super) fn note_size(&mut self, group: GroupId, (from, to): (u32, u32)) {
        self.tell_symptom();
        let words = |it: &Self| (scaled(&it.name_of(group), from, to), "");
        if let Some(entry) = self.entry(self.instant(), Topic::Rollout, words) {
            self.books.told.add_size(group, (from, to), entry);
        }
    }

    /// An entry; none where none is wanted.
    fn entry<T: Into<String>, C: Into<String>>(
        &self,
        at: Instant,
        topic: Topic,
        words: impl FnOnce(&Self) -> (T, C),
    ) -> Option<Entry> {
        let told = self.books.told.is_told();
        let (text, cause) = told.then(|| words(self))?;
        Some(Entry { at, topic, text: text.into(), cause: cause.into() })
    }
}
