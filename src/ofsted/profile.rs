//! All themes of an authority side by side.

use chrono::NaiveDate;
use polars::lazy::dsl::{max_horizontal, min_horizontal};
use polars::prelude::*;

use super::Theme;
use super::words::check;
use crate::frame::Query;
use crate::frame::expr::rank;
use crate::frame::query::row;
use crate::frame::{columns::*, state_type};
use crate::trend::columns::{LATEST, LATEST_PRECISION};
use crate::trend::count::state_of_standing;
use crate::trend::{Status, fields, named_by};
use crate::{Precision, Ratings};

/// The themes that [`profile`] weighs against each other and against the headline: one practice or leadership
/// judgement each. Adoption and the safeguarding board are no longer judged.
pub const PARTS: [Theme; 4] = [Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers, Theme::Leadership];

/// The series of a peer chart and a page: the headline, then the parts.
pub const FOLLOWED: [Theme; 5] =
    [Theme::Headline, Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers, Theme::Leadership];

const STATE: &str = "state";

row! {
    /// The themes of an authority side by side: a row of [`profile`]. Each theme has a grade, `not_reported` or `not_rated`, and the day
    /// on which its latest inspection took effect.
    #[derive(Eq)]
    struct Profile {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// The overall grade.
        headline: String as State,
        /// Children who need help and protection.
        help_and_protection: String as State,
        /// Children in care.
        care: String as State,
        /// Care leavers.
        care_leavers: String as State,
        /// Leadership.
        leadership: String as State,
        /// Adoption, no longer judged.
        adoption: String as State,
        /// The safeguarding board, no longer judged.
        lscb: String as State,
        /// Codes of those of the [`PARTS`] with the lowest grade, joined by `;`; null when all are equal or none has one.
        weakest: Option<String>,
        /// Codes of those of the [`PARTS`] with the highest grade, likewise.
        strongest: Option<String>,
        /// Codes of the [`PARTS`] graded below the headline; null when none is.
        below_headline: Option<String>,
        /// The day of the latest judgement in `headline`.
        headline_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `help_and_protection`.
        help_and_protection_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `care`.
        care_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `care_leavers`.
        care_leavers_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `leadership`.
        leadership_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `adoption`.
        adoption_latest: Option<NaiveDate>,
        /// The day of the latest judgement in `lscb`.
        lscb_latest: Option<NaiveDate>,
        /// How exactly `headline_latest` is known.
        headline_latest_precision: Option<Precision>,
        /// How exactly `help_and_protection_latest` is known.
        help_and_protection_latest_precision: Option<Precision>,
        /// How exactly `care_latest` is known.
        care_latest_precision: Option<Precision>,
        /// How exactly `care_leavers_latest` is known.
        care_leavers_latest_precision: Option<Precision>,
        /// How exactly `leadership_latest` is known.
        leadership_latest_precision: Option<Precision>,
        /// How exactly `adoption_latest` is known.
        adoption_latest_precision: Option<Precision>,
        /// How exactly `lscb_latest` is known.
        lscb_latest_precision: Option<Precision>,
    }
}

/// Each authority's current grade in every theme, side by side.
///
/// Ordered by authority. Only authorities in existence on the day of the ratings. The grades may come from different inspections, and the headline is not a rule over the
/// parts: Slough in 2023 requires improvement overall with inadequate leaders.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let slough = england.ratings()?.bodies_only(["E06000039"])?;
/// let profile = ofsted::profile(&slough).collect()?;
/// assert_eq!(profile.column("below_headline")?.str()?.get(0), Some("leadership"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Polars`](crate::Error::Polars) when the query cannot be planned.
pub fn profile(ratings: &Ratings) -> Query<Profile> {
    Query::planned(ratings, || {
        check("profile", ratings)?;
        let state_type = state_type(ratings.scale())?;
        let grades = ratings.scale().labels().len() as u32;
        let state = state_of_standing(&state_type);
        let in_theme = |column: &str, t: &Theme| col(column).filter(col(THEME).eq(lit(t.code()))).first();
        let of_theme = |t: &Theme| {
            let latest = format!("{}_latest", t.code());
            [
                in_theme(STATE, t).alias(t.code()),
                in_theme(LATEST, t).alias(&latest),
                in_theme(LATEST_PRECISION, t).alias(format!("{latest}_precision")),
            ]
        };
        let part = |t: Theme| {
            let rank = rank(col(t.code()));
            when(rank.clone().lt(lit(grades))).then(rank).otherwise(lit(NULL))
        };
        let listed = |keep: &dyn Fn(Expr) -> Expr| {
            let codes = PARTS.map(|t| when(keep(part(t))).then(lit(t.code())).otherwise(lit(NULL)));
            let text = concat_str(codes, ";", true);
            when(text.clone().eq(lit(""))).then(lit(NULL)).otherwise(text)
        };
        let (least, most) = (col("least"), col("most"));
        let uneven = least.clone().lt(most.clone());
        let wide = ratings
            .standing()
            .lazy()
            .with_column(state.alias(STATE))
            .group_by([col(AUTHORITY)])
            .agg(Theme::ALL.iter().flat_map(of_theme).collect::<Vec<_>>())
            .with_columns([
                min_horizontal(PARTS.map(part))?.alias("least"),
                max_horizontal(PARTS.map(part))?.alias("most"),
            ])
            .with_columns([
                listed(&|part| part.eq(least.clone()).and(uneven.clone())).alias("weakest"),
                listed(&|part| part.eq(most.clone()).and(uneven.clone())).alias("strongest"),
                listed(&|rank| rank.lt(part(Theme::Headline))).alias("below_headline"),
            ])
            .sort_by_exprs([col(AUTHORITY)], SortMultipleOptions::default());
        let not_rated = lit(Status::NotRated.code()).cast(state_type);
        let labels = Theme::ALL.iter().map(|t| col(t.code()).fill_null(not_rated.clone()));
        let wide = wide.with_columns(labels.collect::<Vec<_>>());
        Ok(named_by(ratings, wide, AUTHORITY, &[NAME]).select(fields::<Profile>()))
    })
}
