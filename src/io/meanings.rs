//! What the words of a file mean on a scale.

use std::collections::HashMap;

use super::text::plain;
use crate::Scale;

/// What the words of a file mean: a rank of the scale, or no rating; spaces and accents may be written in any way.
pub(super) struct Meanings(HashMap<String, Option<usize>>);

impl Meanings {
    pub(super) fn new(scale: &Scale, withdrawn: &[String]) -> Self {
        let ranks = scale.labels().iter().enumerate().map(|(rank, label)| (label, Some(rank)));
        let words: Vec<_> = ranks.chain(withdrawn.iter().map(|word| (word, None))).collect();
        let plainly = words.iter().rev().map(|(word, meaning)| (plain(word), *meaning));
        let exactly = words.iter().map(|(word, meaning)| ((*word).clone(), *meaning));
        Meanings(plainly.chain(exactly).collect())
    }

    pub(super) fn of(&self, word: &str) -> Option<Option<usize>> {
        self.0.get(word).or_else(|| self.0.get(&plain(word))).copied()
    }
}
