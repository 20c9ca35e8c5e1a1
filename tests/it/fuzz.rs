//! The fuzz targets compile, and stand what their corpus holds and files damaged from it: nothing panics, hangs or is lost.

use std::path::Path;

use crate::damage::{Chance, damaged};

mod target {
    /// What `libfuzzer_sys` calls a target is here a function.
    #[macro_export]
    macro_rules! fuzz_target {
        (|$data:ident: &[u8]| $body:block) => {
            pub fn run($data: &[u8]) {
                $body
            }
        };
    }
}

macro_rules! targets {
    ($($(#[$when:meta])* $name:ident $file:literal)*) => {
        $(
            $(#[$when])*
            #[path = $file]
            #[expect(unused_attributes, reason = "`no_main` is for the fuzzer's binary")]
            mod $name;
        )*

        /// Each target by its name.
        fn targets() -> Vec<(&'static str, fn(&[u8]))> {
            vec![$($(#[$when])* (stringify!($name), $name::run as fn(&[u8]))),*]
        }
    };
}

targets! {
    json "../../fuzz/fuzz_targets/json.rs"
    mapping "../../fuzz/fuzz_targets/mapping.rs"
    #[cfg(feature = "parquet")]
    parquet "../../fuzz/fuzz_targets/parquet.rs"
    ratings "../../fuzz/fuzz_targets/ratings.rs"
    tables "../../fuzz/fuzz_targets/tables.rs"
    wide "../../fuzz/fuzz_targets/wide.rs"
    #[cfg(feature = "excel")]
    workbook "../../fuzz/fuzz_targets/workbook.rs"
}

#[test]
fn fuzz_targets_stand_their_corpus_and_damage_to_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let runs = std::env::var("DAMAGED_FILES").map_or(20, |runs| runs.parse().unwrap());
    for (name, run) in targets() {
        let mut seeds: Vec<Vec<u8>> = std::fs::read_dir(corpus.join(name))
            .unwrap()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{name} has no corpus");
        seeds.iter().for_each(|seed| run(seed));
        let mut chance = Chance(runs);
        for n in 0..runs as usize {
            run(&damaged(&seeds[n % seeds.len()], &mut chance));
        }
    }
}
