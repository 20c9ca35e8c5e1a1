//! A query: a plan, the engine to run it on, and the type of its rows.

use std::marker::PhantomData;
use std::str::FromStr;

use chrono::NaiveDate;
use polars::prelude::*;

use super::expr::{run, words_type};
use crate::{Error, PLAUSIBLE, Precision, Ratings, SeriesId};

/// A question to ratings, not yet asked. It is planned by a method of [`Ratings`] and answered by
/// [`rows`](Query::rows) as values, by [`collect`](Query::collect) as a frame, or goes on as a plan by
/// [`lazy`](Query::lazy).
///
/// The as-of day and the engine are those of the ratings. Whatever is wrong with the question, as a day too early or a
/// grade that the scale lacks, is told when it is answered.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let spells = headline.spells().rows()?; // values
/// let frame = headline.spells().collect()?; // a frame of polars
/// assert_eq!(spells.len(), frame.height());
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[must_use = "a query does nothing until its rows are asked for"]
pub struct Query<R> {
    plan: Result<LazyFrame, Error>,
    engine: Engine,
    group: Option<String>,
    row: PhantomData<fn() -> R>,
}

impl<R> std::fmt::Debug for Query<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query").field("row", &std::any::type_name::<R>()).finish_non_exhaustive()
    }
}

impl<R: Row> Query<R> {
    /// A plan over ratings.
    pub(crate) fn new(ratings: &Ratings, plan: LazyFrame) -> Self {
        Query::planned(ratings, || Ok(plan))
    }

    /// A plan that may be impossible.
    pub(crate) fn planned(ratings: &Ratings, plan: impl FnOnce() -> Result<LazyFrame, Error>) -> Self {
        let plan = plausible([ratings.day()]).and_then(|()| plan());
        Query { plan, engine: ratings.engine, group: None, row: PhantomData }
    }

    /// Says which column is the row's `group`.
    pub(crate) fn grouped_by(mut self, column: Option<&str>) -> Self {
        self.group = column.map(str::to_owned);
        self
    }

    /// The answer's columns.
    pub fn columns() -> &'static [Field] {
        R::FIELDS
    }

    /// The plan, to go on with in polars, or what is wrong with the question.
    ///
    /// # Errors
    /// What is wrong with the question.
    pub fn plan(self) -> Result<LazyFrame, Error> {
        self.plan
    }

    /// The plan, to go on with in polars. The plan of an impossible question fails when it is collected; [`plan`](Query::plan)
    /// says so at once.
    pub fn lazy(self) -> LazyFrame {
        self.plan.unwrap_or_else(|error| {
            let told = error.to_string();
            let refuse = move |_| Err(polars_err!(InvalidOperation: "{}", told));
            // What goes on from here is planned as if there were an answer, so that it fails for the true reason.
            let planned = |_: &Schema| -> PolarsResult<SchemaRef> { Ok(Arc::new(schema::<R>())) };
            let schema: Option<Arc<dyn UdfSchema>> = Some(Arc::new(planned));
            DataFrame::empty().lazy().map(refuse, AllowedOptimizations::default(), schema, Some("refused"))
        })
    }

    /// The answer as a frame, by the engine of the ratings.
    ///
    /// # Errors
    /// What is wrong with the question, or [`Error::Polars`] when polars fails.
    pub fn collect(self) -> Result<DataFrame, Error> {
        run(self.plan?, self.engine)
    }

    /// The answer as values.
    ///
    /// # Errors
    /// As [`collect`](Query::collect).
    pub fn rows(self) -> Result<Vec<R>, Error> {
        let group = self.group.clone();
        let mut frame = self.collect()?;
        match group {
            Some(group) => {
                frame.rename(&group, GROUP.into())?;
            }
            None if R::FIELDS.iter().any(|f| f.name == GROUP) && frame.column(GROUP).is_err() => {
                frame.with_column(Column::full_null(GROUP.into(), frame.height(), &DataType::String))?;
            }
            None => {}
        }
        R::read(&frame)
    }
}

/// Refuses days on which nothing can have been rated.
pub(crate) fn plausible(days: impl IntoIterator<Item = NaiveDate>) -> Result<(), Error> {
    match days.into_iter().find(|day| !PLAUSIBLE.contains(day)) {
        Some(day) => Err(Error::value("day", day, format!("one from {} to {}", PLAUSIBLE.start(), PLAUSIBLE.end()))),
        None => Ok(()),
    }
}

/// The columns of a row, their vocabularies empty.
fn schema<R: Row>() -> Schema {
    let dtype = |kind: FieldKind| match kind {
        FieldKind::Text => DataType::String,
        FieldKind::Word | FieldKind::Grade | FieldKind::State => words_type([]),
        FieldKind::Date => DataType::Date,
        FieldKind::Count => DataType::UInt32,
        FieldKind::Steps | FieldKind::Year => DataType::Int32,
        FieldKind::Days => DataType::Int64,
        FieldKind::Number => DataType::Float64,
    };
    R::FIELDS.iter().map(|field| (field.name.into(), dtype(field.kind))).collect()
}

impl<R: Row> From<Query<R>> for LazyFrame {
    /// As [`lazy`](Query::lazy).
    fn from(query: Query<R>) -> LazyFrame {
        query.lazy()
    }
}

/// The column that a row calls `group`, whatever it is called in the frame.
const GROUP: &str = "group";

/// A row of an answer: its fields are the columns of the frame, in their order.
pub trait Row: Sized {
    /// The columns.
    const FIELDS: &'static [Field];

    /// The rows of a frame with these columns.
    ///
    /// # Errors
    /// [`Error::Polars`] when a column is missing, [`Error::Frame`] when it is of another type or empty where it must not
    /// be.
    fn read(frame: &DataFrame) -> Result<Vec<Self>, Error>;
}

/// A column of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it may be null.
    pub optional: bool,
    /// What it means.
    pub doc: &'static str,
}

impl Field {
    /// A column with a doc comment.
    pub(crate) const fn new(name: &'static str, kind: FieldKind, optional: bool, doc: &'static str) -> Self {
        Field { name, kind, optional, doc }
    }
}

/// What a column holds, and so its dtype in polars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Free text (`String`).
    Text,
    /// A word of a closed vocabulary (`Enum`).
    Word,
    /// A grade: an `Enum` of the scale's labels, worst first.
    Grade,
    /// A grade or having none: an `Enum` of the scale's labels, then `not_reported`, `not_rated`, `opened`, `closed`.
    State,
    /// A day (`Date`).
    Date,
    /// A count (`UInt32`).
    Count,
    /// A difference of ranks (`Int32`).
    Steps,
    /// A year (`Int32`).
    Year,
    /// A number of days (`Int64`).
    Days,
    /// A number (`Float64`).
    Number,
}

impl FieldKind {
    /// The name of its dtype in polars.
    pub const fn dtype(self) -> &'static str {
        match self {
            FieldKind::Text => "String",
            FieldKind::Word | FieldKind::Grade | FieldKind::State => "Enum",
            FieldKind::Date => "Date",
            FieldKind::Count => "UInt32",
            FieldKind::Steps | FieldKind::Year => "Int32",
            FieldKind::Days => "Int64",
            FieldKind::Number => "Float64",
        }
    }
}

/// A value of a row.
pub(crate) trait Value: Sized {
    const KIND: FieldKind;
    fn values(column: &Column) -> Result<Vec<Option<Self>>, Error>;
}

/// A field of a row: a value, or one that may lack.
pub(crate) trait Cell: Sized {
    const KIND: FieldKind;
    const OPTIONAL: bool;
    fn cells(frame: &DataFrame, name: &str) -> Result<Vec<Self>, Error>;
}

impl<T: Value> Cell for T {
    const KIND: FieldKind = T::KIND;
    const OPTIONAL: bool = false;

    fn cells(frame: &DataFrame, name: &str) -> Result<Vec<Self>, Error> {
        let values = T::values(frame.column(name)?)?.into_iter().enumerate();
        let there = |(row, value): (usize, Option<T>)| {
            value.ok_or_else(|| Error::Frame(format!("column `{name}` is empty in row {}; expected a value", row + 1)))
        };
        values.map(there).collect()
    }
}

impl<T: Value> Cell for Option<T> {
    const KIND: FieldKind = T::KIND;
    const OPTIONAL: bool = true;

    fn cells(frame: &DataFrame, name: &str) -> Result<Vec<Self>, Error> {
        T::values(frame.column(name)?)
    }
}

impl Value for String {
    const KIND: FieldKind = FieldKind::Text;
    fn values(column: &Column) -> Result<Vec<Option<Self>>, Error> {
        Ok(column.cast(&DataType::String)?.str()?.iter().map(|text| text.map(str::to_owned)).collect())
    }
}

impl Value for SeriesId {
    const KIND: FieldKind = FieldKind::Word;
    fn values(column: &Column) -> Result<Vec<Option<Self>>, Error> {
        Ok(column.cast(&DataType::String)?.str()?.iter().map(|text| text.map(SeriesId::from)).collect())
    }
}

impl Value for NaiveDate {
    const KIND: FieldKind = FieldKind::Date;
    fn values(column: &Column) -> Result<Vec<Option<Self>>, Error> {
        Ok(column.date()?.phys.iter().map(|day| day.and_then(NaiveDate::from_epoch_days)).collect())
    }
}

macro_rules! numbers {
    ($($type:ty, $kind:ident, $read:ident;)+) => { $(
        impl Value for $type {
            const KIND: FieldKind = FieldKind::$kind;
            fn values(column: &Column) -> Result<Vec<Option<Self>>, Error> {
                Ok(column.$read()?.iter().collect())
            }
        }
    )+ };
}
numbers! {
    u32, Count, u32;
    i32, Steps, i32;
    i64, Days, i64;
    f64, Number, f64;
}

/// Reads a closed vocabulary out of a column of its codes.
macro_rules! codes {
    ($type:ty) => {
        impl $crate::frame::query::Value for $type {
            const KIND: $crate::frame::FieldKind = $crate::frame::FieldKind::Word;
            fn values(column: &polars::prelude::Column) -> Result<Vec<Option<Self>>, $crate::Error> {
                $crate::frame::query::codes_in(column)
            }
        }
    };
}
pub(crate) use codes;

codes!(Precision);

/// A column of codes, read by the name of each.
pub(crate) fn codes_in<T: FromStr<Err = Error> + Copy>(column: &Column) -> Result<Vec<Option<T>>, Error> {
    let text = column.cast(&DataType::String)?;
    let text = text.str()?;
    let mut last: Option<(String, T)> = None;
    let mut read = |text: &str| match &last {
        Some((known, value)) if known == text => Ok(*value),
        _ => {
            let value = text.parse()?;
            last = Some((text.to_owned(), value));
            Ok(value)
        }
    };
    text.iter().map(|text| text.map(&mut read).transpose()).collect()
}

/// Defines a row: a struct whose fields are the columns of an answer, in their order. A column of text that is none of free
/// text says `as` what.
macro_rules! row {
    (
        $(#[$meta:meta])*
        struct $name:ident {
            $( $(#[doc = $doc:expr])+ $field:ident: $type:ty $(as $kind:ident)?, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl $crate::frame::Row for $name {
            const FIELDS: &'static [$crate::frame::Field] = &[$(
                $crate::frame::Field::new(
                    stringify!($field),
                    $crate::frame::query::row!(@kind $type $(, $kind)?),
                    <$type as $crate::frame::query::Cell>::OPTIONAL,
                    concat!($($doc),+).trim_ascii(),
                ),
            )+];

            fn read(frame: &polars::prelude::DataFrame) -> Result<Vec<Self>, $crate::Error> {
                $(
                    let mut $field =
                        <$type as $crate::frame::query::Cell>::cells(frame, stringify!($field))?.into_iter();
                )+
                Ok(std::iter::from_fn(|| Some($name { $( $field: $field.next()?, )+ })).collect())
            }
        }
    };
    (@kind $type:ty, $kind:ident) => { $crate::frame::FieldKind::$kind };
    (@kind $type:ty) => { <$type as $crate::frame::query::Cell>::KIND };
}
pub(crate) use row;
