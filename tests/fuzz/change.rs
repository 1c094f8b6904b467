//! Changes at random.

/// Makes inputs of good ones; the same seed makes the same.
pub struct Change(u64);

/// What means something to a parser somewhere on the way.
const PIECES: [&[u8]; 32] = [
    b"\0",
    b"\n\n",
    b"\r",
    b"\t",
    b"\"",
    b"\\",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<!--",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xae",
    b"\xc2\x85",
    b"\xf0\x9f\x91\xa9",
    b". ",
    b" - ",
    b"@",
    b"#",
    b"https://",
    "«".as_bytes(),
    "—".as_bytes(),
    b"99999999999999999999",
];

impl Change {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `below`, which is not 0 (SplitMix64, Steele et al. 2014).
    fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }

    /// One of the seeds, changed in up to eight places.
    pub fn one_of(&mut self, seeds: &[&[u8]]) -> Vec<u8> {
        let mut bytes = seeds[self.draw(seeds.len())].to_vec();
        for _ in 0..1 + self.draw(8) {
            let at = self.draw(bytes.len() + 1);
            let end = (at + 1 + self.draw(40)).min(bytes.len());
            match self.draw(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.draw(8),
                1 if at < bytes.len() => bytes[at] = self.draw(256) as u8,
                2 => drop(bytes.splice(at..at, PIECES[self.draw(PIECES.len())].iter().copied())),
                3 => drop(bytes.drain(at..end)),
                4 => {
                    let again = bytes[at..end].repeat(1 + self.draw(20));
                    drop(bytes.splice(at..at, again));
                }
                5 => {
                    let other = seeds[self.draw(seeds.len())];
                    let from = self.draw(other.len().max(1));
                    let to = (from + self.draw(200)).min(other.len());
                    drop(bytes.splice(at..end, other[from..to].iter().copied()));
                }
                6 if self.draw(10) == 0 => bytes.truncate(at),
                _ => {}
            }
        }
        bytes
    }
}
