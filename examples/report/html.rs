//! A self-contained HTML page: sections, figures, tables. No script, nothing loaded from elsewhere.

use rating_history::Error;
use rating_history::chart::Chart;

const STYLE: &str = "
body { margin: 0; font: 1.05em/1.5 'Noto Sans', Arial, sans-serif; color: #0b0c0c; background: #fff; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 2rem 0 0.5rem; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 3rem 0 0.5rem; border-top: 2px solid #0b0c0c; padding-top: 0.75rem; }
p, ul { max-width: 44rem; }
.lead { font-size: 1.2rem; }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; max-width: none; }
a { color: #12436d; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid #0b0c0c; outline-offset: 2px; }
figure { margin: 1.5rem 0; }
figure svg { display: block; max-width: 100%; height: auto; }
@media (min-width: 66rem) { figure { margin-left: -2rem; } }
.scroll { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; font-size: 0.95rem; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1.25rem 0.3rem 0; border-bottom: 1px solid #b1b4b6; }
tbody th { font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
footer { margin-top: 3rem; padding-bottom: 2rem; font-size: 0.95rem; color: #383f43; }
@page { size: A4; margin: 16mm; }
@media print {
  html { font-size: 10pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, caption { break-inside: avoid; }
  .scroll { overflow: visible; }
  a { color: inherit; }
}
";

pub fn escape(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A chart with its own title and description inside; `id` is the page's only one.
pub fn figure(id: &str, chart: &impl Chart) -> Result<String, Error> {
    Ok(format!("<figure>\n{}</figure>\n", chart.to_inline_svg(&format!("{id}-"))?))
}

/// A table whose first column names its rows.
pub fn table(caption: &str, header: &[&str], rows: &[Vec<String>]) -> String {
    let is_number = |cell: &String| cell.trim_end_matches('%').parse::<f64>().is_ok();
    let numbers = |n: usize| !rows.is_empty() && rows.iter().all(|row| row[n].is_empty() || is_number(&row[n]));
    let class = |n: usize| if n > 0 && numbers(n) { " class=\"number\"" } else { "" };
    let caption = escape(caption);
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table>\n\
         <caption>{caption}</caption>\n<thead>\n<tr>"
    );
    for (n, name) in header.iter().enumerate() {
        html += &format!("<th scope=\"col\"{}>{}</th>", class(n), escape(name));
    }
    html += "</tr>\n</thead>\n<tbody>\n";
    for row in rows {
        html += "<tr>";
        for (n, cell) in row.iter().enumerate() {
            let cell = if cell.is_empty() { "–".to_owned() } else { escape(cell) };
            html += &match n {
                0 => format!("<th scope=\"row\">{cell}</th>"),
                n => format!("<td{}>{cell}</td>", class(n)),
            };
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table>\n</div>\n"
}

pub struct Section {
    pub id: &'static str,
    pub heading: String,
    /// HTML.
    pub body: String,
}

pub fn page(title: &str, lead: &str, sections: &[Section], footer: &str) -> String {
    let (title, lead) = (escape(title), escape(lead));
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n<title>{title}</title>\n\
         <meta name=\"description\" content=\"{lead}\" />\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n<nav aria-label=\"Sections\">\n<ul>\n"
    );
    for Section { id, heading, .. } in sections {
        html += &format!("<li><a href=\"#{id}\">{}</a></li>\n", escape(heading));
    }
    html += "</ul>\n</nav>\n</header>\n<main>\n";
    for Section { id, heading, body } in sections {
        let heading = escape(heading);
        html += &format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{heading}</h2>\n{body}</section>\n"
        );
    }
    html + "</main>\n<footer>\n" + &paragraph(footer) + "</footer>\n</body>\n</html>\n"
}
