"""Writes Tests/FormatsTests/Golden/encoders/: a tiny BERT, ViT, DINOv2 and GPT-2 with heads for classes, saved by
transformers, with their logits and gradients, and adapters of peft on them. The Swift tests need no Python.

    pip install torch transformers peft        (written with torch 2.15, transformers 5.24, peft 0.21.2)
    python Scripts/golden_encoders.py

Numbers are rounded to four decimals, so that the files hold the very numbers that were computed with in float64.
"""
import copy
import json
import pathlib
import shutil

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import (
    BertConfig, BertForSequenceClassification, BertForTokenClassification, Dinov2Config, Dinov2ForImageClassification, GPT2Config,
    GPT2ForSequenceClassification, ViTConfig, ViTForImageClassification)

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/FormatsTests/Golden/encoders"
CLASSES = 3
IDS = [[3, 14, 15, 9, 26, 5, 3], [27, 18, 28, 1, 8, 0, 0]]
MASK = [[1] * 7, [1, 1, 1, 1, 1, 0, 0]]
TYPES = [[0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 0, 0]]
LABELS = [2, 0]
TAGS = [[-100, 0, 1, -100, 3, 2, -100], [-100, 3, 0, 1, -100, -100, -100]]


def flat(t):
    return [float(f"{x:.9g}") for x in t.detach().double().flatten().tolist()]


def drawn(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_scale = p.ndim == 1 and name.endswith("weight")
            p.copy_(torch.round((0.3 * torch.randn(p.shape) + float(is_scale)) * 1e4) / 1e4)
    return model.eval()


def saved(model, name):
    model.save_pretrained(FOLDER / name)
    (FOLDER / name / "generation_config.json").unlink(missing_ok=True)


def facts(model, name, inputs, kept, labels=LABELS):
    exact = copy.deepcopy(model).double()
    out = exact(**inputs, labels=torch.tensor(labels))
    out.loss.backward()
    found = {n: flat(p.grad) for n, p in exact.named_parameters() if n in kept}
    assert set(found) == set(kept), (name, set(kept) - set(found))
    return {"logits": flat(out.logits), "loss": out.loss.item(), "gradients": found}


def adapted(model, name, config, inputs, seed):
    torch.manual_seed(seed)
    tuned = get_peft_model(copy.deepcopy(model), config).eval()
    with torch.no_grad():
        for _, p in tuned.named_parameters():
            if p.requires_grad:
                p.copy_(torch.round(0.4 * torch.randn(p.shape) * 1e4) / 1e4)
    tuned.save_pretrained(FOLDER / name)
    (FOLDER / name / "README.md").unlink(missing_ok=True)
    return {"logits": flat(copy.deepcopy(tuned).double()(**inputs).logits)}


def main():
    for old in FOLDER.glob("*/"):
        shutil.rmtree(old)
    text = dict(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK))
    typed = dict(text, token_type_ids=torch.tensor(TYPES))
    torch.manual_seed(7)
    pixels = torch.round(torch.randn(2, 2, 8, 8) * 1e4) / 1e4
    seen = dict(pixel_values=pixels.double())
    bert = drawn(BertForSequenceClassification(BertConfig(
        vocab_size=29, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, num_labels=CLASSES, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0)), 1)
    vit = drawn(ViTForImageClassification(ViTConfig(
        hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=8,
        patch_size=4, num_channels=2, num_labels=CLASSES, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0)), 2)
    gpt = drawn(GPT2ForSequenceClassification(GPT2Config(
        vocab_size=29, n_positions=16, n_embd=8, n_layer=2, n_head=2, num_labels=CLASSES, pad_token_id=0,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)), 3)
    dino = drawn(Dinov2ForImageClassification(Dinov2Config(
        hidden_size=8, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=3, image_size=8, patch_size=4,
        num_channels=2, num_labels=CLASSES)), 9)
    tagger = drawn(BertForTokenClassification(BertConfig(
        vocab_size=29, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, num_labels=4, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0)), 11)
    wide = torch.round(torch.randn(1, 2, 12, 12) * 1e4) / 1e4
    for name, model in [("bert", bert), ("vit", vit), ("dinov2", dino), ("gpt2", gpt), ("bert-tags", tagger)]:
        saved(model, name)
    lora = dict(r=2, lora_alpha=6)
    all_facts = {
        "ids": IDS, "mask": MASK, "types": TYPES, "labels": LABELS, "pixels": flat(pixels),
        "bert": facts(bert, "bert", typed, [
            "bert.embeddings.token_type_embeddings.weight", "bert.embeddings.LayerNorm.weight",
            "bert.encoder.layer.0.attention.self.key.weight", "bert.encoder.layer.1.output.dense.bias",
            "bert.pooler.dense.weight", "classifier.weight"]),
        "tags": TAGS,
        "bert-tags": facts(tagger, "bert-tags", typed, [
            "bert.embeddings.LayerNorm.weight", "bert.encoder.layer.0.attention.self.query.weight",
            "bert.encoder.layer.1.output.dense.bias", "classifier.weight", "classifier.bias"], TAGS),
        "bert-tags-lora": adapted(
            tagger, "bert-tags-lora", LoraConfig(task_type="TOKEN_CLS", **lora), typed, 12),
        "vit": facts(vit, "vit", seen, [
            "vit.embeddings.cls_token", "vit.embeddings.position_embeddings",
            "vit.embeddings.patch_embeddings.projection.weight", "vit.layers.0.attention.v_proj.weight",
            "vit.layers.1.mlp.fc1.bias", "classifier.bias"]),
        "dinov2": facts(dino, "dinov2", seen, [
            "dinov2.embeddings.cls_token", "dinov2.embeddings.position_embeddings",
            "dinov2.encoder.layer.0.attention.v_proj.weight", "dinov2.encoder.layer.1.layer_scale1.lambda1",
            "dinov2.encoder.layer.0.layer_scale2.lambda1", "dinov2.encoder.layer.1.mlp.fc1.bias",
            "classifier.weight"]),
        # Pictures of another size: the position table is resampled (bicubic).
        "dinov2-wide": {
            "pixels": flat(wide),
            "logits": flat(copy.deepcopy(dino).double()(pixel_values=wide.double()).logits),
            "positions": flat(dino.dinov2.embeddings.interpolate_pos_encoding(torch.zeros(1, 10, 8), 12, 12))},
        "gpt2": facts(gpt, "gpt2", text, [
            "transformer.wte.weight", "transformer.h.0.attn.c_attn.weight", "score.weight"]),
        "bert-lora": adapted(bert, "bert-lora", LoraConfig(task_type="SEQ_CLS", **lora), typed, 4),
        "bert-prompt": adapted(
            bert, "bert-prompt", PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=3), typed, 5),
        "vit-lora": adapted(vit, "vit-lora", LoraConfig(
            target_modules=["q_proj", "v_proj"], modules_to_save=["classifier"], **lora), seen, 6),
        "dinov2-lora": adapted(dino, "dinov2-lora", LoraConfig(
            target_modules=["q_proj", "v_proj"], modules_to_save=["classifier"], **lora), seen, 10),
        "gpt2-lora": adapted(gpt, "gpt2-lora", LoraConfig(task_type="SEQ_CLS", **lora), text, 8),
    }
    (FOLDER / "facts.json").write_text(json.dumps(all_facts, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
