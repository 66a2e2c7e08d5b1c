"""Static batches through Hugging Face Transformers: `model(...)` with a `DynamicCache`, SDPA attention, bf16."""

import torch

from .rows import LLM, Rows, median_time, powered, timed

# Shapes of published models: layers, hidden, heads, key-value heads, head width, inner width, vocabulary.
MODELS = {
    "llama-3.1-8b": ("llama", 32, 4096, 32, 8, 128, 14336, 128256),
    "qwen3-8b": ("qwen3", 36, 4096, 32, 8, 128, 12288, 151936),
    "qwen3-1.7b": ("qwen3", 28, 2048, 16, 8, 128, 6144, 151936),
    "llama-3.2-3b": ("llama", 28, 3072, 24, 8, 128, 8192, 128256),
    "qwen2.5-14b": ("qwen2", 48, 5120, 40, 8, 128, 13824, 152064),
}
BATCHES = [(1, 512), (8, 512), (32, 512), (64, 1024), (16, 2048)]
STEPS = 32


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


def measure(out, about, power, clock):
    import transformers

    rows = Rows(f"{out}/llm/own-torch.csv", LLM)
    for name in MODELS:
        if clock():
            return
        model = build(name)
        for batch, prompt in BATCHES:
            if clock():
                return
            tokens = torch.randint(10, 20000, (batch, prompt), device="cuda")

            def start():
                return model(input_ids=tokens, past_key_values=transformers.DynamicCache(config=model.config), use_cache=True, logits_to_keep=1)

            def generate(found, count):
                token = found.logits[:, -1:].argmax(-1)
                for _ in range(count):
                    found = model(input_ids=token, past_key_values=found.past_key_values, use_cache=True)
                    token = found.logits[:, -1:].argmax(-1)

            with torch.inference_mode():
                generate(start(), 4)
                first = median_time(start, 5)
                found = start()
                # Both rounds go on from the same prompt, so the second is as much longer as the first has grown the cache.
                step = sum(timed(lambda: generate(found, STEPS)) / STEPS for _ in range(2)) / 2
                del found
                _, watts = powered(power, lambda: generate(start(), STEPS), 2.0)
            common = dict(about, model=name, framework="transformers", framework_version=transformers.__version__, weight_precision="bf16", tp=1,
                          batch_size=batch, concurrency=batch, input_tokens=prompt, output_tokens=STEPS + 1, scenario="static-batch", device_count=1,
                          notes=f"torch {torch.__version__}; sdpa; DynamicCache; random weights; power over prompt and {STEPS} steps")
            rows.add_all(common, [("ttft_ms", first * 1e3), ("tpot_ms", step * 1e3), ("power_w_avg", watts)])
            print(f"{name} {batch}x{prompt}: {first * 1e3:.1f} ms, {step * 1e3:.2f} ms, {watts:.0f} W", flush=True)
        del model
        torch.cuda.empty_cache()
