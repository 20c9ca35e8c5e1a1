//! What holds of every text of every picture, and lengths of time in words.

use rating_history::Precision;
use rating_history::chart::Chart;
use rating_history::chrono::{Datelike, Months, NaiveDate};

use super::{Case, day};

/// The texts of an SVG, line after line.
pub fn texts(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|n| n.has_tag_name("text"));
    let texts = texts.map(|n| n.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect::<String>());
    texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

const MANY: [&str; 19] = [
    "years",
    "months",
    "days",
    "authorities",
    "bodies",
    "spells",
    "moves",
    "grades",
    "inspections",
    "ratings",
    "judgements",
    "others",
    "topics",
    "cases",
    "areas",
    "curves",
    "snapshots",
    "values",
    "quarters",
];

/// Fails where a text has the plural of one, a raw date, a code, noise of numbers, or a day after the one as of which it is.
pub fn sound(text: &str, name: &str, as_of: Option<NaiveDate>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    for (n, word) in words.iter().enumerate() {
        let word = bare(word);
        let next = words.get(n + 1).map(|next| bare(next)).unwrap_or_default();
        assert!(!(word == "1" && MANY.contains(&next.as_str())), "{name}: 1 {next}: {text}");
        assert!(word.parse::<NaiveDate>().is_err(), "{name}: {word}: {text}");
        assert!(
            !word.contains('_') && !["NaN", "inf", "None", "null"].contains(&word.as_str()),
            "{name}: {word}: {text}"
        );
        let noisy = word.parse::<f64>().is_ok() && word.split_once('.').is_some_and(|(_, d)| d.len() > 4);
        assert!(!noisy, "{name}: {word}: {text}");
        assert!(!word.starts_with("prior:") && !word.starts_with("official:"), "{name}: {word}");
    }
    let Some(as_of) = as_of else { return };
    for three in words.windows(3) {
        let [date, month, year] = [0, 1, 2].map(|n| bare(three[n]));
        let full = ["%-d %B %Y", "%-d %b %Y"]
            .iter()
            .find_map(|format| NaiveDate::parse_from_str(&format!("{date} {month} {year}"), format).ok());
        assert!(full.is_none_or(|day| day <= as_of), "{name}: {full:?} is after {as_of}: {text}");
        let of_month = NaiveDate::parse_from_str(&format!("1 {month} {year}"), "%-d %B %Y").ok();
        let of_month = of_month.filter(|_| year.len() == 4 && date.parse::<u32>().is_err());
        assert!(of_month.is_none_or(|month| month <= as_of), "{name}: {of_month:?} is after {as_of}: {text}");
    }
}

impl Case {
    /// Title, alternative text and all texts of a picture, after what holds of each; the title without the bodies that it
    /// is of.
    pub fn said(&self, chart: &dyn Chart) -> (String, String, String) {
        self.told(chart, self.scope, Some(self.as_of))
    }

    /// The same of a picture that names its bodies itself, or tells of days to come.
    pub fn told(&self, chart: &dyn Chart, scope: Option<&str>, by: Option<NaiveDate>) -> (String, String, String) {
        let (title, alt) = (chart.title(), chart.alt_text());
        let text = texts(&chart.to_svg().unwrap());
        let name = format!("{}: {title}", self.name);
        for said in [&title, &alt, &text] {
            sound(said, &name, by);
        }
        for note in &self.notes {
            assert!(text.contains(note), "{name}: {note}: {text}");
        }
        for note in &self.never {
            assert!(
                !text
                    .replace("Only authorities in existence", "")
                    .replace("Only bodies in existence", "")
                    .contains(note),
                "{name}: {note}: {text}"
            );
        }
        assert!(text.starts_with(&title.split_whitespace().collect::<Vec<_>>().join(" ")), "{name}: {text}");
        let rest = match scope {
            Some(scope) => title.strip_prefix(&format!("{scope}: ")).unwrap_or_else(|| panic!("{scope}: {name}")),
            None => &title,
        };
        (rest.to_owned(), alt, text)
    }
}

/// "7 years 8 months", by going on month after month.
pub fn length(start: NaiveDate, end: NaiveDate) -> String {
    let mut months = 0;
    while start.checked_add_months(Months::new(months + 1)).is_some_and(|next| next <= end) {
        months += 1;
    }
    let count = |n: u32, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    match (months / 12, months % 12) {
        (0, 0) => count((end - start).num_days().max(0) as u32, "day"),
        (0, m) => count(m, "month"),
        (y, 0) => count(y, "year"),
        (y, m) => format!("{} {}", count(y, "year"), count(m, "month")),
    }
}

/// Whether a length in words, as "almost eight years", is true of the time from one day to another.
pub fn holds(words: &str, start: NaiveDate, end: NaiveDate) -> bool {
    const NUMBERS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let years = (end - start).num_days() as f64 / 365.25;
    let number = |word: &str| -> f64 {
        NUMBERS.iter().position(|n| *n == word).map_or_else(|| word.parse().unwrap(), |n| n as f64)
    };
    let parts: Vec<&str> = words.split(' ').collect();
    match parts.as_slice() {
        ["almost", n, "years" | "year"] => years < number(n) && years > number(n) - 0.4,
        ["more", "than", n, "years" | "year"] => years > number(n) && years < number(n) + 0.4,
        ["about", n, "and", "a", "half", "years"] => (years - number(n) - 0.5).abs() < 0.25,
        ["about", n, "years" | "year"] => (years - number(n)).abs() < 0.1,
        ["less", "than", "a", "month"] => (1..31).contains(&(end - start).num_days()),
        [n, "days" | "day"] => (end - start).num_days() as f64 == number(n),
        [n, "months" | "month"] => (12.0 * years - number(n)).abs() < 1.1,
        [n, "years" | "year"] => (years - number(n)).abs() < 0.01,
        _ => false,
    }
}

/// A date as titles have it: to the month at most.
pub fn month(date: NaiveDate, precision: Precision) -> String {
    Precision::Month.max(precision).write(date)
}

/// Fails unless a text is a template whose marks stand for lengths of time that are true.
pub fn fits(text: &str, template: &str, lengths: &[(NaiveDate, NaiveDate)], name: &str) {
    let pieces: Vec<&str> = template.split('\u{1}').collect();
    let whole = format!("{name}: {template:?}: {text}");
    let mut rest = text.strip_prefix(pieces[0]).unwrap_or_else(|| panic!("{whole}"));
    for (piece, (start, end)) in pieces[1..].iter().zip(lengths) {
        let place = if piece.is_empty() { rest.len() } else { rest.find(piece).unwrap_or_else(|| panic!("{whole}")) };
        assert!(holds(&rest[..place], *start, *end), "{}, {start} to {end}: {whole}", &rest[..place]);
        rest = &rest[place + piece.len()..];
    }
    assert!(rest.is_empty(), "{whole}");
}

#[test]
fn lengths_in_words_can_be_wrong() {
    let (start, end) = (day("2011-05-31"), day("2019-02-01"));
    assert!(holds("almost eight years", start, end) && !holds("almost nine years", start, end));
    assert!(
        !holds("more than eight years", start, end) && !holds("about seven and a half years", start, day("2018-06-01"))
    );
    assert_eq!((length(start, end).as_str(), end.year()), ("7 years 8 months", 2019));
    for wrong in
        ["after 1 years", "on 2019-02-01", "a sw_agency", "-0.6000000000001", "by 2 February 2019", "since March 2019"]
    {
        assert!(std::panic::catch_unwind(|| sound(wrong, "", Some(end))).is_err(), "{wrong}");
    }
    sound("1 of 2 years, by 1 February 2019, since February 2019", "", Some(end));
}
