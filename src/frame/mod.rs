//! The frame: rating histories as a polars `LazyFrame` with a known schema and order.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use polars::prelude::*;

use crate::code::nearest;
use crate::{Clock, Error, Precision, Scale, SeriesId, Words};

mod door;
pub(crate) mod expr;
mod lineage;
mod peers;
pub(crate) mod query;
mod rating;
#[cfg(feature = "chart")]
mod scope;
mod series;

pub use door::Repeat;
pub(crate) use door::{Duplicates, Order};
pub(crate) use peers::Members;
pub use peers::{PeerGroup, PeerGroups};
pub use query::{Field, FieldKind, Query, Row};
pub use rating::Rating;
pub use series::Series;

use door::Facts;
use expr::{any_of, begins_body, day, in_left_order, of_bodies, run};

/// Column names. Dtypes: ids, names and free text are `String`, words of a closed vocabulary an `Enum` of those that
/// occur, dates are `Date`, grades an ordered `Enum` of the scale's labels, worst first.
pub mod columns {
    /// Authority or other rated body (`String`).
    pub const AUTHORITY: &str = "authority";
    /// Its name (`String`, null when unknown).
    pub const NAME: &str = "name";
    /// Its region (`String`, null when unknown).
    pub const REGION: &str = "region";
    /// Its type (`String`, null when unknown).
    pub const TYPE: &str = "type";
    /// Its first day (`Date`, null when before all ratings).
    pub const OPENED: &str = "opened";
    /// The first day on which it no longer exists (`Date`, null while it does).
    pub const CLOSED: &str = "closed";
    /// Number of the body, from 0 in the order of the rows (`UInt32`).
    pub const BODY: &str = "body";
    /// Number of the series, from 0 in the order of the rows (`UInt32`): two rows are of one series of one body when it is
    /// equal; null for a judgement that belongs to no series.
    pub const SERIES: &str = "series";
    /// Name of the series (`Enum`): a theme's code; null for a judgement that belongs to no series.
    pub const THEME: &str = "theme";
    /// The day that counts by the frame's clock (`Date`).
    pub const DATE: &str = "date";
    /// The day the judgement takes effect (`Date`).
    pub const EFFECT: &str = "effect";
    /// Publication (`Date`, null when unknown).
    pub const PUBLISHED: &str = "published";
    /// Grade (`Enum`); null when a series' judgement is no longer reported, or the area was not judged.
    pub const GRADE: &str = "grade";
    /// Inspection id (`String`).
    pub const INSPECTION: &str = "inspection";
    /// Framework code (`Enum`).
    pub const FRAMEWORK: &str = "framework";
    /// Area as reported (`Enum`); null when the judgement is no longer reported.
    pub const AREA: &str = "area";
    /// Inspection kind (`Enum`).
    pub const KIND: &str = "kind";
    /// First day of fieldwork (`Date`).
    pub const START: &str = "start_date";
    /// Last day of fieldwork (`Date`).
    pub const END: &str = "end_date";
    /// `day`, `month` or `year` (`Enum`).
    pub const PRECISION: &str = "precision";
    /// Where it is stated (`String`).
    pub const SOURCE: &str = "source";
    /// Second source (`String`).
    pub const ALSO: &str = "also";
    /// Place of the judgement in its report, from 0 (`UInt32`).
    pub const POSITION: &str = "position";
    /// A peer's id, in a list of peers (`String`).
    pub const NEIGHBOUR: &str = "neighbour";
    /// How alike a peer is, 1 for the most alike, in a list of peers (`UInt32`).
    pub const PLACE: &str = "place";
    /// An authority that took over, in the table of successors (`String`).
    pub const SUCCESSOR: &str = "successor";
    /// Kind of an event, in the table of events (`String`).
    pub const EVENT: &str = "event";
    /// What an event is about, in the table of events (`String`, null when not told).
    pub const SCOPE: &str = "scope";
    /// First day of an event, in the table of events (`Date`).
    pub const EVENT_DATE: &str = "event_date";
    /// Last day of an event, in the table of events (`Date`, null when not told).
    pub const EVENT_END: &str = "event_end";
    /// How exactly the days of an event are known, in the table of events (`String`, null for to the day).
    pub const EVENT_PRECISION: &str = "event_precision";
    /// What happened, in the table of events (`String`, null when unknown).
    pub const LABEL: &str = "label";
}
use columns::*;

/// Name of a column, for a while, with the day after the last row of a body.
const LAST_DAY: &str = "last_day";

/// Name of a column, for a while, with the first day on which a body was inspected.
pub(crate) const FIRST_DAY: &str = "first_day_of_all";

/// Text columns that a frame may lack; they are filled with nulls.
const OPTIONAL_TEXT: &[&str] = &[INSPECTION, SOURCE, ALSO];
/// Date columns that a frame may lack.
const OPTIONAL_DATES: &[&str] = &[PUBLISHED, START, END, CLOSED];

/// Ratings of many bodies over time: one row a judgement, ordered by authority, theme, date, publication and
/// inspection.
///
/// A judgement that belongs to two series is a row in each. Rows without a series are judgements outside all of them
/// (or not judged); queries pass over them. A row with a series and a null grade says that the series' judgement is no
/// longer reported.
///
/// Narrow it by [`series_only`](Ratings::series_only), [`only`](Ratings::only) and [`clock`](Ratings::clock), then ask
/// [`trend`](crate::trend):
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Clock, Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let ratings = england.ratings()?.series(Theme::Headline)?.clock(Clock::Published);
/// let spells = ratings.spells().collect()?;
/// assert!(spells.height() > 400);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Ratings {
    frame: LazyFrame,
    authorities: Option<LazyFrame>,
    peers: Option<PeerGroups>,
    successors: Option<LazyFrame>,
    events: Option<LazyFrame>,
    events_about: Option<String>,
    notices: Vec<Notice>,
    words: Words,
    scale: Scale,
    clock: Clock,
    engine: Engine,
    /// Whether the rows stay in their file.
    scanned: bool,
    /// What the door found out about the rows.
    facts: Facts,
    /// Whether the rows themselves tell when their body closed.
    tells_closed: bool,
    /// Whether only some bodies were kept.
    narrowed: bool,
    /// The register of all bodies, where only some were kept.
    register: Option<LazyFrame>,
    /// Whether only some series were kept.
    some_series: bool,
    /// What else was left out or changed.
    filters: Vec<Filter>,
    /// The rows before any series or framework was left out; `None` while all are there.
    whole: Option<LazyFrame>,
    /// The day to which the ratings are complete, where that is known.
    cut_off: Option<NaiveDate>,
    /// The day as of which queries look, where one was asked for.
    as_of: Option<NaiveDate>,
}

impl std::fmt::Debug for Ratings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ratings").field("scale", &self.scale).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// What has to be said beside any statement about a body from a day on, as that it has been inspected again since.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Notice {
    /// The body's id.
    pub body: String,
    /// Its name, as pictures have it.
    pub name: String,
    /// The first as-of day on which it has to be said.
    pub from: NaiveDate,
    /// What has to be said, without a capital and a full stop.
    pub text: String,
}

/// How ratings were narrowed or changed, as pictures of them tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Only rows with some values in a column.
    Only { column: String, values: Vec<String> },
    /// Only what was published by a day.
    PublishedBy(NaiveDate),
    /// With grades carried to successors.
    Lineage,
}

/// The dtype of a grade column.
pub(crate) fn grade_type(scale: &Scale) -> Result<DataType, Error> {
    let categories = FrozenCategories::new(scale.labels().iter().map(String::as_str))?;
    Ok(DataType::from_frozen_categories(categories))
}

/// What a series can be in: the scale's labels, then `not_reported`, `not_rated`, `opened`, `closed`.
pub(crate) fn state_type(scale: &Scale) -> Result<DataType, Error> {
    let labels = scale.labels().iter().map(String::as_str);
    let categories = FrozenCategories::new(labels.chain(Scale::RESERVED))?;
    Ok(DataType::from_frozen_categories(categories))
}

/// The columns that order a frame by a clock: a series' judgements by date, then publication, then id.
fn order(body: &str, series: &str) -> [Expr; 5] {
    [body, series, DATE, PUBLISHED, INSPECTION].map(col)
}

pub(crate) fn clock_date(clock: Clock) -> Expr {
    match clock {
        Clock::Effect => col(EFFECT),
        Clock::Published => when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED)),
    }
    .alias(DATE)
}

/// Whether a column has one of some values. A word that an `Enum` lacks is known elsewhere, and no row has it.
fn among<S: AsRef<str>>(frame: &mut LazyFrame, column: &str, values: &[S]) -> Result<Expr, Error> {
    let schema = frame.collect_schema()?;
    let there: Vec<&str> = match schema.get(column) {
        Some(DataType::Enum(words, _)) => {
            let words: HashSet<&str> = words.categories().iter().flatten().collect();
            values.iter().map(AsRef::as_ref).filter(|value| words.contains(value)).collect()
        }
        _ => values.iter().map(AsRef::as_ref).collect(),
    };
    Ok(any_of(column, there))
}

/// Refuses an empty choice, which would leave nothing.
fn some<T>(what: &'static str, chosen: &[T]) -> Result<(), Error> {
    if chosen.is_empty() { Err(Error::value(what, "none", "at least one")) } else { Ok(()) }
}

impl Ratings {
    /// Ratings from any frame with at least `authority` (`String`), `effect` (`Date`) and `grade` (`Enum` of the scale,
    /// or `String` with its labels), ordered by authority, theme, effect date, publication and inspection. Missing columns
    /// are filled: the theme with `headline`, the precision with `day`, the others with nulls. A column of grades that is
    /// an `Enum` is its own scale, so that none needs to be given.
    ///
    /// This is the door: the rows are read into memory once, and their order and key are checked. A key is a body, a
    /// series and a day, and the id of an inspection where there is one; two rows of one key are an error. The columns
    /// `body` and `series` number the bodies and their series, and words of a closed vocabulary become an `Enum`.
    ///
    /// ```
    /// use rating_history::polars::prelude::*;
    /// use rating_history::{Ratings, Scale, trend};
    /// let day = |y| chrono::NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
    /// # use rating_history::chrono;
    /// let frame = df!(
    ///     "authority" => ["a", "a", "b"],
    ///     "effect" => [day(2020), day(2022), day(2021)],
    ///     "grade" => ["BBB", "A", "BBB"],
    /// )?;
    /// let ratings = Ratings::new(frame.lazy(), Scale::new(["D", "BBB", "A"])?)?.as_of(day(2023));
    /// assert_eq!(ratings.spells().collect()?.height(), 3);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type, a grade is outside the scale, an authority or
    /// date is null, a date is before 1850 or after 2200, the rows are not in order, two of them have one key, or a body
    /// has several closing days. A
    /// file that is larger than memory is for [`scan_ratings`](crate::io::scan_ratings).
    pub fn new(frame: LazyFrame, scale: impl Into<Option<Scale>>) -> Result<Self, Error> {
        Ratings::held(frame, scale.into(), Duplicates::Refuse, Order::Given)
    }

    /// As [`new`](Ratings::new), from rows in any order.
    ///
    /// # Errors
    /// As [`new`](Ratings::new), but for the order.
    pub fn unordered(frame: LazyFrame, scale: impl Into<Option<Scale>>) -> Result<Self, Error> {
        Ratings::held(frame, scale.into(), Duplicates::Refuse, Order::Any)
    }

    /// Ratings of a file: in any order, and of several rows of one key the last counts. A file with the numbers of its
    /// bodies and series is scanned, so that it may be larger than memory; any other is read.
    #[cfg(feature = "files")]
    pub(crate) fn of_file(frame: LazyFrame, scale: Option<Scale>) -> Result<Self, Error> {
        let Filled { mut frame, scale, tells_closed } = filled(frame, scale)?;
        let ratings = match door::numbered(&mut frame)? {
            Some(facts) => {
                let frame = frame.with_column(clock_date(Clock::Effect));
                Ratings { facts, scanned: true, ..Ratings::of(frame, scale) }
            }
            None => {
                let rows = frame.collect_with_engine(Engine::Streaming)?.unwrap_single();
                let (rows, facts) = door::enter(rows, Duplicates::Last, Order::Any)?;
                Ratings { facts, ..Ratings::of(rows.lazy(), scale) }
            }
        };
        Ok(Ratings { tells_closed, ..ratings.engine(Engine::Streaming) })
    }

    /// The same ratings, with the rows and the tables beside them in memory.
    #[cfg(feature = "files")]
    pub(crate) fn in_memory(mut self) -> Result<Self, Error> {
        let tables = [Some(&mut self.frame), self.authorities.as_mut(), self.successors.as_mut(), self.events.as_mut()];
        for table in tables.into_iter().flatten() {
            *table = std::mem::take(table).collect_with_engine(Engine::Streaming)?.unwrap_single().lazy();
        }
        Ok(Ratings { scanned: false, engine: Engine::Auto, ..self })
    }

    /// Ratings whose rows are held in memory.
    pub(crate) fn held(
        frame: LazyFrame,
        scale: Option<Scale>,
        duplicates: Duplicates,
        order: Order,
    ) -> Result<Self, Error> {
        let Filled { frame, scale, tells_closed } = filled(frame, scale)?;
        let rows = frame.collect().map_err(|e| Error::Frame(e.to_string()))?;
        let (rows, facts) = door::enter(rows, duplicates, order)?;
        Ok(Ratings { facts, tells_closed, ..Ratings::of(rows.lazy(), scale) })
    }

    /// Other rows of the same bodies, with their own scale: in any order, with every column of a frame but the date and
    /// the numbers.
    pub(crate) fn with_rows(self, frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let (rows, facts) = door::enter(self.collect(frame)?, Duplicates::Last, Order::Any)?;
        let (clock, authorities) = (self.clock, self.authorities.clone());
        let again = Ratings {
            frame: rows.lazy(),
            facts,
            scale,
            clock: Clock::Effect,
            scanned: false,
            whole: None,
            some_series: false,
            ..self
        };
        let authorities = authorities.map(|a| again.numbered("authorities", a)).transpose()?;
        Ok(Ratings { authorities, ..again }.clock(clock))
    }

    fn of(frame: LazyFrame, scale: Scale) -> Self {
        Ratings {
            frame,
            authorities: None,
            peers: None,
            successors: None,
            events: None,
            events_about: None,
            notices: Vec::new(),
            words: Words::default(),
            scale,
            clock: Clock::Effect,
            engine: Engine::Auto,
            scanned: false,
            facts: Facts::default(),
            tells_closed: true,
            narrowed: false,
            register: None,
            some_series: false,
            filters: Vec::new(),
            whole: None,
            cut_off: None,
            as_of: None,
        }
    }

    /// Adds the rated bodies themselves: `authority`, and `name`, `region`, `type`, `opened`, `closed` as far as
    /// known; further columns are kept, to group by. With them queries also speak of those never rated, and the series of
    /// a body end on the day it closed.
    ///
    /// # Errors
    /// [`Error::Frame`] when `authority` is missing, empty or the same in two rows, a column has another type, or a rated
    /// body is not among them.
    pub fn with_authorities(self, authorities: LazyFrame) -> Result<Self, Error> {
        self.with_register("authorities", authorities)
    }

    /// As [`with_authorities`](Ratings::with_authorities), of a table or file that messages name.
    pub(crate) fn with_register(mut self, what: &str, authorities: LazyFrame) -> Result<Self, Error> {
        let text = [NAME, REGION, TYPE].map(|name| (name, DataType::String));
        let dates = [OPENED, CLOSED].map(|name| (name, DataType::Date));
        let optional = [&text[..], &dates].concat();
        let authorities = table(what, authorities, &[(AUTHORITY, DataType::String)], &optional)?;
        let authorities = self.numbered(what, authorities)?;
        if !self.tells_closed && self.closes(&authorities)? {
            let ends = authorities.clone().filter(col(BODY).is_not_null()).select([col(BODY), col(CLOSED)]);
            let frame = self.frame.clone().drop(cols([CLOSED])).join(ends, [col(BODY)], [col(BODY)], in_left_order());
            self.frame = if self.scanned { frame } else { self.collect(frame)?.lazy() };
            self.tells_closed = true;
            self.facts.closes = true;
        }
        self.authorities = Some(authorities);
        Ok(self)
    }

    /// Lets the ratings of each body end with its last row, for panel-like data in which who is no longer there has gone:
    /// the last rating counts on its day and no longer. Bodies with a row on the last day of the data go on.
    ///
    /// ```
    /// use rating_history::polars::prelude::*;
    /// use rating_history::{Ratings, Scale, trend};
    /// # use rating_history::chrono;
    /// let day = |y| chrono::NaiveDate::from_ymd_opt(y, 12, 31).unwrap();
    /// let frame = df!(
    ///     "authority" => ["a", "a", "b", "b"],
    ///     "effect" => [day(2020), day(2021), day(2021), day(2022)],
    ///     "grade" => ["A", "A", "B", "B"],
    /// )?;
    /// let panel = Ratings::new(frame.lazy(), Scale::new(["B", "A"])?)?;
    /// assert_eq!(panel.standing().collect()?.height(), 2);
    /// assert_eq!(panel.ending_with_last_rows()?.standing().collect()?.height(), 1); // only b is still there
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when the ratings were narrowed before: their last rows would be others. [`Error::Polars`] when the
    /// rows cannot be read.
    pub fn ending_with_last_rows(mut self) -> Result<Self, Error> {
        self.complete("the last rows tell who has gone")?;
        let Some(end) = self.lazy().select([col(EFFECT).max()]).collect()?.column(EFFECT)?.date()?.phys.get(0) else {
            return Ok(self);
        };
        let last = lit(1) + col(EFFECT).max().cast(DataType::Int32);
        let last = self.frame.clone().group_by([col(BODY)]).agg([last.alias(LAST_DAY)]);
        let last = last.filter(col(LAST_DAY).lt_eq(lit(end))).with_column(col(LAST_DAY).cast(DataType::Date));
        let earlier = when(col(CLOSED).is_null().or(col(LAST_DAY).lt(col(CLOSED)))).then(col(LAST_DAY));
        let closed = earlier.otherwise(col(CLOSED));
        let closed = when(col(LAST_DAY).is_null()).then(col(CLOSED)).otherwise(closed).alias(CLOSED);
        let ended = |table: LazyFrame| {
            let joined = table.join(last.clone(), [col(BODY)], [col(BODY)], in_left_order());
            joined.with_column(closed.clone()).drop(cols([LAST_DAY]))
        };
        let authorities = self.authorities.clone().map(|a| self.collect(ended(a))).transpose()?;
        self.authorities = authorities.map(DataFrame::lazy);
        let frame = ended(self.frame.clone());
        self.frame = if self.scanned { frame } else { self.collect(frame)?.lazy() };
        (self.tells_closed, self.facts.closes) = (true, true);
        Ok(self)
    }

    /// A register with the numbers of its bodies, whatever numbers it had among other ratings; null for those without a row.
    fn numbered(&self, what: &str, mut authorities: LazyFrame) -> Result<LazyFrame, Error> {
        if authorities.collect_schema()?.contains(BODY) {
            authorities = authorities.drop(cols([BODY]));
        }
        let unread = |e: Error| Error::Frame(e.to_string());
        let authorities = self.collect(authorities).map_err(unread)?;
        let mut ids = HashSet::new();
        for (row, id) in authorities.column(AUTHORITY)?.str()?.iter().enumerate() {
            let Some(id) = id else {
                return Err(Error::Frame(format!("{what}: row {} has no id in column `{AUTHORITY}`", row + 1)));
            };
            if !ids.insert(id) {
                return Err(Error::Frame(format!("{what}: `{id}` has two rows, the second is row {}", row + 1)));
            }
        }
        let rated = self.collect(self.frame.clone().select([AUTHORITY, BODY].map(col)).filter(begins_body()))?;
        let missing: Vec<&str> =
            rated.column(AUTHORITY)?.str()?.iter().flatten().filter(|id| !ids.contains(id)).collect();
        if let Some(first) = missing.first() {
            let near = nearest(first, ids.iter().copied()).map(|near| format!("; did you mean {near}?"));
            let shown = missing.iter().take(10).copied().collect::<Vec<_>>().join(", ");
            let (n, more) = (missing.len(), if missing.len() > 10 { ", ..." } else { "" });
            let near = near.unwrap_or_default();
            return Err(Error::Frame(format!(
                "{what}: no row for {n} of those rated: {shown}{more}{near}; expected every one of them"
            )));
        }
        let numbered = authorities.lazy().join(rated.lazy(), [col(AUTHORITY)], [col(AUTHORITY)], in_left_order());
        Ok(self.collect(numbered).map_err(unread)?.lazy())
    }

    /// Whether any body of a register has closed.
    fn closes(&self, authorities: &LazyFrame) -> Result<bool, Error> {
        let closed = authorities.clone().filter(col(CLOSED).is_not_null()).limit(1);
        Ok(closed.collect().map_err(|e| Error::Frame(e.to_string()))?.height() > 0)
    }

    /// Adds the groups of peers that bodies are compared with, for [`peers`](Ratings::peers).
    ///
    /// # Errors
    /// [`Error::Frame`] for listed peers that no body is, as names in place of ids: with a register each must be in it,
    /// without one at least one must be rated.
    pub fn with_peers(mut self, peers: PeerGroups) -> Result<Self, Error> {
        for (name, listed) in peers.listed_members() {
            self.know_ids(name, listed, &[AUTHORITY, NEIGHBOUR])?;
        }
        self.peers = Some(peers);
        Ok(self)
    }

    /// Sets what tables, messages and pictures call things.
    pub fn with_words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }

    /// Adds what has to be said beside any statement about a body.
    pub fn with_notices(mut self, notices: Vec<Notice>) -> Self {
        self.notices = notices;
        self
    }

    /// Adds who took over from whom, for [`lineage`](Ratings::lineage): `authority` and `successor`.
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type, or for bodies that are none, as in
    /// [`with_peers`](Ratings::with_peers).
    pub fn with_successors(mut self, successors: LazyFrame) -> Result<Self, Error> {
        let needed = [(AUTHORITY, DataType::String), (SUCCESSOR, DataType::String)];
        let successors = table("successors", successors, &needed, &[])?;
        self.know_ids("successors", &successors, &[AUTHORITY, SUCCESSOR])?;
        self.successors = Some(successors);
        Ok(self)
    }

    /// Adds events, for [`around_events`](Ratings::around_events): `authority`, `event` (kind) and `event_date`, and
    /// `scope`, `event_end`, `event_precision`, `label` where known; an end may be missing because nobody stated it.
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type, or for bodies that are none, as in
    /// [`with_peers`](Ratings::with_peers).
    pub fn with_events(mut self, events: LazyFrame) -> Result<Self, Error> {
        let text = [AUTHORITY, EVENT].map(|name| (name, DataType::String));
        let needed = [&text[..], &[(EVENT_DATE, DataType::Date)]].concat();
        let text = [SCOPE, EVENT_PRECISION, LABEL].map(|name| (name, DataType::String));
        let optional = [&text[..], &[(EVENT_END, DataType::Date)]].concat();
        let events = table("events", events, &needed, &optional)?;
        self.know_ids("events", &events, &[AUTHORITY])?;
        self.events = Some(events);
        Ok(self)
    }

    /// Keeps only some series.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such series; the error names the nearest.
    pub fn series_only<S: Into<SeriesId>>(mut self, series: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let series: Vec<SeriesId> = series.into_iter().map(Into::into).collect();
        some("series", &series)?;
        self.know("series", THEME, &series, self.words.series.keys())?;
        self.some_series = true;
        self.whole.get_or_insert_with(|| self.frame.clone());
        let among = among(&mut self.frame, THEME, &series)?;
        self.frame = self.frame.filter(among);
        Ok(self)
    }

    /// Keeps only judgements with one of these values in a column of text that says how or by whom they were made, as the
    /// framework or the kind of inspection. Bodies are chosen by [`bodies_only`](Ratings::bodies_only), series by
    /// [`series_only`](Ratings::series_only).
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such column, or no row and no vocabulary of the words holds a value; the error
    /// names the nearest. [`Error::Frame`] when the column is none of text, or one by which histories would be torn apart.
    pub fn only<S: AsRef<str>>(mut self, column: &str, values: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let values: Vec<String> = values.into_iter().map(|v| v.as_ref().to_owned()).collect();
        some("values", &values)?;
        let what = match column {
            FRAMEWORK => "framework",
            KIND => "kind of inspection",
            AREA => "area",
            THEME => return self.series_only(values),
            AUTHORITY => return self.bodies_only(values),
            GRADE | PRECISION => {
                let told =
                    format!("ratings cannot be chosen by their {column}: spells would end where nothing changed");
                return Err(Error::Frame(format!("{told}; choose from the rows of the answer")));
            }
            _ => "value",
        };
        let known = self.words.vocabularies.get(column);
        self.know(what, column, &values, known.into_iter().flatten())?;
        self.whole.get_or_insert_with(|| self.frame.clone());
        let among = among(&mut self.frame, column, &values)?;
        self.frame = self.frame.filter(among);
        self.filters.push(Filter::Only { column: column.to_owned(), values });
        Ok(self)
    }

    /// Refuses values that a column of text does not hold, unless the words of the data know them.
    fn know<'a, S: AsRef<str>>(
        &self,
        what: &'static str,
        column: &str,
        values: &[S],
        also: impl Iterator<Item = &'a String> + Clone,
    ) -> Result<(), Error> {
        let mut frame = self.frame.clone();
        let schema = frame.collect_schema()?;
        let own = match schema.get(column) {
            Some(DataType::String) => self.words_in(frame, column)?,
            Some(DataType::Enum(categories, _)) => {
                categories.categories().iter().flatten().map(str::to_owned).collect()
            }
            Some(other) => return Err(Error::Frame(format!("column `{column}` has type {other}; expected text"))),
            None => {
                let names: Vec<&str> = schema.iter_names().map(|name| name.as_str()).collect();
                return Err(Error::unknown("column", column, names.into_iter()));
            }
        };
        let known = |value: &&str| own.contains(*value) || also.clone().any(|word| word == value);
        match values.iter().map(AsRef::as_ref).find(|value| !known(value)) {
            // Of no rows nothing can be known.
            Some(_) if own.is_empty() => Ok(()),
            Some(value) => Err(Error::unknown(what, value, own.iter().map(String::as_str))),
            None => Ok(()),
        }
    }

    /// The words in a column of text.
    fn words_in(&self, frame: LazyFrame, column: &str) -> Result<BTreeSet<String>, Error> {
        let words = frame.select([col(column).cast(DataType::String)]).unique(None, UniqueKeepStrategy::Any);
        Ok(self.collect(words)?.column(column)?.str()?.iter().flatten().map(str::to_owned).collect())
    }

    /// Keeps only judgements published by a day (taking effect by it where publication is unknown), and looks as of that
    /// day, unless another one is [asked for](Ratings::as_of) or the ratings end before it.
    pub fn published_by(mut self, date: NaiveDate) -> Self {
        let known = when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED));
        self.frame = self.frame.filter(known.lt_eq(day(date)));
        self.filters.push(Filter::PublishedBy(date));
        self
    }

    /// Looks as of a day: what counts later is not known to queries.
    pub fn as_of(mut self, date: NaiveDate) -> Self {
        self.as_of = Some(date);
        self
    }

    /// Keeps only some bodies, by id; of no ids nobody is left.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?.ratings()?;
    /// assert!(england.clone().bodies_only(["E06000039"]).is_ok());
    /// let wrong = england.bodies_only(["Slough"]).unwrap_err(); // a name, where an id is wanted
    /// assert_eq!(wrong.to_string(), "unknown authority `Slough`; did you mean E06000039 (Slough)?");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownBody`] when no body has an id; the error names the nearest.
    pub fn bodies_only<S: AsRef<str>>(mut self, ids: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let ids: Vec<String> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        self.know_bodies(&ids)?;
        self.notices.retain(|n| ids.contains(&n.body));
        self.narrowed = true;
        self.register = self.register.or_else(|| self.authorities.clone());
        self.frame = of_bodies(self.frame, &ids);
        self.authorities = self.authorities.map(|authorities| of_bodies(authorities, &ids));
        Ok(self)
    }

    /// The error of a body without a grade on a day.
    pub(crate) fn no_grade(&self, id: &str, day: NaiveDate) -> Error {
        let named = |table: LazyFrame| {
            let own = table.filter(any_of(AUTHORITY, [id])).select([col(NAME).cast(DataType::String)]);
            Some(self.collect(own).ok()?.column(NAME).ok()?.str().ok()?.get(0)?.to_owned())
        };
        let name = self.authorities.clone().and_then(named);
        Error::NoGrade { body: name.map_or_else(|| id.to_owned(), |name| format!("{name} ({id})")), day }
    }

    /// Refuses ids that no body has, neither in the register nor in the rows.
    pub(crate) fn know_bodies<S: AsRef<str>>(&self, ids: &[S]) -> Result<(), Error> {
        let named = |name: Expr| [col(AUTHORITY), name.cast(DataType::String).alias(NAME)];
        let tables = [
            self.authorities.clone().map(|a| a.select(named(col(NAME)))),
            Some(self.frame.clone().filter(begins_body()).select(named(lit(NULL)))),
        ];
        let mut missing: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        for table in tables.iter().flatten() {
            if missing.is_empty() {
                break;
            }
            let found = self.collect(of_bodies(table.clone(), &missing))?;
            let found: HashSet<&str> = found.column(AUTHORITY)?.str()?.iter().flatten().collect();
            missing.retain(|id| !found.contains(id));
        }
        let Some(missing) = missing.first() else { return Ok(()) };
        let mut known = Vec::new();
        for table in tables.into_iter().flatten() {
            let all = self.collect(table)?;
            let (ids, names) = (all.column(AUTHORITY)?.str()?.clone(), all.column(NAME)?.str()?.clone());
            let pairs = ids.iter().zip(names.iter());
            known.extend(pairs.filter_map(|(id, name)| Some((id?.to_owned(), name.map(str::to_owned)))));
        }
        Err(Error::unknown_body(&self.words.body.one, missing, &known))
    }

    /// Refuses a table about bodies that are none: with a register about one that is not in it, without one when it is
    /// about none of those rated.
    fn know_ids(&self, what: &str, table: &LazyFrame, columns: &[&str]) -> Result<(), Error> {
        let told = |e: Error| Error::Frame(format!("{what}: {e}"));
        let id = |column: &&str| table.clone().select([col(*column).cast(DataType::String).alias(AUTHORITY)]);
        let ids = concat(columns.iter().map(id).collect::<Vec<_>>(), UnionArgs::default())?;
        let ids = ids.filter(col(AUTHORITY).is_not_null()).unique_stable(None, UniqueKeepStrategy::First);
        let known = match &self.authorities {
            Some(register) => register.clone(),
            None => self.frame.clone().filter(begins_body()),
        };
        let known = known.select([col(AUTHORITY).cast(DataType::String), lit(true).alias("known")]);
        let ids = ids.join(known, [col(AUTHORITY)], [col(AUTHORITY)], in_left_order());
        let ids = self.collect(ids).map_err(told)?;
        let (names, known) = (ids.column(AUTHORITY)?.str()?, ids.column("known")?.bool()?);
        let wrong: Vec<&str> =
            names.iter().zip(known.iter()).filter(|(_, k)| k.is_none()).filter_map(|(n, _)| n).collect();
        match wrong.first() {
            Some(first) if self.authorities.is_some() || wrong.len() == ids.height() => {
                self.know_bodies(&[first]).map_err(told)
            }
            _ => Ok(()),
        }
    }

    /// Refuses what needs every row when some were left out.
    pub(crate) fn complete(&self, what: &str) -> Result<(), Error> {
        match self.narrowed || self.whole.is_some() || !self.filters.is_empty() {
            true => Err(Error::Frame(format!("{what}, and these ratings were narrowed; ask before narrowing them"))),
            false => Ok(()),
        }
    }

    /// Refuses to compare with all bodies when only some are left.
    pub(crate) fn all_bodies(&self, what: &str) -> Result<(), Error> {
        let bodies = &self.words.body.many;
        match self.narrowed {
            true => Err(Error::Frame(format!(
                "{what} all {bodies}, and these ratings were narrowed to some; ask before narrowing them"
            ))),
            false => Ok(()),
        }
    }

    /// Refuses days of which these ratings tell nothing: after the day as of which they are looked at, where one was
    /// asked for, or after that to which they are complete, where it is known.
    pub(crate) fn tell_of(&self, days: impl IntoIterator<Item = NaiveDate>) -> Result<(), Error> {
        let days: Vec<NaiveDate> = days.into_iter().collect();
        query::plausible(days.iter().copied())?;
        let last = self.day();
        match days.into_iter().find(|date| self.is_limited() && *date > last) {
            Some(date) => {
                Err(Error::value("day", date, format!("one not after {last}, as of which the ratings are looked at")))
            }
            None => Ok(()),
        }
    }

    /// The earlier of a day and the last of which these ratings tell, where that is limited as in
    /// [`tell_of`](Ratings::tell_of).
    pub(crate) fn not_after(&self, date: NaiveDate) -> NaiveDate {
        if self.is_limited() { date.min(self.day()) } else { date }
    }

    fn is_limited(&self) -> bool {
        self.as_of.is_some() || self.cut_off.is_some() || self.published_by_day().is_some()
    }

    /// Whether only some series are left.
    pub(crate) fn has_some_series_only(&self) -> bool {
        self.some_series
    }

    /// The first day on which each body was inspected for each series, whatever else was left out of the ratings since: where
    /// inspections judge several series, for any of them.
    pub(crate) fn first_days(&self) -> LazyFrame {
        let all = self.whole.as_ref().unwrap_or(&self.frame).clone();
        let dated = all.select([col(AUTHORITY), col(THEME), col(INSPECTION), clock_date(self.clock).alias(FIRST_DAY)]);
        let inspections = dated.clone().filter(col(INSPECTION).is_not_null());
        let inspections = inspections.group_by([AUTHORITY, INSPECTION].map(col)).agg([col(THEME).n_unique()]);
        // Joined by a key: polars 0.55 forgets that one row is one where none of its columns is asked for.
        let key = || lit(0u32).alias("key");
        let together = inspections
            .with_column(key())
            .group_by([col("key")])
            .agg([col(THEME).max().gt(lit(1u32)).alias("together")]);
        let of_body = dated.clone().group_by([col(AUTHORITY)]).agg([col(FIRST_DAY).min().alias("of_body")]);
        let together_or_unknown = col("together").fill_null(lit(true));
        let first = when(together_or_unknown).then(col("of_body")).otherwise(col(FIRST_DAY)).alias(FIRST_DAY);
        let of_series = dated.group_by([AUTHORITY, THEME].map(col)).agg([col(FIRST_DAY).min()]);
        let left = || JoinArgs::new(JoinType::Left);
        let of_series = of_series.join(of_body, [col(AUTHORITY)], [col(AUTHORITY)], left()).with_column(key());
        let of_series = of_series.join(together, [col("key")], [col("key")], left());
        of_series.select([col(AUTHORITY), col(THEME), first])
    }

    /// Queries count only the events about one thing, by their column `scope`; of a kind of which none is about it, as
    /// notices about a whole council, all count.
    ///
    /// # Errors
    /// [`Error::Unknown`] when no event of these ratings is about that; the error names the nearest.
    pub fn events_about(self, scope: &str) -> Result<Self, Error> {
        self.know_event("scope of events", SCOPE, scope)?;
        Ok(self.mainly_about(scope))
    }

    /// As [`events_about`](Ratings::events_about), where there may be no such events.
    pub(crate) fn mainly_about(mut self, scope: &str) -> Self {
        self.events_about = Some(scope.to_owned());
        self
    }

    /// Refuses what no event of these ratings has in a column and their words do not know.
    fn know_event(&self, what: &'static str, column: &str, value: &str) -> Result<(), Error> {
        let Some(events) = self.events() else { return Ok(()) };
        let known = self.words_in(events, column)?;
        let listed = self.words.vocabularies.get(column).is_some_and(|codes| codes.iter().any(|code| code == value));
        if known.is_empty() || known.contains(value) || listed {
            return Ok(());
        }
        Err(Error::unknown(what, value, known.iter().map(String::as_str)))
    }

    /// Counts judgements by another clock; the frame is then ordered by it.
    pub fn clock(mut self, clock: Clock) -> Self {
        if clock != self.clock {
            self.frame = self
                .frame
                .with_column(clock_date(clock))
                .sort_by_exprs(order(BODY, SERIES), SortMultipleOptions::default());
            self.clock = clock;
        }
        self
    }

    /// The engine that [`estimate`](crate::estimate) runs its queries on: for a scanned file the streaming one, else
    /// polars' choice, which is the in-memory one. The streaming one is slower by some milliseconds on few ratings and
    /// twice as fast on many. A query of [`trend`](crate::trend) is a `LazyFrame`: name its engine when collecting it.
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Runs a query on the engine of these ratings, for its rows to be gone through.
    pub(crate) fn collect(&self, query: LazyFrame) -> Result<DataFrame, Error> {
        let mut frame = run(query, self.engine)?;
        frame.rechunk_mut();
        Ok(frame)
    }

    /// The rows: every column of [`columns`] but those of authorities.
    pub fn lazy(&self) -> LazyFrame {
        self.frame.clone()
    }

    /// The rated bodies, where known: `authority`, `name`, `region`, `type`, `opened`, `closed`.
    pub fn authorities(&self) -> Option<LazyFrame> {
        self.authorities.clone()
    }

    /// The rated bodies, when they have a column `by` to group by.
    pub(crate) fn grouping(&self, by: &str) -> Result<LazyFrame, Error> {
        let bodies = &self.words.body.many;
        let Some(mut known) = self.authorities() else {
            let lacks =
                format!("there is no register of the {bodies} beside these ratings, which would tell their {by}");
            return Err(Error::Frame(lacks));
        };
        let schema = known.collect_schema()?;
        // Days, names and ids make groups of one.
        if [AUTHORITY, BODY, NAME, OPENED, CLOSED].contains(&by) {
            let expected = format!("a column by which {bodies} come in groups, as region or type");
            return Err(Error::value("column to group by", by, &expected));
        }
        match schema.contains(by) {
            true if known.clone().filter(col(by).is_not_null()).limit(1).collect()?.height() == 0 => Err(Error::Frame(
                format!("the {by} of none of these {bodies} is known; expected one by which to group them"),
            )),
            true => Ok(known),
            false => {
                let near = nearest(by, schema.iter_names().map(|name| name.as_str()));
                let near = near.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
                Err(Error::Frame(format!(
                    "{bodies} have no column `{by}`{near}; expected region, type or another of theirs"
                )))
            }
        }
    }

    /// The groups of peers: those given, else the others of the same region, where regions are known, and all others.
    ///
    /// # Errors
    /// [`Error::Polars`] when the bodies cannot be read.
    pub fn peer_groups(&self) -> Result<PeerGroups, Error> {
        if let Some(peers) = &self.peers {
            return Ok(peers.clone());
        }
        let known = match self.authorities() {
            Some(authorities) => authorities.filter(col(REGION).is_not_null()).limit(1).collect()?.height() > 0,
            None => false,
        };
        let groups = PeerGroups::new();
        let groups = if known { groups.same("region", "its region", REGION)? } else { groups };
        groups.others("all", &format!("all other {}", self.words.body.many))
    }

    /// The groups of peers that were given.
    #[cfg(feature = "files")]
    pub(crate) fn given_peers(&self) -> Option<&PeerGroups> {
        self.peers.as_ref()
    }

    /// What the events that queries count are about, if not about anything.
    #[cfg(feature = "files")]
    pub(crate) fn about(&self) -> Option<&str> {
        self.events_about.as_deref()
    }

    /// The listed peers of these ratings, where there are: the name of their group, and the list.
    #[cfg(feature = "files")]
    pub(crate) fn listed_peers(&self) -> Option<(&str, LazyFrame)> {
        let groups = self.peers.as_ref()?;
        groups.iter().find_map(|g| Some((g.name(), groups.list(g.name())?)))
    }

    /// What has to be said on a day beside a statement about the bodies that these ratings were
    /// [narrowed](Ratings::bodies_only) to, if they were.
    pub fn own_notices(&self, date: NaiveDate) -> Vec<Notice> {
        if self.narrowed { self.notices(date).cloned().collect() } else { Vec::new() }
    }

    /// How these ratings were narrowed or changed, as sentences: by [`only`](Ratings::only),
    /// [`published_by`](Ratings::published_by), [`lineage`](Ratings::lineage) and [`clock`](Ratings::clock).
    pub fn filtered(&self) -> Vec<String> {
        let Words { body, inspection, .. } = &self.words;
        let told = |filter: &Filter| match filter {
            Filter::Only { column, values } if column == FRAMEWORK => {
                let codes: Vec<String> = values.iter().map(|v| self.words.code(v)).collect();
                format!("Only {} under {}.", inspection.many, codes.join(", "))
            }
            Filter::Only { column, values } => format!("Only {} {}.", column.replace('_', " "), values.join(", ")),
            Filter::PublishedBy(date) => format!("Only what was published by {}.", Precision::Day.write(*date)),
            Filter::Lineage => {
                format!("New {} carry the grade of those before them until their first {}.", body.many, inspection.one)
            }
        };
        let clock = (self.clock == Clock::Published).then(|| "Each grade counts from its publication.".to_owned());
        self.filters.iter().map(told).chain(clock).collect()
    }

    /// Sets the day to which the ratings are complete.
    pub fn with_cut_off(mut self, date: NaiveDate) -> Self {
        self.cut_off = Some(date);
        self
    }

    /// The day to which the ratings are complete, where that is known.
    pub fn known_to(&self) -> Option<NaiveDate> {
        self.cut_off
    }

    /// The day on which the ratings end: that to which they are complete, where that is known, else the last day that any
    /// row tells; 1 January 1970 without a row.
    pub fn cut_off(&self) -> NaiveDate {
        self.cut_off.or(self.facts.last).unwrap_or_default()
    }

    /// The day as of which queries look: the one [asked for](Ratings::as_of), else the day by which everything was
    /// [published](Ratings::published_by) or the [cut-off](Ratings::cut_off), whichever is earlier.
    pub fn day(&self) -> NaiveDate {
        let published = self.published_by_day();
        self.as_of.unwrap_or_else(|| published.into_iter().fold(self.cut_off(), NaiveDate::min))
    }

    /// The day by which everything that is left was published, where that was asked for.
    pub(crate) fn published_by_day(&self) -> Option<NaiveDate> {
        let published = self.filters.iter().filter_map(|filter| match filter {
            Filter::PublishedBy(date) => Some(*date),
            _ => None,
        });
        published.min()
    }

    /// How many rows of a file were left out, as a later row of the same body, series and day counts.
    pub fn left_out(&self) -> usize {
        self.facts.left_out
    }

    /// The rows of a file that were left out, at most the first thousand.
    pub fn repeats(&self) -> &[Repeat] {
        &self.facts.repeats
    }

    /// Whether a row may be dated after a day.
    pub(crate) fn goes_past(&self, date: NaiveDate) -> bool {
        let last = match self.clock {
            Clock::Effect => self.facts.last_effect,
            Clock::Published => self.facts.last,
        };
        last.is_none_or(|last| last > date)
    }

    /// Whether a date may be known less exactly than to the day.
    pub(crate) fn is_inexact(&self) -> bool {
        self.facts.inexact
    }

    /// Whether a row may belong to no series.
    pub(crate) fn has_outsiders(&self) -> bool {
        self.facts.outsiders
    }

    /// Whether any row tells that its body closed.
    pub(crate) fn tells_closings(&self) -> bool {
        self.facts.closes
    }

    /// What tables, messages and pictures call things.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// What has to be said beside any statement about some bodies on a day: whose, and what.
    pub fn notices(&self, date: NaiveDate) -> impl Iterator<Item = &Notice> {
        self.notices.iter().filter(move |n| n.from <= date)
    }

    /// Who took over from whom, where known: `authority`, `successor`.
    pub fn successors(&self) -> Option<LazyFrame> {
        self.successors.clone()
    }

    /// The events, where known: `authority`, `event`, `scope`, `event_date`, `event_end`, `event_precision`, `label`.
    pub fn events(&self) -> Option<LazyFrame> {
        self.events.clone()
    }

    /// The events about what counts.
    #[cfg(feature = "chart")]
    pub(crate) fn counted_events(&self) -> Option<LazyFrame> {
        let events = self.events()?;
        Some(match &self.events_about {
            Some(scope) => events.filter(col(SCOPE).eq(lit(scope.as_str()))),
            None => events,
        })
    }

    /// The events of a kind that queries count.
    pub(crate) fn events_of(&self, kind: &str) -> Result<LazyFrame, Error> {
        let Some(events) = self.events() else {
            return Err(Error::Frame(format!("there are no events beside these ratings; expected some of {kind}")));
        };
        self.know_event("kind of event", EVENT, kind)?;
        let events = events.filter(col(EVENT).eq(lit(kind)));
        Ok(match &self.events_about {
            Some(scope) => {
                let about = col(SCOPE).eq(lit(scope.as_str()));
                events.filter(about.clone().or(about.any(true).not()))
            }
            None => events,
        })
    }

    /// The clock by which `date` counts.
    pub fn counted_by(&self) -> Clock {
        self.clock
    }

    /// The scale of the grades.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }
}

/// A frame with every column of one, but those that the door makes.
struct Filled {
    frame: LazyFrame,
    scale: Scale,
    tells_closed: bool,
}

/// Checks the columns of a frame and fills those that may lack.
fn filled(mut frame: LazyFrame, scale: Option<Scale>) -> Result<Filled, Error> {
    let schema = frame.collect_schema()?;
    let wrong = |name: &str, found: &DataType, expected: &str| {
        Error::Frame(format!("column `{name}` has type {found}; expected {expected}"))
    };
    let expect = |name: &str, dtype: &DataType| match schema.get(name) {
        Some(found) if found == dtype => Ok(()),
        Some(found) => Err(wrong(name, found, &dtype.to_string())),
        None => Err(Error::Frame(format!("no column `{name}`; expected one of type {dtype}"))),
    };
    for name in [BODY, SERIES] {
        if let Some(found) = schema.get(name).filter(|found| !found.is_integer()) {
            return Err(wrong(name, found, "a number made here; give a column of your own another name"));
        }
    }
    expect(AUTHORITY, &DataType::String)?;
    expect(EFFECT, &DataType::Date)?;
    let scale = match (scale, schema.get(GRADE)) {
        (Some(scale), Some(DataType::String)) => scale,
        (given, Some(found @ DataType::Enum(categories, _))) => {
            let own = Scale::new(categories.categories().iter().flatten().map(str::to_owned))?;
            if given.as_ref().is_some_and(|given| *given != own) {
                return Err(wrong(GRADE, found, "text, or an Enum of the scale that is given"));
            }
            own
        }
        (None, Some(_)) => {
            return Err(Error::Frame("it does not tell its grades; give their scale, worst first".to_owned()));
        }
        (Some(_), Some(found)) => return Err(wrong(GRADE, found, "text, or an Enum of the scale")),
        (_, None) => return Err(Error::Frame(format!("no column `{GRADE}`; expected one of text or an Enum"))),
    };
    let mut fill = vec![col(GRADE).strict_cast(grade_type(&scale)?)];
    for (names, dtype) in
        [(OPTIONAL_TEXT, DataType::String), (OPTIONAL_DATES, DataType::Date), (&[POSITION][..], DataType::UInt32)]
    {
        for name in names {
            match schema.get(name) {
                Some(_) => expect(name, &dtype)?,
                None => fill.push(lit(NULL).cast(dtype.clone()).alias(*name)),
            }
        }
    }
    for name in door::VOCABULARIES {
        match schema.get(name) {
            Some(DataType::String | DataType::Enum(..) | DataType::Categorical(..)) => {}
            Some(found) => return Err(wrong(name, found, "text or an Enum")),
            None if name == THEME => fill.push(lit(SeriesId::MAIN).alias(THEME)),
            None if name == PRECISION => fill.push(lit(Precision::Day.code()).alias(PRECISION)),
            None => fill.push(lit(NULL).cast(DataType::String).alias(name)),
        }
    }
    let tells_closed = schema.contains(CLOSED);
    Ok(Filled { frame: frame.with_columns(fill), scale, tells_closed })
}

/// A table beside the ratings: checks its types, fills the optional columns it lacks with nulls.
fn table(
    what: &str,
    mut frame: LazyFrame,
    needed: &[(&str, DataType)],
    optional: &[(&str, DataType)],
) -> Result<LazyFrame, Error> {
    let schema = frame.collect_schema()?;
    let mut fill = Vec::new();
    for (n, (name, dtype)) in needed.iter().chain(optional).enumerate() {
        match schema.get(name) {
            Some(found) if found == dtype => {}
            None if n >= needed.len() => fill.push(lit(NULL).cast(dtype.clone()).alias(*name)),
            Some(found) => {
                return Err(Error::Frame(format!("{what}: column `{name}` has type {found}; expected {dtype}")));
            }
            None => return Err(Error::Frame(format!("{what}: no column `{name}`; expected one of type {dtype}"))),
        }
    }
    Ok(frame.with_columns(fill))
}

/// Columns of whole numbers.
#[cfg(feature = "files")]
pub(crate) const NUMBERS: &[&str] = &[POSITION, PLACE];

/// Whether a column holds days, of ratings or of the tables beside them.
#[cfg(feature = "files")]
pub(crate) fn is_date(column: &str) -> bool {
    [EFFECT, OPENED, EVENT_DATE, EVENT_END].contains(&column) || OPTIONAL_DATES.contains(&column)
}

/// A file's columns in the types of a frame, whoever wrote it: text out of dictionaries and of numbers that are ids, days
/// out of times (of their own zone) and text, whole numbers of our width; grades stay as they are where they are of the
/// scale.
#[cfg(feature = "files")]
pub(crate) fn conform(frame: LazyFrame, scale: Option<&Scale>) -> Result<LazyFrame, Error> {
    let mut frame = conform_days(frame)?;
    let grades = scale.map(grade_type).transpose()?;
    let day = StrptimeOptions { format: Some("%Y-%m-%d".into()), ..StrptimeOptions::default() };
    let schema = frame.collect_schema()?;
    let (mut changed, mut ours) = (Vec::new(), Vec::new());
    for (name, dtype) in schema.iter() {
        let column = || col(name.clone());
        let is_date = is_date(name);
        let is_number = NUMBERS.contains(&name.as_str());
        let is_word = [AUTHORITY, GRADE].contains(&name.as_str()) || OPTIONAL_TEXT.contains(&name.as_str());
        match dtype {
            dtype if Some(dtype) == grades.as_ref() && name == GRADE => {}
            DataType::String if is_date => changed.push(column().str().to_date(day.clone())),
            DataType::String if is_number => changed.push(column().strict_cast(DataType::UInt32)),
            // Numbers that other programs keep of ours, where some rows have none.
            DataType::Float64 if [BODY, SERIES].contains(&name.as_str()) => ours.push(name.clone()),
            // A column without any value has any type.
            DataType::Null if is_date => changed.push(column().cast(DataType::Date)),
            DataType::Null if is_number => changed.push(column().cast(DataType::UInt32)),
            DataType::Null => changed.push(column().cast(DataType::String)),
            dtype if is_word && dtype.is_integer() => changed.push(column().strict_cast(DataType::String)),
            DataType::Enum(..) if door::VOCABULARIES.contains(&name.as_str()) => {}
            DataType::Categorical(..) | DataType::Enum(..) => changed.push(column().strict_cast(DataType::String)),
            dtype if dtype.is_integer() && is_number && *dtype != DataType::UInt32 => {
                changed.push(column().strict_cast(DataType::UInt32));
            }
            // Whole numbers that some rows lack, as other programs keep them.
            dtype if dtype.is_float() && is_number => {
                let whole = column().eq(column().cast(DataType::Int64).cast(DataType::Float64));
                let lacks = column().is_null().or(column().is_nan());
                let number = when(lacks).then(lit(NULL)).when(whole).then(column()).otherwise(lit(-1.0));
                changed.push(number.strict_cast(DataType::UInt32).alias(name.clone()));
            }
            _ => {}
        }
    }
    Ok(frame.with_columns(changed).drop(cols(ours)))
}

/// Moments in columns of days as the days that they were in their own zone.
#[cfg(feature = "files")]
pub(crate) fn conform_days(mut frame: LazyFrame) -> Result<LazyFrame, Error> {
    let schema = frame.collect_schema()?;
    let mut changed = Vec::new();
    for (name, dtype) in schema.iter().filter(|(name, _)| is_date(name)) {
        match dtype {
            DataType::Datetime(_, Some(zone)) => changed.push(local_day(col(name.clone()), zone.as_str())?),
            DataType::Datetime(_, None) => changed.push(col(name.clone()).strict_cast(DataType::Date)),
            _ => {}
        }
    }
    Ok(frame.with_columns(changed))
}

/// The day on which a moment was in its own zone.
#[cfg(feature = "files")]
fn local_day(moment: Expr, zone: &str) -> Result<Expr, Error> {
    let known = zone.parse::<chrono_tz::Tz>();
    let zone = known.map_err(|_| Error::value("time zone", zone, "a zone as Europe/London or UTC"))?;
    let day = move |column: Column| -> PolarsResult<Column> {
        let moments = column.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
        let moments = moments.datetime()?;
        let local =
            |moment: i64| Some(chrono::DateTime::from_timestamp_micros(moment)?.with_timezone(&zone).date_naive());
        let days: Vec<Option<NaiveDate>> = moments.phys.iter().map(|moment| moment.and_then(local)).collect();
        Ok(Column::new(column.name().clone(), days))
    };
    Ok(moment.map(day, |_, field| Ok(polars::prelude::Field::new(field.name().clone(), DataType::Date))))
}
