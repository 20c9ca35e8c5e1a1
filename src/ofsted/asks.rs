//! What inspections asked for: the list, and the shares of inspections that asked for each topic.

use chrono::NaiveDate;
use polars::prelude::*;

use super::caveat::Caveat;
use super::inspected::{inspected, share, vocabulary, wilson};
use super::words::check;
use super::{Area, Framework, RatingHistory, SelfAssessmentView, Theme, Urgency};
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{day, in_left_order, rank};
use crate::frame::query::{codes, row};
use crate::trend::{fields, named_by};
use crate::{Error, Precision, Ratings};

codes!(Framework);
codes!(Theme);
codes!(Area);
codes!(Urgency);
codes!(SelfAssessmentView);

pub(super) const TOPIC: &str = "topic";
const SECOND_TOPIC: &str = "second_topic";
const NUMBER: &str = "number";
const URGENCY: &str = "urgency";
pub(super) const READ: &str = "read";
pub(super) const VIEW: &str = "view";
const GROUP: &str = "group";
const GROUP_ORDER: &str = "group_order";
pub(super) const ASKED: &str = "asked";
const READ_INSPECTIONS: &str = "inspections";
pub(super) const TOPIC_THEME: &str = "theme";
/// How many things were asked for, the safeguarding board's left out.
pub(super) const ASKS: &str = "asks";

row! {
    /// A thing that an inspection asked for: a row of [`Asks::list`].
    #[derive(Eq)]
    struct Ask {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Its region.
        region: Option<String>,
        /// The inspection.
        inspection: String,
        /// Its day.
        date: NaiveDate,
        /// Its framework.
        framework: Framework,
        /// Place in the report's list, from 1.
        number: u32,
        /// The judgement under which the report lists it; null in one undivided list; `lscb` is the safeguarding board's.
        area: Option<Area>,
        /// The heading in SIF reports up to March 2015.
        urgency: Option<Urgency>,
        /// Code of the topic.
        topic: String,
        /// Its name.
        label: String,
        /// Where the topic mostly belongs.
        theme: Theme,
        /// Code of a second topic.
        second_topic: Option<String>,
        /// How exactly `date` is known.
        date_precision: Option<Precision>,
    }
}

row! {
    /// How much an inspection asked for: a row of [`Asks::inspections`].
    #[derive(Eq)]
    struct InspectionAsks {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Day of the inspection.
        date: NaiveDate,
        /// The inspection.
        inspection: String,
        /// Its framework.
        framework: Framework,
        /// Things that it asked for, the safeguarding board's list left out; null where its report was not read.
        asks: Option<u32>,
        /// What its report says of the authority's assessment of itself; null where it does not mention it or was not read.
        view: Option<SelfAssessmentView>,
        /// How exactly `date` is known.
        date_precision: Option<Precision>,
    }
}

row! {
    /// How many inspections asked for a topic: a row of [`Asks::topics`].
    struct TopicShare {
        /// The group, in words; null where there is one group.
        group: Option<String>,
        /// Code of the topic.
        topic: String,
        /// Its name.
        label: String,
        /// Where it mostly belongs.
        theme: Theme,
        /// Inspections that were read: of how many.
        inspections: u32,
        /// Those of them that asked for it, as first or second topic.
        asked: u32,
        /// Their share.
        share: f64,
        /// Lower limit of the share (Wilson, 95%).
        share_lower: f64,
        /// Upper limit.
        share_upper: f64,
    }
}

impl Ask {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = &[Caveat::CodedHere, Caveat::SharedBoards, Caveat::NotAsked];
}

impl TopicShare {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = &[Caveat::CodedHere, Caveat::ShorterLists, Caveat::NotAsked, Caveat::BoardsLeftOut];
}

/// By what [`Asks::topics`] sets inspections apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskGroup {
    /// Their framework.
    Framework,
    /// Their grade in a theme; inspections without one are left out.
    Grade(Theme),
    /// The authority's region.
    Region,
    /// The calendar year of their day.
    Year,
}

/// What inspections asked for, of the inspections that some ratings count. Made by [`RatingHistory::asks`].
#[derive(Clone)]
pub struct Asks {
    pub(super) ratings: Ratings,
    /// `inspection`, `read`.
    read: LazyFrame,
    /// A row a thing asked for.
    asked: LazyFrame,
    /// `topic`, `label`, `theme`, in the order of the coding.
    pub(super) topics: LazyFrame,
    /// `inspection`, `view`.
    pub(super) views: LazyFrame,
    between: (Option<NaiveDate>, Option<NaiveDate>),
}

impl RatingHistory {
    /// What inspections asked for, of the inspections that these ratings count: by their clock and as-of day, under their
    /// filters, of the bodies that they were narrowed to. The ratings must be of this history and hold every series.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let slough = england.ratings()?.bodies_only(["E06000039"])?;
    /// let asks = england.asks(&slough)?.list().rows()?;
    /// assert_eq!(asks.iter().filter(|a| a.inspection == "slough-2019-02-01-ilacs").count(), 7);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when the history does not know what any inspection asked for, or the ratings hold only some series.
    pub fn asks(&self, ratings: &Ratings) -> Result<Asks, Error> {
        check("asks", ratings)?;
        let facts = self.report_facts();
        if facts.read.is_empty() {
            let told = "these data do not tell what inspections asked for; expected coded_inspections.csv and improvements.csv";
            return Err(Error::Frame(told.to_owned()));
        }
        let read = df!(INSPECTION => facts.read.as_slice(), READ => vec![true; facts.read.len()])?;
        let list = &facts.improvements;
        let asked = DataFrame::new_infer_height(vec![
            Column::new(INSPECTION.into(), list.iter().map(|i| i.inspection.as_str()).collect::<Vec<_>>()),
            Column::new(NUMBER.into(), list.iter().map(|i| i.number).collect::<Vec<_>>()),
            vocabulary(AREA, list.iter().map(|i| i.area.map(Area::code)), Area::ALL.iter().map(|a| a.code()))?,
            vocabulary(
                URGENCY,
                list.iter().map(|i| i.urgency.map(Urgency::code)),
                Urgency::ALL.iter().map(|u| u.code()),
            )?,
            Column::new(TOPIC.into(), list.iter().map(|i| i.topic.as_str()).collect::<Vec<_>>()),
            Column::new(SECOND_TOPIC.into(), list.iter().map(|i| i.second_topic.as_deref()).collect::<Vec<_>>()),
        ])?;
        let list = &facts.topics;
        let topics = DataFrame::new_infer_height(vec![
            Column::new(TOPIC.into(), list.iter().map(|t| t.code.as_str()).collect::<Vec<_>>()),
            Column::new(LABEL.into(), list.iter().map(|t| t.label.as_str()).collect::<Vec<_>>()),
            vocabulary(TOPIC_THEME, list.iter().map(|t| Some(t.theme.code())), Theme::ALL.iter().map(|t| t.code()))?,
        ])?;
        let list = &facts.self_assessments;
        let all = SelfAssessmentView::ALL.iter().map(|v| v.code());
        let views = DataFrame::new_infer_height(vec![
            Column::new(INSPECTION.into(), list.iter().map(|s| s.inspection.as_str()).collect::<Vec<_>>()),
            vocabulary(VIEW, list.iter().map(|s| Some(s.view.code())), all)?,
        ])?;
        let [read, asked, topics, views] = [read, asked, topics, views].map(DataFrame::lazy);
        Ok(Asks { ratings: ratings.clone(), read, asked, topics, views, between: (None, None) })
    }
}

impl Asks {
    /// Only inspections from one day to another, both included, by the clock of the ratings; `None` for no bound.
    #[must_use]
    pub fn between(mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        self.between = (from, to);
        self
    }

    /// What each inspection asked for, the safeguarding boards' lists too. Ordered by authority, date and number. An
    /// inspection without a row asked for nothing or was not read: [`inspections`](Asks::inspections) tells which.
    pub fn list(&self) -> Query<Ask> {
        Query::planned(&self.ratings, || {
            let inner = JoinArgs { maintain_order: MaintainOrderJoin::LeftRight, ..JoinArgs::new(JoinType::Inner) };
            let rows = self.dated().join(self.asked.clone(), [col(INSPECTION)], [col(INSPECTION)], inner).join(
                self.topics.clone(),
                [col(TOPIC)],
                [col(TOPIC)],
                in_left_order(),
            );
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME, REGION]).select(fields::<Ask>()))
        })
    }

    /// How much each inspection asked for, read or not, reviews of safeguarding boards left out. Ordered by authority and
    /// date.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let asks = england.asks(&england.ratings()?)?.inspections().rows()?;
    /// let none: Vec<&str> = asks.iter().filter(|a| a.asks == Some(0)).map(|a| a.inspection.as_str()).collect();
    /// assert_eq!(none, ["north-lincolnshire-2022-10-14-ilacs", "thurrock-2024-09-20-ilacs"]);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn inspections(&self) -> Query<InspectionAsks> {
        Query::planned(&self.ratings, || {
            let asks = when(col(READ)).then(col(ASKS).fill_null(lit(0u32))).otherwise(lit(NULL));
            let rows = self
                .sequence()
                .join(self.numbers(), [col(INSPECTION)], [col(INSPECTION)], in_left_order())
                .join(self.views.clone(), [col(INSPECTION)], [col(INSPECTION)], in_left_order())
                .with_column(asks.alias(ASKS));
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME]).select(fields::<InspectionAsks>()))
        })
    }

    /// How many inspections asked for each topic, of those that were read, with the safeguarding boards' lists left out.
    /// Ordered by group (frameworks by their age, grades from the worst, years), then the number that asked, then topic.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{AskGroup, Theme};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let ilacs = england.ratings()?.only("framework", ["ILACS"])?;
    /// let shares = england.asks(&ilacs)?.topics(Some(AskGroup::Grade(Theme::Headline))).rows()?;
    /// let first = &shares[0]; // every one of 34 inadequate reports asked for oversight
    /// assert_eq!((first.topic.as_str(), first.asked, first.inspections), ("management_oversight_supervision", 34, 34));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn topics(&self, by: Option<AskGroup>) -> Query<TopicShare> {
        Query::planned(&self.ratings, || {
            let (rows, group, order) = match by {
                None => (self.read_only(), lit(NULL).cast(DataType::String), lit(0i32)),
                Some(AskGroup::Framework) => {
                    (self.read_only(), col(FRAMEWORK).cast(DataType::String), col(FRAMEWORK).to_physical())
                }
                Some(AskGroup::Grade(theme)) => {
                    let graded = self.read_only().filter(col(theme.code()).is_not_null());
                    (graded, col(theme.code()).cast(DataType::String), rank(col(theme.code())))
                }
                Some(AskGroup::Region) => {
                    (named_by(&self.ratings, self.read_only(), AUTHORITY, &[REGION]), col(REGION), lit(0i32))
                }
                Some(AskGroup::Year) => {
                    (self.read_only(), col(DATE).dt().year().cast(DataType::String), col(DATE).dt().year())
                }
            };
            let (count, asked) = (col(READ_INSPECTIONS), col(ASKED));
            let (lower, upper) = wilson(asked.clone(), count.clone());
            let shares = [share(asked, count).alias(SHARE), lower.alias("share_lower"), upper.alias("share_upper")];
            let rows =
                rows.select([col(INSPECTION), group.alias(GROUP), order.cast(DataType::Int32).alias(GROUP_ORDER)]);
            let by_topic = SortMultipleOptions::default().with_order_descending_multi([false, false, true, false]);
            Ok(self
                .with_flag(rows.cross_join(self.topics.clone(), None), INSPECTION, ASKED)
                .group_by([GROUP, GROUP_ORDER, TOPIC, LABEL, TOPIC_THEME].map(col))
                .agg([len().cast(DataType::UInt32).alias(READ_INSPECTIONS), col(ASKED).sum().cast(DataType::UInt32)])
                .with_columns(shares)
                .sort_by_exprs([GROUP_ORDER, GROUP, ASKED, TOPIC].map(col), by_topic)
                .select(fields::<TopicShare>()))
        })
    }

    /// The days asked for.
    #[cfg(feature = "chart")]
    pub(super) fn bounds(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        self.between
    }

    /// The inspections in question, with the safeguarding boards' reviews.
    fn dated(&self) -> LazyFrame {
        let (from, to) = self.between;
        let rows = inspected(&self.ratings);
        let rows = from.map_or(rows.clone(), |from| rows.filter(col(DATE).gt_eq(day(from))));
        to.map_or(rows.clone(), |to| rows.filter(col(DATE).lt_eq(day(to))))
    }

    /// The inspections of authorities in question, in order, and whether each was read.
    pub(super) fn sequence(&self) -> LazyFrame {
        self.dated()
            .filter(col(FRAMEWORK).neq(lit(Framework::Lscb.code())))
            .join(self.read.clone(), [col(INSPECTION)], [col(INSPECTION)], in_left_order())
            .with_column(col(READ).fill_null(lit(false)))
    }

    /// Those that were read.
    pub(super) fn read_only(&self) -> LazyFrame {
        self.sequence().filter(col(READ))
    }

    /// Whether the inspection in a column asked for the row's topic, the safeguarding board's list left out.
    pub(super) fn with_flag(&self, rows: LazyFrame, inspection: &str, name: &str) -> LazyFrame {
        let of = |topic: &str| self.own().select([col(INSPECTION).alias(inspection), col(topic).alias(TOPIC)]);
        let both = concat([of(TOPIC), of(SECOND_TOPIC)], UnionArgs::default());
        let flags = both
            .unwrap_or_else(|_| of(TOPIC))
            .filter(col(TOPIC).is_not_null())
            .unique(None, UniqueKeepStrategy::Any)
            .with_column(lit(true).alias(name));
        rows.join(flags, [inspection, TOPIC].map(col), [inspection, TOPIC].map(col), in_left_order())
            .with_column(col(name).fill_null(lit(false)))
    }

    /// How many things each inspection asked for: `inspection`, `asks`; those that asked for nothing have no row.
    pub(super) fn numbers(&self) -> LazyFrame {
        self.own().group_by([col(INSPECTION)]).agg([len().cast(DataType::UInt32).alias(ASKS)])
    }

    /// What was asked of authorities themselves.
    fn own(&self) -> LazyFrame {
        let is_for_board = col(AREA).eq(lit(Area::Lscb.code())).fill_null(lit(false));
        self.asked.clone().filter(is_for_board.not())
    }
}

const SHARE: &str = "share";
