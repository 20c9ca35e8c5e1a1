//! How much inspectors asked for and what they said of self-assessments, by grade; and whether that tells the next grade.

use polars::prelude::*;

use super::asked_again::nth;
use super::asks::{ASKED, ASKS, Asks, TOPIC, VIEW};
use super::caveat::Caveat;
use super::inspected::{share, wilson};
use super::{Framework, Grade, SelfAssessmentView, Theme};
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{in_left_order, rank};
use crate::frame::query::row;
use crate::trend::fields;

row! {
    /// How much inspections with a grade asked for: a row of [`Asks::by_grade`].
    struct GradeAsks {
        /// The framework.
        framework: Framework,
        /// The grade.
        grade: String as Grade,
        /// Inspections with this grade that were read.
        inspections: u32,
        /// Those of them that asked for nothing.
        without: u32,
        /// Things asked for in all.
        asks: u32,
        /// Things asked for per inspection.
        mean: f64,
        /// Things asked for per inspection that asked for any; null where none did.
        mean_of_any: Option<f64>,
        /// The least that one asked for.
        least: u32,
        /// The most.
        most: u32,
        /// Inspections that call the self-assessment accurate.
        accurate: u32,
        /// That call it partly accurate.
        partly: u32,
        /// That call it inaccurate.
        inaccurate: u32,
        /// That mention it and do not judge it.
        neutral: u32,
        /// That do not mention it.
        not_mentioned: u32,
    }
}

row! {
    /// Falls after inspections with and without a sign: a row of [`Asks::before_falls`].
    struct BeforeFall {
        /// The sign: a topic's code, or `self_assessment` with a view.
        sign: String,
        /// Inspections with the sign.
        with: u32,
        /// Those of them after which the grade was lower.
        with_fell: u32,
        /// Inspections without the sign.
        without: u32,
        /// Those of them after which the grade was lower.
        without_fell: u32,
        /// Share that fell with the sign.
        share_with: f64,
        /// Lower limit (Wilson, 95%).
        share_with_lower: f64,
        /// Upper limit.
        share_with_upper: f64,
        /// Share that fell without it.
        share_without: f64,
        /// Lower limit (Wilson, 95%).
        share_without_lower: f64,
        /// Upper limit.
        share_without_upper: f64,
        /// `share_with` less `share_without`.
        difference: f64,
        /// Lower limit of the difference (Newcombe 1998, method 10, 95%).
        difference_lower: f64,
        /// Upper limit.
        difference_upper: f64,
        /// How many signs were compared: rows of this answer.
        tests: u32,
    }
}

impl GradeAsks {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] =
        &[Caveat::CodedHere, Caveat::ShorterLists, Caveat::BoardsLeftOut, Caveat::SameInspectors];
}

impl BeforeFall {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] =
        &[Caveat::CodedHere, Caveat::BoardsLeftOut, Caveat::Unread, Caveat::SameInspectors, Caveat::ManyTests];
}

const SIGN: &str = "sign";
const IS: &str = "is";
const FELL: &str = "fell";
const NOT_MENTIONED: &str = "not_mentioned";

/// Fewer inspections with or without a sign are not compared.
const FEWEST: u32 = 8;

impl Asks {
    /// How many things inspections asked for, and what they said of self-assessments, by framework and grade in a theme.
    /// Ordered by framework, then grade, worst first. Only inspections that were read and have such a grade; the lists of
    /// safeguarding boards are left out.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{Framework, Theme};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let grades = england.asks(&england.ratings()?)?.by_grade(Theme::Headline).rows()?;
    /// let outstanding = grades.iter().rfind(|g| g.framework == Framework::Ilacs).unwrap();
    /// assert_eq!(format!("{:.1} {:.1}", outstanding.mean, outstanding.mean_of_any.unwrap()), "1.7 1.8");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn by_grade(&self, theme: Theme) -> Query<GradeAsks> {
        Query::planned(&self.ratings, || {
            let count = |is: Expr, name: &str| is.fill_null(lit(false)).sum().cast(DataType::UInt32).alias(name);
            let views = SelfAssessmentView::ALL.iter().map(|v| count(col(VIEW).eq(lit(v.code())), v.code()));
            let counts = [
                len().cast(DataType::UInt32).alias("inspections"),
                count(col(ASKS).eq(lit(0u32)), "without"),
                col(ASKS).min().alias("least"),
                col(ASKS).max().alias("most"),
                col(ASKS).sum().alias("asked_in_all"),
                count(col(VIEW).is_null(), NOT_MENTIONED),
            ];
            let any = col("inspections") - col("without");
            Ok(self
                .read_only()
                .filter(col(theme.code()).is_not_null())
                .join(self.numbers(), [col(INSPECTION)], [col(INSPECTION)], in_left_order())
                .join(self.views.clone(), [col(INSPECTION)], [col(INSPECTION)], in_left_order())
                .with_columns([col(ASKS).fill_null(lit(0u32)), col(theme.code()).alias(GRADE)])
                .group_by([col(FRAMEWORK), col(GRADE)])
                .agg(counts.into_iter().chain(views).collect::<Vec<_>>())
                .with_columns([
                    share(col("asked_in_all"), col("inspections")).alias("mean"),
                    share(col("asked_in_all"), any).alias("mean_of_any"),
                    col("asked_in_all").cast(DataType::UInt32).alias(ASKS),
                ])
                .sort_by_exprs([col(FRAMEWORK).to_physical(), rank(col(GRADE))], SortMultipleOptions::default())
                .select(fields::<GradeAsks>()))
        })
    }

    /// Whether what an inspection asked for and what it said of the self-assessment tell a lower grade in a theme at the next
    /// one: for each sign, how many fell with it and without it. Most of the differences are chance.
    ///
    /// Pairs of consecutive inspections that were read, both with such a grade, the earlier one at least `from`, which must
    /// not be the worst, from which none can fall. Signs are topics and views that at least eight of the pairs have and eight
    /// have not. Ordered by the difference, largest first, then sign.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{Grade, Theme};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let signs = england.asks(&england.ratings()?)?.before_falls(Theme::Headline, Grade::RequiresImprovement).rows()?;
    /// assert_eq!((signs[0].with + signs[0].without, signs[0].with_fell + signs[0].without_fell), (264, 50));
    /// assert!(signs.len() as u32 == signs[0].tests);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) from the worst grade.
    pub fn before_falls(&self, theme: Theme, from: Grade) -> Query<BeforeFall> {
        Query::planned(&self.ratings, || {
            if from == Grade::Inadequate {
                let expected = "a grade from which one can fall: requires_improvement, good or outstanding";
                return Err(crate::Error::value("grade", from.code(), expected));
            }
            let worst = self.ratings.scale().position(from.code())? as u32;
            let (before, after) = (rank(col(nth(theme.code(), 1))), rank(col(nth(theme.code(), 2))));
            let pairs = self
                .runs(2, false)
                .filter(before.clone().gt_eq(lit(worst)).and(after.clone().is_not_null()))
                .select([col(nth(INSPECTION, 1)).alias(INSPECTION), after.lt(before).alias(FELL)]);
            let of_topics = self
                .with_flag(pairs.clone().cross_join(self.topics.clone(), None), INSPECTION, ASKED)
                .select([col(TOPIC).alias(SIGN), col(ASKED).alias(IS), col(FELL)]);
            let viewed = pairs.join(self.views.clone(), [col(INSPECTION)], [col(INSPECTION)], in_left_order());
            let views = SelfAssessmentView::ALL.iter().map(|v| v.code()).chain([NOT_MENTIONED]);
            let of_views = views.map(|view| {
                let said = col(VIEW).cast(DataType::String).fill_null(lit(NOT_MENTIONED));
                let sign = lit(format!("self_assessment {view}"));
                viewed.clone().select([sign.alias(SIGN), said.eq(lit(view)).alias(IS), col(FELL)])
            });
            let count = |is: Expr, name: &str| is.sum().cast(DataType::UInt32).alias(name);
            let all = std::iter::once(of_topics).chain(of_views).collect::<Vec<_>>();
            let (with, without) = (wilson(col("with_fell"), col("with")), wilson(col("without_fell"), col("without")));
            let squared = |difference: Expr| difference.clone() * difference;
            let (p, q) = (|| col("share_with"), || col("share_without"));
            let reach = |own: Expr, other: Expr| (squared(own) + squared(other)).pow(lit(0.5));
            let below = reach(p() - col("share_with_lower"), col("share_without_upper") - q());
            let above = reach(col("share_with_upper") - p(), q() - col("share_without_lower"));
            let order = SortMultipleOptions::default().with_order_descending_multi([true, false]);
            Ok(concat(all, UnionArgs::default())?
                .group_by([col(SIGN)])
                .agg([
                    count(col(IS), "with"),
                    count(col(IS).and(col(FELL)), "with_fell"),
                    count(col(IS).not(), "without"),
                    count(col(IS).not().and(col(FELL)), "without_fell"),
                ])
                .filter(col("with").gt_eq(lit(FEWEST)).and(col("without").gt_eq(lit(FEWEST))))
                .with_columns([
                    share(col("with_fell"), col("with")).alias("share_with"),
                    with.0.alias("share_with_lower"),
                    with.1.alias("share_with_upper"),
                    share(col("without_fell"), col("without")).alias("share_without"),
                    without.0.alias("share_without_lower"),
                    without.1.alias("share_without_upper"),
                    len().cast(DataType::UInt32).alias("tests"),
                ])
                .with_column((p() - q()).alias("difference"))
                .with_columns([
                    (col("difference") - below).alias("difference_lower"),
                    (col("difference") + above).alias("difference_upper"),
                ])
                .sort_by_exprs([col("difference"), col(SIGN)], order)
                .select(fields::<BeforeFall>()))
        })
    }
}
