//! The page of all.

use std::collections::BTreeMap;

use rating_history::chart::Distribution;
use rating_history::chrono::{Datelike, Days, Months, NaiveDate};
use rating_history::indicator::{ByGrade, Contrast};
use rating_history::ofsted::{self, Framework, Inspection, TopicShare};
use rating_history::trend::{Every, Judgement, Share};
use rating_history::{Error, Precision};

use crate::common::capital;
use crate::council::{self, inspected, said, source};
use crate::facts::{Body, Facts};
use crate::html::{Cell, File, Section, csv, escape, row, spell_out};
use crate::{percent, signed, written};

/// Days that are told as new.
const NEW: u64 = 90;
/// Topics of the year that are listed.
const TOPICS: usize = 15;

pub fn made(facts: &Facts) -> Result<(String, Vec<Section>), Error> {
    let days = days(facts);
    let shares = facts.main.distribution(&days, None).rows()?;
    let mut sections: Vec<Section> = crate::map::section(facts)?.into_iter().collect();
    sections.push(table(facts)?);
    sections.push(recent(facts)?);
    sections.push(over_time(facts, &days, &shares)?);
    sections.extend(topics(facts)?);
    sections.extend(indicators(facts)?);
    sections.push(data(facts)?);
    sections.push(method(facts));
    if facts.history.is_some() {
        spell_out(&mut sections);
    }
    Ok((sentence(facts, &shares), sections))
}

/// The last day of March of each year, or the same day of each year before the day; and the day itself.
fn days(facts: &Facts) -> Vec<NaiveDate> {
    let first =
        facts.lines.values().filter_map(|line| line.spells.first()).map(|s| s.start).min().unwrap_or(facts.as_of);
    let march = |year: i32| NaiveDate::from_ymd_opt(year, 3, 31);
    let mut days: Vec<NaiveDate> = match facts.history.is_some() {
        true => (first.year() + 1..=facts.as_of.year()).filter_map(march).filter(|d| *d <= facts.as_of).collect(),
        false => Every::YEAR.dates_to(first, facts.as_of),
    };
    days.push(facts.as_of);
    days.sort();
    days.dedup();
    let skip = days.len().saturating_sub(30);
    days.split_off(skip)
}

fn rated<'a>(facts: &Facts, shares: impl Iterator<Item = &'a Share>) -> (u32, u32, u32) {
    let from = facts.words().better_rank(facts.main.scale().labels());
    let mut counts = (0, 0, 0);
    for share in shares {
        counts.2 = share.open;
        if let Some(rank) = facts.main.scale().rank(&share.grade) {
            counts.1 += share.count;
            counts.0 += if rank >= from { share.count } else { 0 };
        }
    }
    counts
}

fn sentence(facts: &Facts, shares: &[Share]) -> String {
    let now = || shares.iter().filter(|s| s.date == facts.as_of);
    let (good, of, open) = rated(facts, now());
    let (words, what) = (facts.words(), facts.words().series(facts.main.id().as_str()));
    let counted = |state: &str| now().filter(|s| s.grade == state).map(|s| s.count).sum::<u32>();
    let missing = [
        (
            "not_reported",
            "was given no such grade at its latest inspection",
            "were given no such grade at their latest inspection",
        ),
        ("not_rated", "has not been rated yet", "have not been rated yet"),
    ];
    let missing: Vec<String> = missing
        .iter()
        .map(|(state, one, many)| (counted(state), one, many))
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
        .collect();
    let others = if missing.is_empty() { String::new() } else { format!(" Of the others, {}.", missing.join(" and ")) };
    format!(
        "On {}, {good} of the {of} {} with the {what} grade stood at {}, of {open} in all.{others}",
        facts.day(),
        words.body.of(of as usize),
        facts.words().better(facts.main.scale().labels()),
    )
}

fn is_open(facts: &Facts, body: &Body) -> bool {
    body.opened.is_none_or(|day| day <= facts.as_of) && body.closed.is_none_or(|day| facts.as_of < day)
}

/// Everybody, in order of names, complete without a script.
fn table(facts: &Facts) -> Result<Section, Error> {
    let noun = &facts.words().body;
    let mut section = Section::new("index", "table", format!("All {}", noun.many));
    let mut followed = facts.followed()?;
    // The four judgements come before the last overall grade.
    if facts.history.is_some() {
        followed.rotate_left(1);
    }
    let has_regions = facts.bodies.iter().any(|b| b.region.is_some());
    let mut header: Vec<String> = vec![capital(&noun.one)];
    header.extend(has_regions.then(|| "Region".to_owned()));
    let main = facts.main.id();
    for id in &followed {
        let name = capital(&facts.words().series(id.as_str()));
        match id == main && facts.history.is_some() {
            true => header.extend(["Last overall grade".to_owned(), "Since".to_owned()]),
            false if id == main => header.extend([name, "Since".to_owned()]),
            false => header.push(name),
        }
    }
    header.extend([format!("Last {}", facts.words().inspection.one), "Time since".to_owned()]);
    header.extend(facts.councils.is_some().then(|| "Concerns".to_owned()));
    let open: Vec<&Body> = facts.bodies.iter().filter(|b| is_open(facts, b)).collect();
    let rows: Vec<Vec<Cell>> = open.iter().map(|body| in_table(facts, body, &followed, has_regions)).collect();
    let concern = header.iter().position(|h| h == "Concerns");
    section.html(&controls(facts, has_regions, concern));
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    let caption = format!("All {} on {}", noun.many, facts.day());
    section.table("all", &caption, &names, &rows)?;
    let closed: Vec<String> = facts
        .bodies
        .iter()
        .filter(|b| !is_open(facts, b))
        .map(|b| crate::html::link(&b.name, &format!("{}.html", b.stem)))
        .collect();
    if !closed.is_empty() {
        section.html(&format!("<p>Not there on this day, with pages of their own: {}.</p>\n", closed.join(", ")));
    }
    Ok(section)
}

fn in_table(facts: &Facts, body: &Body, followed: &[rating_history::SeriesId], has_regions: bool) -> Vec<Cell> {
    let mut cells = vec![facts.cell(&body.id)];
    cells.extend(has_regions.then(|| body.region.clone().unwrap_or_default().into()));
    for id in followed {
        let standing = facts.stands(&body.id, id.as_str());
        // What is sorted by is the rank, the worst first.
        let graded = standing.and_then(|s| s.grade.as_ref());
        let rank = graded.and_then(|g| facts.main.scale().rank(g).map(|r| r.to_string())).unwrap_or_default();
        if id != facts.main.id() {
            cells.push(Cell::keyed(facts.state(standing), rank));
            continue;
        }
        // An overall grade that is no longer given was once: the last one is told with its day.
        let line = facts.lines.get(&body.id);
        let last = line.and_then(|line| line.graded().next_back());
        let told = match last {
            Some((spell, rank)) => {
                let label = &facts.main.scale().labels()[rank];
                let until = match graded {
                    Some(_) => String::new(),
                    None => {
                        let month = Precision::Month.max(spell.end_precision).write(spell.end);
                        format!(", until {month}; none given since")
                    }
                };
                let text = format!("{}{until}", facts.grade(label));
                let key = Some(spell.start.to_string());
                [Cell::keyed(text, rank), Cell { key, ..Cell::date(spell.start, spell.start_precision) }]
            }
            None => ["".into(), "".into()],
        };
        cells.extend(told);
    }
    let latest = facts.judged(&body.id).iter().max_by_key(|j| j.date);
    match latest {
        Some(latest) => {
            let stated = latest.source.as_deref().unwrap_or_default();
            let to = match &facts.history {
                Some(history) => source(history, stated, "report").to,
                None => crate::stated::stated(stated, "source").to,
            };
            let key = Some(latest.date.to_string());
            cells.push(Cell { to, key, ..Cell::date(latest.date, latest.date_precision) });
            let days = (facts.as_of - latest.date).num_days();
            // On paper a length stands on one line.
            let time = crate::time_to(latest.date, facts.as_of);
            let text = time.replace(' ', "\u{a0}");
            cells.push(Cell { plain: Some(time), ..Cell::keyed(text, days) });
        }
        None => cells.extend(["".into(), "".into()]),
    }
    if let Some(councils) = &facts.councils {
        let own = councils.concerns.iter().filter(|c| c.authority == body.id);
        let told: Vec<&str> = own.map(|c| c.concern.label()).collect();
        cells.push(capital(&told.join("; ")).into());
    }
    cells
}

/// Fields for the script; hidden where it does not run.
fn controls(facts: &Facts, has_regions: bool, concern: Option<usize>) -> String {
    let noun = escape(&facts.words().body.one);
    let mut html = format!(
        "<div id=\"controls\" class=\"controls\" hidden=\"hidden\">\n<div><label for=\"by-name\">Name of the {noun}</label>\
         <input id=\"by-name\" type=\"text\" data-column=\"0\" autocomplete=\"off\" /></div>\n"
    );
    if has_regions {
        let mut regions: Vec<&str> = facts.bodies.iter().filter_map(|b| b.region.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        let options: String = regions.iter().map(|r| format!("<option>{}</option>", escape(r))).collect();
        html += &format!(
            "<div><label for=\"by-region\">Region</label><select id=\"by-region\" data-column=\"1\" data-whole=\"yes\"><option value=\"\">All</option>{options}</select></div>\n"
        );
    }
    if let Some(column) = concern {
        let options: String = ofsted::Concern::ALL
            .iter()
            .map(|c| format!("<option value=\"{0}\">{1}</option>", escape(c.label()), escape(&capital(c.label()))))
            .collect();
        html += &format!(
            "<div><label for=\"by-concern\">Concern</label><select id=\"by-concern\" data-column=\"{column}\"><option value=\"\">All</option>{options}</select></div>\n"
        );
    }
    html + "<p id=\"told\" role=\"status\"></p>\n</div>\n"
}

/// What was published in the last days.
fn recent(facts: &Facts) -> Result<Section, Error> {
    let mut section = Section::new("index", "recent", format!("Published in the last {NEW} days"));
    let from = facts.as_of.checked_sub_days(Days::new(NEW)).unwrap_or(facts.as_of);
    let is_new = |day: NaiveDate| from < day && day <= facts.as_of;
    let caption =
        format!("Published from {} to {}, the newest first", written(from.succ_opt().unwrap_or(from)), facts.day());
    if let Some(history) = &facts.history {
        let mut new: Vec<&Inspection> =
            history.inspections().iter().filter(|i| i.dates.published().is_some_and(is_new)).collect();
        new.sort_by_key(|i| std::cmp::Reverse(i.dates.published()));
        let rows: Vec<Vec<Cell>> = new
            .iter()
            .map(|i| {
                let published = Cell::date_if(i.dates.published(), None);
                let grades = ofsted::FOLLOWED.iter().map(|t| Cell::from(said(i, *t)));
                let start = [facts.cell(i.authority.as_str()), published, inspected(i)];
                start.into_iter().chain(grades).chain([source(history, &i.source, "report")]).collect()
            })
            .collect();
        let labels = ofsted::FOLLOWED.map(|t| t.label());
        let header: Vec<&str> =
            ["Authority", "Published", "Inspected"].into_iter().chain(labels).chain(["Where stated"]).collect();
        match rows.is_empty() {
            true => section.say("Nothing was."),
            false => section.table("recent-table", &caption, &header, &rows)?,
        }
        let pending: Vec<String> = history
            .pending()
            .iter()
            .filter(|p| p.end <= facts.as_of)
            .map(|p| {
                let (page, report) = (facts.cell(p.authority.as_str()), source(history, &p.source, "report"));
                format!("{} ({}: {})", page.html(), Precision::Month.write(p.end), report.html())
            })
            .collect();
        if !pending.is_empty() {
            let list = pending.join(", ");
            section.html(&format!("<p>Inspected since, with grades that are not in these data: {list}.</p>\n"));
        }
        return Ok(section);
    }
    let mut new: Vec<&Judgement> = facts
        .bodies
        .iter()
        .flat_map(|b| facts.judged(&b.id))
        .filter(|j| is_new(j.published.unwrap_or(j.date)))
        .collect();
    new.sort_by_key(|j| std::cmp::Reverse(j.published.unwrap_or(j.date)));
    let all = new.len();
    new.truncate(200);
    let rows: Vec<Vec<Cell>> = new
        .iter()
        .map(|j| {
            let grade = j.grade.as_ref().map_or("no longer given".to_owned(), |g| facts.grade(g));
            let series = capital(&facts.words().series(j.theme.as_str()));
            let day = Cell::date(j.published.unwrap_or(j.date), Precision::Day);
            vec![facts.cell(&j.authority), day, series.into(), grade.into()]
        })
        .collect();
    match rows.is_empty() {
        true => section.say("Nothing was."),
        false => section.table(
            "recent-table",
            &caption,
            &[&capital(&facts.words().body.one), "Day", "Series", "Grade"],
            &rows,
        )?,
    }
    if all > new.len() {
        section.say(&format!(
            "{} older ones of these days are on the pages of the {}.",
            all - new.len(),
            facts.words().body.many
        ));
    }
    Ok(section)
}

/// Shares by year, and by region and year.
fn over_time(facts: &Facts, days: &[NaiveDate], shares: &[Share]) -> Result<Section, Error> {
    let mut section = Section::new("index", "years", "Over the years");
    let words = facts.words().better(facts.main.scale().labels());
    if days.len() > 1 {
        let chart = Distribution::collect(&facts.main, days, facts.style.clone())?;
        section.picture("years", chart, |chart| &mut chart.style)?;
    }
    let labels = facts.main.scale().labels();
    let rows: Vec<Vec<Cell>> = days
        .iter()
        .rev()
        .map(|day| {
            let own: Vec<&Share> = shares.iter().filter(|s| s.date == *day).collect();
            let (good, of, open) = rated(facts, own.iter().copied());
            let part = if of > 0 { percent(f64::from(good) / f64::from(of)) } else { String::new() };
            let count = |label: &String| own.iter().find(|s| s.grade == *label).map_or(0, |s| s.count).to_string();
            let rest = [part, of.to_string(), open.to_string()].into_iter().chain(labels.iter().rev().map(count));
            std::iter::once(Cell::date(*day, Precision::Day)).chain(rest.map(Cell::from)).collect()
        })
        .collect();
    let names: Vec<String> = labels.iter().rev().map(|l| facts.grade(l)).collect();
    let share = format!("{}, of those with a grade", capital(&words));
    let header: Vec<&str> =
        ["Day", &share, "With a grade", "In all"].into_iter().chain(names.iter().map(String::as_str)).collect();
    section.table(
        "shares",
        &format!("How many stood at each grade, and the share {words} of those with one"),
        &header,
        &rows,
    )?;
    let now = shares.iter().filter(|s| s.date == facts.as_of);
    let (_, of, open) = rated(facts, now);
    if days.len() > 1 && of < open {
        let many = &facts.words().body.many;
        section.say(&format!(
            "Shares in the picture are of all {open} {many}, those in the table of the {of} with a grade (on {}).",
            facts.day()
        ));
    }
    if facts.history.is_some() {
        section.say("After 31 March 2026 fewer and fewer have an overall grade, as inspections no longer give one.");
    }
    if facts.bodies.iter().any(|b| b.region.is_some()) {
        let by = facts.main.distribution(days, Some("region")).rows()?;
        let mut regions: BTreeMap<String, Vec<&Share>> = BTreeMap::new();
        for s in &by {
            regions.entry(s.group.clone().unwrap_or_else(|| "Not known".to_owned())).or_default().push(s);
        }
        let shown = &days[days.len().saturating_sub(8)..];
        let rows: Vec<Vec<Cell>> = regions
            .iter()
            .map(|(region, own)| {
                let cell = |day: &NaiveDate| {
                    let (good, of, _) = rated(facts, own.iter().copied().filter(|s| s.date == *day));
                    if of > 0 { format!("{good} of {of}") } else { String::new() }
                };
                std::iter::once(region.clone()).chain(shown.iter().map(cell)).map(Cell::from).collect()
            })
            .collect();
        let names: Vec<String> = shown.iter().map(|d| written(*d)).collect();
        let header: Vec<&str> = std::iter::once("Region").chain(names.iter().map(String::as_str)).collect();
        section.table(
            "regions",
            &format!("How many were {words}, of those with a grade, by region"),
            &header,
            &rows,
        )?;
    }
    Ok(section)
}

/// What the inspections of the last twelve months asked for.
fn topics(facts: &Facts) -> Result<Option<Section>, Error> {
    let Some(history) = facts.history.as_ref().filter(|h| !h.report_facts().read.is_empty()) else { return Ok(None) };
    let from = facts.as_of.checked_sub_months(Months::new(12)).and_then(|d| d.succ_opt()).unwrap_or(facts.as_of);
    let mut shares = history.asks(&facts.ratings)?.between(Some(from), Some(facts.as_of)).topics(None).rows()?;
    shares.retain(|s| s.asked > 0);
    shares.sort_by(|a, b| b.asked.cmp(&a.asked).then_with(|| a.label.cmp(&b.label)));
    let mut section = Section::new("index", "topics", "What inspectors asked for in the last twelve months");
    let Some(first) = shares.first() else {
        section.say("No report of these months was read for what it asked for.");
        return Ok(Some(section));
    };
    let n = first.inspections;
    let rows: Vec<Vec<Cell>> = shares
        .iter()
        .take(TOPICS)
        .map(|s| {
            let interval = format!("{} to {}", percent(s.share_lower), percent(s.share_upper));
            row([s.label.clone(), s.asked.to_string(), percent(s.share), interval])
        })
        .collect();
    let caption = format!(
        "The topics asked for most often by the {n} inspections from {} to {} whose reports were read",
        written(from),
        facts.day()
    );
    section.table("topics-table", &caption, &["Topic", "Inspections", "Share", "95% interval"], &rows)?;
    let caveats: Vec<&str> = TopicShare::CAVEATS.iter().map(|c| c.label()).collect();
    section.say(&caveats.join(" "));
    Ok(Some(section))
}

fn indicators(facts: &Facts) -> Result<Option<Section>, Error> {
    let Some(indicators) = facts.councils.as_ref().and_then(|c| c.indicators.as_ref()) else { return Ok(None) };
    let mut section = Section::new("index", "indicators", "Indicators by grade");
    let all = indicators.by_grade(&facts.main).rows()?;
    let labels = facts.main.scale().labels();
    let cell = |id: &str, label: &String| -> String {
        let found: Option<&ByGrade> = all.iter().find(|g| g.indicator == id && g.year.is_none() && g.grade == *label);
        let write = |g: &ByGrade| indicators.get(id).map_or_else(|_| String::new(), |i| i.write(g.mean));
        found.map_or_else(String::new, |g| format!("{} ({})", write(g), g.n))
    };
    let rows: Vec<Vec<Cell>> = indicators
        .list()
        .iter()
        .map(|i| {
            std::iter::once(i.label.clone()).chain(labels.iter().map(|l| cell(&i.id, l))).map(Cell::from).collect()
        })
        .collect();
    let names: Vec<String> = labels.iter().map(|l| facts.grade(l)).collect();
    let header: Vec<&str> = std::iter::once("Indicator").chain(names.iter().map(String::as_str)).collect();
    section.table(
        "by-grade",
        "Mean of each indicator by the overall grade that stood on its day, all years together (in brackets: values)",
        &header,
        &rows,
    )?;
    let differences = indicators.grade_differences(&facts.main).rows()?;
    let told = |value: Option<f64>, low: Option<f64>, high: Option<f64>| match (value, low, high) {
        (Some(v), Some(low), Some(high)) => format!("{} ({} to {})", signed(v), signed(low), signed(high)),
        _ => String::new(),
    };
    let rows: Vec<Vec<Cell>> = differences
        .iter()
        .filter(|d| d.contrast == Contrast::PerStep)
        .map(|d| {
            let label = indicators.get(&d.indicator).map_or_else(|_| d.indicator.clone(), |i| i.label.clone());
            let between = told(d.between, d.between_lower, d.between_upper);
            row([label, between, told(d.within, d.within_lower, d.within_upper), d.n.to_string(), d.bodies.to_string()])
        })
        .collect();
    let header = ["Indicator", "Between authorities", "Within authorities", "Values", "Authorities"];
    section.table(
        "per-step",
        "Difference for one grade better, with 95% intervals, in the unit of the indicator",
        &header,
        &rows,
    )?;
    let tests = differences.first().map_or(0, |d| d.tests);
    section.say(&format!(
        "{tests} tests were made for these differences and those of single grades, of which one in twenty looks clear by chance \
         alone. Between: authorities in the same year. Within: each authority with itself under another grade. Intervals are \
         clustered by authority. No difference here is an effect of a grade. {}",
        council::CAUTION
    ));
    section.say(&format!("{}.", indicators.source().trim_end_matches('.')));
    Ok(Some(section))
}

/// The judgements of all as one file.
fn data(facts: &Facts) -> Result<Section, Error> {
    let mut section = Section::new("index", "data", "The data");
    let header =
        ["id", "name", "series", "grade", "date", "date_precision", "published", "framework", "inspection", "source"];
    let day = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let rows =
        facts.bodies.iter().flat_map(|body| facts.judged(&body.id).iter().map(move |j| (body, j))).map(|(body, j)| {
            [
                body.id.clone(),
                body.name.clone(),
                j.theme.as_str().to_owned(),
                text(&j.grade),
                j.date.to_string(),
                j.date_precision.code().to_owned(),
                day(j.published),
                text(&j.framework),
                text(&j.inspection),
                text(&j.source),
            ]
        });
    let bytes = csv(&header, rows)?;
    let path = "data/judgements.csv".to_owned();
    section.html(&format!("<p>Every judgement that counts by {}: <a href=\"{path}\">judgements.csv</a>. Each table of each page has a file of its own below it.</p>\n", facts.day()));
    section.files.push(File { path, bytes });
    Ok(section)
}

fn method(facts: &Facts) -> Section {
    let mut section = Section::new("index", "method", "Sources and method");
    if let Some(history) = &facts.history {
        council::method(&mut section, history.inspections());
        let names: Vec<String> =
            Framework::ALL.iter().map(|f| format!("<li>{}</li>", escape(council::framework(*f)))).collect();
        section.html(&format!("<p>The frameworks of inspections, in order:</p>\n<ul>\n{}\n</ul>\n", names.join("\n")));
    } else {
        section.say(&format!("{}. A grade counts from its day until the next one.", facts.words().source));
    }
    let title = crate::title(facts);
    section.html(&crate::cite(facts, &title, "index.html"));
    section
}
