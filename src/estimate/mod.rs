//! Estimates: how likely, how fast, how sure, who is alike, what comes next.
//!
//! | question | start with |
//! |---|---|
//! | How likely is each grade a year after each grade? | [`cohort_matrix`] |
//! | At what rate do grades move, and what follows at any horizon? | [`Generator`] |
//! | How likely between two days of the calendar? | [`aalen_johansen`] |
//! | How long does a grade last, how long until good? | [`Times`], [`kaplan_meier`], [`log_rank`] |
//! | ... when a change is only seen at an inspection? | [`turnbull`], [`panel_generator`] |
//! | Do grades move alike in several periods? | [`homogeneity`] |
//! | Do so many stand at each grade as the rates say? | [`prevalence`] |
//! | Does this yearly matrix have a generator? | [`embedding`], [`nearest_generator`], [`generator_from_counts`] |
//! | How sure is any of this? | the intervals of each; [`Bootstrap`], by authority |
//! | How varied is one trajectory, how alike are two? | [`Sequence`], [`timelines`], [`similar`] |
//! | Does a share rise or fall? | [`monotone_trend`] |
//! | What comes next, and what are such forecasts worth? | [`forecast`], [`backtest`] |
//!
//! Data go one way: a [`Study`] says what is observed and how time is counted; polars plans turn ratings into
//! [`stays`], [`Exposures`], [`snapshot_pairs`] or [`time_to`]; only counts, curves and small matrices are computed here.
//!
//! **Two readings of a rating.** A rating is only seen to change at inspections. Under [`Observation::Step`] the grade
//! stands until the next inspection, as it does in law and in the news: cohort, duration, Aalen-Johansen and
//! Kaplan-Meier then describe the *rated* grade, and "how long inadequate lasts" is in part how often Ofsted comes.
//! Under [`Observation::Interval`] the quality behind it changed at some time between two inspections, perhaps more
//! than once: [`turnbull`] and [`panel_generator`] then describe that quality, with less certainty and faster moves.
//!
//! **What forecasts have been worth.** On England's headline, made again at the end of each year from 2014 on from what
//! had been published by then (`ratings backtest`), forecasts beat "stays as it is" at every horizon: ranked
//! probability scores 12% lower after one year, 27% after three, 32% at the next inspection. Against "like the average
//! of all authorities on that day" they are 65% lower after one year and 21% after three, and no better after five
//! years or at the next inspection: there both intervals include 0. Years differ ([`Backtest::origins`]): from the ends
//! of 2019 and 2020, when grades hardly moved, they were worse than "stays as it is" a year on. Knowing how long a grade has
//! stood helps ([`time_stood`](fn@time_stood)): scores 4% lower after one and three years. They also were too
//! gloomy, as England's grades improved: of those given a chance below a fifth of being good at the next inspection,
//! three in ten were.

mod aalen_johansen;
mod backtest;
mod bootstrap;
mod changes;
mod cohort;
mod delta;
mod embedding;
mod forecast;
mod generator;
mod grid;
mod homogeneity;
mod interval;
mod kaplan_meier;
mod landmark;
mod log_rank;
mod matrix;
mod monotone;
mod mover;
mod panel;
mod prevalence;
mod semi_markov;
mod sequence;
mod similar;
mod snapshots;
mod study;
mod table;
mod tally;
mod time_stood;
mod time_to;
mod timelines;
mod totals;
mod turnbull;
mod years;

pub use aalen_johansen::{
    AalenJohansen, Stay, aalen_johansen, calendar_aalen_johansen, calendar_stays, calendar_stays_by_authority,
    landmark_aalen_johansen,
};
pub use backtest::{
    Backtest, BacktestOptions, BacktestScore, CalibrationBin, OriginScore, backtest, backtest_watched, brier_score,
    ranked_probability_score,
};
pub use bootstrap::{Bootstrap, BootstrapSpread};
pub use changes::changes_known;
pub use cohort::{CohortOptions, cohort_matrix, cohort_matrix_weighted};
pub use embedding::{Embedding, NotEmbeddable, Regularisation, embedding, generator_from_counts, nearest_generator};
pub use forecast::{Forecast, ForecastOptions, ForecastStep, forecast, forecast_watched, forecasts};
pub use generator::Generator;
pub use grid::{Anchor, Snapshots, Withdrawn};
pub use homogeneity::{Homogeneity, RatioTest, homogeneity};
pub use interval::{IntervalScale, ProportionInterval};
pub use kaplan_meier::{
    IntervalEstimate, MeanDifference, SurvivalCurve, TimeToEvent, kaplan_meier, restricted_mean_difference,
};
pub use landmark::{Apart, SurvivalDifference, WITH, WITHOUT, followed_years, survival_difference};
pub use log_rank::{LogRank, log_rank};
pub use matrix::{EstimateSettings, TransitionMatrix};
pub use monotone::{MonotoneTrend, monotone_trend};
pub use panel::{Observation, PanelEstimate, PanelPair, neighbouring_moves, panel_generator, panel_pairs};
pub use prevalence::{Prevalence, prevalence};
pub use sequence::{Sequence, entropy_of_times, optimal_matching};
pub use similar::{Distance, Similar, SimilarOptions, similar};
pub use snapshots::{SnapshotPair, snapshot_dates, snapshot_pairs};
pub use study::{AfterLast, ENTRY, ENTRY_YEARS, EXIT_YEARS, ObservedStay, Study, TimeBasis, YEARS, stays};
pub use time_stood::{TimeStood, time_stood};
pub use time_to::{EVENT_KIND, GROUP, ObservedTime, SEEN_YEARS, Times, time_to};
pub use timelines::{monthly_sequence, sequence, timelines};
pub use totals::{Exposures, InspectionPairs, Inspections, PairCounts, SnapshotPairs, Total, Totals, Unit, Years};
pub use turnbull::{Bracket, IntervalCurve, turnbull};
