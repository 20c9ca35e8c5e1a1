//! A register: the rated bodies of a plain file of ratings, when they opened and closed, and who followed them.

use std::collections::HashMap;

use polars::prelude::*;

use super::dates::is_date;
use super::options::ReadOptions;
use super::order::DateStyle;
use super::report::{Loaded, read_text};
use super::source::Source;
use super::table::{Shape, Table};
use crate::code::nearest;
use crate::frame::columns::*;
use crate::{Error, Ratings};

/// The rated bodies of some ratings.
#[derive(Clone)]
pub struct Register {
    bodies: LazyFrame,
    successors: LazyFrame,
    file: String,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The column with the ids of bodies.
const ID: &str = "id";
/// The column with the ids of those that followed a body, separated by semicolons.
const SUCCESSORS: &str = "successors";

impl Register {
    /// Reads the register of the bodies that a file of ratings is about, from CSV with a header. It needs a column `id`;
    /// `name`, `opened` and `closed` (dates), and `successors` (ids, separated by `;`) may be there. All other columns are
    /// kept to group by, as `region` or `sector`. `closed` is the first day on which a body no longer exists. Dates are
    /// written as [`RatingColumns::read`](crate::io::RatingColumns::read) reads them.
    ///
    /// ```
    /// use rating_history::Scale;
    /// use rating_history::io::{RatingColumns, ReadOptions, Register, Source};
    /// let homes = "home,day,rating\nElm,2020-01-31,B\nOak,2020-06-30,A\nOak,2024-06-30,B\n";
    /// let register = "id,region,closed,successors\nElm,North,2023-03-31,Oak\nOak,South,,\n";
    /// let (columns, options) = (RatingColumns::new("home", "day", "rating"), ReadOptions::default());
    /// let homes = columns.read(Source::new("homes.csv", homes.as_bytes()), &Scale::new(["B", "A"])?, &options)?;
    /// let register = Register::read(Source::new("register.csv", register.as_bytes()), &options)?;
    /// let ratings = register.value.give(homes.value)?;
    /// assert_eq!(ratings.standing().rows()?.len(), 1); // Elm closed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] for what cannot be read or is too large; [`Error::Invalid`] with every row that lacks an id or has
    /// one that is used before, a date that is none, a closing before the opening, or an unknown successor, unless the
    /// reading is lenient.
    pub fn read<'a>(source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<Register>, Error> {
        read_text(source.into(), options, |name, text, reading| {
            let dates = |column: &str| [OPENED, CLOSED].contains(&column);
            let holds = |column: &str, cell: &str| dates(column) && is_date(cell);
            let shape = Shape { needed: &[ID], holds: Some(&holds), ..Shape::default() };
            let table = Table::parse_as(name, text, &shape, reading).filter(|table| {
                let all: Vec<&str> = table.headers().filter(|header| !header.is_empty()).chain([ID]).collect();
                table.has(&all, reading)
            });
            let Some(table) = table else { return Err(reading.invalid()) };
            let is_own = |h: &&str| !h.is_empty() && *h != ID && *h != SUCCESSORS && !dates(h);
            let own: Vec<&str> = table.headers().filter(is_own).collect();
            let style = DateStyle::of(&table, &[OPENED, CLOSED], &[], reading);
            if let Some(taken) = own.iter().find(|column| [AUTHORITY, BODY].contains(column)) {
                return Err(Error::value("column of a register", taken, "another name; this one is the crate's own"));
            }
            let mut lines: HashMap<String, u64> = HashMap::new();
            let (mut ids, mut opened, mut closed) = (Vec::new(), Vec::new(), Vec::new());
            let mut groups: Vec<Vec<Option<String>>> = vec![Vec::new(); own.len()];
            for row in table.rows() {
                let id = row.text(ID);
                match lines.get(id) {
                    _ if id.is_empty() => row.problem(ID, "an id", reading),
                    Some(line) => row.problem(ID, format!("an id used once; line {line} has it"), reading),
                    None => _ = lines.insert(id.to_owned(), row.line),
                }
                let life = (style.day_of_life(&row, OPENED, reading), style.day_of_life(&row, CLOSED, reading));
                if let (Some(first), Some(last)) = life
                    && last < first
                {
                    row.problem(CLOSED, format!("a day not before it opened, {first}"), reading);
                }
                ids.push(id.to_owned());
                opened.push(life.0);
                closed.push(life.1);
                for (values, column) in groups.iter_mut().zip(&own) {
                    values.push(Some(row.text(column)).filter(|text| !text.is_empty()).map(str::to_owned));
                }
            }
            let (mut from, mut to) = (Vec::new(), Vec::new());
            for row in table.rows().filter(|row| !row.text(SUCCESSORS).is_empty()) {
                for successor in row.text(SUCCESSORS).split(';').map(str::trim) {
                    if lines.contains_key(successor) {
                        from.push(row.text(ID).to_owned());
                        to.push(successor.to_owned());
                    } else {
                        let near = || nearest(successor, ids.iter().map(String::as_str)).map(str::to_owned);
                        let near = reading.suggests().then(near).flatten();
                        row.wrong_near(SUCCESSORS, "ids of the register, separated by ;", near, reading);
                    }
                }
            }
            if reading.problems.errors().next().is_some() {
                return Err(reading.invalid());
            }
            let mut bodies = df!(AUTHORITY => &ids, OPENED => opened, CLOSED => closed)?;
            for (column, values) in own.iter().zip(groups) {
                bodies.with_column(Column::new((*column).into(), values))?;
            }
            let successors = df!(AUTHORITY => from, SUCCESSOR => to)?.lazy();
            Ok(Register { bodies: bodies.lazy(), successors, file: name.to_owned() })
        })
    }

    /// Gives ratings their register: bodies without a rating count as not rated, those closed leave every count, and the
    /// series of a closed body end on the day it closed.
    ///
    /// # Errors
    /// [`Error::Frame`] when the register lacks a rated body.
    pub fn give(&self, ratings: Ratings) -> Result<Ratings, Error> {
        ratings.with_register(&self.file, self.bodies.clone())?.with_successors(self.successors.clone())
    }
}
