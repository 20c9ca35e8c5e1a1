//! England's indicators, file by file.
#![doc = include_str!("indicators/README.md")]

/// The list of the indicators, as [`ofsted::read_indicators`](crate::ofsted::read_indicators) reads it.
pub const INDICATOR_LIST: (&str, &str) = ("indicator_list.csv", include_str!("indicators/indicator_list.csv"));

/// Their values by authority, region and year: a gzip file of CSV.
pub const INDICATOR_VALUES: (&str, &[u8]) = ("indicators.csv.gz", include_bytes!("indicators/indicators.csv.gz"));

/// SHA-256 of the list and of the values unpacked, as `sha256sum` writes it.
pub const INDICATOR_CHECKSUMS: &str = include_str!("indicators/SHA256SUMS");
