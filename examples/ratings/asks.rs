//! What inspectors asked for, and who looked in between.

use clap::{Args, Subcommand, ValueEnum};
use rating_history::chrono::NaiveDate;
use rating_history::ofsted::{
    AfterInadequate, Ask, AskCourse, AskGroup, AskPair, AskedAgain, Asks, BeforeFall, Caveat, Grade, GradeAsks,
    ReportFacts, Theme, TopicShare, VisitBetween, VisitKind,
};
use rating_history::polars::prelude::*;
use rating_history::{Error, Precision};

use crate::List;
use crate::common::day;
use crate::data::{Question, chosen, mistake, refusal};

#[derive(Subcommand)]
pub enum Asked {
    /// What did each inspection ask for? One row a point of its list, boards' lists too
    #[command(name = "list", after_help = "Example: ratings asks list --authority Slough --from 2019-01-01")]
    Points {
        /// Only these topics, as first or second
        #[arg(long, value_name = "TOPIC,...", value_delimiter = ',')]
        topic: Vec<String>,
        #[command(flatten)]
        dates: Dates,
        #[command(flatten)]
        list: List,
    },
    /// What was asked for again at the next inspection? With --authority its pairs of inspections, else rates by topic
    #[command(after_help = "Example: ratings asks again --authority Slough")]
    Again {
        /// Rates in runs of so many consecutive inspections, also with --authority [default: 2]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=9))]
        runs: Option<u8>,
        /// Only runs within one framework
        #[arg(long)]
        within: bool,
        /// Every topic of every inspection and what became of it: again, new, dropped
        #[arg(long, conflicts_with_all = ["runs", "within"])]
        each: bool,
        /// Only these topics
        #[arg(long, value_name = "TOPIC,...", value_delimiter = ',')]
        topic: Vec<String>,
        #[command(flatten)]
        dates: Dates,
        #[command(flatten)]
        list: List,
    },
    /// Which share of inspections asked for each topic? Of those whose report was read, with 95% intervals
    #[command(after_help = "Example: ratings asks topics --by grade --framework ilacs")]
    Topics {
        /// Set inspections apart by this; for grade --theme says in what [default: headline]
        #[arg(long, value_enum)]
        by: Option<By>,
        /// Only these topics
        #[arg(long, value_name = "TOPIC,...", value_delimiter = ',')]
        topic: Vec<String>,
        #[command(flatten)]
        dates: Dates,
        #[command(flatten)]
        list: List,
    },
    /// How much was asked for, and what was said of self-assessments, by grade? With --before-falls: does it tell a fall?
    #[command(after_help = "Example: ratings asks by-grade --framework ilacs")]
    ByGrade {
        /// Falls at the next inspection, with each topic or view and without it
        #[arg(long)]
        before_falls: bool,
        /// Falls from this grade or a better one [default: requires_improvement]
        #[arg(long, value_name = "GRADE", requires = "before_falls")]
        from_grade: Option<Grade>,
        #[command(flatten)]
        dates: Dates,
        #[command(flatten)]
        list: List,
    },
}

#[derive(Args)]
pub struct Visits {
    /// Only this kind: focused, monitoring, jtai
    #[arg(long, conflicts_with = "after_inadequate")]
    kind: Option<VisitKind>,
    /// Only visits whose letter sets an area for priority action
    #[arg(long, conflicts_with = "after_inadequate")]
    priority_action: bool,
    /// The days from each inadequate judgement to the next inspection, with the monitoring visits known in between
    #[arg(long)]
    after_inadequate: bool,
    #[command(flatten)]
    list: List,
}

/// Which inspections.
#[derive(Args)]
pub struct Dates {
    /// Only inspections from this day on
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Only inspections to this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Option<NaiveDate>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum By {
    Framework,
    Grade,
    Region,
    Year,
}

impl By {
    /// The grouping; by grade, in a theme.
    pub fn group(self, theme: Option<Theme>) -> AskGroup {
        match self {
            By::Framework => AskGroup::Framework,
            By::Grade => AskGroup::Grade(theme.unwrap_or(Theme::Headline)),
            By::Region => AskGroup::Region,
            By::Year => AskGroup::Year,
        }
    }
}

/// An answer and what has to be said beside it.
pub struct Answer {
    pub rows: LazyFrame,
    pub notes: Vec<String>,
}

impl Answer {
    fn new(rows: LazyFrame, caveats: &[Caveat]) -> Self {
        Answer { rows, notes: caveats.iter().map(|c| c.label().to_owned()).collect() }
    }
}

impl Asked {
    pub fn answer(&self, question: &Question) -> Result<Answer, Error> {
        let history = question.with_reports()?;
        let facts = history.report_facts();
        let asks = question.reports("asks", self.looks_at_grades())?;
        let of = |dates: &Dates| Ok::<Asks, Error>(history.asks(&asks)?.between(dates.from, dates.to()?));
        match self {
            Asked::Points { topic, dates, list } => {
                let asks = of(dates)?;
                let rows = asks.list().plan()?;
                let topics = known_topics(topic, facts)?;
                let is = |column: &str| is_one_of(column, &topics).fill_null(lit(false));
                let rows = if topics.is_empty() { rows } else { rows.filter(is("topic").or(is("second_topic"))) };
                let mut answer = Answer::new(list.of(rows)?, Ask::CAVEATS);
                if question.names_authorities() {
                    answer.notes.extend(without_points(&asks)?);
                }
                Ok(answer)
            }
            Asked::Again { each: true, topic, dates, list, .. } => {
                let rows = of_topics(of(dates)?.course().plan()?, &known_topics(topic, facts)?);
                Ok(Answer::new(list.of(rows)?, AskCourse::CAVEATS))
            }
            Asked::Again { runs: None, within, topic, dates, list, .. } if question.names_authorities() => {
                if !topic.is_empty() {
                    return Err(refusal("--topic has no use with pairs of inspections; --each has a row a topic"));
                }
                let asks = of(dates)?;
                let mut answer = Answer::new(list.of(asks.pairs(*within).plan()?)?, AskPair::CAVEATS);
                let pairs = asks.pairs(*within).rows()?;
                answer.notes.splice(..0, pairs.iter().map(|pair| pair.sentence(facts)));
                Ok(answer)
            }
            Asked::Again { runs, within, topic, dates, list, .. } => {
                let rows = of(dates)?.again(usize::from(runs.unwrap_or(2)), *within).plan()?;
                let rows = of_topics(rows, &known_topics(topic, facts)?);
                Ok(Answer::new(list.of(rows)?, AskedAgain::CAVEATS))
            }
            Asked::Topics { by, topic, dates, list } => {
                let theme = question.one_theme()?;
                if theme.is_some() && !matches!(by, Some(By::Grade)) {
                    return Err(refusal("--theme is only for --by grade: it says in what"));
                }
                let by = by.map(|by| by.group(theme));
                let rows = of_topics(of(dates)?.topics(by).plan()?, &known_topics(topic, facts)?);
                let rows = if by.is_none() { rows.drop(by_name(["group"], true, false)) } else { rows };
                Ok(Answer::new(list.of(rows)?, TopicShare::CAVEATS))
            }
            Asked::ByGrade { before_falls, from_grade, dates, list } => {
                let theme = question.one_theme()?.unwrap_or(Theme::Headline);
                let asks = of(dates)?;
                if !before_falls {
                    return Ok(Answer::new(list.of(asks.by_grade(theme).plan()?)?, GradeAsks::CAVEATS));
                }
                let from = from_grade.unwrap_or(Grade::RequiresImprovement);
                let signs = asks.before_falls(theme, from).rows()?;
                let mut answer = Answer::new(list.of(asks.before_falls(theme, from).plan()?)?, BeforeFall::CAVEATS);
                let apart = signs.iter().filter(|s| s.difference_lower > 0.0 || s.difference_upper < 0.0).count();
                if let Some(first) = signs.first() {
                    let (pairs, fell) = (first.with + first.without, first.with_fell + first.without_fell);
                    let told = format!(
                        "{fell} of {pairs} fell at the next inspection; in {apart} of {} comparisons the interval of the \
                         difference leaves out 0.",
                        first.tests
                    );
                    answer.notes.insert(0, told);
                }
                Ok(answer)
            }
        }
    }

    fn looks_at_grades(&self) -> bool {
        matches!(self, Asked::Topics { .. } | Asked::ByGrade { .. })
    }
}

impl Visits {
    pub fn answer(&self, question: &Question) -> Result<Answer, Error> {
        let history = question.with_reports()?;
        let between = history.between_inspections(&question.reports("visits", self.after_inadequate)?)?;
        let (rows, caveats) = if self.after_inadequate {
            let theme = question.one_theme()?.unwrap_or(Theme::Headline);
            (between.after_inadequate(theme).plan()?, AfterInadequate::CAVEATS)
        } else {
            let rows = between.visits().plan()?;
            let rows = self.kind.map_or(rows.clone(), |kind| rows.filter(col("kind").eq(lit(kind.code()))));
            let only = self.priority_action.then(|| col("priority_action").eq(lit("yes")));
            (only.map_or(rows.clone(), |only| rows.filter(only)), VisitBetween::CAVEATS)
        };
        let mut answer = Answer::new(self.list.of(rows)?, caveats);
        let kinds = |kind: &VisitKind| match self.after_inadequate {
            true => *kind == VisitKind::Monitoring,
            false => self.kind.is_none_or(|only| only == *kind),
        };
        for kind in VisitKind::ALL.iter().filter(|kind| kinds(kind)) {
            answer.notes.push(match between.coverage().iter().find(|c| c.kind == *kind) {
                Some(coverage) => coverage.to_string(),
                None => format!("{}s: how far they are known is not told.", kind.label()),
            });
        }
        Ok(answer)
    }
}

impl Dates {
    fn to(&self) -> Result<Option<NaiveDate>, Error> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => Err(mistake("--to", to, &format!("a day not before {from}"))),
            _ => Ok(self.to),
        }
    }
}

/// The inspections of the authorities asked for by name whose report asked for nothing, or was not read.
fn without_points(asks: &Asks) -> Result<Vec<String>, Error> {
    let (mut told, mut unread) = (Vec::new(), Vec::new());
    for row in asks.inspections().rows()? {
        let name = row.name.unwrap_or(row.authority);
        let day = row.date_precision.unwrap_or(Precision::Day).write(row.date);
        match row.asks {
            None => unread.push(format!("{name} {day} ({})", row.framework)),
            Some(0) => told.push(format!("{name}: the inspection of {day} asked for nothing.")),
            Some(_) => {}
        }
    }
    if !unread.is_empty() {
        told.push(format!("What these asked for is not known, as their reports were not read: {}.", unread.join(", ")));
    }
    Ok(told)
}

fn known_topics(asked: &[String], facts: &ReportFacts) -> Result<Vec<String>, Error> {
    let known: Vec<String> = facts.topics.iter().map(|t| t.code.clone()).collect();
    asked.iter().map(|text| chosen("topic", &text.replace(['-', ' '], "_"), &known).cloned()).collect()
}

fn of_topics(rows: LazyFrame, topics: &[String]) -> LazyFrame {
    if topics.is_empty() { rows } else { rows.filter(is_one_of("topic", topics)) }
}

fn is_one_of(column: &str, values: &[String]) -> Expr {
    values.iter().map(|value| col(column).eq(lit(value.as_str()))).fold(lit(false), Expr::or)
}
