//! Pictures of what inspectors asked for.

use std::collections::BTreeMap;

use super::{AskGroup, AskStatus, Asks, Grade, Theme};
use crate::chart::{Dot, DotPlot, Occasion, Recurrences, Said, Style};
use crate::{Error, Noun, Precision};

impl Asks {
    /// A grid of topics by the inspections of one authority, to which the ratings must have been narrowed: what came back is
    /// filled. Inspections before the first one that was read are left out.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::chart::{Chart, Style};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let slough = england.ratings()?.bodies_only(["E06000039"])?;
    /// let grid = england.asks(&slough)?.grid("Slough", Style::default())?;
    /// assert_eq!(grid.title(), "Slough: 12 of 23, 5 of 20 and 2 of 9 topics came back at the next inspection");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chart`] when none of its inspections was read; [`Error::Polars`] when a query fails.
    pub fn grid(&self, name: &str, style: Style) -> Result<Recurrences, Error> {
        let inspections = self.inspections().rows()?;
        let first = inspections.iter().position(|i| i.asks.is_some());
        let Some(shown) = first.map(|first| &inspections[first..]) else {
            return Err(Error::Chart(format!("no report of {name} was read for what it asked for")));
        };
        let occasion = |(n, i): (usize, &super::InspectionAsks)| Occasion {
            day: i.date_precision.unwrap_or(Precision::Day).write_short(i.date),
            rules: i.framework.label().to_owned(),
            is_known: i.asks.is_some(),
            has_before: i.asks.is_some() && n > 0 && shown[n - 1].asks.is_some(),
        };
        let occasions: Vec<Occasion> = shown.iter().enumerate().map(occasion).collect();
        let mut rows: BTreeMap<String, Vec<Said>> = BTreeMap::new();
        for row in self.course().rows()? {
            let Some(column) = shown.iter().position(|i| i.inspection == row.inspection) else { continue };
            let said = match row.status {
                AskStatus::Again => Said::Again,
                AskStatus::Asked | AskStatus::New => Said::New,
                AskStatus::Dropped => continue,
            };
            rows.entry(row.label).or_insert_with(|| vec![Said::Nothing; shown.len()])[column] = said;
        }
        let caveats = super::AskCourse::CAVEATS;
        let style = self.noted(style, caveats);
        Recurrences::new(name, Noun::new("topic", "topics"), occasions, rows.into_iter().collect(), style)
    }

    /// A dot plot of the shares of inspections that asked for topics, group by group, with 95% intervals: the `top` topics
    /// asked for by most, or those in `only` by their code.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::chart::{Chart, Style};
    /// use rating_history::ofsted::{AskGroup, Theme};
    /// let england = rating_history::ofsted::england_with_reports()?;
    /// let ilacs = england.ratings()?.only("framework", ["ILACS"])?;
    /// let plot = england.asks(&ilacs)?.dots(Some(AskGroup::Grade(Theme::Headline)), 10, &[], Style::default())?;
    /// let title = "Management oversight and supervision: 100% of 34 (inadequate), 18% of 71 (outstanding)";
    /// assert_eq!(plot.title(), title);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Chart`] without anything to draw; [`Error::Polars`] when a query fails.
    pub fn dots(&self, by: Option<AskGroup>, top: usize, only: &[String], style: Style) -> Result<DotPlot, Error> {
        let shares = self.topics(by).rows()?;
        let mut groups: Vec<String> = Vec::new();
        let mut rows: Vec<(String, String, Vec<Dot>)> = Vec::new();
        for share in &shares {
            let group = share.group.clone().unwrap_or_default();
            if groups.last() != Some(&group) {
                groups.push(group);
            }
            let dot =
                Dot { part: share.asked, of: share.inspections, lower: share.share_lower, upper: share.share_upper };
            match rows.iter_mut().find(|(topic, ..)| *topic == share.topic) {
                Some((.., dots)) => dots.push(dot),
                None => rows.push((share.topic.clone(), share.label.clone(), vec![dot])),
            }
        }
        if only.is_empty() {
            let asked = |dots: &[Dot]| dots.iter().map(|dot| dot.part).sum::<u32>();
            rows.sort_by_key(|(.., dots)| std::cmp::Reverse(asked(dots)));
            rows.truncate(top);
        } else {
            rows.retain(|(topic, ..)| only.contains(topic));
        }
        let rows = rows.into_iter().map(|(_, label, dots)| (label, dots)).collect();
        let of_what = match by {
            None => String::new(),
            Some(AskGroup::Framework) => ", by framework".to_owned(),
            Some(AskGroup::Grade(Theme::Headline)) => ", by their overall grade".to_owned(),
            Some(AskGroup::Grade(theme)) => format!(", by their grade for {}", theme.label().to_lowercase()),
            Some(AskGroup::Region) => ", by region".to_owned(),
            Some(AskGroup::Year) => ", by year".to_owned(),
        };
        let (from, to) = self.bounds();
        let day = |date| Precision::Day.write(date);
        let when = match (from, to) {
            (None, None) => format!("to {}", day(self.ratings.day())),
            (Some(from), to) => format!("from {} to {}", day(from), day(to.unwrap_or(self.ratings.day()))),
            (None, Some(to)) => format!("to {}", day(to)),
        };
        let about =
            format!("Share of inspections whose report asked for a topic{of_what}, {when}; in brackets: how many");
        let is_graded = matches!(by, Some(AskGroup::Grade(_)));
        let word = |code: String| match code.parse::<Grade>() {
            Ok(grade) if is_graded => grade.label().to_lowercase(),
            _ => code,
        };
        let all_grades = groups.len() == Grade::ALL.len();
        let groups = if by.is_none() { vec!["all".to_owned()] } else { groups.into_iter().map(word).collect() };
        let mut style = self.noted(style, super::TopicShare::CAVEATS);
        style.scope = self.ratings.scope()?.or(style.scope);
        let plot = DotPlot::new(about, groups, rows, style)?;
        Ok(if is_graded && all_grades { plot.of_grades() } else { plot })
    }

    /// A style with what has to be said: how the ratings were narrowed, of whom what is known, and caveats.
    fn noted(&self, style: Style, caveats: &[super::Caveat]) -> Style {
        let own = self.ratings.own_notices(self.ratings.day());
        let own = own.iter().map(|n| format!("{}: {}.", n.name, n.text));
        let caveats = caveats.iter().map(|c| c.label().to_owned());
        let notes = style.notes.clone().into_iter().chain(self.ratings.filtered()).chain(own).chain(caveats);
        let notes = notes.collect();
        style.or_words_of(&self.ratings).notes(notes)
    }
}
