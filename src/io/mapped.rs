//! Ratings by a mapping: row by row, from any file.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use polars::prelude::*;

use super::bodies::Bodies;
use super::dates::{Known, first_day, in_year, last_day};
use super::fieldwork::{self, Fieldwork};
use super::mapping::{Ends, Mapping, Meaning};
use super::meanings::{Meanings, Told};
use super::options::ReadOptions;
use super::order::DateStyle;
use super::register::Register;
use super::report::{Loaded, Reading, read};
use super::sheet::Sheet;
use super::source::Source;
use super::table::{Row, Shape};
use super::text::alike;
use crate::error::ProblemKind;
use crate::frame::columns::*;
use crate::{Error, Precision, Ratings, Scale, SeriesId, Words};

impl Mapping {
    /// Reads ratings of one scale from CSV of any separator and encoding; with the feature `files` from Parquet, Arrow and
    /// JSON; with the feature `excel` from a workbook (`.xlsx`, `.xlsm`, `.ods`), whose rows count as lines. Rows may come in
    /// any order; of several of one body, series and day the last counts, and a warning names both. Columns that the mapping
    /// does not name are passed over.
    ///
    /// Bodies have a register where the mapping tells more of them than their ids, or a row says that one is not rated
    /// yet; what it says of a body is that of the body's latest row.
    ///
    /// # Errors
    /// [`Error::Value`] for a mapping that cannot be right, or a file with ratings of several scales, which
    /// [`read_by_scale`](Mapping::read_by_scale) reads; [`Error::Io`] for what cannot be read or is too large;
    /// [`Error::Unknown`] for a sheet that is not there, or a workbook without the feature; [`Error::Invalid`] with every
    /// bad row, when lenient only if the header is wrong.
    pub fn read<'a>(&self, source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<Ratings>, Error> {
        let Loaded { mut value, report } = self.read_by_scale(source, options)?;
        match (value.pop(), value.len()) {
            (Some(one), 0) => Ok(Loaded { value: one, report }),
            (_, more) => {
                let expected = "ratings of one scale; keep the series of one";
                Err(Error::value("scale", format!("{} scales", more + 1), expected))
            }
        }
    }

    /// As [`read`](Mapping::read), of a file whose series have different scales: one `Ratings` for each scale that has any,
    /// that of `scale` first.
    ///
    /// # Errors
    /// As [`read`](Mapping::read).
    pub fn read_by_scale<'a>(
        &self,
        source: impl Into<Source<'a>>,
        options: &ReadOptions,
    ) -> Result<Loaded<Vec<Ratings>>, Error> {
        self.check()?;
        let scales = Scales::new(self)?;
        let columns = self.columns();
        let sheet = Sheet::read(source.into(), self.sheet.as_deref(), &columns, options)?;
        let register = self.register.as_deref().map(|file| Register::read(file, options)).transpose()?;
        let (needed, bare) = (self.needed(), DateStyle::given(&self.dates).without(&self.no_date));
        let days = self.days();
        let holds = |column: &str, cell: &str| {
            days.contains(&column) && !bare.is_none(cell) && bare.reads(cell)
                || self.rated().any(|rated| rated == column) && scales.has_grade(cell)
        };
        let shape = Shape {
            needed: &needed,
            holds: Some(&holds),
            columns: &columns,
            header: self.header,
            footer: &self.footer,
        };
        let mut loaded = read(options, |reading| {
            let Some(table) = sheet.table(&shape, reading) else { return Err(reading.invalid()) };
            if !table.has(&columns, reading) {
                return Err(reading.invalid());
            }
            let all_days: Vec<&str> = days
                .iter()
                .copied()
                .chain([&self.opened, &self.closed].into_iter().flatten().map(String::as_str))
                .collect();
            let style = DateStyle::given(&self.dates).without(&self.no_date).decided(&table, &all_days, reading);
            let mut gathered = Gathered::new(self, &scales, style, options);
            for row in table.rows() {
                if reading.is_full() {
                    break;
                }
                gathered.take(&row, reading);
            }
            let file = table.file().to_owned();
            drop(table);
            gathered.finish(&file, register.as_ref().map(|read| &read.value), reading)
        })?;
        loaded.report.problems.0.extend(register.into_iter().flat_map(|read| read.report.problems.0));
        Ok(loaded)
    }
}

/// The scales of a mapping, what the words of the file mean on each, and which series has which.
struct Scales {
    scales: Vec<(Scale, Meanings)>,
    of_series: HashMap<String, usize>,
    /// Whether there is one for series that are not named.
    usual: bool,
}

impl Scales {
    fn new(mapping: &Mapping) -> Result<Self, Error> {
        let mut made: Vec<Scale> = Vec::new();
        let mut place = |labels: &[String]| -> Result<usize, Error> {
            let scale = Scale::new(labels.to_vec())?;
            Ok(made.iter().position(|other| *other == scale).unwrap_or_else(|| {
                made.push(scale);
                made.len() - 1
            }))
        };
        let usual = !mapping.scale.is_empty();
        if usual {
            place(&mapping.scale)?;
        }
        let of_series = mapping.scales.iter().map(|(series, labels)| Ok((series.clone(), place(labels)?)));
        let of_series = of_series.collect::<Result<_, Error>>()?;
        for (word, meaning) in &mapping.words {
            let is_label = |word: &str| made.iter().any(|scale| scale.rank(word).is_some());
            match meaning {
                Meaning::Grade(label) if !is_label(label) => {
                    let expected = format!("a grade of the scale, not_rated, not_given or withdrawn, not `{label}`");
                    return Err(Error::value("meaning of the word", word, expected));
                }
                Meaning::Grade(_) => {}
                _ if is_label(word) => {
                    return Err(Error::value("word for no rating", word, "a word that is not on the scale too"));
                }
                _ => {}
            }
        }
        let meanings = |scale: &Scale| {
            let told = mapping.words.iter().filter_map(|(word, meaning)| {
                let told = match meaning {
                    Meaning::Grade(label) => Told::Grade(scale.position(label).ok()?),
                    Meaning::NotRated => Told::NotRated,
                    Meaning::NotGiven => Told::NotGiven,
                    Meaning::Withdrawn => Told::Withdrawn,
                };
                Some((word.as_str(), told))
            });
            Meanings::new(scale, told)
        };
        let scales = made.into_iter().map(|scale| (meanings(&scale), scale)).map(|(words, scale)| (scale, words));
        Ok(Scales { scales: scales.collect(), of_series, usual })
    }

    /// Whether a cell is a grade of any scale.
    fn has_grade(&self, cell: &str) -> bool {
        self.scales.iter().any(|(_, words)| words.of(cell).is_some())
    }

    /// The place of a series' scale.
    fn of(&self, series: &str, parts: &[&str]) -> Option<usize> {
        let named = std::iter::once(series).chain(parts.iter().copied()).find_map(|name| self.of_series.get(name));
        named.copied().or_else(|| self.usual.then_some(0))
    }
}

/// The rating of a series in a row.
struct Rating<'a> {
    series: String,
    column: &'a str,
    scale: usize,
    told: Told,
}

/// A rating that is kept.
struct Kept {
    line: u32,
    body: u32,
    /// Each has one scale.
    series: u32,
    /// None for one withdrawn.
    grade: Option<u16>,
    day: Known,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    published: Option<NaiveDate>,
    /// Place among the sources.
    source: u32,
}

/// What the rows hold.
struct Gathered<'a> {
    mapping: &'a Mapping,
    scales: &'a Scales,
    style: DateStyle,
    join_alike: bool,
    kept: Vec<Kept>,
    /// Where the rating of a body, a series and a day stands; of several the last counts.
    places: HashMap<(u32, u32, NaiveDate), u32>,
    /// Lines with a rating that does not count.
    replaced: HashSet<u32>,
    ids: Ids,
    series: Numbered,
    /// The place of each series' scale.
    scale_of: Vec<usize>,
    sources: Numbered,
    bodies: Bodies,
    /// Whether any body is not rated yet.
    not_rated: bool,
    fieldwork: Fieldwork,
}

impl<'a> Gathered<'a> {
    fn new(mapping: &'a Mapping, scales: &'a Scales, style: DateStyle, options: &ReadOptions) -> Self {
        Gathered {
            mapping,
            scales,
            style,
            join_alike: options.join_alike,
            kept: Vec::new(),
            places: HashMap::new(),
            replaced: HashSet::new(),
            ids: Ids::default(),
            series: Numbered::default(),
            scale_of: Vec::new(),
            sources: Numbered::default(),
            bodies: Bodies::new(mapping),
            not_rated: false,
            fieldwork: Fieldwork::default(),
        }
    }

    fn take(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) {
        let mapping = self.mapping;
        if !row.is_among(&mapping.keep, reading) {
            return;
        }
        let before = reading.errors();
        let id = row.text(&mapping.id);
        if id.is_empty() {
            row.problem(&mapping.id, "an id", reading);
        }
        let ratings = self.ratings(row, reading);
        let is_rated = |rating: &Rating<'_>| matches!(rating.told, Told::Grade(_) | Told::Withdrawn);
        let is_dated = ratings.iter().any(is_rated) || ratings.is_empty();
        let dates = Dates::read(mapping, &self.style, is_dated, row, reading);
        if reading.errors() > before {
            return;
        }
        let not_rated = ratings.iter().any(|rating| rating.told == Told::NotRated);
        if !not_rated && !ratings.iter().any(is_rated) {
            let column = ratings.first().map_or(mapping.id.as_str(), |rating| rating.column);
            return row.passed_over(column, "a rating; a row without one is passed over", reading);
        }
        let body = self.ids.of(id, row.line, self.join_alike);
        self.not_rated |= not_rated;
        self.bodies.take(body, dates.effect.map(|(day, _)| day), row, &self.style, reading);
        let Some((day, precision)) = dates.effect else { return };
        if precision == Precision::Day {
            self.fieldwork.take(id, dates.start, dates.end, row.line);
        }
        let source = self.sources.of(mapping.source.as_deref().map_or("", |column| row.text(column)));
        for rating in ratings.into_iter().filter(is_rated) {
            let grade = match rating.told {
                Told::Grade(rank) => u16::try_from(rank).ok(),
                _ => None,
            };
            let series = self.series.of(&rating.series);
            if self.scale_of.len() <= series as usize {
                self.scale_of.push(rating.scale);
            }
            let kept = Kept {
                line: u32::try_from(row.line).unwrap_or(u32::MAX),
                body,
                series,
                grade,
                day: (day, precision),
                start: dates.start,
                end: dates.end,
                published: dates.published,
                source,
            };
            match self.places.get(&(body, series, day)) {
                Some(place) => {
                    let place = *place as usize;
                    let old = &self.kept[place];
                    let several =
                        if self.series.names.len() > 1 { format!(" ({})", rating.series) } else { String::new() };
                    let whose = format!("{}{several} on {day}; line {}", self.ids.name(body), old.line);
                    let expected = match old.grade == grade {
                        true => format!("one row for {whose} says the same"),
                        false => format!("one rating for {whose} says otherwise, the later counts"),
                    };
                    row.remark(ProblemKind::Repeated, rating.column, expected, reading);
                    self.replaced.insert(old.line);
                    self.kept[place] = kept;
                }
                None => {
                    let place = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
                    self.places.insert((body, series, day), place);
                    self.kept.push(kept);
                }
            }
        }
    }

    /// What a row says of each series.
    fn ratings(&self, row: &Row<'_>, reading: &mut Reading<'_>) -> Vec<Rating<'a>> {
        let mapping = self.mapping;
        if let Some(column) = &mapping.rating {
            let parts: Vec<&str> = mapping.series.iter().map(|part| row.text(part)).collect();
            for (part, _) in mapping.series.iter().zip(&parts).filter(|(_, text)| text.is_empty()) {
                row.problem(part, "a series", reading);
            }
            let series = if parts.is_empty() { SeriesId::MAIN.to_owned() } else { parts.join(" ") };
            return self.rating(row, series, &parts, column, false, reading).into_iter().collect();
        }
        let named = mapping.ratings.iter();
        named.filter_map(|(series, column)| self.rating(row, series.clone(), &[], column, true, reading)).collect()
    }

    fn rating(
        &self,
        row: &Row<'_>,
        series: String,
        parts: &[&str],
        column: &'a str,
        may_lack: bool,
        reading: &mut Reading<'_>,
    ) -> Option<Rating<'a>> {
        let text = row.text(column);
        let Some(scale) = self.scales.of(&series, parts) else {
            let named = self.mapping.scales.keys().cloned().collect::<Vec<_>>().join(", ");
            let expected = format!("a rating of a series with a scale, not of `{series}`: {named}");
            row.problem(column, expected, reading);
            return None;
        };
        let (labels, words) = &self.scales.scales[scale];
        let told = match words.of(text) {
            None if text.is_empty() && may_lack => Told::NotGiven,
            None => {
                if let Err(error) = labels.position(text) {
                    row.wrong(column, &error, reading);
                }
                return None;
            }
            Some(told) => told,
        };
        Some(Rating { series, column, scale, told })
    }

    fn finish(
        mut self,
        file: &str,
        given: Option<&Register>,
        reading: &mut Reading<'_>,
    ) -> Result<Vec<Ratings>, Error> {
        if reading.errors() > 0 {
            return Err(reading.invalid());
        }
        self.places = HashMap::new();
        // A row of which some rating still counts is kept.
        let mut replaced = std::mem::take(&mut self.replaced);
        if !replaced.is_empty() {
            self.kept.iter().for_each(|kept| _ = replaced.remove(&kept.line));
        }
        reading.passed_over += replaced.len();
        self.ids.tell(&self.mapping.id, file, self.join_alike, reading);
        let start = self.mapping.start.as_deref().unwrap_or_default();
        self.fieldwork.overlaps(start, file).into_iter().for_each(|problem| reading.add(problem));
        let names = &self.ids.names;
        let register = match given.is_none() && (self.mapping.tells_bodies() || self.not_rated) {
            true => Some(self.bodies.table(names, file, reading)?),
            false => None,
        };
        if reading.errors() > 0 {
            return Err(reading.invalid());
        }
        let mut all = Vec::new();
        for (place, (scale, _)) in self.scales.scales.iter().enumerate() {
            let kept: Vec<&Kept> =
                self.kept.iter().filter(|kept| self.scale_of[kept.series as usize] == place).collect();
            if kept.is_empty() && (place > 0 || !all.is_empty()) {
                continue;
            }
            let frame = self.frame(&kept, scale)?;
            let mut ratings = Ratings::unordered(frame.lazy(), scale.clone())?;
            if let Some((bodies, successors)) = &register {
                ratings = ratings.with_register(file, bodies.clone().lazy())?;
                if let Some(successors) = successors {
                    ratings = ratings.with_successors(successors.clone().lazy())?;
                }
            }
            if let Some(given) = given {
                ratings = given.give(ratings)?;
            }
            if self.mapping.ends == Ends::LastRow {
                ratings = ratings.ending_with_last_rows()?;
            }
            let of_scale = self.scales.of_series.iter().filter(|(_, of)| **of == place).map(|(series, _)| series);
            let named = of_scale.filter(|series| self.mapping.nouns_of.contains_key(*series)).min();
            let nouns = self.mapping.nouns_of(named.map_or("", String::as_str))?;
            if nouns != Words::default() {
                ratings = ratings.with_words(nouns);
            }
            all.push(ratings);
        }
        // A first scale that nothing has is of use only alone.
        if all.len() > 1 && !self.kept.iter().any(|kept| self.scale_of[kept.series as usize] == 0) {
            all.remove(0);
        }
        Ok(all)
    }

    fn frame(&self, kept: &[&Kept], scale: &Scale) -> Result<DataFrame, Error> {
        let lines: StringChunked = kept.iter().map(|kept| Some(format!("line {:010}", kept.line))).collect();
        let days = |name: &str, day: &dyn Fn(&Kept) -> Option<NaiveDate>| {
            Column::new(name.into(), kept.iter().map(|kept| day(kept)).collect::<Vec<_>>())
        };
        let mut columns = vec![
            words(AUTHORITY, kept, |kept| Some(self.ids.name(kept.body))),
            days(EFFECT, &|kept| Some(kept.day.0)),
            words(GRADE, kept, |kept| Some(scale.labels()[kept.grade? as usize].as_str())),
            lines.with_name(INSPECTION.into()).into_column(),
        ];
        if kept.iter().any(|kept| kept.day.1 != Precision::Day) {
            columns.push(words(PRECISION, kept, |kept| Some(kept.day.1.code())));
        }
        if self.mapping.rating.is_none() || !self.mapping.series.is_empty() {
            columns.push(words(THEME, kept, |kept| Some(self.series.names[kept.series as usize].as_str())));
        }
        let told = [
            (&self.mapping.start, days(START, &|kept| kept.start)),
            (&self.mapping.end, days(END, &|kept| kept.end)),
            (&self.mapping.published, days(PUBLISHED, &|kept| kept.published)),
        ];
        columns.extend(told.into_iter().filter(|(column, _)| column.is_some()).map(|(_, days)| days));
        if self.mapping.source.is_some() {
            columns.push(words(SOURCE, kept, |kept| Some(self.sources.names[kept.source as usize].as_str())));
        }
        Ok(DataFrame::new(kept.len(), columns)?)
    }
}

/// A column of words.
fn words<'a>(name: &str, kept: &[&Kept], cell: impl Fn(&Kept) -> Option<&'a str>) -> Column {
    let cells: StringChunked = kept.iter().map(|kept| cell(kept)).collect();
    cells.with_name(name.into()).into_column()
}

/// The dates of a row.
struct Dates {
    effect: Option<Known>,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    published: Option<NaiveDate>,
}

impl Dates {
    fn read(mapping: &Mapping, style: &DateStyle, needed: bool, row: &Row<'_>, reading: &mut Reading<'_>) -> Self {
        let exactly = mapping.precision.as_ref().filter(|column| !row.text(column).is_empty());
        let exactly = exactly.and_then(|column| row.value::<Precision>(column, reading));
        let before = reading.errors();
        let day = |column: &Option<String>, reading: &mut Reading<'_>| -> Option<Known> {
            let (day, precision) = style.day(row, column.as_ref()?, reading)?;
            let precision = exactly.unwrap_or(precision);
            Some((last_day(day, precision), precision))
        };
        let (date, end) = (day(&mapping.date, reading), day(&mapping.end, reading));
        let published = mapping.published.as_ref().and_then(|column| style.day(row, column, reading));
        let published = published.map(|(day, precision)| match date.or(end) {
            Some(_) => (day, precision),
            None => (day, exactly.unwrap_or(precision)),
        });
        let start = mapping.start.as_ref().and_then(|column| style.day(row, column, reading));
        let start = start.map(|(day, precision)| (first_day(day, exactly.unwrap_or(precision)), precision));
        let year = mapping.year.as_ref().filter(|column| !style.is_none(row.text(column))).and_then(|column| {
            let year = in_year(row.text(column));
            if year.is_none() {
                row.problem(column, "a year as 2019", reading);
            }
            year
        });
        let effect = date.or(end).or(published).or(start).or(year);
        let effect = effect.map(|(day, precision)| match published {
            Some((published, _)) if precision != Precision::Day => (day.min(published), precision),
            _ => (day, precision),
        });
        let first = mapping.days().into_iter().next().or(mapping.year.as_deref()).unwrap_or_default();
        if effect.is_none() && needed && reading.errors() == before {
            row.problem(first, "a date", reading);
        }
        let bare = |known: Option<Known>| known.map(|(day, _)| day);
        let dates = Dates { effect, start: bare(start), end: bare(end), published: bare(published) };
        let column = |column: &'_ Option<String>| column.clone().unwrap_or_default();
        let inspection = fieldwork::Inspection {
            start: dates.start,
            end: dates.end,
            published: dates.published,
            exact: [date, start, end, published].into_iter().flatten().all(|(_, exactly)| exactly == Precision::Day),
        };
        inspection.check(row, [&column(&mapping.end), &column(&mapping.published)], reading);
        dates
    }
}

/// Words by their numbers.
#[derive(Default)]
struct Numbered {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Numbered {
    fn of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

/// Ids as they are spelled, with their numbers, and those that look alike.
#[derive(Default)]
struct Ids {
    names: Vec<String>,
    /// Spellings that were met.
    known: HashMap<String, u32>,
    /// The first of those that look alike, and its line.
    first: HashMap<String, (u32, u64)>,
    /// A first spelling with its line, and another one with its.
    apart: Vec<(String, u64, String, u64)>,
}

impl Ids {
    /// The number of an id, or of the first that looks like it.
    fn of(&mut self, id: &str, line: u64, join: bool) -> u32 {
        if let Some(known) = self.known.get(id) {
            return *known;
        }
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let (first, first_line) = *self.first.entry(alike(id)).or_insert((next, line));
        if first != next {
            self.apart.push((self.names[first as usize].clone(), first_line, id.to_owned(), line));
        }
        let number = if join { first } else { next };
        if number == next {
            self.names.push(id.to_owned());
        }
        self.known.insert(id.to_owned(), number);
        number
    }

    fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    /// Says which ids look alike.
    fn tell(&self, column: &str, file: &str, join: bool, reading: &mut Reading<'_>) {
        for (first, line, other, other_line) in &self.apart {
            let became = if join { "they are read as one" } else { "they are read as two" };
            let expected = format!("one spelling of an id; line {line} has `{}`: {became}", first.escape_debug());
            let value = other.escape_debug().to_string();
            reading.add(crate::Problem::new(column, &value, expected).warning().at(file, Some(*other_line)));
        }
    }
}
