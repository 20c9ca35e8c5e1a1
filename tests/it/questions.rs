//! The README's questions are answered as it says.

use crate::example;

/// A command of the README, and the lines of its answer that it shows.
struct Asked {
    command: Vec<String>,
    shown: Vec<String>,
    is_whole: bool,
}

fn asked() -> Vec<Asked> {
    let readme = include_str!("../../README.md");
    let section = readme.split("\n## ").find(|section| section.starts_with("35 questions")).unwrap();
    let mut all: Vec<Asked> = Vec::new();
    for line in section.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with("```")) {
        match (line.strip_prefix("$ ratings "), all.last_mut()) {
            (Some(command), _) => {
                let command = command.split(' ').map(str::to_owned).collect();
                all.push(Asked { command, shown: Vec::new(), is_whole: true });
            }
            (None, Some(last)) if line == "..." => last.is_whole = false,
            (None, Some(last)) => last.shown.push(line.to_owned()),
            (None, None) => panic!("an answer without a command: {line}"),
        }
    }
    all
}

#[test]
fn the_questions_of_the_readme_are_answered_so() {
    let all = asked();
    assert_eq!(all.len(), 35);
    for Asked { command, shown, is_whole } in all {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = example("ratings", &arguments);
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        let answer = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = answer.lines().collect();
        assert!(shown.len() > 1, "{command:?} shows no answer");
        assert_eq!(shown, lines[..shown.len().min(lines.len())], "{command:?}");
        assert_eq!(is_whole, lines.len() == shown.len(), "{command:?}");
    }
}
