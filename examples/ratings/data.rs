//! The data asked about: England's, a folder of tables, or any rated history in a CSV file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use clap::Args;
use rating_history::chrono::NaiveDate;
use rating_history::dataset::{self, OtherSet};
use rating_history::estimate::Apart;
use rating_history::frame::columns;
use rating_history::io::{ReadOptions, Report, read_words};
use rating_history::ofsted::{self, Area, EventKind, Framework, Grade, RatingHistory, Region, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::Every;
use rating_history::{Clock, Error, Precision, Ratings, Series, SeriesId, Words};

use crate::Common;
use crate::files::{Contents, KEEP, of_one_scale};
use crate::output::Format;

/// One series or all of them, judged or computed.
#[derive(Clone, PartialEq)]
pub enum Asked {
    All,
    Judged(SeriesId),
    PracticeProfile,
    ShortInspectionRule,
}

impl Asked {
    /// A series of some ratings by its name.
    fn of(text: &str, ofsted: bool, words: &Words, known: &[String]) -> Result<Self, Error> {
        let folded = text.to_lowercase().replace('-', "_");
        if folded == "all" && !known.iter().any(|k| k == text) {
            return Ok(Asked::All);
        }
        if ofsted {
            return match folded.as_str() {
                "practice_profile" => Ok(Asked::PracticeProfile),
                "short_inspection_rule" => Ok(Asked::ShortInspectionRule),
                _ => Ok(Asked::Judged(text.parse::<Theme>()?.into())),
            };
        }
        if ["practice_profile", "short_inspection_rule"].contains(&folded.as_str()) {
            return Err(mistake(
                "--theme",
                text,
                "a series of the data; this one is only for Ofsted's ratings of children's services",
            ));
        }
        let named = called(words, text, known).map_or_else(|| chosen("series", text, known), Ok);
        named.map(|s| Asked::Judged(s.as_str().into()))
    }
}

/// The series that is meant: by its id, or by what pictures call it, where no other is called so.
pub fn called<'a>(words: &Words, text: &str, known: &'a [String]) -> Option<&'a String> {
    let mut alike = known.iter().filter(|id| words.series(id).eq_ignore_ascii_case(text.trim()));
    let by_id = known.iter().find(|id| *id == text).or_else(|| known.iter().find(|id| id.eq_ignore_ascii_case(text)));
    by_id.or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

/// The one of some known words that was meant.
pub fn chosen<'a>(what: &'static str, text: &str, known: &'a [String]) -> Result<&'a String, Error> {
    let found = known.iter().find(|k| *k == text).or_else(|| known.iter().find(|k| k.eq_ignore_ascii_case(text)));
    found.ok_or_else(|| Error::Unknown {
        what,
        value: text.to_owned(),
        expected: known.join(", "),
        nearest: rating_history::nearest(text, known.iter().map(String::as_str)).map(str::to_owned),
    })
}

/// What cannot be asked so, in one sentence.
pub fn refusal(text: impl Into<String>) -> Error {
    Error::Asked(text.into())
}

pub fn mistake(what: &'static str, value: impl ToString, expected: &str) -> Error {
    Error::Value { what, value: value.to_string(), expected: expected.to_owned() }
}

const OWN: &str = "is for your own ratings in --data, not for embedded ones";

/// That something has no use with other ratings.
pub fn only_for_ofsted(what: &str) -> String {
    format!("{what} is only for Ofsted's ratings of children's services")
}

/// What has to be known of a file before its answer is believed.
pub fn tell(path: &Path, report: &Report) {
    const TOLD: usize = 3;
    let file = path.display();
    if report.left_out > 0 {
        let (n, rows) = (report.left_out, report.rows);
        crate::common::note(format_args!("note: {file}: {n} of {rows} rows left out; `validate` names them"));
    }
    // Rows that are left out are counted already.
    let warnings: Vec<_> = report.problems.0.iter().filter(|problem| !problem.kind.is_counted()).collect();
    warnings.iter().take(TOLD).for_each(|warning| crate::common::note(format_args!("{warning}")));
    if warnings.len() > TOLD {
        let more = warnings.len() - TOLD;
        crate::common::note(format_args!("note: {file}: {more} more warnings; `validate` names them"));
    }
}

/// What has to be known of an embedded set, and how many of its rows were left out.
pub fn notes_of(set: &OtherSet, report: &Report) -> Vec<String> {
    let (n, rows) = (report.left_out, report.rows);
    let left_out = (n > 0).then(|| format!("{n} of {rows} rows of {} left out", set.file));
    set.notes.iter().map(|note| (*note).to_owned()).chain(left_out).collect()
}

/// An embedded set of another inspectorate, and what has to be known of it.
fn other_set(common: &Common) -> Result<Contents, Error> {
    let names: Vec<String> = dataset::OTHERS.iter().map(|set| set.name.to_owned()).collect();
    let name = chosen("set", common.set.as_deref().unwrap_or_default(), &names)?;
    let set = dataset::other(name).ok_or_else(|| refusal(format!("there is no set {name}")))?;
    let read = set.read()?;
    notes_of(set, &read.report).iter().for_each(|note| crate::common::note(format_args!("note: {note}")));
    Ok(Contents::Scales(read.value))
}

/// What is asked about: a file of one's own, an embedded set, or England's inspections.
pub fn contents(common: &Common) -> Result<Contents, Error> {
    let Some(path) = &common.data else {
        refuse_flags_of_files(common)?;
        return if common.set.is_some() { other_set(common) } else { Ok(Contents::History(ofsted::england()?)) };
    };
    if !common.columns.is_empty() && common.series.is_empty() && !common.theme.is_empty() {
        return Err(refusal("--theme has no use with a CSV file, which holds one series"));
    }
    let read = common.reading.open(path, common)?;
    tell(path, &read.report);
    Ok(read.value)
}

/// Refuses what only a file of one's own is told with.
fn refuse_flags_of_files(common: &Common) -> Result<(), Error> {
    let reading = &common.reading;
    let of_files: [(&str, bool); 10] = [
        ("--layout", reading.layout.is_some()),
        ("--sheet", reading.sheet.is_some()),
        ("--header", reading.header.is_some()),
        ("--lenient", reading.lenient),
        ("--strict", reading.strict),
        ("--most-bytes", reading.most_bytes.is_some()),
        ("--name", common.name.is_some()),
        ("--series", !common.series.is_empty()),
        ("--groups", !common.groups.is_empty()),
        ("--keep", !common.keep.is_empty()),
    ];
    if common.register.is_some() {
        return Err(refusal(format!("--register {OWN}")));
    }
    if common.ends_with_last_row {
        return Err(refusal(format!("--ends-with-last-row {OWN}")));
    }
    if !common.columns.is_empty() {
        return Err(mistake("--columns", common.columns.join(","), "a CSV file in --data"));
    }
    if let Some((flag, _)) = of_files.iter().find(|(_, given)| *given) {
        return Err(refusal(format!("{flag} is for a file in --data")));
    }
    if !common.withdrawn.is_empty() || !common.dates.is_empty() || common.join_ids {
        let own = "--withdrawn, --dates and --join-ids are for a file in --data that --layout or --columns tell of";
        return Err(refusal(own));
    }
    if !common.scale.is_empty() {
        return Err(refusal("--scale is for your own ratings in --data: the embedded ones have their own grades"));
    }
    Ok(())
}

/// The data and the narrowing that was asked for.
pub struct Question {
    pub as_of: NaiveDate,
    pub format: Format,
    /// Ids of the bodies asked for; none for all.
    pub only: Option<Vec<String>>,
    /// None for ratings alone.
    pub history: Option<RatingHistory>,
    /// The series asked for; none for the main one.
    pub series: Vec<Asked>,
    /// The names of bodies by their ids, where they have one.
    names: BTreeMap<String, String>,
    pub everything: Ratings,
    /// Whether "adequate" is a grade of its own.
    pub adequate_apart: bool,
    /// Whether the bodies were chosen by how they stood.
    chosen_by_grade: bool,
    common: Common,
}

impl Question {
    pub fn new(common: Common) -> Result<Self, Error> {
        Self::of(contents(&common)?, common)
    }

    /// A question of what was read.
    pub fn of(contents: Contents, common: Common) -> Result<Self, Error> {
        let (history, everything) = match contents {
            Contents::History(history) => {
                let ratings = history.ratings()?;
                (Some(history), ratings)
            }
            // A folder of ratings with all that is beside them tells the history that it was made of.
            Contents::Ratings(ratings) if is_ofsted(&ratings) && ratings.authorities().is_some() => {
                (RatingHistory::of_ratings(&ratings).ok(), *ratings)
            }
            Contents::Ratings(ratings) => (None, *ratings),
            Contents::Scales(mut all) if all.len() == 1 => (None, all.remove(0)),
            Contents::Scales(all) => {
                let otherwise = if common.set.is_some() { "" } else { KEEP };
                (None, of_one_scale(all, &common.theme, otherwise)?)
            }
        };
        let everything = match &common.words {
            Some(path) => everything.with_words(read_words(path, &ReadOptions::default())?.value),
            None => everything,
        };
        if everything.lazy().limit(1).collect()?.height() == 0 {
            return Err(refusal("the data hold no rows; expected at least one rating"));
        }
        let end = everything.cut_off();
        // What was published by a day tells how things stood on that day, not later.
        let as_of = common.as_of.or(common.published_by.filter(|day| *day < end)).unwrap_or(end);
        if common.clock == Clock::Published && distinct_dates(&everything)? == 0 {
            return Err(mistake("--clock", "published", "effect: the data tell no day of publication"));
        }
        if as_of > end && everything.known_to().is_some() {
            crate::common::note(format_args!(
                "note: the data ends on {}; nothing later is known",
                Precision::Day.write(end)
            ));
        }
        let bodies = bodies(&everything)?;
        let only = selected(history.as_ref(), &everything, &bodies, &common)?;
        let known = text_values(&everything, columns::THEME)?;
        let ofsted = is_ofsted(&everything);
        let series = common
            .theme
            .iter()
            .map(|text| Asked::of(text, ofsted, everything.words(), &known))
            .collect::<Result<_, _>>()?;
        let names = bodies.into_iter().filter_map(|b| Some((b.id, b.name?))).collect();
        let format = common.format;
        let (adequate_apart, chosen_by_grade) = (false, false);
        Ok(Question {
            as_of,
            format,
            only,
            history,
            series,
            names,
            everything,
            adequate_apart,
            chosen_by_grade,
            common,
        })
    }

    /// Whether a table may be as wide as its columns.
    pub fn wide(&self) -> bool {
        self.common.wide
    }

    /// What the data call things.
    pub fn words(&self) -> &Words {
        self.everything.words()
    }

    /// The data are Ofsted's of children's services.
    pub fn is_ofsted(&self) -> bool {
        is_ofsted(&self.everything)
    }

    /// The bodies are England's councils, whose places on the map of tiles are known.
    pub fn is_of_councils(&self) -> bool {
        let set = self.common.set.as_deref().and_then(dataset::other);
        self.is_ofsted() || set.is_some_and(|set| set.register.is_some())
    }

    /// The listed peers of a body, most alike first.
    pub fn listed_peers(&self, body: &str) -> Result<Vec<String>, Error> {
        listed_peers(&self.everything, body)
    }

    /// Every series of the data.
    pub fn every_series(&self) -> Result<Vec<String>, Error> {
        text_values(&self.everything, columns::THEME)
    }

    /// The kind of event asked for, of those the data know.
    pub fn event_kind(&self, asked: Option<&str>) -> Result<String, Error> {
        if self.is_ofsted() {
            let kind = asked.map_or(Ok(EventKind::TrustEstablished), str::parse)?;
            return Ok(kind.code().to_owned());
        }
        let known = match self.everything.events() {
            Some(events) => distinct(events, columns::EVENT)?,
            None => return Err(refusal("the data tell no events; a folder of ratings may have a table `events`")),
        };
        match asked {
            Some(kind) => chosen("event kind", kind, &known).cloned(),
            None => Err(refusal(format!("say which kind of event with --kind: {}", known.join(", ")))),
        }
    }

    /// Every series of every body, by the clock and under the filters asked for.
    fn filtered(&self) -> Result<Ratings, Error> {
        let common = &self.common;
        let mut ratings = self.everything.clone().clock(common.clock).as_of(self.as_of);
        if !common.framework.is_empty() {
            let rules = common.framework.iter().map(|text| self.rules(text)).collect::<Result<Vec<_>, Error>>()?;
            ratings = ratings.only(columns::FRAMEWORK, rules)?;
        }
        if !common.area.is_empty() {
            if !self.is_ofsted() {
                return Err(refusal(only_for_ofsted("--area")));
            }
            let areas = common.area.iter().map(|text| Ok(text.parse::<Area>()?.code().to_owned()));
            ratings = ratings.only(columns::AREA, areas.collect::<Result<Vec<_>, Error>>()?)?;
        }
        if let Some(date) = common.published_by {
            ratings = ratings.published_by(date);
        }
        Ok(ratings)
    }

    /// Rules under which ratings were given, by their code in any spelling.
    pub fn rules(&self, text: &str) -> Result<String, Error> {
        let known = text_values(&self.everything, columns::FRAMEWORK)?;
        match self.is_ofsted() {
            _ if known.is_empty() => Err(refusal(
                "the data do not tell under which rules a rating was given: --framework and --after-first have no use",
            )),
            true => Ok(text.parse::<Framework>()?.code().to_owned()),
            false => chosen("set of rules", text, &known).cloned(),
        }
    }

    /// Asks only about those at a grade on a day.
    pub fn only_those_at(&mut self, grade: &str, day: NaiveDate) -> Result<(), Error> {
        if day > self.as_of {
            let expected = format!("a day not after {}, as of which the ratings are looked at", self.as_of);
            return Err(mistake("--on", day, &expected));
        }
        let as_of = std::mem::replace(&mut self.as_of, day);
        let then = self.one_series_narrowed();
        self.as_of = as_of;
        let then = then?;
        let grade = label(&then, grade);
        then.scale().position(&grade)?;
        let ids: Vec<String> = then
            .standing()
            .rows()?
            .into_iter()
            .filter(|s| s.grade.as_ref() == Some(&grade))
            .map(|s| s.authority)
            .collect();
        let words = self.words();
        let bodies = if ids.len() == 1 { &words.body.one } else { &words.body.many };
        crate::common::note(format_args!(
            "note: only the {} {bodies} with the grade {} ({}) on {}",
            ids.len(),
            words.grade(&grade),
            words.series(then.id().as_str()),
            Precision::Day.write(day)
        ));
        (self.only, self.chosen_by_grade) = (Some(ids), true);
        Ok(())
    }

    /// The ratings asked for, of every body.
    pub fn ratings(&self) -> Result<Ratings, Error> {
        let (common, ratings) = (&self.common, self.filtered()?);
        let ratings = match self.adequate_apart {
            true if !self.is_ofsted() => return Err(refusal(only_for_ofsted("--adequate-apart"))),
            true => ofsted::adequate_apart(&ratings)?,
            false => ratings,
        };
        let ratings = match self.series.as_slice() {
            [] => ratings.series_only([self.series_unnamed("all, or one of")?])?,
            [Asked::PracticeProfile] => ofsted::practice_profile(&ratings)?,
            [Asked::ShortInspectionRule] => ofsted::short_inspection_rule(&ratings)?,
            series if series.contains(&Asked::All) => ratings,
            series => {
                let judged = |s: &Asked| match s {
                    Asked::Judged(series) => Ok(series.clone()),
                    _ => Err(mistake(
                        "--theme",
                        "practice_profile or short_inspection_rule",
                        "a computed series by itself",
                    )),
                };
                ratings.series_only(series.iter().map(judged).collect::<Result<Vec<_>, _>>()?)?
            }
        };
        if common.lineage { ratings.lineage() } else { Ok(ratings) }
    }

    /// The series that is asked about when none is named: the main one, or the only one.
    pub fn main_series(&self) -> Result<SeriesId, Error> {
        self.series_unnamed("one of")
    }

    fn series_unnamed(&self, expected: &str) -> Result<SeriesId, Error> {
        let main = SeriesId::default();
        match self.every_series()?.as_slice() {
            [only] => Ok(only.as_str().into()),
            several if several.is_empty() || several.iter().any(|s| s == main.as_str()) => Ok(main),
            several => Err(refusal(format!("say which series with --theme: {expected} {}", several.join(", ")))),
        }
    }

    pub fn narrowed(&self) -> Result<Ratings, Error> {
        self.narrow(self.ratings()?)
    }

    /// Every series of every body.
    pub fn all_themes(&self) -> Result<Ratings, Error> {
        let (everything, common) = (self.everything.clone(), self.common.clone());
        let series = vec![Asked::All];
        Question { series, everything, common, names: BTreeMap::new(), only: None, history: None, ..*self }.ratings()
    }

    /// Every theme at once, for the commands that look at all of them.
    pub fn every_theme(&self, command: &str) -> Result<Ratings, Error> {
        if self.series.iter().any(|s| *s != Asked::All) {
            return Err(refusal(format!("--theme has no use with {command}: it looks at all of them")));
        }
        self.narrow(self.all_themes()?)
    }

    /// The history with what reports and letters say beside grades.
    pub fn with_reports(&self) -> Result<RatingHistory, Error> {
        match (&self.common.data, &self.history) {
            (None, _) => ofsted::england_with_reports(),
            (Some(_), Some(history)) => Ok(history.clone()),
            (Some(path), None) => {
                Err(refusal(format!("{}: expected a folder of Ofsted's tables or a history in JSON", path.display())))
            }
        }
    }

    /// The ratings under whose filters reports and letters are asked about; a theme only where it says whose grades.
    pub fn reports(&self, command: &str, looks_at_grades: bool) -> Result<Ratings, Error> {
        if !self.common.area.is_empty() || self.common.lineage {
            let flag = if self.common.lineage { "--lineage" } else { "--area" };
            return Err(refusal(format!("{flag} has no use with {command}")));
        }
        if !looks_at_grades && !self.series.is_empty() {
            return Err(refusal(format!("--theme has no use with {command}, but by grade")));
        }
        self.narrow(self.all_themes()?)
    }

    /// The one theme asked for, if any.
    pub fn one_theme(&self) -> Result<Option<Theme>, Error> {
        match self.series.as_slice() {
            [] => Ok(None),
            [Asked::Judged(series)] => Ok(Some(series.as_str().parse()?)),
            _ => Err(refusal(format!("expected one theme with this command, not {}", self.common.theme.join(", ")))),
        }
    }

    /// Whether authorities were asked for by name.
    pub fn names_authorities(&self) -> bool {
        !self.common.authority.is_empty()
    }

    /// The ratings of one theme, of every authority: what estimates are made from.
    pub fn one_series(&self) -> Result<Series, Error> {
        let id = match self.series.as_slice() {
            [] => self.main_series()?,
            [Asked::Judged(series)] => series.clone(),
            [Asked::PracticeProfile | Asked::ShortInspectionRule] => return self.ratings()?.only_series(),
            _ => {
                return Err(refusal(format!(
                    "expected one theme with this command, not {}",
                    self.common.theme.join(", ")
                )));
            }
        };
        let series = self.filtered()?.series(id)?;
        if self.common.lineage { series.lineage() } else { Ok(series) }
    }

    /// The ratings to forecast from, series by series: the one asked for, else the main one; where Ofsted gives no overall
    /// grade any more, the four judgements that it gives.
    pub fn forecast_series(&self) -> Result<Vec<(SeriesId, Series)>, Error> {
        let given = |theme: Theme| theme.given_on(self.as_of);
        let asked = match self.series.as_slice() {
            [] if self.is_ofsted() && !given(Theme::Headline) => ofsted::PARTS.map(SeriesId::from).to_vec(),
            [] => vec![self.main_series()?],
            [Asked::Judged(series)] => vec![series.clone()],
            [_] => return Ok(vec![(self.common.theme[0].as_str().into(), self.one_series()?)]),
            _ => {
                return Err(refusal(format!(
                    "expected one theme with this command, not {}",
                    self.common.theme.join(", ")
                )));
            }
        };
        for series in asked.iter().filter(|_| self.is_ofsted()) {
            let theme: Theme = series.as_str().parse()?;
            if !given(theme) {
                let day = Precision::Day.write(self.as_of);
                let parts = ofsted::PARTS.map(Theme::code).join(", ");
                let expected = format!("a judgement that inspections give on {day}: {parts}");
                return Err(mistake("--theme", theme.code(), &expected));
            }
        }
        let followed = |series: Series| if self.common.lineage { series.lineage() } else { Ok(series) };
        asked.into_iter().map(|series| Ok((series.clone(), followed(self.filtered()?.series(series)?)?))).collect()
    }

    pub fn one_series_narrowed(&self) -> Result<Series, Error> {
        let series = self.one_series()?;
        match &self.only {
            Some(codes) => series.bodies_only(codes),
            None => Ok(series),
        }
    }

    pub fn narrow(&self, ratings: Ratings) -> Result<Ratings, Error> {
        match &self.only {
            Some(codes) => ratings.bodies_only(codes),
            None => Ok(ratings),
        }
    }

    pub fn one(&self) -> Result<&str, Error> {
        let body = &self.words().body.one;
        match self.only.as_deref() {
            Some([code]) => Ok(code),
            Some([]) => {
                Err(refusal(format!("no {body} is left; expected one {body} in --authority, in the region asked for")))
            }
            None => Err(refusal(format!("expected one {body}: name it with --authority"))),
            Some(several) => {
                Err(refusal(format!("expected one {body}, not {}: name it with --authority", several.len())))
            }
        }
    }

    /// The one body asked for, which has to exist on the day.
    pub fn one_existing(&self) -> Result<&str, Error> {
        let one = self.one()?;
        match self.closings()?.into_iter().next() {
            Some(closing) => Err(refusal(closing)),
            None => Ok(one),
        }
    }

    /// Of the bodies asked for by name that are closed on the day: when that was and who followed.
    pub fn closings(&self) -> Result<Vec<String>, Error> {
        let (Some(register), Some(only), false) =
            (self.everything.authorities(), &self.only, self.common.authority.is_empty() && !self.chosen_by_grade)
        else {
            return Ok(Vec::new());
        };
        let register = register.select([columns::AUTHORITY, columns::CLOSED].map(col)).collect()?;
        let (ids, days) = (register.column(columns::AUTHORITY)?.str()?, register.column(columns::CLOSED)?.date()?);
        let closed = ids.iter().zip(days.phys.iter());
        let closed = closed.filter_map(|(id, day)| Some((id?, NaiveDate::from_epoch_days(day?)?)));
        let closed: HashMap<&str, NaiveDate> = closed.filter(|(_, day)| *day <= self.as_of).collect();
        let mut followed: HashMap<String, Vec<String>> = HashMap::new();
        if let Some(successors) = self.everything.successors() {
            let successors = successors.collect()?;
            let (from, to) =
                (successors.column(columns::AUTHORITY)?.str()?, successors.column(columns::SUCCESSOR)?.str()?);
            for (from, to) in from.iter().flatten().zip(to.iter().flatten()) {
                followed.entry(from.to_owned()).or_default().push(self.name(to));
            }
        }
        let told = |id: &String| {
            let (name, day) = (self.name(id), Precision::Day.write(*closed.get(id.as_str())?));
            Some(match followed.get(id) {
                None => format!("{name} closed on {day}"),
                Some(names) => format!("{name} closed on {day}; it was followed by {}", names.join(" and ")),
            })
        };
        Ok(only.iter().filter_map(told).collect())
    }

    /// The name of an id, or the id.
    pub fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// The first day on which 95% of the bodies in existence have a grade in the series asked for; without one, half of them;
    /// without one, that of the first judgement.
    pub fn rated_from(&self) -> Result<NaiveDate, Error> {
        self.enough_rated()?.map_or_else(|| self.first_day(), Ok)
    }

    fn enough_rated(&self) -> Result<Option<NaiveDate>, Error> {
        let first = self.first_day()?;
        let days = Every::MONTH.dates_to(first.min(self.as_of), self.as_of);
        let counts = self.narrowed()?.distribution(&days, None).collect()?;
        let (day, open, rated) =
            (counts.column("date")?.date()?, counts.column("open")?.u32()?, counts.column("rated")?.u32()?);
        let at_least = |part: u64| {
            let of = |n: usize| Some((u64::from(open.get(n)?), u64::from(rated.get(n)?)));
            let row = (0..counts.height()).find(|n| of(*n).is_some_and(|(open, rated)| 100 * rated >= part * open))?;
            day.phys.get(row).and_then(NaiveDate::from_epoch_days)
        };
        Ok(at_least(95).or_else(|| at_least(50)))
    }

    /// The two days of a flow: the first on which most are rated, and the as-of day, at least a year later.
    pub fn flow_days(&self) -> Result<[NaiveDate; 2], Error> {
        if let Some(from) = self.enough_rated()?.filter(|from| (self.as_of - *from).num_days() >= 365) {
            return Ok([from, self.as_of]);
        }
        let (bodies, to) = (&self.words().body.many, Precision::Day.write(self.as_of));
        Err(refusal(format!(
            "a year before {to} most {bodies} had no grade yet, so that a flow would tell little: name its days with --on"
        )))
    }

    /// What has to be said beside a picture: how the data were narrowed, and of whom something is known besides.
    pub fn notes(&self) -> Result<Vec<String>, Error> {
        Ok([self.narrowed()?.filtered(), self.said()].concat())
    }

    /// Whether anything was asked for that a count of everything passes over.
    pub fn is_narrowed(&self) -> bool {
        self.only.is_some() || !self.series.is_empty() || self.is_filtered() || self.common.clock != Clock::Effect
    }

    /// Whether anything but a series and bodies was asked for.
    pub fn is_filtered(&self) -> bool {
        let common = &self.common;
        !common.framework.is_empty() || !common.area.is_empty() || common.published_by.is_some() || common.lineage
    }

    /// What has to be said beside an answer about the bodies asked for, as sentences.
    pub fn said(&self) -> Vec<String> {
        let Some(only) = &self.only else { return Vec::new() };
        let own = self.everything.notices(self.as_of).filter(|n| only.contains(&n.body));
        own.map(|n| format!("{}: {}.", n.name, n.text)).collect()
    }

    /// What has to be said beside an answer: about the bodies asked for; where all are, about those it names.
    pub fn said_of(&self, answer: &DataFrame) -> Result<Vec<String>, Error> {
        const TOLD: usize = 10;
        let (None, Ok(named)) = (&self.only, answer.column(columns::AUTHORITY)) else { return Ok(self.said()) };
        let named = named.cast(&DataType::String)?;
        let named: HashSet<&str> = named.str()?.iter().flatten().collect();
        let told = self.everything.notices(self.as_of).filter(|notice| named.contains(notice.body.as_str()));
        let mut said: Vec<String> = told.map(|n| format!("{}: {}.", n.name, n.text)).collect();
        let more = said.len().saturating_sub(TOLD);
        said.truncate(TOLD);
        if more > 0 {
            said.push(format!("{more} more have something to be said; ask for them with --authority"));
        }
        Ok(said)
    }

    /// The day of the first judgement.
    pub fn first_day(&self) -> Result<NaiveDate, Error> {
        let first = self.narrowed()?.lazy().filter(col("theme").is_not_null()).select([col("date").min()]).collect()?;
        Ok(first.column("date")?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days).unwrap_or(self.as_of))
    }
}

/// The data are Ofsted's of children's services.
fn is_ofsted(ratings: &Ratings) -> bool {
    *ratings.scale() == Grade::scale() && ratings.words().about == ofsted::words().about
}

/// How many judgements tell when they were published.
fn distinct_dates(ratings: &Ratings) -> Result<usize, Error> {
    let known = ratings.lazy().filter(col(columns::PUBLISHED).is_not_null()).limit(1);
    Ok(known.collect()?.height())
}

/// The values of a column of text, in order.
fn distinct(frame: LazyFrame, column: &str) -> Result<Vec<String>, Error> {
    let text = frame.select([col(column).cast(DataType::String)]);
    let values = text.filter(col(column).is_not_null()).group_by([col(column)]).agg([]);
    let values = values.sort([column], SortMultipleOptions::default()).collect()?;
    Ok(values.column(column)?.str()?.iter().flatten().map(str::to_owned).collect())
}

pub fn text_values(ratings: &Ratings, column: &str) -> Result<Vec<String>, Error> {
    distinct(ratings.lazy(), column)
}

/// A body that can be asked for.
struct Body {
    id: String,
    name: Option<String>,
    region: Option<String>,
}

/// The bodies of the register; without one, those that are rated.
fn bodies(ratings: &Ratings) -> Result<Vec<Body>, Error> {
    let none = || lit(NULL).cast(DataType::String);
    let table = match ratings.authorities() {
        Some(table) => table.select(["authority", "name", "region"].map(col)),
        None => {
            let ids = ratings.lazy().group_by([col("authority")]).agg([]);
            ids.with_columns([none().alias("name"), none().alias("region")])
        }
    };
    let table = table.sort(["authority"], SortMultipleOptions::default()).collect()?;
    let text = |name: &str| -> Result<Vec<Option<String>>, Error> {
        Ok(table.column(name)?.str()?.iter().map(|t| t.map(str::to_owned)).collect())
    };
    let rows = text("authority")?.into_iter().zip(text("name")?).zip(text("region")?);
    Ok(rows.filter_map(|((id, name), region)| Some(Body { id: id?, name, region })).collect())
}

fn listed_peers(ratings: &Ratings, body: &str) -> Result<Vec<String>, Error> {
    let groups = ratings.peer_groups()?;
    let Some(list) = groups.iter().find_map(|g| groups.list(g.name())) else { return Ok(Vec::new()) };
    let own = list.filter(col(columns::AUTHORITY).eq(lit(body)));
    let own = own.sort([columns::PLACE], SortMultipleOptions::default()).collect()?;
    Ok(own.column(columns::NEIGHBOUR)?.str()?.iter().flatten().map(str::to_owned).collect())
}

/// The ids of the bodies asked for.
fn selected(
    history: Option<&RatingHistory>,
    ratings: &Ratings,
    bodies: &[Body],
    common: &Common,
) -> Result<Option<Vec<String>>, Error> {
    if common.authority.is_empty() && common.region.is_empty() && common.neighbours_of.is_none() {
        return Ok(None);
    }
    let mut regions: Vec<String> = bodies.iter().filter_map(|b| b.region.clone()).collect();
    regions.sort();
    regions.dedup();
    if regions.is_empty() && !common.region.is_empty() {
        let what = if common.columns.is_empty() { "these data" } else { "a CSV file" };
        return Err(refusal(format!("--region has no use: there is no region in {what}")));
    }
    let region = |text: &String| match history {
        Some(_) => Ok(text.parse::<Region>()?.code().to_owned()),
        None => chosen("region", text, &regions).cloned(),
    };
    let wanted = common.region.iter().map(region).collect::<Result<Vec<_>, Error>>()?;
    let find = |text: &String| match history {
        _ if text.trim().is_empty() => Err(refusal("a name or an id is empty")),
        Some(history) => Ok(history.find(text)?.code.to_string()),
        None => named(ratings, bodies, text),
    };
    let mut ids = common.authority.iter().map(find).collect::<Result<Vec<_>, Error>>()?;
    let mut met = HashSet::new();
    ids.retain(|id| met.insert(id.clone()));
    if ids.is_empty() {
        ids = bodies.iter().map(|b| b.id.clone()).collect();
    }
    if let Some(text) = &common.neighbours_of {
        let peers = listed_peers(ratings, &find(text)?)?;
        if peers.is_empty() {
            return Err(refusal(format!("the data list no neighbours of `{text}`")));
        }
        ids.retain(|id| peers.contains(id));
    }
    if !wanted.is_empty() {
        let regions = bodies.iter().map(|body| (body.id.as_str(), body.region.as_ref()));
        let regions: HashMap<&str, Option<&String>> = regions.collect();
        let of = |id: &String| regions.get(id.as_str()).copied().flatten();
        ids.retain(|id| of(id).is_some_and(|region| wanted.contains(region)));
    }
    Ok(Some(ids))
}

/// The id of the body that an id or a name means.
fn named(ratings: &Ratings, bodies: &[Body], text: &str) -> Result<String, Error> {
    let is = |known: &str| known.eq_ignore_ascii_case(text.trim());
    let mut same = bodies.iter().filter(|b| b.name.as_deref().is_some_and(is));
    let exact = bodies.iter().find(|b| b.id == text);
    if let Some(body) = exact.or_else(|| same.next().filter(|_| same.next().is_none())) {
        return Ok(body.id.clone());
    }
    let known = bodies.iter().flat_map(|b| [Some(b.id.as_str()), b.name.as_deref()]).flatten();
    let noun = ratings.words().body.one.clone();
    Err(Error::UnknownBody { noun, query: text.to_owned(), suggestions: nearest(text, known) })
}

/// Words that differ from the one given in case or spaces only, or begin like it.
fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let folded = text.trim().to_lowercase();
    let alike = |known: &&str| !folded.is_empty() && known.to_lowercase().starts_with(&folded);
    known.filter(alike).take(4).map(str::to_owned).collect()
}

/// A grade in the scale's words; Ofsted's in any spelling.
pub fn label(ratings: &Ratings, text: &str) -> String {
    match text.parse::<Grade>() {
        Ok(grade) if ratings.scale().rank(text).is_none() => grade.code().to_owned(),
        _ => text.to_owned(),
    }
}

/// What spells are to be set apart by.
#[derive(Args)]
pub struct Groups {
    /// First years of all periods but the first, for --by period [default: 2014,2018 for Ofsted's ratings]
    #[arg(long, value_name = "YEARS", value_delimiter = ',')]
    pub periods: Vec<i32>,
    /// What the events are about, for --by EVENT [default: children; of a kind that never is, any]
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
}

impl Groups {
    /// What `--by` means, and the ratings with the events that it asks for.
    pub fn apart(&self, ratings: Ratings, by: Option<&str>) -> Result<(Ratings, Option<Apart>), Error> {
        if !self.periods.is_empty() && by != Some("period") {
            return Err(refusal("--periods is only for --by period"));
        }
        let by = by.map(|by| apart(&ratings, by, &self.periods)).transpose()?;
        match (&by, &self.scope) {
            (Some(Apart::Event(kind)), scope) => Ok((about(ratings, kind, scope.as_deref())?, by)),
            (_, Some(scope)) => Err(refusal(format!("--scope `{scope}` is only for --by with a kind of event"))),
            (_, None) => Ok((ratings, by)),
        }
    }
}

/// The ratings with the events of a kind that are about what was asked for.
pub fn about(ratings: Ratings, kind: &str, scope: Option<&str>) -> Result<Ratings, Error> {
    let (Some(scope), Some(events)) = (scope, ratings.events()) else { return Ok(ratings) };
    let known = distinct(events.filter(col(columns::EVENT).eq(lit(kind))), columns::SCOPE)?;
    ratings.events_about(chosen("scope of such events", scope, &known)?)
}

/// A kind of event, the period in which spells began, or a column of the bodies.
fn apart(ratings: &Ratings, by: &str, periods: &[i32]) -> Result<Apart, Error> {
    let kind = match by.parse::<EventKind>() {
        Ok(kind) if is_ofsted(ratings) => Some(kind.code().to_owned()),
        _ => {
            let kinds = ratings.events().map_or(Ok(Vec::new()), |events| distinct(events, columns::EVENT))?;
            kinds.into_iter().find(|kind| kind == by)
        }
    };
    match (kind, by) {
        (Some(kind), _) => Ok(Apart::Event(kind)),
        (None, "period") if !periods.is_empty() => Ok(Apart::Period(periods.to_vec())),
        (None, "period") if is_ofsted(ratings) => Ok(Apart::Period(FRAMEWORK_YEARS.to_vec())),
        (None, "period") => {
            let expected = "also --periods with the first years of all periods but the first, as 2014,2018";
            Err(mistake("--by", by, expected))
        }
        (None, column) if ratings.authorities().is_none() => {
            let expected = "a column that `--groups COLUMN` names in your file, or one of a register (--register)";
            Err(mistake("--by", column, expected))
        }
        (None, column) => Ok(Apart::Column(column.to_owned())),
    }
}

/// The years with which the single inspection framework and ILACS begin: the former started in November 2013.
const FRAMEWORK_YEARS: [i32; 2] = [2014, 2018];
