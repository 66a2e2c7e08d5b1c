//! What names the software and hardware of a kernel row.

use super::{Line, Table};
use crate::record::OperatorPlace;

/// Columns that tell how a call computes; those that a family lacks are left out.
const FORMAT: [&str; 5] = ["dtype", "kv_dtype", "gemm_dtype", "phase", "mode"];

/// The place of a kernel row on the device of that catalogue id.
pub fn operator_place<'a>(table: &'a Table, line: &'a Line, device: &'a str) -> OperatorPlace<'a> {
    let words = FORMAT.map(|column| table.field(line, column));
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    OperatorPlace {
        device,
        op: table.field(line, "op"),
        format: words.join("/"),
        backend: table.field(line, "backend"),
        version: table.field(line, "backend_version"),
        kernel: table.field(line, "kernel"),
    }
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
}
