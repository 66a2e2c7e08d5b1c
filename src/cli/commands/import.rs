//! `phantom import`.

use std::path::Path;

use super::outputs::failed;
use super::scenarios;
use crate::cli::Exit;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::cli::import_args::{
    Import, ImportKernels, ImportMeasurements, ImportMlperf, KernelTables,
};
use crate::cli::kernel_files::KernelFiles;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::pipeline::import::{self, Account, KernelSource, KernelsRequest, Written};
use crate::record::import::Choice;
use crate::scenario::Filter;
use crate::source::Sources;

/// Turns tables of others into records.
pub fn import(context: &Context, arguments: &Import) -> Exit {
    let done = match arguments {
        Import::Kernels(arguments) => kernels(context, arguments),
        Import::Mlperf(arguments) => mlperf(context, arguments),
        Import::Measurements(arguments) => measurements(context, arguments),
    };
    done.unwrap_or_else(|exit| exit)
}

fn measurements(context: &Context, arguments: &ImportMeasurements) -> Result<Exit, Exit> {
    let choice = Choice {
        licences: arguments.licence.clone(),
        rows_per_file: arguments.rows_per_file,
    };
    let filter = match &arguments.filter {
        Some(text) => Some(Filter::parse(text).map_err(|error| {
            let problem = Diagnostic::error(Code::BadValue, error.message, None);
            refuse(context, problem.into())
        })?),
        None => None,
    };
    let found = import::measurements(&context.world, &arguments.folder, filter.as_ref(), &choice);
    let (written, account) = found.map_err(|problems| refuse(context, problems))?;
    write(context, &arguments.output, &written)?;
    Ok(done(context, &account))
}

fn kernels(context: &Context, arguments: &ImportKernels) -> Result<Exit, Exit> {
    let request = KernelsRequest {
        from: match arguments.from {
            KernelTables::Aiconfigurator => KernelSource::Aiconfigurator,
            KernelTables::Vidur => KernelSource::Vidur,
        },
        folder: arguments.folder.clone(),
        at_most: (arguments.at_most > 0).then_some(arguments.at_most),
    };
    let mut tables = KernelFiles::new(arguments.output.clone());
    let found = import::kernels(&context.world, &request, &mut |family, line| {
        tables.line(family, line);
    });
    let (sources, account) = found.map_err(|problems| refuse(context, problems))?;
    let written = tables.finish(&sources);
    written.map_err(|error| failed(context, &error))?;
    Ok(done(context, &account))
}

fn mlperf(context: &Context, arguments: &ImportMlperf) -> Result<Exit, Exit> {
    let found = import::mlperf(
        &context.world,
        &arguments.folder,
        arguments.round.as_deref(),
    );
    let (written, account) = found.map_err(|problems| refuse(context, problems))?;
    write(context, &arguments.output, &written)?;
    Ok(done(context, &account))
}

fn refuse(context: &Context, problems: Diagnostics) -> Exit {
    scenarios::refuse(context, problems, &Sources::default())
}

/// Writes all files, or none.
fn write(context: &Context, folder: &Path, files: &[Written]) -> Result<(), Exit> {
    let mut batch = Batch::default();
    for file in files {
        batch
            .add(&folder.join(&file.path), file.text.as_bytes())
            .map_err(|error| failed(context, &error))?;
    }
    batch
        .commit()
        .map(|_| ())
        .map_err(|error| failed(context, &error))
}

fn done(context: &Context, account: &Account) -> Exit {
    context.print(&match context.format {
        Format::Json | Format::Jsonl => account.json(),
        Format::Human | Format::Markdown | Format::Github => account.text(),
    });
    if account.rows == 0 {
        Exit::NothingSelected
    } else {
        Exit::Done
    }
}
