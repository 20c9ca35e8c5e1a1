//! Ofsted's inspections of local authority children's services: the one room that knows the inspectorate.
//!
//! A [`RatingHistory`] holds authorities, inspections with their judgements, and events, checked together. It turns into
//! [`Ratings`](crate::Ratings) by [`RatingHistory::ratings`], and hands the engine its words, groups of peers and map.
//! Here live what only makes sense for these services: [`concerns`], [`profile`], [`practice_profile`],
//! [`short_inspection_rule`], and the [`Story`] of an authority.
//!
//! Its own layout of files is a folder of five tidy tables ([`read_folder`], [`write_folder`]):
//!
//! | file | one row is | columns |
//! |---|---|---|
//! | `authorities.csv` | an authority | gss_code, la_code, urn, name, region, type, opened, closed, successors, former_codes |
//! | `neighbours.csv` | a statistical neighbour | gss_code, rank (1 = most alike), neighbour_gss_code |
//! | `inspections.csv` | an inspection | inspection_id, gss_code, framework, kind, start_date, end_date, published, date_precision, source, also |
//! | `judgements.csv` | a judgement | inspection_id, area, grade (or `not_judged`) |
//! | `events.csv` | an event | gss_code, kind, scope, start_date, end_date, precision, label, source |
//!
//! UTF-8, comma-separated, ISO dates, empty = not stated, `;` between codes in one cell. `inspections.csv` may also
//! carry `urn` and `authority` (the name); they are checked against `authorities.csv` and not kept twice.
//! `neighbours.csv` and `events.csv` may be missing from a folder.
//!
//! A folder may also hold what reports and letters say beside grades ([`ReportFacts`]); of a table that is missing nothing
//! is known:
//!
//! | file | one row is | columns |
//! |---|---|---|
//! | `visits.csv` | a visit between inspections | visit_id, gss_code, kind, start_date, end_date, published, date_precision, topic, topic_from, priority_action (`yes`, `no`), source, also; perhaps authority |
//! | `visit_coverage.csv` | how far a kind of visit is known | kind, from, to, which (`all`, `latest`), note |
//! | `coded_inspections.csv` | an inspection whose report was read | inspection_id |
//! | `improvements.csv` | a thing that it asked for | inspection_id, number, area, urgency, topic, topic2 |
//! | `improvement_topics.csv` | a topic | topic, label, definition, theme |
//! | `self_assessments.csv` | what it said of the authority's assessment of itself | inspection_id, mentioned, view |
//!
//! One JSON document holds the same: [`write_json`], [`read_json`]. Other people's layouts come in by a [`Mapping`], in
//! CSV and, with the feature `excel`, in workbooks.

mod adequate;
mod ask_grades;
#[cfg(feature = "chart")]
mod ask_pictures;
mod asked_again;
mod asks;
mod authority;
mod between;
mod caveat;
mod concern;
#[cfg(all(feature = "dataset", feature = "others"))]
mod council;
mod course;
#[cfg(feature = "dataset")]
mod england;
mod event;
mod folder;
mod frame;
mod framework;
mod grade;
mod history;
mod improvement;
mod indicators;
mod inspected;
mod inspection;
mod json;
#[cfg(all(test, feature = "dataset", feature = "chart"))]
mod layouts;
mod pending;
mod practice;
mod profile;
mod report_facts;
mod report_tables;
mod revision;
mod story;
#[cfg(feature = "chart")]
mod trajectory;
mod update;
mod visit;
mod warning;
mod wide;
mod words;

pub use adequate::adequate_apart;
pub use ask_grades::{BeforeFall, GradeAsks};
pub use asked_again::{AskCourse, AskPair, AskStatus, AskedAgain};
pub use asks::{Ask, AskGroup, Asks, InspectionAsks, TopicShare};
pub use authority::{Authority, AuthorityCode, AuthorityType, Region};
pub use between::{AfterInadequate, Between, Covered, PriorityAction, VisitBetween};
pub use caveat::Caveat;
pub use concern::{Concern, ConcernStanding, concerns};
#[cfg(all(feature = "dataset", feature = "others", feature = "chart"))]
pub use council::council_lanes;
#[cfg(all(feature = "dataset", feature = "others"))]
pub use council::{Rated, rated_of_councils};
pub use course::{Course, CourseJudgement, CourseRun};
#[cfg(all(feature = "dataset", feature = "chart"))]
pub use england::england_tiles;
#[cfg(feature = "dataset")]
pub use england::{england, england_report_tables, england_tables, england_with_reports};
pub use event::{Event, EventKind, EventScope};
pub use folder::{Tables, read_folder, write_folder};
#[cfg(feature = "files")]
pub use frame::scan_ratings;
pub use frame::{ENGLAND, NEIGHBOURS};
pub use framework::{Area, Framework, InspectionKind, Theme};
pub use grade::Grade;
pub use history::{HistoryBuilder, RatingHistory};
pub use improvement::{Improvement, SelfAssessment, SelfAssessmentView, Topic, Urgency};
#[cfg(all(feature = "dataset", feature = "indicators"))]
pub use indicators::england_indicators;
pub use indicators::{TINY, explore_education_statistics, read_indicators, read_release, write_indicators};
pub use inspection::{AreaJudgement, Dates, Inspection, Reported};
pub use json::{read_json, write_json};
pub use pending::Pending;
pub use practice::{practice_profile, short_inspection_rule};
pub use profile::{FOLLOWED, PARTS, Profile, profile};
pub use report_facts::ReportFacts;
pub use report_tables::ReportTables;
pub use revision::{Change, Difference, Precedence};
pub use story::Story;
pub use update::{Trust, UpdateFact, UpdateKind, Updated};
pub use visit::{TopicSource, Visit, VisitCoverage, VisitKind, VisitTopic};
pub use wide::Mapping;
pub use words::words;
