//! England's set, file by file.

/// A file of a set: its name and its text.
pub type File = (&'static str, &'static str);

/// The tables of Ofsted's inspections of England's authorities, as [`ofsted::england`](crate::ofsted::england) reads them.
pub const ENGLAND: [File; 5] = [
    ("authorities.csv", include_str!("england/authorities.csv")),
    ("neighbours.csv", include_str!("england/neighbours.csv")),
    ("inspections.csv", include_str!("england/inspections.csv")),
    ("judgements.csv", include_str!("england/judgements.csv")),
    ("events.csv", include_str!("england/events.csv")),
];

/// The tables of what reports and letters say beside grades, as
/// [`ofsted::england_with_reports`](crate::ofsted::england_with_reports) reads them.
pub const ENGLAND_REPORTS: [File; 6] = [
    ("visits.csv", include_str!("england/visits.csv")),
    ("visit_coverage.csv", include_str!("england/visit_coverage.csv")),
    ("improvements.csv", include_str!("england/improvements.csv")),
    ("improvement_topics.csv", include_str!("england/improvement_topics.csv")),
    ("self_assessments.csv", include_str!("england/self_assessments.csv")),
    ("coded_inspections.csv", include_str!("england/coded_inspections.csv")),
];

/// Inspections that are known to have been made after the cut-off, without their grades: no part of the set.
pub const ENGLAND_PENDING: File = ("pending_inspections.csv", include_str!("england/pending_inspections.csv"));

/// England as a map of equal tiles: code, row, column and letters of each authority, and the council that ran all of its
/// area before it was formed, if there was one.
pub const ENGLAND_TILES: File = ("tiles.csv", include_str!("england/tiles.csv"));

/// Where the names of the regions stand on that map.
pub const ENGLAND_TILE_HEADINGS: File = ("tile_headings.csv", include_str!("england/tile_headings.csv"));

/// SHA-256 of each file of the set, as `sha256sum` writes it.
pub const ENGLAND_CHECKSUMS: &str = include_str!("england/SHA256SUMS");
