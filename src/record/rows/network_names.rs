//! Names of networks and software, as different sources write them, brought to one.

use crate::catalog::normal_name;

/// What collections of networks put before a network's own name.
const PREFIXES: [&str; 12] = [
    "ncnn-",
    "qaihub-",
    "hailo-",
    "rknn-",
    "axera-",
    "espdl-",
    "qeng-",
    "st-",
    "tf-",
    "timm-",
    "jetbench-",
    "rfdetr-",
];

/// Names of weights that timm writes after a dot.
const WEIGHTS: [&str; 8] = [
    "in1k", "in12k", "in21k", "in22k", "laion", "openai", "fb-", "-ft",
];

/// A network's name without the prefix of a collection and without the name of its weights; parts keep their hyphens.
fn own(name: &str) -> String {
    let mut name = normal_name(name);
    if let Some((before, after)) = name.split_once('.')
        && WEIGHTS.iter().any(|weights| after.contains(weights))
    {
        name = before.to_owned();
    }
    let mut rest = name.as_str();
    while let Some(stripped) = PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
        rest = stripped;
    }
    rest.to_owned()
}

/// One name for a network that several collections hold: rows of it stand on one side of a split.
///
/// Prefixes of collections, names of weights and all punctuation are left out.
///
/// ```
/// use phantom::record::rows::one_network;
/// assert_eq!(one_network("ncnn-mobilenet_v2"), one_network("qaihub-mobilenet-v2"));
/// assert_eq!(one_network("resnet50.a1_in1k"), "resnet50");
/// ```
pub fn one_network(name: &str) -> String {
    let name = own(name);
    let kept: String = name
        .chars()
        .filter(|letter| !matches!(letter, '-' | '.' | ' '))
        .collect();
    if kept.is_empty() { name } else { kept }
}

/// First words that say too little of a network.
const VAGUE: [&str; 7] = ["open", "mlperf", "test", "bert", "stable", "deit", "sam"];

/// The family that a network's name begins with: `efficientnet` of `efficientnet-b0`.
pub fn network_family(name: &str) -> String {
    let name = own(name);
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default();
    let letters = first.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let without = if letters.ends_with(|letter: char| letter.is_ascii_digit()) {
        letters
    } else {
        first
    };
    let without = without.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let family = if without.is_empty() { first } else { without };
    match words.next() {
        Some(second) if VAGUE.contains(&family) => format!("{family}-{second}"),
        Some(_) | None => family.to_owned(),
    }
}

/// Software by a word of its free text, first match first.
const SOFTWARE: [(&str, &str); 22] = [
    ("tensorrt", "tensorrt"),
    ("openvino", "openvino"),
    ("cloud ai sdk", "qualcomm-cloud-ai"),
    ("onnxruntime", "onnxruntime"),
    ("onnx runtime", "onnxruntime"),
    ("onnx run-time", "onnxruntime"),
    ("pytorch: ", "pytorch"),
    ("pytorch-timm", "pytorch-timm"),
    // Diffusers, alone or on several devices through xDiT, cache-dit and the like.
    ("diffusers", "diffusers"),
    // PyTorch runs its own serialized graphs, TensorFlow its own.
    ("torchscript", "pytorch"),
    ("tf-graphdef", "tensorflow"),
    ("tf-savedmodel", "tensorflow"),
    ("tf-lite", "tflite"),
    ("tensorflow-lite", "tflite"),
    // ST's compiler and library for microcontrollers, under the names it has had.
    ("x-cube-ai", "stedgeai"),
    ("stm32cubeai", "stedgeai"),
    ("stedge-ai", "stedgeai"),
    ("ncnn-vulkan", "ncnn-vulkan"),
    ("snpe", "snpe"),
    // MLPerf results of NVIDIA's that name CUDA or JetPack alone were run in TensorRT.
    ("jetson", "tensorrt"),
    ("jetpack", "tensorrt"),
    ("cuda", "tensorrt"),
];

/// The software of a row without versions: `TensorRT 8.6.0, CUDA 12.0` is `tensorrt`.
pub fn network_software(framework: &str) -> String {
    let text = normal_name(framework);
    if text.is_empty() || text == "n/a" {
        return "unstated".to_owned();
    }
    if text.contains("armnn") {
        let gpu = text.contains("opencl");
        return if gpu { "armnn-opencl" } else { "armnn-neon" }.to_owned();
    }
    if text.contains("tflite") {
        let mut kernels = ["ruy", "xnnpack"].into_iter();
        let kernels = kernels.find(|kernels| text.contains(kernels));
        return kernels.map_or("tflite".to_owned(), |kernels| format!("tflite-{kernels}"));
    }
    if let Some((_, name)) = SOFTWARE.iter().find(|(word, _)| text.contains(word)) {
        return (*name).to_owned();
    }
    let first = text.split(',').next().unwrap_or_default();
    let words: Vec<&str> = first
        .split([' ', '/'])
        .filter(|word| !word.is_empty() && !is_version(word))
        .collect();
    if words.is_empty() {
        "unstated".to_owned()
    } else {
        words.join("-")
    }
}

fn is_version(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_one_name_under_every_prefix() {
        let names = [
            "mobilenet-v2",
            "ncnn-mobilenet_v2",
            "qaihub-mobilenet-v2",
            "hailo-mobilenet_v2",
            "tf_mobilenet_v2",
            "tf_mobilenet_v2.in1k",
            "MobileNet-V2",
        ];
        for name in names {
            assert_eq!(one_network(name), "mobilenetv2", "{name}");
        }
        assert_eq!(one_network("yolov5s"), one_network("rknn-yolov5s"));
        assert_ne!(
            one_network("mobilenet-v2-0.35"),
            one_network("mobilenet-v2-3.5x")
        );
        assert_eq!(one_network("ncnn-"), "");
    }

    #[test]
    fn a_family_is_the_first_word_without_its_number() {
        for (name, family) in [
            ("resnet50", "resnet"),
            ("hailo-yolov5s", "yolov"),
            ("vit_base_patch16_224", "vit"),
            ("bert-large", "bert-large"),
            ("3d-unet-kits19", "3d"),
            ("convnextv2_tiny.fcmae_ft_in1k", "convnextv"),
        ] {
            assert_eq!(network_family(name), family, "{name}");
        }
    }

    #[test]
    fn software_loses_its_versions() {
        for (text, name) in [
            ("TensorRT 8.6.0, CUDA 12.0", "tensorrt"),
            ("JetPack 4.6, TensorRT 8.0.1", "tensorrt"),
            ("CUDA 11.0", "tensorrt"),
            ("ArmNN v22.11 (Neon)", "armnn-neon"),
            ("ArmNN v22.05 (OpenCL)", "armnn-opencl"),
            ("TFLite vmaster (xnnpack)", "tflite-xnnpack"),
            ("ONNX runtime v1.12 with GPU support", "onnxruntime"),
            ("PyTorch: Retinanet: 1.12.0a0", "pytorch"),
            ("torchscript", "pytorch"),
            ("tf-savedmodel", "tensorflow"),
            ("TensorFlow-Lite 2.2.0 + custom patches", "tflite"),
            ("X-CUBE-AI v7.3.0", "stedgeai"),
            ("STEDGE-AI Internal version", "stedgeai"),
            ("ncnn", "ncnn"),
            ("diffusers/xDiT", "diffusers"),
            ("Moffett SDK 2.1", "moffett-sdk"),
            ("", "unstated"),
            ("N/A", "unstated"),
        ] {
            assert_eq!(network_software(text), name, "{text}");
        }
    }
}
