"""Golden numbers of T5 and mT5 from PyTorch and transformers, read by Tests/FormatsTests/T5GoldenTests.swift.

    pip install torch transformers safetensors           (written with torch 2.15, transformers 5.24)
    python Scripts/golden_t5.py                          # writes Tests/FormatsTests/Golden/t5
    python Scripts/golden_t5.py BASE SAVED               # compares two folders as transformers opens them

`t5` and `mt5` are as transformers 5 saves them, which ties both heads. `untied` is a T5 v1.1 as transformers 4 saved it:
a head of its own, `tie_word_embeddings: false`, states not scaled; its logits are multiplied out here, since version 5
would tie it. Heads are wider than width/heads, the decoder is deeper than the encoder. `facts.json` holds the batch,
what greedy search writes to each row, and the buckets of distances.
"""
import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForSeq2SeqLM, MT5Config, MT5ForConditionalGeneration, T5Config, T5ForConditionalGeneration)
from transformers.models.t5.modeling_t5 import T5Attention

OWN = pathlib.Path(__file__).parent.parent / "Tests/FormatsTests/Golden/t5"
SIZES = dict(
    vocab_size=31, d_model=12, d_kv=5, num_heads=3, d_ff=20, num_layers=2, num_decoder_layers=3, dropout_rate=0.0,
    pad_token_id=0, decoder_start_token_id=0, eos_token_id=1, relative_attention_num_buckets=8,
    relative_attention_max_distance=10)
ROWS = [[5, 9, 2, 17, 30, 4, 8, 1], [3, 22, 7, 1, 0, 0, 0, 0]]
MASK = [[1] * 8, [1] * 4 + [0] * 4]
WRITTEN = [[0, 12, 5, 28, 3, 7], [0, 6, 6, 19, 2, 11]]


def draw(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(0.4 * torch.randn(p.shape) + (1.0 if "norm" in name else 0.0))


def run(model):
    with torch.no_grad():
        return model(
            input_ids=torch.tensor(ROWS), attention_mask=torch.tensor(MASK),
            decoder_input_ids=torch.tensor(WRITTEN)).logits


def greedy(model):
    out = model.generate(
        input_ids=torch.tensor(ROWS), attention_mask=torch.tensor(MASK), do_sample=False, num_beams=1,
        max_new_tokens=7, min_new_tokens=7, eos_token_id=None,
        use_cache=False)  # whose size version 5 takes from the encoder
    return out[:, 1:].tolist()


def untied(folder):
    """A T5 v1.1 in the form of version 4."""
    model = T5ForConditionalGeneration(T5Config(**SIZES, feed_forward_proj="gated-gelu")).eval()
    draw(model)
    head = 0.4 * torch.randn(SIZES["vocab_size"], SIZES["d_model"])
    with torch.no_grad():
        states = model.model if hasattr(model, "model") else model
        encoded = states.encoder(input_ids=torch.tensor(ROWS), attention_mask=torch.tensor(MASK))[0]
        decoded = states.decoder(
            input_ids=torch.tensor(WRITTEN), encoder_hidden_states=encoded,
            encoder_attention_mask=torch.tensor(MASK))[0]
    folder.mkdir(parents=True)
    weights = {k: v.clone() for k, v in model.state_dict().items() if "embed_tokens" not in k}
    weights["lm_head.weight"] = head
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = dict(SIZES, model_type="t5", architectures=["T5ForConditionalGeneration"], is_encoder_decoder=True,
                  feed_forward_proj="gated-gelu", tie_word_embeddings=False, layer_norm_epsilon=1e-6)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    return decoded @ head.T


def buckets():
    found = []
    for count, distance, is_causal in [(32, 128, False), (32, 128, True), (8, 10, False), (12, 40, True)]:
        offsets = torch.arange(-300, 301)
        of = T5Attention._relative_position_bucket(
            offsets, bidirectional=not is_causal, num_buckets=count, max_distance=distance)
        found.append(dict(buckets=count, distance=distance, causal=is_causal, first=-300, of=of.tolist()))
    return found


def write():
    shutil.rmtree(OWN, ignore_errors=True)
    torch.manual_seed(3)
    logits, texts = {}, {}
    for name, config, model in [
            ("t5", T5Config(**SIZES), T5ForConditionalGeneration),
            ("mt5", MT5Config(**SIZES, feed_forward_proj="gated-gelu"), MT5ForConditionalGeneration)]:
        made = model(config).eval()
        draw(made)
        made.save_pretrained(OWN / name)
        (OWN / name / "generation_config.json").unlink(missing_ok=True)
        logits[name], texts[name] = run(made).contiguous(), greedy(made)
    logits["untied"] = untied(OWN / "untied").contiguous()
    save_file(logits, OWN / "logits.safetensors")
    facts = dict(ids=ROWS, mask=MASK, written=WRITTEN, greedy=texts, buckets=buckets())
    (OWN / "facts.json").write_text(json.dumps(facts) + "\n")


def compare(base, saved):
    """Logits of two folders, as transformers opens them; a key without a place is an error."""
    found = []
    for folder in (base, saved):
        model, info = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True)
        assert not any(info.get(k) for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), (folder, info)
        found.append(run(model.eval()))
    print(f"{saved}: largest difference {(found[0] - found[1]).abs().max().item():.1e}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    compare(*sys.argv[1:3]) if len(sys.argv) == 3 else write()
