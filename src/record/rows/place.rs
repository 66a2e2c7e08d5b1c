//! What names the software and hardware of a kernel row.

use super::{Line, Table};
use crate::record::OperatorPlace;

/// Columns that tell how a call computes; those that a family lacks are left out.
const FORMAT: [&str; 5] = ["dtype", "kv_dtype", "gemm_dtype", "phase", "mode"];

/// The place of a kernel row on the device of that catalogue id. Boxes whose cards are bridged in pairs are a format of their own:
/// what more than two of their cards exchange takes another way than on boards with a switch.
pub fn operator_place<'a>(table: &'a Table, line: &'a Line, device: &'a str) -> OperatorPlace<'a> {
    let words = FORMAT.map(|column| table.field(line, column));
    let is_paired = table.field(line, "hardware").contains("pairwise");
    let words = words.into_iter().filter(|word| !word.is_empty());
    let words: Vec<&str> = words
        .chain(is_paired.then_some(OperatorPlace::PAIRS))
        .collect();
    OperatorPlace {
        device,
        op: operator(table.field(line, "op")),
        format: words.join("/"),
        backend: table.field(line, "backend"),
        version: table.field(line, "backend_version"),
        kernel: table.field(line, "kernel"),
    }
}

/// The operator without the number of devices that it spans, which is a size: `all_reduce_4_per_node`.
fn operator(op: &str) -> &str {
    let devices = op.strip_suffix("_per_node");
    devices
        .and_then(|op| op.rsplit_once('_'))
        .map_or(op, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_joined_and_absent_ones_left_out() {
        let text = "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\nh100,vllm,1,gemm,x,fp8,1,2,3,5,,k\n";
        let table = Table::read(text.as_bytes()).expect("a table");
        let place = operator_place(&table, &table.lines[0], "h100-sxm5-80gb");
        assert_eq!(place.format, "fp8");
        assert_eq!(place.keys()[1], "gemm|fp8|vllm|x");
    }

    #[test]
    fn the_wiring_of_a_box_is_a_part_of_the_format_and_its_devices_are_a_size() {
        let text = "hardware,backend,backend_version,op,kernel,dtype,mode,gpus,bytes,latency_us,power_w,source_id\nh100_pairwise_nvlink,nccl,1,all_reduce_4_per_node,x,float16,graph,4,1024,5,,k\n";
        let table = Table::read(text.as_bytes()).expect("a table");
        let place = operator_place(&table, &table.lines[0], "h100-pcie-80gb");
        assert_eq!(
            (place.op, place.format.as_str()),
            ("all_reduce", "float16/graph/pairs")
        );
    }
}
