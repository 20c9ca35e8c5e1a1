//! Makes every kind of chart from England's data.

use std::path::PathBuf;

use clap::Parser;
use rating_history::chart::{Chart, Mode, Style, Trajectory, TrajectoryOptions};
use rating_history::{Clock, Error, Story, dataset};

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
    /// As PNG too
    #[arg(long)]
    png: bool,
}

fn main() -> std::process::ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let england = dataset::england()?;
    let style = Style { mode: arguments.style, ..Style::default() };
    let save = |name: &str, chart: &dyn Fn(&PathBuf) -> Result<(), Error>| {
        for extension in if arguments.png { &["svg", "png"][..] } else { &["svg"] } {
            let file = arguments.out.join(format!("{name}.{extension}"));
            chart(&file)?;
            println!("written {}", file.display());
        }
        Ok::<(), Error>(())
    };
    let slough = england.find("Slough")?.code.clone();
    let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
    let trajectory =
        Trajectory::new(story).options(TrajectoryOptions { style: style.clone(), ..TrajectoryOptions::default() });
    save("slough", &|file| trajectory.save(file))?;
    Ok(())
}
