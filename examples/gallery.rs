//! Makes every kind of chart from England's data.

#[path = "common/say.rs"]
mod say;

use std::path::PathBuf;

use clap::Parser;
use rating_history::chart::{
    Align, Aligned, BeforeAfter, Chart, Comparison, Distribution, Fan, Flow, GroupShares, Lanes, Matrix, Mode,
    PeerStrip, Ribbons, SmallMultiples, Style, Survival, TileMap,
};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{
    Apart, CohortOptions, ForecastOptions, PairCounts, Snapshots, Study, cohort_matrix, forecast,
};
use rating_history::frame::columns::{FRAMEWORK, REGION};
use rating_history::ofsted::{self, AskGroup, EventKind, Framework, Story, Theme};
use rating_history::trend::Every;
use rating_history::{Clock, Error};

/// One picture of each kind of chart, as SVG.
#[derive(Parser)]
#[command(name = "gallery", after_help = "Example: cargo run --example gallery -- --out charts --style dark")]
struct Arguments {
    /// Folder for the pictures
    #[arg(long, default_value = "examples/gallery")]
    out: PathBuf,
    /// Style: light, dark, print
    #[arg(long, default_value = "light")]
    style: Mode,
    /// Width in pixels, 288 to 8000; without it, what suits each picture
    #[arg(long)]
    width: Option<u32>,
    /// As PNG too
    #[arg(long)]
    png: bool,
}

fn main() -> std::process::ExitCode {
    say::run(|arguments| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let england = ofsted::england()?;
    let ratings = england.ratings()?;
    let style = Style::of(&ratings).mode(arguments.style).width(arguments.width);
    let save = |name: &str, chart: &dyn Fn(&PathBuf) -> Result<(), Error>| {
        for extension in if arguments.png { &["svg", "png"][..] } else { &["svg"] } {
            let file = arguments.out.join(format!("{name}.{extension}"));
            chart(&file)?;
            say::say(format_args!("written {}", file.display()))?;
        }
        Ok::<(), Error>(())
    };
    let slough = england.find("Slough")?.code.clone();
    let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
    let trajectory = story.trajectory(style.clone());
    save("slough", &|file| trajectory.save(file))?;

    let rated = ofsted::rated_of_councils(&ratings)?;
    let council = Lanes::collect("Slough", slough.as_str(), ofsted::council_lanes(&rated), style.clone())?;
    save("council", &|file| council.save(file))?;

    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(england.cut_off());
    let months = Every::MONTH.dates_to(day(2010, 1, 31), england.cut_off());
    let headline = ratings.series(Theme::Headline)?;
    let distribution = Distribution::collect(&headline, &months, style.clone())?;
    save("distribution", &|file| distribution.save(file))?;

    let study = Study::until(england.cut_off());
    let survival = Survival::collect(&headline, &study, "inadequate", Some("good"), None, style.clone())?;
    save("survival", &|file| survival.save(file))?;
    let event = Apart::Event(EventKind::StatutoryDirection.code().to_owned());
    let compared = Survival::collect(&headline, &study, "inadequate", None, Some(&event), style.clone())?;
    save("survival-compared", &|file| compared.save(file))?;

    let incidence =
        Survival::collect(&headline, &study, "requires_improvement", None, None, style.clone())?.incidence();
    save("incidence", &|file| incidence.save(file))?;

    let options = CohortOptions::default();
    let pairs = PairCounts::snapshots(&headline, &study, &Snapshots::default())?;
    let matrix = Matrix::new(cohort_matrix(&pairs, &options)?, &headline, style.clone())?;
    save("matrix", &|file| matrix.save(file))?;

    let ribbons = Ribbons::collect(&headline, Some("Slough"), style.clone())?;
    let columns = ribbons.clone().in_columns(2);
    save("ribbons", &|file| columns.save(file))?;
    let nearest = columns.by_distance_to("Slough")?;
    save("ribbons-nearest", &|file| nearest.save(file))?;

    let dates = [day(2014, 3, 31), day(2019, 3, 31), day(2026, 3, 31)];
    let flow = Flow::collect(&headline, &dates, style.clone())?;
    save("flow", &|file| flow.save(file))?;

    let learning = ForecastOptions::default();
    let leadership = ratings.series(Theme::Leadership)?;
    let forecast = forecast(&leadership, &study, slough.as_str(), 10, &learning)?;
    let fan = Fan::collect(&leadership, forecast, style.clone())?;
    save("forecast", &|file| fan.save(file))?;

    let mut names = vec!["Slough"];
    names.extend(england.neighbours(&slough).iter().filter_map(|n| england.authority(n)).map(|a| a.name.as_str()));
    let multiples = SmallMultiples::new(&ribbons, &names)?;
    save("small-multiples", &|file| multiples.save(file))?;
    let comparison = Comparison::new(&ribbons, &["Slough", "Birmingham", "Doncaster", "Sandwell"])?;
    save("comparison", &|file| comparison.save(file))?;
    let strip = {
        let (code, day) = (slough.as_str(), england.cut_off());
        PeerStrip::collect(&ratings.clone().as_of(day), code, "Slough", ofsted::FOLLOWED, style.clone())?
    };
    save("peers", &|file| strip.save(file))?;

    let tiles = ofsted::england_tiles()?;
    let on = |dates: &[NaiveDate]| TileMap::collect(&headline, dates, &tiles, Some("Slough"), style.clone());
    let map = on(&[day(2026, 3, 31)])?;
    save("tile-map", &|file| map.save(file))?;
    let years: Vec<NaiveDate> = (2012..=2026).step_by(2).map(|year| day(year, 3, 31)).collect();
    let strip = on(&years)?;
    save("tile-maps", &|file| strip.save(file))?;

    let before = BeforeAfter::collect(&ratings, ofsted::PARTS, day(2026, 4, 1), style.clone())?;
    save("before-after", &|file| before.save(file))?;
    let ends: Vec<NaiveDate> = (2015..=2025).map(|year| day(year, 12, 31)).chain([day(2026, 3, 31)]).collect();
    let rules = headline.clone().only(FRAMEWORK, [Framework::Sif, Framework::Ilacs])?;
    let groups = GroupShares::collect(&rules, &ends, REGION, style.clone())?;
    save("groups", &|file| groups.save(file))?;
    let direction = Align::Event(EventKind::StatutoryDirection.code().to_owned());
    let aligned = Aligned::collect(&headline, &direction, style.clone())?;
    save("aligned", &|file| aligned.save(file))?;

    let england = ofsted::england_with_reports()?;
    let topics = england.asks(&ratings)?.dots(Some(AskGroup::Grade(Theme::Headline)), 10, &[], style.clone())?;
    save("topics", &|file| topics.save(file))?;
    let asked = england.asks(&ratings.bodies_only([slough.as_str()])?)?.grid("Slough", style)?;
    save("asked-again", &|file| asked.save(file))?;
    Ok(())
}
