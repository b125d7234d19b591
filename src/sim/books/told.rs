//! What is put into words: kept in the timeline, and shown to an observer.

use super::timeline::{Entry, Sight, Timeline, Unseen};
use crate::{model::GroupId, units::Instant};

#[derive(Clone)]
pub(in crate::sim) struct Told {
    timeline: Timeline,
    /// Entries are kept.
    kept: bool,
    /// What an observer has yet to see; none where there is none.
    unseen: Option<Vec<Unseen>>,
    /// There is something to show now.
    to_show: bool,
}

impl Told {
    /// So many scrapes without any news are shown together: to be asked at each costs more than a quiet scrape.
    const SHOWN_TOGETHER: usize = 32;

    pub(super) fn new(kept: bool, observed: bool) -> Self {
        let unseen = observed.then(Vec::new);
        Self { timeline: Timeline::new(), kept, unseen, to_show: false }
    }

    /// Whether what only a picture and tables of events show is kept.
    pub(in crate::sim) const fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether anything is put into words: kept, or shown to an observer.
    pub(in crate::sim) const fn is_told(&self) -> bool {
        self.unseen.is_some() || self.kept
    }

    #[inline]
    pub(in crate::sim) const fn has_to_show(&self) -> bool {
        self.to_show
    }

    /// Shows an observer what it has yet to see.
    pub(in crate::sim) fn show(&mut self, watch: &mut dyn FnMut(Sight<'_>)) {
        self.to_show = false;
        for unseen in self.unseen.iter_mut().flat_map(|it| it.drain(..)) {
            match &unseen {
                Unseen::Entry(entry) => watch(Sight::Entry(entry)),
                Unseen::Progress(now) => watch(Sight::Progress(*now)),
            }
        }
    }

    /// An observer is to see that the trial has come this far.
    pub(in crate::sim) fn progress(&mut self, now: Instant) {
        if let Some(unseen) = &mut self.unseen {
            unseen.push(Unseen::Progress(now));
            self.to_show |= unseen.len() >= Self::SHOWN_TOGETHER;
        }
    }

    pub(in crate::sim) fn add(&mut self, entry: Entry) {
        if let Some(entry) = self.once_seen(entry) {
            self.timeline.add(entry);
        }
    }

    /// Adds that a group is scaled.
    pub(in crate::sim) fn add_size(&mut self, group: GroupId, size: (u32, u32), entry: Entry) {
        if let Some(entry) = self.once_seen(entry) {
            self.timeline.add_size(group, size, entry);
        }
    }

    /// An entry that is to be seen; none where it is not kept.
    fn once_seen(&mut self, entry: Entry) -> Option<Entry> {
        if let Some(unseen) = &mut self.unseen {
            unseen.push(Unseen::Entry(entry.clone()));
            self.to_show = true;
        }
        self.kept.then_some(entry)
    }

    /// The entries that are kept, and how many were left out.
    pub(in crate::sim) fn end(self) -> (Vec<Entry>, u64) {
        self.timeline.end()
    }
}
