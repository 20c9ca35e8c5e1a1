//! Expressions that every room shares.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use polars::prelude::*;

use super::columns::*;
use crate::Error;

/// A day as a `Date` literal (polars makes a timestamp of a chrono date).
pub(crate) fn day(date: NaiveDate) -> Expr {
    lit(date.to_epoch_days()).cast(DataType::Date)
}

/// The dtype of a column that holds one of some words, in this order.
pub(crate) fn words_type<'a>(words: impl IntoIterator<Item = &'a str>) -> DataType {
    DataType::from_frozen_categories(FrozenCategories::new(words).expect("each word once"))
}

/// A column of words, whether `String` or `Enum`, as text.
pub(crate) fn words(frame: &DataFrame, name: &str) -> PolarsResult<StringChunked> {
    Ok(frame.column(name)?.cast(&DataType::String)?.str()?.clone())
}

/// Ranks of grades, 0 for the worst (`UInt32`).
pub(crate) fn rank(grade: Expr) -> Expr {
    grade.to_physical().cast(DataType::UInt32)
}

/// The ranks in a column of grades that a query has given.
pub(crate) fn ranks(frame: &DataFrame, name: &str) -> PolarsResult<UInt32Chunked> {
    Ok(frame.column(name)?.to_physical_repr().cast(&DataType::UInt32)?.u32()?.clone())
}

/// Whether a row is the first of its body, in a frame's order.
pub(crate) fn begins_body() -> Expr {
    col(BODY).neq_missing(previous(BODY))
}

/// Whether a row is the first of its series, in a frame's order.
pub(crate) fn begins_series() -> Expr {
    col(SERIES).neq_missing(previous(SERIES))
}

/// Whether a row is the last of its series.
pub(crate) fn ends_series() -> Expr {
    col(SERIES).neq_missing(next(SERIES))
}

/// Whether a body exists on a date, by its columns `opened` and `closed`.
pub(crate) fn exists_on(date: Expr) -> Expr {
    let opened = col(OPENED).is_null().or(col(OPENED).lt_eq(date.clone()));
    opened.and(col(CLOSED).is_null().or(col(CLOSED).gt(date)))
}

pub(crate) fn left() -> JoinArgs {
    JoinArgs::new(JoinType::Left)
}

/// A left join by keys that may be unknown, as the group of a body: unknown ones are the same.
pub(crate) fn left_with_nulls() -> JoinArgs {
    JoinArgs { nulls_equal: true, ..left() }
}

/// A left join that keeps the order of the left side.
pub(crate) fn in_left_order() -> JoinArgs {
    JoinArgs { maintain_order: MaintainOrderJoin::Left, ..left() }
}

/// Runs a plan. Where polars panics, as at damage in a file that is scanned, there is an error.
pub(crate) fn run(plan: LazyFrame, engine: Engine) -> Result<DataFrame, Error> {
    match catch_unwind(AssertUnwindSafe(|| plan.collect_with_engine(engine))) {
        Ok(done) => Ok(done?.unwrap_single()),
        Err(_) => Err(Error::Frame("the ratings cannot be read to their end; their file may be damaged".to_owned())),
    }
}

pub(crate) fn next(name: &str) -> Expr {
    col(name).shift(lit(-1))
}

pub(crate) fn previous(name: &str) -> Expr {
    col(name).shift(lit(1))
}

/// A column of ids that are sought among the rows.
const SOUGHT: &str = "sought";

/// The rows of some bodies, in their order: looked up in a table where they are many, so that each row is looked at once.
pub(crate) fn of_bodies<S: AsRef<str>>(rows: LazyFrame, ids: &[S]) -> LazyFrame {
    const FEW: usize = 16;
    if ids.len() <= FEW {
        return rows.filter(any_of(AUTHORITY, ids));
    }
    let sought: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    let table = Column::new(SOUGHT.into(), sought).into_frame().lazy();
    let kept = JoinArgs { maintain_order: MaintainOrderJoin::Left, ..JoinArgs::new(JoinType::Semi) };
    rows.join(table, [col(AUTHORITY)], [col(SOUGHT)], kept)
}

/// `column` equals one of `values`.
pub(crate) fn any_of<S: AsRef<str>>(column: &str, values: impl IntoIterator<Item = S>) -> Expr {
    let equal = values.into_iter().map(|v| col(column).eq(lit(v.as_ref())));
    equal.reduce(Expr::or).unwrap_or_else(|| lit(false))
}
