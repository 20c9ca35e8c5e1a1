//! What only councils have: inspections under frameworks, what was asked for, visits, indicators, events.

use std::collections::{BTreeMap, HashMap};

use rating_history::chart::{IndicatorPanel, Style};
use rating_history::chrono::NaiveDate;
use rating_history::indicator::{Gap, Indicator, Indicators};
use rating_history::ofsted::{
    self, AfterInadequate, AskCourse, AskPair, AskStatus, AuthorityCode, Caveat, Concern, ConcernStanding, Covered,
    Framework, Inspection, InspectionAsks, PriorityAction, RatingHistory, Reported, Story, TINY, Theme, VisitBetween,
    VisitKind,
};
use rating_history::{Clock, Error, Precision, Ratings};

use crate::common::capital;
use crate::facts::{Body, Facts};
use crate::html::{Cell, File, Section, csv, escape, filled, row};
use crate::stated::stated;

/// The indicators in the picture of a page.
const DRAWN: [&str; 3] = ["eet_19_21", "placements_3plus", "sw_agency"];

/// What is known of all councils.
pub struct Councils {
    stories: BTreeMap<AuthorityCode, Story>,
    pub concerns: Vec<ConcernStanding>,
    asks: Option<Asked>,
    visits: Option<Visited>,
    pub indicators: Option<Indicators>,
}

struct Asked {
    inspections: Vec<InspectionAsks>,
    pairs: Vec<AskPair>,
    course: Vec<AskCourse>,
}

struct Visited {
    visits: Vec<VisitBetween>,
    after: Vec<AfterInadequate>,
    coverage: String,
}

fn written_as(date: NaiveDate, precision: Option<Precision>) -> String {
    precision.unwrap_or(Precision::Day).write(date)
}

/// A day that must be there, as a cell.
fn dated(date: NaiveDate, precision: Option<Precision>) -> Cell {
    Cell::date_if(Some(date), precision)
}

/// Days between two, "about" where one of them is not known to the day.
fn days(days: Option<i64>, is_exact: bool) -> Cell {
    let days = days.map(|n| if is_exact { n.to_string() } else { format!("about {n}") });
    days.unwrap_or_default().into()
}

impl Councils {
    pub fn gather(history: &RatingHistory, ratings: &Ratings, is_embedded: bool) -> Result<Self, Error> {
        crate::progress("what was asked for, visits and indicators");
        let facts = history.report_facts();
        let asks = match facts.read.is_empty() {
            true => None,
            false => {
                let asks = history.asks(ratings)?;
                let (inspections, pairs) = (asks.inspections().rows()?, asks.pairs(false).rows()?);
                Some(Asked { inspections, pairs, course: asks.course().rows()? })
            }
        };
        let visits = match facts.visits.is_empty() {
            true => None,
            false => {
                let between = history.between_inspections(ratings)?;
                let coverage =
                    |kind: &VisitKind| between.coverage().iter().find(|c| c.kind == *kind).map(ToString::to_string);
                let coverage: Vec<String> = VisitKind::ALL.iter().filter_map(coverage).collect();
                Some(Visited {
                    visits: between.visits().rows()?,
                    after: between.after_inadequate(Theme::Headline).rows()?,
                    coverage: coverage.join(" "),
                })
            }
        };
        Ok(Councils {
            stories: Story::all(history, Clock::Effect, ratings.day())?,
            concerns: ofsted::concerns(ratings).rows()?,
            asks,
            visits,
            indicators: is_embedded.then(|| ofsted::england_indicators(history)).transpose()?,
        })
    }

    pub fn of<'a>(&'a self, facts: &'a Facts, body: &'a Body) -> Option<Council<'a>> {
        let code = AuthorityCode::new(body.id.as_str()).ok()?;
        Some(Council { all: self, facts, body, history: facts.history.as_ref()?, story: self.stories.get(&code)? })
    }
}

/// One council.
pub struct Council<'a> {
    all: &'a Councils,
    facts: &'a Facts,
    body: &'a Body,
    history: &'a RatingHistory,
    pub story: &'a Story,
}

/// A framework's name in full.
pub fn framework(framework: Framework) -> &'static str {
    match framework {
        Framework::Slac => "Safeguarding and looked after children (SLAC)",
        Framework::Apc => "Arrangements for the protection of children (APC)",
        Framework::Lac => "Looked after children services (LAC)",
        Framework::Sif => "Single inspection framework (SIF)",
        Framework::Lscb => "Review of a Local Safeguarding Children Board (LSCB)",
        Framework::Ilacs => "Inspection of local authority children's services (ILACS)",
        Framework::Ilacs2026 => {
            "Inspection of local authority children's services, from April 2026 without an overall grade (ILACS 2026)"
        }
        other => other.label(),
    }
}

/// Where something is stated: a link where there is an address.
pub fn source(history: &RatingHistory, source: &str, called: &str) -> Cell {
    stated(&history.source_of(source), called)
}

/// The day of an inspection; where the end of its fieldwork is not known, it says that it is that of publication.
pub fn inspected(inspection: &Inspection) -> Cell {
    let dates = &inspection.dates;
    let text = dates.to_string();
    Cell { text, ..Cell::date(dates.effect(), dates.precision_on(Clock::Effect)) }
}

/// What an inspection says of a theme.
pub fn said(inspection: &Inspection, theme: Theme) -> String {
    match inspection.reported(theme) {
        Reported::Graded { grade, .. } => inspection.framework.grade_label(grade).to_owned(),
        Reported::NotReported => "no longer given".to_owned(),
        Reported::Absent => {
            let listed = inspection.judgements.iter().any(|j| theme.areas(inspection.framework).contains(&j.area));
            if listed { "not judged".to_owned() } else { String::new() }
        }
        _ => String::new(),
    }
}

impl Council<'_> {
    fn section(&self, id: &'static str, heading: &str) -> Section {
        Section::new(&self.body.stem, id, heading)
    }

    fn is_own(&self, authority: &str) -> bool {
        authority == self.body.id
    }

    /// What gives concern, what the latest inspection changed, what is pending.
    pub fn concerns(&self, section: &mut Section) -> Result<(), Error> {
        let facts = self.facts;
        let own = self.all.concerns.iter().filter(|c| self.is_own(&c.authority));
        let rows: Vec<Vec<Cell>> = own
            .map(|c| {
                let themes = c.themes.iter().flat_map(|t| t.split(';'));
                let themes: Vec<String> = themes.map(|t| facts.words().series(t)).collect();
                vec![capital(c.concern.label()).into(), dated(c.since, c.since_precision), themes.join(", ").into()]
            })
            .collect();
        if !rows.is_empty() {
            section.table("concerns", "Causes for concern", &["Concern", "Since", "Now inadequate"], &rows)?;
            if self.all.concerns.iter().any(|c| self.is_own(&c.authority) && c.concern == Concern::SystemicFailure) {
                section.say(
                    "Systemic failure: every key judgement inadequate, the Department for Education's rule of 2016.",
                );
            }
        }
        section.html(&self.changed());
        section.html(&self.priority_actions());
        for pending in
            self.history.pending().iter().filter(|p| self.is_own(p.authority.as_str()) && p.end <= facts.as_of)
        {
            let month = Precision::Month.write(pending.end);
            let link = source(self.history, &pending.source, "the report").html();
            section
                .html(&format!("<p>Inspected again in {month}; the grades are not in these data: see {link}.</p>\n"));
        }
        Ok(())
    }

    /// What the latest inspection changed against the judgement before it, theme by theme.
    fn changed(&self) -> String {
        let boards = |i: &&Inspection| i.framework != Framework::Lscb;
        let inspections: Vec<&Inspection> = self.story.inspections.iter().filter(boards).collect();
        let Some((latest, earlier)) = inspections.split_last() else { return String::new() };
        let graded = |i: &Inspection, theme: Theme| match i.reported(theme) {
            Reported::Graded { grade, .. } => Some(grade),
            _ => None,
        };
        let mut told: Vec<String> = Vec::new();
        for theme in ofsted::FOLLOWED {
            let Some(now) = graded(latest, theme) else { continue };
            let Some(before) = earlier.iter().rev().find(|i| graded(i, theme).is_some()) else { continue };
            let Some(then) = graded(before, theme).filter(|then| *then != now) else { continue };
            let (from, to) =
                (before.framework.grade_label(then).to_lowercase(), latest.framework.grade_label(now).to_lowercase());
            let what = match theme {
                Theme::Headline => "the overall grade".to_owned(),
                part => part.label().to_lowercase(),
            };
            told.push(format!("{what} from {from} ({}) to {to}", before.dates));
        }
        let day = latest.dates.to_string();
        match told.is_empty() {
            _ if earlier.is_empty() => crate::html::paragraph(&format!("It has been inspected once, {day}.")),
            true => crate::html::paragraph(&format!(
                "The latest inspection ({day}) changed no grade that was given before."
            )),
            false => crate::html::paragraph(&format!("The latest inspection ({day}) changed {}.", told.join("; "))),
        }
    }

    /// Visits since the latest inspection that set an area for priority action.
    fn priority_actions(&self) -> String {
        let visits = self.all.visits.iter().flat_map(|known| &known.visits).filter(|v| self.is_own(&v.authority));
        let set = visits.filter(|v| v.next_inspection.is_none() && v.priority_action == Some(PriorityAction::Yes));
        let told = set.map(|v| {
            let (kind, day) = (v.kind.label(), v.date_precision.write(v.date));
            let whose = if v.kind == VisitKind::Jtai { ", perhaps for another partner than the council" } else { "" };
            let link = source(self.history, &v.source, "the letter").html();
            format!("<p>Since then a {kind} ({day}) set an area for priority action{whose}: see {link}.</p>\n")
        });
        told.collect()
    }

    pub fn trajectory(&self) -> Result<Section, Error> {
        let mut section = self.section("trajectory", "Over time");
        if self.story.inspections.is_empty() {
            section.say("There is no inspection to draw.");
            return Ok(section);
        }
        let chart = self.story.trajectory(self.facts.style.clone());
        section.inline("trajectory", chart, |chart| &mut chart.style)?;
        let spell = |(s, told): (&rating_history::trend::Stretch, &str)| {
            let (start, end) = (Cell::date(s.start, s.start_precision), Cell::date(s.end, s.end_precision));
            let [length, inspections] = [s.length(), s.inspections.to_string()].map(Cell::from);
            vec![capital(told).into(), start, end, length, inspections, self.story.course.ended(s).into()]
        };
        let spells: Vec<Vec<Cell>> = self.story.spells().into_iter().map(spell).collect();
        if !spells.is_empty() {
            let header = ["Grade", "From", "To", "Length", "Inspections", "Ended by"];
            section.table("spells", "Spells of one overall grade", &header, &spells)?;
        }
        Ok(section)
    }

    /// Every inspection with every judgement, newest first.
    pub fn judgements(&self) -> Result<Section, Error> {
        let mut section = self.section("judgements", "Every inspection");
        let inspections: Vec<&Inspection> = self.story.inspections.iter().rev().collect();
        if inspections.is_empty() {
            section.say(&format!("No inspection of {} is known by {}.", self.body.name, self.facts.day()));
            return Ok(section);
        }
        let themes: Vec<Theme> =
            Theme::ALL.iter().copied().filter(|t| inspections.iter().any(|i| !said(i, *t).is_empty())).collect();
        let rows: Vec<Vec<Cell>> = inspections
            .iter()
            .map(|i| {
                let published = Cell::date_if(i.dates.published(), Some(i.dates.precision_on(Clock::Published)));
                let stated = source(self.history, &i.source, "report");
                let start = [inspected(i), stated, published, framework(i.framework).into()];
                let grades = themes.iter().map(|t| said(i, *t).into());
                start.into_iter().chain(grades).collect()
            })
            .collect();
        let labels = themes.iter().map(|t| t.label());
        let header: Vec<&str> =
            ["Inspected", "Where stated", "Published", "Framework"].into_iter().chain(labels).collect();
        section.table("inspections", "Judgements by inspection, the newest first", &header, &rows)?;
        section.say(
            "Until 2013 the second lowest grade was called adequate. From January 2023 care leavers are judged apart from \
             children in care; before that inspections of ILACS gave one grade for both.",
        );
        Ok(section)
    }

    pub fn asked(&self) -> Result<Option<Section>, Error> {
        let Some(asks) = &self.all.asks else { return Ok(None) };
        let mut section = self.section("asked", "What inspectors asked for");
        let inspections: Vec<&InspectionAsks> = asks.inspections.iter().filter(|i| self.is_own(&i.authority)).collect();
        if inspections.iter().all(|i| i.asks.is_none()) {
            section.say(&format!(
                "No report on {} by this day was read for what it asked for. Reports from before November 2013, and those on \
                 councils abolished since, were not.",
                self.body.name
            ));
            return Ok(Some(section));
        }
        for pair in asks.pairs.iter().filter(|pair| self.is_own(&pair.authority)) {
            section.say(&pair.sentence(self.history.report_facts()));
        }
        self.topics(asks, &mut section)?;
        let view = |i: &InspectionAsks| match (i.asks, i.view) {
            (None, _) => "not read".to_owned(),
            (_, None) => "not mentioned".to_owned(),
            (_, Some(view)) => view.label().to_owned(),
        };
        let rows: Vec<Vec<Cell>> = inspections
            .iter()
            .map(|i| {
                let asked = i.asks.map_or_else(|| "not read".to_owned(), |n| n.to_string());
                vec![dated(i.date, i.date_precision), framework(i.framework).into(), asked.into(), view(i).into()]
            })
            .collect();
        let header = ["Inspection", "Framework", "Things asked for", "What the report says of the self-assessment"];
        section.table(
            "asks",
            "How much each inspection asked for, and the council's self-assessment",
            &header,
            &rows,
        )?;
        said_of(&mut section, AskCourse::CAVEATS);
        said_of(&mut section, &[Caveat::SameInspectors]);
        Ok(Some(section))
    }

    /// Every topic, and what became of it at each inspection that was read.
    fn topics(&self, asks: &Asked, section: &mut Section) -> Result<(), Error> {
        let course: Vec<&AskCourse> = asks.course.iter().filter(|c| self.is_own(&c.authority)).collect();
        let mut read: Vec<(&str, String)> = Vec::new();
        let mut rows: BTreeMap<&str, HashMap<&str, AskStatus>> = BTreeMap::new();
        for c in &course {
            if !read.iter().any(|(id, _)| *id == c.inspection) {
                read.push((&c.inspection, written_as(c.date, c.date_precision)));
            }
            rows.entry(&c.label).or_default().insert(&c.inspection, c.status);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let told = |status: Option<&AskStatus>| match status {
            Some(AskStatus::Again) => "again",
            Some(AskStatus::New) => "new",
            Some(AskStatus::Asked) => "asked for",
            _ => "",
        };
        let mut rows: Vec<(&str, Vec<&str>)> = rows
            .into_iter()
            .map(|(label, by)| (label, read.iter().map(|(id, _)| told(by.get(id))).collect()))
            .collect();
        // The latest first: what came back, what is new, what is gone.
        let place = |cell: &&str| ["again", "new", "asked for", ""].iter().position(|known| known == cell);
        rows.sort_by_key(|(label, cells)| (cells.iter().rev().map(place).collect::<Vec<_>>(), *label));
        let rows: Vec<Vec<Cell>> = rows
            .into_iter()
            .map(|(label, cells)| std::iter::once(label).chain(cells).map(Cell::from).collect())
            .collect();
        let header: Vec<&str> = std::iter::once("Topic").chain(read.iter().map(|(_, day)| day.as_str())).collect();
        section.table("topics", "Topics that inspections asked for, and which came back", &header, &rows)
    }

    pub fn visits(&self) -> Result<Option<Section>, Error> {
        let Some(known) = &self.all.visits else { return Ok(None) };
        let mut section = self.section("visits", "Visits between inspections");
        let visits = known.visits.iter().filter(|v| self.is_own(&v.authority));
        let rows: Vec<Vec<Cell>> = visits
            .map(|v| {
                let action = v.priority_action.map_or("", |action| action.label());
                let topic = v.topic.map_or_else(String::new, |topic| topic.label().to_owned());
                let is_exact = v.date_precision == Precision::Day && self.is_exact(v.previous_inspection.as_deref());
                vec![
                    Cell::date(v.date, v.date_precision),
                    capital(v.kind.label()).into(),
                    topic.into(),
                    action.into(),
                    days(v.days_since, is_exact),
                    source(self.history, &v.source, "letter"),
                ]
            })
            .collect();
        if rows.is_empty() {
            section.say(&format!("No visit to {} between inspections is known by this day.", self.body.name));
        } else {
            let header = [
                "Visit",
                "Kind",
                "It looked at",
                "Priority action",
                "Days since the inspection before",
                "Where stated",
            ];
            let (header, rows) = filled(&header, &rows);
            section.table("visits-table", "Visits between inspections", &header, &rows)?;
        }
        let after = known.after.iter().filter(|a| self.is_own(&a.authority));
        let rows: Vec<Vec<Cell>> = after
            .map(|a| {
                let next = Cell::date_if(a.next_date, a.next_date_precision);
                let is_day = |precision: Option<Precision>| precision.is_none_or(|p| p == Precision::Day);
                let is_exact = is_day(a.date_precision) && is_day(a.next_date_precision);
                let monitoring = match (a.monitoring, a.covered) {
                    (Some(n), Covered::All) => n.to_string(),
                    (Some(n), _) => format!("at least {n}"),
                    (None, _) => "not known".to_owned(),
                };
                vec![dated(a.date, a.date_precision), next, days(a.days, is_exact), monitoring.into()]
            })
            .collect();
        if !rows.is_empty() {
            let header = ["Judged inadequate", "Next inspection", "Days", "Monitoring visits known in between"];
            section.table("after", "After each inadequate overall judgement", &header, &rows)?;
        }
        said_of(&mut section, VisitBetween::CAVEATS);
        section.say(&format!("What is known: {}", known.coverage));
        Ok(Some(section))
    }

    /// Whether the day of an inspection is known.
    fn is_exact(&self, inspection: Option<&str>) -> bool {
        let mut own = self.story.inspections.iter().filter(|i| Some(i.id.as_str()) == inspection);
        own.all(|i| i.dates.precision_on(Clock::Effect) == Precision::Day)
    }

    pub fn indicators(&self) -> Result<Option<Section>, Error> {
        let Some(indicators) = &self.all.indicators else { return Ok(None) };
        let facts = self.facts;
        let gaps = indicators.gap(&facts.main, &self.body.id).rows()?;
        let mut section = self.section("indicators", "Indicators");
        if gaps.iter().all(|g| g.value.is_none()) {
            section.say(&format!("No value of an official indicator is known of {} by this day.", self.body.name));
            return Ok(Some(section));
        }
        let own = |id: &str| gaps.iter().any(|g| g.indicator == id && g.value.is_some() && g.note.is_none());
        let drawn: Vec<&str> = DRAWN.into_iter().filter(|id| own(id)).collect();
        if !drawn.is_empty() {
            let chosen = indicators.clone().only(&drawn)?;
            let panel =
                IndicatorPanel::collect(&chosen, &facts.main, &self.body.id, &self.body.name, Style::default())?;
            section.picture("indicators", panel, |panel| &mut panel.style)?;
        }
        if TINY.contains(&self.body.id.as_str()) {
            section
                .say("So few children and social workers that a percentage says little: left out of all means here.");
        }
        let rows: Vec<Vec<Cell>> = indicators.list().iter().filter_map(|i| latest(i, &gaps)).collect();
        let header = ["Indicator", "Latest", "Value", "95% interval", "England", "Region", "Neighbours' mean", "Note"];
        let (header, rows) = filled(&header, &rows);
        section.table("indicators-table", "The latest value of each official indicator", &header, &rows)?;
        self.every_year(indicators, &gaps, &mut section)?;
        section.say(&format!("{}. {}", indicators.source().trim_end_matches('.'), CAUTION));
        // "Same measure" is that of the indicator before, which then is told too.
        let list = indicators.list();
        let follows =
            |n: usize| list.get(n + 1).is_some_and(|i| own(&i.id) && i.definition.starts_with("Same measure"));
        let told = list.iter().enumerate().filter(|(n, i)| own(&i.id) || follows(*n));
        let definition = |i: &Indicator| {
            // How it is computed is told on no page.
            let text = i.definition.replace(" Computed here, see filter.", "");
            format!("<li>{}: {}</li>", escape(&i.label), escape(&text))
        };
        let definitions: Vec<String> = told.map(|(_, i)| definition(i)).collect();
        section.html(&format!(
            "<details>\n<summary>What each indicator counts</summary>\n<ul>\n{}\n</ul>\n</details>\n",
            definitions.join("\n")
        ));
        Ok(Some(section))
    }

    /// Every year of every indicator, as a file.
    fn every_year(&self, indicators: &Indicators, gaps: &[Gap], section: &mut Section) -> Result<(), Error> {
        let path = format!("data/{}/indicators-by-year.csv", self.body.stem);
        let header = [
            "indicator",
            "year",
            "value",
            "numerator",
            "denominator",
            "note",
            "lower",
            "upper",
            "group",
            "group_value",
        ];
        let number =
            |value: Option<f64>| value.map(|v| ((1000.0 * v).round() / 1000.0).to_string()).unwrap_or_default();
        let rows = gaps.iter().map(|g| {
            let [value, numerator, denominator] = [g.value, g.numerator, g.denominator].map(number);
            let note = g.note.map(|note| note.code().to_owned()).unwrap_or_default();
            let [lower, upper] = [g.lower, g.upper].map(number);
            let (id, year, group) = (g.indicator.clone(), g.year.to_string(), g.peer_group.clone());
            [id, year, value, numerator, denominator, note, lower, upper, group, number(g.published.or(g.mean))]
        });
        section.html(&format!(
            "<p class=\"download\"><a href=\"{}\">Download every year of all {} indicators as CSV</a></p>\n",
            escape(&path),
            indicators.list().len()
        ));
        section.files.push(File { path, bytes: csv(&header, rows)? });
        Ok(())
    }

    pub fn events(&self) -> Result<Option<Section>, Error> {
        let rows: Vec<Vec<Cell>> = self
            .story
            .events
            .iter()
            .map(|e| {
                let mut end: Cell = e.end.map_or_else(|| "not stated".into(), |day| Cell::date(day, e.precision));
                if e.end.is_some_and(|day| self.facts.as_of < day) {
                    let word = if e.precision == Precision::Day { "on" } else { "in" };
                    end.text = format!("to end {word} {}", end.text);
                }
                let [kind, scope] = [e.kind.label(), e.scope.label()].map(|label| Cell::from(capital(label)));
                let stated = source(self.history, &e.source, "source");
                vec![Cell::date(e.start, e.precision), end, kind, scope, e.label.as_str().into(), stated]
            })
            .collect();
        if rows.is_empty() {
            return Ok(None);
        }
        let mut section = self.section("events", "Events");
        let header = ["Begun", "Ended", "Kind", "About", "What happened", "Where stated"];
        section.table("events-table", "Trusts, directions, commissioners and the like", &header, &rows)?;
        section.say("An end that is not stated does not mean that it is still in force. Not every event is known.");
        Ok(Some(section))
    }
}

/// What such numbers do not show.
pub const CAUTION: &str = "Not adjusted for deprivation or need; inspectors see such numbers too, so that a grade may follow the \
                           number. Series break, and values are not missing at random.";

/// The latest year of an indicator with a value or a reason for none.
fn latest(indicator: &Indicator, gaps: &[Gap]) -> Option<Vec<Cell>> {
    let own = || gaps.iter().filter(|g| g.indicator == indicator.id);
    let year = own().filter(|g| g.value.is_some()).map(|g| g.year).max()?;
    let of = |group: &str| own().find(|g| g.year == year && g.peer_group == group);
    let any = own().find(|g| g.year == year)?;
    let write = |value: Option<f64>| value.map_or_else(String::new, |v| indicator.write(v));
    let value = match (any.numerator, any.denominator) {
        (Some(n), Some(d)) if indicator.proportion => format!("{} ({n} of {d})", write(any.value)),
        _ => write(any.value),
    };
    let limits = any.lower.zip(any.upper).map_or_else(String::new, |(low, high)| format!("{low:.0}% to {high:.0}%"));
    let mean = of(ofsted::NEIGHBOURS).filter(|g| g.mean.is_some());
    let mean = mean.map_or_else(String::new, |g| format!("{} ({} of them)", write(g.mean), g.peers));
    let note = any.note.map_or_else(String::new, |note| note.label().to_owned());
    let england = of(ofsted::ENGLAND).and_then(|g| g.published);
    let region =
        own().find(|g| g.year == year && ![ofsted::NEIGHBOURS, ofsted::ENGLAND].contains(&g.peer_group.as_str()));
    let region = region.and_then(|g| g.published);
    let period = indicator.period(year).trim_start_matches("in the ").trim_start_matches("on ").to_owned();
    Some(row([indicator.label.clone(), capital(&period), value, limits, write(england), write(region), mean, note]))
}

fn said_of(section: &mut Section, caveats: &[Caveat]) {
    let sentences: Vec<&str> = caveats.iter().map(|c| c.label()).collect();
    section.say(&sentences.join(" "));
}

pub fn method(section: &mut Section, inspections: &[Inspection]) {
    let published = match inspections.iter().any(|i| i.dates.end().is_none()) {
        true => ", or, where that is not known, from the day of publication, and then says “published”",
        false => "",
    };
    section.say(&format!(
        "Grades and dates: Ofsted's inspection reports of every English authority's children's services since 2009, Open \
         Government Licence v3.0. A grade counts from the last day of fieldwork{published}."
    ));
    section.say(
        "Frameworks differ: until 2013 the second lowest grade was called adequate, and from 2009 to 2018 inspections asked other \
         questions than later ones. From April 2026 on, Ofsted gives no overall grade. Comparisons across these lines need care.",
    );
    section.say("Statistical neighbours: the Department for Education's local authority interactive tool.");
}
