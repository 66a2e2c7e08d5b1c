#!/usr/bin/env python3
"""How well a device that was not fitted is predicted after a few measured runs of one's own.

    few_runs.py phantom measurements/llm WORKING_FOLDER DEVICE …

For each device `phantom calibrate` fits all rows but those of the device, `phantom calibrate --base` moves that pack by so many rows of it, and
`phantom validate` predicts all others. Errors are absolute percentages, mean/median. Rows are chosen by a hash of their model, software and load,
so that columns of one run stay together.
"""

import csv
import hashlib
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

COUNTS = (0, 1, 3, 10, 30)

RUN = ("source_id", "model", "framework", "framework_version", "batch_size", "concurrency", "input_tokens", "output_tokens")


def run(phantom, *arguments):
    """Runs phantom; its output is not needed."""
    subprocess.run([phantom, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def compared(phantom, table, rows, pack=None):
    """Rows that are compared, by id, with their device, statistic and absolute error in percent."""
    run(phantom, "validate", table, "--rows", rows, *(["--calibration", pack] if pack else []))
    with open(rows, newline="") as file:
        found = [row for row in csv.DictReader(file) if not row["skipped"]]
    return {row["id"]: (row["hardware"], row["metric"], 100 * abs(float(row["error"]))) for row in found}


def main():
    phantom, source, working = sys.argv[1:4]
    working = Path(working)
    working.mkdir(parents=True, exist_ok=True)
    rows_file = str(working / "rows.csv")
    known = compared(phantom, source, rows_file)
    tables = {}
    for path in sorted(Path(source).glob("*.csv")):
        with open(path, newline="") as file:
            tables[path.name] = list(csv.DictReader(file))
    print("| Device | Rows |", " | ".join(f"{count} own" for count in COUNTS), "|")
    print("|---" * (len(COUNTS) + 2) + "|", flush=True)
    for device in sys.argv[4:]:
        spellings = {row["hardware"] for rows in tables.values() for row in rows if known.get(row["id"], [""])[0] == device}
        folder = working / device
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "others").mkdir(parents=True)
        own = []
        for name, rows in tables.items():
            kept = [row for row in rows if row["hardware"] not in spellings]
            # Percentiles beside the median are not fitted, and rows of two sources without a licence are not either.
            own += [
                row
                for row in rows
                if row["hardware"] in spellings
                and row["id"] in known
                and not known[row["id"]][1].startswith(("p90", "p95", "p99"))
                and not row["source_id"].startswith("ml-energy")
            ]
            write(folder / "others" / name, rows[0].keys(), kept)
        base, moved = str(folder / "base.json"), str(folder / "own.json")
        run(phantom, "calibrate", str(folder / "others"), "-o", base)
        own.sort(key=order)
        write(folder / "rest.csv", own[0].keys(), own[max(COUNTS) :])
        cells = []
        for count in COUNTS:
            if count > 0:
                write(folder / "own.csv", own[0].keys(), own[:count])
                run(phantom, "calibrate", "--base", base, str(folder / "own.csv"), "-o", moved)
            found = compared(phantom, str(folder / "rest.csv"), rows_file, moved if count > 0 else base)
            errors = [error for _, _, error in found.values()]
            cells.append(f"{statistics.mean(errors):.1f}/{statistics.median(errors):.1f}")
        print("|", device, "|", len(errors), "|", " | ".join(cells), "|", flush=True)


def order(row):
    """Runs in an order that has nothing to do with them."""
    return hashlib.blake2b("|".join(row[name] for name in RUN).encode()).digest()


def write(path, columns, rows):
    """A table of rows."""
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
