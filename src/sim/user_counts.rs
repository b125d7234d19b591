//! What has happened to each user, and how many there are of each kind. Counted once, at the
//! end, since the figures of a trial ask for ten kinds of ten thousand users.

use crate::units::narrow;

/// What has happened to one user.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct User {
    /// Failed and wrong answers.
    pub(super) hurts: u16,
    pub(super) flags: u8,
}

impl User {
    pub(super) const MET: u8 = 1;
    pub(super) const HURT_BY_RELEASE: u8 = 2;
    pub(super) const UNMEANT: u8 = 4;
    /// Hurt for the first time after the defect was detected.
    pub(super) const HURT_LATE: u8 = 8;
    /// What the flags can be, all together.
    const FLAGS: usize = 16;
    /// Hurt this often is hurt badly.
    const BADLY: u16 = 10;
}

/// What has happened to all users. Only those to whom something has happened cost room and time, and those
/// next to them: a population is large, and most of it meets nothing in one trial.
#[derive(Debug)]
pub(super) struct UserBook {
    /// Which page each stretch of users is on; `BLANK` where nothing has happened to any of them.
    page_of: Vec<u32>,
    pages: Vec<[User; Self::STRETCH]>,
}

impl UserBook {
    /// Users on one page.
    const STRETCH: usize = 64;
    const BLANK: u32 = u32::MAX;

    pub(super) fn new(count: u32) -> Self {
        let stretches = (count as usize).div_ceil(Self::STRETCH);
        Self { page_of: vec![Self::BLANK; stretches], pages: Vec::new() }
    }

    /// The entry of a user, to be written in.
    #[inline]
    pub(super) fn of(&mut self, user: u32) -> &mut User {
        let (stretch, place) = (user as usize / Self::STRETCH, user as usize % Self::STRETCH);
        if self.page_of[stretch] == Self::BLANK {
            self.page_of[stretch] = narrow(self.pages.len());
            self.pages.push([User::default(); Self::STRETCH]);
        }
        &mut self.pages[self.page_of[stretch] as usize][place]
    }
}

/// Users to whom something has happened, at the end of a trial, by what that was.
pub(super) struct UserCounts {
    /// By how often they were hurt (never, at times, badly) and by their flags.
    groups: [[u64; User::FLAGS]; 3],
}

impl UserCounts {
    pub(super) fn of(book: &UserBook) -> Self {
        let mut groups = [[0_u64; User::FLAGS]; 3];
        for user in book.pages.as_flattened() {
            let hurts = usize::from(user.hurts > 0) + usize::from(user.hurts >= User::BADLY);
            groups[hurts][usize::from(user.flags) % User::FLAGS] += 1;
        }
        Self { groups }
    }

    fn count(&self, groups: &[usize], holds: impl Fn(u8) -> bool) -> u64 {
        let all = groups.iter().flat_map(|&it| (0_u8..).zip(&self.groups[it]));
        all.filter(|(flags, _)| holds(*flags)).map(|(_, count)| count).sum()
    }

    fn hurt_and(&self, holds: impl Fn(u8) -> bool) -> u64 {
        self.count(&[1, 2], holds)
    }

    pub(super) fn met(&self) -> u64 {
        self.count(&[0, 1, 2], |it| it & User::MET != 0)
    }

    pub(super) fn met_unmeant(&self) -> u64 {
        self.count(&[0, 1, 2], |it| it & User::UNMEANT != 0)
    }

    pub(super) fn hurt(&self) -> u64 {
        self.hurt_and(|_| true)
    }

    pub(super) fn hurt_badly(&self) -> u64 {
        self.count(&[2], |_| true)
    }

    pub(super) fn hurt_by_release(&self) -> u64 {
        self.hurt_and(|it| it & User::HURT_BY_RELEASE != 0)
    }

    pub(super) fn hurt_unmet(&self) -> u64 {
        self.hurt_and(|it| it & User::MET == 0)
    }

    /// Hurt before the defect was detected, if it ever was.
    pub(super) fn hurt_early(&self) -> u64 {
        self.hurt_and(|it| it & (User::MET | User::HURT_LATE) == User::MET)
    }

    /// Hurt for the first time after the defect was detected.
    pub(super) fn hurt_late(&self) -> u64 {
        self.hurt_and(|it| it & User::MET != 0 && it & User::HURT_LATE != 0)
    }
}
