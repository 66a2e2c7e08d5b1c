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
