//! Inspections as rows: those that ratings count, each once, in order.

use polars::prelude::*;

use super::{Framework, Theme};
use crate::Ratings;
use crate::frame::columns::*;
use crate::frame::expr::words_type;
use crate::trend::columns::DATE_PRECISION;
use crate::trend::counted;

/// The inspections that count by the day of the ratings, by authority, date, publication and id, with the grade of each
/// theme in a column named by its code.
pub(super) fn inspected(ratings: &Ratings) -> LazyFrame {
    let grade = |theme: &Theme| col(GRADE).filter(col(THEME).eq(lit(theme.code()))).first().alias(theme.code());
    let facts = [
        col(DATE).first(),
        col(PRECISION).first().alias(DATE_PRECISION),
        col(PUBLISHED).first(),
        col(CLOSED).first(),
        col(FRAMEWORK).first().cast(words_type(Framework::ALL.iter().map(|f| f.code()))),
    ];
    counted(ratings, ratings.day())
        .filter(col(INSPECTION).is_not_null())
        .group_by([col(AUTHORITY), col(INSPECTION)])
        .agg(facts.into_iter().chain(Theme::ALL.iter().map(grade)).collect::<Vec<_>>())
        .sort_by_exprs([AUTHORITY, DATE, PUBLISHED, INSPECTION].map(col), SortMultipleOptions::default())
}

/// Limits of the share `part` of `all` at 95%, by Wilson's score interval; null of nothing.
pub(super) fn wilson(part: Expr, all: Expr) -> (Expr, Expr) {
    /// The chi-squared quantile of 95% with one degree of freedom.
    const Z2: f64 = 3.841_458_820_694_124;
    let (n, p) = (all.clone().cast(DataType::Float64), share(part.clone(), all.clone()));
    let scale = lit(1.0) + lit(Z2) / n.clone();
    let centre = (p.clone() + lit(Z2) / (lit(2.0) * n.clone())) / scale.clone();
    let spread = p.clone() * (lit(1.0) - p.clone()) / n.clone() + lit(Z2) / (lit(4.0) * n.clone() * n);
    let half = (lit(Z2) * spread).pow(lit(0.5)) / scale;
    let is_none = part.clone().eq(lit(0u32));
    let is_all = part.eq(all);
    let told = p.is_not_null();
    let lower = when(told.clone().and(is_none)).then(lit(0.0)).otherwise(centre.clone() - half.clone());
    let upper = when(told.and(is_all)).then(lit(1.0)).otherwise(centre + half);
    (lower, upper)
}

/// The share `part` of `all`; null of nothing.
pub(super) fn share(part: Expr, all: Expr) -> Expr {
    let is_some = all.clone().gt(lit(0u32));
    let share = part.cast(DataType::Float64) / all.cast(DataType::Float64);
    when(is_some).then(share).otherwise(lit(NULL))
}

/// Text as a column of a closed vocabulary.
pub(super) fn vocabulary<'a>(
    name: &str,
    values: impl IntoIterator<Item = Option<&'a str>>,
    all: impl IntoIterator<Item = &'a str>,
) -> PolarsResult<Column> {
    let text: Vec<Option<&str>> = values.into_iter().collect();
    Column::new(name.into(), text).cast(&words_type(all))
}
