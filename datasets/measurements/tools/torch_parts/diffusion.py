"""Denoisers of diffusers with random weights: steps, and whole images with their decoder.

A step is one with classifier-free guidance: both passes in one batch, as pipelines run it. Embeddings of the text are given; the text
encoder is not in the numbers. Weights are random.
"""

import sys

import torch

from .denoisers import BF16, COUNTED, DENOISERS, FP16
from .rows import VISION, Rows, median_time, powered

def made(entry, device, dtype):
    """A denoiser and what makes its inputs."""
    import diffusers

    name, config, inputs = entry()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = getattr(diffusers, name)(**config).eval()
    finally:
        torch.set_default_dtype(torch.float32)
    return model, inputs


def on(device, dtype, inputs):
    """Inputs on a device, their real numbers in a format."""

    def moved(value):
        if isinstance(value, torch.Tensor):
            return value.to(device, dtype if value.is_floating_point() else None)
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        return value

    return {key: moved(value) for key, value in inputs.items()}


def decoder(channels, dtype, side):
    """The decoder of Stable Diffusion's latents (four channels, or sixteen as from version 3 on), and a latent."""
    import diffusers

    config = dict(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=channels, down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
    torch.set_default_dtype(dtype)
    with torch.device("cuda"):
        model = diffusers.AutoencoderKL(**config).eval()
    torch.set_default_dtype(torch.float32)
    return lambda batch: [model.decode(torch.zeros(1, channels, side, side, device="cuda", dtype=dtype), return_dict=False) for _ in range(batch)]


def multiply_adds(call):
    """Multiply-adds of a call, as PyTorch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter:
        call()
    return counter.get_total_flops() / 2


def count():
    """Parameters and multiply-adds of one pass of each denoiser, counted by PyTorch without weights."""
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.nn.attention import SDPBackend, sdpa_kernel

    print("name,input,params_m,gmacs")
    measured = [(name, entry, size) for name, entry, size, *_ in DENOISERS]
    for name, entry, size in measured + COUNTED:
        try:
            with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
                model, inputs = made(entry, "cpu", BF16)
                given = on("cpu", BF16, inputs(1))
                with sdpa_kernel(SDPBackend.MATH):
                    macs = multiply_adds(lambda: model(**given, return_dict=False))
        except Exception as error:
            print(name, type(error).__name__, str(error)[:300], file=sys.stderr)
            continue
        params = sum(weight.numel() for weight in model.parameters())
        print(f"{name},{size},{params / 1e6:.3f},{macs / 1e9:.1f}", flush=True)


def measure(out, about, power, clock):
    import diffusers

    rows = Rows(f"{out}/vision/own-diffusion.csv", VISION)
    for name, entry, size, dtype, channels, batches, steps in DENOISERS:
        try:
            if clock():
                return
            model, inputs = made(entry, "cuda", dtype)
            for batch in batches:
                if clock():
                    return
                one(rows, dict(about, model=name, input_size=size), model, on("cuda", dtype, inputs(2 * batch)), (batch, channels, steps), power, diffusers.__version__)
        except Exception as error:  # the others are still worth measuring
            print(name, type(error).__name__, str(error)[:300], file=sys.stderr, flush=True)
        model = None
        torch.cuda.empty_cache()


def one(rows, about, model, given, load, power, version):
    """Rows of one network at one batch."""
    batch, channels, steps = load
    dtype = {BF16: "bf16", FP16: "fp16"}[model.dtype]
    kind = "class" if about["model"].startswith("dit-") else "text"
    task = f"{kind}-to-video" if about["input_size"].endswith("f") else f"{kind}-to-image"
    common = dict(about, task=task, framework="pytorch-diffusers", framework_version=torch.__version__, precision=dtype, layout="nchw", compile_mode="eager", batch_size=batch, device_count=1)
    step = lambda: model(**given, return_dict=False)
    with torch.no_grad():
        passes = multiply_adds(step) / batch
    params = sum(weight.numel() for weight in model.parameters())
    common |= dict(model_params_m=f"{params / 1e6:.3f}")
    with torch.inference_mode():
        step()
        first = median_time(step, 3)
        repeats = max(3, min(15, int(1.0 / first)))
        seconds = median_time(step, repeats)
        _, watts = powered(power, step, 1.5)
        notes = f"diffusers {version}; one step with guidance, both passes in one batch; random weights"
        rows.add_all(dict(common, gmacs=f"{passes / 1e9:.1f}", scenario="denoise-step", notes=notes), [("latency_ms_mean", seconds * 1e3), ("power_w_avg", watts)])
        print(f"{about['model']} x{batch}: {seconds * 1e3:.1f} ms, {watts:.0f} W", flush=True)
        if steps == 0 or channels == 0:
            return
        decode = decoder(channels, model.dtype, int(about["input_size"].split("x")[0]) // 8)
        decode(1)

        def whole():
            for _ in range(steps):
                step()
            decode(batch)

        whole_seconds, whole_watts = powered(power, whole, 1.5)
        notes = f"{steps} steps; diffusers {version}; guidance, both passes in one batch; decoder of the images one by one; embeddings of the text given; random weights"
        measured = [("latency_ms_mean", whole_seconds * 1e3), ("energy_j_per_sample", whole_watts * whole_seconds / batch), ("power_w_avg", whole_watts)]
        rows.add_all(dict(common, gmacs=f"{steps * passes / 1e9:.1f}", scenario="batch-generation", notes=notes), measured)
        print(f"{about['model']} x{batch}: {steps} steps {whole_seconds:.2f} s, {whole_watts:.0f} W", flush=True)
