//! Runs of networks that do more than the network they are named after.

use super::NetworkRow;
use crate::catalog::{Catalog, ModelKind};

/// A task whose output is a score of every word for every token.
const SCORES_WORDS: &str = "maskedlm";

/// Whether a row scores words where more than half of its network's weights are those of the vocabulary.
///
/// Multiply-adds of an encoder leave the vocabulary out: looked up, its weights cost nothing. Scoring the words multiplies each
/// token by all of them, and the scores of every token leave the device (XLM-R: 250,002 words of 768 numbers, 192 of 278 million
/// weights; Conneau et al., "Unsupervised Cross-lingual Representation Learning at Scale", 2020, table 1). A row that states its
/// own multiply-adds is believed.
pub fn scores_words(catalog: &Catalog, row: &NetworkRow<'_>) -> bool {
    if row.macs.is_some() || !row.task.to_ascii_lowercase().contains(SCORES_WORDS) {
        return false;
    }
    let model = catalog.model(row.model).map(|model| &model.kind);
    let Some(ModelKind::Transformer(transformer)) = model else {
        return false;
    };
    let words = f64::from(transformer.vocab) * f64::from(transformer.hidden);
    let weights = transformer.published.total_params;
    weights.is_some_and(|weights| 2.0 * words > weights)
}

#[cfg(test)]
mod tests {
    use super::super::{Include, Table, network_row};
    use super::*;

    const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes";

    fn scores(model: &str, gmacs: &str, task: &str) -> bool {
        let text = format!(
            "{HEADER}\nx,s,t4,,1,{model},,{gmacs},,seq128,{task},pytorch,2,fp16,,,1,,batch,latency_ms_mean,9,ms,,2024,community,\n"
        );
        let table = Table::read(text.as_bytes()).expect("a table");
        let row = network_row(&table, &table.lines[0], Include::default()).expect("complete");
        scores_words(Catalog::embedded(), &row)
    }

    #[test]
    fn a_vocabulary_that_outweighs_its_network_is_named_where_words_are_scored() {
        let task = "raw-output-AutoModelForMaskedLM";
        assert!(scores("xlm-roberta-base", "", task));
        for (model, gmacs, task) in [
            ("xlm-roberta-base", "", "raw-output-automodel"),
            ("xlm-roberta-base", "36", task),
            ("bert-base-uncased", "", task),
            ("resnet50", "", task),
        ] {
            assert!(!scores(model, gmacs, task), "{model} {gmacs} {task}");
        }
    }
}
