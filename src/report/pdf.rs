//! Documents on paper, typeset by typst from the view and the charts, which are all that a template can read.
//!
//! Two are built in: `executive`, two pages to decide by, and `technical`, everything that the page holds. A document has no clock,
//! so equal views are equal bytes; where a standard asks for a date it is that of the newest data behind the results.

use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandards, Timestamp};

use super::html::{RenderError, Template};
use super::pdf_folder::Folder;
use super::view::View;
use crate::scenario::PdfStandard;

/// The highest density that is asked for.
const DENSEST: u8 = 2;

/// What lays a document out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PdfTemplate<'a> {
    /// Two pages to decide by.
    Executive,
    /// All charts with their tables, and everything that the numbers rest on.
    Technical,
    /// A template of the user.
    Own(Template<'a>),
}

impl<'a> PdfTemplate<'a> {
    /// The built-in ones; `phantom init --templates` copies them.
    pub const BUILT_IN: [Self; 2] = [Self::Executive, Self::Technical];

    /// The built-in one of a name.
    pub fn built_in(name: &str) -> Option<Self> {
        Self::BUILT_IN
            .into_iter()
            .find(|one| one.file() == format!("{name}.typ"))
    }

    /// File name of a built-in one, path of another.
    pub const fn file(self) -> &'a str {
        match self {
            Self::Executive => "executive.typ",
            Self::Technical => "technical.typ",
            Self::Own(template) => template.path,
        }
    }

    /// Its text.
    pub const fn text(self) -> &'a str {
        match self {
            Self::Executive => include_str!("../../templates/executive.typ"),
            Self::Technical => include_str!("../../templates/technical.typ"),
            Self::Own(template) => template.text,
        }
    }

    /// Pages that it has room for; `None` for one that grows.
    fn most_pages(self) -> Option<usize> {
        let knows_density = self.text().contains("density");
        match self {
            Self::Executive => Some(2),
            Self::Technical => None,
            Self::Own(_) => knows_density.then_some(2),
        }
    }
}

/// How a document is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PdfForm<'a> {
    /// What lays it out.
    pub template: PdfTemplate<'a>,
    /// Standards that it is held to. Without any it keeps PDF/UA-1 where that can be kept, and is a tagged PDF 1.7 where not: where
    /// no font has a letter of a title, or a template of the user draws a picture without words for it.
    pub standards: &'a [PdfStandard],
}

/// The PDF of a view.
///
/// A template that speaks of `density` is set at the first one at which it fits two pages, else at the last.
///
/// # Errors
///
/// [`RenderError::Template`] with the line, when the template of the user is wrong or a standard cannot be kept.
pub fn pdf(view: &View, form: PdfForm<'_>) -> Result<Vec<u8>, RenderError> {
    let most = form.template.most_pages();
    let mut set = typeset(view, form.template, 0)?;
    for density in 1..=DENSEST {
        if most.is_none_or(|most| set.1.pages().len() <= most) {
            break;
        }
        set = typeset(view, form.template, density)?;
    }
    let (folder, document) = set;
    let wrong = |errors: &[SourceDiagnostic]| folder.error(form.template.file(), errors);
    let written = |standards: &[PdfStandard]| {
        typst_pdf::pdf(&document, &options(view, standards)).map_err(|errors| wrong(&errors))
    };
    match form.standards {
        [] => written(&[PdfStandard::Ua1]).or_else(|_| written(&[])),
        named => written(named),
    }
}

/// The document of a view, and the folder it was made in; a higher density asks the template for smaller charts and text.
fn typeset(
    view: &View,
    template: PdfTemplate,
    density: u8,
) -> Result<(Folder, PagedDocument), RenderError> {
    let folder = Folder::of(view, template.text(), density);
    let set = typst::compile::<PagedDocument>(&folder).output;
    match set {
        Ok(document) => Ok((folder, document)),
        Err(errors) => Err(folder.error(template.file(), &errors)),
    }
}

fn options(view: &View, standards: &[PdfStandard]) -> PdfOptions {
    let names: Vec<typst_pdf::PdfStandard> = standards.iter().map(|one| named(*one)).collect();
    let dated = standards.iter().any(|one| one.is_archival());
    PdfOptions {
        creator: Smart::Custom(Some("phantom".to_owned())),
        standards: PdfStandards::new(&names).expect("a scenario names what goes together"),
        timestamp: day(&view.date).filter(|_| dated).map(Timestamp::new_utc),
        ..PdfOptions::default()
    }
}

const fn named(standard: PdfStandard) -> typst_pdf::PdfStandard {
    match standard {
        PdfStandard::Ua1 => typst_pdf::PdfStandard::Ua_1,
        PdfStandard::A2b => typst_pdf::PdfStandard::A_2b,
        PdfStandard::A2u => typst_pdf::PdfStandard::A_2u,
        PdfStandard::A2a => typst_pdf::PdfStandard::A_2a,
        PdfStandard::A3b => typst_pdf::PdfStandard::A_3b,
        PdfStandard::A3u => typst_pdf::PdfStandard::A_3u,
        PdfStandard::A3a => typst_pdf::PdfStandard::A_3a,
        PdfStandard::A4 => typst_pdf::PdfStandard::A_4,
    }
}

/// The day of `2026-11-01`; the first of `2026-11` and of `2026`.
fn day(date: &str) -> Option<Datetime> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let mut next = || parts.next().map_or(Some(1), |part| part.parse().ok());
    let (month, day) = (next()?, next()?);
    Datetime::from_ymd_hms(year, month, day, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, view};

    fn made(template: PdfTemplate, standards: &[PdfStandard]) -> Result<Vec<u8>, RenderError> {
        let form = PdfForm {
            template,
            standards,
        };
        pdf(&view(&fixture::results()), form)
    }

    fn own(text: &str) -> PdfTemplate<'_> {
        PdfTemplate::Own(Template {
            path: "templates/own.typ",
            text,
        })
    }

    fn has(document: &[u8], text: &str) -> bool {
        document
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    }

    #[test]
    fn the_same_view_gives_the_same_bytes() {
        for template in PdfTemplate::BUILT_IN {
            let first = made(template, &[]).expect("the built-in template is right");
            let second = made(template, &[]).expect("the built-in template is right");
            assert!(first == second, "{}", template.file());
            assert!(first.starts_with(b"%PDF-1.7"));
        }
    }

    #[test]
    fn the_document_to_decide_by_has_two_pages() {
        let view = view(&fixture::results());
        let set = typeset(&view, PdfTemplate::Executive, 0);
        assert_eq!(
            set.expect("the built-in template is right").1.pages().len(),
            2
        );
    }

    #[test]
    fn built_in_documents_are_tagged_and_keep_the_standard_of_accessibility() {
        for template in PdfTemplate::BUILT_IN {
            let document = made(template, &[]).expect("the built-in template is right");
            assert!(has(&document, "<pdfuaid:part>1</pdfuaid:part>"));
            assert!(has(&document, "/StructTreeRoot") && has(&document, "/Marked true"));
            // There is no clock.
            assert!(!has(&document, "CreationDate") && !has(&document, "xmp:CreateDate"));
        }
    }

    #[test]
    fn both_documents_keep_every_standard_and_say_so() {
        for template in PdfTemplate::BUILT_IN {
            for standard in PdfStandard::ALL {
                let document = made(template, &[*standard])
                    .unwrap_or_else(|error| panic!("{}: {error}", standard.name()));
                let said = match standard.name().strip_prefix("pdf/a-") {
                    None => "<pdfuaid:part>1</pdfuaid:part>".to_owned(),
                    Some(level) => format!("<pdfaid:part>{}</pdfaid:part>", &level[..1]),
                };
                assert!(has(&document, &said), "{}: {said}", standard.name());
                if let Some(level) = standard.name().get(7..).filter(|_| standard.is_archival()) {
                    let level = level.to_uppercase();
                    let said = format!("<pdfaid:conformance>{level}</pdfaid:conformance>");
                    assert_eq!(has(&document, &said), !level.is_empty(), "{said}");
                    // The date of the newest data, as archives ask for one.
                    assert!(has(&document, "2026-11-01T00:00:00"), "{}", standard.name());
                }
            }
        }
    }

    #[test]
    fn accessibility_goes_with_each_archive_of_the_same_version() {
        use PdfStandard::{A2a, A3u, A4, Ua1};

        let both = made(PdfTemplate::Technical, &[A2a, Ua1]).expect("they go together");
        assert!(has(&both, "<pdfuaid:part>1") && has(&both, "<pdfaid:part>2"));
        // What a scenario refuses is what typst refuses.
        for first in PdfStandard::ALL {
            for second in PdfStandard::ALL {
                let names = [named(*first), named(*second)];
                let refused = PdfStandard::clash(&[*first], *second).is_some();
                let same = first == second && !first.is_archival();
                assert_eq!(
                    PdfStandards::new(&names).is_err() || same,
                    refused,
                    "{} and {}",
                    first.name(),
                    second.name()
                );
            }
        }
        assert!(PdfStandard::clash(&[A3u], Ua1).is_none());
        assert!(PdfStandard::clash(&[Ua1], A4).is_some());
    }

    #[test]
    fn what_a_standard_forbids_is_said_where_it_is_asked_for_and_let_be_where_it_is_not() {
        // No font has this letter.
        let text = "#set document(title: [T])\n#set text(lang: \"en\")\n= \u{10480}";
        let error = made(own(text), &[PdfStandard::A2u]).expect_err("a letter is missing");
        assert!(
            error.to_string().starts_with("templates/own.typ:3: "),
            "{error}"
        );
        let document = made(own(text), &[]).expect("nothing is asked for");
        assert!(!has(&document, "pdfuaid"));
    }

    #[test]
    fn the_worked_example_of_a_template_keeps_the_standard_of_accessibility() {
        let text = include_str!("../../templates/examples/house.typ");
        let document = made(own(text), &[PdfStandard::Ua1]).expect("the example is right");
        assert!(has(&document, "/Lang (de)") || has(&document, "/Lang(de)"));
    }

    #[test]
    fn a_wrong_template_is_named_with_its_line() {
        let error = made(own("= A\n#nothing"), &[]).expect_err("the name is unknown");
        assert_eq!(
            error.to_string(),
            "templates/own.typ:2: unknown variable: nothing"
        );
    }

    #[test]
    fn a_template_reads_nothing_else() {
        assert!(made(own("#read(\"/etc/hostname\")"), &[]).is_err());
        assert!(made(own("#import \"/etc/hostname\": x"), &[]).is_err());
        let shared = made(own("#import \"parts.typ\": small\n#small[x]"), &[]);
        assert!(shared.expect("the parts are there").starts_with(b"%PDF-"));
    }
}
