//! What the first inspections under some rules gave.

use polars::prelude::*;

use super::count::register;
use super::{columns::*, counted, left_with_nulls, row};
use crate::frame::{Query, columns::*, grade_type};
use crate::{Ratings, SeriesId};

row! {
    /// How many bodies were given a grade by their first judgement under some rules: a row of
    /// [`Ratings::first_under`]. In a frame the column `group` has the name of the column that bodies are grouped by, or is
    /// not there.
    struct FirstOutcome {
        /// The group of bodies, where they are counted by one; null also for those whose group is not known.
        group: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade.
        grade: String as Grade,
        /// Bodies whose first judgement under these rules gave it.
        count: u32,
        /// Bodies that have been judged under these rules.
        rated: u32,
        /// Part of them, 0 to 1.
        share_rated: f64,
    }
}

impl Ratings {
    /// How many bodies were given each grade by their first judgement under a framework, whenever that was: where each
    /// stood after its first inspection under it, up to the day of the ratings. Bodies that have none yet are not counted, those
    /// that have closed since are.
    ///
    /// The group is a column of the authorities: `region`, `type`, or any other.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{Framework, Theme};
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let first = headline.first_under(Framework::Ilacs, None).rows()?;
    /// assert_eq!(first.len(), 4); // a row a grade
    /// assert_eq!(first.iter().map(|row| row.count).sum::<u32>(), first[0].rated);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// The query fails with [`Error::Unknown`](crate::Error::Unknown) for a framework that no rating is under,
    /// [`Error::Frame`](crate::Error::Frame) when the authorities lack the grouping column, or it tells nothing.
    pub fn first_under(&self, framework: impl AsRef<str>, by: Option<&str>) -> Query<FirstOutcome> {
        Query::planned(self, || {
            let under = self.clone().only(FRAMEWORK, [framework])?;
            let group: Vec<Expr> = by.map(col).into_iter().collect();
            let keys = |first: &[&str]| -> Vec<Expr> { first.iter().map(|c| col(*c)).chain(group.clone()).collect() };
            let bodies = match by {
                Some(by) => self.grouping(by)?,
                None => register(self),
            };
            let in_order = SortMultipleOptions::default().with_maintain_order(true);
            let first = counted(&under, under.day())
                .filter(col(GRADE).is_not_null())
                .sort([DATE], in_order)
                .group_by([col(BODY), col(THEME)])
                .agg([col(GRADE).first()])
                .join(bodies.select(keys(&[BODY])), [col(BODY)], [col(BODY)], JoinArgs::new(JoinType::Inner))
                .cache();
            let labels = df!(GRADE => self.scale().labels())?.lazy();
            let grades = labels.with_column(col(GRADE).cast(grade_type(self.scale())?));
            let judged = first.clone().group_by(keys(&[THEME])).agg([]);
            let counts = first.group_by(keys(&[THEME, GRADE])).agg([len().cast(DataType::UInt32).alias(COUNT)]);
            let float = |name: &str| col(name).cast(DataType::Float64);
            let order = [group.as_slice(), &[col(THEME), col(GRADE)]].concat();
            let counted = judged
                .cross_join(grades, None)
                .join(counts, keys(&[THEME, GRADE]), keys(&[THEME, GRADE]), left_with_nulls())
                .with_column(col(COUNT).fill_null(lit(0u32)))
                .with_column(col(COUNT).sum().over(keys(&[THEME]))?.alias(RATED))
                .with_column((float(COUNT) / float(RATED)).alias(SHARE_RATED));
            Ok(counted
                .sort_by_exprs(order.clone(), SortMultipleOptions::default())
                .select([order, [COUNT, RATED, SHARE_RATED].map(col).to_vec()].concat()))
        })
        .grouped_by(by)
    }
}
