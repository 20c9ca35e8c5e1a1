//! The page of one body: what holds for any rated body. What only councils have is in `council`.

use rating_history::chart::{Fan, SmallMultiples, Trajectory};
use rating_history::estimate::{Forecast, Similar, SimilarOptions, similar};
use rating_history::trend::{Narrative, Standing, Status};
use rating_history::{Error, Precision, SeriesId};

use crate::common::capital;
use crate::council::Council;
use crate::facts::{Body, Facts};
use crate::html::{Cell, Section, row, spell_out};
use crate::stated::stated;
use crate::{percent, written};

/// Trajectories shown as similar ones, and how many of those tied with the last of them are shown too.
const ALIKE: usize = 8;
const TIED: usize = 8;
/// Years in common that are written as ten.
const WHOLE: f64 = 9.95;

pub struct BodyPage<'a> {
    pub facts: &'a Facts,
    pub body: &'a Body,
}

impl BodyPage<'_> {
    fn section(&self, id: &'static str, heading: &str) -> Section {
        Section::new(&self.body.stem, id, heading)
    }

    fn series_name(&self, id: &SeriesId) -> String {
        capital(&self.facts.words().series(id.as_str()))
    }

    /// What is said first, and the sections of the page.
    pub fn made(&self) -> Result<(String, Vec<Section>), Error> {
        let council = self.facts.councils.as_ref().and_then(|councils| councils.of(self.facts, self.body));
        let lead = match &council {
            Some(council) => council.story.sentence(),
            None => self.course().sentence(),
        };
        let mut sections = vec![self.now(council.as_ref())?];
        sections.push(match &council {
            Some(council) => council.trajectory()?,
            None => self.trajectory()?,
        });
        sections.push(match &council {
            Some(council) => council.judgements()?,
            None => self.judgements()?,
        });
        if let Some(council) = &council {
            sections.extend(council.asked()?);
            sections.extend(council.visits()?);
            sections.extend(council.indicators()?);
        }
        sections.extend(self.peers()?);
        sections.push(self.alike()?);
        sections.push(self.forecast()?);
        if let Some(council) = &council {
            if let Some(others) = &self.facts.others {
                sections.extend(others.section(self.facts, self.body)?);
            }
            sections.extend(council.events()?);
        }
        sections.push(self.method(council.as_ref()));
        if council.is_some() {
            spell_out(&mut sections);
        }
        Ok((lead, sections))
    }

    fn course(&self) -> Narrative {
        let facts = self.facts;
        let labels = facts.main.scale().labels().iter().map(|l| facts.words().grade(l)).collect();
        let what = facts.words().series(facts.main.id().as_str());
        let line = facts.lines.get(&self.body.id).cloned().unwrap_or_default();
        let mut course = Narrative::new(&self.body.name, what, line, labels, facts.as_of, facts.words().clone());
        let own = facts.ratings.notices(facts.as_of).filter(|n| n.body == self.body.id);
        course.notices = own.map(|n| n.text.clone()).collect();
        course
    }

    fn links(&self, ids: &[String]) -> String {
        let links: Vec<String> = ids
            .iter()
            .map(|id| match self.facts.body(id) {
                Some(body) => crate::html::link(&body.name, &format!("{}.html", body.stem)),
                None => crate::html::escape(id),
            })
            .collect();
        match links.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }

    fn now(&self, council: Option<&Council<'_>>) -> Result<Section, Error> {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("now", "What is true now");
        let noun = &facts.words().body.one;
        let closed = body.closed.filter(|day| *day <= facts.as_of);
        if let Some(day) = closed {
            let followed = self.links(&body.successors);
            let followed = if followed.is_empty() { String::new() } else { format!(" It was followed by {followed}.") };
            let day = written(day);
            section.html(&format!("<p>This {noun} closed on {day}.{followed}</p>\n"));
        }
        if let Some(day) = body.opened.filter(|day| *day <= facts.as_of) {
            let before = self.links(&body.predecessors);
            let was = if body.predecessors.len() == 1 { "was" } else { "were" };
            let before = if before.is_empty() { String::new() } else { format!(" Before it there {was} {before}.") };
            let note = if before.is_empty() { "" } else { " It began without a grade." };
            section.html(&format!("<p>This {noun} began on {}.{before}{note}</p>\n", written(day)));
        }
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        if closed.is_none() {
            // Where the overall grade is no longer given, the four judgements come first.
            let mut followed = facts.followed()?;
            if facts.stands(&body.id, facts.main.id().as_str()).is_some_and(|s| s.grade.is_none()) {
                followed.rotate_left(1);
            }
            let given = followed.iter().filter_map(|id| Some((id, facts.stands(&body.id, id.as_str())?)));
            rows = given.filter(|(_, s)| s.status != Status::NotRated).map(|(id, s)| self.standing(id, s)).collect();
        }
        if rows.is_empty() && closed.is_none() {
            section.say(&format!("{} has no judgement by {}.", body.name, facts.day()));
        } else if closed.is_none() {
            let inspection = &facts.words().inspection;
            let in_a_row = format!("{} in a row", capital(&inspection.many));
            let header = ["Judgement", "Grade", "Since", "Held for", &in_a_row, "Last judged"];
            section.table("standing", &format!("How it stands on {}", facts.day()), &header, &rows)?;
            section.say(&format!(
                "A grade stands until the next {} that gives the same judgement, so that the grades may come from different {}.",
                inspection.one, inspection.many
            ));
        }
        if let Some(council) = council {
            council.concerns(&mut section)?;
        }
        Ok(section)
    }

    fn standing(&self, id: &SeriesId, s: &Standing) -> Vec<Cell> {
        let about = if s.since_precision.is_some_and(|p| p != Precision::Day) { "about " } else { "" };
        let held = s.since.map_or_else(String::new, |since| {
            let time = crate::time_to(since, self.facts.as_of);
            format!("{about}{time}")
        });
        let inspections = s.inspections.map_or_else(String::new, |n| n.to_string());
        vec![
            self.series_name(id).into(),
            self.facts.state(Some(s)).into(),
            Cell::date_if(s.since, s.since_precision),
            held.into(),
            inspections.into(),
            Cell::date_if(s.latest, s.latest_precision),
        ]
    }

    fn trajectory(&self) -> Result<Section, Error> {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("trajectory", "Over time");
        let chart = Trajectory::collect(&facts.ratings, facts.main.id().clone(), &body.id, facts.style.clone());
        match chart {
            Ok(chart) => section.inline("trajectory", chart, |chart| &mut chart.style)?,
            Err(error) if facts.judged(&body.id).is_empty() => {
                section.say(&format!("There is nothing to draw: {error}."))
            }
            Err(error) => return Err(error),
        }
        Ok(section)
    }

    fn judgements(&self) -> Result<Section, Error> {
        let mut section = self.section("judgements", "Every judgement");
        let rows: Vec<Vec<Cell>> = self
            .facts
            .judged(&self.body.id)
            .iter()
            .map(|j| {
                let grade = j.grade.as_ref().map_or("no longer given".to_owned(), |grade| self.facts.grade(grade));
                let source = stated(j.source.as_deref().unwrap_or_default(), "source");
                let (date, published) = (Cell::date(j.date, j.date_precision), Cell::date_if(j.published, None));
                vec![date, self.series_name(&j.theme).into(), grade.into(), published, source]
            })
            .collect();
        match rows.is_empty() {
            true => section.say("There is none by this day."),
            false => {
                section.table("judged", "Judgements", &["Day", "Series", "Grade", "Published", "Source"], &rows)?
            }
        }
        Ok(section)
    }

    fn peers(&self) -> Result<Option<Section>, Error> {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("peers", "Beside others");
        let followed = facts.followed()?;
        let open = |other: &&Body| other.closed.is_none_or(|closed| facts.as_of < closed);
        let others: Vec<&Body> = facts.bodies.iter().filter(|other| other.id != body.id).filter(open).collect();
        let listed: Vec<&Body> = facts.peers(&body.id).iter().filter_map(|id| facts.body(id)).filter(open).collect();
        let in_region: Vec<&Body> =
            others.iter().copied().filter(|other| other.region.is_some() && other.region == body.region).collect();
        let all = facts.words().place.clone().unwrap_or_else(|| format!("All other {}", facts.words().body.many));
        let region = body.region.clone().unwrap_or_default();
        let groups = [("Neighbours".to_owned(), listed.clone()), (region, in_region), (all, others)]
            .into_iter()
            .filter(|g| !g.1.is_empty());
        let groups: Vec<(String, Vec<&Body>)> = groups.collect();
        if body.closed.is_some_and(|day| day <= facts.as_of) || groups.is_empty() {
            return Ok(None);
        }
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for id in &followed {
            let Some(own) = facts.stands(&body.id, id.as_str()).and_then(|s| s.grade.as_ref()) else { continue };
            let rank = facts.ratings.scale().position(own)?;
            for (name, members) in &groups {
                let of = |other: &&&Body| {
                    let grade = facts.stands(&other.id, id.as_str())?.grade.as_ref()?;
                    facts.ratings.scale().rank(grade)
                };
                let ranks: Vec<usize> = members.iter().filter_map(|other| of(&other)).collect();
                let count = |keep: &dyn Fn(usize) -> bool| ranks.iter().filter(|r| keep(**r)).count().to_string();
                rows.push(row([
                    self.series_name(id),
                    facts.grade(own),
                    name.clone(),
                    ranks.len().to_string(),
                    count(&|r| r > rank),
                    count(&|r| r == rank),
                    count(&|r| r < rank),
                ]));
            }
        }
        if !rows.is_empty() {
            let header = ["Judgement", "Its grade", "Group", "With a grade", "Better", "Same", "Worse"];
            section.table(
                "groups",
                &format!("How many others stand better, the same and worse on {}", facts.day()),
                &header,
                &rows,
            )?;
        }
        if !listed.is_empty() {
            let ids: Vec<&str> = std::iter::once(body).chain(listed.iter().copied()).map(|b| b.id.as_str()).collect();
            self.small(&mut section, "neighbours", None, &ids)?;
            let rows: Vec<Vec<Cell>> = listed
                .iter()
                .enumerate()
                .map(|(n, other)| {
                    let grades = followed.iter().map(|id| facts.state(facts.stands(&other.id, id.as_str())).into());
                    [facts.cell(&other.id), (n + 1).to_string().into()].into_iter().chain(grades).collect()
                })
                .collect();
            let names: Vec<String> = followed.iter().map(|id| self.series_name(id)).collect();
            let header: Vec<&str> =
                ["Neighbour", "Place"].into_iter().chain(names.iter().map(String::as_str)).collect();
            section.table("neighbours", "Its neighbours, the most alike first", &header, &rows)?;
            if facts.history.is_some() {
                section.say(
                    "Neighbours are alike in who lives there, by the Department for Education's model, not in how they are run.",
                );
            }
        }
        Ok(Some(section).filter(|section| !section.body.is_empty()))
    }

    /// Small pictures of some, where they have been judged, under a title or what they show.
    fn small(&self, section: &mut Section, id: &str, title: Option<String>, bodies: &[&str]) -> Result<(), Error> {
        let drawn: Vec<&str> =
            bodies.iter().copied().filter(|body| self.facts.all.ribbons.iter().any(|r| r.id == *body)).collect();
        if drawn.len() < 2 {
            return Ok(());
        }
        let mut chart = SmallMultiples::new(&self.facts.all, &drawn)?;
        chart.style.title = title;
        section.picture(id, chart, |chart| &mut chart.style)
    }

    fn alike(&self) -> Result<Section, Error> {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("alike", "Who once stood where it stands");
        let asked = facts.followed()?.into_iter().find_map(|id| {
            let grade = facts.stands(&body.id, id.as_str())?.grade.clone()?;
            Some((id, grade))
        });
        let Some((id, grade)) = asked else {
            section.say(&format!("{} has no grade on {}, so that nothing is said here.", body.name, facts.day()));
            return Ok(section);
        };
        let (what, series) = (facts.words().series(id.as_str()), facts.ratings.series(id.clone())?);
        let alike = match similar(&series, &facts.study, &body.id, &SimilarOptions::at(facts.as_of)) {
            Ok(alike) => alike,
            Err(Error::NoGrade { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let many = &facts.words().body.many;
        if alike.is_empty() {
            section.say(&format!("No other of the {many} has stood at this grade ({what}) for as long."));
            return Ok(section);
        }
        // From the best grade the only way is down.
        let (changed, how) = match facts.ratings.scale().labels().last() == Some(&grade) {
            true => (alike.iter().filter(|a| a.next.is_some()).count(), "worse"),
            false => (alike.iter().filter(|a| a.better.is_some()).count(), "better"),
        };
        let has = if alike.len() == 1 { "has" } else { "have" };
        let changed = match changed {
            0 => "none of them has".to_owned(),
            1 => "one of them has".to_owned(),
            n => format!("{n} of them have"),
        };
        let near = |a: &Similar| (format!("{:.2}", a.distance), format!("{:.1}", a.overlap_years));
        let last = near(&alike[alike.len().min(ALIKE) - 1]);
        let more = alike.iter().skip(ALIKE).take_while(|a| near(a) == last).count();
        let shown = &alike[..alike.len().min(ALIKE + more.min(TIED))];
        let tied = shown.iter().filter(|a| near(a) == last).count();
        let order = match shown.iter().all(|a| a.overlap_years >= WHOLE) {
            _ if tied == shown.len() => "",
            true => " Those whose ten years before were most like its own come first.",
            false => {
                " Those whose years before were most like its own come first, of equals those with more years in common."
            }
        };
        section.say(&format!(
            "{} {has} stood at the same grade ({what}) for as long as {} has; {changed} since been judged {how}.{order}",
            facts.words().body.count(alike.len()),
            body.name
        ));
        let rows: Vec<Vec<Cell>> = shown
            .iter()
            .map(|a| {
                let next = match (&a.next, a.next_on) {
                    (Some(grade), Some(on)) => format!("{}, {}", facts.grade(grade), written(on)),
                    _ => "still at that grade".to_owned(),
                };
                let (distance, common) = near(a);
                let rest = [distance, common, next, facts.grade(&a.latest)].map(Cell::from);
                [facts.cell(&a.authority), Cell::date(a.on, Precision::Day)].into_iter().chain(rest).collect()
            })
            .collect();
        if id == *facts.main.id() {
            let alike = shown.iter().take(ALIKE).map(|a| a.authority.as_str());
            let ids: Vec<&str> = std::iter::once(body.id.as_str()).chain(alike).collect();
            let title = format!("{}, then the nearest of those who once stood where it stands", body.name);
            self.small(&mut section, "alike", Some(title), &ids)?;
        }
        let noun = capital(&facts.words().body.one);
        let header = [noun.as_str(), "Stood so on", "Distance", "Years in common", "Next other grade", "Latest grade"];
        section.table("alike-table", "The nearest of them", &header, &rows)?;
        let (all, more) = (tied == shown.len(), more.saturating_sub(TIED));
        match (all, more) {
            (true, 0) if tied > 1 => section.say("All of these are equally near."),
            (true, n) if n > 0 => section.say(&format!(
                "All of these are equally near, and so are {n} more: only the first few are shown, in no order that means anything."
            )),
            (false, n) if n > 0 => section.say(&format!("The last {tied} of these are equally near, and so are {n} more.")),
            (false, _) if tied > 1 => section.say(&format!("The last {tied} of these are equally near.")),
            _ => {}
        }
        section.say(
            "Distance: the mean difference in grades over the years in common before. A few alike say little about causes.",
        );
        Ok(section)
    }

    fn forecast(&self) -> Result<Section, Error> {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("forecast", "What may come, and how far to trust it");
        let mut made =
            if body.closed.is_some_and(|day| day <= facts.as_of) { Vec::new() } else { facts.forecasts(&body.id) };
        let followed = facts.followed()?;
        made.sort_by_key(|made| followed.iter().position(|id| *id == made.series));
        if let Some(why) = facts.unforeseen.as_ref().filter(|_| made.is_empty()) {
            section.say(&format!("Nothing is forecast: {why}."));
            return Ok(section);
        }
        if made.is_empty() {
            section.say(&format!(
                "{} has no grade that is still given on {}, so that nothing is forecast.",
                body.name,
                facts.day()
            ));
            return Ok(section);
        }
        let rows: Vec<Vec<Cell>> = made.iter().flat_map(|made| self.chances(made)).collect();
        let grades: Vec<String> = made[0].labels.iter().rev().map(|l| facts.grade(l)).collect();
        let header: Vec<&str> =
            ["Judgement", "Its grade", "After"].into_iter().chain(grades.iter().map(String::as_str)).collect();
        section.table("chances", "Chance of each grade, with 90% intervals of the rates", &header, &rows)?;
        // Where several are forecast, the picture is of the worst grade.
        let worst = made.iter().min_by_key(|made| made.labels.iter().position(|label| *label == made.grade));
        if let Some(worst) = worst {
            let series = facts.ratings.series(worst.series.clone())?;
            let fan = Fan::collect(&series, worst.clone(), facts.style.clone())?;
            section.picture("forecast", fan, |fan| &mut fan.style)?;
        }
        section.say(&format!(
            "Rates of change between grades, learnt from all {}, by how long a grade has stood. They know nothing of what \
             happens in one of them, nor of when the next {} is planned.",
            facts.words().body.many,
            facts.words().inspection.one
        ));
        self.worth(&mut section)?;
        if made.iter().all(|made| made.series != *facts.main.id()) && facts.worth.is_some() {
            let what = facts.words().series(facts.main.id().as_str());
            section.say(&format!("Tested were forecasts of the {what} grade, not of the judgements forecast above."));
        }
        Ok(section)
    }

    /// The next inspection, and after 1, 3, 5 and 10 years.
    fn chances(&self, made: &Forecast) -> Vec<Vec<Cell>> {
        let shown = made.steps.iter().filter(|s| s.years.is_none_or(|y| [1.0, 3.0, 5.0, 10.0].contains(&y)));
        let step = |step: &rating_history::estimate::ForecastStep| {
            let after = match step.years {
                None => format!("next {}", self.facts.words().inspection.one),
                Some(1.0) => "1 year".to_owned(),
                Some(years) => format!("{years} years"),
            };
            let chance = |rank: usize| match (step.lower[rank], step.upper[rank]) {
                (_, Some(high)) if percent(high) == "0%" => "under 1%".to_owned(),
                (Some(low), Some(high)) => {
                    format!("{} ({} to {})", percent(step.probability[rank]), percent(low), percent(high))
                }
                _ => percent(step.probability[rank]),
            };
            let start = [self.series_name(&made.series), self.facts.grade(&made.grade), after];
            start.into_iter().chain((0..made.labels.len()).rev().map(chance)).map(Cell::from).collect()
        };
        shown.map(step).collect()
    }

    fn worth(&self, section: &mut Section) -> Result<(), Error> {
        let what = self.facts.words().series(self.facts.main.id().as_str());
        let Some(worth) = &self.facts.worth else {
            section.say("There are too few years of data to test such forecasts.");
            return Ok(());
        };
        let skill = |skill: Option<f64>, interval: Option<(f64, f64)>| match (skill, interval) {
            (Some(skill), Some((low, high))) => format!("{} ({} to {})", percent(skill), percent(low), percent(high)),
            _ => String::new(),
        };
        let scores = worth.scores.iter().filter(|s| s.model == "forecast");
        let rows: Vec<Vec<Cell>> = scores
            .map(|s| {
                row([
                    capital(&s.target.replace("inspection", &self.facts.words().inspection.one)),
                    s.n.to_string(),
                    skill(s.skill_over_stays, s.skill_over_stays_interval),
                    skill(s.skill_over_average, s.skill_over_average_interval),
                ])
            })
            .collect();
        let header = ["Asked about", "Forecasts tested", "Better than “stays as it is”", "Better than the average"];
        let about = format!(
            "How much better forecasts of the {what} grade would have been, made at the end of every year since 2014"
        );
        section.table("worth", &about, &header, &rows)?;
        section.say(
            "Skill by the ranked probability score, with its 90% interval. Where the interval reaches 0, the forecast is worth \
             no more than the simple guess beside it.",
        );
        Ok(())
    }

    fn method(&self, council: Option<&Council<'_>>) -> Section {
        let (facts, body) = (self.facts, self.body);
        let mut section = self.section("method", "Sources and method");
        match council {
            Some(council) => crate::council::method(&mut section, &council.story.inspections),
            None => {
                section.say(&format!("{}.", facts.words().source.trim_end_matches('.')));
                section.say("A grade counts from its day until the next one.");
            }
        }
        section.html(&crate::cite(facts, &crate::title_of(facts, body), &format!("{}.html", body.stem)));
        section
    }
}
