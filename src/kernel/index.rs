//! Places in memory by kind: a slot's number is no worker's, and the compiler says so.

use std::{
    marker::PhantomData,
    ops::{Index, IndexMut},
};

use crate::units::narrow;

/// The number of one of a kind of things; the kind is a type that has no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id<K>(u32, PhantomData<K>);

impl<K> Id<K> {
    /// None of its kind; takes no more memory than one.
    pub const NONE: Self = Self::new(u32::MAX);

    #[inline]
    pub const fn new(number: u32) -> Self {
        Self(number, PhantomData)
    }

    /// The one at this place in memory.
    ///
    /// # Panics
    ///
    /// If four billion things come before it.
    #[inline]
    pub fn at(place: usize) -> Self {
        Self::new(narrow(place))
    }

    #[inline]
    pub const fn number(self) -> u32
    where
        K: Copy,
    {
        self.0
    }

    /// Its place in memory.
    #[inline]
    pub const fn index(self) -> usize
    where
        K: Copy,
    {
        self.0 as usize
    }
}

impl<K> Default for Id<K> {
    fn default() -> Self {
        Self::NONE
    }
}

/// Things of one kind, by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<K, T> {
    things: Vec<T>,
    by: PhantomData<K>,
}

impl<K: Copy, T> Table<K, T> {
    pub const fn new() -> Self {
        Self { things: Vec::new(), by: PhantomData }
    }

    pub fn with_capacity(capacity: usize) -> Self {
        Self { things: Vec::with_capacity(capacity), by: PhantomData }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.things.len()
    }

    /// Adds a thing; gives its number.
    ///
    /// # Panics
    ///
    /// If there are four billion of them.
    #[inline]
    pub fn push(&mut self, thing: T) -> Id<K> {
        self.things.push(thing);
        Id::at(self.things.len() - 1)
    }

    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    #[inline]
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        self.things.get(id.index())
    }

    #[inline]
    pub fn get_mut(&mut self, id: Id<K>) -> Option<&mut T> {
        self.things.get_mut(id.index())
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.things.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.things.iter_mut()
    }

    /// The numbers of all that there are now; what is added meanwhile is not among them.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<K>> + Clone + use<K, T> {
        (0..narrow(self.things.len())).map(Id::new)
    }

    /// All of them with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (Id<K>, &T)> {
        self.ids().zip(&self.things)
    }

    /// Makes room for this one; what is new is `fresh`.
    pub fn reach(&mut self, id: Id<K>, fresh: T)
    where
        T: Clone,
    {
        if self.things.len() <= id.index() {
            self.things.resize(id.index() + 1, fresh);
        }
    }
}

impl<K, T, const N: usize> From<[T; N]> for Table<K, T> {
    fn from(things: [T; N]) -> Self {
        Self { things: things.into(), by: PhantomData }
    }
}

impl<K, T> FromIterator<T> for Table<K, T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        Self { things: things.into_iter().collect(), by: PhantomData }
    }
}

impl<K, T> Default for Table<K, T> {
    fn default() -> Self {
        Self { things: Vec::new(), by: PhantomData }
    }
}

impl<'a, K, T> IntoIterator for &'a Table<K, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.things.iter()
    }
}

impl<'a, K, T> IntoIterator for &'a mut Table<K, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.things.iter_mut()
    }
}

impl<K: Copy, T> Index<Id<K>> for Table<K, T> {
    type Output = T;

    #[inline]
    fn index(&self, id: Id<K>) -> &T {
        &self.things[id.index()]
    }
}

impl<K: Copy, T> IndexMut<Id<K>> for Table<K, T> {
    #[inline]
    fn index_mut(&mut self, id: Id<K>) -> &mut T {
        &mut self.things[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Letter {}
    type Nth = Id<Letter>;

    #[test]
    fn a_thing_is_found_by_the_number_that_it_was_given() {
        let mut table: Table<Letter, char> = Table::new();
        let (a, b) = (table.push('a'), table.push('b'));
        assert_eq!((table[a], table[b], table.len()), ('a', 'b', 2));
        table[a] = 'c';
        assert_eq!(
            table.entries().map(|it| (it.0.number(), *it.1)).collect::<Vec<_>>(),
            [(0, 'c'), (1, 'b')]
        );
        assert_eq!(table.get(Nth::NONE), None);
    }

    #[test]
    fn a_table_grows_to_what_it_must_reach_and_no_further() {
        let mut table: Table<Letter, u8> = Table::new();
        table.reach(Nth::new(2), 7);
        table.reach(Nth::new(0), 9);
        assert_eq!(table.iter().copied().collect::<Vec<_>>(), [7, 7, 7]);
    }
}
