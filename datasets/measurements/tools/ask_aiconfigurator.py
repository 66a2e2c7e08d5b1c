#!/usr/bin/env python3
"""Asks NVIDIA AIConfigurator for the server measurements that it ships, and sets its answers beside those of `phantom`.

    pip install aiconfigurator==0.12.0
    phantom validate measurements --rows rows.csv
    jq 'del(.blind)' datasets/calibration/default.json > whole.json
    phantom validate measurements --calibration whole.json --rows whole.csv
    ask_aiconfigurator.py measurements/llm/aic-silicon.csv rows.csv whole.csv

The rows are those of `silicon_sample.csv` of the package, which `aic-silicon.csv` holds in our columns: aggregated serving, guessing of
tokens ahead off. AIConfigurator is asked as its own `tools/accuracy_regression_testing` does, by `cli_estimate(mode="agg")` with the data
of its default version of each runtime (it has none of the measured versions), for the checkpoint that was served; where it has no kernel
data for the checkpoint's formats, for those of the sample. The batch is that of one rank of attention: requests in flight over ranks.
Errors are absolute percentages, mean/median, on rows that both answer. Both are shown with everything they know: some constants of
AIConfigurator are calibrated on this sample (`sdk/backends/vllm_backend.py`), and the pack is fitted to it (`whole.csv`). Then rows of groups
that the pack's twin has not seen, as the twin predicts them (`rows.csv`); AIConfigurator has no such rows.
"""

import collections
import contextlib
import csv
import functools
import importlib
import io
import logging
import re
import statistics
import sys
from pathlib import Path

# Names that the package bundles for checkpoints whose configuration it would download.
ALIASES = {
    "meta-llama/Llama-3.1-70B": "meta-llama/Meta-Llama-3.1-70B",
    "meta-llama/Llama-3.1-8B-Instruct": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "meta-llama/Meta-Llama-3.1-8B",
    "zhipuai/GLM-5": "zai-org/GLM-5",
    "nvidia/DeepSeek-R1-NVFP4": "nvidia/DeepSeek-V3.1-NVFP4",
    "nvidia/Qwen3-32B-NVFP4": "Qwen/Qwen3-32B",
}
# Four-bit checkpoints of the same architecture.
FOUR_BIT = {
    "deepseek-ai/DeepSeek-R1": "nvidia/DeepSeek-V3.1-NVFP4",
    "deepseek-ai/DeepSeek-V3": "nvidia/DeepSeek-V3.1-NVFP4",
    "nvidia/DeepSeek-R1-NVFP4": "nvidia/DeepSeek-V3.1-NVFP4",
    "nvidia/DeepSeek-V3.1-NVFP4": "nvidia/DeepSeek-V3.1-NVFP4",
    "MiniMaxAI/MiniMax-M2.5": "nvidia/MiniMax-M2.5-NVFP4",
    "moonshotai/Kimi-K2.5": "nvidia/Kimi-K2.5-NVFP4",
    "zhipuai/GLM-5": "nvidia/GLM-5-NVFP4",
    "Qwen/Qwen3.5-397B-A17B": "nvidia/Qwen3.5-397B-A17B-NVFP4",
}
BLOCKS_OF_FP8 = {
    "deepseek-ai/DeepSeek-R1",
    "deepseek-ai/DeepSeek-V3",
    "MiniMaxAI/MiniMax-M2.5",
    "Qwen/Qwen3-235B-A22B-FP8",
}


def served(sample):
    """The checkpoint of a row with its formats."""
    model, stated = sample["model_path"], sample["precision"]
    formats = lambda gemm, moe, cache=None: {
        "gemm_quant_mode": gemm, "moe_quant_mode": moe, **({"kvcache_quant_mode": cache} if cache else {})
    }
    asked = {"model_path": ALIASES.get(model, model)}
    if stated == "fp4" and model in FOUR_BIT:
        return {"model_path": FOUR_BIT[model]}
    if stated == "fp4" and model == "openai/gpt-oss-120b":
        is_blackwell = sample["system"].startswith(("b2", "b3", "gb"))
        return asked | ({"moe_quant_mode": "w4a8_mxfp4_mxfp8"} if is_blackwell else {})
    if model == "meta-llama/Llama-3.1-70B" and stated == "fp8":
        return {"model_path": "nvidia/Llama-3.1-70B-Instruct-FP8"}
    if model == "meta-llama/Llama-3.1-70B" and stated == "fp4":
        return asked | formats("nvfp4", "nvfp4", "fp8")
    if model == "nvidia/Llama-3.1-8B-Instruct-FP8":
        return asked | formats("fp8_static", "fp8", "fp8")
    if model == "Qwen/Qwen3.5-397B-A17B" and stated == "fp8":
        return asked | formats("fp8_block", "fp8_block")
    if model == "zhipuai/GLM-5" and stated == "fp8":
        return {"model_path": "zai-org/GLM-5-FP8"}
    if stated in ("", "bf16") or (stated == "fp8" and model in BLOCKS_OF_FP8) or (stated, model) == ("int4", "moonshotai/Kimi-K2.5"):
        return asked
    return asked | of_sample(sample)


def of_sample(sample):
    """The formats that the sample states."""
    return {name: sample[name] or None for name in ("gemm_quant_mode", "moe_quant_mode")}


def questions(sample, row):
    """Keyword arguments, the most faithful first."""
    tp, pp, ep, dp = (int(float(row[name] or 1)) for name in ("tp", "pp", "ep", "dp"))
    load = {
        "system_name": sample["system"], "backend_name": sample["backend"], "mode": "agg",
        "isl": int(sample["isl"]), "osl": int(sample["osl"]), "batch_size": max(1, -(-int(float(row["concurrency"])) // dp)),
        "tp_size": tp, "pp_size": pp, "attention_dp_size": dp, "moe_tp_size": max(1, tp * dp // ep), "moe_ep_size": ep,
    }
    name = {"model_path": ALIASES.get(sample["model_path"], sample["model_path"])}
    yield load | served(sample)
    if sample["model_path"] == "openai/gpt-oss-120b":
        yield load | name
    yield load | name | of_sample(sample)


def answers(sample, row, estimate):
    """Milliseconds to the first token and for each further one; None where there is no answer."""
    for asked in questions(sample, row):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = estimate(**asked)
            return {"mean_ttft": float(found.ttft), "mean_tpot": float(found.tpot)}
        except Exception:  # the package raises bare exceptions for what it has no data for
            continue
    return None


def error_of(pairs):
    sizes = [100 * abs(predicted / measured - 1) for measured, predicted in pairs]
    return f"{statistics.mean(sizes):.1f}/{statistics.median(sizes):.1f}" if sizes else "-"


def predictions(path):
    """Rows of the sample that phantom predicts, by id."""
    rows = csv.DictReader(open(path))
    return {row["id"]: row for row in rows if row["source_id"] == "aic-silicon" and row["predicted"] and not row["skipped"]}


def main(measured, predicted, whole):
    logging.disable(logging.WARNING)
    database = importlib.import_module("aiconfigurator.sdk.perf_database")
    # The look-up of versions reads hundreds of files at every call.
    for name in ("get_supported_databases", "get_latest_database_version"):
        setattr(database, name, functools.cache(getattr(database, name)))
    from aiconfigurator.cli.api import cli_estimate
    import aiconfigurator_core

    sample = list(csv.DictReader(open(Path(aiconfigurator_core.__file__).parent / "systems" / "silicon_sample.csv")))
    rows = {row["id"]: row for row in csv.DictReader(open(measured))}
    found, groups = {}, collections.defaultdict(list)
    shipped = predictions(whole)
    for ours in predictions(predicted).values():
        if ours["id"] not in shipped:
            continue
        row = rows[ours["id"]]
        if "SPECULATIVE DECODING: MTP on" in row["notes"]:
            continue
        line = int(re.search(r"#L(\d+)", row["notes"]).group(1)) - 2
        if line not in found:
            found[line] = answers(sample[line], row, cli_estimate)
        theirs = found[line]
        scale = 1e3 if ours["unit"] == "s" else 1.0
        values = [float(number) * scale for number in (ours["measured"], shipped[ours["id"]]["predicted"], ours["predicted"])]
        entry = (values[0], theirs and theirs[ours["metric"]], values[1], values[2], ours["sample"])
        for place in (f"{ours['hardware']}, {ours['framework']}", "all"):
            groups[(ours["metric"], place)].append(entry)
    print("| Metric | Device, runtime | Rows | Both answer | AIConfigurator | The pack | Held out | AIConfigurator | The twin |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (metric, place), entries in sorted(groups.items()):
        both = [entry for entry in entries if entry[1]]
        held = [entry for entry in both if entry[4] == "held_out"]
        columns = [error_of([(e[0], e[side]) for e in of]) for of, side in ((both, 1), (both, 2), (held, 1), (held, 3))]
        print(f"| `{metric}` | {place} | {len(entries)} | {len(both)} | {columns[0]} | {columns[1]} | {len(held)} | {columns[2]} | {columns[3]} |")


if __name__ == "__main__":
    main(*sys.argv[1:4])
