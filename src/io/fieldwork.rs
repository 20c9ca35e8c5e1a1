//! Rules of inspections: each ends and is published after it began, and those of one body do not overlap.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::report::Reading;
use super::table::Row;
use crate::error::Problem;

/// The days of an inspection, as far as they are known.
pub(super) struct Inspection {
    pub(super) start: Option<NaiveDate>,
    pub(super) end: Option<NaiveDate>,
    pub(super) published: Option<NaiveDate>,
    /// Whether they are known to the day.
    pub(super) exact: bool,
}

impl Inspection {
    /// Says what is wrong with the cells of a row, whose columns have the end and the publication.
    pub(super) fn check(&self, row: &Row<'_>, [end, published]: [&str; 2], reading: &mut Reading<'_>) {
        let Inspection { start, end: last, published: known, exact } = *self;
        if let (Some(start), Some(last)) = (start, last)
            && last < start
        {
            row.problem(end, format!("a day not before the start, {start}"), reading);
        }
        match (start, last, known) {
            (Some(start), _, Some(known)) if known < start => {
                row.problem(published, format!("a day not before the start, {start}"), reading);
            }
            (_, Some(last), Some(known)) if known < last && exact => {
                row.warn(published, format!("a day not before the end, {last}"), reading);
            }
            _ => {}
        }
    }
}

/// The fieldwork of inspections, by whose they are.
#[derive(Default)]
pub(super) struct Fieldwork(HashMap<String, Vec<(NaiveDate, NaiveDate, u64)>>);

impl Fieldwork {
    /// Takes the days of an inspection, where both are known; rows of one inspection have the same.
    pub(super) fn take(&mut self, body: &str, start: Option<NaiveDate>, end: Option<NaiveDate>, line: u64) {
        let (Some(start), Some(end)) = (start, end) else { return };
        match self.0.get_mut(body) {
            Some(known) if known.iter().rev().take(8).any(|(s, e, _)| (*s, *e) == (start, end)) => {}
            Some(known) => known.push((start, end, line)),
            None => _ = self.0.insert(body.to_owned(), vec![(start, end, line)]),
        }
    }

    /// Warnings of inspections that began before another of the body had ended, in the order of their lines.
    pub(super) fn overlaps(&self, column: &str, file: &str) -> Vec<Problem> {
        let mut found: Vec<(u64, Problem)> = Vec::new();
        for inspections in self.0.values() {
            let mut inspections = inspections.clone();
            inspections.sort_unstable();
            inspections.dedup_by_key(|(start, end, _)| (*start, *end));
            for pair in inspections.windows(2) {
                let [(_, end, before), (start, _, line)] = *pair else { continue };
                if start <= end {
                    let expected = format!("a day after the inspection of line {before} had ended, {end}");
                    let problem = Problem::new(column, &start.to_string(), expected).warning().at(file, Some(line));
                    found.push((line, problem));
                }
            }
        }
        found.sort_by_key(|(line, _)| *line);
        found.into_iter().map(|(_, problem)| problem).collect()
    }
}
