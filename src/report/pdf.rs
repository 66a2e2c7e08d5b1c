//! The two-page document, typeset by typst from the view and the charts, which are all that its template can read.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::html::{RenderError, Template};
use super::view::View;

/// The built-in template; `phantom init --templates` copies it.
pub const PDF_TEMPLATE: &str = include_str!("../../templates/executive.typ");

/// Pages that the document has room for.
const PAGES: usize = 2;

/// The highest density that is asked for.
const DENSEST: u8 = 2;

/// Inter, under the SIL Open Font License; the licence lies beside the files.
const FONTS: [&[u8]; 2] = [
    include_bytes!("../../templates/fonts/Inter-Regular.otf"),
    include_bytes!("../../templates/fonts/Inter-SemiBold.otf"),
];

/// The PDF of a view; without a template the built-in one. It has no date, so equal views are equal bytes.
///
/// A template is set at the first density at which it fits two pages, else at the last; one that knows no density is set twice
/// at most.
///
/// # Errors
///
/// [`RenderError::Template`] with the line, when the template of the user is wrong.
pub fn pdf(view: &View, template: Option<Template<'_>>) -> Result<Vec<u8>, RenderError> {
    let template = template.unwrap_or(Template {
        path: "executive.typ",
        text: PDF_TEMPLATE,
    });
    let mut last = typeset(view, template, 0)?;
    for density in 1..=DENSEST {
        if last.0 <= PAGES {
            break;
        }
        let next = typeset(view, template, density)?;
        let is_same = next.1 == last.1;
        last = next;
        if is_same {
            break;
        }
    }
    Ok(last.1)
}

/// Pages and bytes of a view; a higher density asks the template for smaller charts and text.
fn typeset(view: &View, template: Template, density: u8) -> Result<(usize, Vec<u8>), RenderError> {
    let world = Folder::of(view, template, density);
    let wrong = |errors: &[SourceDiagnostic]| world.error(template.path, errors);
    let document = typst::compile::<PagedDocument>(&world)
        .output
        .map_err(|errors| wrong(&errors))?;
    let options = PdfOptions {
        creator: Smart::Custom(Some("phantom".to_owned())),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| wrong(&errors))?;
    Ok((document.pages().len(), bytes))
}

/// A folder in memory that holds the template, the data and the charts.
struct Folder {
    library: LazyHash<Library>,
    fonts: FontStore,
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl Folder {
    fn of(view: &View, template: Template, density: u8) -> Self {
        let mut fonts = FontStore::new();
        for data in FONTS {
            for font in Font::iter(Bytes::new(data)) {
                let info = font.info().clone();
                fonts.push((font, info));
            }
        }
        fonts.extend(typst_kit::fonts::embedded());
        let mut files: BTreeMap<String, Bytes> = view
            .charts
            .iter()
            .map(|chart| {
                (
                    format!("{}.svg", chart.id),
                    Bytes::from_string(chart.svg.clone()),
                )
            })
            .collect();
        files.insert(
            "data.json".to_owned(),
            Bytes::from_string(data(view, density).to_string()),
        );
        Self {
            library: LazyHash::new(Library::default()),
            fonts,
            main: Source::new(id("main.typ"), template.text.to_owned()),
            files,
        }
    }

    fn error(&self, path: &str, errors: &[SourceDiagnostic]) -> RenderError {
        let first = errors.first();
        let line = first
            .and_then(|error| self.range(error.span))
            .and_then(|range| self.main.lines().byte_to_line(range.start))
            .map_or(0, |line| line + 1);
        RenderError::Template {
            path: path.to_owned(),
            line,
            message: first.map_or_else(
                || "typesetting failed".to_owned(),
                |error| error.message.to_string(),
            ),
        }
    }
}

/// The view without what a page of paper has no use for: drawings, which are files, and the points.
fn data(view: &View, density: u8) -> Value {
    let mut data = serde_json::to_value(view).expect("a view has text keys alone");
    if let Some(charts) = data.get_mut("charts").and_then(Value::as_array_mut) {
        for chart in charts.iter_mut().filter_map(Value::as_object_mut) {
            chart.remove("svg");
        }
    }
    data["density"] = json!(density);
    data["points"] = json!({"planned": view.points.planned, "n": view.points.n});
    data
}

fn id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names of our files are paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for Folder {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, wanted: FileId) -> FileResult<Source> {
        if wanted == self.main.id() {
            return Ok(self.main.clone());
        }
        Err(FileError::AccessDenied)
    }

    fn file(&self, wanted: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(name, _)| id(name) == wanted);
        found
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// There is no clock here.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, view};

    #[test]
    fn the_same_view_gives_the_same_bytes() {
        let view = view(&fixture::results());
        let first = pdf(&view, None).expect("the built-in template is right");
        assert_eq!(
            first,
            pdf(&view, None).expect("the built-in template is right")
        );
        assert!(first.starts_with(b"%PDF-"));
    }

    #[test]
    fn the_document_has_two_pages() {
        let template = Template {
            path: "executive.typ",
            text: PDF_TEMPLATE,
        };
        let view = view(&fixture::results());
        let typeset = |density| typeset(&view, template, density);
        let (pages, _) = typeset(0).expect("the built-in template is right");
        assert_eq!(pages, PAGES);
    }

    #[test]
    fn a_wrong_template_is_named_with_its_line() {
        let template = Template {
            path: "templates/executive.typ",
            text: "= A\n#nothing",
        };
        let error =
            pdf(&view(&fixture::results()), Some(template)).expect_err("the name is unknown");
        assert_eq!(
            error.to_string(),
            "templates/executive.typ:2: unknown variable: nothing"
        );
    }

    #[test]
    fn a_template_reads_nothing_else() {
        let template = Template {
            path: "t.typ",
            text: "#read(\"/etc/hostname\")",
        };
        assert!(pdf(&view(&fixture::results()), Some(template)).is_err());
    }
}
