//! Commands that estimate.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use clap::{Args, Subcommand, ValueEnum};
use rating_history::chrono::{Datelike, NaiveDate};
use rating_history::estimate::{
    AfterLast, Anchor, Apart, BacktestOptions, Bootstrap, CohortOptions, Distance, EstimateSettings, Exposures,
    ForecastOptions, Generator, IntervalEstimate, IntervalScale, Observation, PairCounts, PanelEstimate,
    ProportionInterval, Regularisation, SimilarOptions, Snapshots, Study, SurvivalCurve, TimeBasis, TimeStood, Times,
    TransitionMatrix, Withdrawn, Years, aalen_johansen, backtest_watched, calendar_aalen_johansen,
    calendar_stays_by_authority, changes_known, cohort_matrix, cohort_matrix_weighted, embedding, forecast_watched,
    homogeneity, kaplan_meier, log_rank, monotone_trend, monthly_sequence, nearest_generator, neighbouring_moves,
    panel_generator, panel_pairs, prevalence, restricted_mean_difference, similar, snapshot_dates, survival_difference,
    time_stood, timelines, turnbull,
};
use rating_history::io::read_columns;
use rating_history::polars::prelude::*;
use rating_history::trend::Every;
use rating_history::{Error, Noun, Precision, Series};

use crate::common::day;
use crate::data::{Groups, Question, label, mistake, refusal};
use crate::{Common, Days};

#[derive(Subcommand)]
pub enum Estimate {
    /// Probabilities of each grade some time after each grade
    #[command(after_help = "Example: ratings matrix --estimator duration --horizon 5y")]
    Matrix(Matrix),
    /// How long a grade lasts, or until another is reached (Kaplan-Meier)
    #[command(after_help = "Example: ratings survival --from inadequate --to good --summary")]
    Survival(Survival),
    /// Who stood where an authority stood, and what became of them
    #[command(after_help = "Example: ratings similar --authority Slough --at 2016-06-30 --top 10")]
    Similar {
        /// The day to look at the authority [default: the as-of day]
        #[arg(long, value_name = "DATE", value_parser = day)]
        at: Option<NaiveDate>,
        /// Years before it that are compared
        #[arg(long, default_value_t = 10.0)]
        years: f64,
        /// rank (mean difference) or matching (optimal matching of months)
        #[arg(long, default_value = "rank")]
        distance: Distance,
        /// Only the first so many
        #[arg(long, value_name = "N")]
        top: Option<u32>,
    },
    /// The grade at the next inspection and over the years
    #[command(after_help = "Example: ratings forecast --authority Slough --years 5")]
    Forecast {
        /// How many years
        #[arg(long, default_value_t = 10)]
        years: u32,
        #[command(flatten)]
        learning: Learning,
    },
    /// How well such forecasts would have done, beside "stays as it is" and "the national average"
    #[command(after_help = "Example: ratings backtest --horizons 1,3,5")]
    Backtest {
        /// First day from which forecasts are made [default: 31 December, five years after the first inspection]
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<NaiveDate>,
        /// Step between such days
        #[arg(long, default_value = "1y")]
        every: Every,
        /// Years ahead
        #[arg(long, value_delimiter = ',', default_value = "1,3,5")]
        horizons: Vec<u32>,
        /// Print forecast probabilities against what happened instead of the scores
        #[arg(long)]
        calibration: bool,
        /// Print the scores of the forecasts made on each day instead
        #[arg(long, conflicts_with = "calibration")]
        by_origin: bool,
        /// Print what knowing how long a grade has stood adds, instead of the scores
        #[arg(long, conflicts_with_all = ["calibration", "stratum"])]
        compare_time_stood: bool,
        /// The grade whose being reached the calibration is about [default: good, or where the better part of the scale
        /// begins]
        #[arg(long, value_name = "GRADE")]
        reach: Option<String>,
        #[command(flatten)]
        learning: Learning,
    },
    /// How long each grade lasts by its rates, and where they lead in the end
    #[command(after_help = "Example: ratings rates --from 2018-01-01")]
    Rates(Rates),
    /// Entropy, turbulence and complexity of each trajectory, by months
    #[command(after_help = "Example: ratings measures --authority Slough")]
    Measures {
        /// A grade that nobody leaves
        #[arg(long, value_name = "GRADE")]
        absorbing: Option<String>,
    },
    /// Whether the share at or above a grade rises or falls (Mann-Kendall, Theil-Sen)
    #[command(after_help = "Example: ratings trend --from 2014-03-31 --every 1y --by region")]
    Trend {
        #[command(flatten)]
        days: Days,
        /// The grade [default: good, or where the better part of the scale begins]
        #[arg(long, value_name = "GRADE")]
        at_or_above: Option<String>,
        /// Apart by a column of the authorities
        #[arg(long, value_name = "region|type")]
        by: Option<String>,
    },
}

#[derive(Args)]
pub struct StudyArguments {
    /// How days become years: anniversary or 365.25 [default: anniversary]
    #[arg(long)]
    time_basis: Option<TimeBasis>,
    /// Whether the time after a body's last judgement is observed: count or drop [default: count]
    #[arg(long)]
    after_last: Option<AfterLast>,
    /// A grade that nobody leaves
    #[arg(long, value_name = "GRADE")]
    absorbing: Option<String>,
}

impl StudyArguments {
    pub fn study(&self, from: Option<NaiveDate>, to: NaiveDate) -> Result<Study, Error> {
        if let Some(from) = from.filter(|from| *from > to) {
            return Err(mistake("--from", from, &format!("a day not after {to}")));
        }
        let basis = self.time_basis.unwrap_or(TimeBasis::Anniversary);
        let after_last = self.after_last.unwrap_or(AfterLast::Count);
        Ok(Study::until(to).from(from).basis(basis).after_last(after_last).absorbing(self.absorbing.clone()))
    }
}

#[derive(Args)]
struct Resampling {
    /// Intervals by resampling authorities so many times
    #[arg(long, value_name = "N")]
    bootstrap: Option<u32>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1, requires = "bootstrap")]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Estimator {
    Cohort,
    Duration,
    AalenJohansen,
    Panel,
}

#[derive(Args)]
pub struct Matrix {
    /// cohort: snapshots; duration: rates of full stays; aalen-johansen: from one day to another; panel: rates of what
    /// inspections saw
    /// [default: cohort, or duration of --totals]
    #[arg(long, value_enum)]
    estimator: Option<Estimator>,
    /// Of totals in this file, .csv, .parquet or .arrow, as `ratings sql totals` gets them of a database; --to and the flags of
    /// the study say how they were made
    #[arg(long, value_name = "FILE", conflicts_with_all = ["snapshots", "anchor", "when_withdrawn", "interval", "periods"])]
    totals: Option<PathBuf>,
    /// Time between the grades, as 1y, 6mo, 2.5y; not for aalen-johansen [default: 1y]
    #[arg(long, value_parser = years)]
    horizon: Option<f64>,
    /// First day observed; for aalen-johansen, the first of the two days [default: the first judgement]
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day observed; for aalen-johansen, the second day [default: the as-of day]
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Option<NaiveDate>,
    /// Snapshots a year, for cohort [default: 1]
    #[arg(long, value_name = "1|2|4|12")]
    snapshots: Option<u32>,
    /// Whether snapshots are counted from the start or back from the end, for cohort [default: end]
    #[arg(long)]
    anchor: Option<Anchor>,
    /// What a withdrawn rating counts as, for cohort: exclude, own_state, carry_forward [default: exclude]
    #[arg(long, value_name = "HOW")]
    when_withdrawn: Option<Withdrawn>,
    /// Intervals over one period, for cohort: modified_wilson, wilson or goodman (simultaneous within a row) [default:
    /// modified_wilson]
    #[arg(long)]
    interval: Option<ProportionInterval>,
    /// Level of the intervals
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    /// Whether grades move alike in periods that begin with these years, a test instead of the matrix; for cohort (one
    /// step) and duration
    #[arg(long, value_name = "YEARS", value_delimiter = ',', conflicts_with_all = ["horizon", "interval", "bootstrap"])]
    periods: Vec<i32>,
    #[command(flatten)]
    study: StudyArguments,
    #[command(flatten)]
    resampling: Resampling,
}

#[derive(Args)]
pub struct Survival {
    /// The grade whose lasting is asked about
    #[arg(long, value_name = "GRADE")]
    from: String,
    /// Until this grade, or a better (worse) one, is reached [default: until it is left]
    #[arg(long, value_name = "GRADE")]
    to: Option<String>,
    /// Apart by a column of the authorities, by the period in which the spells began, or after a kind of event and without
    /// it from the same days
    #[arg(long, value_name = "region|type|period|EVENT")]
    by: Option<String>,
    #[command(flatten)]
    groups: Groups,
    /// step: a grade stands until the next inspection; interval: it changed at some time between two
    #[arg(long, default_value = "step")]
    reading: Observation,
    /// Medians, restricted means, how they differ from the first group's, and the log-rank test, instead of the curve
    #[arg(long)]
    summary: bool,
    /// Years up to which the restricted mean goes [default: 5]
    #[arg(long, requires = "summary")]
    until: Option<f64>,
    /// First day observed: a grade that stood before it enters late [default: the first judgement]
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<NaiveDate>,
    /// Weight of early ends in the log-rank test: 0 weighs all alike, 1 the early ones more [default: 0]
    #[arg(long, requires = "summary")]
    rho: Option<f64>,
    /// Scale of the intervals [default: log-log]
    #[arg(long, value_enum)]
    transform: Option<Scale>,
    /// Level of the intervals [default: 0.95]
    #[arg(long)]
    level: Option<f64>,
    #[command(flatten)]
    study: StudyArguments,
}

#[derive(Args)]
pub struct Rates {
    /// duration: moves over years; panel: what makes the grades at inspections most likely; cohort: nearest to the matrix of
    /// yearly snapshots (embedding)
    #[arg(long, value_enum, default_value = "duration")]
    estimator: Estimator,
    /// Of totals in this file, .csv, .parquet or .arrow, as `ratings sql totals` gets them of a database; --to and the flags of
    /// the study say how they were made
    #[arg(long, value_name = "FILE", conflicts_with = "prevalence")]
    totals: Option<PathBuf>,
    /// How many stand at each grade year by year, and how many would by the rates, instead of the rates
    #[arg(long)]
    prevalence: bool,
    /// First day observed [default: the first judgement]
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day observed [default: the as-of day]
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Option<NaiveDate>,
    /// Level of the intervals
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    #[command(flatten)]
    study: StudyArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scale {
    Plain,
    Log,
    LogLog,
    Logit,
    Beta,
}

#[derive(Args)]
pub struct Learning {
    /// Column of the authorities that makes the strata, or none [default: none, as regions were found to add next to nothing]
    #[arg(long, value_name = "region|type|none")]
    stratum: Option<String>,
    /// Years that a grade has stood at which its rates change, or none
    #[arg(long, value_name = "YEARS", value_delimiter = ',', default_value = "2,4")]
    time_stood: Vec<String>,
    /// Years with which all of the data weighs in a stratum
    #[arg(long, default_value_t = 50.0)]
    shrinkage: f64,
    /// Replicates of the bootstrap
    #[arg(long, default_value_t = 500, value_name = "N")]
    bootstrap: u32,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Level of the bands
    #[arg(long, default_value_t = 0.9)]
    level: f64,
    #[command(flatten)]
    study: StudyArguments,
}

impl Learning {
    fn options(&self) -> Result<ForecastOptions, Error> {
        let years = |text: &String| {
            text.trim().parse::<f64>().map_err(|_| mistake("--time-stood", text, "years, as 2,4, or none"))
        };
        let time_stood = match self.time_stood.as_slice() {
            [none] if none == "none" => Vec::new(),
            given => given.iter().map(years).collect::<Result<_, Error>>()?,
        };
        let stratum = self.stratum.clone().filter(|column| column != "none");
        let bootstrap = Bootstrap::default().replicates(self.bootstrap).seed(self.seed).level(self.level);
        let options = ForecastOptions::default().stratum(stratum).time_stood(time_stood);
        Ok(options.shrinkage(self.shrinkage).bootstrap(bootstrap))
    }
}

/// "5y", "6mo", "2.5y" in years.
fn years(text: &str) -> Result<f64, String> {
    let number = |unit: &str| text.trim().strip_suffix(unit).and_then(|n| n.trim().parse::<f64>().ok());
    let years = number("mo").map(|months| months / 12.0).or_else(|| number("y"));
    years.filter(|y| *y > 0.0 && *y <= 1000.0).ok_or_else(|| "expected a time as 5y, 6mo or 2.5y".to_owned())
}

/// Tells how far long work is, on a terminal.
fn progress(what: &'static str) -> impl Fn(u32) + Sync {
    let (done, shown) = (AtomicU32::new(0), std::io::stderr().is_terminal());
    move |_| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if shown && done.is_multiple_of(25) {
            let _ = write!(std::io::stderr(), "\r{what}: {done} replicates ");
        }
    }
}

fn end_of_progress() {
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r{:40}\r", "");
    }
}

fn note(settings: &EstimateSettings) {
    let EstimateSettings { estimator, years, level, interval, notes, standard_error, .. } = settings;
    let years = format!("{years:.4}");
    let years = years.trim_end_matches('0').trim_end_matches('.');
    let noun = if years == "1" { "year" } else { "years" };
    crate::common::note(format_args!("note: {estimator}, {years} {noun}, {:.0}% intervals: {interval}", 100.0 * level));
    crate::common::note(format_args!("note: standard errors: {standard_error}"));
    notes.iter().for_each(|note| crate::common::note(format_args!("note: {note}")));
}

impl Estimate {
    /// What follows from totals in a file, where it is asked of one.
    pub fn of_totals(&self, common: &Common) -> Option<Result<DataFrame, Error>> {
        match self {
            Estimate::Matrix(matrix) => matrix.totals.as_deref().map(|file| matrix.of_totals(file, common)),
            Estimate::Rates(rates) => rates.totals.as_deref().map(|file| rates.of_totals(file, common)),
            _ => None,
        }
    }

    pub fn answer(&self, question: &Question) -> Result<DataFrame, Error> {
        match self {
            Estimate::Matrix(matrix) => whole(matrix.answer(question)?, &["count"]),
            Estimate::Survival(survival) => survival.answer(question),
            Estimate::Similar { at, years, distance, top } => {
                let options = SimilarOptions::at(at.unwrap_or(question.as_of)).years(*years).distance(*distance);
                alike(question, &options, *top)
            }
            Estimate::Forecast { years, learning } => {
                let study = learning.study.study(None, question.as_of)?;
                let (body, options) = (question.one_existing()?, learning.options()?);
                let words = question.words();
                let mut answers = Vec::new();
                for (series, ratings) in question.forecast_series()? {
                    let made = forecast_watched(&ratings, &study, body, *years, &options, &progress("bootstrap"))?;
                    end_of_progress();
                    let (name, grade) = (question.name(body), words.grade(&made.grade));
                    let day = Precision::Day.write(made.as_of);
                    crate::common::note(format_args!(
                        "note: {name}, {}: {grade} on {day}",
                        words.series(series.as_str())
                    ));
                    answers.push(made.to_frame()?.lazy().with_column(lit(series.as_str()).alias("theme")));
                }
                crate::common::note(format_args!(
                    "note: the next {} by the grade alone, the years also by how long it has stood; `ratings backtest` says what \
                     such forecasts have been worth",
                    question.words().inspection.one
                ));
                Ok(concat(answers, UnionArgs::default())?.collect()?)
            }
            Estimate::Backtest {
                from,
                every,
                horizons,
                calibration,
                by_origin,
                compare_time_stood,
                reach,
                learning,
            } => {
                let ratings = question.one_series_narrowed()?;
                changes_known(&question.one_series()?)?;
                let first = match from {
                    Some(from) => *from,
                    None => {
                        let begin = question.first_day()?;
                        let first = NaiveDate::from_ymd_opt(begin.year() + 5, 12, 31).unwrap_or(question.as_of);
                        if first > question.as_of {
                            let [begin, end] = [begin, question.as_of].map(|day| Precision::Day.write(day));
                            return Err(refusal(format!(
                                "a backtest learns from the first five years, and the data go from {begin} to {end}: say \
                                 from which day on forecasts are made with --from"
                            )));
                        }
                        first
                    }
                };
                if first > question.as_of {
                    return Err(mistake("--from", first, &format!("a day not after {}", question.as_of)));
                }
                let reach = threshold(&ratings, reach.as_deref());
                let options = BacktestOptions::new(every.dates(first, question.as_of), horizons.clone(), reach.clone())
                    .forecast(learning.options()?);
                let study = learning.study.study(None, question.as_of)?;
                if *compare_time_stood {
                    return memory(&time_stood(&ratings, &study, &options)?, *by_origin);
                }
                let result = backtest_watched(&ratings, &study, &options, &progress("backtest"))?;
                end_of_progress();
                match (calibration, by_origin) {
                    (true, _) => {
                        crate::common::note(format_args!("note: chances of {}", or_better(&ratings, &reach)));
                        result.calibration_frame()
                    }
                    (_, true) => result.origin_frame(),
                    _ => result.to_frame(),
                }
            }
            Estimate::Rates(rates) => rates.answer(question),
            Estimate::Measures { absorbing } => measures(question, absorbing.clone()),
            Estimate::Trend { days, at_or_above, by } => shares(question, days, at_or_above.as_deref(), by.as_deref()),
        }
    }
}

/// Forecasts that know how long a grade has stood, beside those that do not.
fn memory(found: &[TimeStood], by_origin: bool) -> Result<DataFrame, Error> {
    crate::common::note(format_args!(
        "note: mean scores without and with knowing how long a grade has stood; less is better, a gain above 0 says that it helps"
    ));
    let rows: Vec<&TimeStood> = found.iter().filter(|row| row.origin.is_some() == by_origin).collect();
    let mut frame = df!(
        "target" => rows.iter().map(|row| row.target.as_str()).collect::<Vec<_>>(),
        "score" => rows.iter().map(|row| row.score.as_str()).collect::<Vec<_>>(),
        "origin" => rows.iter().map(|row| row.origin).collect::<Vec<_>>(),
        "n" => rows.iter().map(|row| row.n as u32).collect::<Vec<_>>(),
        "without" => rows.iter().map(|row| Some(row.without).filter(|score| score.is_finite())).collect::<Vec<_>>(),
        "with" => rows.iter().map(|row| Some(row.with).filter(|score| score.is_finite())).collect::<Vec<_>>(),
        "gain" => rows.iter().map(|row| row.gain).collect::<Vec<_>>(),
        "lower" => rows.iter().map(|row| row.interval.map(|i| i.0)).collect::<Vec<_>>(),
        "upper" => rows.iter().map(|row| row.interval.map(|i| i.1)).collect::<Vec<_>>(),
        "gain_error" => rows.iter().map(|row| row.standard_error).collect::<Vec<_>>(),
    )?;
    let unused: &[&str] = if by_origin { &["lower", "upper", "gain_error"] } else { &["origin"] };
    for column in unused {
        frame.drop_in_place(column)?;
    }
    Ok(frame)
}

/// Counts as whole numbers.
fn whole(frame: DataFrame, columns: &[&str]) -> Result<DataFrame, Error> {
    let schema = frame.schema().clone();
    let known = columns.iter().filter(|c| schema.contains(c));
    Ok(frame.lazy().with_columns(known.map(|c| col(*c).cast(DataType::Int64)).collect::<Vec<_>>()).collect()?)
}

impl Matrix {
    fn answer(&self, question: &Question) -> Result<DataFrame, Error> {
        let ratings = question.one_series_narrowed()?;
        let unknown = match changes_known(&question.one_series()?) {
            Err(Error::Asked(why)) => Some(why),
            known => known.map(|()| None)?,
        };
        let study = self.study.study(self.from, self.to.unwrap_or(question.as_of))?;
        self.refuse_what_does_not_apply()?;
        if !self.periods.is_empty() {
            return unknown.map_or_else(|| self.by_period(&ratings, &study), |why| Err(Error::Asked(why)));
        }
        let matrix = match self.estimator() {
            Estimator::Cohort => self.cohort(&ratings, &study)?,
            Estimator::Duration => self.duration(&ratings, &study)?,
            Estimator::AalenJohansen => self.aalen_johansen(question, &ratings, &study)?,
            Estimator::Panel => self.panel(&ratings, &study)?,
        };
        let matrix = match &unknown {
            Some(why) => matrix.unknown(why),
            None => matrix,
        };
        note(&matrix.settings);
        matrix.to_frame()
    }

    fn refuse_what_does_not_apply(&self) -> Result<(), Error> {
        let is = |estimator: Estimator| self.estimator() == estimator;
        let cohort = "no such option but with the cohort estimator";
        let given = [
            ("--snapshots", self.snapshots.is_some() && !is(Estimator::Cohort), cohort),
            ("--anchor", self.anchor.is_some() && !is(Estimator::Cohort), cohort),
            ("--when-withdrawn", self.when_withdrawn.is_some() && !is(Estimator::Cohort), cohort),
            ("--interval", self.interval.is_some() && !is(Estimator::Cohort), cohort),
            (
                "--horizon",
                self.horizon.is_some() && is(Estimator::AalenJohansen),
                "no horizon with aalen-johansen: its time is from --from to --to",
            ),
            (
                "--time-basis",
                self.study.time_basis.is_some() && is(Estimator::AalenJohansen),
                "no time basis with aalen-johansen: it counts days",
            ),
            (
                "--after-last",
                self.study.after_last.is_some() && is(Estimator::Panel),
                "no such option with panel: it looks at inspections only",
            ),
            (
                "--bootstrap",
                self.resampling.bootstrap.is_some() && is(Estimator::Panel),
                "no bootstrap with panel: its intervals come from the likelihood",
            ),
        ];
        match given.into_iter().find(|(_, refused, _)| *refused) {
            Some((option, _, expected)) => Err(mistake(option, "given", expected)),
            None => Ok(()),
        }
    }

    fn estimator(&self) -> Estimator {
        self.estimator.unwrap_or(if self.totals.is_some() { Estimator::Duration } else { Estimator::Cohort })
    }

    fn horizon(&self) -> f64 {
        self.horizon.unwrap_or(1.0)
    }

    /// Replaces intervals by those of a bootstrap, where it is asked for.
    fn resampled(
        &self,
        matrix: TransitionMatrix,
        n: usize,
        again: impl Fn(&[f64]) -> Option<TransitionMatrix> + Sync,
    ) -> Result<TransitionMatrix, Error> {
        let Some(replicates) = self.resampling.bootstrap else { return Ok(matrix) };
        let bootstrap = Bootstrap::default().replicates(replicates).seed(self.resampling.seed).level(self.level);
        let spread = bootstrap.run_watched(n, |weight| again(weight).map(|m| m.numbers()), &progress("bootstrap"))?;
        end_of_progress();
        matrix.with_spread(&spread)
    }

    fn grid(&self) -> Snapshots {
        Snapshots::default()
            .per_year(self.snapshots.unwrap_or(1))
            .anchor(self.anchor.unwrap_or(Anchor::End))
            .withdrawn(self.when_withdrawn.unwrap_or(Withdrawn::Exclude))
    }

    /// The test whether periods are alike.
    fn by_period(&self, ratings: &Series, study: &Study) -> Result<DataFrame, Error> {
        let first = *snapshot_dates(ratings, study, &self.grid().anchor(Anchor::Start))?.first().unwrap_or(&study.to);
        let mut days = vec![first];
        for year in &self.periods {
            let day = NaiveDate::from_ymd_opt(*year, 1, 1).filter(|day| *day > days[days.len() - 1] && *day < study.to);
            let expected = format!("years in order, after {first} and before {}", study.to);
            days.push(day.ok_or_else(|| mistake("--periods", year, &expected))?);
        }
        days.push(study.to);
        let studies = || days.windows(2).map(|days| study.clone().from(days[0]).to(days[1]));
        let test = match self.estimator() {
            Estimator::Duration => {
                let totals = studies().map(|study| Exposures::collect(ratings, &study));
                homogeneity(&totals.collect::<Result<Vec<_>, Error>>()?)?
            }
            Estimator::Cohort => {
                let totals = studies().map(|study| PairCounts::snapshots(ratings, &study, &self.grid()));
                homogeneity(&totals.collect::<Result<Vec<_>, Error>>()?)?
            }
            _ => return Err(mistake("--estimator", "with --periods", "cohort or duration")),
        };
        crate::common::note(format_args!(
            "note: likelihood ratio test of {} periods (Anderson and Goodman 1957); rough where few moved",
            days.len() - 1
        ));
        let tests = || test.states.iter().chain([&test.all]);
        Ok(df!(
            "grade" => test.labels.iter().map(String::as_str).chain(["all"]).collect::<Vec<_>>(),
            "g_squared" => tests().map(|t| t.g_squared).collect::<Vec<_>>(),
            "df" => tests().map(|t| t.df as u32).collect::<Vec<_>>(),
            "p" => tests().map(|t| t.p).collect::<Vec<_>>(),
        )?)
    }

    fn cohort(&self, ratings: &Series, study: &Study) -> Result<TransitionMatrix, Error> {
        let snapshots = self.grid();
        let periods = self.horizon() * f64::from(snapshots.per_year);
        if (periods - periods.round()).abs() > 1e-9 || periods < 0.5 {
            let a_year = snapshots.per_year;
            let expected = format!("a whole number of snapshots, of which there are {a_year} a year (see --snapshots)");
            return Err(mistake("--horizon", format!("{}y", self.horizon()), &expected));
        }
        let dates = snapshot_dates(ratings, study, &snapshots)?;
        let options = CohortOptions::default()
            .periods(periods.round() as u32)
            .level(self.level)
            .interval(self.interval.unwrap_or(ProportionInterval::ModifiedWilson))
            .absorbing(study.absorbing.as_deref().map(|a| ratings.scale().position(a)).transpose()?);
        let totals = PairCounts::snapshots(ratings, study, &snapshots)?;
        let mut matrix = cohort_matrix(&totals, &options)?;
        if let (Some(first), Some(last)) = (dates.first(), dates.last()) {
            matrix.settings.notes.push(format!("{} snapshots, {first} to {last}", dates.len()));
        }
        self.resampled(matrix, totals.rows.len(), |weight| {
            cohort_matrix_weighted(&totals, &options, |n| weight[n]).ok()
        })
    }

    /// The matrix of totals in a file.
    fn of_totals(&self, file: &Path, common: &Common) -> Result<DataFrame, Error> {
        self.refuse_what_does_not_apply()?;
        if self.estimator() != Estimator::Duration {
            return Err(refusal("of totals only the duration estimator makes a matrix: leave --estimator out"));
        }
        let totals = totals_in(file, &self.study, self.from, self.to, common)?;
        if self.resampling.bootstrap.is_some() && totals.rows.len() < 2 {
            return Err(refusal(format!(
                "{}: resampling needs a row for each body, which `sql totals` gives without --pooled",
                file.display()
            )));
        }
        let matrix = self.of_exposures(&totals)?;
        note(&matrix.settings);
        whole(matrix.to_frame()?, &["count"])
    }

    fn duration(&self, ratings: &Series, study: &Study) -> Result<TransitionMatrix, Error> {
        self.of_exposures(&Exposures::collect(ratings, study)?)
    }

    fn of_exposures(&self, totals: &Exposures) -> Result<TransitionMatrix, Error> {
        let estimate = |weight: &dyn Fn(usize) -> f64| {
            Generator::from_weighted_totals(totals, weight)?.transition_matrix(self.horizon(), self.level)
        };
        let matrix = estimate(&|_| 1.0)?;
        let Some(replicates) = self.resampling.bootstrap else { return Ok(matrix) };
        // Only the probabilities are needed again, not their intervals.
        let bootstrap = Bootstrap::default().replicates(replicates).seed(self.resampling.seed).level(self.level);
        let spread = bootstrap.run_watched(
            totals.rows.len(),
            |weight| {
                let generator = Generator::from_weighted_totals(totals, |n| weight[n]).ok()?;
                Some(generator.probability(self.horizon()).ok()?.concat())
            },
            &progress("bootstrap"),
        )?;
        end_of_progress();
        matrix.with_spread(&spread)
    }

    fn aalen_johansen(&self, question: &Question, ratings: &Series, study: &Study) -> Result<TransitionMatrix, Error> {
        let begin = self.from.map_or_else(|| question.first_day(), Ok)?;
        let (s, t) = (f64::from(begin.to_epoch_days()), f64::from(study.to.to_epoch_days()));
        let labels = ratings.scale().labels();
        let estimate = calendar_aalen_johansen(ratings, study, begin, study.to)?;
        let mut matrix = estimate.transition_matrix(t, IntervalScale::Beta, self.level)?;
        matrix.settings.notes.push(format!("from the end of {begin} to the end of {}", study.to));
        matrix.settings.notes.push(format!("time after the last judgement {}", study.after_last));
        if self.resampling.bootstrap.is_none() {
            return Ok(matrix);
        }
        let own = calendar_stays_by_authority(ratings, study)?;
        self.resampled(matrix, own.len(), |weight| {
            let weighted = own.iter().zip(weight).flat_map(|(stays, weight)| {
                stays.iter().map(|stay| rating_history::estimate::Stay { weight: *weight, ..*stay })
            });
            let estimate = aalen_johansen(labels, &weighted.collect::<Vec<_>>(), s, t).ok()?;
            estimate.transition_matrix(t, IntervalScale::Plain, self.level).ok() // its numbers alone count
        })
    }

    fn panel(&self, ratings: &Series, study: &Study) -> Result<TransitionMatrix, Error> {
        let estimate = of_panel(ratings, study)?;
        let mut matrix = estimate.transition_matrix(self.horizon(), self.level)?;
        matrix.settings.notes.push("moves between neighbouring grades, at any time between two judgements".to_owned());
        Ok(matrix)
    }
}

/// Totals in a file, with the study that they were made by, where it is told.
fn totals_in(
    file: &Path,
    flags: &StudyArguments,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    common: &Common,
) -> Result<Exposures, Error> {
    common.only("--totals, which holds all that is asked", &["--as-of", "--format", "--wide"])?;
    let named = |error| match error {
        Error::Frame(reason) => Error::Frame(format!("{}: {reason}", file.display())),
        other => other,
    };
    let mut totals = Exposures::from_frame(Years::Years, &read_columns(file)?).map_err(named)?;
    let told = [flags.time_basis.is_some(), flags.after_last.is_some(), flags.absorbing.is_some(), from.is_some()];
    totals.study = match to.or(common.as_of) {
        Some(to) => Some(flags.study(from, to)?),
        None if told.contains(&true) => {
            return Err(refusal("how totals were made is told with --to, the last day observed, too"));
        }
        None => None,
    };
    let labels = rating_history::Scale::new(totals.labels.clone())?;
    flags.absorbing.as_deref().map(|grade| labels.position(grade)).transpose()?;
    Ok(totals)
}

/// Rates of moves between neighbouring grades, from inspections.
fn of_panel(ratings: &Series, study: &Study) -> Result<PanelEstimate, Error> {
    let labels = ratings.scale().labels();
    let mut allowed = neighbouring_moves(labels.len());
    if let Some(absorbing) = &study.absorbing {
        allowed[ratings.scale().position(absorbing)?].fill(false);
    }
    panel_generator(labels, &panel_pairs(ratings, study)?, &allowed)
}

impl Rates {
    /// The rates, and how long stays last by them; what is known of them goes to notes.
    fn generator(&self, ratings: &Series, study: &Study) -> Result<(Generator, Vec<IntervalEstimate>), Error> {
        let with_stays = |rates: Generator| rates.mean_stay_interval(self.level).map(|stays| (rates, stays));
        match self.estimator {
            Estimator::Duration => {
                crate::common::note(format_args!("note: a grade stands until the next judgement; {study}"));
                with_stays(Generator::from_totals(&Exposures::collect(ratings, study)?)?)
            }
            Estimator::Panel => {
                let estimate = of_panel(ratings, study)?;
                crate::common::note(format_args!(
                    "note: grades change at any time between two judgements, to a neighbouring grade; {}",
                    estimate.search()
                ));
                let stays = estimate.mean_stay_interval(self.level)?;
                // Its counts are pairs of inspections, not moves.
                Ok((Generator { exposure: Vec::new(), count: Vec::new(), ..estimate.generator }, stays))
            }
            Estimator::Cohort => {
                let pairs = PairCounts::snapshots(ratings, study, &Snapshots::default())?;
                let matrix = cohort_matrix(&pairs, &CohortOptions::default())?;
                let Some(yearly) = matrix.complete() else {
                    let expected = "a grade that somebody stands at in every row of the yearly matrix";
                    return Err(mistake("--estimator", "cohort", expected));
                };
                let known = embedding(&matrix.labels, &yearly, 1.0)?;
                let told = match (known.valid, known.obstacles.len()) {
                    (true, _) => "the yearly matrix has rates that give it exactly".to_owned(),
                    (false, 0) => {
                        "no rates give the yearly matrix exactly; these are the nearest (quasi-optimisation)".to_owned()
                    }
                    (false, _) => {
                        "the yearly matrix cannot come from any rates; these are the nearest (quasi-optimisation)"
                            .to_owned()
                    }
                };
                crate::common::note(format_args!("note: {told}; {study}"));
                with_stays(nearest_generator(&matrix.labels, &yearly, 1.0, Regularisation::QuasiOptimal)?)
            }
            Estimator::AalenJohansen => {
                Err(mistake("--estimator", "aalen-johansen", "duration, panel or cohort: it has no rates"))
            }
        }
    }

    fn answer(&self, question: &Question) -> Result<DataFrame, Error> {
        let ratings = question.one_series_narrowed()?;
        changes_known(&question.one_series()?)?;
        let study = self.study.study(self.from, self.to.unwrap_or(question.as_of))?;
        let (generator, stays) = self.generator(&ratings, &study)?;
        if self.prevalence {
            return self.compared(&ratings, &study, &generator);
        }
        self.table(&generator, &stays)
    }

    /// The rates of totals in a file.
    fn of_totals(&self, file: &Path, common: &Common) -> Result<DataFrame, Error> {
        if self.estimator != Estimator::Duration {
            return Err(refusal("of totals only the duration estimator makes rates: leave --estimator out"));
        }
        let generator = Generator::from_totals(&totals_in(file, &self.study, self.from, self.to, common)?)?;
        self.table(&generator, &generator.mean_stay_interval(self.level)?)
    }

    fn table(&self, generator: &Generator, stays: &[IntervalEstimate]) -> Result<DataFrame, Error> {
        let stationary = generator.stationary();
        if stationary.is_none() {
            crate::common::note(format_args!("note: where the rates lead in the end depends on where one begins"));
        }
        let places = || 0..generator.labels.len();
        Ok(df!(
            "grade" => generator.labels.clone(),
            "years" => places().map(|i| generator.exposure.get(i).copied()).collect::<Vec<_>>(),
            "moves" => places().map(|i| generator.count.get(i).map(|row| row.iter().sum::<f64>() as i64)).collect::<Vec<_>>(),
            "mean_stay" => stays.iter().map(|s| s.value).collect::<Vec<_>>(),
            "stay_lower" => stays.iter().map(|s| s.lower).collect::<Vec<_>>(),
            "stay_upper" => stays.iter().map(|s| s.upper).collect::<Vec<_>>(),
            "stationary" => places().map(|i| stationary.as_ref().map(|s| s[i])).collect::<Vec<_>>(),
            "stay_error" => stays.iter().map(|s| s.standard_error).collect::<Vec<_>>(),
        )?)
    }

    fn compared(&self, ratings: &Series, study: &Study, rates: &Generator) -> Result<DataFrame, Error> {
        let days = snapshot_dates(ratings, study, &Snapshots::default())?;
        let rows = prevalence(ratings, study, rates, &days)?;
        let first = days.first().map(|day| Precision::Day.write(*day)).unwrap_or_default();
        crate::common::note(format_args!(
            "note: of those with a grade on {first} and on the day; expected by the rates from where each stood on {first}"
        ));
        Ok(df!(
            "date" => rows.iter().map(|row| row.date).collect::<Vec<_>>(),
            "grade" => rows.iter().map(|row| row.grade.as_str()).collect::<Vec<_>>(),
            "observed" => rows.iter().map(|row| row.observed as u32).collect::<Vec<_>>(),
            "expected" => rows.iter().map(|row| row.expected).collect::<Vec<_>>(),
            "bodies" => rows.iter().map(|row| row.bodies as u32).collect::<Vec<_>>(),
        )?)
    }
}

impl Survival {
    fn answer(&self, question: &Question) -> Result<DataFrame, Error> {
        let ratings = question.one_series_narrowed()?;
        changes_known(&question.one_series()?)?;
        let study = match self.since.filter(|since| *since > question.as_of) {
            Some(since) => return Err(mistake("--since", since, &format!("a day not after {}", question.as_of))),
            None => self.study.study(self.since, question.as_of)?,
        };
        if self.reading == Observation::Interval && self.since.is_some() {
            let expected = "no --since: this curve knows no late entry";
            return Err(mistake("--reading", "interval", expected));
        }
        if self.reading == Observation::Interval
            && (self.summary || self.transform.is_some() || self.level.is_some() || self.study.after_last.is_some())
        {
            let expected = "no --summary, --transform, --level or --after-last: this curve has no intervals";
            return Err(mistake("--reading", "interval", expected));
        }
        if let Some(until) = self.until.filter(|until| !(*until >= 0.0 && until.is_finite())) {
            return Err(mistake("--until", until, "a number of years, at least 0"));
        }
        let known = |text: &str| label(&ratings, text);
        let (from, to) = (known(&self.from), self.to.as_deref().map(known));
        let (ratings, by) = self.groups.apart(ratings.into_ratings(), self.by.as_deref())?;
        let ratings = ratings.only_series()?;
        let times = Times::apart(&ratings, &study, &from, to.as_deref(), by.as_ref())?;
        let frame = match (self.reading, self.summary) {
            (Observation::Interval, _) => self.brackets(&times)?,
            (_, true) => self.summaries(&times, matches!(by, Some(Apart::Event(_))))?,
            (_, false) => self.curves(&times, to.as_deref())?,
        };
        crate::common::note(format_args!("note: {}; {}", self.reading, study.basis));
        let (kinds, words) = (Times::kinds_of(to.as_deref()), question.words());
        let spell = Noun::new("spell", "spells");
        for group in &times {
            let (spells, bodies) = (spell.count(group.durations.len()), words.body.count(group.bodies()));
            let name = group.group.as_ref().map_or(String::new(), |name| format!("{name}: "));
            crate::common::note(format_args!("note: {name}{spells} of {bodies}"));
        }
        if let (Some(Apart::Event(kind)), [with, without]) = (&by, times.as_slice()) {
            let event = words.code(kind);
            crate::common::note(format_args!(
                "note: years since the event ({event}), or since the grade began where it came before; without: at the grade \
                 on the same day, never with one; those beside one event weigh one together"
            ));
            let found = survival_difference(with, without, &Bootstrap::default().level(self.level()))?;
            let clear = if found.is_clear() == Some(false) { "; no clear difference" } else { "" };
            let bodies = &words.body.many;
            crate::common::note(format_args!(
                "note: longer at the grade with one than without: {found}, by resampling of {bodies}{clear}"
            ));
        }
        let counts: Vec<&str> =
            ["at_risk", "events", "censored", "n"].into_iter().chain(kinds.iter().map(String::as_str)).collect();
        whole(frame, &counts)
    }

    fn transform(&self) -> IntervalScale {
        match self.transform {
            Some(Scale::Plain) => IntervalScale::Plain,
            Some(Scale::Log) => IntervalScale::Log,
            Some(Scale::LogLog) | None => IntervalScale::LogLog,
            Some(Scale::Logit) => IntervalScale::Logit,
            Some(Scale::Beta) => IntervalScale::Beta,
        }
    }

    fn level(&self) -> f64 {
        self.level.unwrap_or(0.95)
    }

    /// Adds the group after the needed columns, where there are groups.
    fn grouped(&self, frames: Vec<(Option<String>, DataFrame)>) -> Result<DataFrame, Error> {
        let frames: Vec<LazyFrame> = frames
            .into_iter()
            .map(|(group, frame)| match (&self.by, group) {
                (Some(_), Some(group)) => frame.lazy().with_column(lit(group).alias("group")),
                _ => frame.lazy(),
            })
            .collect();
        Ok(concat(frames, UnionArgs::default())?.collect()?)
    }

    fn curves(&self, times: &[Times], to: Option<&str>) -> Result<DataFrame, Error> {
        if times.is_empty() {
            return kaplan_meier(&Times::kinds_of(to), &[], self.transform(), self.level())?.to_frame();
        }
        let frame = |t: &Times| {
            let frame = t.curve(self.transform(), self.level())?.to_frame()?;
            // Errors of so many observations would be wrong of parts.
            let errors = frame.columns().iter().map(|c| c.name().to_string()).filter(|name| name.ends_with("_error"));
            let unknown: Vec<Expr> = errors.map(|name| lit(NULL).cast(DataType::Float64).alias(name)).collect();
            let frame = if t.weighs_parts() { frame.lazy().with_columns(unknown).collect()? } else { frame };
            Ok((t.group.clone(), frame))
        };
        let frame = self.grouped(times.iter().map(frame).collect::<Result<_, Error>>()?)?;
        let needed = ["time", "at_risk", "events", "censored", "survival", "lower", "upper"];
        let group = frame.schema().contains("group").then_some("group");
        let others: Vec<String> = frame.columns().iter().map(|c| c.name().to_string()).collect();
        let others = others.iter().map(String::as_str).filter(|c| !needed.contains(c) && *c != "group");
        let order: Vec<Expr> = needed.into_iter().chain(group).chain(others).map(col).collect();
        Ok(frame.lazy().select(order).collect()?)
    }

    fn brackets(&self, times: &[Times]) -> Result<DataFrame, Error> {
        let frames = times.iter().map(|t| {
            let frame = turnbull(&t.brackets)?.to_frame()?;
            Ok((t.group.clone(), frame))
        });
        let frames = frames.collect::<Result<Vec<_>, Error>>()?;
        if frames.is_empty() {
            let none: [f64; 0] = [];
            return Ok(df!("time" => none, "after" => none, "probability" => none, "survival" => none)?);
        }
        self.grouped(frames)
    }

    fn summaries(&self, times: &[Times], paired: bool) -> Result<DataFrame, Error> {
        let curves =
            times.iter().map(|t| t.curve(self.transform(), self.level())).collect::<Result<Vec<_>, Error>>()?;
        let test = (times.len() > 1 && !paired)
            .then(|| log_rank(&times.iter().map(|t| t.durations.clone()).collect::<Vec<_>>(), self.rho.unwrap_or(0.0)))
            .transpose()?;
        let medians: Vec<_> = curves.iter().map(|c| c.median()).collect();
        let until = self.until.unwrap_or(5.0);
        let mean = |(curve, times): (&SurvivalCurve, &Times)| {
            let mut mean = curve.restricted_mean(until)?;
            if times.weighs_parts() {
                (mean.lower, mean.upper) = (None, None);
            }
            Ok(mean)
        };
        let means = curves.iter().zip(times).map(mean).collect::<Result<Vec<_>, Error>>()?;
        let weighed = times.iter().any(Times::weighs_parts);
        let error = |curve: &SurvivalCurve| if weighed { Ok(None) } else { curve.restricted_mean_error(until) };
        let errors = curves.iter().map(error).collect::<Result<Vec<_>, Error>>()?;
        // Against the first group; those of one event are not so many observations, and are compared by resampling.
        let difference = |n: usize| match n == 0 || weighed {
            true => Ok(None),
            false => restricted_mean_difference(&curves[n], &curves[0], until),
        };
        let differences = (0..curves.len()).map(difference).collect::<Result<Vec<_>, Error>>()?;
        let frame = df!(
            "group" => times.iter().map(|t| t.group.clone()).collect::<Vec<_>>(),
            "n" => times.iter().map(|t| t.durations.len() as f64).collect::<Vec<_>>(),
            "events" => curves.iter().map(|c| c.events.iter().flatten().sum::<f64>()).collect::<Vec<_>>(),
            "median_follow_up" => curves.iter().map(SurvivalCurve::median_follow_up).collect::<Vec<_>>(),
            "median" => medians.iter().map(|m| m.value).collect::<Vec<_>>(),
            "median_lower" => medians.iter().map(|m| m.lower).collect::<Vec<_>>(),
            "median_upper" => medians.iter().map(|m| m.upper).collect::<Vec<_>>(),
            "restricted_mean" => means.iter().map(|m| m.value).collect::<Vec<_>>(),
            "mean_error" => errors,
            "mean_lower" => means.iter().map(|m| m.lower).collect::<Vec<_>>(),
            "mean_upper" => means.iter().map(|m| m.upper).collect::<Vec<_>>(),
            "difference" => differences.iter().map(|d| d.map(|d| d.difference)).collect::<Vec<_>>(),
            "difference_lower" => differences.iter().map(|d| d.map(|d| d.lower)).collect::<Vec<_>>(),
            "difference_upper" => differences.iter().map(|d| d.map(|d| d.upper)).collect::<Vec<_>>(),
            "difference_p" => differences.iter().map(|d| d.map(|d| d.p)).collect::<Vec<_>>(),
            "chi_squared" => vec![test.as_ref().map(|t| t.chi_squared); times.len()],
            "p" => vec![test.as_ref().map(|t| t.p); times.len()],
            "df" => vec![test.as_ref().map(|t| t.df as u32); times.len()],
            "difference_error" => differences.iter().map(|d| d.map(|d| d.standard_error)).collect::<Vec<_>>(),
        )?;
        Ok(frame)
    }
}

/// The grade asked for, or where the better part of the scale begins.
fn threshold(ratings: &Series, asked: Option<&str>) -> String {
    let labels = ratings.scale().labels();
    asked.map_or_else(|| labels[ratings.words().better_rank(labels)].clone(), |text| label(ratings, text))
}

/// "good or better"
fn or_better(ratings: &Series, grade: &str) -> String {
    let (said, labels) = (ratings.words().grade(grade), ratings.scale().labels());
    if labels.last().is_some_and(|best| best == grade) { said } else { format!("{said} or better") }
}

fn alike(question: &Question, options: &SimilarOptions, top: Option<u32>) -> Result<DataFrame, Error> {
    let study = Study::until(question.as_of);
    let mut found = similar(&question.one_series()?, &study, question.one()?, options)?;
    found.truncate(top.map_or(usize::MAX, |n| n as usize));
    let years = |from: NaiveDate, to: Option<NaiveDate>| to.map(|to| (to - from).num_days() as f64 / 365.25);
    Ok(df!(
        "place" => (1..=found.len() as u32).collect::<Vec<_>>(),
        "authority" => found.iter().map(|s| s.authority.as_str()).collect::<Vec<_>>(),
        "name" => found.iter().map(|s| question.name(&s.authority)).collect::<Vec<_>>(),
        "on" => found.iter().map(|s| s.on).collect::<Vec<_>>(),
        "distance" => found.iter().map(|s| s.distance).collect::<Vec<_>>(),
        "overlap_years" => found.iter().map(|s| s.overlap_years).collect::<Vec<_>>(),
        "next" => found.iter().map(|s| s.next.as_deref()).collect::<Vec<_>>(),
        "next_on" => found.iter().map(|s| s.next_on).collect::<Vec<_>>(),
        "better" => found.iter().map(|s| s.better.as_deref()).collect::<Vec<_>>(),
        "better_on" => found.iter().map(|s| s.better_on).collect::<Vec<_>>(),
        "years_to_better" => found.iter().map(|s| years(s.on, s.better_on)).collect::<Vec<_>>(),
        "latest_grade" => found.iter().map(|s| s.latest.as_str()).collect::<Vec<_>>(),
    )?)
}

fn measures(question: &Question, absorbing: Option<String>) -> Result<DataFrame, Error> {
    let ratings = question.one_series_narrowed()?;
    let study = Study::until(question.as_of).absorbing(absorbing);
    let alphabet = ratings.scale().labels().len();
    let sequences = timelines(&ratings, &study)?.into_iter().filter_map(|(authority, line)| {
        let (first, last) = (line.spells.first()?.start, line.spells.last()?.end);
        Some((authority, monthly_sequence(&line, first, last, alphabet).ok()?))
    });
    let (authorities, sequences): (Vec<String>, Vec<_>) = sequences.unzip();
    let each = |of: fn(&rating_history::estimate::Sequence) -> f64| sequences.iter().map(of).collect::<Vec<f64>>();
    Ok(df!(
        "authority" => authorities.clone(),
        "name" => authorities.iter().map(|a| question.name(a)).collect::<Vec<_>>(),
        "months" => sequences.iter().map(|s| s.states().len() as u32).collect::<Vec<_>>(),
        "transitions" => sequences.iter().map(|s| s.transitions() as u32).collect::<Vec<_>>(),
        "entropy" => each(|s| s.entropy()),
        "turbulence" => each(|s| s.turbulence()),
        "turbulence_with_unvisited" => each(|s| s.turbulence_with_unvisited()),
        "complexity" => each(|s| s.complexity()),
    )?)
}

/// The trend of the share of rated authorities at or above a grade.
fn shares(question: &Question, days: &Days, at_or_above: Option<&str>, by: Option<&str>) -> Result<DataFrame, Error> {
    let dates = question.days(days)?;
    if dates.len() < 3 {
        return Err(refusal("a trend needs at least three days: say which with --from and --every, or with --on"));
    }
    let ratings = question.one_series_narrowed()?;
    let at_or_above = threshold(&ratings, at_or_above);
    let bound = ratings.scale().position(&at_or_above)?;
    let enough = col("grade").to_physical().cast(DataType::UInt32).gt_eq(lit(bound as u32));
    let group = by.map_or(lit("all").alias("group"), |by| col(by).alias("group"));
    let frame = ratings
        .distribution(&dates, by)
        .plan()?
        .filter(enough.and(col("share_rated").is_not_null()))
        .group_by([group.clone(), col("date")])
        // Counted first and divided once: a sum of rounded shares would break ties.
        .agg([col("count").sum(), col("rated").first()])
        .with_column((col("count").cast(DataType::Float64) / col("rated").cast(DataType::Float64)).alias("share"))
        .sort(["group", "date"], Default::default())
        .collect()?;
    let (group, date) = (frame.column("group")?.str()?, frame.column("date")?.date()?);
    let share = frame.column("share")?.f64()?;
    let mut points: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for n in 0..frame.height() {
        let (Some(group), Some(day), Some(share)) = (group.get(n), date.phys.get(n), share.get(n)) else { continue };
        if points.last().is_none_or(|(name, _)| name != group) {
            points.push((group.to_owned(), Vec::new()));
        }
        points.last_mut().into_iter().for_each(|(_, of)| of.push((f64::from(day) / 365.25, share)));
    }
    let trends = points.iter().map(|(_, of)| monotone_trend(of, 0.95)).collect::<Result<Vec<_>, Error>>()?;
    crate::common::note(format_args!("note: the share with the grade {}", or_better(&ratings, &at_or_above)));
    Ok(df!(
        "group" => points.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        "n" => trends.iter().map(|t| t.n as u32).collect::<Vec<_>>(),
        "tau" => trends.iter().map(|t| t.tau).collect::<Vec<_>>(),
        "z" => trends.iter().map(|t| t.z).collect::<Vec<_>>(),
        "p" => trends.iter().map(|t| t.p).collect::<Vec<_>>(),
        "slope_per_year" => trends.iter().map(|t| t.slope).collect::<Vec<_>>(),
        "slope_lower" => trends.iter().map(|t| t.lower).collect::<Vec<_>>(),
        "slope_upper" => trends.iter().map(|t| t.upper).collect::<Vec<_>>(),
        "first_share" => points.iter().map(|(_, of)| of[0].1).collect::<Vec<_>>(),
        "last_share" => points.iter().map(|(_, of)| of[of.len() - 1].1).collect::<Vec<_>>(),
    )?)
}
