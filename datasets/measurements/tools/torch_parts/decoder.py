"""A decoder whose step runs under a CUDA graph, as serving software runs it, from PyTorch's own kernels.

In bf16, or with weights and activations of products in fp8 (a scale for each token, made on the way, and for each row of weights); dense, or a
mixture of experts whose products are grouped.
"""

import sys

import torch

from .rows import LLM, Rows, captured, median_time, powered

# Shapes of published models: layers, hidden, heads, key-value heads, head width, inner width, vocabulary, experts, experts of a token.
SHAPES = {
    "llama-3.1-8b": (32, 4096, 32, 8, 128, 14336, 128256, 0, 0),
    "llama-3.2-3b": (28, 3072, 24, 8, 128, 8192, 128256, 0, 0),
    "qwen2.5-14b": (48, 5120, 40, 8, 128, 13824, 152064, 0, 0),
    "qwen2.5-32b": (64, 5120, 40, 8, 128, 27648, 152064, 0, 0),
    "qwen3-30b-a3b": (48, 2048, 32, 4, 128, 768, 151936, 128, 8),
}
LARGEST = 448.0  # of the format e4m3


def scaled(x):
    """Rows in fp8 and the scale of each."""
    scale = x.abs().amax(-1, keepdim=True).float().clamp(min=1e-12) / LARGEST
    return (x.float() / scale).clamp(-LARGEST, LARGEST).to(torch.float8_e4m3fn), scale


class Product:
    """`x wᵀ`, for one matrix or for those of experts, in bf16 or fp8."""

    compiled = None

    def __init__(self, *shape, fp8):
        weights = torch.empty(*shape, device="cuda", dtype=torch.bfloat16).normal_(std=0.02)
        self.fp8 = fp8
        if fp8:
            if Product.compiled is None:
                Product.compiled = torch.compile(scaled, dynamic=True)
            if len(shape) == 3:  # one expert after the other: the float copies are large
                parts = [scaled(part) for part in weights]
                self.weights, self.scale = (torch.stack(part) for part in zip(*parts))
            else:
                self.weights, self.scale = scaled(weights)
        else:
            self.weights = weights

    def __call__(self, x):
        if not self.fp8:
            return torch.nn.functional.linear(x, self.weights)
        flat = x.reshape(-1, x.shape[-1])
        rows, scale = Product.compiled(flat)
        out = torch._scaled_mm(rows, self.weights.t(), scale_a=scale, scale_b=self.scale.t(), out_dtype=torch.bfloat16, use_fast_accum=True)
        return out.view(*x.shape[:-1], -1)

    def grouped(self, x, ends):
        """Rows of experts one after the other; `ends` are where those of each end."""
        if not self.fp8:
            return torch._grouped_mm(x, self.weights.transpose(-2, -1), offs=ends)
        rows, scale = Product.compiled(x)
        return torch._scaled_grouped_mm(rows, self.weights.transpose(-2, -1), scale.squeeze(-1), self.scale.squeeze(-1), offs=ends, out_dtype=torch.bfloat16, use_fast_accum=True)


class Decoder:
    """A decoder of a published shape."""

    def __init__(self, name, fp8):
        self.layers, self.hidden, self.heads, self.kv, self.width, self.inner, vocabulary, self.experts, self.chosen = SHAPES[name]
        rows = (self.heads + 2 * self.kv) * self.width
        many = (self.experts,) if self.experts else ()
        self.weights = [
            (
                Product(rows, self.hidden, fp8=fp8),
                Product(self.hidden, self.heads * self.width, fp8=fp8),
                Product(self.experts, self.hidden, fp8=False) if self.experts else None,
                Product(*many, 2 * self.inner, self.hidden, fp8=fp8),
                Product(*many, self.hidden, self.inner, fp8=fp8),
            )
            for _ in range(self.layers)
        ]
        self.table = torch.empty(vocabulary, self.hidden, device="cuda", dtype=torch.bfloat16).normal_(std=0.02)
        self.head = Product(vocabulary, self.hidden, fp8=False)
        self.norm = torch.ones(self.hidden, device="cuda", dtype=torch.bfloat16)

    def room(self, batch, length):
        """Empty caches, and angles of positions."""
        angles = torch.outer(torch.arange(length + 1, device="cuda").float(), 1e4 ** (-torch.arange(0, self.width, 2, device="cuda").float() / self.width))
        self.cos, self.sin = (part.to(torch.bfloat16).repeat(1, 2) for part in (angles.cos(), angles.sin()))
        self.batch, self.cache = batch, None
        shape = (batch, self.kv, length + 1, self.width)
        self.cache = [tuple(torch.zeros(shape, device="cuda", dtype=torch.bfloat16) for _ in range(2)) for _ in range(self.layers)]

    def turned(self, x, first):
        cos, sin = (table[first : first + x.shape[2]] for table in (self.cos, self.sin))
        half = x.shape[-1] // 2
        return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin

    def routed(self, x, router, up, down):
        """The feed-forward part of experts."""
        flat = x.reshape(-1, self.hidden)
        share, expert = router(flat).float().softmax(-1).topk(self.chosen, -1)
        order = expert.view(-1).argsort()
        counts = torch.zeros(self.experts, device="cuda", dtype=torch.int32).scatter_add_(0, expert.view(-1), torch.ones_like(expert.view(-1), dtype=torch.int32))
        ends, source = counts.cumsum(0, dtype=torch.int32), order // self.chosen
        gate, wide = up.grouped(flat[source], ends).chunk(2, -1)
        found = down.grouped(torch.nn.functional.silu(gate) * wide, ends) * share.view(-1)[order].unsqueeze(-1).to(torch.bfloat16)
        return torch.zeros_like(flat).index_add_(0, source, found).view_as(x)

    def forward(self, tokens, first):
        functional = torch.nn.functional
        x = functional.embedding(tokens, self.table)
        count = tokens.shape[1]
        for (into, out, router, up, down), (keys, values) in zip(self.weights, self.cache):
            mixed = into(functional.rms_norm(x, (self.hidden,), self.norm))
            mixed = mixed.view(self.batch, count, -1, self.width).transpose(1, 2)
            q, k, v = mixed.split((self.heads, self.kv, self.kv), 1)
            keys[:, :, first : first + count] = self.turned(k, first)
            values[:, :, first : first + count] = v
            seen = first + count
            mixed = functional.scaled_dot_product_attention(self.turned(q, first), keys[:, :, :seen], values[:, :, :seen], is_causal=count > 1, enable_gqa=True)
            x = x + out(mixed.transpose(1, 2).reshape(self.batch, count, -1))
            normed = functional.rms_norm(x, (self.hidden,), self.norm)
            if router is not None:
                x = x + self.routed(normed, router, up, down)
            else:
                gate, wide = up(normed).chunk(2, -1)
                x = x + down(functional.silu(gate) * wide)
        return self.head(x[:, -1:]).argmax(-1)


STEPS = 128
DENSE = [(1, 512), (4, 512), (16, 512), (64, 512), (1, 4096), (8, 4096), (32, 2048), (128, 1024)]
SERVED = [(1, 512), (8, 1024), (32, 1024), (64, 1024), (128, 512), (256, 256), (16, 4096)]
# Model, whether in fp8, loads.
PLAN = [
    ("llama-3.1-8b", True, SERVED),
    ("qwen3-30b-a3b", True, SERVED),
    ("qwen3-30b-a3b", False, [(1, 512), (8, 1024), (32, 1024), (64, 512), (128, 256)]),
    ("qwen2.5-32b", True, SERVED),
    ("qwen2.5-14b", True, [(1, 512), (32, 1024), (128, 512)]),
    ("llama-3.1-8b", False, [*DENSE, (256, 256)]),
    ("qwen2.5-14b", False, DENSE),
    ("llama-3.2-3b", False, DENSE),
]
# Bytes of a cache that leave room for prompts.
ROOM = 20e9


def measure(out, about, power, clock):
    rows = Rows(f"{out}/llm/own-graph.csv", LLM)
    for name, fp8, loads in PLAN:
        model = None
        torch.cuda.empty_cache()
        if clock():
            return
        try:
            model = Decoder(name, fp8)
            for batch, prompt in loads:
                if clock():
                    return
                if 2 * 2 * batch * prompt * model.layers * model.kv * model.width <= ROOM:
                    one(rows, about, power, model, (name, fp8, batch, prompt))
        except Exception as error:  # the others are still worth measuring
            print(name, "fp8" if fp8 else "bf16", type(error).__name__, str(error)[:400], file=sys.stderr, flush=True)


def one(rows, about, power, model, load):
    """Rows of one batch: the prompt without a graph, steps at the middle of the answer under one, power over both."""
    name, fp8, batch, prompt = load
    length = prompt + STEPS // 2
    model.cache = None
    torch.cuda.empty_cache()
    model.room(batch, length)
    prompts = torch.randint(10, 20000, (batch, prompt), device="cuda")
    token = torch.randint(10, 20000, (batch, 1), device="cuda")
    with torch.inference_mode():
        start = lambda: model.forward(prompts, 0)
        for _ in range(2):
            start()
            model.forward(token, length)
        torch.cuda.synchronize()
        graph = captured(lambda: model.forward(token, length))

        def generate():
            for _ in range(STEPS):
                graph.replay()

        def whole():
            start()
            generate()

        first = median_time(start, 3)
        generate()
        step = median_time(generate, 2) / STEPS
        seconds, watts = powered(power, whole, 2.0)
    form = "fp8" if fp8 else "bf16"
    common = dict(about, model=name, framework="pytorch", framework_version=".".join(torch.__version__.split(".")[:2]) + "-graph", weight_precision=form, activation_precision="fp8" if fp8 else "", tp=1,
                  batch_size=batch, concurrency=batch, input_tokens=prompt, output_tokens=STEPS + 1, scenario="static-batch", device_count=1,
                  notes=f"torch {torch.__version__}; own decoder of that shape; one step at the middle of the answer under a CUDA graph; prompt without a graph; random weights; power over prompt and {STEPS} steps")
    rows.add_all(common, [("ttft_ms", first * 1e3), ("tpot_ms", step * 1e3), ("power_w_avg", watts), ("energy_j_per_output_token", watts * seconds / (batch * (STEPS + 1)))])
    print(f"{name} {form} {batch}x{prompt}: {first * 1e3:.1f} ms, {step * 1e3:.3f} ms, {watts:.0f} W", flush=True)
