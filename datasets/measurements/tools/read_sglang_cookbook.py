"""Serving runs printed in the pages of SGLang's cookbook, as measurement records.

    git clone https://github.com/sgl-project/sgl-cookbook
    python3 read_sglang_cookbook.py sgl-cookbook > sglang-cookbook.csv

A page names the test environment (hardware, model, version), the command of the server, the command of `bench_serving` and what it
printed, in that order; a run takes what stands nearest above it. Only random texts whose lengths `bench_serving` draws are read: pictures,
ShareGPT and servers whose options choose batches, kernels or guessing ahead are left out, and so are runs that do not state hardware,
division or load.
"""

import pathlib
import re
import sys

import bench_serving as bench

SOURCE = "sglang-cookbook"
# Networks whose answers are no sequences of tokens.
OTHER = r"llada|-vl|ocr|omni"
# The page of K2.6 says that its runs are those of K2.5.
OF_ANOTHER = r"kimi-k2\.6"
# Lengths that `bench_serving` takes where the command names none.
DEFAULT_LENGTH = 1024
# How far the mean length of a run may be from half of the stated one, for lengths drawn from one token on.
DRAWN = (0.35, 0.65)


class Page:
    """What a page has said so far."""

    def __init__(self):
        self.hardware = self.model = self.version = self.server = self.bench = ""

    def line(self, line):
        found = re.match(r"[-*]\s*\**(Hardware|Model|SGLang [Vv]ersion|sglang version)\**:\s*(.+)", line)
        if not found:
            return
        what, value = found.group(1).lower(), found.group(2).strip()
        if what == "hardware":
            # A new environment: nothing of the one before holds.
            self.hardware, self.model, self.version, self.server, self.bench = value, "", "", "", ""
        elif what == "model":
            self.model = value
        else:
            self.version = value

    def command(self, text):
        if "--num-prompts" in text or "--max-concurrency" in text:
            self.bench = text
        elif re.search(r"sglang serve|sglang\.launch_server|sglang launch_server", text):
            self.server = text


def run(page, printed, place):
    """The rows of a run, or why there are none."""
    server, client = page.server, page.bench
    if not server or not client:
        return "no command"
    if not bench.is_plain(server):
        return "a server with options of its own"
    if bench.option(client, "dataset-name") != "random" or bench.option(client, "random-range-ratio"):
        return "no random lengths from one token on"
    hardware = bench.device(page.hardware)
    if not hardware:
        return "hardware"
    count, flight = printed.get("Successful requests"), printed.get("Max request concurrency")
    if not count or not flight or bench.option(client, "request-rate") not in ("", "inf"):
        return "load"
    lengths = [int(bench.option(client, f"random-{end}-len") or DEFAULT_LENGTH) for end in ("input", "output")]
    totals = [printed.get(name) for name in ("Total input tokens", "Total generated tokens")]
    if None in totals:
        return "totals"
    shares = [float(total) / float(count) / length for total, length in zip(totals, lengths)]
    if not all(DRAWN[0] < share < DRAWN[1] for share in shares):
        return "lengths are not drawn from one token on"
    if bench.division(server) is None:
        return "replicas"
    model = bench.option(server, "model-path", "model") or page.model
    if re.search(OTHER, model.lower()):
        return "no language model"
    if re.search(OF_ANOTHER, model.lower()):
        return "the runs of another model"
    base = {
        **bench.serving(SOURCE, (hardware, page.hardware), model, server),
        "framework": "sglang",
        "framework_version": page.version,
        "concurrency": flight,
        "input_tokens": lengths[0],
        "output_tokens": lengths[1],
        "scenario": "serving-fixed-concurrency",
    }
    notes = [f"src={place}", f"{count} prompts", "lengths drawn from 1"]
    return list(bench.rows(base, printed, notes))


def runs(folder):
    for path in sorted(folder.glob("docs/autoregressive/**/*.md")):
        page = Page()
        for text, begun in bench.blocks(path, page):
            printed = bench.result(text)
            if printed is None:
                page.command(bench.command(text))
            else:
                yield run(page, printed, f"{path.relative_to(folder)}#L{begun}")


if __name__ == "__main__":
    bench.write(runs(pathlib.Path(sys.argv[1])))
