//! From arguments to a query's answer.

use std::collections::HashSet;

use clap::ValueEnum;
use rating_history::chrono::NaiveDate;
use rating_history::frame::PeerGroups;
use rating_history::ofsted::{self, Grade, RatingHistory};
use rating_history::polars::prelude::*;
use rating_history::trend::{self, Condition, Every, Since, Status};
use rating_history::{Error, Ratings, Scale};

use crate::asks::Answer;
use crate::data::{Asked, Question, about, chosen, contents, mistake, only_for_ofsted, refusal};
use crate::files::Contents;
use crate::output::{self, Format};
use crate::{Bound, Command, Common, Days};

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

pub fn answer(command: &Command, common: Common) -> Result<(), Error> {
    if let (Some(name), Some(_)) = (command.of_ofsted(), &common.set) {
        return Err(refusal(format!("{}: leave --set out", only_for_ofsted(name))));
    }
    let contents = contents(&common)?;
    if let (Command::Validate { .. }, Contents::Scales(all)) = (command, &contents)
        && let [first, _, ..] = all.as_slice()
        && let Some(last) = all.iter().map(Ratings::cut_off).max()
    {
        if common.given().iter().any(|flag| WHO.contains(flag)) {
            crate::common::note(format_args!("note: {WHOLE}"));
        }
        return output::print(held(all, last, common.format)?, common.format, first.words(), common.wide);
    }
    let mut question = Question::of(contents, common)?;
    question.adequate_apart = command.tells_adequate();
    if let Some((grade, day)) = command.stood() {
        question.only_those_at(grade, day)?;
    }
    if let Command::Indicators(asked) = command
        && asked.draw(&question)?
    {
        return Ok(());
    }
    let mut notes = Vec::new();
    let mut noted = |answer: Answer| {
        notes = answer.notes;
        answer.rows.collect()
    };
    let frame = match command {
        Command::Estimate(estimate) => estimate.answer(&question)?,
        Command::Asks(asked) => noted(asked.answer(&question)?)?,
        Command::Visits(visits) => noted(visits.answer(&question)?)?,
        Command::Indicators(asked) => asked.answer(&question)?,
        command => question.ask(command)?.collect()?,
    };
    let frame = match (&question.history, question.format) {
        (Some(history), Format::Table) => with_sources(frame, history)?,
        _ => frame,
    };
    question.closings()?.iter().for_each(|closing| crate::common::note(format_args!("note: {closing}")));
    question.said_of(&frame)?.iter().for_each(|said| crate::common::note(format_args!("note: {said}")));
    notes.iter().for_each(|told| crate::common::note(format_args!("note: {told}")));
    if frame.height() == 0 {
        crate::common::note(format_args!("note: nothing in the data answers this"));
    }
    output::print(frame, question.format, question.words(), question.wide())
}

/// That nothing narrows a count.
const WHOLE: &str = "this counts what the whole data hold, whatever was asked for of them";

/// Flags that ask for a part of the data.
const WHO: [&str; 10] = [
    "--authority",
    "--region",
    "--neighbours-of",
    "--area",
    "--theme",
    "--clock",
    "--framework",
    "--published-by",
    "--lineage",
    "--as-of",
];

/// What ratings hold, those of all scales together.
fn held(all: &[Ratings], last: NaiveDate, format: Format) -> Result<DataFrame, Error> {
    let (mut bodies, mut count, mut first) = (HashSet::new(), 0, None);
    for ratings in all {
        let rows = ratings.lazy().filter(col("theme").is_not_null()).collect()?;
        let own = rows.column("authority")?.cast(&DataType::String)?;
        bodies.extend(own.str()?.iter().flatten().map(str::to_owned));
        count += rows.height();
        let begin = rows.column("effect")?.date()?.phys.iter().flatten().min();
        first = first.into_iter().chain(begin).min();
    }
    let first = first.and_then(NaiveDate::from_epoch_days).map_or(String::new(), |day| day.to_string());
    let noun = match (format, all) {
        (Format::Table, [ratings, ..]) => ratings.words().body.many.clone(),
        _ => "authorities".to_owned(),
    };
    Ok(df!(
        "what" => [noun.as_str(), "ratings", "first_rating", "last_rating"],
        "value" => [bodies.len().to_string(), count.to_string(), first, last.to_string()],
    )?)
}

/// The moves of one direction.
fn only(moves: LazyFrame, direction: Option<trend::Direction>) -> LazyFrame {
    match direction {
        Some(direction) => moves.filter(col("direction").eq(lit(direction.code()))),
        None => moves,
    }
}

/// Sources as people know them.
fn with_sources(mut frame: DataFrame, history: &RatingHistory) -> Result<DataFrame, Error> {
    if let Ok(sources) = frame.column("source") {
        let sources = sources.cast(&DataType::String)?;
        let told: Vec<Option<String>> = sources.str()?.iter().map(|s| s.map(|s| history.source_of(s))).collect();
        frame.with_column(Column::new("source".into(), told))?;
    }
    Ok(frame)
}

impl Question {
    /// The ratings with groups of peers by these columns, if any are given, and all others.
    pub fn grouped(&self, ratings: Ratings, by: &[String]) -> Result<Ratings, Error> {
        if by.is_empty() {
            return Ok(ratings);
        }
        let mut groups = PeerGroups::new();
        for column in by {
            groups = groups.same(column, &format!("its {}", column.replace('_', " ")), column)?;
        }
        let others = format!("all other {}", self.words().body.many);
        ratings.with_peers(groups.others("all", &others)?)
    }

    fn ask(&self, command: &Command) -> Result<LazyFrame, Error> {
        let as_of = self.as_of;
        match command {
            Command::History { list, .. } => {
                let ratings = self.narrowed()?;
                list.of(stated(ratings.judgements().plan()?, ratings.scale(), None)?)
            }
            Command::AsOf { list, .. } => {
                let ratings = self.ratings()?;
                let answer = match &self.only {
                    // Also of those without a grade, whose ratings alone would name no series.
                    Some(codes)
                        if !codes.is_empty() && self.names_authorities() && !self.series.contains(&Asked::All) =>
                    {
                        ratings.standing().plan()?.filter(is_one_of(codes))
                    }
                    _ => self.narrow(ratings.clone())?.standing().plan()?,
                };
                let answer = stated(answer, ratings.scale(), Some("status"))?;
                list.of(first(answer, &["authority", "name", "grade", "since", "inspections", "days"])?)
            }
            Command::Spells { list, .. } => list.of(self.narrowed()?.spells().plan()?),
            Command::Streaks { bound, list, .. } => {
                let ratings = self.narrowed()?;
                list.of(ratings.streaks(&condition(bound, ratings.scale())).plan()?)
            }
            Command::TimeInGrade { list, .. } => list.of(self.narrowed()?.time_in_grade().plan()?),
            Command::Transitions { direction, list, .. } => {
                let answer = self.narrowed()?.transitions().plan()?;
                let answer = only(answer, *direction);
                list.of(first(answer, &["authority", "name", "from", "to", "on", "days", "steps", "direction"])?)
            }
            Command::Flows { from, to, .. } => {
                first(self.narrowed()?.flows(*from, to.unwrap_or(as_of)).plan()?, &["from", "to", "count"])
            }
            Command::Distribution { days, by, after_first, .. } => {
                let (ratings, by) = (self.narrowed()?, by.as_deref());
                let (answer, leading): (_, &[&str]) = match after_first {
                    Some(rules) => (ratings.first_under(self.rules(rules)?, by).plan()?, &["grade", "count"]),
                    None => (ratings.distribution(&self.days(days)?, by).plan()?, &["date", "grade", "count", "share"]),
                };
                let answer = match by {
                    Some(by) => answer.rename([by], ["group"], true),
                    None => answer,
                };
                first(answer, leading)
            }
            Command::Movers { since, sort, direction, top, .. } => {
                let moves = self.narrowed()?.movers(*since).plan()?;
                let moves = only(moves, *direction);
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
            Command::Peers { group, by, list } => {
                let ratings = self.grouped(self.ratings()?, by)?;
                let answer = ratings.peers(self.one()?).plan()?;
                let answer = match group {
                    Some(group) => {
                        let own = std::iter::once(PeerGroups::OWN.to_owned());
                        let known: Vec<String> =
                            own.chain(ratings.peer_groups()?.iter().map(|g| g.name().to_owned())).collect();
                        let group = chosen("peer group", group, &known)?;
                        answer.filter(col("peer_group").cast(DataType::String).eq(lit(group.as_str())))
                    }
                    None => answer,
                };
                list.of(stated(answer, ratings.scale(), Some("status"))?)
            }
            Command::Standing { days, by } => {
                self.grouped(self.ratings()?, by)?.peer_standing(self.one()?, &self.days(days)?).plan()
            }
            Command::Profile { list, .. } => list.of(ofsted::profile(&self.every_theme("profile")?).plan()?),
            Command::Concerns { list, .. } => list.of(ofsted::concerns(&self.every_theme("concerns")?).plan()?),
            Command::Year { kind, from, to } => {
                let last = to.unwrap_or(as_of);
                if let Some(from) = from.filter(|from| *from > last) {
                    return Err(mistake("--from", from, &format!("a day not after {last}")));
                }
                let from = from.map_or_else(|| self.first_day(), Ok)?;
                self.narrowed()?.inspections_in(&kind.between(from, last)).plan()
            }
            Command::Intervals { to_publication: false } => self.narrowed()?.inspection_intervals().plan(),
            Command::Intervals { to_publication: true } => self.narrowed()?.publication_lags().plan(),
            Command::Events { kind, scope } => {
                let kind = self.event_kind(kind.as_deref())?;
                let answer = about(self.ratings()?, &kind, scope.as_deref())?.around_events(&kind).plan()?;
                Ok(match &self.only {
                    Some(codes) => answer.filter(is_one_of(codes)),
                    None => answer,
                })
            }
            Command::Validate { .. } => {
                if self.is_narrowed() {
                    crate::common::note(format_args!("note: {WHOLE}"));
                }
                self.inventory()
            }
            Command::Estimate(_)
            | Command::Asks(_)
            | Command::Visits(_)
            | Command::Indicators(_)
            | Command::Sql(_)
            | Command::Chart(_)
            | Command::Council(_)
            | Command::Files(_) => Err(mistake("command", "an estimate, chart or file", "a query")),
        }
    }

    pub fn days(&self, days: &Days) -> Result<Vec<NaiveDate>, Error> {
        let last = days.to.unwrap_or(self.as_of);
        match days.from {
            None if days.on.is_empty() => Ok(vec![self.as_of]),
            None => Ok(days.on.clone()),
            Some(first) if first > last => Err(mistake("--from", first, &format!("a day not after {last}"))),
            Some(first) => Ok(days.every.unwrap_or(Every::YEAR).dates(first, last)),
        }
    }

    fn inventory(&self) -> Result<LazyFrame, Error> {
        let Some(history) = &self.history else {
            return Ok(held(std::slice::from_ref(&self.everything), self.as_of, self.format)?.lazy());
        };
        let judgements: usize = history.inspections().iter().map(|i| i.judgements.len()).sum();
        let neighbours: usize = history.all_neighbours().map(|(_, n)| n.len()).sum();
        let effects = || history.inspections().iter().map(|i| i.dates.effect());
        let day = |date: Option<NaiveDate>| date.map_or(String::new(), |d| d.to_string());
        let rows = [
            ("authorities", history.authorities().len().to_string()),
            ("neighbours", neighbours.to_string()),
            ("inspections", history.inspections().len().to_string()),
            ("judgements", judgements.to_string()),
            ("events", history.events().len().to_string()),
            ("first_inspection", day(effects().min())),
            ("last_inspection", day(effects().max())),
            ("cut_off", history.cut_off().to_string()),
        ];
        let (what, value): (Vec<&str>, Vec<String>) = rows.into_iter().unzip();
        Ok(df!("what" => what, "value" => value)?.lazy())
    }
}

/// A bound in the scale's words; Ofsted's grades in any spelling. An unknown word is left for the query to refuse.
fn condition(bound: &Bound, scale: &Scale) -> Condition {
    let label = |text: &str| match text.parse::<Grade>() {
        Ok(grade) if scale.rank(text).is_none() => grade.code().into(),
        _ => text.to_owned(),
    };
    match (&bound.at_or_below, &bound.at_or_above) {
        (Some(text), _) => Condition::AtOrBelow(label(text)),
        (None, text) => Condition::AtOrAbove(label(text.as_deref().unwrap_or_default())),
    }
}

fn is_one_of(codes: &[String]) -> Expr {
    codes.iter().map(|c| col("authority").eq(lit(c.as_str()))).fold(lit(false), Expr::or)
}

/// Writes `not_reported` and `not_rated` in the column of grades, after the grades in order; the status column goes.
fn stated(answer: LazyFrame, scale: &Scale, status: Option<&str>) -> Result<LazyFrame, Error> {
    let state = status.map_or(lit("not_reported"), |status| col(status).cast(DataType::String));
    let without = Status::ALL.iter().map(|status| status.code()).filter(|code| scale.rank(code).is_none());
    let states = FrozenCategories::new(scale.labels().iter().map(String::as_str).chain(without))?;
    let stated = col("grade").cast(DataType::String).fill_null(state);
    let answer = answer.with_column(stated.cast(DataType::from_frozen_categories(states)));
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
