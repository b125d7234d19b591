//! What has happened to each user, and how many there are of each kind. Counted once, at the
//! end, since the figures of a trial ask for ten kinds of ten thousand users.

use crate::sim::user_pages::UserPages;

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

/// Users to whom something has happened, at the end of a trial, by what that was.
pub(super) struct UserCounts {
    /// By how often they were hurt (never, at times, badly) and by their flags.
    groups: [[u64; User::FLAGS]; 3],
}

impl UserCounts {
    pub(super) fn of(book: &UserPages<User>) -> Self {
        let mut groups = [[0_u64; User::FLAGS]; 3];
        for user in book.written() {
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
