//! Official indicators of children's services beside the inspections.

use std::collections::HashSet;
use std::path::Path;

use super::{RatingHistory, Region};
use crate::Error;
use crate::indicator::{Indicator, IndicatorValue, Indicators, KnownBody, ReleaseMapping, TidyIndicators, Total};
use crate::io::{Loaded, ReadOptions, Source, write_atomic};

/// The City of London and the Isles of Scilly: a handful of children and social workers each. Their percentages are real,
/// but say nothing in a mean over authorities, and are left out of those.
pub const TINY: [&str; 2] = ["E09000001", "E06000053"];

/// Percentages that are none of people who come one by one: sessions at school, and leavers as a share of those in post
/// later. They have no interval of a proportion.
const NO_PROPORTIONS: [&str; 3] = ["absence_cla", "absence_cin", "sw_turnover"];

/// The column of codes in files.
const CODE: &str = "gss_code";

#[cfg(all(feature = "dataset", feature = "indicators"))]
const SOURCE: &str = "Source: Department for Education, children looked after, children in need and social work workforce \
                      statistics; Office for National Statistics, mid-year population estimates. Open Government Licence";

/// England's official indicators, 2013 to 2025, that are embedded: twenty measures of care leavers, children in care, help
/// and protection, and the workforce, by authority, region and year. They are read when this is called, not before.
///
/// ```
/// use rating_history::ofsted;
/// let england = ofsted::england()?;
/// let indicators = ofsted::england_indicators(&england)?;
/// let slough = indicators.value("E06000039", "eet_19_21", 2019).unwrap();
/// assert_eq!((slough.value, slough.numerator, slough.denominator), (Some(59.0), Some(51.0), Some(87.0)));
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Invalid`], as for a user's own files: every row goes through the same checks.
#[cfg(all(feature = "dataset", feature = "indicators"))]
pub fn england_indicators(history: &RatingHistory) -> Result<Indicators, Error> {
    let (list, text) = crate::dataset::INDICATOR_LIST;
    let (values, bytes) = crate::dataset::INDICATOR_VALUES;
    let (list, values) = (Source::new(list, text.as_bytes()), Source::new(values, bytes));
    Ok(layout(history).read(list, values, &ReadOptions::default())?.value.leaving_out(TINY).from_source(SOURCE))
}

/// Reads indicators of a history's authorities from `indicator_list.csv` and `indicators.csv` of a folder, in the
/// [tidy layout](TidyIndicators) with the codes in `gss_code`: present or former ones, or those of England (`E92000001`) and
/// its regions. [`TINY`] authorities are left out of means.
///
/// # Errors
/// As [`TidyIndicators::read`].
pub fn read_indicators(
    history: &RatingHistory,
    folder: impl AsRef<Path>,
    options: &ReadOptions,
) -> Result<Loaded<Indicators>, Error> {
    let file = |name: &str| Source::from(folder.as_ref().join(name));
    let values = match folder.as_ref().join("indicators.csv").exists() {
        true => "indicators.csv",
        false => "indicators.csv.gz",
    };
    let Loaded { value, report } = layout(history).read(file("indicator_list.csv"), file(values), options)?;
    Ok(Loaded { value: of_authorities(&value)?, report })
}

/// Indicators of files, with what is known of England's, and with the releases that their list names as the source.
fn of_authorities(read: &Indicators) -> Result<Indicators, Error> {
    let list = read.list().iter().cloned().map(|indicator| Indicator {
        proportion: indicator.proportion && !NO_PROPORTIONS.contains(&indicator.id.as_str()),
        ..indicator
    });
    let release = |indicator: &Indicator| indicator.source.split(": ").next().unwrap_or_default().to_owned();
    let mut releases: Vec<String> = read.list().iter().map(release).filter(|release| !release.is_empty()).collect();
    let mut met = HashSet::new();
    releases.retain(|release| met.insert(release.clone()));
    let source = if releases.is_empty() { String::new() } else { format!("Source: {}", releases.join("; ")) };
    let again: Vec<IndicatorValue> = read.values().to_vec();
    Ok(Indicators::new(list, again, read.totals().to_vec())?.leaving_out(TINY).from_source(source))
}

/// Writes indicators to `indicator_list.csv` and `indicators.csv` of a folder.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be written.
pub fn write_indicators(indicators: &Indicators, folder: impl AsRef<Path>) -> Result<(), Error> {
    let (list, values) = indicators.to_tidy(CODE);
    write_atomic(&folder.as_ref().join("indicator_list.csv"), list.as_bytes())?;
    write_atomic(&folder.as_ref().join("indicators.csv"), values.as_bytes())
}

/// The layout of the Department for Education's files on "Explore education statistics": periods, levels, codes (those of the
/// Office for National Statistics, else the Department's own numbers) and symbols for what is missing. What to keep and the
/// measures are to be added. Rows of Inner and Outer London are passed over.
///
/// # Errors
/// [`Error::Frame`] if the embedded mapping cannot be read.
pub fn explore_education_statistics() -> Result<ReleaseMapping, Error> {
    serde_json::from_str(crate::dataset::RELEASE.2).map_err(|e| Error::Frame(e.to_string()))
}

/// Reads indicators of a history's authorities from a file of a statistical release: the list in the
/// [tidy layout](TidyIndicators), the values by a mapping. [`TINY`] authorities are left out of means.
///
/// # Errors
/// As [`TidyIndicators::read`] and [`ReleaseMapping::read`].
pub fn read_release(
    history: &RatingHistory,
    list: Source<'_>,
    release: Source<'_>,
    mapping: &ReleaseMapping,
    options: &ReadOptions,
) -> Result<Loaded<Indicators>, Error> {
    let Loaded { value, report } = layout(history).read_release(list, release, mapping, options)?;
    Ok(Loaded { value: of_authorities(&value)?, report })
}

fn known_bodies(history: &RatingHistory) -> Vec<KnownBody> {
    let body = |a: &super::Authority| KnownBody {
        id: a.code.to_string(),
        also: a.former_codes.iter().map(ToString::to_string).chain(a.la_code.map(|n| n.to_string())).collect(),
        opened: a.opened,
        closed: a.closed,
    };
    history.authorities().iter().map(body).collect()
}

/// The layout with a history's authorities, and England and its regions as totals.
pub(super) fn layout(history: &RatingHistory) -> TidyIndicators {
    TidyIndicators::new(CODE).known(known_bodies(history)).totals(totals())
}

/// England and its regions, by their codes.
fn totals() -> Vec<Total> {
    let england = Total { id: "E92000001".to_owned(), name: "England".to_owned(), region: None };
    let regions = (1..).zip(Region::ALL).map(|(n, region)| Total {
        id: format!("E1200000{n}"),
        name: region.label().to_owned(),
        region: Some(region.code().to_owned()),
    });
    std::iter::once(england).chain(regions).collect()
}
