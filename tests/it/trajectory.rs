use std::path::Path;
use std::process::Output;

use rating_history::Clock;
use rating_history::chart::{Chart, Style, Trajectory};
use rating_history::ofsted::{self, Story};

fn trajectory(arguments: &[&str]) -> Output {
    crate::example("trajectory", arguments)
}

fn error(arguments: &[&str]) -> String {
    let output = trajectory(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let output = trajectory(&[arguments, &["--out", out]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().replace(out, "OUT")
}

fn drawn(story: &Story) -> Trajectory {
    story.trajectory(Style::default())
}

fn svg(name: &str) -> String {
    let england = ofsted::england().unwrap();
    let code = england.find(name).unwrap().code.clone();
    let story = Story::new(&england, &code, Clock::Effect, england.cut_off()).unwrap();
    drawn(&story).to_svg().unwrap()
}

/// On a narrow picture visits, which have no texts of their own, are counted.
#[test]
fn visits_on_a_narrow_picture_are_told_in_words() {
    let england = ofsted::england_with_reports().unwrap();
    let code = england.find("Slough").unwrap().code.clone();
    let focused = |v: &&ofsted::Visit| v.authority == code && v.kind == ofsted::VisitKind::Focused;
    let n = england.report_facts().visits.iter().filter(focused).count();
    let mut chart = drawn(&Story::new(&england, &code, Clock::Effect, england.cut_off()).unwrap());
    chart.style.width = Some(288);
    let svg = chart.to_svg().unwrap();
    assert!(n > 1 && svg.contains(&format!("Focused visits: {n} (20")), "{n}: {svg}");
    assert!(!svg.contains(": ,"), "{svg}");
}

#[test]
fn the_gallery_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/gallery/slough.svg");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed == svg("Slough"), "remake it: cargo run --example trajectory -- Slough --out examples/gallery");
}

/// Every picture in the README is what the data give now.
#[test]
fn the_whole_gallery_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let output = crate::example("gallery", &["--out", folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/gallery");
    for made in std::fs::read_dir(folder.path()).unwrap() {
        let made = made.unwrap();
        let kept = std::fs::read(gallery.join(made.file_name())).unwrap_or_default();
        let bytes = std::fs::read(made.path()).unwrap();
        assert!(bytes.len() < 300_000, "{:?} is {} bytes", made.file_name(), bytes.len());
        let same = kept == bytes;
        assert!(same, "{:?} is not current: cargo run --example gallery", made.file_name());
    }
}

#[test]
fn pictures() {
    for name in ["Trafford", "Northamptonshire", "Isles of Scilly", "Cumberland"] {
        insta::assert_snapshot!(format!("svg {name}"), svg(name));
    }
}

#[test]
fn printed_stories() {
    insta::assert_snapshot!("slough", printed(&[]));
    insta::assert_snapshot!("slough published", printed(&["--clock", "published", "--format", "svg"]));
    insta::assert_snapshot!("slough in 2016", printed(&["--as-of", "2016-06-30"]));
    insta::assert_snapshot!("trafford", printed(&["trafford"]));
    insta::assert_snapshot!("northamptonshire", printed(&["E10000021"]));
    insta::assert_snapshot!("dorset before its first inspection", printed(&["dorset", "--as-of", "2020-01-01"]));
}

#[test]
fn names_are_forgiven() {
    for name in ["TOWER HAMLETS", "tower hamlets council", "London Borough of Tower Hamlets", "E09000030"] {
        assert!(printed(&[name]).starts_with("Tower Hamlets (E09000030)"), "{name}");
    }
    assert!(printed(&["bournemouth, christchurch & poole"]).starts_with("Bournemouth, Christchurch and Poole"));
    assert!(printed(&["E08000016"]).starts_with("Barnsley (E08000038)"));
}

#[test]
fn mistakes_get_one_clear_line_and_leave_nothing() {
    assert_eq!(error(&["Tower Hamlts"]), "error: unknown authority `Tower Hamlts`; did you mean Tower Hamlets?\n");
    assert!(printed(&["Tower Hamlet"]).starts_with("Tower Hamlets"));
    assert!(error(&["Xyzzy"]).starts_with("error: unknown authority `Xyzzy`"));
    assert!(error(&["--as-of", "2019-02-30"]).contains("expected a date as YYYY-MM-DD, or today"));
    assert!(error(&["--clock", "sundial"]).contains("expected one of: effect, published"));
    assert!(error(&["--format", "gif"]).contains("expected one of: svg, png"));
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "here first").unwrap();
    let message = error(&["Slough", "--out", blocked.to_str().unwrap()]);
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "{message}");
    assert_eq!(std::fs::read_to_string(&blocked).unwrap(), "here first");
}

#[test]
fn an_existing_picture_survives_a_failed_format() {
    let folder = tempfile::tempdir().unwrap();
    let chart = {
        let england = ofsted::england().unwrap();
        let code = england.find("Slough").unwrap().code.clone();
        drawn(&Story::new(&england, &code, Clock::Effect, england.cut_off()).unwrap())
    };
    let path = folder.path().join("chart.svg");
    chart.save(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(chart.save(&folder.path().join("chart.gif")).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_png_is_twice_the_size_of_its_svg() {
    let england = ofsted::england().unwrap();
    let code = england.find("Slough").unwrap().code.clone();
    let chart = drawn(&Story::new(&england, &code, Clock::Effect, england.cut_off()).unwrap());
    let png = chart.to_png().unwrap();
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    let (width, height) = chart.size().unwrap();
    assert_eq!((number(16), number(20)), (2 * width, 2 * height));
}
