//! How many stand at each grade, against what rates say.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::forecast::grades_on;
use super::generator::Generator;
use super::study::Study;
use crate::{Error, Series};

/// How many stand at a grade on a day, and how many would by some rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prevalence {
    /// The day.
    pub date: NaiveDate,
    /// The grade.
    pub grade: String,
    /// Those that stand there, of those with a grade on the first day and on this one.
    pub observed: usize,
    /// How many of them would, by the rates, from where each stood on the first day.
    pub expected: f64,
    /// How many have a grade on both days.
    pub bodies: usize,
}

/// Compares how many stand at each grade with what rates say of them: a check of a model, as R's `prevalence.msm` (Gentleman and
/// others 1994). Who has no grade on the first day or on a later one is not counted on that one. A grade stands until
/// the next judgement.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{Exposures, Generator, Study, prevalence};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let days = ["2018-12-31", "2023-12-31"].map(|day| day.parse().unwrap());
/// let study = Study::until(england.cut_off());
/// let rates = Generator::from_totals(&Exposures::collect(&headline, &study)?)?;
/// let later = prevalence(&headline, &study, &rates, &days)?;
/// assert_eq!(later[..4].iter().map(|row| row.observed as f64 - row.expected).sum::<f64>(), 0.0); // the first day itself
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without a day, with days in reverse or after the study, or for rates of other states than the grades of
/// the series.
pub fn prevalence(
    series: &Series,
    study: &Study,
    rates: &Generator,
    days: &[NaiveDate],
) -> Result<Vec<Prevalence>, Error> {
    let Some(first) = days.first() else { return Err(Error::value("days", "", "at least one")) };
    if let Some(pair) = days.windows(2).find(|pair| pair[1] <= pair[0]) {
        return Err(Error::value("day", pair[1], format!("one after {}", pair[0])));
    }
    if let Some(late) = days.iter().find(|day| **day > study.to) {
        return Err(Error::value("day", late, format!("one not after {}", study.to)));
    }
    let labels = series.scale().labels();
    if rates.labels != labels {
        return Err(Error::value("states of the rates", rates.labels.join(", "), labels.join(", ")));
    }
    let on = |day: NaiveDate| grades_on(series, &Study { to: day, ..study.clone() });
    let begun = on(*first)?;
    let mut all = Vec::new();
    for day in days {
        let now = on(*day)?;
        let probability = rates.exponential((*day - *first).num_days() as f64 / 365.25);
        let both: Vec<(usize, usize)> = begun.iter().filter_map(|(id, from)| Some((*from, *now.get(id)?))).collect();
        for (rank, grade) in labels.iter().enumerate() {
            all.push(Prevalence {
                date: *day,
                grade: grade.clone(),
                observed: both.iter().filter(|(_, to)| *to == rank).count(),
                expected: both.iter().map(|(from, _)| probability[(*from, rank)]).sum(),
                bodies: both.len(),
            });
        }
    }
    Ok(all)
}
