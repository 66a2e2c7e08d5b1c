#!/usr/bin/env python3
"""Measures PyTorch on one NVIDIA GPU and writes rows that `phantom validate` and `phantom calibrate --base default` take.

    python3 measure_torch.py OUT --hardware h100-sxm-80gb [--seconds 420] [--only graph,diffusion]
    python3 measure_torch.py --count

Writes OUT/llm/own-torch.csv, OUT/llm/own-graph.csv, OUT/vision/own-torch.csv, OUT/vision/own-diffusion.csv, OUT/kernels/gemm.csv and
OUT/kernels/elementwise.csv, one number a row, as they come: a run that is stopped keeps what it measured.

- llm: static batches through Hugging Face Transformers (bf16, SDPA, `DynamicCache`). The prompt is timed apart from generation, as the median of
  repeats; the power is that of the accelerator over whole batches, from NVML's energy counter.
- graph: static batches through a plain decoder of the model's shape, dense or of experts, in bf16 or fp8, whose step runs under a CUDA graph, as
  serving software runs it: no host between kernels.
- diffusion: denoisers of diffusers, one step with guidance, and whole images with their decoder.
- vision: timm networks in fp16 (autocast, channels first) at one batch size, forward only, eager, as timm's own benchmark does.
- gemm, elementwise: operators in fp16 on operands that stay in place, medians of CUDA-event times.

Weights are random everywhere: time and power do not depend on their values beyond the power of random bits. `--count` prints parameters and
multiply-adds of one pass of each denoiser, for the catalogue; it needs no GPU.

Needs torch; transformers, timm and diffusers for their parts.
"""

import argparse
import datetime
import re
import sys
import time
import traceback

import torch

from torch_parts import decoder, diffusion, kernels, language, networks
from torch_parts.rows import Power

PARTS = {"gemm": kernels.gemm, "elementwise": kernels.elementwise, "graph": decoder.measure, "diffusion": diffusion.measure, "llm": language.measure, "vision": networks.measure}


def named(hardware, name):
    """Whether all words of an id but its form and its memory stand in what the driver calls the device."""
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    told = [word for word in hardware.lower().split("-") if not re.fullmatch(r"sxm\d*|pcie|\d+gb", word)]
    return all(word in words for word in told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?")
    parser.add_argument("--hardware", help="id or alias of the device in phantom's catalogue")
    parser.add_argument("--seconds", type=float, default=1e9, help="start nothing new after so many")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--count", action="store_true", help="print multiply-adds of denoisers and end")
    asked = parser.parse_args()
    if asked.count:
        diffusion.count()
        return
    if not asked.out or not asked.hardware:
        parser.error("OUT and --hardware are needed")
    name = torch.cuda.get_device_name(0)
    if not named(asked.hardware, name):
        parser.error(f"--hardware {asked.hardware}, but this is {name}")
    power = Power(0)
    begin = time.time()
    idle = power.joules()
    time.sleep(2)
    print(f"idle {(power.joules() - idle) / 2:.0f} W, limit {power.limit():.0f} W", flush=True)
    about = dict(source_id="own-torch", hardware=asked.hardware, hardware_detail=name,
                 power_w_limit=f"{power.limit():.0f}", date=datetime.date.today().isoformat(), quality="community")
    failed = False
    parts = [part for part in asked.only.split(",") if part]
    for place, part in enumerate(parts):
        spent = time.time() - begin
        end = time.time() + (asked.seconds - spent) / (len(parts) - place)
        try:
            PARTS[part](asked.out, about, power, lambda: time.time() > end)
        except Exception:  # the other parts are still worth measuring
            traceback.print_exc()
            failed = True
        torch.cuda.empty_cache()
    sys.exit(1 if failed else 0)


main()
