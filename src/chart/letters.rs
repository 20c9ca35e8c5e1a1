//! Letters for grades where words have no room.

/// A few letters for each grade, worst first: a short label itself, as AAA, else its initials; where two would be the
/// same, its place in the scale, 1 for the worst.
///
/// ```
/// let ofsted = ["inadequate", "requires improvement", "good", "outstanding"].map(str::to_owned);
/// assert_eq!(rating_history::chart::grade_letters(&ofsted), ["I", "RI", "G", "O"]);
/// let alike = ["poor", "good", "great"].map(str::to_owned);
/// assert_eq!(rating_history::chart::grade_letters(&alike), ["P", "2", "3"]);
/// ```
pub fn grade_letters(labels: &[String]) -> Vec<String> {
    let short = |label: &String| {
        let initials = || label.split_whitespace().filter_map(|w| w.chars().next()).flat_map(char::to_uppercase);
        let is_code = label.chars().count() <= 4 && !label.chars().any(char::is_lowercase);
        if is_code { label.clone() } else { initials().collect() }
    };
    let all: Vec<String> = labels.iter().map(short).collect();
    let alone = |n: usize| all.iter().filter(|other| **other == all[n]).count() == 1;
    (0..all.len()).map(|n| if alone(n) { all[n].clone() } else { (n + 1).to_string() }).collect()
}
