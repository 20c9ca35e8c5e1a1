//! What inspectorates rate of a council: children's services, special educational needs, adult social care.

use super::{Theme, profile::FOLLOWED};
#[cfg(feature = "chart")]
use crate::chart::LaneOf;
use crate::dataset::OTHERS;
use crate::trend::Judgement;
use crate::{Error, Ratings, Series};

/// What Ofsted rates here.
const CHILDREN: &str = "Children's services";

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
    /// The judgements of a council, by its code, in order.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] for a code that is none; [`Error::Polars`] when the query fails.
    pub fn judgements(&self, code: &str) -> Result<Vec<Judgement>, Error> {
        self.series.clone().bodies_only([code])?.judgements().rows()
    }

    /// The last of them.
    ///
    /// # Errors
    /// As [`judgements`](Rated::judgements).
    pub fn latest(&self, code: &str) -> Result<Option<Judgement>, Error> {
        Ok(self.judgements(code)?.pop())
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
        let is_whole = theme == Theme::Headline;
        all.push(Rated { subject: CHILDREN, inspectorate: "Ofsted", is_whole, series: children.series(theme)? });
    }
    for set in OTHERS.iter().filter(|set| set.register.is_some()) {
        let mut of_set = Vec::new();
        for ratings in set.read()?.value {
            let day = children.day().min(ratings.cut_off());
            for id in ratings.series_ids()? {
                let series = ratings.clone().as_of(day).series(id)?;
                of_set.push(Rated { subject: set.subject, inspectorate: set.inspectorate, is_whole: false, series });
            }
        }
        let is_overall = |rated: &Rated| rated.series.id().as_str() == "overall";
        let has_parts = of_set.iter().any(is_overall);
        of_set.iter_mut().for_each(|rated| rated.is_whole = !has_parts || is_overall(rated));
        of_set.sort_by_key(|rated| !rated.is_whole);
        all.extend(of_set);
    }
    Ok(all)
}

/// The lanes of a council's picture: the whole of each subject, and the judgements of children's services, which are shown where
/// the latest inspection gives no overall grade any more.
#[cfg(feature = "chart")]
pub fn council_lanes(rated: &[Rated]) -> Vec<LaneOf> {
    let lane = |rated: &Rated| LaneOf::new(rated.subject, rated.inspectorate, rated.series.clone());
    let shown = rated.iter().filter(|rated| rated.is_whole || rated.subject == CHILDREN);
    shown.map(|rated| if rated.is_whole { lane(rated) } else { lane(rated).part() }).collect()
}
