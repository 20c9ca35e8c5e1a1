//! Layouts of files, by their name or from a file.

use std::path::Path;

use rating_history::io::Mapping as AnyMapping;
use rating_history::ofsted::Mapping;
use rating_history::{Error, dataset, nearest};

/// How the columns of a file are understood.
pub enum Layout {
    /// Ofsted's inspections of children's services.
    Ofsted(Box<Mapping>),
    /// Any ratings.
    Any(Box<AnyMapping>),
}

/// Every layout that is known: those of ratings, and that of indicators.
pub fn known_layouts() -> impl Iterator<Item = &'static dataset::Layout> {
    dataset::MAPPINGS.iter().chain([&dataset::RELEASE])
}

/// The mapping of a known layout.
pub fn known_layout(name: &str) -> Result<&'static str, Error> {
    let names: Vec<&str> = known_layouts().map(|(name, ..)| *name).collect();
    let found = known_layouts().find(|(known, ..)| *known == name).map(|(.., json)| *json);
    found.ok_or_else(|| Error::Unknown {
        what: "layout",
        value: name.to_owned(),
        expected: names.join(", "),
        nearest: nearest(name, names).map(str::to_owned),
    })
}

/// A layout by its name, or from a file.
pub fn layout_of(layout: &str) -> Result<Layout, Error> {
    let is_file = Path::new(layout).extension().is_some() || Path::new(layout).exists();
    let text = match dataset::mapping(layout) {
        Some(text) => text.to_owned(),
        None if is_file => {
            std::fs::read_to_string(layout).map_err(|source| Error::Io { path: layout.into(), source })?
        }
        None if layout == dataset::RELEASE.0 => {
            let expected =
                "a layout of ratings; this one is of indicators, for `ratings indicators` with --release".to_owned();
            return Err(Error::Value { what: "--layout", value: layout.to_owned(), expected });
        }
        None => known_layout(layout)?.to_owned(),
    };
    let wrong = |e: serde_json::Error| Error::Value {
        what: "--layout",
        value: layout.to_owned(),
        expected: format!("a mapping as JSON: {e}"),
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
    // One for Ofsted's inspections names the column of the authority.
    Ok(match value.get("authority").is_some() || value.get("grades").is_some() {
        true => Layout::Ofsted(Box::new(serde_json::from_str(&text).map_err(wrong)?)),
        false => {
            let mut mapping: AnyMapping = serde_json::from_str(&text).map_err(wrong)?;
            // A register is named as it is seen from the mapping.
            mapping.register = mapping.register.map(|file| Path::new(layout).with_file_name("").join(file));
            Layout::Any(Box::new(mapping))
        }
    })
}

/// The mapping of a file by the names of three columns.
pub fn of_columns(columns: &[String]) -> Result<AnyMapping, Error> {
    match columns {
        [id, date, rating] => Ok(AnyMapping::new(id).date(date).rating(rating)),
        _ => Err(Error::Value {
            what: "--columns",
            value: columns.join(","),
            expected: "three names: ID,DATE,RATING".to_owned(),
        }),
    }
}

/// Has a register tell of the bodies, in place of columns of the file.
pub fn by_register(mapping: &mut AnyMapping, register: &Path) {
    mapping.register = Some(register.to_owned());
    (mapping.opened, mapping.closed, mapping.successor) = (None, None, None);
}
