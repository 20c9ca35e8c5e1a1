//! Questions as standard SQL, for ratings that a database holds: spells, how series stand on a day, and totals, by the rules of
//! this crate.
//!
//! Nobody outgrows one machine at 10^8 ratings. Who has more holds them in a database, which answers these queries where the rows
//! are; the totals come back as a small table, from which matrices, generators and their intervals follow here
//! ([`Totals::from_frame`](crate::estimate::Totals::from_frame)). The text has common table expressions, window functions, `CASE`,
//! `CAST`, `COALESCE`, `EXTRACT` and `FLOOR`, and nothing of a dialect.
//!
//! ```
//! use rating_history::sql::Table;
//! let table = Table::new("warehouse.ratings", "home", "day", "rating").withdrawn(["NR"]);
//! let query = table.spells("2026-08-20".parse().unwrap())?;
//! assert!(query.contains(r#"FROM "warehouse"."ratings""#) && query.contains("DATE '2026-08-20'"));
//! # Ok::<(), rating_history::Error>(())
//! ```
//!
//! What a database cannot know stays out: how exactly a day is known, the names of bodies, and bodies that were never rated. A table
//! has no order, so that of two rows of one body, series, day and inspection none is the last: there must not be any.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::code::setters;
use crate::estimate::{AfterLast, Study, TimeBasis};
use crate::{Clock, Error, Scale};

/// A table of ratings in a database, by the names of its columns: one row a rating.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Table {
    /// Its name, as `ratings` or `warehouse.ratings`.
    pub name: String,
    /// Id of the body.
    pub body: String,
    /// The day the rating takes effect.
    pub effect: String,
    /// The grade; null when it is no longer reported.
    pub grade: String,
    /// The series, null for a rating outside all; `None`: there is one series.
    pub series: Option<String>,
    /// The day of publication; of several ratings on one day the one published last counts.
    pub published: Option<String>,
    /// Id of the inspection; of several on one day and published on one day the last by its text counts.
    pub inspection: Option<String>,
    /// The first day on which the body no longer exists, null while it does.
    pub closed: Option<String>,
    /// Words for having no grade any more, beside null.
    pub withdrawn: Vec<String>,
    /// Which of the two dates counts.
    pub clock: Clock,
    /// Only these series; none for all.
    pub only: Vec<String>,
}

setters!(Table {
    /// The series, null for a rating outside all; `None`: there is one series.
    series: impl Into<Option<String>>,
    /// The day of publication; of several ratings on one day the one published last counts.
    published: impl Into<Option<String>>,
    /// Id of the inspection; of several on one day and published on one day the last by its text counts.
    inspection: impl Into<Option<String>>,
    /// The first day on which the body no longer exists, null while it does.
    closed: impl Into<Option<String>>,
    /// Which of the two dates counts.
    clock: Clock,
});

/// Whether totals are a row a body, or one row of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// A row a body: intervals by resampling bodies follow too.
    Bodies,
    /// One row of all bodies, without an id: small, however many bodies there are.
    Pooled,
}

impl Table {
    /// A table with three columns that count: the body, the day and the grade.
    pub fn new(name: &str, body: &str, effect: &str, grade: &str) -> Self {
        Table {
            name: name.to_owned(),
            body: body.to_owned(),
            effect: effect.to_owned(),
            grade: grade.to_owned(),
            series: None,
            published: None,
            inspection: None,
            closed: None,
            withdrawn: Vec::new(),
            clock: Clock::Effect,
            only: Vec::new(),
        }
    }

    /// A table with the columns of this crate's own files.
    ///
    /// ```
    /// use rating_history::sql::Table;
    /// let ratings = Table::of_ratings("ratings");
    /// assert_eq!((ratings.body.as_str(), ratings.closed.as_deref()), ("authority", Some("closed")));
    /// ```
    pub fn of_ratings(name: &str) -> Self {
        use crate::frame::columns::*;
        let some = |column: &str| Some(column.to_owned());
        let table = Table::new(name, AUTHORITY, EFFECT, GRADE);
        table.series(some(THEME)).published(some(PUBLISHED)).inspection(some(INSPECTION)).closed(some(CLOSED))
    }

    /// Words for having no grade any more, beside null.
    #[must_use]
    pub fn withdrawn<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.withdrawn = words.into_iter().map(Into::into).collect();
        self
    }

    /// Only these series.
    #[must_use]
    pub fn only<S: Into<String>>(mut self, series: impl IntoIterator<Item = S>) -> Self {
        self.only = series.into_iter().map(Into::into).collect();
        self
    }

    /// The spells as seen on a day: authority, theme, grade, start, end, days, inspections, ended_by, as
    /// [`Ratings::spells`](crate::Ratings::spells) has them.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is empty or has a control character, the clock of publication without a column of it,
    /// or a choice among series without a column of them.
    pub fn spells(&self, as_of: NaiveDate) -> Result<String, Error> {
        let mut query = self.numbered_spells(as_of)?;
        query.select(&[
            ("body", "authority"),
            ("series", "theme"),
            ("grade", "grade"),
            ("begun", "start"),
            ("ended", "end"),
            (&whole("ended_number - begun_number"), "days"),
            ("inspections", "inspections"),
            ("ended_by", "ended_by"),
        ]);
        query.text.push_str("FROM days\nWHERE grade IS NOT NULL\nORDER BY body, series, run_number\n");
        Ok(query.text)
    }

    /// How every series of a body that exists stands on a day: authority, theme, status (`rated` or `not_reported`), grade,
    /// since, inspections, days, latest, as [`Ratings::standing`](crate::Ratings::standing) has them of those ever rated.
    ///
    /// # Errors
    /// As [`spells`](Table::spells).
    pub fn as_of(&self, day: NaiveDate) -> Result<String, Error> {
        let mut query = self.numbered_spells(day)?;
        query.select(&[
            ("body", "authority"),
            ("series", "theme"),
            ("CASE WHEN grade IS NULL THEN 'not_reported' ELSE 'rated' END", "status"),
            ("grade", "grade"),
            ("begun", "since"),
            ("inspections", "inspections"),
            (&whole("ended_number - begun_number"), "days"),
            ("latest", "latest"),
        ]);
        query.text.push_str("FROM days\nWHERE next_begun IS NULL AND ended_by <> 'closed'\nORDER BY body, series\n");
        Ok(query.text)
    }

    /// Years in each grade and moves between grades, as [`Exposures`](crate::estimate::Exposures) has them: authority, a column
    /// `time:GRADE` for each grade, a column `FROM>TO` for each pair. It is about one series.
    ///
    /// ```
    /// use rating_history::estimate::Study;
    /// use rating_history::{Scale, sql::{Rows, Table}};
    /// let table = Table::of_ratings("ratings").only(["headline"]);
    /// let study = Study::until("2026-08-20".parse().unwrap());
    /// let query = table.totals(&Scale::new(["poor", "good"])?, &study, Rows::Bodies)?;
    /// assert!(query.contains(r#"AS "time:poor""#) && query.contains(r#"AS "poor>good""#));
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`spells`](Table::spells); [`Error::Value`] too when there may be several series, or the study's first day is after its
    /// last; [`Error::Unknown`] when the scale lacks the absorbing grade.
    pub fn totals(&self, scale: &Scale, study: &Study, rows: Rows) -> Result<String, Error> {
        if self.series.is_some() && self.only.len() != 1 {
            let found = if self.only.is_empty() { "all".to_owned() } else { self.only.join(", ") };
            return Err(Error::value("series", found, "one, as totals of several cannot be told apart"));
        }
        if let Some(from) = study.from.filter(|from| *from > study.to) {
            return Err(Error::value("first day observed", from, format!("a day not after the last, {}", study.to)));
        }
        study.absorbing.as_deref().map(|grade| scale.position(grade)).transpose()?;
        let mut query = Query::default();
        self.runs(&mut query, study.to, Some(study))?;
        let entry = match study.from {
            None => "begun".to_owned(),
            Some(from) => format!("CASE WHEN begun < {0} THEN {0} ELSE begun END", date(from)),
        };
        let exit = match study.after_last {
            AfterLast::Count => "ended",
            AfterLast::Drop => "CASE WHEN ended_by IN ('as_of', 'closed') THEN latest ELSE ended END",
        };
        query.with(
            "stays",
            &format!(
                "SELECT spells.*, {entry} AS entered,\n    {exit} AS left_on\n  FROM spells\n  WHERE grade IS NOT NULL"
            ),
        );
        query.with("observed", "SELECT stays.*\n  FROM stays\n  WHERE entered < left_on OR entered = begun");
        query.with("days", &numbered("observed", &["entered", "left_on"]));
        years(&mut query, study.basis);
        let labels = scale.labels().iter().map(|label| Ok((text(label)?, label))).collect::<Result<Vec<_>, Error>>()?;
        let (who, last) = match rows {
            Rows::Bodies => ("body", "GROUP BY body\nORDER BY body\n"),
            Rows::Pooled => ("''", ""),
        };
        let mut columns = vec![(who.to_owned(), "authority".to_owned())];
        for (grade, label) in &labels {
            columns.push((format!("SUM(CASE WHEN grade = {grade} THEN years ELSE 0 END)"), format!("time:{label}")));
        }
        for (grade, from) in &labels {
            for (next, to) in labels.iter().filter(|(next, _)| next != grade) {
                let moved = format!("grade = {grade} AND next_grade = {next}");
                columns.push((whole(&format!("SUM(CASE WHEN {moved} THEN 1 ELSE 0 END)")), format!("{from}>{to}")));
            }
        }
        let columns: Vec<(&str, &str)> = columns.iter().map(|(what, name)| (what.as_str(), name.as_str())).collect();
        query.select(&columns);
        let _ = write!(query.text, "FROM measured\n{last}");
        Ok(query.text)
    }

    /// The steps that find the spells as seen on a day, and last `days`, in which their days are numbered.
    fn numbered_spells(&self, day: NaiveDate) -> Result<Query, Error> {
        let mut query = Query::default();
        self.runs(&mut query, day, None)?;
        query.with("days", &numbered("spells", &["begun", "ended"]));
        Ok(query)
    }

    /// The runs of equal grades, those without a grade too: body, series, run_number, grade, next_grade, begun, ended, latest,
    /// inspections, ended_by. In a study only the last judgement of a day counts, and none after the
    /// absorbing grade.
    fn runs(&self, query: &mut Query, as_of: NaiveDate, study: Option<&Study>) -> Result<(), Error> {
        let as_of = date(as_of);
        query.with("counted", &self.counted(&as_of)?);
        let mut order = vec!["judged_on"];
        if self.published.is_some() {
            // Unknown days come first, in every database.
            order.extend(["CASE WHEN published_on IS NULL THEN 0 ELSE 1 END", "published_on"]);
        }
        if self.inspection.is_some() {
            order.extend(["CASE WHEN report IS NULL THEN 0 ELSE 1 END", "report"]);
        }
        let series = "PARTITION BY body, series";
        let order = order.join(", ");
        query.with(
            "placed",
            &format!("SELECT counted.*,\n    ROW_NUMBER() OVER ({series} ORDER BY {order}) AS place\n  FROM counted"),
        );
        let mut rows = "placed";
        if let Some(study) = study {
            query.with(
                "followed",
                &format!("SELECT placed.*, LEAD(judged_on) OVER ({series} ORDER BY place) AS next_on\n  FROM placed"),
            );
            query.with("daily", "SELECT followed.*\n  FROM followed\n  WHERE next_on IS NULL OR next_on > judged_on");
            rows = "daily";
            if let Some(absorbing) = &study.absorbing {
                let met = format!("MIN(CASE WHEN grade = {} THEN judged_on END)", text(absorbing)?);
                query.with("met", &format!("SELECT daily.*, {met} OVER ({series}) AS absorbed_on\n  FROM daily"));
                query
                    .with("until", "SELECT met.*\n  FROM met\n  WHERE absorbed_on IS NULL OR judged_on <= absorbed_on");
                rows = "until";
            }
        }
        query.with(
            "compared",
            &format!(
                "SELECT {rows}.*, LAG(grade) OVER ({series} ORDER BY place) AS grade_before,\n    \
                 LAG(place) OVER ({series} ORDER BY place) AS place_before\n  FROM {rows}"
            ),
        );
        query.with(
            "marked",
            "SELECT compared.*,\n    CASE WHEN place_before IS NULL THEN 1\n      WHEN grade = grade_before OR (grade IS NULL AND \
             grade_before IS NULL) THEN 0 ELSE 1 END AS begins\n  FROM compared",
        );
        query.with(
            "run_of_each",
            &format!(
                "SELECT marked.*,\n    SUM(begins) OVER ({series} ORDER BY place ROWS UNBOUNDED PRECEDING) AS run_number\n  \
                 FROM marked"
            ),
        );
        query.with(
            "runs",
            "SELECT body, series, run_number, MIN(grade) AS grade, MIN(judged_on) AS begun,\n    MAX(judged_on) AS latest, \
             COUNT(*) AS inspections, MIN(closed_on) AS closed_on\n  FROM run_of_each\n  GROUP BY body, series, run_number",
        );
        query.with(
            "neighbours",
            &format!(
                "SELECT runs.*, LEAD(begun) OVER ({series} ORDER BY run_number) AS next_begun,\n    \
                 LEAD(grade) OVER ({series} ORDER BY run_number) AS next_grade\n  FROM runs"
            ),
        );
        query.with(
            "spells",
            &format!(
                "SELECT neighbours.*,\n    CASE WHEN next_begun IS NOT NULL THEN next_begun\n      WHEN closed_on <= {as_of} THEN \
                 closed_on ELSE {as_of} END AS ended,\n    CASE WHEN next_begun IS NOT NULL AND next_grade IS NULL THEN \
                 'not_reported'\n      WHEN next_begun IS NOT NULL THEN 'changed'\n      WHEN closed_on <= {as_of} THEN \
                 'closed' ELSE 'as_of' END AS ended_by\n  FROM neighbours"
            ),
        );
        Ok(())
    }

    /// The rows that count by a day, under the names that the rest speaks of.
    fn counted(&self, as_of: &str) -> Result<String, Error> {
        let (effect, grade) = (name(&self.effect)?, name(&self.grade)?);
        let effect = format!("CAST({effect} AS DATE)");
        let published = self.published.as_deref().map(name).transpose()?.map(|n| format!("CAST({n} AS DATE)"));
        let judged_on = match (self.clock, &published) {
            (Clock::Effect, _) => effect,
            (Clock::Published, Some(published)) => format!("COALESCE({published}, {effect})"),
            (Clock::Published, None) => {
                return Err(Error::value("clock", self.clock.code(), "a column of the days of publication, or effect"));
            }
        };
        let series = self.series.as_deref().map(name).transpose()?;
        let list =
            |words: &[String]| Ok::<_, Error>(words.iter().map(|w| text(w)).collect::<Result<Vec<_>, _>>()?.join(", "));
        let grade = match self.withdrawn.as_slice() {
            [] => grade,
            words => format!("CASE WHEN {grade} IN ({}) THEN NULL ELSE {grade} END", list(words)?),
        };
        let only = match (&series, self.only.as_slice()) {
            (_, []) => None,
            (Some(series), only) => Some(format!("{series} IN ({})", list(only)?)),
            (None, only) => {
                return Err(Error::value("series", only.join(", "), "a column of the series, or no choice among them"));
            }
        };
        let closed = self.closed.as_deref().map(name).transpose()?.map(|n| format!("CAST({n} AS DATE)"));
        let mut columns = vec![
            format!("{} AS body", name(&self.body)?),
            format!("{} AS series", series.as_deref().unwrap_or("'headline'")),
            format!("{grade} AS grade"),
            format!("{judged_on} AS judged_on"),
            format!("{} AS closed_on", closed.as_deref().unwrap_or("CAST(NULL AS DATE)")),
        ];
        columns.extend(published.map(|published| format!("{published} AS published_on")));
        columns.extend(self.inspection.as_deref().map(name).transpose()?.map(|report| format!("{report} AS report")));
        let mut conditions = vec![format!("{judged_on} <= {as_of}")];
        conditions.extend(only.or_else(|| series.map(|series| format!("{series} IS NOT NULL"))));
        conditions.extend(closed.map(|closed| format!("({closed} IS NULL OR {judged_on} < {closed})")));
        let table = self.name.split('.').map(name).collect::<Result<Vec<_>, Error>>()?.join(".");
        let (columns, conditions) = (columns.join(",\n    "), conditions.join("\n    AND "));
        Ok(format!("SELECT {columns}\n  FROM {table}\n  WHERE {conditions}"))
    }
}

/// A query that is being put together of steps.
#[derive(Default)]
struct Query {
    text: String,
}

impl Query {
    fn with(&mut self, step: &str, select: &str) {
        let open = if self.text.is_empty() { "WITH" } else { "," };
        let _ = write!(self.text, "{open} {step} AS (\n  {select}\n)");
    }

    fn select(&mut self, columns: &[(&str, &str)]) {
        let columns: Vec<String> = columns.iter().map(|(what, name)| format!("{what} AS {}", quoted(name))).collect();
        let _ = write!(self.text, "\nSELECT {}\n", columns.join(",\n  "));
    }
}

/// A step that adds the number of some days, in the order of the calendar, as `..._number`. A year here begins in March, so that
/// 29 February is its last day.
fn numbered(rows: &str, days: &[&str]) -> String {
    let mut of_days = Vec::new();
    for day in days {
        let early = format!("CASE WHEN EXTRACT(MONTH FROM {day}) <= 2 THEN 1 ELSE 0 END");
        let year = format!("EXTRACT(YEAR FROM {day}) - {early}");
        let month = format!("EXTRACT(MONTH FROM {day}) + 12 * ({early}) - 3");
        let place = format!("FLOOR((153 * ({month}) + 2) / 5.0) + EXTRACT(DAY FROM {day})");
        of_days.push(format!("{year} AS {day}_year,\n      {place} AS {day}_place"));
    }
    let number = |day: &&str| format!("{} + {day}_place AS {day}_number", before(&format!("{day}_year")));
    let numbers: Vec<String> = days.iter().map(number).collect();
    format!(
        "SELECT parts.*,\n    {}\n  FROM (\n    SELECT {rows}.*,\n      {}\n    FROM {rows}\n  ) AS parts",
        numbers.join(",\n    "),
        of_days.join(",\n      ")
    )
}

/// The number of the day before a year that begins in March.
fn before(year: &str) -> String {
    let year = if year.contains(' ') { format!("({year})") } else { year.to_owned() };
    format!("365 * {year} + FLOOR({year} / 4.0) - FLOOR({year} / 100.0) + FLOOR({year} / 400.0)")
}

/// Steps that end with `measured`, which has the years observed.
fn years(query: &mut Query, basis: TimeBasis) {
    if basis == TimeBasis::Days365_25 {
        query.with("measured", "SELECT days.*, (left_on_number - entered_number) / 365.25 AS years\n  FROM days");
        return;
    }
    // The anniversary in a year; 28 February for 29 February where there is none.
    let anniversary = |year: &str| {
        let (day, last) = (format!("{} + entered_place", before(year)), before(&format!("{year} + 1")));
        format!("CASE WHEN {day} > {last} THEN {last} ELSE {day} END")
    };
    query.with("reached", &format!("SELECT days.*,\n    {} AS anniversary\n  FROM days", anniversary("left_on_year")));
    query.with(
        "last_reached",
        "SELECT reached.*,\n    left_on_year - CASE WHEN anniversary > left_on_number THEN 1 ELSE 0 END AS last_year\n  FROM reached",
    );
    query.with(
        "anniversaries",
        &format!(
            "SELECT last_reached.*,\n    {} AS last_one,\n    {} AS next_one\n  FROM last_reached",
            anniversary("last_year"),
            anniversary("last_year + 1")
        ),
    );
    query.with(
        "measured",
        "SELECT anniversaries.*,\n    CAST(last_year - entered_year AS DOUBLE PRECISION)\n      + CAST(left_on_number - last_one AS \
         DOUBLE PRECISION) / CAST(next_one - last_one AS DOUBLE PRECISION) AS years\n  FROM anniversaries",
    );
}

fn whole(number: &str) -> String {
    format!("CAST({number} AS BIGINT)")
}

fn date(day: NaiveDate) -> String {
    format!("DATE '{day}'")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name of a table or column, as it is written in a query.
fn name(name: &str) -> Result<String, Error> {
    sound("name of a table or column", name).map(quoted)
}

/// A word in a column.
fn text(word: &str) -> Result<String, Error> {
    Ok(format!("'{}'", sound("word of a column", word)?.replace('\'', "''")))
}

fn sound<'a>(what: &'static str, text: &'a str) -> Result<&'a str, Error> {
    let odd = text.is_empty() || text.contains(crate::code::is_odd);
    if odd { Err(Error::value(what, text, "a name without control characters")) } else { Ok(text) }
}
