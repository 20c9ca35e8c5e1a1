//! A look at a made site as a browser would load it: links, ids, sizes, and that nothing comes from elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use rating_history::Error;
use roxmltree::{Document, Node};

/// Most bytes of the page of all, and of another page.
const INDEX: usize = 250_000;
const PAGE: usize = 150_000;

/// Elements that fetch what they show.
const LOADED: [&str; 12] =
    ["img", "source", "script", "link", "iframe", "object", "embed", "audio", "video", "track", "use", "image"];

pub fn check(folder: &Path) -> Result<(), Error> {
    let named = |source| Error::Io { path: folder.to_owned(), source };
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.extension().is_some_and(|e| e == "html") {
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
            pages.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text);
        }
    }
    if pages.is_empty() {
        return Err(Error::Asked(format!("{} holds no pages", folder.display())));
    }
    let mut wrong: Vec<String> = Vec::new();
    let mut ids: BTreeMap<&str, HashSet<String>> = BTreeMap::new();
    let mut links: Vec<(&str, String)> = Vec::new();
    for (name, text) in &pages {
        let mut of_page = Checked { folder, name, wrong: &mut wrong, links: &mut links };
        ids.insert(name, of_page.page(text));
    }
    let mut linked: BTreeSet<PathBuf> = BTreeSet::new();
    for (page, link) in &links {
        let (file, part) = link.split_once('#').map_or((link.as_str(), None), |(file, part)| (file, Some(part)));
        let file = if file.is_empty() { page } else { file };
        match (ids.get(file), part) {
            (Some(ids), Some(part)) if !ids.contains(part) => wrong.push(format!("{page}: {link} leads nowhere")),
            (None, _) if !folder.join(file).is_file() => wrong.push(format!("{page}: {link} leads nowhere")),
            _ => {}
        }
        linked.insert(folder.join(file));
    }
    for path in pages.keys().filter(|name| name.as_str() != "index.html").map(|name| folder.join(name)) {
        if pages.contains_key("index.html") && !linked.contains(&path) {
            wrong.push(format!("{}: no page leads to it", path.display()));
        }
    }
    match wrong.is_empty() {
        true => crate::common::say(format_args!("{} pages, {} links: all well", pages.len(), links.len())),
        false => {
            wrong.iter().take(20).for_each(|told| crate::common::note(format_args!("{told}")));
            Err(Error::Asked(format!("{} things are wrong with {}", wrong.len(), folder.display())))
        }
    }
}

struct Checked<'a, 'b> {
    folder: &'a Path,
    name: &'a str,
    wrong: &'b mut Vec<String>,
    links: &'b mut Vec<(&'a str, String)>,
}

impl<'a> Checked<'a, '_> {
    fn wrong(&mut self, told: impl std::fmt::Display) {
        self.wrong.push(format!("{}: {told}", self.name));
    }

    /// Looks at a page; its ids.
    fn page(&mut self, text: &str) -> HashSet<String> {
        let most = if self.name == "index.html" { INDEX } else { PAGE };
        if text.len() > most {
            self.wrong(format!("{} bytes; expected at most {most}", text.len()));
        }
        // Pages are written so that they are XML too, but for their first line.
        let (doctype, rest) = text.split_once('\n').unwrap_or_default();
        if doctype != "<!DOCTYPE html>" {
            self.wrong("it does not begin with <!DOCTYPE html>");
        }
        let document = match Document::parse(rest) {
            Ok(document) => document,
            Err(error) => {
                self.wrong(format!("it is not well-formed: {error}"));
                return HashSet::new();
            }
        };
        let mut ids = HashSet::new();
        for id in document.descendants().filter_map(|n| n.attribute("id")) {
            if !ids.insert(id.to_owned()) {
                self.wrong(format!("the id {id} is there twice"));
            }
        }
        for node in document.descendants().filter(Node::is_element) {
            self.element(&node, &ids);
        }
        self.outline(&document);
        ids
    }

    fn element(&mut self, node: &Node<'_, '_>, ids: &HashSet<String>) {
        let name = node.tag_name().name();
        for attribute in ["aria-labelledby", "aria-describedby", "for"] {
            for id in node.attribute(attribute).unwrap_or_default().split_whitespace() {
                if !ids.contains(id) {
                    self.wrong(format!("{attribute} {id} names nothing"));
                }
            }
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            let is_outside = value.contains("://") || value.starts_with("//");
            match attribute.name() {
                "src" | "srcset" | "href" | "data" | "poster" | "action" if LOADED.contains(&name) => {
                    if is_outside {
                        self.wrong(format!("<{name}> fetches {value}"));
                    } else if !value.starts_with("data:") && !self.folder.join(value).is_file() {
                        self.wrong(format!("<{name}> {value} is not there"));
                    }
                }
                "href" if value.contains(|c: char| c.is_whitespace() || c == ';') => {
                    self.wrong(format!("a link to several things: {value}"));
                }
                "href" if is_outside => {}
                "href" if value.starts_with("data:") || value.starts_with("javascript:") => {
                    self.wrong(format!("a link to {value}"));
                }
                "href" => self.links.push((self.name, value.to_owned())),
                "style" if value.contains("url(") => self.wrong("a style fetches something"),
                other if other.starts_with("on") => self.wrong(format!("a script in {other}")),
                _ => {}
            }
        }
        let text = node.text().unwrap_or_default();
        if name == "style" && (text.contains("url(") || text.contains("@import")) {
            self.wrong("a style fetches something");
        }
        if name == "script" && ["fetch(", "XMLHttpRequest", "import(", "://"].iter().any(|word| text.contains(word)) {
            self.wrong("a script fetches something");
        }
        if name == "img" && node.attribute("alt").is_none_or(str::is_empty) {
            self.wrong("a picture without words");
        }
        if name == "text" && node.attribute("font-size").and_then(|s| s.parse::<f64>().ok()).is_some_and(|px| px < 12.0)
        {
            self.wrong("a text of less than 12 px");
        }
    }

    /// One first heading, none left out, a language, the landmarks, tables with captions.
    fn outline(&mut self, document: &Document<'_>) {
        let count = |name: &str| document.descendants().filter(|n| n.has_tag_name(name)).count();
        for name in ["h1", "main", "header", "footer"] {
            let n = count(name);
            if n != 1 {
                self.wrong(format!("{n} <{name}>; expected one"));
            }
        }
        if document.root_element().attribute("lang").is_none() {
            self.wrong("no language");
        }
        let level = |n: &Node<'_, '_>| n.tag_name().name().strip_prefix('h').and_then(|l| l.parse::<u32>().ok());
        let levels: Vec<u32> = document.descendants().filter_map(|n| level(&n)).collect();
        if levels.windows(2).any(|pair| pair[1] > pair[0] + 1) {
            self.wrong("a heading is left out");
        }
        for table in document.descendants().filter(|n| n.has_tag_name("table")) {
            let has = |name: &str| table.descendants().filter(|n| n.has_tag_name(name)).count();
            let columns = table.descendants().filter(|n| n.attribute("scope") == Some("col")).count();
            let cells = |row: &Node<'_, '_>| row.children().filter(Node::is_element).count();
            let rows = || table.descendants().filter(|n| n.has_tag_name("tr"));
            if has("caption") != 1 || columns == 0 || rows().count() < 2 || rows().any(|row| cells(&row) != columns) {
                self.wrong("a table without caption, headings or rows, or of uneven rows");
            }
        }
    }
}
