//! Pictures of single bodies and of some side by side: trajectories, panels, lines, peers, what came after an event, what
//! new inspections changed.

use std::collections::BTreeMap;

use rating_history::chart::{
    Align, Aligned, BeforeAfter, Chart, Comparison, PeerStrip, Ribbons, SmallMultiples, Style, Trajectory,
};
use rating_history::chrono::{Datelike, Months, NaiveDate};
use rating_history::ofsted::{EventKind, EventScope, FOLLOWED, PARTS, RatingHistory, Story, Theme};
use rating_history::{Clock, Precision};

use super::said::{fits, length, month, sound, texts};
use super::{Body, Case, Narrowed, capital, day, england_case};
use crate::england::england;

/// Why a stretch of one grade ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Runs,
    Changed,
    Gone,
    Closed,
}

/// A stretch of one grade, or of none any more.
#[derive(Clone, Copy)]
pub struct Stretch {
    pub rank: Option<usize>,
    pub start: (NaiveDate, Precision),
    pub end: (NaiveDate, Precision),
    ended: End,
}

impl Body {
    /// Its stretches by a day.
    pub fn stretches(&self, to: NaiveDate) -> Vec<Stretch> {
        let counts = |date: NaiveDate| date <= to && self.closed.is_none_or(|closed| date < closed);
        let mut days: BTreeMap<NaiveDate, (Option<usize>, Precision)> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| counts(row.date)) {
            days.insert(row.date, (row.rank, row.precision));
        }
        let last = match self.closed.filter(|closed| *closed <= to) {
            Some(closed) => (closed, End::Closed),
            None => (to, End::Runs),
        };
        let mut stretches: Vec<Stretch> = Vec::new();
        for (date, (rank, precision)) in days {
            match stretches.last_mut() {
                Some(before) if before.rank == rank => continue,
                Some(before) => {
                    before.end = (date, precision);
                    before.ended = if rank.is_none() { End::Gone } else { End::Changed };
                }
                None => {}
            }
            stretches.push(Stretch { rank, start: (date, precision), end: (last.0, Precision::Day), ended: last.1 });
        }
        stretches
    }
}

impl Case {
    /// The title of a trajectory, with marks for lengths of time, and these.
    fn title_of(&self, body: &Body) -> (String, Vec<(NaiveDate, NaiveDate)>) {
        let all = body.stretches(self.as_of);
        let graded: Vec<&Stretch> = all.iter().filter(|s| s.rank.is_some()).collect();
        let (name, what) = (&body.name, &self.what);
        let Some((last, earlier)) = graded.split_last() else {
            return (format!("{name}: no {what} grade by {}", Precision::Day.write(self.as_of)), Vec::new());
        };
        let label = |s: &Stretch| self.labels[s.rank.unwrap()].clone();
        let before = earlier.last().filter(|before| before.end.0 == last.start.0);
        let (start, end) = (month(last.start.0, last.start.1), month(last.end.0, last.end.1));
        let grade = label(last);
        let mut lengths: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        let mut title = match (last.ended, before) {
            (End::Closed, None) => format!("{name}, {what}: {grade} until it was {} in {end}", self.closed()),
            (End::Closed, Some(b)) => {
                lengths.push((b.start.0, b.end.0));
                format!("{name}, {what}: {} for \u{1}, then {grade} until {} in {end}", label(b), self.closed())
            }
            (End::Gone, None) => format!("{name}: {grade} until {end}, no {what} grade since"),
            (End::Gone, Some(b)) => format!("{name}: from {} to {grade}, and no {what} grade since {end}", label(b)),
            (_, None) => format!("{name}, {what}: {grade} since {start}"),
            (_, Some(b)) => {
                lengths.push((b.start.0, b.end.0));
                format!("{name}, {what}: {} for \u{1}, then {grade}", label(b))
            }
        };
        let told = 1 + usize::from(before.is_some());
        let worst = graded.iter().enumerate().filter(|(_, s)| s.rank == Some(0));
        let worst = worst.max_by_key(|(_, s)| (s.end.0 - s.start.0).num_days());
        if let Some((_, s)) = worst.filter(|(place, _)| place + told < graded.len()) {
            title += &format!("; {} for \u{1} until {}", label(s), month(s.end.0, s.end.1));
            lengths.push((s.start.0, s.end.0));
        }
        (title, lengths)
    }

    fn closed(&self) -> &'static str {
        if self.noun.0 == "authority" { "abolished" } else { "closed" }
    }

    /// A few bodies from all over, those that closed before the others.
    fn some(&self, most: usize) -> Vec<&Body> {
        let mut all: Vec<&Body> = self.bodies.iter().filter(|b| b.opened.is_none_or(|o| o <= self.as_of)).collect();
        all.sort_by_key(|body| body.closed.is_none());
        let step = all.len().div_ceil(most).max(1);
        all.into_iter().step_by(step).collect()
    }

    pub fn trajectories(&self) -> u32 {
        let bodies = self.some(2);
        for body in &bodies {
            let id = self.series.id().clone();
            let chart = Trajectory::collect(&self.ratings, id, &body.id, Style::default()).unwrap();
            let (title, alt, text) = self.told(&chart, None, Some(self.as_of));
            let (template, lengths) = self.title_of(body);
            fits(&title, &template, &lengths, &self.name);
            let all = body.stretches(self.as_of);
            let told = all.iter().filter_map(|s| {
                let about = if s.start.1 == Precision::Day && s.end.1 == Precision::Day { "" } else { "about " };
                let (label, start) = (&self.labels[s.rank?], s.start.1.write(s.start.0));
                Some(format!("{label} from {start} for {about}{}", length(s.start.0, s.end.0)))
            });
            let told: Vec<String> = told.collect();
            if !told.is_empty() {
                let told = format!("In order: {}. ", told.join("; "));
                assert!(alt.contains(&told), "{}: {told}: {alt}", self.name);
            }
            let day = Precision::Day.write(self.as_of);
            assert!(alt.ends_with(&format!(" by {day}.")), "{alt}");
            assert!(text.contains(&format!("to {day} ")), "{day}: {text}");
            // The length of each grade stands in the picture where it has room.
            if let Some(last) = all.iter().rev().find(|s| s.rank.is_some() && s.ended == End::Runs) {
                let said = alt.contains(&format!("has been rated {}", self.labels[last.rank.unwrap()]));
                assert!(said, "{}: {alt}", self.name);
            }
            assert_eq!(text.contains("Hatched: "), all.iter().any(|s| s.rank.is_none()), "{}: {text}", self.name);
        }
        bodies.len() as u32
    }

    /// Some bodies of ribbons in panels, and in one picture.
    pub fn together(&self, ribbons: &Ribbons) -> u32 {
        let there: Vec<&Body> = self.some(5).into_iter().filter(|body| body.exists(self.as_of)).take(6).collect();
        let Some((focus, others)) = there.split_first() else { return 0 };
        let names: Vec<&str> = there.iter().map(|body| body.name.as_str()).collect();
        let panels = SmallMultiples::new(ribbons, &names).unwrap();
        let (title, alt, _) = self.told(&panels, None, Some(self.as_of));
        let rated: Vec<(&str, usize)> =
            others.iter().filter_map(|b| Some((b.name.as_str(), b.rank(self.as_of)?))).collect();
        let none = match others.len() - rated.len() {
            0 => String::new(),
            n => format!("; {n} with no grade on the day"),
        };
        match (focus.rank(self.as_of), rated.as_slice()) {
            (None, _) | (_, []) => assert!(title.ends_with("grade over time"), "{title}"),
            (Some(own), [(name, grade)]) => {
                let way = ["a lower grade than", "the same grade as", "a higher grade than"];
                let way = way[(own.cmp(grade) as i8 + 1) as usize];
                assert_eq!(title, format!("{}: {way} {name}, {}{none}", focus.name, self.what));
            }
            (Some(own), _) => {
                let higher = rated.iter().filter(|(_, grade)| *grade > own).count();
                let stand = if higher == 1 { "stands" } else { "stand" };
                let all = rated.len();
                let expected =
                    format!("{}: {higher} of {all} others {stand} higher in {} grade{none}", focus.name, self.what);
                assert_eq!(title, expected, "{}", self.name);
            }
        }
        let courses = there.iter().map(|body| {
            let spells = body.stretches(self.as_of).into_iter().map(|s| {
                let grade = s.rank.map_or("not reported", |rank| self.labels[rank].as_str());
                format!("{grade} from {}", s.start.0.year())
            });
            format!("{}: {}", body.name, spells.collect::<Vec<_>>().join(", "))
        });
        let courses = courses.collect::<Vec<_>>().join("; ");
        assert!(alt.ends_with(&format!(". {courses}.")), "{}: {courses}: {alt}", self.name);
        let Ok(lines) = Comparison::new(ribbons, &names) else { return 1 };
        if there.iter().all(|body| body.stretches(self.as_of).is_empty()) {
            return 1;
        }
        let (title, alt, _) = self.told(&lines, None, Some(self.as_of));
        let (start, stand) = title.split_once(": ").unwrap();
        assert!(start.ends_with(&format!("grade on {}", Precision::Day.write(self.as_of))), "{title}");
        for group in stand.split("; ") {
            let of = |body: &&Body| body.rank(self.as_of).map_or("no such grade", |rank| self.labels[rank].as_str());
            let label = self.labels.iter().map(String::as_str).chain(["no such grade"]);
            let label = label.filter(|label| group.ends_with(&format!(" {label}"))).max_by_key(|label| label.len());
            let label = label.unwrap_or_else(|| panic!("{title}"));
            let mut named = group.strip_suffix(&format!(" {label}")).unwrap().to_owned();
            for body in there.iter().filter(|body| of(body) == label) {
                assert!(named.contains(&body.name), "{}: {}: {title}", self.name, body.name);
                named = named.replacen(&body.name, "", 1);
            }
            assert_eq!(named.replace([',', ' '], "").replace("and", ""), "", "{title}");
        }
        assert!(alt.ends_with(&format!(". {courses}.")), "{alt}");
        2
    }

    /// What a picture aligned on days says, from the day of each body.
    fn aligned_on(&self, chart: &Aligned, what: &str, days: &[(&Body, NaiveDate, Precision)]) {
        let (title, alt, text) = self.said(chart);
        let (mut up, mut down, mut all) = (0, 0, 0);
        for (body, on, precision) in days {
            let grade = body.rank(*on).map_or("no grade", |rank| self.labels[rank].as_str());
            let when = if *precision == Precision::Day { "on" } else { "in" };
            let said = format!("{} {when} {}: {grade}", body.name, precision.write(*on));
            assert!(alt.contains(&said), "{}: {said}: {alt}", self.name);
            let then = on.checked_add_months(Months::new(36)).unwrap();
            if let (true, Some(a), Some(b)) = (then <= self.as_of, body.rank(*on), body.rank(then)) {
                (up, down, all) = (up + usize::from(b > a), down + usize::from(b < a), all + 1);
            }
        }
        if all > 0 {
            let expected = format!(
                "Three years after {what}, {up} of {} stood at a higher {} grade than on the day, {down} at a lower one",
                self.count(all),
                self.what
            );
            assert_eq!(title, expected, "{}", self.name);
        }
        assert!(text.contains(&format!(" grade of {} in the years", self.count(days.len()))), "{}: {text}", self.name);
        assert_eq!(text.contains("A grade on the day and three years later: "), all > 0, "{text}");
    }

    pub fn aligned(&self) -> u32 {
        let rank = (self.better - 1).min(1);
        let chart = Aligned::collect(&self.series, &Align::Grade(self.code(rank)), Style::default()).unwrap();
        let arrived = |body: &'_ Body| {
            let graded: Vec<Stretch> = body.stretches(self.as_of).into_iter().filter(|s| s.rank.is_some()).collect();
            let pair = graded.windows(2).find(|pair| pair[0].rank != Some(rank) && pair[1].rank == Some(rank))?;
            Some(pair[1].start)
        };
        let there = self.bodies.iter().filter(|body| body.exists(self.as_of));
        let days: Vec<_> =
            there.filter_map(|body| arrived(body).map(|(on, precision)| (body, on, precision))).collect();
        assert_eq!(chart.ribbons.len(), days.len(), "{}", self.name);
        if days.is_empty() {
            assert!(chart.to_svg().is_err());
            return 0;
        }
        self.aligned_on(&chart, &format!("they first came to {} from another grade", self.labels[rank]), &days);
        1
    }

    /// The first judgements since a day beside those before.
    pub fn before_after(&self) -> u32 {
        let Some(since) = self.as_of.checked_sub_months(Months::new(18)) else { return 0 };
        let chart = BeforeAfter::collect(&self.ratings, [self.series.id().clone()], since, Style::default()).unwrap();
        let (mut tally, mut bodies) = ([0; 4], 0);
        for body in &self.bodies {
            let counts = |date: NaiveDate| date <= self.as_of && body.closed.is_none_or(|closed| date < closed);
            let rows: Vec<_> = body.rows.iter().filter(|row| counts(row.date)).collect();
            let Some(on) = rows.iter().filter(|r| r.date >= since && r.rank.is_some()).map(|r| r.date).min() else {
                continue;
            };
            bodies += 1;
            let now = rows.iter().rev().find(|r| r.date == on).and_then(|r| r.rank);
            let before = rows.iter().rev().find(|r| r.date < on).and_then(|r| r.rank);
            match (now, before) {
                (Some(now), Some(before)) => tally[[2, 0, 1][(now.cmp(&before) as i8).rem_euclid(3) as usize]] += 1,
                (Some(_), None) => tally[3] += 1,
                (None, _) => {}
            }
        }
        if bodies == 0 {
            return 0;
        }
        let (title, alt, _) = self.said(&chart);
        self.changed(&title, since, bodies, tally);
        let [up, down, same, _] = tally;
        assert!(alt.contains(&format!("{up} up, {down} down, {same} same")), "{}: {alt}", self.name);
        1
    }

    fn changed(&self, title: &str, since: NaiveDate, bodies: usize, [up, down, same, new]: [usize; 4]) {
        if up + down + same == 0 {
            let (bodies, since) = (self.count(bodies), Precision::Day.write(since));
            let said = format!(" of {bodies} since {since}, none with a grade before to compare with");
            assert!(title.starts_with("First ") && title.ends_with(&said), "{}: {said}: {title}", self.name);
            return;
        }
        let new = if new > 0 { format!(", {new} without one before") } else { String::new() };
        let grades = if up == 1 { "grade" } else { "grades" };
        let said = format!(
            " of {} since {}: {up} {grades} higher than before, {down} lower, {same} the same{new}",
            self.count(bodies),
            Precision::Day.write(since)
        );
        assert!(title.starts_with("First ") && title.ends_with(&said), "{}: {said}: {title}", self.name);
    }
}

/// England in each of some themes on a day.
fn cases(history: &RatingHistory, themes: &[Theme], clock: Clock, as_of: NaiveDate) -> Vec<Case> {
    themes.iter().map(|theme| england_case(history, *theme, clock, Narrowed::Not, as_of)).collect()
}

#[test]
fn peers_of_england_are_counted_by_a_loop() {
    let england = england();
    let mut checked = 0;
    for (as_of, clock) in [
        ("2012-12-31", Clock::Effect),
        ("2018-03-31", Clock::Published),
        ("2024-03-31", Clock::Effect),
        ("2026-08-20", Clock::Published),
    ] {
        let cases = cases(&england, &FOLLOWED, clock, day(as_of));
        for name in ["Slough", "Trafford", "Cumberland", "Isles of Scilly", "Poole", "Birmingham"] {
            let authority = england.find(name).unwrap();
            if !authority.exists_on(day(as_of)) {
                continue;
            }
            let code = authority.code.as_str();
            let strip = PeerStrip::collect(&cases[0].ratings, code, name, FOLLOWED, Style::default()).unwrap();
            let listed: Vec<&str> = england.neighbours(&authority.code).iter().map(|c| c.as_str()).collect();
            let (mut told, mut compared, mut behind) = (Vec::new(), 0, 0);
            for case in &cases {
                let others = case.bodies.iter().filter(|body| body.id != code && body.exists(case.as_of));
                let others: Vec<&Body> = others.collect();
                if others.iter().all(|body| body.rank(case.as_of).is_none()) {
                    continue;
                }
                let own = case.bodies.iter().find(|body| body.id == code).unwrap().rank(case.as_of);
                let groups: [(&str, Vec<&Body>); 3] = [
                    (
                        "Statistical neighbours",
                        others.iter().copied().filter(|b| listed.contains(&b.id.as_str())).collect(),
                    ),
                    (
                        "The rest of its region",
                        others.iter().copied().filter(|b| b.group == authority.region.code()).collect(),
                    ),
                    ("The rest of England", others.clone()),
                ];
                let each = groups.iter().map(|(label, members)| {
                    let ranks: Vec<usize> = members.iter().filter_map(|b| b.rank(case.as_of)).collect();
                    let count = |rank: usize| ranks.iter().filter(|r| **r == rank).count();
                    let none = members.len() - ranks.len();
                    let none = (none > 0).then(|| format!("{none} with no grade"));
                    let counts = case.labels.iter().enumerate().map(|(rank, label)| format!("{} {label}", count(rank)));
                    format!("{label} {}", counts.chain(none).collect::<Vec<_>>().join(", "))
                });
                let theme = capital(&case.what);
                let grade = own.map_or("no grade", |rank| case.labels[rank].as_str());
                told.push(format!("{theme}: {grade}; {}", each.collect::<Vec<_>>().join("; ")));
                let first: Vec<usize> = groups[0].1.iter().filter_map(|b| b.rank(case.as_of)).collect();
                if let (Some(own), false) = (own, first.is_empty()) {
                    compared += 1;
                    behind += usize::from(2 * first.iter().filter(|rank| **rank > own).count() > groups[0].1.len());
                }
            }
            let noun = if compared == 1 { "judgement" } else { "judgements" };
            let expected = match (behind, compared) {
                (_, 0) => format!("{name} among its peers"),
                (0, all) => format!("{name}: in none of {all} {noun} do most of its neighbours stand higher"),
                (behind, all) => format!("{name}: most of its neighbours stand higher in {behind} of {all} {noun}"),
            };
            if told.is_empty() {
                continue;
            }
            let (title, alt, _) = cases[0].told(&strip, None, Some(day(as_of)));
            assert_eq!(title, expected, "{as_of}");
            assert_eq!(alt, format!("Bars of grades by group of peers. {title}. {}.", told.join(". ")));
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn what_new_inspections_changed_is_counted_over_judgements() {
    let england = england();
    for (since, as_of) in [("2014-01-01", "2014-12-31"), ("2023-01-01", "2023-12-31"), ("2026-04-01", "2026-08-20")] {
        let cases = cases(&england, &PARTS, Clock::Effect, day(as_of));
        let chart = BeforeAfter::collect(&cases[0].ratings, PARTS, day(since), Style::default()).unwrap();
        let (mut tallies, mut bodies) = (vec![[0; 4]; PARTS.len()], 0);
        for n in 0..cases[0].bodies.len() {
            let own: Vec<&Body> = cases.iter().map(|case| &case.bodies[n]).collect();
            let rows = own.iter().flat_map(|body| &body.rows);
            let by = |date: NaiveDate| date <= day(as_of) && own[0].closed.is_none_or(|closed| date < closed);
            let on = rows.filter(|r| r.date >= day(since) && by(r.date) && r.rank.is_some()).map(|r| r.date).min();
            let Some(on) = on else { continue };
            bodies += 1;
            for (body, tally) in own.iter().zip(&mut tallies) {
                let Some(now) = body.rows.iter().rev().find(|r| r.date == on).and_then(|r| r.rank) else { continue };
                let before = body.rows.iter().rev().find(|r| r.date < on).and_then(|r| r.rank);
                let place = before.map_or(3, |before| {
                    if now > before {
                        0
                    } else if now < before {
                        1
                    } else {
                        2
                    }
                });
                tally[place] += 1;
            }
        }
        let (title, alt, _) = cases[0].said(&chart);
        let sum = |n: usize| tallies.iter().map(|tally| tally[n]).sum();
        cases[0].changed(&title, day(since), bodies, [0, 1, 2, 3].map(sum));
        for (case, [up, down, same, _]) in cases.iter().zip(&tallies) {
            let theme = capital(&case.what);
            assert!(alt.contains(&format!("{theme}: {up} up, {down} down, {same} same")), "{alt}");
        }
    }
}

#[test]
fn what_came_after_events_is_counted_by_a_loop() {
    let england = england();
    let mut checked = 0;
    for (kind, name) in [
        (EventKind::StatutoryDirection, "statutory direction"),
        (EventKind::ImprovementNotice, "improvement notice"),
        (EventKind::CommissionerAppointed, "commissioner appointed"),
    ] {
        for as_of in ["2016-12-31", "2026-08-20"].map(day) {
            let case = england_case(&england, Theme::Headline, Clock::Effect, Narrowed::Not, as_of);
            let first = |body: &'_ Body| {
                let own = england.events().iter().filter(|e| e.authority.as_str() == body.id && e.start <= as_of);
                let own = own.filter(|e| e.kind == kind && e.scope == EventScope::Children);
                own.map(|e| (e.start, e.precision)).min()
            };
            let there = case.bodies.iter().filter(|body| body.exists(as_of));
            let days: Vec<_> = there.filter_map(|body| first(body).map(|(on, exact)| (body, on, exact))).collect();
            if days.is_empty() {
                continue;
            }
            let on = Align::Event(kind.code().to_owned());
            let chart = Aligned::collect(&case.series, &on, Style::default()).unwrap();
            assert_eq!(chart.ribbons.len(), days.len());
            case.aligned_on(&chart, &format!("their first {name}"), &days);
            checked += 1;
        }
    }
    assert!(checked > 3, "{checked}");
}

/// Stories lead with the four judgements where there is no overall grade, and tell the rest as trajectories do.
#[test]
fn stories_of_england_say_what_a_loop_finds() {
    let england = england();
    let mut checked = 0;
    for (as_of, clock) in
        [("2015-06-30", Clock::Published), ("2022-12-31", Clock::Effect), ("2026-08-20", Clock::Effect)]
    {
        let case = england_case(&england, Theme::Headline, clock, Narrowed::Not, day(as_of));
        for name in ["Birmingham", "Slough", "Trafford", "Poole", "Dorset", "Cumbria", "Northamptonshire", "Devon"] {
            let authority = england.find(name).unwrap();
            let story = Story::new(&england, &authority.code, clock, day(as_of)).unwrap();
            let chart = story.trajectory(Style::default());
            let text = texts(&chart.to_svg().unwrap());
            for said in [&chart.title(), &chart.alt_text(), &story.sentence()] {
                sound(said, name, Some(day(as_of)));
            }
            sound(&text, name, None);
            let body = case.bodies.iter().find(|body| body.name == name).unwrap();
            let gone = body.stretches(case.as_of).last().is_some_and(|s| s.rank.is_none());
            if gone {
                assert!(chart.title().starts_with(&format!("{name}: ")) && chart.title().contains(" in "));
                continue;
            }
            let (template, lengths) = case.title_of(body);
            let title = chart.title().replace("adequate or requires improvement", "requires improvement");
            let title = title.replace("inadequate", "\u{2}").replace("adequate", "requires improvement");
            fits(&title.replace('\u{2}', "inadequate"), &template, &lengths, &format!("{name}, {as_of}"));
            checked += 1;
        }
    }
    assert!(checked > 18, "{checked}");
}
