//! Whether ratings tell anything of how grades change.

use std::collections::HashSet;

use polars::prelude::*;

use crate::frame::columns::*;
use crate::trend::columns::*;
use crate::{Error, Series};

/// Refuses ratings that tell nothing of how grades change: no body has been given another grade, and fewer than half were
/// rated more than once. That a grade stands until the next one is then a rule of counting, not something that was seen.
///
/// ```
/// use rating_history::polars::prelude::*;
/// use rating_history::{Ratings, Scale, estimate};
/// let day = |y| rating_history::chrono::NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
/// let frame = df!("authority" => ["Elm", "Oak"], "effect" => [day(2020), day(2021)], "grade" => ["good", "poor"])?;
/// let once = Ratings::new(frame.lazy(), Scale::new(["poor", "good"])?)?.only_series()?;
/// let refused = estimate::changes_known(&once).unwrap_err().to_string();
/// assert!(refused.contains("of 2 bodies with a grade none was rated more than once"));
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Asked`] that says how many were rated more than once; [`Error::Polars`] when the query fails.
pub fn changes_known(series: &Series) -> Result<(), Error> {
    let ids = |frame: &DataFrame| -> Result<HashSet<String>, Error> {
        Ok(frame.column(AUTHORITY)?.cast(&DataType::String)?.str()?.iter().flatten().map(str::to_owned).collect())
    };
    let moves = series.transitions().plan()?.select([col(AUTHORITY), col(STEPS)]).collect()?;
    let moved = moves.column(STEPS)?.i32()?.iter().flatten().any(|steps| steps != 0);
    let again = ids(&moves)?.len();
    let rated = ids(&series.judgements().plan()?.select([col(AUTHORITY)]).collect()?)?.len();
    if moved || rated <= 2 * again {
        return Ok(());
    }
    let words = series.words();
    let (again, other) = match again {
        0 => ("none was".to_owned(), ""),
        1 => ("only 1 was".to_owned(), ", with the same grade"),
        n => (format!("only {n} were"), ", with the same grade"),
    };
    Err(Error::Asked(format!(
        "nothing is known of how {} grades change: of {} with a grade {again} rated more than once{other}",
        words.series(series.id().as_str()),
        words.body.count(rated),
    )))
}
