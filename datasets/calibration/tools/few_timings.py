#!/usr/bin/env python3
"""How well a device that was not fitted is predicted after a few kernel timings of one's own.

    few_timings.py phantom measurements/kernels/gemm.csv WORKING_FOLDER [ROWS …]

For each device `phantom calibrate` fits the others, `phantom calibrate --base` moves that pack by so many rows of each group (backend,
version, operator, kernel, format) of the device, and `phantom validate` predicts all rows but the most that were given. Errors are absolute
percentages, mean/median. The rows are chosen by a hash.
"""

import collections
import csv
import hashlib
import statistics
import subprocess
import sys
from pathlib import Path

GROUP = ("backend", "backend_version", "op", "kernel", "dtype")


def run(phantom, *arguments):
    """Runs phantom; its output is not needed."""
    subprocess.run([phantom, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def order(row):
    """Rows in an order that has nothing to do with them."""
    return hashlib.blake2b("|".join(row.values()).encode()).digest()


def write(path, rows):
    """A table of rows."""
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)


def errors(phantom, pack, table, rows):
    """Absolute errors of a pack on a table, in percent."""
    run(phantom, "validate", table, "--calibration", pack, "--rows", rows)
    with open(rows, newline="") as file:
        return [100 * abs(float(row["error"])) for row in csv.DictReader(file) if not row["skipped"]]


def main():
    phantom, source, working = sys.argv[1:4]
    counts = [int(count) for count in sys.argv[4:]] or [0, 1, 3, 10, 30]
    working = Path(working)
    working.mkdir(parents=True, exist_ok=True)
    devices = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(source, newline="") as file:
        for row in csv.DictReader(file):
            devices[row["hardware"]][tuple(row[name] for name in GROUP)].append(row)
    print("| Device |", " | ".join(f"{count} rows of a group" for count in counts), "|")
    print("|---" * (len(counts) + 1) + "|", flush=True)
    for device, groups in sorted(devices.items()):
        base, own, others = (str(working / name) for name in ("base.json", "own.csv", "others.csv"))
        run(phantom, "calibrate", source, "--where", f"hardware!={device}", "-o", base)
        ordered = [sorted(rows, key=order) for rows in groups.values()]
        rest = [row for rows in ordered for row in rows[max(counts) :]]
        if not rest:
            continue
        write(others, rest)
        cells = []
        for count in counts:
            pack = base
            if count > 0:
                pack = str(working / "own.json")
                write(own, [row for rows in ordered for row in rows[:count]])
                run(phantom, "calibrate", "--base", base, own, "-o", pack)
            found = errors(phantom, pack, others, str(working / "rows.csv"))
            cells.append(f"{statistics.mean(found):.1f}/{statistics.median(found):.1f}")
        print("|", device, "|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
