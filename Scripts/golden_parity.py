"""Writes a folder for `graft parity DIR`: small models and adapters with what PyTorch, transformers and peft make of
them. The project's own set lies in Tests/Golden/parity and is read by the tests, which need no Python.

    pip install torch transformers peft safetensors      (written with torch 2.15, transformers 5.24, peft 0.21.2)
    python Scripts/golden_parity.py                      # writes Tests/Golden/parity
    python Scripts/golden_parity.py Tests/Golden/parity-decoders --architectures bloom llama bert \\
        --seed 5 --width 8 --heads 2 --groups 1 --inner 12 --vocab 19 --time 7 --rank 2 --hidden 5 --virtual 2 \\
        --lstm 1 --pad left --untied
    python Scripts/golden_parity.py Tests/Golden/parity-t5 --architectures t5 --pad left --seed 12 --width 8 --heads 2 \\
        --vocab 19 --inner 10 --rank 2 --hidden 6 --rows 2 --time 6 --virtual 2
    python Scripts/golden_parity.py Tests/Golden/parity-mt5 --architectures mt5 --seed 13 --layers 3 --width 6 --heads 3 \\
        --vocab 17 --inner 8 --rank 2 --hidden 5 --rows 2 --time 7 --lstm 1 \\
        --cases lora lora_alllinear prompt_tuning prefix_flat prefix_mlp p_tuning_lstm ia3
    python Scripts/golden_parity.py DIR --seed 5 --width 20 --heads 5 --rank 3 --pad left --untied --inner 28

Layout: `index.json` holds the batch, and why cases were left out. `<architecture>/base/` is a model as transformers saves it, with
`expected.safetensors` (logits, loss). `<architecture>/<case>/` holds what peft saved before any training
(`adapter_config.json`, `adapter_model.safetensors`), every trainable tensor under its live name
(`trainable_init.safetensors`) and `expected.safetensors`: logits, loss, `grad.<live name>`, `logits_merged` where
the adapter merges, `residual.<module>.weight` for PiSSA, and `loss_trace`, the loss before each of five AdamW steps
and after the last. Nothing but ids, mask and labels is given to the models, so positions are counted as transformers
counts them: from the left edge, padding included.

A new architecture is one function below and a line in ARCHITECTURES.
"""
import argparse
import copy
import json
import os
import pathlib
import shutil
import warnings

import torch
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (
    BertConfig, BertForSequenceClassification, BloomConfig, BloomForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig,
    LlamaForCausalLM, MT5Config, MT5ForConditionalGeneration, T5Config, T5ForConditionalGeneration, ViTConfig,
    ViTForImageClassification)

OWN = pathlib.Path(__file__).parent.parent / "Tests/Golden/parity"


class Architecture:
    """A model, the task peft is told, the batch's labels it takes, and modules where peft has no default."""

    def __init__(self, model, task, labels, targets=None, feedforward=None, pixels=None, has_prompts=True):
        self.model, self.task, self.labels = model, task, labels
        self.targets, self.feedforward, self.pixels, self.has_prompts = targets, feedforward, pixels, has_prompts

    def inputs(self, batch):
        if self.pixels is not None:
            return {"pixel_values": self.pixels, "labels": batch["labels_cls"]}
        return {
            "input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"],
            "labels": batch[self.labels]}


def gpt2(o):
    config = GPT2Config(
        vocab_size=o.vocab, n_positions=o.positions, n_embd=o.width, n_layer=o.layers, n_head=o.heads,
        n_inner=o.inner, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
        tie_word_embeddings=not o.untied)
    return Architecture(GPT2LMHeadModel(config), "CAUSAL_LM", "labels_causal")


def bloom(o):
    config = BloomConfig(
        vocab_size=o.vocab, hidden_size=o.width, n_layer=o.layers, n_head=o.heads, hidden_dropout=0.0,
        attention_dropout=0.0, bos_token_id=0, eos_token_id=0)
    return Architecture(BloomForCausalLM(config), "CAUSAL_LM", "labels_causal")


def llama(o):
    config = LlamaConfig(
        vocab_size=o.vocab, hidden_size=o.width, intermediate_size=o.inner or 3 * o.width, num_hidden_layers=o.layers,
        num_attention_heads=o.heads, num_key_value_heads=o.groups or o.heads, max_position_embeddings=o.positions,
        bos_token_id=0, eos_token_id=0, tie_word_embeddings=not o.untied)
    return Architecture(LlamaForCausalLM(config), "CAUSAL_LM", "labels_causal")


def t5(o, config=T5Config, model=T5ForConditionalGeneration, form="relu"):
    config = config(
        vocab_size=o.vocab, d_model=o.width, d_kv=o.width // o.heads, d_ff=o.inner or 2 * o.width, num_layers=o.layers,
        num_decoder_layers=o.layers, num_heads=o.heads, dropout_rate=0.0, feed_forward_proj=form, pad_token_id=0,
        decoder_start_token_id=0, eos_token_id=1)
    return Architecture(model(config), "SEQ_2_SEQ_LM", "labels_seq2seq")


def mt5(o):
    return t5(o, MT5Config, MT5ForConditionalGeneration, "gated-gelu")


def bert(o):
    config = BertConfig(
        vocab_size=o.vocab, hidden_size=o.width, intermediate_size=o.inner or 2 * o.width, num_hidden_layers=o.layers,
        num_attention_heads=o.heads, max_position_embeddings=o.positions, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, num_labels=3)
    return Architecture(BertForSequenceClassification(config), "SEQ_CLS", "labels_cls")


def vit(o):
    config = ViTConfig(
        hidden_size=o.width, intermediate_size=o.inner or 2 * o.width, num_hidden_layers=o.layers,
        num_attention_heads=o.heads, image_size=12, patch_size=4, num_channels=3, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, num_labels=3)
    # peft has no default modules for it, and no prompts.
    return Architecture(
        ViTForImageClassification(config), None, "labels_cls", targets=["q_proj", "v_proj"], feedforward=[],
        pixels=torch.randn(o.rows, 3, 12, 12), has_prompts=False)


ARCHITECTURES = {
    "gpt2": gpt2, "bloom": bloom, "llama": llama, "t5": t5, "mt5": mt5, "bert": bert, "vit": vit}


def cases(o, a):
    """peft's configuration of each case."""
    targets = {} if a.targets is None else {"target_modules": a.targets}
    lora = dict(r=o.rank, lora_alpha=o.alpha, lora_dropout=0.0, task_type=a.task, **targets)
    prompt = dict(num_virtual_tokens=o.virtual, task_type=a.task)
    ia3 = {} if a.targets is None else {"target_modules": a.targets, "feedforward_modules": a.feedforward}
    return {
        "lora": lambda: LoraConfig(**lora),
        "rslora": lambda: LoraConfig(**lora, use_rslora=True),
        "dora": lambda: LoraConfig(**lora, use_dora=True),
        "pissa": lambda: LoraConfig(**lora, init_lora_weights="pissa"),
        "lora_bias_all": lambda: LoraConfig(**lora, bias="all"),
        "lora_alllinear": lambda: LoraConfig(**{**lora, "target_modules": "all-linear"}),
        "prompt_tuning": lambda: PromptTuningConfig(**prompt),
        "prefix_flat": lambda: PrefixTuningConfig(**prompt),
        "prefix_mlp": lambda: PrefixTuningConfig(**prompt, prefix_projection=True, encoder_hidden_size=o.hidden),
        "p_tuning_mlp": lambda: PromptEncoderConfig(**prompt, encoder_hidden_size=o.hidden),
        "p_tuning_lstm": lambda: PromptEncoderConfig(
            **prompt, encoder_reparameterization_type="LSTM", encoder_hidden_size=o.hidden,
            encoder_num_layers=o.lstm),
        "ia3": lambda: IA3Config(task_type=a.task, **ia3),
    }


CASES = ["lora", "rslora", "dora", "pissa", "lora_bias_all", "lora_alllinear", "prompt_tuning", "prefix_flat",
         "prefix_mlp", "p_tuning_mlp", "p_tuning_lstm", "ia3"]


# Numbers that make every place matter


def draw_base(model, deviation):
    """Weights far from transformers' first values, whose logits would be nearly equal; the file holds their bits."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_norm = ("ln_" in name or "norm" in name.lower()) and name.endswith("weight")
            p.copy_(deviation * torch.randn(p.shape) + (1.0 if is_norm else 0.0))


def draw_adapter(model, case):
    """B would be zero, and with it A's gradient; vectors of IA3 would be ones. PiSSA starts as it starts, and so do
    the prompts' tables; peft's magnitudes of DoRA are the norms of W and get a few per cent."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if not p.requires_grad or case == "pissa":
                continue
            if "lora_B" in name:
                p.copy_(0.3 * torch.randn(p.shape))
            elif "ia3_l" in name or "magnitude" in name:
                p.copy_(p * (1 + 0.1 * torch.randn(p.shape)))
            elif name.endswith(".bias") and "prompt_encoder" not in name:
                p.copy_(p + 0.1 * torch.randn(p.shape))


def batch(o):
    """Rows of different lengths, padded on one side, with some labels masked."""
    lengths = [o.time - 3 * i % (o.time - 2) for i in range(o.rows)] if o.pad != "none" else [o.time] * o.rows
    ids = torch.randint(1, o.vocab, (o.rows, o.time))
    mask = torch.zeros_like(ids)
    for row, n in enumerate(lengths):
        if o.pad == "left":
            mask[row, o.time - n:] = 1
        else:
            mask[row, :n] = 1
    ids = ids * mask
    causal = torch.where(mask == 1, ids, -100)
    causal[torch.rand(causal.shape) < 0.15] = -100
    reply = torch.randint(1, o.vocab, (o.rows, max(3, o.time // 2)))
    for row in range(o.rows):
        reply[row, reply.shape[1] - row % 3:] = -100
    return {
        "input_ids": ids, "attention_mask": mask, "labels_causal": causal, "labels_seq2seq": reply,
        "labels_cls": torch.randint(0, 3, (o.rows,))}


# What the peers make of it


def whole(tensors):
    return {name: t.detach().clone().contiguous() for name, t in tensors.items()}


def trace(model, inputs, count=5):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)
    losses = []
    for _ in range(count):
        optimiser.zero_grad()
        loss = model(**inputs).loss
        losses.append(loss.item())
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        losses.append(model(**inputs).loss.item())
    return torch.tensor(losses)


def residuals(model):
    """PiSSA's W − s·B·A, by the module's name in the base."""
    found = {}
    for name, p in model.named_parameters():
        if name.endswith("base_layer.weight"):
            module = name.removeprefix("base_model.model.").removesuffix(".base_layer.weight")
            found[f"residual.{module}.weight"] = p
    return found


def write_base(folder, a, inputs):
    a.model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    with torch.no_grad():
        out = a.model(**inputs)
    facts = {"logits": out.logits, "loss": out.loss}
    if a.pixels is not None:
        facts["pixel_values"] = a.pixels
    save_file(whole(facts), folder / "expected.safetensors")


def write_case(folder, case, config, a, inputs):
    model = get_peft_model(copy.deepcopy(a.model), config).eval()
    draw_adapter(model, case)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    saved = json.loads(path.read_text())
    saved["base_model_name_or_path"] = None
    saved = {k: sorted(v) if k.endswith("_modules") and isinstance(v, list) else v for k, v in saved.items()}  # sets
    path.write_text(json.dumps(saved, indent=2, sort_keys=True) + "\n")

    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    save_file(whole(trained), folder / "trainable_init.safetensors")
    out = model(**inputs)
    out.loss.backward()
    facts = {"logits": out.logits, "loss": out.loss}
    facts |= {f"grad.{name}": p.grad if p.grad is not None else torch.zeros_like(p) for name, p in trained.items()}
    if case == "pissa":
        facts |= residuals(model)
    if case in ("lora", "rslora", "dora", "pissa", "lora_bias_all", "lora_alllinear", "ia3"):
        with torch.no_grad():
            facts["logits_merged"] = copy.deepcopy(model).merge_and_unload()(**inputs).logits
    model.zero_grad()
    facts["loss_trace"] = trace(model, inputs)
    save_file(whole(facts), folder / "expected.safetensors")
    return facts["loss_trace"].tolist()


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("folder", nargs="?", type=pathlib.Path, default=OWN)
    p.add_argument("--seed", type=int, default=11)
    p.add_argument("--architectures", nargs="*", default=["gpt2"], choices=list(ARCHITECTURES))
    p.add_argument("--cases", nargs="*", default=CASES, choices=CASES)
    for name, value in dict(
            width=12, layers=2, heads=3, vocab=37, positions=20, rows=3, time=9, rank=4, alpha=6, virtual=3,
            hidden=10, lstm=2).items():
        p.add_argument(f"--{name}", type=int, default=value)
    p.add_argument("--groups", type=int, help="key heads; else as many as heads")
    p.add_argument("--inner", type=int, help="width of the feed-forward layer; else four times the width")
    p.add_argument("--deviation", type=float, default=0.25, help="of the base's weights")
    p.add_argument("--pad", default="right", choices=["right", "left", "none"])
    p.add_argument("--attention", choices=["eager", "sdpa"], help="how transformers computes it")
    p.add_argument("--untied", action="store_true", help="a head of its own")
    return p.parse_args()


def main():
    o = options()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    shutil.rmtree(o.folder, ignore_errors=True)
    o.folder.mkdir(parents=True)
    torch.manual_seed(o.seed)
    numbers = batch(o)
    index = {"inputs": {name: t.tolist() for name, t in numbers.items()}}
    for name in o.architectures:
        torch.manual_seed(o.seed + 1)
        a = ARCHITECTURES[name](o)
        a.model.eval()
        if o.attention:
            a.model.set_attn_implementation(o.attention)
        draw_base(a.model, o.deviation)
        inputs = a.inputs(numbers)
        write_base(o.folder / name / "base", a, inputs)
        for case in o.cases:
            if not a.has_prompts and case.startswith(("prompt", "prefix", "p_tuning")):
                continue
            torch.manual_seed(o.seed + 2 + CASES.index(case))
            try:
                losses = write_case(o.folder / name / case, case, cases(o, a)[case](), a, inputs)
                print(f"{name:8}{case:16}" + "".join(f"{x:9.5f}" for x in losses))
            except ValueError as reason:  # prefixes in BERT, with transformers 5
                shutil.rmtree(o.folder / name / case, ignore_errors=True)
                index.setdefault("skipped", {}).setdefault(name, {})[case] = str(reason)
                print(f"{name:8}{case:16}left out: {reason}")
    (o.folder / "index.json").write_text(json.dumps(index) + "\n")
    size = sum(f.stat().st_size for f in o.folder.rglob("*") if f.is_file())
    print(f"{o.folder}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
