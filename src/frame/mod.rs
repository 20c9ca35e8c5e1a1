//! The frame: rating histories as a polars `LazyFrame` with a known schema and order.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::{Clock, Error, PLAUSIBLE, Precision, Scale, SeriesId, Words};

pub(crate) mod expr;
mod lineage;
mod peers;

pub(crate) use peers::Members;
pub use peers::{PeerGroup, PeerGroups};

use expr::{any_of, day, left, previous};

/// Column names. Dtypes: text is `String`, dates are `Date`, grades an ordered `Enum` of the scale's labels, worst
/// first.
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
    /// Series (`String`): a theme's code; null for a judgement that belongs to no series.
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
    /// Framework code (`String`).
    pub const FRAMEWORK: &str = "framework";
    /// Area as reported (`String`); null when the judgement is no longer reported.
    pub const AREA: &str = "area";
    /// Inspection kind (`String`).
    pub const KIND: &str = "kind";
    /// First day of fieldwork (`Date`).
    pub const START: &str = "start_date";
    /// Last day of fieldwork (`Date`).
    pub const END: &str = "end_date";
    /// `day`, `month` or `year` (`String`).
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

/// Text columns that a frame may lack; they are filled with nulls.
const OPTIONAL_TEXT: &[&str] = &[INSPECTION, FRAMEWORK, AREA, KIND, PRECISION, SOURCE, ALSO];
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
/// let ratings = england.ratings()?.series_only([Theme::Headline]).clock(Clock::Published);
/// let spells = trend::spells(&ratings, england.cut_off()).collect()?;
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
    /// Whether the rows themselves tell when their body closed.
    tells_closed: bool,
    /// Whether only some bodies were kept.
    narrowed: bool,
    /// What else was left out or changed.
    filters: Vec<Filter>,
    /// The day to which the ratings are complete, where that is known.
    cut_off: Option<NaiveDate>,
}

impl std::fmt::Debug for Ratings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ratings").field("scale", &self.scale).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// What has to be said beside any statement about a body from a day on, as that it has been inspected again since.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
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
pub(crate) fn order() -> [Expr; 5] {
    [col(AUTHORITY), col(THEME), col(DATE), col(PUBLISHED), col(INSPECTION)]
}

pub(crate) fn clock_date(clock: Clock) -> Expr {
    match clock {
        Clock::Effect => col(EFFECT),
        Clock::Published => when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED)),
    }
    .alias(DATE)
}

impl Ratings {
    /// Ratings from any frame with at least `authority` (`String`), `effect` (`Date`) and `grade` (`Enum` of the
    /// scale, or `String` with its labels), ordered by authority, theme, effect date, publication and inspection.
    /// Missing columns are filled: the theme with `headline`, the others with nulls.
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
    /// let ratings = Ratings::new(frame.lazy(), Scale::new(["D", "BBB", "A"])?)?;
    /// assert_eq!(trend::spells(&ratings, day(2023)).collect()?.height(), 3);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type, a grade is outside the scale, an authority or
    /// date is null, or the rows are not in order. The order check reads these columns once, into memory; a file that
    /// is larger is for [`scan_ratings`](crate::io::scan_ratings).
    pub fn new(frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let ratings = Ratings::filled(frame, scale)?;
        ratings.check_rows(Engine::InMemory)?;
        Ok(ratings)
    }

    /// As [`new`](Ratings::new), for a scanned file that may be larger than memory.
    #[cfg(feature = "files")]
    pub(crate) fn scanned(frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let ratings = Ratings::filled(frame, scale)?.engine(Engine::Streaming);
        ratings.check_rows(Engine::Streaming)?;
        Ok(ratings)
    }

    /// As [`new`](Ratings::new), from rows in any order: they are sorted whenever the frame is read.
    ///
    /// # Errors
    /// As [`new`](Ratings::new), but for the order.
    pub fn unordered(frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let mut ratings = Ratings::filled(frame, scale)?;
        ratings.frame = ratings.frame.sort_by_exprs(order(), SortMultipleOptions::default());
        ratings.check_rows(Engine::InMemory)?;
        Ok(ratings)
    }

    /// Other rows of the same bodies, with their own scale: in any order, with every column of a frame but the date.
    pub(crate) fn with_rows(mut self, frame: LazyFrame, scale: Scale) -> Self {
        self.frame = frame.with_column(clock_date(self.clock)).sort_by_exprs(order(), SortMultipleOptions::default());
        self.scale = scale;
        self
    }

    /// Ratings of rows that are known to have every column, in order.
    pub(crate) fn trusted(frame: LazyFrame, scale: Scale) -> Self {
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
            tells_closed: true,
            narrowed: false,
            filters: Vec::new(),
            cut_off: None,
        }
    }

    /// Checks the columns and fills those that may lack.
    fn filled(frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let mut frame = frame;
        let schema = frame.collect_schema()?;
        let expect = |name: &str, allowed: &[DataType]| match schema.get(name) {
            Some(found) if allowed.contains(found) => Ok(()),
            Some(found) => Err(Error::Frame(format!("column `{name}` has type {found}; expected {}", allowed[0]))),
            None => Err(Error::Frame(format!("no column `{name}`; expected one of type {}", allowed[0]))),
        };
        let grades = grade_type(&scale)?;
        expect(AUTHORITY, &[DataType::String])?;
        expect(EFFECT, &[DataType::Date])?;
        expect(GRADE, &[grades.clone(), DataType::String])?;
        let mut fill = vec![col(GRADE).strict_cast(grades)];
        for (names, dtype) in
            [(OPTIONAL_TEXT, DataType::String), (OPTIONAL_DATES, DataType::Date), (&[POSITION][..], DataType::UInt32)]
        {
            for name in names {
                match schema.get(name) {
                    Some(_) => expect(name, std::slice::from_ref(&dtype))?,
                    None => fill.push(lit(NULL).cast(dtype.clone()).alias(*name)),
                }
            }
        }
        match schema.get(THEME) {
            Some(_) => expect(THEME, &[DataType::String])?,
            None => fill.push(lit(SeriesId::MAIN).alias(THEME)),
        }
        let tells_closed = schema.contains(CLOSED);
        let frame = frame.with_columns(fill).with_column(clock_date(Clock::Effect));
        Ok(Ratings { tells_closed, ..Ratings::trusted(frame, scale) })
    }

    fn check_rows(&self, engine: Engine) -> Result<(), Error> {
        let same = |name: &str| col(name).eq_missing(previous(name));
        let back = |name: &str| col(name).lt(previous(name)).fill_null(lit(false));
        let mut disorder = lit(false);
        for name in [INSPECTION, PUBLISHED, DATE, THEME, AUTHORITY] {
            disorder = back(name).or(same(name).and(disorder));
        }
        let counts = self
            .frame
            .clone()
            .with_column(disorder.alias("disorder"))
            .select([
                col(AUTHORITY).is_null().or(col(DATE).is_null()).sum().alias("null"),
                col("disorder").sum(),
                col(EFFECT).lt(day(*PLAUSIBLE.start())).or(col(EFFECT).gt(day(*PLAUSIBLE.end()))).sum().alias("odd"),
                col(GRADE).null_count().alias("read"),
            ])
            .collect_with_engine(engine)
            .map_err(|e| Error::Frame(e.to_string()))?
            .unwrap_single();
        let count = |name: &str| -> Result<u64, Error> {
            Ok(counts.column(name)?.as_materialized_series().sum::<u64>().unwrap_or(0))
        };
        let odd = count("odd")?;
        if odd > 0 {
            let (first, last) = (PLAUSIBLE.start(), PLAUSIBLE.end());
            return Err(Error::Frame(format!("{odd} rows take effect on a day outside {first} to {last}")));
        }
        match (count("null")?, count("disorder")?) {
            (0, 0) => Ok(()),
            (0, n) => Err(Error::Frame(format!(
                "{n} rows come before their predecessor; expected order: authority, theme, effect, published, inspection"
            ))),
            (n, _) => Err(Error::Frame(format!("{n} rows have no authority or no effect date"))),
        }
    }

    /// Adds the rated bodies themselves: `authority`, and `name`, `region`, `type`, `opened`, `closed` as far as
    /// known; further columns are kept, to group by. With them queries also speak of those never rated, and the series of
    /// a body end on the day it closed.
    ///
    /// # Errors
    /// [`Error::Frame`] when `authority` is missing or a column has another type.
    pub fn with_authorities(mut self, authorities: LazyFrame) -> Result<Self, Error> {
        let text = [NAME, REGION, TYPE].map(|name| (name, DataType::String));
        let dates = [OPENED, CLOSED].map(|name| (name, DataType::Date));
        let optional = [&text[..], &dates].concat();
        let authorities = table("authorities", authorities, &[(AUTHORITY, DataType::String)], &optional)?;
        if !self.tells_closed && self.closes(&authorities)? {
            let ends = authorities.clone().select([col(AUTHORITY), col(CLOSED)]);
            let join = JoinArgs { maintain_order: MaintainOrderJoin::Left, ..left() };
            self.frame = self.frame.drop(cols([CLOSED])).join(ends, [col(AUTHORITY)], [col(AUTHORITY)], join);
            self.tells_closed = true;
        }
        self.authorities = Some(authorities);
        Ok(self)
    }

    /// Whether any body of a register has closed.
    fn closes(&self, authorities: &LazyFrame) -> Result<bool, Error> {
        let closed = authorities.clone().filter(col(CLOSED).is_not_null()).limit(1);
        Ok(closed.collect().map_err(|e| Error::Frame(e.to_string()))?.height() > 0)
    }

    /// Adds the groups of peers that bodies are compared with, for [`peers`](crate::trend::peers).
    pub fn with_peers(mut self, peers: PeerGroups) -> Self {
        self.peers = Some(peers);
        self
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
    /// [`Error::Frame`] when a column is missing or of another type.
    pub fn with_successors(mut self, successors: LazyFrame) -> Result<Self, Error> {
        let needed = [(AUTHORITY, DataType::String), (SUCCESSOR, DataType::String)];
        self.successors = Some(table("successors", successors, &needed, &[])?);
        Ok(self)
    }

    /// Adds events, for [`around_events`](crate::trend::around_events): `authority`, `event` (kind) and `event_date`, and
    /// `scope`, `event_end`, `event_precision`, `label` where known; an end may be missing because nobody stated it.
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type.
    pub fn with_events(mut self, events: LazyFrame) -> Result<Self, Error> {
        let text = [AUTHORITY, EVENT].map(|name| (name, DataType::String));
        let needed = [&text[..], &[(EVENT_DATE, DataType::Date)]].concat();
        let text = [SCOPE, EVENT_PRECISION, LABEL].map(|name| (name, DataType::String));
        let optional = [&text[..], &[(EVENT_END, DataType::Date)]].concat();
        self.events = Some(table("events", events, &needed, &optional)?);
        Ok(self)
    }

    /// Keeps only some series.
    pub fn series_only<S: Into<SeriesId>>(mut self, series: impl IntoIterator<Item = S>) -> Self {
        self.frame = self.frame.filter(any_of(THEME, series.into_iter().map(Into::into)));
        self
    }

    /// Keeps only judgements with one of these values in a column of text.
    pub fn only<S: AsRef<str>>(mut self, column: &str, values: impl IntoIterator<Item = S>) -> Self {
        let values: Vec<String> = values.into_iter().map(|v| v.as_ref().to_owned()).collect();
        self.frame = self.frame.filter(any_of(column, &values));
        self.filters.push(Filter::Only { column: column.to_owned(), values });
        self
    }

    /// Keeps only judgements published by a day (taking effect by it where publication is unknown).
    pub fn published_by(mut self, date: NaiveDate) -> Self {
        let known = when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED));
        self.frame = self.frame.filter(known.lt_eq(day(date)));
        self.filters.push(Filter::PublishedBy(date));
        self
    }

    /// Keeps only some bodies, by id.
    pub fn bodies_only<S: AsRef<str>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        let keep = any_of(AUTHORITY, &ids);
        self.notices.retain(|n| ids.contains(&n.body));
        self.narrowed = true;
        self.frame = self.frame.filter(keep.clone());
        self.authorities = self.authorities.map(|a| a.filter(keep));
        self
    }

    /// Queries count only the events about one thing, by their column `scope`.
    pub fn events_about(mut self, scope: &str) -> Self {
        self.events_about = Some(scope.to_owned());
        self
    }

    /// Counts judgements by another clock; the frame is then ordered by it.
    pub fn clock(mut self, clock: Clock) -> Self {
        if clock != self.clock {
            self.frame =
                self.frame.with_column(clock_date(clock)).sort_by_exprs(order(), SortMultipleOptions::default());
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
        let mut frame = query.collect_with_engine(self.engine)?.unwrap_single();
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
        let known = self.authorities().filter(|a| a.clone().collect_schema().is_ok_and(|s| s.contains(by)));
        known.ok_or_else(|| {
            let bodies = &self.words.body.many;
            Error::Frame(format!("{bodies} have no column `{by}`; expected region, type or another of theirs"))
        })
    }

    /// The groups of peers: those given, else the others of the same region, where regions are known, and all others.
    ///
    /// # Errors
    /// [`Error::Polars`] when the bodies cannot be read.
    pub fn peers(&self) -> Result<PeerGroups, Error> {
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

    /// The day to which the ratings are complete, where that is known: the usual as-of day of a query.
    pub fn cut_off(&self) -> Option<NaiveDate> {
        self.cut_off
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

    /// The events that queries count.
    pub(crate) fn counted_events(&self) -> Option<LazyFrame> {
        let events = self.events()?;
        Some(match &self.events_about {
            Some(scope) => events.filter(col(SCOPE).eq(lit(scope.as_str()))),
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
const NUMBERS: &[&str] = &[POSITION, PLACE];

/// A file's columns in the types of a frame, whoever wrote it: text out of dictionaries, days out of times and text,
/// whole numbers of our width; grades stay as they are where they are of the scale.
#[cfg(feature = "files")]
pub(crate) fn conform(mut frame: LazyFrame, scale: Option<&Scale>) -> Result<LazyFrame, Error> {
    let grades = scale.map(grade_type).transpose()?;
    let dates = [&[EFFECT, OPENED, EVENT_DATE, EVENT_END][..], OPTIONAL_DATES].concat();
    let day = StrptimeOptions { format: Some("%Y-%m-%d".into()), ..StrptimeOptions::default() };
    let schema = frame.collect_schema()?;
    let mut changed = Vec::new();
    for (name, dtype) in schema.iter() {
        let column = || col(name.clone());
        let is_date = dates.contains(&name.as_str());
        match dtype {
            dtype if Some(dtype) == grades.as_ref() && name == GRADE => {}
            DataType::String if is_date => changed.push(column().str().to_date(day.clone())),
            DataType::String if NUMBERS.contains(&name.as_str()) => {
                changed.push(column().strict_cast(DataType::UInt32))
            }
            DataType::Datetime(..) if is_date => changed.push(column().strict_cast(DataType::Date)),
            DataType::Categorical(..) | DataType::Enum(..) => changed.push(column().strict_cast(DataType::String)),
            dtype if dtype.is_integer() && NUMBERS.contains(&name.as_str()) && *dtype != DataType::UInt32 => {
                changed.push(column().strict_cast(DataType::UInt32));
            }
            _ => {}
        }
    }
    Ok(frame.with_columns(changed))
}
