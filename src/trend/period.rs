//! Calendar, financial and inspection years.

use chrono::{Datelike, NaiveDate};

use crate::code::coded_enum;

coded_enum! {
    /// The three years by which inspections are counted.
    enum Year: "year" {
        /// 1 January to 31 December.
        Calendar = "calendar" / "calendar year",
        /// 1 April to 31 March.
        Financial = "financial" / "financial year",
        /// 1 September to 31 August, Ofsted's inspection year.
        Inspection = "inspection" / "inspection year",
    }
}

/// A named stretch of time, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Period {
    /// Name, as "2019" or "2018/19".
    pub label: String,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl Year {
    /// The year of this kind in which a day lies.
    ///
    /// ```
    /// use rating_history::trend::Year;
    /// let day = "2019-02-01".parse().unwrap();
    /// let year = Year::Financial.of(day);
    /// assert_eq!(year.label, "2018/19");
    /// assert_eq!((year.first.to_string(), year.last.to_string()), ("2018-04-01".into(), "2019-03-31".into()));
    /// assert_eq!(Year::Calendar.of(day).label, "2019");
    /// ```
    pub fn of(self, date: NaiveDate) -> Period {
        let month = match self {
            Year::Calendar => 1,
            Year::Financial => 4,
            Year::Inspection => 9,
        };
        let year = date.year() - i32::from(date.month() < month);
        let begin = |year| NaiveDate::from_ymd_opt(year, month, 1);
        let first = begin(year).unwrap_or(NaiveDate::MIN);
        let last = begin(year + 1).and_then(|d| d.pred_opt()).unwrap_or(NaiveDate::MAX);
        let label = match self {
            Year::Calendar => year.to_string(),
            _ => format!("{year}/{:02}", (year + 1).rem_euclid(100)),
        };
        Period { label, first, last }
    }

    /// Every year of this kind from the one with `first` to the one with `last`.
    ///
    /// ```
    /// use rating_history::trend::Year;
    /// let years = Year::Inspection.between("2018-09-01".parse().unwrap(), "2020-08-31".parse().unwrap());
    /// assert_eq!(years.iter().map(|y| y.label.as_str()).collect::<Vec<_>>(), ["2018/19", "2019/20"]);
    /// ```
    pub fn between(self, first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        let next = |p: &Period| p.last.succ_opt().map(|d| self.of(d));
        std::iter::successors(Some(self.of(first)), next).take_while(|p| p.first <= last).collect()
    }
}
