//! A book with an entry for each user. Only those who are written about cost room and time, and those next to
//! them: a population is large, and most of it meets nothing in one trial.

use crate::units::narrow;

/// Users on one page.
const STRETCH: usize = 64;
const BLANK: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(super) struct UserPages<T> {
    /// Which page each stretch of users is on; `BLANK` where nothing is written about any of them.
    page_of: Vec<u32>,
    pages: Vec<[T; STRETCH]>,
}

impl<T: Copy + Default> UserPages<T> {
    pub(super) fn new(users: u32) -> Self {
        let stretches = (users as usize).div_ceil(STRETCH);
        Self { page_of: vec![BLANK; stretches], pages: Vec::new() }
    }

    /// The entry of a user, to be written in.
    #[inline]
    pub(super) fn of(&mut self, user: u32) -> &mut T {
        let (stretch, place) = (user as usize / STRETCH, user as usize % STRETCH);
        if self.page_of[stretch] == BLANK {
            self.add_page(stretch);
        }
        &mut self.pages[self.page_of[stretch] as usize][place]
    }

    #[cold]
    fn add_page(&mut self, stretch: usize) {
        self.page_of[stretch] = narrow(self.pages.len());
        self.pages.push([T::default(); STRETCH]);
    }

    /// All pages there are, in no order that means anything.
    pub(super) fn written(&self) -> &[T] {
        self.pages.as_flattened()
    }
}
