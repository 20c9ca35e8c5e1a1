//! What inspections asked for again, dropped and newly asked for, from one to the next.

use chrono::NaiveDate;
use polars::prelude::*;

use super::asks::{ASKED, Asks, READ, TOPIC, TOPIC_THEME};
use super::caveat::Caveat;
use super::inspected::{share, wilson};
use super::{Framework, ReportFacts, SelfAssessmentView, Theme};
use crate::code::coded_enum;
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{any_of, in_left_order, previous};
use crate::frame::query::{codes, row};
use crate::trend::columns::DATE_PRECISION;
use crate::trend::{coded, fields, named_by};
use crate::{Error, Precision};

coded_enum! {
    /// What became of a topic from one inspection to the next.
    enum AskStatus: "status" {
        /// Asked for, and there is no inspection before that was read.
        Asked = "asked" / "asked",
        /// Asked for again.
        Again = "again" / "asked again",
        /// Asked for, and not at the inspection before.
        New = "new" / "newly asked",
        /// Not asked for any more.
        Dropped = "dropped" / "not asked any more",
    }
}

codes!(AskStatus);

row! {
    /// How often a topic was asked for again: a row of [`Asks::again`].
    struct AskedAgain {
        /// Code of the topic.
        topic: String,
        /// Its name.
        label: String,
        /// Where it mostly belongs.
        theme: Theme,
        /// Runs of consecutive inspections that were read: pairs, if a run is of two.
        runs: u32,
        /// Runs in which all but the last inspection asked for it.
        asked: u32,
        /// Those of them in which the last one asked for it too.
        again: u32,
        /// Those in which the last one did not.
        dropped: u32,
        /// Share of `again` in `asked`; null of none.
        share_again: Option<f64>,
        /// Lower limit (Wilson, 95%).
        share_again_lower: Option<f64>,
        /// Upper limit.
        share_again_upper: Option<f64>,
        /// The other runs.
        not_asked: u32,
        /// Those of them in which the last one asked for it.
        newly: u32,
        /// Share of `newly` in `not_asked`, the base rate; null of none.
        share_new: Option<f64>,
        /// Lower limit (Wilson, 95%).
        share_new_lower: Option<f64>,
        /// Upper limit.
        share_new_upper: Option<f64>,
    }
}

row! {
    /// Two consecutive inspections and what they have in common: a row of [`Asks::pairs`].
    #[derive(Eq)]
    struct AskPair {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Day of the earlier inspection.
        previous_date: NaiveDate,
        /// Day of the later one.
        date: NaiveDate,
        /// Topics that both asked for.
        again: u32,
        /// Topics that only the earlier one asked for.
        dropped: u32,
        /// Topics that only the later one asked for.
        newly: u32,
        /// What the later report says of the authority's assessment of itself; null where it does not mention it.
        view: Option<SelfAssessmentView>,
        /// Codes of the topics that both asked for, joined by `;`; null of none.
        topics_again: Option<String>,
        /// The earlier inspection.
        previous_inspection: String,
        /// The later inspection.
        inspection: String,
        /// The framework of the earlier one.
        previous_framework: Framework,
        /// The framework of the later one.
        framework: Framework,
        /// How exactly `previous_date` is known.
        previous_date_precision: Option<Precision>,
        /// How exactly `date` is known.
        date_precision: Option<Precision>,
    }
}

row! {
    /// What became of a topic at an inspection: a row of [`Asks::course`].
    #[derive(Eq)]
    struct AskCourse {
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
        /// Code of the topic.
        topic: String,
        /// Its name.
        label: String,
        /// Where it mostly belongs.
        theme: Theme,
        /// What became of it.
        status: AskStatus,
        /// How exactly `date` is known.
        date_precision: Option<Precision>,
    }
}

const CAVEATS: &[Caveat] =
    &[Caveat::CodedHere, Caveat::ShorterLists, Caveat::NotAsked, Caveat::BoardsLeftOut, Caveat::Unread];

impl AskedAgain {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = CAVEATS;
}

impl AskPair {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = CAVEATS;
}

impl AskCourse {
    /// What has to be said beside these rows.
    pub const CAVEATS: &[Caveat] = CAVEATS;
}

impl AskPair {
    /// In a sentence: how many topics came back, which, what was new and gone, and what the later report says of the
    /// self-assessment. `facts` have the names of the topics.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let slough = england.ratings()?.bodies_only(["E06000039"])?;
    /// let pairs = england.asks(&slough)?.pairs(false).rows()?;
    /// let said = pairs[2].sentence(england.report_facts());
    /// assert!(said.starts_with("Slough, 1 February 2019 and 3 February 2023: both asked for 2 topics ("), "{said}");
    /// assert!(said.ends_with("The later report calls the self-assessment partly accurate."), "{said}");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn sentence(&self, facts: &ReportFacts) -> String {
        let day = |date: NaiveDate, precision: Option<Precision>| precision.unwrap_or(Precision::Day).write(date);
        let (before, now) =
            (day(self.previous_date, self.previous_date_precision), day(self.date, self.date_precision));
        let name = self.name.as_deref().unwrap_or(&self.authority);
        let label = |code: &str| facts.topic(code).map_or_else(|| code.to_owned(), |topic| topic.label.clone());
        let topics: Vec<String> = self.topics_again.iter().flat_map(|codes| codes.split(';')).map(label).collect();
        let named = if topics.is_empty() { String::new() } else { format!(" ({})", topics.join("; ")) };
        let many = |n: u32| if n == 1 { "1 topic".to_owned() } else { format!("{n} topics") };
        let again = match self.again {
            0 => "no topic was asked for by both".to_owned(),
            n => format!("both asked for {}{named}", many(n)),
        };
        let view = match self.view {
            Some(SelfAssessmentView::Neutral) => "mentions the self-assessment and does not judge it".to_owned(),
            Some(view) => format!("calls the self-assessment {}", view.label()),
            None => "does not mention the self-assessment".to_owned(),
        };
        format!(
            "{name}, {before} and {now}: {again}; {} of the earlier inspection {} not asked for again, {} of \
             the later one {} new. The later report {view}.",
            many(self.dropped),
            if self.dropped == 1 { "was" } else { "were" },
            many(self.newly),
            if self.newly == 1 { "was" } else { "were" },
        )
    }
}

/// The frameworks whose lists are alike.
const RULES: &str = "rules";

impl Asks {
    /// How often each topic was asked for again in runs of `length` consecutive inspections of one authority, against how
    /// often it was asked for where it had not been. Ordered by the number asked again, then topic.
    ///
    /// Every inspection of a run must have been read; a read one without points asks for nothing. Boards' reviews and lists
    /// are left out; first and second topics count alike. `within` keeps to runs under one framework (the two ILACS are one).
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let again = england.asks(&england.ratings()?)?.again(2, false).rows()?;
    /// let first = &again[0];
    /// assert_eq!(first.topic, "management_oversight_supervision");
    /// assert_eq!((first.runs, first.again, first.asked), (335, 126, 218)); // 58%, against 38% newly asked
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a length other than 2 to 9.
    pub fn again(&self, length: usize, within: bool) -> Query<AskedAgain> {
        Query::planned(&self.ratings, || {
            if !(2..=9).contains(&length) {
                return Err(Error::value("length of runs", length, "2 to 9"));
            }
            let mut rows = self.runs(length, within).cross_join(self.topics.clone(), None);
            for n in 1..=length {
                rows = self.with_flag(rows, &nth(INSPECTION, n), &nth(ASKED, n));
            }
            let before = (1..length).map(|n| col(nth(ASKED, n))).reduce(Expr::and).unwrap_or_else(|| lit(true));
            let last = || col(nth(ASKED, length));
            let count = |is: Expr, name: &str| is.sum().cast(DataType::UInt32).alias(name);
            let (again, newly) = (wilson(col("again"), col(ASKED)), wilson(col("newly"), col("not_asked")));
            let order = SortMultipleOptions::default().with_order_descending_multi([true, false]);
            Ok(rows
                .group_by([TOPIC, LABEL, TOPIC_THEME].map(col))
                .agg([
                    len().cast(DataType::UInt32).alias("runs"),
                    count(before.clone(), ASKED),
                    count(before.clone().and(last()), "again"),
                    count(before.clone().and(last().not()), "dropped"),
                    count(before.clone().not(), "not_asked"),
                    count(before.not().and(last()), "newly"),
                ])
                .with_columns([
                    share(col("again"), col(ASKED)).alias("share_again"),
                    again.0.alias("share_again_lower"),
                    again.1.alias("share_again_upper"),
                    share(col("newly"), col("not_asked")).alias("share_new"),
                    newly.0.alias("share_new_lower"),
                    newly.1.alias("share_new_upper"),
                ])
                .sort_by_exprs([col("again"), col(TOPIC)], order)
                .select(fields::<AskedAgain>()))
        })
    }

    /// The pairs of consecutive inspections that were read, and what each has in common. Ordered by authority and date.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let slough = england.ratings()?.bodies_only(["E06000039"])?;
    /// let pairs = england.asks(&slough)?.pairs(false).rows()?;
    /// assert_eq!(pairs.iter().map(|p| p.again).collect::<Vec<_>>(), [12, 5, 2]);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn pairs(&self, within: bool) -> Query<AskPair> {
        Query::planned(&self.ratings, || {
            let rows = self.runs(2, within).cross_join(self.topics.clone(), None);
            let rows = self.with_flag(rows, &nth(INSPECTION, 1), &nth(ASKED, 1));
            let rows = self.with_flag(rows, &nth(INSPECTION, 2), &nth(ASKED, 2));
            let (before, now) = (col(nth(ASKED, 1)), col(nth(ASKED, 2)));
            let count = |is: Expr, name: &str| is.sum().cast(DataType::UInt32).alias(name);
            let both = before.clone().and(now.clone());
            let kept = [DATE, DATE_PRECISION, FRAMEWORK];
            let earlier = kept.map(|c| col(nth(c, 1)).first().alias(format!("previous_{c}")));
            let later = kept.map(|c| col(nth(c, 2)).first().alias(c));
            let counts = [
                count(both.clone(), "again"),
                count(before.clone().and(now.clone().not()), "dropped"),
                count(before.not().and(now), "newly"),
                col(TOPIC).filter(both).sort(SortOptions::default()).implode(false).alias("topics_again"),
            ];
            let codes = col("topics_again").list().join(lit(";"), true);
            let rows = rows
                .group_by([col(AUTHORITY), col(nth(INSPECTION, 1)), col(nth(INSPECTION, 2))])
                .agg([earlier.to_vec(), later.to_vec(), counts.to_vec()].concat())
                .rename([nth(INSPECTION, 1), nth(INSPECTION, 2)], ["previous_inspection", INSPECTION], true)
                .with_column(when(col("again").gt(lit(0u32))).then(codes).otherwise(lit(NULL)).alias("topics_again"))
                .sort_by_exprs([AUTHORITY, DATE, INSPECTION].map(col), SortMultipleOptions::default())
                .join(self.views.clone(), [col(INSPECTION)], [col(INSPECTION)], in_left_order());
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME]).select(fields::<AskPair>()))
        })
    }

    /// What became of each topic at each inspection that was read: asked for again, newly, or not any more. Ordered by
    /// authority, date, then the order of the coding. A topic that neither an inspection nor the one before asked for has no
    /// row.
    pub fn course(&self) -> Query<AskCourse> {
        Query::planned(&self.ratings, || {
            let same = col(AUTHORITY).eq(previous(AUTHORITY)).and(previous(READ)).fill_null(lit(false));
            let rows = self
                .sequence()
                .with_columns([same.alias("has_before"), previous(INSPECTION).alias("previous_inspection")])
                .filter(col(READ))
                .cross_join(self.topics.clone().with_row_index("topic_order", None), None);
            let rows = self.with_flag(rows, "previous_inspection", "before");
            let rows = self.with_flag(rows, INSPECTION, ASKED);
            let before = || col("before").and(col("has_before"));
            let codes = || AskStatus::ALL.iter().map(|s| s.code());
            let is = |status: AskStatus| coded(status.code(), codes());
            let status = when(col(ASKED).and(before()))
                .then(is(AskStatus::Again))
                .when(before())
                .then(is(AskStatus::Dropped))
                .when(col("has_before"))
                .then(is(AskStatus::New))
                .otherwise(is(AskStatus::Asked));
            let rows = rows
                .filter(col(ASKED).or(before()))
                .with_column(status.alias("status"))
                .sort_by_exprs([AUTHORITY, DATE, INSPECTION, "topic_order"].map(col), SortMultipleOptions::default());
            Ok(named_by(&self.ratings, rows, AUTHORITY, &[NAME]).select(fields::<AskCourse>()))
        })
    }

    /// Runs of consecutive inspections of one authority that were all read: `inspection_1`, `date_1`, ... to `length`.
    pub(super) fn runs(&self, length: usize, within: bool) -> LazyFrame {
        let alike = any_of(FRAMEWORK, [Framework::Ilacs, Framework::Ilacs2026].map(Framework::code));
        let rules = when(alike).then(lit(Framework::Ilacs.code())).otherwise(col(FRAMEWORK).cast(DataType::String));
        let rows = self.sequence().with_column(rules.alias(RULES));
        let mut columns = Vec::new();
        let mut keep = Vec::new();
        for n in 1..=length {
            let at = |name: &str| col(name).shift(lit(1 - n as i64));
            let kept =
                [INSPECTION, DATE, DATE_PRECISION, FRAMEWORK].into_iter().chain(Theme::ALL.iter().map(|t| t.code()));
            columns.extend(kept.map(|name| at(name).alias(nth(name, n))));
            keep.push(at(READ).and(at(AUTHORITY).eq(col(AUTHORITY))));
            if within {
                keep.push(at(RULES).eq(col(RULES)));
            }
        }
        let keep = keep.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true)).fill_null(lit(false));
        let names: Vec<Expr> = std::iter::once(col(AUTHORITY)).chain(columns).chain([keep.alias("keep")]).collect();
        rows.select(names).filter(col("keep")).drop(by_name(["keep"], true, false))
    }
}

/// The name of a column of the inspection with this place in a run.
pub(super) fn nth(name: &str, n: usize) -> String {
    format!("{name}_{n}")
}
