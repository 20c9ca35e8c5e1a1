//! Shares of groups over the years: a strip of heat for each.

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::{Colour, Mode, Palette, Style};
use super::{Chart, Table, better_words, capital, labels_of, several_days};
use crate::{Error, Precision, Series};

/// Height of a cell, its least width, and the least on a narrow page.
const HIGH: i32 = 42;
const WIDE: i32 = 74;
/// Height of a group's name on a narrow page, and of the days above the cells.
const NAME: i32 = 24;
const HEAD: i32 = 42;

/// How a group stands on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct GroupShare {
    /// Bodies in the better part of the scale.
    pub better: u32,
    /// Bodies with a grade.
    pub rated: u32,
    /// Bodies in existence.
    pub open: u32,
}

impl GroupShare {
    /// The share of those with a grade in hundredths; `None` where nobody has one.
    pub fn percent(&self) -> Option<u32> {
        (self.rated > 0).then(|| (100.0 * f64::from(self.better) / f64::from(self.rated)).round() as u32)
    }

    /// Whether 95% of those in existence have a grade.
    fn is_nearly_all(&self) -> bool {
        self.rated > 0 && 100 * self.rated >= 95 * self.open
    }
}

/// The share of each group in the better part of a scale on some days, of those with a grade: a row for each group, a cell
/// for each day, the darker the larger the share, with its numbers.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, GroupShares, Style};
/// use rating_history::frame::columns::{FRAMEWORK, REGION};
/// use rating_history::ofsted::{Framework, Theme};
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?.only(FRAMEWORK, [Framework::Sif, Framework::Ilacs])?;
/// let days = ["2017-12-31", "2026-03-31"].map(|day| day.parse().unwrap());
/// let chart = GroupShares::collect(&headline, &days, REGION, Style::default())?;
/// let of = |name: &str| chart.groups.iter().find(|(group, _)| group == name).unwrap().1.clone();
/// let percent = |name| of(name).iter().map(|share| share.percent().unwrap()).collect::<Vec<_>>();
/// assert_eq!((percent("London"), percent("West Midlands")), (vec![52, 91], vec![21, 71]));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct GroupShares {
    /// The days, in order.
    pub dates: Vec<NaiveDate>,
    /// The groups by name, each with its shares day by day.
    pub groups: Vec<(String, Vec<GroupShare>)>,
    /// All together.
    pub all: Vec<GroupShare>,
    /// What groups the bodies, as "region".
    pub by: String,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The rank at which the better part of them begins.
    pub better_from: usize,
    /// What is graded, as "overall".
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

impl GroupShares {
    /// Counts the grades of a series on these days by a column of the bodies, as their region.
    ///
    /// # Errors
    /// [`Error::Asked`] with fewer than two days; as [`Ratings::distribution`](crate::Ratings::distribution) for the column.
    pub fn collect(series: &Series, dates: &[NaiveDate], by: &str, style: Style) -> Result<Self, Error> {
        let dates = several_days(dates)?;
        let style = style.telling(series).noting(series, &dates);
        let better_from = style.said().better_rank(series.scale().labels());
        let blank = || vec![GroupShare::default(); dates.len()];
        let (mut groups, mut all): (Vec<(String, Vec<GroupShare>)>, _) = (Vec::new(), blank());
        for row in series.distribution(&dates, Some(by)).rows()? {
            let Ok(day) = dates.binary_search(&row.date) else { continue };
            let name = row.group.unwrap_or_else(|| "not known".to_owned());
            let place = groups.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                groups.push((name, blank()));
                groups.len() - 1
            });
            let better = series.scale().rank(&row.grade).is_some_and(|rank| rank >= better_from);
            let count = if better { row.count } else { 0 };
            let share = &mut groups[place].1[day];
            (share.better, share.rated, share.open) = (share.better + count, row.rated, row.open);
        }
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        for (day, all) in all.iter_mut().enumerate() {
            for share in groups.iter().map(|(_, shares)| shares[day]) {
                all.better += share.better;
                all.rated += share.rated;
                all.open += share.open;
            }
        }
        Ok(GroupShares {
            groups,
            all,
            by: by.replace('_', " "),
            labels: labels_of(series, &style),
            better_from,
            what: style.said().series(series.id().as_str()),
            dates,
            style,
        })
    }

    fn rows(&self) -> Vec<(String, &[GroupShare])> {
        let groups = self.groups.iter().map(|(name, shares)| (name.clone(), shares.as_slice()));
        groups.chain([("All".to_owned(), self.all.as_slice())]).collect()
    }

    /// The first day before the last on which nearly all of each group have a grade, where the same holds on the last.
    fn compared(&self) -> Option<usize> {
        let holds = |n: usize| self.groups.iter().all(|(_, s)| s[n].open == 0 || s[n].is_nearly_all());
        let last = self.dates.len() - 1;
        (0..last).find(|n| holds(*n)).filter(|_| holds(last))
    }

    fn partial(&self) -> bool {
        self.rows().iter().any(|(_, shares)| shares.iter().any(|s| s.rated > 0 && !s.is_nearly_all()))
    }

    fn subtitle(&self) -> String {
        let better = better_words(&self.labels, self.better_from);
        let bodies = &self.style.said().body.many;
        format!("Share of {bodies} {better}, of those with the {} grade, by {}", self.what, self.by)
    }

    fn caption(&self) -> String {
        let partial = if self.partial() { " *: fewer than 95% of those in existence had a grade." } else { "" };
        format!("{}. Below each share: how many of how many.{partial}", self.style.origin())
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.groups.is_empty() {
            return Err(Error::Chart(format!("no {} is rated on these days", self.style.said().body.one)));
        }
        let texts = (self.title(), self.subtitle(), self.caption());
        let rows = self.rows();
        let names = rows.iter().map(|(name, _)| STRONG.width(name)).max().unwrap_or(0) + 14;
        let days = self.dates.len() as i32;
        let least = 2 * MARGIN + names + days * WIDE;
        let page = Page::new(&self.style, (least, least), (&texts.0, &texts.1, &texts.2))?;
        let (names, high) = if page.narrow { (0, HIGH + NAME) } else { (names, HIGH) };
        // A narrow page shows some of the days: the first that is compared, the last, and as many between as have room.
        let first = if page.narrow { self.compared().unwrap_or(0) as i32 } else { 0 };
        let room = page.room() - names;
        let fits = (room / WIDE).min(days - first).max(2);
        let place = |n: i32| first + (f64::from(n * (days - 1 - first)) / f64::from(fits - 1)).round() as i32;
        let shown = (0..fits).map(|n| place(n) as usize).collect();
        let top = page.top() + HEAD;
        Ok(Layout {
            left: page.margin + names,
            cell: room / fits,
            shown,
            high,
            bottom: top + rows.len() as i32 * high,
            top,
            page,
        })
    }

    /// The darker, the larger the share.
    fn colour(&self, percent: u32, paper: Colour) -> Colour {
        let full = match self.style.mode {
            Mode::Light => Colour(0x12, 0x43, 0x6D),
            Mode::Dark => Colour(0x6B, 0xAC, 0xE6),
            Mode::Print => Colour(0x30, 0x30, 0x30),
        };
        paper.towards(full, f64::from(percent) / 100.0)
    }
}

struct Layout {
    page: Page,
    left: i32,
    top: i32,
    cell: i32,
    /// The days shown.
    shown: Vec<usize>,
    /// Height of a group.
    high: i32,
    bottom: i32,
}

impl Chart for GroupShares {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let last = self.dates.len() - 1;
        let better = format!("{} grade {}", capital(&self.what), better_words(&self.labels, self.better_from));
        let share =
            |name: &str, shares: &[GroupShare]| Some((shares[last].percent()?, name.to_owned(), shares[..].to_vec()));
        let mut groups: Vec<_> = self.groups.iter().filter_map(|(name, shares)| share(name, shares)).collect();
        groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let ends: Vec<&(u32, String, Vec<GroupShare>)> = match groups.as_slice() {
            [] => Vec::new(),
            [only] => vec![only],
            [most, .., least] => vec![most, least],
        };
        let day = |n: usize| Precision::Day.write(self.dates[n]);
        match self.compared() {
            Some(first) => {
                let said = ends.iter().map(|(to, name, shares)| match shares[first].percent() {
                    Some(from) => format!("{name} from {from}% to {to}%"),
                    None => format!("{name} {to}%"),
                });
                format!("{better}, {} to {}: {}", day(first), day(last), said.collect::<Vec<_>>().join(", "))
            }
            None => {
                let said = ends.iter().map(|(to, name, shares)| format!("{name} {to}% of {}", shares[last].rated));
                format!("{better} on {}: {}", day(last), said.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn alt_text(&self) -> String {
        let (first, last) = (0, self.dates.len() - 1);
        let said = |n: usize, share: &GroupShare| {
            let percent = share.percent().map_or("none rated".to_owned(), |p| format!("{p}% of {}", share.rated));
            format!("{percent} on {}", Precision::Day.write(self.dates[n]))
        };
        let rows = self.rows();
        let rows = rows.iter().map(|(name, s)| format!("{name}: {}, {}", said(first, &s[first]), said(last, &s[last])));
        format!("Table of shares, darker where larger. {}. {}.", self.title(), rows.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let better = better_words(&self.labels, self.better_from);
        let columns =
            [self.by.as_str(), "day", &better, "with a grade", "in existence", "percent of those with a grade"];
        let rows = self.rows();
        let rows = rows.iter().flat_map(|(name, shares)| {
            shares.iter().zip(&self.dates).map(|(share, day)| {
                let counts = [share.better, share.rated, share.open].map(|n| n.to_string());
                let percent = share.percent().map_or(String::new(), |p| p.to_string());
                [name.clone(), day.to_string()].into_iter().chain(counts).chain([percent]).collect()
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        let palette = &canvas.palette;
        for (n, day) in (0..).zip(&at.shown) {
            let text = Precision::Day.write_short(self.dates[*day]);
            let (date, year) = text.rsplit_once(' ').unwrap_or(("", &text));
            let x = at.left + n * at.cell + at.cell / 2;
            canvas.text(date, SMALL, palette.quiet, HPos::Center, (x, at.top - 30));
            canvas.text(year, SMALL, palette.quiet, HPos::Center, (x, at.top - 13));
        }
        for (n, (name, shares)) in (0..).zip(self.rows()) {
            let mut y = at.top + n * at.high;
            if at.page.narrow {
                let name = at.page.fit(STRONG, &name, at.page.room());
                canvas.text(&name, STRONG, palette.ink, HPos::Left, (at.left, y + NAME / 2 + 2));
                y += NAME;
            } else {
                canvas.text(&name, STRONG, palette.ink, HPos::Right, (at.left - 12, y + HIGH / 2));
            }
            for (n, day) in (0..).zip(&at.shown) {
                self.draw_cell(&canvas, shares[*day], (at.left + n * at.cell, y), at.cell);
            }
        }
        Ok(canvas.finish())
    }
}

impl GroupShares {
    fn draw_cell(&self, canvas: &Canvas, share: GroupShare, (x, y): (i32, i32), cell: i32) {
        let palette = &canvas.palette;
        let (from, to, middle) = ((x + 1, y + 1), (x + cell - 1, y + HIGH - 1), x + cell / 2);
        let Some(percent) = share.percent() else {
            canvas.frame(from, to, palette.rule);
            return;
        };
        let colour = self.colour(percent, palette.paper);
        canvas.rect(from, to, colour);
        let ink = Palette::text_on(colour);
        let mark = if share.is_nearly_all() { "" } else { "*" };
        canvas.text(&format!("{percent}%{mark}"), STRONG, ink, HPos::Center, (middle, y + 14));
        let counts = format!("{} of {}", share.better, share.rated);
        if SMALL.width(&counts) + 4 <= cell {
            canvas.text(&counts, SMALL, ink, HPos::Center, (middle, y + 31));
        }
    }
}
