"""Serving runs printed in the pages of GPUStack's performance lab, as measurement records.

    git clone https://github.com/gpustack/gpustack
    python3 read_gpustack_lab.py gpustack > gpustack-lab.csv

A page names one device and the versions of its engines; the command of a server stands above what `vllm bench serve` printed of it. Runs
take all their requests at once, or keep few in flight. Texts of ShareGPT differ too much in length to be told by their mean, so that of
them only runs that kept few in flight are read; of bursts the output rate is. Servers that are given more than a model, its division and its longest context are left
out: nothing of a record says what a changed batch or attention kernel does.
"""

import pathlib
import re
import sys

import bench_serving as bench

SOURCE = "gpustack-lab"
ENGINES = {"vllm serve": "vllm", "sglang.launch_server": "sglang", "trtllm-serve": "tensorrt-llm"}
# Mean lengths of the ShareGPT texts that `vllm bench serve` takes.
SHAREGPT = ((200, 240), (180, 225))


class Page:
    """What a page has said so far."""

    def __init__(self):
        self.section = self.hardware = self.server = ""
        self.versions = {}

    def line(self, line):
        if line.startswith("#"):
            self.section = line.strip("# ").lower()
        elif self.section == "hardware" and line.strip():
            self.hardware = line.strip()
        elif self.section == "engine version":
            found = re.match(r"-\s*(vLLM|SGLang|TensorRT-LLM):?\s*v?(\S+)", line)
            if found:
                self.versions[found.group(1).lower()] = found.group(2)

    def command(self, text):
        if any(engine in text for engine in ENGINES):
            self.server = text


def sharegpt(means):
    return all(low < mean < high for mean, (low, high) in zip(means, SHAREGPT))


def run(page, printed, place):
    """The rows of a run, or why there are none."""
    server = page.server
    hardware = bench.device(page.hardware)
    if not hardware:
        return "hardware"
    if not server or not bench.is_plain(server):
        return "a server with options of its own"
    engine = next(name for said, name in ENGINES.items() if said in server)
    count = printed.get("Successful requests")
    totals = [printed.get(name) for name in ("Total input tokens", "Total generated tokens")]
    if not count or None in totals:
        return "totals"
    means = [float(total) / float(count) for total in totals]
    flight = printed.get("Maximum request concurrency") or printed.get("Max request concurrency") or ""
    if printed.get("Request rate configured (RPS)") or (sharegpt(means) and not flight):
        return "load or lengths"
    if bench.division(server) is None:
        return "replicas"
    model = bench.option(server, "model-path", "model")
    if not model:
        found = re.search(r"(?:vllm serve|trtllm-serve)\s+(\S+)", server)
        model = found.group(1) if found else ""
    model = model.removeprefix("/workspace/")
    if "/" not in model and not model.lower().startswith(("deepseek", "glm")):
        return "model"
    base = {
        **bench.serving(SOURCE, (hardware, page.hardware), model, server),
        "framework": engine,
        "framework_version": page.versions.get(engine, ""),
        "concurrency": flight,
        "input_tokens": round(means[0]),
        "output_tokens": round(means[1]),
        "scenario": "serving-fixed-concurrency" if flight else "serving-qps-inf",
    }
    notes = [f"src={place}", f"{count} prompts"]
    found = bench.rows(base, printed, notes)
    # Times of a burst are those of its queue.
    return [row for row in found if flight or row["metric"] == "output_tokens_per_s_total"]


def runs(folder):
    for path in sorted(folder.glob("docs/performance-lab/*/*.md")):
        page = Page()
        for text, begun in bench.blocks(path, page):
            # One block may hold several results.
            results = re.split(r"(?m)^(?=\s*=+ Serving Benchmark Result)", text)
            page.command(bench.command(results[0]))
            for number, part in enumerate(results[1:]):
                printed = bench.result(part)
                yield run(page, printed, f"{path.relative_to(folder)}#L{begun}.{number}")


if __name__ == "__main__":
    bench.write(runs(pathlib.Path(sys.argv[1])))
