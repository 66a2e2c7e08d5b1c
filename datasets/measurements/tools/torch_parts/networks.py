"""Networks of timm, forward only, as timm's own benchmark runs them."""

import sys

import torch

from .rows import VISION, Rows, powered

NETWORKS = [("resnet50", 256, 224), ("vit_base_patch16_224", 256, 224), ("convnext_base", 256, 224), ("efficientnet_b0", 256, 224), ("mobilenetv3_large_100", 256, 224), ("vit_large_patch16_224", 256, 224), ("swin_base_patch4_window7_224", 256, 224), ("resnet18", 256, 224), ("regnety_032", 256, 224), ("densenet121", 256, 224), ("resnext50_32x4d", 256, 224), ("deit_small_patch16_224", 256, 224), ("mixer_b16_224", 256, 224), ("efficientnetv2_rw_s", 256, 288), ("beit_base_patch16_224", 256, 224), ("convnext_tiny", 256, 224)]


def measure(out, about, power, clock):
    import timm

    rows = Rows(f"{out}/vision/own-torch.csv", VISION)
    for name, batch, size in NETWORKS:
        if clock():
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
            rows.add_all(common, [("samples_per_s", rate), ("power_w_avg", watts)])
            print(f"{name} x{count}: {rate:.0f} samples/s, {watts:.0f} W", flush=True)
        del model
