//! What the rows of a file tell of the bodies, beside their ratings.

use std::collections::HashSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::mapping::Mapping;
use super::order::DateStyle;
use super::report::Reading;
use super::table::Row;
use crate::Error;
use crate::code::nearest;
use crate::error::Problem;
use crate::frame::columns::*;

/// What is told of bodies, each by the latest row that has it.
pub(super) struct Bodies {
    /// Name in the register, and column, of what is text.
    text: Vec<(String, String)>,
    opened: Option<String>,
    closed: Option<String>,
    successor: Option<String>,
    told: Vec<Option<Body>>,
}

struct Body {
    line: u64,
    /// The day of the row that tells it.
    day: Option<NaiveDate>,
    text: Vec<Option<String>>,
    opened: Option<NaiveDate>,
    closed: Option<NaiveDate>,
    successors: String,
}

impl Bodies {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let name = mapping.name.iter().map(|column| (NAME.to_owned(), column.clone()));
        let groups = mapping.groups.iter().map(|(name, column)| (name.clone(), column.clone()));
        Bodies {
            text: name.chain(groups).collect(),
            opened: mapping.opened.clone(),
            closed: mapping.closed.clone(),
            successor: mapping.successor.clone(),
            told: Vec::new(),
        }
    }

    /// Takes what a row tells of a body.
    pub(super) fn take(
        &mut self,
        body: u32,
        day: Option<NaiveDate>,
        row: &Row<'_>,
        style: &DateStyle,
        reading: &mut Reading<'_>,
    ) {
        let place = body as usize;
        if self.told.len() <= place {
            self.told.resize_with(place + 1, || None);
        }
        let mut life = |column: &Option<String>| style.day_of_life(row, column.as_ref()?, reading);
        let (opened, closed) = (life(&self.opened), life(&self.closed));
        if let (Some(opened), Some(closed), Some(column)) = (opened, closed, &self.closed)
            && closed < opened
        {
            row.problem(column, format!("a day not before it opened, {opened}"), reading);
        }
        let old = self.told[place].take();
        for (column, day, before) in [
            (&self.opened, opened, old.as_ref().and_then(|old| old.opened)),
            (&self.closed, closed, old.as_ref().and_then(|old| old.closed)),
        ] {
            if let (Some(column), Some(day), Some(before), Some(old)) = (column, day, before, &old)
                && day != before
            {
                let expected = format!("one day for a body; line {} has {before}", old.line);
                row.warn(column, expected, reading);
            }
        }
        let cell = |column: &String| Some(row.text(column)).filter(|text| !text.is_empty()).map(str::to_owned);
        let text: Vec<_> = self.text.iter().map(|(_, column)| cell(column)).collect();
        let successors = self.successor.as_ref().map_or("", |column| row.text(column)).to_owned();
        let new = Body { line: row.line, day, text, opened, closed, successors };
        self.told[place] = Some(match old {
            None => new,
            Some(old) if old.day > new.day => old.filled(new),
            Some(old) => new.filled(old),
        });
    }

    /// The register of the bodies with these ids, and who followed whom.
    ///
    /// # Errors
    /// [`Error::Value`] for a group with the name of a column that the crate has.
    pub(super) fn table(
        &self,
        ids: &[String],
        file: &str,
        reading: &mut Reading<'_>,
    ) -> Result<(DataFrame, Option<DataFrame>), Error> {
        let own = [AUTHORITY, BODY, OPENED, CLOSED];
        if let Some((taken, _)) = self.text.iter().find(|(name, _)| own.contains(&name.as_str())) {
            return Err(Error::value("group", taken, "another name; this one is the crate's own"));
        }
        if let Some((name, _)) = self.text.iter().skip(1).find(|(name, _)| name == NAME && self.text[0].0 == NAME) {
            return Err(Error::value("group", name, "another name; the column `name` has the bodies' names"));
        }
        let told: Vec<(&String, &Body)> =
            ids.iter().zip(&self.told).filter_map(|(id, body)| Some((id, body.as_ref()?))).collect();
        let mut columns = vec![
            Column::new(AUTHORITY.into(), told.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>()),
            Column::new(OPENED.into(), told.iter().map(|(_, body)| body.opened).collect::<Vec<_>>()),
            Column::new(CLOSED.into(), told.iter().map(|(_, body)| body.closed).collect::<Vec<_>>()),
        ];
        for (n, (name, _)) in self.text.iter().enumerate() {
            let cells: Vec<Option<&str>> = told.iter().map(|(_, body)| body.text[n].as_deref()).collect();
            columns.push(Column::new(name.as_str().into(), cells));
        }
        let bodies = DataFrame::new(told.len(), columns)?;
        let Some(column) = &self.successor else { return Ok((bodies, None)) };
        let known: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for (id, body) in &told {
            for successor in body.successors.split(';').map(str::trim).filter(|id| !id.is_empty()) {
                if known.contains(successor) {
                    from.push(id.as_str());
                    to.push(successor.to_owned());
                } else {
                    let near = reading.suggests().then(|| nearest(successor, ids.iter().map(String::as_str))).flatten();
                    let problem = Problem::new(column, successor, "ids of the file, separated by ;").near(near);
                    reading.add(problem.at(file, Some(body.line)));
                }
            }
        }
        Ok((bodies, Some(df!(AUTHORITY => from, SUCCESSOR => to)?)))
    }
}

impl Body {
    /// What it tells, and where that is nothing, what another row told.
    fn filled(mut self, other: Body) -> Body {
        for (own, others) in self.text.iter_mut().zip(other.text) {
            if own.is_none() {
                *own = others;
            }
        }
        if self.successors.is_empty() {
            self.successors = other.successors;
        }
        (self.opened, self.closed) = (self.opened.or(other.opened), self.closed.or(other.closed));
        self
    }
}
