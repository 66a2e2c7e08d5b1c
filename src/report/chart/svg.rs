//! A small SVG writer.
//!
//! Colours stand as attributes, for renderers without style sheets, and as classes, which a page overrides in dark mode.
//! Coordinates have one decimal, so equal drawings are equal bytes.

use std::fmt::Write as _;

/// A picture being drawn.
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
}

/// Where a text is anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It starts at the place.
    Start,
    /// It is centred on the place.
    Middle,
    /// It ends at the place.
    End,
}

/// Whether a frame is the one that shows without a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameOrder {
    /// It shows.
    First,
    /// It is hidden until the script shows it.
    Later,
}

/// How a stroke or a filling looks: a colour with its class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Class of the style sheet, which gives the colour on a page.
    pub class: &'static str,
    /// Colour on white.
    pub colour: &'static str,
}

/// Text and axes.
pub const TEXT: Ink = Ink {
    class: "ink",
    colour: "#1b2430",
};
/// Labels of less weight.
pub const MUTED: Ink = Ink {
    class: "muted",
    colour: "#5d6878",
};
/// Grid lines.
pub const GRID: Ink = Ink {
    class: "grid",
    colour: "#e3e7ec",
};
/// What is there and not of interest.
pub const GREY: Ink = Ink {
    class: "grey",
    colour: "#b3bcc7",
};
/// Limits.
pub const LIMIT: Ink = Ink {
    class: "limit",
    colour: "#a3123a",
};
/// The paper.
pub const PAPER: Ink = Ink {
    class: "paper",
    colour: "#ffffff",
};
/// A region that meets the objectives.
pub const REGION: Ink = Ink {
    class: "region",
    colour: "#eef5f1",
};

/// Colours of series: Okabe and Ito's set, which colour-blind readers can tell apart, darker ones first.
pub const SERIES: [Ink; 7] = [
    Ink {
        class: "s1",
        colour: "#0072b2",
    },
    Ink {
        class: "s2",
        colour: "#d55e00",
    },
    Ink {
        class: "s3",
        colour: "#009e73",
    },
    Ink {
        class: "s4",
        colour: "#cc79a7",
    },
    Ink {
        class: "s5",
        colour: "#e69f00",
    },
    Ink {
        class: "s6",
        colour: "#56b4e9",
    },
    Ink {
        class: "s7",
        colour: "#4d5866",
    },
];

/// Dash patterns by turns, so that more series than colours still differ.
pub const DASHES: [&str; 3] = ["", "5 3", "1.5 2.5"];

impl Svg {
    /// An empty picture.
    pub const fn new(width: f64, height: f64) -> Self {
        Self {
            body: String::new(),
            width,
            height,
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.dashed(&[from, to], ink, width, "");
    }

    /// A line through points, dashed by a pattern.
    pub fn dashed(&mut self, points: &[(f64, f64)], ink: Ink, width: f64, dash: &str) {
        let path = path(points);
        let dash = match dash {
            "" => String::new(),
            dash => format!(r#" stroke-dasharray="{dash}""#),
        };
        let Ink { class, colour } = ink;
        let width = n(width);
        self.push(&format!(
            r#"<path class="l-{class}" d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>"#
        ));
    }

    /// A closed area, see-through.
    pub fn area(&mut self, points: &[(f64, f64)], ink: Ink, opacity: f64) {
        let Ink { class, colour } = ink;
        let (path, opacity) = (path(points), n2(opacity));
        self.push(&format!(
            r#"<path class="f-{class}" d="{path}z" fill="{colour}" fill-opacity="{opacity}"/>"#
        ));
    }

    /// A rectangle from its top left corner.
    pub fn rect(&mut self, at: (f64, f64), size: (f64, f64), ink: Ink, opacity: f64) {
        let Ink { class, colour } = ink;
        let (x, y, w, h) = (n(at.0), n(at.1), n(size.0.max(0.0)), n(size.1.max(0.0)));
        let opacity = if opacity < 1.0 {
            format!(r#" fill-opacity="{}""#, n2(opacity))
        } else {
            String::new()
        };
        self.push(&format!(
            r#"<rect class="f-{class}" x="{x}" y="{y}" width="{w}" height="{h}" fill="{colour}"{opacity}/>"#
        ));
    }

    /// A ring: a predicted point.
    pub fn ring(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        let Ink { class, colour } = ink;
        let (x, y, r) = (n(at.0), n(at.1), n(radius));
        self.push(&format!(
            r##"<circle class="f-paper l-{class}" cx="{x}" cy="{y}" r="{r}" fill="#ffffff" stroke="{colour}" stroke-width="1.6"/>"##
        ));
    }

    /// A filled disc: a measured point.
    pub fn disc(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        let Ink { class, colour } = ink;
        let (x, y, r) = (n(at.0), n(at.1), n(radius));
        self.push(&format!(
            r#"<circle class="f-{class}" cx="{x}" cy="{y}" r="{r}" fill="{colour}"/>"#
        ));
    }

    /// A triangle: an imported point.
    pub fn triangle(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        let (x, y) = at;
        let corners = [
            (x, y - radius),
            (x + radius, y + radius * 0.8),
            (x - radius, y + radius * 0.8),
        ];
        self.area(&corners, ink, 1.0);
    }

    /// Many small dots in one path.
    pub fn dots(&mut self, at: &[(f64, f64)], ink: Ink) {
        let mut path = String::new();
        for (x, y) in at {
            // Readers of SVG that are not browsers leave a line without length out, round ends or not.
            let _ = write!(path, "M{} {}h.01", n(*x), n(*y));
        }
        let Ink { class, colour } = ink;
        self.push(&format!(
            r#"<path class="l-{class}" d="{path}" fill="none" stroke="{colour}" stroke-width="4.4" stroke-linecap="round"/>"#
        ));
    }

    /// A text of the usual size.
    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        self.styled(at, (anchor, ink), "12", text);
    }

    /// A heavier text.
    pub fn strong(&mut self, at: (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        self.styled(at, (anchor, ink), r#"12" font-weight="600"#, text);
    }

    /// A smaller text.
    pub fn small(&mut self, at: (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        self.styled(at, (anchor, ink), "11", text);
    }

    /// A small text that stays readable over lines and areas.
    pub fn over(&mut self, at: (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        let size = r##"11" paint-order="stroke" stroke="#ffffff" stroke-width="3.5" stroke-linejoin="round" data-over=""##;
        self.styled(at, (anchor, ink), size, text);
    }

    fn styled(&mut self, at: (f64, f64), (anchor, ink): (Anchor, Ink), size: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let Ink { class, colour } = ink;
        let (x, y, text) = (n(at.0), n(at.1), escape(text));
        self.push(&format!(
            r#"<text class="t-{class}" x="{x}" y="{y}" fill="{colour}" font-size="{size}"{anchor}>{text}</text>"#
        ));
    }

    /// Starts a group that says `tip` when it is pointed at. The script of a page links the marks of one series, and those
    /// of one point, by `series` and by the point ids, both empty where the mark stands for neither.
    pub fn begin_mark(&mut self, tip: &str, series: &str, points: &[&str]) {
        let mut attributes = String::new();
        if !series.is_empty() {
            let _ = write!(attributes, r#" data-s="{}""#, escape(series));
        }
        if !points.is_empty() {
            let _ = write!(attributes, r#" data-p="{}""#, escape(&points.join(" ")));
        }
        let tip = escape(tip);
        self.push(&format!(
            r#"<g class="mark"{attributes}><title>{tip}</title>"#
        ));
    }

    /// Starts a group that belongs to a series and says nothing: a line, a label.
    pub fn begin_series(&mut self, series: &str) {
        self.push(&format!(r#"<g data-s="{}">"#, escape(series)));
    }

    /// Starts one picture of several that stand in one place. A page without a script, and paper, show the `first` alone.
    pub fn begin_frame(&mut self, name: &str, order: FrameOrder) {
        let hidden = match order {
            FrameOrder::First => "",
            FrameOrder::Later => r#" display="none""#,
        };
        self.push(&format!(
            r#"<g class="frame" data-frame="{}"{hidden}>"#,
            escape(name)
        ));
    }

    /// Ends the group begun last.
    pub fn end(&mut self) {
        self.push("</g>");
    }

    /// The picture with its name and description for readers who do not see it; `id` makes the ids unique on a page.
    pub fn finish(self, id: &str, name: &str, description: &str) -> String {
        let (w, h) = (n(self.width), n(self.height));
        let (name, description) = (escape(name), escape(description));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="{id}-t {id}-d" font-family="Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"><title id="{id}-t">{name}</title><desc id="{id}-d">{description}</desc>{}</svg>"#,
            self.body
        )
    }

    fn push(&mut self, text: &str) {
        self.body.push_str(text);
        self.body.push('\n');
    }
}

/// Width of a text of the usual size, near enough to place labels by.
pub fn text_width(text: &str) -> f64 {
    let width = |letter| match letter {
        'i' | 'l' | 'j' | '.' | ',' | '\'' | '|' | '·' | ' ' | 't' | 'f' | '[' | ']' => 3.8,
        'm' | 'w' | 'M' | 'W' | 'G' | '%' | '@' | '…' => 10.2,
        capital if capital.is_ascii_uppercase() => 8.2,
        _ => 7.0,
    };
    text.chars().map(width).sum()
}

/// Width of a heavier text.
pub fn strong_width(text: &str) -> f64 {
    text_width(text) * 1.06
}

/// The text, with its middle left out where it is wider than `most`.
pub fn fitted(text: &str, most: f64) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    let mut kept = letters.len();
    while text_width(&shown) > most && kept > 4 {
        kept -= 1;
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        shown = letters[..head].iter().collect::<String>() + "…";
        shown.extend(&letters[letters.len() - tail..]);
    }
    shown
}

fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let _ = write!(
            path,
            "{}{} {}",
            if index == 0 { 'M' } else { 'L' },
            n(*x),
            n(*y)
        );
    }
    path
}

/// A coordinate with one decimal.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn n2(value: f64) -> String {
    format!("{value:.2}")
}

/// Text that no XML parser reads as markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Controls are not allowed in XML at all.
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_ends() {
        assert_eq!(fitted("h100x1 fp8", 190.0), "h100x1 fp8");
        let long = fitted("q3b q4_k_m cache type k f16 cache type v f16", 190.0);
        assert!(long.starts_with("q3b q4_k_m") && long.ends_with("v f16") && long.contains('…'));
        assert!(text_width(&long) <= 190.0);
    }

    #[test]
    fn text_is_escaped_and_numbers_are_short() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.text((1.04, -0.04), Anchor::End, TEXT, "<script>&\u{1}");
        let svg = svg.finish("x", "a \"b\"", "");
        assert!(svg.contains("&lt;script&gt;&amp; </text>"), "{svg}");
        assert!(svg.contains(r#"x="1" y="0""#), "{svg}");
        assert!(svg.contains("a &quot;b&quot;"), "{svg}");
    }
}
