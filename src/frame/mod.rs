//! The frame: rating histories as a polars `LazyFrame` with a known schema and order.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::trend::{day, previous};
use crate::{Clock, Error, Framework, Scale, Theme};

mod derive;
mod history;

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
    /// A statistical neighbour's code, in the table of neighbours (`String`).
    pub const NEIGHBOUR: &str = "neighbour";
    /// How alike a neighbour is, 1 for the most alike, in the table of neighbours (`UInt32`).
    pub const PLACE: &str = "place";
    /// An authority that took over, in the table of successors (`String`).
    pub const SUCCESSOR: &str = "successor";
    /// Code of an [`EventKind`](crate::EventKind), in the table of events (`String`).
    pub const EVENT: &str = "event";
    /// Code of a [`Scope`](crate::Scope), in the table of events (`String`).
    pub const SCOPE: &str = "scope";
    /// First day of an event, in the table of events (`Date`).
    pub const EVENT_DATE: &str = "event_date";
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
/// A judgement of an area that carries two themes (ILACS before 2023: care and care leavers together) is a row in
/// each. Rows without a theme are judgements outside every series (or not judged); queries pass over them. A row
/// with a theme and a null grade says that the series' judgement is no longer reported.
///
/// Narrow it by [`themes`](Ratings::themes), [`frameworks`](Ratings::frameworks) and [`clock`](Ratings::clock),
/// then ask [`trend`](crate::trend):
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Clock, Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let ratings = Ratings::from_history(&england)?.themes(&[Theme::Headline]).clock(Clock::Published);
/// let spells = trend::spells(&ratings, england.cut_off()).collect()?;
/// assert!(spells.height() > 400);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Ratings {
    frame: LazyFrame,
    authorities: Option<LazyFrame>,
    neighbours: Option<LazyFrame>,
    successors: Option<LazyFrame>,
    events: Option<LazyFrame>,
    scale: Scale,
    clock: Clock,
    engine: Engine,
}

impl std::fmt::Debug for Ratings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ratings").field("scale", &self.scale).field("clock", &self.clock).finish_non_exhaustive()
    }
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
fn order() -> [Expr; 5] {
    [col(AUTHORITY), col(THEME), col(DATE), col(PUBLISHED), col(INSPECTION)]
}

fn clock_date(clock: Clock) -> Expr {
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
            None => fill.push(lit(Theme::Headline.code()).alias(THEME)),
        }
        let frame = frame.with_columns(fill).with_column(clock_date(Clock::Effect));
        Ok(Ratings {
            frame,
            authorities: None,
            neighbours: None,
            successors: None,
            events: None,
            scale,
            clock: Clock::Effect,
            engine: Engine::Auto,
        })
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
                col(GRADE).null_count().alias("read"),
            ])
            .collect_with_engine(engine)
            .map_err(|e| Error::Frame(e.to_string()))?
            .unwrap_single();
        let count = |name: &str| -> Result<u64, Error> {
            Ok(counts.column(name)?.as_materialized_series().sum::<u64>().unwrap_or(0))
        };
        match (count("null")?, count("disorder")?) {
            (0, 0) => Ok(()),
            (0, n) => Err(Error::Frame(format!(
                "{n} rows come before their predecessor; expected order: authority, theme, effect, published, inspection"
            ))),
            (n, _) => Err(Error::Frame(format!("{n} rows have no authority or no effect date"))),
        }
    }

    /// Adds the rated bodies themselves: `authority`, and `name`, `region`, `type`, `opened`, `closed` as far as
    /// known; further columns are kept, to group by. With them queries also speak of those never rated.
    ///
    /// # Errors
    /// [`Error::Frame`] when `authority` is missing or a column has another type.
    pub fn with_authorities(mut self, authorities: LazyFrame) -> Result<Self, Error> {
        let text = [NAME, REGION, TYPE].map(|name| (name, DataType::String));
        let dates = [OPENED, CLOSED].map(|name| (name, DataType::Date));
        let optional = [&text[..], &dates].concat();
        self.authorities = Some(table("authorities", authorities, &[(AUTHORITY, DataType::String)], &optional)?);
        Ok(self)
    }

    /// Adds statistical neighbours, for [`peers`](crate::trend::peers): `authority`, `neighbour`, and `place`
    /// (`UInt32`, 1 for the most alike).
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type.
    pub fn with_neighbours(mut self, neighbours: LazyFrame) -> Result<Self, Error> {
        let needed = [(AUTHORITY, DataType::String), (NEIGHBOUR, DataType::String), (PLACE, DataType::UInt32)];
        self.neighbours = Some(table("neighbours", neighbours, &needed, &[])?);
        Ok(self)
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

    /// Adds events, for [`around_events`](crate::trend::around_events): `authority`, `event` (kind), `scope`,
    /// `event_date`, and `label` where known.
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type.
    pub fn with_events(mut self, events: LazyFrame) -> Result<Self, Error> {
        let text = [AUTHORITY, EVENT, SCOPE].map(|name| (name, DataType::String));
        let needed = [&text[..], &[(EVENT_DATE, DataType::Date)]].concat();
        self.events = Some(table("events", events, &needed, &[(LABEL, DataType::String)])?);
        Ok(self)
    }

    /// Keeps only some themes.
    pub fn themes(mut self, themes: &[Theme]) -> Self {
        self.frame = self.frame.filter(any_of(THEME, themes.iter().map(|t| t.code())));
        self
    }

    /// Keeps only judgements under some frameworks ("latest of SIF and ILACS only").
    pub fn frameworks(mut self, frameworks: &[Framework]) -> Self {
        self.frame = self.frame.filter(any_of(FRAMEWORK, frameworks.iter().map(|f| f.code())));
        self
    }

    /// Keeps only judgements published by a day (taking effect by it where publication is unknown).
    pub fn published_by(mut self, date: NaiveDate) -> Self {
        let known = when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED));
        self.frame = self.frame.filter(known.lt_eq(day(date)));
        self
    }

    /// Keeps only some authorities, by code.
    pub fn authorities_only(mut self, codes: &[&str]) -> Self {
        let keep = any_of(AUTHORITY, codes.iter().copied());
        self.frame = self.frame.filter(keep.clone());
        self.authorities = self.authorities.map(|a| a.filter(keep));
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
            Error::Frame(format!("authorities have no column `{by}`; expected region, type or another of theirs"))
        })
    }

    /// The statistical neighbours, where known: `authority`, `neighbour`, `place`.
    pub fn neighbours(&self) -> Option<LazyFrame> {
        self.neighbours.clone()
    }

    /// Who took over from whom, where known: `authority`, `successor`.
    pub fn successors(&self) -> Option<LazyFrame> {
        self.successors.clone()
    }

    /// The events, where known: `authority`, `event`, `scope`, `event_date`, `label`.
    pub fn events(&self) -> Option<LazyFrame> {
        self.events.clone()
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
    let dates = [&[EFFECT, OPENED, EVENT_DATE][..], OPTIONAL_DATES].concat();
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

/// `column` equals one of `values`.
fn any_of<'a>(column: &str, values: impl Iterator<Item = &'a str>) -> Expr {
    values.map(|v| col(column).eq(lit(v))).reduce(Expr::or).unwrap_or_else(|| lit(false))
}
