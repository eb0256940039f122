"""Writes the small files in Tests/FormatsTests/Golden with Python's own libraries.

    python3 -m pip install torch transformers peft safetensors
    python3 Scripts/golden_formats.py

The Swift tests read these files, and must write the same bytes. They need no Python.
"""

import json
import os
import shutil

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "Tests", "FormatsTests", "Golden")


def every_format():
    """One tensor of each number format, a scalar, an empty one, a name beyond ASCII."""
    numbers = torch.arange(6).reshape(2, 3)
    return {
        "f32": numbers.to(torch.float32) / 4,
        "bf16": numbers.to(torch.bfloat16) / 4,
        "f16": numbers.to(torch.float16) / 4,
        "f64": numbers.to(torch.float64) / 4,
        "i64": numbers.to(torch.int64) - 3,
        "i32": numbers.to(torch.int32) - 3,
        "i16": numbers.to(torch.int16) - 3,
        "i8": numbers.to(torch.int8) - 3,
        "u8": numbers.to(torch.uint8),
        "bool": numbers % 2 == 0,
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        "größe “ß”\\": torch.tensor([1.0]),
    }


def base():
    torch.manual_seed(1)
    config = GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=11, n_positions=8)
    return GPT2LMHeadModel(config)


def adapter(config, name):
    """A tiny adapter whose numbers are not those of its initialisation."""
    model = get_peft_model(base(), config)
    with torch.no_grad():
        for i, parameter in enumerate(p for p in model.parameters() if p.requires_grad):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) / 8 - i)
    folder = os.path.join(GOLDEN, name)
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))


def main():
    for name in ("lora", "prompt"):  # parity/ belongs to peft_parity.py
        shutil.rmtree(os.path.join(GOLDEN, name), ignore_errors=True)
    os.makedirs(GOLDEN, exist_ok=True)
    save_file(every_format(), os.path.join(GOLDEN, "formats.safetensors"), {"format": "pt"})
    adapter(LoraConfig(r=2, lora_alpha=4, target_modules=["c_attn"], task_type="CAUSAL_LM"), "lora")
    adapter(PromptTuningConfig(num_virtual_tokens=3, task_type="CAUSAL_LM"), "prompt")
    odd = {
        "ü": "π €\U0001f600\n\t\x7f\x01\"\\/",
        "a": [1, 2.5, 1e-05, 1e16, -0.0, 123456789012],
        "e": [],
        "o": {},
        "n": None,
    }
    with open(os.path.join(GOLDEN, "../../FileSystemTests/Golden/python.json"), "w") as file:
        file.write(json.dumps(odd, indent=2, sort_keys=True))


main()
