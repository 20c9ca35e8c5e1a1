//! This page goes from a file to a chart in one sitting. Other pages have tasks, methods, and a comparison with other tools.
//!
//! | you want | look at |
//! |---|---|
//! | your first answer and your first picture | this page |
//! | one of 25 tasks done in six lines | [`cookbook`] |
//! | to bring in another inspectorate's ratings, in an hour | [`another`] |
//! | to know what an estimate is, with its formula and its source | [`methods`] |
//! | to know what R, MATLAB and TraMineR have, and what they lack | [`comparison`] |
//! | to know how the crate is built, and why | [`design`] |
//! | to know how fast it is, what it depends on, and how long it takes to compile | [`speed`] |
//!
//! # A file
//!
//! Suppose somebody sends you a list of homes. It has a title at the top, two words for one grade, a home that nobody has inspected yet,
//! and a note at the bottom.
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! let file = "\
//! Homes inspected to June 2024,,,,
//! Number,Home,Area,Inspected,Overall
//! 1,Elm House,North,14/03/2018,Poor
//! 1,Elm House,North,02/06/2020,Satisfactory
//! 1,Elm House,North,21/05/2023,Good
//! 2,Oak House,North,30/01/2019,Good
//! 2,Oak House,North,11/11/2022,Fair
//! 3,Ash House,South,08/09/2021,Poor
//! 4,Yew House,South,,Not yet inspected
//! Source: the county,,,,
//! ";
//! # Ok(()) }
//! ```
//!
//! A [`Mapping`](crate::io::Mapping) says what its columns and words mean. Grades go from the worst to the best.
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! use rating_history::io::{Mapping, ReadOptions, Source};
//! let mapping: Mapping = serde_json::from_str(r#"{
//!     "id": "Number", "name": "Home", "groups": {"region": "Area"},
//!     "date": "Inspected", "ratings": {"headline": "Overall"},
//!     "scale": ["poor", "fair", "good"],
//!     "words": {"Satisfactory": "fair", "Not yet inspected": "not_rated"},
//!     "footer": ["Source"],
//!     "nouns": {"body": {"one": "home", "many": "homes"}, "source": "Source: the county's list of homes"}
//! }"#).unwrap();
//! # let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.csv"));
//! let read = mapping.read(Source::new("homes.csv", file.as_bytes()), &ReadOptions::default())?;
//! println!("{}", read.report); // every problem with its line, what was passed over, and how many rows were kept
//! assert_eq!(read.report.kept(), 7);
//! # Ok(()) }
//! ```
//!
//! You can give a path instead of the `Source`. A row that cannot be read is an error that names the line, the column, the value and what
//! would be right. [`ReadOptions::lenient`](crate::io::ReadOptions::lenient) leaves such rows out, and the report says which.
//!
//! # Questions
//!
//! Reading gives [`Ratings`](crate::Ratings). You ask questions of one [series](crate::Series) of them, as of a day.
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! # use rating_history::io::{Mapping, ReadOptions, Source};
//! # let mapping: Mapping = serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.json"))).unwrap();
//! # let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.csv"));
//! # let ratings = mapping.read(Source::new("homes.csv", file.as_bytes()), &ReadOptions::default())?.value;
//! let overall = ratings.series("headline")?.as_of("2024-06-30".parse().unwrap());
//! let spells = overall.spells().rows()?; // plain values
//! let elm = &spells[0];
//! assert_eq!((elm.grade.as_str(), elm.days), ("poor", 811)); // 14 March 2018 to 2 June 2020
//! let frame = overall.spells().collect()?; // the same as a polars DataFrame
//! assert_eq!(frame.height(), spells.len());
//! let plan = overall.spells().lazy(); // the same as a plan, to go on with in polars
//! # let _ = plan;
//! # Ok(()) }
//! ```
//!
//! [`trend`](crate::trend) lists all questions. Here are three: who is at which grade on a day, who moved, and how the shares changed.
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! # use rating_history::io::{Mapping, ReadOptions, Source};
//! # let mapping: Mapping = serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.json"))).unwrap();
//! # let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.csv"));
//! # let ratings = mapping.read(Source::new("homes.csv", file.as_bytes()), &ReadOptions::default())?.value;
//! # let overall = ratings.series("headline")?.as_of("2024-06-30".parse().unwrap());
//! let worst = overall.standing().rows()?.into_iter().filter(|home| home.grade.as_deref() == Some("poor"));
//! assert_eq!(worst.map(|home| home.name.unwrap()).collect::<Vec<_>>(), ["Ash House"]);
//! let changes = overall.transitions().rows()?;
//! assert_eq!(changes.iter().filter(|change| change.steps > 0).count(), 2); // Elm House twice
//! let days = ["2022-06-30".parse().unwrap(), "2024-06-30".parse().unwrap()];
//! let shares = overall.distribution(&days, Some("region")).collect()?;
//! assert!(shares.column("region").is_ok());
//! # Ok(()) }
//! ```
//!
//! # A picture
//!
//! A [chart](crate::chart) is a value. What it says is in its fields, and the ending of the file name decides whether it is saved as SVG or
//! PNG.
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! # use rating_history::io::{Mapping, ReadOptions, Source};
//! # let mapping: Mapping = serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.json"))).unwrap();
//! # let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/homes.csv"));
//! # let ratings = mapping.read(Source::new("homes.csv", file.as_bytes()), &ReadOptions::default())?.value;
//! # let ratings = ratings.as_of("2024-06-30".parse().unwrap());
//! use rating_history::chart::{Chart, Style, Trajectory};
//! let chart = Trajectory::collect(&ratings, "headline", "1", Style::default())?;
//! println!("{}", chart.title());
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("elm-house.svg");
//! # let save = |_: &str| path.clone();
//! chart.save(&save("elm-house.svg"))?;
//! let numbers = chart.table().csv(); // the same as a table, for readers who want the numbers
//! assert!(numbers.lines().count() > 3);
//! # Ok(()) }
//! ```
//!
//! # England
//!
//! England's inspections of children's services are embedded, with the words, groups and rules that go with them:
//!
//! ```
//! # fn main() -> Result<(), rating_history::Error> {
//! use rating_history::ofsted::{self, Theme};
//! let england = ofsted::england()?;
//! let headline = england.ratings()?.series(Theme::Headline)?;
//! let slough: Vec<_> = headline.spells().rows()?.into_iter().filter(|spell| spell.name.as_deref() == Some("Slough")).collect();
//! assert_eq!((slough[0].grade.as_str(), slough[0].days, slough[0].inspections), ("inadequate", 2803, 3));
//! # Ok(()) }
//! ```
//!
//! The command-line tool `ratings` does all of this without Rust: `cargo run --example ratings -- --help`.

#[doc = include_str!("another.md")]
pub mod another {}
#[doc = include_str!("comparison.md")]
pub mod comparison {}
#[doc = include_str!("cookbook.md")]
pub mod cookbook {}
#[doc = include_str!("design.md")]
pub mod design {}
#[doc = include_str!("methods.md")]
pub mod methods {}
#[doc = include_str!("speed.md")]
pub mod speed {}
