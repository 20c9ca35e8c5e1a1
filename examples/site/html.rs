//! Pages of plain HTML: sections, tables with their CSV files, pictures for wide and narrow screens.

use rating_history::chart::{Chart, Style};
use rating_history::chrono::NaiveDate;
use rating_history::{Error, Precision, io};

use crate::stated::is_address;
use crate::style::STYLE;

/// Widths of pictures inside a page, in pixels: on a narrow, a middle and a wide screen.
const INLINE: [(&str, u32); 3] = [("narrow", 288), ("middle", 640), ("wide", 960)];
/// Widths of pictures in files: on a wide and on a narrow screen.
const WIDE: u32 = 704;
const NARROW: u32 = 288;

pub fn escape(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

pub fn link(text: &str, address: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
}

/// A cell of a table: what it says, and where that leads.
#[derive(Clone, Default)]
pub struct Cell {
    pub text: String,
    pub to: Option<String>,
    /// By what it is sorted, where that is not its text.
    pub key: Option<String>,
    /// What the file of the table says, where that is not its text.
    pub plain: Option<String>,
    /// What stands beside it in the same cell.
    pub also: Vec<Cell>,
}

impl Cell {
    pub fn link(text: impl Into<String>, to: impl Into<String>) -> Self {
        Cell { text: text.into(), to: Some(to.into()), ..Cell::default() }
    }

    pub fn keyed(text: impl Into<String>, key: impl ToString) -> Self {
        Cell { text: text.into(), key: Some(key.to_string()), ..Cell::default() }
    }

    /// A day as far as it is known; in a file as 2011-05-31, 2011-05 or 2011.
    pub fn date(day: NaiveDate, precision: Precision) -> Self {
        let form = match precision {
            Precision::Year => "%Y",
            Precision::Month => "%Y-%m",
            _ => "%Y-%m-%d",
        };
        Cell { text: precision.write(day), plain: Some(day.format(form).to_string()), ..Cell::default() }
    }

    /// The same of a day that may be missing.
    pub fn date_if(day: Option<NaiveDate>, precision: Option<Precision>) -> Self {
        day.map_or_else(Cell::default, |day| Cell::date(day, precision.unwrap_or(Precision::Day)))
    }

    pub fn html(&self) -> String {
        let own = match &self.to {
            _ if self.text.is_empty() => "–".to_owned(),
            Some(to) => link(&self.text, to),
            None => escape(&self.text),
        };
        std::iter::once(own).chain(self.also.iter().map(Cell::html)).collect::<Vec<_>>().join("; ")
    }

    /// What the file of the table says.
    fn in_file(&self) -> String {
        let own = self.plain.as_ref().unwrap_or(&self.text).clone();
        std::iter::once(own).chain(self.also.iter().map(Cell::in_file)).collect::<Vec<_>>().join("; ")
    }

    /// The addresses on other sites that it leads to.
    fn addresses(&self) -> String {
        let all = std::iter::once(self).chain(&self.also).filter_map(|cell| cell.to.as_deref());
        all.filter(|to| is_address(to)).collect::<Vec<_>>().join(" ")
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell { text, ..Cell::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A row of texts.
pub fn row<const N: usize>(cells: [String; N]) -> Vec<Cell> {
    cells.map(Cell::from).into()
}

/// The columns of which some cell says something.
pub fn filled<'a>(header: &[&'a str], rows: &[Vec<Cell>]) -> (Vec<&'a str>, Vec<Vec<Cell>>) {
    let kept: Vec<usize> = (0..header.len()).filter(|n| rows.iter().any(|row| !row[*n].text.is_empty())).collect();
    let of = |row: &Vec<Cell>| -> Vec<Cell> { kept.iter().map(|n| row[*n].clone()).collect() };
    (kept.iter().map(|n| header[*n]).collect(), rows.iter().map(of).collect())
}

/// Abbreviations in texts of the data.
const SHORT: [(&str, &str); 4] = [
    ("DfE", "Department for Education"),
    ("MASH", "multi-agency safeguarding hub"),
    ("CQC", "Care Quality Commission"),
    ("SEND", "special educational needs and disabilities"),
];

/// Says what abbreviations stand for, each below the first section that has it.
pub fn spell_out(sections: &mut [Section]) {
    for (short, long) in SHORT {
        let ends = [" ", ",", ".", ":", ";", ")", "<"].map(|end| format!("{short}{end}"));
        let first = sections.iter_mut().find(|section| ends.iter().any(|text| section.body.contains(text)));
        if let Some(section) = first {
            section.say(&format!("{short}: {long}."));
        }
    }
}

/// A file that belongs to a page, by its path in the site.
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Where a chart has its style.
pub type Styled<C> = fn(&mut C) -> &mut Style;

/// A part of a page, under a heading of its own.
pub struct Section {
    pub id: &'static str,
    pub heading: String,
    /// HTML.
    pub body: String,
    pub files: Vec<File>,
    /// The stem of the page's name.
    page: String,
}

impl Section {
    pub fn new(page: &str, id: &'static str, heading: impl Into<String>) -> Self {
        Section { id, heading: heading.into(), body: String::new(), files: Vec::new(), page: page.to_owned() }
    }

    pub fn say(&mut self, text: &str) {
        self.body += &paragraph(text);
    }

    pub fn html(&mut self, html: &str) {
        self.body += html;
    }

    /// A table whose first column names its rows, with a file of its own.
    pub fn table(&mut self, id: &str, caption: &str, header: &[&str], rows: &[Vec<Cell>]) -> Result<(), Error> {
        let path = format!("data/{}/{id}.csv", self.page);
        self.body += &table(id, caption, header, rows);
        self.body += &format!(
            "<p class=\"download\"><a href=\"{}\">Download as CSV<span class=\"unseen\">: {}</span></a></p>\n",
            escape(&path),
            escape(caption)
        );
        self.files.push(File { path, bytes: file(header, rows)? });
        Ok(())
    }

    /// A picture inside the page, in three forms of which one is shown.
    pub fn inline<C: Chart>(&mut self, id: &str, mut chart: C, style: Styled<C>) -> Result<(), Error> {
        self.body += "<figure>\n";
        for (name, width) in INLINE {
            style(&mut chart).width = Some(width);
            let svg = compact(&chart.to_inline_svg(&format!("{id}-{name}-"))?);
            self.body += &format!("<div class=\"{name}\">{svg}</div>\n");
        }
        self.body += "</figure>\n";
        Ok(())
    }

    /// A picture in files of its own, one for wide and one for narrow screens.
    pub fn picture<C: Chart>(&mut self, id: &str, mut chart: C, style: Styled<C>) -> Result<(), Error> {
        let mut form = |name: &str, width: u32| -> Result<(String, u32, String), Error> {
            style(&mut chart).width = Some(width);
            let path = format!("pictures/{}/{id}-{name}.svg", self.page);
            self.files.push(File { path: path.clone(), bytes: compact(&chart.to_svg()?).into_bytes() });
            let height = chart.size()?.1;
            Ok((escape(&path), height, escape(&format!("{}. {}", chart.title(), chart.alt_text()))))
        };
        let (wide, wide_height, alt) = form("wide", WIDE)?;
        let (narrow, narrow_height, _) = form("narrow", NARROW)?;
        self.body += &format!(
            "<figure>\n<picture><source media=\"(min-width: 48em), print\" srcset=\"{wide}\" width=\"{WIDE}\" \
             height=\"{wide_height}\" /><img src=\"{narrow}\" width=\"{NARROW}\" height=\"{narrow_height}\" alt=\"{alt}\" \
             /></picture>\n</figure>\n"
        );
        Ok(())
    }
}

/// The same SVG in fewer bytes: what every text says is said once, and lines drawn alike one after the other are one path.
fn compact(svg: &str) -> String {
    const FAMILY: &str = " font-family=\"";
    let family = svg.find(FAMILY).and_then(|at| {
        let end = svg[at + FAMILY.len()..].find('"')?;
        Some(svg[at..=at + FAMILY.len() + end].to_owned())
    });
    let mut lean = svg.replace(" opacity=\"1\"", "").replace(" text-anchor=\"start\"", "");
    if let Some(family) = family {
        lean = lean.replace(&family, "").replacen("<svg", &format!("<svg{family}"), 1);
    }
    let lean = lean.replace(">\n", ">").replace("\n</text>", "</text>");
    let mut short = String::with_capacity(lean.len());
    let mut like = String::new();
    let mut path = String::new();
    for part in lean.split_inclusive("/>") {
        let (before, last) = part.split_at(part.rfind('<').unwrap_or(0));
        let line = last.strip_prefix("<polyline ").and_then(|rest| rest.split_once(" points=\""));
        let line = line.filter(|(look, _)| look.contains("fill=\"none\""));
        if !before.is_empty() || line.is_none_or(|(look, _)| look != like) {
            finish(&mut short, &like, &mut path);
            short += before;
        }
        match line {
            Some((look, points)) => {
                look.clone_into(&mut like);
                let points = points.trim_end_matches("/>").trim_end_matches('"').trim();
                path += &format!("M{}", points.replace(' ', "L"));
            }
            None => short += last,
        }
    }
    finish(&mut short, &like, &mut path);
    short
}

fn finish(svg: &mut String, look: &str, path: &mut String) {
    if !path.is_empty() {
        *svg += &format!("<path {look} d=\"{path}\"/>");
        path.clear();
    }
}

/// Rows as CSV with a heading; text that a spreadsheet would run is guarded by an apostrophe.
pub fn csv<R>(header: &[&str], rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, Error>
where
    R: IntoIterator<Item: AsRef<str>>,
{
    let cell = |cell: R::Item| -> String {
        let text = cell.as_ref();
        if text.parse::<f64>().is_ok() { text.to_owned() } else { io::guarded(text).into_owned() }
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: String| Error::Frame(format!("a table cannot be written: {error}"));
    writer.write_record(header).map_err(|e| failed(e.to_string()))?;
    for row in rows {
        writer.write_record(row.into_iter().map(cell)).map_err(|e| failed(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| failed(e.to_string()))
}

/// A table as CSV; addresses of links stand in columns of their own.
fn file(header: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Error> {
    let linked: Vec<usize> =
        (0..header.len()).filter(|n| rows.iter().any(|row| !row[*n].addresses().is_empty())).collect();
    let names: Vec<String> = linked.iter().map(|n| format!("{} address", header[*n])).collect();
    let names: Vec<&str> = header.iter().copied().chain(names.iter().map(String::as_str)).collect();
    let texts = |row: &Vec<Cell>| -> Vec<String> {
        row.iter().map(Cell::in_file).chain(linked.iter().map(|n| row[*n].addresses())).collect()
    };
    csv(&names, rows.iter().map(texts))
}

/// A table whose first column names its rows.
pub fn table(id: &str, caption: &str, header: &[&str], rows: &[Vec<Cell>]) -> String {
    let is_number = |cell: &Cell| {
        let text = cell.text.trim_start_matches("about ").trim_start_matches('\u{2212}');
        text.trim_end_matches('%').parse::<f64>().is_ok()
    };
    let numbers = |n: usize| {
        rows.iter().any(|row| !row[n].text.is_empty())
            && rows.iter().all(|row| row[n].text.is_empty() || is_number(&row[n]))
    };
    let class: Vec<&str> =
        (0..header.len()).map(|n| if n > 0 && numbers(n) { " class=\"number\"" } else { "" }).collect();
    let caption = escape(caption);
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}-caption\">\n<table id=\"{id}\">\n\
         <caption id=\"{id}-caption\">{caption}</caption>\n<thead>\n<tr>"
    );
    for (name, class) in header.iter().zip(&class) {
        html += &format!("<th scope=\"col\"{class}>{}</th>", escape(name));
    }
    html += "</tr>\n</thead>\n<tbody>\n";
    for row in rows {
        html += "<tr>";
        for (n, cell) in row.iter().enumerate() {
            let key = cell.key.as_ref().map_or(String::new(), |key| format!(" data-key=\"{}\"", escape(key)));
            html += &match n {
                0 => format!("<th scope=\"row\"{key}>{}</th>", cell.html()),
                n => format!("<td{}{key}>{}</td>", class[n], cell.html()),
            };
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table>\n</div>\n"
}

/// A whole page.
pub struct Page<'a> {
    pub title: &'a str,
    pub lead: &'a str,
    pub sections: &'a [Section],
    /// HTML of the footer.
    pub footer: &'a str,
    /// The link to the page of all, as HTML; nothing on that page.
    pub home: &'a str,
    /// Rules of style of this page alone.
    pub style: &'a str,
    /// A script of this page alone.
    pub script: &'a str,
}

impl Page<'_> {
    pub fn html(&self) -> String {
        let (title, lead) = (escape(self.title), escape(self.lead));
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\" />\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n<title>{title}</title>\n\
             <meta name=\"description\" content=\"{lead}\" />\n<link rel=\"icon\" href=\"data:,\" />\n\
             <style>{STYLE}{}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n",
            self.style
        );
        if !self.home.is_empty() {
            html += &format!("<p class=\"home\">{}</p>\n", self.home);
        }
        html += &format!(
            "<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n<nav aria-label=\"Sections of this page\">\n<ul>\n"
        );
        for Section { id, heading, .. } in self.sections {
            html += &format!("<li><a href=\"#{id}\">{}</a></li>\n", escape(heading));
        }
        html += "</ul>\n</nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n";
        for Section { id, heading, body, .. } in self.sections {
            let heading = escape(heading);
            html += &format!(
                "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n"
            );
        }
        html += &format!("</main>\n<footer>\n{}</footer>\n", self.footer);
        if !self.script.is_empty() {
            html += &format!("<script>\n{}</script>\n", self.script);
        }
        html + "</body>\n</html>\n"
    }
}
