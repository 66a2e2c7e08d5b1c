//! The page.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};

use super::view::View;

/// The built-in template of the page; `phantom init --templates` copies it.
pub const HTML_TEMPLATE: &str = include_str!("../../templates/report.html.j2");

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Steps that a template may take: thousands of times those of the built-in one, so that a runaway template ends.
const FUEL: u64 = 200_000_000;

/// A template of the user, which replaces a built-in one as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template<'a> {
    /// Its path, for messages.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A report could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong.
    #[error("{path}:{line}: {message}")]
    Template {
        /// Path of the template.
        path: String,
        /// Line, from one; zero where it is not known.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// The self-contained page of a view; without a template the built-in one.
///
/// # Errors
///
/// [`RenderError::Template`] with the line, when the template of the user is wrong.
pub fn html(view: &View, template: Option<Template<'_>>) -> Result<Vec<u8>, RenderError> {
    let template = template.unwrap_or(Template {
        path: "report.html.j2",
        text: HTML_TEMPLATE,
    });
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_fuel(Some(FUEL));
    let error = |error: minijinja::Error| wrong(template.path, &error);
    environment
        .add_template(template.path, template.text)
        .map_err(error)?;
    let page = environment.get_template(template.path).map_err(error)?;
    let text = page
        .render(context! {
            view => Value::from(Serde(view)),
            style => STYLE,
            script => SCRIPT,
        })
        .map_err(error)?;
    Ok(text.into_bytes())
}

fn wrong(path: &str, error: &minijinja::Error) -> RenderError {
    RenderError::Template {
        path: path.to_owned(),
        line: error.line().unwrap_or(0),
        message: error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, view};

    fn page() -> String {
        let page = html(&view(&fixture::results()), None).expect("the built-in template is right");
        String::from_utf8(page).expect("the page is text")
    }

    /// The text that a reader without a script sees.
    fn text_of(page: &str) -> String {
        let mut text = String::new();
        let mut rest = page;
        while let Some(start) = rest.find('<') {
            text.push_str(&rest[..start]);
            let hidden = ["script", "style"]
                .into_iter()
                .find(|name| rest[start + 1..].starts_with(name));
            let end = match hidden {
                Some(name) => rest.find(&format!("</{name}>")).expect("it is closed"),
                None => start,
            };
            rest = &rest[end..];
            rest = &rest[rest.find('>').expect("a tag ends") + 1..];
            text.push(' ');
        }
        text + rest
    }

    #[test]
    fn every_number_of_the_decision_table_is_in_the_text() {
        let text = text_of(&page());
        for cell in view(&fixture::results())
            .decision
            .rows
            .iter()
            .flat_map(|row| &row.cells)
        {
            assert!(text.contains(&cell.text), "{} is missing", cell.text);
            assert!(
                text.contains(&cell.interval),
                "{} is missing",
                cell.interval
            );
        }
    }

    #[test]
    fn the_page_loads_nothing() {
        let page = page();
        let loading = [
            "src",
            "href",
            "action",
            "data",
            "poster",
            "srcset",
            "formaction",
            "background",
        ];
        for attribute in loading {
            for part in page.split(&format!(" {attribute}=\"")).skip(1) {
                let value = part.split('"').next().unwrap_or_default();
                assert!(value.starts_with('#'), "{attribute} loads {value}");
            }
        }
        assert!(!page.contains("@import") && !page.contains("url(") && !page.contains("<link"));
    }

    #[test]
    fn text_of_users_is_escaped() {
        let mut results = fixture::results();
        results.inputs.description = Some("<script>alert(1)</script>".to_owned());
        results.presentation.title = "</title><img src=x onerror=alert(2)>".to_owned();
        let page = html(&view(&results), None).expect("the built-in template is right");
        let page = String::from_utf8(page).expect("the page is text");
        assert!(!page.contains("<script>alert") && !page.contains("<img"));
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }

    #[test]
    fn equal_results_give_equal_bytes() {
        assert_eq!(page(), page());
    }

    #[test]
    fn a_wrong_template_is_named_with_its_line() {
        let template = Template {
            path: "templates/report.html.j2",
            text: "<p>\n{{ view.title }\n</p>",
        };
        let error =
            html(&view(&fixture::results()), Some(template)).expect_err("it does not parse");
        assert!(
            error
                .to_string()
                .starts_with("templates/report.html.j2:2: "),
            "{error}"
        );
    }

    #[test]
    fn the_script_is_small() {
        assert!(SCRIPT.len() < 100_000);
    }

    #[test]
    fn ten_thousand_points_fit_into_a_page() {
        let results = fixture::many(10_000);
        let page = html(&view(&results), None).expect("the built-in template is right");
        assert!(page.len() < 1_500_000, "{} bytes", page.len());
        let more = view(&fixture::many(10_001));
        assert!(more.points.json.is_empty() && more.points.note.contains("results.parquet"));
    }
}
