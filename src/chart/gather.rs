//! What a trajectory shows of a body, from any ratings: its judgements, its life and its events.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::letters::grade_letters;
use super::trajectory::{EventLane, EventMark, GridCell, InspectionColumn, Trajectory};
use super::{RatingState, Style, capital};
use crate::frame::columns::*;
use crate::frame::expr::{ranks, words};
use crate::trend::columns::DATE_PRECISION;
use crate::trend::{Narrative, Timeline, counted};
use crate::{Clock, Error, Precision, Ratings, SeriesId, Words};

impl Trajectory {
    /// The trajectory of a body of any ratings: a main series, and the others it has been judged in.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails; [`Error::UnknownBody`] when no row and no register knows the body.
    pub fn collect(ratings: &Ratings, series: impl Into<SeriesId>, body: &str, style: Style) -> Result<Self, Error> {
        let (series, style, as_of) = (series.into(), style.telling(ratings).unscoped(), ratings.day());
        let words = style.said().clone();
        let own = ratings.clone().bodies_only([body])?;
        let register = known(&own, body)?;
        let timeline = Timeline::collect(&own.series(&series)?)?.remove(body).unwrap_or_default();
        let rows = judgements(&own, as_of)?;
        if rows.is_empty() && register.is_none() {
            return Err(Error::UnknownBody {
                noun: words.body.one.clone(),
                query: body.to_owned(),
                suggestions: Vec::new(),
            });
        }
        let register = register.unwrap_or_default();
        let labels: Vec<String> = ratings.scale().labels().iter().map(|l| words.grade(l)).collect();
        let name = register.name.unwrap_or_else(|| body.to_owned());
        let what = words.series(series.as_str());
        let mut course = Narrative::new(name, what, timeline, labels.clone(), as_of, words.clone());
        course.notices = ratings.notices(as_of).filter(|n| n.body == body).map(|n| n.text.clone()).collect();

        let mut others: Vec<&str> = rows.iter().map(|r| r.series.as_str()).filter(|s| *s != series.as_str()).collect();
        others.sort_unstable();
        others.dedup();
        let letters = grade_letters(&labels);
        let mut columns: Vec<InspectionColumn> = Vec::new();
        let mut held: Vec<Vec<&Judged>> = Vec::new();
        for row in &rows {
            let place = held.iter().position(|held| row.is_beside(held)).unwrap_or_else(|| {
                held.push(Vec::new());
                columns.push(InspectionColumn {
                    date: row.date,
                    precision: row.precision,
                    mark: if row.publication_stands_in { "*".to_owned() } else { String::new() },
                    heading: if row.rules.is_empty() { String::new() } else { words.code(&row.rules) },
                    main: RatingState::Absent,
                    cells: vec![None; others.len()],
                });
                columns.len() - 1
            });
            held[place].push(row);
            if row.series == series.as_str() {
                columns[place].main = row.rank.map_or(RatingState::NotReported, RatingState::Rated);
            } else if let Some(at) = others.iter().position(|s| *s == row.series) {
                let grade = |rank: usize| GridCell::Grade { rank, letters: letters[rank].clone(), together: false };
                columns[place].cells[at] = row.rank.map(grade);
            }
        }
        course.inspections = columns.len();
        let mut lanes = events(&own, body, &words, as_of)?;
        let mut life = Vec::new();
        if let Some(opened) = register.opened.filter(|d| *d <= as_of) {
            life.push((opened, format!("opened {}", Precision::Day.write_short(opened))));
        }
        if let Some(closed) = register.closed.filter(|d| *d <= as_of) {
            life.push((closed, format!("{} {}", words.closed, Precision::Day.write_short(closed))));
        }
        if !life.is_empty() {
            let mark = |(start, text): (NaiveDate, String)| EventMark { start, end: None, text };
            let lane = EventLane { label: capital(&words.body.one), marks: life.into_iter().map(mark).collect() };
            lanes.insert(0, lane);
        }
        let (inspection, clock) = (&words.inspection.one, ratings.counted_by());
        let mut said = Vec::new();
        if columns.iter().any(|c| c.precision != Precision::Day) {
            said.push("Open dots: only the month or year is known; about: a length from such a date.".to_owned());
        }
        if columns.iter().any(|c| !c.mark.is_empty()) {
            said.push(format!("*: day of publication; the end of the {inspection} is not known."));
        }
        if course.timeline.spells.iter().any(|s| s.rank.is_none()) {
            said.push(format!("Hatched: {}.", words.hatch));
        }
        let about = words.about.as_ref().map(|about| format!(" of {about}")).unwrap_or_default();
        let counts = match clock {
            Clock::Effect => format!("from the day of each {inspection}"),
            Clock::Published => format!("from the publication of each {inspection}"),
        };
        Ok(Trajectory {
            subtitle: format!(
                "{} grade{about}, {counts} until the next, to {}",
                capital(&course.what),
                Precision::Day.write(as_of)
            ),
            grades: labels.into_iter().zip(letters).map(|(l, s)| (l, Some(s).filter(|_| !others.is_empty()))).collect(),
            columns,
            rows: others.into_iter().map(|s| capital(&words.series(s))).collect(),
            lanes,
            notes: said,
            course,
            style,
        })
    }
}

/// What the register tells of a body.
#[derive(Default)]
struct Known {
    name: Option<String>,
    opened: Option<NaiveDate>,
    closed: Option<NaiveDate>,
}

fn known(own: &Ratings, body: &str) -> Result<Option<Known>, Error> {
    let Some(table) = own.authorities() else { return Ok(None) };
    let row = table.filter(col(AUTHORITY).eq(lit(body))).select([NAME, OPENED, CLOSED].map(col)).collect()?;
    let day = |name: &str| -> Result<Option<NaiveDate>, Error> {
        Ok(row.column(name)?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days))
    };
    if row.height() == 0 {
        return Ok(None);
    }
    Ok(Some(Known {
        name: row.column(NAME)?.str()?.get(0).map(str::to_owned),
        opened: day(OPENED)?,
        closed: day(CLOSED)?,
    }))
}

/// One judgement of a body.
struct Judged {
    series: String,
    date: NaiveDate,
    precision: Precision,
    publication_stands_in: bool,
    inspection: String,
    rules: String,
    rank: Option<usize>,
}

impl Judged {
    /// Whether it is of one inspection with others: it has their id, or is of their day and rules, in another series, as where
    /// each row of a file is a judgement.
    fn is_beside(&self, others: &[&Judged]) -> bool {
        let of_one = |other: &&Judged| other.date == self.date && other.rules == self.rules;
        let same = |other: &&Judged| other.date == self.date && other.inspection == self.inspection;
        others.iter().any(same) || others.iter().all(|other| of_one(other) && other.series != self.series)
    }
}

/// The judgements of a body that count by a day, by date.
fn judgements(own: &Ratings, as_of: NaiveDate) -> Result<Vec<Judged>, Error> {
    let stands_in = match own.counted_by() {
        Clock::Effect => col(END).is_null().and(col(PUBLISHED).is_not_null()),
        Clock::Published => lit(false),
    };
    let rows = counted(own, as_of)
        .with_columns([col(PRECISION).alias(DATE_PRECISION), stands_in.alias("stands_in")])
        .sort_by_exprs(
            [DATE, PUBLISHED, INSPECTION].map(col),
            SortMultipleOptions::default().with_maintain_order(true),
        );
    let rows = own.collect(rows)?;
    let ranks = ranks(&rows, GRADE)?;
    let text = |name: &str| words(&rows, name);
    let (series, precision) = (text(THEME)?, text(DATE_PRECISION)?);
    let (inspection, rules) = (text(INSPECTION)?, text(FRAMEWORK)?);
    let (date, stands_in) = (rows.column(DATE)?.date()?, rows.column("stands_in")?.bool()?);
    let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (0..rows.height())
        .map(|n| {
            Ok(Judged {
                series: own(series.get(n)),
                date: date.phys.get(n).and_then(NaiveDate::from_epoch_days).unwrap_or(as_of),
                precision: precision.get(n).map_or(Ok(Precision::Day), str::parse)?,
                publication_stands_in: stands_in.get(n).unwrap_or(false),
                inspection: own(inspection.get(n)),
                rules: own(rules.get(n)),
                rank: ranks.get(n).map(|r| r as usize),
            })
        })
        .collect()
}

/// The events of a body begun by a day, a lane for each kind.
fn events(ratings: &Ratings, body: &str, words: &Words, as_of: NaiveDate) -> Result<Vec<EventLane>, Error> {
    let Some(table) = ratings.counted_events() else { return Ok(Vec::new()) };
    let own = table.filter(col(AUTHORITY).eq(lit(body)));
    let rows = own.sort_by_exprs([EVENT_DATE, LABEL].map(col), SortMultipleOptions::default());
    let rows = ratings.collect(rows)?;
    let day = |name: &str, n: usize| -> Result<Option<NaiveDate>, Error> {
        Ok(rows.column(name)?.date()?.phys.get(n).and_then(NaiveDate::from_epoch_days))
    };
    let (kind, precision) = (rows.column(EVENT)?.str()?, rows.column(EVENT_PRECISION)?.str()?);
    let mut lanes: BTreeMap<&str, Vec<EventMark>> = BTreeMap::new();
    for n in 0..rows.height() {
        let Some(start) = day(EVENT_DATE, n)?.filter(|start| *start <= as_of) else { continue };
        let end = day(EVENT_END, n)?;
        let precision = precision.get(n).map_or(Ok(Precision::Day), str::parse)?;
        let text = span_text(precision, start, end.filter(|end| *end <= as_of));
        lanes.entry(kind.get(n).unwrap_or_default()).or_default().push(EventMark { start, end, text });
    }
    Ok(lanes.into_iter().map(|(kind, marks)| EventLane { label: capital(&words.code(kind)), marks }).collect())
}

/// When an event began, and ended if it did: "Oct 2015 to Apr 2021".
pub(crate) fn span_text(precision: Precision, start: NaiveDate, end: Option<NaiveDate>) -> String {
    let written = |date: NaiveDate| Precision::Month.max(precision).write_short(date);
    match end {
        Some(end) => format!("{} to {}", written(start), written(end)),
        None => written(start),
    }
}
