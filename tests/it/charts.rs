//! Charts through the public API: any backend of plotters, charts of any kind in one list, and a house style.

use plotters::prelude::{BitMapBackend, IntoDrawingArea};
use rating_history::chart::{
    Chart, Colour, Comparison, Distribution, Mode, Palette, Ribbons, SmallMultiples, Style, TileMap,
};
use rating_history::ofsted::england_tiles;

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
