//! The sets of other inspectorates: published figures, what is left out, and what their notes say.

use std::collections::{BTreeMap, BTreeSet};

use rating_history::dataset::{self, OtherSet};
use rating_history::polars::prelude::*;
use rating_history::{Ratings, frame::columns};

fn set(name: &str) -> &'static OtherSet {
    dataset::other(name).unwrap()
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap().cast(&DataType::String).unwrap();
    column.str().unwrap().iter().flatten().map(str::to_owned).collect()
}

/// Cells of the file itself, row by row.
fn rows(set: &OtherSet) -> Vec<BTreeMap<String, String>> {
    let text = set.text().unwrap();
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn rated(ratings: &Ratings) -> DataFrame {
    ratings.lazy().filter(col(columns::GRADE).is_not_null()).collect().unwrap()
}

#[test]
fn peel_has_its_published_pairs() {
    let peel = set("peel").read().unwrap();
    // One grade is worked out, two rounds gave none.
    assert_eq!((peel.report.rows, peel.report.left_out, peel.value.len()), (508, 3, 1));
    let pairs = peel.value[0].transitions().collect().unwrap();
    let (from, to) = (texts(&pairs, "from"), texts(&pairs, "to"));
    assert_eq!((from.len(), to.len()), (376, 376));
    let went = |a: &str, b: &str| from.iter().zip(&to).filter(|(from, to)| *from == a && *to == b).count();
    assert_eq!(went("requires_improvement", "good"), 48);
    assert_eq!(went("good", "requires_improvement"), 40);
}

#[test]
fn a_loop_over_the_file_of_peel_finds_the_same_pairs() {
    let mut courses: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for row in rows(set("peel")) {
        if row["grade"] != "not_judged" && !row["derived"].split(';').any(|field| field == "grade") {
            let key = (row["body_code"].clone(), row["series"].clone());
            courses.entry(key).or_default().push((row["published"].clone(), row["grade"].clone()));
        }
    }
    let mut looped = Vec::new();
    for ((body, series), mut course) in courses {
        course.sort();
        looped.extend(course.windows(2).map(|two| [body.clone(), series.clone(), two[0].1.clone(), two[1].1.clone()]));
    }
    let pairs = set("peel").read().unwrap().value[0].transitions().collect().unwrap();
    let [bodies, series, from, to] = ["authority", "theme", "from", "to"].map(|column| texts(&pairs, column));
    let mut asked: Vec<[String; 4]> =
        (0..bodies.len()).map(|i| [bodies[i].clone(), series[i].clone(), from[i].clone(), to[i].clone()]).collect();
    asked.sort();
    looped.sort();
    assert_eq!(asked, looped);
}

#[test]
fn nothing_of_a_file_is_lost_but_what_is_said_to_be() {
    for (set, scales) in dataset::OTHERS.iter().zip([1, 3, 2]) {
        let read = set.read().unwrap();
        let told: Vec<_> = rows(set)
            .into_iter()
            .filter(|row| !row["derived"].split(';').any(|field| field == "grade") && row["kind"] != "pilot")
            .collect();
        let graded = told.iter().filter(|row| row["grade"] != "not_judged").count();
        assert_eq!(read.value.len(), scales, "{}", set.name);
        assert_eq!(read.report.kept(), graded, "{}", set.name);
        assert_eq!(read.value.iter().map(|ratings| rated(ratings).height()).sum::<usize>(), graded, "{}", set.name);
        assert!(read.value.iter().all(|ratings| ratings.words().source.contains("Source: ")));
    }
}

#[test]
fn coverage_is_as_the_notes_say() {
    let bodies = |name: &str, series: &str| {
        let is_of = col(columns::THEME).cast(DataType::String).eq(lit(series));
        let all = set(name).read().unwrap().value;
        let of_series = all.iter().map(|ratings| rated(ratings).lazy().filter(is_of.clone()).collect().unwrap());
        of_series.flat_map(|frame| texts(&frame, "authority")).collect::<BTreeSet<_>>().len()
    };
    let says = |name: &str, text: String| assert!(set(name).notes.iter().any(|note| note.contains(&text)), "{text}");
    says("peel", format!("All {} territorial forces", bodies("peel", "efficiency")));
    says("send", format!("All {} areas", bodies("send", "SEND2016 inspection")));
    says("send", format!("{} of 153 areas", bodies("send", "SEND2023 inspection")));
    says("adult-social-care", format!("{} of 153 councils", bodies("adult-social-care", "overall")));
}
