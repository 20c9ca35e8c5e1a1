//! What happened to one body, in plain words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EndedBy, Stretch, Timeline};
use crate::calendar::number;
use crate::{Precision, Words};

/// One series of one body over time, as seen on a day, with the words to tell it in.
///
/// ```
/// use rating_history::chrono::NaiveDate;
/// use rating_history::trend::{Narrative, Stretch, Timeline};
/// use rating_history::{Noun, Words};
/// let day = |y| NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
/// let words = Words::default().body(Noun::new("bridge", "bridges"));
/// let spells = vec![Stretch::new(day(2011), day(2019), Some(0)), Stretch::new(day(2019), day(2026), Some(1))];
/// let labels = ["poor", "fair"].map(String::from).to_vec();
/// let bridge = Narrative::new("Mill Lane", "overall", Timeline { spells }, labels, day(2026), words);
/// assert_eq!(bridge.title(), "Mill Lane, overall: poor for eight years, then fair");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Narrative {
    /// The body's name.
    pub name: String,
    /// What is graded, as "overall".
    pub what: String,
    /// The series.
    pub timeline: Timeline,
    /// The grade of each spell, as it was called then; empty for time without the judgement.
    pub told: Vec<String>,
    /// The day from which it is seen.
    pub as_of: NaiveDate,
    /// Inspections that count by then, whatever they judged.
    pub inspections: usize,
    /// What has to be said beside it.
    pub notices: Vec<String>,
    /// What is said where the judgement is no longer given: "as none has since April 2026".
    pub withdrawn: Option<String>,
    /// What comes first where the latest inspection says more than this series: as a title, and as a sentence without its
    /// full stop.
    pub lead: Option<(String, String)>,
    /// What the data call things.
    pub words: Words,
}

impl Narrative {
    /// The course of a body; the grades are called as in `labels`, worst first.
    pub fn new(
        name: impl Into<String>,
        what: impl Into<String>,
        timeline: Timeline,
        labels: Vec<String>,
        as_of: NaiveDate,
        words: Words,
    ) -> Self {
        let told = timeline.spells.iter().map(|s| s.rank.and_then(|r| labels.get(r).cloned()).unwrap_or_default());
        Narrative {
            name: name.into(),
            what: what.into(),
            told: told.collect(),
            inspections: timeline.spells.iter().map(|s| s.inspections as usize).sum(),
            timeline,
            as_of,
            notices: Vec::new(),
            withdrawn: None,
            lead: None,
            words,
        }
    }

    /// The spells with a grade, each with what it was called.
    pub fn spells(&self) -> Vec<(&Stretch, &str)> {
        let all = self.timeline.spells.iter().zip(&self.told);
        all.filter(|(s, _)| s.rank.is_some()).map(|(s, told)| (s, told.as_str())).collect()
    }

    /// Why a spell ends, in words: "next judgement", "still running", "authority abolished".
    pub fn ended(&self, spell: &Stretch) -> String {
        match spell.ended_by {
            EndedBy::Closed => format!("{} {}", self.words.body.one, self.words.closed),
            ended_by => ended_by.label().to_owned(),
        }
    }

    /// The longest spell at the worst grade, where it is not one of the spells that the title tells: the last, and the one
    /// that it followed.
    fn worst(&self) -> Option<(&Stretch, &str)> {
        let all = self.timeline.spells.iter().zip(&self.told).filter(|(s, _)| s.rank.is_some());
        let all: Vec<(&Stretch, &String)> = all.collect();
        let (last, earlier) = all.split_last()?;
        let followed = earlier.last().filter(|(s, _)| s.end == last.0.start);
        let told = 1 + usize::from(followed.is_some());
        let longest =
            all.iter().enumerate().filter(|(_, (s, _))| s.rank == Some(0)).max_by_key(|(_, (s, _))| s.days())?;
        let (place, (spell, grade)) = longest;
        (place + told < all.len()).then_some((*spell, grade.as_str()))
    }

    /// The finding in one line, for a chart's title: the last two spells, and the longest at the worst grade.
    pub fn title(&self) -> String {
        if let Some((title, _)) = &self.lead {
            return title.clone();
        }
        let title = self.latest_title();
        match self.worst() {
            Some((spell, grade)) => {
                let end = Precision::Month.max(spell.end_precision).write(spell.end);
                format!("{title}; {grade} for {} until {end}", spell.span().rounded_years())
            }
            None => title,
        }
    }

    fn latest_title(&self) -> String {
        let Narrative { name, what, words, .. } = self;
        let spells = self.spells();
        let Some(((last, grade), earlier)) = spells.split_last() else {
            return format!("{name}: no {what} grade by {}", Precision::Day.write(self.as_of));
        };
        let start = Precision::Month.max(last.start_precision).write(last.start);
        let end = Precision::Month.max(last.end_precision).write(last.end);
        let before = earlier.last().filter(|(s, _)| s.end == last.start);
        let closed = &words.closed;
        match (last.ended_by, before) {
            (EndedBy::Closed, None) => format!("{name}, {what}: {grade} until it was {closed} in {end}"),
            (EndedBy::Closed, Some((spell, before))) => {
                format!(
                    "{name}, {what}: {before} for {}, then {grade} until {closed} in {end}",
                    spell.span().rounded_years()
                )
            }
            (EndedBy::NotReported, None) => format!("{name}: {grade} until {end}, no {what} grade since"),
            (EndedBy::NotReported, Some((_, before))) => {
                format!("{name}: from {before} to {grade}, and no {what} grade since {end}")
            }
            (_, None) if words.once => format!("{name}, {what}: {grade} in {start}"),
            (_, None) => format!("{name}, {what}: {grade} since {start}"),
            (_, Some((spell, before))) => {
                format!("{name}, {what}: {before} for {}, then {grade}", spell.span().rounded_years())
            }
        }
    }

    /// What happened, in plain sentences: the latest spell and the one before it, with their lengths, and the longest at
    /// the worst grade.
    pub fn sentence(&self) -> String {
        let lead = self.lead.as_ref().map(|(_, sentence)| format!("{sentence}. ")).unwrap_or_default();
        let notices = match self.notices.as_slice() {
            [] => String::new(),
            notices => format!(" ({})", notices.join("; ")),
        };
        let worst = self.worst().map(|(spell, grade)| {
            let month = |date: NaiveDate, precision: Precision| Precision::Month.max(precision).write(date);
            let (start, end) = (month(spell.start, spell.start_precision), month(spell.end, spell.end_precision));
            let inspections = self.in_a_row(spell.inspections);
            format!(" Its longest time as {grade} was {} ({start} to {end}, {inspections}).", spell.length())
        });
        format!("{lead}{}{notices}.{}", self.told(), worst.unwrap_or_default())
    }

    fn in_a_row(&self, n: u32) -> String {
        match n {
            1 => format!("one {}", self.words.inspection.one),
            n => format!("{} {} in a row", number(n), self.words.inspection.many),
        }
    }

    fn told(&self) -> String {
        let Narrative { what, words, .. } = self;
        // After what comes first, the body need not be named again.
        let name = if self.lead.is_some() { format!("By its {what} grade it") } else { self.name.clone() };
        let as_of = Precision::Day.write(self.as_of);
        let spells = self.spells();
        let Some(((last, grade), earlier)) = spells.split_last() else {
            let note = match self.inspections {
                0 => format!("no {}", words.inspection.one),
                n => format!("{}, none with {} grade", words.inspection.count(n), article(what)),
            };
            return format!("{name} has had no {what} grade by {as_of} ({note})");
        };
        let month = |date: NaiveDate, precision: Precision| Precision::Month.max(precision).write(date);
        let inspections = |n: u32| self.in_a_row(n);
        let ended = |s: &Stretch| {
            let (start, end) = (month(s.start, s.start_precision), month(s.end, s.end_precision));
            format!("{} ({start} to {end}, {})", s.length(), inspections(s.inspections))
        };
        let after = match last.ended_by {
            EndedBy::Closed => format!(", until {}", words.closing),
            EndedBy::NotReported => {
                let since = self.withdrawn.as_ref().map(|w| format!(", {w}")).unwrap_or_default();
                let of = month(last.end, last.end_precision);
                format!("; the {} of {of} gave none{since}", words.inspection.one)
            }
            _ => String::new(),
        };
        match earlier.last().filter(|(s, _)| s.end == last.start) {
            Some((spell, before)) => {
                let start = format!("{name} was rated {before} for {}", ended(spell));
                if last.runs() {
                    format!("{start} and has been rated {grade} since, {} to {as_of}", last.length())
                } else {
                    format!("{start} and then {grade} for {}{after}", ended(last))
                }
            }
            None if last.runs() && words.once => {
                format!("{name} was rated {grade} in {}", month(last.start, last.start_precision))
            }
            None if last.runs() => format!(
                "{name} has been rated {grade} since {}, {} to {as_of} ({})",
                month(last.start, last.start_precision),
                last.length(),
                inspections(last.inspections)
            ),
            None => format!("{name} was rated {grade} for {}{after}", ended(last)),
        }
    }
}

/// "an overall", "a leadership"
fn article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}
