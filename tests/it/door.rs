//! What the door decides of rows: order, key, numbers, vocabularies, the day as of which queries look.

use proptest::prelude::*;
use rating_history::chrono::{Days, NaiveDate};
use rating_history::polars::prelude::*;
use rating_history::{Clock, Ratings, Scale, trend};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn scale() -> Scale {
    Scale::new(["B", "A"]).unwrap()
}

/// Body, series, days since 2020, inspection, grade.
type Row<'a> = (&'a str, Option<&'a str>, u64, Option<&'a str>, &'a str);

/// A frame of rows.
fn frame(rows: &[Row<'_>]) -> LazyFrame {
    df!(
        "authority" => rows.iter().map(|r| r.0).collect::<Vec<_>>(),
        "theme" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "effect" => rows.iter().map(|r| day("2020-01-01") + Days::new(r.2)).collect::<Vec<_>>(),
        "inspection" => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        "grade" => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
    )
    .unwrap()
    .lazy()
}

#[test]
fn two_rows_of_one_key_are_refused_and_named() {
    let twice = [("a", Some("x"), 0, None, "A"), ("a", Some("x"), 366, None, "B"), ("a", Some("x"), 366, None, "A")];
    let error = Ratings::new(frame(&twice), scale()).unwrap_err().to_string();
    assert!(error.contains("1 row is replaced by another"), "{error}");
    assert!(error.contains("a (x) on 2021-01-01: B and A"), "{error}");
    let many: Vec<_> = (0..40).map(|n| ("a", Some("x"), n / 2, None, "A")).collect();
    let error = Ratings::new(frame(&many), scale()).unwrap_err().to_string();
    assert!(error.contains("20 rows are replaced") && error.matches(" on 2020-01-").count() == 10, "{error}");
    // Published at other times they are still of one key.
    let days = [Some(day("2020-02-01")), Some(day("2020-03-01"))];
    let published = Column::new("published".into(), days);
    let mut rows = frame(&twice[1..]).collect().unwrap();
    rows.with_column(published).unwrap();
    assert!(Ratings::new(rows.lazy(), scale()).is_err());
    // Two inspections of a day both count, and so do rows outside all series.
    let of_two = [("a", Some("x"), 0, Some("i1"), "A"), ("a", Some("x"), 0, Some("i2"), "A")];
    assert!(Ratings::new(frame(&of_two), scale()).is_ok());
    let outside = [("a", None, 0, Some("i1"), "A"), ("a", None, 0, Some("i1"), "B")];
    assert!(Ratings::new(frame(&outside), scale()).is_ok());
}

#[test]
fn a_body_closes_once() {
    let closed = |days: [Option<&str>; 2]| Column::new("closed".into(), days.map(|d| d.map(day)));
    let rows = frame(&[("a", Some("x"), 0, None, "A"), ("a", Some("x"), 9, None, "A")]).collect().unwrap();
    let with = |column: Column| Ratings::new(rows.clone().with_column(column).unwrap().clone().lazy(), scale());
    assert!(with(closed([Some("2021-01-01"), Some("2021-01-01")])).is_ok());
    let error = with(closed([None, Some("2021-01-01")])).unwrap_err().to_string();
    assert!(error.contains("a has several closing days"), "{error}");
}

#[test]
fn an_enum_of_grades_is_its_own_scale() {
    let rows = frame(&[("a", Some("x"), 0, None, "A")]);
    let grades = DataType::from_frozen_categories(FrozenCategories::new(["B", "A"]).unwrap());
    let of_enum = rows.clone().with_column(col("grade").cast(grades));
    assert_eq!(*Ratings::new(of_enum.clone(), None).unwrap().scale(), scale());
    let other = Ratings::new(of_enum, Scale::new(["A", "B"]).unwrap()).unwrap_err().to_string();
    assert!(other.contains("expected text, or an Enum of the scale that is given"), "{other}");
    let untold = Ratings::new(rows, None).unwrap_err().to_string();
    assert!(untold.contains("give their scale, worst first"), "{untold}");
}

#[test]
fn words_become_enums_in_their_order() {
    let rows = [("a", Some("x"), 0, Some("i1"), "A"), ("a", Some("y"), 0, Some("i1"), "B")];
    let odd = frame(&rows).with_column(lit("decade").alias("precision"));
    let error = Ratings::new(odd, scale()).unwrap_err().to_string();
    assert!(error.contains("column `precision` holds `decade`; expected day, month, year"), "{error}");
    let taken = frame(&rows).with_column(lit("bonds").alias("series"));
    let error = Ratings::new(taken, scale()).unwrap_err().to_string();
    assert!(error.contains("column `series` has type str; expected a number made here"), "{error}");
    let ratings = Ratings::new(frame(&rows).with_column(lit("visit").alias("kind")), scale()).unwrap();
    let columns = ratings.lazy().collect_schema().unwrap();
    for name in ["theme", "kind", "framework", "area", "precision", "grade"] {
        assert!(columns.get(name).unwrap().is_enum(), "{name}");
    }
    let unknown = ratings.clone().series_only(["y", "no such series"]).unwrap_err().to_string();
    assert_eq!(unknown, "unknown series `no such series`; expected one of: x, y");
    let themes = ratings.clone().series_only(["y"]).unwrap().lazy().collect().unwrap();
    assert_eq!(themes.height(), 1);
    let spells = ratings.spells().collect().unwrap();
    assert_eq!(spells.column("theme").unwrap().get(1).unwrap().str_value(), "y");
}

#[test]
fn ratings_know_the_day_as_of_which_queries_look() {
    let rows = [("a", Some("x"), 0, None, "A"), ("a", Some("x"), 400, None, "B")];
    let ratings = Ratings::new(frame(&rows), scale()).unwrap();
    let last = day("2020-01-01") + Days::new(400);
    assert_eq!((ratings.known_to(), ratings.cut_off(), ratings.day()), (None, last, last));
    let whole = ratings.clone().with_cut_off(day("2022-01-01"));
    assert_eq!(whole.day(), day("2022-01-01"));
    let ends = |ratings: &Ratings| {
        let spells = ratings.spells().collect().unwrap();
        spells.column("end").unwrap().date().unwrap().phys.max().and_then(NaiveDate::from_epoch_days).unwrap()
    };
    assert_eq!(ends(&whole), day("2022-01-01"));
    assert_eq!(ends(&whole.clone().as_of(day("2020-06-30"))), day("2020-06-30"));
    // What was published by a day tells how things stood on that day, unless another one is asked for.
    let by = whole.clone().published_by(day("2020-06-30"));
    assert_eq!((by.day(), ends(&by)), (day("2020-06-30"), day("2020-06-30")));
    assert_eq!(by.as_of(day("2021-06-30")).day(), day("2021-06-30"));
    assert_eq!(whole.published_by(day("2030-01-01")).day(), day("2022-01-01"));
    // Without a row there is nothing to look at, and nothing fails.
    let none = Ratings::new(frame(&[]), scale()).unwrap();
    assert_eq!(none.standing().collect().unwrap().height(), 0);
}

#[test]
fn a_register_is_numbered_by_the_rows_it_stands_beside() {
    let register = df!("authority" => ["c", "a", "b"], "name" => ["See", "Ay", "Bee"]).unwrap().lazy();
    let all = [("a", Some("x"), 0, None, "A"), ("b", Some("x"), 0, None, "B"), ("c", Some("x"), 0, None, "A")];
    let first = Ratings::new(frame(&all), scale()).unwrap().with_authorities(register).unwrap();
    let names = |ratings: &Ratings| -> Vec<String> {
        let spells = ratings.spells().collect().unwrap();
        spells.column("name").unwrap().str().unwrap().iter().map(|n| n.unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(names(&first), ["Ay", "Bee", "See"]);
    assert_eq!(names(&first.clone().bodies_only(["b", "c"]).unwrap()), ["Bee", "See"]);
    // The numbers of a register taken from other ratings are of no account.
    let fewer = Ratings::new(frame(&all[1..]), scale()).unwrap();
    assert_eq!(names(&fewer.with_authorities(first.authorities().unwrap()).unwrap()), ["Bee", "See"]);
}

#[test]
fn the_last_rows_of_a_panel_end_it() {
    let rows = [
        ("a", Some("x"), 0, None, "A"),
        ("a", Some("x"), 366, None, "A"),
        ("b", Some("x"), 366, None, "A"),
        ("b", Some("x"), 731, None, "B"),
    ];
    let panel = Ratings::new(frame(&rows), scale()).unwrap().ending_with_last_rows().unwrap();
    let spells = panel.spells().rows().unwrap();
    let told: Vec<_> = spells.iter().map(|s| (s.authority.as_str(), s.end, s.ended_by)).collect();
    let (changed, closed) = (trend::EndedBy::Changed, trend::EndedBy::Closed);
    let last = day("2022-01-01");
    assert_eq!(told, [("a", day("2021-01-02"), closed), ("b", last, changed), ("b", last, trend::EndedBy::AsOf)]);
    let counts = panel.distribution(&["2021-01-01", "2021-01-02"].map(day), None).collect().unwrap();
    let open: Vec<u32> = counts.column("open").unwrap().u32().unwrap().into_no_null_iter().collect();
    assert_eq!(open, [2, 2, 2, 2, 1, 1, 1, 1]);
}

proptest! {
    #![proptest_config(crate::random_cases(64))]

    /// Bodies and series are numbered as a plain loop does it, from rows in any order.
    #[test]
    fn numbers_are_those_of_a_loop(rows in prop::collection::vec((0..4usize, 0..4usize, 0..50u64, 0..3usize), 0..60), by in 0..2usize) {
        let bodies = ["a body with a long name 1", "a body with a long name 2", "b", "c"];
        let themes = [None, Some("w"), Some("x"), Some("a theme with a long name")];
        let ids: Vec<String> = (0..rows.len()).map(|n| format!("i{n:03}")).collect();
        let made: Vec<_> = rows.iter().zip(&ids).map(|((body, theme, day, grade), id)| {
            (bodies[*body], themes[*theme], *day, Some(id.as_str()), ["B", "A", "A"][*grade])
        }).collect();
        let ratings = Ratings::unordered(frame(&made), scale()).unwrap().clock([Clock::Effect, Clock::Published][by]);
        let mut expected: Vec<_> = made.iter().map(|r| (r.0, r.1, r.2, r.3)).collect();
        expected.sort();
        let (mut body, mut series, mut numbers) = (0u32, 0u32, Vec::new());
        for (n, row) in expected.iter().enumerate() {
            if n > 0 {
                body += u32::from(expected[n - 1].0 != row.0);
                series += u32::from((expected[n - 1].0, expected[n - 1].1) != (row.0, row.1));
            }
            numbers.push((row.0, body, row.1.map(|_| series)));
        }
        let rows = ratings.lazy().collect().unwrap();
        let (names, bodies) = (rows.column("authority").unwrap().str().unwrap(), rows.column("body").unwrap().u32().unwrap());
        let series = rows.column("series").unwrap().u32().unwrap();
        let found: Vec<_> = (0..rows.height()).map(|n| (names.get(n).unwrap(), bodies.get(n).unwrap(), series.get(n))).collect();
        prop_assert_eq!(found, numbers);
    }
}

#[cfg(feature = "parquet")]
mod files {
    use rating_history::io::{RatingColumns, ReadOptions, Register, scan_ratings, write_batches, write_ratings};

    use super::*;

    #[test]
    fn of_several_rows_of_a_day_in_a_file_the_last_counts() {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("own.csv");
        let rows = "b,2020-01-01,A\na,2021-01-01,B\na,2020-01-01,A\na,2021-01-01,A\nb,2020-01-01,A\n";
        std::fs::write(&csv, format!("authority,effect,grade\n{rows}")).unwrap();
        let text = DataFrame::new_infer_height(vec![
            Column::new("authority".into(), ["b", "a", "a", "a", "b"]),
            Column::new(
                "effect".into(),
                ["2020-01-01", "2021-01-01", "2020-01-01", "2021-01-01", "2020-01-01"].map(day),
            ),
            Column::new("grade".into(), ["A", "B", "A", "A", "A"]),
        ]);
        let parquet = folder.path().join("own.parquet");
        let file = std::fs::File::create(&parquet).unwrap();
        ParquetWriter::new(file).finish(&mut text.unwrap()).unwrap();
        for (path, first) in [(&csv, 2), (&parquet, 1)] {
            let read = scan_ratings(path, Some(&scale()), &ReadOptions::default()).unwrap();
            let (ratings, report) = (read.value, read.report);
            let spells = ratings.spells().rows().unwrap();
            assert_eq!(spells.iter().map(|s| (s.days, s.inspections)).collect::<Vec<_>>(), [(366, 2), (366, 1)]);
            assert_eq!((report.rows, report.left_out, report.kept()), (5, 2, 3));
            let lines: Vec<_> = report.problems.0.iter().map(|p| p.line.unwrap()).collect();
            assert_eq!(lines, [first, first + 1]);
            let told: Vec<_> = report.problems.0.iter().map(|p| p.expected.as_str()).collect();
            assert!(told[0].contains("says the same") && told[1].contains("says otherwise"), "{told:?}");
            assert!(told[0].contains(&format!(" {} ", first + 4)) && told[1].contains(&format!(" {} ", first + 3)));
        }
    }

    /// A file written before rows were numbered, and one whose numbers are wrong, are read all the same.
    #[test]
    fn files_without_sound_numbers_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [("a", Some("x"), 0, None, "A"), ("a", Some("y"), 5, None, "B"), ("b", Some("x"), 9, None, "B")];
        let ratings = Ratings::new(frame(&rows), scale()).unwrap();
        let new = folder.path().join("new.parquet");
        write_ratings(&ratings, &new).unwrap();
        let rows = LazyFrame::scan_parquet(PlRefPath::new(new.to_str().unwrap()), ScanArgsParquet::default()).unwrap();
        let names = ["theme", "framework", "area", "kind", "precision"];
        let before =
            rows.clone().drop(cols(["body", "series"])).with_columns(names.map(|n| col(n).cast(DataType::String)));
        let wrong = rows.with_column(lit(0u32).alias("series"));
        let mark = r#"{"version":1,"scale":["B","A"],"order":["authority","theme","effect","published","inspection"]}"#;
        for (name, rows) in [("before", before), ("wrong", wrong)] {
            let path = folder.path().join(name).with_extension("parquet");
            let metadata = KeyValueMetadata::from_static(vec![("rating-history".to_owned(), mark.to_owned())]);
            let file = std::fs::File::create(&path).unwrap();
            let writer = ParquetWriter::new(file).with_key_value_metadata(Some(metadata));
            writer.finish(&mut rows.collect().unwrap()).unwrap();
            let again = scan_ratings(&path, None, &ReadOptions::default()).unwrap().value;
            assert!(again.lazy().collect().unwrap().equals_missing(&ratings.lazy().collect().unwrap()), "{name}");
        }
    }

    #[test]
    fn batches_are_numbered_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("batches.parquet");
        let first = [("a", Some("x"), 0, None, "A"), ("a", Some("y"), 5, None, "B")];
        let second = [("b", Some("x"), 9, None, "B"), ("c", None, 9, None, "B"), ("c", Some("y"), 9, None, "B")];
        let batches = || [&first[..], &second].map(|rows| Ok(frame(rows).collect().unwrap()));
        write_batches(&path, &scale(), batches().into_iter().rev()).unwrap_err();
        assert_eq!(write_batches(&path, &scale(), batches()).unwrap(), 5);
        let again = scan_ratings(&path, None, &ReadOptions::default()).unwrap().value;
        let whole = Ratings::unordered(frame(&[&first[..], &second].concat()), scale()).unwrap();
        assert_eq!(again.left_out(), 0);
        assert!(again.lazy().collect().unwrap().equals_missing(&whole.lazy().collect().unwrap()));
        let other = [("b", Some("z"), 9, None, "B")];
        let mixed = [&first[..], &other].map(|rows| Ok(frame(rows).collect().unwrap()));
        let error = write_batches(&path, &scale(), mixed).unwrap_err().to_string();
        assert!(error.contains("expected words of the first batch"), "{error}");
        // The file of before is untouched.
        assert_eq!(
            scan_ratings(&path, None, &ReadOptions::default()).unwrap().value.lazy().collect().unwrap().height(),
            5
        );
    }

    fn homes(folder: &std::path::Path, withdrawn: &[String]) -> Result<Ratings, rating_history::Error> {
        let file = folder.join("homes.csv");
        std::fs::write(&file, "home,day,rating\nElm,2020-01-31,B\nOak,2020-06-30,A\nOak,2024-06-30,B\n").unwrap();
        let columns = RatingColumns::new("home", "day", "rating").withdrawn(withdrawn);
        columns.read(&file, &scale(), &ReadOptions::default()).map(|read| read.value)
    }

    #[test]
    fn a_word_is_on_the_scale_or_withdrawn() {
        let folder = tempfile::tempdir().unwrap();
        let error = homes(folder.path(), &["A".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("a word that is not on the scale too"), "{error}");
    }

    #[test]
    fn a_register_tells_who_exists() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("register.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Register::read(&path, &ReadOptions::default())
        };
        let told = "id,name,sector,opened,closed,successors\nElm,Elm House,private,,31/03/2023,Ash;Oak\nOak,,public,,,\n\
                    Ash,Ash Court,public,2023-03-31,,\n";
        let register = read(told).unwrap().value;
        let homes = register.give(homes(folder.path(), &[]).unwrap()).unwrap();
        let now = homes.standing().collect().unwrap();
        let column = |name: &str| -> Vec<String> {
            (0..now.height()).map(|n| now.column(name).unwrap().get(n).unwrap().str_value().into_owned()).collect()
        };
        assert_eq!(
            (column("authority"), column("status")),
            (vec!["Ash".to_owned(), "Oak".to_owned()], vec!["not_rated".to_owned(), "rated".to_owned()],)
        );
        let counts = homes.distribution(&[day("2022-01-01")], Some("sector")).collect().unwrap();
        assert_eq!(counts.height(), 2 * 4);
        // Elm's rating goes to Ash, which was made of it.
        let carried = homes.lineage().unwrap().standing().collect().unwrap();
        assert_eq!(carried.column("status").unwrap().get(0).unwrap().str_value(), "rated");
        let error = |text: &str| read(text).err().unwrap().to_string();
        assert!(error("id\nElm\nElm\n").contains("line 2 has it"));
        assert!(error("id,closed\nElm,soon\n").contains("a date as 2020-01-31"));
        assert!(error("id,opened,closed\nElm,2021-01-01,2020-01-01\n").contains("a day not before it opened"));
        assert!(error("id,successors\nElm,Oakk\nOak,\n").contains("Oak"));
        assert!(error("name\nElm\n").contains("a column `id`"));
        let short = read("id\nElm\n").unwrap().value.give(super::files::homes(folder.path(), &[]).unwrap());
        assert!(short.unwrap_err().to_string().contains("no row for 1 of those rated: Oak"));
    }
}
