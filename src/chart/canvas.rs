//! A picture in the making: the colours and a few drawing verbs.

use std::cell::RefCell;

use plotters::style::text_anchor::HPos;

use super::font::{Font, printable};
use super::picture::{Mark, Picture};
use super::style::{Colour, Palette};

/// Dashes and the gaps after them, in pixels, of lines told apart; the first is whole.
const DASHES: [&[f64]; 6] =
    [&[], &[12.0, 5.0], &[3.0, 4.0], &[14.0, 4.0, 3.0, 4.0], &[7.0, 7.0], &[14.0, 4.0, 3.0, 4.0, 3.0, 4.0]];

/// A picture in the making, with its colours.
pub(super) struct Canvas {
    pub(super) palette: Palette,
    size: (u32, u32),
    enlarged: f64,
    marks: RefCell<Vec<Mark>>,
}

impl Canvas {
    pub(super) fn new(palette: Palette, size: (u32, u32), enlarged: f64) -> Self {
        Canvas { palette, size, enlarged, marks: RefCell::default() }
    }

    pub(super) fn width(&self) -> i32 {
        self.size.0 as i32
    }

    pub(super) fn finish(self) -> Picture {
        let marks = self.marks.into_inner();
        let size = [self.size.0, self.size.1].map(|side| (f64::from(side) * self.enlarged).round() as u32);
        let marks = marks.into_iter().map(|mark| mark.enlarged(self.enlarged)).collect();
        Picture::new(size.into(), self.palette.paper, marks)
    }

    fn add(&self, mark: Mark) {
        self.marks.borrow_mut().push(mark);
    }

    /// One line of text, vertically centred on `y`.
    pub(super) fn text(&self, text: &str, font: Font, colour: Colour, anchor: HPos, at: (i32, i32)) {
        if !text.is_empty() {
            self.add(Mark::Text { text: printable(text), font, colour, anchor, at });
        }
    }

    /// Text on a patch of paper, so that lines behind it do not cross it.
    pub(super) fn text_on_paper(&self, text: &str, font: Font, at: (i32, i32)) {
        let half = font.width(text) / 2 + 2;
        let height = font.line_height() / 2;
        self.rect((at.0 - half, at.1 - height), (at.0 + half, at.1 + height), self.palette.paper);
        self.text(text, font, self.palette.ink, HPos::Center, at);
    }

    pub(super) fn line(&self, from: (i32, i32), to: (i32, i32), colour: Colour, width: u32) {
        self.path(vec![from, to], colour, width);
    }

    /// A vertical dashed line.
    pub(super) fn dashes(&self, x: i32, from: i32, to: i32, colour: Colour) {
        (from..to).step_by(7).for_each(|y| self.line((x, y), (x, (y + 4).min(to)), colour, 1));
    }

    pub(super) fn rect(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        self.add(Mark::Rectangle { from, to, colour, filled: true });
        if self.palette.needs_outline(colour) {
            self.frame(from, to, self.palette.quiet);
        }
    }

    pub(super) fn frame(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        self.add(Mark::Rectangle { from, to, colour, filled: false });
    }

    /// A filled outline.
    pub(super) fn polygon(&self, points: Vec<(i32, i32)>, colour: Colour) {
        self.veil(points, colour, 1.0);
    }

    /// A filled outline that what is below shines through.
    pub(super) fn veil(&self, points: Vec<(i32, i32)>, colour: Colour, opacity: f64) {
        let outline = if self.palette.needs_outline(colour) { points.clone() } else { Vec::new() };
        self.add(Mark::Polygon { points, colour, opacity });
        if let [first, ..] = outline[..] {
            self.path([outline, vec![first]].concat(), self.palette.quiet, 1);
        }
    }

    /// A line through points.
    pub(super) fn path(&self, points: Vec<(i32, i32)>, colour: Colour, width: u32) {
        if points.len() < 2 {
            return;
        }
        self.add(Mark::Path { points, colour, width });
    }

    /// A line through points, dashed as the one at a place among several is: the first is whole.
    pub(super) fn stroke(&self, points: &[(i32, i32)], colour: Colour, width: u32, place: usize) {
        let pattern: &[f64] = DASHES[place % DASHES.len()];
        if pattern.is_empty() {
            return self.path(points.to_vec(), colour, width);
        }
        let (mut part, mut left, mut piece) = (0, pattern[0], Vec::new());
        for pair in points.windows(2) {
            let (dx, dy) = (f64::from(pair[1].0 - pair[0].0), f64::from(pair[1].1 - pair[0].1));
            let (length, mut done) = (dx.hypot(dy), 0.0);
            let at = |done: f64| {
                let t = if length > 0.0 { done / length } else { 0.0 };
                (pair[0].0 + (t * dx).round() as i32, pair[0].1 + (t * dy).round() as i32)
            };
            while done < length {
                let step = left.min(length - done);
                if part % 2 == 0 {
                    if piece.is_empty() {
                        piece.push(at(done));
                    }
                    piece.push(at(done + step));
                }
                (done, left) = (done + step, left - step);
                if left <= 0.0 {
                    if piece.len() > 1 {
                        self.path(std::mem::take(&mut piece), colour, width);
                    }
                    piece.clear();
                    part = (part + 1) % pattern.len();
                    left = pattern[part];
                }
            }
        }
        if piece.len() > 1 {
            self.path(piece, colour, width);
        }
    }

    /// A rectangle of diagonal lines: time or values that are not known.
    pub(super) fn hatch(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        self.hatching(from, to, colour);
        self.frame(from, to, colour);
    }

    /// The diagonal lines of a hatched rectangle. They go on in a rectangle beside it.
    pub(super) fn hatching(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        // Along a line x + y is one of the multiples of 6.
        let (least, most) = (from.0 + from.1, to.0 + to.1);
        for sum in (least.div_euclid(6) * 6..most).step_by(6) {
            let (left, right) = ((sum - to.1).max(from.0), (sum - from.1).min(to.0));
            if left < right {
                self.line((left, sum - left), (right, sum - right), colour, 1);
            }
        }
    }

    /// A dot: filled where the day is known, open where only the month or year is.
    pub(super) fn dot(&self, at: (i32, i32), radius: i32, colour: Colour, filled: bool) {
        let circle = |radius: i32, colour: Colour| self.add(Mark::Disc { at, radius, colour });
        circle(radius + 2, self.palette.paper);
        if self.palette.needs_outline(colour) {
            circle(radius + 1, self.palette.quiet);
        }
        circle(radius, colour);
        if !filled {
            circle(radius - 3, self.palette.paper);
        }
    }

    pub(super) fn diamond(&self, at: (i32, i32), radius: i32, colour: Colour) {
        let (x, y) = at;
        self.polygon(vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], colour);
    }
}
