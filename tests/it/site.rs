//! The site example, as somebody without a mouse, without a screen or without patience meets it.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rating_history::ofsted::{self, AuthorityCode, RatingHistory};
use tempfile::TempDir;

/// Councils of every sort: long inadequate, judged under the new form, created, abolished, and one with few inspections.
const SOME: [&str; 9] = [
    "Slough",
    "Trafford",
    "Dudley",
    "Isles of Scilly",
    "Dorset",
    "Bournemouth, Christchurch and Poole",
    "Northamptonshire",
    "North Northamptonshire",
    "West Northamptonshire",
];

/// England with only these councils and what is known of them, whose names hold what HTML would take for its own.
fn small() -> RatingHistory {
    let england = ofsted::england_with_reports().unwrap();
    let kept: Vec<AuthorityCode> = SOME.iter().map(|name| england.find(name).unwrap().code.clone()).collect();
    let is_kept = |code: &AuthorityCode| kept.contains(code);
    let authorities = england.authorities().iter().filter(|a| is_kept(&a.code)).cloned().map(|mut a| {
        a.successors.retain(is_kept);
        if a.name == "Trafford" {
            a.name = "Trafford <b>\"& Sale\"</b>".to_owned();
        }
        a
    });
    let mut builder = RatingHistory::builder()
        .authorities(authorities)
        .inspections(england.inspections().iter().filter(|i| is_kept(&i.authority)).cloned())
        .events(england.events().iter().filter(|e| is_kept(&e.authority)).cloned())
        .cut_off(england.cut_off());
    for code in &kept {
        let near = england.neighbours(code).iter().filter(|c| is_kept(c)).cloned().collect();
        builder = builder.neighbours(code.clone(), near);
    }
    builder.build().unwrap()
}

fn run(arguments: &[&str]) -> (bool, String) {
    let output = crate::example("site", arguments);
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// The site of a few councils, made once.
fn site() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (data, out) = (folder.path().join("data"), folder.path().join("site"));
        ofsted::write_folder(&small(), &data).unwrap();
        let (done, said) = run(&["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert!(done, "{said}");
        folder
    });
    Box::leak(folder.path().join("site").into_boxed_path())
}

fn page(name: &str) -> String {
    fs::read_to_string(site().join(name)).unwrap()
}

#[test]
fn a_site_is_whole_and_accessible() {
    let (well, said) = run(&["--check", site().to_str().unwrap()]);
    assert!(well, "{said}");
    assert!(said.contains("10 pages"), "{said}");
}

/// Each kind of fault that a page may have is found.
#[test]
fn what_is_wrong_with_a_site_is_found() {
    let copy = tempfile::tempdir().unwrap();
    let page = page("dorset.html");
    let whole = fs::read_to_string(site().join("slough.html")).unwrap();
    let broken = |name: &str, text: &str| {
        fs::write(copy.path().join(name), text).unwrap();
        let (well, said) = run(&["--check", copy.path().to_str().unwrap()]);
        fs::remove_file(copy.path().join(name)).unwrap();
        assert!(!well);
        said
    };
    let after_main = |more: &str| {
        page.replacen("<main id=\"main\" tabindex=\"-1\">", &format!("<main id=\"main\" tabindex=\"-1\">{more}"), 1)
    };
    for (fault, told) in [
        ("<p><a href=\"nowhere.html\">x</a></p>", "nowhere.html leads nowhere"),
        ("<p><a href=\"#nowhere\">x</a></p>", "#nowhere leads nowhere"),
        ("<p id=\"main\">x</p>", "the id main is there twice"),
        ("<img src=\"https://example.org/x.png\" alt=\"x\"/>", "<img> fetches https://example.org/x.png"),
        ("<img src=\"x.png\" alt=\"\"/>", "a picture without words"),
        ("<script src=\"//example.org/x.js\"></script>", "<script> fetches //example.org/x.js"),
        ("<script>fetch('x')</script>", "a script fetches something"),
        ("<style>@import 'x.css';</style>", "a style fetches something"),
        ("<p onclick=\"x()\">x</p>", "a script in onclick"),
        ("<h4>x</h4>", "a heading is left out"),
        ("<h1>x</h1>", "2 <h1>; expected one"),
        ("<table><tr><td>x</td></tr></table>", "a table without caption"),
        ("<svg><text font-size=\"11\">x</text></svg>", "a text of less than 12 px"),
        ("<p aria-labelledby=\"gone\">x</p>", "aria-labelledby gone names nothing"),
        ("<a href=\"https://a.org; end: https://b.org\">x</a>", "a link to several things"),
        ("<a href=\"https://a.org/;b\">x</a>", "a link to several things"),
        ("<p>x", "it is not well-formed"),
    ] {
        let said = broken("dorset.html", &after_main(fault));
        assert!(said.contains(told), "{fault}: {said}");
    }
    let said = broken("slough.html", &whole.replacen("</main>", &format!("<p>{}</p></main>", "x".repeat(150_000)), 1));
    assert!(said.contains("expected at most 150000"), "{said}");
    let (well, said) = run(&["--check", copy.path().to_str().unwrap()]);
    assert!(!well && said.contains("holds no pages"), "{said}");
}

#[test]
fn a_page_tells_the_story() {
    let html = page("slough.html");
    for said in [
        "Slough was rated inadequate for about 7 years 8 months",
        "<th scope=\"row\">Leadership</th><td>Inadequate</td><td>3 February 2023</td>",
        "<td>Safeguarding and looked after children (SLAC)</td>",
        "<td>1 June 2011</td>",
        "Chance of each grade",
        "Better than “stays as it is”",
        "Trusts, directions, commissioners and the like",
        "<td>to end in November 2026</td>",
        "To cite: “Slough: children's services ratings”",
    ] {
        assert!(html.contains(said), "{said}");
    }
    // The trajectory in the page for three widths of screens, nothing else.
    assert_eq!(html.matches("<svg").count(), 3);
    let table = fs::read_to_string(site().join("data/slough/standing.csv")).unwrap();
    assert!(table.contains("Leadership,Inadequate,2023-02-03,"), "{table}");
    // A judgement of a month is of that month in the file too.
    let table = fs::read_to_string(site().join("data/slough/spells.csv")).unwrap();
    assert!(table.contains("2011-05,2019-02-01,"), "{table}");
}

/// Each part of a source has a link of its own, by its name; the address stands in the file.
#[test]
fn sources_are_links() {
    let html = page("slough.html");
    for said in [
        "<a href=\"https://files.ofsted.gov.uk/v1/file/2755672\">begun: Ofsted report published 17 February 2016</a>; <a href=\"",
        "\">end: Slough Children First annual report 2020-21</a>",
        "\">GovWire copy of DfE notice</a>",
        "<p>DfE: Department for Education.</p>",
    ] {
        assert!(html.contains(said), "{said}");
    }
    let table = fs::read_to_string(site().join("data/slough/events-table.csv")).unwrap();
    assert!(table.lines().next().unwrap().ends_with(",Where stated,Where stated address"), "{table}");
    assert!(
        table.contains("https://files.ofsted.gov.uk/v1/file/2755672 https://sloughchildrenfirst.co.uk/"),
        "{table}"
    );
    assert!(table.contains("http://www.govwire.co.uk/"), "{table}");
}

#[test]
fn names_are_written_as_text() {
    let name = "Trafford &lt;b&gt;&quot;&amp; Sale&quot;&lt;/b&gt;";
    for file in ["index.html", "trafford-b-sale-b.html"] {
        let html = page(file);
        assert!(html.contains(name) && !html.contains("<b>"), "{file}");
    }
}

/// Where the latest inspection gives no overall grade the four judgements come first.
#[test]
fn the_four_judgements_lead_after_the_reform() {
    let html = page("trafford-b-sale-b.html");
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("<th scope=\"row\">Help and protection</th>") < at("<th scope=\"row\">Overall</th>"));
    assert!(html.contains("was judged inadequate in help and protection and leadership"));
    assert!(html.contains("without an overall grade"));
}

#[test]
fn councils_that_began_and_ended_lead_to_each_other() {
    let (old, new) = (page("northamptonshire.html"), page("west-northamptonshire.html"));
    assert!(old.contains("This authority closed on 1 April 2021. It was followed by"));
    assert!(old.contains("<a href=\"west-northamptonshire.html\">West Northamptonshire</a>"));
    assert!(new.contains("Before it there was <a href=\"northamptonshire.html\">Northamptonshire</a>"));
    assert!(old.contains("or, where that is not known, from the day of publication"));
}

/// The page of all holds every council in existence without a script, and a link to each page.
#[test]
fn the_page_of_all_is_complete_without_its_script() {
    let html = page("index.html");
    let table = html.split("<table id=\"all\">").nth(1).unwrap().split("</table>").next().unwrap();
    assert_eq!(table.matches("<th scope=\"row\"").count(), 8);
    assert!(html.contains("<div id=\"controls\" class=\"controls\" hidden=\"hidden\">"));
    for stem in ["slough", "isles-of-scilly", "northamptonshire"] {
        assert!(html.contains(&format!("href=\"{stem}.html\"")), "{stem}");
    }
    assert!(html.contains("<svg class=\"map\" role=\"group\""));
    // The last overall grade of those whose latest inspection gave none.
    assert!(table.contains("Requires improvement, until June 2026; none given since"), "{table}");
    let cited = "To cite: “Children's services ratings in England”, rating-history";
    assert!(html.contains(cited));
}

/// Ratings of anybody make a site of the same kind, in their own words.
#[test]
fn any_data_set_has_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut text = String::from("authority,effect,grade\n");
    for (n, bridge) in ["Mill Lane", "Abbey", "index"].into_iter().enumerate() {
        for (year, grade) in [(2011, "poor"), (2015, "fair"), (2019 + n, "sound"), (2024, "fair")] {
            text += &format!("{bridge},{year}-06-30,{grade}\n");
        }
    }
    fs::write(at("bridges.csv"), text).unwrap();
    fs::write(at("words.json"), r#"{"body": {"one": "bridge", "many": "bridges"}, "source": "Source: the county"}"#)
        .unwrap();
    fs::write(at("tiles.csv"), "code,row,column,label\nMill Lane,0,0,MIL\nAbbey,1,0,ABB\n").unwrap();
    let (data, words, tiles, out) = (at("bridges.csv"), at("words.json"), at("tiles.csv"), at("out"));
    let scale = "poor,fair,sound";
    let arguments = ["--data", &data, "--words", &words, "--tiles", &tiles, "--scale", scale, "--out", &out];
    let (done, said) = run(&arguments);
    assert!(done, "{said}");
    let (well, said) = run(&["--check", &out]);
    assert!(well, "{said}");
    let index = fs::read_to_string(format!("{out}/index.html")).unwrap();
    assert!(index.contains("All bridges") && index.contains("<a href=\"mill-lane.html\" class=\"g1\">"), "{index}");
    assert!(!index.contains("Ofsted") && !index.contains("uthorit"));
    // A body whose name is that of the page of all has another file.
    let page = fs::read_to_string(format!("{out}/index-index.html")).unwrap();
    assert!(page.contains("<h1>index: overall grades</h1>") && !page.contains("Ofsted"));
    assert!(!page.contains("nspection") && page.contains("Next rating"));
}

/// One page is made alone, and an unknown name is one line.
#[test]
fn one_page_is_made_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    ofsted::write_folder(&small(), &data).unwrap();
    let data = ["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap(), "--authority"];
    let (done, said) = run(&[&data[..], &["E06000039"]].concat());
    assert!(done && said.contains("slough.html"), "{said}");
    let pages = fs::read_dir(&out).unwrap().filter(|e| e.as_ref().unwrap().path().extension().is_some()).count();
    assert_eq!(pages, 1);
    let (done, said) = run(&[&data[..], &["Slugh"]].concat());
    assert!(!done && said.contains("Slough"), "{said}");
}
