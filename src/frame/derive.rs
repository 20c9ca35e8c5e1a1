//! Series made from other series: grades carried to successors, and what can be followed across the reform of 2026.

use polars::prelude::*;

use super::{Ratings, clock_date, columns::*, grade_type, order};
use crate::trend::{ends_series, previous, rank};
use crate::{Error, Grade, Scale, Theme};

/// The practice judgements: what children get.
const PRACTICE: [Theme; 3] = [Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers];

impl Ratings {
    /// Carries a predecessor's last grade to the authorities created on the day it closed, until their first own
    /// inspection; with several predecessors, the worst of their grades.
    ///
    /// By default a successor starts unrated, as at Ofsted. The carried judgement takes effect on the opening day,
    /// has no publication and no inspection id, and counts as one inspection: the predecessor's. Ask for it before
    /// narrowing to some authorities, and after [`practice_profile`](Ratings::practice_profile).
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, Theme, trend};
    /// let england = rating_history::dataset::england()?;
    /// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
    /// let day = "2023-04-01".parse().unwrap();
    /// let cumberland = |ratings: Ratings| trend::as_of(&ratings.authorities_only(&["E06000063"]), day).collect();
    /// assert!(cumberland(headline.clone())?.height() == 0); // Cumbria was requires improvement
    /// assert_eq!(cumberland(headline.lineage()?)?.column("status")?.str()?.get(0), Some("rated"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when successors or authorities are unknown.
    pub fn lineage(mut self) -> Result<Self, Error> {
        let (Some(successors), Some(authorities)) = (self.successors.clone(), self.authorities()) else {
            let needed = "lineage needs Ratings::with_authorities and Ratings::with_successors";
            return Err(Error::Frame(needed.to_owned()));
        };
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
        self.frame =
            concat([self.frame, carried], UnionArgs::default())?.sort_by_exprs(order(), SortMultipleOptions::default());
        Ok(self)
    }

    /// How many of the four judgements an inspection gave good or better: leadership, help and protection, children
    /// in care and care leavers, on a scale of `0` to `4`, as the one series `practice_profile`.
    ///
    /// Since April 2026 there is no overall grade; this is computed the same way before and after, for every
    /// inspection with all four judgements (SIF, ILACS). Before 2023 the one ILACS grade for children in care and
    /// care leavers counts for both. It is not an overall grade and Ofsted gives no such number.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// let england = rating_history::dataset::england()?;
    /// let profile = Ratings::from_history(&england)?.practice_profile()?;
    /// let now = trend::distribution(&profile, &[england.cut_off()], None)?.collect()?;
    /// assert_eq!(now.height(), 7); // 0 to 4, not reported, not rated
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unknown`] when the scale has no `good`.
    pub fn practice_profile(self) -> Result<Self, Error> {
        let scale = Scale::new(["0", "1", "2", "3", "4"])?;
        let good = self.good()?;
        let all = PRACTICE.iter().chain(&[Theme::Leadership]);
        let count = all.map(|t| good(*t).cast(DataType::UInt32)).fold(lit(0u32), |sum, one| sum + one);
        self.per_inspection("practice_profile", count.cast(DataType::String), scale)
    }

    /// Whether an inspection meets the rule of April 2026 for a short inspection next time: good or outstanding for
    /// leadership and for at least two of the three practice judgements; a scale of `not_met` and `met`, as the one
    /// series `short_inspection_rule`. Computed for the same inspections as
    /// [`practice_profile`](Ratings::practice_profile).
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// let england = rating_history::dataset::england()?;
    /// let rule = Ratings::from_history(&england)?.short_inspection_rule()?.authorities_only(&["E06000039"]);
    /// let slough = trend::spells(&rule, england.cut_off()).collect()?;
    /// assert_eq!(slough.height(), 1); // never met
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unknown`] when the scale has no `good`.
    pub fn short_inspection_rule(self) -> Result<Self, Error> {
        let scale = Scale::new(["not_met", "met"])?;
        let good = self.good()?;
        let practice = PRACTICE.iter().map(|t| good(*t).cast(DataType::UInt32)).fold(lit(0u32), |sum, one| sum + one);
        let met = good(Theme::Leadership).and(practice.gt_eq(lit(2u32)));
        self.per_inspection("short_inspection_rule", when(met).then(lit("met")).otherwise(lit("not_met")), scale)
    }

    /// Whether a theme's column of ranks is at least good.
    fn good(&self) -> Result<impl Fn(Theme) -> Expr + use<>, Error> {
        let bound = self.scale.position(Grade::Good.code())?;
        Ok(move |theme: Theme| col(theme.code()).gt_eq(lit(bound as u32)))
    }

    /// One row an inspection that judged all four: `value` over columns of ranks named by theme.
    fn per_inspection(mut self, name: &str, value: Expr, scale: Scale) -> Result<Self, Error> {
        let names: Vec<PlSmallStr> = self.frame.collect_schema()?.iter_names().cloned().collect();
        let four: Vec<Theme> = PRACTICE.into_iter().chain([Theme::Leadership]).collect();
        let of_theme = |t: &Theme| rank(col(GRADE)).filter(col(THEME).eq(lit(t.code()))).max().alias(t.code()) as Expr;
        let kept = [EFFECT, PUBLISHED, FRAMEWORK, KIND, START, END, PRECISION, SOURCE, ALSO, CLOSED];
        let aggregated = kept.iter().map(|c| col(*c).first()).chain(four.iter().map(of_theme)).collect::<Vec<_>>();
        let judged = four.iter().map(|t| col(t.code()).is_not_null()).fold(lit(true), Expr::and);
        self.frame = self
            .frame
            .filter(col(INSPECTION).is_not_null())
            .group_by([col(AUTHORITY), col(INSPECTION)])
            .agg(aggregated)
            .filter(judged)
            .with_columns([
                lit(name).alias(THEME),
                value.cast(grade_type(&scale)?).alias(GRADE),
                lit(NULL).cast(DataType::String).alias(AREA),
                lit(NULL).cast(DataType::UInt32).alias(POSITION),
                clock_date(self.clock),
            ])
            .select(names.into_iter().map(col).collect::<Vec<_>>())
            .sort_by_exprs(order(), SortMultipleOptions::default());
        self.scale = scale;
        Ok(self)
    }
}
