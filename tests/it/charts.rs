//! Charts through the public API: any backend of plotters, charts of any kind in one list, and a house style.

use std::cmp::Ordering;

use plotters::prelude::{BitMapBackend, IntoDrawingArea};
use rating_history::chart::{
    Align, Aligned, BeforeAfter, Chart, Colour, Comparison, Distribution, Flow, GroupShares, Mode, Order, Palette,
    PeerStrip, Ribbon, Ribbons, SmallMultiples, Style, Survival, TileMap,
};
use rating_history::chrono::{Months, NaiveDate};
use rating_history::estimate::Study;
use rating_history::frame::columns::{FRAMEWORK, REGION};
use rating_history::ofsted::{EventKind, EventScope, FOLLOWED, Framework, PARTS, Theme, england_tiles};
use rating_history::polars::prelude::{IntoLazy, df};
use rating_history::{Ratings, Scale, SeriesId};

use crate::england::headline;

fn charts(style: &Style) -> Vec<Box<dyn Chart>> {
    let headline = &headline();
    let all = Ribbons::collect(headline, None, style.clone()).unwrap();
    let days = ["2012-03-31", "2016-03-31", "2026-03-31"].map(|day| day.parse().unwrap());
    vec![
        Box::new(Comparison::new(&all, &["Slough", "Birmingham"]).unwrap()),
        Box::new(SmallMultiples::new(&all, &["Slough", "Birmingham", "Luton"]).unwrap()),
        Box::new(Distribution::collect(headline, &days, style.clone()).unwrap()),
        Box::new(TileMap::collect(headline, &days[2..], &england_tiles().unwrap(), None, style.clone()).unwrap()),
    ]
}

/// The pixels of a PNG, red, green and blue.
fn of_png(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels.chunks(4).flat_map(|p| p[..3].to_vec()).collect()
}

/// Where the dark pixels of an RGB picture end: left, top, right, bottom of those at or above a row.
fn ink(pixels: &[u8], width: usize, rows: usize) -> (usize, usize, usize, usize) {
    let dark = |n: &usize| pixels[3 * n..3 * n + 3].iter().all(|c| *c < 0x60);
    let places: Vec<usize> = (0..width * rows).filter(dark).collect();
    let (xs, ys) = (|n: &usize| n % width, |n: &usize| n / width);
    (
        places.iter().map(xs).min().unwrap(),
        places.iter().map(ys).min().unwrap(),
        places.iter().map(xs).max().unwrap(),
        places.iter().map(ys).max().unwrap(),
    )
}

#[test]
fn pixels_of_plotters_are_those_of_our_png() {
    for chart in charts(&Style::default()) {
        let picture = chart.picture().unwrap();
        let (width, height) = picture.size();
        let mut pixels = vec![0; (3 * width * height) as usize];
        picture.draw(&BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area()).unwrap();
        // The title is of the same width and height within two pixels, so texts have the same size and place.
        let (a, b) =
            (ink(&pixels, width as usize, 58), ink(&of_png(&chart.to_png().unwrap()), 2 * width as usize, 116));
        for (x, y) in [(a.0, b.0), (a.1, b.1), (a.2, b.2), (a.3, b.3)] {
            assert!((2 * x).abs_diff(y) <= 5, "{}: {a:?} for {b:?}", chart.title());
        }
    }
}

#[test]
fn a_house_style_is_drawn_as_asked() {
    let mut palette = Palette::of(Mode::Light, 4);
    palette.grades[0] = Colour(0x12, 0x34, 0x56);
    palette.lines = vec![Colour(0x12, 0x34, 0x56)];
    let own =
        Style::default().palette(palette).font("House Sans").title("Our title").subtitle("Ours").caption("Our source");
    for chart in charts(&own) {
        let svg = chart.to_svg().unwrap();
        for said in [
            "<title id=\"title\">Our title</title>",
            ">\nOurs\n<",
            ">\nOur source",
            "#123456",
            "\"House Sans, Noto Sans",
        ] {
            assert!(svg.contains(said), "{}: {said}", chart.finding());
        }
        assert!(!svg.contains("Source:"), "{}", chart.finding());
        assert_eq!(
            serde_json::from_str::<Style>(&serde_json::to_string(chart.style()).unwrap()).unwrap(),
            *chart.style()
        );
    }
    for chart in charts(&Style::default().title("").subtitle("").caption("")) {
        let svg = chart.to_svg().unwrap();
        let (head, drawn) = svg.split_once("</desc>").unwrap();
        assert!(head.contains(&chart.finding()) && !drawn.contains(&chart.finding()), "{}", chart.finding());
    }
    assert!("#12345".parse::<Colour>().unwrap_err().to_string().contains("six hexadecimal digits"));
}

type Matrix = [[f64; 3]; 3];

/// Linear RGB as readers without one cone see it (Machado, Oliveira and Fernandes 2009, severity 1), and in grey.
const SIGHTS: [(&str, Matrix); 5] = [
    ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    (
        "deuteranopia",
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
    ("grey", [[0.2126, 0.7152, 0.0722]; 3]),
];

fn times(matrix: &Matrix, v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(v).map(|(m, x)| m * x).sum::<f64>())
}

fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let xyz = times(
        &[[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
        rgb.map(|c| c.clamp(0.0, 1.0)),
    );
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (f(xyz[0] / 0.95047), f(xyz[1]), f(xyz[2] / 1.08883));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The difference of two colours (CIEDE2000; Sharma, Wu and Dalal 2005).
fn difference(a: [f64; 3], b: [f64; 3]) -> f64 {
    let mean = (a[1].hypot(a[2]) + b[1].hypot(b[2])) / 2.0;
    let part = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let grow = 1.5 - 0.5 * part(mean);
    let polar = |c: [f64; 3]| {
        let (x, y) = (c[1] * grow, c[2]);
        (x.hypot(y), if x == 0.0 && y == 0.0 { 0.0 } else { y.atan2(x).to_degrees().rem_euclid(360.0) })
    };
    let ((c1, h1), (c2, h2)) = (polar(a), polar(b));
    let grey = c1 * c2 == 0.0;
    let turn = if grey { 0.0 } else { (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0 };
    let hue = match (h1 + h2, (h1 - h2).abs() > 180.0) {
        (sum, _) if grey => sum,
        (sum, false) => sum / 2.0,
        (sum, true) if sum < 360.0 => (sum + 360.0) / 2.0,
        (sum, true) => (sum - 360.0) / 2.0,
    };
    let (light, chroma) = ((a[0] + b[0]) / 2.0, (c1 + c2) / 2.0);
    let cosine = |times: f64, shift: f64| (times * hue + shift).to_radians().cos();
    let t =
        1.0 - 0.17 * cosine(1.0, -30.0) + 0.24 * cosine(2.0, 0.0) + 0.32 * cosine(3.0, 6.0) - 0.2 * cosine(4.0, -63.0);
    let square = (light - 50.0).powi(2);
    let dl = (b[0] - a[0]) / (1.0 + 0.015 * square / (20.0 + square).sqrt());
    let dc = (c2 - c1) / (1.0 + 0.045 * chroma);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / (1.0 + 0.015 * chroma * t);
    let rotation = -2.0 * part(chroma) * (60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
    (dl * dl + dc * dc + dh * dh + rotation * dc * dh).sqrt()
}

fn linear(Colour(r, g, b): Colour) -> [f64; 3] {
    [r, g, b].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

/// The fills of the key of an SVG, in order: the grades, worst first.
fn key(svg: &str) -> Vec<Colour> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let swatch = |n: &roxmltree::Node| {
        n.has_tag_name("rect")
            && n.attribute("fill") != Some("none")
            && (n.attribute("width"), n.attribute("height")) == (Some("14"), Some("14"))
    };
    let fills = document.descendants().filter(swatch).map(|n| n.attribute("fill").unwrap().parse().unwrap());
    fills.collect()
}

/// The colours of lines of a width in an SVG, one for each dash.
fn strokes(svg: &str, width: &str) -> Vec<Colour> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let thick = |n: &roxmltree::Node| n.has_tag_name("polyline") && n.attribute("stroke-width") == Some(width);
    document.descendants().filter(thick).map(|n| n.attribute("stroke").unwrap().parse().unwrap()).collect()
}

/// Ratings on a scale of `k` grades, one body at each.
fn graded(k: usize) -> Ratings {
    let labels: Vec<String> = (0..k).map(|n| format!("grade {n}")).collect();
    let frame = df!(
        "authority" => (0..k).map(|n| format!("bridge {n:02}")).collect::<Vec<_>>(),
        "effect" => vec![rating_history::chrono::NaiveDate::from_ymd_opt(2020, 6, 30).unwrap(); k],
        "grade" => labels.clone(),
    );
    Ratings::new(frame.unwrap().lazy(), Scale::new(labels).unwrap()).unwrap()
}

#[test]
fn grades_stay_apart_in_every_sight() {
    // Pairs of Sharma, Wu and Dalal.
    assert!((difference([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]) - 2.0425).abs() < 1e-4);
    assert!((difference([50.0, 2.5, 0.0], [73.0, 25.0, -18.0]) - 27.1492).abs() < 1e-4);
    for (mode, k) in Mode::ALL.iter().flat_map(|mode| (2..=7).chain([20]).map(move |k| (mode, k))) {
        let series = graded(k).series(SeriesId::default()).unwrap();
        let all = Ribbons::collect(&series, None, Style::default().mode(*mode)).unwrap();
        let grades = key(&all.to_svg().unwrap());
        assert_eq!(grades.len(), k, "{mode}");
        let narrow = Ribbons::collect(&series, None, Style::default().mode(*mode).width(288)).unwrap();
        assert_eq!(key(&narrow.to_svg().unwrap()), grades, "{mode}: narrow");
        for (sight, matrix) in &SIGHTS {
            let seen: Vec<[f64; 3]> = grades.iter().map(|c| lab(times(matrix, linear(*c)))).collect();
            assert!(seen.is_sorted_by(|a, b| a[0] < b[0]), "{mode} {k} {sight}: lightness in order: {seen:?}");
            let apart = difference(seen[0], seen[k - 1]);
            assert!(apart >= 20.0, "{mode} {k} {sight}: worst and best {apart:.1} apart");
            for pair in seen.windows(2).filter(|_| k <= 4) {
                let apart = difference(pair[0], pair[1]);
                assert!(apart >= 10.0, "{mode} {k} {sight}: neighbours {apart:.1} apart");
            }
        }
    }
}

#[test]
fn lines_wear_no_colour_of_a_grade_and_differ_by_dash() {
    let headline = headline();
    for mode in Mode::ALL {
        let style = Style::default().mode(*mode);
        let all = Ribbons::collect(&headline, None, style.clone()).unwrap();
        let grades = key(&all.to_svg().unwrap());
        let names = ["Slough", "Birmingham", "City of London", "Dudley", "Luton", "Leeds"];
        let bodies = strokes(&Comparison::new(&all, &names).unwrap().to_svg().unwrap(), "4");
        let study = Study::until("2026-08-20".parse().unwrap());
        let outcomes = Survival::collect(&headline, &study, "requires_improvement", None, None, style).unwrap();
        let outcomes = strokes(&outcomes.incidence().to_svg().unwrap(), "3");
        assert!(bodies.len() > 2 * names.len() && outcomes.len() > 4, "{mode}: dashes");
        for line in bodies.into_iter().chain(outcomes) {
            let apart = |grade: &Colour| difference(lab(linear(line)), lab(linear(*grade)));
            let least = grades.iter().map(apart).fold(f64::INFINITY, f64::min);
            assert!(least >= 9.0, "{mode}: a line {least:.1} from a grade");
        }
    }
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let light = |c: Colour| linear(c).iter().zip([0.2126, 0.7152, 0.0722]).map(|(c, w)| c * w).sum::<f64>() + 0.05;
    (light(a) / light(b)).max(light(b) / light(a))
}

/// Grades that touch are told apart by a contrast of 3:1, or parted by a strip of paper.
#[test]
fn grades_that_touch_are_parted() {
    let headline = headline();
    let ratings = crate::england::england().ratings().unwrap();
    let days = ["2012-03-31", "2019-03-31", "2026-03-31"].map(|day| day.parse().unwrap());
    for mode in Mode::ALL {
        let style = Style::default().mode(*mode);
        let tiles = england_tiles().unwrap();
        let charts: Vec<Box<dyn Chart>> = vec![
            Box::new(Ribbons::collect(&headline, None, style.clone()).unwrap()),
            Box::new(PeerStrip::collect(&ratings, "E06000039", "Slough", FOLLOWED, style.clone()).unwrap()),
            Box::new(TileMap::collect(&headline, &days[2..], &tiles, None, style.clone()).unwrap()),
            Box::new(TileMap::collect(&headline, &days, &tiles, None, style.clone()).unwrap()),
            Box::new(Ribbons::collect(&headline, None, style.clone().width(288)).unwrap()),
            Box::new(PeerStrip::collect(&ratings, "E06000039", "Slough", FOLLOWED, style.clone().width(360)).unwrap()),
            Box::new(TileMap::collect(&headline, &days, &tiles, None, style.clone().width(288)).unwrap()),
            Box::new(TileMap::collect(&headline, &days[2..], &tiles, None, style.clone().width(360)).unwrap()),
        ];
        let grades = key(&charts[0].to_svg().unwrap());
        let (mut parted, mut lettered) = (0, 0);
        for chart in charts {
            let svg = chart.to_svg().unwrap();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let number = |n: &roxmltree::Node, name: &str| n.attribute(name).unwrap().parse::<i32>().unwrap();
            let rects: Vec<(i32, i32, i32, i32, Colour)> = document
                .descendants()
                .filter(|n| n.has_tag_name("rect") && n.attribute("fill").is_some_and(|f| f.starts_with('#')))
                .map(|n| {
                    let (x, y, colour) = (number(&n, "x"), number(&n, "y"), n.attribute("fill").unwrap());
                    (x, y, x + number(&n, "width"), y + number(&n, "height"), colour.parse().unwrap())
                })
                .filter(|r| grades.contains(&r.4))
                .collect();
            // Letters on a tile stand out from it.
            for text in document.descendants().filter(|n| n.has_tag_name("text")) {
                let (x, y) = (number(&text, "x"), number(&text, "y"));
                let on = |r: &&(i32, i32, i32, i32, Colour)| r.0 < x && x < r.2 && r.1 < y && y < r.3;
                if let Some(tile) = rects.iter().rev().find(on) {
                    let clear = contrast(text.attribute("fill").unwrap().parse().unwrap(), tile.4);
                    assert!(clear >= 4.5, "{mode}: {:?} at {clear:.1} on {tile:?}", text.text());
                    lettered += 1;
                }
            }
            for (n, a) in rects.iter().enumerate() {
                for b in rects[..n].iter().filter(|b| b.4 != a.4 && contrast(a.4, b.4) < 3.0) {
                    let apart = a.2 < b.0 || b.2 < a.0 || a.3 < b.1 || b.3 < a.1;
                    assert!(apart, "{mode}: {a:?} touches {b:?} in {}", chart.title());
                    parted += 1;
                }
            }
        }
        assert!(parted > 1000, "{mode}: {parted} pairs looked at");
        assert!(lettered > 100, "{mode}: {lettered} letters looked at");
        // Areas have a line of paper between each grade and the next, bands one at each upper edge.
        let paper = String::from(Palette::of(*mode, 4).paper).to_uppercase();
        let lines = |chart: &dyn Chart, width: &str| strokes(&chart.to_svg().unwrap(), width);
        let of_paper =
            |lines: Vec<Colour>| lines.into_iter().filter(|c| String::from(*c).to_uppercase() == paper).count();
        let shares = Distribution::collect(&headline, &days, style.clone()).unwrap();
        assert_eq!(of_paper(lines(&shares, "2")), 3, "{mode}");
        let flow = Flow::collect(&headline, &days, style).unwrap();
        assert!(of_paper(lines(&flow, "1")) > 8, "{mode}");
    }
}

#[test]
fn a_word_without_a_space_stays_on_the_page() {
    for width in [600, 1080] {
        let style = Style::default().width(width).title("W".repeat(300)).caption("m".repeat(300));
        let svg = Ribbons::collect(&headline(), None, style).unwrap().to_svg().unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        for letter in ['W', 'm'] {
            let of_word = |text: &str| !text.is_empty() && text.chars().all(|c| c == letter);
            let lines = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text());
            let lines: Vec<&str> = lines.map(str::trim).filter(|t| of_word(t)).collect();
            assert_eq!(lines.iter().map(|l| l.len()).sum::<usize>(), 300, "nothing is lost");
            // A bold W of this font is 0.97 em wide, an m 0.93.
            let em = if letter == 'W' { 22.0 * 0.97 } else { 12.5 * 0.93 };
            assert!(lines.iter().all(|l| 32.0 + em * l.len() as f64 <= f64::from(width)), "{letter} at {width}");
        }
    }
}

#[test]
fn every_picture_has_a_table_and_a_short_name_at_every_width() {
    for (width, text) in [(288, 12.0), (320, 13.0), (360, 15.0), (375, 15.0), (540, 15.0), (768, 12.0)] {
        for chart in charts(&Style::default().width(width).title("Slough ".repeat(60))) {
            let (table, svg) = (chart.table(), chart.to_svg().unwrap());
            assert!(!table.rows.is_empty() && table.rows.iter().all(|row| row.len() == table.columns.len()));
            assert_eq!(table.csv().lines().count(), table.rows.len() + 1);
            let document = roxmltree::Document::parse(&svg).unwrap();
            let named =
                |tag: &str| document.descendants().find(|n| n.has_tag_name(tag)).and_then(|n| n.text()).unwrap();
            assert!(named("title").chars().count() < 200 && named("title").starts_with("Slough Slough"));
            assert!(!named("desc").is_empty());
            let least = document.descendants().filter_map(|n| n.attribute("font-size")?.parse::<f64>().ok());
            assert!(least.fold(f64::INFINITY, f64::min) >= text, "text of {text} pixels at {width}");
            assert_eq!(chart.size().unwrap().0, width);
        }
    }
}

#[test]
fn the_table_of_a_map_counts_what_its_title_counts() {
    let map = TileMap::collect(
        &headline(),
        &["2026-03-31".parse().unwrap()],
        &england_tiles().unwrap(),
        None,
        Style::default(),
    );
    let map = map.unwrap();
    let better = |row: &&Vec<String>| ["good", "outstanding"].contains(&row[3].as_str());
    assert_eq!(map.table().rows.iter().filter(better).count(), map.all[0].0);
}

#[test]
fn a_bare_picture_is_the_drawing_alone() {
    let drawn = |style: Style| charts(&style).iter().map(|c| c.to_svg().unwrap()).collect::<Vec<_>>();
    for svg in drawn(Style::default().bare(true)) {
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts: String =
            document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
        assert!(!texts.contains("Source") && !texts.contains("Open Government"), "{texts}");
        assert!(document.descendants().any(|n| n.has_tag_name("title")));
    }
    assert!(drawn(Style::default()).iter().all(|svg| svg.contains("Source")));
}

#[test]
fn the_first_inspections_since_april_2026_are_counted() {
    let ratings = crate::england::england().ratings().unwrap();
    let chart = BeforeAfter::collect(&ratings, PARTS, "2026-04-01".parse().unwrap(), Style::default()).unwrap();
    let table = chart.table();
    let rank = |label: &str| ratings.scale().rank(&label.replace(' ', "_")).unwrap();
    let moves: Vec<_> = table.rows.iter().map(|row| rank(&row[4]).cmp(&rank(&row[2]))).collect();
    let count = |of| moves.iter().filter(|m| **m == of).count();
    assert_eq!((chart.bodies.len(), moves.len()), (11, 44));
    assert_eq!([Ordering::Greater, Ordering::Less, Ordering::Equal].map(count), [26, 5, 13]);
    assert!(chart.title().ends_with(": 26 grades higher than before, 5 lower, 13 the same"), "{}", chart.title());
    for row in &table.rows {
        assert!(row[3].as_str() < "2026-04-01" && !row[3].is_empty(), "{row:?}");
    }
    let none = BeforeAfter::collect(&ratings, PARTS, "2026-08-20".parse().unwrap(), Style::default()).unwrap();
    assert!(none.to_svg().unwrap_err().to_string().contains("no inspection since 20 August 2026"));
}

#[test]
fn the_shares_of_regions_are_those_of_the_loop() {
    let england = crate::england::england();
    let headline = headline().only(FRAMEWORK, [Framework::Sif, Framework::Ilacs]).unwrap();
    let days: Vec<NaiveDate> = ["2017-12-31", "2022-12-31", "2026-03-31"].map(|day| day.parse().unwrap()).to_vec();
    let chart = GroupShares::collect(&headline, &days, REGION, Style::default()).unwrap();
    let percent = |name: &str| {
        let (_, shares) = chart.groups.iter().find(|(group, _)| group == name).unwrap();
        (shares[0].percent().unwrap(), shares[2].percent().unwrap())
    };
    assert_eq!((percent("London"), percent("West Midlands")), ((52, 91), (21, 71)));
    for (name, shares) in &chart.groups {
        for (day, share) in days.iter().zip(shares) {
            let open = england.authorities().iter().filter(|a| a.region.label() == name && a.exists_on(*day)).count();
            assert_eq!(share.open as usize, open, "{name} {day}");
            assert!(share.better <= share.rated && share.rated <= share.open, "{name} {day}");
        }
    }
    let all: u32 = chart.groups.iter().map(|(_, shares)| shares[2].better).sum();
    assert_eq!((all, chart.all[2].better, chart.all[2].rated), (111, 111, 153));
}

#[test]
fn what_came_after_a_direction_is_counted_by_the_loop() {
    let england = crate::england::england();
    let on = Align::Event(EventKind::StatutoryDirection.code().to_owned());
    let chart = Aligned::collect(&headline(), &on, Style::default()).unwrap();
    let (mut up, mut down, mut all) = (0, 0, 0);
    for (day, ribbon) in &chart.ribbons {
        let events = england.events().iter().filter(|e| e.authority.as_str() == ribbon.id);
        let of_kind = events.filter(|e| e.kind == EventKind::StatutoryDirection && e.scope == EventScope::Children);
        let first = of_kind.map(|e| e.start).min();
        assert_eq!(first, Some(day.day), "{}", ribbon.name);
        let then = day.day.checked_add_months(Months::new(36)).unwrap();
        let course = england.course(&ribbon.name).unwrap();
        let grade = |day| course.grade_on(Theme::Headline, day);
        if let (Some(a), Some(b), true) = (grade(day.day), grade(then), then <= england.cut_off()) {
            (up, down, all) = (up + usize::from(b > a), down + usize::from(b < a), all + 1);
        }
    }
    assert!(all > 20);
    let said =
        format!("{up} of {all} authorities stood at a higher overall grade than on the day, {down} at a lower one");
    assert!(chart.title().ends_with(&said), "{}: {said}", chart.title());
}

#[test]
fn ribbons_that_ended_or_began_alike_stand_together() {
    let all = Ribbons::collect(&headline(), None, Style::default()).unwrap();
    let (end, start) = (all.clone().in_order(Order::End), all.clone().in_order(Order::Start));
    let names = |ribbons: &Ribbons| {
        let mut names: Vec<String> = ribbons.ribbons.iter().map(|r| r.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!((names(&end), names(&start)), (names(&all), names(&all)));
    let day = "2014-01-31".parse().unwrap();
    let london = |ribbons: &Ribbons, rank: &dyn Fn(&Ribbon) -> Option<usize>| -> Vec<Option<usize>> {
        ribbons.ribbons.iter().filter(|r| r.group == "London").map(rank).collect()
    };
    let now = london(&end, &|r| r.timeline.current(end.as_of));
    assert!(now.is_sorted_by(|a, b| a >= b), "{now:?}");
    assert_ne!(london(&start, &|r| r.timeline.at(day)), london(&all, &|r| r.timeline.at(day)));
    assert!(start.to_svg().unwrap().contains("by their grades from the start on"));
}

/// On a scale of 25 grades every node of a flow has its name and a height in proportion.
#[test]
fn a_flow_of_many_grades_keeps_its_proportions() {
    let series = graded(25).series(SeriesId::default()).unwrap();
    let days = ["2020-12-31", "2021-12-31"].map(|day| day.parse().unwrap());
    let svg = Flow::collect(&series.as_of(days[1]), &days, Style::default()).unwrap().to_svg().unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let rects = document.descendants().filter(|n| n.has_tag_name("rect") && n.attribute("width") == Some("18"));
    let heights: Vec<i32> = rects.filter_map(|n| n.attribute("height")?.parse().ok()).collect();
    assert!(heights.len() >= 50, "{}", heights.len());
    let (least, most) = (heights.iter().min().unwrap(), heights.iter().max().unwrap());
    assert!(*least >= 8 && most - least <= 1, "{least} to {most}");
    for n in 0..25 {
        assert_eq!(svg.matches(&format!(">\nGrade {n} 1\n<")).count(), 2, "grade {n}");
    }
}

#[test]
fn what_a_png_cannot_draw_is_named() {
    for chart in charts(&Style::default().title("\u{6771}\u{4eac} and \u{6771}")) {
        assert_eq!(chart.undrawable().unwrap(), ['\u{4eac}', '\u{6771}']);
        assert!(chart.to_svg().unwrap().contains("\u{6771}\u{4eac}"));
    }
}

#[test]
fn a_map_with_names_lists_each_body_once() {
    let day = ["2026-03-31".parse().unwrap()];
    let map = TileMap::collect(&headline(), &day, &england_tiles().unwrap(), None, Style::default()).unwrap();
    let (plain, named) = (map.to_svg().unwrap(), map.clone().named().to_svg().unwrap());
    for tile in &map.tiles {
        let line = format!(">\n{} {}\n<", tile.letters, tile.name);
        assert_eq!((plain.matches(&line).count(), named.matches(&line).count()), (0, 1), "{line}");
    }
}
