//! Where a body stands among its peers, series by series.

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::{Palette, Style};
use super::{Chart, Table, capital, labels_of, notes};
use crate::frame::columns::*;
use crate::frame::expr::{rank, words};
use crate::frame::{Notice, PeerGroups};
use crate::trend::columns::*;
use crate::{Error, Precision, Ratings, SeriesId};

/// Height of a bar with its gap, and of what surrounds the bars of a series.
const BAR: i32 = 26;
const NARROW_BAR: i32 = 44;
const AROUND: i32 = 40;

/// How many peers of each group stand at each grade in one series, and where the body stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PeerCounts {
    /// The series, as "Overall".
    pub theme: String,
    /// The body's rank; `None` without a grade.
    pub own: Option<usize>,
    /// Counts by rank, group by group.
    pub groups: Vec<(String, Vec<u32>)>,
    /// How many belong to each group, with a grade or without.
    pub sizes: Vec<u32>,
}

/// A body's position among the [groups of peers](Ratings::peers) of the ratings, series by series: a bar for each group,
/// parts by grade, the best at the right; the body's own grade is marked and named.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, PeerStrip, Style};
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let ratings = england.ratings()?;
/// let (slough, day) = ("E06000039", england.cut_off());
/// let chart = PeerStrip::collect(&ratings.clone().as_of(day), slough, "Slough", ofsted::FOLLOWED, Style::default())?;
/// assert!(chart.title().starts_with("Slough: most of its neighbours stand higher"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PeerStrip {
    /// The body's name.
    pub name: String,
    /// One for each series.
    pub themes: Vec<PeerCounts>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The first group, as the title has it: "its neighbours".
    pub first: String,
    /// Sentences about the groups.
    pub about: Vec<String>,
    /// What has to be said of the body.
    pub notes: Vec<String>,
    /// The day.
    pub as_of: NaiveDate,
    /// How it is drawn.
    pub style: Style,
}

impl PeerStrip {
    /// Counts the peers of a body on a day, in each of some series.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails.
    pub fn collect(
        ratings: &Ratings,
        body: &str,
        name: &str,
        series: impl IntoIterator<Item = impl Into<SeriesId>>,
        style: Style,
    ) -> Result<Self, Error> {
        let (style, as_of) = (style.telling(ratings), ratings.day());
        let groups = ratings.peer_groups()?;
        let frame = ratings
            .peers(body)
            .plan()?
            .select([col(PEER_GROUP), col(THEME), rank(col(GRADE)).alias("rank")])
            .collect()?;
        let (group, theme) = (&words(&frame, PEER_GROUP)?, &words(&frame, THEME)?);
        let rank = frame.column("rank")?.u32()?;
        let k = ratings.scale().labels().len();
        let of = |wanted: SeriesId| {
            let rows = |of: &str| {
                let of = of.to_owned();
                let wanted = wanted.clone();
                (0..frame.height())
                    .filter(move |n| group.get(*n) == Some(of.as_str()) && theme.get(*n) == Some(wanted.as_str()))
            };
            let counts = |(name, label): (&str, &str)| {
                let mut counts = vec![0u32; k];
                rows(name).filter_map(|n| rank.get(n)).for_each(|r| counts[r as usize] += 1);
                (capital(label), counts)
            };
            PeerCounts {
                theme: capital(&style.said().series(wanted.as_str())),
                own: rows(PeerGroups::OWN).find_map(|n| rank.get(n)).map(|r| r as usize),
                groups: groups.iter().map(|g| counts((g.name(), g.label()))).collect(),
                sizes: groups.iter().map(|g| rows(g.name()).count() as u32).collect(),
            }
        };
        let themes = series.into_iter().map(Into::into).map(of);
        let judged = |t: &PeerCounts| t.groups.iter().any(|(_, counts)| counts.iter().any(|c| *c > 0));
        let said = ratings.notices(as_of).filter(|n: &&Notice| n.body == body);
        let said = notes(said.map(|n| (name, n.text.as_str())));
        Ok(PeerStrip {
            name: name.to_owned(),
            themes: themes.filter(judged).collect(),
            labels: labels_of(ratings, &style),
            first: groups.iter().next().map(|g| g.noun(style.said())).unwrap_or_default(),
            about: groups.iter().filter_map(|g| g.note().map(str::to_owned)).collect(),
            notes: said,
            as_of,
            style,
        })
    }

    /// Height of what is drawn for one series.
    fn block(&self, narrow: bool) -> i32 {
        let (bar, around) = if narrow { (NARROW_BAR, AROUND + BODY.line_height()) } else { (BAR, AROUND) };
        self.themes.first().map_or(0, |t| t.groups.len() as i32) * bar + around
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.as_of);
        let bodies = &self.style.said().body.many;
        format!("Its grade in each judgement beside those of other {bodies} on {day}; numbers: {bodies} at each grade")
    }

    fn caption(&self) -> String {
        let partial = self
            .themes
            .iter()
            .any(|t| t.groups.iter().zip(&t.sizes).any(|((_, counts), size)| counts.iter().sum::<u32>() < *size));
        let without = if partial { " The bars leave out those without the grade." } else { "" };
        let source = format!("{}.{without}", self.style.origin());
        [&[source], self.about.as_slice(), &self.notes].concat().join(" ")
    }

    /// How many of the first group stand higher in a series, and how many have a grade in it, where the body has one.
    fn higher(&self, of: &PeerCounts) -> Option<(u32, u32)> {
        let counts = &of.groups.first()?.1;
        Some((counts[of.own? + 1..].iter().sum(), counts.iter().sum()))
    }

    /// Series in which more than half of the first group stand higher, of those in which it and any of the group has a grade.
    fn behind(&self) -> (usize, usize) {
        let compared = self.themes.iter().filter_map(|t| {
            let (higher, given) = self.higher(t)?;
            (given > 0).then_some(2 * higher > *t.sizes.first()?)
        });
        let compared: Vec<bool> = compared.collect();
        (compared.iter().filter(|b| **b).count(), compared.len())
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.themes.is_empty() {
            return Err(Error::Chart("no series in which any peer has a grade".to_owned()));
        }
        let names = self.themes.iter().flat_map(|t| t.groups.iter().map(|(name, _)| BODY.width(name))).max();
        let names = names.unwrap_or(0).max(90) + 14;
        let texts = (self.title(), self.subtitle(), self.caption());
        let page = Page::new(&self.style, (2 * MARGIN + names + 360, 900), (&texts.0, &texts.1, &texts.2))?;
        let own = (Swatch::Underlined, "its own grade".to_owned());
        let key = Key::new(Key::of(&self.labels).into_iter().chain([own]).collect(), &page);
        let top = page.top() + key.height() + 4;
        Ok(Layout {
            key,
            left: page.margin + if page.narrow { 0 } else { names },
            right: page.right(),
            bottom: top + self.themes.len() as i32 * self.block(page.narrow),
            top,
            page,
        })
    }
}

struct Layout {
    page: Page,
    key: Key,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Chart for PeerStrip {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let noun = if self.behind().1 == 1 { "judgement" } else { "judgements" };
        match self.behind() {
            (_, 0) => format!("{} among its peers", self.name),
            (_, 1) if self.themes.len() == 1 => {
                let (higher, given) = self.higher(&self.themes[0]).unwrap_or_default();
                let verb = if higher == 1 { "stands" } else { "stand" };
                let (name, first, what) = (&self.name, &self.first, &self.themes[0].theme);
                format!("{name}, {what}: among {first}, {higher} of {given} with the grade {verb} higher")
            }
            (0, all) => format!("{}: in none of {all} {noun} do most of {} stand higher", self.name, self.first),
            (behind, all) => {
                format!("{}: most of {} stand higher in {behind} of {all} {noun}", self.name, self.first)
            }
        }
    }

    fn alt_text(&self) -> String {
        let each = self.themes.iter().map(|t| {
            let own = t.own.map_or("no grade", |r| self.labels[r].as_str());
            let groups = t.groups.iter().zip(&t.sizes).map(|((name, counts), size)| {
                let none = size - counts.iter().sum::<u32>();
                let none = (none > 0).then(|| format!("{none} with no grade"));
                let parts = self.labels.iter().zip(counts).map(|(l, c)| format!("{c} {l}")).chain(none);
                format!("{name} {}", parts.collect::<Vec<_>>().join(", "))
            });
            format!("{}: {own}; {}", t.theme, groups.collect::<Vec<_>>().join("; "))
        });
        format!("Bars of grades by group of peers. {}. {}.", self.title(), each.collect::<Vec<_>>().join(". "))
    }

    fn table(&self) -> Table {
        let columns = ["judgement", "its grade", "among"].map(str::to_owned).into_iter();
        let rows = self.themes.iter().flat_map(|theme| {
            let own = theme.own.map_or("no grade", |rank| self.labels[rank].as_str());
            theme.groups.iter().zip(&theme.sizes).map(move |((group, counts), size)| {
                let given: u32 = counts.iter().sum();
                let head = [theme.theme.clone(), own.to_owned(), group.clone()];
                let none = (size - given.min(*size)).to_string();
                head.into_iter().chain(counts.iter().map(u32::to_string)).chain([none]).collect()
            })
        });
        Table::new(columns.chain(self.labels.iter().cloned()).chain(["no grade".to_owned()]), rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        at.key.draw(&canvas, &self.style, at.page.top());
        let (palette, narrow) = (&canvas.palette, at.page.narrow);
        for (n, theme) in (0..).zip(&self.themes) {
            let top = at.top + n * self.block(narrow);
            let name = at.page.fit(STRONG, &theme.theme, at.page.room());
            canvas.text(&name, STRONG, palette.ink, HPos::Left, (at.page.margin, top + 14));
            let own = theme.own.map_or("no grade", |r| self.labels[r].as_str());
            let said = format!("{}: {own}", self.name);
            let bars = top + 28 + if narrow { BODY.line_height() } else { 0 };
            if narrow {
                let said = at.page.fit(BODY, &said, at.page.room() - 18);
                if let Some(rank) = theme.own {
                    canvas.rect(
                        (at.page.margin, top + 27),
                        (at.page.margin + 12, top + 39),
                        canvas.palette.grade(rank),
                    );
                }
                canvas.text(&said, BODY, palette.ink, HPos::Left, (at.page.margin + 18, top + 33));
            } else if at.page.margin + STRONG.width(&theme.theme) + 20 + BODY.width(&said) <= at.right {
                let x = at.right - BODY.width(&said);
                if let Some(rank) = theme.own {
                    canvas.rect((x - 18, top + 8), (x - 6, top + 20), canvas.palette.grade(rank));
                }
                canvas.text(&said, BODY, palette.ink, HPos::Left, (x, top + 14));
            }
            for (g, (name, counts)) in (0..).zip(&theme.groups) {
                let (y, end) = if narrow {
                    let y = bars + g * NARROW_BAR + 18;
                    let name = at.page.fit(BODY, name, at.page.room());
                    canvas.text(&name, BODY, palette.quiet, HPos::Left, (at.left, y - 9));
                    (y, y + BAR - 6)
                } else {
                    let (y, end) = (bars + g * BAR, bars + (g + 1) * BAR - 6);
                    canvas.text(name, BODY, palette.quiet, HPos::Right, (at.left - 10, (y + end) / 2));
                    (y, end)
                };
                let all: u32 = counts.iter().sum();
                if all == 0 {
                    canvas.text("none with a grade", SMALL, palette.quiet, HPos::Left, (at.left, (y + end) / 2));
                    continue;
                }
                let x = |part: u32| at.left + (i64::from(at.right - at.left) * i64::from(part) / i64::from(all)) as i32;
                let mut before = 0;
                for (rank, count) in counts.iter().enumerate().filter(|(_, c)| **c > 0) {
                    let (from, to) = (x(before), x(before + count));
                    before += count;
                    let colour = palette.grade(rank);
                    canvas.rect((from, y), (to - 2, end), canvas.palette.grade(rank));
                    let text = count.to_string();
                    if SMALL.width(&text) + 4 <= to - from {
                        let ink = Palette::text_on(colour);
                        canvas.text(&text, SMALL, ink, HPos::Center, ((from + to) / 2 - 1, (y + end) / 2));
                    }
                    if theme.own == Some(rank) {
                        canvas.rect((from, end + 1), (to - 2, end + 4), palette.ink);
                    }
                }
            }
        }
        Ok(canvas.finish())
    }
}
