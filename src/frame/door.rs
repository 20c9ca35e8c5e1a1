//! The door: what is decided of rows once, when they become ratings. Their order and key are checked, their bodies and
//! series are numbered, and their closed vocabularies become `Enum` columns.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::OPTIONAL_DATES;
use super::columns::*;
use super::expr::words_type;
#[cfg(feature = "files")]
use super::expr::{day, previous};
use crate::{Error, PLAUSIBLE, Precision};

/// What becomes of several rows of one body, series and day, and of one inspection where that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// They are an error.
    Refuse,
    /// The last one counts.
    Last,
}

/// How rows come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// In the order of a frame; anything else is an error.
    Given,
    /// In any order: they are put into that of a frame.
    Any,
}

/// A row of a file that is left out, as a later one of the same body, series and day counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Repeat {
    /// The body's id.
    pub body: String,
    /// The series.
    pub series: String,
    /// The day both take effect.
    pub day: NaiveDate,
    /// Number of the row that is left out, from 1 for the first below the header.
    pub row: usize,
    /// Number of the row that counts.
    pub counts: usize,
    /// Whether both say the same.
    pub same: bool,
}

/// Of more rows left out only their number is kept.
const MOST_REPEATS: usize = 1000;

/// Name of a column, for a while, with the numbers of rows.
const ROW: &str = "row of the file";

/// What is known of rows that have gone through the door.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The last day that any row tells.
    pub last: Option<NaiveDate>,
    /// The last day on which any row takes effect.
    pub last_effect: Option<NaiveDate>,
    /// Whether any date is known less exactly than to the day.
    pub inexact: bool,
    /// Whether any row belongs to no series.
    pub outsiders: bool,
    /// Whether any row tells that its body closed.
    pub closes: bool,
    /// How many rows were left out, as a later one of their key counts.
    pub left_out: usize,
    /// The first of them.
    pub repeats: Vec<Repeat>,
}

/// Columns with a closed vocabulary.
pub(super) const VOCABULARIES: [&str; 5] = [THEME, FRAMEWORK, AREA, KIND, PRECISION];

/// Rows with every column of a frame but the date and the numbers, which they get here, once they are checked.
pub(super) fn enter(mut frame: DataFrame, duplicates: Duplicates, order: Order) -> Result<(DataFrame, Facts), Error> {
    frame.rechunk_mut();
    for name in OPTIONAL_DATES {
        let days = frame.column(name)?;
        let odd = [days.min_reduce()?, days.max_reduce()?].into_iter().find_map(|day| match day.value() {
            AnyValue::Date(day) => Some(*day).filter(|day| plausible(&[*day]).is_err()),
            _ => None,
        });
        if let Some(day) = odd.map(NaiveDate::from_epoch_days) {
            let day = day.map_or_else(|| "a day of no calendar".to_owned(), |day| day.to_string());
            let (first, last) = (PLAUSIBLE.start(), PLAUSIBLE.end());
            return Err(Error::Frame(format!("column `{name}` holds {day}; expected days from {first} to {last}")));
        }
    }
    for name in VOCABULARIES {
        let column = frame.column(name)?;
        let words = if name == PRECISION { precision } else { vocabulary };
        let column = match column {
            // What is everywhere the same is looked at once.
            Column::Scalar(scalar) if scalar.len() > 1 => words(&column.slice(0, 1))?.new_from_index(0, column.len()),
            column => words(column)?,
        };
        frame.with_column(column)?;
    }
    if duplicates == Duplicates::Last {
        frame = frame.with_row_index(ROW.into(), Some(1))?;
    }
    let mut numbers = Rows::new(&frame)?.number()?;
    let mut repeats = Vec::new();
    if numbers.disorder > 0 {
        if order == Order::Given {
            return Err(Error::Frame(format!(
                "{} rows come before their predecessor; expected order: authority, theme, effect, published, inspection",
                numbers.disorder
            )));
        }
        let keys = [AUTHORITY, THEME, EFFECT, PUBLISHED, INSPECTION];
        frame = frame.sort(keys, SortMultipleOptions::default().with_maintain_order(true))?;
        frame.rechunk_mut();
        numbers = Rows::new(&frame)?.number()?;
    }
    if !numbers.superseded.is_empty() {
        if duplicates == Duplicates::Refuse {
            return Err(repeated(&frame, &numbers.superseded)?);
        }
        repeats = repeated_rows(&frame, &numbers.superseded)?;
        let mut keep = vec![true; frame.height()];
        numbers.superseded.iter().for_each(|(row, _)| keep[*row] = false);
        let kept =
            |numbers: Vec<u32>| numbers.into_iter().zip(&keep).filter_map(|(n, keep)| keep.then_some(n)).collect();
        (numbers.body, numbers.series) = (kept(numbers.body), kept(numbers.series));
        frame = frame.filter(&BooleanChunked::from_slice("keep".into(), &keep))?;
    }
    if duplicates == Duplicates::Last {
        frame = frame.drop(ROW)?;
    }
    let outside = frame.column(THEME)?.is_null();
    let series = UInt32Chunked::from_vec(SERIES.into(), numbers.series);
    let series = if outside.any() { series.set(&outside, None)? } else { series };
    frame.with_column(UInt32Chunked::from_vec(BODY.into(), numbers.body).into_column())?;
    frame.with_column(series.into_column())?;
    let date = frame.column(EFFECT)?.clone().with_name(DATE.into());
    frame.with_column(date)?;
    let latest = |name: &str| -> Result<Option<NaiveDate>, Error> {
        Ok(match frame.column(name)?.max_reduce()?.value() {
            AnyValue::Date(day) => NaiveDate::from_epoch_days(*day),
            _ => None,
        })
    };
    let last_effect = latest(EFFECT)?;
    let last = last_effect.max(latest(PUBLISHED)?);
    let closes = frame.column(CLOSED)?.null_count() < frame.height();
    let outsiders = frame.column(SERIES)?.null_count() > 0;
    let inexact =
        frame.column(PRECISION)?.to_physical_repr().cast(&DataType::UInt32)?.u32()?.max().is_some_and(|p| p > 0);
    let facts = Facts { last, last_effect, inexact, outsiders, closes, left_out: numbers.superseded.len(), repeats };
    Ok((frame, facts))
}

/// What is known of the rows of a file with the numbers of its bodies and series, if they are right.
#[cfg(feature = "files")]
pub(super) fn numbered(frame: &mut LazyFrame) -> Result<Option<Facts>, Error> {
    let schema = frame.collect_schema()?;
    let is_number = |name: &str| schema.get(name) == Some(&DataType::UInt32);
    let is_enum = |name: &&str| schema.get(name).is_some_and(|dtype| dtype.is_enum());
    if !is_number(BODY) || !is_number(SERIES) || !VOCABULARIES.iter().all(is_enum) {
        return Ok(None);
    }
    let same = |name: &str| col(name).eq_missing(previous(name));
    let back = |name: &str| col(name).lt(previous(name)).fill_null(lit(false));
    let mut disorder = lit(false);
    for name in [INSPECTION, PUBLISHED, EFFECT, THEME, AUTHORITY] {
        disorder = back(name).or(same(name).and(disorder));
    }
    let (first, last) = (day(*PLAUSIBLE.start()), day(*PLAUSIBLE.end()));
    let wrong_body = same(BODY).neq(same(AUTHORITY)).or(back(BODY));
    let nothing = col(AUTHORITY).is_null().or(col(EFFECT).is_null()).or(col(PRECISION).is_null());
    let outside = col(THEME).is_null().neq(col(SERIES).is_null());
    let closings = same(AUTHORITY).and(same(CLOSED).not());
    let outlying = |name: &&str| col(*name).lt(first.clone()).or(col(*name).gt(last.clone())).fill_null(lit(false));
    let odd = std::iter::once(&EFFECT).chain(OPTIONAL_DATES).map(outlying).fold(lit(false), Expr::or);
    let wrong = [disorder, wrong_body, nothing, outside, closings, odd].into_iter().fold(lit(false), Expr::or);
    // Worked out as columns first: sums of shifted columns, side by side, would be kept in memory until all are read.
    let rows = frame.clone().with_column(wrong.alias("wrong")).select([
        col("wrong").sum(),
        col(EFFECT).max(),
        col(PUBLISHED).max(),
        col(CLOSED).count().alias("closes"),
        col(SERIES).null_count().alias("outsiders"),
        col(PRECISION).neq(lit(Precision::Day.code())).sum().alias("inexact"),
        col(GRADE).null_count().alias("read"),
    ]);
    let tied = col(EFFECT).eq(previous(EFFECT)).and(same(SERIES));
    let renumbered = same(SERIES).neq(same(BODY).and(same(THEME))).or(back(SERIES));
    let in_series = frame
        .clone()
        .filter(col(THEME).is_not_null())
        .select([renumbered.alias("wrong"), tied.alias("tied")])
        .select([col("wrong").sum(), col("tied").sum()]);
    let answer = |query: LazyFrame| -> Result<DataFrame, Error> {
        Ok(query.collect_with_engine(Engine::Streaming)?.unwrap_single())
    };
    let number = |frame: &DataFrame, name: &str| -> Result<u64, Error> {
        Ok(frame.column(name)?.get(0)?.extract().unwrap_or(0))
    };
    let (rows, in_series) = (answer(rows)?, answer(in_series)?);
    // Rows of one day may be of different inspections; reading them all tells.
    if [number(&rows, "wrong")?, number(&in_series, "wrong")?] != [0, 0]
        || number(&in_series, "tied")? > 0 && repeats(frame)?
    {
        return Ok(None);
    }
    let day = |name: &str| -> Result<Option<NaiveDate>, Error> {
        Ok(rows.column(name)?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days))
    };
    let (last_effect, published) = (day(EFFECT)?, day(PUBLISHED)?);
    let last = last_effect.max(published);
    let inexact = number(&rows, "inexact")? > 0;
    let (outsiders, closes) = (number(&rows, "outsiders")? > 0, number(&rows, "closes")? > 0);
    Ok(Some(Facts { last, last_effect, inexact, outsiders, closes, ..Facts::default() }))
}

/// Whether a later row of a frame replaces another.
#[cfg(feature = "files")]
fn repeats(frame: &LazyFrame) -> Result<bool, Error> {
    let keys = [SERIES, EFFECT, INSPECTION].map(col);
    let several = frame.clone().filter(col(SERIES).is_not_null()).group_by(keys).agg([len().alias("rows")]);
    let several = several.filter(col("rows").gt(lit(1u32))).select([len()]);
    let several = several.collect_with_engine(Engine::Streaming)?.unwrap_single();
    Ok(several.columns()[0].get(0)?.extract::<u64>().unwrap_or(0) > 0)
}

/// A column of text as an `Enum` of its words in alphabetical order; one that is an `Enum` stays as it is.
fn vocabulary(column: &Column) -> Result<Column, Error> {
    if column.dtype().is_enum() {
        return Ok(column.clone());
    }
    let text = column.cast(&DataType::String)?.str()?.rechunk().into_owned();
    let views = text.downcast_as_array().views();
    let nulls = text.null_count() > 0;
    let is_null = |row: usize| nulls && text.get(row).is_none();
    let mut codes: HashMap<&str, u32> = HashMap::new();
    let mut coded: Vec<Option<u32>> = Vec::new();
    // Neighbours mostly have one word, and then often one view of it.
    let mut first = 0;
    for row in 1..=text.len() {
        let goes_on = row < text.len() && views[row].as_u128() == views[first].as_u128();
        if goes_on && is_null(row) == is_null(first) {
            continue;
        }
        let next = codes.len() as u32;
        let code = text.get(first).map(|word| *codes.entry(word).or_insert(next));
        if (first, row) == (0, text.len()) {
            let one = Column::new(column.name().clone(), [text.get(0)]);
            let one = one.cast(&words_type(codes.into_keys()))?;
            return Ok(one.new_from_index(0, column.len()));
        }
        coded.resize(row, code);
        first = row;
    }
    let mut words: Vec<(&str, u32)> = codes.into_iter().collect();
    words.sort_unstable();
    let mut rank = vec![0; words.len()];
    words.iter().enumerate().for_each(|(place, (_, code))| rank[*code as usize] = place as u32);
    let words: Vec<&str> = words.into_iter().map(|(word, _)| word).collect();
    let dtype = words_type(words.iter().copied());
    let words = Column::new(column.name().clone(), words).cast(&dtype)?;
    let ranked: IdxCa = coded.into_iter().map(|code| code.map(|code| rank[code as usize])).collect();
    Ok(words.take(&ranked)?)
}

/// How exactly days are known, as an `Enum`; to the day where that is not told.
fn precision(column: &Column) -> Result<Column, Error> {
    let codes: Vec<&str> = Precision::ALL.iter().map(|p| p.code()).collect();
    let dtype = words_type(codes.iter().copied());
    if column.dtype() == &dtype && column.null_count() == 0 {
        return Ok(column.clone());
    }
    let words = column.cast(&DataType::String)?;
    if let Some(odd) = words.str()?.iter().flatten().find(|word| !codes.contains(word)) {
        return Err(Error::Frame(format!("column `{PRECISION}` holds `{odd}`; expected {}", codes.join(", "))));
    }
    let known: StringChunked = words.str()?.iter().map(|word| Some(word.unwrap_or(Precision::Day.code()))).collect();
    Ok(known.into_series().with_name(PRECISION.into()).cast(&dtype)?.into_column())
}

/// The numbers of some rows.
struct Numbers {
    body: Vec<u32>,
    series: Vec<u32>,
    /// How many rows come before their predecessor.
    disorder: usize,
    /// The rows that a later one of the same key replaces, and which.
    superseded: Vec<(usize, usize)>,
}

/// The columns that order rows and tell them apart; none where every row has the same.
struct Rows {
    authority: StringChunked,
    theme: Option<UInt32Chunked>,
    effect: Int32Chunked,
    published: Option<Int32Chunked>,
    inspection: Option<StringChunked>,
    closed: Option<Int32Chunked>,
    outside: Option<BooleanChunked>,
}

impl Rows {
    fn new(frame: &DataFrame) -> Result<Self, Error> {
        let varied = |name: &str| -> Result<Option<&Column>, Error> {
            let column = frame.column(name)?;
            Ok((!matches!(column, Column::Scalar(_))).then_some(column))
        };
        let theme = varied(THEME)?.map(|c| c.to_physical_repr().cast(&DataType::UInt32)).transpose()?;
        let theme = theme.map(|c| c.u32().cloned()).transpose()?;
        let outside = frame.column(THEME)?;
        Ok(Rows {
            authority: frame.column(AUTHORITY)?.str()?.rechunk().into_owned(),
            theme: theme.filter(|t| t.null_count() > 0 || t.min() != t.max()),
            effect: frame.column(EFFECT)?.date()?.phys.rechunk().into_owned(),
            published: varied(PUBLISHED)?.map(|c| c.date().map(|days| days.phys.clone())).transpose()?,
            inspection: varied(INSPECTION)?.map(|c| c.str().cloned()).transpose()?,
            closed: varied(CLOSED)?.map(|c| c.date().map(|days| days.phys.clone())).transpose()?,
            outside: (outside.null_count() > 0).then(|| outside.is_null()),
        })
    }

    fn number(&self) -> Result<Numbers, Error> {
        let rows = self.authority.len();
        let nameless = self.authority.null_count().max(self.effect.null_count());
        if nameless > 0 {
            return Err(Error::Frame(format!("{nameless} rows have no authority or no effect date")));
        }
        let days = self.effect.cont_slice()?;
        plausible(days)?;
        let names = self.authority.downcast_as_array();
        let mut numbers = Numbers {
            body: Vec::with_capacity(rows),
            series: Vec::with_capacity(rows),
            disorder: 0,
            superseded: vec![],
        };
        let (mut body, mut series, mut tied) = (0, 0, 0);
        for row in 0..rows {
            let mut goes_on = false;
            if let Some(before) = row.checked_sub(1) {
                let (one, other) = (names.views()[before], names.views()[row]);
                // Short names are in the view itself.
                let same_body = one.as_u128() == other.as_u128()
                    || one.length == other.length && !one.is_inline() && names.value(before) == names.value(row);
                let themes = self.theme.as_ref().map(|t| (t.get(before), t.get(row)));
                let closings = self.closed.as_ref().map(|closed| (closed.get(before), closed.get(row)));
                if same_body && closings.is_some_and(|(before, now)| before != now) {
                    let name = names.value(row);
                    return Err(Error::Frame(format!(
                        "{name} has several closing days; expected one in all of its rows"
                    )));
                }
                goes_on = same_body && themes.is_none_or(|(before, now)| before == now);
                let in_order = match (same_body, themes) {
                    (false, _) => names.value(before) < names.value(row),
                    (true, Some((before, now))) if before != now => before < now,
                    _ => days[before] < days[row] || days[before] == days[row] && self.key(before) <= self.key(row),
                };
                numbers.disorder += usize::from(!in_order);
                body += u32::from(!same_body);
                series += u32::from(!goes_on);
                goes_on &= days[before] == days[row];
            }
            if !goes_on {
                self.superseded(tied..row, &mut numbers.superseded);
                tied = row;
            }
            numbers.body.push(body);
            numbers.series.push(series);
        }
        self.superseded(tied..rows, &mut numbers.superseded);
        Ok(numbers)
    }

    /// What orders the rows of one series and day.
    fn key(&self, row: usize) -> (Option<i32>, Option<&str>) {
        (self.published.as_ref().and_then(|p| p.get(row)), self.inspection.as_ref().and_then(|i| i.get(row)))
    }

    /// Of rows of one series and day, those that a later row of the same inspection replaces.
    fn superseded(&self, rows: std::ops::Range<usize>, found: &mut Vec<(usize, usize)>) {
        let outside = |row| self.outside.as_ref().is_some_and(|o| o.get(row) == Some(true));
        if rows.len() < 2 || outside(rows.start) {
            return;
        }
        let mut last = HashMap::new();
        for row in rows {
            if let Some(before) = last.insert(self.key(row).1, row) {
                found.push((before, row));
            }
        }
    }
}

fn plausible(days: &[i32]) -> Result<(), Error> {
    let (first, last) = (PLAUSIBLE.start(), PLAUSIBLE.end());
    let range = first.to_epoch_days()..=last.to_epoch_days();
    match days.iter().filter(|day| !range.contains(day)).count() {
        0 => Ok(()),
        odd => Err(Error::Frame(format!("{odd} rows take effect on a day outside {first} to {last}"))),
    }
}

/// The rows that others replace.
fn repeated_rows(frame: &DataFrame, superseded: &[(usize, usize)]) -> Result<Vec<Repeat>, Error> {
    let (authority, effect) = (frame.column(AUTHORITY)?.str()?, frame.column(EFFECT)?.date()?);
    let (series, grade, rows) = (frame.column(THEME)?, frame.column(GRADE)?, frame.column(ROW)?.idx()?);
    let number = |row: usize| rows.get(row).unwrap_or_default() as usize;
    let repeat = |(before, row): &(usize, usize)| {
        Ok(Repeat {
            body: authority.get(*row).unwrap_or_default().to_owned(),
            series: series.get(*row)?.str_value().into_owned(),
            day: effect.phys.get(*row).and_then(NaiveDate::from_epoch_days).unwrap_or_default(),
            row: number(*before),
            counts: number(*row),
            same: grade.get(*before)? == grade.get(*row)?,
        })
    };
    let mut repeats = superseded.iter().take(MOST_REPEATS).map(repeat).collect::<Result<Vec<_>, Error>>()?;
    repeats.sort_by_key(|repeat| repeat.row);
    Ok(repeats)
}

/// The error for rows that have one key: the first ten.
fn repeated(frame: &DataFrame, superseded: &[(usize, usize)]) -> Result<Error, Error> {
    let cell = |name: &str, row: usize| -> Result<String, Error> {
        Ok(frame.column(name)?.get(row)?.str_value().into_owned())
    };
    let named = superseded.iter().take(10).map(|(before, row)| {
        let [body, series, day] = [AUTHORITY, THEME, EFFECT].map(|name| cell(name, *row));
        Ok(format!("{} ({}) on {}: {} and {}", body?, series?, day?, cell(GRADE, *before)?, cell(GRADE, *row)?))
    });
    let named = named.collect::<Result<Vec<_>, Error>>()?.join("; ");
    let (n, more) = (superseded.len(), if superseded.len() > 10 { "; ..." } else { "" });
    let rows = if n == 1 { "1 row is replaced" } else { &format!("{n} rows are replaced") };
    Ok(Error::Frame(format!(
        "{rows} by another of the same body, series and day: {named}{more}; expected one row for each, or different \
         inspection ids"
    )))
}
