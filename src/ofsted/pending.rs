//! Inspections that are known to have been made, while their grades are not in the data.

use chrono::NaiveDate;

use super::{AuthorityCode, Inspection, RatingHistory};
use crate::Precision;
use crate::frame::Notice;

/// An inspection that is known to have been made after the collection's cut-off. It says nothing about a grade, is no part
/// of the collection and counts in no query; statements about its authority say that it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The authority inspected.
    pub authority: AuthorityCode,
    /// Last day of fieldwork.
    pub end: NaiveDate,
    /// Where the report is.
    pub source: String,
}

impl RatingHistory {
    /// The inspections known to have been made whose grades are not in these data, by authority. Only the embedded set
    /// knows any, and an inspection of the authority that is as late makes it forget.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// let mut names: Vec<_> = england.notices().into_iter().map(|n| n.name).collect();
    /// names.sort();
    /// assert_eq!(names, ["Dudley", "Hertfordshire", "Slough"]);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// What has to be said beside any statement about an authority from the end of such an inspection on.
    pub fn notices(&self) -> Vec<Notice> {
        let cut_off = Precision::Day.write(self.cut_off());
        let told = |p: &Pending| {
            let month = Precision::Month.write(p.end);
            let text = format!("as known on {cut_off}; inspected again in {month}, grades not in these data");
            let name = self.authority(&p.authority).map(|a| a.name.clone()).unwrap_or_default();
            Notice { body: p.authority.to_string(), name, from: p.end, text }
        };
        self.pending.iter().map(told).collect()
    }

    /// What has to be said of one authority on a day.
    pub fn notices_of(&self, authority: &AuthorityCode, as_of: NaiveDate) -> Vec<String> {
        let own = self.notices().into_iter().filter(|n| n.body == authority.as_str() && n.from <= as_of);
        own.map(|n| n.text).collect()
    }
}

/// Those of which the inspections know nothing yet.
pub(super) fn still_pending(pending: Vec<Pending>, inspections: &[Inspection]) -> Vec<Pending> {
    let known = |p: &Pending| inspections.iter().any(|i| i.authority == p.authority && i.dates.effect() >= p.end);
    pending.into_iter().filter(|p| !known(p)).collect()
}
