//! Two versions of a history: what differs, and one made of both.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::code::coded_enum;
use crate::ofsted::report_facts::Told;
use crate::ofsted::{Authority, AuthorityCode, Dates, Event, Framework, Inspection, RatingHistory};
use crate::{Error, Precision};

coded_enum! {
    /// How a fact differs between two versions.
    enum Change: "change" {
        /// Only the newer version has it.
        Added = "added" / "added",
        /// Only the older version has it.
        Removed = "removed" / "removed",
        /// Both have it, otherwise.
        Changed = "changed" / "changed",
    }
}

coded_enum! {
    /// Whose facts count where two versions say different things.
    enum Precedence: "precedence" {
        /// What is there stays; the update fills gaps and adds.
        Base = "base" / "base",
        /// The update corrects what is there.
        Update = "update" / "update",
    }
}

/// One fact that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// How.
    pub change: Change,
    /// The authority; `E92000001`, the code of England, for facts about no single one, as a topic.
    pub authority: AuthorityCode,
    /// The inspection's id (the newer one's, where both have it); empty for facts that are about no inspection.
    pub inspection: String,
    /// What differs: `inspection`, `leadership` (an area's grade), `published`, `event`, `neighbours`, `name`, `visit`,
    /// `improvement`, `self_assessment`, ...
    pub what: String,
    /// The older version's value.
    pub old: Option<String>,
    /// The newer version's value.
    pub new: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let record = if self.inspection.is_empty() { self.authority.as_str() } else { &self.inspection };
        let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{record}: {} {}: {} -> {}", self.what, self.change, value(&self.old), value(&self.new))
    }
}

/// The named facts of a record, those that are stated.
type Facts = BTreeMap<&'static str, String>;

fn put(facts: &mut Facts, name: &'static str, value: Option<impl ToString>) {
    if let Some(value) = value.map(|v| v.to_string()).filter(|v| !v.is_empty()) {
        facts.insert(name, value);
    }
}

fn inspection_facts(i: &Inspection) -> Facts {
    let mut facts = Facts::new();
    put(&mut facts, "gss_code", Some(&i.authority));
    put(&mut facts, "framework", Some(i.framework.code()));
    put(&mut facts, "kind", Some(i.kind.code()));
    put(&mut facts, "start_date", i.dates.start());
    put(&mut facts, "end_date", i.dates.end());
    put(&mut facts, "published", i.dates.published());
    put(&mut facts, "date_precision", Some(i.dates.precision().code()));
    put(&mut facts, "source", Some(&i.source));
    put(&mut facts, "also", Some(&i.also));
    for judgement in &i.judgements {
        let grade = judgement.grade.map_or("not_judged", |g| i.framework.grade_code(g));
        put(&mut facts, judgement.area.code(), Some(grade));
    }
    facts
}

fn authority_facts(history: &RatingHistory, codes: &Codes, code: &AuthorityCode) -> Facts {
    let mut facts = Facts::new();
    let Some(a) = history.authorities().iter().find(|a| codes.of(&a.code) == code) else { return facts };
    let list = |codes: &[AuthorityCode]| codes.iter().map(AuthorityCode::as_str).collect::<Vec<_>>().join(";");
    put(&mut facts, "gss_code", Some(&a.code));
    put(&mut facts, "name", Some(&a.name));
    put(&mut facts, "la_code", a.la_code);
    put(&mut facts, "urn", a.urn);
    put(&mut facts, "region", Some(a.region.code()));
    put(&mut facts, "type", Some(a.authority_type.code()));
    put(&mut facts, "opened", a.opened);
    put(&mut facts, "closed", a.closed);
    put(&mut facts, "successors", Some(list(&a.successors)));
    put(&mut facts, "former_codes", Some(list(&a.former_codes)));
    put(&mut facts, "neighbours", Some(list(history.neighbours(&a.code))));
    facts
}

/// The codes of two histories, and what each has become: that of an authority under which one of them has it.
pub(super) struct Codes(HashMap<AuthorityCode, AuthorityCode>);

impl Codes {
    /// The authorities of two histories as one list, by the facts of the first, and the codes that they go by.
    pub(super) fn joined(first: &RatingHistory, second: &RatingHistory) -> (Vec<Authority>, Codes) {
        let mut list = first.authorities().to_vec();
        let all = |a: &Authority| -> Vec<AuthorityCode> {
            std::iter::once(&a.code).chain(&a.former_codes).cloned().collect()
        };
        for other in second.authorities() {
            let codes = all(other);
            let Some(own) = list.iter_mut().find(|a| all(a).iter().any(|code| codes.contains(code))) else {
                list.push(other.clone());
                continue;
            };
            let mut former = all(own);
            // A code that either calls a former one has been given up.
            if other.former_codes.contains(&own.code) {
                own.code = other.code.clone();
            }
            former.extend(codes.into_iter().filter(|code| !own.former_codes.contains(code)));
            let mut met = HashSet::from([own.code.clone()]);
            former.retain(|code| met.insert(code.clone()));
            own.former_codes = former;
            own.la_code = own.la_code.or(other.la_code);
            own.urn = own.urn.or(other.urn);
            (own.opened, own.closed) = (own.opened.or(other.opened), own.closed.or(other.closed));
            if own.successors.is_empty() {
                own.successors.clone_from(&other.successors);
            }
        }
        let pairs = list.iter().flat_map(|a| all(a).into_iter().map(|code| (code, a.code.clone())));
        let codes = Codes(pairs.collect());
        for authority in &mut list {
            authority.successors.iter_mut().for_each(|code| *code = codes.of(code).clone());
        }
        (list, codes)
    }

    /// What a code has become.
    pub(super) fn of<'a>(&'a self, code: &'a AuthorityCode) -> &'a AuthorityCode {
        self.0.get(code).unwrap_or(code)
    }
}

/// For each inspection of `newer` the one of `older` that it is a version of: by id, else by authority and framework with
/// the day on which it takes effect, or else that on which it began or was published, where these name one in each.
pub(super) fn matches<'a>(
    older: &'a RatingHistory,
    newer: &'a RatingHistory,
    codes: &Codes,
) -> HashMap<&'a str, &'a Inspection> {
    let by_id: HashMap<&str, &Inspection> = older.inspections().iter().map(|i| (i.id.as_str(), i)).collect();
    let kept: HashSet<&str> = newer.inspections().iter().map(|i| i.id.as_str()).collect();
    let mut left: HashMap<_, Vec<&Inspection>> = HashMap::new();
    for inspection in older.inspections().iter().filter(|i| !kept.contains(i.id.as_str())) {
        left.entry((codes.of(&inspection.authority), inspection.framework)).or_default().push(inspection);
    }
    let mut pairs: HashMap<&str, &Inspection> = HashMap::new();
    for new in newer.inspections() {
        if let Some(old) = by_id.get(new.id.as_str()) {
            pairs.insert(&new.id, old);
        }
    }
    let same = |a: Option<NaiveDate>, b: Option<NaiveDate>| a.is_some() && a == b;
    let rules: [fn(&Dates) -> Option<NaiveDate>; 3] = [|d| Some(d.effect()), Dates::start, Dates::published];
    let mut taken: HashSet<&str> = HashSet::new();
    for day in rules {
        for new in newer.inspections() {
            if pairs.contains_key(new.id.as_str()) {
                continue;
            }
            let candidates = left.get(&(codes.of(&new.authority), new.framework)).into_iter().flatten();
            let alike: Vec<&&Inspection> = candidates
                .filter(|old| !taken.contains(old.id.as_str()) && same(day(&old.dates), day(&new.dates)))
                .collect();
            if let [old] = alike.as_slice() {
                taken.insert(&old.id);
                pairs.insert(&new.id, old);
            }
        }
    }
    pairs
}

impl RatingHistory {
    /// What a newer version says otherwise, authority by authority: inspections added and removed, facts of inspections
    /// changed (two inspections of one authority and framework with one day of effect, start or publication are one, whatever
    /// their ids, and an authority is one under its former codes), then facts of authorities, their events, and what reports
    /// and letters say beside grades. Of a table of these that one version does not have, one difference says how many rows
    /// the other has: without it nothing is known. The cut-off is no fact.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// let mut inspections = england.inspections().to_vec();
    /// let mut last = inspections.pop().unwrap();
    /// last.source = "https://example.org".into();
    /// let newer = england.clone().into_builder().without_inspections().inspections(inspections);
    /// let newer = newer.inspections([last]).build()?;
    /// let differences = england.differences(&newer);
    /// assert_eq!((differences.len(), differences[0].what.as_str()), (1, "source"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn differences(&self, newer: &RatingHistory) -> Vec<Difference> {
        let mut found = Vec::new();
        let (_, codes) = Codes::joined(self, newer);
        let pairs = matches(self, newer, &codes);
        let matched: HashSet<&str> = pairs.values().map(|old| old.id.as_str()).collect();
        for old in self.inspections().iter().filter(|old| !matched.contains(old.id.as_str())) {
            let facts = (inspection_facts(old), Facts::new());
            found.extend(whole(&old.authority, &old.id, "inspection", facts));
        }
        for new in newer.inspections() {
            let facts = inspection_facts(new);
            match pairs.get(new.id.as_str()) {
                Some(old) => found.extend(differing(&new.authority, &new.id, &inspection_facts(old), &facts)),
                None => found.extend(whole(&new.authority, &new.id, "inspection", (Facts::new(), facts))),
            }
        }
        let all: HashSet<&AuthorityCode> =
            self.authorities().iter().chain(newer.authorities()).map(|a| codes.of(&a.code)).collect();
        for code in all {
            let facts = [self, newer].map(|history| authority_facts(history, &codes, code));
            found.extend(differing(code, "", &facts[0], &facts[1]));
            let events = |history: &RatingHistory| -> Vec<String> {
                let own = history.events().iter().filter(|e| codes.of(&e.authority) == code);
                own.map(event_line).collect()
            };
            let (old, new) = (events(self), events(newer));
            let mut event = |change, old, new| {
                let what = "event".to_owned();
                found.push(Difference { change, authority: code.clone(), inspection: String::new(), what, old, new });
            };
            old.iter().filter(|e| !new.contains(e)).for_each(|e| event(Change::Removed, Some(e.clone()), None));
            new.iter().filter(|e| !old.contains(e)).for_each(|e| event(Change::Added, None, Some(e.clone())));
        }
        let renamed: HashMap<&str, &str> = pairs.iter().map(|(new, old)| (old.id.as_str(), *new)).collect();
        found.extend(in_reports(self, newer, &|id: &str| renamed.get(id).map_or(id, |new| *new).to_owned()));
        found.sort_by(|a, b| (&a.authority, &a.inspection, &a.what).cmp(&(&b.authority, &b.inspection, &b.what)));
        found
    }

    /// This history with an update: what only one of them has is kept; where both state a fact, `precedence` says whose
    /// counts, and what the preferred one does not state is filled from the other. Nothing is removed. With the same
    /// update again nothing changes. The later cut-off counts.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the two do not fit together, with every broken rule.
    pub fn merge(&self, update: &RatingHistory, precedence: Precedence) -> Result<RatingHistory, Error> {
        let (first, second) = match precedence {
            Precedence::Base => (self, update),
            Precedence::Update => (update, self),
        };
        let (authorities, codes) = Codes::joined(first, second);
        let pairs = matches(self, update, &codes);
        let mut merged: BTreeMap<&str, Inspection> =
            self.inspections().iter().map(|i| (i.id.as_str(), i.clone())).collect();
        for new in update.inspections() {
            match pairs.get(new.id.as_str()) {
                // The id that is there stays, so that others may go on pointing to it.
                Some(old) => {
                    let both = match precedence {
                        Precedence::Base => filled(old, new),
                        Precedence::Update => filled(new, old),
                    };
                    merged.insert(&old.id, Inspection { id: old.id.clone(), ..both });
                }
                None => _ = merged.insert(&new.id, new.clone()),
            }
        }
        let mut builder = RatingHistory::builder()
            .authorities(authorities)
            .inspections(merged.into_values())
            .cut_off(self.cut_off().max(update.cut_off()));
        for history in [second, first] {
            for (code, list) in history.all_neighbours() {
                let list = list.iter().map(|code| codes.of(code).clone()).collect();
                builder = builder.neighbours(codes.of(code).clone(), list);
            }
        }
        let mut events: Vec<Event> = Vec::new();
        for event in first.events().iter().chain(second.events()) {
            let event = Event { authority: codes.of(&event.authority).clone(), ..event.clone() };
            let same = |other: &Event| {
                (&other.authority, other.kind, other.scope, other.start, &other.label)
                    == (&event.authority, event.kind, event.scope, event.start, &event.label)
            };
            if !events.iter().any(same) {
                events.push(event);
            }
        }
        let kept = |id: &str| pairs.get(id).map_or(id, |old| old.id.as_str()).to_owned();
        let (base, update) = (self.report_facts(), update.report_facts().with_ids(&kept));
        let as_it_is = |id: &str| id.to_owned();
        let facts = match precedence {
            Precedence::Base => base.merged(&update, &as_it_is),
            Precedence::Update => update.merged(base, &as_it_is),
        };
        builder.events(events).report_facts(facts).build()
    }

    /// What of this history an update no longer has: inspections under its frameworks within its days, and events where it
    /// has any. A merge keeps them.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// let inspections = england.inspections().iter().filter(|i| i.id != "slough-2019-02-01-ilacs").cloned();
    /// let update = england.clone().into_builder().without_inspections().inspections(inspections).build()?;
    /// let only_here = england.missing_in(&update);
    /// assert_eq!((only_here.len(), only_here[0].inspection.as_str()), (1, "slough-2019-02-01-ilacs"));
    /// assert_eq!(england.without_missing(&update)?.merge(&update, rating_history::ofsted::Precedence::Base)?, update);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn missing_in(&self, update: &RatingHistory) -> Vec<Difference> {
        let gone: HashSet<&str> = self.gone(update).into_iter().map(|i| i.id.as_str()).collect();
        let events = !update.events().is_empty();
        let found = self.differences(update).into_iter().filter(|d| d.change == Change::Removed);
        found
            .filter(|d| d.what == "inspection" && gone.contains(d.inspection.as_str()) || d.what == "event" && events)
            .collect()
    }

    /// This history without the inspections that an update [no longer has](RatingHistory::missing_in), as its publisher has
    /// withdrawn them.
    ///
    /// # Errors
    /// [`Error::Invalid`] as of any history.
    pub fn without_missing(&self, update: &RatingHistory) -> Result<RatingHistory, Error> {
        let gone: HashSet<&str> = self.gone(update).into_iter().map(|i| i.id.as_str()).collect();
        let kept: Vec<Inspection> =
            self.inspections().iter().filter(|i| !gone.contains(i.id.as_str())).cloned().collect();
        let facts = self.report_facts().clone().only_of(&|id| !gone.contains(id));
        self.clone().into_builder().without_inspections().inspections(kept).report_facts(facts).build()
    }

    /// The inspections under the frameworks of an update, within its days, that it does not have.
    pub(super) fn gone(&self, update: &RatingHistory) -> Vec<&Inspection> {
        let (_, codes) = Codes::joined(self, update);
        let matched: HashSet<&str> = matches(self, update, &codes).values().map(|old| old.id.as_str()).collect();
        let mut days: BTreeMap<Framework, (NaiveDate, NaiveDate)> = BTreeMap::new();
        for inspection in update.inspections() {
            let day = inspection.dates.effect();
            let (first, last) = days.entry(inspection.framework).or_insert((day, day));
            (*first, *last) = (day.min(*first), day.max(*last));
        }
        let is_told = |i: &&Inspection| {
            days.get(&i.framework).is_some_and(|(first, last)| (*first..=*last).contains(&i.dates.known()))
        };
        self.inspections().iter().filter(is_told).filter(|i| !matched.contains(i.id.as_str())).collect()
    }
}

/// An event in one line, with its days as far as they are known.
fn event_line(e: &Event) -> String {
    let told = |day: NaiveDate| match e.precision {
        Precision::Day => day.to_string(),
        Precision::Month => format!("{} (month)", day.format("%Y-%m")),
        Precision::Year => format!("{} (year)", day.format("%Y")),
    };
    let end = e.end.map(|end| format!(" to {}", told(end))).unwrap_or_default();
    format!("{} {} {}{end} {} {}", e.kind.code(), e.scope.code(), told(e.start), e.label, e.source)
}

/// What reports and letters say otherwise beside grades; `renamed` gives the newer id of an older inspection.
fn in_reports(older: &RatingHistory, newer: &RatingHistory, renamed: &dyn Fn(&str) -> String) -> Vec<Difference> {
    let whose: HashMap<&str, &AuthorityCode> = [older, newer]
        .into_iter()
        .flat_map(|history| history.inspections().iter().map(|i| (i.id.as_str(), &i.authority)))
        .collect();
    let authority_of = |id: &str| whose.get(id).map(|code| (*code).clone());
    let old = older.report_facts().with_ids(renamed).told(&authority_of);
    let new = newer.report_facts().told(&authority_of);
    let england = || AuthorityCode::new("E92000001").expect("the code of England");
    let rows = |told: &[Told]| {
        let mut rows: BTreeMap<&'static str, usize> = BTreeMap::new();
        told.iter().for_each(|fact| *rows.entry(fact.what).or_default() += 1);
        rows
    };
    let (rows_before, rows_now) = (rows(&old), rows(&new));
    let in_both = |what: &str| rows_before.contains_key(what) && rows_now.contains_key(what);
    let mut found = Vec::new();
    let whats: BTreeSet<&str> = rows_before.keys().chain(rows_now.keys()).copied().collect();
    for what in whats.into_iter().filter(|what| !in_both(what)) {
        let told =
            |rows: &BTreeMap<&str, usize>| rows.get(what).map(|n| format!("{n} row{}", if *n == 1 { "" } else { "s" }));
        let (old, new) = (told(&rows_before), told(&rows_now));
        let change = if new.is_some() { Change::Added } else { Change::Removed };
        let (inspection, what) = (String::new(), what.to_owned());
        found.push(Difference { change, authority: england(), inspection, what, old, new });
    }
    fn by_key(told: &[Told]) -> HashMap<(&str, &str), &Told> {
        told.iter().map(|fact| ((fact.what, fact.key.as_str()), fact)).collect()
    }
    let (before, now) = (by_key(&old), by_key(&new));
    let mut differ = |change, fact: &Told, old: Option<&Told>, new: Option<&Told>| {
        let text = |fact: Option<&Told>| fact.map(|fact| fact.text.clone());
        found.push(Difference {
            change,
            authority: fact.authority.clone().unwrap_or_else(england),
            inspection: fact.inspection.clone(),
            what: fact.what.to_owned(),
            old: text(old),
            new: text(new),
        });
    };
    for fact in new.iter().filter(|fact| in_both(fact.what)) {
        match before.get(&(fact.what, fact.key.as_str())) {
            None => differ(Change::Added, fact, None, Some(fact)),
            Some(old) if old.text != fact.text => differ(Change::Changed, fact, Some(old), Some(fact)),
            Some(_) => {}
        }
    }
    for fact in old.iter().filter(|fact| in_both(fact.what)) {
        if !now.contains_key(&(fact.what, fact.key.as_str())) {
            differ(Change::Removed, fact, Some(fact), None);
        }
    }
    found
}

/// One inspection's facts, and where it has none, another's.
fn filled(first: &Inspection, second: &Inspection) -> Inspection {
    let text = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
    let (a, b) = (first.dates, second.dates);
    let same_precision = a.precision() == b.precision();
    let dates =
        Dates::new(a.start().or(b.start()), a.end().or(b.end()), a.published().or(b.published()), a.precision());
    // A day filled in must not move the judgement, unless it is the end of fieldwork, which was not known.
    let moves = |dates: &Dates| dates.effect() != a.effect() && a.end().is_some();
    let dates = dates.ok().filter(|dates| same_precision && !moves(dates)).unwrap_or(a);
    let mut judgements = first.judgements.clone();
    if first.framework == second.framework {
        let lacks = |area| first.judgements.iter().all(|j| j.area != area);
        judgements.extend(second.judgements.iter().filter(|j| lacks(j.area)));
    }
    let (source, also) = (text(&first.source, &second.source), text(&first.also, &second.also));
    Inspection { dates, judgements, source, also, ..first.clone() }
}

/// A record that only one version has, with its facts in one line.
fn whole(authority: &AuthorityCode, inspection: &str, what: &str, (old, new): (Facts, Facts)) -> Option<Difference> {
    let line = |facts: &Facts| {
        let pairs = facts.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ");
        (!facts.is_empty()).then_some(pairs)
    };
    Some(Difference {
        change: if new.is_empty() { Change::Removed } else { Change::Added },
        authority: authority.clone(),
        inspection: inspection.to_owned(),
        what: what.to_owned(),
        old: line(&old),
        new: line(&new),
    })
}

fn differing(authority: &AuthorityCode, inspection: &str, old: &Facts, new: &Facts) -> Vec<Difference> {
    let names: HashSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let difference = |name: &str| {
        let (old, new) = (old.get(name).cloned(), new.get(name).cloned());
        let change = match (&old, &new) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        };
        let (inspection, what) = (inspection.to_owned(), name.to_owned());
        (old != new).then(|| Difference { change, authority: authority.clone(), inspection, what, old, new })
    };
    names.into_iter().filter_map(difference).collect()
}
