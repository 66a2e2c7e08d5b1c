//! Labels that do not cover each other.

use super::svg::{Anchor, Ink, Svg, text_width};

/// Places taken so far, as left, top, right, bottom.
pub struct Places {
    taken: Vec<(f64, f64, f64, f64)>,
    bounds: (f64, f64, f64, f64),
}

impl Places {
    /// Free places inside `bounds` (left, top, right, bottom).
    pub const fn within(bounds: (f64, f64, f64, f64)) -> Self {
        Self {
            taken: Vec::new(),
            bounds,
        }
    }

    /// Marks a place as taken by a symbol.
    pub fn take(&mut self, (x, y): (f64, f64), radius: f64) {
        self.taken
            .push((x - radius, y - radius, x + radius, y + radius));
    }

    /// Writes `text` beside `at` where it covers nothing; leaves it out where there is no room.
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
        for (x, baseline, anchor, left) in tries {
            let area = (left, baseline - 10.0, left + width, baseline + 3.0);
            if self.free(area) {
                self.taken.push(area);
                svg.text((x, baseline), anchor, ink, text);
                return;
            }
        }
    }

    fn free(&self, area: (f64, f64, f64, f64)) -> bool {
        let (left, top, right, bottom) = area;
        let inside = left >= self.bounds.0
            && top >= self.bounds.1
            && right <= self.bounds.2
            && bottom <= self.bounds.3;
        let covers = |(l, t, r, b): &(f64, f64, f64, f64)| {
            left < *r && *l < right && top < *b && *t < bottom
        };
        inside && !self.taken.iter().any(covers)
    }
}
