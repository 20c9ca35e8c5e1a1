//! What other inspectorates say of the same council, beside Ofsted's ratings of its children's services.

use std::collections::HashMap;

use rating_history::chart::{LaneOf, Lanes, Style};
use rating_history::ofsted::{self, Rated};
use rating_history::trend::Judgement;
use rating_history::{Error, Precision, Ratings};

use crate::common::capital;
use crate::facts::{Body, Facts};
use crate::html::{Cell, Section};
use crate::stated::stated;

const CHILDREN: &str = "Children's services";

/// All that is rated of councils, and the judgements of each.
pub struct Others {
    rated: Vec<Rated>,
    lanes: Vec<LaneOf>,
    /// By code: the place of what is rated, and the judgement.
    judged: HashMap<String, Vec<(usize, Judgement)>>,
}

impl Others {
    pub fn gather(ratings: &Ratings) -> Result<Self, Error> {
        crate::progress("what other inspectorates say");
        let rated = ofsted::rated_of_councils(ratings)?;
        let mut judged: HashMap<String, Vec<(usize, Judgement)>> = HashMap::new();
        for (place, rated) in rated.iter().enumerate().filter(|(_, rated)| rated.subject != CHILDREN) {
            for judgement in rated.series.judgements().rows()? {
                judged.entry(judgement.authority.clone()).or_default().push((place, judgement));
            }
        }
        let lanes = ofsted::council_lanes(&rated).into_iter().map(LaneOf::gathered).collect::<Result<_, _>>()?;
        Ok(Others { rated, lanes, judged })
    }

    /// The section of a council's page; none where no other inspectorate's rating is known.
    pub fn section(&self, facts: &Facts, body: &Body) -> Result<Option<Section>, Error> {
        let Some(judged) = self.judged.get(&body.id) else { return Ok(None) };
        let mut section = Section::new(&body.stem, "others", "Other inspectorates");
        let lanes = self.lanes.iter().cloned();
        let lanes = Lanes::collect(&body.name, &body.id, lanes, Style::default().words(facts.words().clone()))?;
        section.picture("others", lanes, |lanes| &mut lanes.style)?;
        let rows: Vec<Vec<Cell>> = judged.iter().map(|(place, judgement)| self.row(*place, judgement)).collect();
        let header = ["What", "Inspectorate", "Grade", "Date", "Published", "Where stated", "Scale, worst to best"];
        section.table("other-ratings", "Ratings by other inspectorates", &header, &rows)?;
        section.say(
            "Each inspectorate asks its own questions on its own scale: nothing here is added up, and grades of different ones \
             are not comparable. A date is that on which the grade counts: the end of the inspection, else its publication.",
        );
        section.say(&self.coverage());
        Ok(Some(section))
    }

    fn row(&self, place: usize, judgement: &Judgement) -> Vec<Cell> {
        let rated = &self.rated[place];
        let words = rated.series.words();
        let what = capital(&words.series(rated.series.id().as_str()));
        let what = if rated.is_whole { what } else { format!("{}: {}", rated.subject, what.to_lowercase()) };
        let grade = judgement.grade.as_ref().map_or_else(|| "no longer given".to_owned(), |g| capital(&words.grade(g)));
        // A month's last day stands for a day of publication that is not known.
        let exact = judgement.date_precision == Precision::Day;
        vec![
            what.into(),
            rated.inspectorate.into(),
            grade.into(),
            Cell::date(judgement.date, judgement.date_precision),
            Cell::date_if(judgement.published.filter(|_| exact), None),
            stated(judgement.source.as_deref().unwrap_or_default(), "report"),
            rated.scale().join(", ").into(),
        ]
    }

    /// What part of England each kind of rating is of.
    fn coverage(&self) -> String {
        let whole = self.rated.iter().filter(|rated| rated.is_whole && rated.subject != CHILDREN);
        let told = whole.filter_map(|rated| {
            let words = rated.series.words();
            Some(format!("{}: {}", capital(&words.series(rated.series.id().as_str())), words.coverage.as_ref()?))
        });
        told.collect::<Vec<_>>().join(" ")
    }
}
