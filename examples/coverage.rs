//! How often intervals hold the truth: gradings are simulated from known rates, estimated, and the truth looked for in
//! the intervals.
//!
//! ```text
//! cargo run --release --example coverage
//! ```
//!
//! Prints a Markdown table. `--replicates N` (2,000) and `--bodies 30,150` change what is simulated; `--only WORD` keeps
//! the rows whose name has the word.

#[path = "common/say.rs"]
mod say;

use std::process::ExitCode;

use clap::Parser;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rating_history::Error;
use rating_history::estimate::{
    Bootstrap, CohortOptions, Exposures, Generator, IntervalScale, PairCounts, PanelPair, SnapshotPairs, Snapshots,
    Stay, TimeToEvent, Total, TransitionMatrix, aalen_johansen, cohort_matrix, kaplan_meier, neighbouring_moves,
    panel_generator,
};
use rayon::prelude::*;

#[derive(Parser)]
struct Options {
    /// Simulated data sets for each number of bodies
    #[arg(long, default_value_t = 2_000)]
    replicates: u32,
    /// Numbers of bodies
    #[arg(long, value_delimiter = ',', default_values_t = [30, 150])]
    bodies: Vec<usize>,
    /// Replicates of each bootstrap
    #[arg(long, default_value_t = 199)]
    resamples: u32,
    /// Only estimates with this word in their name
    #[arg(long, default_value = "")]
    only: String,
}

const STATES: [&str; 4] = ["inadequate", "requires improvement", "good", "outstanding"];
/// Moves a year, about those of England's overall grades.
const RATES: [[f64; 4]; 4] =
    [[-0.34, 0.30, 0.04, 0.0], [0.06, -0.26, 0.20, 0.0], [0.01, 0.06, -0.11, 0.04], [0.0, 0.01, 0.08, -0.09]];
/// Parts of the bodies that begin in each state.
const BEGIN: [f64; 4] = [0.15, 0.35, 0.4, 0.1];
const YEARS: f64 = 10.0;
const LEVEL: f64 = 0.95;
/// Times at which survival curves are looked at.
const TIMES: [f64; 4] = [0.5, 1.0, 3.0, 6.0];

/// One body: the times at which it came to its states.
type Path = Vec<(f64, usize)>;

fn pick(random: &mut Pcg64, weights: &[f64]) -> usize {
    let mut left = random.random::<f64>() * weights.iter().sum::<f64>();
    weights
        .iter()
        .position(|w| {
            left -= w;
            left < 0.0
        })
        .unwrap_or(weights.len() - 1)
}

fn path(random: &mut Pcg64) -> Path {
    let mut path = vec![(0.0, pick(random, &BEGIN))];
    loop {
        let (time, state) = path[path.len() - 1];
        let next = time - (1.0 - random.random::<f64>()).ln() / -RATES[state][state];
        if next >= YEARS {
            return path;
        }
        path.push((next, pick(random, &RATES[state].map(|rate| rate.max(0.0)))));
    }
}

fn state(path: &Path, time: f64) -> usize {
    path[path.partition_point(|(at, _)| *at <= time) - 1].1
}

fn stays(path: &Path) -> Vec<Stay> {
    let stay = |n: usize| {
        let next = path.get(n + 1);
        let (exit, to) = (next.map_or(YEARS, |n| n.0), next.map(|n| n.1));
        Stay { entry: path[n].0, exit, from: path[n].1, to, weight: 1.0 }
    };
    (0..path.len()).map(stay).collect()
}

/// What is estimated: its cells' truths and intervals.
struct Seen {
    name: &'static str,
    cells: Vec<(f64, f64, f64)>,
}

fn labels() -> Vec<String> {
    STATES.map(str::to_owned).to_vec()
}

fn of_matrix(name: &'static str, matrix: &TransitionMatrix, truth: &[Vec<f64>]) -> Seen {
    let cell = |i: usize, j: usize| (truth[i][j], matrix.lower[i][j].unwrap_or(0.0), matrix.upper[i][j].unwrap_or(1.0));
    Seen { name, cells: (0..16).map(|n| cell(n / 4, n % 4)).collect() }
}

fn exposures(paths: &[Path]) -> Result<Exposures, Error> {
    let total = |(n, path): (usize, &Path)| {
        let mut total = Total { authority: n.to_string(), exposure: vec![0.0; 4], counts: vec![vec![0.0; 4]; 4] };
        for stay in stays(path) {
            total.exposure[stay.from] += stay.exit - stay.entry;
            stay.to.into_iter().for_each(|to| total.counts[stay.from][to] += 1.0);
        }
        total
    };
    Exposures::new(labels(), paths.iter().enumerate().map(total).collect())
}

fn snapshots(paths: &[Path]) -> Result<PairCounts, Error> {
    let total = |(n, path): (usize, &Path)| {
        let mut total = Total { authority: n.to_string(), exposure: vec![0.0; 4], counts: vec![vec![0.0; 4]; 4] };
        for year in 0..YEARS as u32 {
            let (from, to) = (state(path, f64::from(year)), state(path, f64::from(year + 1)));
            total.exposure[from] += 1.0;
            total.counts[from][to] += 1.0;
        }
        total
    };
    PairCounts::counted_in(
        SnapshotPairs::Snapshots(Snapshots::default()),
        labels(),
        paths.iter().enumerate().map(total).collect(),
    )
}

/// Inspections every two to four years.
fn inspections(paths: &[Path], random: &mut Pcg64) -> Vec<PanelPair> {
    let mut pairs = Vec::new();
    for path in paths {
        let mut time = random.random::<f64>() * 2.0;
        loop {
            let years = 2.0 + (random.random::<f64>() * 24.0).floor() / 12.0;
            if time + years > YEARS {
                break;
            }
            pairs.push(PanelPair { from: state(path, time), to: state(path, time + years), years, weight: 1.0 });
            time += years;
        }
    }
    pairs
}

/// The rates without moves that skip a grade, as the panel model has them.
fn neighbours() -> Result<Generator, Error> {
    let mut rates: Vec<Vec<f64>> = RATES.map(|row| row.to_vec()).to_vec();
    for (i, row) in rates.iter_mut().enumerate() {
        row.iter_mut().enumerate().filter(|(j, _)| i.abs_diff(*j) != 1).for_each(|(_, rate)| *rate = 0.0);
        row[i] = -row.iter().sum::<f64>();
    }
    Generator::new(STATES, rates)
}

fn replicate(options: &Options, bodies: usize, seed: u32) -> Result<Vec<Seen>, Error> {
    let mut random = Pcg64::seed_from_u64(u64::from(seed) << 20 | bodies as u64);
    let paths: Vec<Path> = (0..bodies).map(|_| path(&mut random)).collect();
    let truth = Generator::new(STATES, RATES.map(|row| row.to_vec()).to_vec())?;
    let wanted = |name: &str| name.contains(&options.only);
    let (one, five) = (truth.probability(1.0)?, truth.probability(5.0)?);
    let mut seen = Vec::new();
    let pairs = snapshots(&paths)?;
    let cohort = |periods| cohort_matrix(&pairs, &CohortOptions::default().periods(periods));
    if wanted("cohort, 1 year") {
        seen.push(of_matrix("cohort, 1 year", &cohort(1)?, &one));
    }
    if wanted("cohort, 5 years") {
        seen.push(of_matrix("cohort, 5 years", &cohort(5)?, &five));
    }
    let totals = exposures(&paths)?;
    let generator = Generator::from_totals(&totals)?;
    for (name, years, truth) in [("duration, 1 year", 1.0, &one), ("duration, 5 years", 5.0, &five)] {
        if wanted(name) {
            seen.push(of_matrix(name, &generator.transition_matrix(years, LEVEL)?, truth));
        }
    }
    if wanted("Aalen-Johansen, 3 years") {
        let all: Vec<Stay> = paths.iter().flat_map(stays).collect();
        let estimate = aalen_johansen(&labels(), &all, 2.0, 5.0)?;
        let matrix = estimate.transition_matrix(5.0, IntervalScale::Beta, LEVEL)?;
        seen.push(of_matrix("Aalen-Johansen, 3 years", &matrix, &truth.probability(3.0)?));
    }
    // How long each grade lasts, from its first stay: followed to the end, and for a time that differs.
    for (name, scale) in
        [("Kaplan-Meier, beta product", IntervalScale::Beta), ("Kaplan-Meier, log-log", IntervalScale::LogLog)]
    {
        if !wanted(name) {
            continue;
        }
        let mut cells = Vec::new();
        for (state, rates) in RATES.iter().enumerate() {
            let times = paths.iter().flat_map(stays).filter(|stay| stay.from == state).map(|stay| TimeToEvent {
                entry: 0.0,
                exit: stay.exit - stay.entry,
                event: stay.to.map(|_| 0),
                weight: 1.0,
            });
            let curve = kaplan_meier(&["left".to_owned()], &times.collect::<Vec<_>>(), scale, LEVEL)?;
            for time in TIMES {
                let true_part = (rates[state] * time).exp();
                let (lower, upper) = curve.interval_at(time)?.unwrap_or((0.0, 1.0));
                cells.push((true_part, lower, upper));
            }
        }
        seen.push(Seen { name, cells });
    }
    if wanted("panel, 1 year") {
        let chain = neighbours()?;
        let paths: Vec<Path> = (0..bodies).map(|_| path_of(&chain, &mut random)).collect();
        let estimate = panel_generator(&labels(), &inspections(&paths, &mut random), &neighbouring_moves(4))?;
        seen.push(of_matrix("panel, 1 year", &estimate.transition_matrix(1.0, LEVEL)?, &chain.probability(1.0)?));
    }
    if wanted("bootstrap, 1 year") {
        let bootstrap = Bootstrap::default().replicates(options.resamples).seed(u64::from(seed));
        let spread = bootstrap.run(bodies, |weight| {
            let generator = Generator::from_weighted_totals(&totals, |n| weight[n]).ok()?;
            Some(generator.probability(1.0).ok()?.concat())
        })?;
        let matrix = generator.transition_matrix(1.0, LEVEL)?.with_spread(&spread)?;
        seen.push(of_matrix("bootstrap, 1 year", &matrix, &one));
    }
    Ok(seen)
}

fn path_of(chain: &Generator, random: &mut Pcg64) -> Path {
    let mut path = vec![(0.0, pick(random, &BEGIN))];
    loop {
        let (time, state) = path[path.len() - 1];
        let next = time - (1.0 - random.random::<f64>()).ln() / -chain.rate[state][state];
        if next >= YEARS {
            return path;
        }
        let rates: Vec<f64> = chain.rate[state].iter().map(|rate| rate.max(0.0)).collect();
        path.push((next, pick(random, &rates)));
    }
}

fn main() -> ExitCode {
    say::run(|options| run(&options))
}

fn run(options: &Options) -> Result<(), Error> {
    say::say(format_args!(
        "| interval | bodies | mean coverage | worst cell | least width | mean width | greatest width |"
    ))?;
    say::say(format_args!("|---|---|---|---|---|---|---|"))?;
    for bodies in &options.bodies {
        let all: Vec<Vec<Seen>> = (0..options.replicates)
            .into_par_iter()
            .map(|seed| replicate(options, *bodies, seed))
            .collect::<Result<_, Error>>()?;
        let Some(first) = all.first() else { continue };
        for (place, estimate) in first.iter().enumerate() {
            let number = f64::from(options.replicates);
            let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64, cell: usize| {
                all.iter().map(|seen| of(&seen[place].cells[cell])).sum::<f64>() / number
            };
            let holds = |(truth, lower, upper): &(f64, f64, f64)| {
                f64::from(u8::from(lower - 1e-12 <= *truth && *truth <= upper + 1e-12))
            };
            let cells = 0..estimate.cells.len();
            let coverage: Vec<f64> = cells.clone().map(|cell| mean(&holds, cell)).collect();
            let width: Vec<f64> = cells.map(|cell| mean(&|(_, lower, upper)| upper - lower, cell)).collect();
            let average = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
            let least = |of: &[f64]| of.iter().copied().fold(f64::INFINITY, f64::min);
            let most = width.iter().copied().fold(0.0, f64::max);
            say::say(format_args!(
                "| {} | {bodies} | {:.3} | {:.3} | {:.3} | {:.3} | {most:.3} |",
                estimate.name,
                average(&coverage),
                least(&coverage),
                least(&width),
                average(&width)
            ))?;
        }
    }
    Ok(())
}
