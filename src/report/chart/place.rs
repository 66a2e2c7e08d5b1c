//! Labels that do not cover each other.

use super::svg::{Anchor, Ink, Svg, text_width};

/// Length of the pieces that a line is taken in, and half the height of each.
const LINE_PIECE: f64 = 6.0;
const LINE_RADIUS: f64 = 2.5;

/// Places taken so far, as left, top, right, bottom.
pub struct Places {
    taken: Vec<(f64, f64, f64, f64)>,
    /// Pieces of lines, which a label may lie on where there is no other room.
    lines: Vec<(f64, f64, f64, f64)>,
    bounds: (f64, f64, f64, f64),
}

impl Places {
    /// Free places inside `bounds` (left, top, right, bottom).
    pub const fn within(bounds: (f64, f64, f64, f64)) -> Self {
        Self {
            taken: Vec::new(),
            lines: Vec::new(),
            bounds,
        }
    }

    /// Marks a place as taken by a symbol.
    pub fn take(&mut self, at: (f64, f64), radius: f64) {
        self.taken.push(around(at, radius));
    }

    /// Marks what a line covers: labels keep off it where they can.
    pub fn take_line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let pieces = (dx.abs().max(dy.abs()) / LINE_PIECE).ceil().max(1.0);
        let mut at = 0.0;
        while at <= pieces {
            let (x, y) = (from.0 + at / pieces * dx, from.1 + at / pieces * dy);
            self.lines.push(around((x, y), LINE_RADIUS));
            at += 1.0;
        }
    }

    /// Writes `text` beside `at` where it covers nothing, or no more than lines; leaves it out where there is no room.
    pub fn label(&mut self, svg: &mut Svg, at: (f64, f64), ink: Ink, text: &str) {
        let width = text_width(text);
        let (x, y) = at;
        let tries = [
            (x + 9.0, y + 4.0, Anchor::Start, x + 9.0),
            (x - 9.0, y + 4.0, Anchor::End, x - 9.0 - width),
            (x, y - 11.0, Anchor::Middle, x - width / 2.0),
            (x, y + 20.0, Anchor::Middle, x - width / 2.0),
            (x + 9.0, y - 11.0, Anchor::Start, x + 9.0),
            (x + 9.0, y + 19.0, Anchor::Start, x + 9.0),
            (x - 9.0, y - 11.0, Anchor::End, x - 9.0 - width),
            (x - 9.0, y + 19.0, Anchor::End, x - 9.0 - width),
        ];
        let area = |baseline: f64, left: f64| (left, baseline - 10.0, left + width, baseline + 3.0);
        let places = tries.map(|(_, baseline, _, left)| area(baseline, left));
        let clear = places
            .iter()
            .position(|area| self.free(*area) && self.is_off_lines(*area));
        let Some(chosen) = clear.or_else(|| places.iter().position(|area| self.free(*area))) else {
            return;
        };
        let (x, baseline, anchor, _) = tries[chosen];
        self.taken.push(places[chosen]);
        svg.text((x, baseline), anchor, ink, text);
    }

    fn is_off_lines(&self, area: (f64, f64, f64, f64)) -> bool {
        !self.lines.iter().any(|line| overlap(area, *line))
    }

    fn free(&self, area: (f64, f64, f64, f64)) -> bool {
        let (left, top, right, bottom) = area;
        let inside = left >= self.bounds.0
            && top >= self.bounds.1
            && right <= self.bounds.2
            && bottom <= self.bounds.3;
        inside && !self.taken.iter().any(|taken| overlap(area, *taken))
    }
}

/// The square around a point.
fn around((x, y): (f64, f64), radius: f64) -> (f64, f64, f64, f64) {
    (x - radius, y - radius, x + radius, y + radius)
}

/// True where two areas share a place.
fn overlap(a: (f64, f64, f64, f64), b: (f64, f64, f64, f64)) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[cfg(test)]
mod tests {
    use super::super::svg::TEXT;
    use super::*;

    fn labelled(places: &mut Places) -> String {
        let mut svg = Svg::new(200.0, 100.0);
        places.label(&mut svg, (100.0, 50.0), TEXT, "64");
        svg.finish("id", "title", "alt")
    }

    #[test]
    fn a_label_keeps_off_lines() {
        let free = labelled(&mut Places::within((0.0, 0.0, 200.0, 100.0)));
        assert!(free.contains("x=\"109\""), "{free}");
        let mut places = Places::within((0.0, 0.0, 200.0, 100.0));
        places.take_line((100.0, 50.0), (190.0, 51.0));
        let moved = labelled(&mut places);
        assert!(
            moved.contains(">64<") && !moved.contains("x=\"109\""),
            "{moved}"
        );
    }

    #[test]
    fn a_label_rather_lies_on_a_line_than_nowhere() {
        let mut places = Places::within((0.0, 0.0, 200.0, 100.0));
        for x in 0..20 {
            places.take_line((10.0 * f64::from(x), 0.0), (10.0 * f64::from(x), 100.0));
        }
        assert!(labelled(&mut places).contains(">64<"));
    }

    #[test]
    fn a_line_is_taken_from_end_to_end() {
        let mut places = Places::within((0.0, 0.0, 200.0, 100.0));
        places.take_line((10.0, 10.0), (10.0, 90.0));
        for y in [10.0, 33.0, 71.0, 90.0] {
            assert!(!places.is_off_lines((9.0, y - 1.0, 11.0, y + 1.0)), "{y}");
        }
        assert!(places.is_off_lines((14.0, 10.0, 30.0, 90.0)));
    }
}
