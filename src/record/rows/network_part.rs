//! What part of a device a row ran on.

use super::NetworkRow;
use super::network_names::network_software;
use crate::catalog::{Device, DeviceClass, normal_name};
use crate::record::Engine;

/// The unit of a chip that computes, as far as a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// The one that the software or the name of the device means.
    Usual,
    /// A matrix unit.
    Matrix,
    /// Cores, where the software can run elsewhere.
    Cores,
    /// The graphics unit, by the row's word.
    Graphics,
    /// What Android's interface for neural networks picks.
    Nnapi,
}

/// The part of a device that a row ran on: its unit, and how many cores of a matrix unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RanOn<'a> {
    unit: Unit,
    cores: Option<&'a str>,
}

/// Software that is for the matrix unit of a Snapdragon, unless a row says otherwise.
const HEXAGON: [&str; 3] = ["qnn-dlc", "qnn-context-binary", "precompiled-qnn-onnx"];

/// Software that runs on cores of a Snapdragon unless something says otherwise.
const ANYWHERE: [&str; 2] = ["tflite", "onnx"];

/// What stands before a setting of a matrix unit in what is stated of a device.
const SETTING: &str = "NPU mode ";

impl<'a> RanOn<'a> {
    /// The part of a row. A chip has one entry for all of its parts: then the row's own name for it, what it states of the unit, the version of the
    /// software (Qualcomm's runtime beside TensorFlow Lite or ONNX Runtime) and shares in its remarks say which of them ran.
    pub(super) fn of(row: &NetworkRow<'a>, device: &Device, software: &str) -> Self {
        Self {
            unit: Unit::of(row, device, software),
            cores: row.detail.strip_prefix(SETTING),
        }
    }

    /// Its names where software has no others for it.
    pub(super) fn names(self) -> impl Iterator<Item = String> {
        let unit = match self.unit {
            Unit::Usual | Unit::Matrix => None,
            Unit::Cores => Some("cpu"),
            Unit::Graphics => Some("gpu"),
            Unit::Nnapi => Some("nnapi"),
        };
        unit.into_iter().chain(self.cores).map(normal_name)
    }

    /// The kind of unit that computes.
    pub(super) fn engine(self, row: &NetworkRow<'_>, device: &Device, software: &str) -> Engine {
        match device.class {
            DeviceClass::DatacenterGpu => Engine::DatacenterGpu,
            // Cards of workstations carry the chips of those of personal computers.
            DeviceClass::WorkstationGpu | DeviceClass::ConsumerGpu => Engine::ConsumerGpu,
            DeviceClass::AppleSoc => Engine::Apple,
            DeviceClass::Cpu if device.id.ends_with("-igpu") => Engine::IntegratedGpu,
            DeviceClass::Cpu if device.id.ends_with("-npu") => Engine::Npu,
            DeviceClass::Cpu => Engine::Cpu,
            DeviceClass::EdgeSoc => self.small_engine(row, device, software),
            DeviceClass::Mcu => Engine::Mcu,
            DeviceClass::Npu if row.hardware.ends_with("-cpu") => Engine::MobileCpu,
            DeviceClass::Npu => Engine::Npu,
            DeviceClass::Asic => Engine::Asic,
            DeviceClass::Tpu => Engine::Tpu,
        }
    }

    fn small_engine(self, row: &NetworkRow<'_>, device: &Device, software: &str) -> Engine {
        let names = |ending: &str| device.id.ends_with(ending) || row.hardware.ends_with(ending);
        if is_nvidia(device) {
            return if names("-cpu") || software == "ncnn" || self.unit == Unit::Cores {
                Engine::MobileCpu
            } else {
                Engine::JetsonGpu
            };
        }
        match self.unit {
            Unit::Graphics => Engine::MobileGpu,
            Unit::Nnapi | Unit::Matrix => Engine::MobileNpu,
            Unit::Usual if software == "ncnn" => Engine::MobileCpu,
            Unit::Usual if runs_on_graphics(software) || names("-gpu") => Engine::MobileGpu,
            Unit::Usual if names("-npu") => Engine::MobileNpu,
            Unit::Cores | Unit::Usual => Engine::MobileCpu,
        }
    }
}

impl Unit {
    fn of(row: &NetworkRow<'_>, device: &Device, software: &str) -> Self {
        if device.class != DeviceClass::EdgeSoc || runs_on_graphics(software) {
            return Self::Usual;
        }
        let adds = |ending: &str| row.hardware.ends_with(ending) && !device.id.ends_with(ending);
        let mut words = row.detail.split(' ');
        let (first, last) = (words.next(), words.next_back());
        let says = |word: &str| first == Some(word) || last == Some(word);
        let most_on = |unit: &str| row.notes.split("; ").any(|item| most_on(item, unit));
        let board = is_nvidia(device);
        if says("CPU") {
            Self::Cores
        } else if !board && says("GPU") || most_on("GPU") || adds("-gpu") && software != "ncnn" {
            Self::Graphics
        } else if adds("-nnapi") {
            Self::Nnapi
        } else if says("NPU")
            || most_on("NPU")
            || row.detail == APPLE
            || row.version.contains("qair")
            || HEXAGON.contains(&software)
        {
            Self::Matrix
        } else if device.architecture.contains("Hexagon") && ANYWHERE.contains(&software) {
            Self::Cores
        } else {
            Self::Usual
        }
    }
}

/// Apple's setting of Core ML that leaves the GPU out.
const APPLE: &str = "CPU_AND_NE";

/// Whether a remark says that more than half of a network ran on a unit: `92.74% NPU`.
fn most_on(remark: &str, unit: &str) -> bool {
    let share = remark
        .strip_suffix(unit)
        .and_then(|rest| rest.trim_end().strip_suffix('%'));
    share
        .and_then(|share| share.trim().parse::<f64>().ok())
        .is_some_and(|share| share > 50.0)
}

/// The software that ran. ncnn computes networks of eight bits on cores, whatever it was asked: their times fall with threads and are those of its
/// runs on cores.
pub(super) fn software(row: &NetworkRow<'_>, device: &Device) -> String {
    let named = network_software(row.framework);
    let falls_back = named == "ncnn-vulkan" && row.precision == "int8";
    if falls_back && device.class == DeviceClass::EdgeSoc {
        "ncnn".to_owned()
    } else {
        named
    }
}

fn runs_on_graphics(software: &str) -> bool {
    software.contains("vulkan") || software.contains("opencl")
}

fn is_nvidia(device: &Device) -> bool {
    device.vendor.eq_ignore_ascii_case("nvidia")
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::ROW;
    use super::super::network_case::tests::call;
    use super::*;

    /// Engine and mode of [`ROW`] on other hardware, with what is stated of it, under other software and its version.
    fn ran(hardware: &str, detail: &str, software: &str, version: &str) -> (Engine, String) {
        let row = ROW
            .replace("rtx-4090,,", &format!("{hardware},{detail},"))
            .replace("pytorch-timm,2.4,", &format!("{software},{version},"));
        let call = call(&row).expect("known");
        (call.engine, call.names.mode)
    }

    #[test]
    fn software_decides_which_part_of_a_phone_runs() {
        for (software, engine) in [
            ("ncnn", Engine::MobileCpu),
            ("ncnn-vulkan", Engine::MobileGpu),
            ("qnn_dlc", Engine::MobileNpu),
        ] {
            let mode = "eager/nchw".to_owned();
            assert_eq!(ran("snapdragon-8-elite", "", software, ""), (engine, mode));
        }
    }

    #[test]
    fn what_a_row_says_of_its_unit_decides_where_software_can_run_on_several() {
        let chip = "snapdragon-8-elite";
        for (hardware, detail, version, engine, mode) in [
            (
                chip,
                "Snapdragon 8 Elite NPU",
                "qairt 2.43",
                Engine::MobileNpu,
                "eager/nchw",
            ),
            (
                chip,
                "Snapdragon 8 Elite CPU",
                "2.17.0",
                Engine::MobileCpu,
                "eager/nchw/cpu",
            ),
            (
                chip,
                "Snapdragon 8 Elite GPU",
                "2.17.0",
                Engine::MobileGpu,
                "eager/nchw/gpu",
            ),
            (
                chip,
                "Snapdragon 8 Elite NPU",
                "",
                Engine::MobileNpu,
                "eager/nchw",
            ),
            (chip, "", "", Engine::MobileCpu, "eager/nchw/cpu"),
            ("pixel-3", "", "", Engine::MobileCpu, "eager/nchw/cpu"),
            ("pixel-3-gpu", "", "", Engine::MobileGpu, "eager/nchw/gpu"),
            (
                "pixel-3-nnapi",
                "",
                "",
                Engine::MobileNpu,
                "eager/nchw/nnapi",
            ),
        ] {
            let found = ran(hardware, detail, "tflite", version);
            assert_eq!(found, (engine, mode.to_owned()), "{hardware} {detail}");
        }
    }

    #[test]
    fn eight_bits_of_ncnn_run_on_cores() {
        let row = ROW
            .replace("rtx-4090", "snapdragon-8-gen2-gpu")
            .replace("pytorch-timm,2.4,amp-fp16,", "ncnn-vulkan,,int8,");
        let call = call(&row).expect("known");
        assert_eq!(call.engine, Engine::MobileCpu);
        assert_eq!(call.names.software, "ncnn");
    }

    #[test]
    fn cores_beside_the_gpu_of_a_board_are_told_from_it() {
        let board = "jetson-orin-nano-super-8gb";
        let of = |detail, software| ran(board, detail, software, "").0;
        assert_eq!(of("GPU", "tensorrt"), Engine::JetsonGpu);
        assert_eq!(
            of("CPU (other formats run on the CPU)", "mnn"),
            Engine::MobileCpu
        );
    }

    #[test]
    fn a_matrix_unit_may_run_with_part_of_its_cores() {
        let (engine, mode) = ran("axera-ax650n", "NPU mode 1 Core", "pulsar2", "");
        assert_eq!(
            engine,
            ran("axera-ax650n", "NPU mode 3 Cores", "pulsar2", "").0
        );
        assert_eq!(mode, "eager/nchw/1 core");
    }
}
