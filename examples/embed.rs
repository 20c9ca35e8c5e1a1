//! Remakes the embedded dataset from a folder of the five tables: `cargo run --example embed -- FOLDER`.

use rating_history::io::{read_folder, write_folder};

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: cargo run --example embed -- FOLDER");
        std::process::exit(2);
    };
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dataset/england");
    let done = read_folder(&folder).and_then(|history| {
        write_folder(&history, target)?;
        Ok(history)
    });
    match done {
        Ok(history) => println!(
            "{} inspections of {} authorities, to {}: written to {target}",
            history.inspections().len(),
            history.authorities().len(),
            history.cut_off()
        ),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
