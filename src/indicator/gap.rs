//! One body's indicators against those of its peers, year by year.

use chrono::NaiveDate;
use polars::prelude::*;

use super::columns::*;
use super::{Indicators, Note};
use crate::Ratings;
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{day, in_left_order};
use crate::frame::query::row;
use crate::trend::columns::PEER_GROUP;
use crate::trend::{fields, members, published_of};

row! {
    /// An indicator of a body in a year against a group of peers: a row of [`Indicators::gap`].
    struct Gap {
        /// Key of the indicator.
        indicator: String as Word,
        /// The year in which the period ends.
        year: i32 as Year,
        /// The day on which it stands beside a grade.
        day: NaiveDate,
        /// The body's value.
        value: Option<f64>,
        /// What was counted, where told.
        numerator: Option<f64>,
        /// What it is a part of, where told.
        denominator: Option<f64>,
        /// Why there is no value, or that it is a joint one.
        note: Option<Note>,
        /// Lower limit at 95% (Wilson) of a proportion with numerator and denominator, in the unit of the indicator.
        lower: Option<f64>,
        /// Upper limit.
        upper: Option<f64>,
        /// Name of the [group](Ratings::peer_groups).
        peer_group: String as Word,
        /// Peers with a value of their own that year.
        peers: u32,
        /// Their mean, each counting the same.
        mean: Option<f64>,
        /// The value below which a quarter of them lies.
        lower_quartile: Option<f64>,
        /// The value above which a quarter of them lies.
        upper_quartile: Option<f64>,
        /// The published figure of the group, with the body in it, where there is one.
        published: Option<f64>,
        /// The body's value less the published figure, or less the mean of the peers where there is none.
        gap: Option<f64>,
    }
}

/// The square of 1.959964, the normal quantile of 97.5%.
const Z2: f64 = 3.841_458_820_694_124;

/// A limit of Wilson's interval of a part, in percent; `side` is -1 for the lower, 1 for the upper one.
fn wilson(side: f64) -> Expr {
    let n = col(DENOMINATOR);
    let p = col(NUMERATOR) / n.clone();
    let centre = p.clone() + lit(Z2 / 2.0) / n.clone();
    let spread = p.clone() * (lit(1.0) - p) / n.clone() + lit(Z2 / 4.0) / (n.clone() * n.clone());
    let limit = (centre + lit(side * Z2.sqrt()) * spread.pow(lit(0.5))) / (lit(1.0) + lit(Z2) / n);
    let limit = lit(100.0) * limit;
    let inside = when(limit.clone().lt(lit(0.0))).then(lit(0.0)).otherwise(limit);
    when(inside.clone().gt(lit(100.0))).then(lit(100.0)).otherwise(inside)
}

impl Indicators {
    /// The indicators of one body, year by year up to the day of the ratings, against each of its groups of peers: listed
    /// neighbours by their mean, its region and all by their published figures, where there are.
    ///
    /// A proportion with numerator and denominator has Wilson's interval: what chance alone would do to so small a group.
    /// Values of bodies [left out](Indicators::leaving_out) and joint ones do not count among the peers.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted;
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["eet_19_21"])?;
    /// let gaps = indicators.gap(&england.ratings()?, "E06000039").rows()?;
    /// let of_2019 = gaps.iter().find(|g| g.year == 2019 && g.peer_group == "england").unwrap();
    /// assert_eq!((of_2019.value, of_2019.published, of_2019.gap), (Some(59.0), Some(52.0), Some(7.0)));
    /// assert_eq!(of_2019.lower.map(f64::round), Some(48.0)); // 51 of 87: 48 to 68%, so 52% is well within
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownBody`](crate::Error::UnknownBody) when no body has this id. [`Error::Frame`](crate::Error::Frame) when the ratings were narrowed to some bodies.
    pub fn gap(&self, ratings: &Ratings, body: &str) -> Query<Gap> {
        Query::planned(ratings, || {
            ratings.all_bodies("a body is compared with")?;
            ratings.know_bodies(&[body])?;
            let groups = ratings.peer_groups()?;
            let own = self.frame()?.lazy().filter(col(AUTHORITY).eq(lit(body)));
            let own = own.filter(col(DAY).lt_eq(day(ratings.day())));
            let proportions: Vec<&str> = self.list().iter().filter(|i| i.proportion).map(|i| i.id.as_str()).collect();
            let proportions = df!(INDICATOR => proportions)?.lazy().with_column(col(INDICATOR).cast(self.word()));
            let key = [col(INDICATOR)];
            let has_limits =
                col(VALUE).is_not_null().and(col(NUMERATOR).is_not_null()).and(col(DENOMINATOR).gt(lit(0.0)));
            let keys = [INDICATOR, YEAR].map(col);
            let limits = own
                .clone()
                .filter(has_limits)
                .join(proportions, key.clone(), key, JoinArgs::new(JoinType::Semi))
                .select([col(INDICATOR), col(YEAR), wilson(-1.0).alias("lower"), wilson(1.0).alias("upper")]);
            let of_peers = members(ratings, body, &groups, false)?
                .join(self.counted()?, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
                .group_by([PEER_GROUP, INDICATOR, YEAR].map(col))
                .agg([
                    len().cast(DataType::UInt32).alias("peers"),
                    col(VALUE).mean().alias("mean"),
                    col(VALUE).quantile(lit(0.25), QuantileMethod::Linear).alias("lower_quartile"),
                    col(VALUE).quantile(lit(0.75), QuantileMethod::Linear).alias("upper_quartile"),
                ]);
            let every = published_of(ratings, body, &groups)?;
            let published = every
                .clone()
                .join_builder()
                .with(self.of_totals()?)
                .left_on([col(REGION)])
                .right_on([col(REGION)])
                .how(JoinType::Inner)
                .join_nulls(true)
                .finish()
                .filter(col("has_total"))
                .select([col(PEER_GROUP), col(INDICATOR), col(YEAR), col(VALUE).alias("published")]);
            let of_group = [PEER_GROUP, INDICATOR, YEAR].map(col);
            let rows = own
                .join(limits, keys.clone(), keys, in_left_order())
                .cross_join(every.select([col(PEER_GROUP)]), None)
                .join(of_peers, of_group.clone(), of_group.clone(), in_left_order())
                .join(published, of_group.clone(), of_group, in_left_order())
                .with_column(col("peers").fill_null(lit(0u32)));
            let against = when(col("published").is_null()).then(col("mean")).otherwise(col("published"));
            let rows = rows.with_column((col(VALUE) - against).alias("gap"));
            let order = [INDICATOR, YEAR, PEER_GROUP].map(col);
            Ok(rows.sort_by_exprs(order, SortMultipleOptions::default()).select(fields::<Gap>()))
        })
    }
}
