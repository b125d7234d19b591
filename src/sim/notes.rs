//! What happens is put into words: kept in the timeline, and shown to an observer.

use super::{
    Entry, Outcome, Sight, Topic,
    timeline::{Unseen, scaled},
    trial::Detail,
    world::World,
};
use crate::{model::ReleaseId, units::Instant};

impl World<'_> {
    /// Simulates the trial to its end and shows an observer what happens, event by event.
    pub(super) fn run_watched(mut self, watch: &mut dyn FnMut(Sight<'_>)) -> Outcome {
        self.show(watch);
        while self.advance(self.end, u64::MAX) {
            self.show(watch);
        }
        self.come_to_end();
        self.show(watch);
        self.close()
    }

    /// So many scrapes without any news are shown together: to be asked at each costs more than a quiet scrape.
    const SHOWN_TOGETHER: usize = 32;

    pub(super) fn show(&mut self, watch: &mut dyn FnMut(Sight<'_>)) {
        self.to_show = false;
        for unseen in self.unseen.iter_mut().flat_map(|it| it.drain(..)) {
            match &unseen {
                Unseen::Entry(entry) => watch(Sight::Entry(entry)),
                Unseen::Progress(now) => watch(Sight::Progress(*now)),
            }
        }
    }

    /// Shows an observer the progress of the trial.
    pub(super) fn show_progress(&mut self) {
        self.tell_symptom();
        let now = self.instant();
        if let Some(unseen) = &mut self.unseen {
            unseen.push(Unseen::Progress(now));
            self.to_show |= unseen.len() >= Self::SHOWN_TOGETHER;
        }
    }

    /// Whether the trial keeps what only its picture and its tables of events show.
    pub(super) fn draws_picture(&self) -> bool {
        self.detail == Detail::Full
    }

    /// Whether what happens is put into words: kept, or shown to an observer.
    pub(super) fn is_told(&self) -> bool {
        self.unseen.is_some() || self.draws_picture()
    }

    /// Notes what happened and why; the texts are made only where they are kept or observed.
    pub(super) fn note<T: Into<String>, C: Into<String>>(
        &mut self,
        topic: Topic,
        words: impl FnOnce(&Self) -> (T, C),
    ) {
        self.tell_symptom();
        if let Some(entry) = self.entry(self.instant(), topic, words) {
            self.timeline.add(entry);
        }
    }

    /// Notes the first symptom, which only the ledger has seen: before anything that comes after it, at the
    /// next scrape, or at the end.
    pub(super) fn tell_symptom(&mut self) {
        let Some(symptom) = self.ledger.symptoms.take_untold() else { return };
        let words = |it: &Self| {
            let version = it.version(symptom.release);
            ("first symptom", format!("a request to {version} {}", symptom.sign.words()))
        };
        if let Some(entry) = self.entry(Instant::from_nanos(symptom.at), Topic::Users, words) {
            self.timeline.add(entry);
        }
    }

    /// Notes that a release is scaled.
    pub(super) fn note_size(&mut self, release: ReleaseId, (from, to): (u32, u32)) {
        self.tell_symptom();
        let words = |it: &Self| (scaled(it.version(release), from, to), "");
        if let Some(entry) = self.entry(self.instant(), Topic::Rollout, words) {
            self.timeline.add_size(release, (from, to), entry);
        }
    }

    /// An entry, once an observer has seen it; none where the trial keeps none.
    fn entry<T: Into<String>, C: Into<String>>(
        &mut self,
        at: Instant,
        topic: Topic,
        words: impl FnOnce(&Self) -> (T, C),
    ) -> Option<Entry> {
        if !self.is_told() {
            return None;
        }
        let (text, cause) = words(self);
        let entry = Entry { at, topic, text: text.into(), cause: cause.into() };
        if let Some(unseen) = &mut self.unseen {
            unseen.push(Unseen::Entry(entry.clone()));
            self.to_show = true;
        }
        self.draws_picture().then_some(entry)
    }
}
