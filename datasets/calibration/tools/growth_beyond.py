#!/usr/bin/env python3
"""How much wider intervals must grow outside of the sizes that a pack was fitted on: the table `GROWTH` of `src/perf/region.rs`.

    growth_beyond.py phantom measurements/llm WORKING_FOLDER

For each size, such as sequences at once, `phantom calibrate` fits the rows up to a limit, and `phantom validate` predicts the others.
Of each row beyond the largest size that its device under its software was fitted on, growth is the `κ` of `h' = sqrt(h² + (κ d)²)` that
puts it inside of its interval: `h` is the half-width of the interval's logarithm on the row's side, `d` how many `e`-folds the row lies
beyond. Printed is the quantile that holds nine of ten rows, a group of device, model and software counting as the square root of its
rows, and how many groups there are. Only metrics of thirty rows or more are shown. Takes some minutes for each size.
"""

import collections
import csv
import json
import math
import subprocess
import sys
from pathlib import Path

# Name, filter of the rows that are fitted, filter of those beyond, and the size of a row.
SIZES = [
    (
        "16 sequences at once",
        'concurrency<=16|concurrency="",batch_size<=16',
        'concurrency>16|concurrency="",batch_size>16',
        lambda row: row["concurrency"] or row["batch_size"],
    ),
    ("512 prompt tokens", "input_tokens<=512", "input_tokens>512", lambda row: row["input_tokens"]),
    ("256 output tokens", "output_tokens<=256", "output_tokens>256", lambda row: row["output_tokens"]),
    ("2 accelerators", "device_count<=2", "device_count>2", lambda row: row["device_count"]),
    ("15 billion parameters", "model_params_b<=15", "model_params_b>15", lambda row: row["model_params_b"]),
]
METRICS = ["mean_ttft", "mean_e2el", "mean_tpot", "output_throughput", "prefill_throughput", "decode_throughput", "power"]
FEWEST_ROWS = 30
# Rows that are hardly beyond say nothing of growth.
LEAST_DISTANCE = 0.1
HELD = 0.9


def number(text):
    """A positive number, or nothing."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 else None


def sizes(folder, size):
    """The size of every row of the files of a folder, by id."""
    found = {}
    for path in sorted(Path(folder).rglob("*.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                value = number(size(row)) if "concurrency" in row else None
                if value is not None:
                    found[row["id"]] = value
    return found


def predictions(path):
    """The compared rows of `phantom validate --rows`."""
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if not row["skipped"]]


def growth(row, distance):
    """The least growth that puts a row inside of its interval."""
    value, lo, hi, measured = (float(row[column]) for column in ("predicted", "lo", "hi", "measured"))
    error = math.log(measured / value)
    half = math.log(hi / value) if error > 0 else math.log(value / max(lo, sys.float_info.min))
    return math.sqrt(max(0.0, error * error - half * half)) / distance


def weighted_quantile(pairs, share):
    """The first value at which the weights so far reach a share of all."""
    total = sum(weight for _, weight in pairs)
    so_far = 0.0
    for value, weight in sorted(pairs):
        so_far += weight
        if so_far >= share * total:
            return value
    raise ValueError("no pairs")


def judged(below, beyond, size_of):
    """Growth and number of groups by metric."""
    largest = {}
    for row in below:
        if row["sample"] == "in_sample" and row["id"] in size_of:
            place = (row["hardware"], row["framework"])
            largest[place] = max(largest.get(place, 0.0), size_of[row["id"]])
    found = collections.defaultdict(list)
    for row in beyond:
        top = largest.get((row["hardware"], row["framework"]))
        if top is None or row["id"] not in size_of or not row["lo"]:
            continue
        distance = math.log(size_of[row["id"]] / top)
        if distance > LEAST_DISTANCE:
            group = (row["hardware"], row["model"], row["framework"])
            found[row["metric"]].append((growth(row, distance), group))
    table = {}
    for metric, rows in found.items():
        counts = collections.Counter(group for _, group in rows)
        if len(rows) >= FEWEST_ROWS:
            pairs = [(value, 1 / math.sqrt(counts[group])) for value, group in rows]
            table[metric] = (weighted_quantile(pairs, HELD), len(counts))
    return table


def without_growth(pack):
    """Takes out of a pack what it was fitted on: its intervals then grow nowhere."""
    path = Path(pack)
    content = json.loads(path.read_text())
    del content["evidence"]
    path.write_text(json.dumps(content))


def run(phantom, *arguments):
    """Runs phantom; its output is not needed."""
    subprocess.run([phantom, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    phantom, folder, working = sys.argv[1:]
    working = Path(working)
    working.mkdir(parents=True, exist_ok=True)
    print("| Fitted on up to |", " | ".join(f"`{metric}`" for metric in METRICS), "|")
    print("|---" * (len(METRICS) + 1) + "|")
    for place, (name, fitted, others, size) in enumerate(SIZES):
        pack = str(working / f"small-{place}.json")
        run(phantom, "calibrate", folder, "--where", fitted, "-o", pack)
        without_growth(pack)
        rows = {}
        for side, where in (("below", fitted), ("beyond", others)):
            path = str(working / f"{side}-{place}.csv")
            run(phantom, "validate", folder, "--where", where, "--calibration", pack, "--rows", path)
            rows[side] = predictions(path)
        table = judged(rows["below"], rows["beyond"], sizes(folder, size))
        cells = [f"{table[metric][0]:.2f} ({table[metric][1]})" if metric in table else "" for metric in METRICS]
        print("|", name, "|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
