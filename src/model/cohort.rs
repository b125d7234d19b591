//! What requests met: by it they are counted.

use super::{GroupId, ReleaseId};
use crate::kernel::{Handful, Id};

/// What a request can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AMet {}

/// The number of what a request can meet: the stable release, the candidate with its flag off and on, then the further
/// releases.
pub type MetId = Id<AMet>;

/// Something of all that requests can meet.
pub type ByMet<T> = Handful<AMet, T>;

impl Id<AMet> {
    pub const STABLE: Self = Self::new(0);
    pub const DARK: Self = Self::new(1);
    pub const EXPOSED: Self = Self::new(2);

    /// How much requests can meet where there are so many releases.
    pub const fn count(releases: usize) -> usize {
        releases + 1
    }

    /// A release beside the stable one and the candidate.
    pub const fn further(release: ReleaseId) -> Self {
        Self::new(release.number() + 1)
    }
}

/// Requests are counted separately by what they met: the group, and in the candidate also whether the feature is on.
///
/// In its bits, from the highest: the number of its release (3), whether all that is new is met (1), its index (4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort(u8);

impl Cohort {
    /// The stable group.
    pub const STABLE: Self = Self(0);
    /// The candidate with its feature flag off.
    pub const DARK: Self = Self(1 | Self::of_release(ReleaseId::CANDIDATE));
    /// The candidate, with its feature flag on where it has one.
    pub const EXPOSED: Self = Self(2 | Self::ON | Self::of_release(ReleaseId::CANDIDATE));
    /// These three, by their indices.
    pub const FIRST: [Self; Self::COUNT] = [Self::STABLE, Self::DARK, Self::EXPOSED];
    pub const COUNT: usize = 3;

    /// Where the number of the release begins.
    const RELEASE: u32 = 5;
    /// It meets all that is new, or there is no flag.
    const ON: u8 = 16;
    const INDEX: u8 = 15;

    #[expect(clippy::cast_possible_truncation, reason = "a release is one of a handful")]
    const fn of_release(release: ReleaseId) -> u8 {
        assert!(release.index() < ReleaseId::MOST, "a strategy has a handful of releases");
        (release.number() as u8) << Self::RELEASE
    }

    /// Those who meet a group of a release, with all that is new where that is new.
    ///
    /// # Panics
    ///
    /// If there are more than fifteen groups, or more than seven releases.
    pub fn of(group: GroupId, release: ReleaseId) -> Self {
        let number = u8::try_from(group.number()).ok().filter(|it| *it < Self::INDEX);
        let number = number.expect("a strategy has a handful of groups");
        let index = number + u8::from(group >= GroupId::CANDIDATE);
        let on = if release == ReleaseId::CANDIDATE { Self::ON } else { 0 };
        Self(index | on | Self::of_release(release))
    }

    /// The same with the flag off.
    #[must_use]
    pub const fn switched_off(self) -> Self {
        if self.0 == Self::EXPOSED.0 { Self::DARK } else { Self(self.0 & !Self::ON) }
    }

    /// Whether the candidate is met.
    #[inline]
    pub const fn is_new(self) -> bool {
        self.0 >> Self::RELEASE == Self::EXPOSED.0 >> Self::RELEASE
    }

    /// Whether all that is new is met.
    #[inline]
    pub const fn is_exposed(self) -> bool {
        self.0 & Self::ON > 0
    }

    /// The release that is met.
    #[inline]
    pub const fn release(self) -> ReleaseId {
        ReleaseId::new((self.0 >> Self::RELEASE) as u32)
    }

    #[inline]
    pub const fn index(self) -> usize {
        (self.0 & Self::INDEX) as usize
    }

    /// What is met, whatever the group.
    pub const fn met(self) -> MetId {
        match self.release() {
            ReleaseId::STABLE => MetId::STABLE,
            ReleaseId::CANDIDATE if self.is_exposed() => MetId::EXPOSED,
            ReleaseId::CANDIDATE => MetId::DARK,
            further => MetId::further(further),
        }
    }
}
