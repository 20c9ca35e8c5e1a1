//! Estimates: how likely, how fast, how sure, who is alike, what comes next.

mod aalen_johansen;
mod cohort;
mod embedding;
mod generator;
mod interval;
mod matrix;
mod study;
mod survival;
mod table;
mod totals;

pub use aalen_johansen::{AalenJohansen, Stay, aalen_johansen, calendar_stays};
pub use cohort::{CohortOptions, cohort_matrix};
pub use embedding::{Embedding, NotEmbeddable, Regularisation, embedding, generator_from_counts, nearest_generator};
pub use generator::Generator;
pub use interval::{ProportionInterval, Transform};
pub use matrix::{Settings, TransitionMatrix};
pub use study::{AfterLast, ENTRY, ENTRY_YEARS, EXIT_YEARS, Study, TimeBasis, YEARS, stays};
pub use survival::{
    Bounded, Bracket, Duration, IntervalCurve, LogRank, SurvivalCurve, kaplan_meier, log_rank, turnbull,
};
pub use totals::{Anchor, Snapshots, Total, Totals, Withdrawn, snapshot_dates, snapshot_pairs, totals};
