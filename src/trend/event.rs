//! What came after an event, and what came to others who stood where its authority stood.

use chrono::NaiveDate;
use polars::prelude::*;

use super::run::{KEY, runs};
use super::{EndedBy, columns::*, counted, day, days, fields, judged_themes, left, named_by, rank, row};
use crate::frame::{Query, columns::*};
use crate::{Precision, Ratings, SeriesId};

const EVENT_ID: &str = "event_id";
const EVENT_AUTHORITY: &str = "event_authority";
const BEFORE: &str = "before";

row! {
    /// What came after an event: a row of [`Ratings::around_events`].
    struct AroundEvent {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// First day of the event.
        event_date: NaiveDate,
        /// What happened, where known.
        label: Option<String>,
        /// The grade that stood on that day; null when there was none.
        before: Option<String> as Grade,
        /// The next judgement after it.
        next: Option<String> as Grade,
        /// Its day.
        next_on: Option<NaiveDate>,
        /// Days from the event to it.
        next_days: Option<i64>,
        /// The first grade better than before; null when there is none yet.
        better: Option<String> as Grade,
        /// Its day.
        better_on: Option<NaiveDate>,
        /// Days from the event to it.
        better_days: Option<i64>,
        /// Bodies with the same grade in the series on the day, without such an event at any time.
        controls: u32,
        /// How many of them had a next judgement.
        controls_judged: u32,
        /// How many of them had a better one.
        controls_better: u32,
        /// The median wait of all controls for a better grade, in days; null unless more than half have had one.
        control_better_days: Option<f64>,
        /// How exactly `next_on` is known.
        next_on_precision: Option<Precision>,
        /// How exactly `better_on` is known.
        better_on_precision: Option<Precision>,
    }
}

impl Ratings {
    /// Each event of a kind up to the day of the ratings, of those the ratings [count](Ratings::events_about): the grade before it, the next judgement, the first
    /// better one, and the same for authorities that had the same grade on that day and never such an event.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::{EventKind, Theme};
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let trusts = headline.around_events(EventKind::TrustEstablished).collect()?;
    /// assert_eq!(trusts.height(), 8);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`](crate::Error::Frame) when the ratings have no events, [`Error::Unknown`](crate::Error::Unknown) when none is of this kind and their words do not
    /// know it.
    pub fn around_events(&self, kind: impl AsRef<str>) -> Query<AroundEvent> {
        Query::planned(self, || {
            let as_of = self.day();
            self.all_bodies("those of an event are compared with")?;
            let all = self.events_of(kind.as_ref())?;
            let with_event = all.clone().select([col(AUTHORITY)]).unique(None, UniqueKeepStrategy::Any);
            let events = all
                .filter(col(EVENT_DATE).lt_eq(day(as_of)))
                .sort_by_exprs([EVENT_DATE, AUTHORITY, LABEL].map(col), SortMultipleOptions::default())
                .select([AUTHORITY, EVENT_DATE, LABEL].map(col))
                .with_row_index(EVENT_ID, None);

            let running = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
            let during = col(SPELL_START).lt_eq(col(EVENT_DATE)).and(col(EVENT_DATE).lt(col(SPELL_END)).or(running));
            let standing = runs(self, col(GRADE), col(KEY).is_not_null(), as_of)
                .select([
                    col(AUTHORITY),
                    col(THEME),
                    col(KEY).alias(BEFORE),
                    col(SPELL_START),
                    col(SPELL_END),
                    col(ENDED_BY),
                ])
                .cross_join(
                    events.clone().select([col(EVENT_ID), col(AUTHORITY).alias(EVENT_AUTHORITY), col(EVENT_DATE)]),
                    None,
                )
                .filter(during)
                .select([EVENT_ID, EVENT_AUTHORITY, EVENT_DATE, AUTHORITY, THEME, BEFORE].map(col));
            let themes = judged_themes(self, as_of);
            let keys = [EVENT_ID, AUTHORITY, THEME].map(col);
            let own = events
                .clone()
                .select([col(EVENT_ID), col(AUTHORITY).alias(EVENT_AUTHORITY), col(EVENT_DATE), col(AUTHORITY)])
                .cross_join(themes, None)
                .join(
                    standing.clone().select([EVENT_ID, AUTHORITY, THEME, BEFORE].map(col)),
                    keys.clone(),
                    keys.clone(),
                    left(),
                );
            let others = standing.filter(col(AUTHORITY).neq(col(EVENT_AUTHORITY))).join(
                with_event,
                [col(AUTHORITY)],
                [col(AUTHORITY)],
                JoinArgs::new(JoinType::Anti),
            );

            let after = counted(self, as_of).filter(col(GRADE).is_not_null()).select([
                col(AUTHORITY),
                col(THEME),
                col(DATE).alias(ON),
                col(GRADE).alias(TO),
                col(PRECISION),
            ]);
            let later = col(ON).gt(col(EVENT_DATE)).fill_null(lit(false));
            let better = later.clone().and(rank(col(TO)).gt(rank(col(BEFORE)))).fill_null(lit(false));
            let first = |of: &str, keep: &Expr| {
                col(of)
                    .filter(keep.clone())
                    .sort_by([col(ON).filter(keep.clone())], SortMultipleOptions::default())
                    .first()
            };
            let followed = concat([own, others], UnionArgs::default())?
                .join(after, [AUTHORITY, THEME].map(col), [AUTHORITY, THEME].map(col), left())
                .group_by(keys)
                .agg([
                    col(EVENT_AUTHORITY).first(),
                    col(EVENT_DATE).first(),
                    col(BEFORE).first(),
                    first(TO, &later).alias("next"),
                    first(PRECISION, &later).alias("next_on_precision"),
                    col(ON).filter(later).min().alias("next_on"),
                    first(TO, &better).alias("better"),
                    first(PRECISION, &better).alias("better_on_precision"),
                    col(ON).filter(better).min().alias("better_on"),
                ])
                .with_columns([
                    days(col(EVENT_DATE), col("next_on")).alias("next_days"),
                    days(col(EVENT_DATE), col("better_on")).alias("better_days"),
                ]);
            let own = followed.clone().filter(col(AUTHORITY).eq(col(EVENT_AUTHORITY)));
            let never = i64::from(i32::MAX);
            let median = col("better_days").fill_null(lit(never)).median();
            let pair = [EVENT_ID, THEME].map(col);
            let controls = followed
                .filter(col(AUTHORITY).neq(col(EVENT_AUTHORITY)))
                .join(
                    own.clone().select([EVENT_ID, THEME, BEFORE].map(col)),
                    [EVENT_ID, THEME, BEFORE].map(col),
                    [EVENT_ID, THEME, BEFORE].map(col),
                    JoinArgs::new(JoinType::Inner),
                )
                .group_by(pair.clone())
                .agg([
                    len().cast(DataType::UInt32).alias("controls"),
                    col("next_on").count().cast(DataType::UInt32).alias("controls_judged"),
                    col("better_on").count().cast(DataType::UInt32).alias("controls_better"),
                    median.alias("control_better_days"),
                ])
                .with_column(
                    when(col("control_better_days").lt(lit(never as f64 / 4.0)))
                        .then(col("control_better_days"))
                        .otherwise(lit(NULL))
                        .alias("control_better_days"),
                );
            let outcome = ["next", "next_on", "next_days", "better", "better_on", "better_days"];
            let precisions = ["next_on_precision", "better_on_precision"];
            let own = own.select(
                [&[EVENT_ID, AUTHORITY, THEME, BEFORE], &outcome[..], &precisions]
                    .concat()
                    .into_iter()
                    .map(col)
                    .collect::<Vec<_>>(),
            );
            let counts = ["controls", "controls_judged", "controls_better"];
            let joined = own
                .join(events.select([EVENT_ID, EVENT_DATE, LABEL].map(col)), [col(EVENT_ID)], [col(EVENT_ID)], left())
                .join(controls, pair.clone(), pair, left())
                .with_columns(counts.map(|c| col(c).fill_null(lit(0u32))))
                .sort_by_exprs([THEME, EVENT_DATE, AUTHORITY, EVENT_ID].map(col), SortMultipleOptions::default());
            Ok(named_by(self, joined, AUTHORITY, &[NAME]).select(fields::<AroundEvent>()))
        })
    }
}
