//! A picture in the making: the colours and a few drawing verbs.

use std::cell::RefCell;

use plotters::style::text_anchor::HPos;

use super::font::{Font, printable};
use super::picture::{Mark, Picture};
use super::style::{Colour, Palette};

/// A picture in the making, with its colours.
pub(super) struct Canvas {
    pub(super) palette: Palette,
    size: (u32, u32),
    marks: RefCell<Vec<Mark>>,
}

impl Canvas {
    pub(super) fn new(palette: Palette, size: (u32, u32)) -> Self {
        Canvas { palette, size, marks: RefCell::default() }
    }

    pub(super) fn finish(self) -> Picture {
        Picture::new(self.size, self.palette.paper, self.marks.into_inner())
    }

    fn add(&self, mark: Mark) {
        self.marks.borrow_mut().push(mark);
    }

    /// One line of text, vertically centred on `y`.
    pub(super) fn text(&self, text: &str, font: Font, colour: Colour, anchor: HPos, at: (i32, i32)) {
        self.add(Mark::Text { text: printable(text), font, colour, anchor, at });
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
        self.add(Mark::Polygon { points, colour, opacity });
    }

    /// A line through points.
    pub(super) fn path(&self, points: Vec<(i32, i32)>, colour: Colour, width: u32) {
        self.add(Mark::Path { points, colour, width });
    }

    /// A rectangle of diagonal lines: time or values that are not known.
    pub(super) fn hatch(&self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        let (w, h) = (to.0 - from.0, to.1 - from.1);
        for offset in (-h..w).step_by(6) {
            let (a, b) = (offset.max(0), (offset + h).min(w));
            if a < b {
                self.line((from.0 + a, to.1 - (a - offset)), (from.0 + b, to.1 - (b - offset)), colour, 1);
            }
        }
        self.frame(from, to, colour);
    }

    /// A dot: filled where the day is known, open where only the month or year is.
    pub(super) fn dot(&self, at: (i32, i32), radius: i32, colour: Colour, filled: bool) {
        let circle = |radius: i32, colour: Colour| self.add(Mark::Disc { at, radius, colour });
        circle(radius + 2, self.palette.paper);
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
