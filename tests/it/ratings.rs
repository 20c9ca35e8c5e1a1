//! The example `ratings`: its columns are an interface.

use std::process::Output;

use crate::example;

fn ratings(arguments: &[&str]) -> Output {
    example("ratings", arguments)
}

fn answer(arguments: &[&str]) -> String {
    let output = ratings(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn error(arguments: &[&str]) -> String {
    let output = ratings(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn header(arguments: &[&str]) -> String {
    answer(&[arguments, &["--format", "csv"]].concat()).lines().next().unwrap_or_default().to_owned()
}

const SLOUGH: [&str; 2] = ["--authority", "Slough"];

#[test]
fn needed_columns_come_first() {
    let columns = |arguments: &[&str], needed: &str| {
        let header = header(arguments);
        assert!(header.starts_with(needed), "{arguments:?}: {header}");
    };
    columns(&["as-of"], "authority,name,grade,since,inspections,days");
    columns(&["spells"], "authority,name,theme,grade,start,end,days,inspections,ended_by");
    columns(&["transitions"], "authority,name,from,to,on,days,steps,direction");
    columns(&["flows", "--from", "2018-12-31"], "from,to,count");
    columns(&["distribution"], "date,grade,count,share");
    columns(&["distribution", "--by", "type"], "date,grade,count,share,group");
}

#[test]
fn every_command_as_a_table() {
    let tables: &[(&str, &[&str])] = &[
        ("history", &["history", "--theme", "care,headline"]),
        ("as-of", &["as-of", "--theme", "all"]),
        ("spells", &["spells", "--theme", "all"]),
        ("streaks", &["streaks", "--at-or-below", "RI"]),
        ("time-in-grade", &["time-in-grade"]),
        ("transitions", &["transitions"]),
        ("flows", &["flows", "--from", "2012-01-01"]),
        ("distribution", &["distribution", "--from", "2012-12-31", "--every", "5y"]),
        ("movers", &["movers"]),
        ("peers", &["peers", "--group", "neighbours"]),
        ("standing", &["standing", "--from", "2014-12-31", "--every", "4y"]),
        ("profile", &["profile"]),
        ("concerns", &["concerns"]),
        ("year", &["year", "--kind", "inspection", "--from", "2018-09-01", "--to", "2019-08-31"]),
        ("intervals", &["intervals"]),
        ("events", &["events"]),
        ("validate", &["validate"]),
    ];
    for (name, arguments) in tables {
        insta::assert_snapshot!(format!("table {name}"), answer(&[arguments, &SLOUGH[..]].concat()));
    }
}

#[test]
fn machines_get_iso_dates_codes_and_nothing_else() {
    insta::assert_snapshot!("spells csv", answer(&["spells", "--format", "csv", "--authority", "E06000039"]));
    insta::assert_snapshot!("spells json", answer(&["spells", "--format", "json", "--authority", "slough"]));
    let records: serde_json::Value =
        serde_json::from_str(&answer(&["as-of", "--as-of", "2023-05-01", "--format", "json"])).unwrap();
    let cumberland = records.as_array().unwrap().iter().find(|r| r["name"] == "Cumberland").unwrap();
    assert_eq!((cumberland["grade"].as_str(), cumberland["since"].is_null()), (Some("not_rated"), true));
    let today = answer(&["as-of", "--format", "csv"]);
    assert!(today.contains("E09000005,Brent,not_reported,2026-05-01,1,111,"), "{today}");
}

#[test]
fn flags_narrow_the_answer() {
    let rows = |arguments: &[&str]| answer(&[arguments, &["--format", "csv"]].concat()).lines().count() - 1;
    assert_eq!(rows(&["as-of", "--region", "London"]), 33);
    assert_eq!(rows(&["as-of", "--authority", "Slough", "--authority", "E08000016"]), 2);
    assert_eq!(rows(&["history", "--framework", "sif,ilacs", "--authority", "Slough"]), 4);
    assert_eq!(rows(&["history", "--published-by", "2019-03-03", "--authority", "Slough"]), 3);
    assert_eq!(rows(&["movers", "--top", "3"]), 3);
    assert!(answer(&["as-of", "--lineage", "--as-of", "2023-05-01"]).contains("Cumberland"));
    let published = answer(&["spells", "--clock", "published", "--authority", "Slough", "--format", "csv"]);
    assert!(published.contains(",2011-06-01,2019-03-04,"), "{published}");
    // Ofsted, as at 31 March 2024: 36% of the 22 authorities in the North West, 8, were good or outstanding.
    let counts = answer(&[
        "distribution",
        "--on",
        "2024-03-31",
        "--framework",
        "sif,ilacs",
        "--published-by",
        "2024-05-31",
        "--by",
        "region",
        "--region",
        "North West",
        "--format",
        "csv",
    ]);
    let count = |grade: &str| -> u32 {
        let line = counts.lines().find(|l| l.starts_with(&format!("2024-03-31,{grade},"))).unwrap();
        line.split(',').nth(2).unwrap().parse().unwrap()
    };
    assert_eq!(count("good") + count("outstanding"), 8);
}

#[test]
fn an_empty_answer_says_so_and_keeps_its_header() {
    let output = ratings(&["spells", "--as-of", "2001-01-01", "--format", "csv"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("authority,name,theme,grade"));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "note: nothing in the data answers this\n");
    assert_eq!(answer(&["spells", "--as-of", "2001-01-01", "--format", "json"]), "[]\n");
}

#[test]
fn mistakes_are_explained() {
    assert_eq!(
        error(&["spells", "--authority", "Slow"]),
        "error: unknown authority `Slow`; did you mean Hounslow, Slough?\n"
    );
    assert!(error(&["spells", "--theme", "ledership"]).contains("did you mean `leadership`?"));
    assert!(error(&["spells", "--framework", "silac"]).contains("did you mean"));
    assert!(error(&["streaks", "--at-or-below", "goood"]).contains("did you mean `good`?"));
    assert!(error(&["spels"]).contains("'spells'"));
    assert!(error(&["peers"]).contains("expected one authority"));
    assert!(error(&["profile", "--theme", "care"]).contains("it looks at all of them"));
    assert!(error(&["flows", "--from", "2020-01-01", "--to", "2019-01-01"]).contains("expected a day not before"));
    assert!(error(&["distribution", "--by", "colour"]).contains("no column `colour`"));
    assert!(error(&["distribution", "--from", "2019-01-01", "--every", "3d"]).contains("as in 1mo, 1q, 1y"));
    assert!(error(&["validate", "--data", "/nowhere"]).contains("/nowhere: "));
}

#[test]
fn every_estimate_as_a_table() {
    let tables: &[(&str, &[&str])] = &[
        ("matrix", &["matrix"]),
        ("matrix quarterly", &["matrix", "--snapshots", "4", "--anchor", "start", "--when-withdrawn", "own_state"]),
        ("matrix duration", &["matrix", "--estimator", "duration", "--horizon", "5y", "--bootstrap", "50"]),
        ("matrix aalen-johansen", &["matrix", "--estimator", "aalen-johansen", "--from", "2018-01-01"]),
        ("matrix panel", &["matrix", "--estimator", "panel", "--framework", "ilacs"]),
        ("survival", &["survival", "--from", "outstanding"]),
        ("survival to good", &["survival", "--from", "inadequate", "--to", "good", "--by", "region", "--summary"]),
        ("survival interval", &["survival", "--from", "outstanding", "--reading", "interval"]),
        (
            "survival with and without a trust",
            &["survival", "--from", "inadequate", "--by", "trust_established", "--summary"],
        ),
        ("similar", &["similar", "--authority", "Slough", "--at", "2016-06-30"]),
        ("forecast", &["forecast", "--authority", "Slough", "--years", "2", "--bootstrap", "50"]),
        ("backtest", &["backtest", "--bootstrap", "50"]),
        ("backtest calibration", &["backtest", "--bootstrap", "10", "--horizons", "3", "--calibration"]),
        ("measures", &["measures", "--authority", "Slough"]),
        ("trend", &["trend", "--from", "2014-03-31", "--by", "region"]),
    ];
    for (name, arguments) in tables {
        insta::assert_snapshot!(format!("estimate {name}"), answer(arguments));
    }
    assert!(header(&["matrix"]).starts_with("from,to,probability,lower,upper,count"));
    let survival = "time,at_risk,events,censored,survival,lower,upper";
    assert!(header(&["survival", "--from", "inadequate"]).starts_with(survival));
    assert!(header(&["survival", "--from", "good", "--by", "type"]).starts_with(&format!("{survival},group")));
}

/// The cells of an answer as CSV.
fn cells(arguments: &[&str]) -> Vec<std::collections::HashMap<String, String>> {
    let text = answer(&[arguments, &["--format", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// One and two of ten, then three and none: a share that stays has no trend. England's monthly shares have the ties that
/// their counts have.
#[test]
fn a_trend_keeps_the_ties_of_counts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ties.csv");
    let mut rows = "body,day,grade\n".to_owned();
    for (year, (good, best)) in (2001..).zip([(1, 2), (3, 0), (1, 2), (3, 0)]) {
        for body in 0..10 {
            let grade = if body < good { "good" } else { ["best", "poor"][usize::from(body >= good + best)] };
            rows += &format!("b{body},{year}-01-01,{grade}\n");
        }
    }
    std::fs::write(&file, rows).unwrap();
    let data = ["--data", file.to_str().unwrap(), "--columns", "body,day,grade", "--scale", "poor,good,best"];
    let days = ["--from", "2001-06-30", "--as-of", "2004-12-31", "--at-or-above", "good"];
    let trend = &cells(&[&["trend"], &data[..], &days].concat())[0];
    assert_eq!((trend["tau"].as_str(), trend["p"].as_str()), ("0.0", "1.0"));
    assert_eq!((trend["first_share"].as_str(), trend["last_share"].as_str()), ("0.3", "0.3"));
    let england = &cells(&["trend", "--from", "2013-03-31", "--every", "1mo"])[0];
    assert!((england["z"].parse::<f64>().unwrap() - 14.133).abs() < 5e-4, "{}", england["z"]);
}

/// What forecasts were worth differs from year to year, and the intervals say so.
#[test]
fn skill_by_origin() {
    let rows = cells(&["backtest", "--by-origin", "--horizons", "1", "--bootstrap", "10"]);
    let skill = |origin: &str| {
        let row = rows.iter().find(|row| row["target"] == "1 year" && row["origin"] == origin).unwrap();
        row["skill_over_stays"].parse::<f64>().unwrap()
    };
    assert!(skill("2019-12-31") < 0.0 && skill("2020-12-31") < 0.0 && skill("2017-12-31") > 0.0);
    let all = &cells(&["backtest", "--horizons", "1", "--bootstrap", "300"])[0];
    let number = |name: &str| all[name].parse::<f64>().unwrap();
    let n: f64 = rows.iter().filter(|r| r["target"] == "1 year").map(|r| r["n"].parse::<f64>().unwrap()).sum();
    assert_eq!(number("n"), n);
    let parts = rows.iter().filter(|r| r["target"] == "1 year");
    let brier: f64 = parts.map(|r| r["n"].parse::<f64>().unwrap() * r["brier"].parse::<f64>().unwrap()).sum();
    assert!((number("brier") - brier / n).abs() < 1e-9);
    // Bodies and origins are resampled.
    let (lower, upper) = (number("stays_lower"), number("stays_upper"));
    assert!((0.06..0.09).contains(&lower) && (0.14..0.165).contains(&upper), "{lower} to {upper}");
    assert!(error(&["backtest", "--by-origin", "--calibration"]).contains("--calibration"));
}

#[test]
fn survival_from_a_day_on_and_groups_set_against_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.csv");
    let rows = "body,day,grade\na,2000-01-01,low\na,2002-01-01,high\nb,2000-01-01,low\nb,2004-01-01,high\n";
    std::fs::write(&file, rows).unwrap();
    let data = ["--data", file.to_str().unwrap(), "--columns", "body,day,grade", "--scale", "low,high"];
    let survival = |more: &[&str]| cells(&[&["survival", "--from", "low"], &data[..], more].concat());
    let at_risk = |more: &[&str]| -> Vec<(String, String)> {
        survival(more).into_iter().map(|row| (row["time"].clone(), row["at_risk"].clone())).collect()
    };
    let told = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(time, n)| ((*time).to_owned(), (*n).to_owned())).collect()
    };
    assert_eq!(at_risk(&[]), told(&[("2.0", "2"), ("4.0", "1")]));
    assert_eq!(at_risk(&["--since", "2001-01-01"]), told(&[("2.0", "2"), ("4.0", "1")]));
    assert_eq!(at_risk(&["--since", "2003-01-01"]), told(&[("4.0", "1")]));
    assert!(error(&["survival", "--from", "good", "--since", "2099-01-01"]).contains("a day not after"));
    assert!(
        error(&["survival", "--from", "good", "--since", "2015-01-01", "--reading", "interval"])
            .contains("no late entry")
    );
    assert!(error(&["survival", "--from", "good", "--rho", "1"]).contains("--summary"));

    let arguments = ["survival", "--from", "good", "--by", "period", "--periods", "2018", "--summary"];
    let (even, early) = (cells(&arguments), cells(&[&arguments[..], &["--rho", "1"]].concat()));
    assert_ne!(even[0]["chi_squared"], early[0]["chi_squared"]);
    let number = |row: usize, name: &str| even[row][name].parse::<f64>().unwrap();
    assert!(even[0]["difference"].is_empty());
    let difference = number(1, "restricted_mean") - number(0, "restricted_mean");
    assert!((number(1, "difference") - difference).abs() < 1e-9);
    let half = 1.959_963_985 * number(0, "mean_error").hypot(number(1, "mean_error"));
    assert!((number(1, "difference_upper") - (difference + half)).abs() < 1e-6);
    assert_eq!(number(1, "difference_p") < 0.05, difference.abs() > half);
    assert!(number(0, "median_follow_up") > number(1, "median_follow_up"));
}

/// Groups of one's own: columns of the file, by their names or others. Log-rank by hand: at 2 years 2 of 4 at risk, at 4 one of 2.
#[test]
fn groups_of_own_data() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("homes.csv");
    let rows = "home,day,rating,Area\na,2000-01-01,low,North\na,2002-01-01,high,North\nb,2000-01-01,low,North\n\
                b,2004-01-01,high,North\nc,2000-01-01,low,South\nd,2000-01-01,low,South\nd,2006-01-01,low,South\n";
    std::fs::write(&file, rows).unwrap();
    let data = ["--data", file.to_str().unwrap(), "--columns", "home,day,rating", "--scale", "low,high"];
    let summary =
        |more: &[&'static str]| [&["survival", "--from", "low", "--summary", "--until", "4"], &data[..], more].concat();
    let rows = cells(&summary(&["--groups", "Area", "--by", "Area"]));
    let named: Vec<(&str, &str)> = rows.iter().map(|row| (row["group"].as_str(), row["events"].as_str())).collect();
    assert_eq!(named, [("North", "2"), ("South", "0")]);
    let (observed, expected) = (2.0, 0.5 + 1.0 / 3.0);
    let variance = 0.25 + 2.0 / 9.0;
    let chi_squared = f64::powi(observed - expected, 2) / variance;
    assert!((rows[0]["chi_squared"].parse::<f64>().unwrap() - chi_squared).abs() < 1e-9);
    assert_eq!(rows[0]["df"], "1");
    assert_eq!(cells(&summary(&["--groups", "region=Area", "--by", "region"])), rows);
    assert!(error(&summary(&["--by", "Area"])).contains("--groups COLUMN"));
    assert!(error(&summary(&["--groups", "Erea", "--by", "Erea"])).contains("did you mean"));
}

/// Standard errors are the last of the old columns, one for each interval.
#[test]
fn estimates_have_standard_errors() {
    let filled = |arguments: &[&str], interval: &str, error: &str| {
        let rows = cells(arguments);
        assert!(rows.iter().any(|row| !row[error].is_empty()), "{arguments:?}");
        for row in rows.iter().filter(|row| !row[interval].is_empty()) {
            assert!(row[error].parse::<f64>().unwrap() >= 0.0, "{arguments:?}: {row:?}");
        }
    };
    for estimator in ["cohort", "duration", "panel"] {
        filled(&["matrix", "--estimator", estimator, "--horizon", "3y"], "lower", "standard_error");
    }
    filled(&["matrix", "--estimator", "aalen-johansen", "--from", "2018-01-01"], "lower", "standard_error");
    filled(&["matrix", "--estimator", "duration", "--bootstrap", "20"], "lower", "standard_error");
    filled(&["survival", "--from", "good"], "lower", "standard_error");
    filled(&["survival", "--from", "good", "--by", "region", "--summary"], "mean_lower", "mean_error");
    filled(&["survival", "--from", "good", "--by", "region", "--summary"], "difference_lower", "difference_error");
    filled(&["rates"], "stay_upper", "stay_error");
    filled(&["rates", "--estimator", "panel"], "stay_lower", "stay_error");
    filled(&["forecast", "--authority", "Slough", "--years", "2", "--bootstrap", "20"], "lower", "standard_error");
    let backtest = ["backtest", "--from", "2018-12-31", "--every", "3y", "--bootstrap", "20"];
    filled(&backtest, "stays_lower", "stays_error");
    filled(&[&backtest[..], &["--compare-time-stood"]].concat(), "lower", "gain_error");
    // Those beside one event are not so many observations: no error is told of them.
    let by_event = cells(&["survival", "--from", "inadequate", "--by", "trust_established"]);
    assert!(by_event.iter().any(|row| row["group"] == "without"));
    for row in by_event.iter().filter(|row| row["group"] == "without") {
        let none = ["lower", "upper", "standard_error", "hazard_error", "improved_error"];
        assert!(none.iter().all(|column| row[*column].is_empty()), "{row:?}");
    }
}

/// How long grades last by their rates: years over moves.
#[test]
fn rates_of_england() {
    let rows = cells(&["rates"]);
    assert_eq!(rows.iter().map(|row| row["grade"].as_str()).next(), Some("inadequate"));
    for row in &rows {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        assert!((number("mean_stay") - number("years") / number("moves")).abs() < 1e-9);
        assert!(number("stay_lower") < number("mean_stay") && number("mean_stay") < number("stay_upper"));
    }
    let all: f64 = rows.iter().map(|row| row["stationary"].parse::<f64>().unwrap()).sum();
    assert!((all - 1.0).abs() < 1e-9);
}

#[test]
fn any_rated_history() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credit.csv");
    let rows = "Issuer,When,Grade,Note\na,2000-01-31,BBB,x\na,2002-06-30,A,\na,2003-06-30,D,\na,2004-01-31,A,\n\
                b,30-Jun-2001,A,\nb,2004-06-30,BBB,\nc,2001-01-31,BBB,\nc,2003-03-31,NR,\n";
    std::fs::write(&file, rows).unwrap();
    let data =
        ["--data", file.to_str().unwrap(), "--columns", "Issuer,When,Grade", "--scale", "D,BBB,A", "--withdrawn", "NR"];
    let run = |arguments: &[&str]| answer(&[arguments, &data[..]].concat());
    insta::assert_snapshot!("credit spells", run(&["spells"]));
    insta::assert_snapshot!("credit validate", run(&["validate"]));
    let study = ["--absorbing", "D", "--time-basis", "365.25", "--format", "csv"];
    insta::assert_snapshot!("credit duration", run(&[&["matrix", "--estimator", "duration"], &study[..]].concat()));
    insta::assert_snapshot!(
        "credit cohort",
        run(&[&["matrix", "--snapshots", "2", "--anchor", "start"], &study[..]].concat())
    );
    insta::assert_snapshot!("credit survival", run(&["survival", "--from", "BBB", "--after-last", "drop"]));
    insta::assert_snapshot!("credit as-of", run(&["as-of", "--authority", "b", "--as-of", "2003-01-01"]));
    for command in ["transitions", "movers", "distribution", "time-in-grade", "intervals", "year", "measures"] {
        assert!(run(&[command]).lines().count() > 1, "{command}");
    }

    std::fs::write(&file, "Issuer,When,Grade\na,2000-13-31,BBB\n,2001-01-31,BB\nb,2001-01-31\n").unwrap();
    let message = error(&[&["spells"], &data[..]].concat());
    for expected in [
        "4 problems",
        "credit.csv:2: When `2000-13-31`: expected a date as 2020-01-31, 31-Jan-2020 or 31/01/2020",
        "credit.csv:3: Issuer ``: expected an id",
        "credit.csv:3: Grade `BB`: expected one of D, BBB, A (did you mean `BBB`?)",
        "credit.csv:4: row `b,2001-01-31`: expected 3 cells, as in the header",
    ] {
        assert!(message.contains(expected), "{expected} in {message}");
    }
    // Of several rows on a day the last counts, whatever stood before it, and nothing moved in between.
    std::fs::write(&file, "Issuer,When,Grade\na,2020-01-01,A\na,2021-01-01,BBB\na,2021-01-01,A\na,2021-01-01,A\n")
        .unwrap();
    let spells = run(&["spells", "--as-of", "2022-01-01", "--format", "csv"]);
    assert!(spells.contains("a,,headline,A,2020-01-01,2022-01-01,731,2,as_of"), "{spells}");
    assert_eq!(run(&["transitions", "--format", "csv"]).lines().count(), 2);
    let output = ratings(&[&["spells"], &data[..]].concat());
    assert!(String::from_utf8(output.stderr).unwrap().contains("2 of 4 rows left out"));
    let report = ratings(&[&["validate", file.to_str().unwrap()], &data[2..]].concat());
    let report = String::from_utf8([report.stdout, report.stderr].concat()).unwrap();
    for said in [
        "credit.csv:4: Grade `A`: expected one rating for a on 2021-01-01; line 3 says otherwise",
        "line 4 says the same",
    ] {
        assert!(report.contains(said), "{said} in {report}");
    }
    std::fs::write(&file, "Isuer,When,Grade\n").unwrap();
    assert!(error(&[&["spells"], &data[..]].concat()).contains("a column `Issuer` (did you mean `Isuer`?)"));
    assert!(error(&["spells", "--columns", "a,b", "--scale", "D,A"]).contains("a CSV file in --data"));
    std::fs::write(&file, "Issuer,When,Grade\n").unwrap();
    assert!(error(&[&["spells"], &data[..]].concat()).contains("expected at least one rating"));
}

#[test]
fn mistakes_in_estimates_are_explained() {
    assert!(error(&["survival", "--from", "goood"]).contains("did you mean `good`?"));
    assert!(error(&["survival", "--from", "good", "--to", "good"]).contains("another grade"));
    assert!(error(&["matrix", "--horizon", "6mo"]).contains("(see --snapshots)"));
    assert!(error(&["matrix", "--horizon", "soon"]).contains("expected a time as 5y, 6mo or 2.5y"));
    assert!(error(&["matrix", "--estimator", "aalen-johansen", "--horizon", "1y"]).contains("from --from to --to"));
    assert!(error(&["matrix", "--snapshots", "5"]).contains("expected 1, 2, 3, 4, 6 or 12"));
    assert!(error(&["matrix", "--theme", "care,leadership"]).contains("one theme"));
    assert!(error(&["matrix", "--level", "95"]).contains("between 0 and 1"));
    assert!(error(&["forecast"]).contains("expected one authority"));
    assert!(error(&["matrix", "--estimator", "duration", "--snapshots", "4"]).contains("with the cohort estimator"));
    assert!(error(&["matrix", "--estimator", "panel", "--bootstrap", "50"]).contains("no bootstrap with panel"));
    assert!(error(&["survival", "--from", "good", "--reading", "interval", "--level", "0.9"]).contains("no intervals"));
    assert!(error(&["survival", "--from", "good", "--summary", "--until", "nan"]).contains("at least 0"));
    assert!(error(&["matrix", "--when-withdrawn", "own_state", "--after-last", "drop"]).contains("expected excluded"));
    assert!(error(&["backtest", "--horizons", "400000000"]).contains("1 to 100 years"));
    assert!(error(&["backtest", "--bootstrap", "3"]).contains("at least 10 replicates"));
    assert!(error(&["as-of", "--withdrawn", "NR"]).contains("--columns"));
    assert!(
        error(&["forecast", "--authority", "Brent", "--as-of", "2009-06-30"])
            .contains("Brent (E09000005): no grade on 30 June 2009")
    );
    let gone = error(&["forecast", "--authority", "Brent", "--theme", "headline"]);
    assert!(gone.contains("a judgement that inspections give on 20 August 2026"), "{gone}");
    assert!(error(&["similar", "--authority", "Cumberland", "--at", "2023-05-01"]).contains("no grade on 1 May 2023"));
    assert!(error(&["backtest", "--stratum", "colour"]).contains("no column `colour`"));
    assert!(error(&["trend"]).contains("at least three days"));
}

#[test]
fn every_chart_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let pictures: &[(&str, &[&str])] = &[
        ("trajectory", &SLOUGH),
        ("comparison", &["--authority", "Slough", "--authority", "Brent"]),
        ("multiples", &SLOUGH),
        ("ribbons", &["--region", "London", "--style", "dark"]),
        ("distribution", &["--theme", "leadership", "--from", "2014-01-31"]),
        ("flow", &["--on", "2014-03-31", "--on", "2019-03-31", "--style", "print"]),
        ("matrix", &["--framework", "ilacs"]),
        ("survival", &["--to", "good"]),
        ("peers", &SLOUGH),
        ("forecast", &SLOUGH),
        ("ribbons", &["--order", "end"]),
        ("before-after", &["--since", "2026-04-01", "--width", "288"]),
        ("groups", &["--framework", "sif,ilacs"]),
        ("aligned", &["--event", "trust_established"]),
    ];
    for (kind, arguments) in pictures {
        let svg = file(&format!("{kind}.svg"));
        let printed = answer(&[&["chart", kind, "-o", &svg], *arguments].concat());
        assert_eq!(printed, format!("written {svg}\n"));
        let text = std::fs::read_to_string(&svg).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        assert!(document.descendants().filter(|n| n.has_tag_name("text")).count() > 8, "{kind}");
    }
    let png = file("flow.png");
    answer(&["chart", "flow", "-o", &png]);
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    assert!(error(&["chart", "ribbons", "-o", &file("x.gif")]).contains("svg, png"));
    assert!(error(&["chart", "peers", "-o", &file("x.svg")]).contains("expected one authority"));
    assert!(error(&["chart", "matrix", "-o", &file("x.svg"), "--width", "90"]).contains("a picture needs 288 to 8000"));
    assert!(error(&["chart", "ribons", "-o", &file("x.svg")]).contains("ribbons"));
}

/// A reader that goes away early, as `head` does, is no error and gets no complaint.
#[cfg(unix)]
#[test]
fn a_broken_pipe_is_quiet() {
    use std::process::Stdio;
    let mut child = crate::command("ratings", &["history", "--theme", "all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.lines().all(|line| line.starts_with("note: ")), "{said}");
}
