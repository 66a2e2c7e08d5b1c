//! Panels: the frame of a drawing with its two axes.

use super::scale::Scale;
use super::svg::{Anchor, GRID, MUTED, Svg, TEXT};
use crate::report::number::trimmed;

/// A rectangle that data is drawn in, with its scales.
pub struct Panel {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
    /// Horizontal scale.
    pub x: Scale,
    /// Vertical scale.
    pub y: Scale,
}

/// What the axes are called, units included.
pub struct AxisNames<'a> {
    /// Horizontal.
    pub x: &'a str,
    /// Vertical.
    pub y: &'a str,
    /// The panel.
    pub panel: &'a str,
}

impl Panel {
    /// Grid, ticks and names.
    pub fn draw(&self, svg: &mut Svg, names: &AxisNames) {
        for tick in &self.y.ticks {
            let y = self.y.at(*tick);
            svg.line((self.left, y), (self.right, y), GRID, 1.0);
            svg.small(
                (self.left - 6.0, y + 4.0),
                Anchor::End,
                MUTED,
                &tick_text(*tick),
            );
        }
        let mut last = f64::NEG_INFINITY;
        for tick in &self.x.ticks {
            let x = self.x.at(*tick);
            svg.line((x, self.bottom), (x, self.bottom + 4.0), GRID, 1.0);
            let text = tick_text(*tick);
            let width = super::svg::text_width(&text);
            if x - width / 2.0 > last + 4.0 {
                svg.small((x, self.bottom + 16.0), Anchor::Middle, MUTED, &text);
                last = x + width / 2.0;
            }
        }
        svg.line(
            (self.left, self.bottom),
            (self.right, self.bottom),
            MUTED,
            1.0,
        );
        let middle = f64::midpoint(self.left, self.right);
        if !names.x.is_empty() {
            svg.text((middle, self.bottom + 34.0), Anchor::Middle, MUTED, names.x);
        }
        // The vertical name stands above its axis: it is read without turning the head.
        let mut x = self.left - 36.0;
        if !names.panel.is_empty() {
            svg.strong((x, self.top - 12.0), Anchor::Start, TEXT, names.panel);
            x += super::svg::text_width(names.panel) * 1.12 + 14.0;
        }
        svg.text((x, self.top - 12.0), Anchor::Start, MUTED, names.y);
    }

    /// The place of a pair of values.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }
}

/// A tick's text.
pub fn tick_text(value: f64) -> String {
    trimmed(value, 4)
}
