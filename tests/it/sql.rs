//! Queries as SQL, and totals that come back as a table. That databases give the answers of this crate is checked with DuckDB and
//! DataFusion by `tests/interop/sql.py`; here is what needs no database.

use rating_history::estimate::{
    Exposures, Generator, InspectionPairs, Inspections, PairCounts, SnapshotPairs, Snapshots, Study, TimeBasis, Years,
};
use rating_history::ofsted::{self, Theme};
use rating_history::polars::prelude::*;
use rating_history::sql::{Rows, Table};
use rating_history::{Clock, Error, Scale, Series};

fn day(text: &str) -> rating_history::chrono::NaiveDate {
    text.parse().unwrap()
}

fn headline() -> Series {
    ofsted::england().unwrap().ratings().unwrap().series(Theme::Headline).unwrap()
}

/// A query without its quoted names and words; both must end.
fn bare(query: &str) -> String {
    let (mut code, mut quote) = (String::new(), None);
    for c in query.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => code.push(c),
        }
    }
    assert_eq!(quote, None, "{query}");
    code
}

fn queries(table: &Table, scale: &Scale, grade: &str) -> Vec<String> {
    let until = Study::until(day("2026-08-20"));
    let studies = [
        until.clone(),
        until.clone().from(day("2018-01-01")).basis(TimeBasis::Days365_25),
        until.after_last(rating_history::estimate::AfterLast::Drop).absorbing(grade.to_owned()),
    ];
    let mut queries = vec![table.spells(day("2026-08-20")).unwrap(), table.as_of(day("2019-03-31")).unwrap()];
    for study in &studies {
        queries.extend([Rows::Bodies, Rows::Pooled].map(|rows| table.totals(scale, study, rows).unwrap()));
    }
    queries
}

/// What each step reads is a step before it, or the table.
#[test]
fn every_query_is_steps_in_order_and_of_no_dialect() {
    let scale = Scale::new(["poor", "o'clock", "say \"good\""]).unwrap();
    let own = Table::new("my warehouse.rat\"ings; DROP", "Home", "select", "grade'")
        .series("Rater".to_owned())
        .closed("gone".to_owned())
        .withdrawn(["N'R"])
        .only(["x'y"]);
    for (table, from) in [
        (Table::of_ratings("ratings").only(["headline"]), r#""ratings""#),
        (own, r#""my warehouse"."rat""ings; DROP""#),
    ] {
        for clock in [Clock::Effect, Clock::Published] {
            if clock == Clock::Published && table.published.is_none() {
                continue;
            }
            let grade = scale.labels()[1].as_str();
            let queries = queries(&table.clone().clock(clock), &scale, grade);
            assert_eq!(queries.len(), 8);
            for query in queries {
                assert_eq!(query.matches(&format!("FROM {from}\n")).count(), 1, "{query}");
                let code = bare(&query);
                assert!(code.starts_with("WITH counted AS (") && !code.contains(';'), "{query}");
                let mut depth = 0;
                for c in code.chars() {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    assert!(depth >= 0, "{query}");
                }
                assert_eq!(depth, 0, "{query}");
                let words: Vec<&str> =
                    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
                let mut steps = Vec::new();
                let mut reads = 0;
                for at in 0..words.len() {
                    if words[at] == "AS" && code.contains(&format!("{} AS (\n", words[at - 1])) {
                        steps.push(words[at - 1]);
                    }
                    // `EXTRACT(YEAR FROM x)` reads a day.
                    let extracts = ["YEAR", "MONTH", "DAY"].contains(&words[at.saturating_sub(1)]);
                    if words[at] == "FROM" && !extracts && steps.len() > 1 && words[at + 1] != "SELECT" {
                        reads += 1;
                        assert!(steps.contains(&words[at + 1]), "{} is no step before: {query}", words[at + 1]);
                    }
                }
                assert!(reads > 7, "{query}");
                for dialect in
                    ["QUALIFY", "::", "DATEDIFF", "DATE_DIFF", "JULIANDAY", "IFNULL", "NVL", "FILTER", "LIMIT", "//"]
                {
                    assert!(!code.to_uppercase().contains(dialect), "{dialect}: {query}");
                }
            }
        }
    }
}

#[test]
fn a_query_says_which_words_and_columns_it_is_about() {
    let table = Table::new("t", "a", "b", "c").withdrawn(["N'R"]);
    let spells = table.spells(day("2026-08-20")).unwrap();
    assert!(spells.contains("CASE WHEN \"c\" IN ('N''R') THEN NULL ELSE \"c\" END AS grade"), "{spells}");
    assert!(spells.contains("CAST(\"b\" AS DATE) <= DATE '2026-08-20'"), "{spells}");
    let until = Study::until(day("2026-08-20"));
    let scale = Scale::new(["low", "high"]).unwrap();
    let totals = table.totals(&scale, &until, Rows::Bodies).unwrap();
    let columns: Vec<&str> = totals
        .rsplit("\nSELECT ")
        .next()
        .unwrap()
        .split(" AS \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(columns, ["authority", "time:low", "time:high", "low>high", "high>low"]);
    assert!(totals.ends_with("GROUP BY body\nORDER BY body\n"));
    assert!(!table.totals(&scale, &until, Rows::Pooled).unwrap().contains("GROUP BY body\n"));
}

#[test]
fn what_makes_no_query_is_refused() {
    let refused = |made: Result<String, Error>| made.unwrap_err().to_string();
    let table = Table::new("t", "a", "b", "c");
    let on = day("2026-08-20");
    assert!(refused(Table::new("t", "a\n", "b", "c").spells(on)).contains("without control characters"));
    assert!(refused(Table::new("x..t", "a", "b", "c").spells(on)).contains("name of a table or column"));
    assert!(refused(table.clone().clock(Clock::Published).spells(on)).contains("days of publication"));
    assert!(refused(table.clone().only(["x"]).as_of(on)).contains("a column of the series"));
    let scale = Scale::new(["low", "high"]).unwrap();
    let totals = |table: &Table, study: &Study| refused(table.totals(&scale, study, Rows::Bodies));
    let until = Study::until(on);
    assert!(totals(&Table::of_ratings("t"), &until).contains("totals of several cannot be told apart"));
    assert!(totals(&table, &until.clone().from(day("2030-01-01"))).contains("a day not after the last"));
    assert!(totals(&table, &until.absorbing("hihg".to_owned())).contains("did you mean `high`"));
}

#[test]
fn totals_come_back_from_their_frame() {
    let (headline, study) = (headline(), Study::until(day("2026-08-20")));
    let totals = Exposures::collect(&headline, &study).unwrap();
    let frame = totals.to_frame().unwrap();
    let again = Exposures::from_frame(Years::Years, &frame).unwrap();
    assert!(totals.rows.len() > 150);
    assert_eq!((&again.rows, &again.labels), (&totals.rows, &totals.labels));
    let matrix = |totals: &Exposures| {
        let rates = Generator::from_totals(totals).unwrap();
        rates.transition_matrix(5.0, 0.95).unwrap().numbers()
    };
    assert_eq!(matrix(&again), matrix(&totals));

    // The same as text, as a CSV file has it, in another order and with a body in two rows.
    let texts = frame.columns().iter().map(|column| column.cast(&DataType::String).unwrap()).collect();
    let texts = DataFrame::new_infer_height(texts).unwrap().reverse();
    assert_eq!(Exposures::from_frame(Years::Years, &texts).unwrap().rows, totals.rows);
    let twice = frame.vstack(&frame).unwrap();
    let doubled = Exposures::from_frame(Years::Years, &twice).unwrap();
    assert_eq!(doubled.rows.len(), totals.rows.len());
    assert_eq!(doubled.pooled(|_| 1.0).unwrap(), totals.pooled(|_| 2.0).unwrap());

    // Of pairs, those that stay are told by those that begin.
    let grid = Snapshots::default();
    let pairs = PairCounts::snapshots(&headline, &study, &grid).unwrap();
    let unit = SnapshotPairs::Snapshots(grid);
    assert_eq!(PairCounts::from_frame(unit, &pairs.to_frame().unwrap()).unwrap().rows, pairs.rows);
    let pairs = InspectionPairs::collect(&headline, &study).unwrap();
    let again = InspectionPairs::from_frame(Inspections::Inspections, &pairs.to_frame().unwrap()).unwrap();
    assert_eq!(again.rows, pairs.rows);
}

#[test]
fn frames_that_are_no_totals_are_refused() {
    let refused = |frame: DataFrame| Exposures::from_frame(Years::Years, &frame).unwrap_err().to_string();
    let columns = df!("authority" => ["a"], "time:low" => [1.5], "time:high" => [2.0], "low>high" => [1u32]).unwrap();
    assert!(refused(columns.clone()).contains("lack the column `high>low`"), "{}", refused(columns));
    let frame = |value: &str| {
        df!("authority" => ["a", "b"], "time:low" => ["1.5", value], "time:high" => ["2", "3"], "low>high" => [1, 0],
            "high>low" => [0, 0])
        .unwrap()
    };
    let said = refused(frame("x"));
    assert_eq!(said, "column `time:low` of the totals, row 2: `x` is no number; expected one, as 2.5");
    assert!(refused(frame("-1")).contains("expected a number, at least 0"));
    assert!(refused(frame("NaN")).contains("expected a number, at least 0"));
    assert!(refused(df!("authority" => ["a"], "time:low" => [1.0]).unwrap()).contains("expected at least two of them"));
    let empty = frame("1").lazy().with_column(lit(NULL).cast(DataType::Int32).alias("low>high")).collect().unwrap();
    assert!(refused(empty).contains("`low>high` of the totals has an empty cell"));
}

#[cfg(all(feature = "png", feature = "files"))]
mod command {
    use super::{DataType, Exposures, Study, day, headline};
    use crate::example;

    fn run(arguments: &[&str]) -> (bool, String, String) {
        let output = example("ratings", arguments);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    #[test]
    fn matrices_and_rates_follow_from_a_file_of_totals() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("totals.csv");
        let totals = Exposures::collect(&headline(), &Study::until(day("2026-08-20"))).unwrap().to_frame().unwrap();
        let columns: Vec<_> = totals.columns().iter().map(|c| c.cast(&DataType::String).unwrap()).collect();
        let mut text = columns.iter().map(|c| c.name().to_string()).collect::<Vec<_>>().join(",") + "\n";
        for row in 0..totals.height() {
            let cells: Vec<_> = columns.iter().map(|c| c.str().unwrap().get(row).unwrap()).collect();
            text += &(cells.join(",") + "\n");
        }
        std::fs::write(&file, text).unwrap();
        let of = ["--totals", file.to_str().unwrap(), "--to", "2026-08-20", "--format", "csv"];
        let whole = ["--to", "2026-08-20", "--format", "csv"];
        for (of_totals, usual) in [
            (vec!["matrix", "--horizon", "5y"], vec!["matrix", "--horizon", "5y", "--estimator", "duration"]),
            (vec!["matrix", "--bootstrap", "20"], vec!["matrix", "--bootstrap", "20", "--estimator", "duration"]),
            (vec!["rates"], vec!["rates"]),
        ] {
            let (done, of_totals, said) = run(&[&of_totals[..], &of].concat());
            assert!(done, "{said}");
            let (_, usual, _) = run(&[&usual[..], &whole].concat());
            assert_eq!(of_totals, usual);
            assert!(usual.lines().count() > 4);
        }
        for (wrong, said) in [
            (&["matrix", "--estimator", "cohort"][..], "only the duration estimator makes a matrix"),
            (&["matrix", "--authority", "Slough"], "--authority has no use with --totals"),
            (&["matrix", "--snapshots", "4"], "cannot be used with"),
            (&["rates", "--estimator", "panel"], "only the duration estimator makes rates"),
        ] {
            let (done, _, told) = run(&[wrong, &of[..2]].concat());
            assert!(!done && told.contains(said) && told.lines().count() == 1, "{wrong:?}: {told}");
        }
        let (_, _, told) = run(&["rates", "--absorbing", "good", of[0], of[1]]);
        assert_eq!(told, "error: how totals were made is told with --to, the last day observed, too\n");
    }

    #[test]
    fn flags_tell_the_query_of_a_table() {
        let own =
            ["--columns", "home,day,rating", "--scale", "poor,good", "--as-of", "2026-08-20", "--table", "x.homes"];
        let (done, query, said) = run(&[&["sql", "totals", "--withdrawn", "NR"], &own[..]].concat());
        assert!(done, "{said}");
        assert!(query.contains(r#"FROM "x"."homes""#) && query.contains(r#"AS "poor>good""#), "{query}");
        assert!(!query.contains("published"), "{query}");
        for (wrong, said) in [
            (&["sql", "spells"][..], "say with --as-of the day from which to look"),
            (&["sql", "totals", "--as-of", "2026-08-20"], "totals are about one series: name it with --theme"),
            (&["sql", "spells", "--as-of", "2026-08-20", "--authority", "Slough"], "--authority has no use with sql"),
            (&[&["sql", "spells", "--clock", "published"], &own[..]].concat(), "name it with --published"),
            (&[&["sql", "spells", "--theme", "x"], &own[..]].concat(), "name their column with --series"),
        ] {
            let (done, _, told) = run(wrong);
            assert!(!done && told.contains(said) && told.lines().count() == 1, "{wrong:?}: {told}");
        }
    }
}
