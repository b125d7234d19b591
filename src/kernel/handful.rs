//! A few things by their numbers, in place: no memory is asked for, and a copy is a copy.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Index, IndexMut},
};

use serde::{Serialize, Serializer};

use super::Id;

/// At most eight things of one kind, by their numbers.
#[derive(Clone, Copy)]
pub struct Handful<K, T> {
    /// Those that there are, and as many more as there could be.
    things: [T; MOST],
    count: usize,
    by: PhantomData<K>,
}

/// Things that there are at most.
const MOST: usize = 8;

impl<K, T> Handful<K, T> {
    /// Those that there are, in the order of their numbers.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.things[..self.count].iter()
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The numbers of all that there are.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<K>> + Clone + use<K, T> {
        (0..self.count).map(Id::at)
    }

    /// All of them with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (Id<K>, &T)> {
        self.ids().zip(self.iter())
    }

    /// What becomes of each.
    #[must_use]
    pub fn map<U: Default>(&self, becomes: impl Fn(&T) -> U) -> Handful<K, U> {
        self.iter().map(becomes).collect()
    }
}

impl<K, T: Default> Handful<K, T> {
    /// So many of them, as they are at first.
    ///
    /// # Panics
    ///
    /// If there are more than eight.
    pub fn of(count: usize) -> Self {
        assert!(count <= MOST, "a handful is no more than {MOST}");
        Self { things: std::array::from_fn(|_| T::default()), count, by: PhantomData }
    }
}

impl<K, T: Default> FromIterator<T> for Handful<K, T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        let mut all = Self::of(0);
        for thing in things {
            assert!(all.count < MOST, "a handful is no more than {MOST}");
            all.things[all.count] = thing;
            all.count += 1;
        }
        all
    }
}

impl<K, T: Default> Default for Handful<K, T> {
    fn default() -> Self {
        Self::of(0)
    }
}

/// Of those that there are: the spare ones do not count.
impl<K, T: PartialEq> PartialEq for Handful<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<K, T: Eq> Eq for Handful<K, T> {}

impl<K, T: PartialEq, const N: usize> PartialEq<[T; N]> for Handful<K, T> {
    fn eq(&self, other: &[T; N]) -> bool {
        self.iter().eq(other)
    }
}

impl<K: Copy, T> Index<Id<K>> for Handful<K, T> {
    type Output = T;

    #[inline]
    fn index(&self, id: Id<K>) -> &T {
        debug_assert!(id.index() < self.count, "it is one of {}", self.count);
        &self.things[id.index()]
    }
}

impl<K: Copy, T> IndexMut<Id<K>> for Handful<K, T> {
    #[inline]
    fn index_mut(&mut self, id: Id<K>) -> &mut T {
        debug_assert!(id.index() < self.count, "it is one of {}", self.count);
        &mut self.things[id.index()]
    }
}

impl<'a, K, T> IntoIterator for &'a Handful<K, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, T: fmt::Debug> fmt::Debug for Handful<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<K, T: Serialize> Serialize for Handful<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Letter {}

    #[test]
    fn a_handful_shows_those_that_there_are_and_no_more() {
        let mut three: Handful<Letter, u8> = [7, 8, 9].into_iter().collect();
        three[Id::new(1)] = 5;
        assert_eq!(three, [7, 5, 9]);
        assert_ne!(three, [7, 5]);
        assert_eq!(format!("{three:?} {:?}", three.map(|it| it + 1)), "[7, 5, 9] [8, 6, 10]");
        assert_eq!(serde_json::to_string(&three).unwrap(), "[7,5,9]");
        let numbers: Vec<u32> = three.entries().map(|it| it.0.number()).collect();
        assert_eq!((numbers, three.len()), (vec![0, 1, 2], 3));
        assert_ne!(three, Handful::of(3));
    }

    #[test]
    fn what_is_not_there_is_no_part_of_an_equality() {
        let two: Handful<Letter, u8> = [7, 8].into_iter().collect();
        let mut written_over = two;
        written_over.things[5] = 9;
        assert_eq!(two, written_over);
        assert_ne!(two, [7, 8, 0].into_iter().collect::<Handful<_, _>>());
        assert_ne!(two, [7, 9].into_iter().collect::<Handful<_, _>>());
    }

    #[test]
    #[should_panic(expected = "a handful is no more than 8")]
    fn a_handful_refuses_what_it_cannot_hold() {
        let _: Handful<Letter, u8> = (0..9).collect();
    }
}
