"""Writes what transformers computes with the numbers of SmolLM2's GGUF file, for FormatsTests' RealModelTests.

    graft> get smollm2
    python Scripts/smollm2_parity.py ~/.local/share/graft/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf OUT.safetensors
    GRAFT_TEST_SMOLLM2=FILE.gguf,OUT.safetensors swift test --filter RealModelTests

Needs: pip install gguf numpy torch transformers safetensors
"""
import sys

import gguf
import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import LlamaConfig, LlamaForCausalLM

IDS = [504, 3575, 282, 4649, 314]  # The capital of France is
NAMES = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
         "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


def main():
    file, out = sys.argv[1:3]
    reader = gguf.GGUFReader(file)
    fact = lambda key: reader.fields[key].contents()
    heads, shared = fact("llama.attention.head_count"), fact("llama.attention.head_count_kv")
    config = LlamaConfig(
        vocab_size=fact("llama.vocab_size"), hidden_size=fact("llama.embedding_length"),
        intermediate_size=fact("llama.feed_forward_length"), num_hidden_layers=fact("llama.block_count"),
        num_attention_heads=heads, num_key_value_heads=shared, max_position_embeddings=fact("llama.context_length"),
        rope_theta=fact("llama.rope.freq_base"), rms_norm_eps=fact("llama.attention.layer_norm_rms_epsilon"),
        tie_word_embeddings=True)
    state = {}
    for tensor in reader.tensors:
        shape = tuple(int(n) for n in reversed(tensor.shape))
        numbers = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            name = f"model.layers.{parts[1]}.{NAMES[parts[2]]}.weight"
            if parts[2] in ("attn_q", "attn_k"):
                count = heads if parts[2] == "attn_q" else shared
                numbers = numbers.reshape(count, shape[0] // count // 2, 2, shape[1]).swapaxes(1, 2).reshape(shape)
        else:
            name = {"token_embd": "model.embed_tokens.weight", "output_norm": "model.norm.weight"}[parts[0]]
        state[name] = torch.from_numpy(np.ascontiguousarray(numbers))
    model = LlamaForCausalLM(config).eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    with torch.no_grad():
        logits = model(torch.tensor([IDS])).logits[0].numpy()
        answer = model.generate(torch.tensor([IDS]), max_new_tokens=8, do_sample=False, pad_token_id=2)[0].tolist()
    save_file({"ids": np.array(IDS, dtype=np.int32), "logits": logits, "answer": np.array(answer, dtype=np.int32)}, out)
    print(logits.shape, answer)


main()
