//! What inspectorates say of one council, side by side.

use clap::Args;
use rating_history::chart::{Lanes, Style};
use rating_history::dataset;
use rating_history::ofsted::{self, Authority, Rated, RatingHistory};
use rating_history::polars::prelude::*;
use rating_history::trend::Judgement;
use rating_history::{Error, Precision, visible};

use crate::Common;
use crate::common::address;
use crate::data::{Question, notes_of, refusal};

/// Flags that have a use with a council.
const USEFUL: [&str; 5] = ["--data", "--authority", "--as-of", "--format", "--wide"];

#[derive(Args)]
pub struct Council {
    /// Name, GSS code or former code of the council
    #[arg(value_name = "NAME|CODE")]
    council: Option<String>,
    /// Every rating of it, not only the latest of each kind
    #[arg(long)]
    all: bool,
}

/// One council and all that is rated of it.
pub struct Asked {
    question: Question,
    code: String,
    name: String,
    rated: Vec<Rated>,
}

impl Asked {
    /// The council that is named, by itself or by `--authority`.
    pub fn new(name: Option<&str>, command: &str, mut common: Common) -> Result<Self, Error> {
        if common.set.is_some() {
            return Err(refusal(format!("{command} shows every set: leave --set out")));
        }
        common.only(command, &USEFUL)?;
        match (name, common.authority.as_slice()) {
            (Some(name), []) => common.authority = vec![name.to_owned()],
            (None, [_]) => {}
            _ => return Err(refusal(format!("expected one council with {command}: ratings council \"Barnet\""))),
        }
        let question = Question::new(common)?;
        if !question.is_ofsted() || question.history.is_none() {
            let name = &question.words().body.many;
            return Err(refusal(format!("{command} is for England's councils; these are ratings of {name}")));
        }
        let code = question.one()?.to_owned();
        let rated = ofsted::rated_of_councils(&question.everything.clone().as_of(question.as_of))?;
        Ok(Asked { name: question.name(&code), code, question, rated })
    }

    fn history(&self) -> Result<&RatingHistory, Error> {
        self.question.history.as_ref().ok_or_else(|| refusal("there is no history of inspections"))
    }

    /// What has to be known beside the ratings: who came before and after, and of each set what its coverage does not say.
    fn said(&self) -> Result<Vec<String>, Error> {
        let mut said = vec![
            "each kind has its own questions and its own scale; grades of different ones are not comparable".to_owned(),
        ];
        let history = self.history()?;
        let day = self.question.as_of;
        said.extend(self.question.closings()?);
        said.extend(self.question.said());
        let own = self.own()?;
        if let Some(opened) = own.and_then(|own| own.opened).filter(|opened| *opened <= day) {
            let before = history.authorities().iter().filter(|a| a.successors.iter().any(|s| s.as_str() == self.code));
            let before: Vec<&str> = before.map(|authority| authority.name.as_str()).collect();
            let opened = Precision::Day.write(opened);
            said.push(match before.as_slice() {
                [] => format!("{} was formed on {opened}", self.name),
                before => format!(
                    "{} was formed on {opened}; what was rated before is under {}",
                    self.name,
                    before.join(" and ")
                ),
            });
        }
        for set in dataset::OTHERS.iter().filter(|set| set.register.is_some()) {
            let notes = notes_of(set, &set.read()?.report);
            said.extend(notes.iter().skip(1).map(|note| format!("{}: {note}", set.subject)));
        }
        Ok(said)
    }

    fn own(&self) -> Result<Option<&Authority>, Error> {
        Ok(self.history()?.authorities().iter().find(|authority| authority.code.as_str() == self.code))
    }

    /// Why the council has no rating of a kind, as a code: it was not there while such were given, or needed none.
    fn without(&self, rated: &Rated) -> Result<&'static str, Error> {
        let (opened, closed) = self.own()?.map_or((None, None), |own| (own.opened, own.closed));
        let first = rated.series.judgements().rows()?.iter().map(|judgement| judgement.date).min();
        if opened.is_some_and(|opened| opened > rated.series.day())
            || closed.zip(first).is_some_and(|(closed, first)| closed <= first)
        {
            return Ok("not_in_existence_then");
        }
        let is = |rated: &Rated, series: &str| rated.series.id().as_str() == series;
        if let Some(inspected) = self.rated.iter().find(|rated| is(rated, "SEND2016 inspection"))
            && is(rated, "SEND2016 revisit")
            && inspected.latest(&self.code)?.and_then(|judgement| judgement.grade).as_deref() == Some("no_wsoa")
        {
            return Ok("no_statement_required");
        }
        Ok("none_known")
    }

    /// Each judgement with what it is of; of a kind without any, the kind alone.
    fn rows(&self, all: bool) -> Result<Vec<(&Rated, Option<Judgement>)>, Error> {
        let mut rows = Vec::new();
        for rated in &self.rated {
            let mut own = rated.judgements(&self.code)?;
            let first = if all { 0 } else { own.len().saturating_sub(1) };
            let own: Vec<Judgement> = own.drain(first..).collect();
            if own.is_empty() && rated.is_whole {
                rows.push((rated, None));
            }
            rows.extend(own.into_iter().map(|judgement| (rated, Some(judgement))));
        }
        Ok(rows)
    }

    fn frame(&self, all: bool) -> Result<DataFrame, Error> {
        let rows = self.rows(all)?;
        let is_table = matches!(self.question.format, crate::output::Format::Table);
        let history = self.history()?;
        let grade = |(rated, judgement): &(&Rated, Option<Judgement>)| -> Result<String, Error> {
            let code = match judgement {
                Some(judgement) => judgement.grade.as_deref().unwrap_or("not_reported"),
                None => self.without(rated)?,
            };
            Ok(if is_table { rated.series.words().grade(code) } else { code.to_owned() })
        };
        let scale = |rated: &Rated| match is_table {
            true => rated.scale().join(" < "),
            false => rated.series.scale().labels().join(" < "),
        };
        let coverage = |rated: &Rated| rated.series.words().coverage.clone();
        // A table tells a scale and a coverage once for the rows that have it one after the other.
        let (mut scales, mut coverages): (Vec<String>, Vec<Option<String>>) = (Vec::new(), Vec::new());
        for (n, (rated, _)) in rows.iter().enumerate() {
            let before = rows[..n].last().map(|(rated, _)| *rated).filter(|_| is_table);
            let same = before.is_some_and(|before| before.series.scale() == rated.series.scale());
            scales.push(if same { String::new() } else { scale(rated) });
            let same = before.is_some_and(|before| coverage(before) == coverage(rated));
            coverages.push(if same { None } else { coverage(rated) });
        }
        let source = |judgement: &Judgement| {
            let source = judgement.source.as_ref()?;
            Some(if is_table { address(&history.source_of(source)) } else { visible(source).into_owned() })
        };
        let series = |rated: &Rated| match is_table {
            true => rated.series.words().series(rated.series.id().as_str()),
            false => rated.series.id().as_str().to_owned(),
        };
        fn of<T>(rows: &[(&Rated, Option<Judgement>)], cell: impl Fn(&Judgement) -> Option<T>) -> Vec<Option<T>> {
            rows.iter().map(|(_, judgement)| judgement.as_ref().and_then(&cell)).collect()
        }
        let told =
            |cell: &dyn Fn(&Rated) -> String| -> Vec<String> { rows.iter().map(|(rated, _)| cell(rated)).collect() };
        Ok(df!(
            "authority" => vec![self.code.as_str(); rows.len()],
            "name" => vec![self.name.as_str(); rows.len()],
            "subject" => told(&|rated| rated.subject.to_owned()),
            "inspectorate" => told(&|rated| rated.inspectorate.to_owned()),
            "theme" => told(&series),
            "grade" => rows.iter().map(grade).collect::<Result<Vec<_>, Error>>()?,
            "date" => of(&rows, |j| Some(j.date)),
            "published" => of(&rows, |j| j.published),
            "scale" => scales,
            "source" => of(&rows, source),
            "coverage" => coverages,
            "date_precision" => of(&rows, |j| Some(j.date_precision.code())),
            // A day of publication that stands for the rating's own is known as exactly as that.
            "published_precision" => of(&rows, |j| {
                let published = j.published?;
                Some(if published == j.date { j.date_precision } else { Precision::Day }.code())
            }),
        )?)
    }

    /// The lanes of the picture.
    pub fn lanes(&self, style: Style) -> Result<Lanes, Error> {
        let lanes = ofsted::council_lanes(&self.rated);
        Lanes::collect(&self.name, &self.code, lanes, style.words(self.question.words().clone()))
    }
}

impl Council {
    pub fn answer(&self, common: Common) -> Result<(), Error> {
        let asked = Asked::new(self.council.as_deref(), "council", common)?;
        let frame = asked.frame(self.all)?;
        asked.said()?.iter().for_each(|told| crate::common::note(format_args!("note: {told}")));
        let question = &asked.question;
        crate::output::print(frame, question.format, question.words(), question.wide())
    }
}
