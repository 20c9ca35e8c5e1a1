//! Groups of peers: whom a body is compared with.

use polars::prelude::*;

use super::{columns::*, table};
use crate::{Error, Words};

/// Groups of peers that each body is compared with, in the order in which they are shown.
///
/// ```
/// use rating_history::polars::prelude::*;
/// use rating_history::frame::PeerGroups;
/// let alike = df!("authority" => ["a", "a"], "neighbour" => ["b", "c"], "place" => [1u32, 2])?;
/// let groups = PeerGroups::new()
///     .listed("alike", "those most alike", alike.lazy())?
///     .same("sector", "its sector", "sector")?
///     .others("all", "all others")?;
/// assert_eq!(groups.iter().map(|g| g.name()).collect::<Vec<_>>(), ["alike", "sector", "all"]);
/// assert!(groups.others("all", "again").is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PeerGroups(Vec<PeerGroup>);

/// One group of peers.
#[derive(Clone)]
pub struct PeerGroup {
    name: String,
    label: String,
    note: Option<String>,
    members: Members,
}

/// Who belongs to a body's group.
#[derive(Clone)]
pub(crate) enum Members {
    /// All other bodies.
    Others,
    /// The other bodies with the same value in this column of theirs.
    Same(String),
    /// Those listed for it: authority, neighbour, place.
    Listed(Box<LazyFrame>),
}

impl std::fmt::Debug for PeerGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerGroup").field("name", &self.name).field("label", &self.label).finish_non_exhaustive()
    }
}

impl PeerGroup {
    /// The name in the column `group` of answers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The words for it in pictures: "its sector".
    pub fn label(&self) -> &str {
        &self.label
    }

    /// A sentence about the group for pictures.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The group in a sentence, after "most of": "its neighbours", "its sector", "all other bridges".
    pub fn noun(&self, words: &Words) -> String {
        match &self.members {
            Members::Listed(_) => format!("its {}", self.name.replace('_', " ")),
            Members::Same(_) => self.label.clone(),
            Members::Others => format!("all other {}", words.body.many),
        }
    }

    pub(crate) fn members(&self) -> &Members {
        &self.members
    }
}

impl PeerGroups {
    /// The name of the group that holds the body itself.
    pub const OWN: &'static str = "own";

    /// No group yet.
    pub fn new() -> Self {
        PeerGroups::default()
    }

    /// Adds a group of listed peers: `authority`, `neighbour` (both ids of bodies) and `place` (`UInt32`, 1 for the most
    /// alike).
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is empty, `own` or used before; [`Error::Frame`] for columns that are missing or
    /// of another type.
    pub fn listed(self, name: &str, label: &str, members: LazyFrame) -> Result<Self, Error> {
        let needed = [(AUTHORITY, DataType::String), (NEIGHBOUR, DataType::String), (PLACE, DataType::UInt32)];
        let members = table(name, members, &needed, &[])?;
        self.add(name, label, Members::Listed(Box::new(members)))
    }

    /// The groups of listed peers, by name.
    pub(super) fn listed_members(&self) -> impl Iterator<Item = (&str, &LazyFrame)> {
        self.0.iter().filter_map(|group| match &group.members {
            Members::Listed(members) => Some((group.name.as_str(), &**members)),
            _ => None,
        })
    }

    /// Adds the group of those with the same value in a column of the bodies.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is empty, `own` or used before.
    pub fn same(self, name: &str, label: &str, column: &str) -> Result<Self, Error> {
        self.add(name, label, Members::Same(column.to_owned()))
    }

    /// Adds the group of all others.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is empty, `own` or used before.
    pub fn others(self, name: &str, label: &str) -> Result<Self, Error> {
        self.add(name, label, Members::Others)
    }

    /// Adds a sentence about the group added last, for pictures.
    pub fn noted(mut self, note: &str) -> Self {
        if let Some(group) = self.0.last_mut() {
            group.note = Some(note.to_owned());
        }
        self
    }

    fn add(mut self, name: &str, label: &str, members: Members) -> Result<Self, Error> {
        if name.trim().is_empty() || name == PeerGroups::OWN || self.0.iter().any(|g| g.name == name) {
            return Err(Error::value("group of peers", name, "a name, each used once, other than own"));
        }
        self.0.push(PeerGroup { name: name.to_owned(), label: label.to_owned(), note: None, members });
        Ok(self)
    }

    /// These groups, then those of others.
    ///
    /// # Errors
    /// [`Error::Value`] when two have one name.
    pub fn and(mut self, others: &PeerGroups) -> Result<Self, Error> {
        for group in &others.0 {
            self = self.add(&group.name, &group.label, group.members.clone())?;
        }
        Ok(self)
    }

    /// The groups, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PeerGroup> {
        self.0.iter()
    }

    /// The listed peers of a group, where it has a list: `authority`, `neighbour`, `place`.
    pub fn list(&self, name: &str) -> Option<LazyFrame> {
        self.0.iter().find(|g| g.name == name).and_then(|g| match &g.members {
            Members::Listed(table) => Some(table.as_ref().clone()),
            _ => None,
        })
    }
}
