//! The trace that a scenario names.

use std::sync::Arc;

use super::gather::Zeros;
use super::read::{TraceReader, Wrong};
use super::replay::Trace;
use crate::diag::{Code, Diagnostic};
use crate::scenario::context::{Context, ReadFile};
use crate::scenario::{InputFile, Node};
use crate::source::Span;

/// What is known of a layout that no file has.
const LAYOUTS: &str = "a trace is CSV with the columns `arrival_s,isl,osl` (and `session`, `priority`), the Azure LLM inference trace with `TIMESTAMP,ContextTokens,GeneratedTokens`, or Mooncake's JSON lines with `timestamp`, `input_length`, `output_length` and `hash_ids`; its lines are in order of time";

/// A trace that was read, with its file.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its file.
    pub file: InputFile,
    /// Its requests.
    pub trace: Arc<Trace>,
}

impl Context<'_> {
    /// The trace that a node names, read once; what is wrong with it is a finding with its line.
    pub fn trace(&mut self, node: &Node) -> Option<Found> {
        let text = self.reader.text(node)?;
        let path = self.path_of(node, &text);
        if let Some(known) = self.shared.traces.get(&path) {
            return known.clone();
        }
        self.permitted(node, &path)?;
        let (mut hasher, mut reader) = (blake3::Hasher::new(), TraceReader::default());
        let read = self.world.read_parts(&path, &mut |part| {
            hasher.update(part);
            reader.feed(part);
        });
        let listed = self.listed(&path, hasher.finalize());
        let found = match read {
            Ok(()) => self.found(node.span, listed.clone(), reader),
            Err(error) => {
                self.reader.push(
                    Diagnostic::error(Code::FileMissing, error.to_string(), node.span)
                        .label("named here"),
                );
                None
            }
        };
        if found.is_some() {
            let bytes = Arc::from([]);
            self.files.insert(path.clone(), ReadFile { bytes, listed });
        }
        self.shared.traces.insert(path, found.clone());
        found
    }

    fn found(&mut self, span: Span, file: InputFile, reader: TraceReader) -> Option<Found> {
        match reader.finish() {
            Ok((trace, zeros)) => {
                if zeros != Zeros::default() {
                    self.reader.push(adjusted(&file.path, zeros, span));
                }
                let trace = Arc::new(trace);
                Some(Found { file, trace })
            }
            Err(wrong) => {
                for (place, one) in wrong.iter().enumerate() {
                    let said = cannot(&file.path, one, span);
                    // What a trace looks like is said once.
                    let said = if place == 0 { said.help(LAYOUTS) } else { said };
                    self.reader.push(said);
                }
                None
            }
        }
    }
}

fn cannot(path: &str, wrong: &Wrong, span: Span) -> Diagnostic {
    let Wrong { line, what } = wrong;
    let message = if *line == 0 {
        format!("{path}: {what}")
    } else {
        format!("{path}:{line}: {what}")
    };
    Diagnostic::error(Code::BadTrace, message, span).label("cannot be replayed")
}

fn adjusted(path: &str, zeros: Zeros, span: Span) -> Diagnostic {
    let Zeros {
        prompts,
        outputs,
        first,
    } = zeros;
    let message = format!(
        "{path}:{first}: {prompts} prompts and {outputs} outputs of zero tokens count as one token"
    );
    Diagnostic::warning(Code::ZeroLength, message, span).label("the line is the first of them")
}
