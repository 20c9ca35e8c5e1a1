//! "Adequate" as a grade of its own.

use polars::prelude::*;

use super::words::check;
use super::{Framework, Grade};
use crate::frame::expr::any_of;
use crate::frame::{columns::*, grade_type};
use crate::{Error, Ratings, Scale};

/// The code of the second grade before November 2013, where it is told apart.
const ADEQUATE: &str = "adequate";

/// The same ratings with "adequate", the second grade before November 2013, as a fifth grade between inadequate and
/// requires improvement: the Department for Education keeps it so in answers to Parliament. For counts; the two are
/// [one rank](Grade) otherwise, and going from one to the other is no improvement.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted::{self, Theme};
/// let england = ofsted::england()?;
/// let day = "2014-03-31".parse().unwrap();
/// let five = ofsted::adequate_apart(&england.ratings()?)?.series(Theme::Headline)?.distribution(&[day], None).rows()?;
/// let four = england.ratings()?.series(Theme::Headline)?.distribution(&[day], None).rows()?;
/// assert_eq!(five[1].grade, "adequate");
/// assert_eq!(five[1].count + five[2].count, four[1].count);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// Ask for it before [`series`](Ratings::series) and [`lineage`](Ratings::lineage).
///
/// # Errors
/// [`Error::Frame`] for ratings other than those of children's services, or narrowed to some series.
pub fn adequate_apart(ratings: &Ratings) -> Result<Ratings, Error> {
    check("adequate_apart", ratings)?;
    let labels = Grade::ALL.iter().map(|grade| grade.code());
    let apart = |code: &'static str| match code == Grade::RequiresImprovement.code() {
        true => vec![ADEQUATE, code],
        false => vec![code],
    };
    let scale = Scale::new(labels.flat_map(apart))?;
    let then = any_of(FRAMEWORK, Framework::ALL.iter().filter(|f| f.says_adequate()).map(|f| f.code()));
    let text = col(GRADE).cast(DataType::String);
    let is_second = text.clone().eq(lit(Grade::RequiresImprovement.code()));
    let grade = when(is_second.and(then.fill_null(lit(false)))).then(lit(ADEQUATE)).otherwise(text);
    let rows = ratings.lazy().with_column(grade.cast(grade_type(&scale)?).alias(GRADE));
    let rows = rows.drop(cols([DATE, BODY, SERIES]));
    ratings.clone().with_rows(rows, scale)
}
