//! Two versions of a history: what differs, and one made of both.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::coded_enum;
use crate::ofsted::{AuthorityCode, Dates, Inspection, RatingHistory};

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
    /// The authority.
    pub authority: AuthorityCode,
    /// The inspection's id (the newer one's, where both have it); empty for facts that are about no inspection.
    pub inspection: String,
    /// What differs: `inspection`, `leadership` (an area's grade), `published`, `event`, `neighbours`, `name`, ...
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

fn authority_facts(history: &RatingHistory, code: &AuthorityCode) -> Facts {
    let mut facts = Facts::new();
    let Some(a) = history.authority(code) else { return facts };
    let list = |codes: &[AuthorityCode]| codes.iter().map(AuthorityCode::as_str).collect::<Vec<_>>().join(";");
    put(&mut facts, "name", Some(&a.name));
    put(&mut facts, "la_code", a.la_code);
    put(&mut facts, "urn", a.urn);
    put(&mut facts, "region", Some(a.region.code()));
    put(&mut facts, "type", Some(a.authority_type.code()));
    put(&mut facts, "opened", a.opened);
    put(&mut facts, "closed", a.closed);
    put(&mut facts, "successors", Some(list(&a.successors)));
    put(&mut facts, "former_codes", Some(list(&a.former_codes)));
    put(&mut facts, "neighbours", Some(list(history.neighbours(code))));
    facts
}

/// Whether two inspections with different ids are one: of one authority, under one framework, of one day.
fn same_day(i: &Inspection) -> (AuthorityCode, crate::ofsted::Framework, chrono::NaiveDate) {
    (i.authority.clone(), i.framework, i.dates.effect())
}

/// For each inspection of `newer` the one of `older` that it is a version of: by id, else by authority, framework and
/// day where these name one in each.
fn matches<'a>(older: &'a RatingHistory, newer: &'a RatingHistory) -> HashMap<&'a str, &'a Inspection> {
    let by_id: HashMap<&str, &Inspection> = older.inspections().iter().map(|i| (i.id.as_str(), i)).collect();
    let mut pairs = HashMap::new();
    let mut left: HashMap<_, Vec<&Inspection>> = HashMap::new();
    let kept: HashSet<&str> = newer.inspections().iter().map(|i| i.id.as_str()).collect();
    for inspection in older.inspections().iter().filter(|i| !kept.contains(i.id.as_str())) {
        left.entry(same_day(inspection)).or_default().push(inspection);
    }
    let mut taken = HashSet::new();
    for inspection in newer.inspections() {
        if let Some(old) = by_id.get(inspection.id.as_str()) {
            pairs.insert(inspection.id.as_str(), *old);
        } else if let Some([old]) = left.get(&same_day(inspection)).map(Vec::as_slice)
            && taken.insert(old.id.as_str())
        {
            pairs.insert(inspection.id.as_str(), *old);
        }
    }
    pairs
}

impl RatingHistory {
    /// What a newer version says otherwise, authority by authority: inspections added and removed, facts of inspections
    /// changed (two inspections of one authority, framework and day are one, whatever their ids), then facts of
    /// authorities and their events. The cut-off is no fact.
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
        let pairs = matches(self, newer);
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
        let codes: HashSet<&AuthorityCode> =
            self.authorities().iter().chain(newer.authorities()).map(|a| &a.code).collect();
        for code in codes {
            found.extend(differing(code, "", &authority_facts(self, code), &authority_facts(newer, code)));
            let events = |history: &RatingHistory| -> Vec<String> {
                let line = |e: &crate::ofsted::Event| {
                    let end = e.end.map(|end| format!(" to {end}")).unwrap_or_default();
                    format!("{} {} {}{end} {} {}", e.kind.code(), e.scope.code(), e.start, e.label, e.source)
                };
                history.events_of(code).map(line).collect()
            };
            let (old, new) = (events(self), events(newer));
            let mut event = |change, old, new| {
                let what = "event".to_owned();
                found.push(Difference { change, authority: code.clone(), inspection: String::new(), what, old, new });
            };
            old.iter().filter(|e| !new.contains(e)).for_each(|e| event(Change::Removed, Some(e.clone()), None));
            new.iter().filter(|e| !old.contains(e)).for_each(|e| event(Change::Added, None, Some(e.clone())));
        }
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
        let pairs = matches(self, update);
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
        let (first, second) = match precedence {
            Precedence::Base => (self, update),
            Precedence::Update => (update, self),
        };
        let others = second.authorities().iter().filter(|a| first.authority(&a.code).is_none());
        let mut builder = RatingHistory::builder()
            .authorities(first.authorities().iter().chain(others).cloned())
            .inspections(merged.into_values())
            .cut_off(self.cut_off().max(update.cut_off()));
        for history in [second, first] {
            for (code, list) in history.all_neighbours() {
                let known = first.authority(code).map_or(code, |a| &a.code);
                builder = builder.neighbours(known.clone(), list.to_vec());
            }
        }
        let same = |a: &crate::ofsted::Event, b: &crate::ofsted::Event| {
            (&a.authority, a.kind, a.scope, a.start, &a.label) == (&b.authority, b.kind, b.scope, b.start, &b.label)
        };
        let more = second.events().iter().filter(|e| !first.events().iter().any(|f| same(e, f)));
        builder.events(first.events().iter().chain(more).cloned()).build()
    }
}

/// One inspection's facts, and where it has none, another's.
fn filled(first: &Inspection, second: &Inspection) -> Inspection {
    let text = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
    let (a, b) = (first.dates, second.dates);
    let same_precision = a.precision() == b.precision();
    let dates =
        Dates::new(a.start().or(b.start()), a.end().or(b.end()), a.published().or(b.published()), a.precision());
    // A day filled in must not move the judgement.
    let dates = dates.ok().filter(|dates| same_precision && dates.effect() == a.effect()).unwrap_or(a);
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
