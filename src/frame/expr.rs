//! Expressions that every room shares.

use chrono::NaiveDate;
use polars::prelude::*;

use super::columns::*;

/// A day as a `Date` literal (polars makes a timestamp of a chrono date).
pub(crate) fn day(date: NaiveDate) -> Expr {
    lit(date.to_epoch_days()).cast(DataType::Date)
}

/// Ranks of grades, 0 for the worst (`UInt32`).
pub(crate) fn rank(grade: Expr) -> Expr {
    grade.to_physical().cast(DataType::UInt32)
}

/// The ranks in a column of grades that a query has given.
pub(crate) fn ranks(frame: &DataFrame, name: &str) -> PolarsResult<UInt32Chunked> {
    Ok(frame.column(name)?.to_physical_repr().cast(&DataType::UInt32)?.u32()?.clone())
}

/// Whether a row is the first of its series, in a frame's order.
pub(crate) fn begins_series() -> Expr {
    col(AUTHORITY).neq_missing(previous(AUTHORITY)).or(col(THEME).neq_missing(previous(THEME)))
}

/// Whether a row is the last of its series.
pub(crate) fn ends_series() -> Expr {
    col(AUTHORITY).neq_missing(next(AUTHORITY)).or(col(THEME).neq_missing(next(THEME)))
}

/// Whether a body exists on a date, by its columns `opened` and `closed`.
pub(crate) fn exists_on(date: Expr) -> Expr {
    let opened = col(OPENED).is_null().or(col(OPENED).lt_eq(date.clone()));
    opened.and(col(CLOSED).is_null().or(col(CLOSED).gt(date)))
}

pub(crate) fn left() -> JoinArgs {
    JoinArgs::new(JoinType::Left)
}

pub(crate) fn next(name: &str) -> Expr {
    col(name).shift(lit(-1))
}

pub(crate) fn previous(name: &str) -> Expr {
    col(name).shift(lit(1))
}

/// `column` equals one of `values`.
pub(crate) fn any_of<S: AsRef<str>>(column: &str, values: impl IntoIterator<Item = S>) -> Expr {
    let equal = values.into_iter().map(|v| col(column).eq(lit(v.as_ref())));
    equal.reduce(Expr::or).unwrap_or_else(|| lit(false))
}
