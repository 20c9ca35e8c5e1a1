//! Charts: a chart is a value, drawn on any plotters backend or saved as SVG or PNG.
//!
//! The SVG has real text, a title and a description; the PNG is that same SVG at twice the size, drawn with the
//! embedded font, so both are one picture on every machine. Colours and rules follow the Government Analysis Function's
//! guidance on charts (<https://analysisfunction.civilservice.gov.uk/policy-store/data-visualisation-charts/>).

use std::path::Path;

use chrono::NaiveDate;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

use crate::{Error, Grade};

mod axis;
mod canvas;
mod distribution;
mod fan;
mod flow;
mod matrix;
mod multiples;
mod output;
mod page;
mod peers;
mod ribbons;
mod style;
mod survival;
mod tile_map;
mod trajectory;

pub use distribution::Distribution;
pub use fan::Fan;
pub use flow::Flow;
pub use matrix::Matrix;
pub use multiples::{Comparison, SmallMultiples};
pub use output::Format;
pub use peers::{PeerCounts, PeerStrip};
pub use ribbons::{Ribbon, Ribbons};
pub use style::{Mode, Style};
pub use survival::Survival;
pub use tile_map::{Standing, Tile, TileMap};
pub use trajectory::{Trajectory, TrajectoryOptions};

/// What every chart can do.
pub trait Chart {
    /// The finding, as the picture's title says it.
    fn title(&self) -> String;

    /// The picture in words, for those who do not see it.
    fn alt_text(&self) -> String;

    /// Width and height in pixels.
    ///
    /// # Errors
    /// [`Error::Chart`] when the width asked for is too small, with the least one.
    fn size(&self) -> Result<(u32, u32), Error>;

    /// Draws on a plotters area of at least [`size`](Chart::size), of any backend.
    ///
    /// # Errors
    /// [`Error::Chart`] when the area is too small or the backend fails.
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error>;

    /// The chart as an SVG document.
    ///
    /// # Errors
    /// [`Error::Chart`] when it cannot be drawn at the width asked for.
    fn to_svg(&self) -> Result<String, Error> {
        self.to_inline_svg("")
    }

    /// The chart as an SVG element for a page with several of them: its ids begin with `prefix`, so that each is the
    /// page's only one.
    ///
    /// # Errors
    /// As [`to_svg`](Chart::to_svg).
    fn to_inline_svg(&self, prefix: &str) -> Result<String, Error> {
        output::svg(prefix, self.size()?, &self.title(), &self.alt_text(), |area| self.draw(area))
    }

    /// The chart as a PNG of twice the SVG's size.
    ///
    /// # Errors
    /// As [`to_svg`](Chart::to_svg).
    fn to_png(&self) -> Result<Vec<u8>, Error> {
        output::png(&self.to_svg()?)
    }

    /// Writes `.svg` or `.png`, by the extension, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another extension, [`Error::Chart`], [`Error::Io`].
    fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        output::save(path.as_ref(), &self.to_svg()?)
    }
}

/// Days in order, each once, at least two.
fn several_days(dates: &[NaiveDate]) -> Result<Vec<NaiveDate>, Error> {
    let mut dates = dates.to_vec();
    dates.sort_unstable();
    dates.dedup();
    if dates.len() < 2 { Err(Error::value("dates", dates.len(), "at least two days")) } else { Ok(dates) }
}

/// A code as words: "requires improvement".
fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// Rank at which the better part of a scale begins: good, or its middle.
fn better_from(labels: &[String]) -> usize {
    let good = labels.iter().position(|l| l == Grade::Good.code());
    good.unwrap_or(labels.len() / 2)
}

/// The better part of a scale in words: "good or outstanding".
fn better_words(labels: &[String]) -> String {
    let better: Vec<String> = labels[better_from(labels)..].iter().map(|l| words(l)).collect();
    match better.as_slice() {
        [first, second] => format!("{first} or {second}"),
        [only] => only.clone(),
        better => format!("{} or better", better.first().cloned().unwrap_or_default()),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::canvas::Font;
    use super::*;

    /// Boxes of all texts of an SVG: left, top, right, bottom, text.
    fn text_boxes(svg: &str) -> Vec<(f64, f64, f64, f64, String)> {
        let document = roxmltree::Document::parse(svg).expect("the SVG is XML");
        let number = |n: &roxmltree::Node, name: &str| n.attribute(name).unwrap().parse::<f64>().unwrap();
        document
            .descendants()
            .filter(|n| n.has_tag_name("text"))
            .map(|n| {
                let text = n.text().unwrap_or_default().trim().to_owned();
                let font = Font { px: number(&n, "font-size"), bold: n.attribute("font-weight") == Some("bold") };
                let width = f64::from(font.width(&text));
                let left = match n.attribute("text-anchor") {
                    Some("middle") => number(&n, "x") - width / 2.0,
                    Some("end") => number(&n, "x") - width,
                    _ => number(&n, "x"),
                };
                let half = font.px * 0.45;
                (left, number(&n, "y") - half, left + width, number(&n, "y") + half, text)
            })
            .collect()
    }

    /// Fails when a text of a chart is cut or lies on another; gives the number of texts.
    pub(super) fn no_overlap(chart: &impl Chart, name: &str) -> usize {
        if chart.size().is_err_and(|e| e.to_string().contains("this chart needs")) {
            return 0;
        }
        let svg = chart.to_svg().unwrap();
        let (width, height) = chart.size().unwrap();
        let boxes = text_boxes(&svg);
        for (n, a) in boxes.iter().enumerate() {
            let inside = a.0 >= 0.0 && a.1 >= 0.0 && a.2 <= f64::from(width) && a.3 <= f64::from(height);
            assert!(inside, "{name}: `{}` is cut", a.4);
            for b in &boxes[..n] {
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{name}: `{}` overlaps `{}`", a.4, b.4);
            }
        }
        boxes.len()
    }
}

/// Every kind of chart on real and hostile cases: sizes, themes, scales, names.
#[cfg(all(test, feature = "dataset"))]
mod layouts {
    use chrono::NaiveDate;
    use polars::prelude::{IntoLazy, df};
    use rayon::prelude::*;

    use super::tests::no_overlap;
    use super::*;
    use crate::estimate::{
        Bootstrap, CohortOptions, ForecastOptions, Generator, Study, Times, Totals, Transform, cohort_matrix, forecast,
        kaplan_meier,
    };
    use crate::trend::Every;
    use crate::{Ratings, Scale, Theme};

    fn styles() -> Vec<Style> {
        let widths = [None, Some(1400), Some(8000), Some(560)];
        let style = |(mode, width): (&Mode, Option<u32>)| Style { mode: *mode, width, ..Style::default() };
        Mode::ALL.iter().cycle().zip(widths).map(style).collect()
    }

    /// `count` ratings each of a few bodies with awkward names on a scale of `k` grades.
    fn other(k: usize, count: i32) -> Ratings {
        let names = [
            "<&\"'> Ynys M\u{f4}n",
            "\u{6771}\u{4eac}",
            "Bournemouth, Christchurch and Poole and a good deal more",
            "x",
        ];
        let rows: Vec<(usize, i32, usize)> =
            (0..names.len()).flat_map(|n| (0..count).map(move |i| (n, 2001 + i, (n + i as usize * 5) % k))).collect();
        let mut rows = rows;
        rows.sort_by_key(|r| (names[r.0], r.1));
        let labels: Vec<String> = (0..k).map(|n| format!("grade number {n}")).collect();
        let frame = df!(
            "authority" => rows.iter().map(|r| names[r.0]).collect::<Vec<_>>(),
            "effect" => rows.iter().map(|r| NaiveDate::from_ymd_opt(r.1, 6, 30).unwrap()).collect::<Vec<_>>(),
            "grade" => rows.iter().map(|r| labels[r.2].as_str()).collect::<Vec<_>>(),
        );
        Ratings::new(frame.unwrap().lazy(), Scale::new(labels.clone()).unwrap()).unwrap()
    }

    fn cases() -> Vec<(String, Ratings, Theme, NaiveDate)> {
        let england = crate::dataset::england().unwrap();
        let ratings = Ratings::from_history(&england).unwrap();
        let mut cases: Vec<(String, Ratings, Theme, NaiveDate)> =
            [Theme::Headline, Theme::Care, Theme::Leadership, Theme::Lscb]
                .into_iter()
                .map(|t| (t.code().to_owned(), ratings.clone(), t, england.cut_off()))
                .collect();
        let one = ratings.clone().authorities_only(&["E06000058"]);
        cases.push(("one authority".to_owned(), one, Theme::Headline, england.cut_off()));
        let then = NaiveDate::from_ymd_opt(2012, 6, 30).unwrap();
        cases.push(("early".to_owned(), ratings, Theme::Headline, then));
        for (k, count) in [(2, 12), (3, 12), (7, 12), (20, 12), (4, 0), (4, 1), (5, 2)] {
            let end = NaiveDate::from_ymd_opt(2014, 12, 31).unwrap();
            cases.push((format!("{count} ratings, {k} grades"), other(k, count), Theme::Headline, end));
        }
        cases
    }

    #[test]
    fn no_text_overlaps_or_is_cut() {
        cases().into_par_iter().for_each(|(name, ratings, theme, end)| {
            let of_theme = ratings.clone().themes(&[theme]);
            let first = NaiveDate::from_ymd_opt(2010, 3, 31).unwrap();
            let study = Study::until(end);
            let worst = ratings.scale().labels()[0].clone();
            for style in styles() {
                let name = |kind: &str| format!("{kind} of {name}, {:?} {:?}", style.mode, style.width);
                let dates = Every::QUARTER.dates(first, end);
                let chart = Distribution::collect(&ratings, theme, &dates, style.clone()).unwrap();
                no_overlap(&chart, &name("distribution"));
                let chart = Ribbons::collect(&ratings, theme, end, Some("Slough"), style.clone()).unwrap();
                no_overlap(&chart, &name("ribbons"));
                no_overlap(&chart.clone().in_columns(3), &name("ribbons in columns"));
                if let Some(nearest) = chart.ribbons.last().map(|r| r.name.clone()) {
                    let chart = chart.clone().in_columns(2).by_distance_to(&nearest).unwrap();
                    no_overlap(&chart, &name("nearest ribbons"));
                }
                if ratings.authorities().is_some() {
                    for dates in [&[end][..], &[first, end], &Every::YEAR.dates(first, end)] {
                        let chart = TileMap::collect(&ratings, theme, dates, Some("Slough"), style.clone());
                        no_overlap(&chart.unwrap(), &name("tile map"));
                    }
                }
                let names: Vec<&str> = chart.ribbons.iter().map(|r| r.name.as_str()).collect();
                if !names.is_empty() {
                    no_overlap(&SmallMultiples::new(&chart, &names), &name("small multiples"));
                    no_overlap(&Comparison::new(&chart, &names[..names.len().min(6)]), &name("comparison"));
                }
                let strip = PeerStrip::collect(&ratings, "E06000058", "Somewhere", end, style.clone()).unwrap();
                if !strip.themes.is_empty() {
                    no_overlap(&strip, &name("peer strip"));
                }
                let ended = chart.ribbons.iter().find(|r| r.spells.last().is_some_and(|s| s.2.is_some()));
                if let Some(ribbon) = ended {
                    let bootstrap = Bootstrap { replicates: 10, ..Bootstrap::default() };
                    let options = ForecastOptions { stratum: None, shrinkage: 0.0, bootstrap };
                    let codes = of_theme.authorities().map(|a| a.collect().unwrap());
                    let code = codes.and_then(|a| {
                        let names = a.column("name").unwrap().str().unwrap().clone();
                        let place = names.iter().position(|n| n == Some(ribbon.name.as_str()))?;
                        Some(a.column("authority").unwrap().str().unwrap().get(place)?.to_owned())
                    });
                    let code = code.unwrap_or_else(|| ribbon.name.clone());
                    if let Ok(made) = forecast(&of_theme, &study, &code, 10, &options, &|_| ()) {
                        no_overlap(&Fan::new(made, ribbon.clone(), style.clone()), &name("fan"));
                    }
                }
                let middle = NaiveDate::from_ymd_opt(2011, 6, 30).unwrap();
                let chart = Flow::collect(&ratings, theme, &[first, middle, end], style.clone()).unwrap();
                no_overlap(&chart, &name("flow"));
                if names.is_empty() {
                    continue;
                }
                let options = CohortOptions::default();
                let pairs = Totals::snapshots(&of_theme, &study, &options.snapshots).unwrap();
                let cohort = cohort_matrix(&pairs, &options, |_| 1.0).unwrap();
                no_overlap(&Matrix::new(cohort, style.clone()), &name("cohort matrix"));
                let generator = Generator::from_totals(&Totals::durations(&of_theme, &study).unwrap(), |_| 1.0);
                let matrix = generator.transition_matrix(2.5, 0.9).unwrap();
                no_overlap(&Matrix::new(matrix, style.clone()), &name("duration matrix"));
                let times = Times::collect(&of_theme, &study, &worst, None, None).unwrap();
                let curve =
                    |t: &Times| kaplan_meier(&Times::kinds(None), &t.durations, Transform::LogLog, 0.95).unwrap();
                let curves: Vec<_> = times.iter().map(|t| ("all of them".to_owned(), curve(t))).collect();
                if curves.is_empty() {
                    continue;
                }
                no_overlap(&Survival::new(&worst, None, curves.clone(), style.clone()), &name("survival"));
                let twice = [curves.clone(), curves].concat();
                let chart = Survival::new(&worst, None, twice, style.clone());
                no_overlap(&chart, &name("two curves"));
                no_overlap(&chart.incidence(), &name("incidence"));
            }
        });
    }

    #[test]
    fn too_small_says_the_least() {
        let england = crate::dataset::england().unwrap();
        let ratings = Ratings::from_history(&england).unwrap();
        let style = Style { width: Some(100), ..Style::default() };
        let chart = Ribbons::collect(&ratings, Theme::Headline, england.cut_off(), None, style).unwrap();
        let message = chart.to_svg().unwrap_err().to_string();
        assert!(message.contains("a width of 100 pixels; this chart needs "), "{message}");
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let england = crate::dataset::england().unwrap();
        let ratings = Ratings::from_history(&england).unwrap();
        let make = || {
            let style = Style::default();
            Ribbons::collect(&ratings, Theme::Headline, england.cut_off(), None, style).unwrap().to_svg().unwrap()
        };
        assert_eq!(make(), make());
        assert!(make().len() < 300_000);
    }
}
