//! The month's routine: a newer sheet of inspections, and what it adds, corrects and contradicts.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::revision::{Codes, matches};
use crate::Error;
use crate::code::coded_enum;
use crate::ofsted::{AuthorityCode, Dates, Inspection, RatingHistory};

coded_enum! {
    /// How far the facts of a sheet are believed.
    enum Trust: "trust" {
        /// Ofsted's own sheet: its facts count.
        Official = "official" / "official",
        /// A list that nobody has checked: its facts are told, and none is taken.
        Unchecked = "unchecked" / "unchecked",
        /// Such a list, whose facts are taken all the same; every picture of them says so.
        Accepted = "accepted" / "unchecked, taken all the same",
    }
}

coded_enum! {
    /// What a sheet says of the data.
    enum UpdateKind: "kind of change" {
        /// An inspection that the data lacked, and have now.
        Added = "added" / "added",
        /// A fact that the data had otherwise, or lacked, and have now as the sheet says.
        Corrected = "corrected" / "corrected",
        /// A fact of the data that the sheet has otherwise, or an inspection that it lacks; the data stay as they are.
        Contradicted = "contradicted" / "contradicted",
        /// An inspection that only an unchecked sheet has; the data stay as they are.
        Pending = "pending" / "pending",
    }
}

/// One thing that a sheet says of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateFact {
    /// What kind of thing.
    pub kind: UpdateKind,
    /// The authority.
    pub authority: AuthorityCode,
    /// The inspection's id in the data; that of the sheet for one that they lack.
    pub inspection: String,
    /// What it is about: `inspection`, an area's grade, `start_date`, `end_date`, `published`, `kind`.
    pub what: String,
    /// What the data said before.
    pub old: Option<String>,
    /// What the sheet says.
    pub new: Option<String>,
}

/// Data that were brought up to date.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Updated {
    /// The data now.
    pub history: RatingHistory,
    /// What the sheet says of them, by authority and inspection.
    pub found: Vec<UpdateFact>,
}

/// The source of an inspection that was taken from an unchecked sheet begins so.
pub(super) const UNCHECKED: &str = "unchecked:";

impl RatingHistory {
    /// Brings data up to date with a sheet of inspections, which messages and sources call by a name. Facts that the sheet
    /// does not state stay; the inspections of its frameworks, within its days, that Ofsted's own sheet lacks stay too and
    /// are told.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{self, Trust, UpdateKind};
    /// let england = ofsted::england()?;
    /// let older: Vec<_> = england.inspections().iter().filter(|i| i.id != "slough-2023-02-03-ilacs").cloned().collect();
    /// let older = england.clone().into_builder().without_inspections().inspections(older).build()?;
    /// let updated = older.update(&england, Trust::Official, "sheet")?;
    /// assert_eq!((updated.found.len(), updated.found[0].kind), (1, UpdateKind::Added));
    /// assert_eq!(updated.history.inspections().len(), england.inspections().len());
    /// // What nobody has checked is told, and not taken.
    /// let told = older.update(&england, Trust::Unchecked, "sheet")?;
    /// assert_eq!((told.found[0].kind, &told.history), (UpdateKind::Pending, &older));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Invalid`] when the facts of the sheet do not fit those of the data, with every broken rule.
    pub fn update(&self, sheet: &RatingHistory, trust: Trust, name: &str) -> Result<Updated, Error> {
        let (_, codes) = Codes::joined(self, sheet);
        let pairs = matches(self, sheet, &codes);
        let source = match trust {
            Trust::Official => format!("official:{name}"),
            _ => format!("{UNCHECKED}{name}"),
        };
        let is_taken = trust != Trust::Unchecked;
        let mut found = Vec::new();
        let mut inspections: Vec<Inspection> = self.inspections().to_vec();
        for new in sheet.inspections() {
            let authority = codes.of(&new.authority).clone();
            let Some(old) = pairs.get(new.id.as_str()) else {
                let kind = if is_taken { UpdateKind::Added } else { UpdateKind::Pending };
                found.push(UpdateFact {
                    kind,
                    authority: authority.clone(),
                    inspection: new.id.clone(),
                    what: "inspection".to_owned(),
                    old: None,
                    new: Some(line(new)),
                });
                let from =
                    if new.source.is_empty() || trust == Trust::Accepted { source.clone() } else { new.source.clone() };
                let also = if trust == Trust::Accepted { new.source.clone() } else { new.also.clone() };
                inspections.push(Inspection { authority, source: from, also, ..new.clone() });
                continue;
            };
            let both = taken(old, new);
            let differing = facts(old).into_iter().zip(facts(&both)).filter(|((_, old), (_, new))| old != new);
            let kind = if is_taken { UpdateKind::Corrected } else { UpdateKind::Contradicted };
            let told: Vec<UpdateFact> = differing
                .map(|((what, old_value), (_, new_value))| UpdateFact {
                    kind,
                    authority: authority.clone(),
                    inspection: old.id.clone(),
                    what,
                    old: old_value,
                    new: new_value,
                })
                .collect();
            if !told.is_empty()
                && let Some(place) = inspections.iter_mut().find(|i| i.id == old.id)
            {
                *place = Inspection { also: source.clone(), ..both };
            }
            found.extend(told);
        }
        // What a list that nobody has checked lacks, it may not have been able to read.
        let gone = if trust == Trust::Official { self.gone(sheet) } else { Vec::new() };
        found.extend(gone.into_iter().map(|old| UpdateFact {
            kind: UpdateKind::Contradicted,
            authority: old.authority.clone(),
            inspection: old.id.clone(),
            what: "inspection".to_owned(),
            old: Some(line(old)),
            new: None,
        }));
        found.sort_by(|a, b| (&a.authority, &a.inspection, &a.what).cmp(&(&b.authority, &b.inspection, &b.what)));
        if !is_taken || !found.iter().any(|f| matches!(f.kind, UpdateKind::Added | UpdateKind::Corrected)) {
            return Ok(Updated { history: self.clone(), found });
        }
        let latest = inspections.iter().map(|i| i.dates.known()).max().unwrap_or(self.cut_off());
        let builder = self.clone().into_builder().without_inspections().inspections(inspections);
        let history = builder.cut_off(self.cut_off().max(latest)).build()?;
        Ok(Updated { history, found })
    }

    /// How many inspections have facts from an unchecked sheet.
    pub fn unchecked(&self) -> usize {
        let is_unchecked = |i: &&Inspection| [&i.source, &i.also].iter().any(|source| source.starts_with(UNCHECKED));
        self.inspections().iter().filter(is_unchecked).count()
    }
}

/// An inspection with the facts that a sheet states of it, and its own where the sheet states none. A date of month or year
/// precision gives way to one known to the day.
fn taken(old: &Inspection, new: &Inspection) -> Inspection {
    let (a, b) = (new.dates, old.dates);
    let dates = match b.precision() == a.precision() {
        true => {
            Dates::new(a.start().or(b.start()), a.end().or(b.end()), a.published().or(b.published()), a.precision())
        }
        false => Dates::new(b.start(), b.end(), a.published().or(b.published()), b.precision()),
    };
    let mut judgements = old.judgements.clone();
    for judgement in &new.judgements {
        match judgements.iter_mut().find(|j| j.area == judgement.area) {
            Some(own) => own.grade = judgement.grade.or(own.grade),
            None => judgements.push(*judgement),
        }
    }
    Inspection { kind: new.kind, dates: dates.unwrap_or(b), judgements, ..old.clone() }
}

/// The facts that a sheet may state, each with its name.
fn facts(i: &Inspection) -> Vec<(String, Option<String>)> {
    let day = |name: &str, day: Option<chrono::NaiveDate>| (name.to_owned(), day.map(|day| day.to_string()));
    let mut facts = vec![
        day("start_date", i.dates.start()),
        day("end_date", i.dates.end()),
        day("published", i.dates.published()),
        ("kind".to_owned(), Some(i.kind.code().to_owned())),
    ];
    let mut areas = HashSet::new();
    for area in i.framework.areas() {
        if areas.insert(area) {
            let grade = i.grade(*area).map(|grade| i.framework.grade_code(grade).to_owned());
            facts.push((area.code().to_owned(), grade));
        }
    }
    facts
}

/// An inspection in one line.
fn line(i: &Inspection) -> String {
    let told = facts(i).into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)));
    std::iter::once(format!("framework {}", i.framework.code())).chain(told).collect::<Vec<_>>().join(", ")
}
