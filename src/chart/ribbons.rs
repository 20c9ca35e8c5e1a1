//! Every authority a ribbon, coloured by its grade over time.

use chrono::{Datelike, NaiveDate};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::axis::TimeAxis;
use super::canvas::{SMALL, STRONG};
use super::page::{Key, MARGIN, Page};
use super::style::Style;
use super::{Chart, capital, words};
use crate::frame::columns::*;
use crate::trend::columns::*;
use crate::{Error, Precision, Ratings, Theme, trend};

/// Height of a ribbon with its gap, and of a group's heading.
const ROW: i32 = 16;
const HEADING: i32 = 26;

/// One authority's ribbon.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ribbon {
    /// Its name.
    pub name: String,
    /// Its group, as a region.
    pub group: String,
    /// Spells: first day, day after the last, rank of the grade; `None` for time without the judgement.
    pub spells: Vec<(NaiveDate, NaiveDate, Option<usize>)>,
}

/// Every authority one horizontal ribbon, coloured by grade over time: within each group the best now first, then those
/// longest at their grade. One may be highlighted.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Ribbons, Style};
/// use rating_history::{Ratings, Theme};
/// let england = rating_history::dataset::england()?;
/// let ratings = Ratings::from_history(&england)?;
/// let chart = Ribbons::collect(&ratings, Theme::Headline, england.cut_off(), Some("Slough"), Style::default())?;
/// assert!(chart.to_svg()?.len() < 300_000);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ribbons {
    /// The ribbons, group by group.
    pub ribbons: Vec<Ribbon>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// Last day shown.
    pub as_of: NaiveDate,
    /// What is graded, as "overall".
    pub what: String,
    /// Name of the one highlighted.
    pub highlight: Option<String>,
    /// How it is drawn.
    pub style: Style,
}

impl Ribbons {
    /// The ribbons of all authorities in existence on a day, grouped by region.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails.
    pub fn collect(
        ratings: &Ratings,
        theme: Theme,
        as_of: NaiveDate,
        highlight: Option<&str>,
        style: Style,
    ) -> Result<Self, Error> {
        let ratings = ratings.clone().themes(&[theme]);
        let standing = trend::as_of(&ratings, as_of).collect()?;
        let region = match ratings.authorities() {
            Some(table) => table.select([col(AUTHORITY), col(REGION)]).collect()?,
            None => standing.clone().lazy().select([col(AUTHORITY), lit("").alias(REGION)]).collect()?,
        };
        let order = [col(REGION), col(GRADE), col(DAYS), col(NAME)];
        let descending = SortMultipleOptions::default().with_order_descending_multi([false, true, true, false]);
        let keys = [col(AUTHORITY)];
        let rows = standing
            .lazy()
            .join(region.lazy(), keys.clone(), keys, JoinArgs::new(JoinType::Left))
            .sort_by_exprs(order, descending.with_nulls_last(true))
            .collect()?;
        let spells = trend::run::runs(&ratings, col(GRADE), as_of).collect()?;
        let text = |frame: &DataFrame, name: &str, row: usize| -> Result<String, Error> {
            Ok(frame.column(name)?.str()?.get(row).unwrap_or_default().to_owned())
        };
        let day = |name: &str, row: usize| -> Result<NaiveDate, Error> {
            let days = spells.column(name)?.date()?.phys.get(row);
            Ok(days.and_then(NaiveDate::from_epoch_days).unwrap_or(as_of))
        };
        let ranks = trend::ranks(&spells, trend::run::KEY)?;
        let authority = spells.column(AUTHORITY)?.str()?;
        let mut ribbons = Vec::new();
        for row in 0..rows.height() {
            let code = text(&rows, AUTHORITY, row)?;
            let own = (0..spells.height()).filter(|n| authority.get(*n) == Some(code.as_str()));
            let spells = own
                .map(|n| Ok((day(SPELL_START, n)?, day(SPELL_END, n)?, ranks.get(n).map(|r| r as usize))))
                .collect::<Result<Vec<_>, Error>>()?;
            let name = text(&rows, NAME, row)?;
            let name = if name.is_empty() { code } else { name };
            ribbons.push(Ribbon { name, group: text(&rows, REGION, row)?, spells });
        }
        Ok(Ribbons {
            ribbons,
            labels: ratings.scale().labels().to_vec(),
            as_of,
            what: theme.label().to_lowercase(),
            highlight: highlight.map(str::to_owned),
            style,
        })
    }

    fn current(&self, ribbon: &Ribbon) -> Option<usize> {
        ribbon.spells.last().filter(|s| s.1 >= self.as_of).and_then(|s| s.2)
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.as_of);
        format!("{} grade of each authority over time, best now first, to {day}", capital(&self.what))
    }

    fn caption(&self) -> String {
        let hatched = self.ribbons.iter().flat_map(|r| &r.spells).any(|s| s.2.is_none());
        let note = if hatched { " Hatched: no such grade is given any more." } else { "" };
        format!("{}.{note} Blank: not inspected yet. White lines: a new grade.", self.style.source)
    }

    /// The groups in order, each with its ribbons.
    fn groups(&self) -> Vec<(&str, Vec<&Ribbon>)> {
        let mut groups: Vec<(&str, Vec<&Ribbon>)> = Vec::new();
        for ribbon in &self.ribbons {
            match groups.last_mut() {
                Some((name, own)) if *name == ribbon.group => own.push(ribbon),
                _ => groups.push((&ribbon.group, vec![ribbon])),
            }
        }
        groups
    }

    fn layout(&self) -> Result<Layout, Error> {
        let names = self.ribbons.iter().map(|r| SMALL.width(&r.name)).max().unwrap_or(0);
        let texts = (self.title(), self.subtitle(), self.caption());
        let left = MARGIN + names + 12;
        let least = (left + 320 + MARGIN).max(2 * MARGIN + Key::least(&self.labels));
        let page = Page::new(&self.style, (least, 840), (&texts.0, &texts.1, &texts.2))?;
        let begin = self.ribbons.iter().filter_map(|r| r.spells.first().map(|s| s.0)).min().unwrap_or(self.as_of);
        let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
        let axis =
            TimeAxis { first, last: self.as_of.max(first + chrono::Days::new(30)), left, right: page.width - MARGIN };
        let key = Key::new(&self.labels, page.width - 2 * MARGIN);
        let top = page.top() + key.height();
        let groups = self.groups();
        let headings = groups.iter().filter(|(name, _)| !name.is_empty()).count() as i32;
        let bottom = top + headings * HEADING + self.ribbons.len() as i32 * ROW + 28;
        Ok(Layout { page, axis, key, top, bottom })
    }
}

struct Layout {
    page: Page,
    axis: TimeAxis,
    key: Key,
    top: i32,
    bottom: i32,
}

impl Chart for Ribbons {
    fn title(&self) -> String {
        let worst = self.ribbons.iter().filter(|r| self.current(r) == Some(0)).count();
        let best = self.ribbons.iter().filter(|r| self.current(r) == Some(self.labels.len() - 1)).count();
        let (low, high) = (words(&self.labels[0]), words(&self.labels[self.labels.len() - 1]));
        let year = self.as_of.year();
        format!("{} authorities: {best} {high}, {worst} {low} in {year}", self.ribbons.len())
    }

    fn alt_text(&self) -> String {
        let groups = self.groups().into_iter().map(|(name, own)| {
            let counts = (0..self.labels.len()).rev().map(|rank| {
                let n = own.iter().filter(|r| self.current(r) == Some(rank)).count();
                format!("{n} {}", words(&self.labels[rank]))
            });
            format!("{name}: {}", counts.collect::<Vec<_>>().join(", "))
        });
        format!(
            "One ribbon an authority, coloured by grade. {}. {}.",
            self.title(),
            groups.collect::<Vec<_>>().join("; ")
        )
    }

    fn size(&self) -> Result<(u32, u32), Error> {
        let at = self.layout()?;
        Ok(at.page.size(at.bottom))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error> {
        let at = self.layout()?;
        let canvas = at.page.open(area, self.style.palette(self.labels.len()), at.bottom)?;
        let palette = &canvas.palette;
        at.key.draw(&canvas, &self.labels, at.page.top())?;
        let mut y = at.top;
        for (name, own) in self.groups() {
            if !name.is_empty() {
                canvas.text(name, STRONG, palette.ink, HPos::Left, (MARGIN, y + HEADING / 2 + 3))?;
                y += HEADING;
            }
            for ribbon in own {
                let middle = y + ROW / 2;
                let focus = self.highlight.as_deref() == Some(ribbon.name.as_str());
                if focus {
                    canvas.rect((MARGIN - 10, middle - 3), (MARGIN - 4, middle + 3), palette.ink)?;
                }
                let colour = if focus { palette.ink } else { palette.quiet };
                canvas.text(&ribbon.name, SMALL, colour, HPos::Right, (at.axis.left - 8, middle))?;
                for (start, end, rank) in &ribbon.spells {
                    let (from, to) = (at.axis.x(*start), at.axis.x(*end).max(at.axis.x(*start) + 2));
                    match rank {
                        Some(rank) => canvas.rect((from, y + 2), (to - 1, y + ROW - 2), palette.grade(*rank))?,
                        None => canvas.hatch((from, y + 2), (to, y + ROW - 2), palette.quiet)?,
                    }
                }
                if focus {
                    let end = at.axis.right + 3;
                    let start = ribbon.spells.first().map_or(at.axis.left, |s| at.axis.x(s.0));
                    canvas.frame((start - 2, y), (end, y + ROW), palette.ink)?;
                }
                y += ROW;
            }
        }
        at.axis.draw(&canvas, y + 4)
    }
}
