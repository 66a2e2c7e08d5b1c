#!/usr/bin/env python3
"""Rewrites the tables of `datasets/calibration/targets.md`: what was aimed at, what was reached, and what the errors of missed targets
look like.

    phantom validate measurements --rows rows.csv
    targets.py measurements rows.csv datasets/calibration

Errors of kernels, of sources with groups and devices left out, and of networks on devices left out are read from the tables of
`datasets/calibration/README.md`, which `phantom calibrate --ablation --format markdown` prints. All others are of rows that `validate` calls
held out. Errors are absolute percentages, mean/median.
"""

import collections
import csv
import math
import re
import statistics
import sys
from pathlib import Path

# Classes of fewer rows say nothing.
FEWEST = 8
# Sizes are told in classes that begin at so many times the one before.
FACTOR = 4


def number(text):
    """A number, or nothing."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def pair(errors):
    """Mean and median of errors, in percent."""
    if not errors:
        return None
    return 100 * statistics.mean(errors), 100 * statistics.median(errors)


def shown(reached):
    """`12.3/4.5`, or a dash."""
    return "-" if reached is None else f"{reached[0]:.1f}/{reached[1]:.1f}"


def stated(cell):
    """The pair that a cell of a table states."""
    found = re.fullmatch(r"([\d.]+)/([\d.]+)", cell.strip())
    return (float(found[1]), float(found[2])) if found else None


class Page:
    """The tables of the page about packs."""

    def __init__(self, text):
        self.lines = text.splitlines()

    def table(self, first):
        """The rows of the table whose header begins with these cells, by their first cell."""
        rows, header = {}, None
        for line in self.lines:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if header is None and line.startswith("|") and cells[: len(first)] == first:
                header = cells
            elif header is not None and line.startswith("|---"):
                continue
            elif header is not None and line.startswith("|"):
                rows[cells[0]] = dict(zip(header, cells))
            elif header is not None:
                break
        return rows


def read_rows(measurements, path):
    """Rows of `validate --rows`, each with what its record states of load, sizes and version."""
    files = {}

    def record(row):
        file = row["file"]
        if file not in files:
            with (measurements.parent / file).open(newline="") as text:
                # Rows of kernels have no ids; every other row is on a line of its own as well.
                files[file] = {str(line): one for line, one in enumerate(csv.DictReader(text), 2)}
        return files[file].get(row["line"], {})

    with open(path, newline="") as text:
        rows = list(csv.DictReader(text))
    for row in rows:
        row["record"] = record(row)
    return rows


def klass(value):
    """The class of a size."""
    if value is None or value <= 0:
        return None
    power = math.floor(math.log(value) / math.log(FACTOR) + 1e-9)
    return power, f"{FACTOR**power:g} to {FACTOR ** (power + 1):g}"


# What errors are broken down by: a name, and how a row is classed.
DIMENSIONS = [
    ("in flight or batch", lambda row: klass(number(row["record"].get("concurrency")) or number(row["record"].get("batch_size")))),
    ("prompt tokens", lambda row: klass(number(row["record"].get("input_tokens")))),
    ("billions of parameters", lambda row: klass(number(row["record"].get("model_params_b")))),
    ("billions of multiply-adds", lambda row: klass(number(row["record"].get("gmacs")))),
    ("rows of the product or tokens", lambda row: klass(number(row["record"].get("m") or row["record"].get("tokens")) if "/kernels/" in row["file"] else None)),
    ("format", lambda row: (next(filter(None, map(row["record"].get, ("weight_precision", "precision", "dtype"))), ""),) * 2),
    ("software", lambda row: (row["framework"],) * 2),
    ("version", lambda row: ((row["record"].get("framework_version") or row["record"].get("backend_version") or "")[:28],) * 2),
    ("device", lambda row: (row["hardware"],) * 2),
    ("model", lambda row: (row["model"],) * 2),
    ("source", lambda row: (row["source_id"],) * 2),
]
# Classes shown of a dimension that has no order.
SHOWN = 6


def breakdown(rows):
    """Lines that say where errors are: by each dimension the classes with their median error, bias and rows."""
    lines = []
    for name, of in DIMENSIONS:
        classes = collections.defaultdict(list)
        for row in rows:
            found = of(row)
            if found is not None and found[1]:
                classes[found].append(float(row["error"]))
        classes = {key: errors for key, errors in classes.items() if len(errors) >= FEWEST}
        if len(classes) < 2:
            continue
        is_size = all(isinstance(key[0], int) for key in classes)
        if is_size:
            order = sorted(classes)
        else:
            order = sorted(classes, key=lambda key: -statistics.median(map(abs, classes[key])))[:SHOWN]
        cells = []
        for key in order:
            errors = classes[key]
            median = 100 * statistics.median(map(abs, errors))
            bias = 100 * statistics.median(errors)
            cells.append(f"{key[1]}: {median:.0f} ({bias:+.0f}), {len(errors)}")
        worst = "" if is_size or len(order) == len(classes) else f", the worst {len(order)} of {len(classes)}"
        lines.append(f"| {name}{worst} | {'; '.join(cells)} |")
    return lines


class Targets:
    """Targets in the order they are told."""

    def __init__(self, rows, page):
        self.held_out = [row for row in rows if row["sample"] == "held_out" and not row["skipped"] and row["error"]]
        self.page = page
        self.lines = []
        self.missed = []

    def add(self, test, goal, reached, count, rows=None):
        """One line; the rows of a missed one are broken down."""
        if reached is None:
            verdict = "not measured"
        elif reached[0] <= goal[0] and reached[1] <= goal[1]:
            verdict = "met"
        else:
            parts = [
                f"{name} {100 * (value / limit - 1):.2g} % above"
                for name, value, limit in (("mean", reached[0], goal[0]), ("median", reached[1], goal[1]))
                if value > limit
            ]
            verdict = "missed: " + ", ".join(parts)
            if rows:
                self.missed.append((test, rows))
        self.lines.append(f"| {test} | {goal[0]:g}/{goal[1]:g} | {shown(reached)} | {count} | {verdict} |")

    def of_rows(self, test, goal, wanted):
        """A target on held-out rows."""
        rows = [row for row in self.held_out if wanted(row)]
        self.add(test, goal, pair([abs(float(row["error"])) for row in rows]), len(rows), rows)

    def of_table(self, test, goal, cells, column, count, rows=None):
        """A target that a table of the page states; rows like those it is of."""
        self.add(test, goal, stated(cells.get(column, "")), cells.get(count, "-"), rows)


def is_from(*sources):
    """Rows of sources whose names begin so."""
    return lambda row: row["source_id"].startswith(sources)


def measures(*metrics):
    """Rows of metrics."""
    return lambda row: row["metric"] in metrics


def both(*tests):
    """Rows that pass all tests."""
    return lambda row: all(test(row) for test in tests)


def in_file(*names):
    """Rows of files."""
    return lambda row: any(name in row["file"] for name in names)


RATES = ("output_throughput", "total_token_throughput", "request_throughput", "mean_e2el")
TIMES = ("samples_per_second", "mean_latency", "p50_latency", "p90_latency")


def kernels(targets):
    """Targets of kernels."""
    table = targets.page.table(["Family", "Held-out rows"])
    for name, family, single, layer in [
        ("GEMM", "gemm", (6.0, 3.7), (7.2, 4.8)),
        ("Context attention", "attention_context", (7.3, 5.0), (9.0, 5.8)),
        ("Generation attention", "attention_generation", (9, 5.5), (12, 6.5)),
        ("MoE", "moe", (13.5, 8.5), (17, 12)),
        ("MLA", "mla", (10, 6.5), None),
        ("Collectives", "collective", (6.8, 3.9), None),
        ("Element-wise", "elementwise", (5.5, 2.8), None),
    ]:
        cells = table.get(family, {})
        rows = [row for row in targets.held_out if row["file"].endswith(f"/kernels/{family}.csv")]
        targets.of_table(f"{name}, unseen shape", single, cells, "Single shapes", "", rows)
        if layer:
            targets.of_table(f"{name}, unseen layer shape", layer, cells, "+ near shapes", "Held-out rows", rows)
    devices = targets.page.table(["Device", "attention_context"])
    for device, cells in devices.items():
        if stated(cells.get("gemm", "")):
            goal = (28, 20) if device.startswith(("rtx", "arc")) else (18, 12)
            targets.of_table(f"GEMM, {device} left out", goal, cells, "gemm", "")


    few = targets.page.table(["Device", "0 rows of a group"])
    for device, cells in few.items():
        targets.of_table(f"GEMM, `{device}` with 30 own timings of a group", (14, 9), cells, "30 rows of a group", "")


def servers(targets):
    """Targets of servers and runs; with groups and devices left out as the fit of the pack does."""
    table = targets.page.table(["Source, column", "Rows held out"])
    for name, column, group, device in [
        ("TPOT", "mean_tpot", (20, 13), (20, 14)),
        ("TTFT", "mean_ttft", (42, 28), (42, 32)),
    ]:
        cells = table.get(f"aic-silicon, `{column}`", {})
        targets.of_rows(f"Servers, {name}, held-out groups", group, both(is_from("aic-silicon"), measures(column)))
        targets.of_table(f"Servers, {name}, each group left out", group, cells, "Group left out", "Rows fitted")
        targets.of_table(f"Servers, {name}, each device left out", device, cells, "Device left out", "Rows fitted")
    for source in ("mlperf-v", "trtllm-perf", "rocm-vllm-docker", "argonne"):
        test = both(is_from(source), measures(*RATES), in_file("/llm/"))
        if any(test(row) for row in targets.held_out):
            targets.of_rows(f"Throughput, `{source}`, held-out groups", (18, 12), test)
    for key, cells in table.items():
        source, column = key.replace("`", "").split(", ")
        is_rate = column in ("output_throughput", "total_token_throughput", "mean_e2el")
        if is_rate and source.startswith(("mlperf-v", "trtllm-perf", "rocm-vllm-docker", "argonne")):
            targets.of_table(f"Throughput, {key}, each group left out", (18, 12), cells, "Group left out", "Rows fitted")
    for source in ("xiongjiedai", "llamacpp-dgx-spark", "strix-halo", "gpt-fast", "tinychat"):
        for phase, column, goal in (("decode", "decode_throughput", (10, 7)), ("prefill", "prefill_throughput", (20, 14))):
            test = both(in_file(f"/llm/{source}"), measures(column, *(("mean_tpot",) if phase == "decode" else ())))
            if any(test(row) for row in targets.held_out):
                targets.of_rows(f"Single stream, {phase}, `{source}`, held-out groups", goal, test)
    for phase, column, goal in (("decode", "decode_throughput", (18, 13)), ("prefill", "prefill_throughput", (30, 22))):
        for key, cells in sorted(table.items()):
            if f"`{column}`" in key and stated(cells.get("Device left out", "")):
                source = key.split(",")[0]
                if source.startswith(("xiongjiedai", "strix", "llamacpp", "gpt-fast", "tinychat")):
                    targets.of_table(f"Single stream, {phase}, `{source}`, device left out", goal, cells, "Device left out", "Rows fitted")


def networks(targets):
    """Targets of networks."""
    for place in ("rtx3090", "rtx4090", "rtxpro6000maxq", "i7-12700h", "i9-10940x"):
        targets.of_rows(f"timm, {place}", (14, 10), both(in_file(f"/vision/timm-{place}"), measures(*TIMES)))
    # Language models have a table with the same header before it.
    devices = last_table(targets.page, ["Device", "Rows", "Mean/median"])
    for device, goal in (
        ("rtx-3090-24gb", (25, 18)),
        ("rtx-4090-24gb", (25, 18)),
        ("rtx-pro-6000-maxq-96gb", (25, 18)),
        ("core-i7-12700h", (22, 15)),
        ("core-i9-10940x", (22, 15)),
    ):
        targets.of_table(f"Networks, {device} left out", goal, devices.get(device, {}), "Mean/median", "Rows")
    for name in ("nvidia-dle", "tensorrt-demobert", "ml-energy-diffusion", "diffusers-torch2"):
        targets.of_rows(f"Batches, `{name}`", (18, 12), both(in_file(f"/vision/{name}"), measures(*TIMES)))
    for name, test in [
        ("MLPerf on Jetson and boards", in_file("/edge/mlperf-inference")),
        ("TensorFlow Lite on phones", in_file("/edge/tflite-pixel")),
        ("RKNN", in_file("/edge/rknn")),
        ("Hailo", in_file("/edge/hailo")),
        ("AI Hub", in_file("/edge/qualcomm")),
        ("ncnn", in_file("ncnn-benchncnn")),
        ("ESP-DL", in_file("/edge/esp-dl")),
        ("STM32", in_file("/edge/stm32")),
    ]:
        targets.of_rows(f"Edge, {name}", (25, 16), both(test, measures(*TIMES)))
    energy = ("energy_per_sample", "energy_per_output_token")
    targets.of_rows("Energy, `ml-energy`, J/token", (18, 12), both(in_file("/llm/ml-energy"), measures("energy_per_output_token")))
    for name, metrics in (("energy", energy), ("power", ("power",))):
        targets.of_rows(f"Energy, MLPerf, {name}", (18, 12), both(in_file("mlperf-inference", "mlperf-v"), measures(*metrics)))
    targets.of_rows("Energy, MLPerf Tiny", (18, 12), both(in_file("mlperf-tiny"), measures(*energy)))


def last_table(page, first):
    """The last table whose header begins so."""
    start = max((place for place, line in enumerate(page.lines) if [cell.strip() for cell in line.strip("|").split("|")][: len(first)] == first), default=0)
    return Page("\n".join(page.lines[start:])).table(first)


# Folders of measurements whose intervals are told apart from those of networks.
KINDS = {"llm": "language models", "kernels": "kernels"}
# Why a row that states what is needed has no prediction.
NOT_ANSWERED = ("no-estimate", "unknown-", "unsupported-model", "unsupported-scenario")


def verdict(is_met):
    """What is said of a target."""
    return "met" if is_met else "missed"


def overall(targets, rows):
    """Everything together, in lines of its own."""
    groups, devices = collections.defaultdict(list), collections.defaultdict(list)
    inside = collections.defaultdict(list)
    for row in rows:
        if row["skipped"] or not row["error"]:
            continue
        error = abs(float(row["error"]))
        if row["lo"]:
            low, high = float(row["lo"]), float(row["hi"])
            held = low <= float(row["measured"]) <= high
            width = high / low if low > 0 else math.inf
            kind = KINDS.get(Path(row["file"]).parent.name, "networks")
            inside[row["sample"], kind].append((held, width))
        if row["sample"] == "held_out":
            groups[row["hardware"], row["model"], row["framework"]].append(error)
            devices[row["hardware"]].append(error)
    medians = [statistics.median(errors) for errors in groups.values()]
    large = [statistics.median(errors) for errors in devices.values() if len(errors) >= 20]
    answered = sum(not row["skipped"] for row in rows)
    refused = sum(row["skipped"].startswith(NOT_ANSWERED) for row in rows)
    lines = [
        f"| Mean over groups (hardware, model, software) of their median errors, {len(medians)} groups | 10 | {100 * statistics.mean(medians):.1f} | {verdict(statistics.mean(medians) <= 0.1)} |",
        f"| Median over the same | - | {100 * statistics.median(medians):.1f} | |",
        f"| Devices of 20 rows or more whose median error is at most 20 % | all {len(large)} | {sum(median <= 0.2 for median in large)} | {verdict(max(large) <= 0.2)} |",
    ]
    for (sample, kind), rows_inside in sorted(inside.items()):
        name = "fitted" if sample == "in_sample" else "unseen groups"
        goal = "86 to 94 %" if sample == "in_sample" else "at least 85 %"
        share = 100 * statistics.mean(held for held, _ in rows_inside)
        width = statistics.median(width for _, width in rows_inside)
        is_met = share >= 85 if sample == "held_out" else 86 <= share <= 94
        lines.append(
            f"| Inside of the 90 % interval, {kind}, {name} | {goal} | {share:.1f} % of {len(rows_inside)}, upper end {width:.2f} times the lower | {verdict(is_met)} |"
        )
    share = 100 * answered / (answered + refused)
    lines.append(f"| Rows that state what is needed and are answered | at least 97 % | {share:.1f} % of {answered + refused} | {verdict(share >= 97)} |")
    return lines


def written(page, name, lines):
    """The page with the block of a name replaced."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return before + begin + "\n" + "\n".join(lines) + "\n" + end + after


def main():
    measurements, rows_path, folder = map(Path, sys.argv[1:])
    rows = read_rows(measurements, rows_path)
    targets = Targets(rows, Page((folder / "README.md").read_text()))
    kernels(targets)
    servers(targets)
    networks(targets)
    table = ["| Test | Goal | Reached | Rows | |", "|---|---|---|---|---|", *targets.lines]
    everything = ["| Test | Goal | Reached | |", "|---|---|---|---|", *overall(targets, rows)]
    where = []
    for test, missed in targets.missed:
        lines = breakdown(missed)
        if lines:
            # The rows of single shapes are not among those of `validate`.
            heading = test.replace("unseen shape", "unseen layer shapes, for want of rows of single shapes")
            where += [f"### {heading}", "", "| By | Class: median error in % (bias), rows |", "|---|---|", *lines, ""]
    path = folder / "targets.md"
    page = path.read_text()
    for name, lines in (("targets", table), ("everything", everything), ("errors", where)):
        page = written(page, name, lines)
    path.write_text(page)


if __name__ == "__main__":
    main()
