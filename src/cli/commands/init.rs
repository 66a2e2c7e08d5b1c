//! `phantom init`.

use std::path::Path;

use crate::cli::Exit;
use crate::cli::args::Init;
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::report;
use crate::scenario;
use crate::source::World;

/// The scenarios that ship with phantom, by name: each is a template.
const TEMPLATES: [(&str, &str); 7] = [
    ("hello", include_str!("../../../scenarios/hello.yaml")),
    (
        "llm-serving",
        include_str!("../../../scenarios/llm-serving.yaml"),
    ),
    ("knee", include_str!("../../../scenarios/knee.yaml")),
    (
        "vision-batch",
        include_str!("../../../scenarios/vision-batch.yaml"),
    ),
    (
        "edge-battery",
        include_str!("../../../scenarios/edge-battery.yaml"),
    ),
    ("offload", include_str!("../../../scenarios/offload.yaml")),
    (
        "training-cost",
        include_str!("../../../scenarios/training-cost.yaml"),
    ),
];

/// Writes a new scenario beside its schema, or the report templates; never overwrites.
pub fn init(context: &Context, arguments: &Init) -> Exit {
    if arguments.list {
        for (name, text) in TEMPLATES {
            let question = text
                .lines()
                .find_map(|line| line.strip_prefix("description: "))
                .unwrap_or("the smallest scenario");
            context.print(&format!("{name:14} {question}\n"));
        }
        return Exit::Done;
    }
    let files = match wanted(arguments) {
        Ok(files) => files,
        Err(problem) => {
            context.complain(&problem);
            return Exit::BadInput;
        }
    };
    write(context, arguments, files)
}

/// Paths below the root with their contents.
type Files = Vec<(String, Vec<u8>)>;

fn wanted(arguments: &Init) -> Result<Files, String> {
    if arguments.templates {
        return Ok(report_templates());
    }
    let template = arguments.template.as_str();
    let Some((_, text)) = TEMPLATES.iter().find(|(name, _)| *name == template) else {
        let names: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "error: no template is named `{template}`; there are {}",
            names.join(", ")
        ));
    };
    let name = arguments.name.as_deref().unwrap_or(template);
    if !is_name(name) {
        return Err(format!(
            "error: `{name}` is no scenario name: it starts with a letter or digit and holds only a-z 0-9 . _ -"
        ));
    }
    let text = text.replacen(
        &format!("name: {template}\n"),
        &format!("name: {name}\n"),
        1,
    );
    Ok(vec![
        (format!("scenarios/{name}.yaml"), text.into_bytes()),
        (
            "scenarios/phantom-v1.schema.json".to_owned(),
            scenario::json_schema().into_bytes(),
        ),
    ])
}

fn report_templates() -> Files {
    let page = ("report.html.j2", report::HTML_TEMPLATE);
    #[cfg(feature = "pdf")]
    let documents = report::PdfTemplate::BUILT_IN.map(|one| (one.file(), one.text()));
    #[cfg(not(feature = "pdf"))]
    let documents: [(&str, &str); 0] = [];
    std::iter::once(page)
        .chain(documents)
        .map(|(file, text)| (format!("templates/{file}"), text.into()))
        .collect()
}

fn write(context: &Context, arguments: &Init, files: Files) -> Exit {
    let root = context.root();
    let mut batch = Batch::default();
    let mut written = Vec::new();
    for (file, bytes) in files {
        let path = root.join(&file);
        let is_schema = file.ends_with(".schema.json");
        if context.world.exists(&path) {
            if is_schema {
                continue;
            }
            context.complain(&format!(
                "error: {} exists; init never overwrites",
                path.display()
            ));
            return Exit::BadInput;
        }
        if let Err(error) = batch.add(&path, &bytes) {
            return failed(context, &error);
        }
        written.push(file);
    }
    if let Err(error) = batch.commit() {
        return failed(context, &error);
    }
    for file in &written {
        context.print(&format!("wrote {}\n", root.join(file).display()));
    }
    if let Some(file) = written.iter().find(|file| {
        Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "yaml")
    }) && !arguments.templates
    {
        context.print(&format!(
            "next: phantom run {}\n",
            root.join(file).display()
        ));
    }
    Exit::Done
}

fn failed(context: &Context, error: &crate::cli::files::WriteError) -> Exit {
    context.complain(&format!("error: {}", super::outputs::chain(error)));
    Exit::Failed
}

/// `[a-z0-9][a-z0-9._-]*`, as scenario names are.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(allowed) && name.chars().all(|c| allowed(c) || "._-".contains(c))
}
