//! Tables, CSV and JSON on standard output.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use clap::ValueEnum;
use rating_history::chrono::NaiveDate;
use rating_history::io::guarded;
use rating_history::ofsted;
use rating_history::polars::prelude::*;
use rating_history::{Error, Precision, Words, visible};
use serde_json::{Map, Value};

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Json,
}

/// Prints the rows; a reader that has gone away is no error.
pub fn print(frame: DataFrame, format: Format, words: &Words, wide: bool) -> Result<(), Error> {
    // A terminal is shown what it would obey.
    if io::stdout().is_terminal() && !matches!(format, Format::Table) {
        let mut text = Vec::new();
        let written = if matches!(format, Format::Csv) { csv(&frame, &mut text) } else { json(&frame, &mut text) };
        written.map_err(|source| Error::Io { path: "standard output".into(), source })?;
        return crate::common::say(format_args!("{}", String::from_utf8_lossy(&text).trim_end_matches('\n')));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match format {
        Format::Table => table(&frame, words, width().filter(|_| !wide), &mut out),
        Format::Csv => csv(&frame, &mut out),
        Format::Json => json(&frame, &mut out),
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(Error::Io { path: "standard output".into(), source }),
        Ok(()) => Ok(()),
    }
}

/// One cell as a JSON value: ISO dates, null where there is nothing.
fn value(column: &Column, row: usize) -> Value {
    let Ok(cell) = column.get(row) else { return Value::Null };
    match cell {
        AnyValue::Null => Value::Null,
        AnyValue::Date(days) => NaiveDate::from_epoch_days(days).map_or(Value::Null, |d| d.to_string().into()),
        AnyValue::Int32(n) => n.into(),
        AnyValue::Int64(n) => n.into(),
        AnyValue::UInt32(n) => n.into(),
        AnyValue::Float64(x) => plain(x).into(),
        AnyValue::Boolean(b) => b.into(),
        cell => cell.get_str().map_or_else(|| cell.to_string(), str::to_owned).into(),
    }
}

/// A number without the noise of its last digits: -0.6 for -0.6000000000000001.
fn plain(x: f64) -> f64 {
    let rounded: f64 = format!("{x:.14e}").parse().unwrap_or(x);
    if rounded.to_string().len() + 4 < x.to_string().len() { rounded } else { x }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Text that a spreadsheet would run gets an apostrophe before it; numbers are numbers.
fn cell_of_csv(value: &Value) -> String {
    match value {
        Value::String(text) => guarded(text).into_owned(),
        value => text(value),
    }
}

fn csv(frame: &DataFrame, out: &mut impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(frame.columns().iter().map(|c| c.name().as_str())).map_err(reason)?;
    for row in 0..frame.height() {
        writer.write_record(frame.columns().iter().map(|c| cell_of_csv(&value(c, row)))).map_err(reason)?;
    }
    writer.flush()
}

/// What the system says, as that the reader has gone away.
fn reason(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn json(frame: &DataFrame, out: &mut impl Write) -> io::Result<()> {
    write!(out, "[")?;
    for row in 0..frame.height() {
        let record: Map<String, Value> =
            frame.columns().iter().map(|c| (c.name().to_string(), value(c, row))).collect();
        write!(out, "{}\n  ", if row == 0 { "" } else { "," })?;
        serde_json::to_writer(&mut *out, &record)?;
    }
    writeln!(out, "{}]", if frame.height() == 0 { "" } else { "\n" })
}

/// The width of the terminal that the answer goes to, or what COLUMNS says; none for a file or a pipe.
fn width() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).filter(|width| *width > 0)
}

/// Columns that fit a width, cells wrapped, the first ones first; the names of those left out.
fn fitted(columns: &[Vec<String>], width: usize) -> (Vec<String>, Vec<String>) {
    const GAP: usize = 2;
    let longest = |cells: &Vec<String>| cells.iter().flat_map(|c| c.split(' ')).map(|w| w.chars().count()).max();
    let mut taken = 0;
    let fits = |cells: &&Vec<String>| {
        taken += longest(cells).unwrap_or(0).max(4) + GAP;
        taken <= width + GAP
    };
    let kept = columns.iter().take_while(fits).count().max(1);
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING).set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    for row in 0..columns.first().map_or(0, Vec::len) {
        table.add_row(columns[..kept].iter().map(|cells| &cells[row]));
    }
    for (at, cells) in columns[..kept].iter().enumerate() {
        if let (Some(column), Some(longest)) = (table.column_mut(at), longest(cells)) {
            let least = comfy_table::Width::Fixed(u16::try_from(longest + GAP).unwrap_or(u16::MAX));
            column.set_padding((0, 2)).set_constraint(comfy_table::ColumnConstraint::LowerBoundary(least));
        }
    }
    let hidden = columns[kept..].iter().filter_map(|cells| cells.first().cloned()).collect();
    (table.lines().map(|line| line.trim_end().to_owned()).collect(), hidden)
}

/// Columns side by side, numbers to the right, dates as far as they are known.
fn table(frame: &DataFrame, words: &Words, fit: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let precision_of = |name: &str| frame.column(&format!("{name}_precision")).ok();
    let names: Vec<&str> = frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
    let latest_of =
        |name: &str| Some(name.strip_suffix("_latest")?.to_owned()).filter(|of| names.contains(&of.as_str()));
    let is_shown = |name: &str| !name.ends_with("_precision") && latest_of(name).is_none();
    let shown: Vec<&Column> = frame.columns().iter().filter(|c| is_shown(c.name())).collect();
    let columns: Vec<Vec<String>> = shown
        .iter()
        .map(|column| {
            let name = column.name().to_string();
            // A day of publication that stands for the rating's own is known as exactly as that.
            let stands_in =
                (name == "published").then(|| frame.column("date").ok().zip(precision_of("date"))).flatten();
            let precision_at = |row: usize| {
                let of_date = stands_in.filter(|(date, _)| date.get(row).ok() == column.get(row).ok());
                precision_of(&name).or(of_date.map(|(_, precision)| precision))
            };
            // A grade with a day of its own is told with it: "good (Feb 2019)".
            let latest = frame.column(&format!("{name}_latest")).ok();
            let exactly = precision_of(&format!("{name}_latest"));
            let day = |row: usize| latest.map(|l| cell(l, exactly, row)).filter(|day| !day.is_empty());
            let cells = (0..frame.height()).map(|row| {
                match (said(&name, cell(column, precision_at(row), row), words), day(row)) {
                    (grade, Some(day)) => format!("{grade} ({day})"),
                    (cell, None) => visible(&cell).into_owned(),
                }
            });
            std::iter::once(heading(&name, words)).chain(cells).collect()
        })
        .collect();
    let width = |column: &Vec<String>| column.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let whole: usize = widths.iter().map(|width| width + 2).sum();
    if let Some(fit) = fit.filter(|fit| whole > fit + 2) {
        let (lines, hidden) = fitted(&columns, fit);
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        if !hidden.is_empty() {
            crate::common::note(format_args!("note: not shown: {}; --wide shows all", hidden.join(", ")));
        }
        return Ok(());
    }
    for row in 0..=frame.height() {
        let mut line = String::new();
        for ((column, cells), width) in shown.iter().zip(&columns).zip(&widths) {
            let cell = &cells[row];
            line +=
                &if column.dtype().is_numeric() { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// What the forecasts' targets and models are called on a terminal, in the words of the data.
fn said(column: &str, cell: String, words: &Words) -> String {
    match (column, cell.as_str()) {
        ("target" | "horizon", "next inspection" | "next_inspection") if *words != ofsted::words() => {
            format!("next {}", words.inspection.one)
        }
        ("model", "national_average") if *words != ofsted::words() => "average".to_owned(),
        _ => cell,
    }
}

/// What a column is called on a terminal, in the words of the data.
fn heading(name: &str, words: &Words) -> String {
    let own = *words == ofsted::words();
    match name {
        "authority" => words.body.one.clone(),
        "inspection" => words.inspection.one.clone(),
        "inspections" => words.inspection.many.clone(),
        name if !own && name.ends_with("framework") => name.replace("framework", "rules"),
        name if !own && name == "theme" => "series".to_owned(),
        name => name.to_owned(),
    }
}

/// Columns of text that hold codes.
const CODES: [&str; 7] = ["grade", "from", "to", "next", "better", "latest_grade", "median"];

fn cell(column: &Column, precision: Option<&Column>, row: usize) -> String {
    let value = value(column, row);
    match (&value, column.dtype()) {
        (Value::String(date), DataType::Date) => {
            let precision = precision.map(|p| text(&self::value(p, row))).and_then(|p| p.parse::<Precision>().ok());
            match (precision, date.parse::<NaiveDate>()) {
                (precision, Ok(date)) => precision.unwrap_or(Precision::Day).write_short(date),
                (_, Err(_)) => date.clone(),
            }
        }
        (Value::Number(share), DataType::Float64) if column.name().starts_with("share") => {
            format!("{:.1}%", 100.0 * share.as_f64().unwrap_or_default())
        }
        (Value::Number(p), DataType::Float64)
            if (column.name() == "p" || column.name().ends_with("_p")) && p.as_f64().is_some_and(|p| p < 0.0005) =>
        {
            "< 0.001".to_owned()
        }
        (Value::String(code), DataType::Enum(..)) => code.replace('_', " "),
        (Value::String(code), _) if CODES.contains(&column.name().as_str()) => code.replace('_', " "),
        (Value::Number(number), DataType::Float64) => {
            let places = if column.name().contains("days") { 1 } else { 3 };
            format!("{:.places$}", number.as_f64().unwrap_or_default())
        }
        (value, _) => text(value),
    }
}
