"""Writes Tests/FormatsTests/Golden/gguf/: small GGUF files, what the `gguf` package unpacks from them, and what transformers
computes with the same numbers. The Swift tests read these files and need no Python.

    python Scripts/golden_gguf.py            needs: pip install gguf numpy torch transformers safetensors tokenizers
"""
import json
import pathlib

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Q
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/FormatsTests/Golden/gguf"
RNG = np.random.default_rng(5)
SAMPLE = ["the old tree bears sweet fruit 12 345", "a young tree, no fruit yet!", "it's the gardener's work", "été 🌱 嫁接"] * 4


def halves(blocks, count):
    return RNG.normal(0, 0.05, (blocks, count)).astype(np.float16).view(np.uint8).reshape(blocks, -1)


def noise(blocks, count):
    return RNG.integers(0, 256, (blocks, count), dtype=np.uint8)


def random_blocks(kind, rows, columns):
    """Blocks of random bytes whose scales are sane halves, and their numbers by the gguf package."""
    size, width = gguf.GGML_QUANT_SIZES[kind]
    blocks = rows * columns // size
    parts = {
        Q.Q4_0: lambda: [halves(blocks, 1), noise(blocks, 16)],
        Q.Q4_1: lambda: [halves(blocks, 2), noise(blocks, 16)],
        Q.Q8_0: lambda: [halves(blocks, 1), noise(blocks, 32)],
        Q.Q4_K: lambda: [halves(blocks, 2), noise(blocks, 140)],
        Q.Q6_K: lambda: [noise(blocks, 208), halves(blocks, 1)],
        Q.F16: lambda: [halves(rows, columns)],
        Q.BF16: lambda: [(RNG.normal(0, 1, (rows, columns)).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)],
        Q.F32: lambda: [RNG.normal(0, 1, (rows, columns)).astype(np.float32).view(np.uint8)],
    }[kind]()
    raw = np.concatenate(parts, axis=1).reshape(rows, -1)
    return raw, gguf.dequantize(raw, kind).astype(np.float32).reshape(rows, columns)


def write_blocks():
    writer = gguf.GGUFWriter(FOLDER / "blocks.gguf", "test")
    writer.add_uint32("a.whole", 7)
    writer.add_float32("a.number", 0.5)
    writer.add_array("a.texts", ["one", "two", "\u5ac1\u63a5"])
    writer.add_array("a.list", [3, -1, 4])
    writer.add_bool("a.switch", True)
    expected = {}
    for kind in [Q.F32, Q.F16, Q.BF16, Q.Q8_0, Q.Q4_0, Q.Q4_1, Q.Q4_K, Q.Q6_K]:
        raw, numbers = random_blocks(kind, 3, 512)
        shape = (3, 512) if kind in (Q.F32, Q.F16, Q.BF16) else raw.shape
        writer.add_tensor(kind.name, raw.reshape(raw.shape), raw_shape=raw.shape, raw_dtype=kind)
        expected[kind.name] = numbers
        assert shape
    finish(writer)
    save_file(expected, FOLDER / "blocks.safetensors")


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def learn():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(
        vocab_size=320, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def interleaved(weight, heads):
    """Rows of q and k as GGUF has them: the two halves of each head by turns."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_model():
    tokenizer = learn()
    vocab = tokenizer.get_vocab_size()
    config = LlamaConfig(
        vocab_size=vocab, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rope_theta=10000.0, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, attention_bias=False)
    torch.manual_seed(3)
    model = LlamaForCausalLM(config).eval()
    state = {name: tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    writer = gguf.GGUFWriter(FOLDER / "tiny.gguf", "llama")
    writer.add_name("tiny")
    for add, value in [
        (writer.add_context_length, 128), (writer.add_embedding_length, 64), (writer.add_block_count, 2),
        (writer.add_feed_forward_length, 96), (writer.add_head_count, 4), (writer.add_head_count_kv, 2),
        (writer.add_rope_freq_base, 10000.0), (writer.add_layer_norm_rms_eps, 1e-5), (writer.add_vocab_size, vocab),
        (writer.add_rope_dimension_count, 16), (writer.add_tokenizer_model, "gpt2"), (writer.add_tokenizer_pre, "smollm"),
        (writer.add_bos_token_id, 1), (writer.add_eos_token_id, 2), (writer.add_pad_token_id, 2),
    ]:
        add(value)
    document = json.loads(tokenizer.to_str())
    tokens = sorted(document["model"]["vocab"], key=document["model"]["vocab"].get)
    writer.add_token_list(tokens)
    writer.add_token_types([3 if i < 3 else 1 for i in range(vocab)])
    writer.add_token_merges([" ".join(merge) for merge in document["model"]["merges"]])
    names = {"embed_tokens": "token_embd", "norm": "output_norm", "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v",
             "o_proj": "attn_output", "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
             "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    kinds = {"token_embd": Q.Q8_0, "attn_q": Q.Q4_1, "attn_k": Q.Q8_0, "attn_v": Q.F16, "ffn_gate": Q.Q4_0, "ffn_up": Q.BF16}
    for name, weight in state.items():
        if name == "lm_head.weight":
            continue
        parts = name.split(".")
        short = names[parts[-2]]
        own = f"blk.{parts[2]}.{short}.weight" if "layers" in parts else f"{short}.weight"
        kind = kinds.get(short, Q.F32)
        if short in ("attn_q", "attn_k"):
            weight = interleaved(weight, 4 if short == "attn_q" else 2)
        raw = gguf.quantize(np.ascontiguousarray(weight), kind)
        if kind == Q.F16:
            writer.add_tensor(own, weight.astype(np.float16))
        elif kind == Q.F32:
            writer.add_tensor(own, weight.astype(np.float32))
        else:
            writer.add_tensor(own, raw, raw_dtype=kind)
        back = gguf.dequantize(raw, kind).astype(np.float32).reshape(weight.shape)
        if short in ("attn_q", "attn_k"):
            heads = 4 if short == "attn_q" else 2
            back = back.reshape(heads, back.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(back.shape)
        with torch.no_grad():
            model.state_dict()[name].copy_(torch.from_numpy(np.ascontiguousarray(back)))
    finish(writer)
    model.tie_weights()
    text = "the old tree bears 12 sweet fruit"
    ids = tokenizer.encode(text).ids
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].numpy()
    weights = {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    save_file({"ids": np.array(ids, dtype=np.int32), "logits": logits, **{
        name: weights[name] for name in weights if "layers.0.self_attn" in name}}, FOLDER / "tiny.safetensors")
    (FOLDER / "tiny.json").write_text(json.dumps({"text": text, "ids": ids, "tokenizer": [
        {"text": text, "ids": tokenizer.encode(text).ids} for text in SAMPLE[:4] + ["<|im_start|>user\n9 0<|im_end|>"]]}))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_blocks()
    write_model()


main()
