//! What inspectors asked for, and who looked in between.

use rating_history::chart::Style;
use rating_history::ofsted::{
    AskCourse, AskStatus, Asks, Authority, Caveat, Covered, RatingHistory, Theme, VisitBetween, VisitKind,
};
use rating_history::{Error, Precision, Ratings};

use crate::capital;
use crate::html::{Section, figure, paragraph, table};

/// What is asked of one authority.
pub struct Beside<'a> {
    pub england: &'a RatingHistory,
    pub authority: &'a Authority,
    /// Its ratings, every series.
    pub ratings: Ratings,
    pub style: Style,
}

fn said(caveats: &[Caveat]) -> String {
    let sentences: Vec<&str> = caveats.iter().map(|c| c.label()).collect();
    paragraph(&sentences.join(" "))
}

fn written(date: rating_history::chrono::NaiveDate, precision: Option<Precision>) -> String {
    precision.unwrap_or(Precision::Day).write(date)
}

impl Beside<'_> {
    pub fn asked(&self) -> Result<Section, Error> {
        let heading = "What inspectors asked for".to_owned();
        let asks = self.england.asks(&self.ratings)?;
        let inspections = asks.inspections().rows()?;
        let name = &self.authority.name;
        if inspections.iter().all(|i| i.asks.is_none()) {
            let body = paragraph(&format!(
                "No report on {name} by this day was read for what it asked for. Reports from before November 2013, and those on \
                 councils abolished since, were not."
            ));
            return Ok(Section { id: "asked", heading, body });
        }
        let pairs = asks.pairs(false).rows()?;
        let mut body = match asks.course().rows()?.is_empty() {
            true => String::new(),
            false => figure("asked", &asks.grid(name, self.style.clone())?)?,
        };
        let facts = self.england.report_facts();
        body += &pairs.iter().map(|pair| paragraph(&pair.sentence(facts))).collect::<String>();
        body += &self.came_back(&asks)?;
        let view = |i: &rating_history::ofsted::InspectionAsks| match (i.asks, i.view) {
            (None, _) => "not read".to_owned(),
            (_, None) => "not mentioned".to_owned(),
            (_, Some(view)) => view.label().to_owned(),
        };
        let rows: Vec<Vec<String>> = inspections
            .iter()
            .map(|i| {
                let asked = i.asks.map_or_else(|| "not read".to_owned(), |n| n.to_string());
                vec![written(i.date, i.date_precision), i.framework.label().to_owned(), asked, view(i)]
            })
            .collect();
        let header = ["Inspection", "Framework", "Things asked for", "What the report says of the self-assessment"];
        body += &table("How much each inspection asked for, and the council's self-assessment", &header, &rows);
        body += &said(AskCourse::CAVEATS);
        body += &said(&[Caveat::SameInspectors]);
        Ok(Section { id: "asked", heading, body })
    }

    /// The topics of the latest two inspections: again, new, gone.
    fn came_back(&self, asks: &Asks) -> Result<String, Error> {
        let course = asks.course().rows()?;
        let Some(latest) = course.last() else { return Ok(String::new()) };
        let day = written(latest.date, latest.date_precision);
        let own = course.iter().filter(|row| row.inspection == latest.inspection);
        let told = |status: AskStatus| match status {
            AskStatus::Again => "came back",
            AskStatus::New => "new",
            AskStatus::Dropped => "gone",
            _ => "asked for",
        };
        let mut rows: Vec<(AskStatus, Vec<String>)> = own
            .map(|row| (row.status, vec![row.label.clone(), told(row.status).to_owned(), row.theme.label().to_owned()]))
            .collect();
        rows.sort_by_key(|(status, _)| *status);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, cells)| cells).collect();
        let caption = format!("Topics of the inspection of {day} against the one before");
        Ok(table(&caption, &["Topic", "Against the inspection before", "Where it mostly belongs"], &rows))
    }

    pub fn between(&self) -> Result<Section, Error> {
        let heading = "Between inspections".to_owned();
        let between = self.england.between_inspections(&self.ratings)?;
        let visits = between.visits().rows()?;
        let name = &self.authority.name;
        let mut body = String::new();
        if visits.is_empty() {
            body += &paragraph(&format!("No visit to {name} between inspections is known by this day."));
        } else {
            let rows: Vec<Vec<String>> = visits
                .iter()
                .map(|v| {
                    let action = v.priority_action.map_or("", |action| action.label());
                    let topic = v.topic.map_or_else(String::new, |topic| topic.label().to_owned());
                    let since = v.days_since.map(|days| days.to_string()).unwrap_or_default();
                    let source = self.england.source_of(&v.source);
                    let date = written(v.date, Some(v.date_precision));
                    vec![date, capital(v.kind.label()), topic, action.to_owned(), since, source]
                })
                .collect();
            let header =
                ["Visit", "Kind", "It looked at", "Priority action", "Days since the inspection before", "Source"];
            body += &table("Visits between inspections", &header, &rows);
        }
        let after = between.after_inadequate(Theme::Headline).rows()?;
        if !after.is_empty() {
            let rows: Vec<Vec<String>> = after
                .iter()
                .map(|a| {
                    let next = a.next_date.map(|date| written(date, a.next_date_precision));
                    let monitoring = match (a.monitoring, a.covered) {
                        (Some(n), Covered::All) => n.to_string(),
                        (Some(n), _) => format!("at least {n}"),
                        (None, _) => "not known".to_owned(),
                    };
                    let days = a.days.map(|days| days.to_string()).unwrap_or_default();
                    vec![written(a.date, a.date_precision), next.unwrap_or_default(), days, monitoring]
                })
                .collect();
            let header = ["Judged inadequate", "Next inspection", "Days", "Monitoring visits known in between"];
            body += &table("After each inadequate overall judgement", &header, &rows);
        }
        let coverage = |kind: &VisitKind| between.coverage().iter().find(|c| c.kind == *kind).map(ToString::to_string);
        let coverage: Vec<String> = VisitKind::ALL.iter().filter_map(coverage).collect();
        body += &said(VisitBetween::CAVEATS);
        body += &paragraph(&format!("What is known: {}", coverage.join(" ")));
        Ok(Section { id: "between", heading, body })
    }
}
