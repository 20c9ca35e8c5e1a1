//! The validated collection: authorities, neighbours, inspections and events that fit together.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::authority::{by_part, name_key};
use super::pending::{Pending, still_pending};
use crate::error::Problems;
use crate::ofsted::{Area, Authority, AuthorityCode, Event, Framework, Inspection, ReportFacts};
use crate::{Error, Precision};

/// Ofsted's own lists, by their names in `official:...`.
const OFFICIAL: [(&str, &str); 4] = [
    ("ofsted-2023-underlying-data", "Ofsted: Children's social care in England 2023, underlying data"),
    ("ofsted-2024-la-outcomes", "Ofsted: Local authority inspection outcomes, list of 2024"),
    ("ofsted-2025-la-outcomes", "Ofsted: Local authority inspection outcomes as at 31 March 2025"),
    (
        "ofsted-2025-ilacs-history",
        "Ofsted: Local authority inspection outcomes as at 31 March 2025, ILACS inspection history",
    ),
];

/// Inspections of authorities over time, checked and ordered.
///
/// Inspections are ordered by authority, then effect date, publication and id. Two histories are equal when all
/// their facts are. Made by [`RatingHistory::builder`], by a reader in [`io`](crate::io), or from JSON, always
/// through the same checks:
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// let england = rating_history::ofsted::england()?;
/// let json = serde_json::to_string(&england).unwrap();
/// assert_eq!(serde_json::from_str::<rating_history::ofsted::RatingHistory>(&json).unwrap(), england);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "HistoryBuilder", into = "HistoryBuilder")]
pub struct RatingHistory {
    authorities: Vec<Authority>,
    neighbours: BTreeMap<AuthorityCode, Vec<AuthorityCode>>,
    inspections: Vec<Inspection>,
    events: Vec<Event>,
    report_facts: Box<ReportFacts>,
    cut_off: NaiveDate,
    /// The place of each former code's authority.
    former: BTreeMap<AuthorityCode, usize>,
    /// No part of the collection: in no file, and of no weight where two are compared.
    pub(super) pending: Vec<Pending>,
}

impl PartialEq for RatingHistory {
    fn eq(&self, other: &Self) -> bool {
        let parts = |h: &Self| (h.cut_off, h.inspections.len(), h.authorities.len(), h.events.len());
        parts(self) == parts(other)
            && self.authorities == other.authorities
            && self.neighbours == other.neighbours
            && self.inspections == other.inspections
            && self.events == other.events
            && self.report_facts == other.report_facts
    }
}

impl Eq for RatingHistory {}

/// Collects the parts of a [`RatingHistory`] and checks them together.
///
/// ```
/// use rating_history::ofsted::RatingHistory;
/// assert!(RatingHistory::builder().build().is_err()); // no inspection, no cut-off
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryBuilder {
    authorities: Vec<Authority>,
    neighbours: BTreeMap<AuthorityCode, Vec<AuthorityCode>>,
    inspections: Vec<Inspection>,
    events: Vec<Event>,
    #[serde(default, skip_serializing_if = "ReportFacts::is_empty")]
    report_facts: ReportFacts,
    cut_off: Option<NaiveDate>,
    #[serde(skip)]
    pending: Vec<Pending>,
}

impl RatingHistory {
    /// An empty collection to fill.
    pub fn builder() -> HistoryBuilder {
        HistoryBuilder::default()
    }

    /// The parts again, to change and rebuild.
    pub fn into_builder(self) -> HistoryBuilder {
        self.into()
    }

    /// The authorities, ordered by code.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The inspections, ordered by authority, effect date, publication, id.
    pub fn inspections(&self) -> &[Inspection] {
        &self.inspections
    }

    /// The events, ordered by authority and start.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What reports and letters say beside grades; empty where nothing is known of it.
    pub fn report_facts(&self) -> &ReportFacts {
        &self.report_facts
    }

    /// The day to which the collection is complete; the default as-of date of every query.
    pub fn cut_off(&self) -> NaiveDate {
        self.cut_off
    }

    /// The code that an authority has now, by that or a former one.
    fn current<'a>(&'a self, code: &'a AuthorityCode) -> &'a AuthorityCode {
        self.authority(code).map_or(code, |a| &a.code)
    }

    /// The statistical neighbours of the authority with this code, now or formerly, most alike first; empty where none are
    /// known.
    pub fn neighbours(&self, code: &AuthorityCode) -> &[AuthorityCode] {
        let code = self.current(code);
        self.neighbours.get(code).map_or(&[], Vec::as_slice)
    }

    /// Every authority that has neighbours, with them.
    pub fn all_neighbours(&self) -> impl Iterator<Item = (&AuthorityCode, &[AuthorityCode])> {
        self.neighbours.iter().map(|(code, n)| (code, n.as_slice()))
    }

    /// The events of the authority with this code, now or formerly, in order of their start.
    pub fn events_of(&self, code: &AuthorityCode) -> impl Iterator<Item = &Event> + use<'_> {
        let code = self.current(code);
        let from = self.events.partition_point(|e| e.authority < *code);
        let to = self.events.partition_point(|e| e.authority <= *code);
        self.events[from..to].iter()
    }

    /// The authority with this code, now or formerly.
    pub fn authority(&self, code: &AuthorityCode) -> Option<&Authority> {
        let current = self.authorities.binary_search_by(|a| a.code.cmp(code)).ok();
        current.or_else(|| self.former.get(code).copied()).and_then(|place| self.authorities.get(place))
    }

    /// An authority by name, code, former code or DfE's number of three digits. Case, punctuation, "&" for "and" and
    /// words such as "Borough Council" do not matter; a word or a beginning that only one name has will do.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// assert_eq!(england.find("bournemouth christchurch & poole")?.code.as_str(), "E06000058");
    /// assert_eq!(england.find("E08000016")?.name, "Barnsley"); // a former code
    /// assert_eq!(england.find("Hull")?.name, "Kingston upon Hull");
    /// assert_eq!(england.find("871")?.name, "Slough");
    /// let error = england.find("Slow").unwrap_err();
    /// assert!(error.to_string().contains("Slough"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownBody`], with the names most alike.
    pub fn find(&self, name_or_code: &str) -> Result<&Authority, Error> {
        let query = name_or_code.trim();
        if let Ok(code) = AuthorityCode::new(query.to_uppercase())
            && let Some(authority) = self.authority(&code)
        {
            return Ok(authority);
        }
        if let Ok(number) = query.parse::<u16>()
            && let Some(authority) = self.authorities.iter().find(|a| a.la_code == Some(number))
        {
            return Ok(authority);
        }
        let exact = self.authorities.iter().find(|a| a.name.eq_ignore_ascii_case(query));
        let key = name_key(query);
        let mut same_key = self.authorities.iter().filter(|a| name_key(&a.name) == key);
        if let Some(found) = exact.or_else(|| same_key.next().filter(|_| same_key.next().is_none())) {
            return Ok(found);
        }
        if let Some(found) = by_part(&self.authorities, &key) {
            return Ok(found);
        }
        let mut scored: Vec<(f64, &Authority)> = self
            .authorities
            .iter()
            .map(|a| {
                let name = name_key(&a.name);
                let contains = !key.is_empty() && name.contains(&key);
                (if contains { 1.0 } else { strsim::jaro_winkler(&name, &key) }, a)
            })
            .filter(|(score, _)| *score >= 0.8)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        Err(Error::UnknownBody {
            noun: "authority".to_owned(),
            query: query.to_owned(),
            suggestions: scored.into_iter().take(4).map(|(_, a)| a.name.clone()).collect(),
        })
    }

    /// The source of an inspection as people know it: a report's address; for `prior:ID` that of the later report that
    /// states the facts; for `official:...` Ofsted's statistics by name; of a visit's `letter:URN/DAY` Ofsted's letter of that
    /// day.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// let stated = england.source_of("official:ofsted-2023-underlying-data");
    /// assert_eq!(stated, "Ofsted: Children's social care in England 2023, underlying data");
    /// let later = england.source_of("prior:slough-2019-02-01-ilacs");
    /// assert!(later.starts_with("a later report: https://"), "{later}");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn source_of(&self, source: &str) -> String {
        if let Some(name) = source.strip_prefix("official:") {
            let known = OFFICIAL.iter().find(|(known, _)| *known == name).map(|(_, called)| (*called).to_owned());
            let plain = || name.strip_prefix("ofsted-").unwrap_or(name).replace('-', " ");
            return known.unwrap_or_else(|| format!("Ofsted's official statistics ({})", plain()));
        }
        if let Some(name) = source.strip_prefix("unchecked:") {
            return format!("a list that nobody has checked ({name})");
        }
        if let Some((urn, day)) = source.strip_prefix("letter:").and_then(|letter| letter.split_once('/')) {
            let day = day.parse::<NaiveDate>().map_or_else(|_| day.to_owned(), |day| Precision::Day.write(day));
            return format!("Ofsted's letter of {day}, under number {urn} at reports.ofsted.gov.uk");
        }
        if let Some(address) = source.strip_prefix("report:") {
            return format!("a later report: {address}");
        }
        let Some(id) = source.strip_prefix("prior:") else { return source.to_owned() };
        match self.inspections.iter().find(|i| i.id == id && !i.source.starts_with("prior:")) {
            Some(later) => format!("a later report: {}", self.source_of(&later.source)),
            None => "a later report".to_owned(),
        }
    }

    /// The inspections of the authority with this code, now or formerly, in order of effect date; none of a code that no
    /// authority has.
    pub fn inspections_of(&self, code: &AuthorityCode) -> &[Inspection] {
        let code = self.current(code);
        let from = self.inspections.partition_point(|i| i.authority < *code);
        let to = self.inspections.partition_point(|i| i.authority <= *code);
        &self.inspections[from..to]
    }
}

impl From<RatingHistory> for HistoryBuilder {
    fn from(h: RatingHistory) -> Self {
        HistoryBuilder {
            authorities: h.authorities,
            neighbours: h.neighbours,
            inspections: h.inspections,
            events: h.events,
            report_facts: *h.report_facts,
            cut_off: Some(h.cut_off),
            pending: h.pending,
        }
    }
}

impl TryFrom<HistoryBuilder> for RatingHistory {
    type Error = Error;
    fn try_from(builder: HistoryBuilder) -> Result<Self, Error> {
        builder.build()
    }
}

impl HistoryBuilder {
    /// Adds authorities.
    pub fn authorities(mut self, authorities: impl IntoIterator<Item = Authority>) -> Self {
        self.authorities.extend(authorities);
        self
    }

    /// Sets the statistical neighbours of an authority, most alike first.
    pub fn neighbours(mut self, code: AuthorityCode, neighbours: Vec<AuthorityCode>) -> Self {
        self.neighbours.insert(code, neighbours);
        self
    }

    /// Adds inspections.
    pub fn inspections(mut self, inspections: impl IntoIterator<Item = Inspection>) -> Self {
        self.inspections.extend(inspections);
        self
    }

    /// Takes all inspections out.
    pub fn without_inspections(mut self) -> Self {
        self.inspections.clear();
        self
    }

    /// Adds events.
    pub fn events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        self
    }

    /// Sets what reports and letters say beside grades.
    pub fn report_facts(mut self, facts: ReportFacts) -> Self {
        self.report_facts = facts;
        self
    }

    /// Sets the day to which the collection is complete. Default: the latest day on which a judgement of the
    /// collection became known.
    pub fn cut_off(mut self, date: NaiveDate) -> Self {
        self.cut_off = Some(date);
        self
    }

    /// Sets the inspections that are known to have been made while their grades are not.
    #[cfg(feature = "dataset")]
    pub(super) fn pending(mut self, pending: Vec<Pending>) -> Self {
        self.pending = pending;
        self
    }

    /// Checks everything and orders it. Former codes in inspections, events and neighbours become current ones.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every broken rule: codes and names used twice, unknown authorities, dates outside an
    /// authority's life, areas or kinds a framework lacks, an area judged twice, combined and split care grades
    /// together, two inspections under one framework on one day that contradict each other, reversed events; visits outside
    /// an authority's life or with a topic that their kind has not; improvements of unknown or unread inspections, with
    /// unknown topics or areas that the framework lacks.
    pub fn build(mut self) -> Result<RatingHistory, Error> {
        let mut problems = Problems::default();
        self.authorities.sort_by(|a, b| a.code.cmp(&b.code));
        let current = check_authorities(&self.authorities, &mut problems);
        self.use_current_codes(&current, &mut problems);
        let by_code: HashMap<&AuthorityCode, &Authority> = self.authorities.iter().map(|a| (&a.code, a)).collect();
        self.inspections.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut ids = HashSet::new();
        for inspection in &self.inspections {
            if inspection.id.trim().is_empty() || !ids.insert(inspection.id.as_str()) {
                problems.add(&inspection.id, "inspection_id", &inspection.id, "an id, each used once");
            }
            check_inspection(inspection, by_code.get(&inspection.authority).copied(), &mut problems);
        }
        for pair in self.inspections.windows(2) {
            let key = |i: &Inspection| (i.authority.clone(), i.framework, i.dates.effect());
            if key(&pair[0]) != key(&pair[1]) {
                continue;
            }
            for judgement in &pair[1].judgements {
                let other = pair[0].grade(judgement.area);
                if let (Some(grade), Some(other)) = (judgement.grade, other)
                    && grade != other
                {
                    let expected = format!("{}, as {} has it for the same day", other.code(), pair[0].id);
                    problems.add(&pair[1].id, "area", format!("{} {}", judgement.area.code(), grade.code()), expected);
                }
            }
        }
        for event in &self.events {
            if let Some(end) = event.end.filter(|end| *end < event.start) {
                let expected = format!("a day not before the start, {}", event.start);
                problems.add(event.authority.as_str(), "end_date", end, expected);
            }
        }
        self.events
            .sort_by(|a, b| (&a.authority, a.start, a.kind, &a.label).cmp(&(&b.authority, b.start, b.kind, &b.label)));
        self.report_facts.order_and_check(&self.inspections, &by_code, &mut problems);
        let latest = self.inspections.iter().map(|i| i.dates.known().max(i.dates.effect())).max();
        let Some(cut_off) = self.cut_off.or(latest) else {
            problems.add("", "cut_off", "", "a cut-off date, or at least one inspection");
            return Err(Error::Invalid(problems));
        };
        problems.into_result()?;
        let codes =
            |(place, a): (usize, &Authority)| a.former_codes.iter().map(|c| (c.clone(), place)).collect::<Vec<_>>();
        Ok(RatingHistory {
            former: self.authorities.iter().enumerate().flat_map(codes).collect(),
            pending: still_pending(self.pending, &self.inspections),
            authorities: self.authorities,
            neighbours: self.neighbours,
            inspections: self.inspections,
            events: self.events,
            report_facts: Box::new(self.report_facts),
            cut_off,
        })
    }

    fn use_current_codes(&mut self, current: &HashMap<AuthorityCode, AuthorityCode>, problems: &mut Problems) {
        let mut resolve = |code: &mut AuthorityCode, record: &str, column: &str| match current.get(code) {
            Some(now) => code.clone_from(now),
            None => problems.add(record, column, code.as_str(), "the code of a known authority"),
        };
        for inspection in &mut self.inspections {
            resolve(&mut inspection.authority, &inspection.id, "gss_code");
        }
        for event in &mut self.events {
            let record = event.authority.to_string();
            resolve(&mut event.authority, &record, "gss_code");
        }
        for visit in &mut self.report_facts.visits {
            resolve(&mut visit.authority, &visit.id, "gss_code");
        }
        let mut neighbours: BTreeMap<AuthorityCode, Vec<AuthorityCode>> = BTreeMap::new();
        for (mut code, mut list) in std::mem::take(&mut self.neighbours) {
            let record = code.to_string();
            resolve(&mut code, &record, "gss_code");
            for neighbour in &mut list {
                resolve(neighbour, &record, "neighbour_gss_code");
            }
            neighbours.entry(code).or_default().extend(list);
        }
        for (code, list) in &neighbours {
            for (i, neighbour) in list.iter().enumerate() {
                if neighbour == code || list[..i].contains(neighbour) {
                    let expected = "another authority, each once";
                    problems.add(code.as_str(), "neighbour_gss_code", neighbour.as_str(), expected);
                }
            }
        }
        self.neighbours = neighbours;
    }
}

fn order(i: &Inspection) -> (&AuthorityCode, NaiveDate, Option<NaiveDate>, &str) {
    (&i.authority, i.dates.effect(), i.dates.published(), &i.id)
}

/// Checks the authorities; returns every code, current or former, with the current one.
fn check_authorities(authorities: &[Authority], problems: &mut Problems) -> HashMap<AuthorityCode, AuthorityCode> {
    let mut current = HashMap::new();
    let mut names = HashSet::new();
    for authority in authorities {
        let record = authority.code.as_str();
        if authority.name.trim().is_empty() || !names.insert(authority.name.to_lowercase()) {
            problems.add(record, "name", &authority.name, "a name, each used once");
        }
        for code in std::iter::once(&authority.code).chain(&authority.former_codes) {
            if current.insert(code.clone(), authority.code.clone()).is_some() {
                problems.add(record, "gss_code", code.as_str(), "a code, current or former, used once");
            }
        }
        if let (Some(opened), Some(closed)) = (authority.opened, authority.closed)
            && closed <= opened
        {
            problems.add(record, "closed", closed, format!("a day after it opened, {opened}"));
        }
    }
    for authority in authorities {
        for successor in &authority.successors {
            if !current.contains_key(successor) {
                problems.add(
                    authority.code.as_str(),
                    "successors",
                    successor.as_str(),
                    "the code of a known authority",
                );
            }
        }
    }
    current
}

fn check_inspection(inspection: &Inspection, authority: Option<&Authority>, problems: &mut Problems) {
    let Inspection { id, framework, dates, judgements, .. } = inspection;
    let effect = dates.effect();
    if let Some(authority) = authority
        && !authority.exists_on(effect)
    {
        let expected = format!("a day in the life of {}", authority.name);
        problems.add(id, "end_date", effect, expected);
    }
    if !framework.kinds().contains(&inspection.kind) {
        let kinds: Vec<&str> = framework.kinds().iter().map(|k| k.code()).collect();
        problems.add(id, "kind", inspection.kind.code(), format!("{} under {framework}", kinds.join(" or ")));
    }
    if judgements.is_empty() {
        problems.add(id, "area", "", "at least one judgement");
    }
    for (i, judgement) in judgements.iter().enumerate() {
        let area = judgement.area;
        if !framework.areas().contains(&area) {
            let areas: Vec<&str> = framework.areas().iter().map(|a| a.code()).collect();
            problems.add(id, "area", area.code(), format!("one of {} under {framework}", areas.join(", ")));
        }
        if judgements[..i].iter().any(|j| j.area == area) {
            problems.add(id, "area", area.code(), "each area once in an inspection");
        }
    }
    if *framework == Framework::Ilacs {
        let has = |area| judgements.iter().any(|j| j.area == area);
        let split = has(Area::InCare) || has(Area::CareLeavers);
        if split && has(Area::InCareAndCareLeavers) {
            let expected = "either one grade for care and care leavers or two, not both";
            problems.add(id, "area", Area::InCareAndCareLeavers.code(), expected);
        } else if split && dates.begun() < FIRST_SPLIT {
            let expected = "in_care_and_care_leavers before January 2023";
            problems.add(id, "area", Area::InCare.code(), expected);
        }
    }
}

/// ILACS judges care and care leavers apart where fieldwork began on this day or later.
pub(crate) const FIRST_SPLIT: NaiveDate = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
