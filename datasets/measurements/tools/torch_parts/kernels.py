"""Single operators on operands that stay in place."""

import statistics

import torch

from .rows import ELEMENTWISE, GEMM, Rows, captured, powered

SHAPES = [(4096, 4096), (6144, 4096), (28672, 4096), (4096, 14336), (1280, 8192), (8192, 1024), (8192, 8192), (16384, 5120)]


def replayed(call, calls=10):
    """A graph of ten calls and the median microseconds of one, by CUDA events."""
    for _ in range(3):
        call()
    graph = captured(lambda: [call() for _ in range(calls)])
    times = []
    for _ in range(9):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1e3 / calls)
    return graph, statistics.median(times)


def gemm(out, about, power, clock):
    rows = Rows(f"{out}/kernels/gemm.csv", GEMM)
    for n, k in SHAPES:
        weights = torch.randn(n, k, device="cuda", dtype=torch.float16)
        for m in (1, 8, 32, 128, 512, 2048, 8192):
            if clock():
                return
            x = torch.randn(m, k, device="cuda", dtype=torch.float16)
            graph, micros = replayed(lambda: torch.nn.functional.linear(x, weights))
            watts = f"{powered(power, graph.replay, 0.6)[1]:.1f}" if m in (1, 128, 8192) else ""
            rows.add(hardware=about["hardware"], backend="pytorch", backend_version=torch.__version__, op="gemm", kernel="linear", dtype="float16", m=m, n=n, k=k,
                     latency_us=f"{micros:.4g}", power_w=watts, source_id=about["source_id"])
            print(f"gemm {m}x{n}x{k}: {micros:.1f} us {watts} W", flush=True)


def elementwise(out, about, power, clock):
    """Sums and norms: many widths, which tables of serving frameworks lack."""
    rows = Rows(f"{out}/kernels/elementwise.csv", ELEMENTWISE)
    for width in (1024, 1536, 2048, 2560, 3072, 4096, 5120, 6144, 7168, 8192, 12288, 16384):
        weights = torch.ones(width, device="cuda", dtype=torch.float16)
        for tokens in (1, 4, 16, 64, 128, 256, 384, 512, 768, 1024, 2048, 4096, 8192):
            if clock():
                return
            x, y = (torch.randn(tokens, width, device="cuda", dtype=torch.float16) for _ in range(2))
            for op, call in (("add", lambda: x + y), ("input_layernorm", lambda: torch.nn.functional.rms_norm(x, (width,), weights))):
                _, micros = replayed(call)
                rows.add(hardware=about["hardware"], backend="pytorch", backend_version=torch.__version__, op=op, kernel=op, dtype="float16", tokens=tokens, width=width,
                         latency_us=f"{micros:.4g}", power_w="", source_id=about["source_id"])
    print("elementwise: done", flush=True)
