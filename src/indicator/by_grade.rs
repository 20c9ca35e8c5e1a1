//! An indicator by the grade that stood on its day, and the differences between grades.

use polars::prelude::*;

use super::Indicators;
use super::beside::with_grades;
use super::columns::*;
use super::regression::{Coefficient, dummies, least_squares, numbered};
use crate::code::coded_enum;
use crate::frame::columns::*;
use crate::frame::expr::{left, left_with_nulls, rank, ranks, words_type};
use crate::frame::query::{codes, row};
use crate::frame::{Query, grade_type};
use crate::trend::fields;
use crate::{Error, Ratings, Series, SeriesId};

const N: &str = "n";

row! {
    /// An indicator of the bodies with a grade: a row of [`Indicators::by_grade`].
    struct ByGrade {
        /// The series.
        theme: SeriesId,
        /// Key of the indicator.
        indicator: String as Word,
        /// The year in which the period ends; null for all years together.
        year: Option<i32> as Year,
        /// The grade that stood on the indicator's day.
        grade: String as Grade,
        /// Values: of all years together, a body counts once a year.
        n: u32,
        /// Their mean, each body counting the same.
        mean: f64,
        /// Their median.
        median: f64,
        /// The value below which a quarter of them lies.
        lower_quartile: f64,
        /// The value above which a quarter of them lies.
        upper_quartile: f64,
        /// Mean difference from the published figure of the body's region in the same year; null without such figures.
        against_region: Option<f64>,
        /// Mean difference from the published figure of all bodies in the same year; null without such figures.
        against_all: Option<f64>,
    }
}

coded_enum! {
    /// What is compared with what in a [`GradeDifference`].
    enum Contrast: "contrast" {
        /// A grade with the one below it, by one step for all of them.
        PerStep = "per_step" / "one grade better",
        /// A grade with the reference: the grade at which the better part of the scale begins.
        WithReference = "with_reference" / "against the reference",
    }
}

codes!(Contrast);

row! {
    /// A difference of an indicator between grades, twice: between all values of a year, and within bodies: a row of
    /// [`Indicators::grade_differences`].
    struct GradeDifference {
        /// The series.
        theme: SeriesId,
        /// Key of the indicator.
        indicator: String as Word,
        /// What is compared.
        contrast: Contrast,
        /// The grade; null for a difference by one step.
        grade: Option<String> as Grade,
        /// The grade that it is compared with; null for a difference by one step.
        reference: Option<String> as Grade,
        /// The difference with effects of years: bodies of the same year are compared. Null where it is not determined.
        between: Option<f64>,
        /// Lower limit at 95%.
        between_lower: Option<f64>,
        /// Upper limit at 95%.
        between_upper: Option<f64>,
        /// Its t.
        between_t: Option<f64>,
        /// The probability of a larger one.
        between_p: Option<f64>,
        /// The difference with effects of bodies and years: a body is compared with itself under another grade.
        within: Option<f64>,
        /// Lower limit at 95%.
        within_lower: Option<f64>,
        /// Upper limit at 95%.
        within_upper: Option<f64>,
        /// Its t.
        within_t: Option<f64>,
        /// The probability of a larger one.
        within_p: Option<f64>,
        /// Values.
        n: u32,
        /// Bodies, by which errors are clustered.
        bodies: u32,
        /// Tests in the whole answer: of so many one in twenty is below p = 0.05 by chance alone.
        tests: u32,
    }
}

impl Indicators {
    /// The values that count, with the grade that stood on their day: theme, indicator, year, authority, value, grade.
    fn graded(&self, series: &Ratings) -> Result<LazyFrame, Error> {
        let grades = grade_type(series.scale())?;
        let is_grade = rank(col(GRADE)).lt(lit(series.scale().labels().len() as u32));
        let graded = with_grades(series, self.counted()?)?.filter(is_grade);
        Ok(graded.with_column(col(GRADE).cast(DataType::String).cast(grades)))
    }

    /// Each indicator by the grade that stood on its own day, by year and for all years together: mean, median, quartiles
    /// and number of values, unweighted, and the mean difference from the published figures of the region and of all.
    ///
    /// Values of bodies [left out](Indicators::leaving_out) and joint ones do not count. Grades are of one series; by the
    /// clock of the ratings.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["sw_agency"])?;
    /// let rows = indicators.by_grade(&england.ratings()?.series(Theme::Headline)?).rows()?;
    /// let inadequate = rows.iter().find(|r| r.year.is_none() && r.grade == "inadequate").unwrap();
    /// assert_eq!((inadequate.n, (10.0 * inadequate.mean).round()), (168, 276.0)); // 27.6% agency workers
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn by_grade(&self, series: &Series) -> Query<ByGrade> {
        Query::planned(series, || {
            let totals = self.of_totals()?;
            let (regional, whole) = (col(REGION).is_not_null(), col(REGION).is_null());
            let named = |keep: Expr, name: &str| {
                totals.clone().filter(keep).select([col(INDICATOR), col(YEAR), col(REGION), col(VALUE).alias(name)])
            };
            let keys = [INDICATOR, YEAR, REGION].map(col);
            let values = self.graded(series)?.join(named(regional, "of_region"), keys.clone(), keys, left()).join(
                named(whole, "of_all").drop(by_name([REGION], true, false)),
                [INDICATOR, YEAR].map(col),
                [INDICATOR, YEAR].map(col),
                left_with_nulls(),
            );
            let less = |of: &str| (col(VALUE) - col(of)).mean();
            let summary = |keys: &[&str]| {
                values.clone().group_by(keys.iter().map(|k| col(*k)).collect::<Vec<_>>()).agg([
                    len().cast(DataType::UInt32).alias(N),
                    col(VALUE).mean().alias("mean"),
                    col(VALUE).median().alias("median"),
                    col(VALUE).quantile(lit(0.25), QuantileMethod::Linear).alias("lower_quartile"),
                    col(VALUE).quantile(lit(0.75), QuantileMethod::Linear).alias("upper_quartile"),
                    less("of_region").alias("against_region"),
                    less("of_all").alias("against_all"),
                ])
            };
            let all = summary(&[THEME, INDICATOR, GRADE]).with_column(lit(NULL).cast(DataType::Int32).alias(YEAR));
            let each = summary(&[THEME, INDICATOR, YEAR, GRADE]).select(fields::<ByGrade>());
            let rows = concat([each, all.select(fields::<ByGrade>())], UnionArgs::default())?;
            let order = SortMultipleOptions::default().with_nulls_last(true);
            Ok(rows.sort([THEME, INDICATOR, YEAR, GRADE], order))
        })
    }

    /// Differences of each indicator between grades, by least squares with errors clustered by body: per step of the scale,
    /// and of each grade from the one at which the better part of the scale begins. Each stands there twice: `between`, with
    /// effects of years, compares bodies with each other; `within`, with effects of bodies and years, compares each with
    /// itself under another grade. What remains of a difference within bodies is what goes with the grade, and not with what
    /// a body always was.
    ///
    /// The clustered errors are CR1: the sandwich times G / (G - 1) x (N - 1) / (N - K), for G bodies, N values and K
    /// parameters, all effects among them; t has G - 1 degrees of freedom (Cameron and Miller, A practitioner's guide to
    /// cluster-robust inference, Journal of Human Resources 50, 2015, section II.C).
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["eet_19_21"])?;
    /// let rows = indicators.grade_differences(&england.ratings()?.series(Theme::Headline)?).rows()?;
    /// let tenth = |x: Option<f64>| (10.0 * x.unwrap()).round() / 10.0;
    /// // Two points more a grade between authorities, but hardly any within them.
    /// assert_eq!((tenth(rows[0].between), tenth(rows[0].within)), (2.0, 0.2));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn grade_differences(&self, series: &Series) -> Query<GradeDifference> {
        Query::planned(series, || {
            let order = [INDICATOR, AUTHORITY, YEAR].map(col);
            let values = self.graded(series)?.sort_by_exprs(order, SortMultipleOptions::default());
            let values = series.collect(values.select([INDICATOR, AUTHORITY, YEAR, VALUE, GRADE].map(col)))?;
            let labels = series.scale().labels();
            let reference = series.words().better_rank(labels).min(labels.len() - 1);
            let mut rows: Vec<Difference> = Vec::new();
            for part in values.partition_by_stable([INDICATOR], true)? {
                rows.extend(differences(&part, labels.len(), reference)?);
            }
            rows.sort_by_key(|row| self.list().iter().position(|i| i.id == row.indicator));
            let tests = rows.iter().map(|r| usize::from(r.between.is_some()) + usize::from(r.within.is_some())).sum();
            Ok(differences_frame(&rows, series, self.word(), labels, reference, tests)?.lazy())
        })
    }
}

/// The differences of one contrast of an indicator.
struct Difference {
    indicator: String,
    /// None for one step.
    rank: Option<usize>,
    between: Option<Coefficient>,
    within: Option<Coefficient>,
    n: usize,
    bodies: usize,
}

/// The differences of the values of one indicator, in the order of bodies.
fn differences(values: &DataFrame, grades: usize, reference: usize) -> Result<Vec<Difference>, Error> {
    let indicator = values.column(INDICATOR)?.get(0)?.str_value().into_owned();
    let (bodies, body_count) = numbered(values.column(AUTHORITY)?.str()?.iter().flatten());
    let (years, year_count) = numbered(values.column(YEAR)?.i32()?.iter().flatten());
    let y: Vec<f64> = values.column(VALUE)?.f64()?.iter().flatten().collect();
    let ranks: Vec<usize> = ranks(values, GRADE)?.iter().flatten().map(|rank| rank as usize).collect();
    let clusters = (&bodies[..], body_count);
    let year_effects = dummies(&years, year_count);
    let both = |columns: &[Vec<f64>]| {
        let between = least_squares(&y, columns, &[], (&years, year_count), clusters);
        let within = least_squares(&y, columns, &year_effects, clusters, clusters);
        (between, within)
    };
    let steps: Vec<f64> = ranks.iter().map(|rank| *rank as f64).collect();
    let others: Vec<usize> = (0..grades).filter(|rank| *rank != reference && ranks.contains(rank)).collect();
    let is_grade = |rank: &usize| ranks.iter().map(|r| f64::from(u8::from(r == rank))).collect::<Vec<f64>>();
    let (step, each) = (both(&[steps]), both(&others.iter().map(is_grade).collect::<Vec<_>>()));
    let row = |rank: Option<usize>, between: Option<Coefficient>, within: Option<Coefficient>| Difference {
        indicator: indicator.clone(),
        rank,
        between,
        within,
        n: y.len(),
        bodies: body_count,
    };
    let pairs = others.iter().zip(each.0.into_iter().zip(each.1));
    let first = row(None, step.0[0], step.1[0]);
    Ok(std::iter::once(first).chain(pairs.map(|(rank, (b, w))| row(Some(*rank), b, w))).collect())
}

fn differences_frame(
    rows: &[Difference],
    series: &Series,
    word: DataType,
    labels: &[String],
    reference: usize,
    tests: usize,
) -> Result<DataFrame, Error> {
    let text = |of: &dyn Fn(&Difference) -> Option<String>| rows.iter().map(of).collect::<Vec<_>>();
    let label = |rank: usize| labels[rank].clone();
    let code = |row: &Difference| if row.rank.is_some() { Contrast::WithReference } else { Contrast::PerStep };
    let theme = series.id().as_str();
    let grades = grade_type(series.scale())?;
    let mut frame = df!(
        THEME => vec![theme; rows.len()],
        INDICATOR => text(&|r| Some(r.indicator.clone())),
        "contrast" => text(&|r| Some(code(r).code().to_owned())),
        GRADE => text(&|r| r.rank.map(label)),
        "reference" => text(&|r| r.rank.map(|_| label(reference))),
        N => rows.iter().map(|r| r.n as u32).collect::<Vec<_>>(),
        "bodies" => rows.iter().map(|r| r.bodies as u32).collect::<Vec<_>>(),
        "tests" => vec![tests as u32; rows.len()],
    )?;
    type Part = fn(&Difference) -> Option<Coefficient>;
    type Number = fn(Coefficient) -> f64;
    let parts: [(&str, Part); 2] = [("between", |r| r.between), ("within", |r| r.within)];
    let numbers: [(&str, Number); 5] = [
        ("", |c| c.estimate),
        ("_lower", |c| c.limits().0),
        ("_upper", |c| c.limits().1),
        ("_t", Coefficient::t),
        ("_p", Coefficient::p),
    ];
    for (part, of) in parts {
        for (end, number) in numbers {
            let cells: Vec<Option<f64>> = rows.iter().map(|row| of(row).map(number)).collect();
            frame.with_column(Column::new(format!("{part}{end}").into(), cells))?;
        }
    }
    let contrasts = words_type(Contrast::ALL.iter().map(|c| c.code()));
    for (name, dtype) in [
        (THEME, words_type([theme])),
        (INDICATOR, word),
        ("contrast", contrasts),
        (GRADE, grades.clone()),
        ("reference", grades),
    ] {
        frame.with_column(frame.column(name)?.cast(&dtype)?)?;
    }
    Ok(frame.lazy().select(fields::<GradeDifference>()).collect()?)
}
