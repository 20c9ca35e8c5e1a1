//! Pictures of many bodies: flows, shares of groups, maps, and what may come.

use std::collections::{BTreeMap, BTreeSet};

use rating_history::Clock;
use rating_history::Precision;
use rating_history::chart::{Fan, GroupShares, Style, TileMap};
use rating_history::chrono::{Months, NaiveDate};
use rating_history::estimate::{Bootstrap, ForecastOptions, Study, forecast};
use rating_history::ofsted::{self, Theme};

use super::{Body, Case, Narrowed, capital, day, england_case};
use crate::england::england;

impl Case {
    /// Those without a grade on a day, as the title of shares has them.
    pub fn without(&self, on: NaiveDate) -> String {
        let there: Vec<&Body> = self.bodies.iter().filter(|body| body.exists(on)).collect();
        let gone = there.iter().filter(|body| body.state(on) == Some(None)).count();
        let never = there.iter().filter(|body| body.state(on).is_none()).count();
        let gone = match gone {
            0 => String::new(),
            1 => "; 1 has none any more".to_owned(),
            n => format!("; {n} have none any more"),
        };
        let blank = if self.noun.0 == "authority" { "not inspected yet" } else { "not rated yet" };
        if never as f64 > 0.05 * there.len() as f64 { format!("{gone}; {never} {blank}") } else { gone }
    }

    /// The bands of a flow: each state on one day to each on the next.
    pub fn bands(&self, alt: &str, dates: &[NaiveDate]) {
        let state = |body: &Body, on: NaiveDate, absent: &str| match body.state(on) {
            _ if !body.exists(on) => absent.to_owned(),
            None => "not rated".to_owned(),
            Some(None) => "not reported".to_owned(),
            Some(Some(rank)) => self.labels[rank].clone(),
        };
        for pair in dates.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|date| Precision::Day.write(date));
            let start = format!("From {from} to {to}: ");
            let said = alt.split_once(&start).unwrap_or_else(|| panic!("{start}: {alt}")).1;
            let said = said.split_once(". From ").map_or(said, |(before, _)| before).trim_end_matches('.');
            let mut bands: BTreeMap<(String, String), usize> = BTreeMap::new();
            for body in self.bodies.iter().filter(|body| body.exists(pair[0]) || body.exists(pair[1])) {
                let ends = (state(body, pair[0], "opened"), state(body, pair[1], "closed"));
                *bands.entry(ends).or_default() += 1;
            }
            let expected: BTreeSet<String> = bands.iter().map(|((a, b), n)| format!("{n} from {a} to {b}")).collect();
            let judged = self.bodies.iter().flat_map(|body| &body.rows).any(|row| row.date <= pair[1]);
            if !judged {
                assert_eq!(said, format!("no {} was rated by then", self.noun.0), "{}: {alt}", self.name);
                continue;
            }
            let said: BTreeSet<String> = said.split(", ").map(str::to_owned).collect();
            assert_eq!(said, expected, "{}: {alt}", self.name);
        }
    }

    /// Of those that exist on a day and are kept: how many stand in the better part, have a grade, exist.
    fn part(&self, on: NaiveDate, keep: &dyn Fn(&Body) -> bool) -> [usize; 3] {
        let there: Vec<&Body> = self.bodies.iter().filter(|body| body.exists(on) && keep(body)).collect();
        let ranks: Vec<usize> = there.iter().filter_map(|body| body.rank(on)).collect();
        [ranks.iter().filter(|rank| **rank >= self.better).count(), ranks.len(), there.len()]
    }

    /// "good or outstanding"
    fn better(&self) -> String {
        match &self.labels[self.better..] {
            [only] => only.clone(),
            [first, second] => format!("{first} or {second}"),
            [first, ..] => format!("{first} or better"),
            [] => String::new(),
        }
    }

    fn heading(&self) -> String {
        format!("{} grade {}", capital(&self.what), self.better())
    }

    fn regions(&self) -> BTreeSet<&str> {
        self.bodies.iter().map(|body| body.group.as_str()).filter(|group| !group.is_empty()).collect()
    }

    pub fn groups(&self) -> u32 {
        let dates: Vec<NaiveDate> =
            (0..8).rev().filter_map(|n| self.as_of.checked_sub_months(Months::new(12 * n))).collect();
        if self.regions().is_empty() || self.bodies.len() == 1 {
            assert!(
                GroupShares::collect(&self.series, &dates, "region", Style::default()).is_err() || self.scope.is_some()
            );
            return 0;
        }
        let chart = GroupShares::collect(&self.series, &dates, "region", Style::default()).unwrap();
        let (title, alt, text) = self.said(&chart);
        let share = |group: &str, on: NaiveDate| self.part(on, &|body| body.group == group);
        let percent = |[better, rated, _]: [usize; 3]| (100.0 * better as f64 / rated as f64).round() as u32;
        let written = |day| Precision::Day.write(day);
        let told = |name: &str, first: [usize; 3], last: [usize; 3]| {
            let told = |part: [usize; 3], on: NaiveDate| match part[1] {
                0 => format!("none rated on {}", written(on)),
                rated => format!("{}% of {rated} on {}", percent(part), written(on)),
            };
            format!("{name}: {}, {}", told(first, dates[0]), told(last, self.as_of))
        };
        for group in self.regions() {
            let said = told(group, share(group, dates[0]), share(group, self.as_of));
            assert!(alt.contains(&said), "{}: {said}: {alt}", self.name);
        }
        let [first, last] = [dates[0], self.as_of].map(|on| self.part(on, &|_| true));
        let all = told("All", first, last);
        assert!(alt.ends_with(&format!("{all}.")), "{}: {all}: {alt}", self.name);
        // The title names the highest share and the lowest, and two days only where nearly all of each group have a grade.
        let nearly = |on: NaiveDate| {
            let parts = self.regions().into_iter().map(|group| share(group, on));
            let mut parts = parts.filter(|part| part[2] > 0);
            parts.all(|[_, rated, open]| rated > 0 && 20 * rated >= 19 * open)
        };
        let since = dates[..7].iter().find(|on| nearly(**on)).filter(|_| nearly(self.as_of));
        let mut ends: Vec<(u32, &str)> = self
            .regions()
            .into_iter()
            .map(|group| (share(group, self.as_of), group))
            .filter(|(part, _)| part[1] > 0)
            .map(|(part, group)| (percent(part), group))
            .collect();
        ends.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let ends = if ends.len() > 1 { vec![ends[0], ends[ends.len() - 1]] } else { ends };
        let said = ends.iter().map(|(to, name)| match since {
            None => format!("{name} {to}% of {}", share(name, self.as_of)[1]),
            Some(since) => match share(name, *since) {
                [_, 0, _] => format!("{name} {to}%"),
                part => format!("{name} from {}% to {to}%", percent(part)),
            },
        });
        let when = since.map_or(format!(" on {}", written(self.as_of)), |since| {
            format!(", {} to {}", written(*since), written(self.as_of))
        });
        assert_eq!(
            title,
            format!("{}{when}: {}", self.heading(), said.collect::<Vec<_>>().join(", ")),
            "{}",
            self.name
        );
        let [better, rated, _] = last;
        assert!(text.contains(&format!("{better} of {rated}")), "{}: {text}", self.name);
        1
    }

    /// What may come of one body: the words are of the numbers of the forecast, and the grade now is that of the history.
    pub fn forecast(&self) -> u32 {
        let Some(body) = self.bodies.iter().find(|body| body.rank(self.as_of).is_some()) else { return 0 };
        let options = ForecastOptions::default().bootstrap(Bootstrap::default().replicates(20));
        if self.scope.is_some() {
            return 0;
        }
        let Ok(made) = forecast(&self.series, &Study::until(self.as_of), &body.id, 6, &options) else { return 0 };
        let chart = Fan::collect(&self.series, made.clone(), Style::default()).unwrap();
        let (title, alt, _) = self.told(&chart, None, None);
        let percent = |p: f64| format!("{:.0}%", 100.0 * p);
        let third = made.steps.iter().find(|step| step.years == Some(3.0)).unwrap();
        let most = third.probability.iter().copied().fold(0.0, f64::max);
        let likeliest = self.labels.iter().zip(&third.probability).filter(|(_, p)| **p == most);
        let bands = |rank: usize| match (third.lower[rank], third.upper[rank]) {
            (Some(lower), Some(upper)) => format!("{} ({} to {})", percent(most), percent(lower), percent(upper)),
            _ => percent(most),
        };
        let told = likeliest.map(|(label, _)| {
            let rank = self.labels.iter().position(|other| other == label).unwrap();
            format!("{}, {}: {} chance of {label} in 3 years", body.name, self.what, bands(rank))
        });
        let told: Vec<String> = told.collect();
        assert!(told.contains(&title), "{}: {told:?}: {title}", self.name);
        assert!((third.probability.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let now = &self.labels[body.rank(self.as_of).unwrap()];
        assert!(alt.contains(&format!(" On {}: {now}.", Precision::Day.write(self.as_of))), "{}: {alt}", self.name);
        for (step, start) in
            [(made.steps.iter().find(|s| s.years.is_none()), " At the next "), (made.steps.last(), " In 6 years: ")]
        {
            let Some(step) = step else { continue };
            let chances =
                self.labels.iter().zip(&step.probability).map(|(label, p)| format!("{label} {}", percent(*p)));
            let chances = chances.collect::<Vec<_>>().join(", ");
            let said = alt.split_once(start).unwrap_or_else(|| panic!("{start}: {alt}")).1;
            assert!(said.contains(&chances), "{}: {chances}: {alt}", self.name);
        }
        1
    }
}

#[test]
fn maps_of_england_say_what_a_loop_finds() {
    let england = england();
    let tiles = ofsted::england_tiles().unwrap();
    let mut checked = 0;
    for (n, as_of) in ["2011-03-31", "2014-03-31", "2019-04-01", "2023-04-01", "2026-08-20"].into_iter().enumerate() {
        for (m, theme) in [Theme::Headline, Theme::Care, Theme::Leadership].into_iter().enumerate() {
            let clock = if (n + m) % 2 == 0 { Clock::Effect } else { Clock::Published };
            let narrowed = if (n + m) % 4 == 3 { Narrowed::PublishedBy(day(as_of)) } else { Narrowed::Not };
            let case = england_case(&england, theme, clock, narrowed, day(as_of));
            let earlier = case.as_of.checked_sub_months(Months::new(60)).unwrap();
            for dates in [vec![case.as_of], vec![earlier, case.as_of]] {
                let Ok(map) = TileMap::collect(&case.series, &dates, &tiles, None, Style::default()) else { continue };
                let (title, alt, text) = case.said(&map);
                let days = dates.iter().map(|on| {
                    let part = |keep: &dyn Fn(&Body) -> bool| {
                        let [better, rated, _] = case.part(*on, keep);
                        format!("{better} of {rated}")
                    };
                    let regions = case.regions().into_iter().map(|r| format!("{r} {}", part(&|b| b.group == r)));
                    let regions = regions.collect::<Vec<_>>().join(", ");
                    format!("{} on {}: all {}, {regions}", case.better(), Precision::Day.write(*on), part(&|_| true))
                });
                let days = days.collect::<Vec<_>>().join(". ");
                assert!(alt.ends_with(&format!(". {days}.")), "{}: {days}: {alt}", case.name);
                let rest = title.strip_prefix(&format!("{}: ", case.heading())).unwrap();
                let claims: Vec<&str> = rest.split(", ").collect();
                if dates.len() == 2 {
                    let told = dates.iter().map(|on| {
                        let [better, rated, _] = case.part(*on, &|_| true);
                        format!("{better} of {rated} in {}", Precision::Month.write(*on))
                    });
                    assert_eq!(claims, told.collect::<Vec<_>>(), "{}", case.name);
                } else if let [most, least] = claims.as_slice() {
                    let ratio = |part: [usize; 3]| part[0] as f64 / part[1] as f64;
                    let all = case.regions().into_iter().map(|r| (r, case.part(case.as_of, &|b| b.group == r)));
                    let all: Vec<_> = all.filter(|(_, part)| part[1] > 0).collect();
                    for (claim, end) in [(most, f64::max as fn(f64, f64) -> f64), (least, f64::min)] {
                        let (name, part) = all.iter().find(|(name, _)| claim.starts_with(&format!("{name} "))).unwrap();
                        assert_eq!(**claim, format!("{name} {} of {}", part[0], part[1]), "{}", case.name);
                        let extreme = all.iter().map(|(_, part)| ratio(*part)).reduce(end).unwrap();
                        assert_eq!(ratio(*part), extreme, "{}: {title}", case.name);
                    }
                } else {
                    let [better, rated, _] = case.part(case.as_of, &|_| true);
                    assert_eq!(rest, format!("{better} of {}", case.count(rated)), "{}", case.name);
                }
                let [_, rated, open] = case.part(case.as_of, &|_| true);
                assert_eq!(
                    text.contains("those with a grade"),
                    dates.len() > 1 || rated < open,
                    "{}: {text}",
                    case.name
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}
