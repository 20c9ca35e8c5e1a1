//! One body among its peers, by the groups of the ratings.

use chrono::NaiveDate;
use polars::prelude::*;

use super::count::{CLOSED_STATE, OPENED_STATE, frame_of_dates, is_grade, register, states};
use super::{Status, columns::*, exists_on, fields, judged_themes, left, rank, row, tally};
use crate::frame::{Members, PeerGroup, PeerGroups, Query, columns::*, grade_type, state_type};
use crate::{Error, Precision, Ratings, SeriesId};

/// The dtype of the column of groups: the body itself, then the groups.
fn group_type(groups: &PeerGroups) -> Result<DataType, Error> {
    let names = std::iter::once(PeerGroups::OWN).chain(groups.iter().map(PeerGroup::name));
    Ok(DataType::from_frozen_categories(FrozenCategories::new(names)?))
}

/// Every peer of a body by group: group, authority, place (of a listed peer); with the body itself if it is asked for.
pub(crate) fn members(ratings: &Ratings, body: &str, groups: &PeerGroups, itself: bool) -> Result<LazyFrame, Error> {
    let register = register(ratings);
    let is_body = || col(AUTHORITY).eq(lit(body));
    let no_place = lit(NULL).cast(DataType::UInt32).alias(PLACE);
    let group_type = group_type(groups)?;
    let in_group =
        |peers: LazyFrame, name: &str| peers.with_column(lit(name).cast(group_type.clone()).alias(PEER_GROUP));
    let mut frames = Vec::new();
    if itself {
        let own = register.clone().filter(is_body()).select([col(AUTHORITY), no_place.clone()]);
        frames.push(in_group(own, PeerGroups::OWN));
    }
    for group in groups.iter() {
        let peers = match group.members() {
            Members::Others => register.clone().filter(is_body().not()).select([col(AUTHORITY), no_place.clone()]),
            Members::Same(column) => {
                let table = ratings.grouping(column)?;
                let key = [col(column)];
                let own = table.clone().filter(is_body()).select(key.clone());
                table
                    .filter(is_body().not())
                    .join(own, key.clone(), key, JoinArgs::new(JoinType::Inner))
                    .select([col(AUTHORITY), no_place.clone()])
            }
            Members::Listed(table) => {
                table.as_ref().clone().filter(is_body()).select([col(NEIGHBOUR).alias(AUTHORITY), col(PLACE)])
            }
        };
        frames.push(in_group(peers, group.name()));
    }
    if frames.is_empty() {
        return Err(Error::Frame("no groups of peers; add some with Ratings::with_peers".to_owned()));
    }
    Ok(concat(frames, UnionArgs::default())?)
}

/// The groups of a body, and whose published total is the figure of each: `group`, `has_total`, and the `region` of the total,
/// null for that of all. Listed peers have none.
pub(crate) fn published_of(ratings: &Ratings, body: &str, groups: &PeerGroups) -> Result<LazyFrame, Error> {
    let own = register(ratings).filter(col(AUTHORITY).eq(lit(body))).select([col(REGION)]).collect()?;
    let region = own.column(REGION)?.str()?.get(0).map(str::to_owned);
    let of = |group: &PeerGroup| match group.members() {
        Members::Others => (true, None),
        Members::Same(column) if column == REGION => (region.is_some(), region.clone()),
        _ => (false, None),
    };
    let totals: Vec<(bool, Option<String>)> = groups.iter().map(of).collect();
    let frame = df!(
        PEER_GROUP => groups.iter().map(PeerGroup::name).collect::<Vec<_>>(),
        "has_total" => totals.iter().map(|t| t.0).collect::<Vec<_>>(),
        REGION => totals.into_iter().map(|t| t.1).collect::<Vec<_>>(),
    )?;
    Ok(frame.lazy().with_column(col(PEER_GROUP).cast(group_type(groups)?)))
}

row! {
    /// How a peer stands beside a body: a row of [`Ratings::peers`].
    #[derive(Eq)]
    struct Peer {
        /// `own` for the body itself, else the name of the [group](Ratings::peer_groups).
        peer_group: String as Word,
        /// How alike a listed peer is, 1 for the most alike; null in other groups.
        place: Option<u32>,
        /// Id of the peer.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// Whether it has a grade.
        status: Status,
        /// The grade; null unless rated.
        grade: Option<String> as Grade,
        /// Start of the current spell.
        since: Option<NaiveDate>,
        /// Days since then.
        days: Option<i64>,
        /// Ranks above the body, negative below; null unless both are graded.
        steps: Option<i32>,
        /// How exactly `since` is known.
        since_precision: Option<Precision>,
    }
}

row! {
    /// Where a body stands in a group of peers on a day: a row of [`Ratings::peer_standing`]. From `above` on all is null
    /// while the body, or every peer, has no grade.
    struct PeerStanding {
        /// The day.
        date: NaiveDate,
        /// Name of the [group](Ratings::peer_groups).
        peer_group: String as Word,
        /// The series.
        theme: SeriesId,
        /// How the body stands: a grade, `not_reported`, `not_rated`, `opened` before it was or `closed` after it.
        grade: String as State,
        /// Peers in existence.
        peers: u32,
        /// Those of them with a grade.
        rated: u32,
        /// Peers with a better grade.
        above: Option<u32>,
        /// Peers with the same grade.
        same: Option<u32>,
        /// Peers with a worse grade.
        below: Option<u32>,
        /// One more than the peers above; ties share the best.
        rank: Option<u32>,
        /// Part of the rated peers below, 0 to 100; those with the same grade count half.
        percentile: Option<f64>,
        /// Part of the rated peers with its grade or a better one, 0 to 1.
        share_at_or_above: Option<f64>,
        /// Its rank on the scale less the mean rank of its rated peers, in steps. A mean of ordered grades is a summary, not a
        /// grade.
        gap: Option<f64>,
        /// The best grade that at least half of the rated peers have or exceed; null while no peer has a grade.
        median: Option<String> as Grade,
    }
}

impl Ratings {
    /// Each peer's grade and since when: the body itself first, then group by group.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let peers = headline.peers("E06000039").collect()?;
    /// assert_eq!(peers.height(), 1 + 10 + 18 + 152); // Slough, its neighbours, the South East, England
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Polars`] when the query cannot be planned.
    pub fn peers(&self, body: &str) -> Query<Peer> {
        Query::planned(self, || {
            self.know_bodies(&[body])?;
            self.all_bodies("peers are compared with")?;
            let standing = self.standing().lazy();
            let ranks = || rank(col(GRADE)).cast(DataType::Int32);
            let own =
                standing.clone().filter(col(AUTHORITY).eq(lit(body))).select([col(THEME), ranks().alias("own_rank")]);
            let order = [PEER_GROUP, THEME, GRADE, DAYS, AUTHORITY].map(col);
            let direction = [false, false, true, true, false];
            Ok(members(self, body, &self.peer_groups()?, true)?
                .join(standing, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
                .join(own, [col(THEME)], [col(THEME)], left())
                .with_column((ranks() - col("own_rank")).alias(STEPS))
                .sort_by_exprs(
                    order,
                    SortMultipleOptions::default().with_order_descending_multi(direction).with_nulls_last(true),
                )
                .select(fields::<Peer>()))
        })
    }
}

impl Ratings {
    /// Where a body stands among its peers on each day, and so how the gap has moved.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let days = ["2016-06-30", "2026-06-30"].map(|d| d.parse().unwrap());
    /// let standing = headline.peer_standing("E06000039", &days).collect()?;
    /// assert_eq!(standing.height(), 6); // two days, three groups
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] without a date.
    pub fn peer_standing(&self, body: &str, dates: &[NaiveDate]) -> Query<PeerStanding> {
        Query::planned(self, || {
            self.know_bodies(&[body])?;
            self.all_bodies("peers are compared with")?;
            let last = *dates.iter().max().ok_or_else(|| Error::value("dates", "", "at least one date"))?;
            self.tell_of(dates.iter().copied())?;
            let dates = frame_of_dates(dates)?;
            let states = states(self, &dates, last)?;
            let themes = judged_themes(self, last);
            let state_type = state_type(self.scale())?;
            let label = |text: &str| lit(text).cast(state_type.clone());
            let series = [DATE, AUTHORITY, THEME].map(col);
            let own_state = when(col(OPENED).gt(col(DATE)))
                .then(label(OPENED_STATE))
                .when(col(CLOSED).lt_eq(col(DATE)))
                .then(label(CLOSED_STATE))
                .otherwise(col(GRADE).fill_null(label(Status::NotRated.code())));
            let own = register(self)
                .filter(col(AUTHORITY).eq(lit(body)))
                .cross_join(dates.clone(), None)
                .cross_join(themes.clone(), None)
                .join(states.clone(), series.clone(), series.clone(), left())
                .select([col(DATE), col(THEME), own_state.alias("own_state")]);
            let life = register(self).select([col(AUTHORITY), col(OPENED), col(CLOSED)]);
            let graded = is_grade(self.scale(), GRADE);
            let own_graded = is_grade(self.scale(), "own_state");
            let compare = |than: Expr| graded.clone().and(own_graded.clone()).and(than);
            let (peer_rank, own_rank) = (rank(col(GRADE)), rank(col("own_state")));
            let keys = [DATE, PEER_GROUP, THEME].map(col);
            let float = |name: &str| col(name).cast(DataType::Float64);
            let comparable = is_grade(self.scale(), GRADE).fill_null(lit(false)).and(col(RATED).gt(lit(0u32)));
            let if_comparable =
                |value: Expr, name: &str| when(comparable.clone()).then(value).otherwise(lit(NULL)).alias(name);
            let best_first = SortOptions::default().with_order_descending(true);
            let last = graded.clone().fill_null(lit(false)).sum().cast(DataType::Float64) - lit(1.0);
            let middle = (last / lit(2.0)).cast(DataType::Int64);
            Ok(members(self, body, &self.peer_groups()?, false)?
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
                    peer_rank.cast(DataType::Float64).filter(graded.clone()).mean().alias("mean_rank"),
                    col(GRADE).filter(graded).sort(best_first).get(middle, true).alias("median"),
                    col("own_state").first(),
                ])
                .with_column(col("own_state").alias(GRADE))
                .with_column(col("median").cast(DataType::String).cast(grade_type(self.scale())?))
                .with_columns([
                    if_comparable(col("above") + lit(1u32), "rank"),
                    if_comparable(
                        lit(100.0) * (float("below") + float("same") / lit(2.0)) / float(RATED),
                        "percentile",
                    ),
                    if_comparable((float("above") + float("same")) / float(RATED), "share_at_or_above"),
                    if_comparable(rank(col(GRADE)).cast(DataType::Float64) - col("mean_rank"), "gap"),
                ])
                .with_columns(["above", "same", "below"].map(|c| if_comparable(col(c), c)))
                .sort_by_exprs(keys.clone(), SortMultipleOptions::default())
                .select(fields::<PeerStanding>()))
        })
    }
}
