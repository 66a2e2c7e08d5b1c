//! `hardware.csv`: one device a row.

use super::super::cells::Cells;
use super::super::table::Kind;
use super::super::{Device, DeviceClass, Fabric, FabricKind, Mcu, Pcie, Peaks};
use crate::units::{Bytes, BytesPerSec, FlopsPerSec, Hertz, Watts};

const KIB: f64 = 1024.0;
const MIB: f64 = KIB * 1024.0;
const GIB: f64 = MIB * 1024.0;

pub(in super::super) const HARDWARE: Kind<Device> = Kind {
    name: "hardware",
    columns: &[
        "id",
        "vendor",
        "name",
        "class",
        "architecture",
        "year",
        "memory_gib",
        "memory_type",
        "bandwidth_gb_s",
        "fp64_tflops",
        "fp32_tflops",
        "tf32_tflops",
        "bf16_tflops",
        "fp16_tflops",
        "fp16_acc16_tflops",
        "fp8_tflops",
        "fp4_tflops",
        "int8_tops",
        "int4_tops",
        "cores",
        "boost_mhz",
        "base_mhz",
        "l2_mib",
        "l3_mib",
        "l1_kib_per_core",
        "tdp_w",
        "idle_w",
        "fabric",
        "fabric_gb_s_per_direction",
        "pcie_generation",
        "pcie_lanes",
        "sram_kib",
        "flash_kib",
        "active_power_mw",
        "sleep_power_uw",
        "int8_macs_per_cycle",
        "launch_price_usd",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: device,
    id: |device| device.id.clone(),
    unique: |device| device.id.clone(),
};

fn device(cells: &mut Cells) -> Option<Device> {
    let id = cells.id("id");
    let vendor = cells.text("vendor").to_owned();
    let name = cells.required("name").map(str::to_owned);
    let class = cells.required_word("class", &DeviceClass::ALL);
    let architecture = cells.text("architecture").to_owned();
    let year = cells.integer("year", 2005..=2027).map(|year| year as u16);
    let memory = bytes(cells, "memory_gib", GIB, 8192.0);
    let memory_type = cells.text("memory_type").to_owned();
    let memory_bandwidth = gigabytes_per_second(cells, "bandwidth_gb_s", 3e7);
    let peaks = peaks(cells);
    let cores = cells.integer("cores", 1..=1_000_000);
    let boost_clock = megahertz(cells, "boost_mhz");
    let base_clock = megahertz(cells, "base_mhz");
    let l2 = bytes(cells, "l2_mib", MIB, 600.0);
    let l3 = bytes(cells, "l3_mib", MIB, 2048.0);
    let l1_per_core = bytes(cells, "l1_kib_per_core", KIB, 1024.0);
    let tdp = cells.number("tdp_w", 0.001..=30_000.0).map(Watts::new);
    let idle_power = cells.number("idle_w", 0.0..=400.0).map(Watts::new);
    let fabric = fabric(cells);
    let pcie = pcie(cells);
    let mcu = mcu(cells);
    let launch_price_usd = cells.number("launch_price_usd", 0.0..=60_000.0);
    let provenance = cells.provenance();
    Some(Device {
        id: id?,
        vendor,
        name: name?,
        class: class?,
        architecture,
        year,
        memory,
        memory_type,
        memory_bandwidth,
        peaks,
        cores,
        boost_clock,
        base_clock,
        l2,
        l3,
        l1_per_core,
        tdp,
        idle_power,
        fabric,
        pcie,
        mcu,
        launch_price_usd,
        provenance,
    })
}

fn peaks(cells: &mut Cells) -> Peaks {
    let mut peak = |column: &str, most: f64| {
        cells
            .number(column, 0.0..=most)
            .map(|tera| FlopsPerSec::new(tera * 1e12))
    };
    Peaks {
        fp64: peak("fp64_tflops", 200.0),
        fp32: peak("fp32_tflops", 300.0),
        tf32: peak("tf32_tflops", 2500.0),
        bf16: peak("bf16_tflops", 5000.0),
        fp16: peak("fp16_tflops", 5000.0),
        fp16_acc16: peak("fp16_acc16_tflops", 5000.0),
        fp8: peak("fp8_tflops", 10_000.0),
        fp4: peak("fp4_tflops", 20_000.0),
        int8: peak("int8_tops", 10_000.0),
        int4: peak("int4_tops", 5000.0),
    }
}

fn fabric(cells: &mut Cells) -> Option<Fabric> {
    let kind = cells.word("fabric", &FabricKind::ALL);
    let bandwidth = gigabytes_per_second(cells, "fabric_gb_s_per_direction", 5000.0);
    match (kind, bandwidth) {
        (Some(kind), Some(bandwidth_per_direction)) => Some(Fabric {
            kind,
            bandwidth_per_direction,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            cells.problem("fabric", "needs its bandwidth, and a bandwidth its fabric");
            None
        }
    }
}

fn pcie(cells: &mut Cells) -> Option<Pcie> {
    let generation = cells.integer("pcie_generation", 1..=7);
    let lanes = cells.integer("pcie_lanes", 1..=160);
    Some(Pcie {
        generation: generation? as u8,
        lanes: lanes? as u8,
    })
}

fn mcu(cells: &mut Cells) -> Mcu {
    Mcu {
        sram: bytes(cells, "sram_kib", KIB, 1e9),
        flash: bytes(cells, "flash_kib", KIB, 1e9),
        active_power: cells
            .number("active_power_mw", 0.0..=2000.0)
            .map(|milli| Watts::new(milli * 1e-3)),
        sleep_power: cells
            .number("sleep_power_uw", 0.0..=5000.0)
            .map(|micro| Watts::new(micro * 1e-6)),
        int8_macs_per_cycle: cells.number("int8_macs_per_cycle", 0.0..=1e6),
    }
}

fn bytes(cells: &mut Cells, column: &str, unit: f64, most: f64) -> Option<Bytes> {
    cells
        .number(column, 0.0..=most)
        .map(|amount| Bytes::new(amount * unit))
}

fn gigabytes_per_second(cells: &mut Cells, column: &str, most: f64) -> Option<BytesPerSec> {
    cells
        .number(column, 0.0..=most)
        .map(|giga| BytesPerSec::new(giga * 1e9))
}

fn megahertz(cells: &mut Cells, column: &str) -> Option<Hertz> {
    cells
        .number(column, 16.0..=6500.0)
        .map(|mega| Hertz::new(mega * 1e6))
}
