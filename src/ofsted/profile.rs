//! All themes of an authority side by side.

use polars::lazy::dsl::{max_horizontal, min_horizontal};
use polars::prelude::*;

use super::Theme;
use super::words::check;
use crate::frame::expr::rank;
use crate::frame::{columns::*, state_type};
use crate::trend::count::state_of_standing;
use crate::trend::{self, Status, named_by};
use crate::{Error, Ratings};

/// The themes that [`profile`] weighs against each other and against the headline: one practice or leadership
/// judgement each. Adoption and the safeguarding board are no longer judged.
pub const PARTS: [Theme; 4] = [Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers, Theme::Leadership];

/// The series of a peer chart and a page: the headline, then the parts.
pub const FOLLOWED: [Theme; 5] =
    [Theme::Headline, Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers, Theme::Leadership];

const STATE: &str = "state";

/// Each authority's current grade in every theme, side by side.
///
/// Schema: `authority`, `name`, one column a theme named by its code (`Enum` of the scale's labels, then
/// `not_reported`, `not_rated`, `opened`, `closed`), `weakest`, `strongest` (`String`: codes of those of the [`PARTS`]
/// with the lowest and highest grade, joined by `;`; null when all are equal or none is graded), `below_headline`
/// (codes of the parts graded below the headline, null when none is); ordered by authority. Only authorities in
/// existence on the day of the ratings. The grades may come from different inspections, and the headline is not a rule over the
/// parts: Slough in 2023 requires improvement overall with inadequate leaders.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let slough = england.ratings()?.bodies_only(["E06000039"]);
/// let profile = ofsted::profile(&slough)?.collect()?;
/// assert_eq!(profile.column("below_headline")?.str()?.get(0), Some("leadership"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Polars`] when the query cannot be planned.
pub fn profile(ratings: &Ratings) -> Result<LazyFrame, Error> {
    check("profile", ratings)?;
    let state_type = state_type(ratings.scale())?;
    let grades = ratings.scale().labels().len() as u32;
    let state = state_of_standing(&state_type);
    let of_theme = |t: &Theme| col(STATE).filter(col(THEME).eq(lit(t.code()))).first().alias(t.code());
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
    let wide = trend::as_of(ratings)
        .with_column(state.alias(STATE))
        .group_by([col(AUTHORITY)])
        .agg(Theme::ALL.iter().map(of_theme).collect::<Vec<_>>())
        .with_columns([min_horizontal(PARTS.map(part))?.alias("least"), max_horizontal(PARTS.map(part))?.alias("most")])
        .with_columns([
            listed(&|part| part.eq(least.clone()).and(uneven.clone())).alias("weakest"),
            listed(&|part| part.eq(most.clone()).and(uneven.clone())).alias("strongest"),
            listed(&|rank| rank.lt(part(Theme::Headline))).alias("below_headline"),
        ])
        .sort_by_exprs([col(AUTHORITY)], SortMultipleOptions::default());
    let not_rated = lit(Status::NotRated.code()).cast(state_type);
    let labels = Theme::ALL.iter().map(|t| col(t.code()).fill_null(not_rated.clone()));
    let columns = [col(AUTHORITY), col(NAME)].into_iter().chain(labels);
    Ok(named_by(ratings, wide, AUTHORITY, &[NAME])
        .select(columns.chain(["weakest", "strongest", "below_headline"].map(col)).collect::<Vec<_>>()))
}
