//! Caches in host memory, as scenarios write them.

use super::world::{good, said, with};
use crate::scenario::{Holds, HostMemory, Kept};
use crate::units::Bytes;

/// Eight accelerators whose host has 512 GiB.
fn on_eight(runtime: &str, deployment: &str) -> String {
    let eight =
        "hardware: {g: {catalog: h100-sxm5-80gb, count: 8, host: {memory: {size: 512 GiB}}}}";
    let rest = format!("runtime: {{{runtime}}}\ndeployment: {{{deployment}}}");
    with(&[("hardware", eight), ("rest", &rest)])
}

#[test]
fn caches_in_host_memory() {
    let of = on_eight;
    let mac = "hardware: {g: {catalog: apple-m4-max}}";
    insta::assert_snapshot!(said(&[
        (
            "no size",
            of("name: vllm", "kv_offload: {interrupted: all}")
        ),
        (
            "twice",
            of(
                "name: vllm, kv_offloading_size: 64",
                "kv_offload: {memory: 64 GiB}"
            )
        ),
        (
            "more than the host has",
            of(
                "name: vllm",
                "tp: 2, replicas: 4, kv_offload: {memory: 200 GiB}"
            )
        ),
        (
            "more than the host has, for each device",
            of("name: tensorrt-llm, host_cache_size: 100000000000", "tp: 8")
        ),
        (
            "no link",
            with(&[
                ("hardware", mac),
                ("rest", "deployment: {kv_offload: {memory: 8 GiB}}")
            ])
        ),
        (
            "a runtime without blocks",
            of("name: llama.cpp", "kv_offload: {memory: 8 GiB}")
        ),
        (
            "where prompts have engines of their own",
            of(
                "name: vllm",
                "prefill: {tp: 4}, decode: {tp: 4}, kv_offload: {memory: 8 GiB}"
            )
        ),
    ]));
}

#[test]
fn what_a_runtime_keeps_in_host_memory() {
    let given = |runtime: &str, deployment: &str| {
        let loaded = good(&on_eight(runtime, deployment));
        loaded.plan.point(0).system.kv_offload
    };
    let gib = |size: f64| Bytes::new(size * 1024.0 * 1024.0 * 1024.0);
    assert_eq!(given("name: vllm", "kv_offload: {memory: 0 GiB}"), None);
    assert_eq!(given("name: vllm, swap_space: 4", "tp: 8"), None);
    assert_eq!(given("name: sglang, hicache_ratio: 3", "tp: 8"), None);
    let vllm = given("name: vllm", "kv_offload: {memory: 64 GiB}").expect("it has some");
    assert_eq!(
        given("name: vllm, kv_offloading_size: 64", "tp: 8"),
        Some(vllm)
    );
    assert_eq!((vllm.holds, vllm.kept), (Holds::Copies, Kept::Prompt));
    let swapped = given("name: vllm, swap_space: 4, preemption_mode: swap", "tp: 8");
    let swapped = swapped.expect("it has some");
    assert_eq!(swapped.memory, HostMemory::OfDevice(gib(4.0)));
    assert_eq!((swapped.holds, swapped.kept), (Holds::Nothing, Kept::All));
    let sglang = given("name: sglang, enable_hierarchical_cache: true", "tp: 8");
    let sglang = sglang.expect("it has some");
    assert_eq!(sglang.memory, HostMemory::TimesCache(2.0));
    assert_eq!((sglang.holds, sglang.kept), (Holds::Copies, Kept::Nothing));
    let all = given(
        "name: vllm",
        "kv_offload: {memory: 64 GiB, interrupted: all}",
    );
    assert_eq!(all.expect("it has some").kept, Kept::All);
}

#[test]
fn a_link_to_the_host_has_a_name_or_a_rate() {
    let link = |text: &str| {
        let grace = format!("hardware: {{g: {{catalog: gh200-96gb, host: {{link: {text}}}}}}}");
        let system = good(&with(&[("hardware", &grace)])).plan.point(0).system;
        let host = system.hardware.host.clone().expect("it is stated");
        host.link.expect("it is stated").get()
    };
    assert_eq!(link("nvlink-c2c"), 450e9);
    assert_eq!(link("100 GB/s"), 100e9);
    assert!((link("{pcie: gen5}") / 63.0e9 - 1.0).abs() < 1e-3);
}
