"""Writes Tests/FormatsTests/Golden/decoders/: tiny decoders of every family that Graft opens, saved by transformers,
with their logits. The Swift tests need no Python.

    pip install torch transformers        (written with torch 2.15, transformers 5.24)
    python Scripts/golden_decoders.py
    python Scripts/golden_decoders.py --back .build/debug/graft

With `--back PROGRAM` nothing is written: Graft opens each folder and saves it anew, transformers opens what it saved,
and the logits must be the same to 1e-4.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

import torch
from transformers import (
    AutoModelForCausalLM, BloomConfig, BloomForCausalLM, GemmaConfig, GemmaForCausalLM, GPT2Config, GPT2LMHeadModel,
    LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
    Qwen3ForCausalLM)

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/FormatsTests/Golden/decoders"
IDS = [[3, 7, 1, 9, 4, 4, 8, 2, 10], [5, 2, 6, 6, 1, 9, 3, 0, 0], [0, 0, 0, 2, 8, 7, 1, 5, 4]]
MASK = [[1] * 9, [1] * 7 + [0] * 2, [0] * 3 + [1] * 6]
SIZES = dict(
    vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=32, bos_token_id=0, eos_token_id=0, pad_token_id=0)


def llama(rope=None, **more):
    rope = dict(rope_theta=100.0, **(rope or dict(rope_type="default")))
    return LlamaForCausalLM(LlamaConfig(**{**SIZES, "rope_parameters": rope, **more}))


MODELS = {
    "llama": lambda: llama(attention_bias=True, mlp_bias=True, head_dim=6),
    "llama-tied": lambda: llama(tie_word_embeddings=True, num_key_value_heads=1),
    "llama-linear": lambda: llama(dict(rope_type="linear", factor=3.0), head_dim=4),
    "llama-dynamic": lambda: llama(
        dict(rope_type="dynamic", factor=2.0), head_dim=4, max_position_embeddings=5),
    "llama-llama3": lambda: llama(
        dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
             original_max_position_embeddings=16), head_dim=8),
    "llama-yarn": lambda: llama(
        dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=4.0, beta_slow=1.0),
        head_dim=8),
    "llama-yarn2": lambda: llama(
        dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, mscale=0.7, mscale_all_dim=1.3),
        head_dim=8),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**SIZES, sliding_window=4)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(
        **SIZES, use_sliding_window=True, sliding_window=3, max_window_layers=1)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SIZES, head_dim=4)),
    "gemma": lambda: GemmaForCausalLM(GemmaConfig(**SIZES, head_dim=4)),
    "bloom": lambda: BloomForCausalLM(BloomConfig(
        vocab_size=11, hidden_size=12, n_layer=2, n_head=3, bos_token_id=0, eos_token_id=0,
        tie_word_embeddings=False)),
    "gpt2-untied": lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, bos_token_id=0, eos_token_id=0, tie_word_embeddings=False)),
}


def drawn(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_scale = p.ndim == 1 and name.endswith("weight")
            p.copy_(0.4 * torch.randn(p.shape) + float(is_scale))
    return model.eval()


def logits(model):
    with torch.no_grad():
        return model(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK)).logits


def write():
    shutil.rmtree(FOLDER, ignore_errors=True)
    facts = {"ids": IDS, "mask": MASK, "logits": {}}
    for i, (name, make) in enumerate(MODELS.items()):
        model = drawn(make(), i)
        model.save_pretrained(FOLDER / name)
        (FOLDER / name / "generation_config.json").unlink(missing_ok=True)
        facts["logits"][name] = [float(f"{x:.7g}") for x in logits(model).flatten().tolist()]
    (FOLDER / "facts.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")


def back(program):
    real = torch.tensor(MASK).bool()
    for name in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            cells = f'open "{FOLDER / name}"\nsave model "{folder}/saved"\n'
            subprocess.run([program, "run", "-"], input=cells, text=True, check=True, capture_output=True)
            ours = AutoModelForCausalLM.from_pretrained(f"{folder}/saved").eval()
            theirs = AutoModelForCausalLM.from_pretrained(FOLDER / name).eval()
            difference = (logits(ours) - logits(theirs))[real].abs().max().item()
            print(f"{name:16}{difference:.1e}")
            assert difference <= 1e-4, name


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--back", metavar="PROGRAM")
    program = options.parse_args().back
    back(program) if program else write()
