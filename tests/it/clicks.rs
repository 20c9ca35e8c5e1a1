//! What a newcomer wants to do is two links at most from the front page, and told there.

use std::path::{Path, PathBuf};

/// A task, the links that lead to it from the README, and words that stand where they end.
const TASKS: [(&str, &[&str], &str); 27] = [
    ("see one council's history", &["#two-commands"], "cargo run --example trajectory -- \"Tower Hamlets\""),
    ("install the tool", &["#install-the-tool-once"], "cargo install --path . --example ratings"),
    ("count grades today", &["#35-questions-that-analysts-ask"], "ratings distribution"),
    ("count as Ofsted does", &["#which-day-which-rules"], "--published-by"),
    ("look as of an earlier day", &["#which-day-which-rules"], "--as-of 2024-03-31"),
    ("know why a council has no overall grade", &["#which-day-which-rules"], "four judgements and no overall grade"),
    ("compare a council with its neighbours", &["#35-questions-that-analysts-ask"], "ratings peers --authority Slough"),
    ("draw a picture", &["#what-each-picture-is-for"], "ratings chart KIND -o FILE.svg"),
    ("draw it for print, or for a phone", &["examples/ratings/README.md", "#charts"], "print"),
    ("make a page of each council", &["#a-page-of-every-authority"], "cargo run --example site"),
    ("make pages of my own data", &["#a-page-of-every-authority", "examples/ratings/README.md#a-site"], "--data"),
    ("read my own file", &["#your-own-ratings", "examples/ratings/README.md#any-rated-history"], "--columns"),
    ("say what my words mean", &["examples/ratings/README.md#one-mapping-for-any-rating-file"], "\"words\""),
    ("read a workbook", &["examples/ratings/README.md#one-mapping-for-any-rating-file"], "sheet"),
    ("find what is wrong in a file", &["examples/ratings/README.md", "#files-in-files-out"], "validate"),
    ("turn a file into Parquet", &["examples/ratings/README.md", "#files-in-files-out"], "convert"),
    ("keep up every month", &["examples/ratings/README.md#a-months-routine"], "ratings update"),
    ("know what a column means", &["examples/ratings/README.md", "#commands-and-columns"], "ended_by"),
    ("lay an indicator beside grades", &["examples/ratings/README.md", "#indicators-beside-the-ratings"], "by-grade"),
    (
        "know what was asked for",
        &["examples/ratings/README.md", "#what-inspectors-asked-for-and-who-looked-in-between"],
        "asks",
    ),
    ("know what SIF or a risk set is", &["#words"], "| SIF |"),
    ("know the source and the licence", &["#what-the-data-hold-and-what-not"], "Open Government Licence v3.0"),
    ("find the formula of an estimate", &["#in-rust", "src/guide/methods.md"], "Greenwood"),
    ("know what R does differently", &["#in-rust", "src/guide/comparison.md"], "etm"),
    ("begin in Rust", &["#in-rust", "src/guide/cookbook.md"], "A picture of one authority, as SVG and PNG"),
    ("know how fast it is", &["#in-rust", "src/guide/speed.md"], "peak memory"),
    ("add a query or a framework", &["#taking-part", "CONTRIBUTING.md"], "## A framework"),
];

/// The words of a heading as GitHub makes an anchor of them.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What stands under a heading, to the next of its level.
fn section(page: &str, wanted: &str) -> Option<String> {
    let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
    let mut lines = page.lines().skip_while(|line| level(line) == 0 || anchor(line.trim_matches(['#', ' '])) != wanted);
    let first = lines.next()?;
    let fenced = |line: &&str| level(line) == 0 || level(line) > level(first) || line.starts_with("# ");
    Some(lines.take_while(fenced).collect::<Vec<_>>().join("\n"))
}

#[test]
fn two_clicks_at_most_lead_to_what_a_newcomer_wants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (task, links, words) in TASKS {
        assert!(links.len() <= 2, "{task}: {links:?}");
        let mut file = PathBuf::from("README.md");
        let mut shown = std::fs::read_to_string(root.join(&file)).unwrap();
        for link in links {
            let whole = std::fs::read_to_string(root.join(&file)).unwrap();
            let (to, place) = link.split_once('#').unwrap_or((link, ""));
            // Headings of a long page are in reach by its own list of contents.
            let told = shown.contains(&format!("]({link})")) || (to.is_empty() && section(&whole, place).is_some());
            assert!(told, "{task}: {} has no link to {link}", file.display());
            if !to.is_empty() {
                file = file.with_file_name(to);
            }
            let whole = std::fs::read_to_string(root.join(&file)).unwrap();
            shown = if place.is_empty() {
                whole
            } else {
                section(&whole, place).unwrap_or_else(|| panic!("{task}: {link}"))
            };
        }
        assert!(shown.contains(words), "{task}: {words} is not at {links:?}");
    }
}
