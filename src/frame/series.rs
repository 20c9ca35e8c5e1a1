//! Ratings of exactly one series.

use std::ops::Deref;

use chrono::NaiveDate;
use polars::prelude::{DataType, Engine, LazyFrame, col};

use super::columns::THEME;
use crate::{Clock, Error, Ratings, SeriesId};

/// Ratings of exactly one series of many bodies, as their overall grade: what estimates, forecasts and charts of one
/// series are made from, so that no two series are mixed into one.
///
/// It is made by [`Ratings::series`]. Every query may be asked of it, as of the ratings that it is.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{Study, Exposures};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// assert_eq!(headline.id().as_str(), "headline");
/// assert!(headline.spells().rows()?.len() > 400);
/// let totals = Exposures::collect(&headline, &Study::until(england.cut_off()))?;
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// Ratings of several series are refused where one is wanted:
///
/// ```compile_fail,E0308
/// use rating_history::estimate::{Study, Exposures};
/// let england = rating_history::ofsted::england()?;
/// let every_series = england.ratings()?;
/// let totals = Exposures::collect(&every_series, &Study::until(england.cut_off()))?;
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Series {
    ratings: Ratings,
    id: SeriesId,
}

impl Deref for Series {
    type Target = Ratings;

    fn deref(&self) -> &Ratings {
        &self.ratings
    }
}

impl Series {
    /// Its id, as in the column `theme`.
    pub fn id(&self) -> &SeriesId {
        &self.id
    }

    /// The ratings that it is.
    pub fn into_ratings(self) -> Ratings {
        self.ratings
    }

    /// As [`Ratings::as_of`].
    pub fn as_of(self, date: NaiveDate) -> Self {
        Series { ratings: self.ratings.as_of(date), ..self }
    }

    /// As [`Ratings::clock`].
    pub fn clock(self, clock: Clock) -> Self {
        Series { ratings: self.ratings.clock(clock), ..self }
    }

    /// As [`Ratings::published_by`].
    pub fn published_by(self, date: NaiveDate) -> Self {
        Series { ratings: self.ratings.published_by(date), ..self }
    }

    /// As [`Ratings::engine`].
    pub fn engine(self, engine: Engine) -> Self {
        Series { ratings: self.ratings.engine(engine), ..self }
    }

    /// As [`Ratings::only`].
    ///
    /// # Errors
    /// As [`Ratings::only`].
    pub fn only<S: AsRef<str>>(self, column: &str, values: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        Ok(Series { ratings: self.ratings.only(column, values)?, ..self })
    }

    /// As [`Ratings::bodies_only`].
    ///
    /// # Errors
    /// As [`Ratings::bodies_only`].
    pub fn bodies_only<S: AsRef<str>>(self, ids: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        Ok(Series { ratings: self.ratings.bodies_only(ids)?, ..self })
    }

    /// As [`Ratings::with_authorities`].
    ///
    /// # Errors
    /// As [`Ratings::with_authorities`].
    pub fn with_authorities(self, authorities: LazyFrame) -> Result<Self, Error> {
        Ok(Series { ratings: self.ratings.with_authorities(authorities)?, ..self })
    }

    /// As [`Ratings::lineage`].
    ///
    /// # Errors
    /// As [`Ratings::lineage`].
    pub fn lineage(self) -> Result<Self, Error> {
        Ok(Series { ratings: self.ratings.lineage()?, ..self })
    }
}

impl Ratings {
    /// One series of these ratings.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such series; the error names the nearest.
    pub fn series(&self, id: impl Into<SeriesId>) -> Result<Series, Error> {
        let id = id.into();
        Ok(Series { ratings: self.clone().series_only([&id])?, id })
    }

    /// The series of ratings that have only one.
    ///
    /// # Errors
    /// [`Error::Value`] when they have several: name one by [`series`](Ratings::series).
    pub fn only_series(&self) -> Result<Series, Error> {
        match self.series_ids()?.as_slice() {
            [] => self.series(SeriesId::default()),
            [id] => self.series(id),
            several => {
                let names: Vec<&str> = several.iter().map(SeriesId::as_str).collect();
                Err(Error::value("series", names.join(", "), "one; name it with `series`"))
            }
        }
    }

    /// The series that the rows of these ratings belong to, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Polars`] when the rows cannot be read.
    pub fn series_ids(&self) -> Result<Vec<SeriesId>, Error> {
        let named = self.lazy().filter(col(THEME).is_not_null()).group_by([col(THEME)]).agg([]);
        let named = self.collect(named.select([col(THEME).cast(DataType::String)]))?;
        let mut ids: Vec<SeriesId> = named.column(THEME)?.str()?.iter().flatten().map(SeriesId::from).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}
