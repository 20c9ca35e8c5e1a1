//! Any rated history: one CSV file with a body, a date and a rating a row.

use std::fs::File;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;

use crate::code::nearest;
use crate::error::{Problem, Problems};
use crate::frame::columns::*;
use crate::{Error, Ratings, Scale};

/// Which columns of a file hold what.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RatingColumns {
    /// The rated body's id or name.
    pub id: String,
    /// The day the rating takes effect.
    pub date: String,
    /// The rating.
    pub rating: String,
}

/// Reads ratings of any scale from a CSV file with a header: a rating stands until the next row of the same id, of
/// several on one day the last in the file. A rating that is one of `withdrawn` says that there is none from that day
/// on. Rows may come in any order; dates are written 2020-01-31 or 31-Jan-2020; other columns are passed over.
///
/// ```
/// use rating_history::io::{RatingColumns, read_ratings};
/// use rating_history::{Scale, trend};
/// let file = std::env::temp_dir().join("rating-history-doc.csv");
/// std::fs::write(&file, "ID,Date,Rating\na,2020-01-31,B\na,2021-01-31,A\nb,2020-06-30,A\nb,2021-06-30,NR\n")?;
/// let columns = RatingColumns { id: "ID".into(), date: "Date".into(), rating: "Rating".into() };
/// let ratings = read_ratings(&file, &columns, &Scale::new(["D", "B", "A"])?, &["NR".into()])?;
/// assert_eq!(trend::spells(&ratings, "2022-01-01".parse().unwrap()).collect()?.height(), 3);
/// # std::fs::remove_file(file)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Io`] when the file cannot be read; [`Error::Invalid`] with every row that lacks an id, a date or a rating
/// of the scale, with its line.
pub fn read_ratings(
    path: impl AsRef<Path>,
    columns: &RatingColumns,
    scale: &Scale,
    withdrawn: &[String],
) -> Result<Ratings, Error> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let mut problems = Problems::default();
    let mut problem = |line: Option<u64>, column: &str, value: &str, expected: String| {
        problems.0.push(Problem {
            file: Some(name.clone()),
            line,
            record: String::new(),
            column: column.to_owned(),
            value: value.to_owned(),
            expected,
        });
    };
    let file = File::open(path).map_err(Error::io(path))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let headers: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|h| h.trim_start_matches('\u{feff}').to_owned()).collect(),
        Err(error) => {
            problem(Some(1), "header", "", error.to_string());
            return Err(Error::Invalid(problems));
        }
    };
    let mut find = |column: &str| {
        let place = headers.iter().position(|h| h == column);
        if place.is_none() {
            let hint = nearest(column, headers.iter().map(String::as_str));
            let hint = hint.map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
            problem(Some(1), "header", &headers.join(","), format!("a column `{column}`{hint}"));
        }
        place
    };
    let (id, date, rating) = (find(&columns.id), find(&columns.date), find(&columns.rating));
    let (Some(id), Some(date), Some(rating)) = (id, date, rating) else { return Err(Error::Invalid(problems)) };

    let (mut ids, mut days, mut grades, mut lines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                let stop = matches!(error.kind(), csv::ErrorKind::Io(_));
                problem(line, "row", "", error.to_string());
                if stop {
                    break;
                }
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != headers.len() {
            let cells = record.iter().collect::<Vec<_>>().join(",");
            problem(Some(line), "row", &cells, format!("{} cells, as in the header", headers.len()));
            continue;
        }
        let day = parse_day(&record[date]);
        let grade = scale.rank(&record[rating]);
        let none = withdrawn.iter().any(|w| *w == record[rating]);
        if record[id].is_empty() {
            problem(Some(line), &columns.id, "", "an id".to_owned());
        }
        if day.is_none() {
            problem(Some(line), &columns.date, &record[date], "a date as 2020-01-31 or 31-Jan-2020".to_owned());
        }
        if grade.is_none() && !none {
            let labels = || scale.labels().iter().map(String::as_str);
            let hint = nearest(&record[rating], labels()).map(|n| format!(" (did you mean `{n}`?)"));
            let allowed = labels().collect::<Vec<_>>().join(", ");
            let expected = format!("one of {allowed}{}", hint.unwrap_or_default());
            problem(Some(line), &columns.rating, &record[rating], expected);
        }
        if let Some(day) = day {
            ids.push(record[id].to_owned());
            days.push(day);
            grades.push(grade.map(|g| scale.labels()[g].as_str()));
            lines.push(format!("line {line:010}"));
        }
    }
    problems.into_result()?;
    let frame = df!(AUTHORITY => ids, EFFECT => days, GRADE => grades, INSPECTION => lines)?;
    let order = [AUTHORITY, EFFECT, INSPECTION].map(col);
    let sorted = frame.lazy().sort_by_exprs(order, SortMultipleOptions::default()).collect()?;
    Ratings::new(sorted.lazy(), scale.clone())
}

fn parse_day(text: &str) -> Option<NaiveDate> {
    let day = text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%d-%b-%Y").ok());
    day.filter(|day: &NaiveDate| (1000..=9999).contains(&day.year()))
}
