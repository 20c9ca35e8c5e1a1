//! What can be followed across the reform of 2026: series made from the four judgements of an inspection.

use polars::prelude::*;

use super::words::check;
use super::{Grade, Theme};
use crate::frame::expr::rank;
use crate::frame::{columns::*, grade_type};
use crate::{Error, Ratings, Scale};

/// The practice judgements: what children get.
const PRACTICE: [Theme; 3] = [Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers];

/// How many of the four judgements an inspection gave good or better: leadership, help and protection, children
/// in care and care leavers, on a scale of `0` to `4`, as the one series `practice_profile`.
///
/// Since April 2026 there is no overall grade; this is computed the same way before and after, for every
/// inspection with all four judgements (SIF, ILACS). Before 2023 the one ILACS grade for children in care and
/// care leavers counts for both. It is not an overall grade and Ofsted gives no such number.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{ofsted, trend};
/// let england = ofsted::england()?;
/// let profile = ofsted::practice_profile(&england.ratings()?)?;
/// let now = profile.distribution(&[england.cut_off()], None).collect()?;
/// assert_eq!(now.height(), 7); // 0 to 4, not reported, not rated
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// Ask for it before [`lineage`](Ratings::lineage).
///
/// # Errors
/// [`Error::Frame`] for ratings other than those of children's services.
pub fn practice_profile(ratings: &Ratings) -> Result<Ratings, Error> {
    let scale = Scale::new(["0", "1", "2", "3", "4"])?;
    check("practice_profile", ratings)?;
    let good = good(ratings)?;
    let all = PRACTICE.iter().chain(&[Theme::Leadership]);
    let count = all.map(|t| good(*t).cast(DataType::UInt32)).fold(lit(0u32), |sum, one| sum + one);
    per_inspection(ratings, "practice_profile", count.cast(DataType::String), scale)
}

/// Whether an inspection meets the rule of April 2026 for a short inspection next time: good or outstanding for
/// leadership and for at least two of the three practice judgements; a scale of `not_met` and `met`, as the one
/// series `short_inspection_rule`. Computed for the same inspections as
/// [`practice_profile`](practice_profile).
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{ofsted, trend};
/// let england = ofsted::england()?;
/// let rule = ofsted::short_inspection_rule(&england.ratings()?)?.bodies_only(["E06000039"])?;
/// let slough = rule.spells().collect()?;
/// assert_eq!(slough.height(), 1); // never met
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// Ask for it before [`lineage`](Ratings::lineage).
///
/// # Errors
/// [`Error::Frame`] for ratings other than those of children's services.
pub fn short_inspection_rule(ratings: &Ratings) -> Result<Ratings, Error> {
    let scale = Scale::new(["not_met", "met"])?;
    check("short_inspection_rule", ratings)?;
    let good = good(ratings)?;
    let practice = PRACTICE.iter().map(|t| good(*t).cast(DataType::UInt32)).fold(lit(0u32), |sum, one| sum + one);
    let met = good(Theme::Leadership).and(practice.gt_eq(lit(2u32)));
    per_inspection(ratings, "short_inspection_rule", when(met).then(lit("met")).otherwise(lit("not_met")), scale)
}

/// Whether a theme's column of ranks is at least good.
fn good(ratings: &Ratings) -> Result<impl Fn(Theme) -> Expr + use<>, Error> {
    let bound = ratings.scale().position(Grade::Good.code())?;
    Ok(move |theme: Theme| col(theme.code()).gt_eq(lit(bound as u32)))
}

/// One row an inspection that judged all four: `value` over columns of ranks named by theme.
fn per_inspection(ratings: &Ratings, name: &str, value: Expr, scale: Scale) -> Result<Ratings, Error> {
    let names: Vec<PlSmallStr> = ratings.lazy().collect_schema()?.iter_names().cloned().collect();
    let four: Vec<Theme> = PRACTICE.into_iter().chain([Theme::Leadership]).collect();
    let of_theme = |t: &Theme| rank(col(GRADE)).filter(col(THEME).eq(lit(t.code()))).max().alias(t.code()) as Expr;
    let kept = [EFFECT, PUBLISHED, FRAMEWORK, KIND, START, END, PRECISION, SOURCE, ALSO, CLOSED];
    let aggregated = kept.iter().map(|c| col(*c).first()).chain(four.iter().map(of_theme)).collect::<Vec<_>>();
    let judged = four.iter().map(|t| col(t.code()).is_not_null()).fold(lit(true), Expr::and);
    let rows = ratings
        .lazy()
        .filter(col(INSPECTION).is_not_null())
        .group_by([col(AUTHORITY), col(INSPECTION)])
        .agg(aggregated)
        .filter(judged)
        .with_columns([
            lit(name).alias(THEME),
            value.cast(grade_type(&scale)?).alias(GRADE),
            lit(NULL).cast(DataType::String).alias(AREA),
            lit(NULL).cast(DataType::UInt32).alias(POSITION),
        ])
        .select(
            names
                .into_iter()
                .filter(|name| ![DATE, BODY, SERIES].contains(&name.as_str()))
                .map(col)
                .collect::<Vec<_>>(),
        );
    ratings.clone().with_rows(rows, scale)
}
