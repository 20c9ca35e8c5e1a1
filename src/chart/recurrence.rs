//! What came back: a grid of things by the occasions at which they were said.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table, listed};
use crate::{Error, Noun};

/// What an occasion said of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Said {
    /// Nothing.
    Nothing,
    /// It was said, and not at the occasion before.
    New,
    /// It was said, and at the occasion before too.
    Again,
}

/// An occasion: a column of [`Recurrences`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Occasion {
    /// Its day in words.
    pub day: String,
    /// A line below it, as the rules under which it was; empty for none.
    pub rules: String,
    /// Whether what it said is known.
    pub is_known: bool,
    /// Whether what the occasion before said is known too, so that something can have come back.
    pub has_before: bool,
}

/// A grid of things by occasions: what was said again is filled, what is new is a frame. What came back most often stands
/// at the top.
///
/// ```
/// use rating_history::Noun;
/// use rating_history::chart::{Chart, Occasion, Recurrences, Said, Style};
/// let occasion = |day: &str, has_before| Occasion { day: day.into(), rules: String::new(), is_known: true, has_before };
/// let rows = vec![("Records".to_owned(), vec![Said::New, Said::Again]), ("Visits".to_owned(), vec![Said::New, Said::Nothing])];
/// let occasions = vec![occasion("May 2020", false), occasion("June 2023", true)];
/// let grid = Recurrences::new("Elm House", Noun::new("topic", "topics"), occasions, rows, Style::default())?;
/// assert_eq!(grid.title(), "Elm House: 1 of 2 topics came back at the next rating");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Recurrences {
    /// Whose.
    pub name: String,
    /// What the things are called.
    pub thing: Noun,
    /// The columns, in order.
    pub occasions: Vec<Occasion>,
    /// The rows: a thing and what each occasion said of it.
    pub rows: Vec<(String, Vec<Said>)>,
    /// How it is drawn.
    pub style: Style,
}

const ROW: i32 = 24;
const CELL: i32 = 14;
const COLUMN: i32 = 104;
const HEAD: i32 = 66;
/// Width of a column on a narrow page, and the least that is left for the names.
const NARROW_COLUMN: i32 = 26;
const LEAST_LABEL: i32 = 110;
const NARROW_LINE: i32 = 18;

impl Recurrences {
    /// A grid of these things.
    ///
    /// # Errors
    /// [`Error::Chart`] without a row or an occasion, or when a row has not a cell for each occasion.
    pub fn new(
        name: impl Into<String>,
        thing: Noun,
        occasions: Vec<Occasion>,
        mut rows: Vec<(String, Vec<Said>)>,
        style: Style,
    ) -> Result<Self, Error> {
        if occasions.is_empty() || rows.is_empty() {
            return Err(Error::Chart(format!("no {} to draw", thing.one)));
        }
        if let Some((row, cells)) = rows.iter().find(|(_, cells)| cells.len() != occasions.len()) {
            let (n, all) = (cells.len(), occasions.len());
            return Err(Error::Chart(format!("`{row}` has {n} cells for {all} occasions")));
        }
        let count = |cells: &[Said], is: Said| cells.iter().filter(|c| **c == is).count();
        let first = |cells: &[Said]| cells.iter().position(|c| *c != Said::Nothing);
        rows.sort_by(|(a, x), (b, y)| {
            let key = |cells: &[Said]| {
                let again = count(cells, Said::Again);
                (std::cmp::Reverse(again), std::cmp::Reverse(again + count(cells, Said::New)), first(cells))
            };
            key(x).cmp(&key(y)).then_with(|| a.cmp(b))
        });
        Ok(Recurrences { name: name.into(), thing, occasions, rows, style })
    }

    /// How many things an occasion said, and how many of them again.
    fn counts(&self, column: usize) -> (usize, usize) {
        let all = self.rows.iter().filter(|(_, cells)| cells[column] != Said::Nothing).count();
        let again = self.rows.iter().filter(|(_, cells)| cells[column] == Said::Again).count();
        (all, again)
    }

    /// Of each pair of occasions that are known: how many things the earlier said, and how many came back.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let later = (1..self.occasions.len()).filter(|n| self.occasions[*n].has_before);
        later.map(|n| (self.counts(n - 1).0, self.counts(n).1)).collect()
    }

    fn subtitle(&self) -> String {
        let one = &self.style.said().inspection.one;
        format!(
            "The {} that each {one} asked for; those at the top came back most often. Below each day: how many, and how many \
             of them again.",
            self.thing.many
        )
    }

    fn caption(&self) -> String {
        let hatched = self.occasions.iter().any(|o| !o.is_known);
        let unknown = if hatched { " Hatched: not known." } else { "" };
        format!("{}.{unknown}", self.style.origin())
    }
}

/// A cell that is drawn.
fn cell(canvas: &Canvas, said: Said, (x, y): (i32, i32)) {
    let ink = canvas.palette.ink;
    let (from, to) = ((x - CELL / 2, y - CELL / 2), (x + CELL / 2, y + CELL / 2));
    match said {
        Said::Nothing => {}
        Said::Again => canvas.rect(from, to, ink),
        Said::New => {
            canvas.rect(from, to, canvas.palette.quiet);
            canvas.rect((from.0 + 2, from.1 + 2), (to.0 - 2, to.1 - 2), canvas.palette.paper);
        }
    }
}

impl Chart for Recurrences {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let (name, things) = (&self.name, &self.thing.many);
        let one = &self.style.said().inspection.one;
        match self.pairs().as_slice() {
            [] => format!("{name}: {things} asked for, {one} by {one}"),
            [(all, again)] => format!("{name}: {again} of {} came back at the next {one}", self.thing.count(*all)),
            pairs => {
                let each: Vec<String> = pairs.iter().map(|(all, again)| format!("{again} of {all}")).collect();
                let each: Vec<&str> = each.iter().map(String::as_str).collect();
                let things = self.thing.of(pairs[pairs.len() - 1].0);
                format!("{name}: {} {things} came back at the next {one}", listed(&each))
            }
        }
    }

    fn alt_text(&self) -> String {
        let columns = self.occasions.iter().enumerate().map(|(n, occasion)| {
            if !occasion.is_known {
                return format!("{}: not known", occasion.day);
            }
            let of = |is: Said| -> Vec<&str> {
                self.rows.iter().filter(|(_, cells)| cells[n] == is).map(|(label, _)| label.as_str()).collect()
            };
            let told = |word: &str, rows: Vec<&str>| {
                if rows.is_empty() { String::new() } else { format!("; {word}: {}", rows.join(", ")) }
            };
            format!("{}{}{}", occasion.day, told("again", of(Said::Again)), told("new", of(Said::New)))
        });
        let columns = columns.collect::<Vec<_>>().join(". ");
        format!("A grid of {} by occasion. {}. {columns}.", self.thing.many, self.title())
    }

    fn table(&self) -> Table {
        let columns = std::iter::once(self.thing.one.clone()).chain(self.occasions.iter().map(|o| o.day.clone()));
        let cell = |said: &Said, occasion: &Occasion| match said {
            _ if !occasion.is_known => "not known",
            Said::Nothing => "",
            Said::New => "new",
            Said::Again => "again",
        };
        let row = |(label, cells): &(String, Vec<Said>)| {
            let cells = cells.iter().zip(&self.occasions).map(|(said, occasion)| cell(said, occasion).to_owned());
            std::iter::once(label.clone()).chain(cells).collect()
        };
        Table::new(columns, self.rows.iter().map(row).collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let labels = self.rows.iter().map(|(label, _)| BODY.width(label)).max().unwrap_or(0);
        let heads = self.occasions.iter().flat_map(|o| [STRONG.width(&o.day), SMALL.width(&o.rules)]).max();
        let wide = COLUMN.max(heads.unwrap_or(0) + 16);
        let columns = self.occasions.len() as i32;
        let needed = MARGIN + labels + 16 + wide * columns + MARGIN;
        let texts = (self.title(), self.subtitle(), self.caption());
        let page = Page::new(&self.style, (needed, needed.max(640)), (&texts.0, &texts.1, &texts.2))?;
        if page.narrow && page.room() < columns * NARROW_COLUMN + LEAST_LABEL {
            let n = self.occasions.len();
            return Err(Error::Chart(format!("{n} occasions on {} pixels; draw it wider", page.width)));
        }
        // On a narrow page the columns have numbers, and a line each above tells which is which.
        let column = if page.narrow { NARROW_COLUMN } else { wide };
        let left = if page.narrow { page.right() - column * columns } else { MARGIN + labels + 16 };
        let keys = page.top();
        let head = if page.narrow { columns * NARROW_LINE + 34 } else { HEAD };
        let one = &self.style.said().inspection.one;
        let entries =
            [(Said::Again, "asked for again".to_owned()), (Said::New, format!("asked for, not at the {one} before"))];
        let entries = entries.map(|(said, text)| (said, BODY.wrap(&text, page.room() - CELL - 8)));
        let key_rows = if page.narrow { entries.iter().map(|(_, lines)| lines.len()).sum() } else { 1 };
        let top = keys + 4 + key_rows as i32 * 22 + head;
        // A name that is too long for its row has more lines.
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|(label, _)| BODY.wrap(label, left - page.margin - 8)).collect();
        let mut bottom = top;
        let high = |lines: &Vec<String>| ROW + (lines.len().max(1) as i32 - 1) * BODY.line_height();
        // The middle of each row.
        let middles: Vec<i32> = rows
            .iter()
            .map(|lines| {
                bottom += high(lines);
                bottom - high(lines) / 2
            })
            .collect();
        let canvas = page.open(self.style.paint(4), bottom)?;
        let palette = &canvas.palette;
        let (mut x, mut y) = (page.margin, keys + 8);
        for (said, lines) in entries {
            cell(&canvas, said, (x + CELL / 2, y));
            for (n, line) in (0..).zip(&lines) {
                canvas.text(line, BODY, palette.ink, HPos::Left, (x + CELL + 8, y + 22 * n));
            }
            match page.narrow {
                true => y += 22 * lines.len() as i32,
                false => x += CELL + 8 + lines.iter().map(|line| BODY.width(line)).max().unwrap_or(0) + 24,
            }
        }
        for (lines, middle) in rows.iter().zip(&middles) {
            let foot = middle + (high(lines) + 1) / 2;
            canvas.line((page.margin, foot), (left + column * columns, foot), palette.rule, 1);
            let first = middle - (lines.len() as i32 - 1) * BODY.line_height() / 2;
            for (n, line) in (0..).zip(lines) {
                canvas.text(line, BODY, palette.ink, HPos::Left, (page.margin, first + n * BODY.line_height()));
            }
        }
        for (n, occasion) in self.occasions.iter().enumerate() {
            let x = left + column * n as i32 + column / 2;
            let (all, again) = self.counts(n);
            let counts = match occasion {
                Occasion { is_known: false, .. } => "not known".to_owned(),
                Occasion { has_before: true, .. } => format!("{all}, {again} again"),
                _ => all.to_string(),
            };
            if page.narrow {
                let number = n + 1;
                let rules = if occasion.rules.is_empty() { String::new() } else { format!(", {}", occasion.rules) };
                let line = page.fit(SMALL, &format!("{number}: {}{rules}: {counts}", occasion.day), page.room());
                let y = top - head + n as i32 * NARROW_LINE + NARROW_LINE / 2;
                canvas.text(&line, SMALL, palette.ink, HPos::Left, (page.margin, y));
                canvas.text(&number.to_string(), STRONG, palette.ink, HPos::Center, (x, top - 14));
            } else {
                canvas.text(&occasion.day, STRONG, palette.ink, HPos::Center, (x, top - HEAD + 12));
                canvas.text(&occasion.rules, SMALL, palette.quiet, HPos::Center, (x, top - HEAD + 31));
                canvas.text(&counts, SMALL, palette.quiet, HPos::Center, (x, top - HEAD + 49));
            }
            if !occasion.is_known {
                canvas.hatch((x - CELL, top + 4), (x + CELL, bottom - 4), palette.rule);
            }
            for (middle, (_, cells)) in middles.iter().zip(&self.rows) {
                cell(&canvas, cells[n], (x, *middle));
            }
        }
        Ok(canvas.finish())
    }
}
