//! What remarks of a row say of how a network ran.

use super::NetworkRow;

/// Remarks on cores, and on scales of weights, which some matrix units cannot compute by channel, and names for them.
const CORES: [(&str, &str); 6] = [
    ("big cores only", "big-cores"),
    ("one large core", "big-cores"),
    ("little cores only", "little-cores"),
    ("With AVX512", "avx512"),
    ("Without AVX512", "no-avx512"),
    ("per-tensor", "per-tensor"),
];

/// Words in names of systems and of their folders in results of MLPerf, and names for them: clocks chosen for little energy, and a server of models
/// between the load and the network.
const SYSTEMS: [(&str, &str); 2] = [("MaxQ", "maxq"), ("Triton", "triton")];

/// Names of what remarks say.
pub(super) fn remarks(row: &NetworkRow<'_>) -> impl Iterator<Item = &'static str> {
    let items = || row.notes.split(';').map(str::trim);
    let cores = CORES
        .into_iter()
        .filter(move |(words, _)| items().any(|item| item == *words));
    let says = |word: &str| row.detail.contains(word) || row.notes.contains(word);
    let systems = SYSTEMS.into_iter().filter(move |(word, _)| says(word));
    cores.chain(systems).map(|(_, name)| name)
}

/// The number format that ran where a submission to MLPerf declares two. Of BERT no closed submission that declares eight bits alone reaches 99.9 % of
/// its accuracy, and rates of those that declare two formats are, for the two aims, those of 16 bits and of eight.
pub(super) fn precision(row: &NetworkRow<'_>, network: &str) -> String {
    if row.precision == "int8+fp16" && network == "bertlarge" {
        let whole = row.notes.contains("acc>=99.9%");
        return if whole { "fp16" } else { "int8" }.to_owned();
    }
    row.precision.clone()
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::ROW;
    use super::super::network_case::tests::call;
    use crate::record::NetworkNames;

    fn names(row: &str) -> NetworkNames {
        call(row).expect("known").names
    }

    fn mode(remark: &str) -> String {
        names(&ROW.replace(",community,", &format!(",community,{remark}"))).mode
    }

    #[test]
    fn remarks_tell_cores_apart() {
        assert_eq!(mode(""), "eager/nchw");
        assert_eq!(mode("big cores only; Test on UOS"), "eager/nchw/big-cores");
        assert_eq!(mode("little cores only"), "eager/nchw/little-cores");
        assert_eq!(mode("Without AVX512"), "eager/nchw/no-avx512");
    }

    #[test]
    fn systems_of_little_energy_and_servers_of_models_are_told_apart() {
        assert_eq!(mode("closed/A/A2x1_TRT_MaxQ/bert-99"), "eager/nchw/maxq");
        let detail = ROW.replace("rtx-4090,,", "rtx-4090,X (1x L4 MaxQ),");
        assert_eq!(names(&detail).mode, "eager/nchw/maxq");
        assert_eq!(
            mode("closed/A/T4x8_TRT_Triton/resnet50"),
            "eager/nchw/triton"
        );
    }

    #[test]
    fn berts_aim_says_which_of_two_formats_ran() {
        let precision = |network: &str, aim: &str| {
            let row = ROW
                .replace(",resnet50,", &format!(",{network},"))
                .replace(",amp-fp16,", ",int8+fp16,")
                .replace(",community,", &format!(",community,{aim}"));
            names(&row).precision
        };
        assert_eq!(precision("bert-large", "acc>=99.9%"), "fp16");
        assert_eq!(precision("bert-large", "acc>=99%"), "int8");
        assert_eq!(precision("3d-unet-kits19", "acc>=99.9%"), "int8+fp16");
    }
}
