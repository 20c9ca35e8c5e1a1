//! Of which bodies ratings are that were narrowed to some, in words.

use polars::prelude::*;

use super::Ratings;
use super::columns::*;
use crate::words::listed;
use crate::{Error, Noun};

/// Most bodies or regions that are named one by one.
const NAMED: usize = 3;

impl Ratings {
    /// The bodies that were kept, where only [some](Ratings::bodies_only) were: "London", where they are all of a region,
    /// "Luton and Slough", or "12 of 153 authorities".
    pub(crate) fn scope(&self) -> Result<Option<String>, Error> {
        if !self.narrowed {
            return Ok(None);
        }
        let body = &self.words.body;
        let (Some(kept), Some(register)) = (&self.authorities, &self.register) else {
            let ids = self.frame.clone().select([col(AUTHORITY).cast(DataType::String)]);
            let own = self.collect(ids.unique(None, UniqueKeepStrategy::Any))?;
            let ids = own.column(AUTHORITY)?.str()?.iter().flatten().map(str::to_owned).collect();
            return Ok(Some(some_of(ids, None, body)));
        };
        let told = |table: &LazyFrame| -> Result<Vec<(String, Option<String>)>, Error> {
            let columns = [AUTHORITY, NAME, REGION].map(|name| col(name).cast(DataType::String));
            let table = self.collect(table.clone().select(columns))?;
            let text = |name: &str| Ok::<_, Error>(table.column(name)?.str()?.clone());
            let (ids, names, regions) = (text(AUTHORITY)?, text(NAME)?, text(REGION)?);
            let rows = ids.iter().zip(names.iter()).zip(regions.iter());
            Ok(rows
                .filter_map(|((id, name), region)| Some((name.or(id)?.to_owned(), region.map(str::to_owned))))
                .collect())
        };
        let (kept, all) = (told(kept)?, told(register)?);
        let mut regions: Vec<&str> = kept.iter().filter_map(|(_, region)| region.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        let of_regions = all.iter().filter(|(_, r)| r.as_deref().is_some_and(|r| regions.contains(&r))).count();
        if (1..=NAMED).contains(&regions.len()) && of_regions == kept.len() && kept.len() > 1 {
            return Ok(Some(listed(&regions)));
        }
        Ok(Some(some_of(kept.into_iter().map(|(name, _)| name).collect(), Some(all.len()), body)))
    }
}

/// "Luton and Slough", or how many of how many.
fn some_of(mut names: Vec<String>, all: Option<usize>, body: &Noun) -> String {
    names.sort();
    match (names.len(), all) {
        (1..=NAMED, _) => listed(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        (n, Some(all)) => format!("{n} of {}", body.count(all)),
        (n, None) => body.count(n),
    }
}
