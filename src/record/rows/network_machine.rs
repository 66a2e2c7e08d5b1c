//! The machine that a row of a network ran on, beside the device that it names.

use super::NetworkRow;
use crate::catalog::{Device, DeviceClass, normal_name};

/// Whether a detail names the graphics of a processor where the device is a card: runs through Direct3D in a guest may end on either.
pub(super) fn names_another(detail: &str, device: &Device) -> bool {
    detail.contains("Intel(R)") && device.vendor.eq_ignore_ascii_case("nvidia")
}

/// Slices of cards that a submission to MLPerf ran on: 28 of `closed/NVIDIA/DGX-A100-MIG_28x1g.10gb_TRT/rnnt`.
pub(super) fn slices(notes: &str) -> Option<u32> {
    let (_, after) = notes.split_once("MIG_")?;
    let (count, _) = after.split_once('x')?;
    count.parse().ok().filter(|count| *count > 0)
}

/// Words that begin the software's part of the name of a system.
const SOFTWARE: [&str; 9] = [
    "-tflite",
    "-armnn",
    "-tensorrt",
    "-reference",
    "-mlcommons",
    "-nvidia_original",
    "-ctuning",
    "-qaic",
    "_trt",
];

/// The machine that a row names for a chip or a processor, whose boards differ by memory, clocks and cooling: the system of a submission to MLPerf,
/// without its software (`open/Krai/odroid-tflite-v2/resnet50` is of `odroid`), else the row's own name for the device; empty for other devices.
pub(super) fn machine(row: &NetworkRow<'_>, device: &Device) -> String {
    let submitted = || {
        let mut items = row.notes.split(';').map(str::trim);
        let path = items.find(|item| item.starts_with("closed/") || item.starts_with("open/"))?;
        let mut folders = path.split('/').skip(2);
        let system = folders.next()?;
        let system = if system == "results" {
            folders.next()?
        } else {
            system
        };
        let system = system.to_ascii_lowercase();
        let end = SOFTWARE.iter().filter_map(|word| system.find(word)).min();
        Some(system[..end.unwrap_or(system.len())].to_owned())
    };
    match device.class {
        DeviceClass::EdgeSoc | DeviceClass::Cpu | DeviceClass::AppleSoc => {
            let submitted = submitted();
            let name = normal_name(submitted.as_deref().unwrap_or(row.hardware));
            if name == device.id {
                String::new()
            } else {
                name
            }
        }
        DeviceClass::DatacenterGpu
        | DeviceClass::WorkstationGpu
        | DeviceClass::ConsumerGpu
        | DeviceClass::Mcu
        | DeviceClass::Npu
        | DeviceClass::Asic
        | DeviceClass::Tpu => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Skip;
    use super::super::network::tests::ROW;
    use super::super::network_case::tests::call;

    #[test]
    fn machines_of_a_chip_are_told_apart() {
        let machine = |hardware: &str, note: &str| {
            let row = ROW
                .replace("rtx-4090", hardware)
                .replace(",community,", &format!(",community,{note}"));
            call(&row).expect("known").names.machine
        };
        assert_eq!(machine("orangepi-5", ""), "orangepi-5");
        assert_eq!(machine("rk3588", ""), "");
        assert_eq!(machine("rtx-4090", ""), "");
        let submitted = "status=preview; open/Krai/odroid-n2_a-tflite-v2.11/resnet50";
        assert_eq!(machine("rk3588", submitted), "odroid-n2-a");
    }

    #[test]
    fn slices_of_cards_are_devices() {
        let devices = |note: &str| {
            let row = ROW.replace(",community,", &format!(",community,{note}"));
            call(&row).expect("known").load.devices
        };
        assert_eq!(devices(""), 1);
        assert_eq!(devices("closed/NVIDIA/A100-MIG_28x1g.10gb_TRT/rnnt"), 28);
    }

    #[test]
    fn graphics_of_a_processor_are_no_card() {
        let row = ROW.replace("rtx-4090,,", "rtx-4090,Direct3D12 (Intel(R) UHD),");
        assert_eq!(call(&row), Err(Skip::UnknownHardware));
    }
}
