//! Grades carried to successors.

use polars::prelude::*;

use super::expr::{ends_series, previous};
use super::{Filter, Ratings, columns::*};
use crate::Error;

impl Ratings {
    /// Carries a predecessor's last grade to the bodies created on the day it closed, until their first own
    /// inspection; with several predecessors, the worst of their grades.
    ///
    /// By default a successor starts unrated. The carried judgement takes effect on the opening day,
    /// has no publication and no inspection id, and counts as one inspection: the predecessor's. Ask for it before
    /// narrowing to some bodies.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{self, Theme};
    /// use rating_history::Series;
    /// let headline = ofsted::england()?.ratings()?.series(Theme::Headline)?;
    /// let day = "2023-04-01".parse().unwrap();
    /// let cumberland = |ratings: Series| ratings.bodies_only(["E06000063"])?.as_of(day).standing().collect();
    /// assert!(cumberland(headline.clone())?.height() == 0); // Cumbria was requires improvement
    /// assert_eq!(cumberland(headline.lineage()?)?.column("status")?.get(0)?.str_value(), "rated");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when successors or authorities are unknown, or only some bodies are left.
    pub fn lineage(self) -> Result<Self, Error> {
        let (Some(successors), Some(authorities)) = (self.successors.clone(), self.authorities()) else {
            let bodies = &self.words.body.many;
            let needed = format!("lineage needs a register of the {bodies} and a table of their successors");
            return Err(Error::Frame(needed));
        };
        self.all_bodies("grades are carried from predecessors, who are sought among")?;
        let mut frame = self.frame.clone();
        let names: Vec<PlSmallStr> = frame.collect_schema()?.iter_names().cloned().collect();
        let in_life = col(CLOSED).is_not_null().and(col(DATE).lt(col(CLOSED))).and(col(THEME).is_not_null());
        let last = frame.filter(in_life).filter(ends_series());
        let created = authorities.select([col(AUTHORITY).alias(SUCCESSOR), col(OPENED), col(CLOSED).alias("until")]);
        let worst_first = [col(SUCCESSOR), col(THEME), col(GRADE), col(AUTHORITY)];
        let carried = last
            .join(successors, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
            .join(created, [col(SUCCESSOR)], [col(SUCCESSOR)], JoinArgs::new(JoinType::Inner))
            .filter(col(OPENED).eq(col(CLOSED)))
            .sort_by_exprs(worst_first, SortMultipleOptions::default().with_nulls_last(true))
            .filter(col(SUCCESSOR).neq_missing(previous(SUCCESSOR)).or(col(THEME).neq(previous(THEME))))
            .with_columns([
                col(SUCCESSOR).alias(AUTHORITY),
                col(OPENED).alias(EFFECT),
                col(OPENED).alias(DATE),
                lit(NULL).cast(DataType::Date).alias(PUBLISHED),
                lit(NULL).cast(DataType::String).alias(INSPECTION),
                col("until").alias(CLOSED),
            ])
            .select(names.into_iter().map(col).collect::<Vec<_>>());
        let (rows, scale) = (concat([self.frame.clone(), carried], UnionArgs::default())?, self.scale.clone());
        let mut ratings = self.with_rows(rows, scale)?;
        ratings.filters.push(Filter::Lineage);
        Ok(ratings)
    }
}
