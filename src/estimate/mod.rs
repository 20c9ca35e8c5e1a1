//! Estimates: how likely, how fast, how sure, who is alike, what comes next.

mod aalen_johansen;
mod bootstrap;
mod cohort;
mod embedding;
mod forecast;
mod generator;
mod interval;
mod matrix;
mod monotone;
mod panel;
mod sequence;
mod similar;
mod study;
mod survival;
mod table;
mod time_to;
mod totals;

pub use aalen_johansen::{AalenJohansen, Stay, aalen_johansen, calendar_stays, calendar_stays_by_authority};
pub use bootstrap::{Bootstrap, Spread};
pub use cohort::{CohortOptions, cohort_matrix};
pub use embedding::{Embedding, NotEmbeddable, Regularisation, embedding, generator_from_counts, nearest_generator};
pub use forecast::{
    Backtest, BacktestOptions, CalibrationBin, Forecast, ForecastOptions, ForecastStep, Score, backtest, forecast,
    ranked_probability_score,
};
pub use generator::Generator;
pub use interval::{ProportionInterval, Transform};
pub use matrix::{Settings, TransitionMatrix};
pub use monotone::{MonotoneTrend, monotone_trend};
pub use panel::{Observation, PanelEstimate, PanelPair, neighbouring_moves, panel_generator, panel_pairs};
pub use sequence::{Sequence, entropy_of_times, optimal_matching};
pub use similar::{Distance, Similar, SimilarOptions, StepFunction, similar, step_functions};
pub use study::{AfterLast, ENTRY, ENTRY_YEARS, EXIT_YEARS, Study, TimeBasis, YEARS, stays};
pub use survival::{
    Bounded, Bracket, Duration, IntervalCurve, LogRank, SurvivalCurve, kaplan_meier, log_rank, turnbull,
};
pub use time_to::{EVENT_KIND, GROUP, SEEN_YEARS, Times, time_to, with_event_column};
pub use totals::{Anchor, Snapshots, Total, Totals, Withdrawn, snapshot_dates, snapshot_pairs, totals};
