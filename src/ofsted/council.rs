//! What inspectorates rate of a council: children's services, special educational needs, adult social care.

use super::{Theme, profile::FOLLOWED};
use crate::dataset::{self, OTHERS};
use crate::trend::Judgement;
use crate::{Error, Ratings, Series, SeriesId};

/// One series of ratings of councils, with what it is about and who gives it. Nothing is added up across inspectorates:
/// each has its own questions and its own scale.
///
/// ```
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let barnet = england.find("Barnet")?.code.to_string();
/// for rated in ofsted::rated_of_councils(&england.ratings()?)? {
///     if let Some(latest) = rated.latest(&barnet)? {
///         println!("{}, {}: {:?} on {}", rated.subject, rated.inspectorate, latest.grade, latest.date);
///     }
/// }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rated {
    /// What is rated: "SEND".
    pub subject: &'static str,
    /// Who rates it.
    pub inspectorate: &'static str,
    /// Whether it is the whole of the subject, and not a part as leadership.
    pub is_whole: bool,
    /// The ratings of all councils, each as far as the data go.
    pub series: Series,
}

impl Rated {
    /// The latest judgement of a council, by its code.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] for a code that is none; [`Error::Polars`] when the query fails.
    pub fn latest(&self, code: &str) -> Result<Option<Judgement>, Error> {
        Ok(self.series.clone().bodies_only([code])?.judgements().rows()?.pop())
    }

    /// The scale in words, worst first.
    pub fn scale(&self) -> Vec<String> {
        self.series.scale().labels().iter().map(|label| self.series.words().grade(label)).collect()
    }
}

/// What is rated of councils: these ratings of children's services with the judgements that are followed, then the embedded
/// sets of other inspectorates that are about councils. Each looks as of the day of these ratings, but no later than its
/// own data go.
///
/// # Errors
/// As [`OtherSet::read`](crate::dataset::OtherSet::read); [`Error::Polars`] when a query fails.
pub fn rated_of_councils(children: &Ratings) -> Result<Vec<Rated>, Error> {
    let mut all = Vec::new();
    for theme in FOLLOWED {
        let (subject, inspectorate, is_whole) = ("Children's services", "Ofsted", theme == Theme::Headline);
        all.push(Rated { subject, inspectorate, is_whole, series: children.series(theme)? });
    }
    let of_councils = OTHERS.iter().filter(|set| set.register.is_some());
    for set in of_councils {
        let (subject, inspectorate) = match set.name {
            "send" => ("SEND", "Ofsted and CQC"),
            _ => ("Adult social care", "CQC"),
        };
        for ratings in dataset::OtherSet::read(set)?.value {
            let day = children.day().min(ratings.cut_off());
            let mut ids = ratings.series_ids()?;
            ids.sort_by_key(|id| (id.as_str() != "overall", id.as_str().to_owned()));
            for id in ids {
                let is_whole = set.name == "send" || id.as_str() == "overall";
                let series = ratings.clone().as_of(day).series(id)?;
                all.push(Rated { subject, inspectorate, is_whole, series });
            }
        }
    }
    let place = |rated: &Rated| {
        let subject = ["Children's services", "SEND"].iter().position(|s| *s == rated.subject).unwrap_or(2);
        (subject, !rated.is_whole)
    };
    all.sort_by_key(place);
    Ok(all)
}

/// The lanes of a council's picture: the whole of each subject; where the latest inspection of children's services gives no
/// overall grade any more, its judgements too.
///
/// # Errors
/// As [`Rated::latest`].
#[cfg(feature = "chart")]
pub fn council_lanes(rated: &[Rated], code: &str) -> Result<Vec<crate::chart::LaneOf>, Error> {
    let is_headline = |rated: &Rated| *rated.series.id() == SeriesId::from(Theme::Headline);
    let mut lanes = Vec::new();
    let headline = rated.iter().find(|rated| is_headline(rated)).map(|rated| rated.latest(code)).transpose()?.flatten();
    let parts = headline.is_some_and(|latest| latest.grade.is_none());
    for rated in rated {
        if rated.is_whole || parts && rated.subject == "Children's services" {
            lanes.push(crate::chart::LaneOf::new(rated.subject, rated.inspectorate, rated.series.clone()));
        }
    }
    Ok(lanes)
}
