//! Damage to files: bits, pieces, lines, lost ends.

/// Numbers by chance, the same in every run (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % most as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len())]
    }
}

/// Odd pieces that are put into files.
const PIECES: [&[u8]; 28] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"sep=;\n",
    b"=1+1",
    b"9999-12-31",
    b"1900-01-01",
    b"0000-00-00",
    b"31/02/2020",
    b"2015",
    b"-",
    b"NA",
    b"Total",
    b"\xc2\xa0",
    b"\xe2\x80\x8b",
    b"\x1b[2J",
    b"99999999999999999999",
    b"not_rated",
    b"\xf0\x9f\x8f\xa0",
];

/// A file with some damage.
pub fn damaged(seed: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..chance.of(&[1, 1, 2, 3, 8]) {
        let at = chance.below(data.len() + 1);
        let to = data.len().min(at + chance.of(&[1, 2, 4, 16, 200]));
        match chance.below(7) {
            0 if at < data.len() => data[at] ^= 1 << chance.below(8),
            1 => _ = data.splice(at..at, chance.of(&PIECES).iter().copied()),
            2 => _ = data.drain(at..to),
            3 => {
                let part = data[at..to].repeat(chance.of(&[1, 2, 50]));
                data.splice(at..at, part);
            }
            4 => data.truncate(at),
            5 => data[at..to].iter_mut().for_each(|byte| *byte = u8::try_from(chance.below(256)).unwrap()),
            _ => {
                let mut lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
                for n in (1..lines.len()).rev() {
                    lines.swap(n, chance.below(n + 1));
                }
                data = lines.join(&b'\n');
            }
        }
    }
    data
}
