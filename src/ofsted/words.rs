//! What Ofsted's ratings call their things.

use polars::prelude::*;

use super::{Area, EventKind, EventScope, Framework, Grade, InspectionKind, Theme};
use crate::frame::columns::*;
use crate::frame::expr::any_of;
use crate::{Error, Noun, Ratings, Words};

/// The nouns, names and notes of Ofsted's inspections of children's services.
///
/// ```
/// let words = rating_history::ofsted::words();
/// assert_eq!(words.body.many, "authorities");
/// assert_eq!(words.series("care"), "children in care");
/// ```
pub fn words() -> Words {
    let own = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    let frameworks = Framework::ALL.iter().map(|f| own(f.code(), f.label()));
    let events = EventKind::ALL.iter().map(|k| own(k.code(), k.label()));
    Words {
        body: Noun::new("authority", "authorities"),
        inspection: Noun::new("inspection", "inspections"),
        series: Theme::ALL.iter().map(|t| own(t.code(), &t.label().to_lowercase())).collect(),
        codes: frameworks.chain(events).collect(),
        vocabularies: [
            (FRAMEWORK, codes(Framework::ALL)),
            (KIND, codes(InspectionKind::ALL)),
            (AREA, codes(Area::ALL)),
            (EVENT, codes(EventKind::ALL)),
            (SCOPE, codes(EventScope::ALL)),
        ]
        .map(|(column, codes)| (column.to_owned(), codes))
        .into(),
        better_from: Some(Grade::Good.code().to_owned()),
        about: Some("children's services given by Ofsted".to_owned()),
        closed: "abolished".to_owned(),
        closing: "the council was abolished".to_owned(),
        source: "Source: Ofsted inspection reports, Open Government Licence v3.0".to_owned(),
        blank: "not inspected yet".to_owned(),
        hatch: "the latest inspection, since April 2026, gives no such grade".to_owned(),
        place: Some("England".to_owned()),
        rules_alike: vec![
            [Framework::Slac, Framework::Apc, Framework::Lac].map(|f| f.code().to_owned()).to_vec(),
            [Framework::Sif, Framework::Ilacs, Framework::Ilacs2026].map(|f| f.code().to_owned()).to_vec(),
        ],
        rules: Some("Grades under different frameworks are not one measure; compare across them with care.".to_owned()),
        ..Words::default()
    }
}

fn codes<C: AsRef<str>>(all: &[C]) -> Vec<String> {
    all.iter().map(|code| code.as_ref().to_owned()).collect()
}

/// Refuses ratings that are not Ofsted's of children's services: other grades, none under any of its frameworks,
/// or of which only some series are left: what is asked of all of them would seem to be absent.
pub(super) fn check(what: &str, ratings: &Ratings) -> Result<(), Error> {
    if ratings.has_some_series_only() {
        let told =
            "is about all judgements of an inspection, and these ratings were narrowed to some series; expected all";
        return Err(Error::Frame(format!("{what} {told}")));
    }
    let frameworks = any_of(FRAMEWORK, Framework::ALL.iter().map(|f| f.code()));
    let known = [frameworks.any(true).alias("known"), len().alias("rows")];
    let own = || -> Result<bool, Error> {
        let found = ratings.lazy().select(known).collect()?;
        let rows = found.column("rows")?.as_materialized_series().sum::<u64>()?;
        Ok(rows == 0 || found.column("known")?.bool()?.get(0) == Some(true))
    };
    if *ratings.scale() == Grade::scale() && own()? {
        return Ok(());
    }
    let (bodies, grades) = (&ratings.words().body.many, ratings.scale().labels().join(", "));
    Err(Error::Frame(format!(
        "{what} is only for Ofsted's ratings of children's services; these are ratings of {bodies} with the grades {grades}"
    )))
}
