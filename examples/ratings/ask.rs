//! From arguments to a query's answer.

use std::str::FromStr;

use clap::ValueEnum;
use rating_history::chrono::NaiveDate;
use rating_history::polars::prelude::*;
use rating_history::trend::{self, Condition, Every, Since};
use rating_history::{AuthorityCode, Error, Grade, Precision, RatingHistory, Ratings, Scale, Theme, dataset, io};

use crate::{Bound, Command, Common, Days};

/// One series or all of them, judged or computed.
#[derive(Clone, Copy, PartialEq)]
pub enum Series {
    All,
    Judged(Theme),
    PracticeProfile,
    ShortInspectionRule,
}

impl FromStr for Series {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_lowercase().replace('-', "_").as_str() {
            "all" => Ok(Series::All),
            "practice_profile" => Ok(Series::PracticeProfile),
            "short_inspection_rule" => Ok(Series::ShortInspectionRule),
            _ => text.parse().map(Series::Judged),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Sort {
    Steps,
    Days,
    Wait,
}

pub fn since(text: &str) -> Result<Since, String> {
    match text {
        "previous" => Ok(Since::PreviousInspection),
        text => crate::common::day(text).map(Since::Date).map_err(|e| format!("{e}, or previous")),
    }
}

fn mistake(what: &'static str, value: impl ToString, expected: &str) -> Error {
    Error::Value { what, value: value.to_string(), expected: expected.to_owned() }
}

/// The data and the narrowing that was asked for.
struct Question<'a> {
    common: &'a Common,
    history: RatingHistory,
    as_of: NaiveDate,
    /// Codes of the authorities asked for; none for all.
    only: Option<Vec<AuthorityCode>>,
}

pub fn answer(command: &Command, common: &Common) -> Result<DataFrame, Error> {
    let history = match &common.data {
        Some(path) => io::read_folder(path)?,
        None => dataset::england()?,
    };
    let as_of = common.as_of.unwrap_or(history.cut_off());
    if as_of > history.cut_off() {
        eprintln!("note: the data ends on {}; nothing later is known", Precision::Day.write(history.cut_off()));
    }
    let only = selected(&history, common)?;
    let frame = Question { common, history, as_of, only }.ask(command)?.collect()?;
    if frame.height() == 0 {
        eprintln!("note: nothing in the data answers this");
    }
    Ok(frame)
}

fn selected(history: &RatingHistory, common: &Common) -> Result<Option<Vec<AuthorityCode>>, Error> {
    let named = common.authority.iter().map(|name| history.find(name)).collect::<Result<Vec<_>, _>>()?;
    let all = if named.is_empty() { history.authorities().iter().collect() } else { named };
    let kept = all.into_iter().filter(|a| common.region.is_empty() || common.region.contains(&a.region));
    let narrowed = !common.authority.is_empty() || !common.region.is_empty();
    Ok(narrowed.then(|| kept.map(|a| a.code.clone()).collect()))
}

impl Question<'_> {
    fn ask(&self, command: &Command) -> Result<LazyFrame, Error> {
        let as_of = self.as_of;
        match command {
            Command::History => stated(trend::judgements(&self.narrowed()?, as_of), None),
            Command::AsOf => {
                let answer = stated(trend::as_of(&self.narrowed()?, as_of), Some("status"))?;
                first(answer, &["authority", "name", "grade", "since", "inspections", "days"])
            }
            Command::Spells => Ok(trend::spells(&self.narrowed()?, as_of)),
            Command::Streaks(bound) => {
                let ratings = self.narrowed()?;
                trend::streaks(&ratings, &condition(bound, ratings.scale()), as_of)
            }
            Command::TimeInGrade => Ok(trend::time_in_grade(&self.narrowed()?, as_of)),
            Command::Transitions => {
                let answer = trend::transitions(&self.narrowed()?, as_of);
                first(answer, &["authority", "name", "from", "to", "on", "days", "steps", "direction"])
            }
            Command::Flows { from, to } => {
                first(trend::flows(&self.narrowed()?, *from, to.unwrap_or(as_of))?, &["from", "to", "count"])
            }
            Command::Distribution { days, by } => {
                let by = by.as_deref();
                let answer = trend::distribution(&self.narrowed()?, &self.days(days)?, by)?;
                let answer = match by {
                    Some(by) => answer.rename([by], ["group"], true),
                    None => answer,
                };
                first(answer, &["date", "grade", "count", "share"])
            }
            Command::Movers { since, sort, direction, top } => {
                let moves = trend::movers(&self.narrowed()?, *since, as_of)?;
                let moves = match direction {
                    Some(direction) => moves.filter(col("direction").eq(lit(direction.code()))),
                    None => moves,
                };
                let declines_first = *direction == Some(trend::Direction::Declined);
                let (column, descending) = match sort {
                    Sort::Steps => ("steps", !declines_first),
                    Sort::Days => ("days", true),
                    Sort::Wait => ("wait", true),
                };
                let order = SortMultipleOptions::default().with_order_descending_multi([descending, false]);
                let sorted = moves.sort([column, "authority"], order.with_nulls_last(true));
                Ok(match top {
                    Some(top) => sorted.limit(*top),
                    None => sorted,
                })
            }
            Command::Peers { group } => {
                let answer = trend::peers(&self.ratings()?, self.one()?.as_str(), as_of)?;
                let answer = match group {
                    Some(group) => answer.filter(col("group").cast(DataType::String).eq(lit(group.code()))),
                    None => answer,
                };
                stated(answer, Some("status"))
            }
            Command::Standing(days) => trend::peer_standing(&self.ratings()?, self.one()?.as_str(), &self.days(days)?),
            Command::Profile => trend::profile(&self.every_theme("profile")?, as_of),
            Command::Concerns => trend::concerns(&self.every_theme("concerns")?, as_of),
            Command::Year { kind, from, to } => {
                let begin = self.history.inspections().iter().map(|i| i.dates.on(self.common.clock)).min();
                let from = from.or(begin).unwrap_or(as_of);
                trend::inspections_in(&self.narrowed()?, &kind.between(from, to.unwrap_or(as_of)))
            }
            Command::Intervals => Ok(trend::inspection_intervals(&self.narrowed()?, as_of)),
            Command::Events { kind } => {
                let answer = trend::around_events(&self.ratings()?, *kind, as_of)?;
                Ok(match &self.only {
                    Some(codes) => answer.filter(is_one_of(codes)),
                    None => answer,
                })
            }
            Command::Validate => self.inventory(),
        }
    }

    /// The ratings asked for, of every authority.
    fn ratings(&self) -> Result<Ratings, Error> {
        let common = self.common;
        let mut ratings = Ratings::from_history(&self.history)?.clock(common.clock);
        if !common.framework.is_empty() {
            ratings = ratings.frameworks(&common.framework);
        }
        if let Some(date) = common.published_by {
            ratings = ratings.published_by(date);
        }
        ratings = match common.theme.as_slice() {
            [] => ratings.themes(&[Theme::Headline]),
            [Series::PracticeProfile] => ratings.practice_profile()?,
            [Series::ShortInspectionRule] => ratings.short_inspection_rule()?,
            series if series.contains(&Series::All) => ratings,
            series => {
                let judged = |s: &Series| match s {
                    Series::Judged(theme) => Ok(*theme),
                    _ => Err(mistake(
                        "--theme",
                        "practice_profile or short_inspection_rule",
                        "a computed series by itself",
                    )),
                };
                ratings.themes(&series.iter().map(judged).collect::<Result<Vec<_>, _>>()?)
            }
        };
        if common.lineage { ratings.lineage() } else { Ok(ratings) }
    }

    fn narrowed(&self) -> Result<Ratings, Error> {
        let ratings = self.ratings()?;
        Ok(match &self.only {
            Some(codes) => ratings.authorities_only(&codes.iter().map(AuthorityCode::as_str).collect::<Vec<_>>()),
            None => ratings,
        })
    }

    fn every_theme(&self, command: &str) -> Result<Ratings, Error> {
        if self.common.theme.iter().any(|s| *s != Series::All) {
            return Err(mistake("--theme", command, "no theme with this command: it looks at all of them"));
        }
        let common = Common { theme: vec![Series::All], ..self.common.clone() };
        Question { common: &common, history: self.history.clone(), as_of: self.as_of, only: self.only.clone() }
            .narrowed()
    }

    fn one(&self) -> Result<&AuthorityCode, Error> {
        match self.only.as_deref() {
            Some([code]) => Ok(code),
            Some([]) => Err(mistake("--authority", "none", "one authority, in the region asked for")),
            None => Err(mistake("--authority", "none", "one authority")),
            Some(several) => Err(mistake("--authority", format!("{} of them", several.len()), "one authority")),
        }
    }

    fn days(&self, days: &Days) -> Result<Vec<NaiveDate>, Error> {
        let last = days.to.unwrap_or(self.as_of);
        match days.from {
            None if days.on.is_empty() => Ok(vec![self.as_of]),
            None => Ok(days.on.clone()),
            Some(first) if first > last => Err(mistake("--from", first, &format!("a day not after {last}"))),
            Some(first) => Ok(days.every.unwrap_or(Every::YEAR).dates(first, last)),
        }
    }

    fn inventory(&self) -> Result<LazyFrame, Error> {
        let history = &self.history;
        let judgements: usize = history.inspections().iter().map(|i| i.judgements.len()).sum();
        let neighbours: usize = history.all_neighbours().map(|(_, n)| n.len()).sum();
        let span = |dates: Option<NaiveDate>| dates.map_or(String::new(), |d| d.to_string());
        let effects = || history.inspections().iter().map(|i| i.dates.effect());
        let rows = [
            ("authorities", history.authorities().len().to_string()),
            ("neighbours", neighbours.to_string()),
            ("inspections", history.inspections().len().to_string()),
            ("judgements", judgements.to_string()),
            ("events", history.events().len().to_string()),
            ("first_inspection", span(effects().min())),
            ("last_inspection", span(effects().max())),
            ("cut_off", history.cut_off().to_string()),
        ];
        let (what, value): (Vec<&str>, Vec<String>) = rows.into_iter().unzip();
        Ok(df!("what" => what, "value" => value)?.lazy())
    }
}

/// A bound in the scale's words; Ofsted's grades in any spelling. An unknown word is left for the query to refuse.
fn condition(bound: &Bound, scale: &Scale) -> Condition {
    let label = |text: &str| match text.parse::<Grade>() {
        Ok(grade) if scale.rank(text).is_none() => grade.into(),
        _ => text.to_owned(),
    };
    match (&bound.at_or_below, &bound.at_or_above) {
        (Some(text), _) => Condition::AtOrBelow(label(text)),
        (None, text) => Condition::AtOrAbove(label(text.as_deref().unwrap_or_default())),
    }
}

fn is_one_of(codes: &[AuthorityCode]) -> Expr {
    codes.iter().map(|c| col("authority").eq(lit(c.as_str()))).fold(lit(false), Expr::or)
}

/// Writes `not_reported` and `not_rated` in the column of grades; the status column goes.
fn stated(answer: LazyFrame, status: Option<&str>) -> Result<LazyFrame, Error> {
    let state = status.map_or(lit("not_reported"), col);
    let answer = answer.with_column(col("grade").cast(DataType::String).fill_null(state));
    Ok(match status {
        Some(status) => answer.drop(by_name([status], true, false)),
        None => answer,
    })
}

/// Puts these columns first.
fn first(mut answer: LazyFrame, columns: &[&str]) -> Result<LazyFrame, Error> {
    let schema = answer.collect_schema()?;
    let others = schema.iter_names().filter(|name| !columns.contains(&name.as_str())).map(|name| col(name.clone()));
    let order: Vec<Expr> = columns.iter().map(|c| col(*c)).chain(others).collect();
    Ok(answer.select(order))
}
