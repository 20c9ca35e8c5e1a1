//! What the words of a file mean on a scale.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::text::plain;
use crate::Scale;

/// What a word of a file says of a rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A grade, by its rank.
    Grade(usize),
    /// There is no rating any more.
    Withdrawn,
    /// The body has no rating yet.
    NotRated,
    /// This time there is none.
    NotGiven,
}

/// What the words of a file mean: a grade of the scale, or why there is none; spaces, accents and capitals may be written
/// in any way that leaves words apart.
pub(super) struct Meanings {
    exactly: HashMap<String, Told>,
    /// Without capitals and underscores; none where two words would be one.
    loosely: HashMap<String, Option<Told>>,
}

impl Meanings {
    pub(super) fn new<'a>(scale: &'a Scale, words: impl IntoIterator<Item = (&'a str, Told)>) -> Self {
        let ranks = scale.labels().iter().enumerate().map(|(rank, label)| (label.as_str(), Told::Grade(rank)));
        let (mut exactly, mut loosely) = (HashMap::new(), HashMap::new());
        for (word, told) in ranks.chain(words) {
            exactly.entry(plain(word)).or_insert(told);
            exactly.insert(word.to_owned(), told);
            match loosely.entry(loose(word)) {
                Entry::Vacant(place) => _ = place.insert(Some(told)),
                Entry::Occupied(mut place) if *place.get() != Some(told) => _ = place.insert(None),
                Entry::Occupied(_) => {}
            }
        }
        Meanings { exactly, loosely }
    }

    pub(super) fn of(&self, word: &str) -> Option<Told> {
        let exactly = self.exactly.get(word).or_else(|| self.exactly.get(&plain(word)));
        exactly.copied().or_else(|| self.loosely.get(&loose(word)).copied().flatten())
    }
}

fn loose(word: &str) -> String {
    plain(&word.replace('_', " ")).to_lowercase()
}
