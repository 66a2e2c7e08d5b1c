"""What `vllm bench serve` and `sglang.bench_serving` print, and the commands beside it, as measurement records."""

import csv
import hashlib
import re
import sys

COLUMNS = (
    "id source_id hardware hardware_detail device_count model model_params_b framework framework_version weight_precision "
    "activation_precision kv_precision quant_scheme tp pp ep dp batch_size concurrency input_tokens output_tokens context_tokens "
    "scenario metric value unit power_w_limit date quality notes"
).split()
# Devices by the names that pages give them.
DEVICES = {
    "A100": "a100-80gb",
    "H100": "h100-sxm-80gb",
    "H200": "h200-sxm-141gb",
    "B200": "b200-sxm-180gb",
    "MI300X": "mi300x",
    "MI325X": "mi325x",
    "MI350X": "mi350x",
    "MI355X": "mi355x",
}
# Checkpoints that are published in another format than sixteen bits; what a name says ("FP8", "AWQ") wins.
PUBLISHED = [
    (r"deepseek-(r1|v3)(?!.*distill)|kimi-k2-instruct|minimax-m2|ministral-3", "fp8", ""),
    (r"kimi-k2\.5", "int4", ""),
    (r"gpt-oss", "fp4", "mxfp4"),
]
# Networks by other names: the same dimensions, trained further; their own contexts are longer than those of the catalogue's.
SAME_NETWORK = {
    "qwen/qwen3-235b-a22b-instruct-2507": "qwen3-235b-a22b",
    "qwen/qwen3-235b-a22b-instruct-2507-fp8": "qwen3-235b-a22b",
    "zai-org/glm-4.6": "glm-4.5",
    "zai-org/glm-4.6-fp8": "glm-4.5",
}
# Options that leave batches and kernels as they are.
PLAIN = {
    "tp", "tp-size", "tp_size", "tensor-parallel-size", "pp", "pp-size", "pp_size", "pipeline-parallel-size", "ep", "ep-size", "ep_size",
    "enable-expert-parallel", "dp", "dp-size", "enable-dp-attention", "max-model-len", "max_seq_len", "context-length", "model",
    "model-path", "host", "port", "tokenizer-mode", "reasoning-parser", "tool-call-parser", "enable-auto-tool-choice", "trust-remote-code",
    "kv-cache-dtype", "mem-fraction-static", "gpu-memory-utilization", "served-model-name",
}  # fmt: skip
# What is printed, and the metric it is.
PRINTED = {
    "Mean TTFT (ms)": ("ttft_ms", "ms"),
    "P99 TTFT (ms)": ("ttft_ms_p99", "ms"),
    "Mean TPOT (ms)": ("tpot_ms", "ms"),
    "Output token throughput (tok/s)": ("output_tokens_per_s_total", "tokens/s"),
}
# A mean first token so many times the median, of requests that came one by one, is that of a server that was still compiling.
COLD = 5


def result(text):
    """The fields of a printed result; nothing where the text is none."""
    if "Serving Benchmark Result" not in text:
        return None
    pairs = re.findall(r"^\s*([^:\n]+):\s+([\d.]+|inf)\s*$", text, re.M)
    return {name.strip(): value for name, value in pairs}


def command(text):
    """Shell commands with continued lines joined."""
    return re.sub(r"\\\s*\n", " ", text)


def option(text, *names):
    """The value of the first of the options that a command has: `--tp 8`, `--tp=8`, `-tp 8`."""
    for name in names:
        found = re.search(rf"(?:^|\s)--?{name}[ =]+(\S+)", text)
        if found:
            return found.group(1)
    return ""


def device(text):
    """The one device that a text names."""
    names = [name for name in DEVICES if re.search(rf"\b{name}\b", text)]
    return DEVICES[names[0]] if len(names) == 1 else ""


def formats(model):
    """Weights and scheme of a checkpoint."""
    name = model.lower()
    for said, weights, scheme in (("nvfp4", "fp4", "nvfp4"), ("fp8", "fp8", ""), ("awq", "int4", "awq"), ("gptq", "int4", "gptq")):
        if said in name:
            return weights, scheme
    for pattern, weights, scheme in PUBLISHED:
        if re.search(pattern, name):
            return weights, scheme
    return "bf16", ""


def division(server):
    """Devices, `tp`, `pp`, `dp` and `ep` of a server's command; nothing where it runs replicas."""
    number = lambda *names: int(option(server, *names) or 1)
    tp = number("tp", "tp-size", "tp_size", "tensor-parallel-size")
    pp = number("pp", "pp-size", "pp_size", "pipeline-parallel-size")
    dp = number("dp", "dp-size", "data-parallel-size")
    ep = option(server, "ep", "ep-size", "ep_size")
    if "--enable-expert-parallel" in server:
        ep = tp * dp
    if dp > 1 and "--enable-dp-attention" not in server:
        return None
    return {"device_count": tp * pp, "tp": tp // dp, "pp": pp, "dp": dp, "ep": ep}


def is_plain(server):
    """True of a server whose options, and variables before its command, choose no batches and no kernels."""
    named = {name for name in re.findall(r"(?:^|\s)--?([a-z][\w-]*)", server) if name != "m"}
    return named <= PLAIN and not re.search(r"(?:^|\s)(export )?[A-Z][A-Z0-9_]*=", server)


def name(model):
    """The name of a network as the catalogue knows it."""
    return SAME_NETWORK.get(model.lower(), model.lower())


def serving(source, hardware, model, server):
    """The columns that a server's command, its model and its hardware (the name of the device, and as stated) tell."""
    weights, scheme = formats(model)
    return {
        "source_id": source,
        "hardware": hardware[0],
        "hardware_detail": hardware[1],
        "model": name(model),
        "weight_precision": weights,
        "quant_scheme": scheme,
        "kv_precision": "fp8" if "fp8" in option(server, "kv-cache-dtype") else "",
        "quality": "vendor",
        **division(server),
    }


def rows(base, printed, notes):
    """The rows of one run."""
    mean, median = (float(printed.get(f"{name} TTFT (ms)", 0)) for name in ("Mean", "Median"))
    is_cold = base.get("concurrency") == "1" and mean > COLD * median > 0
    for name, (metric, unit) in PRINTED.items():
        if name not in printed or (is_cold and metric != "tpot_ms"):
            continue
        row = dict(base, metric=metric, value=printed[name], unit=unit, notes="; ".join(notes))
        text = "|".join(str(row.get(column, "")) for column in COLUMNS)
        row["id"] = f"{base['source_id']}-{hashlib.sha1(text.encode()).hexdigest()[:12]}"
        yield row


def blocks(path, page):
    """Code blocks of a page with the line each begins at; other lines go to `page.line`."""
    block, begun = None, 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            if block is not None:
                yield "\n".join(block), begun
                block = None
            else:
                block, begun = [], number
        elif block is not None:
            block.append(line)
        else:
            page.line(line)


def write(runs):
    """Writes the rows of runs, and how many were left out for what."""
    table = csv.DictWriter(sys.stdout, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    reasons, printed = {}, set()
    for found in runs:
        # A page may show a run twice, or the run of another page.
        values = isinstance(found, list) and tuple(row["value"] for row in found)
        if values and values in printed:
            found = "printed before"
        printed.add(values)
        if isinstance(found, str):
            reasons[found] = reasons.get(found, 0) + 1
        else:
            table.writerows(found)
    for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1]):
        print(f"{count} runs left out: {reason}", file=sys.stderr)
