//! The rooms of the crate: the engine knows no inspectorate, and no arrow runs up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; each may use those before it. Rooms of one floor do not know each other.
const FLOORS: [&[&str]; 8] = [
    &["calendar", "code", "error", "scale", "series", "words"],
    &["frame"],
    &["io", "trend"],
    &["estimate"],
    &["indicator", "sql"],
    &["chart"],
    &["ofsted"],
    &["guide"],
];

/// What a string of the engine must not speak of.
const INSPECTORATE: [&str; 9] = [
    "ofsted",
    "england",
    "english",
    "council",
    "april 2026",
    "framework",
    "statistical neighbour",
    "department for education",
    "children",
];

/// Names of columns, which are what they are in every file.
const COLUMNS: [&str; 3] = ["framework", "from_framework", "to_framework"];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    files.sort();
    files
}

/// The room of a file: its folder, or its own name.
fn room(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn engine() -> Vec<(PathBuf, String)> {
    let outside = ["ofsted", "dataset", "lib"];
    let files: Vec<_> = sources().into_iter().filter(|(file, _)| !outside.contains(&room(file).as_str())).collect();
    assert!(files.len() > 50, "{} files of the engine", files.len());
    files
}

/// A source file's code without comments, and its string literals with their lines.
fn read(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let bytes: Vec<char> = text.chars().collect();
    let (mut at, mut line) = (0, 1);
    let ahead = |at: &mut usize, line: &mut usize| {
        let c = bytes[*at];
        *at += 1;
        *line += usize::from(c == '\n');
        c
    };
    while at < bytes.len() {
        let rest = |n: usize| bytes.get(at + n).copied();
        match bytes[at] {
            '/' if rest(1) == Some('/') => {
                while at < bytes.len() && bytes[at] != '\n' {
                    at += 1;
                }
            }
            '/' if rest(1) == Some('*') => {
                while at < bytes.len() && !(bytes[at] == '*' && bytes.get(at + 1) == Some(&'/')) {
                    ahead(&mut at, &mut line);
                }
                at += 2;
            }
            // A quote as a character.
            '\'' if rest(1) == Some('"') && rest(2) == Some('\'') => at += 3,
            '\'' if rest(1) == Some('\\') => at += 4,
            '"' => {
                let begun = line;
                at += 1;
                let mut literal = String::new();
                while bytes[at] != '"' {
                    if bytes[at] == '\\' {
                        literal.push(ahead(&mut at, &mut line));
                    }
                    literal.push(ahead(&mut at, &mut line));
                }
                at += 1;
                literals.push((begun, literal));
            }
            _ => code.push(ahead(&mut at, &mut line)),
        }
    }
    (code, literals)
}

#[test]
fn the_reader_of_sources_sees_strings_and_no_comments() {
    let (code, literals) =
        read("let a = \"x\\\"y\"; // \"no\"\nlet b = '\"'; /* \"no\" */ f(\"z\n\", crate::chart::X);");
    assert_eq!(literals, [(1, "x\\\"y".to_owned()), (2, "z\n".to_owned())]);
    assert!(code.contains("crate::chart::X") && !code.contains("no"), "{code}");
}

#[test]
fn no_string_of_the_engine_speaks_of_the_inspectorate() {
    let mut found = Vec::new();
    for (file, text) in engine() {
        for (line, literal) in read(&text).1 {
            let folded = literal.to_lowercase();
            let said = INSPECTORATE.iter().find(|word| folded.contains(*word));
            if let Some(word) = said.filter(|_| !COLUMNS.contains(&literal.as_str())) {
                found.push(format!("{}:{line}: `{literal}` speaks of {word}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_arrow_runs_up() {
    let mut floor_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, rooms) in FLOORS.iter().enumerate() {
        rooms.iter().for_each(|room| {
            floor_of.insert(room, n);
        });
    }
    // What the crate gives by its own name, and where that lives.
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut home: BTreeMap<String, String> = BTreeMap::new();
    for given in read(&lib).0.split("pub use ").skip(1).filter_map(|part| part.split(';').next()) {
        let Some((room, names)) = given.split_once("::") else { continue };
        for name in names.trim_matches(['{', '}']).split(',') {
            home.insert(name.trim().to_owned(), room.to_owned());
        }
    }
    let mut found = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| !["dataset", "lib"].contains(&room(file).as_str())) {
        let own = room(&file);
        let floor = floor_of.get(own.as_str()).unwrap_or_else(|| panic!("{own} is on no floor"));
        for used in uses(&read(&text).0, "crate::") {
            let used = home.get(&used).unwrap_or(&used);
            let Some(other) = floor_of.get(used.as_str()) else {
                if used == "dataset" && own != "ofsted" {
                    found.push(format!("{} uses the embedded set", file.display()));
                }
                continue;
            };
            if other > floor || (other == floor && *used != own && *floor > 0) {
                found.push(format!("{} uses {used}, which is not below it", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The first names after `crate::` or `super::` in some code, those in braces too.
fn uses(code: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in code.split(prefix).skip(1) {
        let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let Some(list) = part.strip_prefix('{') else {
            names.push(name(part));
            continue;
        };
        let (mut depth, mut item) = (0, String::new());
        for c in list.chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(name(std::mem::take(&mut item).trim())),
                _ => {}
            }
            if c != ',' || depth > 0 {
                item.push(c);
            }
        }
        names.push(name(item.trim()));
    }
    names.retain(|n| !n.is_empty());
    names
}

/// Files of a room that use each other in a circle, by `super::` and by `crate::` with the room's name.
#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    let mut edges: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (file, text) in sources() {
        let room = room(&file);
        let own = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if own == "mod" || file.components().count() < 2 {
            continue;
        }
        let code = read(&text).0;
        let of_room = code.replace(&format!("crate::{room}::"), "super::");
        let others = uses(&of_room, "super::").into_iter().filter(|used| *used != own);
        edges.insert((room, own.clone()), others.collect());
    }
    for (room, from) in edges.keys() {
        let mut seen = vec![from.clone()];
        let mut ahead = vec![from.clone()];
        while let Some(file) = ahead.pop() {
            for next in edges.get(&(room.clone(), file.clone())).into_iter().flatten() {
                assert!(next != from, "{room}: {file} leads back to {from}");
                if edges.contains_key(&(room.clone(), next.clone())) && !seen.contains(next) {
                    seen.push(next.clone());
                    ahead.push(next.clone());
                }
            }
        }
    }
}
