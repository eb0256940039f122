"""Writes Tests/Golden/gpt2-tiny/: a tiny GPT-2 with what PyTorch, transformers and peft make of it. The Swift tests
read these files and need no Python.

    pip install torch transformers peft        (written with torch 2.13, transformers 5.23, peft 0.21.2)
    python Scripts/golden_models.py

Weights are rounded to four decimals, so that text holds them exactly; all else is computed in float64 and written
with nine digits. Rows are padded on the left. transformers counts padding as positions unless told otherwise, and
Graft does not, so position_ids are passed here: 0 at padding, then 0, 1, 2, … over the real tokens.
"""
import copy
import json
import pathlib

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import (
    GPT2Config, GPT2LMHeadModel, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup)

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/Golden/gpt2-tiny"
VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS = 29, 24, 16, 2, 2

ROWS = [[3, 14, 15, 9, 26, 5, 3, 5, 8], [27, 18, 28, 1, 8], [1, 6, 18, 0, 3, 3, 9]]
# Not every token carries loss; the first of a row never does, for nothing real stands before it.
LABELS = [[-100, 14, 15, 9, -100, 5, 3, 5, 8], [-100, 18, 28, 1, 8], [-100, -100, -100, -100, 3, 3, 9]]
PROMPT = 3


def number(x):
    return float(f"{x:.9g}")


def tensor(t):
    flat = [number(x) for x in t.detach().double().flatten().tolist()]
    return {"shape": list(t.shape), "values": flat}


def save(name, facts):
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n")
    print(f"{name}.json", len(text))


def drawn(shape, deviation, mean=0.0):
    return torch.round((mean + deviation * torch.randn(shape, dtype=torch.float64)) * 1e4) / 1e4


def tiny():
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, resid_pdrop=0.0,
        embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=None, eos_token_id=None, attn_implementation="eager")
    model = GPT2LMHeadModel(config).double().eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            isNorm = ".ln_" in name and name.endswith("weight")
            p.copy_(drawn(p.shape, 0.2, 1.0 if isNorm else 0.0))
    return model


def padded(rows, filler):
    longest = max(len(row) for row in rows)
    return torch.tensor([[filler] * (longest - len(row)) + row for row in rows])


def batch():
    ids, labels = padded(ROWS, 0), padded(LABELS, -100)
    mask = padded([[1] * len(row) for row in ROWS], 0)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    return dict(input_ids=ids, attention_mask=mask, position_ids=positions, labels=labels)


def gradients(model, which=lambda name: True):
    return {name: tensor(p.grad) for name, p in model.named_parameters() if p.grad is not None and which(name)}


def steps(model, optimiser, inputs, count, clip):
    losses, norms = [], []
    for _ in range(count):
        optimiser.zero_grad()
        loss = model(**inputs).loss
        loss.backward()
        trained = [p for p in model.parameters() if p.requires_grad]
        norms.append(number(torch.nn.utils.clip_grad_norm_(trained, clip).item()))
        optimiser.step()
        losses.append(number(loss.item()))
    losses.append(number(model(**inputs).loss.item()))
    return losses, norms


def base(model):
    config = dict(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
        layer_norm_epsilon=model.config.layer_norm_epsilon)
    save("model", {"config": config, "weights": {name: tensor(p) for name, p in model.named_parameters()}})


def forward(model):
    inputs = batch()
    model = copy.deepcopy(model)
    out = model(**inputs)
    out.loss.backward()
    # generate numbers positions over the real tokens by itself.
    more = model.generate(
        inputs["input_ids"], attention_mask=inputs["attention_mask"], max_new_tokens=10, do_sample=False,
        pad_token_id=0)
    save("forward", {
        "rows": ROWS, "labels": LABELS, "logits": tensor(out.logits), "loss": number(out.loss.item()),
        "gradients": gradients(model), "greedy": more[:, inputs["input_ids"].shape[1]:].tolist()})


def training(model):
    inputs, facts = batch(), {}
    kept = ["transformer.wte.weight", "transformer.h.0.ln_1.weight", "transformer.h.1.mlp.c_proj.bias",
            "transformer.h.1.attn.c_proj.weight"]
    for name in ["adamw", "sgd"]:
        m = copy.deepcopy(model)
        if name == "adamw":
            optimiser = torch.optim.AdamW(m.parameters(), lr=1e-2, weight_decay=0.1)
        else:
            optimiser = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
        losses, norms = steps(m, optimiser, inputs, 3, 1.0)
        weights = {n: tensor(p) for n, p in m.named_parameters() if n in kept}
        facts[name] = {"losses": losses, "norms": norms, "weights": weights}
    save("training", facts)


def lora(model):
    inputs, facts = batch(), {}
    for name, rs in [("lora", False), ("rslora", True)]:
        torch.manual_seed(7)
        config = LoraConfig(
            r=4, lora_alpha=8, target_modules=["c_attn"], fan_in_fan_out=True, use_rslora=rs, task_type="CAUSAL_LM")
        m = get_peft_model(copy.deepcopy(model), config, autocast_adapter_dtype=False).double().eval()
        factors = {}
        with torch.no_grad():
            for n, p in m.named_parameters():
                if "lora_" in n:
                    p.copy_(drawn(p.shape, 0.3))
                    factors[n.replace("base_model.model.", "").replace(".default", "")] = tensor(p)
        out = m(**inputs)
        out.loss.backward()
        facts[name] = {
            "factors": factors, "logits": tensor(out.logits), "loss": number(out.loss.item()),
            "gradients": {
                n.replace("base_model.model.", "").replace(".default", ""): g for n, g in gradients(m).items()}}
        if not rs:
            trained = [p for p in m.parameters() if p.requires_grad]
            stepped = copy.deepcopy(m)
            trained = [p for p in stepped.parameters() if p.requires_grad]
            losses, norms = steps(stepped, torch.optim.AdamW(trained, lr=1e-2, weight_decay=0.0), inputs, 3, 1.0)
            facts[name] |= {"losses": losses, "norms": norms}
        merged = m.merge_and_unload()
        facts[name]["merged"] = {
            n: tensor(p) for n, p in merged.named_parameters() if n == "transformer.h.1.attn.c_attn.weight"}
    save("lora", facts)


def prompt(model):
    """peft drops position_ids with a warning and lets the model count padding, so through peft the rows are of one
    length; with padding the vectors are put in front by hand, at positions 0, 1, 2, as peft numbers them."""
    torch.manual_seed(8)
    vectors = drawn((PROMPT, WIDTH), 0.5)
    row = torch.tensor([ROWS[0], ROWS[0][::-1]])
    labels = torch.tensor([LABELS[0], [-100] + ROWS[0][::-1][1:]])
    config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=PROMPT)
    m = get_peft_model(copy.deepcopy(model), config, autocast_adapter_dtype=False).double().eval()
    p = m.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        p.copy_(vectors)
    out = m(input_ids=row, attention_mask=torch.ones_like(row), labels=labels)
    out.loss.backward()
    through = {
        "rows": row.tolist(), "labels": labels.tolist(), "logits": tensor(out.logits[:, PROMPT:]),
        "loss": number(out.loss.item()), "gradient": tensor(p.grad)}

    inputs, m = batch(), copy.deepcopy(model)
    p = vectors.clone().requires_grad_()
    rows = inputs["input_ids"].shape[0]
    words = m.transformer.wte(inputs["input_ids"])
    mask = torch.cat([torch.ones(rows, PROMPT, dtype=torch.long), inputs["attention_mask"]], 1)
    out = m(
        inputs_embeds=torch.cat([p.expand(rows, -1, -1), words], 1), attention_mask=mask,
        position_ids=mask.cumsum(-1) - 1,
        labels=torch.cat([torch.full((rows, PROMPT), -100), inputs["labels"]], 1))
    out.loss.backward()
    padding = {
        "logits": tensor(out.logits[:, PROMPT:]), "loss": number(out.loss.item()), "gradient": tensor(p.grad)}
    save("prompt", {"P": tensor(vectors), "peft": through, "padded": padding})


def schedules():
    """The factor on lr at steps 0 … 13. The warm-up of transformers begins at 0; Graft's begins one step later in
    the same ramp, so that no step is wasted."""
    facts = {"warmup": 4, "total": 12}
    for name, make in [("linear", get_linear_schedule_with_warmup), ("cosine", get_cosine_schedule_with_warmup)]:
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = make(optimiser, 4, 12)
        values = []
        for _ in range(14):
            values.append(number(schedule.get_last_lr()[0]))
            optimiser.step()
            schedule.step()
        facts[name] = values
    save("schedules", facts)


if __name__ == "__main__":
    torch.manual_seed(6)
    torch.set_num_threads(1)
    model = tiny()
    base(model)
    forward(model)
    training(model)
    lora(model)
    prompt(model)
    schedules()
