//! The embedded set: England's inspections, and the map of its authorities.

use super::pending::Pending;
use super::{RatingHistory, ReportTables, Tables};
use crate::Error;
use crate::dataset;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read};
use crate::io::table::{Row, Table};
#[cfg(feature = "chart")]
use crate::{
    chart::{TileHeading, TileLayout},
    io::Source,
};

/// Ofsted's inspections of every English authority, 2009 to the cut-off of 20 August 2026, and what is known of
/// inspections since.
///
/// ```
/// let england = rating_history::ofsted::england()?;
/// assert_eq!(england.cut_off().to_string(), "2026-08-20");
/// assert!(england.inspections().len() > 700);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Invalid`], as for a user's own file: every row goes through the same checks.
pub fn england() -> Result<RatingHistory, Error> {
    let pending = pending()?;
    england_tables().read(&ReadOptions::default())?.value.into_builder().pending(pending).build()
}

/// As [`england`], with what reports and letters say beside grades: visits, what inspections asked for, and what they said
/// of self-assessments ([`ReportFacts`](super::ReportFacts)).
///
/// ```
/// use rating_history::ofsted;
/// let england = ofsted::england_with_reports()?;
/// assert_eq!(england.inspections(), ofsted::england()?.inspections());
/// assert_eq!(england.report_facts().topics.len(), 56);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`england`].
pub fn england_with_reports() -> Result<RatingHistory, Error> {
    let pending = pending()?;
    let tables = Tables { reports: england_report_tables(), ..england_tables() };
    tables.read(&ReadOptions::default())?.value.into_builder().pending(pending).build()
}

/// The embedded tables of what reports and letters say beside grades, as text.
pub fn england_report_tables() -> ReportTables {
    let text = |file: &str| dataset::ENGLAND_REPORTS.iter().find(|(name, _)| *name == file).map(|(_, text)| *text);
    let tables = ReportTables::of(|file| Ok::<_, std::convert::Infallible>(text(file).unwrap_or_default().to_owned()));
    match tables {
        Ok(tables) => tables,
        Err(never) => match never {},
    }
}

/// The embedded tables as text, without those of [`england_report_tables`].
pub fn england_tables() -> Tables {
    let [authorities, neighbours, inspections, judgements, events] = dataset::ENGLAND.map(|(_, text)| text.to_owned());
    Tables { authorities, neighbours, inspections, judgements, events, ..Tables::default() }
}

/// England as a map of equal tiles, one for each authority, near its true place.
///
/// ```
/// assert_eq!(rating_history::ofsted::england_tiles()?.places().len(), 153);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Invalid`], as for a user's own layout.
#[cfg(feature = "chart")]
pub fn england_tiles() -> Result<TileLayout, Error> {
    let source = |(name, text): (&'static str, &'static str)| Source::new(name, text.as_bytes());
    let options = ReadOptions::default();
    let headings = TileHeading::read(source(dataset::ENGLAND_TILE_HEADINGS), &options)?.value;
    Ok(TileLayout::read(source(dataset::ENGLAND_TILES), &options)?.value.with_headings(headings))
}

fn pending() -> Result<Vec<Pending>, Error> {
    let (name, text) = dataset::ENGLAND_PENDING;
    let rows = |reading: &mut Reading<'_>| {
        let Some(table) = Table::parse(name, text, reading) else { return Vec::new() };
        let row = |row: Row<'_>| {
            Some(Pending {
                authority: row.value("gss_code", reading)?,
                end: row.date("end_date", reading)?,
                source: row.text("source").to_owned(),
            })
        };
        table.rows().filter_map(row).collect()
    };
    let Loaded { value, .. } = read(&ReadOptions::default(), |reading| Ok(rows(reading)))?;
    Ok(value)
}
