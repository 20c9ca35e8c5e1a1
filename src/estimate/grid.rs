//! The snapshots of a cohort estimate: how many a year, counted from which end.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::{coded_enum, setters};
use crate::trend::Every;

coded_enum! {
    /// From which end of a study its snapshots are counted.
    enum Anchor: "anchor" {
        /// From the first day on.
        Start = "start" / "from the first day",
        /// Back from the last day (MATLAB's `transprob`).
        End = "end" / "back from the last day",
    }
}

coded_enum! {
    /// What becomes of a body that has a grade at one snapshot and none at the next: abolished, or no longer reported.
    enum Withdrawn: "handling of withdrawn ratings" {
        /// The pair does not count: probabilities are among those with a grade at both.
        Exclude = "exclude" / "excluded",
        /// Having none is a state of its own, `not_rated`, from the first judgement in the study on, also where it was
        /// withdrawn before the first snapshot; one may come back from it.
        OwnState = "own_state" / "a state of its own",
        /// The last grade stands on.
        CarryForward = "carry_forward" / "carried forward",
    }
}

/// The snapshots of a cohort estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshots {
    /// How many a year: 1, 2, 3, 4, 6 or 12.
    pub per_year: u32,
    /// From which end they are counted.
    pub anchor: Anchor,
    /// What a withdrawn rating counts as.
    pub withdrawn: Withdrawn,
}

setters!(Snapshots {
    /// How many a year: 1, 2, 3, 4, 6 or 12.
    per_year: u32,
    /// From which end they are counted.
    anchor: Anchor,
    /// What a withdrawn rating counts as.
    withdrawn: Withdrawn,
});

impl Default for Snapshots {
    /// One a year, back from the last day, withdrawn ratings excluded.
    fn default() -> Self {
        Snapshots { per_year: 1, anchor: Anchor::End, withdrawn: Withdrawn::Exclude }
    }
}

impl Snapshots {
    /// The months between two snapshots.
    pub(super) fn months(self) -> Result<u32, Error> {
        match self.per_year {
            n @ (1 | 2 | 3 | 4 | 6 | 12) => Ok(12 / n),
            n => Err(Error::value("snapshots a year", n, "1, 2, 3, 4, 6 or 12")),
        }
    }

    /// The days, in order. A month's last day steps to that of other months when counted from the start.
    ///
    /// # Errors
    /// [`Error::Value`] for a number of snapshots that does not divide the year into months.
    pub fn dates(self, first: NaiveDate, last: NaiveDate) -> Result<Vec<NaiveDate>, Error> {
        let months = self.months()?;
        Ok(match self.anchor {
            Anchor::Start => Every::months(months).dates(first, last),
            Anchor::End => {
                let back = |n: u32| last.checked_sub_months(Months::new(n.checked_mul(months)?));
                let mut dates: Vec<NaiveDate> = (0..).map_while(back).take_while(|d| *d >= first).collect();
                dates.reverse();
                dates
            }
        })
    }
}
