//! One authority among its peers: statistical neighbours, region, England.

use chrono::NaiveDate;
use polars::prelude::*;

use super::count::{CLOSED_STATE, OPENED_STATE, exists_on, frame_of_dates, is_grade, register, states};
use super::{Status, columns::*, judged_themes, left, rank, tally};
use crate::code::coded_enum;
use crate::frame::{columns::*, state_type};
use crate::{Error, Ratings};

coded_enum! {
    /// Whom an authority is compared with.
    enum PeerGroup: "peer group" {
        /// The authority itself.
        Own = "own" / "itself",
        /// Its statistical neighbours, by the Department for Education's model.
        Neighbours = "neighbours" / "statistical neighbours",
        /// The other authorities of its region.
        Region = "region" / "its region",
        /// All others.
        England = "england" / "England",
    }
}

fn group_type() -> Result<DataType, Error> {
    let codes = FrozenCategories::new(PeerGroup::ALL.iter().map(|g| g.code()))?;
    Ok(DataType::from_frozen_categories(codes))
}

/// Every peer of an authority by group: group, authority, place (of a neighbour).
fn members(ratings: &Ratings, authority: &str, groups: &[PeerGroup]) -> Result<LazyFrame, Error> {
    let register = register(ratings);
    let own = register.clone().filter(col(AUTHORITY).eq(lit(authority)));
    let others = register.filter(col(AUTHORITY).neq(lit(authority)));
    let no_place = lit(NULL).cast(DataType::UInt32).alias(PLACE);
    let group_type = group_type()?;
    let mut frames = Vec::new();
    for group in groups {
        let peers = match group {
            PeerGroup::Own => own.clone().select([col(AUTHORITY), no_place.clone()]),
            PeerGroup::England => others.clone().select([col(AUTHORITY), no_place.clone()]),
            PeerGroup::Region => others
                .clone()
                .join(own.clone().select([col(REGION)]), [col(REGION)], [col(REGION)], JoinArgs::new(JoinType::Inner))
                .select([col(AUTHORITY), no_place.clone()]),
            PeerGroup::Neighbours => match ratings.neighbours() {
                Some(neighbours) => neighbours
                    .filter(col(AUTHORITY).eq(lit(authority)))
                    .select([col(NEIGHBOUR).alias(AUTHORITY), col(PLACE)]),
                None => continue,
            },
        };
        frames.push(peers.with_column(lit(group.code()).cast(group_type.clone()).alias(PEER_GROUP)));
    }
    Ok(concat(frames, UnionArgs::default())?)
}

/// Each peer's grade and since when: the authority itself first, then its statistical neighbours, its region, England.
///
/// Schema: `group` (`Enum` of [`PeerGroup`] codes), `place` (of a neighbour, 1 for the most alike; null in other
/// groups), `authority`, `name`, `theme`, `status`, `grade`, `since`, `days`, `steps` (`Int32`: ranks above the
/// authority, negative below; null unless both are graded), `since_precision`; ordered by group, theme, best grade
/// first, longest first. Peers in existence on `as_of` only; the neighbours' group is empty where none are known. Do
/// not narrow the [`Ratings`] to one authority.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let peers = trend::peers(&headline, "E06000039", england.cut_off())?.collect()?;
/// assert_eq!(peers.height(), 1 + 10 + 18 + 152); // Slough, its neighbours, the South East, England
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Polars`] when the query cannot be planned.
pub fn peers(ratings: &Ratings, authority: &str, as_of: NaiveDate) -> Result<LazyFrame, Error> {
    let standing = super::as_of(ratings, as_of);
    let ranks = || rank(col(GRADE)).cast(DataType::Int32);
    let own =
        standing.clone().filter(col(AUTHORITY).eq(lit(authority))).select([col(THEME), ranks().alias("own_rank")]);
    let order = [PEER_GROUP, THEME, GRADE, DAYS, AUTHORITY].map(col);
    let direction = [false, false, true, true, false];
    Ok(members(ratings, authority, PeerGroup::ALL)?
        .join(standing, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
        .join(own, [col(THEME)], [col(THEME)], left())
        .with_column((ranks() - col("own_rank")).alias(STEPS))
        .sort_by_exprs(
            order,
            SortMultipleOptions::default().with_order_descending_multi(direction).with_nulls_last(true),
        )
        .select(
            [PEER_GROUP, PLACE, AUTHORITY, NAME, THEME, STATUS, GRADE, SINCE, DAYS, STEPS, SINCE_PRECISION].map(col),
        ))
}

/// Where an authority stands among its peers on each day, and so how the gap has moved.
///
/// Schema: `date`, `group` (`Enum` of [`PeerGroup`] codes without `own`), `theme`, `grade` (`Enum` of the scale's
/// labels, then `not_reported`, `not_rated`, `opened`, `closed`: the authority's state), `peers` (in existence),
/// `rated` (those with a grade), `above`, `same`, `below` (`UInt32`), `rank` (1 + peers above, ties share the best),
/// `percentile` (0 to 100: the share of rated peers below, those with the same grade counting half),
/// `share_at_or_above` (0 to 1, of rated peers), `gap` (`Float64`: its rank on the scale minus the mean of its rated
/// peers' ranks, in steps; a mean of ordered grades is a summary, not a grade). All from `above` on are null while the
/// authority, or every peer, has no grade. Ordered by date, group, theme.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let days = ["2016-06-30", "2026-06-30"].map(|d| d.parse().unwrap());
/// let standing = trend::peer_standing(&headline, "E06000039", &days)?.collect()?;
/// assert_eq!(standing.height(), 6); // two days, three groups
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without a date.
pub fn peer_standing(ratings: &Ratings, authority: &str, dates: &[NaiveDate]) -> Result<LazyFrame, Error> {
    let last = *dates.iter().max().ok_or_else(|| Error::value("dates", "", "at least one date"))?;
    let dates = frame_of_dates(dates)?;
    let groups = [PeerGroup::Neighbours, PeerGroup::Region, PeerGroup::England];
    let states = states(ratings, &dates, last)?;
    let themes = judged_themes(ratings, last);
    let state_type = state_type(ratings.scale())?;
    let label = |text: &str| lit(text).cast(state_type.clone());
    let series = [DATE, AUTHORITY, THEME].map(col);
    let own_state = when(col(OPENED).gt(col(DATE)))
        .then(label(OPENED_STATE))
        .when(col(CLOSED).lt_eq(col(DATE)))
        .then(label(CLOSED_STATE))
        .otherwise(col(GRADE).fill_null(label(Status::NotRated.code())));
    let own = register(ratings)
        .filter(col(AUTHORITY).eq(lit(authority)))
        .cross_join(dates.clone(), None)
        .cross_join(themes.clone(), None)
        .join(states.clone(), series.clone(), series.clone(), left())
        .select([col(DATE), col(THEME), own_state.alias("own_state")]);
    let life = register(ratings).select([col(AUTHORITY), col(OPENED), col(CLOSED)]);
    let graded = is_grade(ratings.scale(), GRADE);
    let own_graded = is_grade(ratings.scale(), "own_state");
    let compare = |than: Expr| graded.clone().and(own_graded.clone()).and(than);
    let (peer_rank, own_rank) = (rank(col(GRADE)), rank(col("own_state")));
    let keys = [DATE, PEER_GROUP, THEME].map(col);
    let float = |name: &str| col(name).cast(DataType::Float64);
    let comparable = is_grade(ratings.scale(), GRADE).fill_null(lit(false)).and(col(RATED).gt(lit(0u32)));
    let if_comparable = |value: Expr, name: &str| when(comparable.clone()).then(value).otherwise(lit(NULL)).alias(name);
    Ok(members(ratings, authority, &groups)?
        .join(life, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
        .cross_join(dates, None)
        .filter(exists_on(col(DATE)))
        .cross_join(themes, None)
        .join(states, series.clone(), series, left())
        .join(own, [DATE, THEME].map(col), [DATE, THEME].map(col), left())
        .group_by(keys.clone())
        .agg([
            len().cast(DataType::UInt32).alias("peers"),
            tally(graded.clone(), RATED),
            tally(compare(peer_rank.clone().gt(own_rank.clone())), "above"),
            tally(compare(peer_rank.clone().eq(own_rank.clone())), "same"),
            tally(compare(peer_rank.clone().lt(own_rank)), "below"),
            peer_rank.cast(DataType::Float64).filter(graded).mean().alias("mean_rank"),
            col("own_state").first(),
        ])
        .with_column(col("own_state").alias(GRADE))
        .with_columns([
            if_comparable(col("above") + lit(1u32), "rank"),
            if_comparable(lit(100.0) * (float("below") + float("same") / lit(2.0)) / float(RATED), "percentile"),
            if_comparable((float("above") + float("same")) / float(RATED), "share_at_or_above"),
            if_comparable(rank(col(GRADE)).cast(DataType::Float64) - col("mean_rank"), "gap"),
        ])
        .with_columns(["above", "same", "below"].map(|c| if_comparable(col(c), c)))
        .sort_by_exprs(keys.clone(), SortMultipleOptions::default())
        .select(
            [
                keys.to_vec(),
                [GRADE, "peers", RATED, "above", "same", "below"].map(col).to_vec(),
                ["rank", "percentile", "share_at_or_above", "gap"].map(col).to_vec(),
            ]
            .concat(),
        ))
}
