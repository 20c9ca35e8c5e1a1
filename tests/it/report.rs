//! The report example, as somebody without a mouse, without a screen or without patience meets it.

use std::collections::HashSet;

use roxmltree::{Document, Node};

fn page(authority: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = crate::example("report", &[authority, "--out", folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::read_to_string(file).unwrap()
}

fn all<'a>(document: &'a Document<'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |n| n.has_tag_name(name))
}

fn check(authority: &str) {
    let html = page(authority);
    // The page is written so that it is XML too, but for its first line.
    let (doctype, rest) = html.split_once('\n').unwrap();
    assert_eq!(doctype, "<!DOCTYPE html>");
    let document = Document::parse(rest).unwrap();
    assert_eq!(document.root_element().attribute("lang"), Some("en-GB"));
    for outside in ["script", "link", "img", "iframe"] {
        assert_eq!(all(&document, outside).count(), 0, "{outside}");
    }
    let ids: Vec<&str> = document.descendants().filter_map(|n| n.attribute("id")).collect();
    let known: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "every id is the page's only one");
    for node in document.descendants() {
        for id in node.attribute("aria-labelledby").unwrap_or_default().split_whitespace() {
            assert!(known.contains(id), "{id}");
        }
        if let Some(id) = node.attribute("href").and_then(|h| h.strip_prefix('#')) {
            assert!(known.contains(id), "{id}");
        }
    }
    assert_eq!(document.descendants().filter(|n| n.has_tag_name("h1")).count(), 1);
    for table in all(&document, "table") {
        let rows = |name: &str| table.descendants().filter(|n| n.has_tag_name(name)).count();
        assert_eq!(rows("caption"), 1);
        let columns = table.descendants().filter(|n| n.attribute("scope") == Some("col")).count();
        for row in table.descendants().filter(|n| n.has_tag_name("tr")) {
            assert_eq!(row.children().filter(|n| n.is_element()).count(), columns);
        }
        assert!(rows("tr") > 1, "no table is empty");
    }
}

#[test]
fn every_report_is_whole_and_accessible() {
    for authority in ["Slough", "Northamptonshire", "Brent", "Isles of Scilly", "Bournemouth, Christchurch and Poole"] {
        check(authority);
    }
}

#[test]
fn the_report_tells_the_story() {
    let html = page("Slough");
    for said in [
        "Slough was rated inadequate for about 7 years 8 months",
        "<th scope=\"row\">May 2011</th><td>1 June 2011</td><td>SLAC</td><td>Inadequate</td>",
        "Statistical neighbours, the most alike first",
        "Probability of each grade",
        "Better than “stays as it is”",
    ] {
        assert!(html.contains(said), "{said}");
    }
    // Four of them forecasts, one for each judgement that is given.
    assert_eq!(html.matches("<svg").count(), 9);
}
