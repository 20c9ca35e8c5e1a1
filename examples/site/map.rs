//! The map of all bodies as tiles that lead to their pages; on narrow screens their tiles region by region.

use rating_history::Error;
use rating_history::chart::{Chart, Colour, Mode, Palette, RatingState, Tile, TileMap, grade_letters};

use crate::facts::Facts;
use crate::html::{Section, escape};

/// Side of a tile with the space beside it.
const SIDE: i32 = 46;

/// The colours of the grades as classes, `g0` for the worst; `gn` for none.
pub fn style(labels: usize) -> String {
    let of = |mode: Mode| {
        let grades = Palette::of(mode, labels).grades;
        let rule = |(n, c): (usize, &Colour)| {
            let hex = |c: Colour| format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2);
            let (text, c) = (hex(Palette::text_on(*c)), hex(*c));
            format!(".g{n} {{ fill: {c}; background: {c}; color: {text}; }} .g{n} text {{ fill: {text}; }}\n")
        };
        grades.iter().enumerate().map(rule).collect::<String>()
    };
    format!(
        ".map rect {{ fill: inherit; }}\n{}.gn {{ fill: var(--paper); background: var(--paper); color: var(--ink); }} .gn text {{ fill: var(--ink); }}\n\
         .map .gn rect {{ stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 4 3; }}\n\
         .tiles .gn {{ outline: 1px dashed var(--quiet); }}\n.key .gn {{ border: 1px dashed var(--quiet); }}\n\
         @media (prefers-color-scheme: dark) {{\n{}}}\n",
        of(Mode::Light),
        of(Mode::Dark)
    )
}

pub fn section(facts: &Facts) -> Result<Option<Section>, Error> {
    let Some(layout) = &facts.tiles else { return Ok(None) };
    let map = match TileMap::collect(&facts.main, &[facts.as_of], layout, None, facts.style.clone()) {
        Ok(map) => map,
        // A layout of other bodies than those rated here has nothing to show.
        Err(Error::Chart(reason)) => {
            crate::common::note(format_args!("note: no map: {reason}"));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut section = Section::new("index", "map", "On the map");
    section.say(&format!("{}. Each tile leads to a page.", map.title().trim_end_matches('.')));
    section.html(&key(&map));
    section.html(&drawn(facts, &map));
    section.html(&listed(facts, &map));
    Ok(Some(section))
}

/// Class, letters and words of how a tile stands.
fn state(facts: &Facts, map: &TileMap, letters: &[String], tile: &Tile) -> (String, String, String) {
    match tile.standings.first() {
        Some(RatingState::Rated(rank)) => {
            let label = &map.labels[*rank];
            (format!("g{rank}"), letters[*rank].clone(), label.clone())
        }
        Some(RatingState::NotReported) => ("gn".into(), "–".into(), format!("{} grade no longer given", map.what)),
        Some(RatingState::NotRated) => ("gn".into(), "–".into(), facts.words().blank.clone()),
        _ => ("gn".into(), "–".into(), "not there on this day".into()),
    }
}

fn key(map: &TileMap) -> String {
    let mut html = String::from("<ul class=\"key\">\n");
    let letters = grade_letters(&map.labels);
    for (rank, label) in map.labels.iter().enumerate().rev() {
        let text = format!("{} ({})", crate::common::capital(label), letters[rank]);
        html += &format!("<li><span class=\"g{rank}\"></span>{}</li>\n", escape(&text));
    }
    html + &format!("<li><span class=\"gn\"></span>No {} grade now (–)</li>\n</ul>\n", escape(&map.what))
}

fn page(facts: &Facts, tile: &Tile) -> Option<String> {
    facts.body(&tile.authority).map(|body| escape(&format!("{}.html", body.stem)))
}

fn drawn(facts: &Facts, map: &TileMap) -> String {
    let columns = map.tiles.iter().map(|t| t.column + 1).max().unwrap_or(1);
    let rows = map.tiles.iter().map(|t| t.row + 1).max().unwrap_or(1);
    // Names of parts stand beside their tiles, also outside them.
    let (left, width, height) = (40, columns * SIDE + 150, rows * SIDE);
    let mut html = format!(
        "<svg class=\"map\" role=\"group\" aria-label=\"Map of tiles\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n"
    );
    for heading in &map.headings {
        let x = f64::from(left) + heading.column * f64::from(SIDE) + if heading.to_the_left { -6.0 } else { 6.0 };
        let y = heading.row as i32 * SIDE + SIDE / 2 + 4;
        let anchor = if heading.to_the_left { "end" } else { "start" };
        html += &format!(
            "<text class=\"place\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>\n",
            escape(&heading.text)
        );
    }
    let grades = grade_letters(&map.labels);
    for tile in &map.tiles {
        let (x, y) = (left + tile.column * SIDE, tile.row * SIDE);
        let (class, letters, words) = state(facts, map, &grades, tile);
        // A dashed edge stands inside the tile, so that its neighbours do not cover it.
        let inset = if class == "gn" { 3 } else { 0 };
        let (left, top, side) = (x + inset, y + inset, SIDE - 2 * inset);
        let inside = format!(
            "<title>{}</title><rect x=\"{left}\" y=\"{top}\" width=\"{side}\" height=\"{side}\"/><text x=\"{middle}\" y=\"{}\">{}</text>\
             <text x=\"{middle}\" y=\"{}\">{}</text>",
            escape(&format!("{}: {words}", tile.name)),
            y + 20,
            escape(&tile.letters),
            y + 36,
            escape(&letters),
            middle = x + SIDE / 2,
        );
        html += &match page(facts, tile) {
            Some(page) => format!("<a href=\"{page}\" class=\"{class}\">{inside}</a>\n"),
            None => format!("<g class=\"{class}\">{inside}</g>\n"),
        };
    }
    html + "</svg>\n"
}

/// The same tiles in lines, region by region.
fn listed(facts: &Facts, map: &TileMap) -> String {
    let mut regions: Vec<&str> = map.tiles.iter().map(|t| t.region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    let grades = grade_letters(&map.labels);
    let mut html = String::from("<div class=\"regions\">\n");
    for region in regions {
        if !region.is_empty() {
            html += &format!("<h3>{}</h3>\n", escape(region));
        }
        html += "<ul class=\"tiles\">\n";
        let mut own: Vec<&Tile> = map.tiles.iter().filter(|t| t.region == region).collect();
        own.sort_by(|a, b| a.name.cmp(&b.name));
        for tile in own {
            let (class, letters, words) = state(facts, map, &grades, tile);
            let text = format!("{}<br />{}", escape(&tile.letters), escape(&letters));
            let unseen = format!("<span class=\"unseen\"> {}: {}</span>", escape(&tile.name), escape(&words));
            html += &match page(facts, tile) {
                Some(page) => format!("<li><a class=\"{class}\" href=\"{page}\">{text}{unseen}</a></li>\n"),
                None => format!("<li>{text}{unseen}</li>\n"),
            };
        }
        html += "</ul>\n";
    }
    html + "</div>\n"
}
