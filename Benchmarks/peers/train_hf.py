"""One training step of Hugging Face's GPT-2 (with peft's LoRA), measured as `Benchmarks train` measures ours.

    python train_hf.py train SIZE CONFIG THREADS [SECONDS]     one JSON line
    python train_hf.py agree SIZE CONFIG FILE                  five losses from the weights and tokens in FILE

Needs torch, transformers, peft and safetensors in the Python that runs it.
"""
import os
import sys

if len(sys.argv) < 5:
    sys.exit(__doc__)
mode, size, config, last = sys.argv[1:5]
threads = int(last) if mode == "train" else 1
os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is imported, or it counts for nothing
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import warnings

warnings.filterwarnings("ignore")
import torch
import transformers

from common import RATE, SIZES, line, measured

LAYERS, WIDTH, HEADS, VOCABULARY, TIME, ROWS = SIZES[size]


def method():
    """peft's configuration, as ours has its own by default; None: nothing is attached."""
    import peft

    lora = dict(task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=["c_attn"], fan_in_fan_out=True)
    words = dict(task_type="CAUSAL_LM", num_virtual_tokens=8)
    layers = ["attn.c_attn", "mlp.c_proj"]
    return {
        "lora": lambda: peft.LoraConfig(**lora),
        "dora": lambda: peft.LoraConfig(use_dora=True, **lora),
        "pissa": lambda: peft.LoraConfig(init_lora_weights="pissa", **lora),
        "prompt": lambda: peft.PromptTuningConfig(**words),
        "prefix": lambda: peft.PrefixTuningConfig(
            task_type="CAUSAL_LM", num_virtual_tokens=5, prefix_projection=True, encoder_hidden_size=WIDTH),
        "ptuning": lambda: peft.PromptEncoderConfig(
            encoder_reparameterization_type="LSTM", encoder_hidden_size=WIDTH, encoder_num_layers=2, **words),
        "ptuning2": lambda: peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4),
        "ia3": lambda: peft.IA3Config(
            task_type="CAUSAL_LM", target_modules=layers, feedforward_modules=layers[1:], fan_in_fan_out=True),
        "norms": lambda: peft.LNTuningConfig(task_type="CAUSAL_LM"),
    }.get(config.split("-")[0], lambda: None)()


def build():
    """The model without dropout, with what is asked for attached."""
    more = 0 if config.split("-")[0] in ("full", "lora") else 32  # positions of prompts and prefixes
    form = transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=TIME + more, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
        use_cache=False, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0)
    model = transformers.GPT2LMHeadModel(form)
    if config == "lora-bf16-weights":  # the frozen weights themselves in bfloat16; peft keeps its own in float32
        model = model.to(torch.bfloat16)
    if config == "bitfit":
        for name, parameter in model.named_parameters():
            parameter.requires_grad = name.endswith("bias")
    elif config != "full":
        import peft

        model = peft.get_peft_model(model, method())
    return model.train()


def trained(model):
    return [p for p in model.parameters() if p.requires_grad]


def load(model, path):
    """Puts the file's weights into the model, every one of them, and gives the tokens."""
    from safetensors.torch import load_file

    given = load_file(path)
    tokens = given.pop("tokens").long()
    places = dict(model.named_parameters())
    for name, value in given.items():
        if ".lora." in name:  # blocks.0.attn.qkv.lora.A
            block, leaf = name.split(".")[1], name.split(".")[-1]
            name = f"transformer.h.{block}.attn.c_attn.lora_{leaf}.default.weight"
        fits = [p for n, p in places.items() if n.replace("base_layer.", "").endswith(name)]
        if len(fits) != 1 or fits[0].shape != value.shape:
            sys.exit(f"{name} {tuple(value.shape)} fits {len(fits)} parameters of the peer")
        with torch.no_grad():
            fits[0].copy_(value)
    if len(given) != len(places):
        sys.exit(f"the file holds {len(given)} tensors, the peer has {len(places)}")
    return tokens


def stepper(model, tokens):
    # Fused AdamW is torch's fastest here; decay 0 as on our side.
    optimiser = torch.optim.AdamW(trained(model), lr=RATE, weight_decay=0.0, fused=True)

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config == "lora-bf16"):
            loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return loss

    return step


def main():
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = build()
    out = {"bench": mode, "fw": "hf", "size": size, "config": config}
    if mode == "agree":
        step = stepper(model, load(model, last))
        out["losses"] = [step().item() for _ in range(5)]
    else:
        budget = float(sys.argv[5]) if len(sys.argv) > 5 else 2.0
        out["trainable"] = sum(p.numel() for p in trained(model))
        step = stepper(model, torch.randint(0, VOCABULARY, (ROWS, TIME)))
        out |= {"threads": threads} | measured(step, budget, ROWS * TIME)
    line(out)


main()
