//! Cells of a CSV file that a spreadsheet would run, guarded by an apostrophe.

use polars::prelude::*;

use super::write::FORMULA;
use crate::Error;
use crate::frame::columns::*;

/// Whether a cell, but for apostrophes before it, is one that a spreadsheet would run.
fn is_formula(column: &str) -> Expr {
    let bare = col(column).str().strip_chars_start(lit("'"));
    let begins = |c: &char| bare.clone().str().starts_with(lit(c.to_string()));
    FORMULA.iter().map(begins).reduce(Expr::or).unwrap_or_else(|| lit(false))
}

/// Columns of text that may hold anything; the others hold codes.
const FREE_TEXT: [&str; 8] = [AUTHORITY, INSPECTION, SOURCE, ALSO, NAME, LABEL, NEIGHBOUR, SUCCESSOR];

/// Every column of free text with an apostrophe before what a spreadsheet would run.
pub(super) fn guarded(frame: LazyFrame) -> Result<LazyFrame, Error> {
    with_text(frame, |name| concat_str([lit("'"), col(name)], "", false))
}

/// The cells again.
pub(super) fn unguarded(frame: LazyFrame) -> Result<LazyFrame, Error> {
    with_text(frame, |name| col(name).str().strip_prefix(lit("'")))
}

fn with_text(mut frame: LazyFrame, changed: impl Fn(&str) -> Expr) -> Result<LazyFrame, Error> {
    let schema = frame.collect_schema()?;
    let is_free = |name: &str| FREE_TEXT.contains(&name);
    let text = schema.iter().filter(|(name, dtype)| **dtype == DataType::String && is_free(name));
    let text = text.map(|(name, _)| name.as_str());
    let change = |name: &str| when(is_formula(name)).then(changed(name)).otherwise(col(name)).alias(name);
    Ok(frame.clone().with_columns(text.map(change).collect::<Vec<_>>()))
}
