#!/usr/bin/env python3
"""Measures PyTorch on one NVIDIA GPU and writes rows that `phantom validate` and `phantom calibrate --base default` take.

    python3 measure_torch.py OUT --hardware h100-sxm-80gb [--seconds 420] [--only gemm,graph,llm,vision]

Writes OUT/llm/own-torch.csv, OUT/llm/own-graph.csv, OUT/vision/own-torch.csv and OUT/kernels/gemm.csv, one number a row, as they come: a run that is stopped
keeps what it measured.

- llm: static batches through Hugging Face Transformers (`model(...)` with a `DynamicCache`, SDPA attention, bf16). Weights are random;
  time and power do not depend on their values beyond the power of random bits. The prompt is timed apart from generation, as the
  median of repeats; the power is that of the accelerator over whole batches, from NVML's energy counter.
- graph: static batches through a plain decoder of the model's shape whose step runs under a CUDA graph, as serving software runs it: no
  host between kernels. Random weights.
- vision: timm networks in fp16 (autocast, channels first) at one batch size, forward only, eager, as timm's own benchmark does.
- gemm: `torch.nn.functional.linear` in fp16 on operands that stay in place, medians of CUDA-event times.

Needs torch; transformers and timm for their parts.
"""

import argparse
import csv
import datetime
import hashlib
import os
import statistics
import sys
import time
import traceback

import torch

LLM = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes".split(",")
VISION = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes".split(",")
GEMM = "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id".split(",")
UNITS = {"ttft_ms": "ms", "tpot_ms": "ms", "power_w_avg": "W", "energy_j_per_output_token": "J/token", "samples_per_s": "samples/s", "energy_j_per_sample": "J/sample"}

# Shapes of published models: layers, hidden, heads, key-value heads, head width, inner width, vocabulary.
MODELS = {
    "llama-3.1-8b": ("llama", 32, 4096, 32, 8, 128, 14336, 128256),
    "qwen3-8b": ("qwen3", 36, 4096, 32, 8, 128, 12288, 151936),
    "qwen3-1.7b": ("qwen3", 28, 2048, 16, 8, 128, 6144, 151936),
    "llama-3.2-3b": ("llama", 28, 3072, 24, 8, 128, 8192, 128256),
    "qwen2.5-14b": ("qwen2", 48, 5120, 40, 8, 128, 13824, 152064),
}
BATCHES = [(1, 512), (8, 512), (32, 512), (64, 1024), (16, 2048)]
NETWORKS = [("resnet50", 256, 224), ("vit_base_patch16_224", 256, 224), ("convnext_base", 256, 224), ("efficientnet_b0", 256, 224), ("mobilenetv3_large_100", 256, 224), ("vit_large_patch16_224", 256, 224), ("swin_base_patch4_window7_224", 256, 224), ("resnet18", 256, 224), ("regnety_032", 256, 224), ("densenet121", 256, 224), ("resnext50_32x4d", 256, 224), ("deit_small_patch16_224", 256, 224), ("mixer_b16_224", 256, 224), ("efficientnetv2_rw_s", 256, 288), ("beit_base_patch16_224", 256, 224), ("convnext_tiny", 256, 224)]


class Power:
    """Mean power of a device from its energy counter, else from samples."""

    def __init__(self, index):
        import pynvml

        pynvml.nvmlInit()
        self.nvml, self.device = pynvml, pynvml.nvmlDeviceGetHandleByIndex(index)

    def joules(self):
        return self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.device) / 1e3

    def limit(self):
        return self.nvml.nvmlDeviceGetPowerManagementLimit(self.device) / 1e3


class Rows:
    """A table that grows on disk."""

    def __init__(self, path, columns):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", newline="")
        self.writer = csv.DictWriter(self.file, columns)
        self.writer.writeheader()

    def add(self, **row):
        if "id" in self.writer.fieldnames:
            row["id"] = "own-" + hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()[:12]
        self.writer.writerow(row)
        self.file.flush()


def timed(call):
    torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def powered(power, call, seconds):
    """Calls for at least that long; seconds for each call, and watts."""
    torch.cuda.synchronize()
    start, joules, calls = time.perf_counter(), power.joules(), 0
    while time.perf_counter() - start < seconds:
        call()
        torch.cuda.synchronize()
        calls += 1
    wall = time.perf_counter() - start
    return wall / calls, (power.joules() - joules) / wall


def build(name):
    import transformers

    kind, layers, hidden, heads, kv, width, inner, vocabulary = MODELS[name]
    config = {"llama": transformers.LlamaConfig, "qwen3": transformers.Qwen3Config, "qwen2": transformers.Qwen2Config}[kind](
        num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, num_key_value_heads=kv, head_dim=width,
        intermediate_size=inner, vocab_size=vocabulary, max_position_embeddings=32768, tie_word_embeddings=False)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="sdpa", dtype=torch.bfloat16)
    torch.set_default_dtype(torch.float32)
    return model.eval()


def llm(out, about, power, until):
    import transformers

    rows = Rows(f"{out}/llm/own-torch.csv", LLM)
    for name in MODELS:
        if time.time() > until:
            return
        model = build(name)
        for batch, prompt in BATCHES:
            if time.time() > until:
                return
            tokens = torch.randint(10, 20000, (batch, prompt), device="cuda")
            steps = 32

            def start():
                return model(input_ids=tokens, past_key_values=transformers.DynamicCache(config=model.config), use_cache=True, logits_to_keep=1)

            def generate(found, count):
                token = found.logits[:, -1:].argmax(-1)
                for _ in range(count):
                    found = model(input_ids=token, past_key_values=found.past_key_values, use_cache=True)
                    token = found.logits[:, -1:].argmax(-1)

            with torch.inference_mode():
                generate(start(), 4)
                first = statistics.median(timed(start) for _ in range(5))
                found = start()
                step = statistics.median(timed(lambda: generate(found, steps)) / steps for _ in range(2))
                del found
                seconds, watts = powered(power, lambda: generate(start(), steps), 2.0)
            common = dict(about, model=name, framework="transformers", framework_version=transformers.__version__, weight_precision="bf16", tp=1,
                          batch_size=batch, concurrency=batch, input_tokens=prompt, output_tokens=steps + 1, scenario="static-batch", device_count=1,
                          notes=f"torch {torch.__version__}; sdpa; DynamicCache; random weights; power over prompt and {steps} steps")
            for metric, value in [("ttft_ms", first * 1e3), ("tpot_ms", step * 1e3), ("power_w_avg", watts)]:
                rows.add(**common, metric=metric, value=f"{value:.6g}", unit=UNITS[metric])
            print(f"{name} {batch}x{prompt}: {first * 1e3:.1f} ms, {step * 1e3:.2f} ms, {watts:.0f} W", flush=True)
        del model
        torch.cuda.empty_cache()


class Decoder:
    """A decoder of Llama's shape: one step under a CUDA graph, as serving software runs it, from PyTorch's own kernels."""

    def __init__(self, name, batch, length, device="cuda"):
        _, self.layers, self.hidden, self.heads, self.kv, self.width, self.inner, vocabulary = MODELS[name]
        make = lambda *shape: torch.empty(*shape, device=device, dtype=torch.bfloat16).normal_(std=0.02)
        rows = (self.heads + 2 * self.kv) * self.width
        self.weights = [(make(rows, self.hidden), make(self.hidden, self.heads * self.width), make(2 * self.inner, self.hidden), make(self.hidden, self.inner)) for _ in range(self.layers)]
        self.table, self.head, self.norm = make(vocabulary, self.hidden), make(vocabulary, self.hidden), torch.ones(self.hidden, device=device, dtype=torch.bfloat16)
        angles = torch.outer(torch.arange(length + 1, device=device).float(), 1e4 ** (-torch.arange(0, self.width, 2, device=device).float() / self.width))
        self.cos, self.sin = (part.to(torch.bfloat16).repeat(1, 2) for part in (angles.cos(), angles.sin()))
        self.batch, self.length, self.device = batch, length, device
        self.room(batch, length)

    def room(self, batch, length):
        self.batch, self.length = batch, length
        shape = (batch, self.kv, length + 1, self.width)
        self.cache = [tuple(torch.zeros(shape, device=self.device, dtype=torch.bfloat16) for _ in range(2)) for _ in range(self.layers)]

    def turned(self, x, first):
        cos, sin = (table[first : first + x.shape[2]] for table in (self.cos, self.sin))
        half = x.shape[-1] // 2
        return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin

    def forward(self, tokens, first):
        functional = torch.nn.functional
        x = functional.embedding(tokens, self.table)
        count = tokens.shape[1]
        for (into, out, up, down), (keys, values) in zip(self.weights, self.cache):
            mixed = functional.linear(functional.rms_norm(x, (self.hidden,), self.norm), into)
            mixed = mixed.view(self.batch, count, -1, self.width).transpose(1, 2)
            q, k, v = mixed.split((self.heads, self.kv, self.kv), 1)
            keys[:, :, first : first + count] = self.turned(k, first)
            values[:, :, first : first + count] = v
            seen = first + count
            mixed = functional.scaled_dot_product_attention(self.turned(q, first), keys[:, :, :seen], values[:, :, :seen], is_causal=count > 1, enable_gqa=True)
            x = x + functional.linear(mixed.transpose(1, 2).reshape(self.batch, count, -1), out)
            gate, wide = functional.linear(functional.rms_norm(x, (self.hidden,), self.norm), up).chunk(2, -1)
            x = x + functional.linear(functional.silu(gate) * wide, down)
        return functional.linear(x[:, -1:], self.head).argmax(-1)


def graph(out, about, power, until):
    rows = Rows(f"{out}/llm/own-graph.csv", LLM)
    steps = 128
    for name in ("llama-3.1-8b", "qwen2.5-14b", "llama-3.2-3b"):
        model = Decoder(name, 1, 128)
        for batch, prompt in [(1, 512), (4, 512), (16, 512), (64, 512), (1, 4096), (8, 4096), (32, 2048), (128, 1024)]:
            if time.time() > until:
                return
            model.cache = None
            if 2 * 2 * batch * prompt * model.layers * model.kv * model.width > 24e9:
                continue
            length = prompt + steps // 2
            angles = torch.outer(torch.arange(length + 1, device="cuda").float(), 1e4 ** (-torch.arange(0, model.width, 2, device="cuda").float() / model.width))
            model.cos, model.sin = (part.to(torch.bfloat16).repeat(1, 2) for part in (angles.cos(), angles.sin()))
            model.room(batch, length)
            prompts = torch.randint(10, 20000, (batch, prompt), device="cuda")
            token = torch.randint(10, 20000, (batch, 1), device="cuda")
            with torch.inference_mode():
                start = lambda: model.forward(prompts, 0)
                for _ in range(2):
                    start()
                    model.forward(token, length)
                torch.cuda.synchronize()
                captured = torch.cuda.CUDAGraph()
                with torch.cuda.graph(captured):
                    model.forward(token, length)

                def generate():
                    for _ in range(steps):
                        captured.replay()

                def whole():
                    start()
                    generate()

                first = statistics.median(timed(start) for _ in range(5))
                generate()
                step = statistics.median(timed(generate) / steps for _ in range(3))
                seconds, watts = powered(power, whole, 2.5)
            common = dict(about, model=name, framework="pytorch", framework_version="2.11-graph", weight_precision="bf16", tp=1,
                          batch_size=batch, concurrency=batch, input_tokens=prompt, output_tokens=steps + 1, scenario="static-batch", device_count=1,
                          notes=f"torch {torch.__version__}; own decoder of that shape; one step at the middle of the answer under a CUDA graph; prompt without a graph; random weights; power over prompt and {steps} steps")
            measured = [("ttft_ms", first * 1e3), ("tpot_ms", step * 1e3), ("power_w_avg", watts), ("energy_j_per_output_token", watts * seconds / (batch * (steps + 1)))]
            for metric, value in measured:
                rows.add(**common, metric=metric, value=f"{value:.6g}", unit=UNITS[metric])
            print(f"{name} {batch}x{prompt}: {first * 1e3:.1f} ms, {step * 1e3:.3f} ms, {watts:.0f} W", flush=True)
            del captured
        del model
        torch.cuda.empty_cache()


def vision(out, about, power, until):
    import timm

    rows = Rows(f"{out}/vision/own-torch.csv", VISION)
    for name, batch, size in NETWORKS:
        if time.time() > until:
            return
        try:
            model = timm.create_model(name).cuda().eval()
        except Exception as error:  # a network that this timm does not have
            print(name, error, file=sys.stderr)
            continue
        for count in (1, 32, batch):
            images = torch.randn(count, 3, size, size, device="cuda")
            with torch.inference_mode(), torch.autocast("cuda", torch.float16):
                for _ in range(5):
                    model(images)
                seconds, watts = powered(power, lambda: [model(images) for _ in range(5)], 1.0)
            rate = 5 * count / seconds
            common = dict(about, model=name, input_size=f"3x{size}x{size}", task="image-classification", framework="pytorch-timm",
                          framework_version=f"{torch.__version__}", precision="amp-fp16", layout="nchw", compile_mode="eager", batch_size=count,
                          scenario="throughput", device_count=1, notes=f"timm {timm.__version__}; random weights")
            for metric, value in [("samples_per_s", rate), ("power_w_avg", watts)]:
                rows.add(**common, metric=metric, value=f"{value:.6g}", unit=UNITS[metric])
            print(f"{name} x{count}: {rate:.0f} samples/s, {watts:.0f} W", flush=True)
        del model


def gemm(out, about, power, until):
    rows = Rows(f"{out}/kernels/gemm.csv", GEMM)
    for n, k in [(4096, 4096), (6144, 4096), (28672, 4096), (4096, 14336), (1280, 8192), (8192, 1024), (8192, 8192), (16384, 5120)]:
        weights = torch.randn(n, k, device="cuda", dtype=torch.float16)
        for m in (1, 8, 32, 128, 512, 2048, 8192):
            if time.time() > until:
                return
            x = torch.randn(m, k, device="cuda", dtype=torch.float16)
            times = []
            for _ in range(3):
                torch.nn.functional.linear(x, weights)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                for _ in range(10):
                    torch.nn.functional.linear(x, weights)
            for _ in range(9):
                begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                begin.record()
                graph.replay()
                end.record()
                end.synchronize()
                times.append(begin.elapsed_time(end) * 1e2)
            watts = ""
            if m in (1, 128, 8192):
                watts = f"{powered(power, graph.replay, 0.6)[1]:.1f}"
            rows.add(hardware=about["hardware"], backend="pytorch", backend_version=torch.__version__, op="gemm", kernel="linear", dtype="float16", m=m, n=n, k=k,
                     latency_us=f"{statistics.median(times):.4g}", power_w=watts, source_id=about["source_id"])
            print(f"gemm {m}x{n}x{k}: {statistics.median(times):.1f} us {watts} W", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--hardware", required=True, help="id or alias of the device in phantom's catalogue")
    parser.add_argument("--seconds", type=float, default=1e9, help="start nothing new after so many")
    parser.add_argument("--only", default="gemm,graph,llm,vision")
    asked = parser.parse_args()
    power = Power(0)
    begin = time.time()
    idle = power.joules()
    time.sleep(2)
    print(f"idle {(power.joules() - idle) / 2:.0f} W, limit {power.limit():.0f} W", flush=True)
    about = dict(source_id="own-torch", hardware=asked.hardware, hardware_detail=torch.cuda.get_device_name(0),
                 power_w_limit=f"{power.limit():.0f}", date=datetime.date.today().isoformat(), quality="community")
    failed = False
    parts = [part for part in asked.only.split(",") if part]
    for place, part in enumerate(parts):
        spent = time.time() - begin
        share = (asked.seconds - spent) / (len(parts) - place)
        try:
            {"gemm": gemm, "graph": graph, "llm": llm, "vision": vision}[part](asked.out, about, power, time.time() + share)
        except Exception:  # the other parts are still worth measuring
            traceback.print_exc()
            failed = True
    sys.exit(1 if failed else 0)


main()
