//! `phantom validate`.

use std::path::Path;

use super::compare::waiting_of;
use super::outputs::{chain, failed};
use super::{calibration, scenarios};
use crate::cli::Exit;
use crate::cli::args::{Format, Validate};
use crate::cli::choices::Doubtful;
use crate::cli::context::Context;
use crate::cli::files::{self, Batch};
use crate::diag::{Code, Diagnostic};
use crate::pipeline::validate::{self, ValidateRequest, Validation};
use crate::record::rows::{GivenRates, Include};
use crate::report;
use crate::scenario::Filter;
use crate::source::{Sources, World};

/// Compares predictions with measurement records.
pub fn validate(context: &Context, arguments: &Validate) -> Exit {
    account(context, arguments).unwrap_or_else(|exit| exit)
}

fn account(context: &Context, arguments: &Validate) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let pack = calibration::named(context, arguments.calibration.as_deref())?;
    let request = request(context, arguments)?;
    crate::pipeline::use_threads(arguments.jobs);
    let none = Sources::default();
    let validation = validate::run(&context.world, &catalog, &pack, &request)
        .map_err(|diagnostics| scenarios::refuse(context, diagnostics, &none))?;
    match context.format {
        Format::Json | Format::Jsonl => context.print(&validate::json(&validation)),
        Format::Human | Format::Markdown | Format::Github => {
            context.print(&validate::text(&validation));
        }
    }
    let mut batch = Batch::default();
    if let Some(path) = &arguments.rows {
        batch
            .add(path, validate::rows_csv(&validation).as_bytes())
            .map_err(|error| failed(context, &error))?;
    }
    let exit = match &arguments.golden {
        Some(path) if arguments.accept => {
            batch
                .add(path, validate::accept(&validation).as_bytes())
                .map_err(|error| failed(context, &error))?;
            Exit::Done
        }
        Some(path) => drift(context, &validation, (path, &mut batch))?,
        None => Exit::Done,
    };
    batch.commit().map_err(|error| failed(context, &error))?;
    Ok(if validation.compared() == 0 {
        exit.and(Exit::NothingSelected)
    } else {
        exit
    })
}

fn request(context: &Context, arguments: &Validate) -> Result<ValidateRequest, Exit> {
    let refuse = |message: String| {
        let diagnostic = Diagnostic::error(Code::BadValue, message, None);
        scenarios::refuse(context, diagnostic.into(), &Sources::default())
    };
    let filter = match &arguments.filter {
        Some(text) => Some(Filter::parse(text).map_err(|error| refuse(error.message))?),
        None => None,
    };
    let include = |kind| arguments.include.contains(&kind);
    let include = Include {
        unverified: include(Doubtful::Unverified),
        flagged: include(Doubtful::Flagged),
        derived: include(Doubtful::Derived),
        given_rates: GivenRates::LeftOut,
    };
    Ok(ValidateRequest {
        paths: arguments.paths.clone(),
        by: arguments.by.clone(),
        filter,
        include,
        method: arguments.method.method(),
    })
}

fn drift(
    context: &Context,
    validation: &Validation,
    (path, batch): (&Path, &mut Batch),
) -> Result<Exit, Exit> {
    let bytes = context.world.read(path).map_err(|error| {
        context.complain(&format!("error[file-missing]: {}", chain(&error)));
        Exit::BadInput
    })?;
    let found = validate::compare(validation, &String::from_utf8_lossy(&bytes))
        .map_err(|diagnostic| scenarios::refuse(context, diagnostic, &Sources::default()))?;
    for finding in &found.findings {
        context.complain(&format!("accuracy-drift: {}", finding.message));
    }
    if context.format == Format::Github {
        context.print(&report::annotations_of(&found.findings));
    }
    context.print(&format!(
        "{} of {} accepted groups have become worse\n",
        found.findings.len(),
        found.compared
    ));
    let waiting = waiting_of(path);
    if found.findings.is_empty() {
        if !context.ci {
            files::remove(&waiting).map_err(|error| failed(context, &error))?;
        }
        return Ok(Exit::Done);
    }
    if !context.ci {
        batch
            .add(&waiting, validate::accept(validation).as_bytes())
            .map_err(|error| failed(context, &error))?;
        let file = path.display();
        context.say(&format!("review with `phantom golden review {file}`"));
    }
    Ok(Exit::Findings)
}
