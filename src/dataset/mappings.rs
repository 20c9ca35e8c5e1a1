//! Layouts of files that others publish, as mappings in JSON.

/// The layout of the public ILACS history scrapers, as an [`ofsted::Mapping`](crate::ofsted::Mapping) in JSON.
pub const ILACS_HISTORY: &str = include_str!("mappings/ilacs_history.json");

/// A layout: its name, what file it is of, and the mapping as JSON. One with a field `authority` is an
/// [`ofsted::Mapping`](crate::ofsted::Mapping), any other an [`io::Mapping`](crate::io::Mapping).
pub type Layout = (&'static str, &'static str, &'static str);

/// The layouts that are known.
///
/// ```
/// use rating_history::{dataset, io, ofsted};
/// for (name, _, json) in dataset::MAPPINGS {
///     let of_ofsted = serde_json::from_str::<ofsted::Mapping>(json).is_ok();
///     assert!(of_ofsted != serde_json::from_str::<io::Mapping>(json).is_ok(), "{name}");
/// }
/// ```
pub const MAPPINGS: [Layout; 10] = [
    ("ilacs-history", "the public scrapers of ILACS reports: one row an inspection", ILACS_HISTORY),
    (
        "ofsted-la-outcomes",
        "Ofsted's workbook of local authority inspection outcomes (2025): the sheet of all ILACS inspections",
        include_str!("mappings/ofsted_la_outcomes.json"),
    ),
    (
        "ofsted-la-outcomes-latest",
        "the same workbook: the sheet of the latest inspections",
        include_str!("mappings/ofsted_la_outcomes_latest.json"),
    ),
    (
        "ofsted-childrens-homes-2015",
        "Ofsted's list of children's homes of 2015: five judgements side by side",
        include_str!("mappings/ofsted_childrens_homes_2015.json"),
    ),
    ("ofsted-childrens-homes-2016", "the list of 2016", include_str!("mappings/ofsted_childrens_homes_2016.json")),
    (
        "ofsted-childrens-homes-2023",
        "the list of 2023, with publication and registration",
        include_str!("mappings/ofsted_childrens_homes_2023.json"),
    ),
    (
        "cqc-home-care",
        "ratings of home care by the Care Quality Commission",
        include_str!("mappings/cqc_home_care.json"),
    ),
    ("food-hygiene", "food hygiene ratings of the Food Standards Agency", include_str!("mappings/food_hygiene.json")),
    (
        "sovereign-ratings",
        "credit ratings of countries, a series an agency",
        include_str!("mappings/sovereign_ratings.json"),
    ),
    (
        "bank-ratings",
        "credit ratings of banks by quarter, a series an agency",
        include_str!("mappings/bank_ratings.json"),
    ),
];

/// The layout of the Department for Education's files of statistics, without what to keep and the measures of any of them, as an
/// [`indicator::ReleaseMapping`](crate::indicator::ReleaseMapping) in JSON.
pub const RELEASE: Layout = (
    "explore-education-statistics",
    "indicators of the Department for Education, for `indicators` with --release: add what to keep, and measures",
    include_str!("mappings/explore_education_statistics.json"),
);

/// The mapping of a layout, by its name.
pub fn mapping(name: &str) -> Option<&'static str> {
    MAPPINGS.iter().find(|(known, ..)| *known == name).map(|(.., json)| *json)
}
