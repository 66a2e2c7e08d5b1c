"""Denoisers by the configurations of diffusers, and inputs of one pass."""

import torch

BF16, FP16 = torch.bfloat16, torch.float16


def numbers(*shape):
    return torch.randn(*shape)


def ones(*shape):
    return torch.ones(*shape, dtype=torch.bool)


def time(batch):
    return torch.full((batch,), 500.0)


def unet(cross, side, **config):
    shape = dict(sample_size=side, block_out_channels=(320, 640, 1280, 1280), attention_head_dim=8, cross_attention_dim=cross) | config
    return "UNet2DConditionModel", shape, lambda batch: dict(sample=numbers(batch, 4, side, side), timestep=torch.tensor(500.0), encoder_hidden_states=numbers(batch, 77, cross))


def sd21(side):
    return unet(1024, side, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True)


def sdxl(side, text=77):
    config = dict(sample_size=side, block_out_channels=(320, 640, 1280), down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                  up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20),
                  cross_attention_dim=2048, addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816, use_linear_projection=True)
    return "UNet2DConditionModel", config, lambda batch: dict(
        sample=numbers(batch, 4, side, side), timestep=torch.tensor(500.0), encoder_hidden_states=numbers(batch, text, 2048),
        added_cond_kwargs=dict(text_embeds=numbers(batch, 1280), time_ids=numbers(batch, 6)))


def dit(side):
    return "DiTTransformer2DModel", dict(sample_size=side), lambda batch: dict(
        hidden_states=numbers(batch, 4, side, side), timestep=time(batch), class_labels=torch.zeros(batch, dtype=torch.long))


def pixart(side):
    return "PixArtTransformer2DModel", dict(sample_size=side, caption_channels=4096, use_additional_conditions=False), lambda batch: dict(
        hidden_states=numbers(batch, 4, side, side), timestep=time(batch), encoder_hidden_states=numbers(batch, 120, 4096), encoder_attention_mask=torch.ones(batch, 120),
        added_cond_kwargs=dict(resolution=None, aspect_ratio=None))


def sd3(side, layers=24):
    config = dict(sample_size=128, patch_size=2, in_channels=16, out_channels=16, num_layers=layers, num_attention_heads=layers, attention_head_dim=64, joint_attention_dim=4096, caption_projection_dim=64 * layers, pooled_projection_dim=2048, pos_embed_max_size=192)
    return "SD3Transformer2DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, 16, side, side), timestep=time(batch), encoder_hidden_states=numbers(batch, 333, 4096), pooled_projections=numbers(batch, 2048))


def auraflow():
    return "AuraFlowTransformer2DModel", dict(pos_embed_max_size=9216), lambda batch: dict(
        hidden_states=numbers(batch, 4, 128, 128), timestep=torch.full((batch,), 0.5), encoder_hidden_states=numbers(batch, 256, 2048))


def lumina2():
    return "Lumina2Transformer2DModel", dict(cap_feat_dim=2304), lambda batch: dict(
        hidden_states=numbers(batch, 16, 128, 128), timestep=torch.full((batch,), 0.5), encoder_hidden_states=numbers(batch, 256, 2304), encoder_attention_mask=ones(batch, 256))


def cogview3():
    return "CogView3PlusTransformer2DModel", {}, lambda batch: dict(
        hidden_states=numbers(batch, 16, 128, 128), timestep=time(batch), encoder_hidden_states=numbers(batch, 224, 4096),
        original_size=torch.full((batch, 2), 1024.0), target_size=torch.full((batch, 2), 1024.0), crop_coords=torch.zeros(batch, 2))


def cogview4():
    return "CogView4Transformer2DModel", dict(num_layers=28, num_attention_heads=32, attention_head_dim=128), lambda batch: dict(
        hidden_states=numbers(batch, 16, 128, 128), timestep=time(batch), encoder_hidden_states=numbers(batch, 128, 4096),
        original_size=torch.full((batch, 2), 1024.0), target_size=torch.full((batch, 2), 1024.0), crop_coords=torch.zeros(batch, 2))


def qwen_image(side):
    return "QwenImageTransformer2DModel", {}, lambda batch: dict(
        hidden_states=numbers(batch, side * side, 64), timestep=torch.full((batch,), 0.5), encoder_hidden_states=numbers(batch, 128, 3584),
        encoder_hidden_states_mask=ones(batch, 128), img_shapes=[[(1, side, side)]] * batch)


def sana():
    config = dict(num_attention_heads=36, attention_head_dim=32, num_cross_attention_heads=16, cross_attention_head_dim=72, num_layers=28, cross_attention_dim=1152)
    return "SanaTransformer2DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, 32, 32, 32), timestep=time(batch), encoder_hidden_states=numbers(batch, 300, 2304), encoder_attention_mask=torch.ones(batch, 300))


def latte():
    config = dict(num_attention_heads=16, attention_head_dim=72, in_channels=4, out_channels=8, num_layers=28, cross_attention_dim=1152, attention_bias=True, sample_size=64,
                  patch_size=2, activation_fn="gelu-approximate", norm_type="ada_norm_single", norm_elementwise_affine=False, norm_eps=1e-6, caption_channels=4096, video_length=16)
    return "LatteTransformer3DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, 4, 16, 64, 64), timestep=time(batch), encoder_hidden_states=numbers(batch, 120, 4096))


def ltx():
    frames, height, width = 21, 16, 22
    return "LTXVideoTransformer3DModel", {}, lambda batch: dict(
        hidden_states=numbers(batch, frames * height * width, 128), timestep=time(batch), encoder_hidden_states=numbers(batch, 128, 4096), encoder_attention_mask=torch.ones(batch, 128),
        num_frames=frames, height=height, width=width)


def mochi():
    return "MochiTransformer3DModel", {}, lambda batch: dict(
        hidden_states=numbers(batch, 12, 7, 60, 106), timestep=time(batch), encoder_hidden_states=numbers(batch, 256, 4096), encoder_attention_mask=ones(batch, 256))


# Name, denoiser, image or video, number format, channels of the latent that a decoder takes, batches, steps of a whole run.
DENOISERS = [
    ("sd-1.5-unet", lambda: unet(768, 64), "512x512", FP16, 4, (1, 4, 16), 20),
    ("sd-2.1-unet", lambda: sd21(96), "768x768", FP16, 4, (1, 8), 20),
    ("sdxl-base-unet", lambda: sdxl(128), "1024x1024", FP16, 4, (1, 4, 8), 20),
    ("dit-xl-2-256", lambda: dit(32), "256x256", BF16, 4, (1, 8, 32), 50),
    ("dit-xl-2-512", lambda: dit(64), "512x512", BF16, 4, (1, 16), 20),
    ("pixart-alpha-xl-512", lambda: pixart(64), "512x512", BF16, 4, (1, 4, 16), 20),
    ("sana-0.6b", sana, "1024x1024", BF16, 0, (1, 4, 16), 20),
    ("sd-3-medium", lambda: sd3(128), "1024x1024", BF16, 16, (1, 4), 20),
    ("lumina-image-2.0", lumina2, "1024x1024", BF16, 16, (1, 4), 20),
    ("cogview3-plus-3b", cogview3, "1024x1024", BF16, 16, (1, 4), 20),
    ("ltx-video", ltx, "512x704x161f", BF16, 0, (1, 2), 0),
    ("latte-1", latte, "512x512x16f", BF16, 0, (1, 2), 0),
    ("cogview4-6b", cogview4, "1024x1024", BF16, 16, (1, 4), 20),
    ("auraflow", auraflow, "1024x1024", BF16, 4, (1, 4), 20),
    ("mochi-1", mochi, "480x848x37f", BF16, 0, (1,), 0),
    ("qwen-image", lambda: qwen_image(64), "1024x1024", BF16, 0, (1, 2), 0),
]


def flux(height, width, text):
    tokens = height // 16 * (width // 16)
    return "FluxTransformer2DModel", dict(guidance_embeds=True), lambda batch: dict(
        hidden_states=numbers(batch, tokens, 64), encoder_hidden_states=numbers(batch, text, 4096), pooled_projections=numbers(batch, 768), timestep=torch.full((batch,), 0.5),
        guidance=torch.full((batch,), 3.5), img_ids=torch.zeros(tokens, 3), txt_ids=torch.zeros(text, 3))


def wan(height, width, frames, image):
    config = dict(in_channels=36, image_dim=1280, added_kv_proj_dim=5120) if image else {}
    channels = 36 if image else 16
    return "WanTransformer3DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, channels, (frames - 1) // 4 + 1, height // 8, width // 8), timestep=torch.full((batch,), 500), encoder_hidden_states=numbers(batch, 512, 4096),
        **(dict(encoder_hidden_states_image=numbers(batch, 257, 1280)) if image else {}))


def hunyuan_video(height, width, frames):
    return "HunyuanVideoTransformer3DModel", {}, lambda batch: dict(
        hidden_states=numbers(batch, 16, (frames - 1) // 4 + 1, height // 8, width // 8), timestep=time(batch), encoder_hidden_states=numbers(batch, 256, 4096),
        encoder_attention_mask=ones(batch, 256), pooled_projections=numbers(batch, 768), guidance=torch.full((batch,), 6000.0))


def cogvideox(height, width, frames, layers, heads):
    return "CogVideoXTransformer3DModel", dict(num_layers=layers, num_attention_heads=heads, sample_frames=frames), lambda batch: dict(
        hidden_states=numbers(batch, (frames - 1) // 4 + 1, 16, height // 8, width // 8), timestep=time(batch), encoder_hidden_states=numbers(batch, 226, 4096))


def sana_of(layers, heads, side):
    config = dict(num_layers=layers, num_attention_heads=heads, attention_head_dim=32, num_cross_attention_heads=20, cross_attention_head_dim=112, cross_attention_dim=2240)
    return "SanaTransformer2DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, 32, side, side), timestep=time(batch), encoder_hidden_states=numbers(batch, 300, 2304), encoder_attention_mask=torch.ones(batch, 300))


def cosmos2(height, width, frames, layers, heads):
    """Of channels, one says what is padding and, in a video, one what is given."""
    latents, channels = (frames - 1) // 4 + 1, 18 if frames > 1 else 17
    config = dict(in_channels=channels, num_layers=layers, num_attention_heads=heads, concat_padding_mask=False, extra_pos_embed_type=None)
    return "CosmosTransformer3DModel", config, lambda batch: dict(
        hidden_states=numbers(batch, channels, latents, height // 8, width // 8), timestep=torch.full((batch,), 0.5), encoder_hidden_states=numbers(batch, 512, 1024))


# Counted alone, for published measurements: name, denoiser, image or video.
COUNTED = [
    ("sd-1.5-unet", lambda: unet(768, 128), "1024x1024"),
    ("sd-2.1-unet", lambda: sd21(64), "512x512"),
    ("sd-2.1-unet", lambda: sd21(128), "1024x1024"),
    ("sdxl-base-unet", lambda: sdxl(64), "512x512"),
    ("kolors", lambda: sdxl(128, 256), "1024x1024"),
    ("pixart-alpha-xl-1024", lambda: pixart(128), "1024x1024"),
    ("sd-3-medium", lambda: sd3(64), "512x512"),
    ("sd-3.5-large", lambda: sd3(128, 38), "1024x1024"),
    ("flux.1-dev", lambda: flux(1024, 1024, 512), "1024x1024"),
    ("flux.1-dev", lambda: flux(1008, 1008, 512), "1008x1008"),
    ("flux.1-dev", lambda: flux(1024, 720, 512), "1024x720"),
    ("flux.1-dev", lambda: flux(768, 768, 512), "768x768"),
    ("flux.1-schnell", lambda: flux(1024, 1024, 256), "1024x1024"),
    ("flux.1-schnell", lambda: flux(2048, 2048, 256), "2048x2048"),
    ("qwen-image", lambda: qwen_image(128), "2048x2048"),
    ("sana-1.6b", lambda: sana_of(20, 70, 32), "1024x1024"),
    ("sana-1.6b-4k", lambda: sana_of(20, 70, 128), "4096x4096"),
    ("cogvideox-2b", lambda: cogvideox(480, 720, 49, 30, 30), "480x720x49f"),
    ("cogvideox-5b", lambda: cogvideox(480, 720, 49, 42, 48), "480x720x49f"),
    ("wan2.1-t2v-14b", lambda: wan(480, 832, 81, False), "480x832x81f"),
    ("wan2.1-t2v-14b", lambda: wan(720, 1280, 81, False), "720x1280x81f"),
    ("wan2.1-i2v-14b-480p", lambda: wan(480, 832, 81, True), "480x832x81f"),
    ("wan2.1-i2v-14b-720p", lambda: wan(720, 1280, 81, True), "720x1280x81f"),
    ("hunyuanvideo", lambda: hunyuan_video(720, 1280, 129), "720x1280x129f"),
    ("hunyuanvideo", lambda: hunyuan_video(960, 960, 129), "960x960x129f"),
    ("cosmos-predict2-2b", lambda: cosmos2(768, 1360, 1, 28, 16), "768x1360"),
    ("cosmos-predict2-14b", lambda: cosmos2(768, 1360, 1, 36, 40), "768x1360"),
    ("cosmos-predict2-2b", lambda: cosmos2(432, 768, 93, 28, 16), "432x768x93f"),
    ("cosmos-predict2-14b", lambda: cosmos2(432, 768, 93, 36, 40), "432x768x93f"),
    ("cosmos-predict2-2b", lambda: cosmos2(704, 1280, 61, 28, 16), "704x1280x61f"),
    ("cosmos-predict2-14b", lambda: cosmos2(704, 1280, 61, 36, 40), "704x1280x61f"),
    ("cosmos-predict2-2b", lambda: cosmos2(704, 1280, 93, 28, 16), "704x1280x93f"),
    ("cosmos-predict2-14b", lambda: cosmos2(704, 1280, 93, 36, 40), "704x1280x93f"),
]
