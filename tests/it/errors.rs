use rating_history::chrono::NaiveDate;
use rating_history::io::ReadOptions;
use rating_history::ofsted::Dates;
use rating_history::ofsted::{Tables, read_folder};
use rating_history::polars::prelude::*;
use rating_history::{Precision, Ratings, Scale};

const AUTHORITIES: &str = "gss_code,la_code,urn,name,region,type,opened,closed,successors,former_codes
E06000039,871,80553,Slough,South East,unitary,,,,
E06000058,839,,\"Bournemouth, Christchurch and Poole\",South West,unitary,2019-04-01,,,
";
const INSPECTIONS: &str =
    "inspection_id,gss_code,framework,kind,start_date,end_date,published,date_precision,source,also
slough-2019,E06000039,ILACS,standard,2019-01-21,2019-02-01,2019-03-04,day,x,
";
const JUDGEMENTS: &str = "inspection_id,area,grade
slough-2019,overall_effectiveness,requires_improvement
";

fn tables(inspection: &str, judgement: &str) -> Tables {
    Tables {
        authorities: AUTHORITIES.into(),
        inspections: format!("{INSPECTIONS}{inspection}"),
        judgements: format!("{JUDGEMENTS}{judgement}"),
        ..Tables::default()
    }
}

#[test]
fn every_bad_row_is_named_with_file_line_column_value_and_remedy() {
    let cases = [
        ("", "slough-2019,leadership,fine\n", "judgements.csv:3: grade `fine`: expected one of inadequate"),
        (
            "",
            "slough-2019,leadership,adequate\n",
            "judgements.csv:3: grade `adequate`: expected requires_improvement: ILACS has no grade adequate",
        ),
        ("", "slough-2019,leadershp,good\n", "area `leadershp`: expected one of safeguarding_overall"),
        ("", "slough-2019,leadershp,good\n", "(did you mean `leadership`?)"),
        (
            "",
            "slough-2019,adoption,good\n",
            "judgements.csv:3: slough-2019: area `adoption`: expected one of overall_effectiveness",
        ),
        ("", "slough-2019,overall_effectiveness,good\n", "expected each area once in an inspection"),
        ("", "slough-2019,in_care,good\n", "expected in_care_and_care_leavers before January 2023"),
        (
            "",
            "slough-2020,leadership,good\n",
            "judgements.csv:3: inspection_id `slough-2020`: expected the id of a sound row",
        ),
        ("", "slough-2019,leadership\n", "judgements.csv:3: row `slough-2019,leadership`: expected 3 cells"),
        (
            "b,E06000039,ILACS,standard,2019-02-30,,2019-03-04,day,x,\n",
            "",
            "inspections.csv:3: start_date `2019-02-30`: expected a date as YYYY-MM-DD",
        ),
        (
            "b,E06000039,ILACS,standard,2019-02-02,2019-02-01,,day,x,\n",
            "",
            "inspections.csv:3: end_date `2019-02-01`: expected a day not before the start, 2019-02-02",
        ),
        ("b,E06000039,ILACS,standard,,,,day,x,\n", "", "expected an end of fieldwork or a publication date"),
        (
            "b,E06000099,ILACS,standard,,2019-02-01,,day,x,\n",
            "b,leadership,good\n",
            "inspections.csv:3: b: gss_code `E06000099`: expected the code of a known authority",
        ),
        (
            "b,E06000058,ILACS,standard,,2019-02-01,,day,x,\n",
            "b,leadership,good\n",
            "inspections.csv:3: b: end_date `2019-02-01`: expected a day in the life of Bournemouth",
        ),
        (
            "b,E06000039,ILACS,full,,2020-02-01,,day,x,\n",
            "b,leadership,good\n",
            "inspections.csv:3: b: kind `full`: expected standard or short under ILACS",
        ),
        (
            "slough-2019,E06000039,ILACS,short,,2020-02-01,,day,x,\n",
            "",
            "inspections.csv:3: inspection_id `slough-2019`: expected an id, each used once",
        ),
        (
            "b,E06000039,ILACS,standard,2019-01-21,2019-02-01,,day,x,\n",
            "b,overall_effectiveness,good\n",
            "for the same day",
        ),
        (
            "b,E06000039,ILACS,standard,2020-01-21,2020-02-01,,day,x,\n",
            "",
            "inspections.csv:3: b: area ``: expected at least one judgement",
        ),
    ];
    for (inspection, judgement, expected) in cases {
        let message = tables(inspection, judgement).read(&ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}\nnot in\n{message}");
    }
    assert!(tables("", "").read(&ReadOptions::default()).is_ok());
}

#[test]
fn all_bad_rows_are_reported_together() {
    let message = tables("", "slough-2019,leadership,fine\nslough-2019,in_care,so so\n")
        .read(&ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("2 problems\n"), "{message}");
}

#[test]
fn headers_are_checked() {
    let mut tables = tables("", "");
    tables.judgements = "inspection_id,aera,grade\n".into();
    let message = tables.read(&ReadOptions::default()).unwrap_err().to_string();
    assert!(message.contains("judgements.csv:1: header `aera`"), "{message}");
    assert!(message.contains("did you mean `area`?"), "{message}");
    assert!(message.contains("expected a column `area`"), "{message}");
}

#[test]
fn a_missing_folder_is_named() {
    let message = read_folder("no/such/folder", &ReadOptions::default()).unwrap_err().to_string();
    assert!(message.contains("authorities.csv"), "{message}");
}

#[test]
fn dates_through_json_are_checked() {
    let json = r#"{"start":"2019-02-02","end":"2019-02-01","published":null,"precision":"day"}"#;
    assert!(serde_json::from_str::<Dates>(json).is_err());
    let good = Dates::new(None, NaiveDate::from_ymd_opt(2019, 2, 1), None, Precision::Day).unwrap();
    assert_eq!(serde_json::from_str::<Dates>(&serde_json::to_string(&good).unwrap()).unwrap(), good);
}

#[test]
fn frames_are_checked() {
    let day = |y| NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
    let scale = || Scale::new(["low", "high"]).unwrap();
    let frame = |authority: [&str; 2], years: [i32; 2], grade: [&str; 2]| {
        df!("authority" => authority, "effect" => years.map(day), "grade" => grade).unwrap().lazy()
    };
    assert!(Ratings::new(frame(["a", "a"], [2020, 2021], ["low", "high"]), scale()).is_ok());
    let unsorted = Ratings::new(frame(["a", "a"], [2021, 2020], ["low", "high"]), scale()).unwrap_err().to_string();
    assert!(unsorted.contains("1 rows come before their predecessor"), "{unsorted}");
    assert!(Ratings::new(frame(["b", "a"], [2020, 2021], ["low", "high"]), scale()).is_err());
    assert!(Ratings::new(frame(["a", "a"], [2020, 2021], ["low", "middle"]), scale()).is_err());
    let missing = frame(["a", "a"], [2020, 2021], ["low", "high"]).drop(cols(["grade"]));
    assert!(Ratings::new(missing, scale()).unwrap_err().to_string().contains("no column `grade`"));
}
