//! Which authorities are a cause for concern on a day, and since when.

use chrono::NaiveDate;
use polars::prelude::*;

use super::words::check;
use super::{PARTS, Theme};
use crate::code::coded_enum;
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{day, left, next, previous, rank};
use crate::frame::query::{codes, row};
use crate::trend::columns::*;
use crate::trend::run::{KEY, runs};
use crate::trend::{EndedBy, coded, counted, days, fields, named_by};
use crate::{Precision, Ratings};

coded_enum! {
    /// A reason to worry about an authority. "Inadequate" is the worst grade of the scale.
    enum Concern: "concern" {
        /// The headline is inadequate.
        InadequateOverall = "inadequate_overall" / "inadequate overall",
        /// The headline or any of the [`PARTS`] is inadequate: the successor of the first, as there is no headline
        /// from April 2026.
        InadequateAny = "inadequate_any" / "inadequate in any area",
        /// Help and protection, children in care and leadership are all inadequate: the Department for Education's
        /// "systemic failure", every key judgement inadequate ("Putting children first", 2016).
        SystemicFailure = "systemic_failure" / "systemic failure",
        /// The headline is inadequate and has been judged so twice within five years: the Department for Education's
        /// "persistent failure" (2016).
        PersistentFailure = "persistent_failure" / "persistent failure",
    }
}

codes!(Concern);

const CHANGE: &str = "change";
const STEP_DAY: &str = "step_day";
const BEGINS: &str = "begins";
const ENDS: &str = "ends";

row! {
    /// A concern about an authority: a row of [`concerns`].
    #[derive(Eq)]
    struct ConcernStanding {
        /// Code of the authority.
        authority: String,
        /// Its name.
        name: Option<String>,
        /// Its region.
        region: Option<String>,
        /// The concern.
        concern: Concern,
        /// From this day on it has stood without a break.
        since: NaiveDate,
        /// Days since then.
        days: i64,
        /// Codes of the headline and the [`PARTS`] now inadequate, joined by `;`.
        themes: Option<String>,
        /// How exactly `since` is known.
        since_precision: Option<Precision>,
    }
}

/// Which authorities are a cause for concern on a day, and since when.
///
/// Ordered by concern, since, authority. An authority has a row for each concern that applies. Persistent failure stands from the second inadequate judgement, the earlier one not more than five years
/// before it, for as long as the headline stays inadequate.
///
/// The [`Ratings`] must not be narrowed to some themes.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let ratings = england.ratings()?;
/// let concerns = ofsted::concerns(&ratings.clone().as_of("2016-06-30".parse().unwrap())).collect()?;
/// let names: Vec<_> = concerns.column("name")?.str()?.no_null_iter().collect();
/// assert!(names.contains(&"Slough"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Polars`](crate::Error::Polars) when the query cannot be planned.
pub fn concerns(ratings: &Ratings) -> Query<ConcernStanding> {
    Query::planned(ratings, || {
        let date = ratings.day();
        check("concerns", ratings)?;
        let worst = rank(col(KEY)).eq(lit(0u32));
        let inadequate = runs(ratings, col(GRADE), worst, date);
        let in_themes = |themes: &[Theme]| {
            let any = themes.iter().map(|t| col(THEME).eq(lit(t.code()))).reduce(Expr::or);
            inadequate.clone().filter(any.unwrap_or_else(|| lit(false)))
        };
        let with_headline = [&[Theme::Headline], &PARTS[..]].concat();
        let key_judgements = [Theme::HelpAndProtection, Theme::Care, Theme::Leadership];
        let mut codes: Vec<&str> = Concern::ALL.iter().map(|c| c.code()).collect();
        codes.sort_unstable();
        let all = [
            (Concern::InadequateOverall, together(in_themes(&[Theme::Headline]), 1, date)?),
            (Concern::InadequateAny, together(in_themes(&with_headline), 1, date)?),
            (Concern::SystemicFailure, together(in_themes(&key_judgements), key_judgements.len(), date)?),
            (Concern::PersistentFailure, persistent(ratings, in_themes(&[Theme::Headline]), date)),
        ]
        .map(|(concern, standing)| standing.with_column(coded(concern.code(), codes.iter().copied()).alias(CONCERN)));
        let of_theme = |t: &Theme| col(THEME).eq(lit(t.code())).any(true).alias(t.code());
        let themes = with_headline.iter().map(|t| when(col(t.code())).then(lit(t.code())).otherwise(lit(NULL)));
        let now = inadequate
            .clone()
            .filter(col(ENDED_BY).eq(lit(EndedBy::AsOf.code())))
            .group_by([col(AUTHORITY)])
            .agg(with_headline.iter().map(of_theme).collect::<Vec<_>>())
            .select([col(AUTHORITY), concat_str(themes.collect::<Vec<_>>(), ";", true).alias(THEMES)]);
        let precision = counted(ratings, date)
            .select([col(AUTHORITY), col(DATE).alias(SINCE), col(PRECISION).alias(SINCE_PRECISION)])
            .unique(Some(by_name([AUTHORITY, SINCE], true, false)), UniqueKeepStrategy::Any);
        let standing = concat(all, UnionArgs::default())?
            .join(now, [col(AUTHORITY)], [col(AUTHORITY)], left())
            .join(precision, [AUTHORITY, SINCE].map(col), [AUTHORITY, SINCE].map(col), left())
            .with_column(days(col(SINCE), day(date)))
            .sort_by_exprs([col(CONCERN), col(SINCE), col(AUTHORITY)], SortMultipleOptions::default());
        Ok(named_by(ratings, standing, AUTHORITY, &[NAME, REGION]).select(fields::<ConcernStanding>()))
    })
}

/// The authorities with at least `least` of these spells running on `date`, and since when that has been so: spells
/// open and close as steps of a running count, which is 0 again at the end of each authority.
fn together(spells: LazyFrame, least: usize, date: NaiveDate) -> PolarsResult<LazyFrame> {
    let running = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
    let end = when(running).then(lit(date.to_epoch_days() + 1)).otherwise(col(SPELL_END).cast(DataType::Int32));
    let step = |at: Expr, change: i32| {
        spells.clone().select([col(AUTHORITY), at.cast(DataType::Int32).alias(STEP_DAY), lit(change).alias(CHANGE)])
    };
    let new_body = || col(AUTHORITY).neq_missing(previous(AUTHORITY));
    Ok(concat([step(col(SPELL_START), 1), step(end, -1)], UnionArgs::default())?
        .group_by([col(AUTHORITY), col(STEP_DAY)])
        .agg([col(CHANGE).sum()])
        .sort_by_exprs([col(AUTHORITY), col(STEP_DAY)], SortMultipleOptions::default())
        .with_column(col(CHANGE).cum_sum(false).gt_eq(lit(least as i32)).alias(KEY))
        .filter(col(STEP_DAY).lt_eq(lit(date.to_epoch_days())))
        .with_columns([
            col(KEY).and(new_body().or(previous(KEY).not())).alias(BEGINS),
            col(AUTHORITY).neq_missing(next(AUTHORITY)).alias(ENDS),
        ])
        .filter(col(BEGINS).or(col(ENDS)))
        .with_column(when(col(BEGINS)).then(col(STEP_DAY)).otherwise(previous(STEP_DAY)).alias(SINCE))
        .filter(col(ENDS).and(col(KEY)))
        .select([col(AUTHORITY), col(SINCE).cast(DataType::Date)]))
}

/// The authorities of these running headline spells that were judged worst twice within five years, and since when.
fn persistent(ratings: &Ratings, spells: LazyFrame, date: NaiveDate) -> LazyFrame {
    let again = previous(DATE).lt(col(DATE)).and(previous(DATE).gt_eq(col(DATE).dt().offset_by(lit("-5y"))));
    let of_headline = col(THEME).eq(lit(Theme::Headline.code()));
    counted(ratings, date)
        .filter(of_headline.and(rank(col(GRADE)).eq(lit(0u32))))
        .filter(col(AUTHORITY).eq(previous(AUTHORITY)).and(again))
        .select([col(AUTHORITY), col(DATE)])
        .join(
            spells.filter(col(ENDED_BY).eq(lit(EndedBy::AsOf.code()))).select([col(AUTHORITY), col(SPELL_START)]),
            [col(AUTHORITY)],
            [col(AUTHORITY)],
            JoinArgs::new(JoinType::Inner),
        )
        .filter(col(DATE).gt_eq(col(SPELL_START)))
        .group_by([col(AUTHORITY)])
        .agg([col(DATE).min().alias(SINCE)])
}
