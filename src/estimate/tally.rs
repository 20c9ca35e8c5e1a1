//! Counts by a number.

use std::collections::BTreeMap;

/// How often each number below some bound was met: in an array as far as it has room, the rest in a map.
pub(super) struct Tally {
    near: Vec<u32>,
    far: BTreeMap<usize, u32>,
}

impl Tally {
    /// Numbers that have a place in the array.
    const ROOM: usize = 1 << 24;

    pub(super) fn new(bound: usize) -> Self {
        Tally { near: vec![0; bound.min(Self::ROOM)], far: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, number: usize) {
        match self.near.get_mut(number) {
            Some(count) => *count += 1,
            None => *self.far.entry(number).or_default() += 1,
        }
    }

    /// The numbers that were met, in order, and how often.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, u32)> {
        let near = self.near.iter().copied().enumerate().filter(|(_, count)| *count > 0);
        near.chain(self.far.iter().map(|(number, count)| (*number, *count)))
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn numbers_beyond_the_array_are_counted_too() {
        let mut tally = Tally::new(usize::MAX);
        let numbers = [7, Tally::ROOM + 5, 7, Tally::ROOM - 1, Tally::ROOM, Tally::ROOM + 5];
        numbers.iter().for_each(|number| tally.add(*number));
        let counts: Vec<_> = tally.counts().collect();
        assert_eq!(counts, [(7, 2), (Tally::ROOM - 1, 1), (Tally::ROOM, 1), (Tally::ROOM + 5, 2)]);
    }
}
