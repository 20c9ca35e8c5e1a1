//! Who looked in between inspections: visits, and what followed an inadequate judgement.

use chrono::NaiveDate;
use polars::prelude::*;

use super::caveat::Caveat;
use super::inspected::{inspected, vocabulary};
use super::words::check;
use super::{
    Framework, Grade, RatingHistory, ReportFacts, Theme, TopicSource, Visit, VisitCoverage, VisitKind, VisitTopic,
};
use crate::code::coded_enum;
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{any_of, day, in_left_order, next, rank};
use crate::frame::query::{codes, row};
use crate::trend::columns::DATE_PRECISION;
use crate::trend::{coded, fields, named_by};
use crate::{Error, Precision, Ratings};

codes!(VisitKind);
codes!(VisitTopic);
codes!(TopicSource);

coded_enum! {
    /// Whether a letter sets an area for priority action.
    enum PriorityAction: "priority action" {
        /// It does.
        Yes = "yes" / "yes",
        /// It was read and sets none.
        No = "no" / "no",
    }
}

coded_enum! {
    /// How much of a time is covered by what is known of visits.
    enum Covered: "coverage" {
        /// Every visit about which there is a letter is known.
        All = "all" / "all known",
        /// Those of a part of the time are.
        Part = "part" / "known in part",
        /// If any is known, by chance.
        None = "none" / "not known",
    }
}

codes!(PriorityAction);
codes!(Covered);

row! {
    /// A visit and the inspections around it: a row of [`Between::visits`].
    #[derive(Eq)]
    struct VisitBetween {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Its region.
        region: Option<String>,
        /// The visit.
        visit: String,
        /// Its day: the last one, else the first, else publication.
        date: NaiveDate,
        /// Kind.
        kind: VisitKind,
        /// What it looked at, where known.
        topic: Option<VisitTopic>,
        /// Who says so.
        topic_from: Option<TopicSource>,
        /// Whether its letter sets an area for priority action; null where it was not read, and of monitoring visits.
        priority_action: Option<PriorityAction>,
        /// The inspection before it; null without one.
        previous_inspection: Option<String>,
        /// Days since then.
        days_since: Option<i64>,
        /// The inspection after it; null without one yet.
        next_inspection: Option<String>,
        /// Days to that.
        days_to: Option<i64>,
        /// Where the visit is stated.
        source: String,
        /// How exactly `date` is known.
        date_precision: Precision,
    }
}

row! {
    /// What followed an inadequate judgement: a row of [`Between::after_inadequate`].
    #[derive(Eq)]
    struct AfterInadequate {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Its region.
        region: Option<String>,
        /// The inspection that judged it inadequate.
        inspection: String,
        /// Its day.
        date: NaiveDate,
        /// The next inspection; null where there was none by the as-of day.
        next_inspection: Option<String>,
        /// Its day.
        next_date: Option<NaiveDate>,
        /// Its grade in the theme; null where it gives none.
        next: Option<String> as Grade,
        /// Days between the two; null without a next one.
        days: Option<i64>,
        /// Monitoring visits known in between; null where none is known and not all would be.
        monitoring: Option<u32>,
        /// How far all monitoring visits of that time, which begins the day after the judgement and ends the day before the
        /// next inspection, the authority's end or the as-of day, would be known. An authority's first one never is.
        covered: Covered,
        /// How exactly `date` is known.
        date_precision: Option<Precision>,
        /// How exactly `next_date` is known.
        next_date_precision: Option<Precision>,
    }
}

impl VisitBetween {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = &[Caveat::VisitsUnknown];
}

impl AfterInadequate {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = &[Caveat::VisitsUnknown];
}

const VISIT: &str = "visit";
const VISIT_DATE: &str = "visit_date";
const MONITORING: &str = "monitoring";
const COVERED: &str = "covered";
const UNTIL: &str = "until";

/// The visits between the inspections that some ratings count. Made by [`RatingHistory::between_inspections`].
#[derive(Clone)]
pub struct Between {
    ratings: Ratings,
    visits: LazyFrame,
    coverage: Vec<VisitCoverage>,
}

impl RatingHistory {
    /// Visits between inspections: of the bodies and inspections that these ratings count, by their clock, as-of day and
    /// filters. The ratings must be of this history and hold every series. By the clock of publication a visit counts from
    /// its letter, where its day is known.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::VisitKind;
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let slough = england.ratings()?.bodies_only(["E06000039"])?;
    /// let visits = england.between_inspections(&slough)?.visits().rows()?;
    /// assert!(visits.iter().all(|v| v.kind == VisitKind::Focused && v.days_since.is_some()));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when the history knows no visits, or the ratings hold only some series.
    pub fn between_inspections(&self, ratings: &Ratings) -> Result<Between, Error> {
        check("visits", ratings)?;
        let ReportFacts { visits, visit_coverage, .. } = self.report_facts();
        if visits.is_empty() {
            return Err(Error::Frame("these data tell of no visits; expected visits.csv".to_owned()));
        }
        let known = |v: &Visit| v.day_on(ratings.counted_by());
        let by = ratings.published_by_day();
        let counts = |v: &&Visit| {
            let is_out = by.is_none_or(|by| v.published.or(v.day()).is_some_and(|day| day <= by));
            is_out && known(v).is_some_and(|day| day <= ratings.day())
        };
        let list: Vec<&Visit> = visits.iter().filter(counts).collect();
        let text = |value: &dyn Fn(&Visit) -> String| list.iter().map(|v| value(v)).collect::<Vec<_>>();
        let topics = list.iter().map(|v| v.topic.map(VisitTopic::code));
        let from = list.iter().map(|v| v.topic_from.map(TopicSource::code));
        let action = |is: bool| if is { PriorityAction::Yes } else { PriorityAction::No };
        let actions = list.iter().map(|v| v.priority_action.map(|is| action(is).code()));
        let frame = DataFrame::new_infer_height(vec![
            Column::new(AUTHORITY.into(), text(&|v| v.authority.to_string())),
            Column::new(VISIT.into(), text(&|v| v.id.clone())),
            Series::new(DATE.into(), list.iter().map(|v| known(v)).collect::<Vec<_>>()).into_column(),
            vocabulary(KIND, list.iter().map(|v| Some(v.kind.code())), VisitKind::ALL.iter().map(|k| k.code()))?,
            vocabulary("topic", topics, VisitTopic::ALL.iter().map(|t| t.code()))?,
            vocabulary("topic_from", from, TopicSource::ALL.iter().map(|t| t.code()))?,
            vocabulary("priority_action", actions, PriorityAction::ALL.iter().map(|a| a.code()))?,
            Column::new(SOURCE.into(), text(&|v| v.source.clone())),
            vocabulary(
                DATE_PRECISION,
                list.iter().map(|v| Some(v.precision.code())),
                Precision::ALL.iter().map(|p| p.code()),
            )?,
        ])?;
        Ok(Between { ratings: ratings.clone(), visits: frame.lazy(), coverage: visit_coverage.clone() })
    }
}

impl Between {
    /// How far the visits of each kind are known.
    pub fn coverage(&self) -> &[VisitCoverage] {
        &self.coverage
    }

    /// Each visit with the inspections before and after it, reviews of safeguarding boards left out. Ordered by authority, date and id. A visit without a row is
    /// absent only where its kind is [covered](Between::coverage).
    pub fn visits(&self) -> Query<VisitBetween> {
        Query::planned(&self.ratings, || {
            let visits = self.own();
            let dates = self.inspections().select([col(AUTHORITY), col(INSPECTION), col(DATE).alias("on")]);
            let inner = JoinArgs::new(JoinType::Inner);
            let pairs = visits.clone().select([AUTHORITY, VISIT, DATE].map(col)).join(
                dates,
                [col(AUTHORITY)],
                [col(AUTHORITY)],
                inner,
            );
            let (before, after) = (col("on").lt_eq(col(DATE)), col("on").gt(col(DATE)));
            let nearest = |keep: Expr, last: bool, names: [&str; 2]| {
                let options = SortMultipleOptions::default();
                let sorted = pairs.clone().filter(keep).sort_by_exprs([VISIT, "on", INSPECTION].map(col), options);
                let one = |name: &str| if last { col(name).last() } else { col(name).first() };
                sorted.group_by([col(VISIT)]).agg([one(INSPECTION).alias(names[0]), one("on").alias(names[1])])
            };
            let days = |from: &str, to: &str| {
                (col(to).cast(DataType::Int32) - col(from).cast(DataType::Int32)).cast(DataType::Int64)
            };
            let (previous, following) = (["previous_inspection", "previous_on"], ["next_inspection", "next_on"]);
            let rows = visits
                .join(nearest(before, true, previous), [col(VISIT)], [col(VISIT)], in_left_order())
                .join(nearest(after, false, following), [col(VISIT)], [col(VISIT)], in_left_order())
                .with_columns([days("previous_on", DATE).alias("days_since"), days(DATE, "next_on").alias("days_to")])
                .sort_by_exprs([AUTHORITY, DATE, VISIT].map(col), SortMultipleOptions::default());
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME, REGION]).select(fields::<VisitBetween>()))
        })
    }

    /// What followed each inadequate judgement in a theme: the next inspection, the days to it, and the monitoring visits
    /// known in between. Reviews of safeguarding boards are no inspections. Ordered by authority and date.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{Covered, Theme};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let after = england.between_inspections(&england.ratings()?)?.after_inadequate(Theme::Headline).rows()?;
    /// let unknown = after.iter().find(|a| a.covered == Covered::None && a.monitoring.is_none());
    /// assert!(unknown.is_some()); // not known to have had a visit, which is not to have had none
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn after_inadequate(&self, theme: Theme) -> Query<AfterInadequate> {
        Query::planned(&self.ratings, || {
            let as_of = self.ratings.day();
            let grade = || col(theme.code());
            let same = || col(AUTHORITY).eq(next(AUTHORITY)).fill_null(lit(false));
            let then = |name: &str| when(same()).then(next(name)).otherwise(lit(NULL));
            let worst = self.ratings.scale().position(Grade::Inadequate.code())? as u32;
            let monitoring = self
                .own()
                .filter(col(KIND).eq(lit(VisitKind::Monitoring.code())))
                .select([col(AUTHORITY), col(DATE).alias(VISIT_DATE)]);
            // Nobody visits a council that is no more.
            let is_closed = col(CLOSED).lt(day(as_of)).fill_null(lit(false));
            let ends = when(is_closed).then(col(CLOSED)).otherwise(day(as_of));
            let after = self
                .inspections()
                .with_columns([
                    then(INSPECTION).alias("next_inspection"),
                    then(DATE).alias("next_date"),
                    then(DATE_PRECISION).alias("next_date_precision"),
                    then(theme.code()).alias("next"),
                ])
                .filter(rank(grade()).eq(lit(worst)))
                .with_column(when(col("next_date").is_null()).then(ends).otherwise(col("next_date")).alias(UNTIL));
            let is_between = col(VISIT_DATE).gt(col(DATE)).and(col(VISIT_DATE).lt_eq(col(UNTIL)));
            let known = after
                .clone()
                .select([AUTHORITY, INSPECTION, DATE, UNTIL].map(col))
                .join(monitoring, [col(AUTHORITY)], [col(AUTHORITY)], JoinArgs::new(JoinType::Inner))
                .filter(is_between)
                .group_by([col(INSPECTION)])
                .agg([len().cast(DataType::UInt32).alias(MONITORING)]);
            let whole = || col(COVERED).eq(lit(Covered::All.code()));
            let told = when(whole()).then(col(MONITORING).fill_null(lit(0u32))).otherwise(col(MONITORING));
            let days = (col("next_date").cast(DataType::Int32) - col(DATE).cast(DataType::Int32)).cast(DataType::Int64);
            let rows = after
                .join(known, [col(INSPECTION)], [col(INSPECTION)], in_left_order())
                .with_columns([self.covered().alias(COVERED), days.alias("days")])
                .with_column(told.alias(MONITORING));
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME, REGION]).select(fields::<AfterInadequate>()))
        })
    }

    /// The inspections of authorities; a review of the safeguarding board is none.
    fn inspections(&self) -> LazyFrame {
        inspected(&self.ratings).filter(col(FRAMEWORK).neq(lit(Framework::Lscb.code())))
    }

    /// How much of the time from `date` to `until` is covered for monitoring visits.
    fn covered(&self) -> Expr {
        let is = |covered: Covered| coded(covered.code(), Covered::ALL.iter().map(|c| c.code()));
        let monitoring = self.coverage.iter().find(|c| c.kind == VisitKind::Monitoring && !c.only_latest);
        let Some((from, to)) = monitoring.and_then(|c| Some((c.from?, c.to))) else { return is(Covered::None) };
        // Both ends of the time are days of inspections, not of visits.
        let (starts, ends) = (col(DATE).gt_eq(day(from)), col(UNTIL).lt_eq(day(to)));
        let apart = col(UNTIL).lt_eq(day(from)).or(col(DATE).gt_eq(day(to)));
        when(starts.and(ends)).then(is(Covered::All)).when(apart).then(is(Covered::None)).otherwise(is(Covered::Part))
    }

    /// The visits of the bodies that the ratings were narrowed to.
    fn own(&self) -> LazyFrame {
        match self.ratings.authorities() {
            Some(known) => self.visits.clone().join(
                known.select([col(AUTHORITY)]),
                [col(AUTHORITY)],
                [col(AUTHORITY)],
                JoinArgs::new(JoinType::Semi),
            ),
            None => self.visits.clone().filter(any_of::<&str>(AUTHORITY, [])),
        }
    }
}
