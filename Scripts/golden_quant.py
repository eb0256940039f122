"""Writes Tests/FormatsTests/Golden/quant: a tiny GPT-2, and what transformers and bitsandbytes make of it in four bits.

    python3 -m pip install torch transformers bitsandbytes accelerate
    python3 Scripts/golden_quant.py              # writes the golden folder
    python3 Scripts/golden_quant.py open FOLDER  # opens a folder that Graft wrote, prints its logits

Widths are multiples of 64: bitsandbytes' CPU kernel takes other rows apart wrongly.
"""

import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, GPT2Config, GPT2LMHeadModel

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "Tests", "FormatsTests", "Golden", "quant")
IDS = [[3, 1, 4, 1, 5, 9, 2, 6]]


def base():
    torch.manual_seed(7)
    config = GPT2Config(
        vocab_size=12, n_positions=8, n_embd=64, n_layer=1, n_head=2, n_inner=64,
        attn_pdrop=0, embd_pdrop=0, resid_pdrop=0, bos_token_id=None, eos_token_id=None)
    model = GPT2LMHeadModel(config)
    for name, p in model.named_parameters():
        p.data = torch.randn_like(p) * 0.3 + (1 if "ln" in name and "weight" in name else 0)
    # A block of zeros, and a block with one large number.
    model.transformer.h[0].mlp.c_fc.weight.data[:, 0] = 0
    model.transformer.h[0].mlp.c_fc.weight.data[5, 1] = 9
    return model.eval()


def logits(model):
    with torch.no_grad():
        return model(torch.tensor(IDS)).logits.float()


def write():
    shutil.rmtree(GOLDEN, ignore_errors=True)
    model = base()
    model.save_pretrained(os.path.join(GOLDEN, "base"))
    expected = {"base": logits(model)}
    for kind, double in (("nf4", True), ("fp4", False)):
        config = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=kind, bnb_4bit_use_double_quant=double,
            bnb_4bit_compute_dtype=torch.float32)
        packed = AutoModelForCausalLM.from_pretrained(
            os.path.join(GOLDEN, "base"), quantization_config=config, dtype=torch.float32)
        expected[kind] = logits(packed)
        packed.save_pretrained(os.path.join(GOLDEN, kind))
    save_file({k: v.contiguous() for k, v in expected.items()}, os.path.join(GOLDEN, "logits.safetensors"))
    with open(os.path.join(GOLDEN, "ids.json"), "w") as file:
        json.dump(IDS, file)
    for folder in ("base", "nf4", "fp4"):
        os.remove(os.path.join(GOLDEN, folder, "generation_config.json"))


def open_folder(path):
    model = AutoModelForCausalLM.from_pretrained(path)
    layers = [name for name, m in model.named_modules() if type(m).__name__ == "Linear4bit"]
    print(len(layers), "layers in four bits:", ", ".join(layers[:4]), "…")
    print("logits of the last position:", logits(model)[0, -1].tolist())


if __name__ == "__main__":
    open_folder(sys.argv[2]) if sys.argv[1:2] == ["open"] else write()
