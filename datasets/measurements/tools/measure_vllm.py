#!/usr/bin/env python3
"""Times vLLM on one NVIDIA GPU with random weights and writes rows that `phantom validate` and `phantom calibrate --base default` take.

    python3 measure_vllm.py OUT --hardware h200-sxm-141gb --model qwen3-30b-a3b --config qwen3-30b-a3b-fp8 --weights fp8 [--scheme fp8-block-128]

`--config` is a folder with the `config.json` of a checkpoint as Hugging Face has it; no weights and no tokenizer are read. Static batches through
`LLM.generate` in this process: the batch is sent at once, so that the time to first token is that of the last of it, and prompts pass in steps of
vLLM's `max_num_batched_tokens`. Time for each token is what more tokens take, of the faster of two runs, since kernels may be compiled in the first;
power and energy, from NVML's counter, are written where the two agree.

Weights are random bits as large as trained ones, since power and the choice of experts depend on them (`fill`).
Needs vllm and nvidia-ml-py; appends to OUT/llm/own-vllm.csv.
"""

import argparse
import csv
import datetime
import hashlib
import os
import random
import statistics
import sys
import time

SHAPES = "1x1024x256,8x1024x256,32x1024x256,128x512x192,512x256x128"
COLUMNS = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes".split(",")


class Power:
    """Energy of the first device from NVML's counter, which moves ten times a second."""

    def __init__(self):
        import pynvml

        pynvml.nvmlInit()
        self.nvml, self.device = pynvml, pynvml.nvmlDeviceGetHandleByIndex(0)

    def joules(self):
        read, start = self.nvml.nvmlDeviceGetTotalEnergyConsumption, time.perf_counter()
        first = now = read(self.device)
        while now == first and time.perf_counter() - start < 0.3:
            time.sleep(0.001)
            now = read(self.device)
        return now / 1e3

    def limit(self):
        return self.nvml.nvmlDeviceGetPowerManagementLimit(self.device) / 1e3

    def name(self):
        return self.nvml.nvmlDeviceGetName(self.device)


def fill(model, config, *unused):
    """Weights as large as trained ones: vLLM's own are so small that fp8 rounds them to nothing, and leave blocks of four bits as they were."""
    import torch

    with torch.no_grad():
        for name, weight in model.state_dict().items():
            if weight.device.type == "meta" or not weight.numel():
                continue
            draw = torch.Generator(device=weight.device).manual_seed(1234 + weight.numel() % 9973)
            leaf = name.rsplit(".", 1)[-1]
            if not torch.is_floating_point(weight):
                if weight.dtype == torch.uint8:
                    weight.random_(*((119, 123) if "scale" in leaf else (0, 256)), generator=draw)
            elif torch.finfo(weight.dtype).bits < 16:
                for part in weight if weight.dim() == 3 else [weight]:
                    numbers = torch.empty(part.shape, dtype=torch.float16, device=weight.device)
                    part.copy_(numbers.normal_(0, 110, generator=draw).clamp_(-448, 448).to(weight.dtype))
            elif "scale" in leaf:
                weight.uniform_(1e-4, 2e-4, generator=draw)
            elif weight.dim() == 1:
                weight.uniform_(*((0.5, 1.5) if leaf == "weight" else (-0.02, 0.02)), generator=draw)
            else:
                weight.normal_(0, 0.02, generator=draw)


def measured(llm, power, shape, vocabulary):
    """Seconds to first tokens, for each token, and where they are steady watts and joules for each token."""
    from vllm import SamplingParams

    batch, prompt, answer = shape
    draw = random.Random(1)
    prompts = [{"prompt_token_ids": [draw.randrange(100, vocabulary - 2000) for _ in range(prompt)]} for _ in range(batch)]

    def run(tokens):
        start = time.perf_counter()
        llm.generate(prompts, SamplingParams(max_tokens=tokens, min_tokens=tokens, ignore_eos=True, detokenize=False), use_tqdm=False)
        return time.perf_counter() - start

    run(4)
    first = statistics.median(run(1) for _ in range(3))
    times, watts = [], []
    for _ in range(2):
        joules, start = power.joules(), time.perf_counter()
        times.append(run(answer))
        watts.append((power.joules() - joules) / (time.perf_counter() - start))
    rows = [("ttft_ms", first * 1e3, "ms"), ("tpot_ms", (min(times) - first) / (answer - 1) * 1e3, "ms")]
    if max(times) < 1.1 * min(times):
        mean = statistics.mean(watts)
        rows += [("power_w_avg", mean, "W"), ("energy_j_per_output_token", mean * statistics.mean(times) / batch / answer, "J/token")]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--hardware", required=True, help="id or alias of the device in phantom's catalogue")
    parser.add_argument("--model", required=True, help="id or alias of the model in phantom's catalogue")
    parser.add_argument("--config", required=True)
    parser.add_argument("--weights", required=True, help="number format of the weights: bf16, fp8, fp4")
    parser.add_argument("--scheme", default="", help="fp8-block-128, mxfp4")
    parser.add_argument("--shapes", default=SHAPES, help="batch x prompt tokens x answer tokens, parted by commas")
    asked = parser.parse_args()
    shapes = [tuple(map(int, shape.split("x"))) for shape in asked.shapes.split(",")]
    most = max(batch for batch, _, _ in shapes)
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # so that the engine runs in this process, with the weights of `fill`
    import vllm
    from vllm.model_executor.model_loader import dummy_loader

    dummy_loader.initialize_dummy_weights = fill
    sizes = [size for size in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if size <= most]
    llm = vllm.LLM(model=asked.config, load_format="dummy", skip_tokenizer_init=True, max_model_len=4608, enable_prefix_caching=False, max_num_seqs=most, compilation_config={"cudagraph_capture_sizes": sizes})
    vocabulary = llm.llm_engine.model_config.get_vocab_size()
    power = Power()
    path = os.path.join(asked.out, "llm", "own-vllm.csv")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    is_new = not os.path.exists(path)
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        if is_new:
            writer.writeheader()
        for shape in shapes:
            batch, prompt, answer = shape
            for metric, value, unit in measured(llm, power, shape, vocabulary):
                name = f"{asked.hardware} {asked.model} {asked.weights} {shape} {metric} {vllm.__version__}"
                writer.writerow(dict(
                    id="own-" + hashlib.sha256(name.encode()).hexdigest()[:12], source_id="own-torch", hardware=asked.hardware, hardware_detail=power.name(), device_count=1,
                    model=asked.model, framework="vllm", framework_version=vllm.__version__, weight_precision=asked.weights, quant_scheme=asked.scheme, tp=1,
                    batch_size=batch, concurrency=batch, input_tokens=prompt, output_tokens=answer, scenario="static-batch", metric=metric, value=f"{value:.6g}", unit=unit,
                    power_w_limit=f"{power.limit():.0f}", date=datetime.date.today().isoformat(), quality="community",
                    notes="LLM.generate in the process of the benchmark; compiled with CUDA graphs; random weights and tokens; no prefix cache"))
            file.flush()
    sys.stdout.flush()
    os._exit(0)  # threads of the engine and workers that compile would keep the process


if __name__ == "__main__":
    main()
