//! The data asked about: England's, a folder of tables, or any rated history in a CSV file.

use std::str::FromStr;

use rating_history::chrono::NaiveDate;
use rating_history::estimate::with_event_column;
use rating_history::polars::prelude::*;
use rating_history::{AuthorityCode, Error, EventKind, Grade, Precision, RatingHistory, Ratings, Theme, dataset};

use crate::Common;
use crate::files::{Contents, Reading};
use crate::output::Format;

/// One series or all of them, judged or computed.
#[derive(Clone, Copy, PartialEq)]
pub enum Series {
    All,
    Judged(Theme),
    PracticeProfile,
    ShortInspectionRule,
}

impl FromStr for Series {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_lowercase().replace('-', "_").as_str() {
            "all" => Ok(Series::All),
            "practice_profile" => Ok(Series::PracticeProfile),
            "short_inspection_rule" => Ok(Series::ShortInspectionRule),
            _ => text.parse().map(Series::Judged),
        }
    }
}

pub fn mistake(what: &'static str, value: impl ToString, expected: &str) -> Error {
    Error::Value { what, value: value.to_string(), expected: expected.to_owned() }
}

/// The data and the narrowing that was asked for.
pub struct Question {
    pub as_of: NaiveDate,
    pub format: Format,
    /// Codes of the authorities asked for; none for all.
    pub only: Option<Vec<String>>,
    /// None for ratings alone.
    pub history: Option<RatingHistory>,
    everything: Ratings,
    common: Common,
}

impl Question {
    pub fn new(common: Common) -> Result<Self, Error> {
        if !common.columns.is_empty() && !common.theme.is_empty() {
            return Err(mistake("--theme", "a CSV file", "no theme: the file has one series"));
        }
        let contents = match &common.data {
            Some(path) => Reading::default().open(path, &common)?.value,
            None if common.columns.is_empty() => Contents::History(dataset::england()?),
            None => return Err(mistake("--columns", common.columns.join(","), "a CSV file in --data")),
        };
        let (history, everything) = match contents {
            Contents::History(history) => {
                let ratings = Ratings::from_history(&history)?;
                (Some(history), ratings)
            }
            Contents::Ratings(ratings) => (None, *ratings),
        };
        let end = match &history {
            Some(history) => history.cut_off(),
            None => last_day(&everything)?,
        };
        let as_of = common.as_of.unwrap_or(end);
        if as_of > end && history.is_some() {
            eprintln!("note: the data ends on {}; nothing later is known", Precision::Day.write(end));
        }
        let only = selected(history.as_ref(), &everything, &common)?;
        Ok(Question { as_of, format: common.format, only, history, everything, common })
    }

    /// The ratings asked for, of every authority.
    pub fn ratings(&self) -> Result<Ratings, Error> {
        let common = &self.common;
        let mut ratings = self.everything.clone().clock(common.clock);
        if !common.framework.is_empty() {
            ratings = ratings.frameworks(&common.framework);
        }
        if let Some(date) = common.published_by {
            ratings = ratings.published_by(date);
        }
        ratings = match common.theme.as_slice() {
            [] => ratings.themes(&[Theme::Headline]),
            [Series::PracticeProfile] => ratings.practice_profile()?,
            [Series::ShortInspectionRule] => ratings.short_inspection_rule()?,
            series if series.contains(&Series::All) => ratings,
            series => {
                let judged = |s: &Series| match s {
                    Series::Judged(theme) => Ok(*theme),
                    _ => Err(mistake(
                        "--theme",
                        "practice_profile or short_inspection_rule",
                        "a computed series by itself",
                    )),
                };
                ratings.themes(&series.iter().map(judged).collect::<Result<Vec<_>, _>>()?)
            }
        };
        if common.lineage { ratings.lineage() } else { Ok(ratings) }
    }

    pub fn narrowed(&self) -> Result<Ratings, Error> {
        Ok(self.narrow(self.ratings()?))
    }

    /// Every theme of every authority.
    pub fn all_themes(&self) -> Result<Ratings, Error> {
        let common = Common { theme: vec![Series::All], ..self.common.clone() };
        Question { common, everything: self.everything.clone(), only: None, history: None, ..*self }.ratings()
    }

    /// Every theme at once, for the commands that look at all of them.
    pub fn every_theme(&self, command: &str) -> Result<Ratings, Error> {
        if self.common.theme.iter().any(|s| *s != Series::All) {
            return Err(mistake("--theme", command, "no theme with this command: it looks at all of them"));
        }
        Ok(self.narrow(self.all_themes()?))
    }

    /// The ratings of one theme, of every authority: what estimates are made from.
    pub fn one_series(&self) -> Result<Ratings, Error> {
        match self.common.theme.as_slice() {
            [] | [Series::Judged(_) | Series::PracticeProfile | Series::ShortInspectionRule] => self.ratings(),
            _ => Err(mistake("--theme", "several", "one theme with this command")),
        }
    }

    pub fn one_series_narrowed(&self) -> Result<Ratings, Error> {
        Ok(self.narrow(self.one_series()?))
    }

    fn narrow(&self, ratings: Ratings) -> Ratings {
        match &self.only {
            Some(codes) => ratings.authorities_only(&codes.iter().map(String::as_str).collect::<Vec<_>>()),
            None => ratings,
        }
    }

    pub fn one(&self) -> Result<&str, Error> {
        match self.only.as_deref() {
            Some([code]) => Ok(code),
            Some([]) => Err(mistake("--authority", "none", "one authority, in the region asked for")),
            None => Err(mistake("--authority", "none", "one authority")),
            Some(several) => Err(mistake("--authority", format!("{} of them", several.len()), "one authority")),
        }
    }

    /// The name of a code, or the code.
    pub fn name(&self, code: &str) -> String {
        let known = AuthorityCode::new(code).ok();
        let authority = known.and_then(|c| self.history.as_ref()?.authority(&c).map(|a| a.name.clone()));
        authority.unwrap_or_else(|| code.to_owned())
    }

    /// The day of the first judgement.
    pub fn first_day(&self) -> Result<NaiveDate, Error> {
        let first = self.narrowed()?.lazy().filter(col("theme").is_not_null()).select([col("date").min()]).collect()?;
        Ok(first.column("date")?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days).unwrap_or(self.as_of))
    }
}

fn last_day(ratings: &Ratings) -> Result<NaiveDate, Error> {
    let last = ratings.lazy().select([col("date").max()]).collect()?;
    let last = last.column("date")?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days);
    last.ok_or_else(|| mistake("--data", "no rows", "at least one rating"))
}

fn selected(history: Option<&RatingHistory>, ratings: &Ratings, common: &Common) -> Result<Option<Vec<String>>, Error> {
    let Some(history) = history else {
        if !common.region.is_empty() {
            return Err(mistake("--region", "a CSV file", "no region: the file has none"));
        }
        if common.authority.is_empty() {
            return Ok(None);
        }
        let ids =
            ratings.lazy().group_by([col("authority")]).agg([]).sort(["authority"], Default::default()).collect()?;
        let ids: Vec<&str> = ids.column("authority")?.str()?.iter().flatten().collect();
        let known = |id: &String| match ids.contains(&id.as_str()) {
            true => Ok(id.clone()),
            false => Err(Error::UnknownAuthority { query: id.clone(), suggestions: nearest(id, &ids) }),
        };
        return common.authority.iter().map(known).collect::<Result<_, _>>().map(Some);
    };
    let named = common.authority.iter().map(|name| history.find(name)).collect::<Result<Vec<_>, _>>()?;
    let all = if named.is_empty() { history.authorities().iter().collect() } else { named };
    let kept = all.into_iter().filter(|a| common.region.is_empty() || common.region.contains(&a.region));
    let narrowed = !common.authority.is_empty() || !common.region.is_empty();
    Ok(narrowed.then(|| kept.map(|a| a.code.to_string()).collect()))
}

/// Ids that differ from the one given in case or spaces only, or begin like it.
fn nearest(id: &str, ids: &[&str]) -> Vec<String> {
    let folded = id.trim().to_lowercase();
    let alike = |known: &&&str| !folded.is_empty() && known.to_lowercase().starts_with(&folded);
    ids.iter().filter(alike).take(4).map(|id| (*id).to_owned()).collect()
}

/// A grade in the scale's words; Ofsted's in any spelling.
pub fn label(ratings: &Ratings, text: &str) -> String {
    match text.parse::<Grade>() {
        Ok(grade) if ratings.scale().rank(text).is_none() => grade.code().to_owned(),
        _ => text.to_owned(),
    }
}

/// The ratings with a column `by` of the authorities, if that is a kind of event.
pub fn grouped_by(ratings: Ratings, by: &str) -> Result<Ratings, Error> {
    match by.parse::<EventKind>() {
        Ok(kind) => with_event_column(&ratings, kind, by),
        Err(_) => Ok(ratings),
    }
}
