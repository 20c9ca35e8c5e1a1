//! Questions as SQL, for ratings that a database holds.

use clap::{Args, Subcommand};
use rating_history::chrono::NaiveDate;
use rating_history::ofsted::Grade;
use rating_history::sql::{Rows, Table};
use rating_history::{Clock, Error, Scale};

use crate::Common;
use crate::common::{day, say};
use crate::data::refusal;
use crate::estimates::StudyArguments;

/// Flags of the data that say what a table in a database is like.
const USEFUL: [&str; 7] = ["--columns", "--series", "--scale", "--withdrawn", "--theme", "--clock", "--as-of"];

#[derive(Subcommand)]
pub enum Asked {
    /// Runs of ratings with one grade, as `ratings spells`
    #[command(after_help = "Example: ratings sql spells --table ratings --as-of 2026-08-20 | duckdb ratings.db")]
    Spells {
        #[command(flatten)]
        columns: Columns,
    },
    /// How each body that was ever rated stands on a day, as `ratings as-of`
    #[command(after_help = "Example: ratings sql as-of --table ratings --theme headline --as-of 2019-03-31")]
    AsOf {
        #[command(flatten)]
        columns: Columns,
    },
    /// Years in each grade and moves between grades, for `matrix --totals` and `rates --totals`
    #[command(
        after_help = "Example: ratings sql totals --columns home,day,rating --scale poor,fair,good --as-of 2026-08-20 --pooled"
    )]
    Totals {
        #[command(flatten)]
        columns: Columns,
        /// First day observed [default: the first judgement of each body]
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<NaiveDate>,
        #[command(flatten)]
        study: StudyArguments,
        /// All bodies in one row, instead of a row each: small, but nothing to resample
        #[arg(long)]
        pooled: bool,
    },
}

#[derive(Args)]
pub struct Columns {
    /// The table, as ratings or warehouse.ratings
    #[arg(long, value_name = "NAME", default_value = "ratings")]
    table: String,
    /// Column with the day of publication [default: published, or none with --columns]
    #[arg(long, value_name = "COLUMN")]
    published: Option<String>,
    /// Column with the id of the inspection [default: inspection, or none with --columns]
    #[arg(long, value_name = "COLUMN")]
    inspection: Option<String>,
    /// Column with the first day on which a body no longer exists [default: closed, or none with --columns]
    #[arg(long, value_name = "COLUMN")]
    closed: Option<String>,
}

impl Columns {
    /// The table, with the columns of this crate's files or those that are named.
    fn table(&self, common: &Common) -> Result<Table, Error> {
        let mut table = match common.columns.as_slice() {
            [] => Table::of_ratings(&self.table),
            [body, effect, grade] => Table::new(&self.table, body, effect, grade),
            _ => return Err(refusal("--columns names three: the body, the date and the rating")),
        };
        match common.series.as_slice() {
            [] => {}
            [series] => table = table.series(series.clone()),
            _ => return Err(refusal("--series names one column with sql; join several in a view")),
        }
        let named = |own: &Option<String>, usual: &Option<String>| own.clone().or_else(|| usual.clone());
        let published = named(&self.published, &table.published);
        let inspection = named(&self.inspection, &table.inspection);
        let closed = named(&self.closed, &table.closed);
        let table = table.published(published).inspection(inspection).closed(closed).clock(common.clock);
        if common.clock == Clock::Published && table.published.is_none() {
            return Err(refusal("--clock published needs the column of that day: name it with --published"));
        }
        let all = common.theme.iter().any(|theme| theme == "all");
        if !all && !common.theme.is_empty() && table.series.is_none() {
            return Err(refusal("--theme has no use with a table of one series: name their column with --series"));
        }
        let only: &[String] = if all { &[] } else { &common.theme };
        Ok(table.withdrawn(common.withdrawn.clone()).only(only.to_vec()))
    }
}

impl Asked {
    /// Prints the query.
    pub fn print(&self, common: &Common) -> Result<(), Error> {
        common.only("sql", &USEFUL)?;
        let Some(as_of) = common.as_of else {
            return Err(refusal("say with --as-of the day from which to look, as a database has none of its own"));
        };
        let query = match self {
            Asked::Spells { columns } => columns.table(common)?.spells(as_of)?,
            Asked::AsOf { columns } => columns.table(common)?.as_of(as_of)?,
            Asked::Totals { columns, from, study, pooled } => {
                let scale = if common.scale.is_empty() { Grade::scale() } else { Scale::new(common.scale.clone())? };
                let table = columns.table(common)?;
                if table.series.is_some() && table.only.len() != 1 {
                    return Err(refusal("totals are about one series: name it with --theme"));
                }
                let rows = if *pooled { Rows::Pooled } else { Rows::Bodies };
                table.totals(&scale, &study.study(*from, as_of)?, rows)?
            }
        };
        say(format_args!("{}", query.trim_end()))
    }
}
