//! From a history to a frame and back.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::words::words;
use super::{
    Area, AreaJudgement, Authority, AuthorityCode, Dates, Event, EventScope, Grade, Inspection, RatingHistory,
    Reported, Theme,
};
use crate::frame::{PeerGroups, columns::*, grade_type};
#[cfg(feature = "files")]
use crate::io::{Loaded, ReadOptions};
use crate::{Error, Precision, Ratings};

impl RatingHistory {
    /// The judgements as ratings, by the effect clock: with authorities, successors and events (queries count those about
    /// children's services), their peers (statistical neighbours, region, England), and the words of Ofsted.
    ///
    /// # Errors
    /// [`Error::Polars`] if the frame cannot be built.
    pub fn ratings(&self) -> Result<Ratings, Error> {
        let scale = Grade::scale();
        let rows: Vec<JudgementRow> = self.inspections().iter().flat_map(judgement_rows).collect();
        let text = |name: &str, value: &dyn Fn(&JudgementRow) -> Option<String>| {
            Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
        };
        let date = |name: &str, value: &dyn Fn(&JudgementRow) -> Option<chrono::NaiveDate>| {
            Series::new(name.into(), rows.iter().map(value).collect::<Vec<_>>()).into_column()
        };
        let closed = |r: &JudgementRow| self.authority(&r.inspection.authority).and_then(|a| a.closed);
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
        Ratings::unordered(frame.lazy(), scale)?
            .with_words(words_of(self))
            .with_notices(self.notices())
            .with_cut_off(self.cut_off())
            .mainly_about(EventScope::Children.code())
            .with_authorities(authorities_table(self)?)?
            .with_peers(peers(self)?)?
            .with_successors(successors_table(self)?)?
            .with_events(events_table(self)?)
    }

    /// The history that ratings were made of, from their rows and the tables beside them: authorities, successors,
    /// neighbours and events. Inspections known to be pending are not in them.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{self, RatingHistory};
    /// let england = ofsted::england()?;
    /// assert_eq!(RatingHistory::of_ratings(&england.ratings()?)?, england);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when a table lacks a column or holds words outside Ofsted's vocabulary; [`Error::Invalid`] when
    /// they contradict each other.
    pub fn of_ratings(ratings: &Ratings) -> Result<RatingHistory, Error> {
        let table = Cells::of(ratings.authorities())?;
        let successors = Cells::of(ratings.successors())?;
        let mut followed: BTreeMap<AuthorityCode, Vec<AuthorityCode>> = BTreeMap::new();
        for row in 0..successors.0.height() {
            followed.entry(successors.need(AUTHORITY, row)?).or_default().push(successors.need(SUCCESSOR, row)?);
        }
        let authority = |row: usize| -> Result<Authority, Error> {
            let code: AuthorityCode = table.need(AUTHORITY, row)?;
            let former = table.get(FORMER_CODES, row).unwrap_or_default();
            Ok(Authority {
                successors: followed.get(&code).cloned().unwrap_or_default(),
                code,
                la_code: table.told(LA_CODE, row)?,
                urn: table.told(URN, row)?,
                name: table.need(NAME, row)?,
                region: table.need(REGION, row)?,
                authority_type: table.need(TYPE, row)?,
                opened: table.told(OPENED, row)?,
                closed: table.told(CLOSED, row)?,
                former_codes: former.split_terminator(';').map(str::parse).collect::<Result<_, _>>()?,
            })
        };
        let authorities = (0..table.0.height()).map(authority).collect::<Result<Vec<_>, _>>()?;
        let list = ratings.peer_groups()?.list(NEIGHBOURS);
        let list = Cells::of(list.map(|l| l.sort([PLACE], SortMultipleOptions::default().with_maintain_order(true))))?;
        let mut neighbours: BTreeMap<AuthorityCode, Vec<AuthorityCode>> = BTreeMap::new();
        for row in 0..list.0.height() {
            neighbours.entry(list.need(AUTHORITY, row)?).or_default().push(list.need(NEIGHBOUR, row)?);
        }
        let table = Cells::of(ratings.events())?;
        let event = |row: usize| -> Result<Event, Error> {
            Ok(Event {
                authority: table.need(AUTHORITY, row)?,
                kind: table.need(EVENT, row)?,
                scope: table.need(SCOPE, row)?,
                start: table.need(EVENT_DATE, row)?,
                end: table.told(EVENT_END, row)?,
                precision: table.told(EVENT_PRECISION, row)?.unwrap_or(Precision::Day),
                label: table.get(LABEL, row).unwrap_or_default().to_owned(),
                source: table.get(SOURCE, row).unwrap_or_default().to_owned(),
            })
        };
        let events = (0..table.0.height()).map(event).collect::<Result<Vec<_>, _>>()?;
        let builder = RatingHistory::builder().authorities(authorities).events(events).cut_off(ratings.cut_off());
        let builder = builder.inspections(RatingHistory::inspections_in(ratings)?);
        neighbours.into_iter().fold(builder, |builder, (code, list)| builder.neighbours(code, list)).build()
    }

    /// The inspections of a frame again, exactly as in the history it was made from. With the history's authorities,
    /// neighbours and events they make the same history.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{self, RatingHistory};
    /// let england = ofsted::england()?;
    /// let inspections = RatingHistory::inspections_in(&england.ratings()?)?;
    /// let again = england.clone().into_builder().without_inspections().inspections(inspections).build()?;
    /// assert_eq!(again, england);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when the frame lacks an inspection's fields or holds words outside Ofsted's vocabulary.
    pub fn inspections_in(ratings: &Ratings) -> Result<Vec<Inspection>, Error> {
        let words = [GRADE, FRAMEWORK, AREA, KIND, PRECISION].map(|name| col(name).cast(DataType::String));
        let rows = ratings
            .lazy()
            .sort_by_exprs([col(INSPECTION), col(POSITION)], SortMultipleOptions::default().with_nulls_last(true))
            .with_columns(words)
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
                inspection.judgements.push(AreaJudgement { area, grade });
            }
        }
        Ok(inspections)
    }
}

/// What the ratings of a history call their things; their source says which facts nobody has checked.
fn words_of(history: &RatingHistory) -> crate::Words {
    let words = words();
    match history.unchecked() {
        0 => words,
        1 => crate::Words {
            source: format!("{}; 1 inspection from a list that nobody has checked", words.source),
            ..words
        },
        n => crate::Words {
            source: format!("{}; {n} inspections from a list that nobody has checked", words.source),
            ..words
        },
    }
}

/// An authority's number at the Department for Education (`String`, null when it has none).
const LA_CODE: &str = "la_code";
/// An authority's reference number at Ofsted (`String`, null when it has none).
const URN: &str = "urn";
/// An authority's codes of before, joined by `;` (`String`, null when it has none).
const FORMER_CODES: &str = "former_codes";

fn former_codes(authority: &Authority) -> Option<String> {
    let codes: Vec<&str> = authority.former_codes.iter().map(AuthorityCode::as_str).collect();
    (!codes.is_empty()).then(|| codes.join(";"))
}

/// The cells of a table, as text; none where it has no such column.
struct Cells(DataFrame);

impl Cells {
    fn of(table: Option<LazyFrame>) -> Result<Self, Error> {
        let frame = table.map(LazyFrame::collect).transpose()?.unwrap_or_default();
        let text = frame.columns().iter().map(|column| column.cast(&DataType::String));
        Ok(Cells(DataFrame::new_infer_height(text.collect::<PolarsResult<_>>()?)?))
    }

    fn get(&self, name: &str, row: usize) -> Option<&str> {
        self.0.column(name).ok()?.str().ok()?.get(row).filter(|text| !text.is_empty())
    }

    /// A cell as a value, where it is told.
    fn told<T: std::str::FromStr>(&self, name: &str, row: usize) -> Result<Option<T>, Error> {
        let wrong = |text: &str| Error::Frame(format!("row {row}: `{text}` is no {name}"));
        self.get(name, row).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }

    fn need<T: std::str::FromStr>(&self, name: &str, row: usize) -> Result<T, Error> {
        self.told(name, row)?.ok_or_else(|| Error::Frame(format!("row {row}: no {name}")))
    }
}

fn authorities_table(history: &RatingHistory) -> Result<LazyFrame, Error> {
    let list = history.authorities();
    let authorities = df!(
        AUTHORITY => list.iter().map(|a| a.code.as_str()).collect::<Vec<_>>(),
        NAME => list.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(),
        REGION => list.iter().map(|a| a.region.code()).collect::<Vec<_>>(),
        TYPE => list.iter().map(|a| a.authority_type.code()).collect::<Vec<_>>(),
        LA_CODE => list.iter().map(|a| a.la_code.map(|code| code.to_string())).collect::<Vec<_>>(),
        URN => list.iter().map(|a| a.urn.map(|urn| urn.to_string())).collect::<Vec<_>>(),
        FORMER_CODES => list.iter().map(former_codes).collect::<Vec<_>>(),
        OPENED => list.iter().map(|a| a.opened).collect::<Vec<_>>(),
        CLOSED => list.iter().map(|a| a.closed).collect::<Vec<_>>(),
    )?;
    Ok(authorities.lazy())
}

/// Whom an authority is compared with.
fn peers(history: &RatingHistory) -> Result<PeerGroups, Error> {
    let rows: Vec<(&str, &str, u32)> = history
        .all_neighbours()
        .flat_map(|(code, list)| (1..).zip(list).map(move |(place, n)| (code.as_str(), n.as_str(), place)))
        .collect();
    let table = df!(
        AUTHORITY => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        NEIGHBOUR => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        PLACE => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
    )?;
    neighbours(table.lazy())?.same(REGION, "the rest of its region", REGION)?.others(ENGLAND, "the rest of England")
}

/// The name of the group of statistical neighbours, by the Department for Education's model.
pub const NEIGHBOURS: &str = "neighbours";
/// The name of the group of all other authorities.
pub const ENGLAND: &str = "england";

fn successors_table(history: &RatingHistory) -> Result<LazyFrame, Error> {
    let of = |a: &Authority| -> Vec<(String, String)> {
        a.successors.iter().map(|s| (a.code.to_string(), s.to_string())).collect()
    };
    let (from, to): (Vec<String>, Vec<String>) = history.authorities().iter().flat_map(of).unzip();
    Ok(df!(AUTHORITY => from, SUCCESSOR => to)?.lazy())
}

fn events_table(history: &RatingHistory) -> Result<LazyFrame, Error> {
    let list = history.events();
    let events = df!(
        AUTHORITY => list.iter().map(|e| e.authority.as_str()).collect::<Vec<_>>(),
        EVENT => list.iter().map(|e| e.kind.code()).collect::<Vec<_>>(),
        SCOPE => list.iter().map(|e| e.scope.code()).collect::<Vec<_>>(),
        EVENT_DATE => list.iter().map(|e| e.start).collect::<Vec<_>>(),
        EVENT_END => list.iter().map(|e| e.end).collect::<Vec<_>>(),
        EVENT_PRECISION => list.iter().map(|e| e.precision.code()).collect::<Vec<_>>(),
        LABEL => list.iter().map(|e| e.label.as_str()).collect::<Vec<_>>(),
        SOURCE => list.iter().map(|e| e.source.as_str()).collect::<Vec<_>>(),
    )?;
    Ok(events.lazy())
}

struct JudgementRow<'a> {
    inspection: &'a Inspection,
    theme: Option<Theme>,
    /// Place in the report and judgement; none when no longer reported.
    judgement: Option<(u32, AreaJudgement)>,
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

/// Ratings from a file as [`io::scan_ratings`](crate::io::scan_ratings) reads it; one that does not tell its grades is taken
/// for Ofsted's, with its words, peers and events.
///
/// # Errors
/// As [`io::scan_ratings`](crate::io::scan_ratings).
#[cfg(feature = "files")]
pub fn scan_ratings(path: impl AsRef<std::path::Path>, options: &ReadOptions) -> Result<Loaded<Ratings>, Error> {
    use crate::io::{scale_of, scan_ratings};

    let path = path.as_ref();
    if let Some(scale) = scale_of(path)? {
        return scan_ratings(path, None, options)?.and_then(|ratings| {
            let told = scale != Grade::scale() || ratings.words() != &crate::Words::default();
            if told { Ok(ratings) } else { as_ofsted(ratings) }
        });
    }
    scan_ratings(path, Some(&Grade::scale()), options)?.and_then(as_ofsted)
}

/// Ratings that are taken for Ofsted's.
#[cfg(feature = "files")]
fn as_ofsted(ratings: Ratings) -> Result<Ratings, Error> {
    let groups = match ratings.peer_groups()?.list(NEIGHBOURS) {
        Some(table) => neighbours(table)?,
        None => PeerGroups::new(),
    };
    let groups = groups.same(REGION, "the rest of its region", REGION)?.others(ENGLAND, "the rest of England")?;
    Ok(ratings.with_words(words()).with_peers(groups)?.mainly_about(EventScope::Children.code()))
}

fn neighbours(table: LazyFrame) -> Result<PeerGroups, Error> {
    let model = "Statistical neighbours: the Department for Education's model.";
    Ok(PeerGroups::new().listed(NEIGHBOURS, "statistical neighbours", table)?.noted(model))
}
