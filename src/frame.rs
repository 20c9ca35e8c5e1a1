//! The frame: rating histories as a polars `LazyFrame` with a known schema and order.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::{
    Area, Clock, Dates, Error, Framework, Inspection, Judgement, Precision, RatingHistory, Reported, Scale, Theme,
};

/// Column names. Dtypes: text is `String`, dates are `Date`, grades an ordered `Enum` of the scale's labels, worst
/// first.
pub mod columns {
    /// Authority or other rated body (`String`).
    pub const AUTHORITY: &str = "authority";
    /// Its name (`String`, null when unknown).
    pub const NAME: &str = "name";
    /// Its region (`String`, null when unknown).
    pub const REGION: &str = "region";
    /// Its type (`String`, null when unknown).
    pub const TYPE: &str = "type";
    /// Its first day (`Date`, null when before all ratings).
    pub const OPENED: &str = "opened";
    /// The first day on which it no longer exists (`Date`, null while it does).
    pub const CLOSED: &str = "closed";
    /// Series (`String`): a theme's code; null for a judgement that belongs to no series.
    pub const THEME: &str = "theme";
    /// The day that counts by the frame's clock (`Date`).
    pub const DATE: &str = "date";
    /// The day the judgement takes effect (`Date`).
    pub const EFFECT: &str = "effect";
    /// Publication (`Date`, null when unknown).
    pub const PUBLISHED: &str = "published";
    /// Grade (`Enum`); null when a series' judgement is no longer reported, or the area was not judged.
    pub const GRADE: &str = "grade";
    /// Inspection id (`String`).
    pub const INSPECTION: &str = "inspection";
    /// Framework code (`String`).
    pub const FRAMEWORK: &str = "framework";
    /// Area as reported (`String`); null when the judgement is no longer reported.
    pub const AREA: &str = "area";
    /// Inspection kind (`String`).
    pub const KIND: &str = "kind";
    /// First day of fieldwork (`Date`).
    pub const START: &str = "start_date";
    /// Last day of fieldwork (`Date`).
    pub const END: &str = "end_date";
    /// `day`, `month` or `year` (`String`).
    pub const PRECISION: &str = "precision";
    /// Where it is stated (`String`).
    pub const SOURCE: &str = "source";
    /// Second source (`String`).
    pub const ALSO: &str = "also";
    /// Place of the judgement in its report, from 0 (`UInt32`).
    pub const POSITION: &str = "position";
}
use columns::*;

/// Text columns that a frame may lack; they are filled with nulls.
const OPTIONAL_TEXT: &[&str] = &[INSPECTION, FRAMEWORK, AREA, KIND, PRECISION, SOURCE, ALSO];
/// Date columns that a frame may lack.
const OPTIONAL_DATES: &[&str] = &[PUBLISHED, START, END, CLOSED];

/// Ratings of many bodies over time: one row a judgement, ordered by authority, theme, date, publication and
/// inspection.
///
/// A judgement of an area that carries two themes (ILACS before 2023: care and care leavers together) is a row in
/// each. Rows without a theme are judgements outside every series (or not judged); queries pass over them. A row
/// with a theme and a null grade says that the series' judgement is no longer reported.
///
/// Narrow it by [`themes`](Ratings::themes), [`frameworks`](Ratings::frameworks) and [`clock`](Ratings::clock),
/// then ask [`trend`](crate::trend):
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Clock, Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let ratings = Ratings::from_history(&england)?.themes(&[Theme::Headline]).clock(Clock::Published);
/// let spells = trend::spells(&ratings, england.cut_off()).collect()?;
/// assert!(spells.height() > 400);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Ratings {
    frame: LazyFrame,
    authorities: Option<LazyFrame>,
    scale: Scale,
    clock: Clock,
}

impl std::fmt::Debug for Ratings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ratings").field("scale", &self.scale).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// The dtype of a grade column.
pub(crate) fn grade_type(scale: &Scale) -> Result<DataType, Error> {
    let categories = FrozenCategories::new(scale.labels().iter().map(String::as_str))?;
    Ok(DataType::from_frozen_categories(categories))
}

/// What a series can be in: the scale's labels, then `not_reported`, `not_rated`, `opened`, `closed`.
pub(crate) fn state_type(scale: &Scale) -> Result<DataType, Error> {
    let labels = scale.labels().iter().map(String::as_str);
    let categories = FrozenCategories::new(labels.chain(Scale::RESERVED))?;
    Ok(DataType::from_frozen_categories(categories))
}

/// The columns that order a frame by a clock: a series' judgements by date, then publication, then id.
fn order() -> [Expr; 5] {
    [col(AUTHORITY), col(THEME), col(DATE), col(PUBLISHED), col(INSPECTION)]
}

fn clock_date(clock: Clock) -> Expr {
    match clock {
        Clock::Effect => col(EFFECT),
        Clock::Published => when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED)),
    }
    .alias(DATE)
}

impl Ratings {
    /// The ratings of a history, by the effect clock, with its authorities.
    ///
    /// # Errors
    /// [`Error::Polars`] if the frame cannot be built.
    pub fn from_history(history: &RatingHistory) -> Result<Self, Error> {
        let scale = Scale::ofsted();
        let rows: Vec<JudgementRow> = history.inspections().iter().flat_map(judgement_rows).collect();
        let text = |name: &str, value: &dyn Fn(&JudgementRow) -> Option<String>| {
            Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
        };
        let date = |name: &str, value: &dyn Fn(&JudgementRow) -> Option<chrono::NaiveDate>| {
            Series::new(name.into(), rows.iter().map(value).collect::<Vec<_>>()).into_column()
        };
        let closed = |r: &JudgementRow| history.authority(&r.inspection.authority).and_then(|a| a.closed);
        let frame = DataFrame::new_infer_height(vec![
            text(AUTHORITY, &|r| Some(r.inspection.authority.to_string())),
            text(THEME, &|r| r.theme.map(|t| t.code().to_owned())),
            date(EFFECT, &|r| Some(r.inspection.dates.effect())),
            date(PUBLISHED, &|r| r.inspection.dates.published()),
            text(GRADE, &|r| r.judgement.and_then(|(_, j)| j.grade).map(|g| g.code().to_owned()))
                .cast(&grade_type(&scale)?)?,
            text(INSPECTION, &|r| Some(r.inspection.id.clone())),
            text(FRAMEWORK, &|r| Some(r.inspection.framework.code().to_owned())),
            text(AREA, &|r| r.judgement.map(|(_, j)| j.area.code().to_owned())),
            Column::new(
                POSITION.into(),
                rows.iter().map(|r| r.judgement.map(|(n, _)| n)).collect::<Vec<Option<u32>>>(),
            ),
            text(KIND, &|r| Some(r.inspection.kind.code().to_owned())),
            date(START, &|r| r.inspection.dates.start()),
            date(END, &|r| r.inspection.dates.end()),
            text(PRECISION, &|r| Some(r.inspection.dates.precision().code().to_owned())),
            text(SOURCE, &|r| Some(r.inspection.source.clone())),
            text(ALSO, &|r| Some(r.inspection.also.clone())),
            date(CLOSED, &closed),
        ])?;
        let list = history.authorities();
        let authorities = df!(
            AUTHORITY => list.iter().map(|a| a.code.as_str()).collect::<Vec<_>>(),
            NAME => list.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(),
            REGION => list.iter().map(|a| a.region.code()).collect::<Vec<_>>(),
            TYPE => list.iter().map(|a| a.authority_type.code()).collect::<Vec<_>>(),
            OPENED => list.iter().map(|a| a.opened).collect::<Vec<_>>(),
            CLOSED => list.iter().map(|a| a.closed).collect::<Vec<_>>(),
        )?;
        let unsorted = frame.lazy().with_column(clock_date(Clock::Effect));
        let sorted = unsorted.sort_by_exprs(order(), SortMultipleOptions::default()).collect()?;
        Ok(Ratings { frame: sorted.lazy(), authorities: Some(authorities.lazy()), scale, clock: Clock::Effect })
    }

    /// Ratings from any frame with at least `authority` (`String`), `effect` (`Date`) and `grade` (`Enum` of the
    /// scale, or `String` with its labels), ordered by authority, theme, effect date, publication and inspection.
    /// Missing columns are filled: the theme with `headline`, the others with nulls.
    ///
    /// ```
    /// use rating_history::polars::prelude::*;
    /// use rating_history::{Ratings, Scale, trend};
    /// let day = |y| chrono::NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
    /// # use rating_history::chrono;
    /// let frame = df!(
    ///     "authority" => ["a", "a", "b"],
    ///     "effect" => [day(2020), day(2022), day(2021)],
    ///     "grade" => ["BBB", "A", "BBB"],
    /// )?;
    /// let ratings = Ratings::new(frame.lazy(), Scale::new(["D", "BBB", "A"])?)?;
    /// assert_eq!(trend::spells(&ratings, day(2023)).collect()?.height(), 3);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of another type, a grade is outside the scale, an authority or
    /// date is null, or the rows are not in order. The order check reads the frame once.
    pub fn new(frame: LazyFrame, scale: Scale) -> Result<Self, Error> {
        let mut frame = frame;
        let schema = frame.collect_schema()?;
        let expect = |name: &str, allowed: &[DataType]| match schema.get(name) {
            Some(found) if allowed.contains(found) => Ok(()),
            Some(found) => Err(Error::Frame(format!("column `{name}` has type {found}; expected {}", allowed[0]))),
            None => Err(Error::Frame(format!("no column `{name}`; expected one of type {}", allowed[0]))),
        };
        let grades = grade_type(&scale)?;
        expect(AUTHORITY, &[DataType::String])?;
        expect(EFFECT, &[DataType::Date])?;
        expect(GRADE, &[grades.clone(), DataType::String])?;
        let mut fill = vec![col(GRADE).strict_cast(grades)];
        for (names, dtype) in
            [(OPTIONAL_TEXT, DataType::String), (OPTIONAL_DATES, DataType::Date), (&[POSITION][..], DataType::UInt32)]
        {
            for name in names {
                match schema.get(name) {
                    Some(_) => expect(name, std::slice::from_ref(&dtype))?,
                    None => fill.push(lit(NULL).cast(dtype.clone()).alias(*name)),
                }
            }
        }
        match schema.get(THEME) {
            Some(_) => expect(THEME, &[DataType::String])?,
            None => fill.push(lit(Theme::Headline.code()).alias(THEME)),
        }
        let frame = frame.with_columns(fill).with_column(clock_date(Clock::Effect));
        let ratings = Ratings { frame, authorities: None, scale, clock: Clock::Effect };
        ratings.check_rows()?;
        Ok(ratings)
    }

    fn check_rows(&self) -> Result<(), Error> {
        let previous = |name: &str| col(name).shift(lit(1));
        let same = |name: &str| col(name).eq_missing(previous(name));
        let back = |name: &str| col(name).lt(previous(name)).fill_null(lit(false));
        let mut disorder = lit(false);
        for name in [INSPECTION, PUBLISHED, DATE, THEME, AUTHORITY] {
            disorder = back(name).or(same(name).and(disorder));
        }
        let counts = self
            .frame
            .clone()
            .select([
                col(AUTHORITY).is_null().or(col(DATE).is_null()).sum().alias("null"),
                disorder.sum().alias("disorder"),
                col(GRADE).null_count().alias("read"),
            ])
            .collect()
            .map_err(|e| Error::Frame(e.to_string()))?;
        let count = |name: &str| -> Result<u64, Error> {
            Ok(counts.column(name)?.as_materialized_series().sum::<u64>().unwrap_or(0))
        };
        match (count("null")?, count("disorder")?) {
            (0, 0) => Ok(()),
            (0, n) => Err(Error::Frame(format!(
                "{n} rows come before their predecessor; expected order: authority, theme, effect, published, inspection"
            ))),
            (n, _) => Err(Error::Frame(format!("{n} rows have no authority or no effect date"))),
        }
    }

    /// Adds the rated bodies themselves: `authority`, and `name`, `region`, `type`, `opened`, `closed` as far as
    /// known. With them queries also speak of those never rated.
    ///
    /// # Errors
    /// [`Error::Frame`] when `authority` is missing or a column has another type.
    pub fn with_authorities(mut self, authorities: LazyFrame) -> Result<Self, Error> {
        let mut authorities = authorities;
        let schema = authorities.collect_schema()?;
        let mut columns = Vec::new();
        let text = [AUTHORITY, NAME, REGION, TYPE].map(|name| (name, DataType::String));
        let dates = [OPENED, CLOSED].map(|name| (name, DataType::Date));
        for (name, dtype) in text.into_iter().chain(dates) {
            columns.push(match schema.get(name) {
                Some(found) if *found == dtype => col(name),
                None if name != AUTHORITY => lit(NULL).cast(dtype).alias(name),
                found => {
                    return Err(Error::Frame(format!("authorities: column `{name}` is {found:?}; expected {dtype}")));
                }
            });
        }
        self.authorities = Some(authorities.select(columns));
        Ok(self)
    }

    /// Keeps only some themes.
    pub fn themes(mut self, themes: &[Theme]) -> Self {
        self.frame = self.frame.filter(any_of(THEME, themes.iter().map(|t| t.code())));
        self
    }

    /// Keeps only judgements under some frameworks ("latest of SIF and ILACS only").
    pub fn frameworks(mut self, frameworks: &[Framework]) -> Self {
        self.frame = self.frame.filter(any_of(FRAMEWORK, frameworks.iter().map(|f| f.code())));
        self
    }

    /// Keeps only judgements published by a day (taking effect by it where publication is unknown).
    pub fn published_by(mut self, date: NaiveDate) -> Self {
        let known = when(col(PUBLISHED).is_null()).then(col(EFFECT)).otherwise(col(PUBLISHED));
        self.frame = self.frame.filter(known.lt_eq(crate::trend::day(date)));
        self
    }

    /// Keeps only some authorities, by code.
    pub fn authorities_only(mut self, codes: &[&str]) -> Self {
        let keep = any_of(AUTHORITY, codes.iter().copied());
        self.frame = self.frame.filter(keep.clone());
        self.authorities = self.authorities.map(|a| a.filter(keep));
        self
    }

    /// Counts judgements by another clock; the frame is then ordered by it.
    pub fn clock(mut self, clock: Clock) -> Self {
        if clock != self.clock {
            self.frame =
                self.frame.with_column(clock_date(clock)).sort_by_exprs(order(), SortMultipleOptions::default());
            self.clock = clock;
        }
        self
    }

    /// The rows: every column of [`columns`] but those of authorities.
    pub fn lazy(&self) -> LazyFrame {
        self.frame.clone()
    }

    /// The rated bodies, where known: `authority`, `name`, `region`, `type`, `opened`, `closed`.
    pub fn authorities(&self) -> Option<LazyFrame> {
        self.authorities.clone()
    }

    /// The scale of the grades.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// The inspections again, exactly as in the history the frame was made from. With the history's authorities,
    /// neighbours and events they make the same history.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::dataset::england()?;
    /// let inspections = rating_history::Ratings::from_history(&england)?.inspections()?;
    /// let again = england.clone().into_builder().without_inspections().inspections(inspections).build()?;
    /// assert_eq!(again, england);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when the frame lacks an inspection's fields or holds words outside Ofsted's vocabulary.
    pub fn inspections(&self) -> Result<Vec<Inspection>, Error> {
        let rows = self
            .frame
            .clone()
            .sort_by_exprs([col(INSPECTION), col(POSITION)], SortMultipleOptions::default().with_nulls_last(true))
            .with_column(col(GRADE).cast(DataType::String))
            .collect()?;
        let text = |name: &str| -> Result<StringChunked, Error> { Ok(rows.column(name)?.str()?.clone()) };
        let date = |name: &str| -> Result<DateChunked, Error> { Ok(rows.column(name)?.date()?.clone()) };
        let (authority, grade, id, framework, area, kind, precision, source, also) = (
            text(AUTHORITY)?,
            text(GRADE)?,
            text(INSPECTION)?,
            text(FRAMEWORK)?,
            text(AREA)?,
            text(KIND)?,
            text(PRECISION)?,
            text(SOURCE)?,
            text(ALSO)?,
        );
        let (start, end, published) = (date(START)?, date(END)?, date(PUBLISHED)?);
        let need = |value: Option<&str>, name: &str, row: usize| {
            value.map(str::to_owned).ok_or_else(|| Error::Frame(format!("row {row}: no {name}")))
        };
        let day = |column: &DateChunked, row: usize| column.phys.get(row).and_then(chrono::NaiveDate::from_epoch_days);
        let mut inspections: Vec<Inspection> = Vec::new();
        for row in 0..rows.height() {
            let id = need(id.get(row), INSPECTION, row)?;
            if inspections.last().is_none_or(|i| i.id != id) {
                let precision: Precision = need(precision.get(row), PRECISION, row)?.parse()?;
                inspections.push(Inspection {
                    id,
                    authority: need(authority.get(row), AUTHORITY, row)?.parse()?,
                    framework: need(framework.get(row), FRAMEWORK, row)?.parse()?,
                    kind: need(kind.get(row), KIND, row)?.parse()?,
                    dates: Dates::new(day(&start, row), day(&end, row), day(&published, row), precision)?,
                    judgements: Vec::new(),
                    source: source.get(row).unwrap_or_default().to_owned(),
                    also: also.get(row).unwrap_or_default().to_owned(),
                });
            }
            let (Some(area), Some(inspection)) = (area.get(row), inspections.last_mut()) else { continue };
            let area: Area = area.parse()?;
            if inspection.judgements.last().is_none_or(|j| j.area != area) {
                let grade = grade.get(row).map(str::parse).transpose()?;
                inspection.judgements.push(Judgement { area, grade });
            }
        }
        Ok(inspections)
    }
}

/// `column` equals one of `values`.
fn any_of<'a>(column: &str, values: impl Iterator<Item = &'a str>) -> Expr {
    values.map(|v| col(column).eq(lit(v))).reduce(Expr::or).unwrap_or_else(|| lit(false))
}

struct JudgementRow<'a> {
    inspection: &'a Inspection,
    theme: Option<Theme>,
    /// Place in the report and judgement; none when no longer reported.
    judgement: Option<(u32, Judgement)>,
}

/// The rows of one inspection: every judgement under each theme it carries, or under none.
fn judgement_rows(inspection: &Inspection) -> Vec<JudgementRow<'_>> {
    let themes: Vec<(Theme, Reported)> = Theme::ALL.iter().map(|t| (*t, inspection.reported(*t))).collect();
    let mut rows = Vec::new();
    for (position, judgement) in (0..).zip(&inspection.judgements) {
        let carries =
            |reported: &Reported| matches!(reported, Reported::Graded { area, .. } if *area == judgement.area);
        let mut under: Vec<Option<Theme>> = themes.iter().filter(|(_, r)| carries(r)).map(|(t, _)| Some(*t)).collect();
        if under.is_empty() {
            under.push(None);
        }
        rows.extend(under.into_iter().map(|theme| JudgementRow {
            inspection,
            theme,
            judgement: Some((position, *judgement)),
        }));
    }
    let ended = themes.iter().filter(|(_, r)| *r == Reported::NotReported);
    rows.extend(ended.map(|(theme, _)| JudgementRow { inspection, theme: Some(*theme), judgement: None }));
    rows
}
