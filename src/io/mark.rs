//! What a file of ratings says of itself, and the tables that stand beside it.

use chrono::NaiveDate;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::frame::{Members, Notice, PeerGroup, PeerGroups, columns::*};
use crate::{Error, Ratings, Scale, Words};

/// What a file says of itself.
#[derive(Serialize, Deserialize)]
pub(super) struct Mark {
    /// Version of the columns.
    version: u32,
    /// The grades, worst first.
    pub(super) scale: Vec<String>,
    /// The columns that order the rows.
    order: Vec<String>,
    /// What the data call things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<Words>,
    /// The groups of peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    peers: Vec<Group>,
    /// What the events that count are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events_about: Option<String>,
    /// The day to which the ratings are complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut_off: Option<NaiveDate>,
    /// What has to be said of bodies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Notice>,
}

/// A group of peers; the list of a listed one is a table beside the ratings.
#[derive(Serialize, Deserialize)]
struct Group {
    name: String,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    of: Of,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Others,
    Same(String),
    Listed,
}

impl Mark {
    pub(super) fn new(scale: &Scale) -> Self {
        let order = [AUTHORITY, THEME, EFFECT, PUBLISHED, INSPECTION].map(str::to_owned).to_vec();
        let scale = scale.labels().to_vec();
        Mark {
            version: VERSION,
            scale,
            order,
            words: None,
            peers: Vec::new(),
            events_about: None,
            cut_off: None,
            notices: Vec::new(),
        }
    }

    /// What ratings say of themselves.
    pub(super) fn of(ratings: &Ratings) -> Self {
        let group = |g: &PeerGroup| Group {
            name: g.name().to_owned(),
            label: g.label().to_owned(),
            note: g.note().map(str::to_owned),
            of: match g.members() {
                Members::Others => Of::Others,
                Members::Same(column) => Of::Same(column.clone()),
                Members::Listed(_) => Of::Listed,
            },
        };
        Mark {
            words: Some(ratings.words().clone()).filter(|w| *w != Words::default()),
            peers: ratings.given_peers().map(|groups| groups.iter().map(group).collect()).unwrap_or_default(),
            events_about: ratings.about().map(str::to_owned),
            cut_off: ratings.known_to(),
            notices: ratings.notices(NaiveDate::MAX).cloned().collect(),
            ..Mark::new(ratings.scale())
        }
    }

    /// Gives ratings what their file says of them; `listed` are the peers of the listed group.
    pub(super) fn give(&self, mut ratings: Ratings, listed: Option<LazyFrame>) -> Result<Ratings, Error> {
        if let Some(words) = &self.words {
            ratings = ratings.with_words(words.clone());
        }
        if let Some(about) = &self.events_about {
            ratings = ratings.mainly_about(about);
        }
        if let Some(day) = self.cut_off {
            ratings = ratings.with_cut_off(day);
        }
        ratings = ratings.with_notices(self.notices.clone());
        if self.peers.is_empty() {
            return Ok(ratings);
        }
        let mut groups = PeerGroups::new();
        for Group { name, label, note, of } in &self.peers {
            groups = match (of, &listed) {
                (Of::Others, _) => groups.others(name, label)?,
                (Of::Same(column), _) => groups.same(name, label, column)?,
                (Of::Listed, Some(table)) => groups.listed(name, label, table.clone())?,
                (Of::Listed, None) => continue,
            };
            if let Some(note) = note {
                groups = groups.noted(note);
            }
        }
        ratings.with_peers(groups)
    }

    /// The mark in a file's metadata.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let mark: Mark = serde_json::from_str(text).map_err(|e| Error::Frame(format!("metadata `{KEY}`: {e}")))?;
        if mark.version > VERSION {
            let reason = "it needs a later release of this crate";
            return Err(Error::Frame(format!("version {} of the columns; {reason}", mark.version)));
        }
        Ok(mark)
    }

    pub(super) fn text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|e| Error::Frame(e.to_string()))
    }

    pub(super) fn metadata(&self) -> Result<KeyValueMetadata, Error> {
        Ok(KeyValueMetadata::from_static(vec![(KEY.to_owned(), self.text()?)]))
    }
}

/// Key of the mark in a file's metadata.
pub(super) const KEY: &str = "rating-history";
const VERSION: u32 = 2;

/// A table beside the ratings: its name, and how it is taken from and given to them.
pub(super) type Beside =
    (&'static str, fn(&Ratings) -> Option<LazyFrame>, fn(Ratings, LazyFrame) -> Result<Ratings, Error>);

/// The list of peers beside the ratings, and the group it makes where the ratings do not say.
pub(super) const PEERS: &str = "neighbours";

/// The tables that a folder holds beside the ratings.
pub(super) const BESIDE: [Beside; 3] = [
    ("authorities", |ratings| Some(ratings.authorities()?.drop(cols([BODY]))), Ratings::with_authorities),
    ("successors", Ratings::successors, Ratings::with_successors),
    ("events", Ratings::events, Ratings::with_events),
];
