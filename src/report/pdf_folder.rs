//! What a template of a document can read: itself, the parts that templates share, the data and the charts, all in memory.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_kit::fonts::FontStore;

use super::chart::chart_name;
use super::html::RenderError;
use super::view::View;

/// What the built-in templates share; any template may import it.
pub const PARTS: &str = include_str!("../../templates/parts.typ");

/// Inter, under the SIL Open Font License; the licence lies beside the files.
const FONTS: [&[u8]; 2] = [
    include_bytes!("../../templates/fonts/Inter-Regular.otf"),
    include_bytes!("../../templates/fonts/Inter-SemiBold.otf"),
];

/// A folder in memory that holds the template, the data and the charts.
pub struct Folder {
    library: LazyHash<Library>,
    fonts: FontStore,
    main: Source,
    parts: Source,
    files: BTreeMap<String, Bytes>,
}

impl Folder {
    /// The folder of a view, with the text of a template.
    pub fn of(view: &View, template: &str, density: u8) -> Self {
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
            main: Source::new(id("main.typ"), template.to_owned()),
            parts: Source::new(id("parts.typ"), PARTS.to_owned()),
            files,
        }
    }

    /// The first of the errors, at the line of the template where it is there.
    pub fn error(&self, path: &str, errors: &[SourceDiagnostic]) -> RenderError {
        let first = errors.first();
        let line = first
            .filter(|error| error.span.id() == Some(self.main.id()))
            .and_then(|error| self.range(error.span))
            .and_then(|range| self.main.lines().byte_to_line(range.start))
            .map_or(0, |line| line + 1);
        RenderError::Template {
            path: path.to_owned(),
            line,
            message: first.map_or_else(
                || "typesetting failed".to_owned(),
                |error| {
                    let hints = error.hints.iter().map(|hint| hint.v.as_str());
                    let all: Vec<&str> = std::iter::once(error.message.as_str())
                        .chain(hints)
                        .collect();
                    all.join("; ")
                },
            ),
        }
    }
}

/// The view without what a page of paper has no use for: drawings, which are files, and the points. Charts have a name as well.
fn data(view: &View, density: u8) -> Value {
    let mut data = serde_json::to_value(view).expect("a view has text keys alone");
    if let Some(charts) = data.get_mut("charts").and_then(Value::as_array_mut) {
        for chart in charts.iter_mut().filter_map(Value::as_object_mut) {
            chart.remove("svg");
            let name = chart.get("id").and_then(Value::as_str).map(chart_name);
            chart.insert("name".to_owned(), json!(name));
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
        let known = [&self.main, &self.parts];
        let found = known.into_iter().find(|source| source.id() == wanted);
        found.cloned().ok_or(FileError::AccessDenied)
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
