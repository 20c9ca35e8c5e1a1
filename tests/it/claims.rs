//! What pictures say of England and of own data, recomputed by plain loops over their rows: a covering set of days, series,
//! clocks, filters, scales and odd histories.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rating_history::chart::{Distribution, Flow, Matrix, Ribbons, Style, Survival};
use rating_history::chrono::{Days, Months, NaiveDate};
use rating_history::estimate::{CohortOptions, PairCounts, Snapshots, Study, cohort_matrix};
use rating_history::frame::Rating;
use rating_history::ofsted::{Framework, RatingHistory, Region, Reported, Theme};
use rating_history::{Clock, Precision, Ratings, Scale, Series};

use crate::england::england;

mod beside;
mod bodies;
mod many;
mod said;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A body with its judgements in order.
struct Body {
    id: String,
    name: String,
    group: String,
    opened: Option<NaiveDate>,
    closed: Option<NaiveDate>,
    rows: Vec<Row>,
}

/// A judgement: its rank, or that there is none any more.
#[derive(Clone, Copy)]
struct Row {
    date: NaiveDate,
    precision: Precision,
    rank: Option<usize>,
}

impl Body {
    fn exists(&self, on: NaiveDate) -> bool {
        self.opened.is_none_or(|o| o <= on) && self.closed.is_none_or(|c| on < c)
    }

    /// Its state on a day: `None` without a judgement, `Some(None)` when it is given no more.
    fn state(&self, on: NaiveDate) -> Option<Option<usize>> {
        self.rows.iter().rev().find(|row| row.date <= on).map(|row| row.rank)
    }

    fn rank(&self, on: NaiveDate) -> Option<usize> {
        self.state(on).flatten().filter(|_| self.exists(on))
    }

    /// The runs at one rank up to a day, each with its start, its end and the grade that ended it.
    fn runs(&self, rank: usize, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate, Option<usize>)> {
        let mut days: BTreeMap<NaiveDate, Option<usize>> = BTreeMap::new();
        let counts = |day: NaiveDate| day <= to && self.closed.is_none_or(|closed| day < closed);
        self.rows.iter().filter(|row| counts(row.date)).for_each(|row| _ = days.insert(row.date, row.rank));
        let (mut runs, mut begun) = (Vec::new(), None);
        for (day, state) in days {
            match (begun, state == Some(rank)) {
                (None, true) => begun = Some(day),
                (Some(start), false) => {
                    runs.push((start, day, state));
                    begun = None;
                }
                _ => {}
            }
        }
        let end = self.closed.filter(|closed| *closed <= to).unwrap_or(to);
        runs.extend(begun.map(|start| (start, end, None)));
        runs
    }
}

/// What pictures are made of, and the words they use.
struct Case {
    name: String,
    ratings: Ratings,
    series: Series,
    /// What the title begins with where not all bodies are in the picture.
    scope: Option<&'static str>,
    /// What has to stand below every picture, and what must not.
    notes: Vec<String>,
    never: Vec<&'static str>,
    bodies: Vec<Body>,
    labels: Vec<String>,
    better: usize,
    what: String,
    noun: (&'static str, &'static str),
    as_of: NaiveDate,
}

impl Case {
    fn count(&self, n: usize) -> String {
        format!("{n} {}", if n == 1 { self.noun.0 } else { self.noun.1 })
    }

    fn there(&self, on: NaiveDate) -> usize {
        self.bodies.iter().filter(|body| body.exists(on)).count()
    }

    fn ranks(&self, on: NaiveDate) -> Vec<usize> {
        self.bodies.iter().filter_map(|body| body.rank(on)).collect()
    }

    fn share(&self, on: NaiveDate) -> u32 {
        let better = self.ranks(on).into_iter().filter(|rank| *rank >= self.better).count();
        (100.0 * better as f64 / self.there(on).max(1) as f64).round() as u32
    }

    fn tally(&self, on: NaiveDate) -> String {
        let ranks = self.ranks(on);
        let of = |rank: usize| ranks.iter().filter(|r| **r == rank).count();
        let parts: Vec<String> =
            self.labels.iter().enumerate().map(|(rank, label)| format!("{label} {}", of(rank))).collect();
        let open: Vec<&Body> = self.bodies.iter().filter(|body| body.exists(on)).collect();
        let gone = open.iter().filter(|body| body.state(on) == Some(None)).count();
        let never = open.iter().filter(|body| body.state(on).is_none()).count();
        let others =
            if gone + never == 0 { String::new() } else { format!(", not reported {gone}, not rated {never}") };
        format!("{}: {}{others}", Precision::Day.write(on), parts.join(", "))
    }

    fn distribution(&self) -> u32 {
        let first = self.bodies.iter().flat_map(|b| b.rows.first()).map(|row| row.date).min().unwrap();
        let mut dates: Vec<NaiveDate> =
            (0..12).filter_map(|n| self.as_of.checked_sub_months(Months::new(15 * n))).collect();
        dates.retain(|date| *date >= first);
        dates.reverse();
        if dates.len() < 2 {
            return 0;
        }
        let chart = Distribution::collect(&self.series, &dates, Style::default()).unwrap();
        let (title, alt, text) = self.said(&chart);
        let better: Vec<&str> = self.labels[self.better..].iter().map(String::as_str).collect();
        let last = dates[dates.len() - 1];
        let start = format!("{}% of {} had the {} grade ", self.share(last), self.noun.1, self.what);
        assert!(title.starts_with(&start), "{}: {start}: {title}", self.name);
        assert!(better.len() > 3 || better.iter().all(|label| title.contains(label)), "{}: {title}", self.name);
        assert!(title.contains(&Precision::Day.write(last)), "{title}");
        if let Some((way, rest)) =
            ["up from ", "down from "].iter().find_map(|way| Some((way, title.split_once(*way)?.1)))
        {
            let (then, on) = rest.split_once("% on ").unwrap();
            let on = dates.iter().find(|date| Precision::Day.write(**date) == on).unwrap();
            assert_eq!(then, self.share(*on).to_string(), "{}: {title}", self.name);
            assert_eq!(*way == "up from ", self.share(last) > self.share(*on), "{title}");
            assert!((last - *on).num_days() >= 365, "{}: {title}", self.name);
            assert!(20 * self.ranks(*on).len() >= 19 * self.there(*on), "{}: few were rated: {title}", self.name);
        }
        if !title.contains(" from ") && !title.contains(", as on ") {
            let (none, body) = (self.without(last), self.noun.1);
            assert!(title.ends_with(&format!("{}{none}", Precision::Day.write(last))), "{body}: {none}: {title}");
        }
        let tallies = [dates[0], dates[dates.len() / 2], last].map(|date| self.tally(date)).join("; ");
        assert!(alt.ends_with(&format!(". {tallies}.")), "{}: {tallies}: {alt}", self.name);
        let day = |date: NaiveDate| Precision::Day.write(date);
        let span = format!("share of those in existence, {} to {}", day(dates[0]), day(last));
        assert!(text.contains(&span), "{}: {span}: {text}", self.name);
        let ranks = self.ranks(last);
        for (rank, label) in self.labels.iter().enumerate() {
            let count = ranks.iter().filter(|r| **r == rank).count();
            let label = format!("{} {count}", capital(label));
            assert!(text.contains(&label), "{}: {label}: {text}", self.name);
        }
        1
    }

    fn flow(&self) -> u32 {
        let Some(middle) = self.as_of.checked_sub_months(Months::new(30)) else { return 0 };
        let Some(first) = middle.checked_sub_months(Months::new(30)) else { return 0 };
        for dates in [vec![middle, self.as_of], vec![first, middle, self.as_of]] {
            let Ok(chart) = Flow::collect(&self.series, &dates, Style::default()) else { continue };
            let (mut up, mut down) = (0, 0);
            for pair in dates.windows(2) {
                for body in &self.bodies {
                    if let (Some(from), Some(to)) = (body.rank(pair[0]), body.rank(pair[1])) {
                        up += usize::from(to > from);
                        down += usize::from(to < from);
                    }
                }
            }
            let day = |date: NaiveDate| Precision::Day.write(date);
            let (a, b, what) = (day(dates[0]), day(self.as_of), &self.what);
            let expected = match dates.len() {
                2 if up + down == 0 => {
                    let new = self.bodies.iter().filter(|body| {
                        let before = body.exists(dates[0]) && body.rank(dates[0]).is_none() || !body.exists(dates[0]);
                        before && body.rank(dates[1]).is_some()
                    });
                    let new = match new.count() {
                        0 => String::new(),
                        n => format!("; {n} had none before"),
                    };
                    format!("No {} stood at another {what} grade on {b} than on {a}{new}", self.noun.0)
                }
                2 => format!(
                    "{} stood at a higher {what} grade on {b} than on {a}, {down} at a lower one",
                    self.count(up)
                ),
                _ => {
                    let moves = |n: usize| format!("{n} {}", if n == 1 { "move" } else { "moves" });
                    format!("{} up and {} down in {what} grades between {a} and {b}", moves(up), moves(down))
                }
            };
            let (title, alt, _) = self.said(&chart);
            assert_eq!(title, expected, "{}", self.name);
            self.bands(&alt, &dates);
        }
        2
    }

    fn ribbons(&self) -> u32 {
        let Ok(chart) = Ribbons::collect(&self.series, None, Style::default()) else { return 0 };
        let (title, alt, _) = self.said(&chart);
        let (there, ranks) = (self.there(self.as_of), self.ranks(self.as_of));
        let of = |rank: usize| ranks.iter().filter(|r| **r == rank).count();
        let best = self.labels.len() - 1;
        let counts = format!(
            "{} {}, {} {} on {}",
            of(best),
            self.labels[best],
            of(0),
            self.labels[0],
            Precision::Day.write(self.as_of)
        );
        let expected = if ranks.len() == there {
            format!("{}, {} grade: {counts}", self.count(there), self.what)
        } else {
            let verb = if ranks.len() == 1 { "has" } else { "have" };
            format!("{} of {} {verb} the {} grade: {counts}", ranks.len(), self.count(there), self.what)
        };
        assert_eq!(title, expected, "{}", self.name);
        let groups: BTreeSet<&str> = self.bodies.iter().map(|body| body.group.as_str()).collect();
        for group in groups {
            let own = self.bodies.iter().filter(|body| body.group == group && body.exists(self.as_of));
            let own: Vec<Option<usize>> = own.map(|body| body.rank(self.as_of)).collect();
            if own.is_empty() {
                continue;
            }
            let count = |rank: usize| own.iter().filter(|r| **r == Some(rank)).count();
            let counts = self.labels.iter().enumerate().rev().map(|(rank, label)| format!("{} {label}", count(rank)));
            let said = format!("{group}: {}", counts.collect::<Vec<_>>().join(", "));
            assert!(alt.contains(&said), "{}: {said}: {alt}", self.name);
        }
        1 + self.together(&chart)
    }

    /// The years that bodies stood at a rank, each with whether another grade ended them, and of how many bodies they are.
    fn times(&self, rank: usize) -> (Vec<(f64, bool)>, usize) {
        let runs = self.bodies.iter().map(|body| body.runs(rank, self.as_of)).filter(|runs| !runs.is_empty());
        let runs: Vec<_> = runs.collect();
        let years = |from: NaiveDate, to: NaiveDate| (to - from).num_days() as f64 / 365.25;
        let times = runs.iter().flatten().map(|(from, to, next)| (years(*from, *to), next.is_some()));
        (times.collect(), runs.len())
    }

    fn too_few(&self, grade: &str, spells: usize) -> String {
        let noun = if spells == 1 { "spell" } else { "spells" };
        format!("How long {} keep the {} grade {grade}: too few to say ({spells} {noun})", self.noun.1, self.what)
    }

    fn survival(&self) -> u32 {
        let chart = match Survival::collect(
            &self.series,
            &Study::until(self.as_of),
            &self.code(0),
            None,
            None,
            Style::default(),
        ) {
            Ok(chart) => chart,
            Err(_) => {
                assert!(self.bodies.iter().all(|body| body.runs(0, self.as_of).is_empty()), "{}", self.name);
                return 0;
            }
        };
        let (mut times, bodies) = self.times(0);
        let counted = chart.counted.unwrap();
        assert_eq!((counted.spells, counted.bodies), (times.len(), bodies), "{}", self.name);
        times.retain(|time| time.0 > 0.0);
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut left, mut survival, mut median, mut flat) = (times.len() as f64, 1.0, None, false);
        for same in times.chunk_by(|a, b| a.0 == b.0) {
            survival *= 1.0 - same.iter().filter(|time| time.1).count() as f64 / left;
            left -= same.len() as f64;
            flat |= (survival - 0.5f64).abs() < 1e-9;
            if median.is_none() && survival <= 0.5 {
                median = Some(same[0].0);
            }
        }
        let (title, alt, text) = self.said(&chart);
        let from = &self.labels[0];
        let those = format!("those with the {} grade {from}", self.what);
        match median {
            _ if counted.spells < 10 => assert_eq!(title, self.too_few(from, counted.spells), "{}", self.name),
            None => assert_eq!(title, format!("Fewer than half of {those} had left it so far"), "{}", self.name),
            Some(median) => {
                let rest = title
                    .strip_prefix(&format!("Half of {those} had left it within "))
                    .unwrap_or_else(|| panic!("{}: {title}", self.name));
                let years: f64 = rest.strip_suffix(" years").unwrap().parse().unwrap();
                assert!(flat || (years - median).abs() < 0.08, "{}: {median}: {title}", self.name);
            }
        }
        let those = if counted.spells > bodies { "spells" } else { self.noun.1 };
        let said = format!("Share of {those} still at the grade, by years since first judged {from}");
        assert!(text.contains(&said), "{}: {said}: {text}", self.name);
        let said = format!("{} {} of", counted.spells, if counted.spells == 1 { "spell" } else { "spells" });
        assert!(text.contains(&format!("{said} {}", self.count(bodies))), "{}: {said}: {text}", self.name);
        // The shares after a year, three and five, as far as anybody was followed.
        let last = times.last().map_or(0.0, |time| time.0);
        for years in [1.0, 3.0, 5.0] {
            let noun = if years == 1.0 { "year" } else { "years" };
            let said = alt.split_once(&format!("% after {years} {noun}")).map(|(before, _)| before);
            let said = said.and_then(|before| before.rsplit(' ').next()).map(|part| part.parse::<f64>().unwrap());
            let share = share_left(&times, years);
            match said {
                // Years by anniversaries are not quite those of 365.25 days.
                Some(said) => assert!((said - 100.0 * share).abs() < 0.6 || near(&times, years), "{share}: {alt}"),
                None => assert!(last <= years + 0.01, "{}: {last}: {alt}", self.name),
            }
        }
        1
    }

    /// The parts of those in the middle of the scale that went up and down, by then.
    fn incidence(&self) -> u32 {
        let (rank, study) = (self.better - 1, Study::until(self.as_of));
        let chart = Survival::collect(&self.series, &study, &self.code(rank), None, None, Style::default());
        let Ok(chart) = chart else { return 0 };
        let (title, alt, text) = self.said(&chart.incidence());
        let mut times: Vec<(f64, Option<bool>)> = Vec::new();
        for (from, to, next) in self.bodies.iter().flat_map(|body| body.runs(rank, self.as_of)) {
            times.push(((to - from).num_days() as f64 / 365.25, next.map(|next| next > rank)));
        }
        times.retain(|time| time.0 > 0.0);
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The parts with each way out, of which each keeps the other from happening.
        let parts = |years: f64| {
            let (mut left, mut still, mut up, mut down) = (times.len() as f64, 1.0, 0.0, 0.0);
            for same in times.chunk_by(|a, b| a.0 == b.0).take_while(|same| same[0].0 <= years) {
                let gone = |way: bool| same.iter().filter(|time| time.1 == Some(way)).count() as f64 / left;
                (up, down) = (up + still * gone(true), down + still * gone(false));
                still *= 1.0 - gone(true) - gone(false);
                left -= same.len() as f64;
            }
            [100.0 * up, 100.0 * down]
        };
        let near = |years: f64| times.iter().any(|time| (time.0 - years).abs() < 0.01);
        let agrees = |said: &str, years: f64, way: usize| {
            let part: f64 = said.parse().unwrap_or_else(|_| panic!("{}: {said}: {title}: {alt}", self.name));
            // Years by anniversaries are not quite those of 365.25 days.
            near(years) || (part - parts(years)[way]).abs() < 0.6
        };
        let spells = self.times(rank).0.len();
        if spells < 10 {
            assert_eq!(title, self.too_few(&self.labels[rank], spells), "{}", self.name);
            return 1;
        }
        let start = format!("Of those with the {} grade {}, within ", self.what, self.labels[rank]);
        let rest = title.strip_prefix(&start).unwrap_or_else(|| panic!("{}: {title}", self.name));
        let (horizon, said) = rest.split_once(' ').unwrap();
        let years: f64 = horizon.parse().unwrap();
        let said = said.strip_prefix(if years == 1.0 { "year " } else { "years " }).unwrap();
        let ways = ["improved", "declined"];
        for (way, name) in ways.into_iter().enumerate() {
            let happened = times.iter().any(|time| time.1 == Some(way == 0));
            let part = said.split(", ").find_map(|part| part.strip_suffix(&format!("% had {name}")));
            assert!(part.is_some() || !happened, "{}: {name}: {title}", self.name);
            assert!(part.is_none_or(|part| agrees(part, years, way)), "{}: {:?}: {title}", self.name, parts(years));
            let Some((_, line)) = alt.split_once(&format!(". {}: ", capital(name))) else { continue };
            let line = line.split(". ").next().unwrap();
            for share in line.trim_end_matches('.').split(", ").filter(|share| share.contains("% after ")) {
                let (part, after) = share.split_once("% after ").unwrap();
                let years: f64 = after.split(' ').next().unwrap().parse().unwrap();
                assert!(agrees(part, years, way), "{}: {:?}: {alt}", self.name, parts(years));
            }
            assert!(!happened || text.contains(&format!("{} so far", capital(name))), "{}: {text}", self.name);
        }
        1
    }

    fn matrix(&self) -> u32 {
        let options = CohortOptions::default();
        let Ok(pairs) = PairCounts::snapshots(&self.series, &Study::until(self.as_of), &Snapshots::default()) else {
            return 0;
        };
        let chart = Matrix::new(cohort_matrix(&pairs, &options).unwrap(), &self.series, Style::default()).unwrap();
        let k = self.labels.len();
        let mut counts = vec![vec![0.0; k]; k];
        let back = |n: u32| self.as_of.checked_sub_months(Months::new(12 * n)).unwrap();
        for (then, now) in (0..30).map(|n| (back(n + 1), back(n))) {
            for body in &self.bodies {
                if let (Some(from), Some(to)) = (body.rank(then), body.rank(now)) {
                    counts[from][to] += 1.0;
                }
            }
        }
        let (title, alt, text) = self.said(&chart);
        let percent = |p: f64| match 100.0 * p {
            p if p > 0.0 && p < 0.05 => "under 0.1%".to_owned(),
            p if p > 99.95 && p < 100.0 => "over 99.9%".to_owned(),
            p if p > 0.0 && p < 0.95 || p > 99.05 && p < 100.0 => format!("{p:.1}%"),
            p => format!("{p:.0}%"),
        };
        for (from, row) in counts.iter().enumerate() {
            let all: f64 = row.iter().sum();
            let cells = self.labels.iter().zip(row).map(|(to, n)| match all {
                0.0 => format!("{to} no estimate"),
                all => format!("{to} {}", percent(n / all)),
            });
            let said = format!("from {}: {}", self.labels[from], cells.collect::<Vec<_>>().join(", "));
            assert!(alt.contains(&said), "{}: {said}: {alt}", self.name);
        }
        if text.contains("the moves counted") {
            for n in counts.iter().filter(|row| row.iter().sum::<f64>() > 0.0).flatten() {
                assert!(text.contains(&format!(" {n} counted")), "{}: {n}: {text}", self.name);
            }
        }
        assert!(text.contains(&format!("to {}", Precision::Day.write(self.as_of))), "{text}");
        let of_worst: f64 = counts[0].iter().sum();
        if of_worst > 0.0 {
            let left = percent(1.0 - counts[0][0] / of_worst);
            let stays = [&chart.matrix.lower, &chart.matrix.upper].map(|bounds| bounds[0][0].unwrap());
            let sure = match stays[1] - stays[0] > 0.5 {
                true => format!(" ({} to {})", percent(1.0 - stays[1]), percent(1.0 - stays[0])),
                false => String::new(),
            };
            let expected = format!(
                "{left}{sure} of those with the {} grade {} no longer had it one year later",
                self.what, self.labels[0]
            );
            assert_eq!(title, expected, "{}", self.name);
        }
        1
    }

    /// The code of a grade.
    fn code(&self, rank: usize) -> String {
        self.series.scale().labels()[rank].clone()
    }

    fn check(&self) -> u32 {
        let kinds: [&dyn Fn(&Case) -> u32; 11] = [
            &Case::distribution,
            &Case::flow,
            &Case::ribbons,
            &Case::survival,
            &Case::incidence,
            &Case::matrix,
            &Case::trajectories,
            &Case::aligned,
            &Case::before_after,
            &Case::groups,
            &Case::forecast,
        ];
        kinds.iter().map(|kind| kind(self)).sum()
    }
}

fn capital(word: &str) -> String {
    format!("{}{}", word[..1].to_uppercase(), &word[1..])
}

/// The share that has not left by then, of times in order.
fn share_left(times: &[(f64, bool)], years: f64) -> f64 {
    let (mut left, mut share) = (times.len() as f64, 1.0);
    for same in times.chunk_by(|a, b| a.0 == b.0).take_while(|same| same[0].0 <= years) {
        share *= 1.0 - same.iter().filter(|time| time.1).count() as f64 / left;
        left -= same.len() as f64;
    }
    share
}

/// Whether a time is so near that another count of years decides on which side it falls.
fn near(times: &[(f64, bool)], years: f64) -> bool {
    times.iter().any(|time| (time.0 - years).abs() < 0.01)
}

/// How ratings of England are narrowed.
#[derive(Clone, Copy, Debug)]
enum Narrowed {
    Not,
    Region(Region),
    Framework(Framework),
    PublishedBy(NaiveDate),
    One(&'static str),
}

/// England in a theme, by a clock, narrowed or whole.
fn england_case(history: &RatingHistory, theme: Theme, clock: Clock, narrowed: Narrowed, as_of: NaiveDate) -> Case {
    let is_kept = |a: &rating_history::ofsted::Authority| match narrowed {
        Narrowed::Region(region) => a.region == region,
        Narrowed::One(name) => a.name == name,
        _ => true,
    };
    let counts = |i: &rating_history::ofsted::Inspection| match narrowed {
        Narrowed::Framework(framework) => i.framework == framework,
        Narrowed::PublishedBy(by) => i.dates.on(Clock::Published) <= by,
        _ => true,
    };
    let kept: Vec<_> = history.authorities().iter().filter(|a| is_kept(a)).collect();
    let body = |a: &&rating_history::ofsted::Authority| {
        let mut own: Vec<_> = history.inspections_of(&a.code).iter().filter(|i| counts(i)).collect();
        own.sort_by_key(|i| (i.dates.on(clock), i.dates.published(), i.id.clone()));
        let row = |i: &rating_history::ofsted::Inspection, rank| Row {
            date: i.dates.on(clock),
            precision: i.dates.precision_on(clock),
            rank,
        };
        let rows = own.into_iter().filter_map(|i| match i.reported(theme) {
            Reported::Graded { grade, .. } => Some(row(i, Some(usize::from(grade.rank())))),
            Reported::NotReported => Some(row(i, None)),
            _ => None,
        });
        let (id, name, group) = (a.code.to_string(), a.name.clone(), a.region.code().to_owned());
        Body { id, name, group, opened: a.opened, closed: a.closed, rows: rows.collect() }
    };
    let bodies: Vec<Body> = kept.iter().map(body).collect();
    let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
    let ratings = match narrowed {
        Narrowed::Not => ratings,
        Narrowed::Region(_) | Narrowed::One(_) => ratings.bodies_only(kept.iter().map(|a| a.code.as_str())).unwrap(),
        Narrowed::Framework(framework) => ratings.only("framework", [framework]).unwrap(),
        Narrowed::PublishedBy(by) => ratings.published_by(by).as_of(as_of),
    };
    let series = ratings.series(theme).unwrap();
    let scope = match narrowed {
        Narrowed::Region(region) => Some(region.code()),
        Narrowed::One(name) => Some(name),
        _ => None,
    };
    let told = [
        (clock == Clock::Published, "Each grade counts from its publication.".to_owned()),
        (matches!(narrowed, Narrowed::Framework(_)), "Only inspections under ".to_owned()),
        (
            matches!(narrowed, Narrowed::PublishedBy(_)),
            format!("Only what was published by {}.", Precision::Day.write(as_of)),
        ),
    ];
    let notes = told.iter().filter(|(holds, _)| *holds).map(|(_, note)| note.clone()).collect();
    let all = ["Each grade counts from its publication.", "Only inspections under ", "Only what was published by "];
    let never = all.iter().zip(&told).filter(|(_, (holds, _))| !holds).map(|(note, _)| *note).collect();
    let (labels, what) =
        (series.scale().labels().iter().map(|l| l.replace('_', " ")).collect(), theme.label().to_lowercase());
    let name = format!("England, {theme}, {clock}, {narrowed:?}, {as_of}");
    let noun = ("authority", "authorities");
    Case { name, ratings, series, scope, notes, never, bodies, labels, better: 2, what, noun, as_of }
}

/// Own data: bodies with random judgements of a scale of `k` grades.
fn own_case(name: &str, k: usize, bodies: usize, most: usize, gap: u64, withdrawn: bool, as_of: NaiveDate) -> Case {
    let mut random = rand_pcg::Pcg64::seed_from_u64(k as u64 * 1_000 + bodies as u64);
    let labels: Vec<String> = (0..k).map(|rank| format!("grade {rank}")).collect();
    let mut made = Vec::new();
    for n in 0..bodies {
        let mut date = day("2015-01-01") + Days::new(random.random_range(0..gap));
        let mut rows = Vec::new();
        for row in 0..random.random_range(1..=most) {
            let rank =
                Some(random.random_range(0..k)).filter(|_| !(withdrawn && row > 0 && random.random_range(0..4) == 0));
            rows.push(Row { date, precision: Precision::Day, rank });
            date = date + Days::new(random.random_range(1..=gap));
        }
        let name = format!("b{n}");
        made.push(Body { id: name.clone(), name, group: String::new(), opened: None, closed: None, rows });
    }
    let rows = made.iter().flat_map(|body| {
        body.rows.iter().map(|row| match row.rank {
            Some(rank) => Rating::new(&body.name, row.date, &labels[rank]),
            None => Rating::withdrawn(&body.name, row.date),
        })
    });
    let ratings = Ratings::from_rows(rows, &Scale::new(labels.clone()).unwrap()).unwrap().as_of(as_of);
    let series = ratings.clone().only_series().unwrap();
    let (name, what, noun) = (name.to_owned(), "overall".to_owned(), ("body", "bodies"));
    let (scope, notes, never) = (None, Vec::new(), vec!["Only ", "from its publication"]);
    Case { name, ratings, series, scope, notes, never, bodies: made, better: k / 2, labels, what, noun, as_of }
}

#[test]
fn pictures_of_england_say_what_a_loop_finds() {
    let england = &england();
    let days = ["2010-09-30", "2012-06-30", "2014-03-31", "2019-04-01", "2024-03-31", "2026-08-20"];
    let mut checked = 0;
    for (n, as_of) in days.map(day).into_iter().enumerate() {
        for (m, theme) in Theme::ALL.iter().enumerate() {
            let clock = if (n + m) % 2 == 0 { Clock::Effect } else { Clock::Published };
            let narrowed = match (n + 2 * m) % 7 {
                1 => Narrowed::Region(Region::London),
                2 => Narrowed::Framework(Framework::Sif),
                3 => Narrowed::Region(Region::SouthWest),
                4 => Narrowed::PublishedBy(as_of),
                5 => Narrowed::One("Slough"),
                _ => Narrowed::Not,
            };
            if matches!(narrowed, Narrowed::Framework(_)) && as_of < day("2014-12-31") {
                continue;
            }
            let case = england_case(england, *theme, clock, narrowed, as_of);
            if !case.ranks(as_of).is_empty() {
                checked += case.check();
            }
        }
    }
    assert!((200..=400).contains(&checked), "{checked}");
}

#[test]
fn pictures_of_own_data_say_what_a_loop_finds() {
    let mut checked = 0;
    for (k, bodies) in [(2, 30), (4, 25), (7, 40), (20, 60)] {
        for withdrawn in [false, true] {
            let as_of = day(if withdrawn { "2024-03-31" } else { "2018-06-30" });
            let name = format!("{k} grades, withdrawn {withdrawn}, {as_of}");
            checked += own_case(&name, k, bodies, 7, 900, withdrawn, as_of).check();
        }
    }
    for (name, k, bodies, most, gap, as_of) in [
        ("one body", 4, 1, 6, 700, "2022-06-30"),
        ("one rating each", 4, 20, 1, 900, "2020-06-30"),
        ("less than a year", 3, 12, 3, 90, "2015-09-30"),
        ("one body, one rating", 2, 1, 1, 30, "2016-06-30"),
    ] {
        checked += own_case(name, k, bodies, most, gap, false, day(as_of)).check();
    }
    assert!((80..=180).contains(&checked), "{checked}");
}
