//! What a picture shows, as a table.

use serde::{Deserialize, Serialize};

use super::escape;

/// The data of a picture as rows of text, for readers who want numbers or have the picture read aloud.
///
/// ```
/// use rating_history::chart::Table;
/// let table = Table::new(["grade", "bridges"], vec![vec!["poor".to_owned(), "3".to_owned()]]);
/// assert_eq!(table.csv(), "grade,bridges\npoor,3\n");
/// assert!(table.html("Bridges by grade").contains("<th scope=\"col\">grade</th>"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Table {
    /// The headings of the columns.
    pub columns: Vec<String>,
    /// The rows, each of as many cells; an empty cell is not known or not there.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>, rows: Vec<Vec<String>>) -> Self {
        Table { columns: columns.into_iter().map(Into::into).collect(), rows }
    }

    /// As CSV with a heading.
    pub fn csv(&self) -> String {
        let cell = |text: &String| {
            let text = text.replace(['\r', '\n'], " ");
            if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        };
        let line = |cells: &Vec<String>| cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
        std::iter::once(&self.columns).chain(&self.rows).map(line).collect()
    }

    /// As an HTML table with a caption, headings of columns, and the first cell of each row as its heading.
    pub fn html(&self, caption: &str) -> String {
        let head: String = self.columns.iter().map(|c| format!("<th scope=\"col\">{}</th>", escape(c))).collect();
        let row = |cells: &Vec<String>| {
            let cell = |(n, text): (usize, &String)| match n {
                0 => format!("<th scope=\"row\">{}</th>", escape(text)),
                _ => format!("<td>{}</td>", escape(text)),
            };
            format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
        };
        let body: String = self.rows.iter().map(row).collect();
        format!(
            "<table>\n<caption>{}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n",
            escape(caption)
        )
    }
}
